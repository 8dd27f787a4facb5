/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The command line of the emulated headset. */
#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "headset.h"
#include "montage.h"

#define MAX_SCHEDULED 256

struct scheduled_command {
	double seconds; /* since START; -1: at once */
	const char *command;
	bool done;
};

struct options {
	/* what is played */
	bool pattern;
	const char *scene, *recording;
	uint64_t seed;
	const char *montage_file;
	double recording_rate, unit_uv;
	enum player_end end;

	/* the device */
	unsigned int n_channels; /* 0: as what is played has, or 8 */
	const char *sites;	 /* comma-separated codes */
	uint32_t rate;		 /* 0: as what is played has, or 1000 */
	unsigned int bits;
	unsigned int gain; /* factor, 0: the highest */
	const char *serial;
	unsigned int frame_samples;
	uint32_t counter_start;
	double drift; /* 1e-6: 1 ppm */
	bool no_marker;

	/* the bus */
	struct usb_gadget_config usb;
	unsigned int queue;
	double memory; /* seconds */

	/* the run */
	double duration; /* seconds, 0: until told to end */
	const char *control, *log;
	unsigned int log_every;
	struct scheduled_command scheduled[MAX_SCHEDULED];
	unsigned int n_scheduled;
	char lose[64]; /* the command that --lose stands for */
};

/*
 * Returns 0; 1 where only help was wanted; -EINVAL where the command line is
 * wrong (said on standard error).
 */
int options_parse(struct options *o, int argc, char **argv);
