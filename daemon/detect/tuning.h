/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Every constant of the detector, with its unit and where it is from:
 * (s) a published source, (t) textbook, (i) inference from either, then checked
 * on synthetic faces whose assumptions were varied by half.
 */

/* ---- bands, Hz ---- */
#define HIGHPASS_HZ  20.0  /* (s) van Boxtel 2001: 15 to 25 Hz */
#define LOWPASS_HZ   450.0 /* (s) van Boxtel 2001: 400 to 500 Hz */
#define DETECTION_HZ 220.0 /* (i) surface EMG of the face has little above; amplifier noise has */

/* ---- frames: the pace of all decisions ---- */
#define FRAME_SECONDS  0.004  /* (i) a tenth of the delay that is allowed */
#define DECIMATE_ABOVE 2000.0 /* Hz; (t) over four times the band's upper limit */

/* ---- mains ---- */
#define MAINS_HARMONICS	     8	    /* (i) up to 400 or 480 Hz: the whole band */
#define MAINS_WINDOW_S	     0.2    /* (t) whole periods of 50 and of 60 Hz */
#define MAINS_FOUND	     0.25   /* running share of power that is coherent; noise gives 0.08 */
#define MAINS_FOUND_AT_ONCE  0.5    /* likewise, in a single window */
#define MAINS_FOUND_OTHER    0.5f   /* running share at which 50 gives way to 60 Hz, or back */
#define MAINS_TAU_S	     0.5    /* (i) amplitude is followed with this time constant */
#define MAINS_TAU_FAST_S     0.04   /* ... and with this one after a start or a step */
#define MAINS_GEAR_S	     0.12   /* time constant of the change from fast to slow */
#define MAINS_LEARN_EVERY    3	    /* frames: every phase of 50 and of 60 Hz is still met */
#define MAINS_SETTLE_WINDOWS 10	    /* 2 s before harmonics are left out */
#define MAINS_CHOOSE_WINDOWS 3	    /* ... and this often those that are not */
#define MAINS_LEAST_UV	     0.8f   /* RMS over the channels; less does no harm */
#define MAINS_CLIP_FAST_UV   500.0f /* ... or to this magnitude while it is new */
#define MAINS_WORSE	     1.3f   /* power after removal over power before: start again */
#define MAINS_CLIP	     3.0f   /* residual counts up to this many times the noise's RMS */
#define MAINS_PULL	     0.3    /* share of a frequency error corrected per window ... */
#define MAINS_PULL_NEW	     0.5    /* ... while it is new */
#define MAINS_PULL_IN_HZ     1.5    /* (s) the grid stays within far less of 50 or 60 Hz */

/* ---- noise at rest ---- */
#define NOISE_BLOCK_S	   0.064
#define NOISE_FIRST_BLOCKS 3	 /* the first estimate: their mean, or else the least */
#define NOISE_FIRST_AGREE  1.6f	 /* mean over least, at most, to believe in the mean */
#define NOISE_FIRST_MEAN   1.15f /* ... or else the mean, as a multiple of the least */
#define NOISE_USUAL_MOST   4.0f	 /* power over that of earlier recordings, at first */
#define NOISE_LEAST	   0.45f /* of the mean: (t) least block of 40 s of rest */
#define NOISE_MIN_UV	   0.2f	 /* RMS; below any amplifier's own noise */
#define NOISE_FLOOR \
	0.72f /* of the mean: (t) lower eighth of blocks with these degrees of freedom */
#define NOISE_QUANTILE	   0.12f
#define NOISE_FLOOR_STEP   0.05f
#define NOISE_FLOOR_BLOCKS 64	 /* longer waits are activity, not a floor too low */
#define NOISE_REST_BLOCKS  16	 /* 1 s: what is shorter, between quiet blocks, is rest */
#define NOISE_REST_RATIO   4.0f	 /* ... unless it is this far over the noise */
#define NOISE_LEARN	   0.02f /* per block: 3 s */
#define NOISE_SLOT_S	   5.0	 /* longer rises are believed only when the minimum of */
#define NOISE_SLOTS	   8 /* ... 8 slots, 40 s, lies higher: no tonic spasm lasts so long (t) */

