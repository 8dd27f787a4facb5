// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * oeh-host: a second host for the Open EMG Headset protocol, on usbfs and
 * without the kernel module, so that the emulated headset is not only tested
 * against the driver that was written beside it.
 *
 *   oeh-host [-s SERIAL] describe
 *   oeh-host [-s SERIAL] requests            each request, accepted and refused
 *   oeh-host [-s SERIAL] stream SECONDS [RATE]   with --pattern on the other side
 *   oeh-host [-s SERIAL] marker SECONDS
 */
#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "oeh.h"
#include "pattern.h"
#include "util.h"

#define DEVICES	   "/sys/bus/usb/devices"
#define N_URBS	   32
#define TIMEOUT_MS 5000 /* what USB allows; a busy machine needs it */
#define MARKER_MS  100

struct host {
	int fd;
	unsigned int interface;
	unsigned int data, marker; /* endpoints, 0: none */
	uint8_t describe[2048];
	int describe_length;
	unsigned int n_channels, bits;
};

static int fail(const char *what)
{
	fprintf(stderr, "oeh-host: %s: %s\n", what, strerror(errno));
	return -1;
}

/* ---- finding it ----------------------------------------------------------------------------- */

DEFINE_CLEANUP(DIR *, closedir)

static bool attribute(const char *object, const char *name, char *value, size_t size)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[512];

	snprintf(path, sizeof(path), DEVICES "/%.200s/%s", object, name);
	f = fopen(path, "re");
	if (!f || !fgets(value, size, f))
		return false;
	value[strcspn(value, "\n")] = '\0';
	/* cppcheck-suppress resourceLeak ; f closes itself */
	return true;
}

static bool attribute_is(const char *object, const char *name, const char *wanted)
{
	char value[64];

	return attribute(object, name, value, sizeof(value)) && strcmp(value, wanted) == 0;
}

static bool attribute_number(const char *object, const char *name, int base, unsigned int *ret)
{
	char value[64];

	if (!attribute(object, name, value, sizeof(value)))
		return false;

	*ret = strtoul(value, NULL, base);
	return true;
}

static bool is_headset(const char *interface, const char *serial)
{
	char device[64];

	snprintf(device, sizeof(device), "%.*s", (int)strcspn(interface, ":"), interface);

	return attribute_is(interface, "bInterfaceClass", "ff") &&
	       attribute_is(interface, "bInterfaceSubClass", "45") &&
	       (!serial || attribute_is(device, "serial", serial));
}

/* The first of each kind, as the protocol says. */
static void find_endpoints(struct host *h, const char *interface)
{
	char folder[128], object[256];
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *entry;

	snprintf(folder, sizeof(folder), DEVICES "/%.64s", interface);
	dir = opendir(folder);
	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "ep_", 3) != 0)
			continue;
		snprintf(object, sizeof(object), "%.64s/%.64s", interface, entry->d_name);
		if (!h->data && attribute_is(object, "type", "Bulk"))
			attribute_number(object, "bEndpointAddress", 16, &h->data);
		if (!h->marker && attribute_is(object, "type", "Interrupt"))
			attribute_number(object, "bEndpointAddress", 16, &h->marker);
	}
}

static int open_interface(struct host *h, const char *interface)
{
	struct usbdevfs_disconnect_claim claim = {0};
	unsigned int bus, number;
	char device[64], path[64];

	snprintf(device, sizeof(device), "%.*s", (int)strcspn(interface, ":"), interface);
	if (!attribute_number(device, "busnum", 10, &bus) ||
	    !attribute_number(device, "devnum", 10, &number) ||
	    !attribute_number(interface, "bInterfaceNumber", 16, &h->interface))
		return fail(interface);

	snprintf(path, sizeof(path), "/dev/bus/usb/%03u/%03u", bus, number);
	h->fd = open(path, O_RDWR | O_CLOEXEC);
	if (h->fd < 0)
		return fail(path);

	claim.interface = h->interface;
	if (ioctl(h->fd, USBDEVFS_DISCONNECT_CLAIM, &claim) < 0)
		return fail("claim");

	find_endpoints(h, interface);
	return 0;
}

