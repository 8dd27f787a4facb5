/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The detector as a whole: what goes in is made here, with known events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect-signal.h"
#include "internal.h"
#include "util.h"

#define CHANNELS   8
#define EVENTS_MAX 4096

/* Frontalis, eye, cheek, mouth of the left side, then of the right. */
static const struct montage face = {
	.n_channels = CHANNELS,
	.sites = {{OEH_SIDE_LEFT, OEH_MUSCLE_FRONTALIS},
		  {OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_OCULI},
		  {OEH_SIDE_LEFT, OEH_MUSCLE_ZYGOMATICUS},
		  {OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_ORIS},
		  {OEH_SIDE_RIGHT, OEH_MUSCLE_FRONTALIS},
		  {OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_OCULI},
		  {OEH_SIDE_RIGHT, OEH_MUSCLE_ZYGOMATICUS},
		  {OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_ORIS}},
};

struct log {
	struct detector_event events[EVENTS_MAX];
	size_t n;
};

static void log_event(const struct detector_event *event, void *userdata)
{
	struct log *log = userdata;

	if (log->n < EVENTS_MAX)
		log->events[log->n++] = *event;
}

static size_t log_count(const struct log *log, enum event_kind kind, enum event_phase phase)
{
	size_t n = 0;

	for (size_t i = 0; i < log->n; i++)
		n += log->events[i].kind == kind && log->events[i].phase == phase;
	return n;
}

static const struct detector_event *log_find(const struct log *log, enum event_kind kind,
					     enum event_phase phase)
{
	for (size_t i = 0; i < log->n; i++) {
		if (log->events[i].kind == kind && log->events[i].phase == phase)
			return &log->events[i];
	}
	return NULL;
}

static bool log_has_artefact(const struct log *log, enum artefact_cause cause, int channel)
{
	for (size_t i = 0; i < log->n; i++) {
		const struct detector_event *e = &log->events[i];

		if (e->kind == EVENT_ARTEFACT && e->cause == cause && e->channel == channel)
			return true;
	}
	return false;
}

/* Activity of some channels, from @start to @end s, rising within @rise s. */
struct effort {
	uint32_t channels;
	double start, end, rise, rms_uv;
};

struct play {
	double rate, seconds, noise_uv;
	const struct effort *efforts;
	size_t n_efforts;
	const struct montage *montage;
	void (*spoil)(float *uv, size_t scan, double t); /* last word on a scan */
};

static double effort_level(const struct effort *e, double t)
{
	if (t < e->start || t >= e->end)
		return 0;
	return e->rms_uv * fmin(fmin((t - e->start) / e->rise, (e->end - t) / e->rise), 1);
}

/* The whole signal, for any block size. */
static float *play_signal(const struct play *p, size_t *n)
{
	struct signal_rng rng = {11};
	struct signal_emg emg[CHANNELS];
	float *uv;

	*n = (size_t)(p->rate * p->seconds);
	uv = aligned_alloc(64, (*n * CHANNELS * sizeof(*uv) + 63) & ~(size_t)63);
	assert_non_null(uv);
	for (size_t c = 0; c < CHANNELS; c++)
		emg[c] = (struct signal_emg){.rng = {100 + c}, .rate = p->rate};
	for (size_t i = 0; i < *n; i++) {
		double t = (double)i / p->rate;

		for (size_t c = 0; c < CHANNELS; c++) {
			double x = 1000 + p->noise_uv * signal_normal(&rng);
			double carrier = signal_emg_next(&emg[c]);

			for (size_t k = 0; k < p->n_efforts; k++) {
				if (p->efforts[k].channels & (1u << c))
					x += carrier * effort_level(&p->efforts[k], t);
			}
			uv[i * CHANNELS + c] = (float)x;
		}
		if (p->spoil)
			p->spoil(uv + i * CHANNELS, i, t);
	}
	return uv;
}

static struct detector *play_detector(const struct play *p, struct log *log)
{
	struct detector_config config = {.rate = p->rate,
					 .montage = p->montage ? *p->montage : face,
					 .event = log_event,
					 .userdata = log};
	struct detector *d;

	memset(log, 0, sizeof(*log));
	for (size_t c = 0; c < CHANNELS; c++)
		config.clip_uv[c] = 20000;
	assert_int_equal(detector_new(&config, &d), 0);
	return d;
}

