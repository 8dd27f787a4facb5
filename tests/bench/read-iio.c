// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read-iio SYSPATH DEVNODE SECONDS DELAY: the cheapest reader of a headset's IIO
 * buffer that has each scan within DELAY milliseconds, by a timer; 0: as soon as
 * it is there, by poll().
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "consume.h"
#include "iio.h"
#include "util.h"

#define LENGTH	   16384
#define BLOCK	   65536
#define FRAME_RATE 250

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static int consume_all(int fd, const struct scan_layout *l, struct consumer *c)
{
	static _Alignas(8) uint8_t block[BLOCK];
	const size_t counter = l->elements[l->counter].offset;
	const size_t time = l->elements[l->timestamp].offset;
	ssize_t n, at;

	do {
		n = read(fd, block, BLOCK / l->size * l->size);
		for (at = 0; at < n; at += l->size)
			consume(c, (const int32_t *)(block + at), l->n_voltages,
				*(const uint32_t *)(block + at + counter),
				*(const int64_t *)(block + at + time));
	} while (n == (ssize_t)(BLOCK / l->size * l->size));

	return n < 0 && errno != EAGAIN ? -errno : 0;
}

static int read_for(int fd, const struct scan_layout *l, double seconds, unsigned int delay_ms,
		    struct consumer *c)
{
	const struct timespec delay = {.tv_nsec = delay_ms * 1000000L};
	const double end = now() + seconds;
	struct pollfd pollfd = {.fd = fd, .events = POLLIN};
	int r = 0;

	while (r == 0 && now() < end) {
		if (delay_ms)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
		else
			poll(&pollfd, 1, 1000);
		r = consume_all(fd, l, c);
	}

	return r;
}

int main(int argc, char **argv)
{
	struct consumer c = {0};
	struct scan_layout l;
	struct iio_device d;
	double rate;
	int fd, r;

	if (argc != 5) {
		fprintf(stderr, "usage: read-iio SYSPATH DEVNODE SECONDS DELAY\n");
		return 2;
	}
	r = iio_device_open(&d, argv[1], argv[2]);
	if (r == 0)
		r = iio_read_layout(&d, &l);
	if (r == 0)
		r = iio_read_double(&d, d.rate, &rate);
	if (r == 0)
		r = iio_buffer_setup(&d, &l, LENGTH, (unsigned int)(rate / FRAME_RATE));
	if (r == 0) {
		fd = open(argv[2], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		r = fd < 0 ? -errno : iio_buffer_enable(&d, true);
	}
	if (r == 0)
		r = read_for(fd, &l, atof(argv[3]), (unsigned int)atoi(argv[4]), &c);
	if (r < 0) {
		fprintf(stderr, "read-iio: %s\n", strerror(-r));
		return 1;
	}
	iio_buffer_enable(&d, false);
	consumer_print(&c);
	iio_device_close(&d);

	return 0;
}
