/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "internal.h"

/*
 * What a rise looks like from one side, and what it is worth together with
 * what this face has done before.
 */

/* Nats for "the power of n frames has changed from b to p". */
static float change_nats(const struct timing *t, float n, float p, float b)
{
	float x = p / b;

	return x > 1 ? n * t->dof / 2 * (x - 1 - logf(x)) : 0;
}

/* What the other side did while @c rose by @rise: the least that any channel there did. */
static bool counterpart_of(const struct detector *d, const struct rise *r, unsigned int c,
			   float rise, uint32_t own, struct counterpart *ret)
{
	bool ring =
		d->site[c].region == REGION_MOUTH && d->site[c].muscle != OEH_MUSCLE_ZYGOMATICUS;
	float leak = ring ? LEAK_RING : LEAK, scale = 1.0f / (float)r->n;
	bool any = false;

	for_each_channel(o, d->site[c].opposite & d->usable)
	{
		float p = own_power(&r->product, o, own, NULL) * scale, base = r->base[o];
		float noise = burst_noise(d, o);
		/* alone: as it was, in talk within its ups and downs */
		float top = base + leak * rise + 2 * f_max(base - 1.3f * noise, 0);

		if (any && p / noise < ret->power / ret->noise)
			continue;
		any = true;
		*ret = (struct counterpart){
			.channel = c,
			.rise = rise,
			.power = p,
			.noise = noise,
			.alone = f_min(f_max(p, 0.8f * noise), top),
			.most = INFINITY,
			.half_dof =
				f_min((float)r->n, GAIN_DOF_MOST / d->time.dof) * d->time.dof / 2,
		};
	}
	if (any)
		gain_explain(d, ret);
	return any;
}

/* Strongest first: a weaker one is active when the stronger do not explain it. */
static uint32_t own_channels(const struct detector *d, const struct rise *r, uint32_t side,
			     float *rose)
{
	float scale = 1.0f / (float)r->n;
	uint32_t own = 0;

	while (side) {
		unsigned int c = MONTAGE_MAX;
		float p, base, nats;

		for_each_channel(q, side)
		{
			if (c == MONTAGE_MAX || r->sum[q] > r->sum[c])
				c = q;
		}
		side &= ~(1u << c);
		p = own_power(&r->product, c, own, NULL) * scale;
		base = r->base[c] + LEAK_NEAR * f_max(r->product.power[c] * scale - p, 0);
		nats = change_nats(&d->time, (float)r->n, p, base);
		if (nats <= OWN_NATS)
			continue;
		own |= 1u << c;
		*rose += nats;
	}
	return own;
}

bool has_region(const struct detector *d, uint32_t channels, enum face_region region)
{
	for_each_channel(c, channels)
	{
		if (d->site[c].region == region)
			return true;
	}
	return false;
}

/* Nats from what came shortly before. */
static float recall_nats(const struct detector *d, uint8_t side)
{
	const struct recall *m = &d->face.recall;

	if (m->side != side || (double)(d->frame.end - m->last) > RECALL_S * d->time.rate)
		return 0;
	/* talk and meals have such bursts too */
	return d->face.spasms[side] ? m->nats : f_min(m->nats, RECALL_NEW);
}

/*
 * A blink or a word goes on while a spasm begins: what both sides do alike is
 * set apart, where anything is left that one side does alone.
 */
static unsigned int pairs_alone(const struct detector *d, struct counterpart *pairs, unsigned int n,
				struct verdict *v)
{
	uint32_t both = 0;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		float nats = gain_nats(&pairs[i], 1);

		if (nats < 0)
			both |= 1u << pairs[i].channel;
		else if (nats > SIDE_SURE)
			v->sure |= 1u << pairs[i].channel;
	}
	if (!both || !(v->own & ~both))
		return n;
	for (unsigned int i = 0; i < n; i++) {
		if (!(both & (1u << pairs[i].channel)))
			pairs[kept++] = pairs[i];
	}
	v->own &= ~both;
	v->apart = n - kept;
	v->with_blink = has_region(d, both, REGION_EYE) && !has_region(d, v->own, REGION_EYE);
	return kept;
}

