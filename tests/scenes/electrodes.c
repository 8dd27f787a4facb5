/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the electrodes make of the muscles. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "electrodes.h"
#include "exact.h"
#include "util.h"

#define NOISE_BAND   430.0 /* Hz: the noise figures hold for 20 to 450 Hz */
#define FLICKER_GAIN 3.0f  /* density well below the corner, to white (i) */
#define DRIFT_HZ     0.1
#define RUMBLE_LOW   5.0 /* Hz */
#define RUMBLE_HIGH  40.0
#define MAINS_LOOK   0.1  /* s between two looks at the drifting frequency */
#define MAINS_NODE   20.0 /* s between two random frequencies of the grid */
#define RAIL_TIME    0.1  /* s: an open input goes to the rail */
#define EDGE_TIME    0.05 /* s */

static double pole_of(double hz, double rate)
{
	return exact_exp(-6.283185307179586 * hz / rate);
}

static void draw_noise(struct electrodes *e, struct rng *r)
{
	const struct plan *p = e->plan;
	double rate = p->config->rate, band = sqrt(0.5 * rate / NOISE_BAND);

	e->drift_pole = (float)pole_of(DRIFT_HZ, rate);
	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		e->noise_uv[c] = (float)(draw(p->a, r, A_NOISE) * band);
		e->flicker_pole[c] = (float)pole_of(draw(p->a, r, A_FLICKER), rate);
		e->offset_uv[c] = (float)draw(p->a, r, A_OFFSET);
		e->drift_uv[c] = (float)draw(p->a, r, A_DRIFT);
	}
	e->rumble_fast_pole = (float)pole_of(RUMBLE_HIGH, rate);
	e->rumble_slow_pole = (float)pole_of(RUMBLE_LOW, rate);
	/* One pole leaves (1 - p) / (1 + p) of white noise's power. */
	e->rumble_scale = (float)sqrt((1.0 + e->rumble_fast_pole) / (1.0 - e->rumble_fast_pole));
}

static void draw_mains(struct electrodes *e, struct rng *r)
{
	const struct plan *p = e->plan;
	const struct scene_knobs *k = &p->config->knobs;
	double most = draw(p->a, r, A_MAINS), drift = draw(p->a, r, A_MAINS_DRIFT);
	double hz = rng_unit(r) < 0.5 ? 50.0 : 60.0;
	double harmonic[N_HARMONICS] = {1.0};

	if (k->mains_uv != 0.0)
		most = k->mains_uv < 0.0 ? 0.0 : k->mains_uv;
	if (k->mains_drift != 0.0)
		drift = k->mains_drift < 0.0 ? 0.0 : k->mains_drift;
	e->mains_hz = k->mains_hz > 0.0 ? k->mains_hz : hz;
	e->mains_drift = drift;
	e->mains_seed = rng_next(r);
	e->mains_interval = plan_sample(p, MAINS_LOOK);
	e->mains_re = 1.0;
	for (unsigned int h = 1; h < N_HARMONICS; h++)
		harmonic[h] = draw(p->a, r, A_MAINS_HARMONIC);
	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		double here = most * rng_range(r, 0.3, 1.0);

		for (unsigned int h = 0; h < N_HARMONICS; h++) {
			/* Neighbours see much the same fundamental. */
			double phase = rng_unit(r) * (h == 0 ? 0.25 : 1.0);
			unsigned int order = h == 3 ? 5 : h + 1;
			bool passes = order * e->mains_hz < 0.45 * p->config->rate;
			double uv = passes ? here * harmonic[h] : 0.0;

			e->mains_cos[h][c] = (float)(uv * exact_cos(phase));
			e->mains_sin[h][c] = (float)(uv * exact_sin(phase));
		}
	}
}

int electrodes_init(struct electrodes *e, const struct plan *plan)
{
	double clip = plan->config->knobs.clip_uv;
	struct rng noise, mains;

	*e = (struct electrodes){.plan = plan, .n_channels = plan->config->montage.n_channels};
	e->clip_uv = (float)(clip > 0.0 ? clip : SCENE_CLIP_UV);
	e->active = calloc(plan->n_disturbances + 1, sizeof(e->active[0]));
	if (!e->active)
		return -ENOMEM;

	rng_init(&e->rng, plan->config->seed, 0x656c6563);
	rng_init(&noise, plan->config->seed, 0x736b696e);
	rng_init(&mains, plan->config->seed, 0x67726964);
	draw_noise(e, &noise);
	draw_mains(e, &mains);

	return 0;
}

