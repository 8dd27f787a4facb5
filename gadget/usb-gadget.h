/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The USB gadget through configfs: made, bound to a device controller, unbound
 * (unplugged) and taken away again, with the FunctionFS mount that it needs.
 */
#include <stdbool.h>
#include <stdint.h>

struct usb_gadget;

struct usb_gadget_config {
	const char *udc;   /* NULL: the first that is free */
	uint16_t vid, pid; /* 0: the test ID, allowed on dummy_udc only */
	const char *serial;
	bool full_speed;
};

/*
 * Makes the gadget and mounts its FunctionFS. Returns 0 or negative errno;
 * then *@error (malloc'ed) says what is missing and what to do.
 */
int usb_gadget_new(const struct usb_gadget_config *config, struct usb_gadget **ret, char **error);

/* Unplugs it and takes everything away. All endpoint files must be closed. Returns NULL. */
struct usb_gadget *usb_gadget_free(struct usb_gadget *g);

/* The folder with ep0, to be set up before the first bind. */
const char *usb_gadget_functionfs(const struct usb_gadget *g);

/* Plugs it in; errors as for usb_gadget_new(). */
int usb_gadget_bind(struct usb_gadget *g, char **error);

/* Pulls the plug. Returns 0 or negative errno. */
int usb_gadget_unbind(struct usb_gadget *g);

/* The controller that it is bound to, NULL before the first bind. */
const char *usb_gadget_udc(const struct usb_gadget *g);
