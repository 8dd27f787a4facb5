/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Errors that come with a text for people: what is wrong, and what to do. */
#include "util.h"

/*
 * Puts the text into *@error (malloc'ed; NULL when out of memory), where @error
 * is not NULL, and returns @r.
 */
int error_text(char **error, int r, const char *format, ...) _printf_(3, 4);
