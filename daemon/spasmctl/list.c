/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmctl list: the headsets that spasmd has. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "spasmctl.h"
#include "util.h"

#define MONTAGE_TEXT_MAX 512

/* What is shown of a headset; strings live as long as the reply. */
struct entry {
	const char *name, *serial, *node;
	char montage[MONTAGE_TEXT_MAX];
	double rate;
	uint32_t state;
	uint64_t samples, lost, overrun, not_captured;
};

static const char *state_name(uint32_t state)
{
	static const char *const names[] = {
		[HEADSET_UNKNOWN] = "unknown",	   [HEADSET_CONNECTED] = "connected",
		[HEADSET_STREAMING] = "streaming", [HEADSET_STALLED] = "stalled",
		[HEADSET_PAUSED] = "paused",
	};

	return state < ARRAY_SIZE(names) ? names[state] : "unknown";
}

static void entry_print(const struct entry *e)
{
	printf("%s%s%s (%s)\n", e->name, e->serial[0] ? " " : "", e->serial, e->node);
	printf("  %s, %g Hz, %s\n", state_name(e->state), e->rate, e->montage);
	printf("  %" PRIu64 " samples, %" PRIu64 " lost, %" PRIu64 " not read in time, %" PRIu64
	       " not captured\n",
	       e->samples, e->lost, e->overrun, e->not_captured);
}

static int montage_append(sd_bus_message *m, char text[MONTAGE_TEXT_MAX])
{
	const char *site;
	size_t length = 0;
	int r;

	text[0] = '\0';
	r = sd_bus_message_enter_container(m, 'v', "as");
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read_basic(m, 's', &site)) > 0) {
		int n = snprintf(text + length, MONTAGE_TEXT_MAX - length, "%s%s",
				 length ? " " : "", site);

		if (n > 0 && length + (size_t)n < MONTAGE_TEXT_MAX)
			length += (size_t)n;
	}
	if (r < 0)
		return r;
	r = sd_bus_message_exit_container(m);
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int property_read(sd_bus_message *m, struct entry *e)
{
	const struct {
		const char *name, *type;
		void *value;
	} wanted[] = {
		{"Name", "s", &e->name},
		{"Serial", "s", &e->serial},
		{"DeviceNode", "s", &e->node},
		{"Rate", "d", &e->rate},
		{"State", "u", &e->state},
		{"Samples", "t", &e->samples},
		{"Lost", "t", &e->lost},
		{"Overrun", "t", &e->overrun},
		{"NotCaptured", "t", &e->not_captured},
	};
	const char *name;
	int r;

	r = sd_bus_message_read_basic(m, 's', &name);
	if (r < 0)
		return r;
	if (strcmp(name, "Montage") == 0)
		return montage_append(m, e->montage);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (strcmp(name, wanted[i].name) == 0)
			return sd_bus_message_read(m, "v", wanted[i].type, wanted[i].value);
	return sd_bus_message_skip(m, "v");
}

/* The a{sv} of one interface. */
static int properties_read(sd_bus_message *m, struct entry *e)
{
	int r = sd_bus_message_enter_container(m, 'a', "{sv}");

	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = property_read(m, e);
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* The interfaces of one object: a{sa{sv}}. Returns 1 where it is a headset. */
static int object_read(sd_bus_message *m, struct entry *e)
{
	const char *interface;
	int r, found = 0;

	r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
		r = sd_bus_message_read_basic(m, 's', &interface);
		if (r < 0)
			break;
		if (strcmp(interface, SPASMD_HEADSET_INTERFACE) == 0) {
			found = 1;
			r = properties_read(m, e);
		} else {
			r = sd_bus_message_skip(m, "a{sv}");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r >= 0)
		r = sd_bus_message_exit_container(m);
	return r < 0 ? r : found;
}

/* Returns how many headsets there are. */
static int objects_print(sd_bus_message *m)
{
	int r, n = 0;

	r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
		struct entry e = {.name = "", .serial = "", .node = ""};

		r = sd_bus_message_skip(m, "o");
		if (r >= 0)
			r = object_read(m, &e);
		if (r > 0) {
			entry_print(&e);
			n++;
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r < 0 ? r : n;
}

int command_list(int argc, char **argv)
{
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r;

	if (argc > 1) {
		bool help = strcmp(argv[1], "--help") == 0;

		fputs("Usage: spasmctl list\n\nShows the headsets that spasmd has.\n",
		      help ? stdout : stderr);
		return help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	if (bus_open(true, &bus) < 0)
		return EXIT_FAILURE;
	r = bus_call(bus, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", &error,
		     &reply);
	if (r < 0) {
		bus_explain_daemon(&error, r);
		return EXIT_FAILURE;
	}
	r = objects_print(reply);
	if (r < 0) {
		fprintf(stderr, "spasmctl: spasmd's answer cannot be read: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}
	if (r == 0)
		puts("No headset. \"spasmctl status\" tells what is missing.");
	return EXIT_SUCCESS;
}
