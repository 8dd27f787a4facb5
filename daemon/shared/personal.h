/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the detector has learnt of one face, kept in a file, so that it need
 * not be learnt again. A site that a file does not name is learnt as it goes.
 *
 *     [face]
 *     ratio = -0.12           ln of amplitudes, left over right side
 *     spread = 0.25           its standard deviation from movement to movement
 *     movements = 14          that it was learnt from
 *     [L-OOc]
 *     noise_uv = 1.4          RMS at rest in the detection band
 *     ratio = 0.05            of this muscle, here over there
 *     spread = 0.2
 *     movements = 9
 */
#include <stdio.h>

#include "montage.h"

/* A ratio of amplitudes, its logarithm, and how it was learnt. */
struct personal_ratio {
	float mean, spread;
	float movements; /* 0: nothing is known */
};

struct personal_site {
	struct site site;
	float noise_uv; /* 0: not known */
	struct personal_ratio ratio;
};

struct personal {
	unsigned int n_sites;
	struct personal_site sites[MONTAGE_MAX];
	struct personal_ratio face; /* left over right */
};

/* The site's, or NULL. */
const struct personal_site *personal_find(const struct personal *p, struct site site);

/*
 * Returns 0 or negative errno; on error *@error (malloc'ed, may be NULL when
 * out of memory) says what is wrong, with file and line.
 */
int personal_from_file(struct personal *p, const char *path, char **error);

/* Returns 0 or negative errno. */
int personal_write(const struct personal *p, FILE *file);
