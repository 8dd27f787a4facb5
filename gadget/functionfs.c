// SPDX-License-Identifier: GPL-2.0-or-later
/* The headset's function on FunctionFS. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include "functionfs.h"
#include "util.h"

#define BULK_FULL_SPEED 64
#define BULK_HIGH_SPEED 512

/* The marker is asked for every 4 ms: in frames at full speed, 2^(n-1) microframes at high. */
#define MARKER_INTERVAL_FULL_SPEED 4
#define MARKER_INTERVAL_HIGH_SPEED 6

/*
 * The protocol gives a device 500 ms to answer. On a machine that is so busy that this is too
 * short it is not the host that has given up: it is offered the answer again, until even Linux,
 * which waits for 5 s, has.
 */
#define ANSWER_USEC  500000
#define ANSWER_TRIES 11

struct interface_descriptors {
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor_no_audio data;
	struct usb_endpoint_descriptor_no_audio marker;
} __attribute__((packed));

struct all_descriptors {
	struct usb_functionfs_descs_head_v2 head;
	__le32 full_speed_count;
	__le32 high_speed_count;
	uint8_t descriptors[2 * sizeof(struct interface_descriptors)];
} __attribute__((packed));

struct all_strings {
	struct usb_functionfs_strings_head head;
	__le16 language;
	char interface[sizeof("EMG headset")];
} __attribute__((packed));

static size_t put_descriptors(uint8_t *p, bool marker, uint16_t bulk_size, uint8_t interval)
{
	struct interface_descriptors d = {
		.interface =
			{
				.bLength = sizeof(d.interface),
				.bDescriptorType = USB_DT_INTERFACE,
				.bNumEndpoints = marker ? 2 : 1,
				.bInterfaceClass = OEH_USB_CLASS,
				.bInterfaceSubClass = OEH_USB_SUBCLASS,
				.bInterfaceProtocol = OEH_USB_PROTOCOL,
				.iInterface = 1,
			},
		.data =
			{
				.bLength = sizeof(d.data),
				.bDescriptorType = USB_DT_ENDPOINT,
				.bEndpointAddress = 1 | USB_DIR_IN,
				.bmAttributes = USB_ENDPOINT_XFER_BULK,
				.wMaxPacketSize = htole16(bulk_size),
			},
		.marker =
			{
				.bLength = sizeof(d.marker),
				.bDescriptorType = USB_DT_ENDPOINT,
				.bEndpointAddress = 2 | USB_DIR_IN,
				.bmAttributes = USB_ENDPOINT_XFER_INT,
				.wMaxPacketSize = htole16(sizeof(struct oeh_marker)),
				.bInterval = interval,
			},
	};
	size_t length = marker ? sizeof(d) : offsetof(struct interface_descriptors, marker);

	memcpy(p, &d, length);
	return length;
}

static int write_descriptors(int ep0, bool marker)
{
	struct all_descriptors all = {
		.head =
			{
				.magic = htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2),
				.flags = htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC),
			},
		.full_speed_count = htole32(marker ? 3 : 2),
		.high_speed_count = htole32(marker ? 3 : 2),
	};
	uint8_t *p = all.descriptors;
	size_t length;

	p += put_descriptors(p, marker, BULK_FULL_SPEED, MARKER_INTERVAL_FULL_SPEED);
	p += put_descriptors(p, marker, BULK_HIGH_SPEED, MARKER_INTERVAL_HIGH_SPEED);
	length = p - (uint8_t *)&all;
	all.head.length = htole32(length);

	return write(ep0, &all, length) < 0 ? -errno : 0;
}

static int write_strings(int ep0)
{
	struct all_strings all = {
		.head =
			{
				.magic = htole32(FUNCTIONFS_STRINGS_MAGIC),
				.length = htole32(sizeof(all)),
				.str_count = htole32(1),
				.lang_count = htole32(1),
			},
		.language = htole16(0x0409), /* English (United States) */
		.interface = "EMG headset",
	};

	return write(ep0, &all, sizeof(all)) < 0 ? -errno : 0;
}

