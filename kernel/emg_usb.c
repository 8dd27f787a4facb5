// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver for headsets that measure the electrical activity of facial muscles
 * and speak the Open EMG Headset protocol (OEH), see PROTOCOL.md.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "emg_headset.h"

/* A headset that does not answer right after sleep is asked again. */
#define EMG_RESUME_TRIES	5
#define EMG_RESUME_RETRY_MS	500

#define EMG_REQUEST_OUT		(USB_DIR_OUT | USB_TYPE_VENDOR | USB_RECIP_INTERFACE)
#define EMG_REQUEST_IN		(USB_DIR_IN | USB_TYPE_VENDOR | USB_RECIP_INTERFACE)

static u16 emg_interface_number(const struct emg_headset *hs)
{
	return hs->intf->cur_altsetting->desc.bInterfaceNumber;
}

/* A request without data; hs->lock is held or nobody else knows hs yet. */
int emg_request(struct emg_headset *hs, enum oeh_request request, u16 value)
{
	return usb_control_msg_send(hs->udev, 0, request, EMG_REQUEST_OUT, value,
				    emg_interface_number(hs), NULL, 0, USB_CTRL_SET_TIMEOUT,
				    GFP_NOIO);
}

int emg_get_status(struct emg_headset *hs, struct oeh_state *state)
{
	struct oeh_status reply;
	enum oeh_error error;
	int ret;

	ret = usb_control_msg_recv(hs->udev, 0, OEH_REQ_STATUS, EMG_REQUEST_IN, 0,
				   emg_interface_number(hs), &reply, sizeof(reply),
				   USB_CTRL_GET_TIMEOUT, GFP_NOIO);
	if (ret)
		return ret;

	error = oeh_status_parse(&hs->info, &reply, sizeof(reply), state);
	if (error) {
		dev_err(&hs->intf->dev, "%s\n", oeh_error_text(error));
		return -EPROTO;
	}

	return 0;
}

int emg_get_impedance(struct emg_headset *hs, unsigned int channel, u32 *positive,
		      u32 *negative)
{
	struct oeh_impedance reply;
	int ret;

	ret = usb_control_msg_recv(hs->udev, 0, OEH_REQ_GET_IMPEDANCE, EMG_REQUEST_IN,
				   channel, emg_interface_number(hs), &reply, sizeof(reply),
				   USB_CTRL_GET_TIMEOUT, GFP_NOIO);
	if (ret)
		return ret;

	*positive = le32_to_cpu(reply.positive);
	*negative = le32_to_cpu(reply.negative);

	return 0;
}

