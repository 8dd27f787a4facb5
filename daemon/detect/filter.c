/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "filter.h"
#include "tuning.h"

/* Bilinear transform of 1 / (s^2 + s / q + 1), high-pass or low-pass; returns its gain. */
static double section_design(struct section *c, double hz, double rate, double q, bool highpass)
{
	double k = tan(M_PI * hz / rate), n = 1 / (1 + k / q + k * k);
	double a1 = 2 * (k * k - 1) * n, a2 = (1 - k / q + k * k) * n;
	double feed = 1 + (highpass ? a1 : -a1) + a2;

	c->feed = vf_constant((float)feed);
	c->damping = vf_constant((float)(1 + (1 - a2) / feed));
	return highpass ? n : k * k * n;
}

void filter_design(struct filter_design *f, double rate, double inner_rate)
{
	double k = tan(M_PI * HIGHPASS_HZ / rate), gain = 1 / (1 + k);

	memset(f, 0, sizeof(*f));
	f->hp_pole = vf_constant((float)((1 - k) / (1 + k)));
	gain *= section_design(&f->hp, HIGHPASS_HZ, rate, 1.0, true);

	/* Butterworth, fourth order: Q of 0.541 and 1.307 */
	f->has_lp = rate > 2.6 * LOWPASS_HZ;
	if (f->has_lp) {
		gain *= section_design(&f->lp[0], LOWPASS_HZ, rate, 0.54119610, false);
		gain *= section_design(&f->lp[1], LOWPASS_HZ, rate, 1.30656296, false);
	}
	f->gain = vf_constant((float)gain);

	f->has_det = inner_rate > 2.6 * DETECTION_HZ;
	gain = f->has_det ? section_design(&f->det, DETECTION_HZ, inner_rate, M_SQRT1_2, false) : 1;
	f->det_gain = vf_constant((float)gain);
}

void filter_prime(struct filter_state *s, unsigned int channel, float x)
{
	s->x1[channel] = x;
	s->h1[channel] = 0;
	for (unsigned int i = 0; i < 2; i++) {
		s->hp[i][channel] = 0;
		s->lp0[i][channel] = 0;
		s->lp1[i][channel] = 0;
		s->det[i][channel] = 0;
	}
}
