/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "internal.h"

/*
 * Which channels can be used. What is wrong with a channel is seen in its raw
 * samples before the filters, so that the filters never see it.
 */

static void channel_emit(struct detector *d, unsigned int c, uint64_t since,
			 enum artefact_cause cause, bool open)
{
	struct detector_event e = {.kind = EVENT_ARTEFACT, .phase = PHASE_ENDED, .open = open};

	e.start = since;
	e.end = d->position;
	e.detected = d->position;
	e.cause = cause;
	e.channel = (int)c;
	e.side = d->site[c].side;
	detector_emit(d, &e);
}

static void channel_bad(struct detector *d, unsigned int c, enum artefact_cause cause)
{
	struct channel_health *q = &d->health[c];

	if (!q->bad) {
		q->bad = true;
		q->bad_since = d->frame.end - d->time.scans;
		q->cause = cause;
		burst_reset_channel(d, c);
	}
	q->settle = frames_of(&d->time, SETTLE_S);
	q->primed = false;
}

/* Looks at a channel's scans of this frame; mends what must not reach the filters. */
static void channel_check(struct detector *d, unsigned int c)
{
	struct channel_health *q = &d->health[c];
	unsigned int n = d->time.scans, missing = 0;
	float low = INFINITY, high = -INFINITY, sum = 0, clip = d->config.clip_uv[c];
	float *x = d->raw + c;

	if (!(d->unsettled_then & (1u << c)) && d->history.tick > d->history.first)
		q->last = history_low(&d->history, d->history.tick - 1)[c];

	for (unsigned int i = 0; i < n; i++, x += d->stride) {
		if (!(fabsf(*x) < 1e9f)) {
			missing++;
			*x = q->last;
			continue;
		}
		q->last = *x;
		low = f_min(low, *x);
		high = f_max(high, *x);
		sum += *x;
	}
	history_low(&d->history, d->history.tick)[c] =
		missing < n ? sum / (float)(n - missing) : q->last;

	q->flat = missing || low < high || low != q->last_flat ? 0 : q->flat + 1;
	q->last_flat = high;
	if (missing || (d->lead_off & (1u << c)) || q->flat * d->time.frame_s > FLAT_S)
		channel_bad(d, c, CAUSE_CONTACT);
	else if (clip > 0 && (high >= CLIP_SHARE * clip || low <= -CLIP_SHARE * clip))
		channel_bad(d, c, CAUSE_CLIPPING);
	else if (!q->primed) {
		q->primed = true;
		x = d->raw + c;
		filter_prime(&d->filter, c, x[0]);
		mains_reset_channel(&d->mains_state, &d->mains, c);
		q->settle = frames_of(&d->time, SETTLE_S);
	} else if (q->settle && !--q->settle && q->bad) {
		q->bad = false;
		channel_emit(d, c, q->bad_since, q->cause, false);
	}
}

/* Looks at those of @channels one by one; their scans may be mended in d->raw. */
void artefact_check(struct detector *d, uint32_t channels)
{
	if (d->scans != d->raw) {
		memcpy(d->raw, d->scans, d->time.scans * d->stride * sizeof(*d->raw));
		d->scans = d->raw;
	}
	for_each_channel(c, channels & d->all)
	{
		const struct channel_health *q = &d->health[c];

		channel_check(d, c);
		if (!q->primed || q->settle || q->bad || q->flat || !d->channel_burst[c].ready)
			d->unsettled |= 1u << c;
	}
}

/* After all channels of a frame: which of them take part? */
void artefact_settle(struct detector *d)
{
	d->usable = d->used & ~d->unsettled;
	for_each_channel(c, d->unsettled)
	{
		if (d->health[c].primed && !d->health[c].settle && d->channel_burst[c].ready)
			d->usable |= (1u << c) & d->used;
	}
	d->lead_off = 0;
}

