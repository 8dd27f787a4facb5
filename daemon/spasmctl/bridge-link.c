/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "bridge.h"
#include "bus.h"
#include "event-dict.h"
#include "util.h"

#define RETRY_US     1000000  /* the system bus has gone */
#define ASK_AGAIN_US 10000000 /* the right to listen may come with a new session */

static int on_retry(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata);

static void retry_after(struct bridge *b, uint64_t usec)
{
	b->retry = sd_event_source_disable_unref(b->retry);
	if (sd_event_add_time_relative(b->event, &b->retry, CLOCK_MONOTONIC, usec, usec / 10,
				       on_retry, b) < 0)
		sd_event_exit(b->event, EXIT_FAILURE);
}

/* ---- spasms that are going on ---- */

static void episodes_clear(struct bridge *b)
{
	while (b->n_open > 0)
		free(b->open[--b->n_open].headset);
}

static void episode_add(struct bridge *b, const struct event_message *e)
{
	char *headset;

	for (unsigned int i = 0; i < b->n_open; i++)
		if (b->open[i].id == e->id && strcmp(b->open[i].headset, e->headset) == 0)
			return;
	if (b->n_open == BRIDGE_OPEN_MAX || !(headset = strdup(e->headset)))
		return;
	b->open[b->n_open++] = (struct bridge_episode){headset, e->id};
}

static void episode_remove(struct bridge *b, const struct event_message *e)
{
	for (unsigned int i = 0; i < b->n_open; i++) {
		if (b->open[i].id == e->id && strcmp(b->open[i].headset, e->headset) == 0) {
			free(b->open[i].headset);
			b->open[i] = b->open[--b->n_open];
			return;
		}
	}
}

static void episode_track(struct bridge *b, const struct event_message *e, enum event_phase phase)
{
	bool before = b->n_open > 0;

	if (phase == PHASE_ENDED)
		episode_remove(b, e);
	else if (e->kind == EVENT_SPASM + 1)
		episode_add(b, e);
	if (before != (b->n_open > 0))
		bridge_session_in_spasm_changed(b);
}

/* No spasm that is known goes on for those who listen here. */
static void episodes_forget(struct bridge *b)
{
	bool in_spasm = b->n_open > 0;

	episodes_clear(b);
	if (in_spasm)
		bridge_session_in_spasm_changed(b);
}

/* The session became inactive, say. on_sessions() tells when it may be otherwise again. */
static void subscription_revoked(struct bridge *b)
{
	episodes_forget(b);
	bridge_session_revoked(b);
	bridge_session_set_connection(b, BRIDGE_NOT_ALLOWED);
	retry_after(b, ASK_AGAIN_US);
}

static int on_episode(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct bridge *b = userdata;
	struct event_message e;
	enum event_phase phase;
	uint64_t serial;

	if (strcmp(sd_bus_message_get_member(m), EPISODES_REVOKED) == 0) {
		subscription_revoked(b);
		return 0;
	}
	if (event_signal_phase(sd_bus_message_get_member(m), &phase) < 0 ||
	    sd_bus_message_read(m, "t", &serial) < 0 || event_dict_read(m, &e) < 0 || !e.headset)
		return 0;
	if (b->daemon_serial && serial != b->daemon_serial + 1)
		fprintf(stderr, "spasmctl: %lld events were lost on the system bus\n",
			(long long)(serial - b->daemon_serial - 1));
	b->daemon_serial = serial;
	if (e.kind == EVENT_SPASM + 1) {
		sd_bus_message_unref(b->last_spasm);
		b->last_spasm = sd_bus_message_ref(m);
	}
	if (sd_bus_message_rewind(m, true) >= 0 && sd_bus_message_skip(m, "t") >= 0)
		bridge_session_broadcast(b, m);
	episode_track(b, &e, phase);
	return 0;
}

/* ---- headsets ---- */

static void headset_add(struct bridge *b, const char *path)
{
	for (unsigned int i = 0; i < b->n_headsets; i++)
		if (strcmp(b->headsets[i], path) == 0)
			return;
	if (b->n_headsets < BRIDGE_HEADSETS_MAX && (b->headsets[b->n_headsets] = strdup(path)))
		b->n_headsets++;
}

static void headset_remove(struct bridge *b, const char *path)
{
	for (unsigned int i = 0; i < b->n_headsets; i++) {
		if (strcmp(b->headsets[i], path) == 0) {
			free(b->headsets[i]);
			b->headsets[i] = b->headsets[--b->n_headsets];
			return;
		}
	}
}

