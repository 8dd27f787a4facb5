/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Recordings: EDF+, BDF+, OpenBCI text and CSV behind one reader. The parsers
 * are pure (bytes in, samples out); a cut or lying file costs a clear message
 * and never memory.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "montage.h"

struct recording;

struct recording_options {
	double rate;	/* Hz, 0: the file says */
	double unit_uv; /* microvolts per unit of the file, 0: the file says, or uV */
};

struct recording_info {
	const char *format;	 /* "EDF+", "BDF+", "OpenBCI", "CSV" */
	unsigned int n_channels; /* signals of one rate, annotations left out */
	double rate;		 /* Hz */
	const char *labels[MONTAGE_MAX];
	float clip_uv[MONTAGE_MAX]; /* largest magnitude that the converter gives, 0: not known */
};

enum recording_item_kind {
	RECORDING_SCANS,  /* n_scans scans are in the caller's buffer */
	RECORDING_GAP,	  /* n_scans samples are missing here */
	RECORDING_MARKER, /* an annotation of a marker button, at this place */
	RECORDING_END
};

struct recording_item {
	enum recording_item_kind kind;
	uint64_t n_scans;
};

/* Told about what is wrong but not fatal (a cut file, a skipped signal). */
typedef void (*recording_warning_fn)(const char *message, void *userdata);

/*
 * Opens @path and reads its header. Returns 0 or negative errno; on error
 * *@error (malloc'ed, NULL when out of memory) says what is wrong and what to
 * do; it does not name the file. -EDESTADDRREQ: the file does not say its rate,
 * so options->rate is needed.
 */
int recording_open(const char *path, const struct recording_options *options,
		   recording_warning_fn warn, void *userdata, struct recording **ret, char **error);
/* The same for a file that is open; @fd is taken over, on error too. */
int recording_open_fd(int fd, const struct recording_options *options, recording_warning_fn warn,
		      void *userdata, struct recording **ret, char **error);
struct recording *recording_close(struct recording *r); /* returns NULL */

const struct recording_info *recording_get_info(const struct recording *r);

/*
 * Reads up to @max_scans scans of microvolts into @uv, each scan @stride
 * floats long; the floats past n_channels are zeroed. Returns 0 and what was
 * met in *@item, or negative errno with *@error as in recording_open().
 */
int recording_read(struct recording *r, float *uv, size_t stride, size_t max_scans,
		   struct recording_item *item, char **error);

/* Microvolts in "uV", "mV", "V" or "nV", a micro sign included. Returns 0 or -EINVAL. */
int recording_unit_from_text(const char *text, size_t length, double *ret);
