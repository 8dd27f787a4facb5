/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "source.h"
#include "util.h"

int source_init(struct source *s, int fd, size_t size)
{
	*s = (struct source){.fd = fd};
	return source_reserve(s, size);
}

void source_done(struct source *s)
{
	closep(&s->fd);
	free(s->memory);
	*s = (struct source){.fd = -1};
}

int source_reserve(struct source *s, size_t size)
{
	unsigned char *memory;

	if (size <= s->size)
		return 0;
	memory = malloc(SOURCE_LEAD + size);
	if (!memory)
		return -ENOMEM;
	memset(memory, 0, SOURCE_LEAD);
	if (s->end > s->begin)
		memcpy(memory + SOURCE_LEAD, source_data(s), source_available(s));
	free(s->memory);
	s->memory = memory;
	s->buffer = memory + SOURCE_LEAD;
	s->size = size;
	s->end -= s->begin;
	s->begin = 0;

	return 0;
}

ssize_t source_fill(struct source *s, size_t n)
{
	if (source_available(s) >= n || s->at_end)
		return (ssize_t)source_available(s);

	if (s->begin) {
		memmove(s->buffer, source_data(s), source_available(s));
		s->end -= s->begin;
		s->begin = 0;
	}
	/* As much as the buffer takes, so that small requests cost few calls. */
	while (s->end < n) {
		ssize_t got = read(s->fd, s->buffer + s->end, s->size - s->end);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0) {
			s->at_end = true;
			break;
		}
		s->end += (size_t)got;
	}
	return (ssize_t)source_available(s);
}
