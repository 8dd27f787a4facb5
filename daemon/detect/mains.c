/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "mains.h"

static const double tone_hz[MAINS_TONES] = {50, 60, 100, 120};

/* A chunk is what fits into the four lanes of an oscillator. */
static unsigned int chunk_of(const struct mains *m)
{
	return m->frame < LANES ? m->frame : LANES;
}

void mains_init(struct mains *m, double rate, unsigned int frame)
{
	memset(m, 0, sizeof(*m));
	m->rate = rate;
	m->frame = frame;
	m->frame_s = frame / rate;
	m->window = (unsigned int)lround(MAINS_WINDOW_S / m->frame_s);
	m->mu_slow = (float)(2 * MAINS_LEARN_EVERY / (MAINS_TAU_S * rate));
	m->mu_fast = (float)(2 * MAINS_LEARN_EVERY / (MAINS_TAU_FAST_S * rate));
	m->mu_step = (float)exp(-m->frame_s * MAINS_LEARN_EVERY / MAINS_GEAR_S);
	m->n_tones = MAINS_TONES;
	for (unsigned int i = 0; i < MAINS_TONES; i++) {
		m->tone[i][0] = 1;
		m->tone_turn[i][0] = (float)cos(2 * M_PI * tone_hz[i] * m->frame_s);
		m->tone_turn[i][1] = (float)sin(2 * M_PI * tone_hz[i] * m->frame_s);
	}
}

void mains_reset_lane(struct mains_state *s, const struct mains *m, unsigned int lane)
{
	for (unsigned int h = 0; h < MAINS_HARMONICS; h++) {
		s->a[h][lane] = 0;
		s->b[h][lane] = 0;
	}
	s->a_then[lane] = 0;
	s->b_then[lane] = 0;
	s->mu[lane] = m->mu_fast;
	s->limit[lane] = MAINS_CLIP_FAST_UV;
	for (unsigned int i = 0; i < MAINS_TONES; i++) {
		s->search[i][0][lane] = 0;
		s->search[i][1][lane] = 0;
	}
	s->power[lane] = 0;
	s->coherent[lane] = 0;
}

/* Sets an oscillator to the present phase and frequency: once per window. */
static void oscillator_set(struct mains *m, unsigned int h)
{
	double w = 2 * M_PI * m->hz * (h + 1) / m->rate, p = 2 * M_PI * m->phase * (h + 1);
	double turn = w * chunk_of(m);

	for (unsigned int i = 0; i < LANES; i++) {
		m->osc[h][0][i] = (float)cos(p + w * i);
		m->osc[h][1][i] = (float)sin(p + w * i);
	}
	m->turn[h][0] = v4_set((float)cos(turn));
	m->turn[h][1] = v4_set((float)sin(turn));
}

static void oscillators_set(struct mains *m)
{
	for (unsigned int k = 0; k < m->n_active; k++)
		oscillator_set(m, m->active[k]);
}

static inline void wave_set(v4f wave[2], v4f c, v4f s, const int lane)
{
	wave[0] = v4_set(c[lane]);
	wave[1] = v4_set(s[lane]);
}

static void oscillator_run(struct mains *m, unsigned int h)
{
	v4f c = m->osc[h][0], s = m->osc[h][1], dc = m->turn[h][0], ds = m->turn[h][1], next;
	v4f(*wave)[2] = m->wave[h];
	unsigned int i = 0;

	for (; i + LANES <= m->frame; i += LANES) {
		wave_set(wave[i], c, s, 0);
		wave_set(wave[i + 1], c, s, 1);
		wave_set(wave[i + 2], c, s, 2);
		wave_set(wave[i + 3], c, s, 3);
		next = c * dc - s * ds;
		s = s * dc + c * ds;
		c = next;
	}
	for (unsigned int l = 0; i + l < m->frame; l++)
		wave_set(wave[i + l], c, s, (int)l);
	if (i < m->frame && m->frame < LANES) {
		next = c * dc - s * ds;
		s = s * dc + c * ds;
		c = next;
	}
	m->osc[h][0] = c;
	m->osc[h][1] = s;
}

void mains_frame_begin(struct mains *m)
{
	if (m->locked && m->frame > LANES && m->frame % LANES)
		oscillators_set(m); /* a frame is not a whole number of chunks */
	for (unsigned int k = 0; k < m->n_active; k++)
		oscillator_run(m, m->active[k]);
	for (unsigned int i = m->first_tone; i < m->first_tone + m->n_tones; i++) {
		float c = m->tone[i][0], s = m->tone[i][1];

		m->tone[i][0] = c * m->tone_turn[i][0] - s * m->tone_turn[i][1];
		m->tone[i][1] = s * m->tone_turn[i][0] + c * m->tone_turn[i][1];
	}
}

