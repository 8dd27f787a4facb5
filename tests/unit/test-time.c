// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Samples are dated within 1 ms of the truth, and evenly, in each case of
 * clock-model.h; "make bench" plays them for a day.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "clock-model.h"
#include "util.h"

#define FRAMES	  40000.0
#define MAX_ERROR 1e-3 /* s */
#define MAX_STEP  0.05 /* of a period */

static void test_case(void **state)
{
	const struct clock_case *c = *state;
	struct clock_result r = clock_run(c, FRAMES * c->samples / c->rate);

	if (r.prompt * 100 < r.frames)
		fail_msg("only %.2f %% of the transfers were prompt", 100.0 * r.prompt / r.frames);
	if (r.min_error < -MAX_ERROR || r.max_error > MAX_ERROR)
		fail_msg("off by %.3f to %.3f ms", r.min_error * 1e3, r.max_error * 1e3);
	if (r.max_step > MAX_STEP)
		fail_msg("a step is %.2f %% off a period", r.max_step * 100);
	if (r.backwards)
		fail_msg("a stamp is not later than the one before");
}

/* The model is no friend of the code: without a prompt transfer nobody can tell. */
static void test_hopeless(_unused_ void **state)
{
	static const struct clock_case hopeless = {"never prompt", 1000, 4, 200, 0, 1,
						   DELAY_HOPELESS, 0,	 0};
	struct clock_result r = clock_run(&hopeless, 160);

	assert_true(r.prompt == 0);
	assert_true(r.max_error > MAX_ERROR);
	assert_false(r.backwards);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(clock_cases) + 1] = {
		cmocka_unit_test(test_hopeless),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clock_cases); i++)
		tests[i + 1] = (struct CMUnitTest){
			.name = clock_cases[i].name,
			.test_func = test_case,
			.initial_state = (void *)&clock_cases[i],
		};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
