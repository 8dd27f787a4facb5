/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of scenes, and when what happens in each. Blinks, acts, spasms and
 * artefacts run in lanes that do not wait for each other, so a spasm may
 * begin in the middle of a phrase; within a lane, one thing ends before the
 * next begins.
 */
#include <errno.h>
#include <string.h>

#include "schedule.h"
#include "util.h"

#define FIRST_SPASM 3.0 /* s: no one's filters have settled before */
#define FIRST_ACT   2.0
#define LEAST_PAUSE 1.5 /* s between two spasms: one second parts episodes */
#define MAX_CHOICES 16

enum lane { LANE_NONE, LANE_BLINK, LANE_GAZE, LANE_ACT, LANE_SPASM, LANE_ARTEFACT, LANE_SCRIPT };

/* One thing that a scene has in a lane. */
struct item {
	enum lane lane;
	act_fn act;
	enum spasm_form form;
	enum spasm_spread spread;
	enum artefact_cause cause;
};

/* One line of a scripted scene; its times are seconds from each minute. */
struct cue {
	double time;
	struct item item;
};

/* clang-format off */
#define BLINKS { .lane = LANE_BLINK, .act = act_blink }
#define GAZE { .lane = LANE_GAZE, .act = act_gaze }
#define ACT(fn) { .lane = LANE_ACT, .act = fn }
#define SPASM(f, s) { .lane = LANE_SPASM, .form = f, .spread = s }
#define ARTEFACT(c) { .lane = LANE_ARTEFACT, .cause = c }
#define ALL_ACTS                                                                           \
	ACT(act_smile), ACT(act_squeeze), ACT(act_brow), ACT(act_speech), ACT(act_speech), \
		ACT(act_chewing), ACT(act_swallow), ACT(act_pucker)
#define ALL_ARTEFACTS                                                         \
	ARTEFACT(CAUSE_MOTION), ARTEFACT(CAUSE_POP), ARTEFACT(CAUSE_CONTACT), \
		ARTEFACT(CAUSE_MAINS), ARTEFACT(CAUSE_CLIPPING)
/* clang-format on */

/* The demonstration: every form, one of them in the middle of talk. */
/* clang-format off */
static const struct cue patient_script[] = {
	{ 4.0, SPASM(FORM_TWITCH, SPREAD_SIMULTANEOUS) },
	{ 6.5, ACT(act_smile) },
	{ 12.0, SPASM(FORM_CLONIC, SPREAD_TYPICAL) },
	{ 20.0, ACT(act_speech) },
	{ 22.0, SPASM(FORM_TWITCH, SPREAD_SINGLE_REGION) },
	{ 28.0, SPASM(FORM_TONIC, SPREAD_TYPICAL) },
	{ 36.0, SPASM(FORM_MIXED, SPREAD_SIMULTANEOUS) },
	{ 51.0, ACT(act_brow) },
	{ 55.0, SPASM(FORM_TWITCH, SPREAD_SIMULTANEOUS) },
};
/* clang-format on */

struct scene_row {
	const char *name;
	struct item items[MAX_CHOICES];
};

/* clang-format off */
const struct scene_name scene_names[] = {
	{"rest", "nothing but electrodes, tonus and mains"},
	{"blinks", "both eyes blink, 8 to 33 a minute"},
	{"smile", "smiles of both sides"},
	{"speech", "phrases"},
	{"chewing", "meals"},
	{"squeeze", "both eyes shut hard"},
	{"brow", "eyebrows raised or drawn together"},
	{"wink", "winks, one-sided grimaces and clenches: contractions, not spasms"},
	{"twitch", "spasms of one burst"},
	{"clonic", "spasms of several bursts"},
	{"tonic", "sustained spasms"},
	{"mixed", "clonic and tonic in one spasm"},
	{"spasms", "spasms of all forms and spreads"},
	{"typical", "spasms that begin at the eye"},
	{"atypical", "spasms that begin at the mouth"},
	{"simultaneous", "spasms that begin everywhere at once"},
	{"single_region", "spasms that stay at the eye or at the mouth"},
	{"motion", "electrodes are moved"},
	{"pop", "electrodes pop"},
	{"contact", "electrodes come off"},
	{"mains", "mains rise for some seconds"},
	{"clipping", "channels go to the rail"},
	{"artefacts", "all five of these"},
	{"swallow", "mouth, chin and jaw of both sides"},
	{"pucker", "lips drawn together"},
	{"gaze", "the eyes look elsewhere"},
	{"blepharospasm", "another disorder: both eyes forced shut, no mouth"},
	{"synkinesis", "another disorder: the mouth of one side moves with each blink"},
	{"healthy", "blinks, gaze, smiles, squeezes, brows, lips, speech and meals"},
	{"patient", "a minute of everyday life with six spasms of one side"},
	{NULL, NULL},
};
/* clang-format on */

