/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Names of scenes, and when what happens in each. */
#include "plan.h"

/*
 * Fills the plan with the scenes of @names, joined by commas. Returns 0, or
 * -EINVAL for a name that is none.
 */
int schedule_fill(struct plan *p, const char *names);
