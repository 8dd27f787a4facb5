/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>

#include "log.h"
#include "spasmd.h"

DEFINE_CLEANUP(struct udev_device *, udev_device_unref)
DEFINE_CLEANUP(struct udev_enumerate *, udev_enumerate_unref)

/* Which IIO devices are headsets. A plain ADC has no name that says so: the configuration has. */
static bool device_is_headset(const struct spasmd *s, struct udev_device *device)
{
	const char *name = udev_device_get_sysattr_value(device, "name");

	return name &&
	       (strcmp(name, "emg_headset") == 0 || settings_has_device(&s->settings, name));
}

static struct capture *capture_of_iio(struct spasmd *s, const char *sysname)
{
	struct capture *c;

	CAPTURE_FOREACH(c, s)
	if (strcmp(c->sysname, sysname) == 0)
		return c;
	return NULL;
}

/* ---- marker buttons ---- */

static struct capture *capture_of_input(struct spasmd *s, struct udev_device *device)
{
	struct udev_device *usb =
		udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device");
	const char *path = usb ? udev_device_get_syspath(usb) : NULL;
	struct capture *c;

	if (!path)
		return NULL;
	CAPTURE_FOREACH(c, s)
	if (c->usb_path && strcmp(c->usb_path, path) == 0)
		return c;
	return NULL;
}

static void input_added(struct spasmd *s, struct udev_device *device)
{
	const char *devnode = udev_device_get_devnode(device);
	struct capture *c;
	int r;

	if (!devnode || strncmp(udev_device_get_sysname(device), "event", 5) != 0)
		return;
	c = capture_of_input(s, device);
	if (!c || c->marker)
		return;
	r = marker_new(c, devnode, &c->marker);
	if (r < 0) {
		log_debug_errno(r, "%s: cannot open the marker button %s", c->sysname, devnode);
		return;
	}
	headset_object_changed(c, "HasMarker");
}

static void input_removed(struct spasmd *s, struct udev_device *device)
{
	const char *devnode = udev_device_get_devnode(device);
	struct capture *c;

	if (!devnode)
		return;
	CAPTURE_FOREACH(c, s)
	{
		if (c->marker && marker_is(c->marker, devnode)) {
			c->marker = marker_free(c->marker);
			headset_object_changed(c, "HasMarker");
			return;
		}
	}
}

/* ---- headsets ---- */

static void iio_added(struct spasmd *s, struct udev_device *device)
{
	struct capture *c = capture_of_iio(s, udev_device_get_sysname(device));
	int r;

	if (c) {
		/* Seen before udev had given access to it. */
		capture_update(c);
		return;
	}
	if (!device_is_headset(s, device))
		return;
	r = capture_new(s, device, &c);
	if (r < 0) {
		log_error_errno(r, "%s: cannot use this headset", udev_device_get_sysname(device));
		return;
	}
	log_headset(LOG_INFO, MESSAGE_HEADSET_ADDED, c->sysname, "headset \"%s\", serial \"%s\"",
		    c->name, c->serial);
	capture_update(c);
	headset_object_announce(c);
	manager_notify_status(s);
}

static void iio_removed(struct spasmd *s, struct udev_device *device)
{
	struct capture *c = capture_of_iio(s, udev_device_get_sysname(device));

	if (!c)
		return;
	log_headset(LOG_INFO, MESSAGE_HEADSET_REMOVED, c->sysname,
		    "headset unplugged after %" PRIu64 " samples, %" PRIu64 " lost, %" PRIu64
		    " not read in time, %" PRIu64 " not captured",
		    c->stream.counters.samples, c->stream.counters.lost, c->stream.counters.overrun,
		    c->stream.counters.not_captured);
	capture_free(c);
	manager_notify_status(s);
}

static const struct {
	const char *subsystem;
	void (*added)(struct spasmd *s, struct udev_device *device);
	void (*removed)(struct spasmd *s, struct udev_device *device);
} subsystems[] = {
	{"iio", iio_added, iio_removed}, /* first: a button is looked up by its headset */
	{"input", input_added, input_removed},
};

/* Without an action it comes from the enumeration. */
static void device_process(struct spasmd *s, struct udev_device *device)
{
	const char *subsystem = udev_device_get_subsystem(device);
	const char *action = udev_device_get_action(device);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(subsystems); i++) {
		if (!subsystem || strcmp(subsystem, subsystems[i].subsystem) != 0)
			continue;
		if (action && strcmp(action, "remove") == 0)
			subsystems[i].removed(s, device);
		else
			subsystems[i].added(s, device);
	}
}

static int subsystem_enumerate(struct spasmd *s, const char *subsystem)
{
	_cleanup_(udev_enumerate_unrefp) struct udev_enumerate *e = udev_enumerate_new(s->udev);
	struct udev_list_entry *entry;
	int r;

	if (!e)
		return -ENOMEM;
	r = udev_enumerate_add_match_subsystem(e, subsystem);
	if (r < 0)
		return r;
	r = udev_enumerate_add_match_is_initialized(e);
	if (r < 0)
		return r;
	r = udev_enumerate_scan_devices(e);
	if (r < 0)
		return r;
	udev_list_entry_foreach(entry, udev_enumerate_get_list_entry(e))
	{
		_cleanup_(udev_device_unrefp) struct udev_device *device =
			udev_device_new_from_syspath(s->udev, udev_list_entry_get_name(entry));

		if (device)
			device_process(s, device);
	}
	return 0;
}

static int on_monitor(_unused_ sd_event_source *source, _unused_ int fd, _unused_ uint32_t revents,
		      void *userdata)
{
	struct spasmd *s = userdata;
	_cleanup_(udev_device_unrefp) struct udev_device *device =
		udev_monitor_receive_device(s->monitor);
	const char *subsystem = device ? udev_device_get_subsystem(device) : NULL;

	if (!subsystem)
		return 0;
	device_process(s, device);
	/* Buttons that were there before their headset. */
	if (strcmp(subsystem, "iio") == 0)
		(void)subsystem_enumerate(s, "input");
	return 0;
}

static int monitor_arm(struct spasmd *s)
{
	size_t i;
	int r;

	s->udev = udev_new();
	if (!s->udev)
		return -ENOMEM;
	s->monitor = udev_monitor_new_from_netlink(s->udev, "udev");
	if (!s->monitor)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(subsystems); i++) {
		r = udev_monitor_filter_add_match_subsystem_devtype(s->monitor,
								    subsystems[i].subsystem, NULL);
		if (r < 0)
			return r;
	}
	r = udev_monitor_enable_receiving(s->monitor);
	if (r < 0)
		return r;
	return sd_event_add_io(s->event, &s->monitor_source, udev_monitor_get_fd(s->monitor),
			       EPOLLIN, on_monitor, s);
}

int discovery_enumerate(struct spasmd *s)
{
	size_t i;
	int r;

	for (i = 0; i < ARRAY_SIZE(subsystems); i++) {
		r = subsystem_enumerate(s, subsystems[i].subsystem);
		if (r < 0)
			return log_error_errno(r, "cannot look for headsets");
	}
	return 0;
}

int discovery_start(struct spasmd *s)
{
	int r;

	r = monitor_arm(s);
	if (r < 0)
		return log_error_errno(r, "cannot listen to udev");
	return discovery_enumerate(s);
}

void discovery_stop(struct spasmd *s)
{
	while (s->captures)
		capture_free(s->captures);
	s->monitor_source = sd_event_source_disable_unref(s->monitor_source);
	s->monitor = udev_monitor_unref(s->monitor);
	s->udev = udev_unref(s->udev);
}
