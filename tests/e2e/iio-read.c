// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * iio-read: reads a headset's IIO buffer from its character device and checks
 * every scan: number, timestamp and, with --pattern, each bit of each sample.
 * Prints what it found, one JSON line, at the end and every --report seconds; exits
 * with 0 when it could read, whatever that was. SIGTERM ends it before its time.
 */
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "iio.h"
#include "pattern.h"
#include "scan.h"
#include "util.h"

#define IIO_DEVICES "/sys/bus/iio/devices"
#define BLOCK_SCANS 256

struct options {
	const char *label; /* serial of the headset, NULL: the first */
	double seconds;
	double rate;			/* 0: as it is */
	unsigned int length, watermark; /* of the buffer, scans */
	bool pattern;
	unsigned int channels; /* enabled, 0: all */
	unsigned int delay_ms; /* before each read: a reader that is too slow */
	uint32_t counter_start;
	double drift;  /* of the headset's clock, ppm */
	double settle; /* of the time, s: before that it is not looked at closely */
	double report; /* every so many seconds, 0: at the end only */
};

struct tally {
	uint64_t scans;
	uint64_t missing;     /* by the sample counter, those before the first included */
	uint64_t gaps;	      /* places where some are missing */
	uint64_t backwards;   /* the counter went back */
	uint64_t bad_samples; /* not what the pattern has */
	uint64_t bad_times;   /* timestamp not after the one before */
	uint32_t counter;     /* expected next */
	int64_t first_time, time;
	int64_t min_step, max_step;  /* between two scans with no gap, ns */
	uint64_t index;		     /* of the scan, from 0 */
	double min_start, max_start; /* when scan 0 was, by the timestamps of all others, s */
	uint32_t lead_off;	     /* all bits that were ever set */
	uint64_t lead_off_scans;     /* with any set */
	bool gone;		     /* the device went away */
};

DEFINE_CLEANUP(DIR *, closedir)

static volatile sig_atomic_t ended;

static void end(_unused_ int signal)
{
	ended = 1;
}

static int fail(int r, const char *what)
{
	fprintf(stderr, "iio-read: %s: %s\n", what, strerror(-r));
	return r;
}

/* ---- the device ----------------------------------------------------------------------------- */

static bool attribute_is(const struct iio_device *d, const char *name, const char *wanted)
{
	char text[64];

	return iio_read(d, name, text, sizeof(text)) == 0 && strcmp(text, wanted) == 0;
}

static int device_find(struct iio_device *d, const char *label)
{
	_cleanup_(closedirp) DIR *dir = opendir(IIO_DEVICES);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char syspath[300], devnode[300];

		if (strncmp(entry->d_name, "iio:device", 10) != 0)
			continue;
		snprintf(syspath, sizeof(syspath), IIO_DEVICES "/%s", entry->d_name);
		snprintf(devnode, sizeof(devnode), "/dev/%s", entry->d_name);
		if (iio_device_open(d, syspath, devnode) < 0)
			continue;
		if (attribute_is(d, "name", "emg_headset") &&
		    (!label || attribute_is(d, "label", label)))
			return 0;
		iio_device_close(d);
	}

	return fail(-ENODEV, label ? label : "headset");
}

/* Leaves only the first @n channels enabled: the core has to demultiplex then. */
static int channels_reduce(const struct iio_device *d, struct scan_layout *l, unsigned int n)
{
	struct scan_layout reduced = {0};
	unsigned int i;
	char name[64];
	int r;

	for (i = 0; i < l->n_elements; i++) {
		const struct scan_element *e = &l->elements[i];

		if (e->role != SCAN_VOLTAGE || e->number < n) {
			scan_layout_add(&reduced, e);
			continue;
		}
		snprintf(name, sizeof(name), "buffer0/in_voltage%u_en", e->number);
		r = iio_write(d, name, "0");
		if (r < 0)
			return r;
	}

	*l = reduced;
	return scan_layout_compute(l);
}

