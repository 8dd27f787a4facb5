/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scenes' BDF files, read back by the project's reader and by their bytes. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "bdf-writer.h"
#include "recording.h"
#include "util.h"

#define SCANS 2500 /* at 1 kHz: two records and a half */
#define CLIP  187500.0f
#define LSB   (2.0f * CLIP / 16777215.0f)

static const struct montage montage = {
	.n_channels = 3,
	.sites = {{OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_OCULI},
		  {OEH_SIDE_NONE, 0},
		  {OEH_SIDE_RIGHT, OEH_MUSCLE_OTHER}},
};

/* Full scale both ways, beyond it, zero, and steps of less than a bit. */
static float sample(unsigned int i, unsigned int channel)
{
	static const float first[] = {0.0f, CLIP, -CLIP, 2.0f * CLIP, -2.0f * CLIP};

	if (i < ARRAY_SIZE(first))
		return first[i];

	return (float)channel * 100.0f - 30000.0f + 0.01f * (float)i;
}

static void write_file(const char *path)
{
	struct bdf_writer w;

	assert_int_equal(bdf_writer_open(&w, path, &montage, 1000, CLIP), 0);
	for (unsigned int i = 0; i < SCANS; i++) {
		float uv[] = {sample(i, 0), sample(i, 1), sample(i, 2)};

		assert_int_equal(bdf_writer_add(&w, uv), 0);
	}
	assert_int_equal(bdf_writer_close(&w), 0);
}

static void temporary(char path[static 32])
{
	int fd;

	strcpy(path, "/tmp/test-scene-XXXXXX.bdf");
	fd = mkstemps(path, 4);
	assert_true(fd >= 0);
	close(fd);
}

static void test_reader(void **state _unused_)
{
	const struct recording_info *info;
	struct recording_item item = {0};
	struct recording *r = NULL;
	char path[32], *error = NULL;
	float uv[1000 * 8];
	unsigned int done = 0;

	temporary(path);
	write_file(path);
	assert_int_equal(
		recording_open(path, &(struct recording_options){0}, NULL, NULL, &r, &error), 0);
	info = recording_get_info(r);
	assert_int_equal(info->n_channels, 3);
	assert_true(info->rate == 1000.0);
	assert_string_equal(info->labels[0], "EMG L-OOc");
	assert_string_equal(info->labels[2], "EMG R-Oth");
	while (recording_read(r, uv, 8, 1000, &item, &error) == 0 && item.kind != RECORDING_END) {
		assert_int_equal(item.kind, RECORDING_SCANS);
		for (uint64_t k = 0; k < item.n_scans; k++, done++) {
			for (unsigned int c = 0; c < 3; c++) {
				/* The last scan fills the last record. */
				float x = sample(done < SCANS ? done : SCANS - 1, c);

				x = fminf(fmaxf(x, -CLIP), CLIP);
				assert_true(fabsf(uv[8 * k + c] - x) <= LSB);
			}
		}
	}
	assert_int_equal(done, 3000);
	recording_close(r);
	unlink(path);
}

static void test_header(void **state _unused_)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[32], header[256 * 4 + 1] = {0};

	temporary(path);
	write_file(path);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(fread(header, 1, sizeof(header) - 1, f), sizeof(header) - 1);
	assert_memory_equal(header,
			    "\xff"
			    "BIOSEMI",
			    8);
	assert_memory_equal(header + 168, "01.01.2600.00.00", 16);
	assert_memory_equal(header + 184, "1024    24BIT", 13);
	assert_memory_equal(header + 236, "3       1       3   ", 20);
	assert_memory_equal(header + 256, "EMG L-OOc       EMG 2           EMG R-Oth       ", 48);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	assert_int_equal(ftell(f), 1024 + 3 * 1000 * 3 * 3);
	unlink(path);
}

static void test_no_folder(void **state _unused_)
{
	struct bdf_writer w;

	assert_int_equal(bdf_writer_open(&w, "/no/such/folder/x.bdf", &montage, 1000, CLIP),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reader),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
