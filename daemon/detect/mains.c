/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "mains.h"

static const double tone_hz[MAINS_TONES] = {50, 60, 100, 120};

void mains_init(struct mains *m, double rate, unsigned int frame)
{
	memset(m, 0, sizeof(*m));
	m->rate = rate;
	m->frame = frame;
	m->frame_s = frame / rate;
	m->window = (unsigned int)lround(MAINS_WINDOW_S / m->frame_s);
	m->mu_slow = vf_constant((float)(2 * MAINS_LEARN_EVERY / (MAINS_TAU_S * rate)));
	m->mu_fast = (float)(2 * MAINS_LEARN_EVERY / (MAINS_TAU_FAST_S * rate));
	m->mu_step = vf_constant((float)exp(-m->frame_s * MAINS_LEARN_EVERY / MAINS_GEAR_S));
	m->n_tones = MAINS_TONES;
	for (unsigned int i = 0; i < MAINS_TONES; i++) {
		m->tone[i][0] = 1;
		m->tone_turn[i][0] = (float)cos(2 * M_PI * tone_hz[i] * m->frame_s);
		m->tone_turn[i][1] = (float)sin(2 * M_PI * tone_hz[i] * m->frame_s);
	}
}

void mains_reset_channel(struct mains_state *s, const struct mains *m, unsigned int channel)
{
	for (unsigned int h = 0; h < MAINS_HARMONICS; h++) {
		s->sine[h].now[channel] = 0;
		s->sine[h].before[channel] = 0;
	}
	s->then[0][channel] = 0;
	s->then[1][channel] = 0;
	s->mu[channel] = m->mu_fast;
	s->limit[channel] = MAINS_CLIP_FAST_UV;
	for (unsigned int i = 0; i < MAINS_TONES; i++) {
		s->search[i][0][channel] = 0;
		s->search[i][1][channel] = 0;
	}
	s->power[channel] = 0;
	s->coherent[channel] = 0;
}

/* The harmonics' turns are powers of the fundamental's. */
static void turns_set(struct mains *m)
{
	double w = 2 * M_PI * m->hz / m->rate, n = m->window * m->frame;
	double complex sample1 = cexp(I * w), window1 = cexp(I * w * n), sample = 1, window = 1;

	for (unsigned int h = 0; h < m->n_harmonics; h++) {
		struct mains_turn *t = &m->turn[h];
		double complex shorter;
		double c;

		sample *= sample1;
		window *= window1;
		shorter = window * conj(sample);
		c = creal(sample);
		t->twice = vf_constant((float)(2 * c));
		t->cos[0] = vf_constant((float)c);
		t->cos[1] = vf_constant((float)(2 * c * c - 1));
		t->cos[2] = vf_constant((float)((4 * c * c - 3) * c));
		t->per_sin = (float)(1 / cimag(sample));
		t->window_cos = (float)creal(window);
		t->window_sin = (float)cimag(window);
		t->shorter_cos = (float)creal(shorter);
		t->shorter_sin = (float)cimag(shorter);
	}
}

/* The sine's other coordinate, a quarter turn away; four channels from @c on. */
static v4f sine_imaginary(const struct mains *m, const struct mains_state *s, unsigned int h,
			  unsigned int c)
{
	const struct mains_turn *t = &m->turn[h];

	return (v4_at(s->sine[h].before, c) - v4_at(s->sine[h].now, c) * t->cos[0].lane[0]) *
	       t->per_sin;
}

/* Square of its amplitude. */
static v4f sine_power(const struct mains *m, const struct mains_state *s, unsigned int h,
		      unsigned int c)
{
	v4f re = v4_at(s->sine[h].now, c), im = sine_imaginary(m, s, h, c);

	return re * re + im * im;
}

/* Share of the window's power at tone @i. */
static v4f tone_power(const struct mains *m, const struct mains_state *s, unsigned int i,
		      unsigned int c)
{
	v4f re = v4_at(s->search[i][0], c), im = v4_at(s->search[i][1], c);

	return (re * re + im * im) * (2.0f / (float)m->window);
}

