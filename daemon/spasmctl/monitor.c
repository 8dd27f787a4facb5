/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmctl monitor: events as they happen. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bus.h"
#include "event-dict.h"
#include "event-json.h"
#include "event-name.h"
#include "event-text.h"
#include "spasmctl.h"
#include "util.h"

struct monitor {
	sd_bus *bus;
	bool json;
	bool system; /* from the daemon itself, not from the bridge */
};

static uint64_t boottime_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- lines ---- */

/* The object of event_to_json() with what only a live event has. */
static void line_json(const struct event_message *m, const struct detector_event *e,
		      uint64_t serial)
{
	char text[EVENT_JSON_MAX];
	size_t length = strlen(event_to_json(e, m->rate, text));

	printf("%.*s,\"serial\":%" PRIu64 ",\"headset\":\"%s\",\"id\":%" PRIu64, (int)length - 1,
	       text, serial, m->headset, m->id);
	printf(",\"start_boottime\":%" PRIu64 ",\"end_boottime\":%" PRIu64
	       ",\"detected_boottime\":%" PRIu64 ",\"received_boottime\":%" PRIu64 "}\n",
	       m->start_boottime, m->end_boottime, m->detected_boottime, boottime_us());
}

static void clock_print(uint64_t realtime)
{
	time_t seconds = (time_t)(realtime / 1000000);
	struct tm tm;
	char text[16];

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	printf("%s.%03u", text, (unsigned int)(realtime / 1000 % 1000));
}

/* "12:00:01.234  spasm ended, left, 2.31 s, clonic, typical, 312 uV, OOc Zyg" */
static void line_text(const struct event_message *m, const struct detector_event *e)
{
	bool spasm = e->kind == EVENT_SPASM;
	char text[EVENT_TEXT_MAX];

	if (e->phase == PHASE_UPDATED)
		return;
	clock_print(e->phase == PHASE_STARTED || !spasm ? m->start_realtime : m->end_realtime);
	printf("  %s%s%s", event_kind_name(e->kind), spasm ? " " : "",
	       spasm ? event_phase_name(e->phase) : "");
	if (e->side)
		printf(", %s", oeh_side_label(e->side));
	if (e->phase == PHASE_ENDED && e->end > e->start + 1)
		printf(", %.2f s", (double)(e->end - e->start) / m->rate);
	if (*event_to_text(e, text))
		printf(", %s", text);
	putchar('\n');
}

static int on_signal(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	const struct monitor *monitor = userdata;
	struct event_message message = {.rate = 0};
	struct detector_event event;
	enum event_phase phase;
	uint64_t serial;
	int r;

	if (strcmp(sd_bus_message_get_member(m), EPISODES_REVOKED) == 0) {
		fputs("spasmctl: the right to learn of spasms was revoked: is this session still "
		      "the active one?\n",
		      stderr);
		return monitor->system ? -EACCES : 0; /* the bridge asks again by itself */
	}
	if (event_signal_phase(sd_bus_message_get_member(m), &phase) < 0)
		return 0;
	r = sd_bus_message_read(m, "t", &serial);
	if (r >= 0)
		r = event_dict_read(m, &message);
	if (r < 0 || !message.headset || message.rate <= 0) {
		fprintf(stderr, "spasmctl: an event that cannot be read\n");
		return 0;
	}
	event_message_to_event(&message, &event);
	event.phase = phase;
	if (monitor->json)
		line_json(&message, &event, serial);
	else
		line_text(&message, &event);
	return 0;
}

/* ---- the other end ---- */

static int daemon_subscribe(struct monitor *monitor)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r;

	r = bus_call(monitor->bus, SPASMD_EPISODES_INTERFACE, "Subscribe", &error, &reply);
	if (r < 0)
		bus_explain_daemon(&error, r);
	return r;
}

