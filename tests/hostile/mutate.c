// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/usb/ch9.h>
#include <string.h>

#include "mutate.h"
#include "util.h"

struct field {
	uint16_t offset;
	uint8_t size;
};

/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define FIELD(type, member) {offsetof(type, member), sizeof(((type *)NULL)->member)}
/* clang-format on */

static const struct field describe_fields[] = {
	FIELD(struct oeh_describe, magic),	   FIELD(struct oeh_describe, total_length),
	FIELD(struct oeh_describe, version_major), FIELD(struct oeh_describe, version_minor),
	FIELD(struct oeh_describe, header_length), FIELD(struct oeh_describe, channel_length),
	FIELD(struct oeh_describe, channel_count), FIELD(struct oeh_describe, rate_count),
	FIELD(struct oeh_describe, gain_count),	   FIELD(struct oeh_describe, bits),
	FIELD(struct oeh_describe, reserved),	   FIELD(struct oeh_describe, caps),
	FIELD(struct oeh_describe, clock_hz),	   FIELD(struct oeh_describe, max_channel_rate),
	FIELD(struct oeh_describe, serial[0]),	   FIELD(struct oeh_describe, serial[31]),
	FIELD(struct oeh_describe, firmware[0]),   FIELD(struct oeh_describe, firmware[31]),
};

static const struct field channel_fields[] = {
	FIELD(struct oeh_channel, side),
	FIELD(struct oeh_channel, muscle),
	FIELD(struct oeh_channel, gain_mask),
	FIELD(struct oeh_channel, lsb_fv),
};

static const struct field status_fields[] = {
	FIELD(struct oeh_status, flags),    FIELD(struct oeh_status, rate),
	FIELD(struct oeh_status, sequence), FIELD(struct oeh_status, counter),
	FIELD(struct oeh_status, dropped),  FIELD(struct oeh_status, clock),
	FIELD(struct oeh_status, gain[0]),  FIELD(struct oeh_status, gain[3]),
};

static const struct field frame_fields[] = {
	FIELD(struct oeh_frame, type),	  FIELD(struct oeh_frame, flags),
	FIELD(struct oeh_frame, samples), FIELD(struct oeh_frame, sequence),
	FIELD(struct oeh_frame, counter), FIELD(struct oeh_frame, lead_off),
	FIELD(struct oeh_frame, clock),
};

static const struct field marker_fields[] = {
	FIELD(struct oeh_marker, type),	    FIELD(struct oeh_marker, flags),
	FIELD(struct oeh_marker, sequence), FIELD(struct oeh_marker, counter),
	FIELD(struct oeh_marker, clock),
};

unsigned int pick(struct rng *r, unsigned int n)
{
	return rng_next(r) % n;
}

bool chance(struct rng *r, double p)
{
	return rng_unit(r) < p;
}

/* ---- values and lengths --------------------------------------------------------------------- */

static uint64_t odd_value(struct rng *r, uint64_t value, unsigned int size)
{
	uint64_t all = size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1;

	switch (pick(r, 9)) {
	case 0:
		return 0;
	case 1:
		return all;
	case 2:
		return all / 2 + pick(r, 2);
	case 3:
		return value + 1;
	case 4:
		return value - 1;
	case 5:
		return value ^ UINT64_C(1) << pick(r, 8 * size);
	case 6:
		return value + (rng_next(r) & 0xffff) - 0x8000;
	case 7:
		return pick(r, 70);
	default:
		return rng_next(r) & all;
	}
}

/* Little endian, as all fields are; outside of the reply there is none. */
static void mutate_field(struct rng *r, uint8_t *p, size_t length, size_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (offset + size > length)
		return;

	memcpy(&value, p + offset, size);
	value = odd_value(r, value, size);
	memcpy(p + offset, &value, size);
}

static void mutate_fields(struct rng *r, uint8_t *p, size_t length, size_t base,
			  const struct field *fields, unsigned int n_fields)
{
	const struct field *f = &fields[pick(r, n_fields)];

	mutate_field(r, p, length, base + f->offset, f->size);
}

static size_t mutate_length(struct rng *r, uint8_t *p, size_t length, size_t max)
{
	size_t wanted;

	switch (pick(r, 5)) {
	case 0:
		wanted = 0;
		break;
	case 1:
		wanted = length ? length - 1 : 0;
		break;
	case 2:
		wanted = length + 1;
		break;
	case 3:
		wanted = max;
		break;
	default:
		wanted = pick(r, max + 1);
		break;
	}
	if (wanted > max)
		wanted = max;
	if (wanted > length)
		memset(p + length, pick(r, 256), wanted - length);

	return wanted;
}

/* ---- the protocol --------------------------------------------------------------------------- */

