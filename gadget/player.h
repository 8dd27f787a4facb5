/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the emulated headset plays. A player gives counts of the device's
 * converter, at the rate that the device has when capture starts and at the
 * gains that it has when the sample is taken.
 */
#include <stdbool.h>

#include "device.h"

enum player_item_kind {
	PLAYER_SCANS,  /* n scans were written */
	PLAYER_GAP,    /* n scans are missing in the material */
	PLAYER_MARKER, /* the button is pressed here */
	PLAYER_END
};

struct player_item {
	enum player_item_kind kind;
	uint64_t n;
};

/* What is known to be in the signal; times in scans from the start. */
struct player_truth {
	const char *kind, *side, *form, *spread; /* words, never NULL */
	uint64_t start, end;
};

struct player;

struct player_ops {
	/* Back to the first scan, at the device's rate. Returns 0 or negative errno. */
	int (*start)(struct player *p);
	/* Gives the next item, at most @max scans. */
	void (*read)(struct player *p, int32_t *counts, size_t max, struct player_item *item);
	/* Optional: bit N: channel N has no contact at the newest scan. */
	uint32_t (*lead_off)(const struct player *p);
	/* Optional: event @i, false past the last. */
	bool (*truth)(const struct player *p, size_t i, struct player_truth *ret);
	void (*free)(struct player *p);
};

/* The first member of every player. */
struct player {
	const struct player_ops *ops;
	const struct device *device;
	uint64_t clipped; /* samples that the converter's range cut */
};

struct player *player_free(struct player *p); /* returns NULL */

/*
 * Converts @n scans of microvolts, each @stride floats long, as the device's
 * converter would.
 */
void player_convert(struct player *p, const float *uv, size_t stride, size_t n, int32_t *counts);

/* The bit-exact test pattern of pattern.h. Returns 0 or -ENOMEM. */
int player_new_pattern(const struct device *d, struct player **ret);