/* Four samples at a time, which stay in registers over all harmonics. */
static void mains_subtract(const struct mains *m, const struct mains_state *s, v4f *y)
{
	unsigned int i = 0;

	for (; i + 4 <= m->frame; i += 4) {
		v4f e0 = y[i], e1 = y[i + 1], e2 = y[i + 2], e3 = y[i + 3];

		for (unsigned int k = 0; k < m->n_active; k++) {
			unsigned int h = m->active[k];
			const v4f(*w)[2] = &m->wave[h][i];
			v4f a = s->a[h], b = s->b[h];

			e0 -= a * w[0][0] + b * w[0][1];
			e1 -= a * w[1][0] + b * w[1][1];
			e2 -= a * w[2][0] + b * w[2][1];
			e3 -= a * w[3][0] + b * w[3][1];
		}
		y[i] = e0;
		y[i + 1] = e1;
		y[i + 2] = e2;
		y[i + 3] = e3;
	}
	for (; i < m->frame; i++) {
		for (unsigned int k = 0; k < m->n_active; k++) {
			unsigned int h = m->active[k];

			y[i] -= s->a[h] * m->wave[h][i][0] + s->b[h] * m->wave[h][i][1];
		}
	}
}

static void mains_learn(const struct mains *m, struct mains_state *s, const v4f *y)
{
	v4f low = -s->limit, mu = s->mu;
	unsigned int i = 0;

	for (; i + 4 <= m->frame; i += 4) {
		v4f x0 = mu * v4_max(low, v4_min(s->limit, y[i]));
		v4f x1 = mu * v4_max(low, v4_min(s->limit, y[i + 1]));
		v4f x2 = mu * v4_max(low, v4_min(s->limit, y[i + 2]));
		v4f x3 = mu * v4_max(low, v4_min(s->limit, y[i + 3]));

		for (unsigned int k = 0; k < m->n_active; k++) {
			unsigned int h = m->active[k];
			const v4f(*w)[2] = &m->wave[h][i];

			s->a[h] += x0 * w[0][0] + x1 * w[1][0] + x2 * w[2][0] + x3 * w[3][0];
			s->b[h] += x0 * w[0][1] + x1 * w[1][1] + x2 * w[2][1] + x3 * w[3][1];
		}
	}
	for (; i < m->frame; i++) {
		v4f x = mu * v4_max(low, v4_min(s->limit, y[i]));

		for (unsigned int k = 0; k < m->n_active; k++) {
			unsigned int h = m->active[k];

			s->a[h] += x * m->wave[h][i][0];
			s->b[h] += x * m->wave[h][i][1];
		}
	}
	s->mu = v4_max(mu * m->mu_step, v4_set(m->mu_slow));
}

void mains_remove(const struct mains *m, struct mains_state *s, v4f *y)
{
	v4f sum = v4_set(0);

	s->before += y[0] * y[0];
	mains_subtract(m, s, y);
	s->after += y[0] * y[0];
	if (m->locked && m->frames % MAINS_LEARN_EVERY == 0)
		mains_learn(m, s, y);
#pragma GCC unroll 4
	for (unsigned int i = 0; i < m->frame; i++)
		sum += y[i];
	for (unsigned int i = m->first_tone; i < m->first_tone + m->n_tones; i++) {
		s->search[i][0] += sum * m->tone[i][0];
		s->search[i][1] += sum * m->tone[i][1];
	}
	s->power += sum * sum;
}

/* Share of the window's power at tone @i. */
static v4f tone_power(const struct mains *m, const struct mains_state *s, unsigned int i)
{
	return (s->search[i][0] * s->search[i][0] + s->search[i][1] * s->search[i][1]) *
	       (2.0f / (float)m->window);
}

static void mains_lock(struct mains *m, struct mains_state *s, unsigned int n_groups,
		       unsigned int family)
{
	double top = m->rate / 2 * 0.98;

	m->locked = true;
	m->hz = tone_hz[family];
	m->n_harmonics = 0;
	while (m->n_harmonics < MAINS_HARMONICS && (m->n_harmonics + 1) * m->hz < top) {
		m->active[m->n_harmonics] = m->n_harmonics;
		m->n_harmonics++;
	}
	m->n_active = m->n_harmonics;
	m->strongest = m->windows = 0;
	m->found[0] = m->found[1] = 0;
	for (unsigned int g = 0; g < n_groups; g++) {
		for (unsigned int lane = 0; lane < LANES; lane++)
			mains_reset_lane(&s[g], m, lane);
	}
}

/* While unlocked, both families; then each of them in every other window. */
static void mains_search(struct mains *m, struct mains_state *s, unsigned int n_groups)
{
	float all = 1e-9f, at[MAINS_TONES] = {0};

	for (unsigned int g = 0; g < n_groups; g++) {
		all += v4_sum(s[g].power);
		for (unsigned int i = m->first_tone; i < m->first_tone + m->n_tones; i++)
			at[i] += v4_sum(tone_power(m, &s[g], i));
	}
	for (unsigned int f = 0; f < 2; f++) {
		float share = (at[f] + at[f + 2]) / all;

		if (m->locked && f != m->first_tone)
			continue;
		m->found[f] += 0.3f * (share - m->found[f]);
		if (m->locked) {
			/* the other family: only if it stays */
			if (fabs(m->hz - tone_hz[f]) > 5 && m->found[f] > MAINS_FOUND_OTHER)
				mains_lock(m, s, n_groups, f);
			continue;
		}
		if (at[f] + at[f + 2] < at[1 - f] + at[3 - f])
			continue;
		if (share > MAINS_FOUND_AT_ONCE || m->found[f] > MAINS_FOUND)
			mains_lock(m, s, n_groups, f);
	}
}

