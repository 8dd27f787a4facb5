/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How well samples are dated, against the true clock: bench-time [HOURS]
 *
 * Plays the cases of clock-model.h for so long (24) each and prints the rows of a
 * table.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/clock-model.h"
#include "util.h"

int main(int argc, char **argv)
{
	double hours = argc > 1 ? atof(argv[1]) : 24;
	unsigned int i;

	if (!(hours > 0)) {
		fprintf(stderr, "usage: bench-time [HOURS]\n");
		return 2;
	}
	for (i = 0; i < ARRAY_SIZE(clock_cases); i++) {
		const struct clock_case *c = &clock_cases[i];
		struct clock_result r = clock_run(c, hours * 3600);

		printf("| %s | %u | %.2f | %.3f | %.3f | %.2f | %s |\n", c->name, c->rate,
		       100.0 * r.prompt / r.frames, r.min_error * 1e3, r.max_error * 1e3,
		       r.max_step * 100, r.backwards ? "no" : "yes");
		fflush(stdout);
	}

	return 0;
}
