/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Time-stamped annotation lists (TAL) of EDF+ and BDF+: onset, maybe a duration,
 * then texts, as "+12.5\x15" "3\x14" "text\x14" "text\x14\0". The first of a
 * record has an empty text and says when the record starts.
 */
#include <stdbool.h>
#include <stddef.h>

/* The bytes of an annotation signal that are not read yet. */
struct tal_reader {
	const char *p, *end;
};

struct tal {
	double onset;		 /* seconds from the file's start */
	const char *texts, *end; /* each text ends with \x14 */
};

/* Reads the next list. False: there is none, or what follows is damaged. */
bool tal_next(struct tal_reader *r, struct tal *ret);

/* Takes the next text of @t, which may be empty. */
bool tal_text(struct tal *t, const char **ret, size_t *length);
