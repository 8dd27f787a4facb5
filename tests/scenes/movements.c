/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a face does at will, and blinks. */
#include "plan.h"
#include "util.h"

#define RIPPLE_TIME  0.06 /* s: unsteadiness of a held contraction (i) */
#define PEAK_PER_RMS 3.0  /* largest of a short stretch of such noise (i) */

/* A muscle's part in an act: its level relative to the leading muscle (i). */
struct part {
	unsigned int muscle;
	double level;
};

/* clang-format off */
static const struct part blink_parts[] = {
	{OEH_MUSCLE_ORBICULARIS_OCULI, 1.0},
	{OEH_MUSCLE_CORRUGATOR, 0.15},
};
static const struct part smile_parts[] = {
	{OEH_MUSCLE_ZYGOMATICUS, 1.0},
	{OEH_MUSCLE_BUCCINATOR, 0.35},
	{OEH_MUSCLE_ORBICULARIS_ORIS, 0.30},
	{OEH_MUSCLE_ORBICULARIS_OCULI, 0.40},
};
static const struct part squeeze_parts[] = {
	{OEH_MUSCLE_ORBICULARIS_OCULI, 1.0},
	{OEH_MUSCLE_CORRUGATOR, 0.7},
	{OEH_MUSCLE_ZYGOMATICUS, 0.35},
	{OEH_MUSCLE_ORBICULARIS_ORIS, 0.12},
};
static const struct part pucker_parts[] = {
	{OEH_MUSCLE_ORBICULARIS_ORIS, 1.0},
	{OEH_MUSCLE_MENTALIS, 0.5},
	{OEH_MUSCLE_BUCCINATOR, 0.4},
};
static const struct part swallow_parts[] = {
	{OEH_MUSCLE_MENTALIS, 1.0},
	{OEH_MUSCLE_ORBICULARIS_ORIS, 0.8},
	{OEH_MUSCLE_BUCCINATOR, 0.5},
	{OEH_MUSCLE_MASSETER, 0.8},
};
static const struct part raise_parts[] = {
	{OEH_MUSCLE_FRONTALIS, 1.0},
	{OEH_MUSCLE_CORRUGATOR, 0.15},
};
static const struct part frown_parts[] = {
	{OEH_MUSCLE_CORRUGATOR, 1.0},
	{OEH_MUSCLE_ORBICULARIS_OCULI, 0.35},
	{OEH_MUSCLE_FRONTALIS, 0.15},
};
static const struct part closure_parts[] = {
	{OEH_MUSCLE_ORBICULARIS_OCULI, 1.0},
	{OEH_MUSCLE_CORRUGATOR, 0.6},
	{OEH_MUSCLE_FRONTALIS, 0.1},
};
static const struct part wink_parts[] = {
	{OEH_MUSCLE_ORBICULARIS_OCULI, 1.0},
	{OEH_MUSCLE_CORRUGATOR, 0.3},
	{OEH_MUSCLE_ZYGOMATICUS, 0.35},
};
static const struct part clench_parts[] = {
	{OEH_MUSCLE_MASSETER, 1.0},
	{OEH_MUSCLE_BUCCINATOR, 0.10},
};
static const struct part smirk_parts[] = {
	{OEH_MUSCLE_ZYGOMATICUS, 1.0},
	{OEH_MUSCLE_BUCCINATOR, 0.6},
	{OEH_MUSCLE_ORBICULARIS_ORIS, 0.35},
};
/* clang-format on */

/* The same contraction on both sides, as alike as a healthy face has it. */
static void contract_both(struct plan *p, struct rng *r, struct effort e, struct scene_event *event)
{
	double lag = draw(p->a, r, A_SIDE_LAG);
	struct effort one = e;

	for (one.side = OEH_SIDE_LEFT; one.side <= OEH_SIDE_RIGHT; one.side++) {
		double late = one.side == OEH_SIDE_LEFT ? 0.5 * lag : -0.5 * lag;

		one.start = e.start + late;
		one.end = e.end + late;
		one.rms_uv = e.rms_uv * draw(p->a, r, A_ACT_JITTER) *
			     p->face->strength[source_of(one.side, e.muscle)];
		plan_contract(p, r, &one, event);
	}
}

static void contract_parts(struct plan *p, struct rng *r, const struct effort *e,
			   const struct part *parts, size_t n, struct scene_event *event)
{
	for (size_t i = 0; i < n; i++) {
		struct effort one = *e;

		one.muscle = parts[i].muscle;
		one.rms_uv *= parts[i].level;
		contract_both(p, r, one, event);
	}
}