static int buffer_setup(const struct iio_device *d, const struct options *o, struct scan_layout *l)
{
	int r;

	r = iio_read_layout(d, l);
	if (r < 0)
		return fail(r, "scan elements");
	r = iio_buffer_setup(d, l, o->length, o->watermark);
	if (r < 0)
		return fail(r, "buffer");
	if (o->channels) {
		r = channels_reduce(d, l, o->channels);
		if (r < 0)
			return fail(r, "channels");
	}
	if (o->rate > 0) {
		r = iio_write_listed(d, "sampling_frequency", o->rate);
		if (r < 0)
			return fail(r, "sampling_frequency");
	}

	return 0;
}

/* ---- scans ---------------------------------------------------------------------------------- */

static void check_counter(struct tally *t, uint32_t counter, bool *gap)
{
	uint32_t step = counter - t->counter;

	*gap = step != 0;
	if (step >= 0x80000000) {
		t->backwards++;
	} else if (step) {
		t->missing += step;
		t->gaps++;
		t->index += step;
	}
	t->index += t->scans > 0;
	t->counter = counter + 1;
}

/* Against the headset's own clock. */
static void check_start(const struct options *o, struct tally *t, int64_t time)
{
	double start = time * 1e-9 - t->index / (o->rate * (1 + o->drift * 1e-6));

	if (start < t->min_start)
		t->min_start = start;
	if (start > t->max_start)
		t->max_start = start;
}

static void check_time(const struct options *o, struct tally *t, int64_t time, bool gap)
{
	int64_t step = time - t->time;
	bool settled = t->index >= o->settle * o->rate;

	if (!t->scans)
		t->first_time = time;
	else if (step <= 0)
		t->bad_times++;
	if (t->scans && settled && !gap && step < t->min_step)
		t->min_step = step;
	if (t->scans && settled && !gap && step > t->max_step)
		t->max_step = step;
	if (settled && o->rate > 0)
		check_start(o, t, time);
	t->time = time;
}

static void check_scan(const struct scan_layout *l, const struct options *o, const uint8_t *scan,
		       struct tally *t)
{
	uint32_t counter = scan_element_read(&l->elements[l->counter], scan);
	uint32_t lead_off = 0;
	bool gap;
	unsigned int i;

	check_counter(t, counter, &gap);
	check_time(o, t, scan_element_read(&l->elements[l->timestamp], scan), gap);
	if (l->lead_off != SCAN_NONE)
		lead_off = scan_element_read(&l->elements[l->lead_off], scan);
	t->lead_off |= lead_off;
	t->lead_off_scans += lead_off != 0;
	for (i = 0; o->pattern && i < l->n_voltages; i++) {
		const struct scan_element *e = &l->elements[l->voltages[i]];

		if (scan_element_read(e, scan) != pattern_count(counter, e->number, e->type.bits))
			t->bad_samples++;
	}
	t->scans++;
}

static void tally_print(const struct tally *t)
{
	printf("{\"scans\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"gaps\":%" PRIu64
	       ",\"backwards\":%" PRIu64 ",\"bad_samples\":%" PRIu64 ",\"bad_times\":%" PRIu64
	       ",\"next\":%" PRIu32 ",\"span\":%.9f,\"min_step\":%.9f,\"max_step\":%.9f"
	       ",\"min_start\":%.9f,\"max_start\":%.9f,\"lead_off\":%" PRIu32
	       ",\"lead_off_scans\":%" PRIu64 ",\"gone\":%s}\n",
	       t->scans, t->missing, t->gaps, t->backwards, t->bad_samples, t->bad_times,
	       t->counter, t->scans ? (t->time - t->first_time) * 1e-9 : 0,
	       t->scans > 1 ? t->min_step * 1e-9 : 0, t->max_step * 1e-9,
	       t->max_start < t->min_start ? 0 : t->min_start,
	       t->max_start < t->min_start ? 0 : t->max_start, t->lead_off, t->lead_off_scans,
	       t->gone ? "true" : "false");
	fflush(stdout);
}