static int open_endpoint(const char *folder, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int functionfs_open(struct functionfs *f, const char *folder, bool marker)
{
	int r;

	*f = FUNCTIONFS_CLOSED;
	r = f->ep0 = open_endpoint(folder, "ep0");
	if (r < 0)
		goto fail;
	r = write_descriptors(f->ep0, marker);
	if (r < 0)
		goto fail;
	r = write_strings(f->ep0);
	if (r < 0)
		goto fail;
	r = f->data = open_endpoint(folder, "ep1");
	if (r < 0)
		goto fail;
	if (marker) {
		r = f->marker = open_endpoint(folder, "ep2");
		if (r < 0)
			goto fail;
	}

	return 0;

fail:
	functionfs_close(f);
	return r;
}

void functionfs_close(struct functionfs *f)
{
	closep(&f->marker);
	closep(&f->data);
	closep(&f->ep0);
	*f = FUNCTIONFS_CLOSED;
}

int functionfs_read_event(struct functionfs *f, struct usb_functionfs_event *event)
{
	ssize_t n = read(f->ep0, event, sizeof(*event));

	if (n < 0)
		return -errno;

	return n == sizeof(*event) ? 0 : -EIO;
}

bool functionfs_parse_setup(const struct usb_functionfs_event *event, struct device_setup *ret)
{
	const struct usb_ctrlrequest *setup = &event->u.setup;

	if ((setup->bRequestType & ~USB_DIR_IN) != (USB_TYPE_VENDOR | USB_RECIP_INTERFACE))
		return false;

	*ret = (struct device_setup){
		.in = setup->bRequestType & USB_DIR_IN,
		.request = setup->bRequest,
		.value = le16toh(setup->wValue),
		.length = le16toh(setup->wLength),
	};
	return true;
}

static void alarm_rang(_unused_ int signal)
{
}

/*
 * FunctionFS waits until the host has gone through the status stage. A host
 * that has given up never does, and FunctionFS would wait for its next request.
 * The signal ends that; it comes again in case it was too early.
 */
static void alarm_set(bool on)
{
	const struct itimerval when = {
		.it_value.tv_usec = on ? ANSWER_USEC : 0,
		.it_interval.tv_usec = on ? ANSWER_USEC / 10 : 0,
	};

	/* without SA_RESTART: it shall interrupt */
	if (on)
		sigaction(SIGALRM, &(struct sigaction){.sa_handler = alarm_rang}, NULL);
	setitimer(ITIMER_REAL, &when, NULL);
}

static ssize_t answer(int ep0, bool in, const uint8_t *reply, int length, size_t asked)
{
	/* going on in the wrong direction is how FunctionFS is told to stall */
	if (length < 0)
		return in ? read(ep0, NULL, 0) : write(ep0, NULL, 0);

	if (!in)
		return read(ep0, NULL, 0);

	return write(ep0, reply, (size_t)length < asked ? (size_t)length : asked);
}

int functionfs_answer(struct functionfs *f, const struct usb_functionfs_event *event,
		      const uint8_t *reply, int length)
{
	const struct usb_ctrlrequest *setup = &event->u.setup;
	bool in = setup->bRequestType & USB_DIR_IN;
	unsigned int tries = ANSWER_TRIES;
	int r;

	do {
		alarm_set(true);
		r = answer(f->ep0, in, reply, length, le16toh(setup->wLength)) < 0 ? -errno : 0;
		alarm_set(false);
	} while (r == -EINTR && --tries);
	/* FunctionFS still holds the request then: a stall that nobody sees lets it go */
	if (r == -EINTR || r == -ESHUTDOWN)
		answer(f->ep0, in, NULL, -EPIPE, 0);

	return length < 0 && r == -EL2HLT ? 0 : r;
}

enum device_speed functionfs_speed(struct functionfs *f)
{
	struct usb_endpoint_descriptor descriptor;

	if (ioctl(f->data, FUNCTIONFS_ENDPOINT_DESC, &descriptor) == 0 &&
	    le16toh(descriptor.wMaxPacketSize) <= BULK_FULL_SPEED)
		return DEVICE_FULL_SPEED;

	return DEVICE_HIGH_SPEED;
}
