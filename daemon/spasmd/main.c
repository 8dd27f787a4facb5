/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "spasmd.h"

static void usage(FILE *f)
{
	fputs("Usage: spasmd [OPTION...]\n"
	      "\n"
	      "Reads facial EMG from headsets and tells of spasms on the system bus. It is not a\n"
	      "medical device and gives no diagnosis.\n"
	      "\n"
	      "  -c, --config FILE   read FILE and FILE.d/*.conf instead of what is in "
	      "/etc/spasmd\n"
	      "  -v, --verbose       say more\n"
	      "      --version       print the version\n"
	      "  -h, --help          print this\n",
	      f);
}

/* Returns 1 when there is something to run, 0 when all is done, or -EINVAL. */
static int options_parse(struct spasmd *s, int argc, char **argv)
{
	enum { OPTION_VERSION = 256 };
	static const struct option options[] = {
		{"config", required_argument, NULL, 'c'},
		{"verbose", no_argument, NULL, 'v'},
		{"version", no_argument, NULL, OPTION_VERSION},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:vh", options, NULL)) >= 0) {
		switch (c) {
		case 'c':
			s->config = optarg;
			break;
		case 'v':
			log_set_max_level(LOG_DEBUG);
			break;
		case OPTION_VERSION:
			puts("spasmd " SPASMD_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "spasmd: unexpected argument \"%s\"\n", argv[optind]);
		usage(stderr);
		return -EINVAL;
	}
	return 1;
}

/* Takes over @settings where they can be read; otherwise says why not. */
static int spasmd_configure(struct spasmd *s, char **error)
{
	struct settings settings;
	int r;

	r = settings_load(&settings, s->config, error);
	if (r < 0) {
		log_configuration(LOG_ERR, *error ? *error : strerror(-r));
		settings_clear(&settings);
		return r;
	}
	settings_clear(&s->settings);
	s->settings = settings;
	s->subscribers.max_per_uid = settings.max_subscribers_per_user;
	return 0;
}

int spasmd_reload(struct spasmd *s, char **error)
{
	struct capture *c;
	int r;

	r = spasmd_configure(s, error);
	if (r >= 0) {
		CAPTURE_FOREACH(c, s)
		capture_reconfigure(c);
		/* A device that is named now may be there. */
		r = discovery_enumerate(s);
		access_recheck(s);
		log_configuration(LOG_INFO, "the configuration was read anew");
	}
	return r;
}

static int on_reload_signal(_unused_ sd_event_source *source,
			    _unused_ const struct signalfd_siginfo *si, void *userdata)
{
	_cleanup_free_ char *error = NULL;

	(void)spasmd_reload(userdata, &error);
	return 0;
}

/* Blocked for the whole process, so that they only come through the loop. */
static int spasmd_handle_signals(struct spasmd *s)
{
	static const int stop[] = {SIGTERM, SIGINT};
	sigset_t set;
	size_t i;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	for (i = 0; i < ARRAY_SIZE(stop); i++)
		sigaddset(&set, stop[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	for (i = 0; i < ARRAY_SIZE(stop); i++) {
		/* Without a handler the loop ends. */
		r = sd_event_add_signal(s->event, NULL, stop[i], NULL, NULL);
		if (r < 0)
			return r;
	}
	return sd_event_add_signal(s->event, NULL, SIGHUP, on_reload_signal, s);
}

static int spasmd_start(struct spasmd *s)
{
	int r;

	r = sd_event_default(&s->event);
	if (r >= 0)
		r = spasmd_handle_signals(s);
	if (r >= 0)
		r = sd_event_set_watchdog(s->event, true);
	if (r < 0)
		return log_error_errno(r, "cannot set up the event loop");
	r = manager_connect(s);
	if (r < 0)
		return r;
	r = discovery_start(s);
	if (r < 0)
		return r;
	return manager_take_name(s);
}

static void spasmd_stop(struct spasmd *s)
{
	(void)sd_notify(false, "STOPPING=1");
	discovery_stop(s);
	manager_disconnect(s);
	settings_clear(&s->settings);
	s->event = sd_event_unref(s->event);
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *error = NULL;
	struct spasmd s = {0};
	int r;

	r = options_parse(&s, argc, argv);
	if (r <= 0)
		return r < 0 ? 2 : EXIT_SUCCESS;

	r = spasmd_configure(&s, &error);
	if (r >= 0)
		r = spasmd_start(&s);
	if (r >= 0) {
		(void)sd_notify(false, "READY=1");
		manager_notify_status(&s);
		r = sd_event_loop(s.event);
		if (r < 0)
			log_error_errno(r, "the event loop failed");
	}
	spasmd_stop(&s);
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* 1: the bus has gone */
}
