/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the bytes of a buffer to the detector: losses, times, interruptions. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stream.h"
#include "util.h"

#define RATE 1000.0
#define T0   5000000000ll /* ns, of scan 0 */
#define MS   1000000ll

struct __attribute__((packed)) scan {
	int32_t voltage[2];
	uint32_t counter, lead_off;
	int64_t ns;
};

struct fixture {
	struct stream stream;
	struct detector *detector;
	unsigned int n_events;
	struct detector_event events[256];
};

static void on_event(const struct detector_event *event, void *userdata)
{
	struct fixture *f = userdata;

	if (f->n_events < ARRAY_SIZE(f->events))
		f->events[f->n_events++] = *event;
}

static void element_add(struct scan_layout *l, unsigned int index, const char *name,
			const char *type)
{
	struct scan_element e = {.index = index};

	e.role = scan_role_from_name(name, &e.number);
	assert_int_equal(scan_type_parse(type, &e.type), 0);
	assert_int_equal(scan_layout_add(l, &e), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct detector_config config = {
		.rate = RATE, .montage = {.n_channels = 2}, .event = on_event, .userdata = f};
	struct scan_layout *l = &f->stream.layout;

	element_add(l, 0, "in_voltage0", "le:s24/32>>0");
	element_add(l, 1, "in_voltage1", "le:s24/32>>0");
	element_add(l, 2, "in_count0", "le:u32/32>>0");
	element_add(l, 3, "in_count1", "le:u32/32>>0");
	element_add(l, 4, "in_timestamp", "le:s64/64>>0");
	assert_int_equal(scan_layout_compute(l), 0);
	assert_int_equal(l->size, sizeof(struct scan));

	assert_int_equal(detector_new(&config, &f->detector), 0);
	f->stream.rate = RATE;
	f->stream.scale_uv[0] = f->stream.scale_uv[1] = 0.02f;
	f->stream.detector = f->detector;
	assert_int_equal(stream_init(&f->stream), 0);
	stream_begin(&f->stream);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stream_clear(&f->stream);
	detector_free(f->detector);
	free(f);
	return 0;
}

/* Scans first .. first + n - 1 of an even recording; times as the counter says. */
static struct scan *scans_make(uint32_t first, size_t n, int64_t ns)
{
	struct scan *s = calloc(n, sizeof(*s));

	for (size_t i = 0; i < n; i++)
		s[i] = (struct scan){.voltage = {(int32_t)(i % 13), -(int32_t)(i % 7)},
				     .counter = first + (uint32_t)i,
				     .ns = ns + (int64_t)i * MS};
	return s;
}

static int push(struct fixture *f, uint32_t first, size_t n, int64_t ns)
{
	_cleanup_free_ struct scan *s = scans_make(first, n, ns);

	return stream_push(&f->stream, (const uint8_t *)s, n, 0);
}

static unsigned int gaps_seen(const struct fixture *f, uint64_t *samples)
{
	unsigned int n = 0;

	*samples = 0;
	for (unsigned int i = 0; i < f->n_events; i++) {
		if (f->events[i].kind != EVENT_GAP)
			continue;
		*samples += f->events[i].end - f->events[i].start;
		n++;
	}
	return n;
}

static void test_even(void **state)
{
	struct fixture *f = *state;
	uint64_t samples;

	assert_int_equal(push(f, 0, 1000, T0), 0);
	assert_int_equal(push(f, 1000, 3, T0 + 1000 * MS), 0);
	assert_int_equal(f->stream.counters.samples, 1003);
	assert_int_equal(f->stream.counters.lost, 0);
	assert_int_equal(f->stream.counters.gaps, 0);
	assert_int_equal(detector_position(f->detector), 1003);
	assert_int_equal(gaps_seen(f, &samples), 0);
	assert_int_equal(timeline_at(&f->stream.timeline, 500), T0 + 500 * MS);
	assert_int_equal(timeline_at(&f->stream.timeline, 1002), T0 + 1002 * MS);
}

/* A gap within a block and one between blocks: exact, and time goes on. */
static void test_gaps(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ struct scan *s = scans_make(0, 20, T0);
	uint64_t samples;

	for (int i = 10; i < 20; i++) {
		s[i].counter += 5;
		s[i].ns += 5 * MS;
	}
	assert_int_equal(stream_push(&f->stream, (uint8_t *)s, 20, 0), 0);
	assert_int_equal(f->stream.counters.lost, 5);
	assert_int_equal(push(f, 25 + 100, 10, T0 + 125 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 105);
	assert_int_equal(f->stream.counters.gaps, 2);
	assert_int_equal(f->stream.counters.samples, 30);
	assert_int_equal(detector_position(f->detector), 135);
	assert_int_equal(gaps_seen(f, &samples), 2);
	assert_int_equal(samples, 105);
	assert_int_equal(f->events[0].start, 10);
	assert_int_equal(timeline_at(&f->stream.timeline, 130), T0 + 130 * MS);
}

static void test_lost_at_start(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(push(f, 8, 10, T0 + 8 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 8);
	assert_int_equal(detector_position(f->detector), 18);
	assert_int_equal(timeline_at(&f->stream.timeline, 8), T0 + 8 * MS);
}

/* What the kernel's buffer had no room for: it must have been full, and read to the end. */
static void test_overrun(void **state)
{
	struct fixture *f = *state;

	f->stream.room = 100;
	assert_int_equal(push(f, 0, 99, T0), 0);
	assert_int_equal(push(f, 99 + 5, 10, T0 + 104 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 5);
	assert_int_equal(f->stream.counters.overrun, 0);
	/* It filled up while the last of them were being read. */
	stream_drained(&f->stream, 10);
	assert_int_equal(push(f, 114, 60, T0 + 114 * MS), 0);
	assert_int_equal(push(f, 174, 30, T0 + 174 * MS), 0);
	assert_int_equal(push(f, 204 + 7, 10, T0 + 211 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 5);
	assert_int_equal(f->stream.counters.overrun, 7);
	/* A scan came after it had been read out: there was room again. */
	stream_drained(&f->stream, 0);
	assert_int_equal(push(f, 221, 1, T0 + 221 * MS), 0);
	assert_int_equal(push(f, 222 + 3, 10, T0 + 225 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 8);
	assert_int_equal(f->stream.counters.overrun, 7);
	assert_int_equal(f->stream.counters.gaps, 3);
}

/* The full buffer was read out before the next scan came: that one tells what had no room. */
static void test_overrun_read_out(void **state)
{
	struct fixture *f = *state;

	f->stream.room = 100;
	assert_int_equal(push(f, 0, 64, T0), 0);
	assert_int_equal(push(f, 64, 40, T0 + 64 * MS), 0);
	stream_drained(&f->stream, 40);
	stream_drained(&f->stream, 0);
	assert_int_equal(push(f, 104 + 50, 10, T0 + 154 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 0);
	assert_int_equal(f->stream.counters.overrun, 50);
	assert_int_equal(push(f, 164 + 2, 10, T0 + 166 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 2);
}

static void test_wrap(void **state)
{
	struct fixture *f = *state;

	f->stream.running = true;
	f->stream.expected = UINT32_MAX - 4;
	assert_int_equal(push(f, UINT32_MAX - 4, 10, T0), 0);
	assert_int_equal(push(f, 5 + 2, 1, T0 + 12 * MS), 0);
	assert_int_equal(f->stream.counters.samples, 11);
	assert_int_equal(f->stream.counters.lost, 2);
}

/* Our own restart: what is missing is known by time only. */
static void test_resume(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(push(f, 0, 100, T0), 0);
	stream_begin(&f->stream);
	assert_int_equal(push(f, 0, 100, T0 + 250 * MS), 0);
	assert_int_equal(f->stream.counters.lost, 0);
	assert_int_equal(f->stream.counters.not_captured, 150);
	assert_int_equal(detector_position(f->detector), 350);
	assert_int_equal(timeline_at(&f->stream.timeline, 340), T0 + 340 * MS);
}

/* Time that was told while nothing came is not told again. */
static void test_pass_and_resume(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(push(f, 0, 100, T0), 0);
	stream_pass(&f->stream, T0 + 150 * MS);
	assert_int_equal(detector_position(f->detector), 150);
	stream_pass(&f->stream, T0 + 150 * MS);
	stream_pass(&f->stream, T0 + 200 * MS);
	assert_int_equal(detector_position(f->detector), 200);
	stream_begin(&f->stream);
	assert_int_equal(push(f, 0, 10, T0 + 250 * MS), 0);
	assert_int_equal(f->stream.counters.not_captured, 150);
	assert_int_equal(detector_position(f->detector), 260);
}

/* Another program has set up the buffer: the counter goes back, or all is garbage. */
static void test_stale(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ struct scan *s = scans_make(0x12345, 4, T0);

	assert_int_equal(push(f, 0, 100, T0), 0);
	assert_int_equal(push(f, 0, 10, T0 + 300 * MS), -ESTALE);
	assert_int_equal(detector_position(f->detector), 100);
	assert_int_equal(stream_push(&f->stream, (uint8_t *)s, 4, 0), -ESTALE);
	assert_int_equal(f->stream.counters.samples, 100);
	assert_int_equal(f->stream.counters.lost, 0);
	stream_begin(&f->stream);
	assert_int_equal(push(f, 0, 10, T0 + 400 * MS), 0);
}

static void test_lead_off(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ struct scan *s = scans_make(0, 400, T0);
	struct channel_quality q;

	for (int i = 0; i < 400; i++)
		s[i].lead_off = i >= 200 ? 2 : 0;
	assert_int_equal(stream_push(&f->stream, (uint8_t *)s, 400, 0), 0);
	assert_int_equal(f->stream.lead_off, 2);
	assert_int_equal(f->stream.counters.samples, 400);
	detector_get_quality(f->detector, 1, &q);
	assert_int_equal(q.state, CHANNEL_NO_CONTACT);
}

/* Without counter and timestamp: dated by the clock, no loss can be seen. */
static void test_plain_adc(void **state)
{
	struct fixture *f = *state;
	int16_t samples[50][2] = {{0}};

	stream_clear(&f->stream);
	f->stream.layout = (struct scan_layout){0};
	element_add(&f->stream.layout, 0, "in_voltage0", "le:s16/16>>0");
	element_add(&f->stream.layout, 1, "in_voltage1", "le:s16/16>>0");
	assert_int_equal(scan_layout_compute(&f->stream.layout), 0);
	assert_int_equal(stream_init(&f->stream), 0);
	stream_begin(&f->stream);
	assert_int_equal(stream_push(&f->stream, (uint8_t *)samples, 50, T0), 0);
	assert_int_equal(stream_push(&f->stream, (uint8_t *)samples, 50, T0 + 50 * MS), 0);
	assert_int_equal(f->stream.counters.samples, 100);
	assert_int_equal(f->stream.counters.gaps, 0);
	assert_int_equal(timeline_at(&f->stream.timeline, 49), T0);
}

/* The same bytes cut anywhere: same counters, same events. */
static void test_cuts(void **state)
{
	struct fixture *whole = *state, *cut;
	_cleanup_free_ struct scan *s = scans_make(0, 4000, T0);
	void *other;
	uint32_t seed = 1;

	for (int i = 0, shift = 0; i < 4000; i++) {
		if (i % 397 == 396)
			shift += i % 11;
		s[i].counter += (uint32_t)shift;
		s[i].ns += shift * MS;
		s[i].lead_off = i / 700 % 2;
		s[i].voltage[0] = (int32_t)((uint32_t)i * 2654435761u >> 12) % 5000;
	}
	assert_int_equal(setup(&other), 0);
	cut = other;
	assert_int_equal(stream_push(&whole->stream, (uint8_t *)s, 4000, 0), 0);
	for (size_t at = 0, n; at < 4000; at += n) {
		seed = seed * 1664525 + 1013904223;
		n = 1 + (seed >> 24);
		n = n < 4000 - at ? n : 4000 - at;
		assert_int_equal(stream_push(&cut->stream, (uint8_t *)(s + at), n, 0), 0);
	}
	assert_true(whole->stream.counters.lost > 0);
	assert_memory_equal(&whole->stream.counters, &cut->stream.counters,
			    sizeof(cut->stream.counters));
	assert_int_equal(whole->n_events, cut->n_events);
	for (unsigned int i = 0; i < cut->n_events; i++) {
		assert_int_equal(whole->events[i].kind, cut->events[i].kind);
		assert_int_equal(whole->events[i].start, cut->events[i].start);
		assert_int_equal(whole->events[i].end, cut->events[i].end);
	}
	teardown(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_even, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gaps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_at_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overrun, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overrun_read_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pass_and_resume, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lead_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_plain_adc, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cuts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
