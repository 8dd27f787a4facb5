/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EDF, EDF+, BDF and BDF+: right values at the right time, whatever the header says. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "recording-fixture.h"
#include "util.h"

#define TAL_BYTES 60
#define SAMPLES	  10 /* in a record */

/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define EMG(label) {label, "uV", "-8388608", "8388607", "-8388608", "8388607", "10"}
#define TAL	   {"BDF Annotations", "", "-1", "1", "-8388608", "8388607", "20"}
/* clang-format on */

/* clang-format off: tables */
static const struct edf_file_signal two[] = {EMG("EMG L-OOc"), EMG("EMG R-OOc")};
static const struct edf_file_signal two_and_tal[] = {EMG("EMG L-OOc"), TAL, EMG("EMG R-OOc")};
/* clang-format on */

static const struct edf_file plain = {
	.bdf = true,
	.reserved = "24BIT",
	.records = "3",
	.duration = "0.01",
	.n = 2,
	.signals = two,
};

static const struct edf_file gapped = {
	.bdf = true,
	.reserved = "BDF+D",
	.records = "3",
	.duration = "0.01",
	.n = 3,
	.signals = two_and_tal,
};

/* A digital value that tells where it is from. */
static int32_t digital_of(unsigned int signal, unsigned int sample)
{
	return (int32_t)((sample + 1) * 1000 + signal) * (signal % 2 ? -1 : 1);
}

/* The two EMG signals of record @k; @tal between them unless NULL. */
static unsigned char *put_record(unsigned char *p, unsigned int k, const char *tal, size_t length)
{
	for (unsigned int i = 0; i < SAMPLES; i++)
		p = edf_put_sample(p, true, digital_of(0, k * SAMPLES + i));
	if (tal)
		p = edf_put_tal(p, TAL_BYTES, tal, length);
	for (unsigned int i = 0; i < SAMPLES; i++)
		p = edf_put_sample(p, true, digital_of(1, k * SAMPLES + i));
	return p;
}

static size_t plain_file(const struct edf_file *f, unsigned char *buf)
{
	unsigned char *p = edf_file_header(f, buf);

	for (unsigned int k = 0; k < 3; k++)
		p = put_record(p, k, NULL, 0);
	return (size_t)(p - buf);
}

/* @tals: one for each record; "|" stands for \x14 and "~" for the NUL after a list. */
static size_t gapped_file(const struct edf_file *f, unsigned char *buf, const char *const *tals,
			  unsigned int n)
{
	unsigned char *p = edf_file_header(f, buf);

	for (unsigned int k = 0; k < n; k++) {
		char tal[TAL_BYTES] = {0};

		for (size_t i = 0; tals[k][i]; i++)
			tal[i] = (char)(tals[k][i] == '|'   ? '\x14'
					: tals[k][i] == '~' ? '\0'
							    : tals[k][i]);
		p = put_record(p, k, tal, sizeof(tal));
	}
	return (size_t)(p - buf);
}

/* Both channels are what was written, 1 uV being one step. */
static void check_samples(const struct whole *w, size_t n_scans)
{
	assert_int_equal(w->n_channels, 2);
	assert_int_equal(w->n_scans, n_scans);
	for (size_t i = 0; i < n_scans; i++)
		for (unsigned int c = 0; c < 2; c++)
			assert_float_equal(whole_uv(w, i, c), (float)digital_of(c, (unsigned int)i),
					   0);
}

static void check_warning(const struct whole *w, const char *words)
{
	if (!w->warnings || !strstr(w->warnings, words))
		fail_msg("\"%s\" is not among the warnings: %s", words, w->warnings ?: "none");
}

static void values_in_any_block(_unused_ void **state)
{
	static const size_t blocks[] = {1, 3, 10, 11, 1000}, extras[] = {0, 1, 6, 40};
	unsigned char buf[4096];
	size_t n = plain_file(&plain, buf);

	for (size_t b = 0; b < ARRAY_SIZE(blocks); b++) {
		for (size_t e = 0; e < ARRAY_SIZE(extras); e++) {
			struct whole w;

			whole_read(&w, buf, n, NULL, blocks[b], extras[e]);
			assert_int_equal(w.r, 0);
			assert_null(w.warnings);
			assert_string_equal(w.format, "BDF");
			assert_string_equal(w.labels[1], "EMG R-OOc");
			assert_float_equal(w.rate, 1000, 1e-9);
			assert_float_equal(w.clip_uv[0], 8388608, 0);
			check_samples(&w, 30);
			whole_clear(&w);
		}
	}
}

