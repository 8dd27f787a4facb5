// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <string.h>

#include "host.h"
#include "iio.h"
#include "mutate.h"
#include "util.h"

#define DRIVER	    "/sys/bus/usb/drivers/emg_headset/"
#define STATISTICS  "/sys/kernel/debug/usb/emg_headset-%s/statistics"
#define SCANS_MAX   64
#define SCAN_LENGTH 512

static bool glob_first(const char *pattern, char *ret, size_t size)
{
	glob_t found;
	bool any = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	if (any)
		snprintf(ret, size, "%s", found.gl_pathv[0]);
	globfree(&found);
	return any;
}

static int text_write(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

static int text_read(const char *path, char *ret, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, size - 1);

	if (n < 0)
		return -errno;
	ret[n] = '\0';
	return n;
}

/* ---- binding -------------------------------------------------------------------------------- */

static bool interface_find(struct host *h)
{
	char pattern[HOST_PATH_MAX];

	snprintf(pattern, sizeof(pattern), "/sys/devices/platform/dummy_hcd.%u/usb*/*-1/*-1:*",
		 h->udc);
	if (glob_first(pattern, h->interface, sizeof(h->interface)))
		return true;
	h->interface[0] = '\0';
	return false;
}

/* Reading a string of the device waits until usbcore is through with it. */
static void device_settle(const struct host *h)
{
	char path[HOST_PATH_MAX + 16], text[64];

	snprintf(path, sizeof(path), "%s/../serial", h->interface);
	text_read(path, text, sizeof(text));
}

bool host_wait(struct host *h, unsigned int ms)
{
	for (; ms; ms--) {
		if (interface_find(h)) {
			device_settle(h);
			return interface_find(h);
		}
		usleep(1000);
	}

	return false;
}

bool host_wait_gone(struct host *h, unsigned int ms)
{
	for (; ms; ms--) {
		if (!interface_find(h))
			return true;
		usleep(1000);
	}

	return false;
}

