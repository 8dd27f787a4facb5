// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the protocol code: those that cmocka runs in userspace. */
#include <kunit/test.h>
#include <linux/module.h>

/*
 * A copy of its own: the driver exports nothing, and an object can't be linked
 * into two modules.
 */
#include "oeh_describe.c"
#include "oeh_error.c"
#include "oeh_frame.c"
#include "oeh_loss.c"
#include "oeh_site.c"
#include "oeh_time.c"

#include "../tests/vectors/oeh_checks.h"

static void oeh_check_description(const struct oeh_check *check, char *description)
{
	strscpy(description, check->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(oeh, oeh_checks, oeh_check_description);

static void oeh_test(struct kunit *test)
{
	const struct oeh_check *check = test->param_value;
	const char *failed = check->run();

	if (failed)
		KUNIT_FAIL(test, "oeh_checks.h %s", failed);
}

static struct kunit_case emg_headset_test_cases[] = {
	KUNIT_CASE_PARAM(oeh_test, oeh_gen_params),
	{ }
};

static struct kunit_suite emg_headset_test_suite = {
	.name = "emg_headset",
	.test_cases = emg_headset_test_cases,
};

kunit_test_suite(emg_headset_test_suite);

MODULE_AUTHOR("The spasmd developers");
MODULE_DESCRIPTION("KUnit tests of the Open EMG Headset driver");
MODULE_LICENSE("GPL");