/* The channel takes no part from here on, until nothing strange is seen any more. */
void artefact_mark(struct detector *d, unsigned int channel, enum artefact_cause cause)
{
	struct channel_health *q = &d->health[channel];

	if (!q->strange_since) {
		q->strange_since = d->frame.end - d->time.scans;
		q->strange = cause;
	}
	q->hold = frames_of(&d->time, ARTEFACT_HOLD_S);
	d->held |= 1u << channel;
}

/* Bits of those of four channels, from @c on, whose unfiltered signal has moved so far at all. */
static uint32_t four_displaced(const struct detector *d, unsigned int c)
{
	const struct history *h = &d->history;
	unsigned int n = frames_of(&d->time, DISPLACED_S),
		     lag = frames_of(&d->time, DISPLACED_LAG_S);
	v4f step = v4_set(0), least = v4_at(d->burst.noise, c) * 25 + DISPLACED_UV * DISPLACED_UV;

	if (h->tick < h->first + lag + n)
		return 0;
	for (unsigned int i = 0; i < n; i++) {
		step += v4_at(history_low(h, h->tick - i), c);
		step -= v4_at(history_low(h, h->tick - lag - i), c);
	}
	step *= 1.0f / (float)n;
	return v4_bits(step * step > least * 0.99f) << c;
}

/*
 * A displacement of the unfiltered signal whose power is so many times what is
 * seen in the band: muscles have little below 20 Hz, movement and electrodes have little else.
 */
bool artefact_displaced(const struct detector *d, unsigned int channel, float ratio)
{
	const struct history *h = &d->history;
	unsigned int n = frames_of(&d->time, DISPLACED_S),
		     lag = frames_of(&d->time, DISPLACED_LAG_S);
	float now = 0, then = 0, energy = 0, noise = burst_noise(d, channel), step;

	if (h->tick < h->first + lag + n)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		now += history_low(h, h->tick - i)[channel];
		then += history_low(h, h->tick - lag - i)[channel];
		/* a burst that is over, or has just begun, has its own slow part */
		energy += f_max(history_energy(h, h->tick - i)[channel],
				history_energy(h, h->tick - lag - i)[channel]);
	}
	step = (now - then) / (float)n;
	return step * step > ratio * energy / (float)n &&
	       step * step > 25 * noise + DISPLACED_UV * DISPLACED_UV;
}

/* A pop is there at once; what is moved takes its time. */
static enum artefact_cause displaced_cause(const struct detector *d, unsigned int channel)
{
	const struct history *h = &d->history;
	unsigned int n = frames_of(&d->time, DISPLACED_S + DISPLACED_LAG_S);
	float low = INFINITY, high = -INFINITY, jump = 0;

	for (unsigned int i = 0; i < n; i++) {
		float x = history_low(h, h->tick - i)[channel];

		low = f_min(low, x);
		high = f_max(high, x);
		jump = f_max(jump, fabsf(x - history_low(h, h->tick - i - 2)[channel]));
	}
	return jump > POP_SHARE * (high - low) ? CAUSE_POP : CAUSE_MOTION;
}

/*
 * The same for a step at @onset, of which the band has seen only the edge: its
 * first frames lie together on one side of what was, those of a muscle around it.
 */
bool artefact_displaced_since(const struct detector *d, unsigned int channel, uint64_t onset)
{
	const struct history *h = &d->history;
	unsigned int most = frames_of(&d->time, DISPLACED_S),
		     n = (unsigned int)(h->tick - onset) + 1;
	float before = 0, step = 0, energy = 0, scale;

	n = n < most ? n : most;
	if (onset < h->first + n + 2)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		before += history_low(h, onset - 2 - i)[channel];
		step += history_low(h, onset + i)[channel];
		energy += history_energy(h, onset + i)[channel];
	}
	scale = 1.0f / (float)n;
	step = (step - before) * scale;
	return step * step > DISPLACED_NEW * energy * scale &&
	       step * step > 25 * burst_noise(d, channel) + EDGE_UV * EDGE_UV;
}

