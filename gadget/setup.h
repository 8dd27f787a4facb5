/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "headset.h"
#include "options.h"

/*
 * Makes the device and the player that the command line asks for. Returns 0
 * or negative errno; then *@error (malloc'ed) says what is wrong.
 */
int headset_setup(struct headset *h, const struct options *o, char **error);
