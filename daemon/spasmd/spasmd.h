/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the parts of the daemon share. One thread, one sd-event loop. From the
 * device to the bus: discovery finds it, a capture reads it, the stream feeds
 * the detector, episodes tell the subscribers.
 */
#include <libudev.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus-contract.h"
#include "event-dict.h"
#include "iio.h"
#include "settings.h"
#include "stream.h"
#include "subscribers.h"
#include "util.h"

#define OPEN_EVENTS_MAX 4 /* announced and not ended, one headset: each side and room */

/* What is known of a person's events on one headset: health, see episodes.c. */
struct episode_log {
	uint64_t newest_id;
	unsigned int n_open;
	struct event_message open[OPEN_EVENTS_MAX];
	bool has_last;
	struct event_message last; /* newest spasm that has ended */
};

struct marker;

/* One headset: its IIO device, what comes from it and what is told of it. */
struct capture {
	struct spasmd *spasmd;
	struct capture *next;

	/* identity, fixed */
	char *sysname; /* "iio:device0" */
	char *object;  /* D-Bus path */
	char *name, *manufacturer, *serial;
	char *usb_path; /* sysfs path of the USB device, NULL where it is none */
	struct iio_device iio;
	double rates[IIO_MAX_AVAILABLE];
	unsigned int n_rates;

	/* how it is set up */
	bool rate_configured;
	struct montage montage;
	char *labels[MONTAGE_MAX + 1]; /* ends with NULL */
	enum headset_state state;
	enum headset_quality quality[MONTAGE_MAX];
	struct stream stream;
	struct detector *detector; /* NULL: never captured with this set-up */

	/* the capture itself */
	int fd; /* the buffer's character device, -1: not capturing */
	uint8_t *buffer;
	size_t buffer_size;
	sd_event_source *io, *tick;
	uint64_t newest_data;	 /* CLOCK_MONOTONIC, microseconds */
	unsigned int n_failures; /* of starting, in a row */
	unsigned int n_ticks;

	struct marker *marker;
	struct episode_log log;
	sd_bus_slot *slot;
	bool announced; /* clients were told of the object */
};

struct spasmd {
	sd_event *event;
	sd_bus *bus;
	struct udev *udev;
	struct udev_monitor *monitor;
	sd_event_source *monitor_source;
	struct settings settings;
	struct capture *captures;
	struct subscribers subscribers;
	sd_bus_slot *manager_slot, *episodes_slot, *object_manager_slot;
	bool has_name; /* signals may be sent */
};

#define CAPTURE_FOREACH(c, s) for ((c) = (s)->captures; (c); (c) = (c)->next)

/* ---- discovery.c: which devices there are ---- */
int discovery_start(struct spasmd *s); /* arms the monitor, then enumerates */
void discovery_stop(struct spasmd *s);

/* ---- capture.c: one headset ---- */
int capture_new(struct spasmd *s, struct udev_device *device, struct capture **ret);
struct capture *capture_free(struct capture *c);
/* Starts, or tries again; says in the log why it could not. */
void capture_start(struct capture *c);
void capture_pause(struct capture *c);
void capture_resume(struct capture *c);
/* Both stop the capture, set the device and start again. Negative errno. */
int capture_set_rate(struct capture *c, double rate);
int capture_set_scale(struct capture *c, unsigned int channel, double scale_uv);
/* The marker button was pressed. */
void capture_mark(struct capture *c);
/* CLOCK_BOOTTIME of a sample, microseconds; 0: not known. */
uint64_t capture_time_of(const struct capture *c, uint64_t sample);

/* ---- marker.c: the marker button ---- */
int marker_new(struct capture *c, const char *devnode, struct marker **ret);
struct marker *marker_free(struct marker *m);
bool marker_is(const struct marker *m, const char *devnode);

/* ---- manager.c: connection, name, root object ---- */
int manager_connect(struct spasmd *s);
int manager_take_name(struct spasmd *s);
void manager_disconnect(struct spasmd *s);

/* ---- headset-object.c: org.spasmd1.Headset ---- */
int headset_object_add(struct capture *c);
void headset_object_announce(struct capture *c);
void headset_object_remove(struct capture *c);
/* Tells clients that properties have changed; @names ends with NULL. */
void headset_object_emit_changed(struct capture *c, char **names);
#define headset_object_changed(c, ...) headset_object_emit_changed(c, (char *[]){__VA_ARGS__, NULL})

/* ---- episodes.c: org.spasmd1.Episodes ---- */
int episodes_add(struct spasmd *s);
void episodes_remove(struct spasmd *s);
void episodes_publish(struct capture *c, const struct detector_event *event);

/* ---- access.c: who may do what ---- */
enum access_action {
	ACCESS_MONITOR,	  /* learn of spasms */
	ACCESS_CONFIGURE, /* change how a headset captures */
};

/*
 * Returns 1 when the sender of @m may, and its user in *@uid if that is not
 * NULL; else a negative errno with @error set.
 */
int access_check(struct spasmd *s, sd_bus_message *m, enum access_action action, uid_t *uid,
		 sd_bus_error *error);
