/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Numbers as text, the same in every locale: recordings and JSON have decimal
 * points, whatever a user's language has.
 */
#include <stdbool.h>
#include <stddef.h>

/*
 * Reads a decimal number ("-12", "1.5e-3") that begins at @p. Returns where it
 * ends, or NULL when there is none before @end. Correctly rounded up to 15
 * significant digits, else within a few units of the last place of a double;
 * infinite when it is too large.
 */
const char *number_parse(const char *p, const char *end, double *ret);

/* True when the whole of @text, blanks around it aside, is one finite number. */
bool number_is_whole(const char *text, size_t length, double *ret);

#define NUMBER_TEXT_MAX 32

/* @value with @decimals (0 to 9), or "null" when that can't be told. Returns @buf. */
const char *number_format(double value, unsigned int decimals, char buf[NUMBER_TEXT_MAX]);