/* A one-sided act: the other side follows by @share. */
static void contract_one_side(struct plan *p, struct rng *r, const struct effort *e,
			      const struct part *parts, size_t n, double share,
			      struct scene_event *event)
{
	for (size_t i = 0; i < n; i++) {
		struct effort one = *e;

		one.muscle = parts[i].muscle;
		for (one.side = OEH_SIDE_LEFT; one.side <= OEH_SIDE_RIGHT; one.side++) {
			one.rms_uv = e->rms_uv * parts[i].level * draw(p->a, r, A_ACT_JITTER) *
				     p->face->strength[source_of(one.side, one.muscle)];
			if (one.side != e->side)
				one.rms_uv *= share;
			plan_contract(p, r, &one, one.side == e->side ? event : NULL);
		}
	}
}

/* The lid moves over the eyeball: a slow potential that both sides see alike. */
static void add_eog(struct plan *p, struct rng *r, double start, double end)
{
	const struct montage *m = &p->config->montage;
	double uv = draw(p->a, r, A_BLINK_EOG);
	struct disturbance *d = plan_disturb(p, DISTURBANCE_BUMP, start, end + 0.1);

	if (!d)
		return;
	for (unsigned int c = 0; c < m->n_channels; c++) {
		if (m->sites[c].side == OEH_SIDE_NONE)
			continue;
		if (m->sites[c].muscle == OEH_MUSCLE_ORBICULARIS_OCULI)
			d->gain[c] = (float)uv;
		else if (muscle_region(m->sites[c].muscle) == REGION_EYE)
			d->gain[c] = (float)(0.5 * uv);
	}
}

static struct effort draw_blink(const struct plan *p, struct rng *r, double t)
{
	double length = draw(p->a, r, A_BLINK_LENGTH);
	double peak = draw(p->a, r, A_BLINK_PEAK), rise = draw(p->a, r, A_BLINK_RISE);

	return (struct effort){
		.start = t,
		.end = t + length,
		.rms_uv = peak / PEAK_PER_RMS,
		.rise = rise,
		.fall = 0.5 * length,
	};
}

double act_blink(struct plan *p, struct rng *r, double t)
{
	struct scene_event event = event_begin(EVENT_BLINK, OEH_SIDE_NONE, "blink");
	struct effort e = draw_blink(p, r, t);

	contract_parts(p, r, &e, blink_parts, ARRAY_SIZE(blink_parts), &event);
	add_eog(p, r, e.start, e.end);
	plan_event(p, &event);

	return e.end;
}

/* Both eyes look elsewhere for a while: opposite steps on the two sides. */
double act_gaze(struct plan *p, struct rng *r, double t)
{
	const struct montage *m = &p->config->montage;
	double uv = draw(p->a, r, A_GAZE_UV), length = rng_range(r, 0.3, 1.5);
	double sign = rng_unit(r) < 0.5 ? -1.0 : 1.0;
	struct disturbance *d = plan_disturb(p, DISTURBANCE_GAZE, t, t + length);

	for (unsigned int c = 0; d && c < m->n_channels; c++) {
		unsigned int muscle = m->sites[c].muscle;
		double here = sign * uv;

		if (m->sites[c].side == OEH_SIDE_NONE || muscle_region(muscle) != REGION_EYE)
			continue;
		if (m->sites[c].side == OEH_SIDE_RIGHT)
			here = -here;
		d->gain[c] = (float)(muscle == OEH_MUSCLE_ORBICULARIS_OCULI ? here : 0.3 * here);
	}

	return t + length;
}

/* A held contraction of both sides: ramp, plateau, ramp. */
static double act_held(struct plan *p, struct rng *r, double t, const char *name,
		       const enum assumption_id ids[3], const struct part *parts, size_t n)
{
	struct scene_event event = event_begin(EVENT_MOVEMENT, OEH_SIDE_NONE, name);
	double length = draw(p->a, r, ids[0]);
	double rise = draw(p->a, r, ids[1]), fall = draw(p->a, r, ids[1]);
	double rms = draw(p->a, r, ids[2]), ripple = draw(p->a, r, A_ACT_RIPPLE);
	struct effort e = {
		.start = t,
		.end = t + length,
		.rise = rise,
		.fall = fall,
		.rms_uv = rms,
		.ripple = ripple,
		.ripple_time = RIPPLE_TIME,
	};

	contract_parts(p, r, &e, parts, n, &event);
	plan_event(p, &event);

	return e.end;
}

double act_smile(struct plan *p, struct rng *r, double t)
{
	static const enum assumption_id ids[] = {A_SMILE_LENGTH, A_SMILE_RAMP, A_SMILE_RMS};

	return act_held(p, r, t, "smile", ids, smile_parts, ARRAY_SIZE(smile_parts));
}

double act_squeeze(struct plan *p, struct rng *r, double t)
{
	static const enum assumption_id ids[] = {A_SQUEEZE_LENGTH, A_SQUEEZE_RAMP, A_SQUEEZE_RMS};

	return act_held(p, r, t, "squeeze", ids, squeeze_parts, ARRAY_SIZE(squeeze_parts));
}