/* Plays all of it, and frees @d. */
static void play_through(struct detector *d, const struct play *p, size_t block)
{
	size_t n;
	float *uv = play_signal(p, &n);

	for (size_t i = 0; i < n; i += block) {
		size_t now = block < n - i ? block : n - i;

		detector_feed(d, uv + i * CHANNELS, now, 0);
	}
	detector_finish(d);
	assert_int_equal(detector_position(d), n);
	detector_free(d);
	free(uv);
}

static void play_block(const struct play *p, size_t block, struct log *log)
{
	play_through(play_detector(p, log), p, block);
}

#define ALL_LEFT 0x0fu
#define ALL	 0xffu

/* Spasms of the left side, eye and mouth together, among blinks of both eyes. */
static const struct effort spasms[] = {
	{0x22, 2.0, 2.25, 0.05, 25},	  {0x22, 5.0, 5.30, 0.05, 20},
	{ALL_LEFT, 8.0, 8.06, 0.003, 60}, {ALL_LEFT, 12.0, 14.0, 0.003, 60},
	{0x22, 16.0, 16.25, 0.05, 30},
};

static void test_spasm(void **state)
{
	static const double rates[] = {500, 1000, 2000, 4000};
	static struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct play p = {rates[i], 20, 2, spasms, ARRAY_SIZE(spasms), NULL, NULL};
		const struct detector_event *e;
		double truth[2] = {8.0, 12.0};
		size_t found = 0;

		play_block(&p, 256, &log);
		for (size_t k = 0; k < log.n; k++) {
			e = &log.events[k];
			if (e->kind != EVENT_SPASM || e->phase != PHASE_STARTED)
				continue;
			assert_true(found < 2);
			assert_int_equal(e->side, OEH_SIDE_LEFT);
			assert_true(fabs((double)e->start / p.rate - truth[found]) < 0.010);
			assert_true((double)e->detected / p.rate - truth[found] < 0.100);
			found++;
		}
		assert_int_equal(found, 2);
		e = log_find(&log, EVENT_SPASM, PHASE_ENDED);
		assert_int_equal(e->form, FORM_TWITCH);
		assert_int_equal(e->spread, SPREAD_SIMULTANEOUS);
		assert_true(fabs((double)e->end / p.rate - 8.06) < 0.050);
		assert_true(e->peak_uv > 100 && e->peak_uv < 400);
		assert_true(e->brow_with_eye);
	}
}

static void test_block_sizes(void **state)
{
	static const size_t blocks[] = {2, 3, 7, 64, 1000, 4096};
	static struct log one, other;
	struct play p = {1000, 20, 3, spasms, ARRAY_SIZE(spasms), NULL, NULL};

	(void)state;
	play_block(&p, 1, &one);
	assert_true(one.n > 4);
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		play_block(&p, blocks[i], &other);
		assert_int_equal(other.n, one.n);
		assert_memory_equal(other.events, one.events, one.n * sizeof(one.events[0]));
	}
}

/* As many channels side by side as there are lanes, and four: the same to the bit. */
static void test_lanes(void **state)
{
	static const double rates[] = {250, 1000, 4000};
	static struct log usual, four;

	(void)state;
	if (!lanes_eight()) {
		print_message("this processor has four lanes at most: skipped\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct play p = {rates[i], 20, 3, spasms, ARRAY_SIZE(spasms), NULL, NULL};
		struct detector *d = play_detector(&p, &four);

		assert_ptr_equal(d->lanes, lanes_eight());
		d->lanes = &lanes_four;
		play_through(d, &p, 256);
		play_block(&p, 256, &usual);
		assert_true(usual.n > 4);
		assert_int_equal(four.n, usual.n);
		assert_memory_equal(four.events, usual.events, usual.n * sizeof(usual.events[0]));
	}
}

/* The recording cut where a start was announced gives the same start. */
static void test_cut(void **state)
{
	static struct log whole, cut;
	struct play p = {1000, 20, 3, spasms, ARRAY_SIZE(spasms), NULL, NULL};
	const struct detector_event *a, *b;

	(void)state;
	play_block(&p, 100, &whole);
	a = log_find(&whole, EVENT_SPASM, PHASE_STARTED);
	assert_non_null(a);
	p.seconds = (double)a->detected / p.rate;
	play_block(&p, 100, &cut);
	b = log_find(&cut, EVENT_SPASM, PHASE_STARTED);
	assert_non_null(b);
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->side, b->side);
	b = log_find(&cut, EVENT_SPASM, PHASE_ENDED);
	assert_non_null(b);
	assert_true(b->open);
}

