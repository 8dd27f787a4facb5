/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Spasms: bursts that begin abruptly and at once in the muscles of one side.
 * Form and spread of the truth are computed from the bursts that were put in,
 * by the definitions of the detector's contract, not from what was wished.
 */
#include <string.h>

#include "plan.h"
#include "util.h"

#define MAX_BURSTS   512
#define EPISODE_GAP  0.9   /* s: below the second that parts two episodes */
#define TONIC_LENGTH 1.05  /* s: above the second that makes a burst tonic */
#define SPREAD_LAG   0.060 /* s: from here one region leads */
#define JOIN_BY	     0.4   /* s: later, the second region would be another event */
#define LONG_BURST   0.2   /* s: the second region may join within one */

struct burst {
	double start, length, level; /* seconds from the episode's start; 0 to 1 */
};

struct train {
	struct burst bursts[MAX_BURSTS];
	unsigned int n;
	double end;
};

/* How the episode spreads over the face. */
struct course {
	double lag[2]; /* s after the start: 0 eye region, 1 mouth region; < 0: not involved */
	bool shifted;  /* the second region copies the first */
	double level[OEH_MUSCLE_COUNT];
	double peak_uv;
	double peak_per_rms; /* the longer it lasts, the higher its highest */
};

static double at_most(double x, double limit)
{
	return x < limit ? x : limit;
}

static double at_least(double x, double limit)
{
	return x > limit ? x : limit;
}

static void train_add(struct train *t, double start, double length, double level)
{
	if (t->n == MAX_BURSTS)
		return;

	t->bursts[t->n++] = (struct burst){start, length, level};
	t->end = at_least(t->end, start + length);
}

/* Bursts from @start on, for one train. */
static void add_clonic(const struct plan *p, struct rng *r, struct train *t, double start)
{
	double interval = 1.0 / at_least(draw(p->a, r, A_TRAIN_RATE), 2.0);
	double end = start + draw(p->a, r, A_TRAIN_LENGTH);
	double jitter = at_most(draw(p->a, r, A_TRAIN_JITTER), 0.3);
	unsigned int first = t->n;

	while (start < end || t->n < first + 3) {
		double here = interval * rng_range(r, 1.0 - jitter, 1.0 + jitter);
		double length = draw(p->a, r, A_BURST_LENGTH);
		double most = at_most(draw(p->a, r, A_BURST_DUTY), 0.8) * here;

		length = at_least(at_most(length, most), 0.005);
		train_add(t, start, length, draw(p->a, r, A_BURST_LEVEL));
		start += here;
		if (t->n == MAX_BURSTS)
			break;
	}
}

static double gap_after(const struct plan *p, struct rng *r, enum assumption_id id)
{
	return at_most(draw(p->a, r, id), EPISODE_GAP - 0.1);
}

static void add_tonic(const struct plan *p, struct rng *r, struct train *t, double start)
{
	double length = at_least(draw(p->a, r, A_TONIC_LENGTH), TONIC_LENGTH);

	train_add(t, start, length, draw(p->a, r, A_BURST_LEVEL));
}

/* All bursts of an episode; at least @least seconds long unless a twitch. */
static void make_train(const struct plan *p, struct rng *r, enum spasm_form form, double least,
		       struct train *t)
{
	unsigned int trains = 1 + (unsigned int)(rng_unit(r) * 3.0);

	t->n = 0;
	t->end = 0.0;
	switch (form) {
	case FORM_TWITCH:
		train_add(t, 0.0, draw(p->a, r, A_BURST_LENGTH), 1.0);
		break;
	case FORM_TONIC:
		add_tonic(p, r, t, 0.0);
		break;
	default:
		add_clonic(p, r, t, 0.0);
		for (unsigned int i = 1; (i < trains || t->end < least) && t->n < MAX_BURSTS; i++)
			add_clonic(p, r, t, t->end + gap_after(p, r, A_TRAIN_PAUSE));
		if (form != FORM_MIXED)
			break;
		add_tonic(p, r, t, t->end + gap_after(p, r, A_MIXED_GAP));
		if (rng_unit(r) < 0.5)
			add_clonic(p, r, t, t->end + gap_after(p, r, A_MIXED_GAP));
	}
}

/*
 * Largest rectified value to RMS of noise of about 200 Hz of bandwidth, by how
 * long it is active in all: sqrt(2 ln(2 B T)).
 */