static int on_headset_signal(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct bridge *b = userdata;
	const char *path;

	if (sd_bus_message_is_signal(m, NULL, "InterfacesAdded")) {
		if (sd_bus_message_read(m, "o", &path) > 0)
			headset_add(b, path);
	} else if (sd_bus_message_is_signal(m, NULL, "InterfacesRemoved")) {
		if (sd_bus_message_read(m, "o", &path) > 0)
			headset_remove(b, path);
	}
	bridge_session_pass(b, m);
	return 0;
}

/* One headset of GetManagedObjects(): as if it was plugged in now. */
static int headset_announce(struct bridge *b, sd_bus_message *objects)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const char *path;
	int r;

	r = sd_bus_message_read(objects, "o", &path);
	if (r < 0)
		return r;
	headset_add(b, path);
	r = sd_bus_message_new_signal(b->session, &m, SPASMD_OBJECT,
				      "org.freedesktop.DBus.ObjectManager", "InterfacesAdded");
	if (r >= 0)
		r = sd_bus_message_append(m, "o", path);
	if (r >= 0)
		r = sd_bus_message_copy(m, objects, false);
	return r < 0 ? r : sd_bus_send(b->session, m, NULL);
}

static int on_objects(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct bridge *b = userdata;
	int r;

	if (sd_bus_message_is_method_error(m, NULL))
		return 0;
	r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
		r = headset_announce(b, m);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return 0;
}

/* ---- subscription ---- */