static void test_movements(void **state)
{
	static const struct effort both[] = {
		{0x22, 2.0, 2.2, 0.05, 25},   {0x22, 4.0, 4.3, 0.06, 30},
		{ALL, 6.0, 8.0, 0.3, 60},     {0xcc, 10.0, 11.0, 0.3, 40},
		{0x11, 13.0, 14.0, 0.15, 40}, {ALL, 16.0, 17.0, 0.003, 80},
	};
	static struct log log;
	struct play p = {1000, 20, 2, both, ARRAY_SIZE(both), NULL, NULL};

	(void)state;
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	assert_true(log_count(&log, EVENT_BLINK, PHASE_ENDED) >= 2);
	assert_true(log_count(&log, EVENT_MOVEMENT, PHASE_ENDED) >= 1);
}

static void test_rest(void **state)
{
	static struct log log;
	struct play p = {1000, 600, 5, NULL, 0, NULL, NULL};

	(void)state;
	play_block(&p, 4096, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	assert_int_equal(log_count(&log, EVENT_CONTRACTION, PHASE_ENDED), 0);
	assert_true(log.n < 30);
}

static void spoil_nan(float *uv, size_t scan, double t)
{
	if (t > 4 && t < 6 && scan % 7 < 3)
		uv[scan % CHANNELS] = NAN;
	if (t > 6.5 && t < 7)
		uv[1] = scan % 2 ? INFINITY : -INFINITY;
}

static void spoil_constant(float *uv, size_t scan, double t)
{
	(void)scan;
	for (size_t c = 0; t > 3 && t < 6 && c < 4; c++)
		uv[c] = 0;
}

static void spoil_saturated(float *uv, size_t scan, double t)
{
	(void)scan;
	for (size_t c = 0; t > 3 && t < 6 && c < 3; c++)
		uv[c] = 20000;
}

static void spoil_pop(float *uv, size_t scan, double t)
{
	(void)scan;
	for (int k = 2; k < 7; k++) {
		if (t >= k)
			uv[k] += (float)(800 * exp(-(t - k) / 0.08));
	}
}

static void spoil_motion(float *uv, size_t scan, double t)
{
	(void)scan;
	for (size_t c = 0; t > 3 && t < 5 && c < 4; c++)
		uv[c] += (float)(800 * sin(2 * M_PI * 4 * t) * sin(M_PI * (t - 3) / 2));
}

/* Nothing at all for a second, on any channel. */
static void spoil_all_missing(float *uv, size_t scan, double t)
{
	(void)scan;
	for (size_t c = 0; t > 3 && t < 4 && c < CHANNELS; c++)
		uv[c] = NAN;
}

/* Every other sample is missing. */
static void spoil_in_turn(float *uv, size_t scan, double t)
{
	for (size_t c = scan % 2; t > 3 && t < 5 && c < CHANNELS; c += 2)
		uv[c] = NAN;
}

/* What a float may hold, on half of the channels; some of it is no number. */
static void spoil_garbage(float *uv, size_t scan, double t)
{
	static const float any[] = {NAN, INFINITY, -INFINITY, 3e38f, -3e38f, 1e-41f, 0, 1e9f};

	for (size_t c = 0; t > 3 && t < 6 && c < CHANNELS; c += 2)
		uv[c] = any[(scan * 7 + scan / 13 + c) % ARRAY_SIZE(any)];
}

/* Electrodes are exchanged: another offset, of 200 mV, from one sample to the next. */
static void spoil_offset(float *uv, size_t scan, double t)
{
	(void)scan;
	for (size_t c = 0; t > 3 && c < CHANNELS; c += 3)
		uv[c] += 200000;
}

typedef void (*spoil_fn)(float *uv, size_t scan, double t);

static const spoil_fn spoils[] = {spoil_nan,	 spoil_constant, spoil_saturated,
				  spoil_pop,	 spoil_motion,	 spoil_all_missing,
				  spoil_in_turn, spoil_garbage,	 spoil_offset};

/* By itself it is no reason for an alarm. */
static void test_bad_alone(void **state)
{
	static const double rates[] = {250, 1000};
	static struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoils) * ARRAY_SIZE(rates); i++) {
		struct play p = {rates[i % 2], 7, 2, NULL, 0, NULL, spoils[i / 2]};

		play_block(&p, 512, &log);
		assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
		assert_int_equal(log_count(&log, EVENT_BILATERAL, PHASE_ENDED), 0);
	}
}

