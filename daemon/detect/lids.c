/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * Blinks that no muscle shows: where electrodes are far apart, or on the forehead,
 * the lids' movement over the eyeballs is all that is seen of them, a slow wave,
 * there and back, alike on both sides and nowhere else. A glance stays where it
 * went, and what moves an electrode moves one side, or the mouth as well.
 */

/* Mean of the unfiltered samples of four channels over 50 ms up to @tick: little mains is left. */
static v4f lids_level(const struct detector *d, unsigned int c, uint64_t tick)
{
	unsigned int n = frames_of(&d->time, LIDS_MEAN_S);
	v4f sum = v4_set(0);

	for (unsigned int i = 0; i < n; i++)
		sum += v4_at(history_low(&d->history, tick - i), c);
	return sum * (1.0f / (float)n);
}

static float lid_level(const struct detector *d, unsigned int channel, uint64_t tick)
{
	return lids_level(d, channel & ~(LANES - 1u), tick)[channel % LANES];
}

/* A quick look, of single frames: on both sides something has moved at all. */
static bool lids_may_have_moved(const struct detector *d, uint64_t lag)
{
	float *before = history_low(&d->history, d->history.tick - lag);
	uint32_t moved = 0;

	for (unsigned int c = 0; c < d->n; c += LANES) {
		v4f step = v4_at(d->history.now.low, c) - v4_at(before, c);

		moved |= v4_bits(v4_abs(step) > LIDS_UV / 2) << c;
	}
	moved &= d->lids.eyes;
	return (moved & d->on_side[OEH_SIDE_LEFT]) && (moved & d->on_side[OEH_SIDE_RIGHT]);
}

/* Channels that have moved up, or down, within the last 100 ms: whole periods of mains. */
static void lids_moved(const struct detector *d, uint64_t lag, uint32_t *up, uint32_t *down)
{
	uint64_t tick = d->history.tick;

	for (unsigned int c = 0; c < d->n; c += LANES) {
		v4f step = lids_level(d, c, tick) - lids_level(d, c, tick - lag);

		*up |= v4_bits(step > LIDS_UV) << c;
		*down |= v4_bits(step < -LIDS_UV) << c;
	}
}

static void lids_open(struct detector *d, uint64_t lag, uint32_t moved)
{
	struct lids *l = &d->lids;
	const uint32_t eyes[3] = {0, moved & l->eyes & d->on_side[OEH_SIDE_LEFT],
				  moved & l->eyes & d->on_side[OEH_SIDE_RIGHT]};

	if (!eyes[OEH_SIDE_LEFT] || !eyes[OEH_SIDE_RIGHT] || (moved & d->used & ~l->eyes))
		return;
	l->open = true;
	l->since = d->history.tick - lag;
	l->start = d->frame.end - lag * d->time.scans;
	l->start = l->start > l->end ? l->start : l->end;
	for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		l->channel[side] = (unsigned int)__builtin_ctz(eyes[side]);
		l->base[side] = lid_level(d, l->channel[side], l->since);
		l->most[side] = 0;
	}
}

/* True when both sides are on their way back. */
static bool lids_return(const struct detector *d, struct lids *l)
{
	bool back = true;

	for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		float away = lid_level(d, l->channel[side], d->history.tick) - l->base[side];

		away = fabsf(away);
		l->most[side] = f_max(l->most[side], away);
		back &= away < LIDS_BACK * l->most[side];
	}
	return back;
}

void lids_run(struct detector *d)
{
	struct lids *l = &d->lids;
	struct detector_event e = {.kind = EVENT_BLINK, .phase = PHASE_ENDED, .channel = -1};
	uint64_t lag = frames_of(&d->time, LIDS_LAG_S), tick = d->history.tick;
	uint32_t up = 0, down = 0;

	if (tick < d->history.first + 2 * lag)
		return;
	if (!l->open) {
		if (lids_may_have_moved(d, lag))
			lids_moved(d, lag, &up, &down);
		/* the way back of the last one is none of its own */
		l->returning &= (up | down) != 0;
		if (l->returning)
			return;
		if (up && !down)
			lids_open(d, lag, up);
		else if (down && !up)
			lids_open(d, lag, down);
		return;
	}
	/* where muscles are seen, they tell what it was */
	if (movement_is_clear(&d->movement) || d->episode.open || (d->unsettled & l->eyes) ||
	    (double)(tick - l->since) * d->time.frame_s > BLINK_MOST_S) {
		l->open = false;
	} else if (lids_return(d, l)) {
		l->open = false;
		l->returning = true;
		e.start = l->start;
		e.end = e.detected = l->end = d->frame.end;
		detector_emit(d, &e);
	}
}

void lids_init(struct detector *d)
{
	for_each_channel(c, d->used)
	{
		if (d->site[c].region == REGION_EYE)
			d->lids.eyes |= 1u << c;
	}
}
