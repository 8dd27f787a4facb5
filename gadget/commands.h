/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the emulated headset can be told while it runs, one command a line. */
#include <stdio.h>

#include "headset.h"

/* Prints the list of commands. */
void commands_print_help(FILE *f);

/*
 * Carries out @line. Returns 0; 1 for "quit"; -EINVAL where it is no command or
 * its arguments are wrong (said on standard error); or another negative errno.
 */
int command_run(struct headset *h, const char *line);

/* As command_run(), but changes nothing: is @line a command? */
int command_check(const char *line);
