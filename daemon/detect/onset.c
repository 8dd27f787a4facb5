/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * How a rise began: at once, as the fibres of a spasm fire together, or built
 * up, as what is meant is. Envelopes of both kinds are compared over all
 * channels that rose.
 */

/* How a rise may begin: amplitude from @from to 1 of its level within @length. */
struct onset_shape {
	float from, length; /* s */
	bool ramp;	    /* built up, not at once: was begun before it was seen */
};

static const struct onset_shape shapes[ONSET_SHAPES] = {
	{1.0f, 0.000f, false}, {0.0f, 0.010f, false}, {0.7f, 0.040f, false}, {0.2f, 0.030f, true},
	{0.1f, 0.055f, true},  {0.4f, 0.055f, true},  {0.1f, 0.090f, true},  {0.4f, 0.090f, true},
	{0.1f, 0.150f, true},  {0.4f, 0.150f, true},
};

/* Power of the envelope @k frames after the onset, which is the shape's middle. */
static float envelope(const struct onset_shape *shape, float frame_s, int k)
{
	float t = ((float)k + 0.5f) * frame_s, u;

	if (shape->ramp) {
		u = shape->from + t / shape->length;
	} else if (shape->from > 0) {
		u = t > 0 ? shape->from + (1 - shape->from) * t / (shape->length + frame_s) : 0;
	} else {
		u = (t + 0.4f * shape->length) / shape->length;
	}
	u = f_min(f_max(u, 0), 1);
	return u * u;
}

void onset_init(struct detector *d)
{
	struct face *f = &d->face;
	int before = (int)frames_of(&d->time, ABRUPT_BEFORE_S);

	f->envelope_before = before;
	for (int k = 0; k < ONSET_FRAMES_MAX; k++) {
		for (unsigned int i = 0; i < ONSET_SHAPES; i++)
			f->envelope[k][i] = envelope(&shapes[i], d->time.frame_s, k - before);
	}
}

/* Frames from the onset until what rose is over; no more than are there. */
static int rise_length(const struct detector *d, const struct rise *r, uint32_t own)
{
	int after = (int)frames_of(&d->time, ABRUPT_AFTER_S);

	after = after < (int)r->n ? after : (int)r->n;
	for (; after > 2; after--) {
		const float *e = history_energy(&d->history, r->onset + (uint64_t)after - 1);
		float over = 0, mean = 0;

		for_each_channel(c, own)
		{
			over += e[c] - r->base[c];
			mean += r->sum[c] / (float)r->n - r->base[c];
		}
		if (over > 0.3f * mean)
			break;
	}
	return after;
}

/* The frame, near the common onset, at which this channel most likely rose. */
static uint64_t channel_onset(const struct detector *d, const struct rise *r, unsigned int c,
			      float base)
{
	const struct history *h = &d->history;
	uint64_t reach = frames_of(&d->time, SYNC_S), first = r->onset, last = r->onset + reach;
	float level = f_max(r->sum[c] / (float)r->n, 2 * base), sum = 0, best = -INFINITY;
	float up = 1 / base - 1 / level, cost = logf(level / base);
	uint64_t at = r->onset;

	first = first > h->first + reach ? first - reach : h->first;
	last = last < h->tick ? last : h->tick;
	for (uint64_t t = last + 1; t-- > first;) {
		sum += history_energy(h, t)[c] * up - cost;
		if (sum > best) {
			best = sum;
			at = t;
		}
	}
	return at;
}

/* Nats for each shape of onset in channel @c, added to @nats. */
static void shapes_nats(const struct detector *d, const struct rise *r, unsigned int c, int after,
			float *nats)
{
	const struct history *h = &d->history;
	float base = r->base[c], energy[ONSET_FRAMES_MAX];
	int before = (int)frames_of(&d->time, ABRUPT_BEFORE_S), n;
	uint64_t onset;

	if (base < FRESH_RATIO * burst_noise(d, c))
		base = burst_noise(d, c);
	onset = channel_onset(d, r, c, base);
	if (onset < h->first + (uint64_t)before)
		before = (int)(onset - h->first);
	after -= (int)((int64_t)onset - (int64_t)r->onset);
	after = after < 1 ? 1 : after;
	if (onset + (uint64_t)after > h->tick + 1)
		after = (int)(h->tick + 1 - onset);
	n = before + after < ONSET_FRAMES_MAX ? before + after : ONSET_FRAMES_MAX;
	for (int k = 0; k < n; k++)
		energy[k] = history_energy(h, onset - (uint64_t)before + (uint64_t)k)[c];
	d->lanes->envelopes(&d->face.envelope[d->face.envelope_before - before], energy,
			    (unsigned int)n, base, d->time.dof / 2, nats);
}

/* Nats for "began at once" against "was built up", over all channels in common. */
float abrupt_nats(const struct detector *d, const struct rise *r, uint32_t own)
{
	_Alignas(32) float nats[SHAPE_LANES] = {0};
	float best[2] = {-INFINITY, -INFINITY};
	int after = rise_length(d, r, own);

	for_each_channel(c, own) shapes_nats(d, r, c, after, nats);
	for (unsigned int i = 0; i < ONSET_SHAPES; i++)
		best[shapes[i].ramp] = f_max(best[shapes[i].ramp], nats[i]);
	return f_min(f_max(best[0] - best[1], -ABRUPT_CAP), ABRUPT_CAP);
}
