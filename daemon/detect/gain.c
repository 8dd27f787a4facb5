/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * How strong a muscle is beside its counterpart. Healthy faces are uneven, and
 * after toxin or a palsy one side has a third of its strength; what a movement
 * at will does to the other side is known only as well as this face is known.
 * The logarithm of the ratio of amplitudes is what all of one side has in
 * common plus what each muscle has of its own, both learnt from movements.
 */

/* Steps, in standard deviations, at which what is not known is tried out. */
static const float shared_z[GAIN_STEPS] = {0, 0.8f, 1.6f, 2.4f, 3.2f};
static const v4f own_z = {0, 0.9f, 1.8f, 2.7f};

/* Variance of the next movement's ratio about the mean. */
static float gain_spread(const struct gain *g)
{
	const float usual = GAIN_SPREAD_SD * GAIN_SPREAD_SD;

	return (GAIN_SPREAD_WEIGHT * usual + g->spread) / (GAIN_SPREAD_WEIGHT + g->weight);
}

/* What is known of a channel's ratio to the other side: mean, and two deviations. */
static void ratio_update(struct detector *d, unsigned int c)
{
	const struct gain *g = &d->face.gain[c], *s = &d->face.shared;
	struct gain_ratio *to = &d->face.ratio[c];
	const float event_v = GAIN_EVENT_SD * GAIN_EVENT_SD;
	float sign = d->site[c].side == OEH_SIDE_LEFT ? 1 : -1;
	float shared_v = 1 / (1 / (GAIN_SHARED_SD * GAIN_SHARED_SD) + s->weight / event_v);
	float shared_m = sign * s->mean * s->weight / event_v * shared_v;
	float prior_v = shared_v + GAIN_OWN_SD * GAIN_OWN_SD;
	float v = 1 / (1 / prior_v + g->weight / event_v);
	float mean = v * (shared_m / prior_v + g->mean * g->weight / event_v);
	float of_shared = sqrtf(shared_v) * v / prior_v, spread = gain_spread(g);
	float of_own = sqrtf(v - of_shared * of_shared + spread);

	for (unsigned int i = 0; i < GAIN_STEPS; i++)
		to->shared[i] = expf(-2 * (mean + shared_z[i] * of_shared));
	for (unsigned int i = 0; i < LANES; i++)
		to->own[i] = expf(-2 * own_z[i] * of_own);
	to->likely = expf(2 * (mean + GAIN_LIKELY * sqrtf(v + spread)));
}

void gain_update(struct detector *d)
{
	for_each_channel(c, d->used) ratio_update(d, c);
}

static void gain_add(struct gain *g, float x)
{
	float off = x - g->mean, n = g->weight + 1;

	g->mean += off / n;
	/* the first one tells nothing of how they differ */
	if (g->weight > 0)
		g->spread += off * off * (n - 1) / n;
	g->weight = n;
	if (n > GAIN_MEMORY) {
		g->spread *= GAIN_MEMORY / n;
		g->weight = GAIN_MEMORY;
	}
}

/* A muscle and its counterpart in a movement that is over; powers beyond noise. */
struct pair {
	float here, there, noise;
};

static struct pair pair_of(const struct detector *d, unsigned int c, const float *own, float scale)
{
	struct pair p = {.here = own[c] * scale, .noise = burst_noise(d, c)};

	for_each_channel(o, d->site[c].opposite & d->usable)
	{
		p.there = f_max(p.there, own[o] * scale);
		p.noise = f_max(p.noise, burst_noise(d, o));
	}
	return p;
}

static bool pair_is_clear(const struct pair *p)
{
	return f_max(p->here, p->there) >= GAIN_CLEAR * p->noise;
}

static bool pair_is_seen(const struct pair *p)
{
	return f_min(p->here, p->there) >= GAIN_SEEN * p->noise;
}

/*
 * A movement teaches how strong the sides are. @own: sum of powers over noise.
 * A muscle that is not seen moved too, where another one shows that both sides
 * did; how weak it is at least is learnt of it.
 */
