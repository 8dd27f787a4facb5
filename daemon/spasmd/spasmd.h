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
#include <systemd/sd-login.h>

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
	bool configured; /* what the configuration asks for was set; methods may choose otherwise */
	bool montage_is_stale, montage_is_set; /* read it anew; it was chosen by SetMontage() */
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
	bool has_looked_again;	 /* since there were samples */
	unsigned int n_failures; /* of starting, in a row */
	unsigned int n_ticks;
	struct impedance *impedance; /* a measurement that is under way */

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
	const char *config; /* the file of --config, NULL: the usual ones */
	struct subscribers subscribers;
	uint64_t broadcast_serial;
	struct access_query *queries;
	unsigned int n_queries, n_cancellations;
	sd_login_monitor *sessions; /* NULL: no logind */
	sd_event_source *sessions_source;
	sd_bus_slot *manager_slot, *episodes_slot, *object_manager_slot;
	bool has_name; /* signals may be sent */
};

#define CAPTURE_FOREACH(c, s) for ((c) = (s)->captures; (c); (c) = (c)->next)

/* ---- discovery.c: which devices there are ---- */
int discovery_start(struct spasmd *s); /* arms the monitor, then enumerates */
int discovery_enumerate(struct spasmd *s);
void discovery_stop(struct spasmd *s);

/* ---- capture.c: one headset ---- */
int capture_new(struct spasmd *s, struct udev_device *device, struct capture **ret);
struct capture *capture_free(struct capture *c);
struct capture *capture_find(struct spasmd *s, const char *object); /* by its path, or NULL */
/* Starts, tries again or stops, by what is wanted; says in the log why it could not. */
void capture_update(struct capture *c);
void capture_pause(struct capture *c);
void capture_resume(struct capture *c);
/* The number of subscribers is another: there may be somebody, or nobody, to capture for. */
void capture_listeners_changed(struct spasmd *s);
/* The configuration was read anew. */
void capture_reconfigure(struct capture *c);
/* These stop the capture, set the device and start again. Negative errno. */
int capture_set_rate(struct capture *c, double rate);
int capture_set_scale(struct capture *c, unsigned int channel, double scale_uv);
/* @sites: one for each channel, or none at all: as device and configuration say. */
int capture_set_montage(struct capture *c, const struct site *sites, unsigned int n);
int capture_identify(struct capture *c, bool on);
/* The marker button was pressed. */
void capture_mark(struct capture *c);
/* CLOCK_BOOTTIME of a sample, microseconds; 0: not known. */
uint64_t capture_time_of(const struct capture *c, uint64_t sample);

/* ---- capture-setup.c: how a device is set up, and the detector that is made for that ---- */
/* Sets up what the configuration asks for, and makes the detector anew where it has to be. */
int capture_set_up(struct capture *c);
/* What is under way ends for the subscribers. */
void capture_drop_detector(struct capture *c);
/* @number: N of in_voltageN. -ERANGE: not listed. */
int capture_write_scale(const struct capture *c, unsigned int number, double scale_uv);

/* ---- impedance.c: how well the electrodes touch ---- */
/* Answers @m when it is measured. -EBUSY: a measurement is under way. */
int impedance_start(struct capture *c, sd_bus_message *m);
/* Nothing where none is under way; the answer is an error then. */
void impedance_abandon(struct capture *c);

/* ---- marker.c: the marker button ---- */
int marker_new(struct capture *c, const char *devnode, struct marker **ret);
struct marker *marker_free(struct marker *m);
bool marker_is(const struct marker *m, const char *devnode);

/* ---- manager.c: connection, name, root object ---- */
int manager_connect(struct spasmd *s);
int manager_take_name(struct spasmd *s);
/* Calls @gone when the client with the unique @name leaves the bus. Does not wait. */
int manager_watch_client(struct spasmd *s, const char *name, sd_bus_message_handler_t gone,
			 void *userdata, sd_bus_slot **ret);
/* For systemd: how many headsets there are. */
void manager_notify_status(struct spasmd *s);
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
/* The subscriber may not listen any more, and is told so. */
void episodes_revoke(struct spasmd *s, const char *name);

/* ---- main.c ---- */
/* Reads the configuration anew; where it is bad, the old one stays. -EINVAL with @error set. */
int spasmd_reload(struct spasmd *s, char **error);

/* ---- access.c: who may do what ---- */
enum access_action {
	ACCESS_MONITOR,	  /* learn of spasms */
	ACCESS_CONFIGURE, /* change how a headset captures */
};

/* Does what the call @m of the user @uid asks for: answers, or returns a negative errno. */
typedef int access_granted(struct spasmd *s, sd_bus_message *m, uid_t uid, sd_bus_error *error);

/*
 * Asks whether the sender of @m may; then @granted is called, or the sender
 * refused. Until then everything may have changed: @granted looks for the object
 * itself. Returns 1, or a negative errno where it cannot even be asked.
 */
int access_ask(struct spasmd *s, sd_bus_message *m, enum access_action action,
	       access_granted *granted, sd_bus_error *error);

/* Asks of each subscriber whether it may go on listening. */
void access_recheck(struct spasmd *s);

int access_start(struct spasmd *s);
void access_stop(struct spasmd *s);
