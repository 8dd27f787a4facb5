/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "montage.h"
#include "player.h"

/*
 * The synthetic patient @names (one or several, joined by ","), anew from the
 * same @seed at each start. Returns 0, -EINVAL (no such scene, or none for this
 * montage) or -ENOMEM.
 */
int player_new_scene(const struct device *d, const struct montage *montage, const char *names,
		     uint64_t seed, struct player **ret);
