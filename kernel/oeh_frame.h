/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames of samples and marker reports, checked and in the host's byte order.
 * Pure: no I/O, no allocation.
 */
#ifndef OEH_FRAME_H
#define OEH_FRAME_H

#include "oeh.h"
#include "oeh_error.h"
#include "oeh_shim.h"

/* What the layout of a frame depends on. */
struct oeh_format {
	u32 rate;		/* Hz */
	u8 channels;
	u8 bits;
};

struct oeh_frame_info {
	const u8 *data;		/* first scan, within the frame */
	u64 clock;
	u32 sequence;
	u32 counter;
	u32 lead_off;		/* if flags has OEH_FRAME_LEAD_OFF */
	u16 samples;		/* scans, at least 1 */
	u8 flags;		/* OEH_FRAME_* */
};

struct oeh_marker_info {
	u64 clock;
	u32 counter;
	u16 sequence;
	bool pressed;
};

/* No frame of this format is longer than this, bytes. */
size_t oeh_frame_max(const struct oeh_format *format);

/* Check a transfer of len bytes; the frame points into it. */
enum oeh_error oeh_frame_parse(const struct oeh_format *format, const void *transfer,
			       size_t len, struct oeh_frame_info *frame);

/*
 * Unpack the scan at data into format->channels values and return where the
 * next scan starts. Never reads beyond the scan.
 */
const u8 *oeh_scan_unpack(const struct oeh_format *format, const u8 *data, s32 *out);

/* Check a marker report of len bytes. */
enum oeh_error oeh_marker_parse(const void *report, size_t len,
				struct oeh_marker_info *marker);

#endif /* OEH_FRAME_H */
