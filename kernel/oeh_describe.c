// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Validation of what a headset says about itself. All of it may be a lie. */
#include "oeh_describe.h"

/* One count may stand for 1 pV (what IIO's scale can express) to 1 V. */
#define OEH_MIN_LSB_FV	1000ULL
#define OEH_MAX_LSB_FV	1000000000000000ULL

struct oeh_limit {
	u8 offset;		/* in struct oeh_describe */
	u8 size;		/* 1 or 4 bytes */
	enum oeh_error error;
	u32 min;
	u32 max;
};

/* Fields that stand for themselves, in the order in which they are judged. */
static const struct oeh_limit oeh_limits[] = {
	{ offsetof(struct oeh_describe, header_length), 1, OEH_BAD_HEADER_LENGTH,
	  sizeof(struct oeh_describe), U8_MAX },
	{ offsetof(struct oeh_describe, channel_length), 1, OEH_BAD_CHANNEL_LENGTH,
	  sizeof(struct oeh_channel), U8_MAX },
	{ offsetof(struct oeh_describe, channel_count), 1, OEH_BAD_CHANNEL_COUNT,
	  1, OEH_MAX_CHANNELS },
	{ offsetof(struct oeh_describe, rate_count), 1, OEH_BAD_RATE_COUNT,
	  1, OEH_MAX_RATES },
	{ offsetof(struct oeh_describe, gain_count), 1, OEH_BAD_GAIN_COUNT,
	  1, OEH_MAX_GAINS },
	{ offsetof(struct oeh_describe, bits), 1, OEH_BAD_BITS,
	  OEH_MIN_BITS, OEH_MAX_BITS },
	{ offsetof(struct oeh_describe, clock_hz), 4, OEH_BAD_CLOCK,
	  OEH_MIN_CLOCK_HZ, U32_MAX },
};

#define OEH_DESCRIBE_FIELD(_reply, _field) \
	((_reply) + offsetof(struct oeh_describe, _field))

static enum oeh_error oeh_check_header(const u8 *reply, size_t len)
{
	unsigned int i;
	const u8 *p;
	u32 value;

	if (len < offsetof(struct oeh_describe, header_length) ||
	    get_unaligned_le32(OEH_DESCRIBE_FIELD(reply, magic)) != OEH_MAGIC)
		return OEH_BAD_MAGIC;
	if (*OEH_DESCRIBE_FIELD(reply, version_major) != OEH_VERSION_MAJOR)
		return OEH_BAD_VERSION;
	if (len < sizeof(struct oeh_describe))
		return OEH_BAD_LENGTH;

	for (i = 0; i < ARRAY_SIZE(oeh_limits); i++) {
		p = reply + oeh_limits[i].offset;
		value = oeh_limits[i].size == 1 ? *p : get_unaligned_le32(p);
		if (value < oeh_limits[i].min || value > oeh_limits[i].max)
			return oeh_limits[i].error;
	}

	return OEH_OK;
}

/* Printable ASCII, the rest NUL; out has room for one NUL more. */
static bool oeh_get_string(const u8 *p, size_t size, char *out)
{
	size_t len, i;

	for (len = 0; len < size && p[len]; len++) {
		if (p[len] < 0x20 || p[len] > 0x7e)
			return false;
		out[len] = p[len];
	}
	for (i = len; i < size; i++) {
		if (p[i])
			return false;
	}
	out[len] = '\0';

	return true;
}

/* Rates that the bus can't carry with all channels are left out. */
static enum oeh_error oeh_get_rates(const u8 *p, u32 max_channel_rate,
				    struct oeh_info *info)
{
	unsigned int count = info->rate_count;
	unsigned int i;
	u32 rate, last = 0;

	info->rate_count = 0;
	for (i = 0; i < count; i++) {
		rate = get_unaligned_le32(p + i * sizeof(u32));
		if (rate < OEH_MIN_RATE || rate > OEH_MAX_RATE)
			return OEH_BAD_RATE;
		if (rate <= last)
			return OEH_BAD_RATE_ORDER;
		last = rate;
		if (rate * info->channel_count <= max_channel_rate)
			info->rates[info->rate_count++] = rate;
	}

	return info->rate_count ? OEH_OK : OEH_BAD_BUS_LIMIT;
}

static enum oeh_error oeh_get_gains(const u8 *p, struct oeh_info *info)
{
	unsigned int i;
	u16 last = 0;

	for (i = 0; i < info->gain_count; i++) {
		info->gains[i] = get_unaligned_le16(p + i * sizeof(u16));
		if (info->gains[i] <= last)
			return OEH_BAD_GAIN;
		last = info->gains[i];
	}

	return OEH_OK;
}

static enum oeh_error oeh_get_channel(const u8 *p, const struct oeh_info *info,
				      struct oeh_channel_info *channel)
{
	unsigned int highest;

