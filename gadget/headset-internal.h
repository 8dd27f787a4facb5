/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of the emulated headset share with each other only. */
#include "headset.h"

#define NSEC UINT64_C(1000000000)

/* Device clock at @now. */
uint64_t headset_device_clock(const struct headset *h, uint64_t now);

/* When the scan @index since START has been acquired. */
uint64_t headset_scan_time(const struct headset *h, uint64_t index);

/* When all scans of the next frame have been. */
uint64_t headset_frame_due_time(const struct headset *h);

/* Takes back what the host has, frames and requests to come. */
void headset_bus_disabled(struct headset *h);

/* The stream up to @now. */
void headset_run_stream(struct headset *h, uint64_t now);

/* The rest of the stream: what was taken by @now, in a last frame that may be short. */
void headset_finish_stream(struct headset *h, uint64_t now);

/* True where the player has ended and nothing shall follow. */
bool headset_is_through(const struct headset *h);

/* The log; what is played from scan @first on, a frame given to the bus, the button. */
void headset_log_truth(const struct headset *h, uint64_t first);
void headset_log_frame(const struct headset *h, uint32_t sequence, uint64_t first, unsigned int n);
void headset_log_marker(const struct headset *h, bool pressed, uint64_t now);
