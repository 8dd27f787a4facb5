/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "internal.h"

/*
 * A spasm from its announced start to its end: the bursts of the affected
 * side, what of them is not explained by the other side, and their measures.
 */

/*
 * Regions may have the same train at different times; the form is that of the
 * one that stands out most. Weak ones are seen better in all muscles together.
 */
static const struct train *episode_train(const struct detector *d, const struct episode *e)
{
	const struct train *best = &e->whole;
	float most = REGION_CLEAR;

	for_each_channel(c, d->on_side[e->event.side])
	{
		const struct train *t = &e->train[d->site[c].region];
		float out = e->top[c] / burst_noise(d, c);

		if (!t->n || out <= most)
			continue;
		most = out;
		best = t;
	}
	return best;
}

/* Over the bursts so far, of the strongest channel. */
static void episode_amplitude(const struct detector *d, struct episode *e)
{
	float most = 0;

	for_each_channel(c, d->on_side[e->event.side])
	{
		most = f_max(most, e->rms_sum[c]);
		e->event.peak_uv = f_max(e->event.peak_uv, e->peak[c]);
	}
	e->event.rms_uv = e->rms_n ? sqrtf(most / (float)e->rms_n) : 0;
}

static void episode_form(struct detector *d, struct episode *e)
{
	struct detector_event *v = &e->event;
	uint64_t eye = e->region_onset[REGION_EYE], mouth = e->region_onset[REGION_MOUTH];
	uint64_t lead = (uint64_t)(LEAD_S * d->time.rate);
	const struct train *t = episode_train(d, e);

	episode_amplitude(d, e);
	v->n_bursts = t->n;
	v->form = train_form(d, t);
	if (!eye || !mouth)
		v->spread = SPREAD_SINGLE_REGION;
	else if (mouth >= eye + lead)
		v->spread = SPREAD_TYPICAL;
	else if (eye >= mouth + lead)
		v->spread = SPREAD_ATYPICAL;
	else
		v->spread = SPREAD_SIMULTANEOUS;
}

static void episode_muscle(struct detector *d, struct episode *e, unsigned int c, uint64_t at)
{
	enum face_region region = d->site[c].region;
	const uint32_t brow = (1u << OEH_MUSCLE_FRONTALIS) | (1u << OEH_MUSCLE_ORBICULARIS_OCULI);

	e->event.muscles |= 1u << d->site[c].muscle;
	e->event.brow_with_eye = (e->event.muscles & brow) == brow;
	/* what joins much later is another movement */
	if (e->event.start && (double)(at - e->event.start) > JOIN_S * d->time.rate)
		return;
	if (!e->region_onset[region] || at < e->region_onset[region])
		e->region_onset[region] = at;
}

static uint32_t stronger_than(const struct rise *r, uint32_t channels, unsigned int c)
{
	uint32_t set = 0;

	for_each_channel(o, channels)
	{
		if (r->sum[o] > r->sum[c])
			set |= 1u << o;
	}
	return set;
}

/* Short bursts just before, which were not certain then, belong to it. */
static void episode_recall(struct detector *d, struct episode *e, const uint64_t at[MONTAGE_MAX])
{
	struct recall *m = &d->face.recall;

	if (m->own && m->nats >= RECALL_START && m->side == e->event.side &&
	    m->start < e->event.start &&
	    (double)(e->event.start - m->last) < RECALL_S * d->time.rate) {
		e->event.start = m->start;
		e->recalled = 1;
		memset(e->region_onset, 0, sizeof(e->region_onset));
		for_each_channel(c, m->own) episode_muscle(d, e, c, m->start);
		for_each_channel(c2, d->on_side[e->event.side])
		{
			if (at[c2])
				episode_muscle(d, e, c2, at[c2]);
		}
	}
	m->nats = 0;
	m->own = 0;
}

/* All regions that take part are in a burst since @at. */
static void trains_begin(const struct detector *d, struct episode *e, uint32_t own, uint64_t at)
{
	e->whole.last = d->frame.end;
	train_begin(d, &e->whole, at);
	for_each_channel(c, own)
	{
		struct train *t = &e->train[d->site[c].region];

		if (t->on)
			continue;
		t->last = d->frame.end;
		train_begin(d, t, at);
		t->n = 1 + e->recalled;
	}
	e->whole.n = 1 + e->recalled;
}

/* @more: logits for what was learnt since then. */
static float confidence_of(float nats, float more)
{
	return 1 / (1 + expf(-CONFIDENCE_AT_NONE - CONFIDENCE_SLOPE * nats - more));
}

