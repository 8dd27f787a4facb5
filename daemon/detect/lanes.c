/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * What is done to all channels in every frame, as many side by side as the
 * processor has lanes. lanes-eight.c compiles it a second time.
 */

#ifndef LANES_TABLE
#define LANES_TABLE lanes_four
#endif
#define LANES_MASK ((1u << VF_LANES) - 1)

/* Bits of those channels from @c on whose scans have anything to be looked at. */
static always_inline uint32_t scans_check(const struct detector *d, unsigned int c, float *low,
					  const unsigned int n)
{
	const float *x = d->scans + c;
	vf least = *(const vf_loose *)x, most = least, sum = least;
	vi fine;

#pragma GCC unroll 4
	for (unsigned int i = 1; i < n; i++) {
		vf y = *(const vf_loose *)(x += d->stride);

		least = vf_min(least, y);
		most = vf_max(most, y);
		sum += y;
	}
	vf_at(low, c) = sum * (1.0f / (float)n);
	/* a sum that is a number, some change, and within the converter's range */
	fine = (vf_abs(sum) < 1e9f) & (least != most) & (vf_max(most, -least) < vf_at(d->clip, c));
	return vf_bits(fine) ^ LANES_MASK;
}

/* Largest magnitude and sum of squares in the EMG band: only activity needs them. */
static always_inline void band_measure(struct frame *f, unsigned int c, const vf *y,
				       const unsigned int n)
{
	vf power = vf_set(0), high = y[0], low = y[0];

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++) {
		power += y[i] * y[i];
		high = vf_max(high, y[i]);
		low = vf_min(low, y[i]);
	}
	vf_at(f->power, c) = power * (1.0f / (float)n);
	vf_at(f->peak, c) = vf_max(high, -low);
}

/* Filters the channels from @c on; their samples of the detection band go to @samples. */
static always_inline vf scans_filter(struct detector *d, unsigned int c, float *samples,
				     const unsigned int n, const bool plain)
{
	const struct filter_design *f = &d->design;
	vf y[MAINS_FRAME_MAX];

	y[0] = vf_set(0); /* no frame is empty, which compilers can't see */
	if (plain)
		filter_highpass(f, &d->filter, c, d->scans, d->stride, y, n);
	else
		filter_band(f, &d->filter, c, d->scans, d->stride, y, n, d->time.decimate);
	mains_remove(&d->mains, &d->mains_state, c, y, n);
	if (d->episode.open || d->active)
		band_measure(&d->frame, c, y, n);
	return filter_detection(f, &d->filter, c, y, samples, d->stride, n, plain || f->has_det);
}

static always_inline void frame_filter(struct detector *d, const unsigned int n, const bool plain)
{
	float *samples = d->history.now.samples;
	float *energy = d->history.now.energy, *low = d->history.now.low;
	uint32_t look = d->unsettled | d->lead_off;

	d->unsettled_then = d->unsettled;
	d->unsettled = 0;
	for (unsigned int c = 0; c < d->n; c += VF_LANES) {
		uint32_t odd = scans_check(d, c, low, plain ? n : d->time.scans);

		odd |= look >> c & LANES_MASK;
		if (odd)
			artefact_check(d, odd << c);
		vf_at(energy, c) = scans_filter(d, c, samples, n, plain) * (1.0f / (float)n);
	}
}

/* At 1 kHz without loops over its samples. */
static void signal_run(struct detector *d)
{
	if (d->plain)
		frame_filter(d, 4, true);
	else
		frame_filter(d, d->time.frame, false);
}

/* Sums over @n samples of products of the channels from @a on with those from @b on. */
static always_inline void tile_sum(const float *a, const float *b, size_t apart, unsigned int n,
				   vf sum[VF_LANES])
{
	vf part[VF_LANES] = {0};

	for (; n; n--, a += apart, b += apart) {
#pragma GCC unroll 8
		for (unsigned int i = 0; i < VF_LANES; i++)
			part[i] += a[i] * *(const vf *)b;
	}
#pragma GCC unroll 8
	for (unsigned int i = 0; i < VF_LANES; i++)
		sum[i] += part[i];
}

