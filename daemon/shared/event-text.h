/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* An event's measures as people read them, for `analyze` and `monitor`. */
#include "detect.h"

#define EVENT_TEXT_MAX 160

/* "clonic, typical, 312 uV, OOc OOr Zyg"; what is not known is left out. Returns @buf. */
const char *event_to_text(const struct detector_event *e, char buf[EVENT_TEXT_MAX]);