/* The corners of 16 and 24 bits are exact, negative ones too. */
static void extremes(_unused_ void **state)
{
	static const struct edf_file_signal wide[] = {
		{"EMG", "uV", "-8388608", "8388607", "-8388608", "8388607", "5"}};
	static const struct edf_file_signal narrow[] = {
		{"EMG", "uV", "-32768", "32767", "-32768", "32767", "5"}};
	static const int32_t values[2][5] = {{-32768, -1, 0, 1, 32767},
					     {-8388608, -1, 0, 1, 8388607}};
	unsigned char buf[1024];

	for (unsigned int bdf = 0; bdf < 2; bdf++) {
		struct edf_file f = plain;
		struct whole w;
		unsigned char *p;

		f.bdf = bdf;
		f.reserved = "";
		f.records = "1";
		f.n = 1;
		f.signals = bdf ? wide : narrow;
		p = edf_file_header(&f, buf);
		for (unsigned int i = 0; i < 5; i++)
			p = edf_put_sample(p, bdf, values[bdf][i]);
		whole_read(&w, buf, (size_t)(p - buf), NULL, 100, 3);
		assert_int_equal(w.r, 0);
		assert_string_equal(w.format, bdf ? "BDF" : "EDF");
		for (unsigned int i = 0; i < 5; i++)
			assert_true(whole_uv(&w, i, 0) == (float)values[bdf][i]);
		whole_clear(&w);
	}
}

static void units(_unused_ void **state)
{
	static const struct {
		const char *dimension;
		double option, uv;
	} cases[] = {
		{"uV", 0, 1},	     {"mV", 0, 1e3},  {"V", 0, 1e6},
		{"nV", 0, 1e-3},     {"\xb5V", 0, 1}, {"\xc2\xb5V", 0, 1},
		{"\xce\xbcV", 0, 1}, {"", 0, 1},      {"mV", 0.5, 0.5},
	};
	unsigned char buf[4096];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct recording_options options = {.unit_uv = cases[i].option};
		struct edf_file_signal signals[2] = {two[0], two[1]};
		struct edf_file f = plain;
		struct whole w;

		signals[0].dimension = signals[1].dimension = cases[i].dimension;
		f.signals = signals;
		whole_read(&w, buf, plain_file(&f, buf), &options, 100, 0);
		assert_int_equal(w.r, 0);
		assert_float_equal(whole_uv(&w, 29, 0) / cases[i].uv, 30000, 1e-2);
		assert_float_equal(w.clip_uv[1] / cases[i].uv, 8388608, 1);
		if (!cases[i].dimension[0])
			check_warning(&w, "no unit");
		else
			assert_null(w.warnings);
		whole_clear(&w);
	}
}

/* What is no voltage, or of another rate, is left out and said. */
static void other_signals(_unused_ void **state)
{
	struct edf_file_signal signals[] = {
		{"Acc", "g", "0", "0", "x", "y", "10"},		 two[0],
		{"ECG", "mV", "-1", "1", "-100", "100", "5"},	 two[1],
		{"EEG Cz", "uV", "-1", "1", "-100", "100", "5"},
	};
	struct edf_file f = plain;
	unsigned char buf[8192], *p;
	struct whole w;

	f.n = ARRAY_SIZE(signals);
	f.signals = signals;
	f.records = "1";
	p = edf_file_header(&f, buf);
	for (unsigned int s = 0; s < f.n; s++)
		for (int i = 0; i < atoi(signals[s].samples); i++)
			p = edf_put_sample(
				p, true, s == 1 || s == 3 ? digital_of(s / 2, (unsigned int)i) : 7);
	whole_read(&w, buf, (size_t)(p - buf), NULL, 100, 0);
	assert_int_equal(w.r, 0);
	check_samples(&w, 10);
	check_warning(&w, "\"Acc\" is left out: no voltage");
	check_warning(&w, "2 signals are left out, \"ECG\" is the first: of another rate");
	whole_clear(&w);
}

