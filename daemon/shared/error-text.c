// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>

#include "error-text.h"

int error_text(char **error, int r, const char *format, ...)
{
	va_list ap;

	if (!error)
		return r;

	va_start(ap, format);
	if (vasprintf(error, format, ap) < 0)
		*error = NULL;
	va_end(ap);

	return r;
}
