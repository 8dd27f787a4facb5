// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <errno.h>
#include <linux/usb/ch9.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "headset.h"
#include "mutate.h"
#include "pattern.h"
#include "profile.h"
#include "raw.h"
#include "util.h"

#define CHANNELS    8
#define ERROR_EVERY 20 /* frames */

const char *const transfer_error_names[ERROR_COUNT] = {
	[ERROR_NONE] = "none", [ERROR_HALT] = "halt",	[ERROR_BABBLE] = "babble",
	[ERROR_LONG] = "long", [ERROR_SHORT] = "short", [ERROR_EMPTY] = "empty",
};

struct configuration {
	struct usb_config_descriptor config;
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor data, marker;
} __attribute__((packed));

/* usb_endpoint_descriptor has two bytes for audio that are not sent. */
#define ENDPOINT_LENGTH USB_DT_ENDPOINT_SIZE

static const struct usb_device_descriptor device_descriptor = {
	.bLength = USB_DT_DEVICE_SIZE,
	.bDescriptorType = USB_DT_DEVICE,
	.bcdUSB = 0x0200,
	.bMaxPacketSize0 = 64,
	.idVendor = OEH_USB_VENDOR,
	.idProduct = OEH_USB_TEST_PRODUCT,
	.iSerialNumber = 1,
	.bNumConfigurations = 1,
};

static const struct usb_endpoint_descriptor data_endpoint = {
	.bLength = ENDPOINT_LENGTH,
	.bDescriptorType = USB_DT_ENDPOINT,
	.bEndpointAddress = USB_DIR_IN | 1,
	.bmAttributes = USB_ENDPOINT_XFER_BULK,
	.wMaxPacketSize = 512,
};

static const struct usb_endpoint_descriptor marker_endpoint = {
	.bLength = ENDPOINT_LENGTH,
	.bDescriptorType = USB_DT_ENDPOINT,
	.bEndpointAddress = USB_DIR_IN | 5,
	.bmAttributes = USB_ENDPOINT_XFER_INT,
	.wMaxPacketSize = sizeof(struct oeh_marker),
	.bInterval = 4,
};

/* ---- descriptors ---------------------------------------------------------------------------- */

static size_t put_configuration(uint8_t *p)
{
	struct usb_config_descriptor config = {
		.bLength = USB_DT_CONFIG_SIZE,
		.bDescriptorType = USB_DT_CONFIG,
		.bNumInterfaces = 1,
		.bConfigurationValue = 1,
		.bmAttributes = USB_CONFIG_ATT_ONE,
		.bMaxPower = 50,
	};
	struct usb_interface_descriptor interface = {
		.bLength = USB_DT_INTERFACE_SIZE,
		.bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = 2,
		.bInterfaceClass = OEH_USB_CLASS,
		.bInterfaceSubClass = OEH_USB_SUBCLASS,
		.bInterfaceProtocol = OEH_USB_PROTOCOL,
	};
	size_t length = USB_DT_CONFIG_SIZE + USB_DT_INTERFACE_SIZE + 2 * ENDPOINT_LENGTH;

	config.wTotalLength = htole16(length);
	memcpy(p, &config, USB_DT_CONFIG_SIZE);
	p += USB_DT_CONFIG_SIZE;
	memcpy(p, &interface, USB_DT_INTERFACE_SIZE);
	p += USB_DT_INTERFACE_SIZE;
	memcpy(p, &data_endpoint, ENDPOINT_LENGTH);
	memcpy(p + ENDPOINT_LENGTH, &marker_endpoint, ENDPOINT_LENGTH);
	return length;
}

static size_t put_string(uint8_t *p, unsigned int index, unsigned int udc)
{
	p[1] = USB_DT_STRING;
	if (!index) {
		p[0] = 4;
		p[2] = 0x09;
		p[3] = 0x04;
	} else {
		p[0] = 8;
		memcpy(p + 2, (char[]){'H', 0, '-', 0, '0' + udc, 0}, 6);
	}

	return p[0];
}

/* Returns the length of @reply, or -EPIPE. */
static int answer_descriptor(struct headset *h, unsigned int value, uint8_t *reply)
{
	size_t length;

	switch (value >> 8) {
	case USB_DT_DEVICE:
		memcpy(reply, &device_descriptor, sizeof(device_descriptor));
		return sizeof(device_descriptor);
	case USB_DT_CONFIG:
		length = put_configuration(reply);
		/* The same each time that it is asked for. */
		if (h->wrong_descriptors) {
			struct rng same = h->rng;

			length = mutate_configuration(&same, reply, length, RAW_DATA_MAX);
		}
		return length;
	case USB_DT_STRING:
		return put_string(reply, value & 0xff, h->udc);
	default:
		return -EPIPE;
	}
}

