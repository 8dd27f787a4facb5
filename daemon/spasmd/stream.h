/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * From the bytes of an IIO buffer to the detector: finds losses by the sample
 * counter, keeps the time of each sample, and hands over microvolts. Does no
 * I/O and allocates nothing after stream_init().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect.h"
#include "scan.h"
#include "timeline.h"

#define STREAM_BLOCK 256 /* scans that are handed over at once */

struct stream_counters {
	uint64_t samples;      /* scans received */
	uint64_t gaps;	       /* times that something was missing */
	uint64_t lost;	       /* scans that the sample counter says are missing */
	uint64_t overrun;      /* the same, for which the kernel's buffer had no room */
	uint64_t not_captured; /* scans that would have come while capture was interrupted */
};

struct stream {
	struct scan_layout layout;
	double rate;		     /* Hz */
	float scale_uv[MONTAGE_MAX]; /* microvolts per count */
	float offset[MONTAGE_MAX];   /* counts */
	struct detector *detector;   /* not owned */
	struct timeline timeline;
	struct stream_counters counters;
	uint32_t lead_off; /* of the newest scan */
	/* Where the next scan is expected. */
	bool running;		     /* a scan came since stream_begin() */
	uint32_t expected;	     /* its counter */
	struct timeline_anchor last; /* newest scan; ns 0: there was none */
	size_t room;		     /* scans that the kernel's buffer keeps; 0: not known */
	size_t backlog;		     /* scans that may have been in it at once */
	bool drained;		     /* it was found empty, and nothing came since */
	size_t in_flight;	     /* scans that may have come while it was read then */
	float *block;
	size_t stride;
};

/* Layout, rate, scales and detector are set. Returns 0 or -ENOMEM. */
int stream_init(struct stream *s);
void stream_clear(struct stream *s);

/* A capture starts: the device's counter is at zero. */
void stream_begin(struct stream *s);

/* The last @n scans emptied the kernel's buffer; until then they took up room in it. */
void stream_drained(struct stream *s, size_t n);

/* Capture is interrupted and it is @now_ns: time goes on for the detector. */
void stream_pass(struct stream *s, int64_t now_ns);

/*
 * @n whole scans as they came; @now_ns dates them where they carry no
 * timestamp. Returns 0, or -ESTALE when they do not continue what was before:
 * somebody else has set up the buffer anew. What followed was not used.
 */
int stream_push(struct stream *s, const uint8_t *scans, size_t n, int64_t now_ns);
