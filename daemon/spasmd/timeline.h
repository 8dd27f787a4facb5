/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * When was sample i? Kept from the timestamps that came with the samples, at
 * one anchor every tenth of a second for the last minutes. Pure code.
 */
#include <stdint.h>

#define TIMELINE_ANCHORS 2048 /* 205 s */

struct timeline_anchor {
	uint64_t position; /* sample, gaps included */
	int64_t ns;	   /* its time */
};

struct timeline {
	double rate;	      /* Hz, nominal: for samples before the first and after the newest */
	unsigned int head, n; /* the ring of anchors; head is the oldest */
	struct timeline_anchor anchors[TIMELINE_ANCHORS];
	struct timeline_anchor newest;
};

void timeline_reset(struct timeline *t, double rate);

/* Positions and times rise; what goes back is ignored. */
void timeline_add(struct timeline *t, uint64_t position, int64_t ns);

/* Time of a sample in ns; 0 as long as nothing was added. */
int64_t timeline_at(const struct timeline *t, uint64_t position);
