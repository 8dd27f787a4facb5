// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostile-headset: plugs headsets into the emulated bus that lie, answer wrongly
 * and send frames that are none, and uses them as a host does. Seeded: number N
 * of a seed says the same each time. At its end an honest headset is plugged in
 * and must work, with transfers in between that fail, too. Prints one JSON line;
 * exits with 0 if that one worked and no timestamp ever went back. What the
 * kernel thinks of it is in its log.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "headset.h"
#include "host.h"
#include "mutate.h"
#include "util.h"

#define PLUG_MS	      5000
#define CAPTURE_MS    20000 /* of a wrong headset that sends nothing */
#define HONEST_FRAMES 100

struct options {
	uint64_t seed, first;
	unsigned int udc;
	unsigned int binds, plugs, frames;
};

struct figures {
	uint64_t binds, plugs, configured, bound, captures, frames;
	bool usable;
};

struct goal {
	struct headset *headset;
	unsigned int frames; /* sent in all */
	double end;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static bool goal_reached(void *data)
{
	const struct goal *goal = data;

	return (int)(goal->headset->frames - goal->frames) >= 0 || now() > goal->end;
}

static bool capture(struct headset *headset, struct host *host, unsigned int n_frames, double ms,
		    bool leave)
{
	struct goal goal = {headset, headset->frames + n_frames, now() + ms * 1e-3};

	return host_capture(host, goal_reached, &goal, leave, headset->honest);
}

/* What is done to a headset that the driver has taken. */
static void use(struct headset *headset, struct host *host, struct rng *r, struct figures *f)
{
	_cleanup_close_ int marker = -1;
	bool leave = chance(r, 0.5);

	f->bound++;
	if (chance(r, 0.5))
		host_poke(host, r);
	if (chance(r, 0.3))
		marker = host_open_marker(host);
	if (chance(r, 0.6))
		f->captures += capture(headset, host, 1 + pick(r, 20), 50, leave);
}

/* Only the driver is bound anew: the cheap way, most of what it asks is asked again. */
static void run_binds(struct headset *headset, struct host *host, const struct options *o,
		      struct figures *f)
{
	struct rng r;
	uint64_t i;

	for (i = o->first; i < o->first + o->binds; i++) {
		rng_init(&r, o->seed, ~i);
		headset_become(headset, i, false);
		f->binds++;
		if (!host_bind(host))
			continue;
		use(headset, host, &r, f);
		host_unbind(host);
	}
}

/* The whole way: from the socket, with descriptors that may be wrong. */
static void run_plugs(struct headset *headset, struct host *host, const struct options *o,
		      struct figures *f)
{
	struct rng r;
	uint64_t i;

	for (i = o->first; i < o->first + o->plugs; i++) {
		rng_init(&r, o->seed, ~i);
		headset_become(headset, i, false);
		headset->wrong_descriptors = chance(&r, 0.7);
		f->plugs++;
		if (headset_plug(headset) < 0)
			abort();
		host_wait(host, PLUG_MS);
		f->configured += headset->configured;
		if (host_is_bound(host))
			use(headset, host, &r, f);
		headset_unplug(headset);
		host_wait_gone(host, PLUG_MS);
	}
	headset->wrong_descriptors = false;
}

/* Bound once, then frame upon frame, with a new run now and then. */
static void run_frames(struct headset *headset, struct host *host, const struct options *o,
		       struct figures *f)
{
	unsigned int target = headset->frames + o->frames;
	_cleanup_close_ int marker = -1;
	uint64_t n = o->first;
	double end;
	struct rng r;

