/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Removal of mains: in each channel one sine for each harmonic goes on by itself
 * (by the recursion of the cosine) and is corrected towards what is left, by
 * least mean squares. What is learnt from is clipped, so that a burst can't
 * teach it. 50 or 60 Hz is found from the share of coherent power; the frequency
 * is followed by how the sines had to be turned. Harmonics that carry nothing
 * are only looked at in turn.
 */
#include <stdbool.h>

#include "tuning.h"
#include "vec.h"

#define MAINS_FRAME_MAX 16 /* samples in a frame, at most */
#define MAINS_TONES	4  /* 50, 60, 100, 120 Hz are looked for */

/* One harmonic in four channels. */
struct mains_sine {
	v4f now, before; /* at the newest sample, and at the one before it */
};

struct mains_state { /* of four channels */
	struct mains_sine sine[MAINS_HARMONICS];
	v4f then[2]; /* the strongest harmonic a window ago, real and imaginary part */
	v4f mu, limit;
	v4f search[MAINS_TONES][2]; /* sums over the window; cos, sin */
	v4f power;		    /* of frame sums over the window */
	v4f before, after;	    /* power of single samples, without and with removal */
	v4f coherent; /* share of the residual that is mains, last window of its tone */
};

/* How far a harmonic turns, at the present frequency. */
struct mains_turn {
	v4f twice, cos[3];		/* 2 cos of a sample's turn; cos of 1, 2, 3 samples' */
	float per_sin;			/* 1 / sin of a sample's */
	float window_cos, window_sin;	/* of a window's ... */
	float shorter_cos, shorter_sin; /* ... and of one sample less */
};

struct mains {
	double rate, frame_s;
	unsigned int frame, n_harmonics, window, in_window, windows;
	bool locked;
	double hz, drift;	/* Hz; Hz a window */
	unsigned int strongest; /* harmonic that the frequency is taken from, from 0 */
	unsigned int active[MAINS_HARMONICS], n_active; /* those that are removed */
	unsigned int probe;				/* an inactive one ... */
	bool probing;					/* ... that is being looked at */
	unsigned int until_learn;			/* frames */
	float found[2];					/* running coherent share at 50 and 60 Hz */
	unsigned int first_tone, n_tones;		/* looked for in this window */
	float tone[MAINS_TONES][2], tone_turn[MAINS_TONES][2];
	struct mains_turn turn[MAINS_HARMONICS];
	float mu_slow, mu_fast, mu_step;
};

void mains_init(struct mains *m, double rate, unsigned int frame);
void mains_reset_lane(struct mains_state *s, const struct mains *m, unsigned int lane);

/* Amplitude of what is being removed. */
float mains_amplitude(const struct mains *m, const struct mains_state *s, unsigned int lane);

/*
 * Call mains_remove for each group of channels in a frame, then this. True at
 * the end of a window.
 */
bool mains_frame_end(struct mains *m, struct mains_state *s, unsigned int n_groups);

/* The sine's next sample. */
static inline v4f mains_next(struct mains_sine *s, const struct mains_turn *t)
{
	v4f next = t->twice * s->now - s->before;

	s->before = s->now;
	s->now = next;
	return next;
}

/* The sines go on for @n samples and are taken away from them. */
static always_inline void mains_subtract(const struct mains *m, struct mains_state *s, v4f *y,
					 const unsigned int n)
{
	for (unsigned int k = 0; k < m->n_active; k++) {
		unsigned int h = m->active[k];
		struct mains_sine sine = s->sine[h];

#pragma GCC unroll 4
		for (unsigned int i = 0; i < n; i++)
			y[i] -= mains_next(&sine, &m->turn[h]);
		s->sine[h] = sine;
	}
}

/* Corrects the sines by @n samples (at most four), the newest of which is theirs. */
static always_inline void mains_learn(const struct mains *m, struct mains_state *s, const v4f *y,
				      const unsigned int n)
{
	v4f x[4] = {0};

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++)
		x[i] = s->mu * v4_max(-s->limit, v4_min(s->limit, y[n - 1 - i]));
	for (unsigned int k = 0; k < m->n_active; k++) {
		struct mains_sine *sine = &s->sine[m->active[k]];
		const v4f *cos = m->turn[m->active[k]].cos;
		v4f now = sine->now + x[0], before = sine->before + cos[0] * x[0];

		/* x[i] lies i samples back: it has turned by so much since then */
		if (n > 1) {
			now += cos[0] * x[1];
			before += x[1];
		}
		if (n > 2) {
			now += cos[1] * x[2];
			before += cos[0] * x[2];
		}
		if (n > 3) {
			now += cos[2] * x[3];
			before += cos[1] * x[3];
		}
		*sine = (struct mains_sine){now, before};
	}
}

/* @y, a frame of samples, loses its mains. */
static always_inline void mains_remove(const struct mains *m, struct mains_state *s, v4f *y,
				       const unsigned int n)
{
	bool learn = !m->until_learn;
	v4f sum = v4_set(0), first = y[0];
	unsigned int i = 0;

	if (m->n_active) {
		for (; i + 4 <= n; i += 4) {
			mains_subtract(m, s, y + i, 4);
			if (learn)
				mains_learn(m, s, y + i, 4);
		}
		for (; i < n; i++) {
			mains_subtract(m, s, y + i, 1);
			if (learn)
				mains_learn(m, s, y + i, 1);
		}
		if (learn) {
			s->mu = v4_max(s->mu * m->mu_step, v4_set(m->mu_slow));
			s->before += first * first;
			s->after += y[0] * y[0];
		}
	}
#pragma GCC unroll 4
	for (i = 0; i < n; i++)
		sum += y[i];
	i = m->first_tone;
	do {
		s->search[i][0] += sum * m->tone[i][0];
		s->search[i][1] += sum * m->tone[i][1];
	} while (++i < m->first_tone + m->n_tones);
	s->power += sum * sum;
}
