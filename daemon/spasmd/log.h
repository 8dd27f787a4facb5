/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Messages go to the journal where that is standard error, readable by a person
 * otherwise. Nothing that is logged tells of anybody's spasms.
 */
#include <syslog.h>

#include "util.h"

void log_set_max_level(int level);
void log_print(int level, const char *format, ...) _printf_(2, 3);

/*
 * Messages that programs may look for; spasmd.catalog explains each. In the journal
 * they carry SPASMD_HEADSET=, the name of the IIO device.
 */
#define MESSAGE_HEADSET_ADDED	"771f4e5e42974a97ad3b85fad2b62495"
#define MESSAGE_HEADSET_REMOVED "36f704230a004a7baa7c60c31ac30ae6"
#define MESSAGE_CAPTURE_STARTED "f3b455c6c3504374b4373e6940454286"
#define MESSAGE_STALLED		"7411c50343024ef9bc882f698e554207"
#define MESSAGE_CONFIGURATION	"26f0df4c70304dea862ca6de1773b983"

void log_headset(int level, const char *message_id, const char *headset, const char *format, ...)
	_printf_(4, 5);
/* The configuration was refused, or read anew. */
void log_configuration(int level, const char *text);

/* Adds what @error (negative errno) means, and returns it. */
int log_print_errno(int level, int error, const char *format, ...) _printf_(3, 4);

#define log_error(...)	       log_print(LOG_ERR, __VA_ARGS__)
#define log_warning(...)       log_print(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	       log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	       log_print(LOG_DEBUG, __VA_ARGS__)
#define log_error_errno(...)   log_print_errno(LOG_ERR, __VA_ARGS__)
#define log_warning_errno(...) log_print_errno(LOG_WARNING, __VA_ARGS__)
#define log_debug_errno(...)   log_print_errno(LOG_DEBUG, __VA_ARGS__)
