/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmctl status: module, headsets and daemon: what is there, what is missing. */
#include <libudev.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "module.h"
#include "oeh.h"
#include "spasmctl.h"
#include "util.h"

DEFINE_CLEANUP(struct udev *, udev_unref)
DEFINE_CLEANUP(struct udev_enumerate *, udev_enumerate_unref)
DEFINE_CLEANUP(struct udev_device *, udev_device_unref)

/* Lines go out as they are found; the first thing that is missing is what to do next. */
struct report {
	char next[256];
	bool missing;
};

static void line(const char *what, const char *format, ...) _printf_(2, 3);
static void line(const char *what, const char *format, ...)
{
	va_list args;

	printf("%-9s", what);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void missing(struct report *r, const char *format, ...) _printf_(2, 3);
static void missing(struct report *r, const char *format, ...)
{
	va_list args;

	if (r->missing)
		return;
	r->missing = true;
	va_start(args, format);
	vsnprintf(r->next, sizeof(r->next), format, args);
	va_end(args);
}

/* ---- module ---- */

/* How the module comes to be there for the running kernel. */
static void module_missing(struct report *r, const struct module_info *info)
{
	if (!info->has_headers) {
		line("headers", "those of %s are not installed", info->kernel);
		missing(r,
			"install the headers of this kernel: \"sudo apt install "
			"linux-headers-%s\"%s",
			info->kernel, info->has_dkms ? "" : ", then \"make modules\"");
	} else if (info->has_dkms) {
		missing(r, "build the module: \"sudo dkms autoinstall\"; if that fails, see "
			   "/var/lib/dkms/emg-headset");
	} else {
		missing(r, "install the package emg-headset-dkms, or build the module: "
			   "\"make modules\"");
	}
}

static bool module_report(struct report *r)
{
	struct module_info info;

	if (module_look(&info) < 0) {
		line("module", "cannot be looked for");
		return false;
	}
	switch (info.state) {
	case MODULE_LOADED:
		line("module", MODULE_NAME " is loaded");
		return true;
	case MODULE_BUILT_IN:
		line("module", MODULE_NAME " is part of this kernel");
		return true;
	case MODULE_INSTALLED:
		line("module", MODULE_NAME " is installed for %s, not loaded", info.kernel);
		return false;
	case MODULE_BLOCKED:
		line("module", MODULE_NAME " is installed, but /etc/modprobe.d blocks it");
		missing(r, "take the line about " MODULE_NAME " out of /etc/modprobe.d, then "
			   "\"sudo spasmctl load\"");
		return false;
	case MODULE_OTHER_KERNEL:
		line("module", MODULE_NAME " is built for %s, not for %s", info.other, info.kernel);
		module_missing(r, &info);
		return false;
	case MODULE_MISSING:
		break;
	}
	line("module", MODULE_NAME " is not installed for %s", info.kernel);
	module_missing(r, &info);
	return false;
}

/* ---- headsets ---- */

/* Calls @fn on each device of @subsystem; returns how many it said yes to. */
static unsigned int devices_count(struct udev *udev, const char *subsystem,
				  bool (*fn)(struct udev_device *device))
{
	_cleanup_(udev_enumerate_unrefp) struct udev_enumerate *e = udev_enumerate_new(udev);
	struct udev_list_entry *entry;
	unsigned int n = 0;

	if (!e || udev_enumerate_add_match_subsystem(e, subsystem) < 0 ||
	    udev_enumerate_scan_devices(e) < 0)
		return 0;
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(e))
	{
		_cleanup_(udev_device_unrefp) struct udev_device *device =
			udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry));

		n += device && fn(device);
	}
	return n;
}

static bool attribute_is(struct udev_device *device, const char *name, unsigned int value)
{
	const char *text = udev_device_get_sysattr_value(device, name);

	return text && strtoul(text, NULL, 16) == value;
}

static bool is_interface(struct udev_device *device)
{
	return attribute_is(device, "bInterfaceClass", OEH_USB_CLASS) &&
	       attribute_is(device, "bInterfaceSubClass", OEH_USB_SUBCLASS) &&
	       attribute_is(device, "bInterfaceProtocol", OEH_USB_PROTOCOL);
}

static bool is_headset(struct udev_device *device)
{
	const char *name = udev_device_get_sysattr_value(device, "name");

	if (!name || strcmp(name, MODULE_NAME) != 0)
		return false;
	line("headset", "%s, serial %s", udev_device_get_sysname(device),
	     udev_device_get_sysattr_value(device, "label") ?: "unknown");
	return true;
}

static bool is_unbound(struct udev_device *device)
{
	if (!is_interface(device) || udev_device_get_driver(device))
		return false;
	line("headset", "%s is plugged in, but no driver has it", udev_device_get_sysname(device));
	return true;
}

static void headsets_report(struct report *r, bool loaded)
{
	_cleanup_(udev_unrefp) struct udev *udev = udev_new();
	unsigned int bound, unbound;

	if (!udev)
		return;
	bound = devices_count(udev, "iio", is_headset);
	unbound = devices_count(udev, "usb", is_unbound);
	if (unbound > 0)
		missing(r, loaded ? "look at the kernel's log for why the headset was refused: "
				    "\"sudo dmesg | grep " MODULE_NAME "\""
				  : "load the module: \"sudo spasmctl load\"");
	if (bound + unbound == 0) {
		line("headset", "none is plugged in");
		missing(r, "plug a headset in");
	}
}

/* ---- daemon and bridge ---- */

/* 1 the name is owned, 0 not, or negative errno. */
static int name_has_owner(sd_bus *bus)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	int r, owned;

	r = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
			       "org.freedesktop.DBus", "NameHasOwner", NULL, &reply, "s",
			       SPASMD_BUS_NAME);
	if (r >= 0)
		r = sd_bus_message_read(reply, "b", &owned);
	return r < 0 ? r : owned;
}

static void daemon_report(struct report *r)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	_cleanup_free_ char *version = NULL;

	if (sd_bus_open_system(&bus) < 0) {
		line("daemon", "there is no system bus");
		missing(r, "start the system bus (package dbus)");
		return;
	}
	if (name_has_owner(bus) <= 0) {
		line("daemon", "spasmd is not running");
		missing(r, "start the daemon: \"sudo systemctl start spasmd\"");
		return;
	}
	if (sd_bus_get_property_string(bus, SPASMD_BUS_NAME, SPASMD_OBJECT,
				       SPASMD_MANAGER_INTERFACE, "Version", NULL, &version) < 0) {
		line("daemon", "spasmd is running, but does not answer");
		missing(r, "look at its messages: \"journalctl -u spasmd\"");
		return;
	}
	line("daemon", "spasmd %s is running", version);
}

static void bridge_report(void)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

	if (sd_bus_open_user(&bus) < 0)
		line("bridge", "this user has no bus of its own here");
	else
		line("bridge", name_has_owner(bus) > 0
				       ? "running"
				       : "not running (it starts when a program asks)");
}

int command_status(int argc, char **argv)
{
	struct report r = {.missing = false};

	if (argc > 1) {
		bool wanted = strcmp(argv[1], "--help") == 0;

		fputs("Usage: spasmctl status\n\n"
		      "Tells what is there and what is missing. The exit status is 0 when nothing "
		      "is.\n",
		      wanted ? stdout : stderr);
		return wanted ? EXIT_SUCCESS : EXIT_USAGE;
	}
	headsets_report(&r, module_report(&r));
	daemon_report(&r);
	bridge_report();
	line("next", "%s", r.missing ? r.next : "nothing to do");
	return r.missing ? EXIT_FAILURE : EXIT_SUCCESS;
}