double act_pucker(struct plan *p, struct rng *r, double t)
{
	static const enum assumption_id ids[] = {A_PUCKER_LENGTH, A_PUCKER_RAMP, A_PUCKER_RMS};

	return act_held(p, r, t, "pucker", ids, pucker_parts, ARRAY_SIZE(pucker_parts));
}

double act_swallow(struct plan *p, struct rng *r, double t)
{
	static const enum assumption_id ids[] = {A_SWALLOW_LENGTH, A_SQUEEZE_RAMP, A_SWALLOW_RMS};

	return act_held(p, r, t, "swallow", ids, swallow_parts, ARRAY_SIZE(swallow_parts));
}

double act_brow(struct plan *p, struct rng *r, double t)
{
	static const enum assumption_id ids[] = {A_BROW_LENGTH, A_BROW_RAMP, A_BROW_RMS};

	if (rng_unit(r) < 0.7)
		return act_held(p, r, t, "brow", ids, raise_parts, ARRAY_SIZE(raise_parts));

	return act_held(p, r, t, "frown", ids, frown_parts, ARRAY_SIZE(frown_parts));
}

/* One syllable: each muscle of the lower face takes part as it happens to. */
static void add_syllable(struct plan *p, struct rng *r, const struct effort *syllable,
			 struct scene_event *event)
{
	static const struct part parts[] = {
		{OEH_MUSCLE_ORBICULARIS_ORIS, 1.0}, {OEH_MUSCLE_MENTALIS, 0.8},
		{OEH_MUSCLE_ZYGOMATICUS, 0.5},	    {OEH_MUSCLE_BUCCINATOR, 0.5},
		{OEH_MUSCLE_MASSETER, 0.3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct effort e = *syllable;

		e.muscle = parts[i].muscle;
		e.rms_uv *= parts[i].level * rng_range(r, 0.1, 1.0);
		contract_both(p, r, e, event);
	}
}

double act_speech(struct plan *p, struct rng *r, double t)
{
	struct scene_event event = event_begin(EVENT_SPEECH, OEH_SIDE_NONE, "speech");
	double end = t + draw(p->a, r, A_SPEECH_LENGTH), last = end;
	double rms = draw(p->a, r, A_SPEECH_RMS);

	while (t < end) {
		double interval = 1.0 / draw(p->a, r, A_SPEECH_RATE);
		double length = interval * rng_range(r, 0.5, 1.1);
		double rise = draw(p->a, r, A_SPEECH_RAMP), fall = draw(p->a, r, A_SPEECH_RAMP);
		struct effort e = {
			.start = t,
			.end = t + length,
			.rms_uv = rms,
			.rise = rise,
			.fall = fall,
		};

		add_syllable(p, r, &e, &event);
		last = e.end;
		t += interval * rng_range(r, 0.7, 1.3);
		if (rng_unit(r) < 0.08) /* a breath or a comma (i) */
			t += rng_range(r, 0.2, 0.6);
	}
	plan_event(p, &event);

	return last;
}

/* One stroke of the jaw, stronger on the working side. */
static void add_stroke(struct plan *p, struct rng *r, const struct effort *stroke, double uneven,
		       struct scene_event *event)
{
	static const struct part parts[] = {
		{OEH_MUSCLE_MASSETER, 1.0},
		{OEH_MUSCLE_BUCCINATOR, 0.20},
		{OEH_MUSCLE_ORBICULARIS_ORIS, 0.15},
		{OEH_MUSCLE_ZYGOMATICUS, 0.08},
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct effort e = *stroke;

		e.muscle = parts[i].muscle;
		for (e.side = OEH_SIDE_LEFT; e.side <= OEH_SIDE_RIGHT; e.side++) {
			e.rms_uv = stroke->rms_uv * parts[i].level * draw(p->a, r, A_ACT_JITTER) *
				   p->face->strength[source_of(e.side, e.muscle)];
			if (e.side != stroke->side)
				e.rms_uv *= uneven;
			plan_contract(p, r, &e, event);
		}
	}
}

double act_chewing(struct plan *p, struct rng *r, double t)
{
	struct scene_event event = event_begin(EVENT_CHEWING, OEH_SIDE_NONE, "chewing");
	double end = t + draw(p->a, r, A_CHEW_LENGTH), last = end;
	double interval = 1.0 / draw(p->a, r, A_CHEW_RATE);
	double rms = draw(p->a, r, A_CHEW_RMS), uneven = draw(p->a, r, A_CHEW_UNEVEN);
	unsigned int side = rng_unit(r) < 0.5 ? OEH_SIDE_LEFT : OEH_SIDE_RIGHT;

	while (t < end) {
		double length = interval * draw(p->a, r, A_CHEW_DUTY);
		struct effort e = {
			.side = side,
			.start = t,
			.end = t + length,
			.rms_uv = rms * rng_range(r, 0.7, 1.1),
			.rise = 0.4 * length,
			.fall = 0.4 * length,
		};

		add_stroke(p, r, &e, uneven, &event);
		last = e.end;
		t += interval * rng_range(r, 0.9, 1.1);
		if (rng_unit(r) < 0.06) /* the bolus goes over to the other side (i) */
			side = other_side(side);
	}
	plan_event(p, &event);

	return last;
}

/* What one side does alone, at will. */
struct one_sided {
	const char *name;
	double often; /* this and all before it, of 1 */
	enum assumption_id length, ramp, rms;
	const struct part *parts;
	size_t n_parts;
};

double act_wink(struct plan *p, struct rng *r, double t)
{
	/* clang-format off */
	static const struct one_sided acts[] = {
		{ "wink", 0.6, A_WINK_LENGTH, A_WINK_RAMP, A_WINK_RMS,
		  wink_parts, ARRAY_SIZE(wink_parts) },
		{ "smirk", 0.85, A_SMIRK_LENGTH, A_SMIRK_RAMP, A_SMIRK_RMS,
		  smirk_parts, ARRAY_SIZE(smirk_parts) },
		{ "clench", 1.0, A_CLENCH_LENGTH, A_CLENCH_RAMP, A_CHEW_RMS,
		  clench_parts, ARRAY_SIZE(clench_parts) },
	};
	/* clang-format on */
	unsigned int side = rng_unit(r) < 0.5 ? OEH_SIDE_LEFT : OEH_SIDE_RIGHT;
	double which = rng_unit(r);
	const struct one_sided *act = &acts[which < acts[0].often   ? 0
					    : which < acts[1].often ? 1
								    : 2];
	struct scene_event event = event_begin(EVENT_CONTRACTION, side, act->name);
	double length = draw(p->a, r, act->length), share = draw(p->a, r, A_WINK_OTHER);
	double rms = draw(p->a, r, act->rms), rise = draw(p->a, r, act->ramp);
	double ripple = draw(p->a, r, A_ACT_RIPPLE);
	struct effort e = {
		.side = side,
		.start = t,
		.end = t + length,
		.rms_uv = rms,
		.rise = rise,
		.ripple = ripple,
		.ripple_time = RIPPLE_TIME,
	};

	e.fall = e.rise * rng_range(r, 1.0, 2.0);
	contract_one_side(p, r, &e, act->parts, act->n_parts, share, &event);
	plan_event(p, &event);

	return e.end;
}

/* Blepharospasm: both eyes are forced shut again and again, the mouth is not in it. */
double act_blepharospasm(struct plan *p, struct rng *r, double t)
{
	struct scene_event event = event_begin(EVENT_MOVEMENT, OEH_SIDE_NONE, "blepharospasm");
	double end = t + draw(p->a, r, A_CLOSURE_LENGTH), last = end;
	double rms = draw(p->a, r, A_SQUEEZE_RMS);

	while (t < end) {
		double interval = 1.0 / draw(p->a, r, A_CLOSURE_RATE);
		double rise = draw(p->a, r, A_BLINK_RISE);
		double length = interval * rng_range(r, 0.4, 0.9);
		struct effort e = {
			.start = t,
			.end = t + length,
			.rms_uv = rms * rng_range(r, 0.5, 1.0),
			.rise = rise,
			.fall = 2.0 * rise,
		};

		contract_parts(p, r, &e, closure_parts, ARRAY_SIZE(closure_parts), &event);
		last = e.end;
		t += interval;
	}
	plan_event(p, &event);

	return last;
}

/* Synkinesis: on the side of an old palsy the mouth moves with every blink. */
double act_synkinesis(struct plan *p, struct rng *r, double t)
{
	static const unsigned int mouth[] = {
		OEH_MUSCLE_ZYGOMATICUS,
		OEH_MUSCLE_ORBICULARIS_ORIS,
		OEH_MUSCLE_MENTALIS,
	};
	struct scene_event event = event_begin(EVENT_BLINK, OEH_SIDE_NONE, "synkinesis");
	struct effort e = draw_blink(p, r, t);

	contract_parts(p, r, &e, blink_parts, ARRAY_SIZE(blink_parts), &event);
	add_eog(p, r, e.start, e.end);
	for (size_t i = 0; i < ARRAY_SIZE(mouth); i++) {
		struct effort one = e;

		one.side = p->face->affected;
		one.muscle = mouth[i];
		one.rms_uv *= draw(p->a, r, A_SYNKINESIS);
		plan_contract(p, r, &one, &event);
	}
	plan_event(p, &event);

	return e.end;
}