static void odd_tables(struct rng *r, struct device_config *c)
{
	unsigned int i;
	uint32_t last;

	c->n_rates = 1 + pick(r, OEH_MAX_RATES);
	for (i = 0, last = OEH_MIN_RATE; i < c->n_rates; i++, last += 1 + pick(r, 900))
		c->rates[i] = last;
	c->n_gains = 1 + pick(r, OEH_MAX_GAINS);
	for (i = 0, last = 1; i < c->n_gains; i++, last += 1 + pick(r, 4000))
		c->gains[i] = last;
	c->rate = c->rates[pick(r, c->n_rates)];
	c->gain = pick(r, c->n_gains);
}

void mutate_config(struct rng *r, struct device_config *c)
{
	unsigned int i;

	c->n_channels = 1 + pick(r, OEH_MAX_CHANNELS);
	c->bits = OEH_MIN_BITS + pick(r, OEH_MAX_BITS - OEH_MIN_BITS + 1);
	c->caps = pick(r, 32);
	c->clock_hz = chance(r, 0.2) ? UINT32_MAX : OEH_MIN_CLOCK_HZ + pick(r, 100000000);
	odd_tables(r, c);
	for (i = 0; i < c->n_channels; i++)
		c->channels[i] = (struct device_channel){
			.side = pick(r, 3),
			.muscle = pick(r, OEH_MUSCLE_COUNT),
			.gain_mask = 1u << c->gain | (rng_next(r) & ((1u << c->n_gains) - 1)),
			.lsb_fv = UINT64_C(1000) * UINT16_MAX + rng_next(r) % UINT64_C(1000000000),
		};
}

size_t mutate_describe(struct rng *r, uint8_t *reply, size_t length, size_t max)
{
	unsigned int n = 1 + pick(r, 3);
	size_t tables;

	while (n--) {
		tables = sizeof(struct oeh_describe) + pick(r, 8) * sizeof(struct oeh_channel);
		switch (pick(r, 8)) {
		case 0:
			length = mutate_length(r, reply, length, max);
			break;
		case 1:
		case 2:
			mutate_fields(r, reply, length, tables, channel_fields,
				      ARRAY_SIZE(channel_fields));
			break;
		case 3: /* rates and gains lie at the end */
			if (length > 64)
				mutate_field(r, reply, length, length - 2 - 2 * pick(r, 30), 2);
			break;
		case 4: /* and the length says so */
			length = mutate_length(r, reply, length, max);
			if (length >= 6)
				memcpy(reply + offsetof(struct oeh_describe, total_length),
				       &(uint16_t){length}, 2);
			break;
		default:
			mutate_fields(r, reply, length, 0, describe_fields,
				      ARRAY_SIZE(describe_fields));
			break;
		}
	}

	return length;
}

size_t mutate_status(struct rng *r, uint8_t *reply, size_t length, size_t max)
{
	mutate_fields(r, reply, length, 0, status_fields, ARRAY_SIZE(status_fields));

	return chance(r, 0.1) ? mutate_length(r, reply, length, max) : length;
}

size_t mutate_marker(struct rng *r, uint8_t *report, size_t length, size_t max)
{
	mutate_fields(r, report, length, 0, marker_fields, ARRAY_SIZE(marker_fields));

	return chance(r, 0.2) ? mutate_length(r, report, length, max) : length;
}

size_t mutate_frame(struct rng *r, uint8_t *frame, size_t length, size_t max)
{
	unsigned int n = pick(r, 3);
	uint32_t crc;

	while (n--)
		mutate_fields(r, frame, length, 0, frame_fields, ARRAY_SIZE(frame_fields));
	if (chance(r, 0.1))
		length = mutate_length(r, frame, length, max);
	/* Mostly the checksum is right, or what is behind it would never be reached. */
	if (length >= OEH_CRC_LEN && chance(r, 0.8)) {
		crc = oeh_crc32(frame, length - OEH_CRC_LEN);
		memcpy(frame + length - OEH_CRC_LEN, &crc, sizeof(crc));
	}

	return length;
}

/* ---- USB ------------------------------------------------------------------------------------ */

/* Any byte, but not the lengths by which the parts are found: usbcore would stop there. */
size_t mutate_configuration(struct rng *r, uint8_t *reply, size_t length, size_t max)
{
	unsigned int n = 1 + pick(r, 3);
	size_t at;

	while (n--) {
		at = USB_DT_CONFIG_SIZE + pick(r, length - USB_DT_CONFIG_SIZE);
		mutate_field(r, reply, length, at, 1);
	}
	if (chance(r, 0.1))
		length = mutate_length(r, reply, length, max);

	return length;
}