static void test_bad_input(void **state)
{
	static const struct effort after[] = {{ALL_LEFT, 8.2, 9.2, 0.003, 80}};
	static struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoils); i++) {
		struct play p = {1000, 12, 2, after, 1, NULL, spoils[i]};
		const struct detector_event *e;

		play_block(&p, 100, &log);
		assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 1);
		e = log_find(&log, EVENT_SPASM, PHASE_STARTED);
		assert_int_equal(e->side, OEH_SIDE_LEFT);
		assert_true(fabs((double)e->start / p.rate - 8.2) < 0.010);
		assert_true(log_count(&log, EVENT_ARTEFACT, PHASE_ENDED) >= 1);
	}
}

static void spoil_nan_until_6(float *uv, size_t scan, double t)
{
	(void)scan;
	for (size_t c = 0; t > 3 && t < 6 && c < 3; c++)
		uv[c] = NAN;
}

/* What begins 200 ms after a channel is there again is found by it. */
static void test_recovery(void **state)
{
	static const spoil_fn until_6[] = {spoil_nan_until_6, spoil_saturated, spoil_garbage};
	static const struct effort after[] = {{0x7, 6.2, 7.0, 0.003, 80}};
	static const double rates[] = {500, 1000, 4000};
	static struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(until_6) * ARRAY_SIZE(rates); i++) {
		struct play p = {rates[i % 3], 8, 2, after, 1, NULL, until_6[i / 3]};
		const struct detector_event *e;

		play_block(&p, 100, &log);
		assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 1);
		e = log_find(&log, EVENT_SPASM, PHASE_STARTED);
		assert_true(fabs((double)e->start / p.rate - 6.2) < 0.010);
		assert_true((double)e->detected / p.rate < 6.3);
	}
}

/* Of the address sanitizer, with which unit tests are built; its header is clang's. */
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t),
					      void (*freed)(const volatile void *));

static unsigned int allocations;

static void count_allocation(const volatile void *memory, size_t size)
{
	(void)memory;
	(void)size;
	allocations++;
}

static void count_nothing(const volatile void *memory)
{
	(void)memory;
}

/* Whatever comes, a detector lives in the memory that it was made with. */
static void test_memory(void **state)
{
	static const struct effort efforts[] = {
		{0x22, 2.0, 2.2, 0.05, 25},
		{ALL, 4.0, 5.0, 0.3, 60},
		{ALL_LEFT, 7.0, 9.0, 0.003, 80},
		{0xcc, 11.0, 12.0, 0.3, 40},
	};
	static struct log log;
	struct play p = {1000, 14, 2, efforts, ARRAY_SIZE(efforts), NULL, spoil_nan_until_6};
	size_t n;
	float *uv = play_signal(&p, &n);
	struct detector *d;

	(void)state;
	assert_true(__sanitizer_install_malloc_and_free_hooks(count_allocation, count_nothing) > 0);
	d = play_detector(&p, &log);
	assert_true(allocations > 0);
	allocations = 0;
	detector_feed(d, uv, n / 2, 0);
	detector_gap(d, 1000);
	detector_marker(d);
	detector_feed(d, uv + n / 2 * CHANNELS, n - n / 2, 1u << 3);
	detector_finish(d);
	assert_int_equal(allocations, 0);
	assert_true(log.n > 3);
	detector_free(d);
	free(uv);
}

/* One wave of the lids, there and back in 0.3 s, on those of @channels. */
static void lids_wave(float *uv, uint32_t channels, double t)
{
	for (size_t c = 0; t > 3 && t < 3.3 && c < CHANNELS; c++) {
		if (channels & (1u << c))
			uv[c] += (float)(-100 * (1 - cos(2 * M_PI * (t - 3) / 0.3)));
	}
}

static void spoil_lids(float *uv, size_t scan, double t)
{
	(void)scan;
	lids_wave(uv, 0x33, t);
}

static void spoil_lids_left(float *uv, size_t scan, double t)
{
	(void)scan;
	lids_wave(uv, 0x03, t);
}

static void spoil_lids_all(float *uv, size_t scan, double t)
{
	(void)scan;
	lids_wave(uv, ALL, t);
}