/* The same where a block has 16 samples, below 375 Hz: 13 degrees of freedom, not 25 */
#define NOISE_SKIP_BLOCKS_FEW  5 /* mains that are learnt quickly take noise with them */
#define NOISE_FIRST_BLOCKS_FEW 5
#define NOISE_FIRST_AGREE_FEW  3.0f
#define NOISE_FIRST_MEAN_FEW   1.7f
#define NOISE_FLOOR_FEW	       0.60f
#define NOISE_LEAST_FEW	       0.27f

/* ---- bursts: cumulative sums of log-likelihood ratios (s: Staude 2001, AGLR) ---- */
#define BURST_RATIO_STRONG 8.0f /* power over noise that each of the two sums waits for */
#define BURST_RATIO_WEAK   2.5f
#define BURST_ON	   8.0f	 /* nats; (t) mean time between false crossings about e^8 frames */
#define BURST_ON_ALONE	   16.0f /* without a montage nothing else confirms it */
#define BURST_CAP	   30.0f
#define BURST_OFF_RATIO	   1.8f	 /* power over noise below which a burst may end */
#define BURST_OFF_SHARE	   0.03f /* ... or this share of the burst's own level */
#define BURST_HANG_S	   0.060
#define SMOOTH_S	   0.012 /* of the fast power, (i) half a short burst */
#define LOUD_RATIO	   3.0f	 /* power over noise from which artefacts are looked for */
#define SURGE_BACKGROUND_S 0.2	 /* what was, in the middle of other activity */
#define SURGE_RATIO	   3.5f
#define SURGE_PAUSE_S	   0.1

/* ---- bursts without a montage ---- */
#define ACTIVITY_UNSURE_S 0.100 /* after that a start is final */
#define ACTIVITY_PAUSE_S  0.100 /* (i) what stops for less goes on */
#define ACTIVITY_MORE	  10.0f /* power over what was: another burst */

/* ---- lids ---- */
#define LIDS_UV	    80.0f /* (t) 100 to 400 on the forehead; beside the eye, 1 cm apart, up to 60 */
#define LIDS_LAG_S  0.100 /* ... within this: they close in 80 to 100 ms (t) */
#define LIDS_MEAN_S 0.050 /* (t) near to whole periods of 50 and of 60 Hz */
#define LIDS_BACK   0.5f  /* share of the way at which it is over */
#define LIDS_EVERY  8	  /* frames */

/* ---- recovery ---- */
#define SETTLE_S	   0.060  /* (t) high-pass of third order at 20 Hz has rung off */
#define CLIP_SHARE	   0.995f /* of the largest value that the converter gives */
#define SKIN_LEAST_UV	   0.5f	  /* RMS in the band; (t) skin and electrode have more ... */
#define SKIN_SHARE	   0.1f	  /* ... and no less than this power of what they had */
#define SKIN_AGAIN_S	   40.0	  /* then it is learnt anew */
#define FLAT_S		   0.100  /* exactly equal samples for so long: no contact */
#define ARTEFACT_HOLD_S	   0.100
#define POP_SHARE	   0.6f	 /* of the whole displacement, within two frames */
#define DISPLACED_EVERY	   4	 /* frames, and once more before a verdict */
#define DISPLACED_S	   0.032 /* means over this ... */
#define DISPLACED_LAG_S	   0.040 /* ... this far apart */
#define DISPLACED_RATIO	   2.0f	 /* of powers; (i) EMG: 0.05, its bursts 0.25; motion: over 9 */
#define DISPLACED_NEW	   1.0f	 /* ... where a spasm is not known yet: (i) pops have little more */
#define DISPLACED_UV	   80.0f /* (t) gaze and lids move it by up to 60 beside the eye */
#define EDGE_UV		   20.0f /* at once, where a rise begins: the eye is slower */
#define PULSE_S		   0.024f /* (i) the lips' and lids' muscles swing more often */
#define PULSE_BEFORE	   4	  /* frames */
#define PULSE_OTHER	   0.03f  /* on the other side of what was, at most */
#define PULSE_SHARE	   1.0f /* of the energy in the band, at least: means of frames have less */
#define HUM_S		   0.064
#define COMMON_CORRELATION 0.92f /* (i) of two muscles' signals: 0.5 at most, by cross-talk */
/*
 * Share of the power in one sine. That of the eye's muscle lies about 64 Hz:
 * over 26 ms such a signal of some 80 Hz of bandwidth has 0.7 in one time of four
 * (two of five degrees of freedom), 0.95 in one of a hundred; over 64 ms 0.8 in one
 * of a thousand. Mains is all one sine, but an electrode in the air has noise besides.
 */
