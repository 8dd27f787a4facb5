/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Where the samples are in a text file: OpenBCI's "%" header or CSV with
 * comments and a header line, found out from the file's beginning.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lines.h"

#define TEXT_COLUMNS_MAX 1024 /* further ones are left out */

enum {
	COLUMN_SKIPPED = -1,
	COLUMN_INDEX = -2, /* OpenBCI's sample index */
};

/* A piece of a line. */
struct field {
	const char *at;
	size_t length;
};

struct text_layout {
	bool openbci;
	char delimiter;
	double rate;			  /* Hz, 0: not said */
	double unit_uv;			  /* 0: not said */
	unsigned int n_channels_said;	  /* OpenBCI's header; 0: not said */
	struct field header;		  /* line of names, length 0: none */
	struct field first_row;		  /* length 0: there is no row of numbers */
	size_t data_at;			  /* bytes before the first row */
	uint64_t lines_before;		  /* and lines */
	unsigned int n_columns;		  /* in the first row */
	unsigned int n_used;		  /* columns up to the last that is needed */
	int16_t column[TEXT_COLUMNS_MAX]; /* channel, or COLUMN_ */
};

/*
 * Reads comments, header and the first row; text fields of @l point into the
 * source's buffer. What is not a matter of form (columns) is left to the caller.
 */
void text_layout_read(struct text_layout *l, const struct source *source);

/* Takes the next field, blanks and quotes taken off. False: no more. */
bool field_next(struct field *line, char delimiter, struct field *ret);

/* Empty, or a word for a value that is not there ("NaN", "n/a"). */
bool field_is_missing(struct field f);

/* Names that a header may give to a column of seconds. */
bool field_is_time(struct field f);

struct text_row {
	unsigned int n_fields; /* at most n_used */
	unsigned int n_values, n_bad;
	double index; /* sample index, NAN: none */
};

/* Reads one row into @uv; NaN where there is no number. */
void text_row_read(const struct text_layout *l, const struct line *line, float *uv,
		   struct text_row *ret);

/* True for a line without samples: blank, or a comment. */
bool line_is_comment(const struct line *line);
