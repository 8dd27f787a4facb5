/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An event as it goes over D-Bus: the a{sv} of org.spasmd1.Episodes, whose keys
 * dbus/org.spasmd1.Episodes.xml explains.
 */
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "detect.h"

#define EVENT_NO_CHANNEL UINT32_MAX

struct event_message {
	const char *headset; /* object path; read: lives as long as the message */
	double rate;
	uint64_t id;
	uint64_t start_sample, end_sample, detected_sample;
	uint64_t start_boottime, end_boottime, detected_boottime; /* microseconds */
	uint64_t start_realtime, end_realtime, detected_realtime;
	uint32_t kind; /* enum event_kind + 1, 0: unknown */
	uint32_t side, form, spread, cause;
	uint32_t channel; /* or EVENT_NO_CHANNEL */
	uint32_t bursts;
	uint32_t muscles; /* bit per enum oeh_muscle; as their codes on the bus */
	double peak_uv, rms_uv, confidence;
	int open, brow_with_eye;
};

void event_message_from_event(struct event_message *m, const struct detector_event *e);

/* The phase is not in the dictionary: it is the signal's name. */
void event_message_to_event(const struct event_message *m, struct detector_event *e);

/* Appends or reads one a{sv}. Keys that are not known are skipped. Negative errno on error. */
int event_dict_append(sd_bus_message *m, const struct event_message *e);
int event_dict_read(sd_bus_message *m, struct event_message *ret);

/*
 * Name of the signal for a phase, and back; -EINVAL for another name. What was
 * never announced while it lasted is told by "Event".
 */
const char *event_signal_name(enum event_phase phase, bool was_announced);
int event_signal_phase(const char *member, enum event_phase *ret);