static int host_open(struct host *h, const char *serial)
{
	_cleanup_(closedirp) DIR *dir = opendir(DEVICES);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (is_headset(entry->d_name, serial))
			return open_interface(h, entry->d_name);

	errno = ENODEV;
	return fail("headset");
}

/* ---- requests ------------------------------------------------------------------------------- */

static int control(struct host *h, bool in, unsigned int request, unsigned int value, void *data,
		   unsigned int length)
{
	struct usbdevfs_ctrltransfer transfer = {
		.bRequestType = (in ? 0x80 : 0) | 0x41, /* vendor, interface */
		.bRequest = request,
		.wValue = value,
		.wIndex = h->interface,
		.wLength = length,
		.timeout = TIMEOUT_MS,
		.data = data,
	};

	return ioctl(h->fd, USBDEVFS_CONTROL, &transfer);
}

static int host_describe(struct host *h)
{
	const struct oeh_describe *d = (const struct oeh_describe *)h->describe;
	int n = control(h, true, OEH_REQ_DESCRIBE, 0, h->describe, sizeof(h->describe));

	if (n < 0)
		return fail("describe");
	if (n < (int)sizeof(*d) || le32toh(d->magic) != OEH_MAGIC ||
	    le16toh(d->total_length) != n || d->channel_count > OEH_MAX_CHANNELS) {
		errno = EPROTO;
		return fail("describe");
	}

	h->describe_length = n;
	h->n_channels = d->channel_count;
	h->bits = d->bits;
	return 0;
}

static int run_describe(struct host *h)
{
	const struct oeh_describe *d = (const struct oeh_describe *)h->describe;

	printf("{\"version\":\"%u.%u\",\"serial\":\"%.32s\",\"firmware\":\"%.32s\",\"channels\":%u,"
	       "\"bits\":%u,\"rates\":%u,\"gains\":%u,\"clock_hz\":%u,\"max_channel_rate\":%u,"
	       "\"length\":%d}\n",
	       d->version_major, d->version_minor, d->serial, d->firmware, d->channel_count,
	       d->bits, d->rate_count, d->gain_count, le32toh(d->clock_hz),
	       le32toh(d->max_channel_rate), h->describe_length);
	return 0;
}

