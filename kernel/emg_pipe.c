// SPDX-License-Identifier: GPL-2.0-only
/*
 * The URBs of an IN endpoint, all in flight while the pipe is started.
 *
 * A completion gives its data away and submits itself again. One that failed
 * stays idle until the recovery, which backs off as long as nothing succeeds:
 * an endpoint that is broken, or a device that is being unplugged, must not keep
 * a processor busy.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "emg_headset.h"

#define EMG_PIPE_HALTED		0	/* bit of flags */
#define EMG_RECOVER_MIN_MS	10
#define EMG_RECOVER_MAX_SHIFT	7	/* 1.3 s */

static void emg_pipe_recover_later(struct emg_pipe *pipe)
{
	unsigned int shift = min_t(unsigned int, READ_ONCE(pipe->failures),
				   EMG_RECOVER_MAX_SHIFT);

	schedule_delayed_work(&pipe->recover,
			      msecs_to_jiffies(EMG_RECOVER_MIN_MS << shift));
}

static void emg_pipe_idle(struct emg_pipe *pipe, struct urb *urb, int error)
{
	unsigned int i;

	atomic_inc(&pipe->errors);
	for (i = 0; i < pipe->count; i++) {
		if (pipe->urb[i] == urb)
			set_bit(i, &pipe->idle);
	}
	if (error == -EPIPE)
		set_bit(EMG_PIPE_HALTED, &pipe->flags);

	dev_dbg(&pipe->hs->intf->dev, "endpoint %#x: %pe\n",
		usb_pipeendpoint(urb->pipe), ERR_PTR(error));
	emg_pipe_recover_later(pipe);
}

static void emg_pipe_complete(struct urb *urb)
{
	struct emg_pipe *pipe = urb->context;
	int ret = urb->status;

	switch (ret) {
	case 0:
		pipe->received(pipe->hs, urb->transfer_buffer, urb->actual_length);
		WRITE_ONCE(pipe->failures, 0);
		break;
	case -ENOENT:
	case -ECONNRESET:
	case -ESHUTDOWN:
		/* stopped, or the device is gone */
		return;
	default:
		emg_pipe_idle(pipe, urb, ret);
		return;
	}

	ret = usb_submit_urb(urb, GFP_ATOMIC);
	/* -EPERM: being stopped; the others: the device is gone or asleep. */
	if (ret && ret != -EPERM && ret != -ENODEV && ret != -EHOSTUNREACH)
		emg_pipe_idle(pipe, urb, ret);
}

static void emg_pipe_recover(struct work_struct *work)
{
	struct emg_pipe *pipe = container_of(to_delayed_work(work), struct emg_pipe, recover);
	unsigned int i;
	int ret = 0;

	WRITE_ONCE(pipe->failures, pipe->failures + 1);

	if (test_and_clear_bit(EMG_PIPE_HALTED, &pipe->flags)) {
		for (i = 0; i < pipe->count; i++) {
			usb_kill_urb(pipe->urb[i]);
			set_bit(i, &pipe->idle);
		}
		ret = usb_clear_halt(pipe->hs->udev, pipe->urb[0]->pipe);
		if (ret)
			set_bit(EMG_PIPE_HALTED, &pipe->flags);
	}

	for (i = 0; !ret && i < pipe->count; i++) {
		if (!test_and_clear_bit(i, &pipe->idle))
			continue;
		ret = usb_submit_urb(pipe->urb[i], GFP_NOIO);
		if (ret)
			set_bit(i, &pipe->idle);
	}

	if (ret && ret != -EPERM && ret != -ENODEV && ret != -EHOSTUNREACH)
		emg_pipe_recover_later(pipe);
}

/* Submit all URBs; hs->lock is held. */
int emg_pipe_start(struct emg_pipe *pipe)
{
	unsigned int i;
	int ret;

	if (pipe->started)
		return 0;

	pipe->started = true;
	pipe->idle = 0;
	pipe->flags = 0;
	pipe->failures = 0;

	for (i = 0; i < pipe->count; i++)
		usb_unpoison_urb(pipe->urb[i]);

	for (i = 0; i < pipe->count; i++) {
		ret = usb_submit_urb(pipe->urb[i], GFP_NOIO);
		if (ret) {
			emg_pipe_stop(pipe);
			return ret;
		}
	}

	return 0;
}

/*
 * hs->lock is held. When this returns, no completion runs and none will until
 * the next start.
 */
void emg_pipe_stop(struct emg_pipe *pipe)
{
	unsigned int i;

	if (!pipe->started)
		return;

	pipe->started = false;
	for (i = 0; i < pipe->count; i++)
		usb_poison_urb(pipe->urb[i]);

	cancel_delayed_work_sync(&pipe->recover);
}

static struct urb *emg_pipe_alloc_urb(struct emg_pipe *pipe,
				      const struct usb_endpoint_descriptor *ep, size_t size)
{
	struct usb_device *udev = pipe->hs->udev;
	struct urb *urb;
	void *buf;

	urb = usb_alloc_urb(0, GFP_KERNEL);
	if (!urb)
		return NULL;

	buf = kmalloc(size, GFP_KERNEL);
	if (!buf) {
		usb_free_urb(urb);
		return NULL;
	}

	if (usb_endpoint_xfer_int(ep))
		usb_fill_int_urb(urb, udev, usb_rcvintpipe(udev, usb_endpoint_num(ep)), buf,
				 size, emg_pipe_complete, pipe, ep->bInterval);
	else
		usb_fill_bulk_urb(urb, udev, usb_rcvbulkpipe(udev, usb_endpoint_num(ep)), buf,
				  size, emg_pipe_complete, pipe);
	urb->transfer_flags |= URB_FREE_BUFFER;
	/* As between a stop and a start: poison is counted. */
	usb_poison_urb(urb);

	return urb;
}

/*
 * Allocate count URBs of at least size bytes. A pipe that failed to be
 * initialised, or never was, can be freed all the same.
 */
int emg_pipe_init(struct emg_pipe *pipe, struct emg_headset *hs,
		  const struct usb_endpoint_descriptor *ep, unsigned int count, size_t size,
		  void (*received)(struct emg_headset *hs, const void *data, size_t len))
{
	pipe->hs = hs;
	pipe->received = received;
	INIT_DELAYED_WORK(&pipe->recover, emg_pipe_recover);

	/* Whole packets, or one that is too long would be cut by the host. */
	size = roundup(size, usb_endpoint_maxp(ep));

	while (pipe->count < count) {
		pipe->urb[pipe->count] = emg_pipe_alloc_urb(pipe, ep, size);
		if (!pipe->urb[pipe->count]) {
			emg_pipe_free(pipe);
			return -ENOMEM;
		}
		pipe->count++;
	}

	return 0;
}

/* The pipe must be stopped. */
void emg_pipe_free(struct emg_pipe *pipe)
{
	while (pipe->count)
		usb_free_urb(pipe->urb[--pipe->count]);
}
