/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "filter.h"
#include "tuning.h"

/* Bilinear transform of 1 / (s^2 + s / q + 1), high-pass or low-pass. */
static struct section section_design(double hz, double rate, double q, bool highpass)
{
	double k = tan(M_PI * hz / rate), n = 1 / (1 + k / q + k * k);
	double b0 = highpass ? n : k * k * n;

	return (struct section){.b0 = (float)b0,
				.b1 = (float)(highpass ? -2 * b0 : 2 * b0),
				.b2 = (float)b0,
				.a1 = (float)(2 * (k * k - 1) * n),
				.a2 = (float)((1 - k / q + k * k) * n)};
}

void filter_design(struct filter_design *f, double rate, double inner_rate)
{
	double k = tan(M_PI * HIGHPASS_HZ / rate);

	memset(f, 0, sizeof(*f));
	f->hp_pole = (float)((1 - k) / (1 + k));
	f->hp = section_design(HIGHPASS_HZ, rate, 1.0, true);
	f->hp.b0 *= (float)(1 / (1 + k)); /* the first-order part's gain */

	/* Butterworth, fourth order: Q of 0.541 and 1.307 */
	f->has_lp = rate > 2.6 * LOWPASS_HZ;
	if (f->has_lp) {
		f->lp[0] = section_design(LOWPASS_HZ, rate, 0.54119610, false);
		f->lp[1] = section_design(LOWPASS_HZ, rate, 1.30656296, false);
	}

	f->has_det = inner_rate > 2.6 * DETECTION_HZ;
	if (f->has_det)
		f->det = section_design(DETECTION_HZ, inner_rate, M_SQRT1_2, false);
}

void filter_prime(struct filter_state *s, unsigned int lane, float x)
{
	s->x1[lane] = x;
	s->h1[lane] = 0;
	for (unsigned int i = 0; i < 2; i++) {
		s->hp[i][lane] = 0;
		s->lp0[i][lane] = 0;
		s->lp1[i][lane] = 0;
		s->det[i][lane] = 0;
	}
}

/* A section whose coefficients are in all lanes, so that none is loaded twice. */
struct wide_section {
	v4f b0, a1, a2;
};

static inline struct wide_section widen(const struct section *c)
{
	return (struct wide_section){v4_set(c->b0), v4_set(c->a1), v4_set(c->a2)};
}

/* A high-pass section's numerator is g (1 - 2 z^-1 + z^-2). */
static inline v4f section_hp(const struct wide_section *c, v4f *s0, v4f *s1, v4f x)
{
	v4f gx = c->b0 * x, y = gx + *s0;

	*s0 = *s1 - (gx + gx) - c->a1 * y;
	*s1 = gx - c->a2 * y;
	return y;
}

/* A low-pass section's numerator is g (1 + 2 z^-1 + z^-2). */
static inline v4f section_lp(const struct wide_section *c, v4f *s0, v4f *s1, v4f x)
{
	v4f gx = c->b0 * x, y = gx + *s0;

	*s0 = *s1 + (gx + gx) - c->a1 * y;
	*s1 = gx - c->a2 * y;
	return y;
}

/*
 * The difference comes first: it removes any electrode offset exactly, so that
 * the poles near z = 1 never see large numbers.
 */
static void band_highpass(const struct filter_design *f, struct filter_state *s, const v4f *in,
			  size_t stride, v4f *restrict y, unsigned int n)
{
	v4f x1 = s->x1, h1 = s->h1, s0 = s->hp[0], s1 = s->hp[1];
	v4f pole = v4_set(f->hp_pole);
	struct wide_section c = widen(&f->hp);

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++, in += stride) {
		h1 = pole * h1 + (*in - x1);
		x1 = *in;
		y[i] = section_hp(&c, &s0, &s1, h1);
	}
	s->x1 = x1;
	s->h1 = h1;
	s->hp[0] = s0;
	s->hp[1] = s1;
}

static void band_lowpass(const struct filter_design *f, struct filter_state *s, v4f *y,
			 unsigned int n)
{
	v4f s0 = s->lp0[0], s1 = s->lp0[1], t0 = s->lp1[0], t1 = s->lp1[1];
	struct wide_section c0 = widen(&f->lp[0]), c1 = widen(&f->lp[1]);

	for (unsigned int i = 0; i < n; i++)
		y[i] = section_lp(&c1, &t0, &t1, section_lp(&c0, &s0, &s1, y[i]));
	s->lp0[0] = s0;
	s->lp0[1] = s1;
	s->lp1[0] = t0;
	s->lp1[1] = t1;
}

void filter_band(const struct filter_design *f, struct filter_state *s, const v4f *in,
		 size_t stride, v4f *y, unsigned int n, unsigned int decimate)
{
	v4f all[FILTER_SCANS_MAX];

	if (decimate == 1) {
		band_highpass(f, s, in, stride, y, n);
		if (f->has_lp)
			band_lowpass(f, s, y, n);
		return;
	}
	band_highpass(f, s, in, stride, all, n * decimate);
	band_lowpass(f, s, all, n * decimate);
	for (unsigned int i = 0; i < n; i++)
		y[i] = all[(i + 1) * decimate - 1];
}

v4f filter_detection(const struct filter_design *f, struct filter_state *s, const v4f *y,
		     unsigned int n, v4f *restrict out, size_t stride)
{
	v4f s0 = s->det[0], s1 = s->det[1], energy = v4_set(0);
	struct wide_section c = widen(&f->det);

	if (!f->has_det) {
		for (unsigned int i = 0; i < n; i++, out += stride) {
			energy += y[i] * y[i];
			*out = y[i];
		}
		return energy;
	}
#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++, out += stride) {
		v4f z = section_lp(&c, &s0, &s1, y[i]);

		energy += z * z;
		*out = z;
	}
	s->det[0] = s0;
	s->det[1] = s1;
	return energy;
}
