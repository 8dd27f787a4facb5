/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The truth of a scene as JSON Lines, with the keys that `analyze --json` has. */
#include <stdio.h>

#include "scene.h"

/* Writes all events and a summary. Returns 0 or -EIO. */
int truth_write(FILE *f, const struct scene *s, const struct scene_config *config);
