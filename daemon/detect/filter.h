/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Band limits. Two bands leave here: the EMG's own (about 20 to 450 Hz), in
 * which amplitudes are reported, and within it the detection band, where the
 * surface EMG of the face rises highest above the amplifier's white noise.
 *
 * The steps are inline: detect.c has them compiled for the common frame lengths,
 * so that a frame's samples stay in registers from one to the next.
 */
#include <stdbool.h>
#include <stddef.h>

#include "vec.h"

/*
 * Second-order section as two integrators, (1 - z^-1)^2 / (1 + a1 z^-1 + a2 z^-2)
 * with two multiplications. With every z^-1 negated it is a low-pass whose zeros
 * lie at half the rate. Gains are applied elsewhere, once for several sections.
 */
struct section {
	v4f damping; /* 1 + (1 - a2) / feed */
	v4f feed;    /* 1 + a1 + a2; in a low-pass 1 - a1 + a2 */
};

struct filter_design {
	v4f gain;	      /* of the high-pass and of lp */
	v4f hp_pole;	      /* first-order part of the high-pass */
	struct section hp;    /* second-order part of the high-pass */
	struct section lp[2]; /* anti-alias and upper band limit */
	struct section det;   /* upper limit of the detection band ... */
	v4f det_gain;	      /* ... and its gain */
	bool has_lp, has_det; /* false where the rate itself limits the band */
};

#define FILTER_SCANS_MAX 160 /* scans in a frame, at most */

/* State of four channels. */
struct filter_state {
	v4f x1, h1; /* newest sample, output of the first-order part */
	v4f hp[2], lp0[2], lp1[2], det[2];
};

/* @rate: of the samples; @inner_rate: after decimation, where det works. */
void filter_design(struct filter_design *f, double rate, double inner_rate);

/* The lane starts anew: @x is taken as its rest, so that no transient follows. */
void filter_prime(struct filter_state *s, unsigned int lane, float x);

/* @s[0] sums @s[1], which sums what comes out. */
static inline v4f section_highpass(const struct section *c, v4f s[2], v4f x)
{
	v4f y = x - s[0] - c->damping * s[1];

	s[0] += s[1];
	s[1] += c->feed * y;
	return y;
}

/* The same with every other sample of all signals negated. */
static inline v4f section_lowpass(const struct section *c, v4f s[2], v4f x)
{
	v4f y = x - s[0] + c->damping * s[1];

	s[0] = s[1] - s[0];
	s[1] = c->feed * y - s[1];
	return y;
}

/*
 * @n samples, @stride vectors apart. The difference comes first: it removes any
 * electrode offset exactly, so that the poles near z = 1 never see large numbers.
 */
static always_inline void filter_highpass(const struct filter_design *f, struct filter_state *s,
					  const v4f *in, size_t stride, v4f *y,
					  const unsigned int n)
{
	v4f x1 = s->x1, h1 = s->h1, hp[2] = {s->hp[0], s->hp[1]};

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++, in += stride) {
		h1 = f->hp_pole * h1 + f->gain * (*in - x1);
		x1 = *in;
		y[i] = section_highpass(&f->hp, hp, h1);
	}
	s->x1 = x1;
	s->h1 = h1;
	s->hp[0] = hp[0];
	s->hp[1] = hp[1];
}

static always_inline void filter_lowpass(const struct filter_design *f, struct filter_state *s,
					 v4f *y, const unsigned int n)
{
	v4f s0[2] = {s->lp0[0], s->lp0[1]}, s1[2] = {s->lp1[0], s->lp1[1]};

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++) {
		v4f x = section_lowpass(&f->lp[0], s0, y[i]);

		y[i] = section_lowpass(&f->lp[1], s1, x);
	}
	s->lp0[0] = s0[0];
	s->lp0[1] = s0[1];
	s->lp1[0] = s1[0];
	s->lp1[1] = s1[1];
}

void filter_decimate(const struct filter_design *f, struct filter_state *s, const v4f *in,
		     size_t stride, v4f *y, unsigned int n, unsigned int decimate);

/* Band limits of @n samples, each of them from @decimate scans. */
static always_inline void filter_band(const struct filter_design *f, struct filter_state *s,
				      const v4f *in, size_t stride, v4f *y, const unsigned int n,
				      const unsigned int decimate)
{
	if (decimate > 1) {
		filter_decimate(f, s, in, stride, y, n, decimate);
		return;
	}
	filter_highpass(f, s, in, stride, y, n);
	if (f->has_lp)
		filter_lowpass(f, s, y, n);
}

/*
 * Detection band of @y into @out, @stride vectors apart; returns the sum of
 * squares. @limited is the design's has_det, where that is not known beforehand.
 */
static always_inline v4f filter_detection(const struct filter_design *f, struct filter_state *s,
					  const v4f *y, v4f *out, size_t stride,
					  const unsigned int n, const bool limited)
{
	v4f det[2] = {s->det[0], s->det[1]}, energy = v4_set(0);

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++, out += stride) {
		v4f z = limited ? section_lowpass(&f->det, det, f->det_gain * y[i]) : y[i];

		energy += z * z;
		*out = z;
	}
	s->det[0] = det[0];
	s->det[1] = det[1];
	return energy;
}
