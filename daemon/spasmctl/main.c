/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of spasmd: finds the subcommand and runs it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spasmctl.h"
#include "util.h"

struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
	{"list", "headsets that are connected", command_list},
	{"status", "module, headsets and daemon: what is there, what is missing", command_status},
	{"monitor", "events as they happen [--json]", command_monitor},
	{"analyze", "events of a recording [--json] [--montage FILE] FILE", command_analyze},
	{"load", "load the kernel module (as root)", command_load},
	{"bridge", "offer the events on this user's own bus", command_bridge},
};

static void print_help(FILE *f)
{
	fputs("Usage: spasmctl COMMAND [OPTION]...\n\nCommands:\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fputs("\n\"spasmctl COMMAND --help\" tells more.\n"
	      "spasmd is not a medical device and gives no diagnosis.\n",
	      f);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		print_help(stdout);
		return EXIT_SUCCESS;
	}
	if (strcmp(name, "--version") == 0) {
		puts("spasmctl " SPASMD_VERSION);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);

	fprintf(stderr, "spasmctl: there is no command \"%s\"; see \"spasmctl --help\"\n", name);
	return EXIT_USAGE;
}
