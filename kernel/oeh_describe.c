// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Validation of what a headset says about itself. All of it may be a lie. */
#include "oeh_describe.h"

/* One count may stand for 1 pV (what IIO's scale can express) to 1 V. */
#define OEH_MIN_LSB_FV	1000ULL
#define OEH_MAX_LSB_FV	1000000000000000ULL

struct oeh_limit {
	u8 offset;		/* in struct oeh_describe */
	u8 min;
	u8 max;
	enum oeh_error error;
};

#define OEH_LIMIT(_field, _min, _max, _error) \
	{ offsetof(struct oeh_describe, _field), _min, _max, _error }

/* Bytes that stand for themselves, in the order in which they are judged. */
static const struct oeh_limit oeh_limits[] = {
	OEH_LIMIT(header_length, sizeof(struct oeh_describe), U8_MAX, OEH_BAD_HEADER_LENGTH),
	OEH_LIMIT(channel_length, sizeof(struct oeh_channel), U8_MAX, OEH_BAD_CHANNEL_LENGTH),
	OEH_LIMIT(channel_count, 1, OEH_MAX_CHANNELS, OEH_BAD_CHANNEL_COUNT),
	OEH_LIMIT(rate_count, 1, OEH_MAX_RATES, OEH_BAD_RATE_COUNT),
	OEH_LIMIT(gain_count, 1, OEH_MAX_GAINS, OEH_BAD_GAIN_COUNT),
	OEH_LIMIT(bits, OEH_MIN_BITS, OEH_MAX_BITS, OEH_BAD_BITS),
};

static enum oeh_error oeh_check_header(const struct oeh_describe *header, size_t len)
{
	const u8 *bytes = (const u8 *)header;
	unsigned int i;

	if (len < offsetof(struct oeh_describe, header_length) ||
	    le32_to_cpu(header->magic) != OEH_MAGIC)
		return OEH_BAD_MAGIC;
	if (header->version_major != OEH_VERSION_MAJOR)
		return OEH_BAD_VERSION;
	if (len < sizeof(*header))
		return OEH_BAD_LENGTH;

	for (i = 0; i < ARRAY_SIZE(oeh_limits); i++) {
		if (bytes[oeh_limits[i].offset] < oeh_limits[i].min ||
		    bytes[oeh_limits[i].offset] > oeh_limits[i].max)
			return oeh_limits[i].error;
	}
	if (le32_to_cpu(header->clock_hz) < OEH_MIN_CLOCK_HZ)
		return OEH_BAD_CLOCK;

	return OEH_OK;
}

/* Printable ASCII, the rest NUL; out has room for one NUL more. */
static bool oeh_get_string(const char *p, size_t size, char *out)
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

static enum oeh_error oeh_get_channel(const struct oeh_channel *entry,
				      const struct oeh_info *info,
				      struct oeh_channel_info *channel)
{
	unsigned int highest;

	channel->side = entry->side;
	channel->muscle = entry->muscle;
	channel->gain_mask = le16_to_cpu(entry->gain_mask);
	channel->lsb_fv = le64_to_cpu(entry->lsb_fv);

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
	const struct oeh_describe *header = reply;
	const u8 *channels, *rates, *gains, *end;
	enum oeh_error error;
	unsigned int i;

	error = oeh_check_header(header, len);
	if (error)
		return error;

	info->version_minor = header->version_minor;
	info->channel_count = header->channel_count;
	info->rate_count = header->rate_count;
	info->gain_count = header->gain_count;
	info->bits = header->bits;
	info->caps = le32_to_cpu(header->caps);
	info->clock_hz = le32_to_cpu(header->clock_hz);

	channels = (const u8 *)reply + header->header_length;
	rates = channels + info->channel_count * header->channel_length;
	gains = rates + info->rate_count * sizeof(__le32);
	end = gains + info->gain_count * sizeof(__le16);
	if (len != (size_t)(end - (const u8 *)reply) ||
	    len != le16_to_cpu(header->total_length))
		return OEH_BAD_LENGTH;

	if (!oeh_get_string(header->serial, OEH_SERIAL_LEN, info->serial) || !info->serial[0])
		return OEH_BAD_SERIAL;
	if (!oeh_get_string(header->firmware, OEH_FIRMWARE_LEN, info->firmware))
		return OEH_BAD_FIRMWARE;

	error = oeh_get_rates(rates, le32_to_cpu(header->max_channel_rate), info);
	if (error)
		return error;
	error = oeh_get_gains(gains, info);
	for (i = 0; !error && i < info->channel_count; i++)
		error = oeh_get_channel((const void *)(channels + i * header->channel_length),
					info, &info->channel[i]);

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
	const struct oeh_status *status = reply;
	unsigned int i;
	u8 gain;

	if (len < sizeof(*status))
		return OEH_BAD_STATUS_LENGTH;

	state->flags = le32_to_cpu(status->flags);
	state->rate = le32_to_cpu(status->rate);
	state->sequence = le32_to_cpu(status->sequence);
	state->counter = le32_to_cpu(status->counter);
	state->dropped = le32_to_cpu(status->dropped);
	state->clock = le64_to_cpu(status->clock);

	if (!oeh_has_rate(info, state->rate))
		return OEH_BAD_STATUS_RATE;

	memset(state->gain, 0, sizeof(state->gain));
	for (i = 0; i < info->channel_count; i++) {
		gain = status->gain[i];
		if (gain >= info->gain_count ||
		    !(info->channel[i].gain_mask & BIT(gain)))
			return OEH_BAD_STATUS_GAIN;
		state->gain[i] = gain;
	}

	return OEH_OK;
}