/* clang-format off: a table */
static const struct {
	const char *name;
	bool in;
	unsigned int request, value, length;
	int expected; /* bytes, or -1: refused */
} request_tests[] = {
	{"STOP without a run", false, OEH_REQ_STOP, 0, 0, 0},
	{"STATUS", true, OEH_REQ_STATUS, 0, 64, sizeof(struct oeh_status)},
	{"STATUS, a part", true, OEH_REQ_STATUS, 0, 8, 8},
	{"STATUS, asked for more", true, OEH_REQ_STATUS, 0, 200, sizeof(struct oeh_status)},
	{"STATUS 1", true, OEH_REQ_STATUS, 1, 64, -1},
	{"SET_RATE 2000", false, OEH_REQ_SET_RATE, 2000, 0, 0},
	{"SET_RATE 777", false, OEH_REQ_SET_RATE, 777, 0, -1},
	{"SET_GAIN of channel 0", false, OEH_REQ_SET_GAIN, 0 << 8 | 1, 0, 0},
	{"SET_GAIN of channel 200", false, OEH_REQ_SET_GAIN, 200 << 8 | 1, 0, -1},
	{"SET_GAIN to gain 200", false, OEH_REQ_SET_GAIN, 0 << 8 | 200, 0, -1},
	{"LEAD_OFF on", false, OEH_REQ_LEAD_OFF, 1, 0, 0},
	{"LEAD_OFF 2", false, OEH_REQ_LEAD_OFF, 2, 0, -1},
	{"LEAD_OFF off", false, OEH_REQ_LEAD_OFF, 0, 0, 0},
	{"IMPEDANCE on", false, OEH_REQ_IMPEDANCE, 1, 0, 0},
	{"GET_IMPEDANCE", true, OEH_REQ_GET_IMPEDANCE, 0, 8, sizeof(struct oeh_impedance)},
	{"GET_IMPEDANCE of channel 99", true, OEH_REQ_GET_IMPEDANCE, 99, 8, -1},
	{"SET_RATE with IMPEDANCE on", false, OEH_REQ_SET_RATE, 1000, 0, -1},
	{"SET_GAIN with IMPEDANCE on", false, OEH_REQ_SET_GAIN, 1, 0, -1},
	{"START with IMPEDANCE on", false, OEH_REQ_START, 0, 0, -1},
	{"IMPEDANCE off", false, OEH_REQ_IMPEDANCE, 0, 0, 0},
	{"TEST_SIGNAL on", false, OEH_REQ_TEST_SIGNAL, 1, 0, 0},
	{"TEST_SIGNAL off", false, OEH_REQ_TEST_SIGNAL, 0, 0, 0},
	{"IDENTIFY on", false, OEH_REQ_IDENTIFY, 1, 0, 0},
	{"IDENTIFY off", false, OEH_REQ_IDENTIFY, 0, 0, 0},
	{"START with a value", false, OEH_REQ_START, 1, 0, -1},
	{"START backwards", true, OEH_REQ_START, 0, 4, -1},
	{"DESCRIBE backwards", false, OEH_REQ_DESCRIBE, 0, 0, -1},
	{"request 0x7f", true, 0x7f, 0, 4, -1},
	{"request 0", false, 0, 0, 0, -1},
	{"START", false, OEH_REQ_START, 0, 0, 0},
	{"START during a run", false, OEH_REQ_START, 0, 0, -1},
	{"SET_RATE during a run", false, OEH_REQ_SET_RATE, 1000, 0, -1},
	{"SET_GAIN during a run", false, OEH_REQ_SET_GAIN, 1, 0, -1},
	{"IMPEDANCE during a run", false, OEH_REQ_IMPEDANCE, 1, 0, -1},
	{"LEAD_OFF during a run", false, OEH_REQ_LEAD_OFF, 1, 0, 0},
	{"TEST_SIGNAL during a run", false, OEH_REQ_TEST_SIGNAL, 1, 0, 0},
	{"STOP", false, OEH_REQ_STOP, 0, 0, 0},
	{"LEAD_OFF off after the run", false, OEH_REQ_LEAD_OFF, 0, 0, 0},
	{"TEST_SIGNAL off after the run", false, OEH_REQ_TEST_SIGNAL, 0, 0, 0},
};
/* clang-format on */

static int run_requests(struct host *h)
{
	unsigned int failures = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(request_tests); i++) {
		uint8_t data[64];
		int n = control(h, request_tests[i].in, request_tests[i].request,
				request_tests[i].value, data, request_tests[i].length);
		bool right = request_tests[i].expected < 0 ? n < 0 && errno == EPIPE
							   : n == request_tests[i].expected;

		if (!right) {
			failures++;
			printf("%s: %s\n", request_tests[i].name,
			       n < 0 ? strerror(errno) : "wrong length, or should be refused");
		}
	}
	printf("{\"requests\":%zu,\"failures\":%u}\n", ARRAY_SIZE(request_tests), failures);

	return failures ? -1 : 0;
}

/* ---- frames --------------------------------------------------------------------------------- */

struct tally {
	uint64_t frames, samples, bad_checksum, bad_length, bad_samples, bad_clock;
	uint64_t lost_frames; /* by their sequence: on the bus, or bad */
	uint64_t lost_device; /* samples */
	uint64_t stalls;
	uint32_t sequence, counter; /* expected next */
	uint64_t clock;		    /* of the newest frame */
};