void episode_start(struct detector *d, uint8_t side)
{
	struct episode *e = &d->episode;
	const struct rise *r = &d->face.rise;
	const struct verdict *v = &d->face.verdict[side];
	struct mix mix[MONTAGE_MAX];
	float level[MONTAGE_MAX] = {0}, most = 0;
	uint64_t first = UINT64_MAX, at[MONTAGE_MAX] = {0};
	uint32_t together = 0, own = 0;

	memset(e, 0, sizeof(*e));
	e->open = true;
	e->nats = v->nats;
	e->fade = 1 - (float)EPISODE_EVERY * d->time.frame_s / (float)LEVEL_FADE_S;
	for_each_channel(c, v->own)
	{
		level[c] = own_power(&r->product, c, stronger_than(r, v->own, c), &mix[c]) /
			   (float)r->n;
		most = f_max(most, level[c] - r->base[c]);
	}
	for_each_channel(c2, v->own)
	{
		/* less than this may come from a muscle without a site */
		if (level[c2] - r->base[c2] < EPISODE_SHARE * most)
			continue;
		/* what both sides do may have gone on before */
		if ((v->own & v->sure) && !(v->sure & (1u << c2)))
			continue;
		e->level[c2] = f_max(level[c2] - r->base[c2], r->base[c2]);
		at[c2] = onset_refine(d, 1u << c2, r->onset, r->base, level, &mix[c2]);
		first = at[c2] < first ? at[c2] : first;
		own |= 1u << c2;
		e->part = own;
		episode_muscle(d, e, c2, at[c2]);
	}
	for_each_channel(c3, own)
	{
		if ((double)(at[c3] - first) < 1.5 * SYNC_S * d->time.rate)
			together |= 1u << c3;
	}
	e->event = (struct detector_event){.kind = EVENT_SPASM,
					   .phase = PHASE_STARTED,
					   .side = side,
					   .channel = -1,
					   .detected = d->frame.end,
					   .confidence = confidence_of(v->nats, 0),
					   .muscles = e->event.muscles,
					   .brow_with_eye = e->event.brow_with_eye};
	e->event.start = onset_refine(d, together, r->onset, r->base, level, NULL);
	episode_recall(d, e, at);
	e->event.end = e->last_update = d->frame.end;
	trains_begin(d, e, own, d->frame.end - (uint64_t)r->n * d->time.scans);
	episode_form(d, e);
	d->movement.spasm = true;
	detector_emit(d, &e->event);
}

/* The levels of four muscles, from @c on, and what follows from them; those that have joined. */
static uint32_t four_muscles(const struct detector *d, struct episode *e, unsigned int c,
			     uint32_t side, float most)
{
	v4f noise = v4_at(d->burst.noise, c), over = v4_at(d->face.excess, c);
	v4f explained = v4_at(d->face.explained, c), quiet, active_power, per_level;
	v4f level = v4_at(e->level, c), top = v4_at(e->top, c);
	v4i use = v4_mask(side >> c), active = v4i_at(e->active, c), strong;
	float half_dof = d->time.dof / 2;

	/* after a pause, a movement of both sides is likelier than at the start */
	if (!e->whole.on)
		over -= explained;
	level = v4_select((over > v4_max(6 * noise, v4_set(EPISODE_SHARE * most))) & (level == 0) &
				  use,
			  over, level);
	use &= level > 0;
	strong = use & (over > 4 * noise) & (over > 0.2f * level);
	active = ((active + 1) & strong) | (active & ~use);
	top = v4_select(use, v4_max(top, over * 0.5f), top);
	if (e->whole.on)
		level *= e->fade;
	level = v4_max(v4_max(level, over * 0.5f), v4_max(LEVEL_LEAST * top, LEVEL_NOISE * noise));
	v4_at(e->level, c) = v4_select(use, level, v4_at(e->level, c));
	v4_at(e->top, c) = top;
	v4i_at(e->active, c) = active;

	quiet = v4_max(noise + explained, PAUSE_SHARE * level);
	active_power = quiet + ACTIVE_SHARE * level;
	v4_at(e->gain, c) = half_dof * (1 / quiet - 1 / active_power);
	v4_at(e->cost, c) = half_dof * vf_log(active_power / quiet);
	per_level = 1 / (level + 2 * noise);
	v4_at(e->alone, c) =
		v4_max(v4_at(d->face.own, c) - DOUBT_RATIO * explained, v4_set(0)) * per_level;
	e->known = (e->known & ~(0xfu << c)) | v4_bits(use) << c;
	return v4_bits(use & (active == 2)) << c;
}