/* The "open" events of one headset in the state: v of aa{sv}. */
static int state_open_read(struct bridge *b, sd_bus_message *m)
{
	struct event_message e;
	int r;

	r = sd_bus_message_enter_container(m, 'v', "aa{sv}");
	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	while (r >= 0 && (r = sd_bus_message_at_end(m, false)) == 0) {
		r = event_dict_read(m, &e);
		if (r >= 0 && e.headset)
			episode_track(b, &e, PHASE_UPDATED);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* An a{sv}: calls @fn on the value of @key, skips the others. */
static int dict_visit(struct bridge *b, sd_bus_message *m, const char *key,
		      int (*fn)(struct bridge *b, sd_bus_message *m))
{
	const char *name;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &name);
		if (r >= 0)
			r = strcmp(name, key) == 0 ? fn(b, m) : sd_bus_message_skip(m, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int state_headsets_read(struct bridge *b, sd_bus_message *m)
{
	int r;

	r = sd_bus_message_enter_container(m, 'v', "a{oa{sv}}");
	if (r >= 0)
		r = sd_bus_message_enter_container(m, 'a', "{oa{sv}}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sv}")) > 0) {
		r = sd_bus_message_skip(m, "o");
		if (r >= 0)
			r = dict_visit(b, m, "open", state_open_read);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static void subscription_refused(struct bridge *b, const sd_bus_error *error)
{
	if (bus_error_is_absence(error)) {
		bridge_session_set_connection(b, BRIDGE_NO_DAEMON);
		return;
	}
	bool denied = sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED);

	bridge_session_set_connection(b, denied ? BRIDGE_NOT_ALLOWED : BRIDGE_NO_DAEMON);
	retry_after(b, denied ? ASK_AGAIN_US : RETRY_US);
}

static int on_subscribed(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct bridge *b = userdata;
	int r;

	if (sd_bus_message_is_method_error(m, NULL)) {
		subscription_refused(b, sd_bus_message_get_error(m));
		return 0;
	}
	r = dict_visit(b, m, "headsets", state_headsets_read);
	if (r >= 0)
		r = sd_bus_message_read(m, "t", &b->daemon_serial);
	if (r < 0)
		fprintf(stderr, "spasmctl: the daemon's state cannot be read: %s\n", strerror(-r));
	bridge_session_set_connection(b, BRIDGE_CONNECTED);
	(void)sd_bus_call_method_async(b->system, NULL, SPASMD_BUS_NAME, SPASMD_OBJECT,
				       "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
				       on_objects, b, NULL);
	return 0;
}

static int subscribe(struct bridge *b)
{
	b->daemon_serial = 0;
	return sd_bus_call_method_async(b->system, NULL, SPASMD_BUS_NAME, SPASMD_OBJECT,
					SPASMD_EPISODES_INTERFACE, "Subscribe", on_subscribed, b,
					NULL);
}

/* Nothing is known any more: neither what goes on nor which headsets there are. */
static void daemon_gone(struct bridge *b)
{
	episodes_forget(b);
	while (b->n_headsets > 0) {
		char *path = b->headsets[--b->n_headsets];

		bridge_session_headset_removed(b, path);
		free(path);
	}
	bridge_session_set_connection(b, BRIDGE_NO_DAEMON);
}

static int on_owner_changed(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct bridge *b = userdata;
	const char *name, *before, *after;

	if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
		return 0;
	if (before[0])
		daemon_gone(b);
	if (after[0] && subscribe(b) < 0)
		retry_after(b, RETRY_US);
	return 0;
}

/* The daemon asks about those who listen; who may not listen yet asks the daemon. */
static int on_sessions(_unused_ sd_event_source *source, _unused_ int fd, _unused_ uint32_t revents,
		       void *userdata)
{
	struct bridge *b = userdata;

	sd_login_monitor_flush(b->sessions);
	if (b->connection == BRIDGE_NOT_ALLOWED)
		(void)subscribe(b);
	return 0;
}

void bridge_link_watch_sessions(struct bridge *b)
{
	/* Without logind there are none. */
	if (sd_login_monitor_new("uid", &b->sessions) >= 0)
		(void)sd_event_add_io(b->event, NULL, sd_login_monitor_get_fd(b->sessions), EPOLLIN,
				      on_sessions, b);
}

/* ---- connection ---- */

static int on_disconnected(_unused_ sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct bridge *b = userdata;

	fputs("spasmctl: the system bus has gone; trying again\n", stderr);
	/* Not from within its own dispatching: the timer takes it down. */
	daemon_gone(b);
	retry_after(b, RETRY_US);
	return 0;
}

static int matches_add(struct bridge *b)
{
	int r;

	r = sd_bus_match_signal(b->system, NULL, "org.freedesktop.DBus.Local", NULL,
				"org.freedesktop.DBus.Local", "Disconnected", on_disconnected, b);
	if (r >= 0)
		r = sd_bus_add_match_async(b->system, NULL,
					   "type='signal',sender='org.freedesktop.DBus',"
					   "member='NameOwnerChanged',arg0='" SPASMD_BUS_NAME "'",
					   on_owner_changed, NULL, b);
	if (r >= 0)
		r = sd_bus_match_signal_async(b->system, NULL, SPASMD_BUS_NAME, SPASMD_OBJECT,
					      SPASMD_EPISODES_INTERFACE, NULL, on_episode, NULL, b);
	if (r >= 0)
		r = sd_bus_match_signal_async(b->system, NULL, SPASMD_BUS_NAME, SPASMD_OBJECT,
					      "org.freedesktop.DBus.ObjectManager", NULL,
					      on_headset_signal, NULL, b);
	if (r >= 0)
		r = sd_bus_add_match_async(b->system, NULL,
					   "type='signal',sender='" SPASMD_BUS_NAME "',"
					   "path_namespace='" SPASMD_HEADSET_OBJECT "',"
					   "interface='org.freedesktop.DBus.Properties'",
					   on_headset_signal, NULL, b);
	return r;
}

int bridge_link_connect(struct bridge *b)
{
	int r;

	r = sd_bus_open_system(&b->system);
	if (r >= 0)
		r = sd_bus_attach_event(b->system, b->event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = matches_add(b);
	if (r >= 0)
		r = subscribe(b);
	if (r < 0)
		bridge_link_disconnect(b);
	return r;
}

void bridge_link_disconnect(struct bridge *b)
{
	episodes_clear(b);
	while (b->n_headsets > 0)
		free(b->headsets[--b->n_headsets]);
	b->last_spasm = sd_bus_message_unref(b->last_spasm);
	b->retry = sd_event_source_disable_unref(b->retry);
	b->system = sd_bus_flush_close_unref(b->system);
}

static int on_retry(_unused_ sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
	struct bridge *b = userdata;
	int r;

	b->retry = sd_event_source_disable_unref(b->retry);
	if (b->system && sd_bus_is_open(b->system) > 0) {
		r = subscribe(b);
	} else {
		bridge_link_disconnect(b);
		r = bridge_link_connect(b);
	}
	if (r < 0) {
		bridge_session_set_connection(b, BRIDGE_NO_DAEMON);
		retry_after(b, RETRY_US);
	}
	return 0;
}
