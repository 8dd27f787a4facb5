/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The muscle table: the only place that knows codes and labels of the sites.
 * Pure; compiled into the module, the daemon, the emulated headset and tests.
 */
#ifndef OEH_SITE_H
#define OEH_SITE_H

#include "oeh.h"

struct oeh_muscle_name {
	const char *code;	/* three letters, EDF labels and montages: "OOc" */
	const char *label;	/* IIO labels: "orbicularis_oculi" */
};

/* Indexed by enum oeh_muscle. */
extern const struct oeh_muscle_name oeh_muscle_names[OEH_MUSCLE_COUNT];

/* "left", "right" or "unassigned"; the last for any other value too. */
const char *oeh_side_label(unsigned int side);

/* Label of a muscle; "other" for a value that version 1 does not know. */
const char *oeh_muscle_label(unsigned int muscle);

#endif /* OEH_SITE_H */