static void too_many_signals(_unused_ void **state)
{
	struct edf_file_signal signals[40];
	char labels[40][16];
	struct edf_file f = plain;
	unsigned char *buf = calloc(1, 256 * 41 + 40 * SAMPLES * 3), *p;
	struct whole w;

	assert_non_null(buf);
	for (unsigned int s = 0; s < 40; s++) {
		signals[s] = two[0];
		if (s == 5 || s > 30)
			snprintf(labels[s], sizeof(labels[s]), "R-Zyg");
		else
			snprintf(labels[s], sizeof(labels[s]), "EMG %u", s);
		signals[s].label = labels[s];
	}
	f.n = 40;
	f.signals = signals;
	f.records = "1";
	p = edf_file_header(&f, buf);
	for (unsigned int s = 0; s < 40; s++)
		for (unsigned int i = 0; i < SAMPLES; i++)
			p = edf_put_sample(p, true, (int32_t)s);
	whole_read(&w, buf, (size_t)(p - buf), NULL, 100, 0);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_channels, 32);
	check_warning(&w, "8 of 40 channels are left out");
	/* ten with a site and the first 22 others, in the file's order */
	assert_string_equal(w.labels[0], "EMG 0");
	assert_string_equal(w.labels[5], "R-Zyg");
	assert_string_equal(w.labels[22], "EMG 22");
	assert_string_equal(w.labels[23], "R-Zyg");
	assert_float_equal(whole_uv(&w, 0, 22), 22, 0);
	assert_float_equal(whole_uv(&w, 0, 23), 31, 0);
	assert_float_equal(whole_uv(&w, 9, 31), 39, 0);
	whole_clear(&w);
	free(buf);
}

/* The file's length says how many records there are, not the header. */
static void record_counts(_unused_ void **state)
{
	static const char *const counts[] = {"-1", "0", "2", "4", "99999999"};
	unsigned char buf[4096];

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		struct edf_file f = plain;
		struct whole w;

		f.records = counts[i];
		whole_read(&w, buf, plain_file(&f, buf), NULL, 100, 0);
		assert_int_equal(w.r, 0);
		check_samples(&w, 30);
		check_warning(&w, "there are 3");
		whole_clear(&w);
	}
}

static void cut_file(_unused_ void **state)
{
	unsigned char buf[4096];
	size_t n = plain_file(&plain, buf);
	struct whole w;

	whole_read(&w, buf, n - 1, NULL, 100, 0);
	assert_int_equal(w.r, 0);
	check_samples(&w, 20);
	check_warning(&w, "its last record has 59 of 60 bytes");
	check_warning(&w, "promises 3 records; there are 2");
	whole_clear(&w);

	whole_read(&w, buf, 256 * 3 + 59, NULL, 100, 0);
	assert_int_equal(w.r, -ENODATA);
	assert_non_null(strstr(w.error, "no whole record"));
	whole_clear(&w);
}

/* ---- time ---- */

static void gaps_keep_their_time(_unused_ void **state)
{
	static const char *const tals[] = {"+5||~", "+5.01||~", "+5.031||~", "+7.041||~"};
	unsigned char buf[4096];
	size_t n = gapped_file(&gapped, buf, tals, 4);
	struct whole w;

	whole_read(&w, buf, n, NULL, 7, 0);
	assert_int_equal(w.r, 0);
	assert_string_equal(w.format, "BDF+");
	check_samples(&w, 40);
	assert_int_equal(w.n_met, 2);
	assert_int_equal(w.met[0].kind, RECORDING_GAP);
	assert_int_equal(w.met[0].at, 20);
	assert_int_equal(w.met[0].n, 11);
	assert_int_equal(w.met[1].at, 30);
	assert_int_equal(w.met[1].n, 2000);
	whole_clear(&w);
}

/* Onsets that can't be are said once, and change nothing. */
static void onsets_that_lie(_unused_ void **state)
{
	static const struct {
		const char *tals[3], *warning;
	} cases[] = {
		{{"+0||~", "+0.001||~", "+0.02||~"}, "before the last one ends"},
		{{"+0||~", "+9e15||~", "+0.02||~"}, "years later"},
		{{"+0||~", "||~", "+0.02||~"}, "does not say when"},
		{{"+0||~", "+1e999||~", "+0.02||~"}, "does not say when"},
	};
	unsigned char buf[4096];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct whole w;

		whole_read(&w, buf, gapped_file(&gapped, buf, cases[i].tals, 3), NULL, 100, 0);
		assert_int_equal(w.r, 0);
		check_samples(&w, 30);
		assert_int_equal(w.n_met, 0);
		check_warning(&w, cases[i].warning);
		whole_clear(&w);
	}
}