#define HUM_SHARE	0.9f
#define HUM_SHARE_DOUBT 0.75f /* over shorter stretches: wait */
#define HUM_SHARE_LONG	0.6f  /* over HUM_S, or where another channel has the same waveform */

/* ---- sides ---- */
#define GAIN_SHARED_SD	   0.5f /* ln of one side to the other; (s) healthy: 0.15, treated: a third */
#define GAIN_OWN_SD	   0.40f /* ln, of one muscle beside that; (s) 0.74 +- 0.19, down to 0.4 */
#define GAIN_EVENT_SD	   0.35f /* ln, one movement to another, as it is learnt from */
#define GAIN_SPREAD_SD	   0.30f /* ln; of one movement about the mean, until learnt */
#define GAIN_SPREAD_WEIGHT 4.0f	 /* movements that this counts for */
#define GAIN_MEMORY	   20	 /* movements */
#define GAIN_STEPS	   5
#define GAIN_DOF_MOST	   40.0f /* (i) what comes later is not independent */
#define APART_NATS	   1.0f	 /* for each muscle that is said to do something else meanwhile */
#define GAIN_CLEAR	   25.0f /* power over noise of the stronger side, to learn from a movement */
#define GAIN_SEEN	   0.3f	 /* ... and of the weaker one: a third of a third of it */
#define GAIN_LIKELY	   1.5f	 /* the same where nothing is decided by it */
#define CROSSTALK_MAX	   0.75f /* (t) 15 to 30 % over the midline; twice that, and margin */
#define CROSSTALK_SOURCES  4
#define CROSSTALK_LEAST	   0.05f  /* squared correlation; less is chance over so few frames */
#define EXCESS_EVERY	   4	  /* frames ... */
#define EPISODE_EVERY	   2	  /* ... and in an episode */
#define SETTLED		   -5.0f  /* nats against one side, for both of them */
#define OWN_NATS	   4.0f	  /* for "active by itself" */
#define LEAK_NEAR	   0.03f  /* of explained power, between neighbours */
#define LEAK		   0.004f /* power share of cross-talk that one waveform does not explain */
#define PRODUCT_S	   0.016f /* of running cross-talk estimates */
#define MUSCLE_SHARE	   0.06f  /* of the strongest one's energy: a quarter of its amplitude */
#define BLINK_MOST_S	   0.6	  /* (t) 0.1 to 0.4, and what is seen of its tail */
#define MOVEMENT_LEAST	   8.0f	  /* power over noise; what stays below is not told */
#define CONTRACTION_LEAST  0.12f  /* confidence; below, unevenness explains it as well */
#define STROKE_MOST_S	   0.8	  /* (t) chewing: 1 to 2 strokes a second, half of it active */
#define STROKE_FROM_S	   0.4
#define STROKE_TO_S	   1.3
#define STROKE_JITTER	   0.3
#define SYLLABLES_LEAST	   2
#define SYLLABLE_APART_S   0.080 /* (t) 3 to 6 syllables a second */
#define SYLLABLE_MOST_S	   0.4
#define SYLLABLE_PAUSE_S   0.8
#define LEAN_S		   0.060 /* one side alone for so long is another movement than before */
#define LEAN_OVER	   1.0f	 /* power over noise, beyond what the other side explains */
#define LEAN_SHARE	   0.1f	 /* of it on the other side, at most */
#define LEAK_RING	   0.03f /* ... at the mouth's ring, where muscles without a site add theirs */
#define GAIN_OWN	   0.7f /* share of a channel's power that is no cross-talk, to learn from it */
#define RISE_SECONDS	   0.2	 /* a rise is judged for so long */
#define RISE_APART_S	   0.050 /* ... and what begins sooner is still the same one */
#define RISE_BASE_FROM_S   0.120 /* level before a rise: from here ... */
#define RISE_BASE_TO_S	   0.012 /* ... to here before its onset */
#define PAUSE_S		   0.020 /* ... or so long where a train pauses; (t) 5 to 20 bursts a second */
/*
 * Logistic regression of spasms against movements of both sides, and against
 * winks and clenches, over rises of generated faces: nats at each knot, and what they
 * are more or less where a rise is clear. tests/evaluate/fit makes such tables. This one
 * was fitted on development faces of tests/scenes (half of them with all assumptions
 * off by up to 50 %, sides up to 20 ms apart), of tests/evaluate/motor_units.py, and, as
 * much again, of a third generator that is not kept here.
 * Set, not fitted: how much likelier the others are (the two priors), by false alarms
 * on development faces; what is known before and what both sides' muscles count
 * (CUE_APART: such scenes are rare), of which the habit's worth against a movement at
 * will is near to the ratio itself (a fit learns how well it went before); a busy other
 * side against both (meals are long); and a nat more for the first spasm of a side,
 * because a false alarm on a healthy face is worse than a spasm told 10 ms later.
 */
