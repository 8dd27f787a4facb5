/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The header of EDF, EDF+ (16 bits), BDF and BDF+ (24 bits) files, as text in
 * fields of fixed width: 256 bytes for the file, then 256 for each signal, field
 * by field. Specification: edfplus.info; BioSemi for BDF.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDF_HEADER_BYTES 256	      /* of the file's part, and for each signal */
#define EDF_RECORD_MAX	 (256u << 20) /* bytes; larger ones are refused */

#define EDF_LABEL_MAX 17 /* with NUL */

enum edf_signal_kind {
	EDF_SIGNAL_OTHER, /* not a voltage */
	EDF_SIGNAL_VOLTAGE,
	EDF_SIGNAL_ANNOTATIONS
};

struct edf_signal {
	enum edf_signal_kind kind;
	char label[EDF_LABEL_MAX];
	unsigned int samples; /* in a record */
	size_t offset;	      /* bytes from the record's start */
	double unit_uv;	      /* voltages: microvolts per unit, 0: the header has no unit */
	/* after edf_header_calibrate() */
	double scale, zero; /* microvolts = scale x digital + zero */
	float clip_uv;	    /* largest magnitude that the digital range can say */
};

struct edf_header {
	bool plus, discontinuous;
	unsigned int sample_bytes; /* 2 or 3 */
	int64_t records;	   /* as promised; -1: not known */
	double duration;	   /* of a record, seconds; may be 0 */
	size_t record_bytes;
	unsigned int n_signals;
	struct edf_signal *signals;
};

/*
 * Length of the header whose first 256 bytes are @bytes. These return 0 or
 * negative errno, and *@error (malloc'ed) then names the field.
 */
int edf_header_length(const unsigned char *bytes, size_t *ret, char **error);

int edf_header_parse(struct edf_header *h, const unsigned char *bytes, char **error);
void edf_header_clear(struct edf_header *h);

/* Reads the ranges of one signal, physical values being @unit_uv microvolts each. */
int edf_header_calibrate(struct edf_header *h, const unsigned char *bytes, unsigned int signal,
			 double unit_uv, char **error);