static void mains_lock(struct mains *m, struct mains_state *s, unsigned int n, unsigned int family)
{
	double top = m->rate / 2 * 0.98;

	m->locked = true;
	m->hz = tone_hz[family];
	m->drift = 0;
	m->n_harmonics = 0;
	while (m->n_harmonics < MAINS_HARMONICS && (m->n_harmonics + 1) * m->hz < top) {
		m->active[m->n_harmonics] = m->n_harmonics;
		m->n_harmonics++;
	}
	m->n_active = m->n_harmonics;
	m->strongest = m->windows = 0;
	m->found[0] = m->found[1] = 0;
	for (unsigned int c = 0; c < n; c++)
		mains_reset_channel(s, m, c);
}

/* While unlocked, both families; then each of them in every other window. */
static void mains_search(struct mains *m, struct mains_state *s, unsigned int n)
{
	float all = 1e-9f, at[MAINS_TONES] = {0};

	for (unsigned int c = 0; c < n; c += LANES) {
		all += v4_sum(v4_at(s->power, c));
		for (unsigned int i = m->first_tone; i < m->first_tone + m->n_tones; i++)
			at[i] += v4_sum(tone_power(m, s, i, c));
	}
	for (unsigned int f = 0; f < 2; f++) {
		float share = (at[f] + at[f + 2]) / all;

		if (m->locked && f != m->first_tone)
			continue;
		m->found[f] += 0.3f * (share - m->found[f]);
		if (m->locked) {
			/* the other family: only if it stays */
			if (fabs(m->hz - tone_hz[f]) > 5 && m->found[f] > MAINS_FOUND_OTHER)
				mains_lock(m, s, n, f);
			continue;
		}
		if (at[f] + at[f + 2] < at[1 - f] + at[3 - f])
			continue;
		if (share > MAINS_FOUND_AT_ONCE || m->found[f] > MAINS_FOUND)
			mains_lock(m, s, n, f);
	}
}

/*
 * Sines of another frequency than the mains are turned by what they learn: follow,
 * quickly at first, and the drift as well, which would leave a constant error.
 */
static void mains_follow(struct mains *m, struct mains_state *s, unsigned int n)
{
	unsigned int k = m->strongest;
	const struct mains_turn *t = &m->turn[k];
	double nominal = m->hz < 55 ? 50 : 60;
	float re = 0, im = 0;

	for (unsigned int c = 0; c < n; c += LANES) {
		v4f a = v4_at(s->sine[k].now, c), b = sine_imaginary(m, s, k, c);
		v4f re0 = v4_at(s->then[0], c), im0 = v4_at(s->then[1], c);
		/* where it would be by itself */
		v4f x = re0 * t->window_cos - im0 * t->window_sin;
		v4f y = re0 * t->window_sin + im0 * t->window_cos;

		re += v4_sum(a * x + b * y);
		im += v4_sum(b * x - a * y);
	}
	if (re > 0 || im != 0) {
		double turn = atan2(im, re) / (2 * M_PI);
		double off = turn / (MAINS_WINDOW_S * (k + 1)), pull = MAINS_PULL, hz;

		if (m->windows < MAINS_SETTLE_WINDOWS)
			pull = MAINS_PULL_NEW;
		else
			m->drift += MAINS_PULL * MAINS_PULL / 4 * off;
		hz = m->hz + m->drift + pull * off;
		m->hz = fmin(fmax(hz, nominal - MAINS_PULL_IN_HZ), nominal + MAINS_PULL_IN_HZ);
	}
}

/* Sines that are not removed go on too, by a window's turn at once. */
static void mains_keep(const struct mains *m, struct mains_state *s, unsigned int h, unsigned int c)
{
	const struct mains_turn *t = &m->turn[h];
	v4f re = v4_at(s->sine[h].now, c), im = sine_imaginary(m, s, h, c);

	v4_at(s->sine[h].now, c) = re * t->window_cos - im * t->window_sin;
	v4_at(s->sine[h].before, c) = re * t->shorter_cos - im * t->shorter_sin;
}

static void mains_keep_inactive(const struct mains *m, struct mains_state *s, unsigned int n)
{
	for (unsigned int h = 0, k = 0; h < m->n_harmonics; h++) {
		bool active = k < m->n_active && m->active[k] == h;

		k += active;
		for (unsigned int c = 0; c < n && !active; c += LANES)
			mains_keep(m, s, h, c);
	}
}

