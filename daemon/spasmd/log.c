/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static int max_level = LOG_INFO;

void log_set_max_level(int level)
{
	max_level = level;
}

static void log_printv(int level, int error, const char *format, va_list args)
{
	char text[512];

	if (level > max_level)
		return;
	vsnprintf(text, sizeof(text), format, args);
	/* One write a line: lines of other processes must not cut into it. */
	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>%s%s%s\n", level, text, error ? ": " : "",
			error ? strerror(-error) : "");
	else
		fprintf(stderr, "spasmd: %s%s%s\n", text, error ? ": " : "",
			error ? strerror(-error) : "");
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
