/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Lines of text out of a source, in place. A line may be of any length: what
 * lies beyond LINE_LENGTH_MAX is read over.
 */
#include <stdint.h>

#include "source.h"

#define LINE_LENGTH_MAX (64 * 1024)

struct line {
	const char *text, *end; /* without the line's end; not NUL-terminated */
	uint64_t number;	/* from 1 */
	bool unfinished;	/* the file ended before the line did */
	bool too_long;		/* this is only its beginning */
};

struct lines {
	struct source *source;
	uint64_t number;
	size_t taken; /* bytes of the line given last, its end included */
	bool skip;    /* the rest of a line that was too long comes first */
};

/* Next line. Returns 1, 0 at the end of the file, or negative errno. */
int lines_next(struct lines *l, struct line *ret);
