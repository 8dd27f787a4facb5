/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A synthetic patient: facial EMG with known events, for tests and the
 * emulated headset. Seeded and repeatable; pure code. What it plays is
 * synthetic, and every figure that is measured on it says so.
 *
 * The same seed gives the same events (in seconds) at every rate and with
 * every montage, and the same samples whatever the blocks they are read in.
 * What is assumed about faces stands in one table with units and sources:
 * assumption.c.
 */
#include <stddef.h>
#include <stdint.h>

#include "detect.h"

struct scene;

/*
 * Departures from the table of assumptions. All zero: none. A pair is a range
 * from which values are drawn; 0,0 takes the table's.
 */
struct scene_knobs {
	double vary;	      /* 0 to 0.5: scales each assumption at random by up to +-this share */
	double spasm_uv[2];   /* peak of the strongest muscle */
	double movement;      /* factor on the strength of all voluntary acts and blinks */
	double noise_uv[2];   /* electrode noise, RMS within 20 to 450 Hz */
	double mains_uv;      /* largest amplitude of the fundamental on a channel; < 0: no mains */
	double mains_hz;      /* 0: 50 or 60, drawn */
	double mains_drift;   /* Hz, largest departure; < 0: none */
	double crosstalk;     /* factor on all cross-talk; < 0: none */
	uint8_t side;	      /* affected side, enum oeh_side; 0: drawn */
	uint8_t weak_side;    /* this side's muscles are weaker; 0: none */
	double weak_factor;   /* what is left of their strength; 0: a third */
	double asymmetry;     /* factor on healthy unevenness; < 0: none */
	double ramp;	      /* factor on the ramps of voluntary acts */
	double burst_ms[2];   /* length of a burst of a spasm */
	double burst_rate[2]; /* bursts a second in a train */
	double pause_s[2];    /* between two spasms; at least 1.5 s are kept */
	double clip_uv;	      /* rail of the converter; 0: 187500 (ADS1299 at gain 24) */
};

struct scene_config {
	const char *name; /* one of scene_names, or several joined by "," */
	uint64_t seed;
	double rate;	 /* Hz */
	double duration; /* seconds; 0: the scene's own */
	struct montage montage;
	struct scene_knobs knobs;
};

/* Truth: what was put in. Times are samples. */
struct scene_event {
	enum event_kind kind;
	uint64_t start, end; /* a spasm: of its bursts as driven, in sites of the montage */
	uint8_t side;
	enum spasm_form form;
	enum spasm_spread spread;
	uint32_t muscles; /* driven and in the montage: bit per enum oeh_muscle */
	enum artefact_cause cause;
	uint32_t channels; /* artefact: bit per channel */
	float peak_uv;	   /* spasm: about the largest rectified value at the strongest site */
	const char *act;   /* what was done: "smile", "wink", "spasm", … */
};

/* {NULL, NULL}-terminated list of names with a one-line description. */
struct scene_name {
	const char *name, *description;
};
extern const struct scene_name scene_names[];

#define SCENE_MAX_DURATION 90000.0  /* seconds: a day and an hour */
#define SCENE_CLIP_UV	   187500.0 /* rail of the converter unless knobs.clip_uv says else */

/* Returns 0, -EINVAL (unknown name, bad rate, duration, montage or knob) or -ENOMEM. */
int scene_new(const struct scene_config *config, struct scene **ret);
struct scene *scene_free(struct scene *s); /* returns NULL */

/* Total length in samples. */
uint64_t scene_length(const struct scene *s);

/*
 * Writes up to @n scans of microvolts, DC included, each @stride floats long
 * (>= the montage's channels; the rest is zeroed); returns how many.
 */
size_t scene_read(struct scene *s, float *uv, size_t stride, size_t n);

/* Bit N: channel N has no contact at the newest scan read. */
uint32_t scene_lead_off(const struct scene *s);

/* All events of the scene in order of start, known from the beginning. */
const struct scene_event *scene_events(const struct scene *s, size_t *n);