/*
 * A muscle that becomes active has joined, unless it turns out that both sides
 * do the same: who has a spasm goes on to speak and to eat.
 */
static void muscle_joins(struct detector *d, struct episode *e, unsigned int c, bool active)
{
	struct joining *j = &e->joining[c];

	if (e->event.muscles & (1u << d->site[c].muscle))
		return;
	if (active && !j->left) {
		*j = (struct joining){
			.left = frames_of(&d->time, DOUBT_S) / EPISODE_EVERY,
			.since = d->frame.end - d->time.scans * 7,
		};
	}
	if (!j->left)
		return;
	j->own += d->face.own[c];
	j->shared += d->face.explained[c];
	if (!--j->left && j->own > DOUBT_RATIO * j->shared)
		episode_muscle(d, e, c, j->since);
}

/* The same for all muscles of the side. */
static void muscles_follow(struct detector *d, struct episode *e)
{
	uint32_t side = d->on_side[e->event.side] & d->usable, joined = 0;
	float most = 0;

	for_each_channel(c, side) most = f_max(most, e->level[c]);
	for (unsigned int g = 0; g < d->n; g += LANES) {
		if (side >> g & 0xf)
			joined |= four_muscles(d, e, g, side, most);
	}
	for_each_channel(c2, side) muscle_joins(d, e, c2, joined & (1u << c2));
}

/* One muscle is enough for a burst, all that took part in it make a pause. */
static void drive_add(const struct episode *e, unsigned int c, float nats, bool part,
		      struct drive *to)
{
	if (nats > 0)
		to->off = f_max(to->off, 0) + nats;
	else if (to->off <= 0)
		to->off = to->n ? f_max(to->off, nats) : nats;
	if (nats > 0 || part)
		to->on += nats;
	to->alone += e->alone[c];
	to->n++;
}

/* A frame of all muscles: where the bursts of the regions, and of all together, begin and end. */
static void trains_follow(struct detector *d, struct episode *e)
{
	uint32_t muscles = e->known & d->on_side[e->event.side] & d->usable;
	struct drive region[REGION_JAW + 1] = {0}, whole = {0};
	const float *energy = d->history.now.energy;

	if (!e->whole.on && e->whole.evidence <= 0)
		e->part = 0;
	for_each_channel(c, muscles)
	{
		float nats = f_min(energy[c] * e->gain[c] - e->cost[c], BURST_NATS_MOST);
		bool part;

		if (nats > PART_NATS)
			e->part |= 1u << c;
		part = e->part & muscles ? e->part & (1u << c) : true;
		drive_add(e, c, nats, part, &region[d->site[c].region]);
		drive_add(e, c, nats, part, &whole);
	}
	if (whole.n)
		train_follow(d, &e->whole, &whole);
	else if (e->whole.on && e->known) /* there is nothing left that tells */
		train_end(d, &e->whole);
	for (unsigned int i = 0; i <= REGION_JAW; i++) {
		struct train *t = &e->train[i];

		if (region[i].n)
			train_follow(d, t, &region[i]);
		if (t->on && !e->whole.on) /* where all are quiet, each of them is */
			train_end(d, t);
	}
}

/* Adds a frame to the step that is under way; it counts when it turns out to be in a burst. */
static void step_measure(const struct detector *d, struct episode *e)
{
	uint32_t side = d->on_side[e->event.side] & d->usable;

	for (unsigned int c = 0; c < d->n; c += LANES) {
		v4i use = v4_mask(side >> c);

		if (!(side >> c & 0xf))
			continue;
		v4_at(e->step_peak, c) =
			v4_max(v4_at(e->step_peak, c), v4_keep(use, v4_at(d->frame.peak, c)));
		v4_at(e->step_power, c) += v4_keep(use, v4_at(d->frame.power, c));
	}
}

static void step_end(const struct detector *d, struct episode *e)
{
	bool counts = e->whole.on && e->whole.evidence <= 0;

	for (unsigned int c = 0; c < d->n; c += LANES) {
		if (counts) {
			v4_at(e->peak, c) = v4_max(v4_at(e->peak, c), v4_at(e->step_peak, c));
			v4_at(e->rms_sum, c) += v4_at(e->step_power, c);
		}
		v4_at(e->step_peak, c) = v4_at(e->step_power, c) = v4_set(0);
	}
	e->rms_n += counts ? EPISODE_EVERY : 0;
}

