/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Faults that the emulated headset commits on request. Pure: it only decides;
 * seeded, so that a run can be repeated.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What becomes of a frame. */
enum frame_fate {
	FATE_SEND,
	FATE_LOSE_DEVICE, /* dropped before it got a sequence number */
	FATE_LOSE_BUS,	  /* numbered, but never sent */
	FATE_CORRUPT,	  /* sent with a wrong bit: its checksum does not fit */
	FATE_SHORT,	  /* sent cut short */
	FATE_COUNT
};

/* "send", "device", "bus", "corrupt", "short". */
extern const char *const frame_fate_names[FATE_COUNT];

struct faults {
	uint64_t random;		  /* state; set it to a seed */
	unsigned int pending[FATE_COUNT]; /* of the next frames */
	double probability;		  /* of a frame being lost at random */
	enum frame_fate random_fate; /* FATE_SEND: device, bus or corrupt by turns of the die */
	double late_probability;     /* of a frame being late */
	unsigned int late_ms;	     /* at most */
	unsigned int late_pending;   /* the next frame is late by this, ms */
};

/* Decides on the next frame. */
enum frame_fate faults_next(struct faults *f);

/* By how many milliseconds the next frame comes late, 0: it does not. */
double faults_next_delay(struct faults *f);

/* Spoils @frame as @fate says; returns its new length. */
size_t faults_spoil(struct faults *f, enum frame_fate fate, uint8_t *frame, size_t length);

/* Changes the reply to DESCRIBE so that no host should take it. */
struct describe_lie {
	const char *name, *description;
	unsigned int offset, size; /* field of struct oeh_describe that is overwritten */
	uint64_t value;
	unsigned int cut; /* bytes taken off the end; all but seven when it has fewer */
};

/* Ends with a NULL name. */
extern const struct describe_lie describe_lies[];

/* Returns the new length of @reply. */
size_t describe_lie_apply(const struct describe_lie *lie, uint8_t *reply, size_t length);
