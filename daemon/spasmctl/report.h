/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What `spasmctl analyze` prints: JSON Lines for programs, a table for people. */
#include <stdbool.h>
#include <stdint.h>

#include "detect.h"
#include "recording.h"

#define REPORT_WARNINGS_MAX 64 /* further ones are printed, but not in the summary */

struct report {
	bool json;
	const char *path;
	const struct recording_info *info;
	const struct montage *montage;
	const char *montage_from; /* "file", "labels" or "none" */
	uint64_t gaps, lost;	  /* number of gaps, samples in them */
	char *warnings[REPORT_WARNINGS_MAX];
	unsigned int n_warnings;
};

void report_clear(struct report *r);

/* Tells it on stderr at once, and again in the summary. */
void report_warn(struct report *r, const char *message);

void report_begin(const struct report *r);
void report_event(const struct report *r, const struct detector_event *e);
void report_end(const struct report *r, const struct detector_totals *totals);