static void episode_trains_end(struct detector *d, struct episode *e)
{
	for (unsigned int i = 0; i <= REGION_JAW; i++) {
		if (e->train[i].on)
			train_end(d, &e->train[i]);
	}
	if (e->whole.on)
		train_end(d, &e->whole);
	e->event.end = e->whole.last;
}

/*
 * While one side has a spasm, the other one begins one of its own, which is
 * very rare: out of rest, at once, at the eye and at the mouth, and by none of
 * the first side's cross-talk.
 */
void episode_other_side(struct detector *d, uint32_t channels)
{
	struct episode *e = &d->episode;
	const struct rise *r = &d->face.rise;
	uint32_t here = d->on_side[e->event.side] & d->usable, own = 0;

	if (e->both_since)
		return;
	for_each_channel(c, channels)
	{
		if (own_power(&r->product, c, here, NULL) > GAIN_OWN * r->product.power[c])
			own |= 1u << c;
	}
	if (has_region(d, own, REGION_EYE) && has_region(d, own, REGION_MOUTH) &&
	    abrupt_nats(d, r, own) >= BILATERAL_ABRUPT)
		e->both_since = d->frame.end - (uint64_t)r->n * d->time.scans;
}

static void episode_tell_both(struct detector *d, const struct episode *e)
{
	struct detector_event both = {
		.kind = EVENT_BILATERAL,
		.phase = PHASE_ENDED,
		.channel = -1,
		.start = e->both_since,
		.end = e->event.end,
		.detected = d->frame.end,
		.open = e->event.open,
	};

	if (e->both_since && e->both_since < e->event.end)
		detector_emit(d, &both);
}

/* Longer than a twitch, shorter than a tonic spasm. */
static bool episode_is_between(const struct detector *d, const struct episode *e)
{
	double seconds = (double)(e->event.end - e->event.start) / d->time.rate;

	return seconds > TWITCH_MOST_S && seconds < TONIC_S;
}

/*
 * What is known afterwards: a twitch is over in a tenth of a second, a tonic
 * spasm is not within one; a single burst between the two is a wink's. One that
 * seems to be two or three teaches nothing.
 */
static void episode_teaches(struct detector *d, const struct episode *e)
{
	bool between = episode_is_between(d, e);

	if (between && e->event.n_bursts == 1)
		face_contraction(d, e->event.side);
	else if (e->certain && (!between || e->event.n_bursts >= TRAIN_LEAST))
		face_spasm(d, e->event.side);
}

void episode_end(struct detector *d, bool open)
{
	struct episode *e = &d->episode;
	bool between;

	if (!e->open)
		return;
	episode_trains_end(d, e);
	e->open = false;
	/* bursts up to here are this episode's, or none's */
	d->face.rise.open = false;
	d->face.recall.own = 0;
	d->face.recall.nats = 0;
	episode_form(d, e);
	e->event.phase = PHASE_ENDED;
	e->event.open = open;
	between = episode_is_between(d, e) && e->event.n_bursts == 1;
	e->event.confidence = confidence_of(e->nats, between ? CONFIDENCE_WINK : CONFIDENCE_OTHER);
	episode_teaches(d, e);
	d->totals.in_spasm += e->event.end - e->event.start;
	detector_emit(d, &e->event);
	episode_tell_both(d, e);
}

/* Samples are missing from @at on: the burst is over, the episode may go on. */
void episode_gap(struct detector *d, uint64_t at)
{
	struct episode *e = &d->episode;

	e->whole.last = e->whole.last < at ? e->whole.last : at;
	episode_trains_end(d, e);
	if ((double)(d->position - e->whole.last) >= EPISODE_GAP_S * d->time.rate)
		episode_end(d, false);
}

void episode_run(struct detector *d)
{
	struct episode *e = &d->episode;

	if (!e->open)
		return;
	step_measure(d, e);
	if (d->history.tick % EPISODE_EVERY == EPISODE_EVERY - 1) {
		muscles_follow(d, e);
		trains_follow(d, e);
		step_end(d, e);
	} else {
		trains_follow(d, e);
	}
	if (!e->whole.on &&
	    (double)(d->frame.end - e->whole.last) >= EPISODE_GAP_S * d->time.rate) {
		episode_end(d, false);
		return;
	}
	if ((double)(d->frame.end - e->last_update) >= UPDATE_S * d->time.rate) {
		e->last_update = d->frame.end;
		e->event.end = e->whole.last;
		episode_form(d, e);
		e->event.phase = PHASE_UPDATED;
		detector_emit(d, &e->event);
	}
}
