/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Messages go to standard error: with the journal's priority prefix when that
 * is the journal, readable by a person otherwise. Nothing that is logged tells
 * of anybody's spasms.
 */
#include <syslog.h>

#include "util.h"

void log_set_max_level(int level);
void log_print(int level, const char *format, ...) _printf_(2, 3);

/* Adds what @error (negative errno) means, and returns it. */
int log_print_errno(int level, int error, const char *format, ...) _printf_(3, 4);

#define log_error(...)	       log_print(LOG_ERR, __VA_ARGS__)
#define log_warning(...)       log_print(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	       log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	       log_print(LOG_DEBUG, __VA_ARGS__)
#define log_error_errno(...)   log_print_errno(LOG_ERR, __VA_ARGS__)
#define log_warning_errno(...) log_print_errno(LOG_WARNING, __VA_ARGS__)
#define log_debug_errno(...)   log_print_errno(LOG_DEBUG, __VA_ARGS__)