void electrodes_done(struct electrodes *e)
{
	free(e->active);
	e->active = NULL;
}

/* The grid's frequency wanders along straight lines between random ones. */
static double mains_frequency(const struct electrodes *e)
{
	double x = (double)e->now / (e->plan->config->rate * MAINS_NODE), k = floor(x);
	double a = (double)(rng_mix(e->mains_seed + (uint64_t)k) >> 11) * 0x1p-52 - 1.0;
	double b = (double)(rng_mix(e->mains_seed + (uint64_t)k + 1) >> 11) * 0x1p-52 - 1.0;

	return e->mains_hz + e->mains_drift * (a + (b - a) * (x - k));
}

static void mains_turn(struct electrodes *e, float re[N_HARMONICS], float im[N_HARMONICS])
{
	double r1 = e->mains_re, i1 = e->mains_im, r2, i2, r3, i3;

	if (e->now % e->mains_interval == 0) {
		double turns = mains_frequency(e) / e->plan->config->rate;
		double size = sqrt(r1 * r1 + i1 * i1);

		r1 /= size;
		i1 /= size;
		e->step_re = exact_cos(turns);
		e->step_im = exact_sin(turns);
	}
	e->mains_re = r1 * e->step_re - i1 * e->step_im;
	e->mains_im = r1 * e->step_im + i1 * e->step_re;
	r2 = r1 * r1 - i1 * i1;
	i2 = 2.0 * r1 * i1;
	r3 = r2 * r1 - i2 * i1;
	i3 = r2 * i1 + i2 * r1;
	re[0] = (float)r1;
	im[0] = (float)i1;
	re[1] = (float)r2;
	im[1] = (float)i2;
	re[2] = (float)r3;
	im[2] = (float)i3;
	re[3] = (float)(r2 * r3 - i2 * i3);
	im[3] = (float)(r2 * i3 + i2 * r3);
}

static float rumble_step(struct electrodes *e, float x)
{
	e->rumble_fast += (1.0f - e->rumble_fast_pole) * (x - e->rumble_fast);
	e->rumble_slow += (1.0f - e->rumble_slow_pole) * (x - e->rumble_slow);

	return (e->rumble_fast - e->rumble_slow) * e->rumble_scale;
}

/* 0 to 1 and back within EDGE_TIME of both ends. */
static float window_edges(const struct electrodes *e, const struct disturbance *d)
{
	double edge = EDGE_TIME * e->plan->config->rate;
	double from = (double)(e->now - d->start), to = (double)(d->end - e->now);
	double x = (from < to ? from : to) / edge;

	return x < 1.0 ? (float)x : 1.0f;
}

/* A saccade there and one back, smooth like an eyeball's. */
static float gaze_window(const struct electrodes *e, const struct disturbance *d)
{
	float x = window_edges(e, d);

	return x * x * (3.0f - 2.0f * x);
}

/* Share of the disturbance's size at this moment: gaze, bump, motion and pop. */
static float course_of(const struct electrodes *e, const struct disturbance *d)
{
	double t = (double)(e->now - d->start) / e->plan->config->rate;
	double x = (double)(e->now - d->start) / (double)(d->end - d->start);
	double window = 4.0 * x * (1.0 - x);

	switch (d->kind) {
	case DISTURBANCE_GAZE:
		return gaze_window(e, d);
	case DISTURBANCE_BUMP:
		return (float)(window * window);
	case DISTURBANCE_MOTION:
		return (float)(window * exact_sin(d->hz * t + 0.1));
	default:
		return (float)exact_exp(-t / d->hz);
	}
}

/* An open input: mains and noise, and in half of the cases the rail. */
static float open_input(const struct electrodes *e, const struct disturbance *d, unsigned int c,
			float noise, float mains)
{
	double t = (double)(e->now - d->start) / e->plan->config->rate;
	float v = e->offset_uv[c] + d->noise_uv * noise + fabsf(d->gain[c]) * mains;

	if (d->gain[c] < 0.0f)
		v -= 1.2f * e->clip_uv * (float)(1.0 - exact_exp(-t / RAIL_TIME));

	return v;
}

