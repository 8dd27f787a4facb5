/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Dates samples: maps the device's clock to the host's. Integer arithmetic
 * only; pure: no I/O, no allocation.
 *
 * A transfer can come late, never early. So the offset between the clocks is
 * where transfers came with the least delay: on the lower convex hull of the
 * points (device time, arrival) of the last 24 s, as Zhang, Liu and Xia have it
 * ("Clock synchronization algorithms for network measurements", INFOCOM 2002).
 * Their line has the slope between the quarters of the hull, and lies as high as
 * it can below all points. Stamps follow it, but a step between two of them is no
 * more than 2 % off a period, unless they are off by more than 20 ms, as when a
 * capture began with a late transfer.
 */
#ifndef OEH_TIME_H
#define OEH_TIME_H

#include "oeh_frame.h"
#include "oeh_shim.h"

#define OEH_TIME_POINTS		24		/* one a second */

/* x: device time, y: host's time less the device's, ns from the reference. */
struct oeh_time_point {
	s64 x;
	s64 y;
};

struct oeh_time {
	u32 clock_hz;
	u32 rate;

	/* Both clocks at the frame that all is counted from. */
	u64 clock0;
	s64 host0;

	/* The newest frame. */
	u64 clock;
	s64 x;
	u32 counter;
	bool running;		/* there is one */

	/* The point of least delay in each second, and the line below them. */
	struct oeh_time_point point[OEH_TIME_POINTS];
	unsigned int points;
	s64 second_end;
	struct oeh_time_point line;	/* a point on it */
	s32 slope;			/* ns a second */

	/* The newest stamp that was given out. */
	s64 stamp;
	u32 stamp_counter;
	bool stamped;
	bool anchored;		/* it belongs to this reference */
};

/* Dates of a frame's scans: first, first + step, ... */
struct oeh_stamps {
	s64 first;
	s64 step;
};

/* A run starts. */
void oeh_time_start(struct oeh_time *time, u32 clock_hz, u32 rate);

/*
 * The device has started anew within a run: forget what was learnt. Stamps go on
 * rising.
 */
void oeh_time_restart(struct oeh_time *time);

/*
 * A frame came at host, ns. Its stamps are later than all that were given out
 * since oeh_time_start().
 */
struct oeh_stamps oeh_time_frame(struct oeh_time *time, const struct oeh_frame_info *frame,
				 s64 host);

/*
 * The host's time, ns, when the device's clock was at clock, which must be
 * within 10 s of the newest frame's. Returns false when it can't be told.
 */
bool oeh_time_map(const struct oeh_time *time, u64 clock, s64 *host);

#endif /* OEH_TIME_H */
