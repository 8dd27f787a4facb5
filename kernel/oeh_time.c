// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Maps the device's clock to the host's and dates samples by it. */
#include "oeh_time.h"

#define OEH_TIME_SECOND		((s64)NSEC_PER_SEC)
#define OEH_TIME_WINDOW		(OEH_TIME_POINTS * OEH_TIME_SECOND)
/* A shorter history says little about the drift: take it as none. */
#define OEH_TIME_MIN_SPAN	(4 * OEH_TIME_SECOND)
#define OEH_TIME_MAX_SLOPE	500000		/* ns a second: 500 ppm */
#define OEH_TIME_SLEW		50		/* a step is within 1/50 of a period, */
#define OEH_TIME_FAST_SLEW	2		/* within a half where it is that far off: */
#define OEH_TIME_FAR		(OEH_TIME_SECOND / 50)
/* A clock that is that far off the count of samples has been set. */
#define OEH_TIME_JUMP		OEH_TIME_SECOND
#define OEH_TIME_MAP_RANGE	(10 * OEH_TIME_SECOND)
/* Keeps products of hostile differences within 64 bits: 68 s. */
#define OEH_TIME_MAX_DELTA	((s64)BIT_ULL(36))
#define OEH_TIME_MAX_TICK_SEC	BIT_ULL(32)

static s64 oeh_time_ticks_to_ns(const struct oeh_time *time, u64 ticks)
{
	u64 sec;
	u32 rem;

	sec = min_t(u64, div_u64_rem(ticks, time->clock_hz, &rem),
		    OEH_TIME_MAX_TICK_SEC);

	return sec * OEH_TIME_SECOND + div_u64((u64)rem * OEH_TIME_SECOND, time->clock_hz);
}

static s64 oeh_time_samples_to_ns(const struct oeh_time *time, u32 samples)
{
	return div_u64((u64)samples * OEH_TIME_SECOND, time->rate);
}

static s64 oeh_time_slope(s32 slope, s64 dx)
{
	return div_s64(slope * clamp_t(s64, dx, -2 * OEH_TIME_WINDOW, 2 * OEH_TIME_WINDOW),
		       OEH_TIME_SECOND);
}

static s64 oeh_time_line(const struct oeh_time *time, s64 x)
{
	return time->line.y + oeh_time_slope(time->slope, x - time->line.x);
}

/* Products of these fit: 25 bits of us within a window, and 36 bits. */
static s32 oeh_time_dx(const struct oeh_time_point *a, const struct oeh_time_point *b)
{
	return max_t(s64, div_s64(b->x - a->x, 1000), 1);
}

static s64 oeh_time_dy(const struct oeh_time_point *a, const struct oeh_time_point *b)
{
	return clamp_t(s64, b->y - a->y, -OEH_TIME_MAX_DELTA, OEH_TIME_MAX_DELTA);
}

/* Is b, between a and c, on their chord or above it? */
static bool oeh_time_is_above(const struct oeh_time_point *a, const struct oeh_time_point *b,
			      const struct oeh_time_point *c)
{
	return oeh_time_dy(a, b) * oeh_time_dx(a, c) >= oeh_time_dy(a, c) * oeh_time_dx(a, b);
}

/* The lower convex hull of all points; returns of how many it consists. */
static unsigned int oeh_time_fit_hull(const struct oeh_time *time, struct oeh_time_point *hull)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < time->points; i++) {
		while (n >= 2 && oeh_time_is_above(&hull[n - 2], &hull[n - 1], &time->point[i]))
			n--;
		hull[n++] = time->point[i];
	}

	return n;
}

/* Where the hull is at x; it has two points at least, and x is among them. */
static s64 oeh_time_hull_at(const struct oeh_time_point *hull, s64 x)
{
	struct oeh_time_point at = { .x = x };

	while (hull[1].x < x)
		hull++;

	return hull[0].y + div_s64(oeh_time_dy(&hull[0], &hull[1]) * oeh_time_dx(&hull[0], &at),
				   oeh_time_dx(&hull[0], &hull[1]));
}

/*
 * The slope between the quarters of the hull. Not that of its edge in the
 * middle: where a corner is there, a nanosecond decides which edge that is.
 */
static s32 oeh_time_fit_slope(const struct oeh_time *time)
{
	struct oeh_time_point hull[OEH_TIME_POINTS];
	struct oeh_time_point early, late;
	unsigned int n = oeh_time_fit_hull(time, hull);
	s64 quarter = (hull[n - 1].x - hull[0].x) / 4;

	early.x = hull[0].x + quarter;
	early.y = oeh_time_hull_at(hull, early.x);
	late.x = hull[n - 1].x - quarter;
	late.y = oeh_time_hull_at(hull, late.x);

	return clamp_t(s64, div_s64(oeh_time_dy(&early, &late) * 1000000,
				    oeh_time_dx(&early, &late)),
		       -OEH_TIME_MAX_SLOPE, OEH_TIME_MAX_SLOPE);
}

