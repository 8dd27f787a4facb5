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

#include "montage.h"
#include "tuning.h"
#include "vec.h"

#define MAINS_FRAME_MAX 16 /* samples in a frame, at most */
#define MAINS_TONES	4  /* 50, 60, 100, 120 Hz are looked for */

/* One harmonic in all channels. */
struct mains_sine {
	float now[MONTAGE_MAX], before[MONTAGE_MAX]; /* at the newest sample, and at the last */
};

struct mains_state { /* of all channels */
	_Alignas(32) struct mains_sine sine[MAINS_HARMONICS];
	float then[2][MONTAGE_MAX]; /* the strongest a window ago, real and imaginary part */
	float mu[MONTAGE_MAX], limit[MONTAGE_MAX];
	float search[MAINS_TONES][2][MONTAGE_MAX]; /* sums over the window; cos, sin */
	float power[MONTAGE_MAX];		   /* of frame sums over the window */
	float before[MONTAGE_MAX],
		after[MONTAGE_MAX];  /* power of samples, without and with removal */
	float coherent[MONTAGE_MAX]; /* share of the residual that is mains, last window of its tone
				      */
};

/* How far a harmonic turns, at the present frequency. */
struct mains_turn {
	struct vf_constant twice, cos[3]; /* 2 cos of a sample's turn; cos of 1, 2, 3 samples' */
	float per_sin;			  /* 1 / sin of a sample's */
	float window_cos, window_sin;	  /* of a window's ... */
	float shorter_cos, shorter_sin;	  /* ... and of one sample less */
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
	float mu_fast;
	struct vf_constant mu_slow, mu_step;
};

void mains_init(struct mains *m, double rate, unsigned int frame);
void mains_reset_channel(struct mains_state *s, const struct mains *m, unsigned int channel);

/* Amplitude of what is being removed. */
float mains_amplitude(const struct mains *m, const struct mains_state *s, unsigned int channel);

/*
 * Call mains_remove for each group of channels in a frame, then this. True at
 * the end of a window.
 */
bool mains_frame_end(struct mains *m, struct mains_state *s, unsigned int n_groups);

/* The sines go on for @n samples and are taken away from them; channels from @c on. */
static always_inline void mains_subtract(const struct mains *m, struct mains_state *s,
					 unsigned int c, vf *y, const unsigned int n)
{
	for (unsigned int k = 0; k < m->n_active; k++) {
		struct mains_sine *sine = &s->sine[m->active[k]];
		vf twice = vf_of(&m->turn[m->active[k]].twice);
		vf now = vf_at(sine->now, c), before = vf_at(sine->before, c);

#pragma GCC unroll 4
		for (unsigned int i = 0; i < n; i++) {
			vf next = twice * now - before;

			before = now;
			now = next;
			y[i] -= next;
		}
		vf_at(sine->now, c) = now;
		vf_at(sine->before, c) = before;
	}
}

/* Corrects the sines by @n samples (at most four), the newest of which is theirs. */
static always_inline void mains_learn(const struct mains *m, struct mains_state *s, unsigned int c,
				      const vf *y, const unsigned int n)
{
	vf x[4] = {0}, limit = vf_at(s->limit, c);

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++)
		x[i] = vf_at(s->mu, c) * vf_max(-limit, vf_min(limit, y[n - 1 - i]));
	for (unsigned int k = 0; k < m->n_active; k++) {
		struct mains_sine *sine = &s->sine[m->active[k]];
		const struct vf_constant *turn = m->turn[m->active[k]].cos;
		vf cos[3] = {vf_of(&turn[0]), vf_of(&turn[1]), vf_of(&turn[2])};
		vf now = vf_at(sine->now, c) + x[0],
		   before = vf_at(sine->before, c) + cos[0] * x[0];

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
		vf_at(sine->now, c) = now;
		vf_at(sine->before, c) = before;
	}
}

/* The channels from @c on lose their mains in @y, a frame of samples. */
static always_inline void mains_remove(const struct mains *m, struct mains_state *s, unsigned int c,
				       vf *y, const unsigned int n)
{
	bool learn = !m->until_learn;
	vf sum = vf_set(0), first = y[0];
	unsigned int i = 0;

	if (m->n_active) {
		for (; i + 4 <= n; i += 4) {
			mains_subtract(m, s, c, y + i, 4);
			if (learn)
				mains_learn(m, s, c, y + i, 4);
		}
		for (; i < n; i++) {
			mains_subtract(m, s, c, y + i, 1);
			if (learn)
				mains_learn(m, s, c, y + i, 1);
		}
		if (learn) {
			vf_at(s->mu, c) =
				vf_max(vf_at(s->mu, c) * vf_of(&m->mu_step), vf_of(&m->mu_slow));
			vf_at(s->before, c) += first * first;
			vf_at(s->after, c) += y[0] * y[0];
		}
	}
#pragma GCC unroll 4
	for (i = 0; i < n; i++)
		sum += y[i];
	i = m->first_tone;
	do {
		vf_at(s->search[i][0], c) += sum * vf_set(m->tone[i][0]);
		vf_at(s->search[i][1], c) += sum * vf_set(m->tone[i][1]);
	} while (++i < m->first_tone + m->n_tones);
	vf_at(s->power, c) += sum * sum;
}
