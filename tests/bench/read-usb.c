// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * read-usb SECONDS DELAY: what a user has without the module: a reader over
 * libusb's asynchronous API. It does what the module does for read-iio, with the
 * module's own code: checks, unpacks and dates each scan, and accounts for losses.
 * DELAY as there, ms.
 */
#include <libusb.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "consume.h"
#include "oeh_describe.h"
#include "oeh_loss.h"
#include "oeh_time.h"
#include "util.h"

#define TRANSFERS  16 /* as many as the module has */
#define TIMEOUT_MS 1000
#define ENDPOINT   0x81

#define REQUEST_IN  (LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)
#define REQUEST_OUT (LIBUSB_ENDPOINT_OUT | LIBUSB_REQUEST_TYPE_VENDOR | LIBUSB_RECIPIENT_INTERFACE)

struct reader {
	libusb_device_handle *device;
	struct oeh_info info;
	struct oeh_format format;
	struct oeh_loss loss;
	struct oeh_time time;
	struct consumer consumer;
	struct libusb_transfer *transfers[TRANSFERS];
	bool started, stopping;
};

/* The fast one instead of that for firmware, as in the kernel. */
u32 oeh_crc32(const void *data, size_t len)
{
	return crc32(0, data, len);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static void frame_received(struct reader *r, const uint8_t *data, size_t length)
{
	int32_t scan[OEH_MAX_CHANNELS];
	struct oeh_frame_info frame;
	struct oeh_stamps stamps;
	int64_t time;
	unsigned int i;

	if (oeh_frame_parse(&r->format, data, length, &frame) != OEH_OK) {
		oeh_loss_reject(&r->loss);
		return;
	}
	/* An old run's last frames may come first. */
	if (!r->started && frame.sequence)
		return;
	r->started = true;
	if (oeh_loss_frame(&r->loss, &frame))
		oeh_time_restart(&r->time);
	stamps = oeh_time_frame(&r->time, &frame, now_ns());
	data = frame.data;
	time = stamps.first;
	for (i = 0; i < frame.samples; i++, time += stamps.step) {
		data = oeh_scan_unpack(&r->format, data, scan);
		consume(&r->consumer, scan, r->format.channels, frame.counter + i, time);
	}
}

static void LIBUSB_CALL completed(struct libusb_transfer *t)
{
	struct reader *r = t->user_data;

	if (t->status == LIBUSB_TRANSFER_COMPLETED)
		frame_received(r, t->buffer, t->actual_length);
	if (!r->stopping)
		libusb_submit_transfer(t);
}

static int request(struct reader *r, uint8_t what, uint16_t value)
{
	return libusb_control_transfer(r->device, REQUEST_OUT, what, value, 0, NULL, 0, TIMEOUT_MS);
}

static int headset_open(struct reader *r)
{
	uint8_t reply[OEH_MAX_DESCRIBE_LEN];
	struct oeh_state state;
	int n;

	r->device = libusb_open_device_with_vid_pid(NULL, OEH_USB_VENDOR, OEH_USB_TEST_PRODUCT);
	if (!r->device || libusb_claim_interface(r->device, 0) < 0 ||
	    request(r, OEH_REQ_STOP, 0) < 0)
		return -1;
	n = libusb_control_transfer(r->device, REQUEST_IN, OEH_REQ_DESCRIBE, 0, 0, reply,
				    sizeof(reply), TIMEOUT_MS);
	if (n < 0 || oeh_describe_parse(reply, n, &r->info) != OEH_OK)
		return -1;
	n = libusb_control_transfer(r->device, REQUEST_IN, OEH_REQ_STATUS, 0, 0, reply,
				    sizeof(reply), TIMEOUT_MS);
	if (n < 0 || oeh_status_parse(&r->info, reply, n, &state) != OEH_OK)
		return -1;
	r->format = (struct oeh_format){state.rate, r->info.channel_count, r->info.bits};

	return 0;
}

static int headset_start(struct reader *r)
{
	unsigned int i, size = (oeh_frame_max(&r->format) + 511) / 512 * 512;

	oeh_loss_start(&r->loss, r->format.rate);
	oeh_time_start(&r->time, r->info.clock_hz, r->format.rate);
	for (i = 0; i < TRANSFERS; i++) {
		struct libusb_transfer *t = r->transfers[i] = libusb_alloc_transfer(0);

		if (!t)
			return -1;
		libusb_fill_bulk_transfer(t, r->device, ENDPOINT, malloc(size), size, completed, r,
					  0);
		if (!t->buffer || libusb_submit_transfer(t) < 0)
			return -1;
	}

	return request(r, OEH_REQ_START, 0);
}

static void read_for(double seconds, unsigned int delay_ms)
{
	const struct timespec delay = {.tv_nsec = delay_ms * 1000000L};
	const int64_t end = now_ns() + (int64_t)(seconds * NSEC_PER_SEC);

	while (now_ns() < end) {
		struct timeval wait = {.tv_sec = delay_ms ? 0 : 1};

		if (delay_ms)
			clock_nanosleep(CLOCK_MONOTONIC, 0, &delay, NULL);
		libusb_handle_events_timeout_completed(NULL, &wait, NULL);
	}
}

int main(int argc, char **argv)
{
	static struct reader r;

	if (argc != 3) {
		fprintf(stderr, "usage: read-usb SECONDS DELAY\n");
		return 2;
	}
	if (libusb_init(NULL) < 0 || headset_open(&r) < 0 || headset_start(&r) < 0) {
		fprintf(stderr, "read-usb: no headset that can be read\n");
		return 1;
	}
	read_for(atof(argv[1]), (unsigned int)atoi(argv[2]));
	r.stopping = true;
	request(&r, OEH_REQ_STOP, 0);
	consumer_print(&r.consumer);

	return r.loss.lost.device + r.loss.lost.bus + r.loss.lost.checksum != 0;
}