static void oeh_time_fit(struct oeh_time *time)
{
	unsigned int i;
	s64 y;

	time->slope = 0;
	if (time->point[time->points - 1].x - time->point[0].x >= OEH_TIME_MIN_SPAN)
		time->slope = oeh_time_fit_slope(time);

	time->line = time->point[time->points - 1];
	for (i = 0; i < time->points; i++) {
		y = time->point[i].y +
		    oeh_time_slope(time->slope, time->line.x - time->point[i].x);
		if (y < time->line.y)
			time->line.y = y;
	}
}

static void oeh_time_forget_old(struct oeh_time *time, s64 x)
{
	unsigned int old = 0;

	while (old < time->points && x - time->point[old].x > OEH_TIME_WINDOW)
		old++;
	if (!old && time->points == OEH_TIME_POINTS)
		old = 1;

	time->points -= old;
	memmove(time->point, time->point + old, time->points * sizeof(time->point[0]));
}

static void oeh_time_add(struct oeh_time *time, s64 x, s64 y)
{
	struct oeh_time_point *newest;
	s64 delay;

	if (!time->points || x >= time->second_end) {
		if (time->points)
			oeh_time_fit(time);
		oeh_time_forget_old(time, x);
		if (!time->points) {
			time->line.x = x;
			time->line.y = y;
		}
		time->point[time->points].x = x;
		time->point[time->points].y = y;
		time->points++;
		time->second_end = x + OEH_TIME_SECOND;
	}

	delay = y - oeh_time_line(time, x);
	newest = &time->point[time->points - 1];
	if (delay < newest->y - oeh_time_line(time, newest->x)) {
		newest->x = x;
		newest->y = y;
	}
	if (delay < 0)
		time->line.y += delay;
}

void oeh_time_start(struct oeh_time *time, u32 clock_hz, u32 rate)
{
	memset(time, 0, sizeof(*time));
	time->clock_hz = clock_hz;
	time->rate = rate;
}

void oeh_time_restart(struct oeh_time *time)
{
	time->running = false;
	time->points = 0;
	time->slope = 0;
	time->anchored = false;
}

/* Device time of the frame's first scan; false when its clock was set. */
static bool oeh_time_advance(struct oeh_time *time, const struct oeh_frame_info *frame)
{
	s64 passed, off;

	if (!time->running || frame->clock < time->clock)
		return false;

	passed = oeh_time_samples_to_ns(time, frame->counter - time->counter);
	time->x = oeh_time_ticks_to_ns(time, frame->clock - time->clock0);
	off = time->x - oeh_time_ticks_to_ns(time, time->clock - time->clock0) - passed;

	return off <= OEH_TIME_JUMP + passed / 64 && off >= -OEH_TIME_JUMP - passed / 64;
}

static struct oeh_stamps oeh_time_stamp(struct oeh_time *time,
					const struct oeh_frame_info *frame, s64 end)
{
	const s32 period = oeh_time_samples_to_ns(time, 1);
	const u32 last = frame->counter + frame->samples - 1;
	const u32 steps = last - time->stamp_counter;
	const s64 off = end - time->stamp - (s64)steps * period;
	struct oeh_stamps stamps = { .step = period };
	s32 slew;

	/* Across a second or more that is missing there is no use in gliding. */
	if (!time->anchored || steps - frame->samples > time->rate) {
		stamps.first = end - oeh_time_samples_to_ns(time, frame->samples - 1);
		if (time->stamped && stamps.first <= time->stamp)
			stamps.first = time->stamp + 1;
	} else {
		slew = off > OEH_TIME_FAR || off < -OEH_TIME_FAR ?
		       period / OEH_TIME_FAST_SLEW : period / OEH_TIME_SLEW;
		stamps.step = clamp_t(s64, div_s64(end - time->stamp, steps),
				      period - slew, period + slew);
		stamps.first = time->stamp +
			       stamps.step * (s64)(steps - frame->samples + 1);
	}

	time->stamp = stamps.first + stamps.step * (s64)(frame->samples - 1);
	time->stamp_counter = last;
	time->stamped = true;
	time->anchored = true;

	return stamps;
}

struct oeh_stamps oeh_time_frame(struct oeh_time *time, const struct oeh_frame_info *frame,
				 s64 host)
{
	s64 span = oeh_time_samples_to_ns(time, frame->samples - 1);
	s64 end;

	if (!oeh_time_advance(time, frame)) {
		oeh_time_restart(time);
		time->clock0 = frame->clock;
		time->host0 = host - span;
		time->x = 0;
		time->running = true;
	}
	time->clock = frame->clock;
	time->counter = frame->counter;

	/* A frame can leave when its last scan is taken. */
	end = time->x + span;
	oeh_time_add(time, end, host - time->host0 - end);

	return oeh_time_stamp(time, frame,
			      time->host0 + end + oeh_time_line(time, end));
}

bool oeh_time_map(const struct oeh_time *time, u64 clock, s64 *host)
{
	s64 delta;

	if (!time->running)
		return false;

	if (clock >= time->clock)
		delta = oeh_time_ticks_to_ns(time, clock - time->clock);
	else
		delta = -oeh_time_ticks_to_ns(time, time->clock - clock);
	if (delta > OEH_TIME_MAP_RANGE || delta < -OEH_TIME_MAP_RANGE)
		return false;

	*host = time->host0 + time->x + delta + oeh_time_line(time, time->x + delta);

	return true;
}
