/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An event over D-Bus and back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "event-dict.h"
#include "util.h"

static sd_bus *bus;
static int other_end;

/* Messages need a bus, but not one that answers. */
static int setup(_unused_ void **state)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	other_end = fds[1];
	return sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fds[0], fds[0]) < 0 ||
	       sd_bus_start(bus) < 0;
}

static int teardown(_unused_ void **state)
{
	sd_bus_close(bus);
	sd_bus_unref(bus);
	close(other_end);
	return 0;
}

static sd_bus_message *message_new(void)
{
	sd_bus_message *m = NULL;

	assert_true(sd_bus_message_new_signal(bus, &m, "/org/spasmd1", "org.spasmd1.Episodes",
					      "Started") >= 0);
	return m;
}

static void seal(sd_bus_message *m)
{
	assert_true(sd_bus_message_seal(m, 1, 0) >= 0);
	assert_true(sd_bus_message_rewind(m, true) >= 0);
}

static void round_trip(const struct event_message *in, struct event_message *out)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = message_new();

	assert_true(event_dict_append(m, in) >= 0);
	seal(m);
	assert_true(event_dict_read(m, out) >= 0);
	assert_string_equal(out->headset, in->headset);
	out->headset = in->headset; /* the other one goes with the message */
	assert_true(sd_bus_message_at_end(m, true) > 0);
}

static void test_spasm(_unused_ void **state)
{
	const struct detector_event e = {
		.kind = EVENT_SPASM,
		.phase = PHASE_ENDED,
		.start = 12345,
		.end = 14900,
		.detected = 12380,
		.open = true,
		.brow_with_eye = true,
		.side = OEH_SIDE_LEFT,
		.form = FORM_CLONIC,
		.spread = SPREAD_TYPICAL,
		.channel = -1,
		.muscles = BIT(OEH_MUSCLE_ORBICULARIS_OCULI) | BIT(OEH_MUSCLE_ZYGOMATICUS) |
			   BIT(OEH_MUSCLE_OTHER),
		.n_bursts = 7,
		.peak_uv = 312.5f,
		.rms_uv = 80.25f,
		.confidence = 0.97f,
	};
	struct event_message in = {.headset = "/org/spasmd1/headset/a",
				   .rate = 1000,
				   .id = 3,
				   .start_boottime = 5000000,
				   .end_boottime = 7555000,
				   .detected_boottime = 5035000,
				   .start_realtime = 1700000000000000},
			     out;
	struct detector_event back;

	event_message_from_event(&in, &e);
	round_trip(&in, &out);
	assert_memory_equal(&in, &out, sizeof(in));
	event_message_to_event(&out, &back);
	back.phase = e.phase; /* goes by the signal's name */
	assert_int_equal(back.kind, e.kind);
	assert_int_equal(back.start, e.start);
	assert_int_equal(back.end, e.end);
	assert_int_equal(back.detected, e.detected);
	assert_int_equal(back.muscles, e.muscles);
	assert_int_equal(back.n_bursts, e.n_bursts);
	assert_int_equal(back.channel, -1);
	assert_true(back.open && back.brow_with_eye);
	assert_true(back.peak_uv == e.peak_uv && back.confidence == e.confidence);
}

/* Every kind, and channel 0, which is not "no channel". */
static void test_kinds(_unused_ void **state)
{
	for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct detector_event e = {.kind = kind, .channel = kind % 2 ? 0 : -1}, back;
		struct event_message in = {.headset = "/a"}, out;

		event_message_from_event(&in, &e);
		assert_int_equal(in.kind, kind + 1);
		round_trip(&in, &out);
		event_message_to_event(&out, &back);
		assert_int_equal(back.kind, kind);
		assert_int_equal(back.channel, e.channel);
	}
}

/* A newer daemon says more than this client knows. */
static void test_unknown_keys(_unused_ void **state)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = message_new();
	struct event_message out;

	assert_true(sd_bus_message_append(m, "a{sv}", 3, "tomorrow", "a{sv}", 1, "x", "i", 5,
					  "kind", "u", 3, "muscles", "as", 2, "OOc", "New") >= 0);
	seal(m);
	assert_true(event_dict_read(m, &out) >= 0);
	assert_int_equal(out.kind, 3);
	assert_int_equal(out.muscles, BIT(OEH_MUSCLE_ORBICULARIS_OCULI));
	assert_int_equal(out.channel, EVENT_NO_CHANNEL);
}

/* A wrong type is an error, not a wrong number. */
static void test_wrong_type(_unused_ void **state)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = message_new();
	struct event_message out;

	assert_true(sd_bus_message_append(m, "a{sv}", 1, "kind", "s", "spasm") >= 0);
	seal(m);
	assert_true(event_dict_read(m, &out) < 0);
}

static void test_names(_unused_ void **state)
{
	enum event_phase phase;

	assert_string_equal(event_signal_name(PHASE_STARTED, true), "Started");
	assert_string_equal(event_signal_name(PHASE_UPDATED, true), "Updated");
	assert_string_equal(event_signal_name(PHASE_ENDED, true), "Ended");
	assert_string_equal(event_signal_name(PHASE_ENDED, false), "Event");
	assert_int_equal(event_signal_phase("Ended", &phase), 0);
	assert_int_equal(phase, PHASE_ENDED);
	assert_int_equal(event_signal_phase("Something", &phase), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spasm),	     cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_unknown_keys), cmocka_unit_test(test_wrong_type),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
