/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CSV and OpenBCI text: which columns, which rate, what is missing. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "recording-fixture.h"
#include "util.h"

static const struct recording_options no_options;

static void read_text(struct whole *w, const char *text, const struct recording_options *options)
{
	whole_read(w, text, strlen(text), options, 16, 3);
}

static void check_warning(const struct whole *w, const char *words)
{
	if (!w->warnings || !strstr(w->warnings, words))
		fail_msg("\"%s\" is not among the warnings: %s", words, w->warnings ?: "none");
}

static void check_scan(const struct whole *w, size_t scan, float a, float b)
{
	assert_true(scan < w->n_scans);
	assert_float_equal(whole_uv(w, scan, 0), a, 1e-4);
	assert_float_equal(whole_uv(w, scan, 1), b, 1e-4);
}

/* ---- CSV ---- */

/* The same two scans, in many hands. */
static void many_hands(_unused_ void **state)
{
	static const char *const texts[] = {
		"# rate=1000\n# unit=uV\n1.5,-2\n3,4\n",
		"# rate=1000 unit=uV\n1.5;-2\n3;4",
		"# rate = 1000 Hz, unit = uV\n1.5\t-2\n3\t4\n",
		"#rate:=1000\n#unit=mV\n0.0015,-.002\n3e-3,+4E-3\n",
		"# Sampling Rate (Hz):= 1000.00\n# unit=0.5\n3,-4\n6,8\n",
		"\xef\xbb\xbf# rate=1000,unit=V\r\n1.5e-6,-2e-6\r\n3e-6,4e-6\r\n",
		"# fs=1000; unit=uV\na,b\n 1.5 , -2 \n\n# half way\n3,4\n\n",
		("Some words\nChannel 1: 'a', 2 values\n\n# rate=1000 unit=uV\n\"1.5\",\"-2\"\n"
		 "\"3\",\"4\"\n"),
		"% rate=1000\n# unit=uV\n1.5,-2\n3,4\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct whole w;

		read_text(&w, texts[i], NULL);
		if (w.r < 0 || w.warnings)
			fail_msg("text %zu: %s", i, w.error ?: w.warnings);
		assert_string_equal(w.format, "CSV");
		assert_float_equal(w.rate, 1000, 0);
		assert_int_equal(w.n_channels, 2);
		assert_int_equal(w.n_scans, 2);
		check_scan(&w, 0, 1.5f, -2);
		check_scan(&w, 1, 3, 4);
		whole_clear(&w);
	}
}

static void options_come_first(_unused_ void **state)
{
	struct recording_options options = {.rate = 500, .unit_uv = 10};
	struct whole w;

	read_text(&w, "# rate=1000\n# unit=uV\n1,2\n", &options);
	assert_int_equal(w.r, 0);
	assert_float_equal(w.rate, 500, 0);
	check_scan(&w, 0, 10, 20);
	check_warning(&w, "the file says 1000 Hz; it is read at 500 Hz");
	whole_clear(&w);
}

static void rate_is_needed(_unused_ void **state)
{
	struct recording_options options = {.rate = 1000};
	struct whole w;

	read_text(&w, "1,2\n3,4\n", &no_options);
	assert_int_equal(w.r, -EDESTADDRREQ);
	assert_non_null(strstr(w.error, "--rate HZ"));
	whole_clear(&w);

	read_text(&w, "1,2\n3,4\n", &options);
	assert_int_equal(w.r, 0);
	check_warning(&w, "does not say its unit; it is taken as uV");
	assert_string_equal(w.labels[0], "0");
	assert_string_equal(w.labels[1], "1");
	whole_clear(&w);
}

static void header_and_times(_unused_ void **state)
{
	static const char *const heads[] = {"t,L-OOc,when,EMG R-OOc",
					    "\"Time\",L-OOc,x,\"EMG R-OOc\"",
					    "time_s,L-OOc,,EMG R-OOc"};
	struct recording_options options = {.unit_uv = 1};

	for (size_t h = 0; h < ARRAY_SIZE(heads); h++) {
		char text[4096];
		int n = snprintf(text, sizeof(text), "%s\n", heads[h]);
		struct whole w;

		for (unsigned int i = 0; i < 100; i++) /* 512 Hz in whole milliseconds */
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      "%.3f,%u,12:30:%02u,-%u\n", 5 + i / 512.0, i, i % 60, i);
		read_text(&w, text, &options);
		assert_int_equal(w.r, 0);
		assert_int_equal(w.n_channels, 2);
		assert_float_equal(w.rate, 512, 3);
		assert_string_equal(w.labels[0], "L-OOc");
		assert_string_equal(w.labels[1], "EMG R-OOc");
		assert_int_equal(w.n_scans, 100);
		check_scan(&w, 99, 99, -99);
		check_warning(&w, "column 3 is left out");
		whole_clear(&w);
	}
}

