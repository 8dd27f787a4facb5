/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The bit-exact test pattern: what the emulated headset sends with --pattern
 * and what a reader at the other end expects. It counts by odd steps that
 * reach every bit of the converter, sign included; no two scans of a run of
 * 2^bits are alike.
 */
#include <stdint.h>

static inline int32_t pattern_count(uint32_t counter, unsigned int channel, unsigned int bits)
{
	uint32_t step = counter * (0x9e3779b1u >> (32 - bits) | 1) + channel * 0x1003fu;

	return (int32_t)(step << (32 - bits)) >> (32 - bits);
}