static int configure(struct headset *h)
{
	if (h->data < 0)
		h->data = raw_enable(h->fd, &data_endpoint);
	if (h->marker < 0)
		h->marker = raw_enable(h->fd, &marker_endpoint);
	if (h->data < 0 || h->marker < 0)
		return -EIO;

	device_connect(&h->device, DEVICE_HIGH_SPEED);
	raw_configure(h->fd);
	h->configured = true;
	return 0;
}

static int answer_standard(struct headset *h, const struct usb_ctrlrequest *request, uint8_t *reply)
{
	switch (request->bRequest) {
	case USB_REQ_GET_DESCRIPTOR:
		return answer_descriptor(h, le16toh(request->wValue), reply);
	case USB_REQ_SET_CONFIGURATION:
		return le16toh(request->wValue) ? configure(h) : 0;
	case USB_REQ_SET_INTERFACE:
		return 0;
	case USB_REQ_GET_INTERFACE:
		reply[0] = 0;
		return 1;
	default:
		return -EPIPE;
	}
}

/* ---- the protocol --------------------------------------------------------------------------- */

static uint64_t clock_now(const struct headset *h)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)((ts.tv_sec + ts.tv_nsec * 1e-9) * h->device.config.clock_hz);
}

static int answer_wrong(struct headset *h, unsigned int request, uint8_t *reply, int length)
{
	if (chance(&h->rng, 0.2))
		return -EPIPE;
	if (length > 0)
		return mutate_status(&h->rng, reply, length, RAW_DATA_MAX);
	/* Not what it was told, and a yes. */
	if (request == OEH_REQ_START || request == OEH_REQ_STOP)
		h->device.streaming = !h->device.streaming;
	return length;
}

static int answer_vendor(struct headset *h, const struct usb_ctrlrequest *request, uint8_t *reply)
{
	struct device_setup setup = {
		.in = request->bRequestType & USB_DIR_IN,
		.request = request->bRequest,
		.value = le16toh(request->wValue),
		.length = le16toh(request->wLength),
		.clock = clock_now(h),
	};
	int length = device_request(&h->device, &setup, reply);

	if (request->bRequest == OEH_REQ_DESCRIBE) {
		h->described++;
		if (h->wrong_describe && length > 0)
			length = mutate_describe(&h->rng, reply, length, RAW_DATA_MAX);
	} else if (chance(&h->rng, h->wrong_answers)) {
		length = answer_wrong(h, request->bRequest, reply, length);
	}

	return length;
}

static void answer(struct headset *h, const struct usb_ctrlrequest *request)
{
	bool vendor = (request->bRequestType & USB_TYPE_MASK) == USB_TYPE_VENDOR;
	unsigned int asked = le16toh(request->wLength);
	uint8_t reply[RAW_DATA_MAX] = {0};
	bool longer;
	int length;

	pthread_mutex_lock(&h->lock);
	length = vendor ? answer_vendor(h, request, reply) : answer_standard(h, request, reply);
	/* More than was asked for: of a protocol's answer only, usbcore has its own tests. */
	longer = vendor && !h->honest && chance(&h->rng, 0.5);
	pthread_mutex_unlock(&h->lock);

	if (length > (int)asked && !longer)
		length = asked;
	if (length < 0)
		raw_stall(h->fd);
	else if (request->bRequestType & USB_DIR_IN && asked)
		raw_reply(h->fd, reply, length);
	else
		raw_acknowledge(h->fd);
}

static void *control_run(void *data)
{
	struct headset *h = data;
	struct usb_ctrlrequest request;

	while (!h->stop)
		if (raw_wait(h->fd, &request) == 0)
			answer(h, &request);

	return NULL;
}

/* ---- frames --------------------------------------------------------------------------------- */

static size_t next_frame(struct headset *h, uint8_t *frame)
{
	int32_t scans[OEH_MAX_FRAME_SAMPLES * OEH_MAX_CHANNELS] = {0};
	struct device *d = &h->device;
	unsigned int n = device_frame_samples(d);
	unsigned int i, c;
	size_t length;

	for (i = 0; i < n; i++)
		for (c = 0; c < d->config.n_channels; c++)
			scans[i * d->config.n_channels + c] =
				pattern_count(d->acquired + i, c, d->config.bits);
	length = device_frame(d, scans, n, 0, frame);
	if (!h->honest && chance(&h->rng, 0.7))
		length = mutate_frame(&h->rng, frame, length, RAW_DATA_MAX);

	return length < RAW_DATA_MAX ? length : RAW_DATA_MAX;
}

