/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A file read forward through one large buffer. read() and not mmap(): a file
 * that is cut while it is mapped kills its reader.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SOURCE_LEAD 16 /* readable bytes before the first byte of the buffer */

struct source {
	int fd;
	unsigned char *memory, *buffer; /* the buffer lies SOURCE_LEAD into the memory */
	size_t size;
	size_t begin, end; /* of what is in the buffer and not yet taken */
	bool at_end;	   /* the file has nothing more than that */
};

/* Takes @fd over. Returns 0 or -ENOMEM. */
int source_init(struct source *s, int fd, size_t size);
void source_done(struct source *s);

/* Makes the buffer at least @size bytes large. Returns 0 or -ENOMEM. */
int source_reserve(struct source *s, size_t size);

/*
 * Reads until @n bytes (at most the buffer's size) are there or the file ends.
 * Returns how many there are, or negative errno. Moves what is in the buffer.
 */
ssize_t source_fill(struct source *s, size_t n);

static inline const unsigned char *source_data(const struct source *s)
{
	return s->buffer + s->begin;
}

static inline size_t source_available(const struct source *s)
{
	return s->end - s->begin;
}

/* Takes @n of the bytes that are there. */
static inline void source_skip(struct source *s, size_t n)
{
	s->begin += n;
}
