/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The session bridge: on one side the daemon on the system bus, which tells
 * each subscriber alone; on the other this user's own bus, where a broadcast
 * reaches nobody else. Calls go through unchanged, as this user.
 */
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>
#include <systemd/sd-login.h>

#include "bus-contract.h"

#define BRIDGE_OPEN_MAX	    16
#define BRIDGE_HEADSETS_MAX 64

struct bridge_episode {
	char *headset;
	uint64_t id;
};

struct bridge {
	sd_event *event;
	sd_bus *session;
	sd_bus *system; /* NULL: not connected, retry is armed */
	sd_event_source *retry;
	sd_login_monitor *sessions; /* NULL: no logind */
	enum bridge_connection connection;
	uint64_t serial;	/* of the newest broadcast */
	uint64_t daemon_serial; /* of the newest signal from the daemon */
	unsigned int n_open;
	struct bridge_episode open[BRIDGE_OPEN_MAX]; /* spasms that are going on */
	sd_bus_message *last_spasm;		     /* the signal, NULL: none yet */
	unsigned int n_headsets;
	char *headsets[BRIDGE_HEADSETS_MAX]; /* paths that clients know */
};

/* ---- bridge-session.c: what this user's programs see ---- */
int bridge_session_connect(struct bridge *b);
void bridge_session_broadcast(struct bridge *b, sd_bus_message *event);
void bridge_session_revoked(struct bridge *b);
void bridge_session_set_connection(struct bridge *b, enum bridge_connection connection);
void bridge_session_in_spasm_changed(struct bridge *b);
/* A headset came or went; content of the daemon's signal is passed on. */
void bridge_session_pass(struct bridge *b, sd_bus_message *signal);
void bridge_session_headset_removed(struct bridge *b, const char *path);

/* ---- bridge-link.c: the daemon ---- */
int bridge_link_connect(struct bridge *b);
void bridge_link_watch_sessions(struct bridge *b);
void bridge_link_disconnect(struct bridge *b);
