/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The muscles as sources of signal: band-shaped noise of each, times the
 * envelope of what it does at this moment.
 */
#include "plan.h"

#define N_SECTIONS 3 /* lower edge, fall to the top, hump */

struct muscles {
	const struct plan *plan;
	struct rng rng;
	size_t next;	  /* first contraction that has not begun */
	uint32_t *active; /* indices of contractions, unordered ones removed by swapping */
	size_t n_active;
	uint64_t now;		/* samples */
	float tonus[N_SOURCES]; /* uV RMS at rest */
	/* One row a section, one column a source: the compiler does several at a time. */
	struct {
		float b0[N_SOURCES], b1[N_SOURCES], b2[N_SOURCES], a1[N_SOURCES], a2[N_SOURCES];
		float z1[N_SOURCES], z2[N_SOURCES];
	} filters[N_SECTIONS];
	float scale[N_SOURCES];
};

/* Returns 0 or -ENOMEM. @plan must be finished and stay. */
int muscles_init(struct muscles *m, const struct plan *plan);
void muscles_done(struct muscles *m);

/* The next sample of each source, in uV. */
void muscles_step(struct muscles *m, float uv[N_SOURCES]);
