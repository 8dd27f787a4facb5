/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Everything that the scenes assume about faces, electrodes and spasms: one
 * range each, with unit and source. Values are drawn evenly from the range.
 */
#include "rng.h"

enum assumption_id {
	/* face */
	A_LEFT,
	A_ASYMMETRY_FRO,
	A_ASYMMETRY_ZYG,
	A_ASYMMETRY_OOR,
	A_ASYMMETRY_ELSE,
	A_STRENGTH,
	A_ACT_JITTER,
	A_SIDE_LAG,
	A_REST_TONUS,
	/* spectrum */
	A_BAND_LOW,
	A_BAND_HIGH,
	A_OOC_HUMP_HZ,
	A_OOC_HUMP_GAIN,
	/* volume conduction */
	A_RING,
	A_CROSSTALK_SPREAD,
	A_OTHER_SITE,
	/* spasm */
	A_SPASM_PEAK,
	A_SPASM_PAUSE,
	A_BURST_LENGTH,
	A_BURST_RISE,
	A_BURST_FALL,
	A_BURST_LEVEL,
	A_MUSCLE_LEVEL,
	A_BURST_DUTY,
	A_TRAIN_RATE,
	A_TRAIN_JITTER,
	A_TRAIN_LENGTH,
	A_TRAIN_PAUSE,
	A_SYNCHRONY,
	A_TONIC_LENGTH,
	A_TONIC_RIPPLE,
	A_TONIC_RIPPLE_TIME,
	A_MIXED_GAP,
	A_SPREAD_LAG,
	A_SPREAD_SHIFT,
	A_REGION_LEVEL,
	/* blink */
	A_BLINK_PAUSE,
	A_BLINK_LENGTH,
	A_BLINK_PEAK,
	A_BLINK_RISE,
	A_BLINK_EOG,
	/* voluntary */
	A_ACT_PAUSE,
	A_ACT_RIPPLE,
	A_SMILE_LENGTH,
	A_SMILE_RAMP,
	A_SMILE_RMS,
	A_SQUEEZE_LENGTH,
	A_SQUEEZE_RAMP,
	A_SQUEEZE_RMS,
	A_BROW_LENGTH,
	A_BROW_RAMP,
	A_BROW_RMS,
	A_SPEECH_LENGTH,
	A_SPEECH_RATE,
	A_SPEECH_RMS,
	A_SPEECH_RAMP,
	A_CHEW_LENGTH,
	A_CHEW_RATE,
	A_CHEW_DUTY,
	A_CHEW_RMS,
	A_CHEW_UNEVEN,
	A_WINK_LENGTH,
	A_WINK_RAMP,
	A_WINK_RMS,
	A_WINK_OTHER,
	A_SMIRK_LENGTH,
	A_SMIRK_RAMP,
	A_SMIRK_RMS,
	A_CLENCH_LENGTH,
	A_CLENCH_RAMP,
	A_SWALLOW_LENGTH,
	A_SWALLOW_RMS,
	A_PUCKER_LENGTH,
	A_PUCKER_RAMP,
	A_PUCKER_RMS,
	/* eyes */
	A_GAZE_PAUSE,
	A_GAZE_UV,
	/* other disorders */
	A_CLOSURE_LENGTH,
	A_CLOSURE_RATE,
	A_SYNKINESIS,
	/* electrodes, amplifier, mains */
	A_NOISE,
	A_FLICKER,
	A_OFFSET,
	A_DRIFT,
	A_MAINS,
	A_MAINS_HARMONIC,
	A_MAINS_DRIFT,
	/* artefacts */
	A_ARTEFACT_PAUSE,
	A_MOTION_LENGTH,
	A_MOTION_SWING,
	A_MOTION_HZ,
	A_MOTION_RUMBLE,
	A_POP_STEP,
	A_POP_DECAY,
	A_CONTACT_LENGTH,
	A_CONTACT_MAINS,
	A_CONTACT_NOISE,
	A_CLIP_LENGTH,
	A_SURGE_LENGTH,
	A_SURGE_UV,
	ASSUMPTION_COUNT
};

struct assumption {
	const char *name;
	double lo, hi;
	const char *unit;
	char source; /* 's' published, 't' textbook, 'i' inference */
	const char *note;
};
extern const struct assumption assumption_table[ASSUMPTION_COUNT];

/* The table as one scene takes it: varied, and with the caller's ranges. */
struct assumptions {
	double lo[ASSUMPTION_COUNT], hi[ASSUMPTION_COUNT];
};

/* @vary: each range is scaled by its own factor of up to 1 +- @vary. */
void assumptions_init(struct assumptions *a, uint64_t seed, double vary);

/* Replaces a range, unless it is 0,0. */
void assumptions_set(struct assumptions *a, enum assumption_id id, const double range[2]);

/* Scales a range by @factor, unless it is 0; a negative factor makes it 0. */
void assumptions_scale(struct assumptions *a, enum assumption_id id, double factor);

/* A value drawn from the range. */
static inline double draw(const struct assumptions *a, struct rng *r, enum assumption_id id)
{
	return rng_range(r, a->lo[id], a->hi[id]);
}