static void disturb(struct electrodes *e, const struct disturbance *d, float rumble,
		    const float noise[MONTAGE_MAX], float mains, float uv[MONTAGE_MAX])
{
	bool moves = d->kind <= DISTURBANCE_POP;
	float course = moves ? course_of(e, d) : window_edges(e, d), shake = 0.0f;
	float rail = 1.3f * e->clip_uv;

	if (d->kind == DISTURBANCE_MOTION)
		shake = rumble * d->noise_uv * (course < 0.0f ? -course : course);
	for (unsigned int c = 0; c < e->n_channels; c++) {
		if (d->gain[c] == 0.0f)
			continue;
		if (moves)
			uv[c] += d->gain[c] * course + shake;
		else if (d->kind == DISTURBANCE_MAINS)
			uv[c] += d->gain[c] * course * mains;
		else if (d->kind == DISTURBANCE_CLIPPING)
			uv[c] += course * (d->gain[c] < 0.0f ? -rail : rail);
		else
			uv[c] = open_input(e, d, c, noise[c], mains);
		if (d->kind == DISTURBANCE_CONTACT)
			e->lead_off |= 1u << c;
	}
}

static void disturb_all(struct electrodes *e, float rumble, const float noise[MONTAGE_MAX],
			float mains, float uv[MONTAGE_MAX])
{
	const struct plan *p = e->plan;

	while (e->next < p->n_disturbances && p->disturbances[e->next].start <= e->now)
		e->active[e->n_active++] = (uint32_t)e->next++;

	e->lead_off = 0;
	for (size_t i = 0; i < e->n_active;) {
		const struct disturbance *d = &p->disturbances[e->active[i]];

		if (d->end <= e->now) {
			/* Keep the order: sums of floats depend on it. */
			memmove(&e->active[i], &e->active[i + 1],
				(--e->n_active - i) * sizeof(e->active[0]));
			continue;
		}
		disturb(e, d, rumble, noise, mains, uv);
		i++;
	}
}

/* Noise of the electrodes: white, flicker, and drift through two poles. */
static void add_noise(struct electrodes *e, const float noise[MONTAGE_MAX], float uv[MONTAGE_MAX])
{
	float pole = e->drift_pole, gain = sqrtf(2.0f * (1.0f - pole * pole));

	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		float white = e->noise_uv[c] * noise[c];

		e->flicker[c] +=
			(1.0f - e->flicker_pole[c]) * (FLICKER_GAIN * white - e->flicker[c]);
		e->wander[c] = pole * e->wander[c] + gain * noise[c];
		e->drift[c] += (1.0f - pole) * (e->wander[c] - e->drift[c]);
		uv[c] = e->offset_uv[c] + (e->drift_uv[c] * e->drift[c] + e->flicker[c] + white);
	}
}

void electrodes_step(struct electrodes *e, const float sources[N_SOURCES], float uv[MONTAGE_MAX])
{
	const struct scene_face *face = e->plan->face;
	float noise[MONTAGE_MAX] = {0}, sum[MONTAGE_MAX] = {0};
	float re[N_HARMONICS], im[N_HARMONICS];
	float rumble;

	for (unsigned int c = 0; c < e->n_channels; c++)
		noise[c] = rng_normal(&e->rng);
	rumble = rumble_step(e, noise[0]);
	mains_turn(e, re, im);
	add_noise(e, noise, uv);
	for (unsigned int i = 0; i < N_SOURCES; i++) {
		for (unsigned int c = 0; c < MONTAGE_MAX; c++)
			sum[c] += face->mix[i][c] * sources[i];
	}
	for (unsigned int h = 0; h < N_HARMONICS; h++) {
		for (unsigned int c = 0; c < MONTAGE_MAX; c++)
			sum[c] += e->mains_cos[h][c] * im[h] + e->mains_sin[h][c] * re[h];
	}
	for (unsigned int c = 0; c < MONTAGE_MAX; c++)
		uv[c] += sum[c];
	disturb_all(e, rumble, noise, im[0] + 0.2f * im[2], uv);
	for (unsigned int c = 0; c < e->n_channels; c++)
		uv[c] = fminf(fmaxf(uv[c], -e->clip_uv), e->clip_uv);
	e->now++;
}