/* Times that do not rise give no rate. */
static void times_that_stand_still(_unused_ void **state)
{
	struct whole w;

	read_text(&w, "time,a\n1,5\n1,6\n", NULL);
	assert_int_equal(w.r, -EDESTADDRREQ);
	whole_clear(&w);
	read_text(&w, "time,a\n1,5\n", NULL);
	assert_int_equal(w.r, -EDESTADDRREQ);
	whole_clear(&w);
	read_text(&w, "time\n1\n2\n", NULL);
	assert_int_equal(w.r, -EBADMSG);
	assert_non_null(strstr(w.error, "no column holds samples"));
	whole_clear(&w);
}

static void missing_values(_unused_ void **state)
{
	struct recording_options options = {.rate = 1000, .unit_uv = 1};
	struct whole w;

	read_text(&w, "1,2\n,4\nNaN,n/a\n5,\ninf,8\n1e999,9\n", &options);
	assert_int_equal(w.r, 0);
	assert_null(w.warnings);
	assert_int_equal(w.n_scans, 6);
	assert_true(isnan(whole_uv(&w, 1, 0)) && whole_uv(&w, 1, 1) == 4);
	assert_true(isnan(whole_uv(&w, 2, 0)) && isnan(whole_uv(&w, 2, 1)));
	assert_true(whole_uv(&w, 3, 0) == 5 && isnan(whole_uv(&w, 3, 1)));
	assert_true(isnan(whole_uv(&w, 4, 0)) && whole_uv(&w, 4, 1) == 8);
	assert_false(isfinite(whole_uv(&w, 5, 0)));
	whole_clear(&w);
}

static void damaged_rows(_unused_ void **state)
{
	struct recording_options options = {.rate = 1000, .unit_uv = 1};
	struct whole w;

	read_text(&w, "1,2\n3\nx,6\nstopped here\n7,8,9\n10,11 12\n13,1", &options);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_scans, 6);
	assert_true(whole_uv(&w, 1, 0) == 3 && isnan(whole_uv(&w, 1, 1)));
	assert_true(isnan(whole_uv(&w, 2, 0)) && whole_uv(&w, 2, 1) == 6);
	check_scan(&w, 3, 7, 8);
	assert_true(whole_uv(&w, 4, 0) == 10 && isnan(whole_uv(&w, 4, 1)));
	check_scan(&w, 5, 13, 1); /* nothing tells that this one is cut */
	check_warning(&w, "line 2: 1 of 2 cells");
	check_warning(&w, "4 lines in all");
	whole_clear(&w);

	read_text(&w, "1,2\n3,4\n5", &options);
	assert_int_equal(w.n_scans, 2);
	check_warning(&w, "cut within its last line");
	whole_clear(&w);
}

static void no_table(_unused_ void **state)
{
	static const char *const texts[] = {
		"\n\n\n",
		"# rate=1000\n",
		"words, more words\n",
		"1,5;2,5\n3,5;4,5\n",
		"<html><body>1</body></html>\n",
		"{\"a\": 1}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct whole w;

		read_text(&w, texts[i], NULL);
		assert_int_equal(w.r, -EBADMSG);
		assert_non_null(strstr(w.error, "no row of numbers with decimal points"));
		whole_clear(&w);
	}
}

static void long_lines(_unused_ void **state)
{
	struct recording_options options = {.rate = 1000, .unit_uv = 1};
	size_t room = 3 << 20, n;
	char *text = malloc(room);
	struct whole w;

	assert_non_null(text);
	/* a cell of a megabyte, then a row of as many cells */
	n = (size_t)sprintf(text, "1,2\n3,4,");
	memset(text + n, 'x', 1 << 20);
	n += 1 << 20;
	n += (size_t)sprintf(text + n, "\n5,6\n7,8");
	for (size_t i = 0; i < 1 << 19; i++)
		n += (size_t)sprintf(text + n, ",9");
	n += (size_t)sprintf(text + n, "\n10,11");
	whole_read(&w, text, n, &options, 100, 0);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_scans, 5);
	check_scan(&w, 1, 3, 4);
	check_scan(&w, 3, 7, 8);
	check_scan(&w, 4, 10, 11);
	check_warning(&w, "line 2 is longer than");
	whole_clear(&w);
	free(text);
}

