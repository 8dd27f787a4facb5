/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A headset's crystal and a bus that is late, for long simulations of
 * kernel/oeh_time.c: unit/test-time.c runs the cases for minutes, bench/bench-time.c for
 * days. All is synthetic.
 *
 * What is promised for all of them: at least 1 % of the transfers come less than
 * 0.5 ms late, none more than 30 ms, and the crystal is at most 200 ppm off.
 */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "oeh_time.h"

#define CLOCK_SETTLED 10.0 /* s from a start; errors count from then on */
#define CLOCK_PROMPT  0.5e-3
#define CLOCK_LATE    30e-3

enum clock_delay {
	DELAY_UNIFORM,	/* 1 % prompt, the rest up to 30 ms */
	DELAY_FAR,	/* 1 % prompt, the rest 25 to 30 ms */
	DELAY_EVERY,	/* exactly each 100th is prompt, the rest 30 ms */
	DELAY_CLUSTER,	/* likewise, but for 4 s none and then as many together */
	DELAY_SQUARE,	/* the prompt ones by turns of 8 s none and 0.5 ms late */
	DELAY_SAW,	/* the prompt ones ever later, from 0 to 0.5 ms in 16 s */
	DELAY_QUEUE,	/* transfers wait for each other: a late one holds up those behind it */
	DELAY_ADVERSE,	/* each second at random: the prompt ones 0, 0.5 ms late, or none */
	DELAY_BUSY,	/* DELAY_UNIFORM, and for 3 s of each 30 s nothing is prompt */
	DELAY_HOPELESS, /* 20 to 30 ms, always */
};

struct clock_case {
	const char *name;
	uint32_t rate;
	unsigned int samples; /* in a frame */
	double ppm;	      /* of the device's clock */
	double wander_ppm;    /* and this much more and less ... */
	double wander_s;      /* ... in so many seconds */
	enum clock_delay delay;
	double restart_s; /* the device starts anew so often, 0: never */
	uint32_t counter; /* of the first sample */
};

struct clock_result {
	double min_error, max_error; /* s, late is positive */
	double max_step;	     /* largest deviation of a step from a period, of a period */
	uint64_t frames, prompt;
	bool backwards; /* a stamp was not later than the one before */
	int64_t last;	/* stamp */
};

static const struct clock_case clock_cases[] = {
	{"no drift", 1000, 4, 0, 0, 1, DELAY_UNIFORM, 0, 0},
	{"slow crystal", 1000, 4, -200, 0, 1, DELAY_UNIFORM, 0, 0},
	{"fast crystal, counter wraps", 1000, 4, 200, 0, 1, DELAY_UNIFORM, 0, UINT32_MAX - 30000},
	{"250 Hz", 250, 1, 200, 0, 1, DELAY_UNIFORM, 0, 0},
	{"16 kHz", 16000, 64, -200, 0, 1, DELAY_UNIFORM, 0, 0},
	{"16 kHz, a sample a frame", 16000, 1, 200, 0, 1, DELAY_UNIFORM, 0, 0},
	{"2 kHz, late or prompt", 2000, 8, -200, 0, 1, DELAY_FAR, 0, 0},
	{"each 100th is prompt", 1000, 4, 200, 0, 1, DELAY_EVERY, 0, 0},
	{"prompt together, each 4 s", 1000, 4, -200, 0, 1, DELAY_CLUSTER, 0, 0},
	{"prompt by 0 or 0.5 ms, 8 s", 1000, 4, 200, 0, 1, DELAY_SQUARE, 0, 0},
	{"prompt ever later, 16 s", 1000, 4, -200, 0, 1, DELAY_SAW, 0, 0},
	{"late ones hold up others", 1000, 4, 200, 0, 1, DELAY_QUEUE, 0, 0},
	{"3 s of 30 without a prompt one", 1000, 4, -200, 0, 1, DELAY_BUSY, 0, 0},
	{"each second otherwise", 1000, 4, 200, 0, 1, DELAY_ADVERSE, 0, 0},
	{"drift changes sign in an hour", 1000, 4, 0, 200, 3600, DELAY_UNIFORM, 0, 0},
	{"drift changes sign in 5 min", 1000, 4, 0, 200, 300, DELAY_UNIFORM, 0, 0},
	{"warms up and cools in 10 min", 1000, 4, 150, 50, 600, DELAY_FAR, 0, 0},
	{"starts anew each 2 min", 1000, 4, 200, 0, 1, DELAY_UNIFORM, 120, 0},
};

struct clock_model {
	const struct clock_case *c;
	uint64_t random;
	double late;	 /* of DELAY_QUEUE */
	uint64_t chosen; /* frame that will be prompt */
};

static inline double clock_random(struct clock_model *m)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (double)(m->random >> 11) * 0x1p-53;
}

/* Host's time when the device has counted @s seconds. */
static inline double clock_host_time(const struct clock_case *c, double s)
{
	double turns = 2 * M_PI / c->wander_s;

	return s - s * c->ppm * 1e-6 - c->wander_ppm * 1e-6 / turns * (1 - cos(s * turns));
}

/* 0, 1 or 2: what happens in the second that @s lies in. */
static inline unsigned int clock_dice(double s)
{
	uint64_t x = ((uint64_t)s + 1) * 0x9e3779b97f4a7c15u;

	return (unsigned int)((x ^ x >> 32) * 0xbf58476d1ce4e5b9u >> 40) % 3;
}

