/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The emulated headset at work: the device model fed by a player at the pace
 * of the device clock, its frames on USB, and faults on request. All times
 * are nanoseconds of CLOCK_BOOTTIME: a headset does not sleep with its host.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "device.h"
#include "faults.h"
#include "functionfs.h"
#include "in-pipe.h"
#include "player.h"
#include "usb-gadget.h"

#define HEADSET_NEVER UINT64_MAX

enum player_end { END_HOLD, END_LOOP, END_EXIT };

struct frame_count {
	uint64_t frames, samples; /* samples of one channel, that is scans */
};

/* Of one stream: from START to the next. */
struct headset_stats {
	struct frame_count fate[FATE_COUNT];
	struct frame_count overflow; /* dropped because the host took too little */
	uint64_t gap_samples;	     /* missing in what is played */
	uint64_t taken_frames;	     /* by the host, as far as known */
	uint64_t stale_frames;	     /* thrown away because the host did not take them */
	uint64_t refused_requests;   /* since power-up */
	uint64_t marker_reports;     /* likewise */
};

struct headset {
	struct device device;
	struct player *player;
	enum player_end end;
	struct faults faults;
	const struct describe_lie *lie;	  /* told by DESCRIBE, NULL: none */
	unsigned int stall_requests[256]; /* by request: how many to refuse */
	double drift;			  /* of the device clock, 1e-6: 1 ppm fast */
	unsigned int queue;		  /* transfers in flight at most */
	uint64_t memory; /* for how long it keeps what the host does not take, ns */

	struct usb_gadget *gadget;
	struct functionfs usb;
	struct in_pipe *data, *marker;
	bool plugged, enabled;

	uint64_t power_time;	/* when it was switched on */
	uint64_t start_time;	/* of the first scan of this stream */
	uint64_t release_time;	/* frames are held back until then */
	uint64_t marker_time;	/* the button is let go */
	uint64_t plug_time;	/* plugged in again */
	uint64_t flush_time;	/* after STOP: what is left is thrown away */
	bool halt_wanted;	/* stall the endpoint as soon as nothing is in flight */
	bool ended;		/* the player has no more */
	bool looped;		/* it began anew and has given nothing since */
	uint64_t gap;		/* scans that are missing in what is played */
	uint32_t lost_contacts; /* bit per channel */
	int32_t scans[OEH_MAX_FRAME_SAMPLES * OEH_MAX_CHANNELS];
	int32_t last_scan[OEH_MAX_CHANNELS];

	struct headset_stats stats;
	FILE *log;		/* NULL: none */
	unsigned int log_every; /* frames */
};

uint64_t headset_now(void);

/* Makes the gadget, with the device's serial, and plugs it in. Errors as for usb_gadget_new(). */
int headset_open(struct headset *h, const struct usb_gadget_config *config, char **error);
void headset_close(struct headset *h);

/* Handles what waits on endpoint 0. Returns 0 or negative errno. */
int headset_usb_event(struct headset *h);

/* Does what is due. Returns 0, or 1 when the player has ended and all was sent. */
int headset_run(struct headset *h, uint64_t now);

/* When headset_run() should be called next, HEADSET_NEVER if only for events. */
uint64_t headset_next_time(const struct headset *h);

/* Seconds since START, negative when not streaming. */
double headset_stream_seconds(const struct headset *h, uint64_t now);

int headset_unplug(struct headset *h);
int headset_plug(struct headset *h, char **error);
void headset_press(struct headset *h, double seconds);
void headset_restart(struct headset *h);
void headset_set_contact(struct headset *h, unsigned int channel, bool contact);

/* One JSON line on standard output. */
void headset_print_stats(const struct headset *h, const char *why);