/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define VERDICT_PRIOR {-6.7f, -0.2f}
#define VERDICT_CUES {                                                                                 \
	[CUE_ONE_SIDED] = {.n = 6, .at = {0, 2, 4, 10, 30, 80}, .worth = {{0, 0, 0.89f, 1.69f, 2.39f, 2.69f}, {0, 0, 0.13f, 0.44f, 0.59f, 0.79f}}}, \
	[CUE_ABRUPT] = {.n = 8, .at = {-40, -15, -5, 0, 4, 10, 20, 40}, .worth = {{0, 0, 0, 0, 1.42f, 3, 3.29f, 3.3f}, {0, 0, 0, 0, 1.98f, 3.59f, 3.98f, 4}}, .clear = {{0, 0.18f, 0.18f, 0.22f, 0.63f, 1.26f, 1.51f, 1.52f}, {0, 0, 0, 0, 0, 0.27f, 0.61f, 0.63f}}}, \
	[CUE_SILENT] = {.n = 7, .at = {0, 6, 12, 18, 24, 32, 42}, .worth = {{0, 1.1f, 2.23f, 3.23f, 4.36f, 6.18f, 6.7f}, {0, 0, 0, 0, 0, 1.63f, 3.27f}}}, \
	[CUE_LASTING] = {.n = 7, .at = {-25, -8, -2, 0, 2, 5, 12}, .worth = {{0, -0.32f, -0.64f, -0.72f, -0.96f, -0.97f, -0.55f}, {0, -0.74f, -1.13f, -1.15f, -1.62f, -1.74f, -1.08f}}, .clear = {{0, 0.42f, 0.32f, 0, -0.2f, -0.79f, -1.36f}, {0, -0.18f, -0.82f, -0.87f, -0.67f, -1.33f, -2.27f}}}, \
	[CUE_EYE] = {.n = 3, .at = {0, 1, 2}, .worth = {{0, 0.47f, 1.75f}, {0, 0.86f, 2.49f}}}, \
	[CUE_MOUTH] = {.n = 3, .at = {0, 1, 2}, .worth = {{0, 0, 0}, {0, 0, 1.34f}}}, \
	[CUE_AGE] = {.n = 7, .at = {0.024f, 0.036f, 0.044f, 0.048f, 0.068f, 0.096f, 0.24f}, .worth = {{0, 0, 0.17f, 0.38f, 0.7f, 0.91f, 0.91f}, {0, 0, 0, 0, 0.01f, 0.12f, 0.4f}}}, \
	[CUE_BUSY] = {.n = 4, .at = {0, 0.1f, 0.4f, 1}, .worth = {{0, -0.57f, -1, -1.3f}, {0, 0, 0, 0}}}, \
	[CUE_APART] = {.n = 3, .at = {0, 2, 3}, .worth = {{0, -4, -4}, {0, 0, 0}}}, \
	[CUE_MOUTHED] = {.n = 4, .at = {0, 1, 2, 4}, .worth = {{0, 0, -0.83f, -1.57f}, {0, 0, 0, 0}}}, \
	[CUE_BEFORE] = {.n = 4, .at = {0, 4, 12, 25}, .worth = {{0, -0.01f, -0.37f, -0.77f}, {0, -0.41f, -1.19f, -2.44f}}}, \
	[CUE_HELD] = {.n = 5, .at = {0, 4, 8, 14, 24}, .worth = {{0, 0, 0, 0, 0}, {0, -0.71f, -0.71f, -0.71f, -0.71f}}}, \
	[CUE_CLEAR] = {.n = 2, .at = {0, 1}, .worth = {{0, 0.36f}, {0, -0.56f}}}, \
	[CUE_RISING] = {.n = 4, .at = {0, 1.2f, 2, 3}, .clear = {{0, -1.96f, -3.41f, -4.28f}, {0, -1.03f, -1.9f, -2.65f}}}, \
	[CUE_RECALL] = {.n = 4, .at = {0, 1, 2.5f, 5}, .worth = {{0, 1, 2.5f, 5}, {0, 1.17f, 1.17f, 1.96f}}}, \
	[CUE_SPASMS] = {.n = 2, .at = {0, 1}, .worth = {{0, 2.6f}, {0, 0.2f}}}, \
	[CUE_HABIT] = {.n = 3, .at = {-3.37f, -0.7f, 2.1f}, .worth = {{0, 0, 0}, {-4, 0, 4.2f}}}, \
	[CUE_OTHER_SPASMS] = {.n = 3, .at = {0, 1, 3}, .worth = {{0, -3.24f, -5.46f}, {0, -1.34f, -1.87f}}}, \
}
/* clang-format on */
#define MEAL_S	   3.0	  /* (t) chewing: 1 to 2 strokes a second */
#define YOUNG_S	   0.042  /* what is built up shows it later; the other eye of a blink ... */
#define EYE_FIRST  1.5f	  /* ... may come till then ((t) 5 to 20 ms): nats less for an eye alone */
#define SYNKINESIS 5.0f	  /* (i) nats less: after a palsy one side's mouth moves with a blink */
#define CLEAR_FROM 60.0f  /* nats for "it rose": its course begins to be seen ... */
#define CLEAR_TO   600.0f /* ... and is seen as well as it will be */
#define SILENCE_ASSUMED \
	15.0f		/* dB, where the other side has no site; (i) blinks would leave more */
