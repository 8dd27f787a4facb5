// SPDX-License-Identifier: GPL-2.0-or-later
/* The emulated headset at work. */
#include <string.h>
#include <time.h>

#include "headset-internal.h"
#include "util.h"

#define MARKER_QUEUE 16		   /* reports that are kept for the host */
#define RETRY	     (NSEC / 2000) /* after which to look what the host has taken */

#define CONTACT_OHM 5000 /* of a wet electrode on prepared skin */

uint64_t headset_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

/* Device clock at @now; doubles are exact enough for 100 days at 1 MHz. */
uint64_t headset_device_clock(const struct headset *h, uint64_t now)
{
	double seconds = (now - h->power_time) * 1e-9 * (1 + h->drift);

	return (uint64_t)(seconds * h->device.config.clock_hz);
}

/* Host time at which the scan @index since START has been acquired. */
uint64_t headset_scan_time(const struct headset *h, uint64_t index)
{
	return h->start_time + (uint64_t)(index * 1e9 / (h->device.rate * (1 + h->drift)));
}

uint64_t headset_frame_due_time(const struct headset *h)
{
	return headset_scan_time(h, h->device.acquired + device_frame_samples(&h->device) - 1);
}

double headset_stream_seconds(const struct headset *h, uint64_t now)
{
	return h->device.streaming ? (int64_t)(now - h->start_time) * 1e-9 : -1;
}

static void marker_send(struct headset *h, bool pressed)
{
	uint64_t now = headset_now();
	uint8_t *report;
	size_t length;

	if (!h->marker || !h->enabled)
		return;
	in_pipe_reap(h->marker);
	report = in_pipe_reserve(h->marker);
	if (!report) {
		/* the host does not ask: the newest are worth more */
		in_pipe_drop_oldest(h->marker);
		report = in_pipe_reserve(h->marker);
	}
	if (!report)
		return;

	length = device_marker(&h->device, pressed, headset_device_clock(h, now), report);
	in_pipe_commit(h->marker, length);
	if (in_pipe_submit(h->marker) == 0) {
		h->stats.marker_reports++;
		headset_log_marker(h, pressed, now);
	}
}

void headset_press(struct headset *h, double seconds)
{
	marker_send(h, true);
	h->marker_time = headset_now() + (uint64_t)(seconds * 1e9);
}

int headset_run(struct headset *h, uint64_t now)
{
	_cleanup_free_ char *error = NULL;

	if (now >= h->plug_time && headset_plug(h, &error) < 0)
		fprintf(stderr, "emg-headset-gadget: %s\n", error ? error : "cannot plug in");
	if (now >= h->marker_time) {
		h->marker_time = HEADSET_NEVER;
		marker_send(h, false);
	}
	headset_run_stream(h, now);

	return headset_is_through(h) && !in_pipe_in_flight(h->data);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t headset_next_time(const struct headset *h)
{
	uint64_t next = earlier(earlier(h->plug_time, h->marker_time), h->flush_time);
	uint64_t now = headset_now();
	uint64_t due;

	if (h->halt_wanted || headset_is_through(h))
		next = earlier(next, now + RETRY);
	if (!h->device.streaming)
		return next;
	if (h->release_time > now)
		next = earlier(next, h->release_time);
	if (headset_is_through(h))
		return next;

	/* frames that are due and still not made wait for the host */
	due = headset_frame_due_time(h);
	return earlier(next, due > now ? due : now + RETRY);
}

int headset_unplug(struct headset *h)
{
	int r;

	if (!h->plugged)
		return 0;

	r = usb_gadget_unbind(h->gadget);
	if (r < 0)
		return r;

	h->plugged = false;
	headset_bus_disabled(h);
	device_power_up(&h->device);
	printf("unplugged\n");
	return 0;
}

int headset_plug(struct headset *h, char **error)
{
	int r;

	h->plug_time = HEADSET_NEVER;
	if (h->plugged)
		return 0;

	/* the device gets its power from the bus */
	h->power_time = headset_now();
	r = usb_gadget_bind(h->gadget, error);
	if (r < 0)
		return r;

	h->plugged = true;
	return 0;
}

/* The device's processor starts anew while the bus keeps up and the capture goes on. */
void headset_restart(struct headset *h)
{
	uint64_t now = headset_now();

	h->power_time = now;
	h->start_time = now;
	h->device.start_clock = 0;
	h->device.acquired = 0;
	h->device.sequence = 0;
	h->device.dropped = 0;
}

void headset_set_contact(struct headset *h, unsigned int channel, bool contact)
{
	struct oeh_impedance *ohm = &h->device.contact[channel];

	if (contact)
		h->lost_contacts &= ~BIT(channel);
	else
		h->lost_contacts |= BIT(channel);
	/* no two electrodes are alike */
	ohm->positive = contact ? CONTACT_OHM + 100 * channel : OEH_IMPEDANCE_UNKNOWN;
	ohm->negative = CONTACT_OHM + 100 * channel + 50;
}

int headset_open(struct headset *h, const struct usb_gadget_config *config, char **error)
{
	bool marker = h->device.config.caps & OEH_CAP_MARKER;
	struct usb_gadget_config gadget = *config;
	unsigned int c;
	int r;

	gadget.serial = h->device.config.serial;
	h->usb = FUNCTIONFS_CLOSED;
	h->marker_time = h->plug_time = h->flush_time = HEADSET_NEVER;
	for (c = 0; c < h->device.config.n_channels; c++)
		headset_set_contact(h, c, true);

	r = usb_gadget_new(&gadget, &h->gadget, error);
	if (r < 0)
		return r;
	r = functionfs_open(&h->usb, usb_gadget_functionfs(h->gadget), marker);
	if (r < 0)
		return r;
	r = in_pipe_new(h->usb.data, h->queue, OEH_MAX_FRAME_LEN, &h->data);
	if (r < 0)
		return r;
	if (marker) {
		r = in_pipe_new(h->usb.marker, MARKER_QUEUE, sizeof(struct oeh_marker), &h->marker);
		if (r < 0)
			return r;
	}

	return headset_plug(h, error);
}

void headset_close(struct headset *h)
{
	if (h->plugged)
		usb_gadget_unbind(h->gadget);
	h->data = in_pipe_free(h->data);
	h->marker = in_pipe_free(h->marker);
	functionfs_close(&h->usb);
	h->gadget = usb_gadget_free(h->gadget);
}
