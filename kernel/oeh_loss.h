/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which samples were lost, and where. Pure: no I/O, no allocation.
 *
 * How many is exact: the sample counter says so. Where is told by the frame
 * sequence, which has a gap only when whole frames were lost on their way, and
 * settled at the end of a run by the device's own count of what it dropped.
 */
#ifndef OEH_LOSS_H
#define OEH_LOSS_H

#include "oeh_describe.h"
#include "oeh_frame.h"

struct oeh_lost {
	u64 device;	/* dropped by the device before they were in a frame */
	u64 bus;	/* in frames that never came */
	u64 checksum;	/* in frames that came broken */
};

struct oeh_loss {
	/* Of all runs so far. */
	struct oeh_lost lost;	/* samples */
	u64 samples;		/* that came */
	u64 frames;		/* that came whole */
	u64 rejected;		/* frames that came broken */
	u64 restarts;		/* the counter went backwards */

	/* Of this run. */
	struct oeh_lost before;	/* lost when it began */
	u32 sequence;		/* of the next frame */
	u32 counter;		/* of the next sample */
	u32 broken;		/* frames since the last whole one */
	u16 typical;		/* samples in the last whole frame */
	u16 most;		/* samples that a frame can have */
	bool restarted;
};

/* A run starts: the next frame should be number 0 with sample 0. */
void oeh_loss_start(struct oeh_loss *loss, u32 rate);

/* A transfer came that is no valid frame. */
void oeh_loss_reject(struct oeh_loss *loss);

/*
 * A frame came. Returns true when its counter is behind what was expected: the
 * device has started anew, nothing can be said about what is missing.
 */
bool oeh_loss_frame(struct oeh_loss *loss, const struct oeh_frame_info *frame);

/* The run is over and the device has said how far it came. */
void oeh_loss_end(struct oeh_loss *loss, const struct oeh_state *state);

#endif /* OEH_LOSS_H */
