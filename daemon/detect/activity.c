/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * Without a montage: bursts of each channel, told when they are over. A burst
 * that grows is not known by its first moments, so where it began is found
 * again when its strength is known; much more of it at once is another one.
 */

static void activity_emit(struct detector *d, unsigned int c, bool open)
{
	struct activity *a = &d->activity[c];
	struct detector_event e = {.kind = EVENT_BURST, .phase = PHASE_ENDED, .open = open};

	a->open = false;
	e.start = a->start;
	e.end = a->last > a->start ? a->last : d->frame.end;
	e.detected = d->frame.end;
	e.channel = (int)c;
	detector_emit(d, &e);
}

/* Mean power of a channel shortly before @onset, at least its noise. */
static float power_before(const struct detector *d, unsigned int c, uint64_t onset)
{
	const struct history *h = &d->history;
	uint64_t span = frames_of(&d->time, RISE_BASE_FROM_S);
	uint64_t skip = frames_of(&d->time, RISE_BASE_TO_S), n = 0;
	float sum = 0;

	for (uint64_t t = onset > h->first + span ? onset - span : h->first; t + skip < onset;
	     t++, n++)
		sum += history_energy(h, t)[c];
	return f_max(n ? sum / (float)n : 0, burst_noise(d, c));
}

static void activity_open(struct detector *d, unsigned int c)
{
	struct activity *a = &d->activity[c];

	a->open = true;
	a->onset = d->channel_burst[c].onset;
	a->start = d->frame.end - (d->history.tick - a->onset + 1) * d->time.scans;
	a->unsure = frames_of(&d->time, ACTIVITY_UNSURE_S);
	a->base = power_before(d, c, a->onset);
}

/* The start that is likeliest with the level that it has come to. */
static void activity_settle(struct detector *d, unsigned int c)
{
	struct activity *a = &d->activity[c];
	float base[MONTAGE_MAX] = {0}, level[MONTAGE_MAX] = {0};

	base[c] = a->base;
	level[c] = d->burst.level[c];
	a->start = onset_refine(d, 1u << c, a->onset, base, level, NULL);
}

static void activity_follow(struct detector *d, unsigned int c)
{
	struct activity *a = &d->activity[c];
	uint32_t bit = 1u << c;
	uint64_t pause = (uint64_t)(ACTIVITY_PAUSE_S * d->time.rate);
	bool more = (d->surged & bit) && d->burst.fast[c] > ACTIVITY_MORE * d->burst.background[c];

	if (a->open && more && !a->unsure)
		activity_emit(d, c, false);
	if (!a->open && (d->began & bit))
		activity_open(d, c);
	if (!a->open)
		return;
	if ((d->active & bit) && !burst_hang(d, c))
		a->last = d->frame.end;
	if (a->unsure && !--a->unsure)
		activity_settle(d, c);
	if (!(d->active & bit) && d->frame.end - a->last > pause)
		activity_emit(d, c, false);
}

void activity_run(struct detector *d)
{
	for_each_channel(c, d->all) activity_follow(d, c);
}

void activity_finish(struct detector *d)
{
	for_each_channel(c, d->all)
	{
		if (d->activity[c].open)
			activity_emit(d, c, true);
	}
}