static double peak_per_rms(const struct train *t)
{
	static const double table[][2] = {
		{0.01, 1.7}, {0.02, 2.0}, {0.05, 2.5}, {0.1, 2.7}, {1.0, 3.5}, {10.0, 4.1},
	};
	double active = 0.0;
	unsigned int i;

	for (i = 0; i < t->n; i++)
		active += t->bursts[i].length;
	if (active <= table[0][0])
		return table[0][1];
	for (i = 1; i < ARRAY_SIZE(table) && active > table[i][0]; i++)
		;
	if (i == ARRAY_SIZE(table))
		return table[i - 1][1];

	return table[i - 1][1] + (table[i][1] - table[i - 1][1]) * (active - table[i - 1][0]) /
					 (table[i][0] - table[i - 1][0]);
}

static bool region_has_site(const struct plan *p, enum face_region region)
{
	return montage_has_region(&p->config->montage, p->face->affected, region);
}

/* Levels of the muscles of one region; its strongest in the montage gets @level. */
static void draw_levels(const struct plan *p, struct rng *r, enum face_region region, double level,
			double levels[OEH_MUSCLE_COUNT])
{
	bool seen = region_has_site(p, region);
	double most = 0.0;

	for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++) {
		double drawn = draw(p->a, r, A_MUSCLE_LEVEL);

		if (muscle_region(m) != region)
			continue;
		levels[m] = drawn;
		if (!seen || plan_has_site(p, p->face->affected, m))
			most = at_least(most, drawn);
	}
	for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++) {
		if (muscle_region(m) == region)
			levels[m] *= level / most;
	}
}

static void draw_course(const struct plan *p, struct rng *r, enum spasm_spread spread,
			struct course *c)
{
	/* Muscles are not quite synchronous; what leads must lead by enough. */
	double least = SPREAD_LAG + 0.001 + p->a->hi[A_SYNCHRONY];
	double lag = at_least(draw(p->a, r, A_SPREAD_LAG), least);
	double second = draw(p->a, r, A_REGION_LEVEL);
	bool mouth_weaker = rng_unit(r) < 0.65, eye_alone = rng_unit(r) < 0.75;

	memset(c, 0, sizeof(*c));
	c->shifted = rng_unit(r) < p->a->lo[A_SPREAD_SHIFT];
	c->peak_uv = draw(p->a, r, A_SPASM_PEAK);
	draw_levels(p, r, REGION_EYE, mouth_weaker ? 1.0 : second, c->level);
	draw_levels(p, r, REGION_MOUTH, mouth_weaker ? second : 1.0, c->level);
	switch (spread) {
	case SPREAD_TYPICAL:
		c->lag[1] = lag;
		break;
	case SPREAD_ATYPICAL:
		c->lag[0] = lag;
		break;
	case SPREAD_SINGLE_REGION:
		if (!region_has_site(p, REGION_EYE) || !region_has_site(p, REGION_MOUTH))
			eye_alone = region_has_site(p, REGION_EYE);
		c->lag[eye_alone ? 1 : 0] = -1.0;
		break;
	default:
		break;
	}
}

/* True where the second region can join by a burst of the train soon after its lag. */
static bool can_join(const struct train *t, const struct course *c)
{
	double lag = at_least(c->lag[0], c->lag[1]);

	for (unsigned int i = 0; i < t->n; i++) {
		const struct burst *b = &t->bursts[i];

		if (b->start >= lag ||
		    (b->length >= LONG_BURST && b->start + b->length > lag + 0.05))
			return b->start <= JOIN_BY;
	}

	return false;
}

/* One burst in one muscle, or nothing where its region has not joined yet. */
static void add_burst(struct plan *p, struct rng *r, double t, const struct burst *b,
		      const struct course *c, unsigned int muscle, struct scene_event *event)
{
	double lag = c->lag[muscle_region(muscle) == REGION_MOUTH];
	double level = b->level * rng_range(r, 0.85, 1.0) * c->level[muscle];
	double synchrony = draw(p->a, r, A_SYNCHRONY), jitter = synchrony * (rng_unit(r) - 0.5);
	double rise = draw(p->a, r, A_BURST_RISE), fall = draw(p->a, r, A_BURST_FALL);
	double ripple = draw(p->a, r, A_TONIC_RIPPLE);
	double ripple_time = draw(p->a, r, A_TONIC_RIPPLE_TIME);
	double start = b->start, end = b->start + b->length;

	if (c->shifted) {
		start += lag;
		end += lag;
	} else if (start < lag) {
		if (b->length < LONG_BURST || end < lag + 0.05)
			return;
		start = lag;
	}
	plan_contract(p, r,
		      &(struct effort){
			      .side = p->face->affected,
			      .muscle = muscle,
			      .start = t + start + jitter,
			      .end = t + end + jitter,
			      .rms_uv = level * c->peak_uv / c->peak_per_rms *
					p->face->weak[p->face->affected],
			      .rise = at_most(rise, 0.4 * (end - start)),
			      .fall = at_most(fall, 0.5 * (end - start)),
			      .ripple = b->length > 0.5 ? ripple : 0.0,
			      .ripple_time = ripple_time,
		      },
		      event);
}