	channel->side = p[offsetof(struct oeh_channel, side)];
	channel->muscle = p[offsetof(struct oeh_channel, muscle)];
	channel->gain_mask =
		get_unaligned_le16(p + offsetof(struct oeh_channel, gain_mask));
	channel->lsb_fv =
		get_unaligned_le64(p + offsetof(struct oeh_channel, lsb_fv));

	if (channel->side > OEH_SIDE_RIGHT)
		return OEH_BAD_SIDE;
	/* A later minor version may know more muscles. */
	if (channel->muscle >= OEH_MUSCLE_COUNT)
		channel->muscle = OEH_MUSCLE_OTHER;
	if (!channel->gain_mask || channel->gain_mask >> info->gain_count)
		return OEH_BAD_GAIN_MASK;

	highest = info->gain_count - 1;
	while (!(channel->gain_mask & BIT(highest)))
		highest--;
	if (channel->lsb_fv < OEH_MIN_LSB_FV * info->gains[highest] ||
	    channel->lsb_fv > OEH_MAX_LSB_FV)
		return OEH_BAD_SCALE;

	return OEH_OK;
}

enum oeh_error oeh_describe_parse(const void *reply, size_t len,
				  struct oeh_info *info)
{
	const u8 *p = reply;
	const u8 *channels, *rates, *gains;
	unsigned int channel_length, i;
	enum oeh_error error;

	error = oeh_check_header(p, len);
	if (error)
		return error;

	info->version_minor = *OEH_DESCRIBE_FIELD(p, version_minor);
	info->channel_count = *OEH_DESCRIBE_FIELD(p, channel_count);
	info->rate_count = *OEH_DESCRIBE_FIELD(p, rate_count);
	info->gain_count = *OEH_DESCRIBE_FIELD(p, gain_count);
	info->bits = *OEH_DESCRIBE_FIELD(p, bits);
	info->caps = get_unaligned_le32(OEH_DESCRIBE_FIELD(p, caps));
	info->clock_hz = get_unaligned_le32(OEH_DESCRIBE_FIELD(p, clock_hz));
	channel_length = *OEH_DESCRIBE_FIELD(p, channel_length);

	channels = p + *OEH_DESCRIBE_FIELD(p, header_length);
	rates = channels + info->channel_count * channel_length;
	gains = rates + info->rate_count * sizeof(u32);
	if (len != (size_t)(gains - p) + info->gain_count * sizeof(u16) ||
	    len != get_unaligned_le16(OEH_DESCRIBE_FIELD(p, total_length)))
		return OEH_BAD_LENGTH;

	if (!oeh_get_string(OEH_DESCRIBE_FIELD(p, serial), OEH_SERIAL_LEN, info->serial) ||
	    !info->serial[0])
		return OEH_BAD_SERIAL;
	if (!oeh_get_string(OEH_DESCRIBE_FIELD(p, firmware), OEH_FIRMWARE_LEN, info->firmware))
		return OEH_BAD_FIRMWARE;

	error = oeh_get_rates(rates, get_unaligned_le32(OEH_DESCRIBE_FIELD(p, max_channel_rate)),
			      info);
	if (error)
		return error;
	error = oeh_get_gains(gains, info);
	for (i = 0; !error && i < info->channel_count; i++)
		error = oeh_get_channel(channels + i * channel_length, info,
					&info->channel[i]);

	return error;
}

static bool oeh_has_rate(const struct oeh_info *info, u32 rate)
{
	unsigned int i;

	for (i = 0; i < info->rate_count; i++) {
		if (info->rates[i] == rate)
			return true;
	}

	return false;
}

enum oeh_error oeh_status_parse(const struct oeh_info *info, const void *reply,
				size_t len, struct oeh_state *state)
{
	const u8 *p = reply;
	unsigned int i;
	u8 gain;

	if (len < sizeof(struct oeh_status))
		return OEH_BAD_STATUS_LENGTH;

	state->flags = get_unaligned_le32(p + offsetof(struct oeh_status, flags));
	state->rate = get_unaligned_le32(p + offsetof(struct oeh_status, rate));
	state->sequence = get_unaligned_le32(p + offsetof(struct oeh_status, sequence));
	state->counter = get_unaligned_le32(p + offsetof(struct oeh_status, counter));
	state->dropped = get_unaligned_le32(p + offsetof(struct oeh_status, dropped));
	state->clock = get_unaligned_le64(p + offsetof(struct oeh_status, clock));

	if (!oeh_has_rate(info, state->rate))
		return OEH_BAD_STATUS_RATE;

	memset(state->gain, 0, sizeof(state->gain));
	for (i = 0; i < info->channel_count; i++) {
		gain = p[offsetof(struct oeh_status, gain) + i];
		if (gain >= info->gain_count ||
		    !(info->channel[i].gain_mask & BIT(gain)))
			return OEH_BAD_STATUS_GAIN;
		state->gain[i] = gain;
	}

	return OEH_OK;
}
