/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event-name.h"
#include "util.h"

static const char *const kinds[] = {
	[EVENT_SPASM] = "spasm",
	[EVENT_CONTRACTION] = "contraction",
	[EVENT_BLINK] = "blink",
	[EVENT_MOVEMENT] = "movement",
	[EVENT_SPEECH] = "speech",
	[EVENT_CHEWING] = "chewing",
	[EVENT_BILATERAL] = "bilateral",
	[EVENT_ARTEFACT] = "artefact",
	[EVENT_BURST] = "burst",
	[EVENT_MARKER] = "marker",
	[EVENT_GAP] = "gap",
};

static const char *const phases[] = {
	[PHASE_STARTED] = "started",
	[PHASE_UPDATED] = "updated",
	[PHASE_ENDED] = "ended",
};

static const char *const forms[] = {
	[FORM_UNKNOWN] = "unknown", [FORM_TWITCH] = "twitch", [FORM_CLONIC] = "clonic",
	[FORM_TONIC] = "tonic",	    [FORM_MIXED] = "mixed",
};

static const char *const spreads[] = {
	[SPREAD_UNKNOWN] = "unknown",
	[SPREAD_TYPICAL] = "typical",
	[SPREAD_ATYPICAL] = "atypical",
	[SPREAD_SIMULTANEOUS] = "simultaneous",
	[SPREAD_SINGLE_REGION] = "single_region",
};

static const char *const causes[] = {
	[CAUSE_NONE] = "unknown",    [CAUSE_MOTION] = "motion",	    [CAUSE_POP] = "pop",
	[CAUSE_CONTACT] = "contact", [CAUSE_CLIPPING] = "clipping", [CAUSE_MAINS] = "mains",
};

static const char *name_of(const char *const *names, size_t n, unsigned int value)
{
	return value < n && names[value] ? names[value] : "unknown";
}

const char *event_kind_name(enum event_kind kind)
{
	return name_of(kinds, ARRAY_SIZE(kinds), kind);
}

const char *event_phase_name(enum event_phase phase)
{
	return name_of(phases, ARRAY_SIZE(phases), phase);
}

const char *spasm_form_name(enum spasm_form form)
{
	return name_of(forms, ARRAY_SIZE(forms), form);
}

const char *spasm_spread_name(enum spasm_spread spread)
{
	return name_of(spreads, ARRAY_SIZE(spreads), spread);
}

const char *artefact_cause_name(enum artefact_cause cause)
{
	return name_of(causes, ARRAY_SIZE(causes), cause);
}