static int32_t sample_get(const uint8_t *p, unsigned int bytes)
{
	uint32_t v = 0;
	unsigned int i;

	for (i = 0; i < bytes; i++)
		v |= (uint32_t)p[i] << (8 * (4 - bytes + i));

	return (int32_t)v >> (8 * (4 - bytes));
}

static void frame_check_samples(const struct host *h, const uint8_t *p, uint32_t counter,
				unsigned int n, struct tally *t)
{
	unsigned int bytes = oeh_sample_bytes(h->bits);
	unsigned int i, c;

	for (i = 0; i < n; i++)
		for (c = 0; c < h->n_channels; c++, p += bytes)
			if (sample_get(p, bytes) != pattern_count(counter + i, c, h->bits))
				t->bad_samples++;
}

static void frame_check(const struct host *h, const uint8_t *p, unsigned int length,
			struct tally *t)
{
	const struct oeh_frame *f = (const struct oeh_frame *)p;
	unsigned int n = length >= sizeof(*f) ? le16toh(f->samples) : 0;
	uint32_t sequence, counter, crc;

	if (!n || n > OEH_MAX_FRAME_SAMPLES || f->type != OEH_FRAME_DATA ||
	    length != oeh_frame_length(n, h->n_channels, h->bits)) {
		t->bad_length++;
		return;
	}
	memcpy(&crc, p + length - OEH_CRC_LEN, sizeof(crc));
	if (le32toh(crc) != oeh_crc32(p, length - OEH_CRC_LEN)) {
		t->bad_checksum++;
		return;
	}

