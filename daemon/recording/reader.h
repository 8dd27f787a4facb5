/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the formats' readers share, and each format's entry. A format fills in
 * info and its own state when it is opened, and then gives items.
 */
#include "recording.h"
#include "source.h"
#include "util.h"

#define LABEL_MAX 40		       /* with NUL */
#define GAP_MAX_S (10 * 366 * 86400.0) /* longer ones are taken for damage */

struct recording_format {
	int (*open)(struct recording *r, const struct recording_options *options, char **error);
	int (*read)(struct recording *r, float *uv, size_t stride, size_t max_scans,
		    struct recording_item *item, char **error);
	void (*close)(struct recording *r);
};

struct recording {
	const struct recording_format *format;
	struct recording_info info;
	struct source source;
	recording_warning_fn warn;
	void *userdata;
	char labels[MONTAGE_MAX][LABEL_MAX]; /* what info.labels points to */
	void *state;			     /* the format's own */
};

extern const struct recording_format edf_format;  /* and BDF */
extern const struct recording_format text_format; /* OpenBCI and CSV */

/* True for the first bytes of a file of EDF or BDF. */
bool edf_is_header(const unsigned char *bytes, size_t n);

/* Sets *@error and returns @r. */
int recording_fail(char **error, int r, const char *format, ...) _printf_(3, 4);
void recording_warn(const struct recording *r, const char *format, ...) _printf_(2, 3);

/* Gives channel @channel its label: printable ASCII, cut to LABEL_MAX. */
void recording_set_label(struct recording *r, unsigned int channel, const char *text,
			 size_t length);

/*
 * Of @n signals, those that become channels: all, or, where there are too many,
 * those with a site first. @chosen gets their numbers, rising. Returns how many.
 */
unsigned int recording_choose(struct recording *r, const bool *has_site, unsigned int n,
			      unsigned int chosen[MONTAGE_MAX]);
