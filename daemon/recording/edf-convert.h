/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Digital samples, signal after signal, into scans of microvolts. */
#include <stddef.h>

#include "vec.h"

/*
 * Four signals that become neighbours in a scan. A lane without a signal has
 * scale and zero 0, and the row of another.
 */
struct edf_lanes {
	const unsigned char *row[LANES]; /* little-endian samples; see below */
	v4f scale, zero;		 /* microvolts = scale x digital + zero */
};

/*
 * Converts samples @first to @first + @n - 1 into lanes of @uv, which is @stride
 * floats a scan. @width lanes (1 to 4) are written. The byte before a row is
 * read too (and not used), so that no byte behind one is.
 */
void edf_convert(const struct edf_lanes *l, unsigned int sample_bytes, size_t first, size_t n,
		 float *uv, size_t stride, unsigned int width);