static void spoil_glance(float *uv, size_t scan, double t)
{
	double there = fmin(fmax((t - 3) / 0.15, 0), 1), back = fmin(fmax((t - 6) / 0.15, 0), 1);

	(void)scan;
	for (size_t c = 0; c < CHANNELS; c++)
		uv[c] += c % 4 < 2 ? (float)(75 * (cos(M_PI * there) - cos(M_PI * back))) : 0;
}

/* Both lids' slow wave is a blink; one side's, a glance, or all of the face's is none. */
static void test_lids(void **state)
{
	static const spoil_fn waves[] = {spoil_lids, spoil_lids_left, spoil_lids_all, spoil_glance};
	static const double rates[] = {250, 1000, 4000};
	static struct log log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(waves) * ARRAY_SIZE(rates); i++) {
		struct play p = {rates[i % 3], 8, 2, NULL, 0, NULL, waves[i / 3]};
		const struct detector_event *e;

		play_block(&p, 100, &log);
		e = log_find(&log, EVENT_BLINK, PHASE_ENDED);
		if (waves[i / 3] == spoil_lids) {
			assert_non_null(e);
			assert_true(fabs((double)e->start / p.rate - 3.0) < 0.1);
			assert_true(fabs((double)e->end / p.rate - 3.25) < 0.1);
		}
		assert_int_equal(log_count(&log, EVENT_BLINK, PHASE_ENDED),
				 waves[i / 3] == spoil_lids);
	}
}

/* A gap of a second, and one of years: no alarm, and 200 ms later all is well. */
static void test_gap(void **state)
{
	static const struct effort efforts[] = {{ALL_LEFT, 6.2, 7.0, 0.003, 80}};
	static const uint64_t gaps[] = {1, 1000, 100000000000u};
	static struct log log;
	struct play p = {1000, 10, 2, efforts, 1, NULL, NULL};
	size_t n;
	float *uv = play_signal(&p, &n);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++) {
		struct detector *d = play_detector(&p, &log);
		const struct detector_event *e;

		detector_feed(d, uv, 6000, 0);
		detector_gap(d, gaps[i]);
		detector_feed(d, uv + 6000 * CHANNELS, n - 6000, 0);
		detector_finish(d);
		detector_free(d);
		assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 1);
		e = log_find(&log, EVENT_SPASM, PHASE_STARTED);
		assert_true(llabs((long long)(e->start - gaps[i]) - 6200) < 10);
		assert_int_equal(log_count(&log, EVENT_GAP, PHASE_ENDED), 1);
	}
	free(uv);
}

static void test_lead_off(void **state)
{
	static struct log log;
	struct play p = {1000, 10, 2, spasms, ARRAY_SIZE(spasms), NULL, NULL};
	struct detector *d = play_detector(&p, &log);
	struct channel_quality q;
	size_t n;
	float *uv = play_signal(&p, &n);

	(void)state;
	detector_feed(d, uv, 4000, 0);
	detector_get_quality(d, 3, &q);
	assert_int_equal(q.state, CHANNEL_GOOD);
	assert_true(q.noise_uv > 0.5f && q.noise_uv < 2.5f);
	detector_feed(d, uv + 4000 * CHANNELS, n - 4000, 1u << 3);
	detector_get_quality(d, 3, &q);
	assert_int_equal(q.state, CHANNEL_NO_CONTACT);
	detector_finish(d);
	detector_free(d);
	free(uv);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 1);
	assert_true(log_has_artefact(&log, CAUSE_CONTACT, 3));
}

/* The right eye's input hangs in the air: not constant, but quieter than any skin. */
static void hush(float *uv, size_t scan, double t)
{
	if (t > 4)
		uv[5] = 48 + 0.5f * sinf((float)(scan * scan % 7919));
}

static void test_quiet_contact(void **state)
{
	static struct log log;
	const struct play p = {1000, 20, 2, spasms, ARRAY_SIZE(spasms), NULL, hush};

	(void)state;
	play_block(&p, 256, &log);
	assert_true(log_has_artefact(&log, CAUSE_CONTACT, 5));
	/* what the left eye does alone, then, may be a blink */
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 2);
}