static void commit_error(struct headset *h, enum transfer_error error)
{
	static const size_t lengths[ERROR_COUNT] = {
		[ERROR_BABBLE] = RAW_DATA_MAX,
		[ERROR_LONG] = 500,
		[ERROR_SHORT] = sizeof(struct oeh_frame) - 1,
	};
	uint8_t rubbish[RAW_DATA_MAX];

	memset(rubbish, OEH_FRAME_DATA, sizeof(rubbish));
	if (error == ERROR_HALT)
		raw_halt(h->fd, h->data);
	else
		raw_write(h->fd, h->data, rubbish, lengths[error]);
}

/* A frame of more than raw-gadget takes is cut; mutate_frame() has room for the longest. */
static void *data_run(void *data)
{
	struct headset *h = data;
	uint8_t frame[OEH_MAX_FRAME_LEN + RAW_DATA_MAX];
	enum transfer_error error;
	size_t length;

	while (!h->stop) {
		pthread_mutex_lock(&h->lock);
		length = 0;
		error = ERROR_NONE;
		if (h->configured && h->device.streaming) {
			length = next_frame(h, frame);
			if (h->honest ? h->device.sequence % ERROR_EVERY == 0
				      : chance(&h->rng, 0.0005))
				error = h->honest ? h->error : ERROR_HALT;
		}
		pthread_mutex_unlock(&h->lock);

		if (error != ERROR_NONE)
			commit_error(h, error);
		if (length && raw_write(h->fd, h->data, frame, length) >= 0)
			h->frames++;
		else
			usleep(1000);
	}

	return NULL;
}

static void *marker_run(void *data)
{
	struct headset *h = data;
	uint8_t report[RAW_DATA_MAX];
	size_t length;

	while (!h->stop) {
		pthread_mutex_lock(&h->lock);
		length = h->configured ? device_marker(&h->device, true, clock_now(h), report) : 0;
		if (length && !h->honest)
			length = mutate_marker(&h->rng, report, length, 64);
		pthread_mutex_unlock(&h->lock);

		if (!length || raw_write(h->fd, h->marker, report, length) < 0)
			usleep(10000);
	}

	return NULL;
}

/* ---- life ----------------------------------------------------------------------------------- */

int headset_plug(struct headset *h)
{
	h->stop = false;
	h->configured = false;
	h->data = h->marker = -1;
	h->fd = raw_open(h->udc);
	if (h->fd < 0)
		return h->fd;

	if (pthread_create(&h->control_thread, NULL, control_run, h) != 0 ||
	    pthread_create(&h->data_thread, NULL, data_run, h) != 0 ||
	    pthread_create(&h->marker_thread, NULL, marker_run, h) != 0)
		abort();

	return 0;
}

/* A thread may be about to wait in the kernel when the signal comes: once more, then. */
static void thread_end(pthread_t thread)
{
	while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
		pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
}

void headset_unplug(struct headset *h)
{
	h->stop = true;
	thread_end(h->control_thread);
	thread_end(h->data_thread);
	thread_end(h->marker_thread);
	close(h->fd);
	h->fd = -1;
}

static void config_build(struct headset *h, struct device_config *c)
{
	_cleanup_free_ char *error = NULL;
	char serial[16];
	struct profile profile = {.serial = serial, .bits = 24, .rate = 1000, .marker = true};

	snprintf(serial, sizeof(serial), "HOSTILE-%u", h->udc);
	profile_default_sites(&profile.montage, CHANNELS);
	if (profile_build(&profile, c, &error) < 0)
		abort();
}

void headset_become(struct headset *h, uint64_t n, bool honest)
{
	struct device_config config;

	config_build(h, &config);
	pthread_mutex_lock(&h->lock);
	rng_init(&h->rng, h->seed, n);
	h->honest = honest;
	if (!honest && chance(&h->rng, 0.5))
		mutate_config(&h->rng, &config);
	if (device_init(&h->device, &config) < 0)
		abort();
	h->wrong_describe = !honest && chance(&h->rng, 0.6);
	h->wrong_answers = honest || chance(&h->rng, 0.5) ? 0 : 0.1;
	pthread_mutex_unlock(&h->lock);
}
