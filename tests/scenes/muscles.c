/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The muscles as sources of signal. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "exact.h"
#include "muscles.h"

#define NYQUIST_SHARE 0.45 /* what the converter's own filter leaves of the rate */
#define HUMP_Q	      1.2  /* width of the eyelid muscle's hump (i) */
#define ANALOG_TOP    2000 /* Hz: nothing is left of EMG above it */

/* Second-order section, transposed direct form II. */
struct section {
	float b0, b1, b2, a1, a2;
};

/* Butterworth low- or high-pass of second order. */
static struct section section_pass(double hz, double rate, bool high)
{
	double k = exact_tan(0.5 * hz / rate);
	double norm = 1.0 / (1.0 + k * 1.41421356237309505 + k * k);
	double b = high ? norm : k * k * norm;

	return (struct section){
		.b0 = (float)b,
		.b1 = (float)(high ? -2.0 * b : 2.0 * b),
		.b2 = (float)b,
		.a1 = (float)(2.0 * (k * k - 1.0) * norm),
		.a2 = (float)((1.0 - k * 1.41421356237309505 + k * k) * norm),
	};
}

static struct section section_peak(double hz, double rate, double gain)
{
	double alpha = exact_sin(hz / rate) / (2.0 * HUMP_Q), a = sqrt(gain);
	double norm = 1.0 / (1.0 + alpha / a), c = -2.0 * exact_cos(hz / rate);

	return (struct section){
		.b0 = (float)((1.0 + alpha * a) * norm),
		.b1 = (float)(c * norm),
		.b2 = (float)((1.0 - alpha * a) * norm),
		.a1 = (float)(c * norm),
		.a2 = (float)((1.0 - alpha / a) * norm),
	};
}

static float section_step(const struct section *s, float x, float z[2])
{
	float y = s->b0 * x + z[0];

	z[0] = s->b1 * x - s->a1 * y + z[1];
	z[1] = s->b2 * x - s->a2 * y;

	return y;
}

/* RMS of white noise of RMS 1 behind the sections. */
static double sections_rms(const struct section s[N_SECTIONS], double rate)
{
	float z[N_SECTIONS][2] = {{0}};
	unsigned int n = (unsigned int)rate;
	double sum = 0.0;

	for (unsigned int i = 0; i < n; i++) {
		float x = i == 0 ? 1.0f : 0.0f;

		for (unsigned int k = 0; k < N_SECTIONS; k++)
			x = section_step(&s[k], x, z[k]);
		sum += (double)x * x;
	}

	return sqrt(sum);
}

/* Share of the power of EMG that a converter at this rate lets through. */
static double band_share(double low, double high, double rate)
{
	double all = 0.0, kept = 0.0;

	for (unsigned int f = 1; f <= ANALOG_TOP; f++) {
		double l = f / low, h = f / high;
		double power = l * l * l * l / (1.0 + l * l * l * l) / (1.0 + h * h * h * h);

		all += power;
		if (f <= NYQUIST_SHARE * rate)
			kept += power;
	}

	return kept / all;
}

static void muscles_set(struct muscles *m, unsigned int section, unsigned int i, struct section s)
{
	m->filters[section].b0[i] = s.b0;
	m->filters[section].b1[i] = s.b1;
	m->filters[section].b2[i] = s.b2;
	m->filters[section].a1[i] = s.a1;
	m->filters[section].a2[i] = s.a2;
}

