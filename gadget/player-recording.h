/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "player.h"
#include "recording.h"

/*
 * The recording at @path, which the device's profile was made for. Its gaps
 * and markers are played too. Returns 0 or negative errno with *@error as in
 * recording_open().
 */
int player_new_recording(const struct device *d, const char *path,
			 const struct recording_options *options, struct player **ret,
			 char **error);
