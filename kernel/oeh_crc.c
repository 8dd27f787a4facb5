// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CRC-32/ISO-HDLC for userspace and firmware; the kernel has its own. */
#include "oeh_shim.h"

/* Remainders of the 16 values of half a byte, polynomial 0xedb88320. */
static const u32 oeh_crc_table[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 oeh_crc32(const void *data, size_t len)
{
	const u8 *p = data;
	u32 crc = ~0U;

	while (len--) {
		crc ^= *p++;
		crc = crc >> 4 ^ oeh_crc_table[crc & 15];
		crc = crc >> 4 ^ oeh_crc_table[crc & 15];
	}

	return ~crc;
}
