/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's names that kernel/oeh*.[ch] use, over the C library: for programs,
 * firmware and tests. Nothing here is inside the module.
 */
#ifndef OEH_USERSPACE_H
#define OEH_USERSPACE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#define BIT(n)	   (1u << (n))
#define BIT_ULL(n) (1ull << (n))

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define U8_MAX	     UINT8_MAX
#define U32_MAX	     UINT32_MAX
#define U64_MAX	     UINT64_MAX
#define S64_MAX	     INT64_MAX
#define NSEC_PER_SEC 1000000000L

#define ARRAY_SIZE(a)		   (sizeof(a) / sizeof((a)[0]))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define max_t(type, a, b)	   ((type)(a) > (type)(b) ? (type)(a) : (type)(b))
#define min_t(type, a, b)	   ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
#define clamp_t(type, value, lo, hi) \
	((type)(value) < (type)(lo) ? (type)(lo) : min_t(type, value, hi))

#define le16_to_cpu le16toh
#define le32_to_cpu le32toh
#define le64_to_cpu le64toh

static inline u16 get_unaligned_le16(const void *p)
{
	const u8 *b = p;

	return (u16)(b[0] | b[1] << 8);
}

static inline u32 get_unaligned_le24(const void *p)
{
	const u8 *b = p;

	return b[0] | b[1] << 8 | (u32)b[2] << 16;
}

static inline u32 get_unaligned_le32(const void *p)
{
	const u8 *b = p;

	return get_unaligned_le24(b) | (u32)b[3] << 24;
}

static inline u64 get_unaligned_le64(const void *p)
{
	const u8 *b = p;

	return get_unaligned_le32(b) | (u64)get_unaligned_le32(b + 4) << 32;
}

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = dividend % divisor;

	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

/* CRC-32/ISO-HDLC, as zlib's crc32(); in oeh_crc.c. */
u32 oeh_crc32(const void *data, size_t len);

#endif /* OEH_USERSPACE_H */