static always_inline void tile_run(const struct product_span *p, unsigned int ca, unsigned int cb,
				   float keep, struct products *to)
{
	vf sum[VF_LANES] = {0};

	tile_sum(p->part[0] + ca, p->part[0] + cb, p->apart, p->n[0], sum);
	if (p->n[1])
		tile_sum(p->part[1] + ca, p->part[1] + cb, p->apart, p->n[1], sum);
#pragma GCC unroll 8
	for (unsigned int i = 0; i < VF_LANES; i++) {
		vf *row = &vf_at(to->of[ca + i], cb);

		*row = *row * keep + sum[i] * p->scale;
		if (ca == cb)
			to->power[ca + i] = (*row)[i];
	}
}

static void products_run(const struct product_span *p, uint32_t channels, float keep,
			 struct products *to)
{
	for (unsigned int ca = 0; ca < MONTAGE_MAX && channels >> ca; ca += VF_LANES) {
		if (!(channels >> ca & LANES_MASK))
			continue;
		for (unsigned int cb = 0; cb < MONTAGE_MAX && channels >> cb; cb += VF_LANES) {
			if (channels >> cb & LANES_MASK)
				tile_run(p, ca, cb, keep, to);
		}
	}
}

static void sources_run(const struct products *p, unsigned int n, uint32_t *ret)
{
	for (unsigned int c = 0; c < n; c++)
		ret[c] = 0;
	for (unsigned int g = 0; g < n; g += VF_LANES) {
		vf power = vf_at(p->power, g), least = CROSSTALK_LEAST * power;
		vf most = CROSSTALK_MAX * CROSSTALK_MAX * power * power;

		for (unsigned int c = 0; c < n; c++) {
			vf own = vf_set(p->power[c]), with = vf_at(p->of[c], g);
			vf squared = with * with;
			vi fine = (power > own) & (squared > least * own) & (squared < most);

			ret[c] |= vf_bits(fine) << g;
		}
	}
}

/*
 * What of the channels' power is no cross-talk, and what of that the other side
 * does not explain either. What hardly stands out of the noise needs no taking apart.
 */
static void excess_run(struct detector *d, const float *own, uint32_t loud)
{
	struct face *f = &d->face;
	_Alignas(32) float over[MONTAGE_MAX], there[MONTAGE_MAX];
	float scale = 1 / f->product_frames;

	for (unsigned int c = 0; c < d->n; c += VF_LANES) {
		vf noise = vf_at(d->burst.noise, c), fast = vf_at(d->burst.fast, c);
		vf power = vf_select(vf_mask(loud >> c), vf_at(own, c) * scale, fast);
		vi usable = vf_mask(d->usable >> c);

		vf_at(over, c) = vf_keep(usable, vf_max(power - noise * 1.5f, vf_set(0)));
		vf_at(f->own, c) = vf_keep(usable, power - noise);
		vf_at(there, c) = vf_set(0);
	}
	for (unsigned int c = 0; c < d->n; c++) {
		float most = 0;

		for_each_channel(o, d->site[c].opposite) most = f_max(most, over[o]);
		there[c] = f->ratio[c].likely * most;
	}
	for (unsigned int c = 0; c < d->n; c += VF_LANES) {
		vf explained = vf_keep(vf_mask(d->usable >> c), vf_at(there, c));
		vf excess = vf_at(f->own, c) - explained;

		vf_at(f->explained, c) = explained;
		vf_at(f->excess, c) = excess;
		vf_at(f->over_noise, c) = vf_max(excess / vf_at(d->burst.noise, c) - 1, vf_set(0));
	}
}

static uint32_t movement_measure(struct detector *d, uint32_t channels)
{
	struct movement *m = &d->movement;
	uint32_t lasting = 0;

	for (unsigned int c = 0; c < d->n; c += VF_LANES) {
		vf noise = vf_at(d->burst.noise, c), fast = vf_at(d->burst.fast, c);
		vi now = vf_mask(channels >> c) & (vi_at(d->burst.hang, c) == 0);
		vf peak = vf_keep(now, vf_at(d->frame.peak, c));

		lasting |= vf_bits(now) << c;
		vf_at(m->sum, c) += vf_keep(now, fast - noise);
		vf_at(m->peak, c) = vf_max(vf_at(m->peak, c), peak);
		vf_at(m->over_noise, c) =
			vf_max(vf_at(m->over_noise, c), vf_keep(now, fast / noise));
	}
	return lasting;
}

