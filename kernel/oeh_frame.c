// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checks and unpacks what a headset streams. */
#include "oeh_frame.h"

size_t oeh_frame_max(const struct oeh_format *format)
{
	/* With a scan less, the pad can make a frame longer than a full one. */
	return oeh_frame_length(oeh_frame_samples(format->rate), format->channels,
				format->bits) + OEH_PAD_LEN;
}

enum oeh_error oeh_frame_parse(const struct oeh_format *format, const void *transfer,
			       size_t len, struct oeh_frame_info *frame)
{
	const struct oeh_frame *header = transfer;
	const u8 *bytes = transfer;

	if (len < sizeof(*header) + OEH_CRC_LEN)
		return OEH_BAD_FRAME_SHORT;
	if (header->type != OEH_FRAME_DATA)
		return OEH_BAD_FRAME_TYPE;

	frame->samples = le16_to_cpu(header->samples);
	if (!frame->samples || frame->samples > oeh_frame_samples(format->rate))
		return OEH_BAD_FRAME_SAMPLES;
	if (len != oeh_frame_length(frame->samples, format->channels, format->bits))
		return OEH_BAD_FRAME_LENGTH;
	if (oeh_crc32(bytes, len - OEH_CRC_LEN) != get_unaligned_le32(bytes + len - OEH_CRC_LEN))
		return OEH_BAD_FRAME_CRC;

	frame->flags = header->flags;
	frame->sequence = le32_to_cpu(header->sequence);
	frame->counter = le32_to_cpu(header->counter);
	frame->lead_off = le32_to_cpu(header->lead_off);
	frame->clock = le64_to_cpu(header->clock);
	frame->data = bytes + sizeof(*header);

	return OEH_OK;
}

/* Bits above the resolution are the device's word; the sign is not. */
static s32 oeh_sign_extend(u32 value, unsigned int shift)
{
	return (s32)(value << shift) >> shift;
}

const u8 *oeh_scan_unpack(const struct oeh_format *format, const u8 *data, s32 *out)
{
	const unsigned int shift = 32 - format->bits;
	const s32 *last = out + format->channels - 1;

	switch (oeh_sample_bytes(format->bits)) {
	case 2:
		for (; out <= last; data += 2)
			*out++ = oeh_sign_extend(get_unaligned_le16(data), shift);
		break;
	case 3:
		/* A single load each, but for the last: its next byte is not ours. */
		for (; out < last; data += 3)
			*out++ = oeh_sign_extend(get_unaligned_le32(data), shift);
		*out = oeh_sign_extend(get_unaligned_le24(data), shift);
		data += 3;
		break;
	default:
		for (; out <= last; data += 4)
			*out++ = oeh_sign_extend(get_unaligned_le32(data), shift);
		break;
	}

	return data;
}

enum oeh_error oeh_marker_parse(const void *report, size_t len,
				struct oeh_marker_info *marker)
{
	const struct oeh_marker *message = report;

	if (len < sizeof(*message))
		return OEH_BAD_MARKER_LENGTH;
	if (message->type != OEH_FRAME_MARKER)
		return OEH_BAD_MARKER_TYPE;

	marker->pressed = message->flags & OEH_MARKER_PRESSED;
	marker->sequence = le16_to_cpu(message->sequence);
	marker->counter = le32_to_cpu(message->counter);
	marker->clock = le64_to_cpu(message->clock);

	return OEH_OK;
}
