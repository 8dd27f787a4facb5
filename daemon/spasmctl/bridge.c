/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmctl bridge: offer the daemon's events on this user's own bus. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "bridge.h"
#include "spasmctl.h"
#include "util.h"

static const char help[] =
	"Usage: spasmctl bridge\n"
	"\n"
	"Subscribes to spasmd once and offers its events as org.spasmd1 on this user's own\n"
	"bus, where programs need no more than a match rule. Runs until it is stopped.\n";

static int signals_handle(struct bridge *b)
{
	static const int stop[] = {SIGTERM, SIGINT};
	sigset_t set;
	int r = 0;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(stop); i++)
		sigaddset(&set, stop[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(stop); i++)
		r = sd_event_add_signal(b->event, NULL, stop[i], NULL, NULL);
	return r;
}

static int bridge_run(struct bridge *b)
{
	int r;

	r = sd_event_default(&b->event);
	if (r >= 0)
		r = signals_handle(b);
	if (r < 0) {
		fprintf(stderr, "spasmctl: cannot set up the event loop: %s\n", strerror(-r));
		return r;
	}
	r = bridge_session_connect(b);
	if (r < 0)
		return r;
	r = bridge_link_connect(b);
	if (r < 0) {
		fprintf(stderr, "spasmctl: cannot connect to the system bus: %s\n", strerror(-r));
		return r;
	}
	bridge_link_watch_sessions(b);
	(void)sd_notify(false, "READY=1");
	return sd_event_loop(b->event);
}

int command_bridge(int argc, char **argv)
{
	struct bridge b = {0};
	int r;

	if (argc > 1) {
		bool wanted = strcmp(argv[1], "--help") == 0;

		fputs(help, wanted ? stdout : stderr);
		return wanted ? EXIT_SUCCESS : EXIT_USAGE;
	}
	r = bridge_run(&b);
	bridge_link_disconnect(&b);
	sd_bus_flush_close_unref(b.session);
	sd_event_unref(b.event);
	sd_login_monitor_unref(b.sessions);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
