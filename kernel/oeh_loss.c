// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Accounts for every sample that a headset took and the host did not get. */
#include "oeh_loss.h"

/* Distances on a counter that wraps: from here on they are backwards. */
#define OEH_BACKWARDS 0x80000000U

void oeh_loss_start(struct oeh_loss *loss, u32 rate)
{
	loss->before = loss->lost;
	loss->sequence = 0;
	loss->counter = 0;
	loss->broken = 0;
	loss->most = oeh_frame_samples(rate);
	loss->typical = loss->most;
	loss->restarted = false;
}

void oeh_loss_reject(struct oeh_loss *loss)
{
	loss->rejected++;
	loss->broken++;
}

/*
 * Samples are missing, and frames with them. What can't have been in those
 * frames was dropped by the device; that it dropped some is said by a flag,
 * and then frames are taken to be as long as the last one.
 */
static void oeh_loss_gap(struct oeh_loss *loss, u32 frames, u32 samples, bool dropped)
{
	u64 in_frames = min_t(u64, samples,
			      (u64)frames * (dropped ? loss->typical : loss->most));
	u64 broken = 0;

	if (frames)
		broken = div_u64(in_frames * min_t(u32, loss->broken, frames), frames);

	loss->lost.device += samples - in_frames;
	loss->lost.bus += in_frames - broken;
	loss->lost.checksum += broken;
}

bool oeh_loss_frame(struct oeh_loss *loss, const struct oeh_frame_info *frame)
{
	u32 frames = frame->sequence - loss->sequence;
	u32 samples = frame->counter - loss->counter;
	bool restart = samples >= OEH_BACKWARDS;

	if (restart) {
		loss->restarts++;
		loss->restarted = true;
	} else if (samples) {
		oeh_loss_gap(loss, frames < OEH_BACKWARDS ? frames : 0, samples,
			     frame->flags & OEH_FRAME_OVERRUN);
	}

	loss->frames++;
	loss->samples += frame->samples;
	loss->sequence = frame->sequence + 1;
	loss->counter = frame->counter + frame->samples;
	loss->typical = frame->samples;
	loss->broken = 0;

	return restart;
}

void oeh_loss_end(struct oeh_loss *loss, const struct oeh_state *state)
{
	u32 frames = state->sequence - loss->sequence;
	u32 samples = state->counter - loss->counter;
	u64 device, move;

	if (samples >= OEH_BACKWARDS)
		return;

	device = loss->lost.device - loss->before.device;
	if (samples)
		oeh_loss_gap(loss, frames < OEH_BACKWARDS ? frames : 0, samples,
			     state->dropped > device);
	if (loss->restarted)
		return;

	/* The device knows best what it dropped. */
	device = loss->lost.device - loss->before.device;
	if (state->dropped > device) {
		move = min_t(u64, state->dropped - device,
			     loss->lost.bus - loss->before.bus);
		loss->lost.bus -= move;
		loss->lost.device += move;
	} else {
		move = device - state->dropped;
		loss->lost.device -= move;
		loss->lost.bus += move;
	}
}