/* The weights turn when the frequency is wrong: follow them. */
static void mains_follow(struct mains *m, struct mains_state *s, unsigned int n_groups)
{
	float re = 0, im = 0;
	unsigned int k = m->strongest;

	for (unsigned int g = 0; g < n_groups; g++) {
		v4f a = s[g].a[k], b = s[g].b[k];

		re += v4_sum(a * s[g].a_then + b * s[g].b_then);
		im += v4_sum(b * s[g].a_then - a * s[g].b_then);
	}
	if (re > 0 || im != 0) {
		/* a cos p + b sin p = cos(p - atan2(b, a)): a growing angle means "slower" */
		double turn = atan2(im, re) / (2 * M_PI), nominal = m->hz < 55 ? 50 : 60;
		double hz = m->hz - MAINS_PULL * turn / (MAINS_WINDOW_S * (k + 1));

		m->hz = fmin(fmax(hz, nominal - MAINS_PULL_IN_HZ), nominal + MAINS_PULL_IN_HZ);
	}
}

/* Keeps the harmonics that carry something, and one of the others in turn. */
static void mains_choose(struct mains *m, struct mains_state *s, unsigned int n_groups)
{
	float power[MAINS_HARMONICS] = {0};
	unsigned int k = m->strongest;

	for (unsigned int g = 0; g < n_groups; g++) {
		for (unsigned int h = 0; h < m->n_harmonics; h++) {
			v4f p = s[g].a[h] * s[g].a[h] + s[g].b[h] * s[g].b[h];

			power[h] += v4_sum(p);
		}
	}
	for (unsigned int h = 0; h < m->n_harmonics; h++)
		k = power[h] > 2 * power[k] ? h : k;
	m->strongest = k;
	for (unsigned int g = 0; g < n_groups; g++) {
		s[g].a_then = s[g].a[k];
		s[g].b_then = s[g].b[k];
	}
	if (m->windows < MAINS_SETTLE_WINDOWS)
		return;
	if (m->windows % MAINS_PROBE_WINDOWS == 0)
		m->probe = (m->probe + 1) % m->n_harmonics;
	m->n_active = 0;
	for (unsigned int h = 0; h < m->n_harmonics; h++) {
		float least = MAINS_LEAST_UV * MAINS_LEAST_UV * LANES * (float)n_groups;

		if (h == k || h == m->probe || power[h] > least)
			m->active[m->n_active++] = h;
	}
}

/* What makes a channel louder has been learnt from something else. */
static void mains_doubt(const struct mains *m, struct mains_state *s)
{
	uint32_t worse = v4_bits(s->after > MAINS_WORSE * s->before);

	for (unsigned int lane = 0; lane < LANES; lane++) {
		if (worse & (1u << lane))
			mains_reset_lane(s, m, lane);
	}
}

bool mains_frame_end(struct mains *m, struct mains_state *s, unsigned int n_groups)
{
	unsigned int family = m->hz > 55;

	m->frames++;
	if (m->locked)
		m->phase += m->hz * m->frame_s;
	if (++m->in_window < m->window)
		return false;
	m->in_window = 0;
	m->windows++;
	m->phase -= floor(m->phase);

	if (m->locked)
		mains_follow(m, s, n_groups);
	mains_search(m, s, n_groups);
	if (m->locked)
		mains_choose(m, s, n_groups);
	for (unsigned int g = 0; g < n_groups; g++) {
		if (m->first_tone == family)
			s[g].coherent = tone_power(m, &s[g], family) / (s[g].power + 1e-9f);
		mains_doubt(m, &s[g]);
		memset(s[g].search, 0, sizeof(s[g].search));
		s[g].power = s[g].before = s[g].after = v4_set(0);
	}
	for (unsigned int i = 0; i < MAINS_TONES; i++) {
		m->tone[i][0] = 1;
		m->tone[i][1] = 0;
	}
	if (m->locked) {
		m->n_tones = 1;
		m->first_tone = m->windows % 2;
		oscillators_set(m);
	}
	return true;
}

float mains_amplitude(const struct mains *m, const struct mains_state *s, unsigned int lane)
{
	float sum = 0;

	for (unsigned int h = 0; h < m->n_harmonics; h++)
		sum += s->a[h][lane] * s->a[h][lane] + s->b[h][lane] * s->b[h][lane];
	return sqrtf(sum);
}
