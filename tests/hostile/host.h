/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The host's side: what users and programs do with what has been plugged in. */
#include <stdbool.h>
#include <stdint.h>

#include "pattern.h"
#include "rng.h"

#define HOST_PATH_MAX 256

struct host {
	unsigned int udc;
	char interface[HOST_PATH_MAX]; /* folder in sysfs, empty: there is none */
	uint64_t scans, bad_times, bad_samples, missing;
};

/* Waits at most @ms for the interface, until its driver, if any, has made up its mind. */
bool host_wait(struct host *h, unsigned int ms);
bool host_wait_gone(struct host *h, unsigned int ms);

/* True if the driver has taken the headset. */
bool host_is_bound(const struct host *h);
bool host_bind(struct host *h);
void host_unbind(struct host *h);

/* Opens the marker button's device, for a moment, or holds it: returns a descriptor or -1. */
int host_open_marker(const struct host *h);

/* Transfers that failed and frames that were rejected since the driver took it. */
unsigned int host_errors(const struct host *h);

/* Reads and writes attributes, at random. */
void host_poke(const struct host *h, struct rng *r);

/*
 * Captures until @done says so; leaves the buffer enabled if @leave. Timestamps
 * are checked, samples and counters too if @pattern. False: it can't begin.
 */
bool host_capture(struct host *h, bool (*done)(void *data), void *data, bool leave, bool pattern);
