/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * Cross-talk: the same waveform at several electrodes. Products of channels
 * tell how much of one is what others show.
 */

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
	struct product_span span = {
		.part = {history_samples(h, from), h->samples},
		.apart = step * h->stride,
		.scale = (float)step / (float)h->frame,
	};

	first = first < frames ? first : frames;
	span.n[0] = first * h->frame / step;
	span.n[1] = (frames - first) * h->frame / step;
	d->lanes->products(&span, channels, keep, product);
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
