/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <string.h>

#include "edf-convert.h"

static inline int32_t load_32(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (int32_t)le32toh(v);
}

static inline int32_t load_16(const unsigned char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return (int16_t)le16toh(v);
}

static inline void store(float *uv, v4f v, unsigned int width)
{
	if (width == LANES)
		memcpy(uv, &v, sizeof(v));
	else
		for (unsigned int i = 0; i < width; i++)
			uv[i] = v[i];
}

/*
 * 24 bits in the upper bytes of 32, the byte before masked away: 256 times the
 * sample, which a float holds exactly.
 */
static inline void convert_24(const struct edf_lanes *l, size_t first, size_t n, float *uv,
			      size_t stride, unsigned int width)
{
	const unsigned char *a = l->row[0] + 3 * first - 1, *b = l->row[1] + 3 * first - 1;
	const unsigned char *c = l->row[2] + 3 * first - 1, *d = l->row[3] + 3 * first - 1;
	const v4f scale = l->scale * (1.0f / 256), zero = l->zero;

	for (size_t i = 0; i < 3 * n; i += 3, uv += stride) {
		v4i v = {load_32(a + i), load_32(b + i), load_32(c + i), load_32(d + i)};

		v &= (int32_t)0xffffff00;
		store(uv, __builtin_convertvector(v, v4f) * scale + zero, width);
	}
}

static inline void convert_16(const struct edf_lanes *l, size_t first, size_t n, float *uv,
			      size_t stride, unsigned int width)
{
	const unsigned char *a = l->row[0] + 2 * first, *b = l->row[1] + 2 * first;
	const unsigned char *c = l->row[2] + 2 * first, *d = l->row[3] + 2 * first;
	const v4f scale = l->scale, zero = l->zero;

	for (size_t i = 0; i < 2 * n; i += 2, uv += stride) {
		v4i v = {load_16(a + i), load_16(b + i), load_16(c + i), load_16(d + i)};

		store(uv, __builtin_convertvector(v, v4f) * scale + zero, width);
	}
}

void edf_convert(const struct edf_lanes *l, unsigned int sample_bytes, size_t first, size_t n,
		 float *uv, size_t stride, unsigned int width)
{
	if (sample_bytes == 3 && width == LANES)
		convert_24(l, first, n, uv, stride, LANES);
	else if (sample_bytes == 3)
		convert_24(l, first, n, uv, stride, width);
	else if (width == LANES)
		convert_16(l, first, n, uv, stride, LANES);
	else
		convert_16(l, first, n, uv, stride, width);
}
