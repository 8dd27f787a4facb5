/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Eight channels side by side: the Makefile has this file compiled for AVX2. */
#ifdef __AVX2__
#define WIDE_LANES
#define LANES_TABLE lanes_wide
#include "lanes.c"

const struct lanes *lanes_eight(void)
{
	return __builtin_cpu_supports("avx2") ? &lanes_wide : NULL;
}
#else
#include "internal.h"

const struct lanes *lanes_eight(void)
{
	return NULL;
}
#endif
