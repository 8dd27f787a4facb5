// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults that the emulated headset commits on request. */
#include <string.h>

#include "faults.h"
#include "oeh.h"

/* clang-format off: a table */
const char *const frame_fate_names[FATE_COUNT] = {
	[FATE_SEND] = "send",	    [FATE_LOSE_DEVICE] = "device", [FATE_LOSE_BUS] = "bus",
	[FATE_CORRUPT] = "corrupt", [FATE_SHORT] = "short",
};
/* clang-format on */

/* splitmix64 (Steele, Lea, Flood 2014): small, and any seed will do. */
static uint64_t random_next(struct faults *f)
{
	uint64_t z = f->random += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 <= x < 1 */
static double random_unit(struct faults *f)
{
	return (random_next(f) >> 11) * 0x1p-53;
}

enum frame_fate faults_next(struct faults *f)
{
	static const enum frame_fate mixed[] = {FATE_LOSE_DEVICE, FATE_LOSE_BUS, FATE_CORRUPT};
	unsigned int fate;

	for (fate = 0; fate < FATE_COUNT; fate++) {
		if (f->pending[fate]) {
			f->pending[fate]--;
			return fate;
		}
	}

	if (f->probability <= 0 || random_unit(f) >= f->probability)
		return FATE_SEND;
	if (f->random_fate != FATE_SEND)
		return f->random_fate;

	return mixed[random_next(f) % 3];
}

double faults_next_delay(struct faults *f)
{
	double ms = f->late_pending;

	f->late_pending = 0;
	if (ms <= 0 && f->late_probability > 0 && random_unit(f) < f->late_probability)
		ms = random_unit(f) * f->late_ms;

	return ms;
}

size_t faults_spoil(struct faults *f, enum frame_fate fate, uint8_t *frame, size_t length)
{
	uint64_t random;

	switch (fate) {
	case FATE_CORRUPT:
		random = random_next(f);
		frame[(random >> 8) % length] ^= 1 << (random & 7);
		return length;
	case FATE_SHORT:
		/* anything from nothing but the type to all but the last byte */
		return 1 + random_next(f) % (length - 1);
	default:
		return length;
	}
}

#define FIELD(member) \
	offsetof(struct oeh_describe, member), sizeof(((struct oeh_describe *)0)->member)

/* clang-format off: a table */
const struct describe_lie describe_lies[] = {
	{"magic", "wrong magic", FIELD(magic), 0x21554c4c, 0},
	{"version", "a major version that does not exist", FIELD(version_major), 9, 0},
	{"long", "claims to be longer than it is", FIELD(total_length), 0xffff, 0},
	{"short", "claims to be shorter than its tables", FIELD(total_length), 100, 0},
	{"header-zero", "header of no length", FIELD(header_length), 0, 0},
	{"header-small", "header shorter than version 1.0 has it", FIELD(header_length), 95, 0},
	{"header-large", "header that reaches past the end", FIELD(header_length), 255, 0},
	{"channel-zero", "channel entries of no length", FIELD(channel_length), 0, 0},
	{"channel-small", "channel entries too short", FIELD(channel_length), 15, 0},
	{"channel-large", "channel entries that reach past the end", FIELD(channel_length), 255, 0},
	{"channels-none", "no channel", FIELD(channel_count), 0, 0},
	{"channels-many", "255 channels", FIELD(channel_count), 255, 0},
	{"channels-33", "33 channels", FIELD(channel_count), 33, 0},
	{"rates-none", "no sampling rate", FIELD(rate_count), 0, 0},
	{"rates-many", "255 sampling rates", FIELD(rate_count), 255, 0},
	{"gains-none", "no gain", FIELD(gain_count), 0, 0},
	{"gains-many", "255 gains", FIELD(gain_count), 255, 0},
	{"bits-few", "samples of 1 bit", FIELD(bits), 1, 0},
	{"bits-many", "samples of 64 bits", FIELD(bits), 64, 0},
	{"clock-stopped", "device clock of 0 Hz", FIELD(clock_hz), 0, 0},
	{"bus-none", "carries no channel at all", FIELD(max_channel_rate), 0, 0},
	{"serial-binary", "serial that is no text", FIELD(serial), 0x0102030405060708, 0},
	{"cut", "cut in its tables", 0, 0, 0, 21},
	{"stub", "cut in its header", 0, 0, 0, UINT32_MAX},
	{0},
};
/* clang-format on */

size_t describe_lie_apply(const struct describe_lie *lie, uint8_t *reply, size_t length)
{
	unsigned int i;

	for (i = 0; i < lie->size && i < sizeof(lie->value); i++)
		reply[lie->offset + i] = lie->value >> (8 * i);

	return lie->cut < length ? length - lie->cut : 7;
}