static void test_montages(void **state)
{
	struct montage none = {.n_channels = CHANNELS}, others = face;
	static struct log log;
	struct play p = {1000, 20, 2, spasms, ARRAY_SIZE(spasms), &none, NULL};

	(void)state;
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	assert_true(log_count(&log, EVENT_BURST, PHASE_ENDED) >= 10);

	/* sides without muscles: contractions only */
	for (size_t c = 0; c < CHANNELS; c++)
		others.sites[c].muscle = OEH_MUSCLE_OTHER;
	p.montage = &others;
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	assert_true(log_count(&log, EVENT_CONTRACTION, PHASE_ENDED) >= 1);
	assert_int_equal(log_find(&log, EVENT_CONTRACTION, PHASE_ENDED)->side, OEH_SIDE_LEFT);
}

/* Both sides have spasms, not in step: told as that, once. */
static void test_bilateral(void **state)
{
	static const struct effort both[] = {
		{ALL_LEFT, 6.0, 8.5, 0.003, 80},
		{ALL & ~ALL_LEFT, 7.0, 7.6, 0.003, 80},
	};
	static struct log log;
	struct play p = {1000, 12, 2, both, ARRAY_SIZE(both), NULL, NULL};
	const struct detector_event *e;

	(void)state;
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 1);
	assert_int_equal(log_count(&log, EVENT_BILATERAL, PHASE_ENDED), 1);
	e = log_find(&log, EVENT_BILATERAL, PHASE_ENDED);
	assert_true(fabs((double)e->start / p.rate - 7.0) < 0.050);
	assert_true(e->end > e->start);
	/* both at once are a movement */
	p.n_efforts = 0;
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_BILATERAL, PHASE_ENDED), 0);
}

/* A spasm of one side where the other one has no site: from its edge alone. */
static void test_one_side(void **state)
{
	static struct log log;
	struct montage one = face;
	struct play p = {1000, 20, 2, spasms, ARRAY_SIZE(spasms), &one, NULL};

	(void)state;
	for (size_t c = 4; c < CHANNELS; c++)
		one.sites[c].side = OEH_SIDE_NONE;
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 2);
}

/* A wink: one side alone, but built up; and no habit comes of it. */
static void test_winks(void **state)
{
	static struct effort winks[20];
	static struct log log;
	struct play p = {1000, 64, 2, winks, ARRAY_SIZE(winks), NULL, NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(winks); i++) {
		double t = 3 + 3.0 * (double)i;

		winks[i] = (struct effort){i % 3 ? 0x02u : 0x20u, t, t + 0.5, 0.07, 60};
	}
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	assert_true(log_count(&log, EVENT_CONTRACTION, PHASE_ENDED) >= 15);
}

/* After a palsy: the mouth of one side moves with the blinks of both eyes, at once and alone. */
static void test_synkinesis(void **state)
{
	static struct effort moves[40];
	static struct log log;
	struct play p = {1000, 64, 2, moves, ARRAY_SIZE(moves), NULL, NULL};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(moves); i += 2) {
		double t = 3 + 1.5 * (double)i;

		moves[i] = (struct effort){0x22, t, t + 0.15, 0.010, 80};
		moves[i + 1] = (struct effort){0xc0, t + 0.005, t + 0.15, 0.005, 60};
	}
	play_block(&p, 256, &log);
	assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	assert_true(log_count(&log, EVENT_BLINK, PHASE_ENDED) +
			    log_count(&log, EVENT_MOVEMENT, PHASE_ENDED) +
			    log_count(&log, EVENT_SPEECH, PHASE_ENDED) >=
		    15);
}

/* Without a montage a burst that grows begins where its own level begins. */
static void test_growing_burst(void **state)
{
	static const struct effort grows[] = {{0x04, 2.92, 3.0, 0.001, 2.2},
					      {0x04, 3.0, 4.0, 0.005, 80}};
	static struct log log;
	struct montage none = {.n_channels = CHANNELS};
	struct play p = {1000, 6, 1, grows, ARRAY_SIZE(grows), &none, NULL};
	const struct detector_event *e;

	(void)state;
	play_block(&p, 256, &log);
	e = log_find(&log, EVENT_BURST, PHASE_ENDED);
	assert_non_null(e);
	assert_int_equal(e->channel, 2);
	assert_true(fabs((double)e->start / p.rate - 3.0) < 0.012);
	assert_true(fabs((double)e->end / p.rate - 4.0) < 0.060);
	assert_int_equal(log_count(&log, EVENT_BURST, PHASE_ENDED), 1);
}

