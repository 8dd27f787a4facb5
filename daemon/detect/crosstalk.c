/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "internal.h"

/*
 * Cross-talk: the same waveform at several electrodes. Products of channels
 * tell how much of one is what others show.
 */

/*
 * @p times @keep, plus the mean products of all pairs of @channels (and of
 * some others) in each of the frames @from to @to, every @step samples: over many
 * frames, the narrow detection band does not need them all.
 */
void products_add(const struct detector *d, uint64_t from, uint64_t to, unsigned int step,
		  uint32_t channels, float keep, struct products *p)
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
	d->lanes->products(&span, channels, keep, p);
}

/* Those of @from, which are stronger, that can be sources of cross-talk into @c. */
static uint32_t sources_of(const struct products *p, unsigned int c, uint32_t from)
{
	const v4f own = v4_set(p->power[c]);
	uint32_t sources = 0;

	for (unsigned int g = 0; g < MONTAGE_MAX && from >> g; g += LANES) {
		v4f power = v4_at(p->power, g), with = v4_at(p->of[c], g), squared = with * with;
		v4i fine = (power > own) & (squared > CROSSTALK_LEAST * power * own) &
			   (squared < CROSSTALK_MAX * CROSSTALK_MAX * power * power);

		sources |= v4_bits(fine) << g;
	}
	return sources & from;
}

/* Channels in the order of their power, the strongest first. */
struct channel_order {
	unsigned int n;
	uint8_t channel[MONTAGE_MAX];
};

static void order_channels(const struct products *p, uint32_t channels, struct channel_order *ret)
{
	ret->n = 0;
	for_each_channel(c, channels)
	{
		unsigned int i = ret->n++;

		for (; i && p->power[ret->channel[i - 1]] < p->power[c]; i--)
			ret->channel[i] = ret->channel[i - 1];
		ret->channel[i] = (uint8_t)c;
	}
}

/* A least squares fit in the making: Cholesky's factor, and what it makes of @c. */
struct fit {
	float l[CROSSTALK_SOURCES][CROSSTALK_SOURCES], y[CROSSTALK_SOURCES];
	uint8_t source[CROSSTALK_SOURCES];
	unsigned int n;
};

static inline float fit_add(const struct products *p, struct fit *f, unsigned int c,
			    unsigned int source)
{
	const float *with = p->of[source];
	float diagonal = p->power[source], cp = with[c], *l = f->l[f->n];

	for (unsigned int i = 0; i < f->n; i++) {
		float sum = with[f->source[i]];

		for (unsigned int k = 0; k < i; k++)
			sum -= l[k] * f->l[i][k];
		l[i] = sum * f->l[i][i];
		diagonal -= l[i] * l[i];
		cp -= l[i] * f->y[i];
	}
	if (diagonal < 0.02f * p->power[source])
		return 0;
	l[f->n] = 1 / sqrtf(diagonal); /* the diagonal's inverse is what is used */
	f->y[f->n] = cp * l[f->n];
	f->source[f->n] = (uint8_t)source;
	f->n++;
	return f->y[f->n - 1] * f->y[f->n - 1];
}

/* Power of @c that a fit by the four strongest of @sources does not explain. */
static float fit_power(const struct products *p, unsigned int c, uint32_t sources, struct fit *f)
{
	struct channel_order order;
	float left = p->power[c];

	f->n = 0;
	order_channels(p, sources, &order);
	for (unsigned int i = 0; i < order.n && f->n < CROSSTALK_SOURCES; i++)
		left -= fit_add(p, f, c, order.channel[i]);
	return f_max(left, 0);
}

/*
 * Power of @c that cross-talk from @from does not explain: residual of a least
 * squares fit by up to four stronger channels, strongest first (Cholesky). A
 * channel whose share would be more than cross-talk can be is left out.
 */
float own_power(const struct products *p, unsigned int c, uint32_t from, struct mix *mix)
{
	uint32_t sources = sources_of(p, c, from);
	struct fit f = {.n = 0};
	float own = sources ? fit_power(p, c, sources, &f) : p->power[c];

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
void own_powers(const struct detector *d, const struct products *p, uint32_t channels, float *ret)
{
	uint32_t sources[MONTAGE_MAX];
	struct fit f;

	if (!channels)
		return;
	d->lanes->sources(p, d->n, sources);
	for_each_channel(c, channels)
	{
		sources[c] &= channels;
		ret[c] = sources[c] ? fit_power(p, c, sources[c], &f) : p->power[c];
	}
}
