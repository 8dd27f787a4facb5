/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What happens in a scene, decided before the first sample: contractions of
 * muscles, disturbances of electrodes, and the events that they make up.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assumption.h"
#include "scene-face.h"
#include "scene.h"

/* A muscle contracts: a trapezoid with smooth edges, times a ripple. */
struct contraction {
	uint64_t start, end; /* samples */
	float rms_uv;
	float rise, fall;  /* samples */
	float ripple;	   /* depth, 0 to 1 */
	float ripple_time; /* samples */
	uint32_t seed;	   /* of the ripple */
	uint8_t source;
};

enum disturbance_kind {
	DISTURBANCE_GAZE,     /* the eyeball turns and turns back */
	DISTURBANCE_BUMP,     /* lid and eyeball: half a sine */
	DISTURBANCE_MOTION,   /* swing and rumble */
	DISTURBANCE_POP,      /* step that decays */
	DISTURBANCE_CONTACT,  /* nothing but mains and noise, or the rail */
	DISTURBANCE_CLIPPING, /* the rail */
	DISTURBANCE_MAINS,    /* mains rise */
};

/* Something happens to electrodes. */
struct disturbance {
	enum disturbance_kind kind;
	uint64_t start, end;	 /* samples */
	float gain[MONTAGE_MAX]; /* uV at each channel, 0: not touched */
	double hz;		 /* swing; decay time in s of a pop */
	float noise_uv;		 /* rumble, open input */
};

struct plan {
	const struct assumptions *a;
	const struct scene_face *face;
	const struct scene_config *config;
	double duration; /* s */
	struct contraction *contractions;
	size_t n_contractions, allocated_contractions;
	struct disturbance *disturbances;
	size_t n_disturbances, allocated_disturbances;
	struct scene_event *events;
	size_t n_events, allocated_events;
	bool failed; /* out of memory somewhere on the way */
};

void plan_done(struct plan *p);

/* Sorts everything by start. Returns 0 or -ENOMEM if memory was short before. */
int plan_finish(struct plan *p);

/* Seconds to the nearest sample. */
uint64_t plan_sample(const struct plan *p, double t);

/* One contraction, in seconds and uV RMS at its own site. */
struct effort {
	unsigned int side, muscle;
	double start, end, rms_uv, rise, fall, ripple, ripple_time;
};

/*
 * Adds a contraction and widens @event (may be NULL) by it; a spasm's event
 * covers only muscles that have a site in the montage, if any has.
 */
void plan_contract(struct plan *p, struct rng *r, const struct effort *e,
		   struct scene_event *event);

/* Adds a disturbance and returns it to be filled, or NULL. */
struct disturbance *plan_disturb(struct plan *p, enum disturbance_kind kind, double start,
				 double end);

/* Starts and adds an event. */
struct scene_event event_begin(enum event_kind kind, unsigned int side, const char *act);
void plan_event(struct plan *p, const struct scene_event *event);

/* True where the montage has a site on it. */
bool plan_has_site(const struct plan *p, unsigned int side, unsigned int muscle);

/* What can be put into a timeline; each fills one stretch and returns its end. */
typedef double (*act_fn)(struct plan *p, struct rng *r, double t);

double act_blink(struct plan *p, struct rng *r, double t);
double act_smile(struct plan *p, struct rng *r, double t);
double act_squeeze(struct plan *p, struct rng *r, double t);
double act_brow(struct plan *p, struct rng *r, double t);
double act_speech(struct plan *p, struct rng *r, double t);
double act_chewing(struct plan *p, struct rng *r, double t);
double act_wink(struct plan *p, struct rng *r, double t);
double act_swallow(struct plan *p, struct rng *r, double t);
double act_pucker(struct plan *p, struct rng *r, double t);
double act_gaze(struct plan *p, struct rng *r, double t);

/* Other disorders, which are no hemifacial spasm: both eyes; mouth with eye. */
double act_blepharospasm(struct plan *p, struct rng *r, double t);
double act_synkinesis(struct plan *p, struct rng *r, double t);

/* A spasm of the affected side; form and spread as asked, or drawn if unknown. */
double act_spasm(struct plan *p, struct rng *r, double t, enum spasm_form form,
		 enum spasm_spread spread);

/* An artefact of this cause on some channels. */
double act_artefact(struct plan *p, struct rng *r, double t, enum artefact_cause cause);
