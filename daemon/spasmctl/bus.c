/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bus.h"

int bus_open(bool system, sd_bus **ret)
{
	int r = system ? sd_bus_open_system(ret) : sd_bus_open_user(ret);

	if (r < 0)
		fprintf(stderr, "spasmctl: cannot connect to %s bus: %s\n",
			system ? "the system" : "this user's own", strerror(-r));
	return r;
}

bool bus_error_is_absence(const sd_bus_error *error)
{
	return sd_bus_error_has_name(error, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
	       sd_bus_error_has_name(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER) ||
	       sd_bus_error_has_name(error, "org.freedesktop.systemd1.NoSuchUnit") ||
	       (error->name && strncmp(error->name, "org.freedesktop.DBus.Error.Spawn.", 33) == 0);
}

void bus_explain_daemon(const sd_bus_error *error, int r)
{
	if (bus_error_is_absence(error))
		fputs("spasmctl: spasmd is not running. Start it with \"systemctl start spasmd\", "
		      "or look\n"
		      "with \"spasmctl status\" for what is missing.\n",
		      stderr);
	else if (sd_bus_error_has_name(error, SD_BUS_ERROR_ACCESS_DENIED))
		fprintf(stderr,
			"spasmctl: %s.\n"
			"To allow it: \"sudo adduser $USER spasmd-clients\".\n",
			error->message);
	else
		fprintf(stderr, "spasmctl: spasmd did not answer: %s\n",
			error->message ? error->message : strerror(-r));
}

int bus_call(sd_bus *bus, const char *interface, const char *member, sd_bus_error *error,
	     sd_bus_message **reply)
{
	return sd_bus_call_method(bus, SPASMD_BUS_NAME, SPASMD_OBJECT, interface, member, error,
				  reply, NULL);
}
