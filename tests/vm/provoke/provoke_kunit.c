// SPDX-License-Identifier: GPL-2.0-only
/* A KUnit suite with one test of each result, for tests/vm/selftest. */
#include <kunit/test.h>
#include <linux/module.h>

static void passes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 1);
}

static void fails(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 2);
}

static void skips(struct kunit *test)
{
	kunit_skip(test, "on purpose");
}

static struct kunit_case provoke_cases[] = {
	KUNIT_CASE(passes),
	KUNIT_CASE(fails),
	KUNIT_CASE(skips),
	{ }
};

static struct kunit_suite provoke_suite = {
	.name = "provoke",
	.test_cases = provoke_cases,
};

kunit_test_suite(provoke_suite);

MODULE_DESCRIPTION("A KUnit suite with one test of each result");
MODULE_LICENSE("GPL");