/* The left side is three times as strong: known at once where it was learnt before. */
static void test_personal(void **state)
{
	static struct effort efforts[16];
	struct play p = {1000, 40, 2, efforts, ARRAY_SIZE(efforts), NULL, NULL};
	static struct log log;
	struct personal known;
	const struct personal_site *site;
	struct detector *d, *again;
	struct detector_config config = {.rate = 1000, .montage = face, .personal = &known};
	float *uv, learnt;
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(efforts); i++) {
		bool left = i % 2 == 0;
		double start = 2 + 4.5 * (double)(i / 2);

		efforts[i] = (struct effort){left ? 0x06u : 0x60u, start, start + 1.5, 0.3,
					     left ? 90 : 30};
	}
	uv = play_signal(&p, &n);
	d = play_detector(&p, &log);
	detector_feed(d, uv, n, 0);
	detector_get_personal(d, &known);
	site = personal_find(&known, face.sites[1]);
	assert_non_null(site);
	assert_true(site->ratio.movements >= 5);
	learnt = site->ratio.mean;
	assert_true(learnt > 0.7f && learnt < 2.0f); /* ln 3 is 1.1 */
	assert_true(site->noise_uv > 0.5f && site->noise_uv < 2.5f);
	site = personal_find(&known, face.sites[5]);
	assert_true(fabsf(site->ratio.mean + learnt) < 1e-3f);

	/* what was loaded is what is given back, before anything is seen */
	assert_int_equal(detector_new(&config, &again), 0);
	detector_get_personal(again, &known);
	site = personal_find(&known, face.sites[1]);
	assert_true(fabsf(site->ratio.mean - learnt) < 1e-3f);
	detector_free(again);
	detector_free(d);
	free(uv);
}

static void test_limits(void **state)
{
	struct detector_config config = {.rate = 1000, .montage = face};
	static const double bad[] = {0, 249, 16001, -1, NAN, INFINITY};
	struct detector *d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		config.rate = bad[i];
		assert_int_equal(detector_new(&config, &d), -EINVAL);
	}
	config.rate = 1000;
	config.montage.n_channels = 0;
	assert_int_equal(detector_new(&config, &d), -EINVAL);
	config.montage.n_channels = MONTAGE_MAX + 1;
	assert_int_equal(detector_new(&config, &d), -EINVAL);
	assert_null(detector_free(NULL));
}

/* All rates from 250 Hz to 16 kHz, 32 channels: noise goes in, nothing comes out. */
static void test_rates(void **state)
{
	static const double rates[] = {250, 256, 333.3, 500, 1023, 1999, 2048, 3999, 5000, 16000};
	struct detector_config config = {.montage = {.n_channels = MONTAGE_MAX},
					 .event = log_event};
	static struct log log;
	struct signal_rng rng = {3};
	_Alignas(64) static float uv[100 * MONTAGE_MAX];

	(void)state;
	config.userdata = &log;
	for (size_t c = 0; c < MONTAGE_MAX; c++)
		config.montage.sites[c] = face.sites[c % CHANNELS];
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct detector *d;

		memset(&log, 0, sizeof(log));
		config.rate = rates[i];
		assert_int_equal(detector_new(&config, &d), 0);
		for (size_t k = 0; k < (size_t)rates[i] * 4 / 100; k++) {
			for (size_t s = 0; s < ARRAY_SIZE(uv); s++)
				uv[s] = (float)(3 * signal_normal(&rng));
			detector_feed(d, uv, 100, 0);
		}
		detector_finish(d);
		detector_free(d);
		assert_int_equal(log_count(&log, EVENT_SPASM, PHASE_STARTED), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spasm),	      cmocka_unit_test(test_block_sizes),
		cmocka_unit_test(test_lanes),	      cmocka_unit_test(test_cut),
		cmocka_unit_test(test_movements),     cmocka_unit_test(test_rest),
		cmocka_unit_test(test_bad_input),     cmocka_unit_test(test_gap),
		cmocka_unit_test(test_lead_off),      cmocka_unit_test(test_montages),
		cmocka_unit_test(test_personal),      cmocka_unit_test(test_limits),
		cmocka_unit_test(test_rates),	      cmocka_unit_test(test_recovery),
		cmocka_unit_test(test_bad_alone),     cmocka_unit_test(test_lids),
		cmocka_unit_test(test_memory),	      cmocka_unit_test(test_bilateral),
		cmocka_unit_test(test_one_side),      cmocka_unit_test(test_winks),
		cmocka_unit_test(test_growing_burst), cmocka_unit_test(test_quiet_contact),
		cmocka_unit_test(test_synkinesis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
