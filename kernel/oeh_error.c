// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The texts of enum oeh_error. */
#include "oeh_error.h"
#include "oeh_shim.h"

static const char * const oeh_error_texts[OEH_ERROR_COUNT] = {
	[OEH_OK]		 = "no error",
	[OEH_BAD_MAGIC]		 = "not an Open EMG Headset",
	[OEH_BAD_VERSION]	 = "unknown protocol version",
	[OEH_BAD_LENGTH]	 = "length of the description does not match its parts",
	[OEH_BAD_HEADER_LENGTH]	 = "header of the description is too short",
	[OEH_BAD_CHANNEL_LENGTH] = "channel entry of the description is too short",
	[OEH_BAD_CHANNEL_COUNT]	 = "number of channels is not within 1 to 32",
	[OEH_BAD_RATE_COUNT]	 = "number of sampling rates is not within 1 to 16",
	[OEH_BAD_GAIN_COUNT]	 = "number of gains is not within 1 to 16",
	[OEH_BAD_BITS]		 = "resolution is not within 16 to 32 bits",
	[OEH_BAD_CLOCK]		 = "device clock is slower than 1 MHz",
	[OEH_BAD_SERIAL]	 = "serial number is empty or not printable",
	[OEH_BAD_FIRMWARE]	 = "firmware version is not printable",
	[OEH_BAD_RATE]		 = "a sampling rate is not within 250 to 16000 Hz",
	[OEH_BAD_RATE_ORDER]	 = "sampling rates do not rise",
	[OEH_BAD_BUS_LIMIT]	 = "the bus carries none of the sampling rates",
	[OEH_BAD_GAIN]		 = "gains are not rising factors from 1",
	[OEH_BAD_SIDE]		 = "side of a channel is unknown",
	[OEH_BAD_GAIN_MASK]	 = "a channel has no gain, or one that is not listed",
	[OEH_BAD_SCALE]		 = "scale of a channel is not within 1 pV to 1 V",
	[OEH_BAD_STATUS_LENGTH]	 = "status is too short",
	[OEH_BAD_STATUS_RATE]	 = "status gives a sampling rate that is not listed",
	[OEH_BAD_STATUS_GAIN]	 = "status gives a gain that the channel does not have",
	[OEH_BAD_FRAME_SHORT]	 = "frame is too short",
	[OEH_BAD_FRAME_TYPE]	 = "frame is of an unknown type",
	[OEH_BAD_FRAME_SAMPLES]	 = "frame has no samples or more than 4 ms of them",
	[OEH_BAD_FRAME_LENGTH]	 = "length of the frame does not match its samples",
	[OEH_BAD_FRAME_CRC]	 = "checksum of the frame is wrong",
	[OEH_BAD_MARKER_LENGTH]	 = "marker report is too short",
	[OEH_BAD_MARKER_TYPE]	 = "marker report is of an unknown type",
};

const char *oeh_error_text(enum oeh_error error)
{
	if ((unsigned int)error >= ARRAY_SIZE(oeh_error_texts))
		return "unknown error";

	return oeh_error_texts[error];
}
