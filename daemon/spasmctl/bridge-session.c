/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bridge.h"
#include "util.h"

/* ---- calls go on to the daemon ---- */

/* What waits for the daemon's answer. */
struct forward {
	sd_bus_message *call;
	struct bridge *bridge;
	bool subscribe; /* the serial is the bridge's own */
};

static void forward_free(void *userdata)
{
	struct forward *f = userdata;

	sd_bus_message_unref(f->call);
	free(f);
}

static int forward_reply(const struct forward *f, sd_bus_message *answer)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const sd_bus_error *error = sd_bus_message_get_error(answer);
	int r;

	if (error)
		return sd_bus_reply_method_error(f->call, error);
	r = sd_bus_message_new_method_return(f->call, &reply);
	if (r < 0)
		return r;
	if (f->subscribe) {
		r = sd_bus_message_copy(reply, answer, false);
		if (r >= 0)
			r = sd_bus_message_append(reply, "t", f->bridge->serial);
	} else {
		r = sd_bus_message_copy(reply, answer, true);
	}
	if (r < 0)
		return r;
	return sd_bus_send(NULL, reply, NULL);
}

static int on_answer(sd_bus_message *answer, void *userdata, _unused_ sd_bus_error *error)
{
	const struct forward *f = userdata;
	int r = forward_reply(f, answer);

	if (r < 0)
		(void)sd_bus_reply_method_errno(f->call, r, NULL);
	return 0;
}

/* Sends the call on as it is; the answer comes later. */
static int call_forward(struct bridge *b, sd_bus_message *m, const char *member,
			sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
	_cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
	struct forward *f;
	bool dialogue;
	int r;

	if (!b->system || b->connection == BRIDGE_NO_DAEMON)
		return sd_bus_error_set(error, SD_BUS_ERROR_SERVICE_UNKNOWN,
					"spasmd is not running");
	r = sd_bus_message_new_method_call(b->system, &call, SPASMD_BUS_NAME,
					   sd_bus_message_get_path(m),
					   sd_bus_message_get_interface(m), member);
	if (r >= 0)
		r = sd_bus_message_copy(call, m, true);
	if (r < 0)
		return r;
	/* A dialogue of polkit is for the one who has asked the bridge, and takes its time. */
	dialogue = sd_bus_message_get_allow_interactive_authorization(m) > 0;
	(void)sd_bus_message_set_allow_interactive_authorization(call, dialogue);
	f = calloc(1, sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->call = sd_bus_message_ref(m);
	f->bridge = b;
	f->subscribe = strcmp(sd_bus_message_get_member(m), "Subscribe") == 0;
	r = sd_bus_call_async(b->system, &slot, call, on_answer, f, dialogue ? UINT64_MAX : 0);
	if (r < 0) {
		forward_free(f);
		return r;
	}
	sd_bus_slot_set_destroy_callback(slot, forward_free);
	r = sd_bus_slot_set_floating(slot, true);
	return r < 0 ? r : 1;
}

/* All of a headset is the daemon's: methods, properties, introspection. */
static int on_headset_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus.Peer", NULL))
		return 0;
	return call_forward(userdata, m, sd_bus_message_get_member(m), error);
}

/* Of the root object, only the list of headsets; an empty one while there is no daemon. */
static int on_root_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bridge *b = userdata;

	if (!b->system || b->connection == BRIDGE_NO_DAEMON ||
	    !sd_bus_message_is_method_call(m, "org.freedesktop.DBus.ObjectManager",
					   "GetManagedObjects"))
		return 0;
	return call_forward(b, m, "GetManagedObjects", error);
}

static int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return call_forward(userdata, m, "Reload", error);
}

/* ---- org.spasmd1.Episodes, the same as on the system bus ---- */

static int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return call_forward(userdata, m, "Subscribe", error);
}

static int method_get_state(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return call_forward(userdata, m, "GetState", error);
}

/* Signals are broadcast here: there is nothing to leave. */
static int method_unsubscribe(sd_bus_message *m, _unused_ void *userdata,
			      _unused_ sd_bus_error *error)
{
	return sd_bus_reply_method_return(m, NULL);
}

/* ---- org.spasmd1.Bridge ---- */

#define GETTER(name)                                                                              \
	static int property_##name(_unused_ sd_bus *bus, _unused_ const char *path,               \
				   _unused_ const char *interface, _unused_ const char *property, \
				   sd_bus_message *reply, void *userdata,                         \
				   _unused_ sd_bus_error *error)

GETTER(version)
{
	(void)userdata;
	return sd_bus_message_append(reply, "s", SPASMD_VERSION);
}

GETTER(connection)
{
	const struct bridge *b = userdata;

	return sd_bus_message_append(reply, "u", (uint32_t)b->connection);
}

GETTER(in_spasm)
{
	const struct bridge *b = userdata;

	return sd_bus_message_append(reply, "b", b->n_open > 0);
}

GETTER(last_spasm)
{
	const struct bridge *b = userdata;
	int r;

	if (!b->last_spasm)
		return sd_bus_message_append(reply, "a{sv}", 0);
	r = sd_bus_message_rewind(b->last_spasm, true);
	if (r >= 0)
		r = sd_bus_message_skip(b->last_spasm, "t");
	return r < 0 ? r : sd_bus_message_copy(reply, b->last_spasm, false);
}

GETTER(serial)
{
	const struct bridge *b = userdata;

	return sd_bus_message_append(reply, "t", b->serial);
}

