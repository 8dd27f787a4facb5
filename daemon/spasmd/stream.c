/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define NS_PER_S	1e9
#define MAX_DISAGREE_NS 2000000000 /* between a gap's length by counter and by time */

/* What the scans before this one say of it. */
struct scan_head {
	uint32_t counter;
	uint32_t lead_off;
	int64_t ns;
};

int stream_init(struct stream *s)
{
	s->stride = detector_stride(s->layout.n_voltages);
	s->block = aligned_alloc(64, STREAM_BLOCK * s->stride * sizeof(float));
	if (!s->block)
		return -ENOMEM;
	memset(s->block, 0, STREAM_BLOCK * s->stride * sizeof(float));
	timeline_reset(&s->timeline, s->rate);
	s->last = (struct timeline_anchor){0};
	s->running = false;
	return 0;
}

void stream_clear(struct stream *s)
{
	free(s->block);
	s->block = NULL;
}

void stream_begin(struct stream *s)
{
	s->running = false;
	s->expected = 0;
	s->backlog = 0;
	s->drained = false;
}

void stream_drained(struct stream *s, size_t n)
{
	s->drained = true;
	s->in_flight = n;
}

/* Lets the detector's time run on to @position. */
static uint64_t stream_skip_to(struct stream *s, uint64_t position)
{
	uint64_t now = detector_position(s->detector);

	if (position <= now)
		return 0;
	detector_gap(s->detector, position - now);
	return position - now;
}

/* Which sample would have been taken at @ns. */
static uint64_t position_at(const struct stream *s, int64_t ns)
{
	double samples = (double)(ns - s->last.ns) * s->rate / NS_PER_S;

	return s->last.position + (samples > 0 ? (uint64_t)llrint(samples) : 0);
}

void stream_pass(struct stream *s, int64_t now_ns)
{
	if (s->last.ns)
		s->counters.not_captured += stream_skip_to(s, position_at(s, now_ns));
}

static struct scan_head head_read(const struct stream *s, const uint8_t *scan, size_t left,
				  int64_t now_ns)
{
	const struct scan_layout *l = &s->layout;
	struct scan_head h = {.counter = s->expected};

	if (l->counter != SCAN_NONE)
		h.counter = (uint32_t)scan_element_read(&l->elements[l->counter], scan);
	if (l->lead_off != SCAN_NONE)
		h.lead_off = (uint32_t)scan_element_read(&l->elements[l->lead_off], scan);
	if (l->timestamp != SCAN_NONE)
		h.ns = scan_element_read(&l->elements[l->timestamp], scan);
	else
		h.ns = now_ns - llrint((double)(left - 1) * NS_PER_S / s->rate);
	return h;
}

/* The first scan of a capture: what is missing before it is known by time. */
static void stream_resume(struct stream *s, const struct scan_head *h)
{
	s->running = true;
	if (s->last.ns) {
		s->counters.not_captured += stream_skip_to(s, position_at(s, h->ns));
		s->counters.gaps++;
	} else if (h->counter) {
		/* Nothing was before: the counter itself tells. */
		detector_gap(s->detector, h->counter);
		s->counters.lost += h->counter;
		s->counters.gaps++;
	}
	s->expected = h->counter;
}

/* True where counter and time agree that the scan is a later one. */
static bool gap_is_plausible(const struct stream *s, const struct scan_head *h, uint32_t missing)
{
	int64_t by_counter, by_time;

	if (missing > INT32_MAX)
		return false;
	by_counter = llrint((double)missing * NS_PER_S / s->rate);
	by_time = h->ns - s->last.ns;
	return by_time > 0 && llabs(by_time - by_counter) < MAX_DISAGREE_NS;
}

static int stream_follow(struct stream *s, const struct scan_head *h)
{
	uint32_t missing;

	if (!s->running) {
		stream_resume(s, h);
		return 0;
	}
	missing = h->counter - s->expected;
	if (missing == 0)
		return 0;
	if (!gap_is_plausible(s, h, missing))
		return -ESTALE;
	detector_gap(s->detector, missing);
	/* It can only have been full if so many scans were in it before those. */
	if (s->room && s->backlog >= s->room)
		s->counters.overrun += missing;
	else
		s->counters.lost += missing;
	s->counters.gaps++;
	s->expected = h->counter;
	return 0;
}

/* Only now: what is missing right after a full buffer was read out had no room in it. */
static void backlog_restart(struct stream *s)
{
	if (!s->drained)
		return;
	s->drained = false;
	s->backlog = s->in_flight;
}

/* How many of the scans follow each other without a change; the last one's time. */
static size_t run_length(const struct stream *s, const uint8_t *scans, size_t n,
			 const struct scan_head *first, size_t left, int64_t now_ns, int64_t *last)
{
	struct scan_head h;
	size_t i;

	*last = first->ns;
	for (i = 1; i < n; i++) {
		h = head_read(s, scans + i * s->layout.size, left - i, now_ns);
		if (s->layout.counter != SCAN_NONE && h.counter != first->counter + (uint32_t)i)
			break;
		if (h.lead_off != first->lead_off)
			break;
		*last = h.ns;
	}
	return i;
}

int stream_push(struct stream *s, const uint8_t *scans, size_t n, int64_t now_ns)
{
	struct scan_head head;
	size_t length, max;
	uint64_t position;
	int64_t last_ns;
	int r;

	for (; n > 0; n -= length, scans += length * s->layout.size) {
		head = head_read(s, scans, n, now_ns);
		r = stream_follow(s, &head);
		if (r < 0)
			return r;
		backlog_restart(s);
		max = n < STREAM_BLOCK ? n : STREAM_BLOCK;
		length = run_length(s, scans, max, &head, n, now_ns, &last_ns);

		/* Times first: the detector may announce something at any of these samples. */
		position = detector_position(s->detector);
		timeline_add(&s->timeline, position, head.ns);
		if (length > 1)
			timeline_add(&s->timeline, position + length - 1, last_ns);
		s->last = (struct timeline_anchor){position + length - 1, last_ns};
		s->lead_off = head.lead_off;
		s->expected = head.counter + (uint32_t)length;
		s->counters.samples += length;
		s->backlog += length;

		scan_layout_decode(&s->layout, scans, length, s->scale_uv, s->offset, s->block,
				   s->stride);
		detector_feed(s->detector, s->block, length, head.lead_off);
	}
	return 0;
}
