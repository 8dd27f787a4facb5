// SPDX-License-Identifier: GPL-2.0-or-later
/* The stream of frames: from the player, through the faults, to the bus. */
#include <errno.h>
#include <string.h>

#include "headset-internal.h"

#define MARKER_SECONDS 0.1 /* a press in a recording */

/* A lost electrode is pulled to the rail by the current that looks for it. */
static void overlay_contacts(struct headset *h, int32_t *scans, unsigned int n)
{
	unsigned int n_channels = h->device.config.n_channels;
	unsigned int i, c;

	if (!h->lost_contacts)
		return;

	for (i = 0; i < n; i++, scans += n_channels)
		for (c = 0; c < n_channels; c++)
			if (h->lost_contacts & BIT(c))
				scans[c] = device_count_max(&h->device);
}

static void overlay_test_signal(struct headset *h, int32_t *scans, unsigned int n)
{
	const struct device *d = &h->device;
	unsigned int i, c;

	if (!d->test_signal)
		return;

	for (i = 0; i < n; i++)
		for (c = 0; c < d->config.n_channels; c++)
			*scans++ = device_test_signal(d, c, d->acquired + i);
}

/* What comes after the end. Returns the scans that it gave. */
static unsigned int hold_last(struct headset *h, int32_t *scans, unsigned int max)
{
	unsigned int n_channels = h->device.config.n_channels;
	unsigned int i;

	if (h->end == END_EXIT)
		return 0;

	for (i = 0; i < max; i++)
		memcpy(scans + i * n_channels, h->last_scan, n_channels * sizeof(*scans));
	return max;
}

/* False where nothing comes any more, or nothing came since it began last. */
static bool begin_anew(struct headset *h, unsigned int n)
{
	if (h->end != END_LOOP || h->looped || h->player->ops->start(h->player) < 0)
		return false;

	h->looped = true;
	headset_log_truth(h, h->device.acquired + n);
	return true;
}

/* Fills a frame; it is short where a gap begins or the end is. */
static unsigned int fill_frame(struct headset *h, unsigned int max)
{
	unsigned int n_channels = h->device.config.n_channels;
	struct player_item item;
	unsigned int n = 0;

	while (n < max && !h->gap && !h->ended) {
		h->player->ops->read(h->player, h->scans + n * n_channels, max - n, &item);
		switch (item.kind) {
		case PLAYER_SCANS:
			n += item.n;
			h->looped = false;
			break;
		case PLAYER_GAP:
			h->gap = item.n;
			break;
		case PLAYER_MARKER:
			headset_press(h, MARKER_SECONDS);
			break;
		case PLAYER_END:
			h->ended = !begin_anew(h, n);
			break;
		}
	}
	if (n)
		memcpy(h->last_scan, h->scans + (n - 1) * n_channels,
		       n_channels * sizeof(*h->scans));
	if (h->ended)
		n += hold_last(h, h->scans + n * n_channels, max - n);

	return n;
}

static void count_frame(struct frame_count *count, unsigned int n)
{
	count->frames++;
	count->samples += n;
}

static uint32_t lead_off(const struct headset *h)
{
	const struct player_ops *ops = h->player->ops;

	return h->lost_contacts | (ops->lead_off ? ops->lead_off(h->player) : 0);
}

static void send_frame(struct headset *h, unsigned int n)
{
	enum frame_fate fate = faults_next(&h->faults);
	uint32_t sequence = h->device.sequence;
	uint64_t first = h->device.acquired;
	uint8_t *frame;
	size_t length;

	if (fate == FATE_LOSE_DEVICE) {
		device_drop(&h->device, n);
		count_frame(&h->stats.fate[fate], n);
		return;
	}

	frame = in_pipe_reserve(h->data);
	if (!frame) {
		device_drop(&h->device, n);
		count_frame(&h->stats.overflow, n);
		return;
	}

	length = device_frame(&h->device, h->scans, n, lead_off(h), frame);
	count_frame(&h->stats.fate[fate], n);
	if (fate == FATE_LOSE_BUS)
		return;

	length = faults_spoil(&h->faults, fate, frame, length);
	in_pipe_commit(h->data, length);
	headset_log_frame(h, sequence, first, n);
}

/* A gap takes its time, as if the headset had lost these scans. */
static bool next_gap(struct headset *h, unsigned int max)
{
	unsigned int n = h->gap < max ? h->gap : max;

	if (!n)
		return false;

	device_drop(&h->device, n);
	h->stats.gap_samples += n;
	h->gap -= n;
	return true;
}

static void next_frame(struct headset *h, uint64_t now, unsigned int max)
{
	double late_ms;
	unsigned int n;

	if (next_gap(h, max))
		return;

	n = fill_frame(h, max);
	if (!n)
		return;

	late_ms = faults_next_delay(&h->faults);
	/* those behind a late one are late with it */
	if (late_ms > 0 && now >= h->release_time)
		h->release_time = now + (uint64_t)(late_ms * 1e6);
	overlay_contacts(h, h->scans, n);
	overlay_test_signal(h, h->scans, n);
	send_frame(h, n);
}

static void run_halt(struct headset *h)
{
	if (!h->halt_wanted)
		return;

	if (in_pipe_halt(h->data) != -EBUSY)
		h->halt_wanted = false;
}

bool headset_is_through(const struct headset *h)
{
	return h->ended && h->end == END_EXIT;
}

static void hand_over(struct headset *h, uint64_t now)
{
	h->stats.taken_frames += in_pipe_reap(h->data);
	/* what can't be given now stays for the next time */
	if (now >= h->release_time && !h->halt_wanted)
		in_pipe_submit(h->data);
}

/*
 * The headset's memory: scans wait there, not yet made into frames, while the
 * host has enough to take. What is older than the memory is long is lost. So a
 * pause of this very process costs nothing, as it would not in a real headset.
 */
static bool frame_waits(const struct headset *h, uint64_t now)
{
	return !in_pipe_reserve(h->data) && now - headset_frame_due_time(h) < h->memory;
}

static bool frame_is_due(const struct headset *h, uint64_t now)
{
	return !headset_is_through(h) && headset_frame_due_time(h) <= now;
}

static void send_one(struct headset *h, uint64_t now)
{
	next_frame(h, now, device_frame_samples(&h->device));
	hand_over(h, now);
}

void headset_run_stream(struct headset *h, uint64_t now)
{
	h->stats.taken_frames += in_pipe_reap(h->data);
	run_halt(h);
	if (now >= h->flush_time) {
		h->flush_time = HEADSET_NEVER;
		h->stats.stale_frames += in_pipe_cancel(h->data);
	}
	if (!h->device.streaming)
		return;

	while (frame_is_due(h, now) && !frame_waits(h, now))
		send_one(h, now);
	hand_over(h, now);
}

void headset_finish_stream(struct headset *h, uint64_t now)
{
	unsigned int n = 0;

	while (frame_is_due(h, now))
		send_one(h, now);
	while (headset_scan_time(h, h->device.acquired + n) <= now)
		n++;
	if (n && !headset_is_through(h))
		next_frame(h, now, n);

	/* what was held back is due at once */
	h->release_time = 0;
	hand_over(h, now);
}
