/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When was sample i? */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "timeline.h"
#include "util.h"

#define S 1000000000ll

static void test_empty(_unused_ void **state)
{
	static struct timeline t;

	timeline_reset(&t, 1000);
	assert_int_equal(timeline_at(&t, 0), 0);
	assert_int_equal(timeline_at(&t, 12345), 0);
}

static void test_nominal(_unused_ void **state)
{
	static struct timeline t;

	timeline_reset(&t, 1000);
	timeline_add(&t, 100, 7 * S);
	assert_int_equal(timeline_at(&t, 100), 7 * S);
	assert_int_equal(timeline_at(&t, 1100), 8 * S);
	assert_int_equal(timeline_at(&t, 0), 7 * S - S / 10);
}

/* A device that is 200 ppm fast, over ten minutes: more anchors than are kept. */
static void test_drift(_unused_ void **state)
{
	static struct timeline t;
	const double ns = 1e9 / (1000 * 1.0002);
	uint64_t i;

	timeline_reset(&t, 1000);
	for (i = 0; i < 600000; i += 4)
		timeline_add(&t, i, S + (int64_t)((double)i * ns));
	for (i = 420000; i < 599996; i += 777)
		assert_true(llabs(timeline_at(&t, i) - (S + (int64_t)((double)i * ns))) < 1000);
	/* Older ones by the nominal rate: 400 s at 200 ppm are 80 ms. */
	assert_true(llabs(timeline_at(&t, 0) - S) < 100 * S / 1000);
}

/* Time and position that go back are not believed. */
static void test_backwards(_unused_ void **state)
{
	static struct timeline t;

	timeline_reset(&t, 1000);
	timeline_add(&t, 0, S);
	timeline_add(&t, 1000, 2 * S);
	timeline_add(&t, 900, 3 * S);
	timeline_add(&t, 2000, S);
	assert_int_equal(timeline_at(&t, 500), S + S / 2);
	assert_int_equal(timeline_at(&t, 1000), 2 * S);
}

/* A gap is a step in both: before, within and after it. */
static void test_gap(_unused_ void **state)
{
	static struct timeline t;

	timeline_reset(&t, 1000);
	timeline_add(&t, 0, S);
	timeline_add(&t, 1000, 2 * S);
	timeline_add(&t, 5000, 6 * S);
	timeline_add(&t, 6000, 7 * S);
	assert_int_equal(timeline_at(&t, 3000), 4 * S);
	assert_int_equal(timeline_at(&t, 5500), 6 * S + S / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty), cmocka_unit_test(test_nominal),
		cmocka_unit_test(test_drift), cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
