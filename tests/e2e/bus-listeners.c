/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus-listeners COUNT STOPPED EVENTS FOLDER
 *
 * COUNT processes subscribe to org.spasmd1 on the system bus; the last STOPPED of them are then
 * stopped with SIGSTOP until the end, which comes when the first has heard of EVENTS events,
 * updates not counted. Listener N writes FOLDER/N: a line an event, "member serial headset id
 * detected_sample received", received as CLOCK_BOOTTIME in microseconds; one more, by a match rule
 * on the session bus, FOLDER/bridged. FOLDER/ping gets the round trips of empty calls to the
 * daemon, in microseconds, FOLDER/span when all listened and when they were told to end. Prints
 * "listening" when all have subscribed.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "bus-contract.h"
#include "event-dict.h"
#include "util.h"

#define LISTENERS_MAX	256
#define PING_EVERY_MS	20
#define EVENTS_WITHIN_S 600

struct listener {
	FILE *f;
	int told; /* gets the time of each event that is no update; -1: nobody wants to know */
};

static uint64_t boottime_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int on_signal(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	uint64_t now = boottime_us(), serial;
	const struct listener *l = userdata;
	struct event_message e;

	if (sd_bus_message_read(m, "t", &serial) < 0 || event_dict_read(m, &e) < 0 || !e.headset)
		return 0;
	fprintf(l->f, "%s %" PRIu64 " %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		sd_bus_message_get_member(m), serial, e.headset, e.id, e.detected_sample, now);
	if (l->told >= 0 && strcmp(sd_bus_message_get_member(m), "Updated") != 0 &&
	    write(l->told, &now, sizeof(now)) != sizeof(now))
		return -EIO;
	return 0;
}

static FILE *file_open(const char *folder, const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	setvbuf(f, NULL, _IOLBF, 0);
	return f;
}

/* What was sent until now arrives before the answer, and is taken in. */
static int on_end(sd_event_source *s, _unused_ const struct signalfd_siginfo *si, void *userdata)
{
	sd_bus *bus = userdata;
	int r;

	r = sd_bus_call_method(bus, SPASMD_BUS_NAME, SPASMD_OBJECT, "org.freedesktop.DBus.Peer",
			       "Ping", NULL, NULL, NULL);
	while (r >= 0 && sd_bus_process(bus, NULL) > 0)
		;
	return sd_event_exit(sd_event_source_get_event(s), r < 0);
}

static int event_loop(sd_bus *bus)
{
	sd_event *event = NULL;
	sigset_t end;
	int r;

	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, NULL);
	r = sd_event_new(&event);
	if (r >= 0)
		r = sd_event_add_signal(event, NULL, SIGTERM, on_end, bus);
	if (r >= 0)
		r = sd_bus_attach_event(bus, event, 0);
	return r < 0 ? r : sd_event_loop(event);
}

/* A child: tells on @ready that it listens, and does so until it is told to end. */
static int listen_until_end(bool system, FILE *f, int ready, int told)
{
	struct listener l = {.f = f, .told = told};
	sd_bus *bus = NULL;
	int r;

	r = system ? sd_bus_open_system(&bus) : sd_bus_open_user(&bus);
	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, NULL, SPASMD_OBJECT, SPASMD_EPISODES_INTERFACE,
					NULL, on_signal, &l);
	if (r >= 0 && system)
		r = sd_bus_call_method(bus, SPASMD_BUS_NAME, SPASMD_OBJECT,
				       SPASMD_EPISODES_INTERFACE, "Subscribe", NULL, NULL, NULL);
	if (r < 0) {
		fprintf(stderr, "bus-listeners: cannot subscribe: %s\n", strerror(-r));
		return 1;
	}
	if (write(ready, "", 1) != 1)
		return 1;
	return event_loop(bus) != 0;
}

static int ping_forever(FILE *f)
{
	sd_bus *bus = NULL;
	uint64_t start;
	int r = sd_bus_open_system(&bus);

	while (r >= 0) {
		start = boottime_us();
		r = sd_bus_call_method(bus, SPASMD_BUS_NAME, SPASMD_OBJECT,
				       "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, NULL);
		fprintf(f, "%" PRIu64 "\n", boottime_us() - start);
		usleep(PING_EVERY_MS * 1000);
	}
	return 1;
}

static void signal_all(const pid_t *pids, unsigned int from, unsigned int to, int signal)
{
	for (; from < to; from++)
		kill(pids[from], signal);
}

int main(int argc, char **argv)
{
	unsigned int i, count, stopped, events;
	pid_t pids[LISTENERS_MAX + 2];
	bool failed = false;
	char name[16], byte;
	int ready[2], told[2], status;
	uint64_t start, at;
	FILE *f;

	if (argc != 5 || (count = (unsigned int)atoi(argv[1])) > LISTENERS_MAX ||
	    (stopped = (unsigned int)atoi(argv[2])) > count) {
		fputs("Usage: bus-listeners COUNT STOPPED EVENTS FOLDER\n", stderr);
		return 2;
	}
	events = (unsigned int)atoi(argv[3]);
	if (pipe(ready) < 0 || pipe(told) < 0)
		return 1;
	/* One after the other, so that the first is the first that is sent a signal. */
	for (i = 0; i < count + 2; i++) {
		snprintf(name, sizeof(name), "%u", i);
		pids[i] = fork();
		if (i < count && pids[i] == 0)
			_exit(listen_until_end(true, file_open(argv[4], name), ready[1],
					       i == 0 ? told[1] : -1));
		if (i == count && pids[i] == 0)
			_exit(listen_until_end(false, file_open(argv[4], "bridged"), ready[1], -1));
		if (pids[i] == 0)
			_exit(ping_forever(file_open(argv[4], "ping")));
		if (i <= count && read(ready[0], &byte, 1) != 1)
			return 1; /* it could not subscribe */
	}
	signal_all(pids, count - stopped, count, SIGSTOP);
	f = file_open(argv[4], "span");
	start = boottime_us();
	fprintf(f, "%" PRIu64 "\n", start);
	puts("listening");
	fflush(stdout);
	alarm(EVENTS_WITHIN_S);
	while (events > 0 && read(told[0], &at, sizeof(at)) == sizeof(at))
		events -= at > start;
	alarm(0);
	fprintf(f, "%" PRIu64 "\n", boottime_us());
	/* A process that goes on shows that it comes back. */
	signal_all(pids, count - stopped, count, SIGCONT);
	signal_all(pids, 0, count + 1, SIGTERM);
	signal_all(pids, count + 1, count + 2, SIGKILL);
	for (i = 0; i < count + 2; i++) {
		waitpid(pids[i], &status, 0);
		failed |= i <= count && status != 0;
	}
	return failed;
}
