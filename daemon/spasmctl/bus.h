/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the subcommands that talk to a bus share. */
#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "bus-contract.h"

/* Opens a bus and says on standard error what is wrong when it cannot. */
int bus_open(bool system, sd_bus **ret);

/* True where the error only says that nobody has the name. */
bool bus_error_is_absence(const sd_bus_error *error);

/* Says on standard error why the daemon did not answer and what to do. */
void bus_explain_daemon(const sd_bus_error *error, int r);

/* Calls a method without arguments of /org/spasmd1 and waits for its reply. */
int bus_call(sd_bus *bus, const char *interface, const char *member, sd_bus_error *error,
	     sd_bus_message **reply);
