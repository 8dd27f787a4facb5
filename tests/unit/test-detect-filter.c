/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The detector's filters and mains removal against what they should do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect-signal.h"
#include "filter.h"
#include "mains.h"
#include "util.h"

#define FRAME 8

/* Gain in dB of the EMG band at @hz, once the start has passed. */
static double band_gain(double rate, double hz)
{
	struct filter_design design;
	struct filter_state state = {0};
	size_t n = (size_t)(rate * 2) / FRAME;
	double sum = 0, count = 0;

	filter_design(&design, rate, rate);
	for (size_t f = 0; f < n; f++) {
		v4f in[FRAME], out[FRAME];

		for (unsigned int i = 0; i < FRAME; i++)
			in[i] = v4_set(
				(float)(100 * sin(2 * M_PI * hz * (double)(f * FRAME + i) / rate)));
		filter_band(&design, &state, 0, (const float *)in, LANES, out, FRAME, 1);
		for (unsigned int i = 0; i < FRAME && f > n / 2; i++, count++)
			sum += (double)out[i][1] * (double)out[i][1];
	}
	return 10 * log10(sum / count / 5000);
}

static void test_band(void **state)
{
	static const double rates[] = {250, 500, 1000, 2000, 4000, 16000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		double rate = rates[i];

		assert_true(fabs(band_gain(rate, 20) + 3) < 0.2);
		assert_true(band_gain(rate, 5) < -34); /* third order: 18 dB an octave */
		assert_true(fabs(band_gain(rate, 90)) < 0.3);
		if (rate > 1200) {
			assert_true(fabs(band_gain(rate, 450) + 3) < 0.3);
			assert_true(band_gain(rate, 900) < -22);
		}
	}
}

/* An electrode's offset of 60 mV leaves nothing behind, not even at the start. */
static void test_no_transient(void **state)
{
	static const double rates[] = {250, 1000, 16000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct filter_design design;
		struct filter_state s = {0};
		v4f in[FRAME], out[FRAME];

		filter_design(&design, rates[i], rates[i]);
		for (unsigned int lane = 0; lane < LANES; lane++)
			filter_prime(&s, lane, 60000);
		for (unsigned int k = 0; k < FRAME; k++)
			in[k] = v4_set(60000);
		for (unsigned int f = 0; f < 1000; f++) {
			filter_band(&design, &s, 0, (const float *)in, LANES, out, FRAME, 1);
			for (unsigned int k = 0; k < FRAME; k++)
				assert_true(fabsf(out[k][0]) < 1e-3f);
		}
	}
}

struct mains_result {
	double residual, hz; /* RMS over the last second; 0: not found */
};

/* Mains with harmonics in noise, from @start on; its frequency drifts for as long. */
struct mains_case {
	double rate;
	unsigned int frame;
	double hz, drift, uv; /* Hz; Hz a second; amplitude */
	double noise_uv, start, seconds;
};

static double mains_sample(const struct mains_case *c, double t, double *phase)
{
	double x, since = fmax(t - c->start, 0);

	*phase += 2 * M_PI * (c->hz + c->drift * since) / c->rate;
	x = c->uv * (sin(*phase) + 0.2 * sin(2 * *phase + 1));
	if (c->rate > 400)
		x += c->uv * 0.3 * sin(3 * *phase + 2);
	return t < c->start ? 0 : x;
}

/* What the detector does at the end of a window. */
static void mains_window(const struct mains *m, struct mains_state *s, const struct mains_case *c)
{
	for (unsigned int lane = 0; lane < LANES; lane++) {
		bool new = s->coherent[lane] > 0.5f;

		s->limit[lane] = new ? MAINS_CLIP_FAST_UV : MAINS_CLIP * 1.5f * (float)c->noise_uv;
		if (new)
			s->mu[lane] = m->mu_fast;
	}
}

static struct mains_result mains_try(const struct mains_case *c)
{
	struct mains_result ret = {0};
	struct signal_rng rng = {7};
	struct mains *m = aligned_alloc(64, (sizeof(*m) + 63) & ~(size_t)63);
	struct mains_state s;
	size_t n = (size_t)(c->rate * c->seconds) / c->frame, count = 0;
	double phase = 0;