/*
 * Nats for a spasm against a movement of both sides and against one side's at
 * will, from one rise alone: what is seen of it is weighed by logistic regression
 * over rises of generated faces (tuning.h), so that with what was known before
 * they are logits.
 */
static const struct cue cues[CUE_COUNT] = VERDICT_CUES;
static const float prior[AGAINST_COUNT] = VERDICT_PRIOR;

/* Adds what @x of a cue is worth, by straight lines between its knots. @clear: 0 to 1. */
static void cue_add(enum cue_id id, float x, float clear, float worth[AGAINST_COUNT])
{
	const struct cue *cue = &cues[id];
	unsigned int i = 1;
	float share;

	while (i + 1 < cue->n && x > cue->at[i])
		i++;
	share = (x - cue->at[i - 1]) / (cue->at[i] - cue->at[i - 1]);
	share = f_min(f_max(share, 0), 1);
	for (unsigned int k = 0; k < AGAINST_COUNT; k++) {
		float low = cue->worth[k][i - 1] + clear * cue->clear[k][i - 1];
		float high = cue->worth[k][i] + clear * cue->clear[k][i];

		worth[k] += low + share * (high - low);
	}
}

static float decibel(float ratio)
{
	return 10 * log10f(f_max(ratio, 1e-6f));
}

/* How far the other side stayed behind, in the pair that tells it best; dB. */
static float pairs_silence(const struct counterpart *pairs, unsigned int n)
{
	float most = 0;

	for (unsigned int i = 0; i < n; i++) {
		const struct counterpart *p = &pairs[i];

		most = f_max(most, p->rise / f_max(p->power - p->noise, 0.3f * p->noise));
	}
	return n ? decibel(most) : SILENCE_ASSUMED;
}

/* What is left of a rise in its last frames, beside its first ones; dB. */
static float rise_lasting(const struct detector *d, const struct rise *r, uint32_t own)
{
	unsigned int first = r->n < LASTING_FIRST ? r->n : LASTING_FIRST;
	unsigned int last = r->n < LASTING_LAST ? r->n : LASTING_LAST;
	float then = 0, now = 0;

	for (unsigned int k = 0; k < first; k++) {
		const float *e = history_energy(&d->history, r->onset + k);

		for_each_channel(c, own) then += e[c] - r->base[c];
	}
	for (unsigned int k = 0; k < last; k++) {
		const float *e = history_energy(&d->history, r->onset + r->n - 1 - k);

		for_each_channel(c, own) now += e[c] - r->base[c];
	}
	return decibel(f_max(now / (float)last, 1e-3f) / f_max(then / (float)first, 1e-3f));
}

static unsigned int count_region(const struct detector *d, uint32_t channels,
				 enum face_region region)
{
	unsigned int n = 0;

	for_each_channel(c, channels) n += d->site[c].region == region;
	return n;
}

/* Power before a rise, of the noise, in the channel that rose most; dB. */
static float rise_before(const struct detector *d, const struct rise *r, uint32_t own)
{
	float most = 0, before = 1;

	for_each_channel(c, own)
	{
		if (r->sum[c] < most)
			continue;
		most = r->sum[c];
		before = r->base[c] / burst_noise(d, c);
	}
	return decibel(before);
}

/*
 * What of it this side alone had, in the muscle that had least of that; dB. Who holds
 * one side's muscles may hold them more.
 */
static float rise_held(const struct detector *d, const struct rise *r, uint32_t own)
{
	float least = INFINITY;

	for_each_channel(c, own)
	{
		float here = r->base[c] / burst_noise(d, c);

		least = f_min(least, here);
		for_each_channel(o, d->site[c].opposite & d->usable) least =
			f_min(least, here * burst_noise(d, o) / r->base[o]);
	}
	return decibel(least);
}

/* Movements of the mouth that were told of late: strokes of a meal, words. */
static float mouth_movements(const struct detector *d)
{
	const struct movement *m = &d->movement;
	unsigned int n = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(m->previous); i++)
		n += m->previous[i] &&
		     (double)(d->frame.end - m->previous[i]) < MEAL_S * d->time.rate;
	return (float)n;
}

