/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Model of an OEH 1 headset: describes itself, answers control requests and
 * builds frames. Pure: no I/O, no clock of its own, no memory but what the
 * caller gives, so that it runs in firmware and in unit tests alike.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oeh.h"

#define DEVICE_DESCRIBE_MAX                                                            \
	(sizeof(struct oeh_describe) + OEH_MAX_CHANNELS * sizeof(struct oeh_channel) + \
	 OEH_MAX_RATES * sizeof(uint32_t) + OEH_MAX_GAINS * sizeof(uint16_t))

/* Longest reply to any control request. */
#define DEVICE_REPLY_MAX DEVICE_DESCRIBE_MAX

struct device_channel {
	uint8_t side;	    /* enum oeh_side */
	uint8_t muscle;	    /* enum oeh_muscle */
	uint16_t gain_mask; /* bit i: gain i can be set */
	uint64_t lsb_fv;    /* one count at gain 1, femtovolts */
};

/* What the maker decides; fixed from power-up on. */
struct device_config {
	char serial[OEH_SERIAL_LEN + 1]; /* printable ASCII */
	char firmware[OEH_FIRMWARE_LEN + 1];
	unsigned int n_channels;
	struct device_channel channels[OEH_MAX_CHANNELS];
	unsigned int bits;
	unsigned int n_rates;
	uint32_t rates[OEH_MAX_RATES]; /* Hz, rising */
	unsigned int n_gains;
	uint16_t gains[OEH_MAX_GAINS]; /* factors, rising */
	uint32_t caps;		       /* OEH_CAP_* */
	uint32_t clock_hz;
	uint32_t max_channel_rate;  /* the device's own limit, channels x Hz; 0: only the bus's */
	uint32_t rate;		    /* at power-up, one of rates */
	uint8_t gain;		    /* at power-up, index into gains */
	unsigned int frame_samples; /* scans in a frame, 0: as many as OEH allows */
	uint32_t counter_start;	    /* START sets the counter to this; OEH says 0, tests say more */
};

enum device_speed { DEVICE_FULL_SPEED, DEVICE_HIGH_SPEED };

struct device {
	struct device_config config;
	enum device_speed speed;

	/* what control requests set */
	uint32_t rate;
	uint8_t gain[OEH_MAX_CHANNELS];
	bool streaming;
	bool lead_off;
	bool impedance;
	bool test_signal;
	bool identify;

	/* since START */
	uint64_t start_clock; /* device clock at the first scan */
	uint64_t acquired;    /* scans; the counter on the wire is its low half */
	uint32_t sequence;    /* of the next frame */
	uint32_t dropped;     /* scans */
	bool overrun;	      /* scans were dropped since the last frame */

	/* since power-up */
	uint16_t marker_sequence;
	struct oeh_impedance contact[OEH_MAX_CHANNELS]; /* ohm, in host order */
	uint64_t impedance_clock;			/* when IMPEDANCE was switched on */
};

/* A SETUP packet of the protocol, in host byte order. */
struct device_setup {
	bool in;	 /* device to host */
	uint8_t request; /* enum oeh_request */
	uint16_t value;
	uint16_t length;
	uint64_t clock; /* device clock when it came */
};

/* Returns 0, or -EINVAL where @config is no headset that OEH 1 allows. */
int device_init(struct device *d, const struct device_config *config);

/* Power-up. */
void device_power_up(struct device *d);

/*
 * The host has set up the device, on a bus of this speed: idle, all settings as
 * after power-up, the rate no higher than the bus can carry.
 */
void device_connect(struct device *d, enum device_speed speed);

/* Bus suspend or disconnect: ends a run, as STOP does, but with no last frame. */
void device_suspend(struct device *d);

/* Highest channels x Hz that can be set, headers and pads of frames considered. */
uint32_t device_max_channel_rate(const struct device *d);

/* Writes the reply to DESCRIBE, at most DEVICE_DESCRIBE_MAX bytes; returns its length. */
size_t device_describe(const struct device *d, uint8_t *reply);

/*
 * Answers a control request. Returns the length of @reply (DEVICE_REPLY_MAX
 * bytes of room; 0 for a request that sets something), or -EPIPE: stall it;
 * nothing has changed then.
 */
int device_request(struct device *d, const struct device_setup *setup, uint8_t *reply);

/* Scans in each frame at the present rate. */
unsigned int device_frame_samples(const struct device *d);

/* Device clock at the scan @index since START. */
uint64_t device_scan_clock(const struct device *d, uint64_t index);

/*
 * Builds the frame of the next @n_scans scans of counts (n_channels each,
 * saturated to the resolution) and counts it as given to the bus. @lead_off
 * tells of the contacts; it is sent only while lead-off detection is on.
 * Returns its length, at most OEH_MAX_FRAME_LEN.
 */
size_t device_frame(struct device *d, const int32_t *scans, unsigned int n_scans, uint32_t lead_off,
		    uint8_t *frame);

/* The next @n_scans scans were acquired but there was no room: they are lost. */
void device_drop(struct device *d, unsigned int n_scans);

/* The marker button moved. Returns the length of its report, 0 without a button. */
size_t device_marker(struct device *d, bool pressed, uint64_t clock, uint8_t *report);

/* Counts of @uv microvolts at the electrode of @channel at its present gain, unsaturated. */
double device_counts_per_uv(const struct device *d, unsigned int channel);

/* Largest count of the converter; the smallest is -max - 1. */
int32_t device_count_max(const struct device *d);

/* The test signal of the protocol at scan @index since START. */
int32_t device_test_signal(const struct device *d, unsigned int channel, uint64_t index);
