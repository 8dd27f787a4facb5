/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The truth of a scene as JSON Lines. */
#include <errno.h>
#include <inttypes.h>

#include "truth.h"
#include "util.h"

static const char *const kind_names[EVENT_KIND_COUNT] = {
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

/* clang-format off */
static const char *const form_names[] = {
	[FORM_UNKNOWN] = "unknown", [FORM_TWITCH] = "twitch", [FORM_CLONIC] = "clonic",
	[FORM_TONIC] = "tonic",	    [FORM_MIXED] = "mixed",
};
/* clang-format on */

static const char *const spread_names[] = {
	[SPREAD_UNKNOWN] = "unknown",
	[SPREAD_TYPICAL] = "typical",
	[SPREAD_ATYPICAL] = "atypical",
	[SPREAD_SIMULTANEOUS] = "simultaneous",
	[SPREAD_SINGLE_REGION] = "single_region",
};

/* clang-format off */
static const char *const cause_names[] = {
	[CAUSE_NONE] = "none",	     [CAUSE_MOTION] = "motion",	    [CAUSE_POP] = "pop",
	[CAUSE_CONTACT] = "contact", [CAUSE_CLIPPING] = "clipping", [CAUSE_MAINS] = "mains",
};
/* clang-format on */

static void write_muscles(FILE *f, uint32_t muscles)
{
	const char *comma = "";

	fputs(",\"muscles\":[", f);
	for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++) {
		if (!(muscles & 1u << m))
			continue;
		fprintf(f, "%s\"%s\"", comma, oeh_muscle_names[m].code);
		comma = ",";
	}
	fputc(']', f);
}

static void write_channels(FILE *f, uint32_t channels)
{
	const char *comma = "";

	fputs(",\"channels\":[", f);
	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		if (!(channels & 1u << c))
			continue;
		fprintf(f, "%s%u", comma, c);
		comma = ",";
	}
	fputc(']', f);
}

static void write_event(FILE *f, const struct scene_event *e, double rate)
{
	fprintf(f, "{\"event\":\"%s\",\"start\":%.6f,\"end\":%.6f", kind_names[e->kind],
		(double)e->start / rate, (double)e->end / rate);
	if (e->side != OEH_SIDE_NONE)
		fprintf(f, ",\"side\":\"%s\"", oeh_side_label(e->side));
	if (e->kind == EVENT_SPASM)
		fprintf(f, ",\"form\":\"%s\",\"spread\":\"%s\",\"peak_uv\":%.1f",
			form_names[e->form], spread_names[e->spread], (double)e->peak_uv);
	if (e->kind == EVENT_ARTEFACT) {
		fprintf(f, ",\"cause\":\"%s\"", cause_names[e->cause]);
		write_channels(f, e->channels);
	} else {
		write_muscles(f, e->muscles);
	}
	fprintf(f, ",\"act\":\"%s\"}\n", e->act);
}

int truth_write(FILE *f, const struct scene *s, const struct scene_config *config)
{
	const struct scene_event *events;
	unsigned int spasms = 0;
	size_t n;

	events = scene_events(s, &n);
	for (size_t i = 0; i < n; i++) {
		write_event(f, &events[i], config->rate);
		spasms += events[i].kind == EVENT_SPASM;
	}
	fprintf(f, "{\"event\":\"summary\",\"duration\":%.6f,\"spasms\":%u,\"scene\":\"%s\"",
		(double)scene_length(s) / config->rate, spasms, config->name);
	fprintf(f, ",\"seed\":%" PRIu64 ",\"rate\":%g}\n", config->seed, config->rate);

	return fflush(f) == 0 && !ferror(f) ? 0 : -EIO;
}