/* Nobody has to be asked for the bridge's signals: this only tells what is amiss. */
static int bridge_check(struct monitor *monitor)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	uint32_t connection;
	int r;

	r = sd_bus_get_property_trivial(monitor->bus, SPASMD_BUS_NAME, SPASMD_OBJECT,
					SPASMD_BRIDGE_INTERFACE, "Connection", &error, 'u',
					&connection);
	if (r < 0) {
		if (bus_error_is_absence(&error))
			fputs("spasmctl: there is no session bridge. Start it with \"spasmctl "
			      "bridge &\",\n"
			      "or listen to the daemon itself with \"spasmctl monitor "
			      "--system\".\n",
			      stderr);
		else
			fprintf(stderr, "spasmctl: the session bridge did not answer: %s\n",
				error.message ? error.message : strerror(-r));
		return r;
	}
	if (connection == BRIDGE_NO_DAEMON)
		fputs("spasmctl: spasmd is not running; waiting for it. \"spasmctl status\" tells\n"
		      "what is missing.\n",
		      stderr);
	else if (connection == BRIDGE_NOT_ALLOWED)
		fputs("spasmctl: this user may not learn of spasms; waiting. To allow it:\n"
		      "\"sudo adduser $USER spasmd-clients\".\n",
		      stderr);
	return 0;
}

static int on_owner_changed(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct monitor *monitor = userdata;
	const char *name, *before, *after;

	if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
		return 0;
	fprintf(stderr, "spasmctl: %s has %s\n", monitor->system ? "spasmd" : "the session bridge",
		after[0] ? "started" : "stopped; waiting for it");
	if (after[0] && monitor->system)
		(void)daemon_subscribe(monitor);
	return 0;
}

static int monitor_listen(struct monitor *monitor)
{
	int r;

	r = sd_bus_match_signal(monitor->bus, NULL, SPASMD_BUS_NAME, SPASMD_OBJECT,
				SPASMD_EPISODES_INTERFACE, NULL, on_signal, monitor);
	if (r >= 0)
		r = sd_bus_add_match(monitor->bus, NULL,
				     "type='signal',sender='org.freedesktop.DBus',"
				     "member='NameOwnerChanged',arg0='" SPASMD_BUS_NAME "'",
				     on_owner_changed, monitor);
	if (r < 0) {
		fprintf(stderr, "spasmctl: cannot listen: %s\n", strerror(-r));
		return r;
	}
	return monitor->system ? daemon_subscribe(monitor) : bridge_check(monitor);
}

static int monitor_run(struct monitor *monitor)
{
	int r;

	for (;;) {
		r = sd_bus_process(monitor->bus, NULL);
		if (r > 0)
			continue;
		if (r == 0)
			r = sd_bus_wait(monitor->bus, UINT64_MAX);
		if (r < 0 && r != -EINTR)
			break;
	}
	if (r != -EACCES)
		fprintf(stderr, "spasmctl: the connection to the bus is lost: %s\n", strerror(-r));
	return r;
}

/* ---- command ---- */

static const char help[] =
	"Usage: spasmctl monitor [--json] [--system]\n"
	"\n"
	"Shows events as they happen, from the session bridge by a plain match rule.\n"
	"\n"
	"  --json     one JSON object a line; times are seconds from the start of capture,\n"
	"             *_boottime is CLOCK_BOOTTIME in microseconds\n"
	"  --system   subscribe to the daemon itself\n"
	"\n"
	"spasmd is not a medical device and gives no diagnosis.\n";

/* Returns 1 to go on, 0 when all is done, negative on wrong use. */
static int options_parse(struct monitor *monitor, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"system", no_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case 'j':
			monitor->json = true;
			break;
		case 's':
			monitor->system = true;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "spasmctl monitor: unexpected argument \"%s\"\n", argv[optind]);
		return -EINVAL;
	}
	return 1;
}

int command_monitor(int argc, char **argv)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	struct monitor monitor = {0};
	int r;

	r = options_parse(&monitor, argc, argv);
	if (r <= 0)
		return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (bus_open(monitor.system, &bus) < 0)
		return EXIT_FAILURE;
	monitor.bus = bus;
	if (monitor_listen(&monitor) < 0)
		return EXIT_FAILURE;
	return monitor_run(&monitor) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
