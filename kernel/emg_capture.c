// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run of the headset, from START to STOP: frames are checked, accounted for,
 * dated and pushed into IIO's buffer scan by scan.
 */
#include <linux/iio/buffer.h>
#include <linux/ktime.h>

#include "compat.h"
#include "emg_headset.h"

/*
 * After STOP a headset sends for 100 ms at most; a reading waits for a first
 * frame of 4 ms, and for converters that have to settle.
 */
#define EMG_DRAIN_MS	150
#define EMG_READING_MS	1000

/*
 * Arrivals are taken from a clock that is never set, so that neither are the
 * timestamps during a run. The clock that the user wants is a constant away
 * from it, but for the raw one, which has a rate of its own.
 */
static s64 emg_capture_now(const struct emg_headset *hs)
{
	if (hs->clock_id == CLOCK_MONOTONIC_RAW)
		return ktime_get_raw_ns();

	return ktime_get_ns();
}

static s64 emg_capture_clock_offset(clockid_t clock_id)
{
	switch (clock_id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_REAL));
	case CLOCK_BOOTTIME:
		return ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
	case CLOCK_TAI:
		return ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_TAI));
	default:
		return 0;
	}
}

static void emg_capture_prepare(struct emg_headset *hs)
{
	clockid_t clock_id = iio_device_get_clock(hs->indio_dev);

	reinit_completion(&hs->event);
	memset(hs->scan, 0, sizeof(hs->scan));
	hs->lead_off = 0;

	spin_lock_irq(&hs->stream_lock);
	hs->clock_id = clock_id;
	hs->clock_offset = emg_capture_clock_offset(clock_id);
	oeh_loss_start(&hs->loss, hs->format.rate);
	oeh_time_start(&hs->time, hs->info.clock_hz, hs->format.rate);
	hs->starting = true;
	hs->draining = false;
	spin_unlock_irq(&hs->stream_lock);
}

/* hs->lock is held, the headset does not stream. */
int emg_capture_start(struct emg_headset *hs)
{
	int ret;

	ret = emg_restore(hs);
	if (ret)
		return ret;

	emg_capture_prepare(hs);

	ret = emg_pipe_start(&hs->data);
	if (ret)
		return ret;

	ret = emg_request(hs, OEH_REQ_START, 0);
	if (ret) {
		emg_pipe_stop(&hs->data);
		/* It may have started and only the answer is lost. */
		emg_request(hs, OEH_REQ_STOP, 0);
		return ret;
	}

	spin_lock_irq(&hs->stream_lock);
	hs->starting = false;
	spin_unlock_irq(&hs->stream_lock);
	hs->running = true;

	return 0;
}

static bool emg_capture_drained(const struct emg_headset *hs)
{
	return hs->draining && (s32)(hs->loss.sequence - hs->final_sequence) >= 0;
}

/* Take what the headset still sends, so that a loss at the end is seen too. */
static void emg_capture_drain(struct emg_headset *hs, const struct oeh_state *state)
{
	bool drained;

	reinit_completion(&hs->event);

	spin_lock_irq(&hs->stream_lock);
	hs->final_sequence = state->sequence;
	hs->draining = true;
	drained = emg_capture_drained(hs);
	spin_unlock_irq(&hs->stream_lock);

	if (!drained)
		wait_for_completion_timeout(&hs->event, msecs_to_jiffies(EMG_DRAIN_MS));
}

/*
 * hs->lock is held. When this returns, nothing is pushed any more. Errors are
 * expected, of a headset that is gone above all, and nobody could act on them.
 */
void emg_capture_stop(struct emg_headset *hs)
{
	struct oeh_state state;
	int ret;

	/* It may not have come back from sleep or a reset. */
	if (!hs->running)
		return;

	hs->running = false;
	ret = emg_request(hs, OEH_REQ_STOP, 0);
	if (!ret)
		ret = emg_get_status(hs, &state);
	if (!ret)
		emg_capture_drain(hs, &state);

	emg_pipe_stop(&hs->data);

	spin_lock_irq(&hs->stream_lock);
	if (!ret)
		oeh_loss_end(&hs->loss, &state);
	/* A clock that nothing is heard of any more dates no marker. */
	oeh_time_restart(&hs->time);
	spin_unlock_irq(&hs->stream_lock);
}