/* In a continuous file, onsets are not looked at. */
static void continuous_file(_unused_ void **state)
{
	static const char *const tals[] = {"+0||~", "+3||~", "+6||~"};
	struct edf_file f = gapped;
	unsigned char buf[4096];
	struct whole w;

	f.reserved = "BDF+C";
	whole_read(&w, buf, gapped_file(&f, buf, tals, 3), NULL, 100, 0);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.n_met, 0);
	assert_null(w.warnings);
	check_samples(&w, 30);
	whole_clear(&w);
}

static void markers(_unused_ void **state)
{
	/* ahead of their record, in it, in one list, of other words, past the end */
	static const char *const tals[] = {"+2||~+2.025|Marker 2|~+2.003|marker|note|~",
					   "+2.01||~+2.01|Spasm|~",
					   "+2.02||~+2.029|MARKER: x|Markers|~+9|marker|~"};
	static const uint64_t at[] = {4, 26, 30};
	unsigned char buf[4096];
	size_t n = gapped_file(&gapped, buf, tals, 3);

	for (size_t block = 1; block < 40; block += 6) {
		struct whole w;

		whole_read(&w, buf, n, NULL, block, 0);
		assert_int_equal(w.r, 0);
		check_samples(&w, 30);
		assert_int_equal(w.n_met, ARRAY_SIZE(at));
		for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
			assert_int_equal(w.met[i].kind, RECORDING_MARKER);
			assert_int_equal(w.met[i].at, at[i]);
		}
		check_warning(&w, "1 markers lie outside");
		whole_clear(&w);
	}
}

/* ---- headers that can't be read ---- */

static void check_error(const struct edf_file *f, int r, const char *words)
{
	unsigned char buf[4096];
	struct whole w;

	whole_read(&w, buf, plain_file(f, buf), NULL, 100, 0);
	if (w.r != r)
		fail_msg("%d instead of an error of \"%s\"", w.r, words);
	if (!w.error || !strstr(w.error, words))
		fail_msg("the error is not of \"%s\": %s", words, w.error ?: "none");
	whole_clear(&w);
}

static void bad_file_fields(_unused_ void **state)
{
	struct edf_file f = plain;

	f.duration = "0,01";
	check_error(&f, -EBADMSG, "duration of a record is \"0,01\"");
	f.duration = "-1";
	check_error(&f, -EBADMSG, "duration of a record is -1");
	f.duration = "0";
	check_error(&f, -EBADMSG, "duration of a record is 0");
	f = plain;
	f.records = "many";
	check_error(&f, -EBADMSG, "number of records is \"many\"");
	f = plain;
	f.n_signals = "0";
	check_error(&f, -EBADMSG, "number of signals is 0");
	f.n_signals = "9999";
	check_error(&f, -EBADMSG, "header's length is 768");
	f.length = "2560000";
	check_error(&f, -EBADMSG, "cut within its header");
	f = plain;
	f.length = "";
	check_error(&f, -EBADMSG, "header's length is \"\"");
}

