/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Removal of mains: one oscillator per harmonic, common to all channels, whose
 * sine and cosine parts each channel weighs by least mean squares. What is
 * learnt from is clipped, so that a burst can't teach it. 50 or 60 Hz is found
 * from the share of coherent power; the frequency is followed by the turning
 * of the weights. Harmonics that carry nothing are only looked at in turn.
 */
#include <stdbool.h>

#include "tuning.h"
#include "vec.h"

#define MAINS_FRAME_MAX 16 /* samples in a frame, at most */
#define MAINS_TONES	4  /* 50, 60, 100, 120 Hz are looked for */

struct mains_state {				    /* of four channels */
	v4f a[MAINS_HARMONICS], b[MAINS_HARMONICS]; /* cosine and sine parts */
	v4f a_then, b_then;			    /* of the strongest harmonic, a window ago */
	v4f mu, limit;
	v4f search[MAINS_TONES][2]; /* sums over the window; cos, sin */
	v4f power;		    /* of frame means over the window */
	v4f before, after;	    /* power of single samples, without and with removal */
	v4f coherent; /* share of the residual that is mains, last window of its tone */
};

struct mains {
	double rate, frame_s;
	unsigned int frame, n_harmonics, window, in_window, windows, frames;
	bool locked;
	double hz;
	unsigned int strongest; /* harmonic that the frequency is taken from, from 0 */
	unsigned int active[MAINS_HARMONICS], n_active; /* those that are removed */
	unsigned int probe;		  /* an inactive one that is being looked at */
	float found[2];			  /* running coherent share at 50 and 60 Hz */
	double phase;			  /* of the fundamental at the frame's start, in turns */
	unsigned int first_tone, n_tones; /* looked for in this window */
	float tone[MAINS_TONES][2], tone_turn[MAINS_TONES][2];
	/* cos, sin of each harmonic at four samples, and its turn in four */
	v4f osc[MAINS_HARMONICS][2], turn[MAINS_HARMONICS][2];
	v4f wave[MAINS_HARMONICS][MAINS_FRAME_MAX][2]; /* of this frame, in all lanes */
	float mu_slow, mu_fast, mu_step;
};

void mains_init(struct mains *m, double rate, unsigned int frame);
void mains_reset_lane(struct mains_state *s, const struct mains *m, unsigned int lane);

/* Call before the groups of a frame ... */
void mains_frame_begin(struct mains *m);
/* ... then this for each of them: @y, a frame of samples, loses its mains ... */
void mains_remove(const struct mains *m, struct mains_state *s, v4f *y);
/* ... and this after them. True at the end of a window. */
bool mains_frame_end(struct mains *m, struct mains_state *s, unsigned int n_groups);

/* Amplitude of what is being removed. */
float mains_amplitude(const struct mains *m, const struct mains_state *s, unsigned int lane);
