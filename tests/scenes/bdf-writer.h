/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * A writer for plain BDF files (BioSemi: EDF with 24 bits), for test data
 * alone. The project's own recorder, with annotations and crash safety, is
 * another thing; this one knows nothing of the detector.
 */
#include <stddef.h>
#include <stdio.h>

#include "montage.h"

struct bdf_writer {
	FILE *file;
	unsigned int n_channels, rate; /* scans a record: one second */
	float clip_uv;		       /* the converter's rail: full scale of the file */
	unsigned char *record;
	unsigned int filled; /* scans in the record */
	unsigned long records;
};

/* Writes the header. Returns 0 or negative errno. @path is overwritten. */
int bdf_writer_open(struct bdf_writer *w, const char *path, const struct montage *montage,
		    unsigned int rate, float clip_uv);

/* Adds one scan of microvolts. */
int bdf_writer_add(struct bdf_writer *w, const float *uv);

/* Fills the last record with its last scan, writes the number of records, closes. */
int bdf_writer_close(struct bdf_writer *w);
