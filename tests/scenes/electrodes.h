/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the electrodes make of the muscles: shares of each, noise, offset and
 * drift, mains, and what happens to them.
 */
#include "plan.h"

#define N_HARMONICS 4 /* fundamental, second, third, fifth */

struct electrodes {
	const struct plan *plan;
	unsigned int n_channels;
	struct rng rng;
	size_t next; /* first disturbance that has not begun */
	uint32_t *active;
	size_t n_active;
	uint64_t now; /* samples */
	uint32_t lead_off;
	float clip_uv;

	float noise_uv[MONTAGE_MAX], offset_uv[MONTAGE_MAX];
	float flicker[MONTAGE_MAX], flicker_pole[MONTAGE_MAX];
	float wander[MONTAGE_MAX], drift[MONTAGE_MAX], drift_uv[MONTAGE_MAX], drift_pole;
	float rumble_fast, rumble_slow, rumble_fast_pole, rumble_slow_pole, rumble_scale;

	double mains_hz, mains_drift;
	uint64_t mains_seed, mains_interval;	     /* samples between two looks at the drift */
	double mains_re, mains_im, step_re, step_im; /* the fundamental as a rotating phasor */
	float mains_cos[N_HARMONICS][MONTAGE_MAX], mains_sin[N_HARMONICS][MONTAGE_MAX];
};

/* Returns 0 or -ENOMEM. @plan must be finished and stay. */
int electrodes_init(struct electrodes *e, const struct plan *plan);
void electrodes_done(struct electrodes *e);

/* The next scan of microvolts, from the sources' next samples. */
void electrodes_step(struct electrodes *e, const float sources[N_SOURCES], float uv[MONTAGE_MAX]);