#define LASTING_FIRST 8 /* frames */
#define LASTING_LAST  4

/*
 * What came true of spasms, as logits, by their nats when they are announced and by
 * how long they turned out to be; set so that tests/evaluate/calibrate finds that what was
 * reported on development faces of three generators came true, or a little more.
 */
#define CONFIDENCE_AT_NONE  -0.1f
#define CONFIDENCE_SLOPE    0.95f
#define CONFIDENCE_WINK	    -3.1f /* a single burst as long as a wink: half of them are one */
#define CONFIDENCE_OTHER    1.1f  /* shorter, longer, or several */
#define SIDE_SURE	    2.0f  /* nats for one muscle alone, to name it */
#define SIDE_ASSUMED	    8.0f  /* nats for one side only, where the other has no site */
#define EVIDENCE_SIDE_LEAST 0.5f
#define EVIDENCE_ENOUGH	    2.2f /* nats for a spasm at which it is announced */
#define EVIDENCE_CERTAIN    1.1f /* ... without any help by habit, from which habit learns */
#define CONTRACTION_SIDE    8.0f /* nats for one side only that make a contraction likely */
#define BUSY_S		    0.8	 /* (i) talk and meals go on for longer than that */
#define HABIT_SPASMS	    0.5f /* (i) so many count as seen at first ... */
#define HABIT_CONTRACTIONS  1.0f /* ... of either: most faces have no spasm */
#define MOVEMENT_ABRUPT	    3.5f
#define EVIDENCE_SIDE_SYNC  2.0f /* ... more than for the other side */
#define FRESH_RATIO	    2.5f /* power before a rise over noise: it came out of rest */
#define SWELL_RATIO	    4.0f /* power; (t) the strength that is held goes up and down by half */
#define EVIDENCE_ROSE_ONE   2.0f /* ... more of it in a single muscle */
#define EVIDENCE_ROSE	    10.0f  /* nats that there is activity at all */
#define DECIDE_AFTER_S	    0.026f /* no verdict before: a step and a ramp look alike */
#define ONSET_SHAPES	    10
#define ONSET_FRAMES_MAX    64
#define ABRUPT_BEFORE_S	    0.048 /* energies from before an onset ... */
#define ABRUPT_AFTER_S	    0.064 /* ... to after it are compared with ramps and steps */
#define ABRUPT_FLOOR	    0.04f /* power before an onset, of what follows: onsets are not that sharp */
#define ABRUPT_CAP	    40.0f

