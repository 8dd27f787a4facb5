/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Four channels side by side. GCC vector extensions, so that the same source
 * becomes SSE2, NEON or plain C; only minimum and maximum need a helper, since
 * compilers do not recognise them in this form.
 *
 * What every frame does to all channels is compiled twice, for four lanes and
 * for the eight that AVX2 has (lanes.c): a "vf" is as wide as the one at hand.
 */
#include <stddef.h>
#include <stdint.h>

#define LANES 4

/* For what is compiled once for each count of samples that is known beforehand. */
#define always_inline inline __attribute__((always_inline))

typedef float v4f __attribute__((vector_size(16)));
typedef int32_t v4i __attribute__((vector_size(16)));

static inline v4f v4_set(float x)
{
	return (v4f){x, x, x, x};
}

/* Lane @lane, a constant, in all lanes. Of integers, that takes one instruction. */
#define v4_splat(x, lane) ((v4f)__builtin_shufflevector((v4i)(x), (v4i)(x), lane, lane, lane, lane))

/* @mask is all ones or all zeros in each lane, as comparisons give it. */
static inline v4f v4_select(v4i mask, v4f a, v4f b)
{
	return (v4f)((mask & (v4i)a) | (~mask & (v4i)b));
}

static inline v4f v4_min(v4f a, v4f b)
{
#ifdef __SSE__
	return __builtin_ia32_minps(a, b);
#else
	return v4_select(a < b, a, b);
#endif
}

static inline v4f v4_max(v4f a, v4f b)
{
#ifdef __SSE__
	return __builtin_ia32_maxps(a, b);
#else
	return v4_select(a > b, a, b);
#endif
}

static inline v4f v4_abs(v4f a)
{
	return (v4f)((v4i)a & 0x7fffffff);
}

static inline float v4_sum(v4f a)
{
	return a[0] + a[1] + a[2] + a[3];
}

/* A bit per lane of a mask. */
static inline uint32_t v4_bits(v4i mask)
{
#ifdef __SSE__
	return (uint32_t)__builtin_ia32_movmskps((v4f)mask);
#else
	return (uint32_t)((mask[0] & 1) | (mask[1] & 2) | (mask[2] & 4) | (mask[3] & 8));
#endif
}

/* All ones in the lanes whose bits are set. */
static inline v4i v4_mask(uint32_t bits)
{
	const v4i lane = {1, 2, 4, 8};

	return (((v4i){} + (int32_t)bits) & lane) == lane;
}

/* @a where @mask is all ones, else 0. */
static inline v4f v4_keep(v4i mask, v4f a)
{
	return (v4f)(mask & (v4i)a);
}

#ifdef WIDE_LANES
#define VF_LANES 8
typedef float vf __attribute__((vector_size(32)));
typedef int32_t vi __attribute__((vector_size(32)));
#else
#define VF_LANES LANES
typedef v4f vf;
typedef v4i vi;
#endif
#define VF_LANES_MAX 8

/* What a scan may be read as: those who feed the detector align it for four lanes. */
typedef vf vf_loose __attribute__((aligned(16)));

/* Channels from @c on, a multiple of VF_LANES. */
#define vf_at(array, c)	 (*(vf *)((array) + (c)))
#define vi_at(array, c)	 (*(vi *)((array) + (c)))
#define v4_at(array, c)	 (*(v4f *)((array) + (c)))
#define v4i_at(array, c) (*(v4i *)((array) + (c)))

/* One constant in all lanes, in memory. */
struct vf_constant {
	_Alignas(32) float lane[VF_LANES_MAX];
};

static inline struct vf_constant vf_constant(float x)
{
	return (struct vf_constant){{x, x, x, x, x, x, x, x}};
}

static always_inline vf vf_of(const struct vf_constant *c)
{
	return *(const vf *)c->lane;
}

static always_inline vf vf_set(float x)
{
#ifdef WIDE_LANES
	return (vf){x, x, x, x, x, x, x, x};
#else
	return v4_set(x);
#endif
}

/* All ones in the lanes whose bits are set. */
static always_inline vi vf_mask(uint32_t bits)
{
#ifdef WIDE_LANES
	const vi lane = {1, 2, 4, 8, 16, 32, 64, 128};
#else
	const vi lane = {1, 2, 4, 8};
#endif

	return (((vi){} + (int32_t)bits) & lane) == lane;
}

/* @a where @mask is all ones, else 0, or @b. */
static always_inline vf vf_keep(vi mask, vf a)
{
	return (vf)(mask & (vi)a);
}

static always_inline vf vf_select(vi mask, vf a, vf b)
{
	return (vf)((mask & (vi)a) | (~mask & (vi)b));
}

static always_inline vf vf_min(vf a, vf b)
{
#ifdef WIDE_LANES
	return __builtin_ia32_minps256(a, b);
#else
	return v4_min(a, b);
#endif
}

static always_inline vf vf_max(vf a, vf b)
{
#ifdef WIDE_LANES
	return __builtin_ia32_maxps256(a, b);
#else
	return v4_max(a, b);
#endif
}

static always_inline vf vf_abs(vf a)
{
	return (vf)((vi)a & 0x7fffffff);
}

/* A bit per lane of a mask. */
static always_inline uint32_t vf_bits(vi mask)
{
#ifdef WIDE_LANES
	return (uint32_t)__builtin_ia32_movmskps256((vf)mask);
#else
	return v4_bits(mask);
#endif
}

/* Natural logarithm, 1e-4: of the exponent, and a polynomial for the rest. */
static always_inline vf vf_log(vf x)
{
	vi bits = (vi)x;
	vf e = __builtin_convertvector((bits >> 23) - 127, vf);
	vf m = (vf)((bits & 0x7fffff) | 0x3f800000) - 1.0f;
	vf p = m * (0.9991150f +
		    m * (-0.4899597f + m * (0.2856751f + m * (-0.1330566f + m * 0.0313728f))));

	return e * 0.69314718f + p;
}

/* Without the library's care for NaN, which has no place in the hot path. */
static inline float f_max(float a, float b)
{
	return a > b ? a : b;
}

static inline float f_min(float a, float b)
{
	return a < b ? a : b;
}