	assert_non_null(m);
	memset(&s, 0, sizeof(s));
	mains_init(m, c->rate, c->frame);
	for (unsigned int lane = 0; lane < LANES; lane++)
		mains_reset_channel(&s, m, lane);
	for (size_t f = 0; f < n; f++) {
		v4f y[MAINS_FRAME_MAX] = {0};
		double t = (double)(f * c->frame) / c->rate;

		for (unsigned int i = 0; i < c->frame; i++) {
			double x = mains_sample(c, t + i / c->rate, &phase);

			y[i] = v4_set((float)(x + c->noise_uv * signal_normal(&rng)));
		}
		mains_remove(m, &s, 0, y, c->frame);
		if (mains_frame_end(m, &s, LANES) && m->locked && t > 1)
			mains_window(m, &s, c);
		for (unsigned int i = 0; i < c->frame && t > c->seconds - 1; i++, count++)
			ret.residual += (double)y[i][0] * (double)y[i][0];
	}
	ret.residual = sqrt(ret.residual / (double)count);
	ret.hz = m->locked ? m->hz : 0;
	free(m);
	return ret;
}

/* What is left of the mains in the last second, dB; the frequency is right to @hz. */
static double mains_left(const struct mains_case *c, double hz)
{
	struct mains_result r = mains_try(c);
	double noise2 = c->noise_uv * c->noise_uv;
	double left = sqrt(fmax(r.residual * r.residual - noise2, 1e-6));
	double end = c->hz + c->drift * (c->seconds - c->start);

	if (fabs(r.hz - end) > hz)
		print_error("%g Hz taken for %g Hz\n", end, r.hz);
	assert_true(fabs(r.hz - end) < hz);
	return 20 * log10(left / (c->uv * sqrt(0.5)));
}

static void test_mains(void **state)
{
	static const struct mains_case cases[] = {
		{1000, 4, 50.00, 0, 80, 2, 0, 10},     {1000, 4, 60.00, 0, 80, 2, 0, 10},
		{1000, 4, 49.87, 0, 80, 2, 0, 10},     {1000, 4, 60.13, 0.005, 40, 2, 0, 10},
		{500, 2, 50.05, -0.005, 80, 2, 0, 10}, {2000, 8, 59.90, 0, 80, 2, 0, 10},
		{250, 1, 60.02, 0, 80, 2, 0, 10},      {1200, 5, 50.02, 0, 80, 2, 0, 10},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double db = mains_left(&cases[i], 0.05);

		if (db > -30)
			print_error("%g Hz at %g Hz: %.1f dB\n", cases[i].hz, cases[i].rate, db);
		assert_true(db < -30);
	}
}

/* 1 Hz off, 1 Hz away at 0.1 Hz a second, in little noise and in much. */
static void test_mains_drift(void **state)
{
	static const struct mains_case cases[] = {
		{1000, 4, 51, 0, 80, 2, 0, 5},	    {1000, 4, 59, 0, 80, 8, 0, 5},
		{1000, 4, 50, 0.1, 80, 2, 0, 10},   {1000, 4, 60, -0.1, 80, 8, 0, 10},
		{500, 2, 49.5, 0.1, 80, 4, 0, 10},  {2000, 8, 60.5, -0.1, 80, 4, 0, 10},
		{1000, 4, 49.2, 0.1, 20, 2, 0, 10},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double db = mains_left(&cases[i], 0.1);

		if (db > -24)
			print_error("%g Hz, %g Hz/s: %.1f dB\n", cases[i].hz, cases[i].drift, db);
		assert_true(db < -24);
	}
}

/* They come up while nothing was there: two seconds later a tenth is left at most. */
static void test_mains_sudden(void **state)
{
	static const struct mains_case cases[] = {
		{1000, 4, 50.1, 0, 80, 2, 20, 23},
		{1000, 4, 59.8, 0, 80, 8, 20, 23},
		{500, 2, 50.2, 0, 40, 4, 20, 23},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double db = mains_left(&cases[i], 0.1);

		if (db > -20)
			print_error("%g Hz: %.1f dB\n", cases[i].hz, db);
		assert_true(db < -20);
	}
}

/* Where there is none, nothing is found and nothing is taken. */
static void test_no_mains(void **state)
{
	struct mains_case none = {1000, 4, 50, 0, 0, 2, 0, 20};
	struct mains_result r = mains_try(&none);

	(void)state;
	assert_true(r.hz == 0);
	assert_true(fabs(r.residual - 2) < 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_band),	     cmocka_unit_test(test_no_transient),
		cmocka_unit_test(test_mains),	     cmocka_unit_test(test_mains_drift),
		cmocka_unit_test(test_mains_sudden), cmocka_unit_test(test_no_mains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
