/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * Cross-talk: the same waveform at several electrodes. Products of channels
 * tell how much of one is what others show.
 */

/* Where samples of some frames are: from one on, and then from the history's start. */
struct product_span {
	uint64_t from;
	unsigned int step, first, wrapped; /* samples: apart, in each part */
};

/* Sums over @n samples of products of four channels @a with four @b, by rows of @a. */
static void tile_sum(const v4f *a, const v4f *b, size_t apart, unsigned int n, v4f sum[LANES])
{
	v4f s0 = v4_set(0), s1 = s0, s2 = s0, s3 = s0;

	for (; n; n--, a += apart, b += apart) {
		s0 += v4_splat(*a, 0) * *b;
		s1 += v4_splat(*a, 1) * *b;
		s2 += v4_splat(*a, 2) * *b;
		s3 += v4_splat(*a, 3) * *b;
	}
	sum[0] += s0;
	sum[1] += s1;
	sum[2] += s2;
	sum[3] += s3;
}

/* Rows become columns. */
static inline void transpose(const v4f row[LANES], v4f column[LANES])
{
	v4f a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
	v4f b = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
	v4f c = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
	v4f d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);

	column[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
	column[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
	column[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
	column[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

static inline void rows_add(float product[][MONTAGE_MAX], unsigned int ga, unsigned int gb,
			    const v4f sum[LANES], float keep, float scale)
{
#pragma GCC unroll 4
	for (unsigned int i = 0; i < LANES; i++) {
		v4f *row = (v4f *)(product[ga * LANES + i] + gb * LANES);

		*row = *row * keep + sum[i] * scale;
	}
}

/* Four channels with four, of which the samples of frames may lie in two pieces. */
static void tile_run(const struct history *h, const struct product_span *p, unsigned int ga,
		     unsigned int gb, float keep, float product[][MONTAGE_MAX])
{
	const v4f *x = (const v4f *)history_samples(h, p->from), *y = (const v4f *)h->samples;
	size_t apart = p->step * h->stride / LANES;
	float scale = (float)p->step / (float)h->frame;
	v4f sum[LANES] = {0}, mirrored[LANES];

	tile_sum(x + ga, x + gb, apart, p->first, sum);
	if (p->wrapped)
		tile_sum(y + ga, y + gb, apart, p->wrapped, sum);
	rows_add(product, ga, gb, sum, keep, scale);
	if (ga == gb)
		return;
	transpose(sum, mirrored);
	rows_add(product, gb, ga, mirrored, keep, scale);
}

/*
 * @product times @keep, plus the mean products of all pairs of @channels (and of
 * some others) in each of the frames @from to @to, every @step samples: over many
 * frames, the narrow detection band does not need them all.
 */
void products_add(const struct detector *d, uint64_t from, uint64_t to, unsigned int step,
		  uint32_t channels, float keep, float product[][MONTAGE_MAX])
{
	const struct history *h = &d->history;
	unsigned int frames = (unsigned int)(to - from) + 1;
	unsigned int first = HISTORY_FRAMES - from % HISTORY_FRAMES; /* before it wraps */
	struct product_span span = {.from = from, .step = step};

	first = first < frames ? first : frames;
	span.first = first * h->frame / step;
	span.wrapped = (frames - first) * h->frame / step;
	for (unsigned int ga = 0; ga < d->n_groups; ga++) {
		if (!(channels >> (ga * LANES) & 0xf))
			continue;
		for (unsigned int gb = ga; gb < d->n_groups; gb++) {
			if (channels >> (gb * LANES) & 0xf)
				tile_run(h, &span, ga, gb, keep, product);
		}
	}
}

/* Those stronger channels of @from that can be sources of cross-talk into @c. */
static uint32_t sources_of(const float product[][MONTAGE_MAX], unsigned int c, uint32_t from)
{
	float own = product[c][c];
	uint32_t set = 0;

	for_each_channel(p, from & ~(1u << c))
	{
		float pp = product[p][p], cp = product[c][p];

		if (pp > own && cp * cp > CROSSTALK_LEAST * pp * own &&
		    cp * cp < CROSSTALK_MAX * CROSSTALK_MAX * pp * pp)
			set |= 1u << p;
	}
	return set;
}

/*
 * Power of @c that cross-talk from @from does not explain: residual of a least
 * squares fit by up to four stronger channels, strongest first (Cholesky). A
 * channel whose share would be more than cross-talk can be is left out.
 */
float own_power(const float product[][MONTAGE_MAX], unsigned int c, uint32_t from, struct mix *mix)
{
	float l[CROSSTALK_SOURCES][CROSSTALK_SOURCES], y[CROSSTALK_SOURCES], left = product[c][c];
	unsigned int source[CROSSTALK_SOURCES], n = 0;

	if (mix)
		mix->n = 0;

	from = sources_of(product, c, from);
	while (from && n < CROSSTALK_SOURCES) {
		unsigned int p = MONTAGE_MAX;
		float diagonal, cp;

		for_each_channel(q, from)
		{
			if (p == MONTAGE_MAX || product[q][q] > product[p][p])
				p = q;
		}
		from &= ~(1u << p);
		diagonal = product[p][p];
		cp = product[c][p];
		for (unsigned int i = 0; i < n; i++) {
			float sum = product[p][source[i]];

			for (unsigned int k = 0; k < i; k++)
				sum -= l[n][k] * l[i][k];
			l[n][i] = sum / l[i][i];
			diagonal -= l[n][i] * l[n][i];
			cp -= l[n][i] * y[i];
		}
		if (diagonal < 0.02f * product[p][p])
			continue;
		l[n][n] = sqrtf(diagonal);
		y[n] = cp / l[n][n];
		left -= y[n] * y[n];
		source[n++] = p;
	}
	if (mix) {
		mix->n = n;
		for (unsigned int i = n; i-- > 0;) {
			float sum = y[i];

			for (unsigned int k = i + 1; k < n; k++)
				sum -= l[k][i] * mix->share[k];
			mix->share[i] = sum / l[i][i];
			mix->source[i] = source[i];
		}
	}
	return f_max(left, 0);
}
