// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of the protocol code. */
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

static struct kunit_suite emg_headset_test_suite = {
	.name = "emg_headset",
	.test_cases = oeh_cases,
};

kunit_test_suite(emg_headset_test_suite);

MODULE_AUTHOR("The spasmd developers");
MODULE_DESCRIPTION("KUnit tests of the Open EMG Headset driver");
MODULE_LICENSE("GPL");