/* One sample of a channel; hs->lock is held, the headset does not stream. */
int emg_capture_single(struct emg_headset *hs, unsigned int channel, int *value)
{
	long left;
	int ret;

	hs->single = true;
	hs->single_taken = false;
	ret = emg_capture_start(hs);
	if (ret)
		goto out;

	left = wait_for_completion_interruptible_timeout(&hs->event,
							 msecs_to_jiffies(EMG_READING_MS));
	emg_capture_stop(hs);

	if (left < 0)
		ret = left;
	else if (!left)
		ret = -ETIMEDOUT;
	else
		*value = hs->reading[channel];
out:
	hs->single = false;

	return ret;
}

static void emg_capture_push(struct emg_headset *hs, const struct oeh_frame_info *frame,
			     const struct oeh_stamps *stamps)
{
	s64 timestamp = stamps->first + hs->clock_offset;
	const u8 *data = frame->data;
	unsigned int lost = 0;
	unsigned long flags;
	unsigned int i;

	if (frame->flags & OEH_FRAME_LEAD_OFF)
		hs->lead_off = frame->lead_off;

	for (i = 0; i < frame->samples; i++, timestamp += stamps->step) {
		data = oeh_scan_unpack(&hs->format, data, (s32 *)hs->scan);
		hs->scan[hs->format.channels] = frame->counter + i;
		if (hs->info.caps & OEH_CAP_LEAD_OFF)
			hs->scan[hs->format.channels + 1] = hs->lead_off;
		if (iio_push_to_buffers_with_ts(hs->indio_dev, hs->scan, sizeof(hs->scan),
						timestamp))
			lost++;
	}

	if (lost) {
		spin_lock_irqsave(&hs->stream_lock, flags);
		hs->ring_lost += lost;
		spin_unlock_irqrestore(&hs->stream_lock, flags);
	}
}

/* Account for a frame; false when it is none of this run. */
static bool emg_capture_account(struct emg_headset *hs, const struct oeh_frame_info *frame,
				s64 now, struct oeh_stamps *stamps)
{
	/* Until START is acknowledged, an old run's last frames may come. */
	if (hs->starting && frame->sequence) {
		hs->stale_frames++;
		return false;
	}
	hs->starting = false;

	if (oeh_loss_frame(&hs->loss, frame))
		oeh_time_restart(&hs->time);
	*stamps = oeh_time_frame(&hs->time, frame, now);

	return true;
}

/* A transfer came; called by one completion at a time. */
void emg_capture_received(struct emg_headset *hs, const void *data, size_t len)
{
	s64 now = emg_capture_now(hs);
	struct oeh_frame_info frame;
	struct oeh_stamps stamps;
	enum oeh_error error;
	unsigned long flags;
	bool ours = false;
	bool last;

	error = oeh_frame_parse(&hs->format, data, len, &frame);

	spin_lock_irqsave(&hs->stream_lock, flags);
	if (error)
		oeh_loss_reject(&hs->loss);
	else
		ours = emg_capture_account(hs, &frame, now, &stamps);
	last = ours && emg_capture_drained(hs);
	spin_unlock_irqrestore(&hs->stream_lock, flags);

	if (error)
		dev_dbg_ratelimited(&hs->intf->dev, "%s\n", oeh_error_text(error));
	if (!ours)
		return;

	if (!hs->single) {
		emg_capture_push(hs, &frame, &stamps);
	} else if (!hs->single_taken) {
		oeh_scan_unpack(&hs->format, frame.data, hs->reading);
		hs->single_taken = true;
		complete(&hs->event);
	}

	if (last)
		complete(&hs->event);
}

/* When the headset's clock was at clock, in CLOCK_MONOTONIC. */
bool emg_capture_time(struct emg_headset *hs, u64 clock, ktime_t *time)
{
	unsigned long flags;
	bool known;
	s64 ns;

	spin_lock_irqsave(&hs->stream_lock, flags);
	known = hs->clock_id != CLOCK_MONOTONIC_RAW &&
		oeh_time_map(&hs->time, clock, &ns);
	spin_unlock_irqrestore(&hs->stream_lock, flags);

	if (known)
		*time = ns_to_ktime(ns);

	return known;
}