/* clang-format off */
static const struct scene_row rows[] = {
	{"rest", {{0}}},
	{"blinks", {BLINKS}},
	{"smile", {ACT(act_smile)}},
	{"speech", {ACT(act_speech)}},
	{"chewing", {ACT(act_chewing)}},
	{"squeeze", {ACT(act_squeeze)}},
	{"brow", {ACT(act_brow)}},
	{"wink", {ACT(act_wink)}},
	{"twitch", {SPASM(FORM_TWITCH, SPREAD_UNKNOWN)}},
	{"clonic", {SPASM(FORM_CLONIC, SPREAD_UNKNOWN)}},
	{"tonic", {SPASM(FORM_TONIC, SPREAD_UNKNOWN)}},
	{"mixed", {SPASM(FORM_MIXED, SPREAD_UNKNOWN)}},
	{"spasms", {SPASM(FORM_UNKNOWN, SPREAD_UNKNOWN)}},
	{"typical",
	 {SPASM(FORM_CLONIC, SPREAD_TYPICAL), SPASM(FORM_TONIC, SPREAD_TYPICAL),
	  SPASM(FORM_MIXED, SPREAD_TYPICAL)}},
	{"atypical",
	 {SPASM(FORM_CLONIC, SPREAD_ATYPICAL), SPASM(FORM_TONIC, SPREAD_ATYPICAL),
	  SPASM(FORM_MIXED, SPREAD_ATYPICAL)}},
	{"simultaneous", {SPASM(FORM_UNKNOWN, SPREAD_SIMULTANEOUS)}},
	{"single_region", {SPASM(FORM_UNKNOWN, SPREAD_SINGLE_REGION)}},
	{"motion", {ARTEFACT(CAUSE_MOTION)}},
	{"pop", {ARTEFACT(CAUSE_POP)}},
	{"contact", {ARTEFACT(CAUSE_CONTACT)}},
	{"mains", {ARTEFACT(CAUSE_MAINS)}},
	{"clipping", {ARTEFACT(CAUSE_CLIPPING)}},
	{"artefacts", {ALL_ARTEFACTS}},
	{"swallow", {ACT(act_swallow)}},
	{"pucker", {ACT(act_pucker)}},
	{"gaze", {GAZE}},
	{"blepharospasm", {ACT(act_blepharospasm)}},
	{"synkinesis", {{.lane = LANE_BLINK, .act = act_synkinesis}}},
	{"healthy", {BLINKS, GAZE, ALL_ACTS}},
	{"patient", {BLINKS, GAZE, {.lane = LANE_SCRIPT}}},
};
/* clang-format on */

/* All that can happen in each lane. */
struct choices {
	struct item items[LANE_SCRIPT + 1][4 * MAX_CHOICES];
	unsigned int n[LANE_SCRIPT + 1];
};

static int choices_add(struct choices *choices, const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct item *item = rows[i].items;

		if (strlen(rows[i].name) != length || strncmp(rows[i].name, name, length) != 0)
			continue;
		for (; item->lane != LANE_NONE; item++) {
			unsigned int *n = &choices->n[item->lane];

			if (*n == ARRAY_SIZE(choices->items[0]))
				return -EINVAL;
			choices->items[item->lane][(*n)++] = *item;
		}
		return 0;
	}

	return -EINVAL;
}

static double play(struct plan *p, struct rng *r, const struct item *item, double t)
{
	switch (item->lane) {
	case LANE_SPASM:
		return act_spasm(p, r, t, item->form, item->spread);
	case LANE_ARTEFACT:
		return act_artefact(p, r, t, item->cause);
	default:
		return item->act(p, r, t);
	}
}

static void fill_lane(struct plan *p, const struct choices *choices, enum lane lane)
{
	static const enum assumption_id pauses[] = {
		[LANE_BLINK] = A_BLINK_PAUSE,	    [LANE_GAZE] = A_GAZE_PAUSE,
		[LANE_ACT] = A_ACT_PAUSE,	    [LANE_SPASM] = A_SPASM_PAUSE,
		[LANE_ARTEFACT] = A_ARTEFACT_PAUSE,
	};
	double t = lane == LANE_SPASM ? FIRST_SPASM : FIRST_ACT;
	unsigned int n = choices->n[lane];
	struct rng r;

	if (!n)
		return;

	rng_init(&r, p->config->seed, 0x6c616e65 + lane);
	t += rng_unit(&r);
	while (t < p->duration) {
		unsigned int which = (unsigned int)(rng_unit(&r) * n);
		double pause = draw(p->a, &r, pauses[lane]);

		if (lane == LANE_SPASM && pause < LEAST_PAUSE)
			pause = LEAST_PAUSE;
		t = play(p, &r, &choices->items[lane][which], t) + pause;
	}
}

/* Plays the script from @start; returns when it is through. */
static double play_script(struct plan *p, struct rng *r, double start)
{
	double next_spasm = start; /* a long one pushes the next one on */
	double end = start + 60.0;

	for (size_t i = 0; i < ARRAY_SIZE(patient_script); i++) {
		const struct cue *cue = &patient_script[i];
		bool spasm = cue->item.lane == LANE_SPASM;
		double t = start + cue->time;

		if (spasm && t < next_spasm)
			t = next_spasm;
		if (t >= p->duration)
			continue;
		t = play(p, r, &cue->item, t) + LEAST_PAUSE;
		if (spasm)
			next_spasm = t;
		if (t > end)
			end = t;
	}

	return end;
}

static void fill_script(struct plan *p, const struct choices *choices)
{
	struct rng r;

	if (!choices->n[LANE_SCRIPT])
		return;

	rng_init(&r, p->config->seed, 0x73637269);
	for (double t = 0.0; t < p->duration;)
		t = play_script(p, &r, t);
}

int schedule_fill(struct plan *p, const char *names)
{
	_cleanup_free_ struct choices *choices = calloc(1, sizeof(*choices));

	if (!choices)
		return -ENOMEM;

	for (;;) {
		size_t length = strcspn(names, ",");

		if (choices_add(choices, names, length) < 0)
			return -EINVAL;
		names += length;
		if (!*names)
			break;
		names++;
	}
	for (enum lane lane = LANE_BLINK; lane <= LANE_ARTEFACT; lane++)
		fill_lane(p, choices, lane);
	fill_script(p, choices);

	return 0;
}
