/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event-json.h"
#include "event-name.h"
#include "number.h"
#include "util.h"

struct line {
	char *buf;
	size_t length;
};

static void line_add(struct line *l, const char *format, ...) _printf_(2, 3);
static void line_add(struct line *l, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->buf + l->length, EVENT_JSON_MAX - l->length, format, args);
	va_end(args);
	if (n > 0)
		l->length += (size_t)n;
	if (l->length > EVENT_JSON_MAX - 1)
		l->length = EVENT_JSON_MAX - 1;
}

static void line_add_number(struct line *l, const char *key, double value, unsigned int decimals)
{
	char text[NUMBER_TEXT_MAX];

	line_add(l, ",\"%s\":%s", key, number_format(value, decimals, text));
}

/* By their codes, so that the order means nothing. */
static const uint8_t muscle_order[OEH_MUSCLE_COUNT] = {
	OEH_MUSCLE_BUCCINATOR,	     OEH_MUSCLE_CORRUGATOR, OEH_MUSCLE_FRONTALIS,
	OEH_MUSCLE_MASSETER,	     OEH_MUSCLE_MENTALIS,   OEH_MUSCLE_ORBICULARIS_OCULI,
	OEH_MUSCLE_ORBICULARIS_ORIS, OEH_MUSCLE_OTHER,	    OEH_MUSCLE_ZYGOMATICUS,
};

static void line_add_muscles(struct line *l, uint32_t muscles)
{
	const char *comma = "";

	line_add(l, ",\"muscles\":[");
	for (unsigned int i = 0; i < OEH_MUSCLE_COUNT; i++) {
		if (!(muscles & BIT(muscle_order[i])))
			continue;
		line_add(l, "%s\"%s\"", comma, oeh_muscle_names[muscle_order[i]].code);
		comma = ",";
	}
	line_add(l, "]");
}

unsigned int event_time_decimals(double rate)
{
	unsigned int decimals = 3;

	for (double tell = 1000; tell < rate && decimals < 9; tell *= 10)
		decimals++;
	return decimals;
}

static void line_add_spasm(struct line *l, const struct detector_event *e)
{
	line_add(l, ",\"form\":\"%s\"", spasm_form_name(e->form));
	line_add(l, ",\"spread\":\"%s\"", spasm_spread_name(e->spread));
}

const char *event_to_json(const struct detector_event *e, double rate, char buf[EVENT_JSON_MAX])
{
	unsigned int decimals = event_time_decimals(rate);
	bool is_signal = e->kind != EVENT_GAP && e->kind != EVENT_MARKER;
	struct line l = {.buf = buf};

	line_add(&l, "{\"event\":\"%s\"", event_kind_name(e->kind));
	line_add_number(&l, "start", (double)e->start / rate, decimals);
	line_add_number(&l, "end", (double)e->end / rate, decimals);
	if (is_signal)
		line_add_number(&l, "detected", (double)e->detected / rate, decimals);
	if (e->side != OEH_SIDE_NONE)
		line_add(&l, ",\"side\":\"%s\"", oeh_side_label(e->side));
	if (e->kind == EVENT_SPASM)
		line_add_spasm(&l, e);
	if (e->muscles || e->kind == EVENT_SPASM)
		line_add_muscles(&l, e->muscles);
	if (e->peak_uv > 0)
		line_add_number(&l, "peak_uv", (double)e->peak_uv, 1);
	if (e->confidence > 0)
		line_add_number(&l, "confidence", (double)e->confidence, 2);
	if (e->channel >= 0 && is_signal)
		line_add(&l, ",\"channel\":%d", e->channel);
	if (e->kind == EVENT_ARTEFACT)
		line_add(&l, ",\"cause\":\"%s\"", artefact_cause_name(e->cause));
	if (e->open)
		line_add(&l, ",\"open\":true");
	if (e->phase != PHASE_ENDED)
		line_add(&l, ",\"phase\":\"%s\"", event_phase_name(e->phase));
	line_add(&l, "}");

	return buf;
}
