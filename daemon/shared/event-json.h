/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An event as one line of JSON, for `analyze --json` and `monitor --json`.
 *
 *   {"event":"spasm","start":12.345,"end":14.900,"detected":12.380,"side":"left",
 *    "form":"clonic","spread":"typical","muscles":["OOc","OOr"],"peak_uv":312.0,
 *    "confidence":0.97}
 *
 * Keys keep this order; those that say nothing for a kind are left out. After
 * them may come "channel" and "cause" (artefact, burst), "open":true, and
 * "phase" when the event has not ended.
 */
#include "detect.h"

#define EVENT_JSON_MAX 512

/*
 * Sample i lies at i / @rate seconds, with three decimals or as many more as
 * tell neighbouring samples apart. No newline at the end. Returns @buf.
 */
const char *event_to_json(const struct detector_event *e, double rate, char buf[EVENT_JSON_MAX]);

/* Decimals that seconds need at this rate: 3 to 9. */
unsigned int event_time_decimals(double rate);
