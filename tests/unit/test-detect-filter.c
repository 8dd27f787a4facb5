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
		filter_band(&design, &state, in, 1, out, FRAME, 1);
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
			filter_band(&design, &s, in, 1, out, FRAME, 1);
			for (unsigned int k = 0; k < FRAME; k++)
				assert_true(fabsf(out[k][0]) < 1e-3f);
		}
	}
}

struct mains_result {
	double residual, hz; /* RMS over the last second; 0: not found */
};

/* @amplitude of @hz with harmonics, drifting by @drift Hz a second, in noise of 2 uV. */
static struct mains_result mains_try(double rate, unsigned int frame, double hz, double drift,
				     double amplitude, double seconds)
{
	struct mains_result ret = {0};
	struct signal_rng rng = {7};
	struct mains *m = aligned_alloc(64, (sizeof(*m) + 63) & ~(size_t)63);
	struct mains_state s;
	size_t n = (size_t)(rate * seconds) / frame, count = 0;
	double phase = 0;

	assert_non_null(m);
	memset(&s, 0, sizeof(s));
	mains_init(m, rate, frame);
	for (unsigned int lane = 0; lane < LANES; lane++)
		mains_reset_lane(&s, m, lane);
	for (size_t f = 0; f < n; f++) {
		v4f y[MAINS_FRAME_MAX];

		for (unsigned int i = 0; i < frame; i++) {
			double t = (double)(f * frame + i) / rate, x;

			phase += 2 * M_PI * (hz + drift * t) / rate;
			x = amplitude * (sin(phase) + 0.2 * sin(2 * phase + 1));
			if (rate > 400)
				x += amplitude * 0.3 * sin(3 * phase + 2);
			y[i] = v4_set((float)(x + 2 * signal_normal(&rng)));
		}
		mains_remove(m, &s, y, frame);
		if (mains_frame_end(m, &s, 1) && m->locked && f * frame / rate > 1)
			s.limit = v4_set(MAINS_CLIP * 3);
		for (unsigned int i = 0; i < frame && (double)(f * frame) > rate * (seconds - 1);
		     i++) {
			ret.residual += (double)y[i][0] * (double)y[i][0];
			count++;
		}
	}
	ret.residual = sqrt(ret.residual / (double)count);
	ret.hz = m->locked ? m->hz : 0;
	free(m);
	return ret;
}

static void test_mains(void **state)
{
	static const struct {
		double rate, hz, drift, uv;
		unsigned int frame;
	} tries[] = {
		{1000, 50.00, 0, 80, 4},     {1000, 60.00, 0, 80, 4},	  {1000, 49.87, 0, 80, 4},
		{1000, 60.13, 0.005, 40, 4}, {500, 50.05, -0.005, 80, 2}, {2000, 59.90, 0, 80, 8},
		{250, 60.02, 0, 80, 1},	     {1200, 50.02, 0, 80, 5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		struct mains_result r = mains_try(tries[i].rate, tries[i].frame, tries[i].hz,
						  tries[i].drift, tries[i].uv, 10);
		double left = sqrt(fmax(r.residual * r.residual - 4, 1e-6));
		double db = 20 * log10(left / (tries[i].uv * sqrt(0.5)));

		if (db > -30)
			print_error("%g Hz at %g Hz: %.1f dB\n", tries[i].hz, tries[i].rate, db);
		assert_true(fabs(r.hz - tries[i].hz - 9.5 * tries[i].drift) < 0.05);
		assert_true(db < -30);
	}
}

/* Where there is none, nothing is found and nothing is taken. */
static void test_no_mains(void **state)
{
	struct mains_result r = mains_try(1000, 4, 50, 0, 0, 20);

	(void)state;
	assert_true(r.hz == 0);
	assert_true(fabs(r.residual - 2) < 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_band),
		cmocka_unit_test(test_no_transient),
		cmocka_unit_test(test_mains),
		cmocka_unit_test(test_no_mains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
