/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "lines.h"

/* Reads over the rest of a line that was too long. Returns 1, 0 at the end. */
static int rest_skip(struct lines *l)
{
	struct source *s = l->source;

	while (l->skip) {
		ssize_t n = source_fill(s, 1);
		const unsigned char *newline;

		if (n <= 0)
			return (int)n;
		newline = memchr(source_data(s), '\n', (size_t)n);
		source_skip(s, newline ? (size_t)(newline - source_data(s)) + 1 : (size_t)n);
		l->skip = !newline;
	}
	return 1;
}

/* Finds the end of the line that begins at the source's data, which it fills. */
static int end_find(struct source *s, const char **ret)
{
	size_t looked = 0;

	for (;;) {
		ssize_t n = source_fill(s, looked + 1);
		const char *data = (const char *)source_data(s);

		if (n < 0)
			return (int)n;
		if ((size_t)n > LINE_LENGTH_MAX)
			n = LINE_LENGTH_MAX;
		*ret = memchr(data + looked, '\n', (size_t)n - looked);
		if (*ret || (size_t)n == looked || n == LINE_LENGTH_MAX)
			return (int)n;
		looked = (size_t)n;
	}
}

int lines_next(struct lines *l, struct line *ret)
{
	struct source *s = l->source;
	const char *newline = NULL;
	int n;

	source_skip(s, l->taken);
	l->taken = 0;
	n = rest_skip(l);
	if (n <= 0)
		return n;
	n = end_find(s, &newline);
	if (n <= 0)
		return n;

	ret->text = (const char *)source_data(s);
	ret->end = newline ?: ret->text + n;
	ret->number = ++l->number;
	ret->too_long = !newline && n == LINE_LENGTH_MAX;
	ret->unfinished = !newline && !ret->too_long;
	l->taken = (size_t)(ret->end - ret->text) + (newline != NULL);
	l->skip = ret->too_long;
	if (ret->end > ret->text && ret->end[-1] == '\r')
		ret->end--;
	return 1;
}
