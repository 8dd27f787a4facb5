/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Random numbers that are the same on every machine: xoshiro256++ (Blackman
 * and Vigna 2019) seeded by splitmix64, and integer arithmetic only.
 */
#include <stdint.h>

struct rng {
	uint64_t s[4];
};

/* One stream for each pair of seed and purpose. */
void rng_init(struct rng *r, uint64_t seed, uint64_t stream);

/* Mixes a number into 64 random-looking bits. */
uint64_t rng_mix(uint64_t x);

static inline uint64_t rng_rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static inline uint64_t rng_next(struct rng *r)
{
	uint64_t result = rng_rotl(r->s[0] + r->s[3], 23) + r->s[0];
	uint64_t t = r->s[1] << 17;

	r->s[2] ^= r->s[0];
	r->s[3] ^= r->s[1];
	r->s[1] ^= r->s[2];
	r->s[0] ^= r->s[3];
	r->s[2] ^= t;
	r->s[3] = rng_rotl(r->s[3], 45);

	return result;
}

/*
 * Uniform in [0, 1). Never two draws in one expression or initialiser: C leaves
 * their order open, and scenes would differ between compilers.
 */
static inline double rng_unit(struct rng *r)
{
	return (double)(rng_next(r) >> 11) * 0x1p-53;
}

static inline double rng_range(struct rng *r, double lo, double hi)
{
	return lo + (hi - lo) * rng_unit(r);
}

/*
 * Close to normal, mean 0, variance 1: the sum of four uniform 16-bit numbers.
 * It ends at 3.46 standard deviations; the filters behind it restore the tails.
 */
static inline float rng_normal(struct rng *r)
{
	uint64_t x = rng_next(r);
	int32_t sum = (int32_t)(x & 0xffff) + (int32_t)(x >> 16 & 0xffff) +
		      (int32_t)(x >> 32 & 0xffff) + (int32_t)(x >> 48);

	return (float)(sum - 2 * 0xffff) * (1.0f / 37837.2f); /* 65536 / sqrt(3) */
}
