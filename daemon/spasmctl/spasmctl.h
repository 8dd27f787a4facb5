/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * spasmctl: a table of subcommands, each in a file of its own. A command gets
 * its name as argv[0] and its own options after it, says what is wrong itself,
 * and returns the program's exit status.
 */
#define EXIT_UNREADABLE 1 /* also: not there, not allowed, broken */
#define EXIT_USAGE	2 /* wrong use */

int command_list(int argc, char **argv);
int command_status(int argc, char **argv);
int command_monitor(int argc, char **argv);
int command_bridge(int argc, char **argv);
int command_load(int argc, char **argv);
int command_analyze(int argc, char **argv);
