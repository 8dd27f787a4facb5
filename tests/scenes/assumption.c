/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of assumptions.
 *
 * Sources: (s) published, (t) textbook, (i) inference of ours, chosen so that
 * the range is wider rather than narrower than what is likely.
 *  Wang and Jankovic 1998: onset and side of hemifacial spasm, 158 patients.
 *  Lee 1992: synchronous activity in four facial muscles, 24 patients.
 *  van Boxtel 2001: bandwidth of facial surface EMG, hump of the eyelid muscle.
 *  Fridlund and Cacioppo 1986: guidelines for facial EMG, contacts 1 cm apart.
 *  Uneven healthy faces: weaker to stronger side 0.74 +- 0.19 (zygomaticus),
 *  0.80 +- 0.15 (orbicularis oris), 0.82 +- 0.15 (frontalis), n = 154.
 */
#include "assumption.h"

#define ROW(id, lo, hi, unit, source, note) [id] = {#id, lo, hi, unit, source, note}

/* clang-format off */
const struct assumption assumption_table[ASSUMPTION_COUNT] = {
	/* face */
	ROW(A_LEFT, 0.56, 0.56, "share", 's', "spasm on the left, Wang and Jankovic"),
	ROW(A_ASYMMETRY_FRO, 0.82, 0.15, "mean, SD", 's', "weaker to stronger side"),
	ROW(A_ASYMMETRY_ZYG, 0.74, 0.19, "mean, SD", 's', "weaker to stronger side"),
	ROW(A_ASYMMETRY_OOR, 0.80, 0.15, "mean, SD", 's', "weaker to stronger side"),
	ROW(A_ASYMMETRY_ELSE, 0.80, 0.15, "mean, SD", 'i', "as the measured ones"),
	ROW(A_STRENGTH, 0.7, 1.4, "factor", 'i', "one muscle of one face to another"),
	ROW(A_ACT_JITTER, 0.88, 1.12, "factor", 'i', "one side of one act"),
	ROW(A_SIDE_LAG, -0.010, 0.010, "s", 'i', "side to side in a voluntary act"),
	ROW(A_REST_TONUS, 0.2, 1.0, "uV RMS", 'i', "total at rest 1 to 5 with electrodes (t)"),
	/* spectrum */
	ROW(A_BAND_LOW, 18, 32, "Hz", 's', "lower edge, van Boxtel: 15 to 25 and above"),
	ROW(A_BAND_HIGH, 130, 260, "Hz", 'i', "corner of the fall towards 400 to 500 Hz (s)"),
	ROW(A_OOC_HUMP_HZ, 58, 70, "Hz", 's', "near 64, van Boxtel"),
	ROW(A_OOC_HUMP_GAIN, 1.5, 3.0, "factor", 'i', "height of that hump, amplitude"),
	/* volume conduction */
	ROW(A_RING, 0.15, 0.30, "share", 't', "orbicularis oris over the midline"),
	ROW(A_CROSSTALK_SPREAD, 0.6, 1.4, "factor", 'i', "one pair of sites to another"),
	ROW(A_OTHER_SITE, 0.1, 0.5, "share", 'i', "a muscle seen at a site of no known muscle"),
	/* spasm */
	ROW(A_SPASM_PEAK, 100, 600, "uV", 't', "100 to 1000 peak; the upper end is easy"),
	ROW(A_SPASM_PAUSE, 2.5, 9, "s", 'i', "denser than in life, for statistics"),
	ROW(A_BURST_LENGTH, 0.010, 0.100, "s", 't', "a twitch or one burst of a train"),
	ROW(A_BURST_RISE, 0.001, 0.004, "s", 'i', "abrupt: the fibres fire together"),
	ROW(A_BURST_FALL, 0.003, 0.010, "s", 'i', "about one motor unit potential"),
	ROW(A_BURST_LEVEL, 0.6, 1.0, "factor", 'i', "one burst to the next"),
	ROW(A_MUSCLE_LEVEL, 0.3, 1.0, "factor", 'i', "one muscle of a region to another"),
	ROW(A_BURST_DUTY, 0.6, 0.6, "share", 'i', "most of an interval that a burst fills"),
	ROW(A_TRAIN_RATE, 5, 20, "1/s", 't', "bursts in a train"),
	ROW(A_TRAIN_JITTER, 0.25, 0.25, "share", 't', "irregular: of an interval"),
	ROW(A_TRAIN_LENGTH, 0.4, 2.5, "s", 'i', "one train"),
	ROW(A_TRAIN_PAUSE, 0.2, 0.6, "s", 'i', "between trains; below 1 s by definition"),
	ROW(A_SYNCHRONY, 0.015, 0.015, "s", 'i', "largest lag between muscles, after Lee"),
	ROW(A_TONIC_LENGTH, 1.1, 12, "s", 't', "1 s to tens of s"),
	ROW(A_TONIC_RIPPLE, 0.15, 0.5, "share", 'i', "depth of fluctuation"),
	ROW(A_TONIC_RIPPLE_TIME, 0.03, 0.12, "s", 'i', "time of fluctuation"),
	ROW(A_MIXED_GAP, 0.03, 0.25, "s", 'i', "between train and tonic part"),
	ROW(A_SPREAD_LAG, 0.075, 0.300, "s", 'i', "second region after the first, 60 or more"),
	ROW(A_SPREAD_SHIFT, 0.2, 0.2, "share", 'i', "second region copies instead of joining"),
	ROW(A_REGION_LEVEL, 0.6, 1.0, "factor", 'i', "one region to the other"),
	/* blink */
	ROW(A_BLINK_PAUSE, 1.9, 7.5, "s", 's', "8 to 33 a minute"),
	ROW(A_BLINK_LENGTH, 0.10, 0.40, "s", 't', "whole"),
	ROW(A_BLINK_PEAK, 20, 150, "uV", 't', "peak, orbicularis oculi"),
	ROW(A_BLINK_RISE, 0.02, 0.06, "s", 'i', "faster than a smile, slower than a spasm"),
	ROW(A_BLINK_EOG, 5, 60, "uV", 'i', "lid and eyeball, bipolar, slow"),
	/* voluntary */
	ROW(A_ACT_PAUSE, 2, 8, "s", 'i', "denser than in life"),
	ROW(A_ACT_RIPPLE, 0.1, 0.35, "share", 'i', "unsteadiness of a held contraction"),
	ROW(A_SMILE_LENGTH, 0.9, 4.0, "s", 't', "0.5 to 4; two ramps must fit"),
	ROW(A_SMILE_RAMP, 0.3, 0.7, "s", 't', "rise"),
	ROW(A_SMILE_RMS, 20, 100, "uV RMS", 'i', "zygomaticus"),
	ROW(A_SQUEEZE_LENGTH, 0.6, 2.5, "s", 'i', "both eyes shut hard"),
	ROW(A_SQUEEZE_RAMP, 0.08, 0.30, "s", 'i', "rise"),
	ROW(A_SQUEEZE_RMS, 40, 180, "uV RMS", 'i', "orbicularis oculi"),
	ROW(A_BROW_LENGTH, 0.5, 2.5, "s", 'i', "raise or frown"),
	ROW(A_BROW_RAMP, 0.08, 0.30, "s", 'i', "rise"),
	ROW(A_BROW_RMS, 20, 110, "uV RMS", 'i', "frontalis"),
	ROW(A_SPEECH_LENGTH, 1.0, 7.0, "s", 'i', "a phrase"),
	ROW(A_SPEECH_RATE, 3, 6, "1/s", 't', "syllables"),
	ROW(A_SPEECH_RMS, 10, 55, "uV RMS", 'i', "orbicularis oris"),
	ROW(A_SPEECH_RAMP, 0.03, 0.08, "s", 'i', "rise of a syllable"),
	ROW(A_CHEW_LENGTH, 4, 14, "s", 'i', "a bite"),
	ROW(A_CHEW_RATE, 1, 2, "1/s", 't', "strokes"),
	ROW(A_CHEW_DUTY, 0.35, 0.55, "share", 'i', "of a stroke"),
	ROW(A_CHEW_RMS, 40, 220, "uV RMS", 'i', "masseter"),
	ROW(A_CHEW_UNEVEN, 0.35, 1.0, "factor", 't', "resting to working side"),
	ROW(A_WINK_LENGTH, 0.20, 0.70, "s", 'i', "whole"),
	ROW(A_WINK_RAMP, 0.03, 0.10, "s", 'i', "rise"),
	ROW(A_WINK_RMS, 25, 120, "uV RMS", 'i', "orbicularis oculi"),
	ROW(A_WINK_OTHER, 0.05, 0.35, "factor", 'i', "the eye that is meant to stay open"),
	ROW(A_SMIRK_LENGTH, 0.5, 2.0, "s", 'i', "one corner of the mouth"),
	ROW(A_SMIRK_RAMP, 0.10, 0.40, "s", 'i', "rise"),
	ROW(A_SMIRK_RMS, 20, 90, "uV RMS", 'i', "zygomaticus"),
	ROW(A_CLENCH_LENGTH, 0.5, 2.0, "s", 'i', "jaw of one side"),
	ROW(A_CLENCH_RAMP, 0.08, 0.30, "s", 'i', "rise"),
	ROW(A_SWALLOW_LENGTH, 0.5, 1.0, "s", 't', "mouth closed, chin and jaw braced"),
	ROW(A_SWALLOW_RMS, 10, 50, "uV RMS", 'i', "mentalis"),
	ROW(A_PUCKER_LENGTH, 0.5, 2.5, "s", 'i', "lips drawn together"),
	ROW(A_PUCKER_RAMP, 0.10, 0.40, "s", 'i', "rise"),
	ROW(A_PUCKER_RMS, 25, 120, "uV RMS", 'i', "orbicularis oris"),
	/* eyes */
	ROW(A_GAZE_PAUSE, 0.8, 5, "s", 'i', "between large movements of the eyes"),
	ROW(A_GAZE_UV, 5, 60, "uV", 'i', "step near the eye, bipolar, 1 cm"),
	/* other disorders */
	ROW(A_CLOSURE_LENGTH, 1.5, 6, "s", 'i', "a bout of blepharospasm"),
	ROW(A_CLOSURE_RATE, 1, 4, "1/s", 'i', "forced closures within it"),
	ROW(A_SYNKINESIS, 0.2, 0.8, "factor", 'i', "mouth to eye in each blink after a palsy"),
	/* electrodes, amplifier, mains */
	ROW(A_NOISE, 1, 4, "uV RMS", 't', "20 to 450 Hz; rest 1 to 5 in all"),
	ROW(A_FLICKER, 8, 25, "Hz", 'i', "below it the noise rises as 1/f"),
	ROW(A_OFFSET, -40000, 40000, "uV", 't', "half-cell potentials of two electrodes"),
	ROW(A_DRIFT, 5, 60, "uV", 'i', "wander below 0.5 Hz, SD"),
	ROW(A_MAINS, 0.5, 15, "uV", 't', "amplitude of the fundamental"),
	ROW(A_MAINS_HARMONIC, 0.03, 0.3, "share", 'i', "second, third and fifth"),
	ROW(A_MAINS_DRIFT, 0.02, 0.15, "Hz", 't', "grid within +-0.2 in ordinary operation"),
	/* artefacts */
	ROW(A_ARTEFACT_PAUSE, 3, 12, "s", 'i', "denser than in life"),
	ROW(A_MOTION_LENGTH, 0.4, 2.0, "s", 'i', "a nudge, a turn of the head"),
	ROW(A_MOTION_SWING, 100, 2500, "uV", 'i', "slow part"),
	ROW(A_MOTION_HZ, 0.8, 8, "Hz", 't', "motion lies below 20 Hz"),
	ROW(A_MOTION_RUMBLE, 3, 40, "uV RMS", 'i', "cable: 5 to 40 Hz"),
	ROW(A_POP_STEP, 150, 4000, "uV", 'i', "sudden, one electrode"),
	ROW(A_POP_DECAY, 0.02, 0.15, "s", 'i', "back through the input"),
	ROW(A_CONTACT_LENGTH, 1, 8, "s", 'i', "an electrode is off"),
	ROW(A_CONTACT_MAINS, 150, 3000, "uV", 'i', "an open input picks it up"),
	ROW(A_CONTACT_NOISE, 10, 60, "uV RMS", 'i', "and is noisy"),
	ROW(A_CLIP_LENGTH, 0.5, 4, "s", 'i', "at the rail"),
	ROW(A_SURGE_LENGTH, 1, 6, "s", 'i', "something is switched on nearby"),
	ROW(A_SURGE_UV, 40, 300, "uV", 'i', "mains then"),
};
/* clang-format on */

/* In such a row the second figure is a deviation or a copy: scale both alike. */
void assumptions_init(struct assumptions *a, uint64_t seed, double vary)
{
	struct rng r;

	rng_init(&r, seed, 0x61737375);
	for (unsigned int i = 0; i < ASSUMPTION_COUNT; i++) {
		double factor = 1.0 + vary * rng_range(&r, -1.0, 1.0);

		a->lo[i] = assumption_table[i].lo * factor;
		a->hi[i] = assumption_table[i].hi * factor;
	}
}

void assumptions_set(struct assumptions *a, enum assumption_id id, const double range[2])
{
	if (range[0] == 0.0 && range[1] == 0.0)
		return;

	a->lo[id] = range[0];
	a->hi[id] = range[1];
}

void assumptions_scale(struct assumptions *a, enum assumption_id id, double factor)
{
	if (factor == 0.0)
		return;

	factor = factor < 0.0 ? 0.0 : factor;
	a->lo[id] *= factor;
	a->hi[id] *= factor;
}