/* How late, s, the prompt ones among the transfers at @s are. */
static inline double clock_prompt_delay(struct clock_model *m, double s)
{
	switch (m->c->delay) {
	case DELAY_SQUARE:
		return fmod(s, 16) < 8 ? 0 : CLOCK_PROMPT - 1e-6;
	case DELAY_SAW:
		return fmod(s, 16) / 16 * CLOCK_PROMPT;
	case DELAY_ADVERSE:
		return clock_dice(s) ? 0 : CLOCK_PROMPT - 1e-6;
	default:
		return clock_random(m) * CLOCK_PROMPT;
	}
}

/* Exactly one of each @n frames, any. */
static inline bool clock_one_of(struct clock_model *m, uint64_t frame, unsigned int n)
{
	if (frame % n == 0)
		m->chosen = frame + (uint64_t)(clock_random(m) * n);

	return frame == m->chosen;
}

static inline bool clock_is_prompt(struct clock_model *m, double s, uint64_t frame)
{
	uint64_t each = 4 * m->c->rate / m->c->samples;

	switch (m->c->delay) {
	case DELAY_EVERY:
		return frame % 100 == 0;
	case DELAY_CLUSTER:
		return frame % each >= each - each / 100;
	case DELAY_ADVERSE:
		return clock_one_of(m, frame, 50) && clock_dice(s) < 2;
	case DELAY_BUSY:
		return clock_one_of(m, frame, 80) && fmod(s, 30) >= 3;
	default:
		return clock_one_of(m, frame, 100);
	}
}

static inline double clock_queue_delay(struct clock_model *m, double s)
{
	/* Time passes while they wait, and now and then there is more to wait for. */
	m->late = fmax(0, m->late - (double)m->c->samples / m->c->rate);
	if (clock_random(m) < 0.2)
		m->late = fmax(m->late, clock_random(m) * (CLOCK_LATE - CLOCK_PROMPT));

	return m->late + clock_prompt_delay(m, s);
}

static inline double clock_delay(struct clock_model *m, double s, uint64_t frame)
{
	double least = m->c->delay == DELAY_FAR ? 25e-3 : CLOCK_PROMPT;

	if (m->c->delay == DELAY_HOPELESS)
		return CLOCK_LATE - clock_random(m) * 10e-3;
	if (m->c->delay == DELAY_QUEUE)
		return clock_queue_delay(m, s);
	if (clock_is_prompt(m, s, frame))
		return clock_prompt_delay(m, s);
	if (m->c->delay == DELAY_EVERY)
		return CLOCK_LATE;

	return least + clock_random(m) * (CLOCK_LATE - least);
}

/* The frame that begins with the scan @at since the device started. */
static inline struct oeh_frame_info clock_frame(const struct clock_case *c, uint64_t at)
{
	return (struct oeh_frame_info){
		.samples = (uint16_t)c->samples,
		.counter = c->counter + (uint32_t)at,
		.clock = at * OEH_MIN_CLOCK_HZ / c->rate,
	};
}

/* Compares the stamps of the frame @s seconds on with the truth. */
static inline void clock_compare(const struct clock_case *c, double s, bool settled,
				 const struct oeh_stamps *stamps, struct clock_result *r)
{
	const double period = 1.0 / c->rate;
	unsigned int i;

	for (i = 0; i < c->samples; i++) {
		int64_t stamp = stamps->first + stamps->step * i;
		double error = stamp * 1e-9 - clock_host_time(c, s + i * period);
		double step = (stamp - r->last) * 1e-9 / period - 1;

		r->backwards |= stamp <= r->last;
		r->last = stamp;
		if (!settled)
			continue;
		r->min_error = fmin(r->min_error, error);
		r->max_error = fmax(r->max_error, error);
		r->max_step = fmax(r->max_step, fabs(step));
	}
}

/* Plays @seconds of @c. */
static inline struct clock_result clock_run(const struct clock_case *c, double seconds)
{
	struct clock_model m = {.c = c, .random = 88172645463325252u};
	struct clock_result r = {
		.min_error = INFINITY, .max_error = -INFINITY, .last = INT64_MIN / 2};
	uint64_t frames = (uint64_t)(seconds * c->rate / c->samples);
	uint64_t restart = (uint64_t)(c->restart_s * c->rate / c->samples);
	uint64_t k, at = 0;
	struct oeh_time time;

	oeh_time_start(&time, OEH_MIN_CLOCK_HZ, c->rate);
	for (k = 0; k < frames; k++, at += c->samples) {
		double s = (double)(k * c->samples) / c->rate;
		double ready = s + (c->samples - 1.0) / c->rate;
		double delay = clock_delay(&m, ready, k);
		struct oeh_frame_info frame;
		struct oeh_stamps stamps;

		if (restart && k && k % restart == 0) {
			oeh_time_restart(&time);
			at = 0;
		}
		frame = clock_frame(c, at);
		stamps = oeh_time_frame(&time, &frame,
					(int64_t)((clock_host_time(c, ready) + delay) * 1e9));
		clock_compare(c, s, at >= CLOCK_SETTLED * c->rate, &stamps, &r);
		r.frames++;
		r.prompt += delay < CLOCK_PROMPT;
	}

	return r;
}
