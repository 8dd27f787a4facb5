// SPDX-License-Identifier: GPL-2.0-or-later
/* What the host does to the emulated headset: bus events and control requests. */
#include <errno.h>
#include <string.h>

#include "headset-internal.h"

/* How long a headset may go on sending what it has after STOP. */
#define STOP_FLUSH (NSEC / 10)

static void stream_reset(struct headset *h)
{
	h->stats.stale_frames += in_pipe_cancel(h->data);
	h->release_time = 0;
	h->flush_time = HEADSET_NEVER;
	h->halt_wanted = false;
}

static int stream_start(struct headset *h, uint64_t now)
{
	uint64_t refused = h->stats.refused_requests;
	uint64_t reports = h->stats.marker_reports;
	int r;

	stream_reset(h);
	h->stats = (struct headset_stats){
		.refused_requests = refused,
		.marker_reports = reports,
	};
	h->start_time = now;
	h->ended = false;
	h->looped = false;
	h->gap = 0;
	memset(h->last_scan, 0, sizeof(h->last_scan));
	r = h->player->ops->start(h->player);
	if (r < 0) {
		device_suspend(&h->device);
		return r;
	}

	headset_log_truth(h, 0);
	return 0;
}

static void stream_stop(struct headset *h, uint64_t now)
{
	headset_finish_stream(h, now);
	h->flush_time = now + STOP_FLUSH;
	headset_print_stats(h, "stop");
}

static int answer_setup(struct headset *h, const struct usb_functionfs_event *event)
{
	uint8_t reply[DEVICE_REPLY_MAX] = {0};
	uint64_t now = headset_now();
	struct device_setup setup;
	bool streaming = h->device.streaming;
	int length = -EPIPE;
	int r;

	if (functionfs_parse_setup(event, &setup)) {
		setup.clock = headset_device_clock(h, now);
		if (h->stall_requests[setup.request])
			h->stall_requests[setup.request]--;
		else
			length = device_request(&h->device, &setup, reply);
	}
	if (length < 0)
		h->stats.refused_requests++;
	else if (setup.request == OEH_REQ_START)
		length = stream_start(h, now);
	else if (setup.request == OEH_REQ_STOP && streaming)
		stream_stop(h, now);
	else if (setup.request == OEH_REQ_DESCRIBE && h->lie)
		length = describe_lie_apply(h->lie, reply, length);

	r = functionfs_answer(&h->usb, event, reply, length);
	if (r == -EINTR)
		fprintf(stderr,
			"emg-headset-gadget: the host did not take the answer to request %u\n",
			event->u.setup.bRequest);
	return r;
}

static void bus_enabled(struct headset *h)
{
	h->enabled = true;
	device_connect(&h->device, functionfs_speed(&h->usb));
	printf("ready: udc %s serial %s speed %s\n", usb_gadget_udc(h->gadget),
	       h->device.config.serial, h->device.speed == DEVICE_FULL_SPEED ? "full" : "high");
}

static void stream_abort(struct headset *h, const char *why)
{
	bool streaming = h->device.streaming;

	device_suspend(&h->device);
	stream_reset(h);
	if (streaming)
		headset_print_stats(h, why);
}

void headset_bus_disabled(struct headset *h)
{
	h->enabled = false;
	stream_abort(h, "disconnect");
	if (h->marker)
		in_pipe_cancel(h->marker);
}

int headset_usb_event(struct headset *h)
{
	struct usb_functionfs_event event;
	int r;

	r = functionfs_read_event(&h->usb, &event);
	if (r == -EAGAIN || r == -EINTR || r == -EIDRM)
		return 0;
	if (r < 0)
		return r;

	switch (event.type) {
	case FUNCTIONFS_ENABLE:
		bus_enabled(h);
		break;
	case FUNCTIONFS_DISABLE:
	case FUNCTIONFS_UNBIND:
		headset_bus_disabled(h);
		break;
	case FUNCTIONFS_SUSPEND:
		stream_abort(h, "suspend");
		break;
	case FUNCTIONFS_SETUP:
		/* the host may have given up on it: its next request will tell */
		answer_setup(h, &event);
		break;
	default:
		break;
	}

	return 0;
}
