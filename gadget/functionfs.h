/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The headset's function on FunctionFS: descriptors, endpoint files, events
 * and replies on endpoint 0.
 */
#include <linux/usb/functionfs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"

struct functionfs {
	int ep0;
	int data;   /* bulk IN */
	int marker; /* interrupt IN, -1 without a button */
};

#define FUNCTIONFS_CLOSED ((struct functionfs){.ep0 = -1, .data = -1, .marker = -1})

/*
 * Writes descriptors and strings to ep0 in @folder and opens the endpoints.
 * Returns 0 or negative errno.
 */
int functionfs_open(struct functionfs *f, const char *folder, bool marker);
void functionfs_close(struct functionfs *f);

/* Reads one event. Returns 0, or negative errno (-EAGAIN: none). */
int functionfs_read_event(struct functionfs *f, struct usb_functionfs_event *event);

/* Fills @ret from a SETUP event. False where the request is not of the protocol. */
bool functionfs_parse_setup(const struct usb_functionfs_event *event, struct device_setup *ret);

/*
 * Ends the request of @event: with @length bytes of @reply, or an
 * acknowledgement (@length 0), or a stall (negative @length). Returns 0 or
 * negative errno; an error means that the host gave up waiting.
 */
int functionfs_answer(struct functionfs *f, const struct usb_functionfs_event *event,
		      const uint8_t *reply, int length);

/* The speed at which the bus came up; call it when enabled. */
enum device_speed functionfs_speed(struct functionfs *f);
