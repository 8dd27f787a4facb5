/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmctl load: load the kernel module. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"
#include "spasmctl.h"

static const char help[] = "Usage: spasmctl load\n"
			   "\n"
			   "Loads the kernel module " MODULE_NAME
			   " and what it needs. Usually it is loaded by itself\n"
			   "when a headset is plugged in.\n";

static const char *advice(int r)
{
	switch (r) {
	case -EPERM:
		return "only root may load modules: \"sudo spasmctl load\"";
	case -ENOENT:
		return "it is not installed for this kernel; \"spasmctl status\" tells more";
	case -ENOEXEC:
		return "it was built for another kernel; \"spasmctl status\" tells more";
	case -EKEYREJECTED:
		return "this kernel only loads signed modules (Secure Boot): enrol the key that "
		       "signs it, \"sudo mokutil --import /var/lib/dkms/mok.pub\", and start anew";
	default:
		return strerror(-r);
	}
}

int command_load(int argc, char **argv)
{
	int r;

	if (argc > 1) {
		int wanted = strcmp(argv[1], "--help") == 0;

		fputs(help, wanted ? stdout : stderr);
		return wanted ? EXIT_SUCCESS : EXIT_USAGE;
	}
	r = module_load();
	if (r < 0) {
		fprintf(stderr, "spasmctl: cannot load " MODULE_NAME ": %s\n", advice(r));
		return EXIT_FAILURE;
	}
	puts(MODULE_NAME " is loaded");
	return EXIT_SUCCESS;
}
