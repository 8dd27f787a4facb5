/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Montage: which channel lies on which muscle. Names and codes come from the
 * protocol's muscle table (kernel/oeh_site.c); regions are decided here.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oeh_site.h"

#define MONTAGE_MAX OEH_MAX_CHANNELS

enum face_region {
	REGION_NONE,  /* muscle not known ("Oth") or not on the face */
	REGION_EYE,   /* Fro, Cor, OOc */
	REGION_MOUTH, /* Zyg, Buc, OOr, Men */
	REGION_JAW,   /* Mas */
};

struct site {
	uint8_t side;	/* enum oeh_side; OEH_SIDE_NONE: the channel is left out */
	uint8_t muscle; /* enum oeh_muscle */
};

struct montage {
	unsigned int n_channels;
	struct site sites[MONTAGE_MAX];
};

#define SITE_TEXT_MAX 32 /* longest text of the two functions below, with NUL */

enum face_region muscle_region(unsigned int muscle);

/* "L-OOc", or "-" for a channel that is left out. Returns @buf. */
const char *site_to_code(struct site site, char buf[SITE_TEXT_MAX]);

/* "left_orbicularis_oculi", as in_voltageN_label has it. Returns @buf. */
const char *site_to_label(struct site site, char buf[SITE_TEXT_MAX]);

/*
 * Reads any spelling of a site: "L-OOc", "EMG L-OOc" (EDF), "-",
 * "left_orbicularis_oculi" (IIO). Surrounding white space is ignored, case is
 * not. Returns 0, or -EINVAL when it is none of them.
 */
int site_from_text(const char *text, struct site *ret);

/* Takes the sites from channel labels; returns how many were recognised. */
unsigned int montage_from_labels(struct montage *m, const char *const *labels, unsigned int n);

/*
 * Reads the [montage] section of an INI file: `0 = L-Fro` (channel from 0) or
 * `LABEL = L-Fro` with one of @labels. Channels not named are left out.
 * Returns 0 or negative errno; on error *@error (malloc'ed, may be NULL when
 * out of memory) says what is wrong, with file and line.
 */
int montage_from_file(struct montage *m, const char *path, const char *const *labels,
		      unsigned int n, char **error);

/* True where @side has at least one site in the region. */
bool montage_has_region(const struct montage *m, unsigned int side, enum face_region region);
