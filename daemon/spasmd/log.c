/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-journal.h>

#include "log.h"

#define TEXT_MAX 512

static int max_level = LOG_INFO;

void log_set_max_level(int level)
{
	max_level = level;
}

/* $JOURNAL_STREAM is handed on to children whose standard error may be something else. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) >= 0 && st.st_dev == device && st.st_ino == inode;
}

/* @message_id, @headset: NULL where there is none. */
static void log_text(int level, const char *message_id, const char *headset, const char *text)
{
	char id[64], device[64];

	if (level > max_level)
		return;
	/* One write a line: lines of other processes must not cut into it. */
	if (!stderr_is_journal()) {
		fprintf(stderr, "spasmd: %s\n", text);
		return;
	}
	snprintf(id, sizeof(id), "MESSAGE_ID=%s", message_id ? message_id : "");
	snprintf(device, sizeof(device), "SPASMD_HEADSET=%s", headset ? headset : "");
	/* The list ends at the first NULL. */
	(void)sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", level, message_id ? "%s" : NULL,
			      id, headset ? "%s" : NULL, device, NULL);
}

static void log_printv(int level, int error, const char *format, va_list args)
{
	char text[TEXT_MAX];
	size_t length;

	vsnprintf(text, sizeof(text), format, args);
	length = strlen(text);
	if (error)
		snprintf(text + length, sizeof(text) - length, ": %s", strerror(-error));
	log_text(level, NULL, NULL, text);
}

void log_headset(int level, const char *message_id, const char *headset, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;
	int n;

	n = snprintf(text, sizeof(text), "%s: ", headset);
	va_start(args, format);
	vsnprintf(text + n, sizeof(text) - (size_t)n, format, args);
	va_end(args);
	log_text(level, message_id, headset, text);
}

void log_configuration(int level, const char *text)
{
	log_text(level, MESSAGE_CONFIGURATION, NULL, text);
}

void log_print(int level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_printv(level, 0, format, args);
	va_end(args);
}

int log_print_errno(int level, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_printv(level, error, format, args);
	va_end(args);
	return error;
}