/* -ENODEV, with nothing said, if this is no headset of this protocol at all. */
static int emg_describe(struct emg_headset *hs)
{
	struct device *dev = &hs->intf->dev;
	enum oeh_error error;
	u8 *reply;
	int ret;

	reply = kmalloc(OEH_MAX_DESCRIBE_LEN, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;

	ret = usb_control_msg(hs->udev, usb_rcvctrlpipe(hs->udev, 0), OEH_REQ_DESCRIBE,
			      EMG_REQUEST_IN, 0, emg_interface_number(hs), reply,
			      OEH_MAX_DESCRIBE_LEN, USB_CTRL_GET_TIMEOUT);
	if (ret < 0) {
		kfree(reply);
		/* A stall: it does not know the request. */
		if (ret == -EPIPE)
			return -ENODEV;
		return dev_err_probe(dev, ret, "no description\n");
	}

	error = oeh_describe_parse(reply, ret, &hs->info);
	if (error == OEH_BAD_VERSION)
		dev_err_probe(dev, -EPROTO,
			      "protocol version %u.%u is unknown, this driver speaks %u: update it\n",
			      reply[offsetof(struct oeh_describe, version_major)],
			      reply[offsetof(struct oeh_describe, version_minor)],
			      OEH_VERSION_MAJOR);
	else if (error && error != OEH_BAD_MAGIC)
		dev_err_probe(dev, -EPROTO, "invalid description: %s\n", oeh_error_text(error));
	kfree(reply);

	if (error)
		return error == OEH_BAD_MAGIC ? -ENODEV : -EPROTO;

	hs->format.channels = hs->info.channel_count;
	hs->format.bits = hs->info.bits;

	return 0;
}

/* Bring the headset to rest and learn how it is set. */
static int emg_settle(struct emg_headset *hs)
{
	struct oeh_state state;
	int ret;

	ret = emg_request(hs, OEH_REQ_STOP, 0);
	if (!ret)
		ret = emg_get_status(hs, &state);
	/* Of whoever had it before, through usbfs perhaps: nothing starts while it is on. */
	if (!ret && state.flags & OEH_STATUS_IMPEDANCE)
		ret = emg_request(hs, OEH_REQ_IMPEDANCE, 0);
	if (!ret && hs->info.caps & OEH_CAP_LEAD_OFF)
		ret = emg_request(hs, OEH_REQ_LEAD_OFF, 1);
	if (ret)
		return dev_err_probe(&hs->intf->dev, ret, "headset does not follow\n");

	hs->format.rate = state.rate;
	memcpy(hs->gain, state.gain, sizeof(hs->gain));
	hs->test_signal = state.flags & OEH_STATUS_TEST_SIGNAL;

	return 0;
}

/*
 * Set the headset as it was before a reset, if there was one. Its clock may have
 * started anew. hs->lock is held.
 */
int emg_restore(struct emg_headset *hs)
{
	struct oeh_state state;
	unsigned int i;
	int ret;

	if (!hs->was_reset)
		return 0;

	ret = emg_request(hs, OEH_REQ_STOP, 0);
	if (!ret)
		ret = emg_request(hs, OEH_REQ_SET_RATE, hs->format.rate);
	for (i = 0; !ret && i < hs->info.channel_count; i++)
		ret = emg_request(hs, OEH_REQ_SET_GAIN, i << 8 | hs->gain[i]);
	if (!ret && hs->info.caps & OEH_CAP_LEAD_OFF)
		ret = emg_request(hs, OEH_REQ_LEAD_OFF, 1);
	if (!ret && hs->info.caps & OEH_CAP_TEST_SIGNAL)
		ret = emg_request(hs, OEH_REQ_TEST_SIGNAL, hs->test_signal);
	if (!ret && hs->info.caps & OEH_CAP_IDENTIFY)
		ret = emg_request(hs, OEH_REQ_IDENTIFY, hs->identify);
	if (!ret)
		ret = emg_get_status(hs, &state);
	if (ret)
		return ret;

	hs->marker_since = state.clock;
	hs->was_reset = false;

	return 0;
}

/* Take the headset, awake and set as it should be, for requests; undone by emg_end(). */
int emg_begin(struct emg_headset *hs)
{
	int ret;

	ret = usb_autopm_get_interface(hs->intf);
	if (ret)
		return ret;

	mutex_lock(&hs->lock);
	ret = emg_restore(hs);
	if (ret)
		emg_end(hs);

	return ret;
}

void emg_end(struct emg_headset *hs)
{
	mutex_unlock(&hs->lock);
	usb_autopm_put_interface(hs->intf);
}

static void emg_quiesce(struct emg_headset *hs)
{
	emg_capture_stop(hs);
	emg_pipe_stop(&hs->marker);
}

static int emg_continue(struct emg_headset *hs)
{
	int ret;

	ret = emg_restore(hs);
	if (!ret && hs->marker_opened)
		ret = emg_pipe_start(&hs->marker);
	if (!ret && hs->capturing && !hs->running)
		ret = emg_capture_start(hs);

	return ret;
}

static void emg_resume_work(struct work_struct *work)
{
	struct emg_headset *hs = container_of(to_delayed_work(work), struct emg_headset,
					      resume_work);
	int ret;

	mutex_lock(&hs->lock);
	ret = emg_continue(hs);
	mutex_unlock(&hs->lock);

	if (!ret || ret == -ENODEV)
		return;

	if (--hs->resume_tries)
		queue_delayed_work(system_freezable_wq, &hs->resume_work,
				   msecs_to_jiffies(EMG_RESUME_RETRY_MS));
	else
		dev_err(&hs->intf->dev, "headset does not continue: %pe\n", ERR_PTR(ret));
}

/* A capture ends with the bus asleep, and goes on with a count from 0. */
static int emg_suspend(struct usb_interface *intf, pm_message_t message)
{
	struct emg_headset *hs = usb_get_intfdata(intf);

	cancel_delayed_work_sync(&hs->resume_work);

	mutex_lock(&hs->lock);
	emg_quiesce(hs);
	mutex_unlock(&hs->lock);

	return 0;
}

/* A headset may need time after sleep, and the system should not wait for it. */
static int emg_resume(struct usb_interface *intf)
{
	struct emg_headset *hs = usb_get_intfdata(intf);

	hs->resume_tries = EMG_RESUME_TRIES;
	queue_delayed_work(system_freezable_wq, &hs->resume_work, 0);

	return 0;
}

static int emg_reset_resume(struct usb_interface *intf)
{
	struct emg_headset *hs = usb_get_intfdata(intf);

	mutex_lock(&hs->lock);
	hs->was_reset = true;
	mutex_unlock(&hs->lock);

	return emg_resume(intf);
}

/* Nothing is asked of the headset between these two. */
static int emg_pre_reset(struct usb_interface *intf)
{
	struct emg_headset *hs = usb_get_intfdata(intf);

	cancel_delayed_work_sync(&hs->resume_work);

	mutex_lock(&hs->lock);
	emg_quiesce(hs);

	return 0;
}

static int emg_post_reset(struct usb_interface *intf)
{
	struct emg_headset *hs = usb_get_intfdata(intf);
	int ret;

	hs->was_reset = true;
	ret = emg_continue(hs);
	mutex_unlock(&hs->lock);

	/* Anything but 0 has the interface bound anew. */
	return ret;
}

static int emg_init_pipes(struct emg_headset *hs)
{
	struct usb_host_interface *alt = hs->intf->cur_altsetting;
	struct usb_endpoint_descriptor *bulk, *interrupt;
	struct oeh_format format = hs->format;
	struct device *dev = &hs->intf->dev;
	int ret;

	ret = usb_find_bulk_in_endpoint(alt, &bulk);
	if (ret)
		return dev_err_probe(dev, -EPROTO, "no bulk IN endpoint for the samples\n");
	/* Or a frame could end with a full packet, and nothing would say so. */
	if (!usb_endpoint_maxp(bulk) || usb_endpoint_maxp(bulk) % OEH_PACKET)
		return dev_err_probe(dev, -EPROTO,
				     "bulk packets of %d bytes, not a multiple of %d\n",
				     usb_endpoint_maxp(bulk), OEH_PACKET);

	format.rate = hs->info.rates[hs->info.rate_count - 1];
	ret = emg_pipe_init(&hs->data, hs, bulk, EMG_MAX_URBS, oeh_frame_max(&format),
			    emg_capture_received);
	if (ret || !(hs->info.caps & OEH_CAP_MARKER))
		return ret;

	ret = usb_find_int_in_endpoint(alt, &interrupt);
	if (ret || usb_endpoint_maxp(interrupt) < sizeof(struct oeh_marker)) {
		ret = dev_err_probe(dev, -EPROTO,
				    "no interrupt IN endpoint for the marker button\n");
	} else {
		ret = emg_pipe_init(&hs->marker, hs, interrupt, 1, sizeof(struct oeh_marker),
				    emg_marker_received);
	}
	if (ret)
		emg_pipe_free(&hs->data);

	return ret;
}

static void emg_free_pipes(struct emg_headset *hs)
{
	emg_pipe_free(&hs->marker);
	emg_pipe_free(&hs->data);
}

static int emg_register(struct emg_headset *hs)
{
	int ret;

	ret = emg_marker_register(hs);
	if (ret)
		return ret;

	ret = emg_led_register(hs);
	if (ret)
		goto err_marker;

	ret = iio_device_register(hs->indio_dev);
	if (ret)
		goto err_led;

	emg_debugfs_register(hs);

	return 0;

err_led:
	emg_led_unregister(hs);
err_marker:
	emg_marker_unregister(hs);

	return ret;
}

static int emg_probe(struct usb_interface *intf, const struct usb_device_id *id)
{
	struct iio_dev *indio_dev;
	struct emg_headset *hs;
	int ret;

	indio_dev = devm_iio_device_alloc(&intf->dev, sizeof(*hs));
	if (!indio_dev)
		return -ENOMEM;

	hs = iio_priv(indio_dev);
	hs->indio_dev = indio_dev;
	hs->intf = intf;
	hs->udev = interface_to_usbdev(intf);
	mutex_init(&hs->lock);
	spin_lock_init(&hs->stream_lock);
	init_completion(&hs->event);
	INIT_DELAYED_WORK(&hs->resume_work, emg_resume_work);
	usb_set_intfdata(intf, hs);

	ret = emg_describe(hs);
	if (ret)
		return ret;

	ret = emg_settle(hs);
	if (ret)
		return ret;

	ret = emg_iio_init(hs);
	if (ret)
		return ret;

	ret = emg_init_pipes(hs);
	if (ret)
		return ret;

	ret = emg_register(hs);
	if (ret)
		emg_free_pipes(hs);

	return ret;
}

/*
 * All that can still call us is unregistered here, by hand and with no lock
 * held, before I/O becomes forbidden. What is left to devres, memory and the
 * buffer, may outlive us in the hands of a reader.
 */
static void emg_disconnect(struct usb_interface *intf)
{
	struct emg_headset *hs = usb_get_intfdata(intf);

	emg_debugfs_unregister(hs);
	iio_device_unregister(hs->indio_dev);
	emg_led_unregister(hs);
	emg_marker_unregister(hs);
	/* Until here a request could wake the headset up, which queues it. */
	cancel_delayed_work_sync(&hs->resume_work);
	emg_free_pipes(hs);
}

/*
 * The vendor ID is that of pid.codes, open to makers of open hardware. Others
 * who speak the protocol under an ID of their own are added here.
 */
static const struct usb_device_id emg_id_table[] = {
	{ USB_VENDOR_AND_INTERFACE_INFO(OEH_USB_VENDOR, OEH_USB_CLASS, OEH_USB_SUBCLASS,
					OEH_USB_PROTOCOL) },
	{ }
};
MODULE_DEVICE_TABLE(usb, emg_id_table);

static struct usb_driver emg_driver = {
	.name			= EMG_NAME,
	.probe			= emg_probe,
	.disconnect		= emg_disconnect,
	.suspend		= emg_suspend,
	.resume			= emg_resume,
	.reset_resume		= emg_reset_resume,
	.pre_reset		= emg_pre_reset,
	.post_reset		= emg_post_reset,
	.id_table		= emg_id_table,
	.supports_autosuspend	= 1,
	/* STOP is sent, and what follows it read, when the driver is unbound. */
	.soft_unbind		= 1,
};
module_usb_driver(emg_driver);

MODULE_AUTHOR("The spasmd developers");
MODULE_DESCRIPTION("Open EMG Headset driver");
MODULE_LICENSE("GPL");
