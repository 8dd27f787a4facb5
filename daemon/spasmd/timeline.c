/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "timeline.h"

#define NS_PER_S 1e9

void timeline_reset(struct timeline *t, double rate)
{
	t->rate = rate;
	t->head = t->n = 0;
	t->newest = (struct timeline_anchor){0};
}

static const struct timeline_anchor *anchor_at(const struct timeline *t, unsigned int i)
{
	return &t->anchors[(t->head + i) % TIMELINE_ANCHORS];
}

void timeline_add(struct timeline *t, uint64_t position, int64_t ns)
{
	const struct timeline_anchor *last = t->n ? anchor_at(t, t->n - 1) : NULL;
	struct timeline_anchor a = {.position = position, .ns = ns};

	if (last && (position <= t->newest.position || ns <= t->newest.ns))
		return;
	t->newest = a;
	if (last && (double)(position - last->position) < t->rate / 10)
		return;
	if (t->n == TIMELINE_ANCHORS)
		t->head = (t->head + 1) % TIMELINE_ANCHORS;
	else
		t->n++;
	t->anchors[(t->head + t->n - 1) % TIMELINE_ANCHORS] = a;
}

/* From one anchor on at the nominal rate. */
static int64_t extrapolate(const struct timeline *t, const struct timeline_anchor *a,
			   uint64_t position)
{
	double samples = (double)position - (double)a->position;

	return a->ns + llrint(samples * NS_PER_S / t->rate);
}

static int64_t interpolate(const struct timeline_anchor *a, const struct timeline_anchor *b,
			   uint64_t position)
{
	double share = (double)(position - a->position) / (double)(b->position - a->position);

	return a->ns + llrint(share * (double)(b->ns - a->ns));
}

int64_t timeline_at(const struct timeline *t, uint64_t position)
{
	unsigned int low = 0, high = t->n, mid;

	if (t->n == 0)
		return 0;
	if (position >= t->newest.position)
		return extrapolate(t, &t->newest, position);
	if (position <= anchor_at(t, 0)->position)
		return extrapolate(t, anchor_at(t, 0), position);

	/* The last anchor at or before the position. */
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (anchor_at(t, mid)->position <= position)
			low = mid;
		else
			high = mid;
	}
	return interpolate(anchor_at(t, low), low + 1 < t->n ? anchor_at(t, low + 1) : &t->newest,
			   position);
}
