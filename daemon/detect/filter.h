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

#include "montage.h"
#include "vec.h"

/*
 * Second-order section as two integrators, (1 - z^-1)^2 / (1 + a1 z^-1 + a2 z^-2)
 * with two multiplications. With every z^-1 negated it is a low-pass whose zeros
 * lie at half the rate. Gains are applied elsewhere, once for several sections.
 */
struct section {
	struct vf_constant damping; /* 1 + (1 - a2) / feed */
	struct vf_constant feed;    /* 1 + a1 + a2; in a low-pass 1 - a1 + a2 */
};

struct filter_design {
	struct vf_constant gain;     /* of the high-pass and of lp */
	struct vf_constant hp_pole;  /* first-order part of the high-pass */
	struct section hp;	     /* second-order part of the high-pass */
	struct section lp[2];	     /* anti-alias and upper band limit */
	struct section det;	     /* upper limit of the detection band ... */
	struct vf_constant det_gain; /* ... and its gain */
	bool has_lp, has_det;	     /* false where the rate itself limits the band */
};

#define FILTER_SCANS_MAX 160 /* scans in a frame, at most */

/* State of all channels. */
struct filter_state {
	_Alignas(32) float x1[MONTAGE_MAX]; /* newest sample */
	float h1[MONTAGE_MAX];		    /* output of the first-order part */
	float hp[2][MONTAGE_MAX], lp0[2][MONTAGE_MAX], lp1[2][MONTAGE_MAX], det[2][MONTAGE_MAX];
};

/* @rate: of the samples; @inner_rate: after decimation, where det works. */
void filter_design(struct filter_design *f, double rate, double inner_rate);

/* The channel starts anew: @x is taken as its rest, so that no transient follows. */
void filter_prime(struct filter_state *s, unsigned int channel, float x);

/* @s[0] sums @s[1], which sums what comes out. */
static always_inline vf section_highpass(vf damping, vf feed, vf s[2], vf x)
{
	vf y = x - s[0] - damping * s[1];

	s[0] += s[1];
	s[1] += feed * y;
	return y;
}

/* The same with every other sample of all signals negated. */
static always_inline vf section_lowpass(vf damping, vf feed, vf s[2], vf x)
{
	vf y = x - s[0] + damping * s[1];

	s[0] = s[1] - s[0];
	s[1] = feed * y - s[1];
	return y;
}

/*
 * @n samples of the channels from @c on; in @in they are @stride floats apart. The
 * difference comes first: it removes any electrode offset exactly, so that the
 * poles near z = 1 never see large numbers.
 */
static always_inline void filter_highpass(const struct filter_design *f, struct filter_state *s,
					  unsigned int c, const float *in, size_t stride, vf *y,
					  const unsigned int n)
{
	vf x1 = vf_at(s->x1, c), h1 = vf_at(s->h1, c);
	vf hp[2] = {vf_at(s->hp[0], c), vf_at(s->hp[1], c)};
	vf pole = vf_of(&f->hp_pole), gain = vf_of(&f->gain);
	vf damping = vf_of(&f->hp.damping), feed = vf_of(&f->hp.feed);

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++, in += stride) {
		vf x = *(const vf_loose *)(in + c);

		h1 = pole * h1 + gain * (x - x1);
		x1 = x;
		y[i] = section_highpass(damping, feed, hp, h1);
	}
	vf_at(s->x1, c) = x1;
	vf_at(s->h1, c) = h1;
	vf_at(s->hp[0], c) = hp[0];
	vf_at(s->hp[1], c) = hp[1];
}

static always_inline void filter_lowpass(const struct filter_design *f, struct filter_state *s,
					 unsigned int c, vf *y, const unsigned int n)
{
	vf s0[2] = {vf_at(s->lp0[0], c), vf_at(s->lp0[1], c)};
	vf s1[2] = {vf_at(s->lp1[0], c), vf_at(s->lp1[1], c)};
	vf damping0 = vf_of(&f->lp[0].damping), feed0 = vf_of(&f->lp[0].feed);
	vf damping1 = vf_of(&f->lp[1].damping), feed1 = vf_of(&f->lp[1].feed);

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++) {
		vf x = section_lowpass(damping0, feed0, s0, y[i]);

		y[i] = section_lowpass(damping1, feed1, s1, x);
	}
	vf_at(s->lp0[0], c) = s0[0];
	vf_at(s->lp0[1], c) = s0[1];
	vf_at(s->lp1[0], c) = s1[0];
	vf_at(s->lp1[1], c) = s1[1];
}

/* Band limits of @n samples, each of them from @decimate scans. */
static always_inline void filter_band(const struct filter_design *f, struct filter_state *s,
				      unsigned int c, const float *in, size_t stride, vf *y,
				      const unsigned int n, const unsigned int decimate)
{
	vf all[FILTER_SCANS_MAX];

	if (decimate == 1) {
		filter_highpass(f, s, c, in, stride, y, n);
		if (f->has_lp)
			filter_lowpass(f, s, c, y, n);
		return;
	}
	filter_highpass(f, s, c, in, stride, all, n * decimate);
	filter_lowpass(f, s, c, all, n * decimate);
	for (unsigned int i = 0; i < n; i++)
		y[i] = all[(i + 1) * decimate - 1];
}

/*
 * Detection band of @y into @out, @stride floats apart; returns the sum of
 * squares. @limited is the design's has_det, where that is not known beforehand.
 */
static always_inline vf filter_detection(const struct filter_design *f, struct filter_state *s,
					 unsigned int c, const vf *y, float *out, size_t stride,
					 const unsigned int n, const bool limited)
{
	vf det[2] = {vf_at(s->det[0], c), vf_at(s->det[1], c)}, energy = vf_set(0);
	vf gain = vf_of(&f->det_gain);
	vf damping = vf_of(&f->det.damping), feed = vf_of(&f->det.feed);

#pragma GCC unroll 4
	for (unsigned int i = 0; i < n; i++, out += stride) {
		vf z = limited ? section_lowpass(damping, feed, det, gain * y[i]) : y[i];

		energy += z * z;
		vf_at(out, c) = z;
	}
	vf_at(s->det[0], c) = det[0];
	vf_at(s->det[1], c) = det[1];
	return energy;
}
