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
static inline void tile_sum(const v4f *a, const v4f *b, size_t apart, unsigned int n,
			    v4f sum[LANES])
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
static inline void tile_run(const struct history *h, const struct product_span *p, unsigned int ga,
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
	for (unsigned int ga = 0; ga * LANES < d->n; ga++) {
		if (!(channels >> (ga * LANES) & 0xf))
			continue;
		for (unsigned int gb = ga; gb * LANES < d->n; gb++) {
			if (channels >> (gb * LANES) & 0xf)
				tile_run(h, &span, ga, gb, keep, product);
		}
	}
}

/* Channels in the order of their power, the strongest first. */
struct channel_order {
	unsigned int n;
	uint8_t channel[MONTAGE_MAX];
};

static void order_channels(const float product[][MONTAGE_MAX], uint32_t channels,
			   struct channel_order *ret)
{
	ret->n = 0;
	for_each_channel(c, channels)
	{
		unsigned int i = ret->n++;

		for (; i && product[ret->channel[i - 1]][ret->channel[i - 1]] < product[c][c]; i--)
			ret->channel[i] = ret->channel[i - 1];
		ret->channel[i] = (uint8_t)c;
	}
}

/* True where @p, which is stronger, can be a source of cross-talk into @c. */
static inline bool is_source(const float product[][MONTAGE_MAX], unsigned int c, unsigned int p)
{
	float own = product[c][c], pp = product[p][p], cp = product[c][p], squared = cp * cp;

	return pp > own && squared > CROSSTALK_LEAST * pp * own &&
	       squared < CROSSTALK_MAX * CROSSTALK_MAX * pp * pp;
}

/* A least squares fit in the making: Cholesky's factor, and what it makes of @c. */
struct fit {
	float l[CROSSTALK_SOURCES][CROSSTALK_SOURCES], y[CROSSTALK_SOURCES];
	uint8_t source[CROSSTALK_SOURCES];
	unsigned int n;
};

static inline float fit_add(const float product[][MONTAGE_MAX], struct fit *f, unsigned int c,
			    unsigned int p)
{
	float diagonal = product[p][p], cp = product[c][p], *l = f->l[f->n];

	for (unsigned int i = 0; i < f->n; i++) {
		float sum = product[p][f->source[i]];

		for (unsigned int k = 0; k < i; k++)
			sum -= l[k] * f->l[i][k];
		l[i] = sum * f->l[i][i];
		diagonal -= l[i] * l[i];
		cp -= l[i] * f->y[i];
	}
	if (diagonal < 0.02f * product[p][p])
		return 0;
	l[f->n] = 1 / sqrtf(diagonal); /* the diagonal's inverse is what is used */
	f->y[f->n] = cp * l[f->n];
	f->source[f->n] = (uint8_t)p;
	f->n++;
	return f->y[f->n - 1] * f->y[f->n - 1];
}

/* Power of @c that a fit by up to four of @sources, all of them stronger, does not explain. */
static float fit_power(const float product[][MONTAGE_MAX], unsigned int c, const uint8_t *sources,
		       unsigned int n, struct fit *f)
{
	float left = product[c][c];

	f->n = 0;
	for (unsigned int i = 0; i < n && f->n < CROSSTALK_SOURCES; i++) {
		if (is_source(product, c, sources[i]))
			left -= fit_add(product, f, c, sources[i]);
	}
	return f_max(left, 0);
}

/*
 * Power of @c that cross-talk from @from does not explain: residual of a least
 * squares fit by up to four stronger channels, strongest first (Cholesky). A
 * channel whose share would be more than cross-talk can be is left out.
 */
float own_power(const float product[][MONTAGE_MAX], unsigned int c, uint32_t from, struct mix *mix)
{
	struct channel_order order;
	struct fit f;
	float own;

	order_channels(product, from & ~(1u << c), &order);
	own = fit_power(product, c, order.channel, order.n, &f);
	if (!mix)
		return own;
	mix->n = f.n;
	for (unsigned int i = f.n; i-- > 0;) {
		float sum = f.y[i];

		for (unsigned int k = i + 1; k < f.n; k++)
			sum -= f.l[k][i] * mix->share[k];
		mix->share[i] = sum * f.l[i][i];
		mix->source[i] = f.source[i];
	}
	return own;
}

/* The same for all of @channels, by each other. */
void own_powers(const float product[][MONTAGE_MAX], uint32_t channels, float *ret)
{
	struct channel_order order;
	struct fit f;

	order_channels(product, channels, &order);
	for (unsigned int i = 0; i < order.n; i++)
		ret[order.channel[i]] = fit_power(product, order.channel[i], order.channel, i, &f);
}