static void many_columns(_unused_ void **state)
{
	struct recording_options options = {.rate = 1000, .unit_uv = 1};
	char *text = malloc(1 << 16);
	struct whole w;
	size_t n = 0;

	assert_non_null(text);
	for (unsigned int i = 0; i < 1500; i++)
		n += (size_t)sprintf(text + n, i == 1000 ? "%sL-Zyg" : "%sc", i ? ";" : "");
	text[n++] = '\n';
	for (unsigned int i = 0; i < 1500; i++)
		n += (size_t)sprintf(text + n, "%s%u", i ? ";" : "", i);
	text[n++] = '\n';
	whole_read(&w, text, n, &options, 100, 0);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_channels, 32);
	assert_string_equal(w.labels[31], "L-Zyg");
	assert_true(whole_uv(&w, 0, 31) == 1000 && whole_uv(&w, 0, 30) == 30);
	check_warning(&w, "476 columns are left out");
	check_warning(&w, "992 of 1024 channels");
	whole_clear(&w);
	free(text);
}

/* ---- OpenBCI ---- */

#define NEW_GUI                                                                   \
	"%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\n" \
	"%Board = OpenBCI_GUI$BoardCytonSerial\n"                                 \
	"Sample Index, EXG Channel 0, EXG Channel 1, Accel Channel 0, Timestamp (Formatted)\n"
#define OLD_GUI                                                                            \
	"%OpenBCI Raw EEG Data\n%\n%Sample Rate = 250.0 Hz\n%First Column = SampleIndex\n" \
	"%Last Column = Timestamp \n%Other Columns = EEG data in microvolts followed by "  \
	"Accel Data (in G) interleaved with Aux Data\n"

struct rows {
	char text[1 << 17];
	int n;
};

static void rows_add(struct rows *r, int index, int value)
{
	r->n += snprintf(r->text + r->n, sizeof(r->text) - (size_t)r->n,
			 "%d, %d.5, -%d.5, 0.04, 12:00:53.329\n", index, value, value);
}

static void openbci_formats(_unused_ void **state)
{
	struct whole w;

	read_text(&w, NEW_GUI "0, 1.5, -2.5, 0.1, 12:00:53.329\n1, 3, 4, 0.2, 12:00:53.333\n",
		  NULL);
	assert_int_equal(w.r, 0);
	assert_null(w.warnings);
	assert_string_equal(w.format, "OpenBCI");
	assert_float_equal(w.rate, 250, 0);
	assert_string_equal(w.labels[1], "EXG Channel 1");
	assert_int_equal(w.n_channels, 2);
	check_scan(&w, 0, 1.5f, -2.5f);
	check_scan(&w, 1, 3, 4);
	whole_clear(&w);

	read_text(&w, OLD_GUI "0, 1, 2, 3, 4, 5, 6, 7, 8, 0.0, 0.0, 0.0, 1500000000000\n", NULL);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_channels, 8);
	assert_float_equal(w.rate, 250, 0);
	check_warning(&w, "no \"Number of channels\"; 8 are read");
	assert_true(whole_uv(&w, 0, 7) == 8);
	whole_clear(&w);
}

static void openbci_headers_that_lie(_unused_ void **state)
{
	struct whole w;

	read_text(&w, "%OpenBCI Raw\n%Number of channels = 900\n%Sample Rate = 250 Hz\n0,1,2\n",
		  NULL);
	assert_int_equal(w.r, -EBADMSG);
	assert_non_null(strstr(w.error, "says 900 channels, but there are 3 columns"));
	whole_clear(&w);
	read_text(&w, "%OpenBCI Raw\n%Number of channels = 2\n0,1,2\n", NULL);
	assert_int_equal(w.r, -EDESTADDRREQ);
	whole_clear(&w);
	read_text(&w, "%OpenBCI Raw\n%Number of channels = 2\n%Sample Rate = fast\n0,1,2\n", NULL);
	assert_int_equal(w.r, -EDESTADDRREQ);
	whole_clear(&w);
}

