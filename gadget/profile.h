/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The emulated headset's make: what its DESCRIBE says. Modelled on a common
 * 24-bit biopotential converter (ADS1299 class).
 */
#include "device.h"
#include "montage.h"

struct profile {
	const char *serial;
	struct montage montage; /* sites; channels left out have no side */
	unsigned int bits;
	uint32_t rate;	   /* at power-up */
	bool rate_only;	   /* it has no other */
	unsigned int gain; /* factor at power-up, 0: the highest */
	double range_uv;   /* the input range must reach this at that gain, 0: as it is */
	bool marker;
	unsigned int frame_samples;
	uint32_t counter_start;
};

/* The reference headset's sites, cut or continued to @n channels. */
void profile_default_sites(struct montage *m, unsigned int n);

/*
 * Fills @ret for device_init(). Returns 0, or -EINVAL with *@error (malloc'ed)
 * saying what is wrong.
 */
int profile_build(const struct profile *p, struct device_config *ret, char **error);
