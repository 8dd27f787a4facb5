/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Which signals of an EDF or BDF file become channels. */
#include "edf-header.h"
#include "reader.h"

/*
 * Voltages of one rate: that of most signals with a site, else of most whose
 * label begins with "EMG", else of most. Others are left out with a warning, and
 * so are those beyond MONTAGE_MAX. Returns how many @chosen has (1 or more), in
 * the file's order, or negative errno.
 */
int edf_signals_choose(struct recording *r, const struct edf_header *h,
		       unsigned int chosen[MONTAGE_MAX], char **error);
