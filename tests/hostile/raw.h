/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A USB device of our own making on a device controller, through the kernel's
 * raw-gadget: whatever is sent is sent as it is, wrong or not. All return 0 or
 * more, or negative errno; what blocks ends with -EINTR on a signal.
 */
#include <linux/usb/ch9.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_DATA_MAX 4096 /* what raw-gadget takes at once */

/* Plugs a high-speed device into the emulated controller dummy_udc.@number; returns a handle. */
int raw_open(unsigned int number);

/* Waits for a control request. -EAGAIN: something else happened. */
int raw_wait(int fd, struct usb_ctrlrequest *ret);

/* How a control request ends: with data, with an acknowledgement, with a stall. */
int raw_reply(int fd, const void *data, size_t size);
int raw_acknowledge(int fd);
int raw_stall(int fd);

/* The host has chosen the configuration: enables endpoints, then tells so. */
int raw_enable(int fd, const struct usb_endpoint_descriptor *endpoint);
int raw_configure(int fd);

/* One transfer on an endpoint that was enabled; waits until the host takes it. */
int raw_write(int fd, int endpoint, const void *data, size_t size);
int raw_halt(int fd, int endpoint);