void gain_learn(struct detector *d, const float *own, float scale)
{
	uint32_t left = d->on_side[OEH_SIDE_LEFT] & d->usable;
	bool both = false;

	for_each_channel(c, left)
	{
		struct pair p = pair_of(d, c, own, scale);

		both |= pair_is_clear(&p) && pair_is_seen(&p);
	}
	for_each_channel(c2, both ? left : 0)
	{
		struct pair p = pair_of(d, c2, own, scale);
		float least = GAIN_SEEN * p.noise, x;

		if (!(d->site[c2].opposite & d->usable) || !pair_is_clear(&p))
			continue;
		x = 0.5f * logf(f_max(p.here, least) / f_max(p.there, least));
		gain_add(&d->face.gain[c2], x);
		for_each_channel(o2, d->site[c2].opposite & d->usable)
			gain_add(&d->face.gain[o2], -x);
		gain_add(&d->face.shared, x);
	}
	gain_update(d);
}

static float v4_least(v4f x)
{
	return f_min(f_min(x[0], x[1]), f_min(x[2], x[3]));
}

/* The two explanations of what a counterpart did, to be added up over channels. */
void gain_explain(const struct detector *d, struct counterpart *p)
{
	const struct gain_ratio *g = &d->face.ratio[p->channel];

	p->is_alone = p->half_dof * (logf(p->alone) + p->power / p->alone);
	for (unsigned int k = 0; k < GAIN_STEPS; k++) {
		v4f v = v4_set(p->noise) + v4_set(p->rise * g->shared[k]) * g->own;

		v = v4_max(v, v4_min(v4_set(p->power), v4_set(p->most)));
		p->at_will[k] =
			v4_least(0.5f * own_z * own_z + p->half_dof * (vf_log(v) + p->power / v));
	}
}

/*
 * Nats for "these channels rose alone" against "the other side rose with them,
 * at will". What a side has in common deviates for all channels at once.
 */
float gain_nats(const struct counterpart *pairs, unsigned int n_pairs)
{
	float alone = 0, least = INFINITY;

	for (unsigned int i = 0; i < n_pairs; i++)
		alone += pairs[i].is_alone;
	for (unsigned int k = 0; k < GAIN_STEPS; k++) {
		float will = 0.5f * shared_z[k] * shared_z[k];

		for (unsigned int i = 0; i < n_pairs; i++)
			will += pairs[i].at_will[k];
		least = f_min(least, will);
	}
	return least - alone;
}

/* ---- kept from one recording to the next ---- */

static struct gain gain_from_personal(const struct personal_ratio *r)
{
	const float usual = GAIN_SPREAD_WEIGHT * GAIN_SPREAD_SD * GAIN_SPREAD_SD;
	float weight = f_min(r->movements, GAIN_MEMORY);
	float spread = r->spread * r->spread * (GAIN_SPREAD_WEIGHT + weight) - usual;

	return (struct gain){.mean = r->mean, .weight = weight, .spread = f_max(spread, 0)};
}

static struct personal_ratio gain_to_personal(const struct gain *g)
{
	return (struct personal_ratio){
		.mean = g->mean,
		.spread = sqrtf(gain_spread(g)),
		.movements = g->weight,
	};
}

static struct site channel_site(const struct detector *d, unsigned int c)
{
	return (struct site){.side = d->site[c].side, .muscle = d->site[c].muscle};
}

void gain_load(struct detector *d, const struct personal *p)
{
	d->face.shared = gain_from_personal(&p->face);
	for_each_channel(c, d->used)
	{
		const struct personal_site *s = personal_find(p, channel_site(d, c));

		if (s)
			d->face.gain[c] = gain_from_personal(&s->ratio);
	}
	gain_update(d);
}

void detector_get_personal(const struct detector *d, struct personal *ret)
{
	*ret = (struct personal){.face = gain_to_personal(&d->face.shared)};
	for_each_channel(c, d->used)
	{
		struct site site = channel_site(d, c);

		if (!d->has_montage || personal_find(ret, site))
			continue;
		ret->sites[ret->n_sites++] = (struct personal_site){
			.site = site,
			.noise_uv = d->channel_burst[c].ready ? sqrtf(burst_noise(d, c)) : 0,
			.ratio = gain_to_personal(&d->face.gain[c]),
		};
	}
}
