// SPDX-License-Identifier: GPL-2.0-or-later
/* The emulated headset's make. */
#include <math.h>
#include <string.h>

#include "error-text.h"
#include "profile.h"
#include "util.h"

/*
 * Input range to either side at gain 1, and gains: TI ADS1299 data sheet
 * (SBAS499): VREF = 4.5 V, programmable gain 1 to 24.
 */
#define RANGE_UV 4.5e6
static const uint16_t gains[] = {1, 2, 4, 6, 8, 12, 24};

/*
 * Sixteen bits over that range would resolve 6 uV at most; front ends of that
 * resolution are AC coupled and take some millivolts (0.2 uV a count here).
 */
#define RANGE_UV_16_BITS (0.2 * 24 * 0x1p15)

static const uint32_t rates[] = {250, 500, 1000, 2000, 4000, 8000, 16000};

#define CLOCK_HZ 48000000 /* that of most USB microcontrollers */

void profile_default_sites(struct montage *m, unsigned int n)
{
	static const struct site reference[] = {
		{OEH_SIDE_LEFT, OEH_MUSCLE_FRONTALIS},
		{OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_OCULI},
		{OEH_SIDE_LEFT, OEH_MUSCLE_ZYGOMATICUS},
		{OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_ORIS},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_FRONTALIS},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_OCULI},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_ZYGOMATICUS},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_ORIS},
		{OEH_SIDE_LEFT, OEH_MUSCLE_CORRUGATOR},
		{OEH_SIDE_LEFT, OEH_MUSCLE_BUCCINATOR},
		{OEH_SIDE_LEFT, OEH_MUSCLE_MENTALIS},
		{OEH_SIDE_LEFT, OEH_MUSCLE_MASSETER},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_CORRUGATOR},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_BUCCINATOR},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_MENTALIS},
		{OEH_SIDE_RIGHT, OEH_MUSCLE_MASSETER},
	};
	unsigned int i;

	*m = (struct montage){.n_channels = n};
	for (i = 0; i < n; i++)
		m->sites[i] = reference[i % ARRAY_SIZE(reference)];
}

static int fill_gains(const struct profile *p, struct device_config *c, char **error)
{
	unsigned int i;

	c->n_gains = ARRAY_SIZE(gains);
	memcpy(c->gains, gains, sizeof(gains));
	c->gain = c->n_gains - 1;
	if (!p->gain)
		return 0;

	for (i = 0; i < c->n_gains; i++) {
		if (gains[i] == p->gain) {
			c->gain = i;
			return 0;
		}
	}

	return error_text(error, -EINVAL, "the gain must be one of 1, 2, 4, 6, 8, 12 and 24");
}

static int fill_rates(const struct profile *p, struct device_config *c, char **error)
{
	unsigned int i;

	c->rate = p->rate;
	if (p->rate_only) {
		c->n_rates = 1;
		c->rates[0] = p->rate;
		return 0;
	}

	c->n_rates = ARRAY_SIZE(rates);
	memcpy(c->rates, rates, sizeof(rates));
	for (i = 0; i < c->n_rates; i++)
		if (rates[i] == p->rate)
			return 0;

	return error_text(error, -EINVAL,
			  "the rate must be 250, 500, 1000, 2000, 4000, 8000 or 16000 Hz");
}

/* Widens the range where what is played would not fit. */
static uint64_t lsb_fv(const struct profile *p, const struct device_config *c)
{
	double range_uv = p->bits <= 16 ? RANGE_UV_16_BITS : RANGE_UV;
	double wanted_uv = p->range_uv * c->gains[c->gain];

	if (wanted_uv > range_uv)
		range_uv = wanted_uv;

	return (uint64_t)ceil(range_uv * 1e9 / ldexp(1, p->bits - 1));
}

int profile_build(const struct profile *p, struct device_config *ret, char **error)
{
	struct device_config c = {
		.n_channels = p->montage.n_channels,
		.bits = p->bits,
		.caps = OEH_CAP_LEAD_OFF | OEH_CAP_IMPEDANCE | OEH_CAP_TEST_SIGNAL |
			OEH_CAP_IDENTIFY | (p->marker ? OEH_CAP_MARKER : 0),
		.clock_hz = CLOCK_HZ,
		.frame_samples = p->frame_samples,
		.counter_start = p->counter_start,
	};
	unsigned int i;
	int r;

	if (strlen(p->serial) >= sizeof(c.serial))
		return error_text(error, -EINVAL, "the serial is longer than 32 characters");
	strcpy(c.serial, p->serial);
	snprintf(c.firmware, sizeof(c.firmware), "emg-headset-gadget %s", SPASMD_VERSION);

	r = fill_gains(p, &c, error);
	if (r < 0)
		return r;
	r = fill_rates(p, &c, error);
	if (r < 0)
		return r;
	for (i = 0; i < c.n_channels; i++)
		c.channels[i] = (struct device_channel){
			.side = p->montage.sites[i].side,
			.muscle = p->montage.sites[i].muscle,
			.gain_mask = (1 << c.n_gains) - 1,
			.lsb_fv = lsb_fv(p, &c),
		};

	*ret = c;
	return 0;
}
