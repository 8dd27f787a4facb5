// SPDX-License-Identifier: GPL-2.0-or-later
/* What the emulated headset tells: statistics, and the log of times. */
#include <inttypes.h>

#include "headset-internal.h"

static void print_count(const char *name, const struct frame_count *count)
{
	printf(",\"%s\":{\"frames\":%" PRIu64 ",\"samples\":%" PRIu64 "}", name, count->frames,
	       count->samples);
}

void headset_print_stats(const struct headset *h, const char *why)
{
	const struct headset_stats *s = &h->stats;
	unsigned int fate;

	printf("{\"event\":\"%s\",\"serial\":\"%s\",\"streaming\":%s,\"identify\":%s,\"rate\":"
	       "%" PRIu32 ",\"acquired\":%" PRIu64 ",\"sequence\":%" PRIu32 ",\"dropped\":%" PRIu32,
	       why, h->device.config.serial, h->device.streaming ? "true" : "false",
	       h->device.identify ? "true" : "false", h->device.rate, h->device.acquired,
	       h->device.sequence, h->device.dropped);
	for (fate = 0; fate < FATE_COUNT; fate++)
		print_count(frame_fate_names[fate], &s->fate[fate]);
	print_count("overflow", &s->overflow);
	printf(",\"gap_samples\":%" PRIu64 ",\"taken_frames\":%" PRIu64 ",\"stale_frames\":%" PRIu64
	       ",\"clipped\":%" PRIu64 ",\"refused_requests\":%" PRIu64
	       ",\"marker_reports\":%" PRIu64 "}\n",
	       s->gap_samples, s->taken_frames, s->stale_frames, h->player->clipped,
	       s->refused_requests, s->marker_reports);
}

/* What is played from scan @first on. */
void headset_log_truth(const struct headset *h, uint64_t first)
{
	const struct player_ops *ops = h->player->ops;
	struct player_truth t;
	size_t i;

	if (!h->log)
		return;

	fprintf(h->log, "{\"log\":\"start\",\"rate\":%" PRIu32 ",\"boottime\":%.6f}\n",
		h->device.rate, headset_scan_time(h, first) * 1e-9);
	for (i = 0; ops->truth && ops->truth(h->player, i, &t); i++)
		fprintf(h->log,
			"{\"log\":\"truth\",\"kind\":\"%s\",\"side\":\"%s\",\"form\":\"%s\","
			"\"spread\":\"%s\",\"start\":%.6f,\"end\":%.6f,\"boottime\":%.6f}\n",
			t.kind, t.side, t.form, t.spread, (double)t.start / h->device.rate,
			(double)t.end / h->device.rate,
			headset_scan_time(h, first + t.start) * 1e-9);
	fflush(h->log);
}

void headset_log_frame(const struct headset *h, uint32_t sequence, uint64_t first, unsigned int n)
{
	uint64_t given = headset_now();

	if (!h->log || sequence % h->log_every)
		return;

	if (given < h->release_time)
		given = h->release_time;
	fprintf(h->log,
		"{\"log\":\"frame\",\"sequence\":%" PRIu32 ",\"sample\":%" PRIu64
		",\"samples\":%u,\"boottime\":%.6f}\n",
		sequence, first, n, given * 1e-9);
}

void headset_log_marker(const struct headset *h, bool pressed, uint64_t now)
{
	if (h->log)
		fprintf(h->log, "{\"log\":\"marker\",\"pressed\":%s,\"boottime\":%.6f}\n",
			pressed ? "true" : "false", now * 1e-9);
}