/* One numbering: turns of @turn in steps of @step, each index in @rows rows. */
static void check_numbering(int turn, int step, int rows, int skip_from, int skip_to)
{
	struct rows *r = calloc(1, sizeof(*r));
	const int total = 3000, lost_at = 1500, lost = 7;
	int index = 0, written = 0;
	struct whole w;

	assert_non_null(r);
	r->n = snprintf(r->text, sizeof(r->text), "%s", NEW_GUI);
	for (int i = 0; i < total; i += rows) {
		for (int k = 0; k < rows; k++)
			if (i < lost_at || i >= lost_at + lost * rows)
				rows_add(r, index, written++ % 100);
		index = index == skip_from ? skip_to : (index + step) % turn;
	}
	read_text(&w, r->text, NULL);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_scans, written);
	assert_int_equal(w.n_met, 1);
	assert_int_equal(w.met[0].kind, RECORDING_GAP);
	assert_int_equal(w.met[0].at, lost_at);
	assert_int_equal(w.met[0].n, lost * rows);
	for (int i = 0; i < written; i++)
		check_scan(&w, (size_t)i, (float)(i % 100) + 0.5f, -(float)(i % 100) - 0.5f);
	whole_clear(&w);
	free(r);
}

static void openbci_numberings(_unused_ void **state)
{
	check_numbering(256, 1, 1, -1, 0);     /* Cyton */
	check_numbering(256, 2, 1, -1, 0);     /* Cyton with Daisy */
	check_numbering(201, 1, 1, -1, 0);     /* Ganglion */
	check_numbering(101, 1, 2, -1, 0);     /* two samples a packet */
	check_numbering(201, 1, 1, 0, 101);    /* Ganglion at 19 bits: 0, 101 to 200 */
	check_numbering(1 << 20, 1, 1, -1, 0); /* a counter that does not wrap */
}

static void openbci_short_file(_unused_ void **state)
{
	struct whole w;

	/* before a turn is through, a byte is assumed: 254, (255, 0,) 1 */
	read_text(&w, NEW_GUI "253,1,1,0,0\n254,2,2,0,0\n1,3,3,0,0\n2,4,4,0,0\n", NULL);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_met, 1);
	assert_int_equal(w.met[0].n, 2);
	check_scan(&w, 2, 3, 3);
	whole_clear(&w);
}

/* What is no index says nothing of losses. */
static void openbci_damaged_index(_unused_ void **state)
{
	struct whole w;

	read_text(&w,
		  NEW_GUI "0,1,1,0,0\n1,2,2,0,0\nx,3,3,0,0\n-5,4,4,0,0\n1e300,5,5,0,0\n"
			  "0.5,6,6,0,0\n2,7,7,0,0\n",
		  NULL);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_met, 0);
	assert_int_equal(w.n_scans, 7);
	whole_clear(&w);
}

/* ---- no text, no recording ---- */

static void check_error(const void *bytes, size_t n, int r, const char *words)
{
	struct whole w;

	whole_read(&w, bytes, n, NULL, 16, 0);
	assert_int_equal(w.r, r);
	if (!w.error || !strstr(w.error, words))
		fail_msg("the error is not of \"%s\": %s", words, w.error ?: "none");
	whole_clear(&w);
}

static void not_recordings(_unused_ void **state)
{
	static const unsigned char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	_cleanup_free_ char *error = NULL;
	struct recording *r;

	check_error("", 0, -ENODATA, "empty");
	check_error(png, sizeof(png), -EBADMSG, "this is no recording");
	check_error("0       short", 13, -EBADMSG, "cut within its header");
	check_error("\xff\xfe"
		    "1\0,\0002\0",
		    8, -EBADMSG, "this is no recording");

	assert_int_equal(recording_open("/nonexistent", NULL, NULL, NULL, &r, &error), -ENOENT);
	assert_non_null(strstr(error, "cannot be opened: No such file"));
	free(TAKE_PTR(error));
	assert_int_equal(recording_open("/", NULL, NULL, NULL, &r, &error), -EISDIR);
	assert_non_null(strstr(error, "directory"));
}

/* ---- damage ---- */