/* Returns scans read, 0 where there are none now, or negative errno. */
static int read_block(int fd, const struct scan_layout *l, const struct options *o, struct tally *t)
{
	static uint8_t block[BLOCK_SCANS * 512];
	ssize_t n, i;

	n = read(fd, block, BLOCK_SCANS * l->size);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;

	n /= l->size;
	for (i = 0; i < n; i++)
		check_scan(l, o, block + i * l->size, t);
	return n;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static int read_for(int fd, const struct scan_layout *l, const struct options *o, struct tally *t)
{
	double until = now() + o->seconds, report = now() + o->report;
	int n;

	while (now() < until && !ended) {
		struct pollfd pollfd = {.fd = fd, .events = POLLIN};

		if (o->report > 0 && now() >= report) {
			tally_print(t);
			report += o->report;
		}
		usleep(o->delay_ms * 1000);
		if (poll(&pollfd, 1, 100) < 0 && errno != EINTR)
			return fail(-errno, "poll");
		n = read_block(fd, l, o, t);
		if (n == -ENODEV) {
			t->gone = true;
			return 0;
		}
		if (n < 0)
			return fail(n, "read");
	}

	return 0;
}

static int run(const struct options *o, struct tally *t)
{
	_cleanup_close_ int fd = -1;
	struct scan_layout l;
	struct iio_device d;
	int r, n;

	r = device_find(&d, o->label);
	if (r < 0)
		return r;
	r = buffer_setup(&d, o, &l);
	if (r < 0)
		goto out;
	if (l.counter == SCAN_NONE || l.timestamp == SCAN_NONE || l.size > 512) {
		r = fail(-EINVAL, "scan elements");
		goto out;
	}
	fd = open(d.devnode, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	r = fd < 0 ? -errno : iio_buffer_enable(&d, true);
	if (r < 0) {
		fail(r, d.devnode);
		goto out;
	}

	r = read_for(fd, &l, o, t);
	if (r == 0 && !t->gone) {
		/* what is left in the buffer can be read when it is off */
		r = iio_buffer_enable(&d, false);
		do
			n = read_block(fd, &l, o, t);
		while (n > 0);
	}
out:
	iio_device_close(&d);
	return r;
}

static int usage(void)
{
	fprintf(stderr, "usage: iio-read [--label SERIAL] [--seconds S] [--rate HZ] [--length N]\n"
			"       [--watermark N] [--channels N] [--delay MS] [--pattern]\n"
			"       [--counter-start N] [--drift PPM] [--settle S] [--report S]\n");
	return 2;
}

static int options_parse(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{"label", required_argument, NULL, 'l'},
		{"seconds", required_argument, NULL, 's'},
		{"rate", required_argument, NULL, 'r'},
		{"length", required_argument, NULL, 'n'},
		{"watermark", required_argument, NULL, 'w'},
		{"channels", required_argument, NULL, 'c'},
		{"delay", required_argument, NULL, 'd'},
		{"pattern", no_argument, NULL, 'p'},
		{"counter-start", required_argument, NULL, 'C'},
		{"drift", required_argument, NULL, 'D'},
		{"settle", required_argument, NULL, 'S'},
		{"report", required_argument, NULL, 'R'},
		{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		switch (option) {
		case 'l':
			o->label = optarg;
			break;
		case 's':
			o->seconds = atof(optarg);
			break;
		case 'r':
			o->rate = atof(optarg);
			break;
		case 'n':
			o->length = atoi(optarg);
			break;
		case 'w':
			o->watermark = atoi(optarg);
			break;
		case 'c':
			o->channels = atoi(optarg);
			break;
		case 'd':
			o->delay_ms = atoi(optarg);
			break;
		case 'p':
			o->pattern = true;
			break;
		case 'C':
			o->counter_start = strtoul(optarg, NULL, 10);
			break;
		case 'D':
			o->drift = atof(optarg);
			break;
		case 'S':
			o->settle = atof(optarg);
			break;
		case 'R':
			o->report = atof(optarg);
			break;
		default:
			return -EINVAL;
		}
	}

	return optind < argc ? -EINVAL : 0;
}

int main(int argc, char **argv)
{
	struct options o = {.seconds = 1, .length = 4096, .watermark = 16};
	struct tally t = {.min_step = INT64_MAX, .min_start = INFINITY, .max_start = -INFINITY};
	int r;

	if (options_parse(&o, argc, argv) < 0)
		return usage();
	signal(SIGTERM, end);

	t.counter = o.counter_start;
	r = run(&o, &t);
	tally_print(&t);

	return r < 0 ? 1 : 0;
}
