/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmd.conf: what is taken, and what a mistake is called. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "settings.h"
#include "util.h"

static char path[] = "/tmp/spasmd-settings-XXXXXX";

static void file_write(const char *text)
{
	_cleanup_fclose_ FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
}

static int setup(_unused_ void **state)
{
	int fd = mkstemp(path);

	if (fd >= 0)
		close(fd);
	return fd < 0;
}

static int teardown(_unused_ void **state)
{
	return unlink(path);
}

static void test_good(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	struct settings s;

	settings_init(&s);
	file_write("# comment\n[daemon]\nrate = 2000\nscale_uv = 0.25\nwatermark_ms=8 ; inline\n"
		   "buffer_s = 10\ncapture = listened\nbroadcast = yes\n"
		   "max_subscribers_per_user = 3\ndevices = ads1298  dummy\ntrigger = t0\n\n"
		   "[montage]\n0 = L-Fro\n1 = -\n");
	assert_int_equal(settings_read(&s, path, &error), 0);
	assert_true(s.rate == 2000);
	assert_int_equal(s.watermark_ms, 8);
	assert_int_equal(s.buffer_s, 10);
	assert_true(s.scale_uv == 0.25);
	assert_false(s.capture_always);
	assert_true(s.broadcast);
	assert_int_equal(s.max_subscribers_per_user, 3);
	assert_true(settings_has_device(&s, "ads1298"));
	assert_true(settings_has_device(&s, "dummy"));
	assert_false(settings_has_device(&s, "dum"));
	assert_string_equal(s.trigger, "t0");
	assert_string_equal(s.montage_file, path);
	settings_clear(&s);
}

static void test_defaults(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	struct settings s;

	settings_init(&s);
	file_write("");
	assert_int_equal(settings_read(&s, path, &error), 0);
	assert_true(s.rate == 0);
	assert_int_equal(s.watermark_ms, 4);
	assert_int_equal(s.buffer_s, 4);
	assert_true(s.capture_always);
	assert_false(s.broadcast);
	assert_int_equal(s.max_subscribers_per_user, 64);
	assert_null(s.montage_file);
	settings_clear(&s);
}

static void test_bad(_unused_ void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *word; /* that the message has */
	} bad[] = {
		{"[daemon]\nrate = 2000\nrat = 1\n", 3, "\"rat\""},
		{"[demon]\nrate = 2000\n", 2, "[demon]"},
		{"rate = 2000\n", 1, "[daemon]"},
		{"[daemon]\n\nrate = fast\n", 3, "\"fast\""},
		{"[daemon]\nrate = 100\n", 2, "250 to 16000"},
		{"[daemon]\nrate = 1000Hz\n", 2, "rate"},
		{"[daemon]\nrate = nan\n", 2, "rate"},
		{"[daemon]\nwatermark_ms = 0\n", 2, "1 to 100"},
		{"[daemon]\nbuffer_s = 1e9\n", 2, "1 to 60"},
		{"[daemon]\ncapture = sometimes\n", 2, "\"listened\""},
		{"[daemon]\nbroadcast = true\n", 2, "\"yes\""},
		{"[daemon]\ndevices = 1 2 3 4 5 6 7 8 9\n", 2, "8 names"},
		{"[montage]\n0 = L-Fro\n1 = L-Nose\n", 3, "\"L-Nose\""},
		{"[daemon]\nwhat is this\n", 2, "key = value"},
		{"[daemon\n", 1, "[section]"},
		/* the first mistake is the one that is told */
		{"[daemon]\nfirst = 1\nsecond = 2\n", 2, "\"first\""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *error = NULL;
		char where[64];
		struct settings s;

		settings_init(&s);
		file_write(bad[i].text);
		assert_int_equal(settings_read(&s, path, &error), -EINVAL);
		assert_non_null(error);
		snprintf(where, sizeof(where), "%s:%d: ", path, bad[i].line);
		if (strncmp(error, where, strlen(where)) != 0 || !strstr(error, bad[i].word))
			fail_msg("case %zu: %s", i, error);
		settings_clear(&s);
	}
}

static void test_unreadable(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	struct settings s;

	settings_init(&s);
	assert_int_equal(settings_read(&s, "/nonexistent/spasmd.conf", &error), -ENOENT);
	assert_non_null(strstr(error, "/nonexistent/spasmd.conf"));
	settings_clear(&s);
}

/* ---- drop-ins ---- */

static char folder[] = "/tmp/spasmd-settings.d-XXXXXX";

static void drop_in_write(const char *sub, const char *name, const char *text)
{
	char file[256];

	snprintf(file, sizeof(file), "%s/%s", folder, sub);
	(void)mkdir(file, 0700);
	snprintf(file, sizeof(file), "%s/%s/%s", folder, sub, name);
	if (!text) {
		assert_int_equal(symlink("/dev/null", file), 0);
		return;
	}
	_cleanup_fclose_ FILE *f = fopen(file, "w");

	assert_non_null(f);
	fputs(text, f);
}

static int folder_remove(_unused_ void **state)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void test_drop_ins(_unused_ void **state)
{
	char etc[64], run[64], *paths[8];
	int n;

	assert_non_null(mkdtemp(folder));
	snprintf(etc, sizeof(etc), "%s/etc", folder);
	snprintf(run, sizeof(run), "%s/run", folder);
	drop_in_write("run", "10-first.conf", "");
	drop_in_write("run", "30-masked.conf", "");
	drop_in_write("run", "20-both.conf", "");
	drop_in_write("etc", "20-both.conf", "");
	drop_in_write("etc", "30-masked.conf", NULL);
	drop_in_write("etc", "05-other.txt", "");
	drop_in_write("etc", "40-last.conf", "");

	n = settings_find_drop_ins((const char *const[]){etc, "/nonexistent", run, NULL}, paths, 8);
	assert_int_equal(n, 3);
	assert_non_null(strstr(paths[0], "/run/10-first.conf"));
	assert_non_null(strstr(paths[1], "/etc/20-both.conf"));
	assert_non_null(strstr(paths[2], "/etc/40-last.conf"));
	for (int i = 0; i < n; i++)
		free(paths[i]);
	assert_int_equal(settings_find_drop_ins((const char *const[]){run, etc, NULL}, paths, 2),
			 -E2BIG);
}

static void test_load(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	char main_file[64];
	struct settings s;

	snprintf(main_file, sizeof(main_file), "%s/main", folder);
	drop_in_write("", "main", "[daemon]\nrate = 1000\nbuffer_s = 9\n[montage]\n0 = L-Fro\n");
	drop_in_write("main.d", "2.conf", "[daemon]\nrate = 2000\n");
	drop_in_write("main.d", "1.conf", "[daemon]\nrate = 500\n[montage]\n0 = R-Fro\n");
	assert_int_equal(settings_load(&s, main_file, &error), 0);
	assert_true(s.rate == 2000);
	assert_int_equal(s.buffer_s, 9);
	/* the last that has a montage */
	assert_non_null(strstr(s.montage_file, "main.d/1.conf"));
	settings_clear(&s);

	drop_in_write("main.d", "3.conf", "[daemon]\nrat = 2000\n");
	assert_int_equal(settings_load(&s, main_file, &error), -EINVAL);
	assert_non_null(strstr(error, "main.d/3.conf:2: "));
	settings_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_drop_ins),
		cmocka_unit_test_teardown(test_load, folder_remove),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
