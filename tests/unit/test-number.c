/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as text: as exact as said. */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "number.h"
#include "util.h"

static const char *parse(const char *text, double *ret)
{
	return number_parse(text, text + strlen(text), ret);
}

static void where_numbers_end(_unused_ void **state)
{
	static const struct {
		const char *text;
		size_t length; /* 0: no number */
		double value;
	} cases[] = {
		{"0", 1, 0},
		{"-0.0", 4, 0},
		{"12,5", 2, 12},
		{"+7.", 2 + 1, 7},
		{".5", 2, 0.5},
		{"-.25e2x", 6, -25},
		{"1e", 1, 1},
		{"1e+", 1, 1},
		{"1E-2", 4, 0.01},
		{"1.5.2", 3, 1.5},
		{"0x10", 1, 0},
		{"1 2", 1, 1},
		{"9e99999", 7, INFINITY},
		{"1e-99999", 8, 0},
		{"0e99999", 7, 0},
		{"", 0, 0},
		{"-", 0, 0},
		{".", 0, 0},
		{"e5", 0, 0},
		{"nan", 0, 0},
		{"inf", 0, 0},
		{" 1", 0, 0},
		{"--1", 0, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double value = -1;
		const char *end = parse(cases[i].text, &value);

		if (!cases[i].length) {
			assert_null(end);
			continue;
		}
		assert_non_null(end);
		assert_int_equal(end - cases[i].text, cases[i].length);
		assert_true(value == cases[i].value);
	}
}

/* Up to 15 digits: what the C library gives, bit for bit. */
static void short_numbers_are_exact(_unused_ void **state)
{
	uint64_t seed = 1;
	char text[64];

	for (unsigned int i = 0; i < 200000; i++) {
		double value;
		int64_t mantissa;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		mantissa = (int64_t)(seed >> 14) % INT64_C(999999999999999);
		snprintf(text, sizeof(text), "%s%" PRId64 ".%0*" PRIu64, i % 2 ? "-" : "",
			 mantissa / 1000000, (int)(i % 6) + 1, (uint64_t)mantissa % 10);
		assert_non_null(parse(text, &value));
		assert_true(value == strtod(text, NULL));
	}
}

/* More digits, or large powers: within a few units of the last place. */
static void long_numbers_are_close(_unused_ void **state)
{
	static const char *const texts[] = {
		"3.14159265358979323846264338327950288419716939937510",
		"123456789012345678901234567890",
		"0.000000000000000000000000000000000000123456789",
		"00000000000000000000000000000000000000000001.5",
		"0.00000000000000000000000000000000000000000000",
		"1.7976931348623157e308",
		"2.2250738585072014e-308",
		"1234567890123456789012345678901234567890e-40",
		"-9007199254740993",
		"9007199254740993.0000000000000000000000001e22",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		double value, expected = strtod(texts[i], NULL);

		assert_ptr_equal(parse(texts[i], &value), texts[i] + strlen(texts[i]));
		assert_true(fabs(value - expected) <= fabs(expected) * 64 * DBL_EPSILON);
	}
}

static void whole_numbers(_unused_ void **state)
{
	double value;

	assert_true(number_is_whole(" 12 ", 4, &value) && value == 12);
	assert_true(number_is_whole("12x", 2, &value) && value == 12);
	assert_false(number_is_whole("12x", 3, &value));
	assert_false(number_is_whole("1 2", 3, &value));
	assert_false(number_is_whole("", 0, &value));
	assert_false(number_is_whole("  ", 2, &value));
	assert_false(number_is_whole("1e999", 5, &value));
}

static void formats(_unused_ void **state)
{
	static const struct {
		double value;
		unsigned int decimals;
		const char *text;
	} cases[] = {
		{0, 3, "0.000"},
		{12.3456, 3, "12.346"},
		{-0.5, 1, "-0.5"},
		{-0.0001, 3, "0.000"},
		{312, 0, "312"},
		{0.999, 2, "1.00"},
		{86400.0005, 4, "86400.0005"},
		{1e9, 9, "1000000000.000000000"},
		{NAN, 3, "null"},
		{INFINITY, 0, "null"},
		{-INFINITY, 0, "null"},
		{1e300, 3, "null"},
		{1.5, 12, "1.500000000"},
	};
	char buf[NUMBER_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(number_format(cases[i].value, cases[i].decimals, buf),
				    cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_numbers_end),
		cmocka_unit_test(short_numbers_are_exact),
		cmocka_unit_test(long_numbers_are_close),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(formats),

	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
