/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The words for an event's kind and measures, as JSON and people get them. */
#include "detect.h"

/* "spasm", "blink", ...; "unknown" for a value out of range. */
const char *event_kind_name(enum event_kind kind);
const char *event_phase_name(enum event_phase phase);
const char *spasm_form_name(enum spasm_form form);
const char *spasm_spread_name(enum spasm_spread spread);
const char *artefact_cause_name(enum artefact_cause cause);
