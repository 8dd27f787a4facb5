/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "spasmd.h"

/* org.spasmd1.Manager and the connection to the bus. */

static int property_version(_unused_ sd_bus *bus, _unused_ const char *path,
			    _unused_ const char *interface, _unused_ const char *property,
			    sd_bus_message *reply, _unused_ void *userdata,
			    _unused_ sd_bus_error *error)
{
	return sd_bus_message_append(reply, "s", SPASMD_VERSION);
}

static int reload(struct spasmd *s, sd_bus_message *m, _unused_ uid_t uid, sd_bus_error *error)
{
	_cleanup_free_ char *problem = NULL;
	int r = spasmd_reload(s, &problem);

	if (r < 0)
		return sd_bus_error_setf(error, SPASMD_ERROR_CONFIGURATION, "%s",
					 problem ? problem : strerror(-r));
	return sd_bus_reply_method_return(m, NULL);
}

static int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return access_ask(userdata, m, ACCESS_CONFIGURE, reload, error);
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

int manager_watch_client(struct spasmd *s, const char *name, sd_bus_message_handler_t gone,
			 void *userdata, sd_bus_slot **ret)
{
	char match[256];

	snprintf(match, sizeof(match),
		 "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"
		 "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='%s'",
		 name);
	return sd_bus_add_match_async(s->bus, ret, match, gone, NULL, userdata);
}

void manager_notify_status(struct spasmd *s)
{
	unsigned int n = 0, streaming = 0;
	const struct capture *c;

	CAPTURE_FOREACH(c, s)
	{
		n++;
		streaming += c->state == HEADSET_STREAMING;
	}
	(void)sd_notifyf(false, "STATUS=%u headset%s, %u streaming", n, n == 1 ? "" : "s",
			 streaming);
}

int manager_connect(struct spasmd *s)
{
	int r;

	r = sd_bus_open_system_with_description(&s->bus, "spasmd");
	if (r < 0)
		return log_error_errno(r, "cannot connect to the system bus");
	/* A daemon without a bus is of no use: the service manager starts it anew. */
	r = sd_bus_set_exit_on_disconnect(s->bus, true);
	if (r >= 0)
		r = sd_bus_add_object_manager(s->bus, &s->object_manager_slot, SPASMD_OBJECT);
	if (r >= 0)
		r = sd_bus_add_object_vtable(s->bus, &s->manager_slot, SPASMD_OBJECT,
					     SPASMD_MANAGER_INTERFACE, manager_vtable, s);
	if (r >= 0)
		r = episodes_add(s);
	if (r >= 0)
		r = access_start(s);
	if (r >= 0)
		r = sd_bus_attach_event(s->bus, s->event, SD_EVENT_PRIORITY_NORMAL + 5);
	if (r < 0)
		return log_error_errno(r, "cannot set up the bus");
	return 0;
}

int manager_take_name(struct spasmd *s)
{
	int r;

	r = sd_bus_request_name(s->bus, SPASMD_BUS_NAME, 0);
	if (r == -EEXIST)
		return log_error_errno(r, "another spasmd is running on this bus");
	if (r < 0)
		return log_error_errno(r, "cannot take the name " SPASMD_BUS_NAME
					  " (is the bus policy installed?)");
	s->has_name = true;
	return 0;
}

void manager_disconnect(struct spasmd *s)
{
	if (!s->bus)
		return;
	access_stop(s);
	episodes_remove(s);
	s->manager_slot = sd_bus_slot_unref(s->manager_slot);
	s->object_manager_slot = sd_bus_slot_unref(s->object_manager_slot);
	s->bus = sd_bus_flush_close_unref(s->bus);
}