static void draw_source(struct muscles *m, struct rng *r, unsigned int i)
{
	const struct plan *p = m->plan;
	double rate = p->config->rate;
	double low = draw(p->a, r, A_BAND_LOW), high = draw(p->a, r, A_BAND_HIGH);
	double hump = draw(p->a, r, A_OOC_HUMP_HZ), gain = draw(p->a, r, A_OOC_HUMP_GAIN);
	struct section s[N_SECTIONS] = {{.b0 = 1.0f}, {.b0 = 1.0f}, {.b0 = 1.0f}};

	m->tonus[i] = (float)draw(p->a, r, A_REST_TONUS);
	s[0] = section_pass(low, rate, true);
	if (high < 0.8 * NYQUIST_SHARE * rate)
		s[1] = section_pass(high, rate, false);
	if (i % OEH_MUSCLE_COUNT == OEH_MUSCLE_ORBICULARIS_OCULI &&
	    hump < 0.8 * NYQUIST_SHARE * rate)
		s[2] = section_peak(hump, rate, gain);
	m->scale[i] = (float)(sqrt(band_share(low, high, rate)) / sections_rms(s, rate));
	for (unsigned int k = 0; k < N_SECTIONS; k++)
		muscles_set(m, k, i, s[k]);
}

int muscles_init(struct muscles *m, const struct plan *plan)
{
	struct rng r;

	*m = (struct muscles){.plan = plan};
	rng_init(&r, plan->config->seed, 0x6d757363);
	rng_init(&m->rng, plan->config->seed, 0x6e6f6973);
	m->active = calloc(plan->n_contractions + 1, sizeof(m->active[0]));
	if (!m->active)
		return -ENOMEM;

	for (unsigned int i = 0; i < N_SOURCES; i++)
		draw_source(m, &r, i);

	return 0;
}

void muscles_done(struct muscles *m)
{
	free(m->active);
	m->active = NULL;
}

static float smooth(float x)
{
	return x >= 1.0f ? 1.0f : x * x * (3.0f - 2.0f * x);
}

/* Ripple: straight lines between random heights, found again from the seed alone. */
static float ripple_at(const struct contraction *c, float t)
{
	float x = t / c->ripple_time, k = floorf(x), f = x - k;
	uint64_t node = (uint64_t)k;
	float a = (float)(rng_mix(c->seed + node) >> 40) * 0x1p-24f;
	float b = (float)(rng_mix(c->seed + node + 1) >> 40) * 0x1p-24f;

	return 1.0f - c->ripple * (a + (b - a) * f);
}

static float contraction_at(const struct contraction *c, uint64_t now)
{
	float from = (float)(now - c->start) + 1.0f, to = (float)(c->end - now);
	float level = c->rms_uv;

	if (from < c->rise)
		level *= smooth(from / c->rise);
	if (to < c->fall)
		level *= smooth(to / c->fall);
	if (c->ripple > 0.0f)
		level *= ripple_at(c, from);

	return level;
}

/* Different motor units add in power. */
static void add_envelopes(struct muscles *m, float power[N_SOURCES])
{
	const struct plan *p = m->plan;

	while (m->next < p->n_contractions && p->contractions[m->next].start <= m->now)
		m->active[m->n_active++] = (uint32_t)m->next++;

	for (size_t i = 0; i < m->n_active;) {
		const struct contraction *c = &p->contractions[m->active[i]];
		float level;

		if (c->end <= m->now) {
			m->active[i] = m->active[--m->n_active];
			continue;
		}
		level = contraction_at(c, m->now);
		power[c->source] += level * level;
		i++;
	}
}

void muscles_step(struct muscles *m, float uv[N_SOURCES])
{
	float power[N_SOURCES];

	for (unsigned int i = 0; i < N_SOURCES; i++) {
		power[i] = m->tonus[i] * m->tonus[i];
		uv[i] = rng_normal(&m->rng);
	}
	add_envelopes(m, power);
	for (unsigned int k = 0; k < N_SECTIONS; k++) {
		__typeof__(m->filters[0]) *f = &m->filters[k];

		for (unsigned int i = 0; i < N_SOURCES; i++) {
			float x = uv[i], y = f->b0[i] * x + f->z1[i];

			f->z1[i] = f->b1[i] * x - f->a1[i] * y + f->z2[i];
			f->z2[i] = f->b2[i] * x - f->a2[i] * y;
			uv[i] = y;
		}
	}
	for (unsigned int i = 0; i < N_SOURCES; i++)
		uv[i] *= m->scale[i] * sqrtf(power[i]);
	m->now++;
}
