/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The replies to DESCRIBE and STATUS, checked and in the host's byte order.
 * Pure: no I/O, no allocation.
 */
#ifndef OEH_DESCRIBE_H
#define OEH_DESCRIBE_H

#include "oeh.h"
#include "oeh_error.h"
#include "oeh_shim.h"

struct oeh_channel_info {
	u64 lsb_fv;		/* one count at gain 1, femtovolts */
	u16 gain_mask;		/* bit i: gain i can be set; never 0 */
	u8 side;		/* enum oeh_side */
	u8 muscle;		/* enum oeh_muscle */
};

/* What a headset is. Every number is within the limits of oeh.h. */
struct oeh_info {
	struct oeh_channel_info channel[OEH_MAX_CHANNELS];
	u32 rates[OEH_MAX_RATES];	/* Hz, rising, those the bus can carry */
	u32 caps;			/* OEH_CAP_* */
	u32 clock_hz;
	u16 gains[OEH_MAX_GAINS];	/* factors, rising */
	u8 version_minor;
	u8 channel_count;
	u8 rate_count;
	u8 gain_count;
	u8 bits;
	char serial[OEH_SERIAL_LEN + 1];
	char firmware[OEH_FIRMWARE_LEN + 1];
};

/* How a headset is set, and how far it has come. */
struct oeh_state {
	u64 clock;
	u32 flags;		/* OEH_STATUS_* */
	u32 rate;		/* one of oeh_info.rates */
	u32 sequence;
	u32 counter;
	u32 dropped;
	u8 gain[OEH_MAX_CHANNELS];	/* each in its channel's gain_mask */
};

/*
 * Check a reply to DESCRIBE of len bytes. On any return but OEH_OK the content
 * of info is undefined. OEH_BAD_MAGIC is told from all else first, then the
 * version: of a device that speaks another one no field is looked at.
 */
enum oeh_error oeh_describe_parse(const void *reply, size_t len,
				  struct oeh_info *info);

/* Check a reply to STATUS of len bytes from the headset that info describes. */
enum oeh_error oeh_status_parse(const struct oeh_info *info, const void *reply,
				size_t len, struct oeh_state *state);

#endif /* OEH_DESCRIBE_H */
