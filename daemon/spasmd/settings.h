/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * spasmd.conf: sections [daemon] and [montage]. What is not in the file keeps
 * its default; an unknown section or key and a bad value are refused, with file
 * and line.
 */
#include <stdbool.h>

#define SETTINGS_FILE "/etc/spasmd/spasmd.conf"

struct settings {
	double rate;		   /* rate=: Hz to set on each headset; 0 (default): as it is */
	unsigned int watermark_ms; /* watermark_ms=: samples are taken this often, 1 to 100 */
	unsigned int buffer_s;	   /* buffer_s=: samples that the kernel keeps, 1 to 60 */
	bool has_montage; /* there is a [montage] that takes the place of the devices' own */
	char *file;	  /* where they are from, NULL: defaults */
};

void settings_init(struct settings *s);
void settings_clear(struct settings *s);

/*
 * Reads @path. Returns 0 or negative errno; then *@error (malloc'ed, NULL when
 * out of memory) says what is wrong. -ENOENT: there is no such file.
 */
int settings_read(struct settings *s, const char *path, char **error);
