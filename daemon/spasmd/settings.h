/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * spasmd.conf and its drop-ins, as spasmd.conf(5) has them: sections [daemon] and
 * [montage]. What no file says keeps its default; an unknown section or key and a
 * bad value are refused, with file and line.
 */
#include <stdbool.h>

#define SETTINGS_DEVICES_MAX 8

struct settings {
	double rate;	 /* Hz to set on each headset; 0: as it is */
	double scale_uv; /* microvolts of one count to set on each channel; 0: as it is */
	unsigned int watermark_ms;
	unsigned int buffer_s;
	bool capture_always; /* and not only while somebody listens */
	bool broadcast;	     /* events go to everybody who may receive them */
	unsigned int max_subscribers_per_user;
	unsigned int n_devices;
	char *devices[SETTINGS_DEVICES_MAX]; /* names of plain IIO devices that are headsets too */
	char *trigger;			     /* IIO trigger of those that need one; NULL: none */
	char *montage_file; /* the file whose [montage] is used; NULL: the devices' own labels */
};

void settings_init(struct settings *s);
void settings_clear(struct settings *s);
bool settings_has_device(const struct settings *s, const char *name);

/*
 * Reads one file over what is there. Returns 0 or negative errno; then *@error
 * (malloc'ed, NULL when out of memory) says what is wrong. -ENOENT: there is no
 * such file.
 */
int settings_read(struct settings *s, const char *path, char **error);

/*
 * Reads all files that there are, from defaults on. @file: the one of --config,
 * with the folder FILE.d; NULL: the usual ones. Errors as in settings_read().
 */
int settings_load(struct settings *s, const char *file, char **error);

/*
 * Puts the paths of the drop-ins into @paths, in the order in which they count:
 * names in sorted order, each from the first of @folders (ends with NULL) that has
 * it; one that leads to /dev/null takes a name out. The caller frees the paths.
 * Returns how many there are, or -E2BIG or -ENOMEM.
 */
int settings_find_drop_ins(const char *const *folders, char **paths, unsigned int max);