/* Where the strongest harmonic is, for the next look at the frequency. */
static void mains_remember(const struct mains *m, struct mains_state *s, unsigned int n)
{
	for (unsigned int c = 0; c < n; c += LANES) {
		v4_at(s->then[0], c) = v4_at(s->sine[m->strongest].now, c);
		v4_at(s->then[1], c) = sine_imaginary(m, s, m->strongest, c);
	}
}

/* Keeps the harmonics that carry something, and at times one of the others. */
static void mains_choose(struct mains *m, struct mains_state *s, unsigned int n)
{
	float power[MAINS_HARMONICS] = {0};
	float least = MAINS_LEAST_UV * MAINS_LEAST_UV * LANES * (float)((n + LANES - 1) / LANES);
	unsigned int k = m->strongest;

	for (unsigned int h = 0; h < m->n_harmonics; h++) {
		v4f sum = v4_set(0);

		for (unsigned int c = 0; c < n; c += LANES)
			sum += sine_power(m, s, h, c);
		power[h] = v4_sum(sum);
	}
	for (unsigned int h = 0; h < m->n_harmonics; h++)
		k = power[h] > 2 * power[k] ? h : k;
	m->strongest = k;
	if (m->windows < MAINS_SETTLE_WINDOWS)
		return;
	m->probing = !m->probing;
	if (m->probing)
		m->probe = (m->probe + 1) % m->n_harmonics;
	m->n_active = 0;
	for (unsigned int h = 0; h < m->n_harmonics; h++) {
		if (h == k || (m->probing && h == m->probe) || power[h] > least)
			m->active[m->n_active++] = h;
	}
}

/* What makes a channel louder has been learnt from something else. */
static void mains_doubt(const struct mains *m, struct mains_state *s, unsigned int n)
{
	for (unsigned int c = 0; c < n; c++) {
		if (s->after[c] > MAINS_WORSE * s->before[c])
			mains_reset_channel(s, m, c);
	}
}

static __attribute__((noinline)) void mains_window_end(struct mains *m, struct mains_state *s,
						       unsigned int n)
{
	unsigned int family = m->hz > 55;

	m->in_window = 0;
	m->windows++;
	if (m->locked) {
		mains_keep_inactive(m, s, n);
		mains_follow(m, s, n);
	}
	mains_search(m, s, n);
	if (m->locked) {
		turns_set(m);
		if (m->windows % MAINS_CHOOSE_WINDOWS == 0)
			mains_choose(m, s, n);
		mains_remember(m, s, n);
	}
	for (unsigned int c = 0; c < n; c += LANES) {
		if (m->first_tone == family)
			v4_at(s->coherent, c) =
				tone_power(m, s, family, c) / (v4_at(s->power, c) + 1e-9f);
	}
	mains_doubt(m, s, n);
	memset(s->search, 0, sizeof(s->search));
	memset(s->power, 0, sizeof(s->power));
	memset(s->before, 0, sizeof(s->before));
	memset(s->after, 0, sizeof(s->after));
	for (unsigned int i = 0; i < MAINS_TONES; i++) {
		m->tone[i][0] = 1;
		m->tone[i][1] = 0;
	}
	if (m->locked) {
		m->n_tones = 1;
		m->first_tone = m->windows % 2;
	}
}

bool mains_frame_end(struct mains *m, struct mains_state *s, unsigned int n)
{
	m->until_learn = m->until_learn ? m->until_learn - 1 : MAINS_LEARN_EVERY - 1;
	for (unsigned int i = m->first_tone; i < m->first_tone + m->n_tones; i++) {
		float c = m->tone[i][0], d = m->tone[i][1];

		m->tone[i][0] = c * m->tone_turn[i][0] - d * m->tone_turn[i][1];
		m->tone[i][1] = d * m->tone_turn[i][0] + c * m->tone_turn[i][1];
	}
	if (++m->in_window < m->window)
		return false;
	mains_window_end(m, s, n);
	return true;
}

float mains_amplitude(const struct mains *m, const struct mains_state *s, unsigned int channel)
{
	float sum = 0;

	for (unsigned int h = 0; h < m->n_harmonics; h++)
		sum += sine_power(m, s, h, channel & ~(LANES - 1u))[channel % LANES];
	return sqrtf(sum);
}