	while ((int)(headset->frames - target) < 0) {
		rng_init(&r, o->seed, ~n);
		headset_become(headset, n++, false);
		pthread_mutex_lock(&headset->lock);
		headset->wrong_describe = false;
		pthread_mutex_unlock(&headset->lock);
		if (!host_bind(host))
			continue;
		f->bound++;
		marker = host_open_marker(host);
		end = now() + 60;
		while ((int)(headset->frames - target) < 0 && now() < end && chance(&r, 0.9))
			f->captures += capture(headset, host, 100 + pick(&r, 2000), CAPTURE_MS,
					       chance(&r, 0.1));
		host_unbind(host);
		close(TAKE_FD(marker));
	}
	f->frames = headset->frames - (target - o->frames);
}

/* An honest headset on a bus with errors: the driver sees them, and each frame arrives. */
static bool run_honest(struct headset *headset, struct host *host, enum transfer_error error)
{
	struct host fresh = *host;
	unsigned int errors;
	bool right;

	headset_become(headset, 0, true);
	headset->error = error;
	if (!host_bind(host))
		return false;
	fresh.scans = fresh.missing = fresh.bad_samples = 0;
	capture(headset, &fresh, HONEST_FRAMES, CAPTURE_MS, false);
	errors = host_errors(host);
	host_unbind(host);

	/* Without any there may be one even so: a frame that the one before left on the bus. */
	right = fresh.scans >= 4 * HONEST_FRAMES && !fresh.missing && !fresh.bad_samples &&
		(error == ERROR_NONE || errors);
	if (!right)
		fprintf(stderr,
			"error %s: %u errors, %" PRIu64 " scans, %" PRIu64 " missing, %" PRIu64
			" bad\n",
			transfer_error_names[error], errors, fresh.scans, fresh.missing,
			fresh.bad_samples);

	return right;
}

/* Plugged in and in nobody's hands. */
static int honest_plug(struct headset *headset, struct host *host)
{
	int r;

	headset_become(headset, 0, true);
	r = headset_plug(headset);
	if (r < 0)
		return r;
	if (!host_wait(host, PLUG_MS))
		return -ENODEV;
	if (host_is_bound(host))
		host_unbind(host);

	return 0;
}

static int run(const struct options *o, struct figures *f, struct host *host)
{
	struct headset headset = {
		.seed = o->seed,
		.udc = o->udc,
		.fd = -1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	enum transfer_error error;
	int r;

	run_plugs(&headset, host, o, f);
	r = honest_plug(&headset, host);
	if (r >= 0) {
		run_binds(&headset, host, o, f);
		run_frames(&headset, host, o, f);
		f->usable = true;
		for (error = ERROR_NONE; error < ERROR_COUNT; error++)
			f->usable = run_honest(&headset, host, error) && f->usable;
	}
	if (headset.fd >= 0)
		headset_unplug(&headset);

	return r;
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{"udc", required_argument, NULL, 'u'},
		{"seed", required_argument, NULL, 's'},
		{"first", required_argument, NULL, 'i'},
		{"binds", required_argument, NULL, 'b'},
		{"plugs", required_argument, NULL, 'p'},
		{"frames", required_argument, NULL, 'f'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		unsigned long value = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (option) {
		case 'u':
			o->udc = value;
			break;
		case 's':
			o->seed = value;
			break;
		case 'i':
			o->first = value;
			break;
		case 'b':
			o->binds = value;
			break;
		case 'p':
			o->plugs = value;
			break;
		case 'f':
			o->frames = value;
			break;
		default:
			return -EINVAL;
		}
	}

	return optind < argc ? -EINVAL : 0;
}

static void interrupt(_unused_ int signal)
{
}

int main(int argc, char **argv)
{
	/* It must end a system call, so not by signal(). */
	struct sigaction action = {.sa_handler = interrupt};
	struct options o = {.seed = 1};
	struct figures f = {0};
	struct host host = {0};
	int r;

	if (options_parse(&o, argc, argv) < 0) {
		fprintf(stderr, "usage: hostile-headset [--udc N] [--seed N] [--first N]\n"
				"       [--binds N] [--plugs N] [--frames N]\n");
		return 2;
	}
	host.udc = o.udc;
	sigaction(SIGUSR1, &action, NULL);

	r = run(&o, &f, &host);
	if (r < 0)
		fprintf(stderr, "hostile-headset: %s\n", strerror(-r));
	printf("{\"binds\":%" PRIu64 ",\"plugs\":%" PRIu64 ",\"configured\":%" PRIu64
	       ",\"bound\":%" PRIu64 ",\"captures\":%" PRIu64 ",\"frames\":%" PRIu64
	       ",\"scans\":%" PRIu64 ",\"bad_times\":%" PRIu64 ",\"usable\":%s}\n",
	       f.binds, f.plugs, f.configured, f.bound, f.captures, f.frames, host.scans,
	       host.bad_times, f.usable ? "true" : "false");

	return r < 0 || !f.usable || host.bad_times ? 1 : 0;
}
