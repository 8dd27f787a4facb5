/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmd.conf: what is taken, and what a mistake is called. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	file_write("# comment\n[daemon]\nrate = 2000\nwatermark_ms=8 ; inline\nbuffer_s = 10\n\n"
		   "[montage]\n0 = L-Fro\n");
	assert_int_equal(settings_read(&s, path, &error), 0);
	assert_true(s.rate == 2000);
	assert_int_equal(s.watermark_ms, 8);
	assert_int_equal(s.buffer_s, 10);
	assert_true(s.has_montage);
	assert_string_equal(s.file, path);
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
	assert_false(s.has_montage);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