	sequence = le32toh(f->sequence);
	counter = le32toh(f->counter);
	t->lost_frames += sequence - t->sequence;
	if (sequence == t->sequence)
		t->lost_device += counter - t->counter;
	if (t->frames && le64toh(f->clock) <= t->clock)
		t->bad_clock++;
	frame_check_samples(h, p + sizeof(*f), counter, n, t);
	t->frames++;
	t->samples += n;
	t->sequence = sequence + 1;
	t->counter = counter + n;
	t->clock = le64toh(f->clock);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static struct usbdevfs_urb urbs[N_URBS];
static uint8_t buffers[N_URBS][16384];

static int submit_all(struct host *h)
{
	unsigned int i;

	for (i = 0; i < N_URBS; i++) {
		urbs[i] = (struct usbdevfs_urb){
			.type = USBDEVFS_URB_TYPE_BULK,
			.endpoint = h->data,
			.buffer = buffers[i],
			.buffer_length = sizeof(buffers[i]),
		};
		if (ioctl(h->fd, USBDEVFS_SUBMITURB, &urbs[i]) < 0)
			return fail("submit");
	}

	return 0;
}

/* Takes what comes for @seconds, or until the frame @last was seen. */
static int receive(struct host *h, double seconds, const uint32_t *last, struct tally *t)
{
	double end = now() + seconds;

	while (now() < end && !(last && t->sequence == *last)) {
		struct pollfd pollfd = {.fd = h->fd, .events = POLLOUT};
		struct usbdevfs_urb *urb;

		if (poll(&pollfd, 1, 10) < 0)
			return fail("poll");
		if (ioctl(h->fd, USBDEVFS_REAPURBNDELAY, &urb) < 0) {
			if (errno == EAGAIN)
				continue;
			return fail("reap");
		}
		if (urb->status == -EPIPE) {
			t->stalls++;
			ioctl(h->fd, USBDEVFS_CLEAR_HALT, &h->data);
		} else if (urb->status) {
			fprintf(stderr, "oeh-host: transfer: %s\n", strerror(-urb->status));
		} else {
			frame_check(h, urb->buffer, urb->actual_length, t);
		}
		if (ioctl(h->fd, USBDEVFS_SUBMITURB, urb) < 0)
			return fail("submit again");
	}

	return 0;
}

static void print_tally(const struct tally *t, const struct oeh_status *status)
{
	printf("{\"frames\":%" PRIu64 ",\"samples\":%" PRIu64 ",\"lost_frames\":%" PRIu64
	       ",\"lost_device\":%" PRIu64 ",\"bad_checksum\":%" PRIu64 ",\"bad_length\":%" PRIu64
	       ",\"bad_samples\":%" PRIu64 ",\"bad_clock\":%" PRIu64 ",\"stalls\":%" PRIu64
	       ",\"sequence\":%u,\"counter\":%u,\"status_sequence\":%u,"
	       "\"status_counter\":%u,\"status_dropped\":%u}\n",
	       t->frames, t->samples, t->lost_frames, t->lost_device, t->bad_checksum,
	       t->bad_length, t->bad_samples, t->bad_clock, t->stalls, t->sequence, t->counter,
	       le32toh(status->sequence), le32toh(status->counter), le32toh(status->dropped));
}

static int run_stream(struct host *h, double seconds, unsigned int rate)
{
	struct oeh_status status;
	struct tally t = {0};
	uint32_t last;

	if (rate && control(h, false, OEH_REQ_SET_RATE, rate, NULL, 0) < 0)
		return fail("set rate");
	if (submit_all(h) < 0)
		return -1;
	if (control(h, false, OEH_REQ_START, 0, NULL, 0) < 0)
		return fail("start");
	if (receive(h, seconds, NULL, &t) < 0)
		return -1;
	if (control(h, false, OEH_REQ_STOP, 0, NULL, 0) < 0)
		return fail("stop");
	if (control(h, true, OEH_REQ_STATUS, 0, &status, sizeof(status)) != sizeof(status))
		return fail("status");
	last = le32toh(status.sequence);
	if (receive(h, 0.15, &last, &t) < 0)
		return -1;

	print_tally(&t, &status);
	return 0;
}

static int run_marker(struct host *h, double seconds)
{
	struct oeh_marker marker = {0};
	struct usbdevfs_bulktransfer transfer = {
		.ep = h->marker,
		.len = sizeof(marker),
		.timeout = MARKER_MS,
		.data = &marker,
	};
	double end = now() + seconds;

	while (now() < end) {
		if (ioctl(h->fd, USBDEVFS_BULK, &transfer) != sizeof(marker))
			continue;
		printf("{\"marker\":%u,\"pressed\":%s,\"counter\":%u,\"clock\":%" PRIu64 "}\n",
		       le16toh(marker.sequence),
		       marker.flags & OEH_MARKER_PRESSED ? "true" : "false",
		       le32toh(marker.counter), (uint64_t)le64toh(marker.clock));
	}

	return 0;
}

int main(int argc, char **argv)
{
	struct host host = {.fd = -1};
	const char *serial = NULL;
	const char *what;
	double seconds;
	int r;

	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		serial = argv[2];
		argc -= 2;
		argv += 2;
	}
	what = argc > 1 ? argv[1] : "";
	seconds = argc > 2 ? atof(argv[2]) : 1;

	if (host_open(&host, serial) < 0 || host_describe(&host) < 0)
		return 1;

	if (strcmp(what, "describe") == 0) {
		r = run_describe(&host);
	} else if (strcmp(what, "requests") == 0) {
		r = run_requests(&host);
	} else if (strcmp(what, "stream") == 0) {
		r = run_stream(&host, seconds, argc > 3 ? atoi(argv[3]) : 0);
	} else if (strcmp(what, "marker") == 0) {
		r = run_marker(&host, seconds);
	} else {
		fprintf(stderr, "oeh-host: describe, requests, stream or marker?\n");
		r = -1;
	}
	close(host.fd);

	return r < 0 ? 1 : 0;
}