#define METHOD(member, signature, names, result, result_names, handler)                            \
	SD_BUS_METHOD_WITH_NAMES(member, signature, names, result, result_names, method_##handler, \
				 SD_BUS_VTABLE_UNPRIVILEGED),
#define PROPERTY(member, signature, getter, flags) \
	SD_BUS_PROPERTY(member, signature, property_##getter, 0, flags),

static const sd_bus_vtable manager_vtable[] = {
	SD_BUS_VTABLE_START(0),
	MANAGER_METHODS(METHOD) MANAGER_PROPERTIES(PROPERTY) SD_BUS_VTABLE_END,
};

static const sd_bus_vtable episodes_vtable[] = {
	SD_BUS_VTABLE_START(0),
	EPISODES_METHODS(METHOD) EPISODES_SIGNALS(EPISODES_SIGNAL)
		SD_BUS_SIGNAL(EPISODES_REVOKED, "", 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable bridge_vtable[] = {
	SD_BUS_VTABLE_START(0),
	BRIDGE_PROPERTIES(PROPERTY) SD_BUS_VTABLE_END,
};

int bridge_session_connect(struct bridge *b)
{
	int r;

	r = sd_bus_open_user(&b->session);
	if (r < 0) {
		fprintf(stderr, "spasmctl: cannot connect to this user's own bus: %s\n",
			strerror(-r));
		return r;
	}
	r = sd_bus_set_exit_on_disconnect(b->session, true);
	if (r >= 0)
		r = sd_bus_add_object_manager(b->session, NULL, SPASMD_OBJECT);
	if (r >= 0)
		r = sd_bus_add_object_vtable(b->session, NULL, SPASMD_OBJECT,
					     SPASMD_MANAGER_INTERFACE, manager_vtable, b);
	if (r >= 0)
		r = sd_bus_add_object_vtable(b->session, NULL, SPASMD_OBJECT,
					     SPASMD_EPISODES_INTERFACE, episodes_vtable, b);
	if (r >= 0)
		r = sd_bus_add_object_vtable(b->session, NULL, SPASMD_OBJECT,
					     SPASMD_BRIDGE_INTERFACE, bridge_vtable, b);
	if (r >= 0)
		r = sd_bus_add_object(b->session, NULL, SPASMD_OBJECT, on_root_call, b);
	if (r >= 0)
		r = sd_bus_add_fallback(b->session, NULL, SPASMD_HEADSET_OBJECT, on_headset_call,
					b);
	if (r >= 0)
		r = sd_bus_attach_event(b->session, b->event, SD_EVENT_PRIORITY_NORMAL);
	if (r < 0) {
		fprintf(stderr, "spasmctl: cannot set up the session bus: %s\n", strerror(-r));
		return r;
	}
	r = sd_bus_request_name(b->session, SPASMD_BUS_NAME, 0);
	if (r == -EEXIST)
		fputs("spasmctl: another bridge is running on this bus\n", stderr);
	else if (r < 0)
		fprintf(stderr, "spasmctl: cannot take the name " SPASMD_BUS_NAME ": %s\n",
			strerror(-r));
	return r;
}

/* ---- signals ---- */

static void bridge_changed(struct bridge *b, const char *property)
{
	(void)sd_bus_emit_properties_changed(b->session, SPASMD_OBJECT, SPASMD_BRIDGE_INTERFACE,
					     property, NULL);
}

void bridge_session_set_connection(struct bridge *b, enum bridge_connection connection)
{
	if (b->connection == connection)
		return;
	b->connection = connection;
	bridge_changed(b, "Connection");
}

void bridge_session_revoked(struct bridge *b)
{
	(void)sd_bus_emit_signal(b->session, SPASMD_OBJECT, SPASMD_EPISODES_INTERFACE,
				 EPISODES_REVOKED, "");
}

void bridge_session_in_spasm_changed(struct bridge *b)
{
	bridge_changed(b, "InSpasm");
}

/* @event: the daemon's signal, read up to its dictionary. */
void bridge_session_broadcast(struct bridge *b, sd_bus_message *event)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sd_bus_message_new_signal(b->session, &m, SPASMD_OBJECT, SPASMD_EPISODES_INTERFACE,
				      sd_bus_message_get_member(event));
	if (r >= 0)
		r = sd_bus_message_append(m, "t", ++b->serial);
	if (r >= 0)
		r = sd_bus_message_copy(m, event, false);
	if (r >= 0)
		r = sd_bus_send(b->session, m, NULL);
	if (r < 0)
		fprintf(stderr, "spasmctl: an event could not be passed on: %s\n", strerror(-r));
	if (b->last_spasm == event)
		bridge_changed(b, "LastSpasm");
}

void bridge_session_pass(struct bridge *b, sd_bus_message *signal)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sd_bus_message_rewind(signal, true);
	if (r >= 0)
		r = sd_bus_message_new_signal(b->session, &m, sd_bus_message_get_path(signal),
					      sd_bus_message_get_interface(signal),
					      sd_bus_message_get_member(signal));
	if (r >= 0)
		r = sd_bus_message_copy(m, signal, true);
	if (r >= 0)
		r = sd_bus_send(b->session, m, NULL);
	if (r < 0)
		fprintf(stderr, "spasmctl: a signal could not be passed on: %s\n", strerror(-r));
}

void bridge_session_headset_removed(struct bridge *b, const char *path)
{
	(void)sd_bus_emit_signal(b->session, SPASMD_OBJECT, "org.freedesktop.DBus.ObjectManager",
				 "InterfacesRemoved", "oas", path, 1, SPASMD_HEADSET_INTERFACE);
}