static void bad_signal_fields(_unused_ void **state)
{
	static const struct {
		size_t field; /* which pointer of struct edf_file_signal */
		const char *value, *words;
	} cases[] = {
		{offsetof(struct edf_file_signal, samples), "1e9",
		 "samples in a record of signal 2"},
		{offsetof(struct edf_file_signal, samples), "-3",
		 "samples in a record of signal 2"},
		{offsetof(struct edf_file_signal, samples), "99999999", "more than"},
		{offsetof(struct edf_file_signal, physical_min), "1.2.3",
		 "physical minimum of signal 2"},
		{offsetof(struct edf_file_signal, physical_max), "\x01",
		 "physical maximum of signal 2"},
		{offsetof(struct edf_file_signal, physical_max), "-8388608", "same as its minimum"},
		{offsetof(struct edf_file_signal, physical_max), "1e300", "beyond any voltage"},
		{offsetof(struct edf_file_signal, digital_min), "0.5",
		 "digital minimum of signal 2"},
		{offsetof(struct edf_file_signal, digital_min), "8388607", "not above its minimum"},
		{offsetof(struct edf_file_signal, digital_max), "8388608",
		 "digital maximum of signal 2"},
		{offsetof(struct edf_file_signal, digital_max), "-9999999",
		 "digital maximum of signal 2"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct edf_file_signal signals[2] = {two[0], two[1]};
		struct edf_file f = plain;

		memcpy((char *)&signals[1] + cases[i].field, &cases[i].value,
		       sizeof(cases[i].value));
		f.signals = signals;
		check_error(&f, -EBADMSG, cases[i].words);
	}
}

static void nothing_to_read(_unused_ void **state)
{
	struct edf_file_signal signals[2] = {two[0], two[1]};
	struct edf_file f = plain;

	f.signals = signals;
	signals[0].samples = signals[1].samples = "0";
	check_error(&f, -EBADMSG, "no signal is a voltage");
	signals[0] = signals[1] = two[0];
	signals[0].dimension = signals[1].dimension = "%";
	check_error(&f, -EBADMSG, "no signal is a voltage");
}

static void rate_is_the_files(_unused_ void **state)
{
	struct recording_options options = {.rate = 500};
	unsigned char buf[4096];
	struct whole w;

	whole_read(&w, buf, plain_file(&plain, buf), &options, 100, 0);
	assert_int_equal(w.r, 0);
	assert_float_equal(w.rate, 1000, 1e-9);
	check_warning(&w, "500 Hz is not used");
	whole_clear(&w);
}

/* ---- damage: nothing but an error or a warning may come of it ---- */

static size_t damaged_size(unsigned char *buf)
{
	static const char *const tals[] = {"+0||~", "+0.02||~+0.005|Marker|~", "+0.05||~"};

	return gapped_file(&gapped, buf, tals, 3);
}

static void cut_anywhere(_unused_ void **state)
{
	unsigned char buf[4096];
	size_t n = damaged_size(buf);

	for (size_t length = 0; length < n; length++) {
		size_t header = 256 * 4, record = 2 * SAMPLES * 3 + TAL_BYTES;
		struct whole w;

		whole_read(&w, buf, length, NULL, 64, 2);
		if (length < header + record) {
			assert_true(w.r < 0);
			assert_non_null(w.error);
		} else {
			assert_int_equal(w.r, 0);
			check_samples(&w, (length - header) / record * SAMPLES);
			assert_non_null(w.warnings);
		}
		whole_clear(&w);
	}
}

static void any_bit_flipped(_unused_ void **state)
{
	unsigned char buf[4096];
	size_t n = damaged_size(buf);

	for (size_t bit = 0; bit < 8 * n; bit++) {
		struct whole w;

		buf[bit / 8] ^= (unsigned char)(1 << bit % 8);
		whole_read(&w, buf, n, NULL, 64, 2);
		assert_true(w.r == 0 || w.error != NULL);
		whole_clear(&w);
		buf[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}

/* Fields of nines, minus signs, blanks and zeros. */
static void any_field_absurd(_unused_ void **state)
{
	static const char fill[] = {'9', '-', ' ', '0', '\0', '.', '\xff'};
	unsigned char good[4096], buf[4096];
	size_t n = damaged_size(good);

	for (size_t at = 184; at < 256 * 4; at += 4) {
		for (size_t i = 0; i < sizeof(fill); i++) {
			struct whole w;

			memcpy(buf, good, n);
			memset(buf + at, fill[i], 8);
			whole_read(&w, buf, n, NULL, 64, 2);
			assert_true(w.r == 0 || w.error != NULL);
			whole_clear(&w);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_in_any_block),
		cmocka_unit_test(extremes),
		cmocka_unit_test(units),
		cmocka_unit_test(other_signals),
		cmocka_unit_test(too_many_signals),
		cmocka_unit_test(record_counts),
		cmocka_unit_test(cut_file),
		cmocka_unit_test(gaps_keep_their_time),
		cmocka_unit_test(onsets_that_lie),
		cmocka_unit_test(continuous_file),
		cmocka_unit_test(markers),
		cmocka_unit_test(bad_file_fields),
		cmocka_unit_test(bad_signal_fields),
		cmocka_unit_test(nothing_to_read),
		cmocka_unit_test(rate_is_the_files),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(any_bit_flipped),
		cmocka_unit_test(any_field_absurd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
