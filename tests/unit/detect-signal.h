/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Signals for the detector's tests: noise that is the same in every run. */
#include <math.h>
#include <stdint.h>

struct signal_rng {
	uint64_t state;
};

static inline double signal_uniform(struct signal_rng *r)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (double)(r->state >> 11) / 9007199254740992.0;
}

/* Normal, variance 1 (Box and Muller). */
static inline double signal_normal(struct signal_rng *r)
{
	double u = signal_uniform(r) + 1e-300;

	return sqrt(-2 * log(u)) * cos(2 * M_PI * signal_uniform(r));
}

/* EMG-like noise: 30 to 150 Hz by two one-pole filters; RMS near 1. */
struct signal_emg {
	struct signal_rng rng;
	double low, slow, rate;
};

static inline double signal_emg_next(struct signal_emg *e)
{
	double a = 1 - exp(-2 * M_PI * 150 / e->rate), b = 1 - exp(-2 * M_PI * 30 / e->rate);

	e->low += a * (signal_normal(&e->rng) - e->low);
	e->slow += b * (e->low - e->slow);
	return (e->low - e->slow) / sqrt(0.38 * a);
}