/*
 * A pop that is over within some ms leaves no displacement behind: its first
 * frames lie on one side of what was; a muscle swings to both.
 */
bool artefact_is_pulse(const struct detector *d, unsigned int channel, uint64_t onset)
{
	const struct history *h = &d->history;
	unsigned int n = frames_of(&d->time, PULSE_S);
	float before = 0, above = 0, below = 0, energy = 0;

	if (onset < h->first + 2 + PULSE_BEFORE || onset + n > h->tick)
		return false;
	for (unsigned int i = 0; i < PULSE_BEFORE; i++)
		before += history_low(h, onset - 2 - i)[channel] / PULSE_BEFORE;
	for (uint64_t t = onset - 1; t < onset + n; t++) {
		float x = history_low(h, t)[channel] - before;

		*(x > 0 ? &above : &below) += x * x;
		energy += history_energy(h, t)[channel];
	}
	return f_min(above, below) < PULSE_OTHER * f_max(above, below) &&
	       f_max(above, below) > PULSE_SHARE * energy;
}

/* Largest share of a channel's frames from @from on that one sine of 50 or of 60 Hz explains. */
float artefact_hum(const struct detector *d, unsigned int channel, uint64_t from,
		   unsigned int n_frames)
{
	const struct history *h = &d->history;
	float best = 0, power = 1e-9f;

	for (unsigned int family = 0; family < 2; family++) {
		float hz = family ? 60 : 50, cc = 0, ss = 0, cs = 0, xc = 0, xs = 0, det;
		float w = (float)(2 * M_PI * hz / d->time.inner_rate), p = 0;

		power = 1e-9f;
		for (uint64_t t = from; t < from + n_frames; t++) {
			const float *x = history_samples(h, t) + channel;

			for (unsigned int i = 0; i < h->frame; i++, x += h->stride, p += w) {
				float c = cosf(p), s = sinf(p);

				cc += c * c;
				ss += s * s;
				cs += c * s;
				xc += *x * c;
				xs += *x * s;
				power += *x * *x;
			}
		}
		det = cc * ss - cs * cs;
		best = f_max(best, (xc * xc * ss - 2 * xc * xs * cs + xs * xs * cc) / det);
	}
	return best / power;
}

/* After the filters: what looks like activity and is none. */
void artefact_judge(struct detector *d)
{
	uint32_t look = d->held;
	bool due = d->history.tick % DISPLACED_EVERY == 0;

	for (unsigned int c = 0; due && d->loud && c < d->n; c += LANES)
		look |= d->loud & four_displaced(d, c);
	for_each_channel(c, look & d->usable)
	{
		struct channel_health *q = &d->health[c];
		uint32_t bit = 1u << c;

		if (artefact_displaced(d, c, DISPLACED_RATIO))
			artefact_mark(d, c, displaced_cause(d, c));
		if (!q->hold)
			continue;
		d->usable &= ~bit;
		q->loud |= q->strange == CAUSE_CONTACT || q->strange == CAUSE_MAINS;
		if (q->loud && burst_fast(d, c) > 4 * burst_noise(d, c))
			continue;
		q->loud = false;
		if (!--q->hold) {
			d->held &= ~bit;
			channel_emit(d, c, q->strange_since, q->strange, false);
			q->strange_since = 0;
		}
	}
}

void artefact_reset(struct detector *d)
{
	for (unsigned int c = 0; c < d->n; c++)
		d->health[c].primed = false;
	d->unsettled = d->all;
}

void artefact_finish(struct detector *d)
{
	for (unsigned int c = 0; c < d->n; c++) {
		if (d->health[c].bad)
			channel_emit(d, c, d->health[c].bad_since, d->health[c].cause, true);
		if (d->health[c].strange_since)
			channel_emit(d, c, d->health[c].strange_since, d->health[c].strange, true);
	}
}