/* ---- rises that were not certain, remembered ---- */
#define RECALL_S      0.6 /* (t) trains come at 5 to 20 a second */
#define RECALL_ABRUPT 1.0f
#define RECALL_OFFSET 3.0f /* nats: what alone is below this makes nothing likelier */
#define RECALL_LEAST  1.0f
#define RECALL_START  2.0f /* ... and below this, what follows has not begun with it */
#define RECALL_NEW    1.5f /* ... on a side that had no spasm before */
#define RECALL_MOST   5.0f

/* ---- episodes ---- */
#define EPISODE_GAP_S 1.0 /* design: bursts less than this apart are one */
#define EPISODE_SHARE \
	0.03f /* of the strongest muscle's power: twice the usual cross-talk between neighbours */
#define JOIN_S		 1.0   /* (i) the second region follows the first within this */
#define LEVEL_FADE_S	 3.0   /* a burst's level is followed down so quickly */
#define LEVEL_LEAST	 0.1f  /* ... to this share of the largest ... */
#define LEVEL_NOISE	 12.0f /* ... and this many times the noise's power */
#define BURST_QUIET	 10.0f /* nats for a pause ... */
#define BURST_AGAIN	 8.0f  /* ... and for another burst */
#define BURST_NATS_MOST	 6.0f  /* of one muscle and frame */
#define PART_NATS	 2.0f  /* of one frame, for a muscle to take part in a burst */
#define PAUSE_SHARE	 0.02f /* power in a pause, of the level: edges, and what the filters ring */
#define ACTIVE_SHARE	 0.2f  /* ... and in a burst: (i) its strength goes down to half of it */
#define DOUBT_AFTER_S	 0.060 /* (t) a train rests for less; a burst after a longer pause ... */
#define DOUBT_S		 0.050 /* ... is looked at for so long: is it of one side? (t) blinks are */
#define DOUBT_LEAST_S	 0.010 /* ... at the muscles' level, at least; (t) half a short burst */
#define DOUBT_RATIO	 3.0f  /* power over what the other side explains, to be one side's */
#define UPDATE_S	 0.25  /* design: at most 5 a second */
#define REGION_CLEAR	 200.0f /* power over noise from which a region is followed by itself */
#define DIP_S		 0.040	/* (i) a pause this short within a burst ... */
#define LONG_BURST_S	 0.400	/* ... longer than any of a train */
#define BILATERAL_ABRUPT 8.0f	/* nats for "at once" on the other side */
#define TWITCH_MOST_S	 0.150	/* (t) 10 to 100 ms, and what is seen of its tail */
#define TRAIN_LEAST	 4	/* (t) bursts, 5 to 20 a second: no less makes a train */
#define TONIC_S		 1.0	/* design */
#define LEAD_S		 0.060	/* design: eye before mouth */
#define SYNC_S		 0.015	/* (i) hfs-notes: one nerve, one moment */
