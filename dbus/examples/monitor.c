/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints spasms as they begin and end, from the session bus.
 * gcc -o monitor monitor.c $(pkg-config --cflags --libs libsystemd)
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define SPASM 1 /* kind, see org.spasmd1(5) */

/* The numbers "kind" and "side" of the event, an a{sv}; 0 where it has none. */
static int event_read(sd_bus_message *m, uint32_t *kind, uint32_t *side)
{
	const char *key;
	int r;

	*kind = *side = 0;
	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r >= 0 && strcmp(key, "kind") == 0)
			r = sd_bus_message_read(m, "v", "u", kind);
		else if (r >= 0 && strcmp(key, "side") == 0)
			r = sd_bus_message_read(m, "v", "u", side);
		else if (r >= 0)
			r = sd_bus_message_skip(m, "v");
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	return r;
}

static int on_signal(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	static const char *const sides[] = {"unknown side", "left", "right"};
	const char *member = sd_bus_message_get_member(m);
	uint32_t kind, side;

	(void)userdata;
	(void)error;
	if (strcmp(member, "Started") != 0 && strcmp(member, "Ended") != 0)
		return 0;
	if (sd_bus_message_skip(m, "t") < 0 || event_read(m, &kind, &side) < 0)
		return 0;
	if (kind == SPASM)
		printf("%s %s\n", member, sides[side < 3 ? side : 0]);
	return 0;
}

int main(void)
{
	sd_bus *bus = NULL;
	int in_spasm, r;

	setvbuf(stdout, NULL, _IOLBF, 0);
	r = sd_bus_open_user(&bus);
	if (r >= 0)
		r = sd_bus_match_signal(bus, NULL, "org.spasmd1", "/org/spasmd1",
					"org.spasmd1.Episodes", NULL, on_signal, NULL);
	/* Asking for a property starts the bridge, should nobody have done so yet. */
	if (r >= 0)
		r = sd_bus_get_property_trivial(bus, "org.spasmd1", "/org/spasmd1",
						"org.spasmd1.Bridge", "InSpasm", NULL, 'b',
						&in_spasm);
	if (r >= 0)
		puts(in_spasm ? "in spasm now" : "no spasm now");
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
	fprintf(stderr, "monitor: %s\n", strerror(-r));
	sd_bus_unref(bus);
	return 1;
}