/* How well the course of what rose by so many nats is seen. */
static float rise_clear(float rose)
{
	float share = logf(rose / CLEAR_FROM) / logf(CLEAR_TO / CLEAR_FROM);

	return f_min(f_max(share, 0), 1);
}

/* @silence: of the other side, dB. */
static void verdict_weigh(const struct detector *d, const struct rise *r, struct verdict *v,
			  float silence)
{
	v->cue[CUE_ONE_SIDED] = v->one_sided;
	v->cue[CUE_ABRUPT] = v->abrupt;
	v->cue[CUE_SILENT] = silence;
	v->cue[CUE_LASTING] = rise_lasting(d, r, v->own);
	v->cue[CUE_EYE] = (float)count_region(d, v->own, REGION_EYE);
	v->cue[CUE_MOUTH] = (float)count_region(d, v->own, REGION_MOUTH);
	v->cue[CUE_APART] = (float)v->apart;
	v->cue[CUE_AGE] = (float)r->n * d->time.frame_s;
	v->cue[CUE_BUSY] = v->busy;
	v->cue[CUE_MOUTHED] = mouth_movements(d);
	v->cue[CUE_BEFORE] = rise_before(d, r, v->own);
	v->cue[CUE_HELD] = rise_held(d, r, v->own);
	v->cue[CUE_CLEAR] = rise_clear(v->rose);
	if (v->cue[CUE_AGE] < (float)YOUNG_S)
		v->cue[CUE_RISING] = v->cue[CUE_LASTING];
	memcpy(v->against, prior, sizeof(v->against));
	for (enum cue_id i = 0; i < CUE_RISE_COUNT; i++)
		cue_add(i, v->cue[i], v->cue[CUE_CLEAR], v->against);
	/* a blink's other eye may come yet */
	if (!v->cue[CUE_MOUTH] && v->cue[CUE_AGE] < (float)YOUNG_S)
		v->against[AGAINST_BOTH] -= EYE_FIRST;
	if (v->with_blink)
		v->against[AGAINST_BOTH] -= SYNKINESIS;
}

/* Nats against two explanations at once. */
static float against_either(float one, float other)
{
	float least = f_min(one, other), most = f_max(one, other);

	return least - logf(1 + expf(least - most));
}

/* How busy the other side was of late, in the least busy region of these channels. */
static float verdict_busy(const struct detector *d, uint8_t side, uint32_t own)
{
	float least = 1;

	for_each_channel(c, own) least =
		f_min(least, d->face.busy[side_other(side)][d->site[c].region]);
	return least;
}

/* What the other side does is meant: where it speaks or eats, this side does too. */
void busy_follow(struct detector *d)
{
	struct face *f = &d->face;
	float a = d->time.frame_s / (float)BUSY_S;
	uint32_t active = d->active & d->usable;

	if (active != f->busy_with) {
		f->busy_with = active;
		memset(f->busy_now, 0, sizeof(f->busy_now));
		for_each_channel(c, active) f->busy_now[d->site[c].side][d->site[c].region] = 1;
	}
	for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		v4f *busy = &v4_at(f->busy[side], 0);

		*busy += a * (v4_at(f->busy_now[side], 0) - *busy);
	}
}

/* No spasm, however it began: too little of it, or as much on the other side. */
static bool verdict_is_out(const struct verdict *v, unsigned int n_pairs)
{
	float least = EVIDENCE_ROSE + (v->own & (v->own - 1) ? 0 : EVIDENCE_ROSE_ONE);

	return v->rose < least || (n_pairs && v->one_sided < EVIDENCE_SIDE_LEAST);
}

/*
 * A muscle that one side holds alone, a wink's above all, has its ups and downs;
 * none of them begins anything.
 */