/* The first start of the region among the sites, from the contractions put in. */
static bool region_start(const struct plan *p, size_t from, enum face_region region, uint64_t *ret)
{
	bool found = false;

	for (size_t i = from; i < p->n_contractions; i++) {
		const struct contraction *c = &p->contractions[i];
		unsigned int muscle = c->source % OEH_MUSCLE_COUNT;

		if (muscle_region(muscle) != region || !plan_has_site(p, p->face->affected, muscle))
			continue;
		if (!found || c->start < *ret)
			*ret = c->start;
		found = true;
	}

	return found;
}

static enum spasm_spread spread_of(const struct plan *p, size_t from)
{
	uint64_t eye = 0, mouth = 0;
	bool has_eye = region_start(p, from, REGION_EYE, &eye);
	bool has_mouth = region_start(p, from, REGION_MOUTH, &mouth);
	double lag = ((double)mouth - (double)eye) / p->config->rate;

	if (!has_eye || !has_mouth)
		return SPREAD_SINGLE_REGION;
	if (lag >= SPREAD_LAG)
		return SPREAD_TYPICAL;

	return lag <= -SPREAD_LAG ? SPREAD_ATYPICAL : SPREAD_SIMULTANEOUS;
}

static float peak_of(const struct plan *p, size_t from, double peak_per_rms)
{
	float most = 0.0f;

	for (size_t i = from; i < p->n_contractions; i++) {
		const struct contraction *c = &p->contractions[i];

		if (plan_has_site(p, p->face->affected, c->source % OEH_MUSCLE_COUNT) &&
		    c->rms_uv > most)
			most = c->rms_uv;
	}

	return most * (float)peak_per_rms;
}

static enum spasm_form form_of(const struct train *t)
{
	unsigned int tonic = 0;

	for (unsigned int i = 0; i < t->n; i++)
		tonic += t->bursts[i].length >= 1.0;
	if (t->n == 1)
		return tonic ? FORM_TONIC : FORM_TWITCH;

	return tonic == 0 ? FORM_CLONIC : tonic == t->n ? FORM_TONIC : FORM_MIXED;
}

/* Of 124 patients: twitches in 28, grouped bursts in 42, tonic in 1, the rest mixed (s); more
 * tonic ones here, so that they can be counted. */
static enum spasm_form draw_form(struct rng *r)
{
	double x = rng_unit(r);

	return x < 0.22 ? FORM_TWITCH : x < 0.56 ? FORM_CLONIC : x < 0.70 ? FORM_TONIC : FORM_MIXED;
}

/* The mouth leads in 2 to 3 % of patients (s); more here, so that they can be counted. */
static enum spasm_spread draw_spread(struct rng *r)
{
	double x = rng_unit(r);

	return x < 0.50	  ? SPREAD_TYPICAL
	       : x < 0.75 ? SPREAD_SIMULTANEOUS
	       : x < 0.88 ? SPREAD_ATYPICAL
			  : SPREAD_SINGLE_REGION;
}

double act_spasm(struct plan *p, struct rng *r, double t, enum spasm_form form,
		 enum spasm_spread spread)
{
	struct scene_event event = event_begin(EVENT_SPASM, p->face->affected, "spasm");
	enum spasm_form drawn_form = draw_form(r);
	enum spasm_spread drawn_spread = draw_spread(r);
	size_t from = p->n_contractions;
	struct course course;
	struct train train;

	form = form ? form : drawn_form;
	spread = spread ? spread : drawn_spread;
	/* A single burst has no time to spread. */
	if (form == FORM_TWITCH && spread != SPREAD_SINGLE_REGION)
		spread = SPREAD_SIMULTANEOUS;
	draw_course(p, r, spread, &course);
	make_train(p, r, form, course.lag[0] + course.lag[1] + 0.2, &train);
	course.peak_per_rms = peak_per_rms(&train);
	course.shifted = course.shifted || !can_join(&train, &course);
	if (t + train.end + 0.5 > p->duration)
		return p->duration;

	for (unsigned int i = 0; i < train.n; i++) {
		for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++) {
			enum face_region region = muscle_region(m);

			if ((region == REGION_EYE && course.lag[0] >= 0.0) ||
			    (region == REGION_MOUTH && course.lag[1] >= 0.0))
				add_burst(p, r, t, &train.bursts[i], &course, m, &event);
		}
	}
	event.form = form_of(&train);
	event.spread = spread_of(p, from);
	event.peak_uv = peak_of(p, from, course.peak_per_rms);
	plan_event(p, &event);

	return t + train.end;
}
