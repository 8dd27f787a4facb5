/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the pure protocol code needs from its surroundings: in the kernel the
 * kernel's own, elsewhere the same names over the C library.
 */
#ifndef OEH_SHIM_H
#define OEH_SHIM_H

#ifdef __KERNEL__

#include <asm/byteorder.h>
#include <linux/bits.h>
#include <linux/crc32.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/types.h>

#include "compat.h"

static inline u32 oeh_crc32(const void *data, size_t len)
{
	return ~crc32_le(~0U, data, len);
}

#else
#include "oeh-userspace.h"
#endif

#endif /* OEH_SHIM_H */