bool host_is_bound(const struct host *h)
{
	char path[HOST_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/driver", h->interface);
	return h->interface[0] && access(path, F_OK) == 0;
}

static const char *interface_name(const struct host *h)
{
	return strrchr(h->interface, '/') + 1;
}

bool host_bind(struct host *h)
{
	return text_write(DRIVER "bind", interface_name(h)) == 0;
}

void host_unbind(struct host *h)
{
	text_write(DRIVER "unbind", interface_name(h));
}

/* ---- attributes ----------------------------------------------------------------------------- */

int host_open_marker(const struct host *h)
{
	char pattern[HOST_PATH_MAX + 32], found[HOST_PATH_MAX], node[HOST_PATH_MAX];

	snprintf(pattern, sizeof(pattern), "%s/input/input*/event*", h->interface);
	if (!glob_first(pattern, found, sizeof(found)))
		return -1;
	snprintf(node, sizeof(node), "/dev/input/%s", strrchr(found, '/') + 1);
	return open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

static unsigned int statistic(const char *text, const char *name)
{
	const char *found = strstr(text, name);

	return found ? strtoul(found + strlen(name), NULL, 10) : 0;
}

unsigned int host_errors(const struct host *h)
{
	char path[HOST_PATH_MAX + 64], text[1024];

	snprintf(path, sizeof(path), STATISTICS, interface_name(h));
	if (text_read(path, text, sizeof(text)) < 0)
		return 0;

	return statistic(text, "transfer_errors ") + statistic(text, "frames_rejected ");
}

static bool iio_find(const struct host *h, char *ret, size_t size)
{
	char pattern[HOST_PATH_MAX + 32];

	snprintf(pattern, sizeof(pattern), "%s/iio:device*", h->interface);
	return glob_first(pattern, ret, size);
}

void host_poke(const struct host *h, struct rng *r)
{
	static const char *const names[] = {
		"name",
		"label",
		"in_voltage0_label",
		"in_voltage0_scale",
		"in_voltage0_scale_available",
		"sampling_frequency_available",
		"sampling_frequency",
		"in_count0_label",
		"in_voltage31_scale",
	};
	static const char *const written[] = {"sampling_frequency", "in_voltage0_scale"};
	char folder[HOST_PATH_MAX], path[HOST_PATH_MAX + 64], text[4096];
	const char *name = names[pick(r, ARRAY_SIZE(names))];

	if (!iio_find(h, folder, sizeof(folder)))
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	text_read(path, text, sizeof(text));

	name = written[pick(r, ARRAY_SIZE(written))];
	snprintf(path, sizeof(path), "%s/%s_available", folder, name);
	if (text_read(path, text, sizeof(text)) <= 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	text[strcspn(text, " \n")] = '\0';
	text_write(path, text);
}

/* ---- capture -------------------------------------------------------------------------------- */

struct reading {
	struct scan_layout layout;
	int fd;
	bool pattern, any;
	int64_t time;
	uint32_t counter;
};

static void check_samples(struct host *h, const struct reading *in, const uint8_t *scan)
{
	const struct scan_layout *l = &in->layout;
	uint32_t counter = scan_element_read(&l->elements[l->counter], scan);
	unsigned int i;

	h->missing += counter - (in->any ? in->counter + 1 : 0);
	for (i = 0; i < l->n_voltages; i++) {
		const struct scan_element *e = &l->elements[l->voltages[i]];

		if (scan_element_read(e, scan) != pattern_count(counter, e->number, e->type.bits))
			h->bad_samples++;
	}
}

static void check_scan(struct host *h, struct reading *in, const uint8_t *scan)
{
	const struct scan_layout *l = &in->layout;
	int64_t time = scan_element_read(&l->elements[l->timestamp], scan);

	if (in->any && time <= in->time)
		h->bad_times++;
	if (in->pattern)
		check_samples(h, in, scan);
	in->time = time;
	in->counter = scan_element_read(&l->elements[l->counter], scan);
	in->any = true;
	h->scans++;
}

/* False when there will be no more. */
static bool read_some(struct host *h, struct reading *in)
{
	uint8_t block[SCANS_MAX * SCAN_LENGTH];
	struct pollfd pollfd = {.fd = in->fd, .events = POLLIN};
	ssize_t n, at;

	poll(&pollfd, 1, 5);
	do {
		n = read(in->fd, block, SCANS_MAX * in->layout.size);
		for (at = 0; at < n; at += in->layout.size)
			check_scan(h, in, block + at);
	} while (n > 0);

	return n == 0 || errno == EAGAIN;
}

static int capture_begin(const struct iio_device *d, struct reading *in)
{
	int r;

	r = iio_read_layout(d, &in->layout);
	if (r >= 0)
		r = iio_buffer_setup(d, &in->layout, 4096, 16);
	if (r < 0)
		return r;
	if (in->layout.counter == SCAN_NONE || in->layout.timestamp == SCAN_NONE ||
	    in->layout.size > SCAN_LENGTH)
		return -EINVAL;

	in->fd = open(d->devnode, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return in->fd < 0 ? -errno : iio_buffer_enable(d, true);
}

bool host_capture(struct host *h, bool (*done)(void *data), void *data, bool leave, bool pattern)
{
	char folder[HOST_PATH_MAX], node[HOST_PATH_MAX];
	struct reading in = {.fd = -1, .pattern = pattern};
	struct iio_device d;
	bool begun;

	if (!iio_find(h, folder, sizeof(folder)))
		return false;
	snprintf(node, sizeof(node), "/dev/%s", strrchr(folder, '/') + 1);
	if (iio_device_open(&d, folder, node) < 0)
		return false;

	begun = capture_begin(&d, &in) >= 0;
	while (begun && read_some(h, &in) && !done(data))
		;
	if (begun && !leave) {
		iio_buffer_enable(&d, false);
		read_some(h, &in);
	}
	if (in.fd >= 0)
		close(in.fd);
	iio_device_close(&d);
	return begun;
}
