// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/raw_gadget.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "raw.h"
#include "util.h"

static int raw_ioctl(int fd, unsigned long request, unsigned long argument)
{
	int r = ioctl(fd, request, argument);

	return r < 0 ? -errno : r;
}

int raw_open(unsigned int number)
{
	_cleanup_close_ int fd = open("/dev/raw-gadget", O_RDWR | O_CLOEXEC);
	struct usb_raw_init init = {.driver_name = "dummy_udc", .speed = USB_SPEED_HIGH};
	int r;

	if (fd < 0)
		return -errno;

	snprintf((char *)init.device_name, sizeof(init.device_name), "dummy_udc.%u", number);
	r = raw_ioctl(fd, USB_RAW_IOCTL_INIT, (unsigned long)&init);
	if (r >= 0)
		r = raw_ioctl(fd, USB_RAW_IOCTL_RUN, 0);

	return r < 0 ? r : TAKE_FD(fd);
}

int raw_wait(int fd, struct usb_ctrlrequest *ret)
{
	alignas(struct usb_raw_event) uint8_t buffer[sizeof(struct usb_raw_event) + sizeof(*ret)];
	struct usb_raw_event *event = (struct usb_raw_event *)buffer;
	int r;

	*event = (struct usb_raw_event){.length = sizeof(*ret)};
	r = raw_ioctl(fd, USB_RAW_IOCTL_EVENT_FETCH, (unsigned long)event);
	if (r < 0)
		return r;
	if (event->type != USB_RAW_EVENT_CONTROL)
		return -EAGAIN;

	memcpy(ret, event->data, sizeof(*ret));
	return 0;
}

static int raw_transfer(int fd, unsigned long request, int endpoint, const void *data, size_t size)
{
	alignas(struct usb_raw_ep_io) uint8_t buffer[sizeof(struct usb_raw_ep_io) + RAW_DATA_MAX];
	struct usb_raw_ep_io *io = (struct usb_raw_ep_io *)buffer;

	if (size > RAW_DATA_MAX)
		return -EMSGSIZE;

	*io = (struct usb_raw_ep_io){.ep = endpoint, .length = size};
	if (size)
		memcpy(io->data, data, size);

	return raw_ioctl(fd, request, (unsigned long)io);
}

int raw_reply(int fd, const void *data, size_t size)
{
	return raw_transfer(fd, USB_RAW_IOCTL_EP0_WRITE, 0, data, size);
}

int raw_acknowledge(int fd)
{
	return raw_transfer(fd, USB_RAW_IOCTL_EP0_READ, 0, NULL, 0);
}

int raw_stall(int fd)
{
	return raw_ioctl(fd, USB_RAW_IOCTL_EP0_STALL, 0);
}

int raw_enable(int fd, const struct usb_endpoint_descriptor *endpoint)
{
	return raw_ioctl(fd, USB_RAW_IOCTL_EP_ENABLE, (unsigned long)endpoint);
}

int raw_configure(int fd)
{
	return raw_ioctl(fd, USB_RAW_IOCTL_CONFIGURE, 0);
}

int raw_write(int fd, int endpoint, const void *data, size_t size)
{
	return raw_transfer(fd, USB_RAW_IOCTL_EP_WRITE, endpoint, data, size);
}

int raw_halt(int fd, int endpoint)
{
	return raw_ioctl(fd, USB_RAW_IOCTL_EP_SET_HALT, endpoint);
}