static bool verdict_is_swell(const struct detector *d, const struct rise *r, uint32_t own)
{
	for_each_channel(c, own)
	{
		if (r->base[c] < FRESH_RATIO * burst_noise(d, c) ||
		    r->sum[c] > SWELL_RATIO * (float)r->n * r->base[c])
			return false;
		for_each_channel(o, d->site[c].opposite & d->usable)
		{
			if (r->base[o] > FRESH_RATIO * burst_noise(d, o))
				return false;
		}
	}
	return true;
}

void rise_judge(struct detector *d, uint8_t side)
{
	struct face *f = &d->face;
	const struct rise *r = &f->rise;
	struct verdict *v = &f->verdict[side];
	const float *habit = f->habit[side];
	struct counterpart pairs[MONTAGE_MAX];
	unsigned int n_pairs = 0;
	float silence, known[AGAINST_COUNT];
	bool here = false, blinks;
	uint32_t fresh = 0;

	memset(v, 0, sizeof(*v));
	v->own = own_channels(d, r, d->on_side[side] & d->usable & ~r->spoilt, &v->rose);
	for_each_channel(c, v->own)
	{
		float rise = r->sum[c] / (float)r->n - r->base[c];

		if (r->base[c] < FRESH_RATIO * burst_noise(d, c))
			fresh |= 1u << c;
		here |= d->site[c].opposite != 0;
		n_pairs += counterpart_of(d, r, c, rise, v->own, &pairs[n_pairs]);
	}
	n_pairs = pairs_alone(d, pairs, n_pairs, v);
	silence = pairs_silence(pairs, n_pairs);
	v->one_sided = n_pairs ? gain_nats(pairs, n_pairs) : 0;
	v->one_sided -= APART_NATS * (float)v->apart;
	if (v->own && !n_pairs && !here) /* there is no other side to compare with */
		v->one_sided = SIDE_ASSUMED;
	/* what the eye alone does then, a blink does as well */
	blinks = v->own && !n_pairs && !here && !has_region(d, v->own, REGION_MOUTH);
	if (d->episode.open && side != d->episode.event.side)
		episode_other_side(d, fresh & v->own);
	v->nats = v->alone = -INFINITY;
	if (blinks || verdict_is_out(v, n_pairs) || verdict_is_swell(d, r, v->own))
		return;
	v->abrupt = v->one_sided > 0 ? abrupt_nats(d, r, v->own) : 0;
	v->fresh = (v->own & ~fresh) == 0;
	v->sure |= fresh;
	v->both = has_region(d, fresh & v->own, REGION_EYE) &&
		  has_region(d, fresh & v->own, REGION_MOUTH);
	v->busy = verdict_busy(d, side, v->own);
	verdict_weigh(d, r, v, silence);
	v->recall = recall_nats(d, side);
	v->alone = against_either(v->against[AGAINST_BOTH], v->against[AGAINST_MEANT]);
	for (unsigned int k = 0; k < AGAINST_COUNT; k++)
		known[k] = v->against[k] + habit[k];
	cue_add(CUE_RECALL, v->recall, 0, known);
	v->nats = against_either(known[AGAINST_BOTH], known[AGAINST_MEANT]);
}

/* Spasms to contractions of a side so far, ln. */
float habit_ratio(const struct face *f, uint8_t side)
{
	return logf(((float)f->spasms[side] + HABIT_SPASMS) /
		    ((float)f->contractions[side] + HABIT_CONTRACTIONS));
}

/*
 * What this face has done so far: a spasm comes back on its own side, and who
 * has winked or clenched without one does so again.
 */
static void habit_update(struct face *f)
{
	for (uint8_t side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		float *habit = f->habit[side];

		memset(habit, 0, sizeof(f->habit[side]));
		cue_add(CUE_SPASMS, (float)f->spasms[side], 0, habit);
		cue_add(CUE_HABIT, habit_ratio(f, side), 0, habit);
		cue_add(CUE_OTHER_SPASMS, (float)f->spasms[side_other(side)], 0, habit);
	}
}

void face_spasm(struct detector *d, uint8_t side)
{
	d->face.spasms[side]++;
	habit_update(&d->face);
}

void face_contraction(struct detector *d, uint8_t side)
{
	d->face.contractions[side]++;
	habit_update(&d->face);
}