/* Likelihoods of envelopes, a lane for each, at the level that suits it best. */
static always_inline vf envelope_fit(const float power[][SHAPE_LANES], unsigned int c,
				     const float *energy, unsigned int n, float base)
{
	vf shape = vf_set(0), level, nats = vf_set(0), product = vf_set(1);
	float over = 0;

	for (unsigned int k = 0; k < n; k++) {
		over += energy[k] - base;
		shape += vf_at(power[k], c);
	}
	level = vf_max(over / (shape + 1e-6f), vf_set(0.2f * base));
	for (unsigned int k = 0; k < n; k++) {
		vf v = base + level * vf_max(vf_at(power[k], c), vf_set(ABRUPT_FLOOR));

		/* one logarithm for several factors: the ratio is 1e4 at most */
		product *= v / base;
		if (k % 8 == 7) {
			nats -= vf_log(product);
			product = vf_set(1);
		}
		nats -= energy[k] / v;
	}
	return nats - vf_log(product);
}

static void envelopes_run(const float power[][SHAPE_LANES], const float *energy, unsigned int n,
			  float base, float scale, float *nats)
{
	for (unsigned int c = 0; c < ONSET_SHAPES; c += VF_LANES)
		vf_at(nats, c) += envelope_fit(power, c, energy, n, base) * scale;
}

static always_inline void sums_run(struct burst_state *s, const struct burst_tuning *t,
				   unsigned int c, vf e)
{
	vf x = e / vf_at(s->noise, c), zero = vf_set(0), cap = vf_of(&t->cap);
	vf strong = vf_at(s->strong, c) + (x * vf_of(&t->strong_gain) - vf_of(&t->strong_loss));
	vf weak = vf_at(s->weak, c) + (x * vf_of(&t->weak_gain) - vf_of(&t->weak_loss));

	vf_at(s->fast, c) += vf_of(&t->quick) * (e - vf_at(s->fast, c));
	vf_at(s->background, c) += vf_of(&t->slow) * (e - vf_at(s->background, c));
	vf_at(s->block, c) += e;
	vf_at(s->strong, c) = vf_max(zero, vf_min(cap, strong));
	vf_at(s->weak, c) = vf_max(zero, vf_min(cap, weak));
}

static always_inline void active_run(struct burst_state *s, const struct burst_tuning *t,
				     unsigned int c, struct burst_change *change)
{
	vf fast = vf_at(s->fast, c), noise = vf_at(s->noise, c);
	vf level = vf_max(fast, vf_at(s->level, c) * 0.995f);
	vi below = fast <= vf_max(BURST_OFF_RATIO * noise, BURST_OFF_SHARE * level);
	vi hang = (vi_at(s->hang, c) + 1) & below, refractory = vi_at(s->refractory, c);
	vi surged = (fast > SURGE_RATIO * vf_at(s->background, c)) & (fast > 6 * noise);

	vf_at(s->level, c) = level;
	vi_at(s->hang, c) = hang;
	vi_at(s->refractory, c) = refractory + (refractory > 0);
	change->ended |= vf_bits(hang > t->hang) << c;
	change->surged |= vf_bits(surged & (refractory <= 1)) << c;
}

static struct burst_change bursts_run(struct burst_state *s, const struct burst_tuning *t,
				      const float *energy, unsigned int n, uint32_t active)
{
	struct burst_change change = {0};

	for (unsigned int c = 0; c < n; c += VF_LANES) {
		vf sum;

		sums_run(s, t, c, vf_at(energy, c));
		sum = vf_max(vf_at(s->strong, c), vf_at(s->weak, c));
		change.over |= vf_bits(sum >= vf_of(&t->on)) << c;
		change.loud |= vf_bits(vf_at(s->fast, c) > LOUD_RATIO * vf_at(s->noise, c)) << c;
		if (active >> c & LANES_MASK)
			active_run(s, t, c, &change);
	}
	return change;
}

const struct lanes LANES_TABLE = {
	.signal = signal_run,
	.products = products_run,
	.sources = sources_run,
	.excess = excess_run,
	.movement = movement_measure,
	.envelopes = envelopes_run,
	.bursts = bursts_run,
};
