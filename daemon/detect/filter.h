/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Band limits. Two bands leave here: the EMG's own (about 20 to 450 Hz), in
 * which amplitudes are reported, and within it the detection band, where the
 * surface EMG of the face rises highest above the amplifier's white noise.
 */
#include <stdbool.h>
#include <stddef.h>

#include "vec.h"

/* Second-order section, transposed direct form II, a0 = 1. */
struct section {
	float b0, b1, b2, a1, a2;
};

struct filter_design {
	float hp_pole;	      /* first-order part of the high-pass; its gain is in hp.b0 */
	struct section hp;    /* second-order part of the high-pass */
	struct section lp[2]; /* anti-alias and upper band limit */
	struct section det;   /* upper limit of the detection band */
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

/*
 * Band limits of @n inner samples: @in is @stride vectors from scan to scan,
 * @decimate scans for each sample of @y.
 */
void filter_band(const struct filter_design *f, struct filter_state *s, const v4f *in,
		 size_t stride, v4f *y, unsigned int n, unsigned int decimate);

/* Detection band of @y into @out, @stride vectors apart; returns the sum of squares. */
v4f filter_detection(const struct filter_design *f, struct filter_state *s, const v4f *y,
		     unsigned int n, v4f *out, size_t stride);
