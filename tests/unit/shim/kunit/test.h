/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of KUnit over cmocka as tests/vectors/oeh_checks.h uses, so that the module's KUnit
 * tests also run in userspace, under the sanitizers and gcov.
 */
#ifndef KUNIT_SHIM_H
#define KUNIT_SHIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct kunit {
	const char *name;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define KUNIT_CASE(test_name) {.run_case = test_name, .name = #test_name}
/* clang-format on */

#define KUNIT_SHIM_ASSERT(test, condition, text)                                             \
	do {                                                                                 \
		if (!(condition))                                                            \
			fail_msg("%s: %s:%d: %s", (test)->name, __FILE__, __LINE__, (text)); \
	} while (0)

#define KUNIT_ASSERT_TRUE(test, condition)  KUNIT_SHIM_ASSERT(test, condition, #condition)
#define KUNIT_ASSERT_FALSE(test, condition) KUNIT_SHIM_ASSERT(test, !(condition), "not " #condition)
#define KUNIT_ASSERT_EQ(test, left, right) \
	KUNIT_SHIM_ASSERT(test, (left) == (right), #left " == " #right)
#define KUNIT_ASSERT_NE(test, left, right) \
	KUNIT_SHIM_ASSERT(test, (left) != (right), #left " != " #right)
#define KUNIT_ASSERT_LT(test, left, right) \
	KUNIT_SHIM_ASSERT(test, (left) < (right), #left " < " #right)
#define KUNIT_ASSERT_LE(test, left, right) \
	KUNIT_SHIM_ASSERT(test, (left) <= (right), #left " <= " #right)
#define KUNIT_ASSERT_GT(test, left, right) \
	KUNIT_SHIM_ASSERT(test, (left) > (right), #left " > " #right)
#define KUNIT_ASSERT_GE(test, left, right) \
	KUNIT_SHIM_ASSERT(test, (left) >= (right), #left " >= " #right)
#define KUNIT_ASSERT_STREQ(test, left, right) \
	KUNIT_SHIM_ASSERT(test, !strcmp(left, right), #left " is " #right)

#endif /* KUNIT_SHIM_H */