static void cut_anywhere(_unused_ void **state)
{
	static const char text[] = NEW_GUI "0, 1.5, -2.5, 0.1, 12:00:53.329\r\n"
					   "1, 3, 4, 0.2, 12:00:53.333\r\n9, 5, 6, 0.2, x\r\n";

	for (size_t n = 0; n < sizeof(text); n++) {
		struct whole w;

		whole_read(&w, text, n, NULL, 16, 1);
		assert_true(w.r == 0 || w.error != NULL);
		whole_clear(&w);
	}
}

static void any_bit_flipped(_unused_ void **state)
{
	char text[] = NEW_GUI "0, 1.5, -2.5, 0.1, 12:00:53.329\n1, 3e2, 4, 0.2, \"5\"\n";

	for (size_t bit = 0; bit < 8 * (sizeof(text) - 1); bit++) {
		struct whole w;

		text[bit / 8] ^= (char)(1 << bit % 8);
		whole_read(&w, text, sizeof(text) - 1, NULL, 16, 1);
		assert_true(w.r == 0 || w.error != NULL);
		whole_clear(&w);
		text[bit / 8] ^= (char)(1 << bit % 8);
	}
}

/* ---- recordings of others ---- */

struct real {
	const char *path;
	double rate, unit_uv; /* options */
	unsigned int n_channels;
	double is_rate;
	size_t n_scans;
	float first, last; /* of channel 0, microvolts */
};

static const struct real reals[] = {
	{"openbci-blink-clench/blink-clench.txt", 0, 0, 8, 250, 12500, 61379.36f, NAN},
	{"plux-biceps/bursts.csv", 0, 3e6 / 1000 / 65536, 1, 1000, 28519, 1497.71f, NAN},
	{"biosppy-rest/rest.txt", 0, 1, 1, 1000, 100000, 2055, NAN},
	{"uci-sit-stand/sit-stand.txt", 1000, 1e3, 5, 1000, 13480, 0.7f, -1.5f},
	{"bids-emg-face/sub-01_task-talking_emg.edf", 0, 0, 6, 2000, 2000, NAN, NAN},
};

static void check_real(const struct real *real, const char *folder)
{
	struct recording_options options = {.rate = real->rate, .unit_uv = real->unit_uv};
	_cleanup_free_ char *path = NULL, *bytes = NULL;
	_cleanup_fclose_ FILE *f = NULL;
	struct whole w;
	size_t n;

	assert_true(asprintf(&path, "%s/%s", folder, real->path) > 0);
	f = fopen(path, "re");
	bytes = malloc(1 << 22);
	assert_true(f && bytes);
	n = fread(bytes, 1, 1 << 22, f);
	whole_read(&w, bytes, n, &options, 1000, 0);
	if (w.r < 0 || w.warnings)
		fail_msg("%s: %s", real->path, w.error ?: w.warnings);
	assert_int_equal(w.n_channels, real->n_channels);
	assert_float_equal(w.rate, real->is_rate, 0);
	assert_int_equal(w.n_scans, real->n_scans);
	assert_int_equal(w.n_met, 0);
	if (!isnan(real->first))
		assert_float_equal(whole_uv(&w, 0, 0), real->first, 0.01);
	if (!isnan(real->last))
		assert_float_equal(whole_uv(&w, w.n_scans - 1, 0), real->last, 0.01);
	whole_clear(&w);
}

static void recordings_of_others(_unused_ void **state)
{
	const char *folder = getenv("SPASMD_DATA") ?: "../shared/data";

	if (access(folder, R_OK) < 0) {
		print_message("no recordings in %s (SPASMD_DATA names another folder)\n", folder);
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++)
		check_real(&reals[i], folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_hands),
		cmocka_unit_test(options_come_first),
		cmocka_unit_test(rate_is_needed),
		cmocka_unit_test(header_and_times),
		cmocka_unit_test(times_that_stand_still),
		cmocka_unit_test(missing_values),
		cmocka_unit_test(damaged_rows),
		cmocka_unit_test(no_table),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(many_columns),
		cmocka_unit_test(openbci_formats),
		cmocka_unit_test(openbci_headers_that_lie),
		cmocka_unit_test(openbci_numberings),
		cmocka_unit_test(openbci_short_file),
		cmocka_unit_test(openbci_damaged_index),
		cmocka_unit_test(not_recordings),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(any_bit_flipped),
		cmocka_unit_test(recordings_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
