/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "event-name.h"
#include "event-text.h"
#include "util.h"

struct text {
	char *buf;
	size_t length;
};

static void text_add(struct text *t, const char *format, ...) _printf_(2, 3);
static void text_add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->buf + t->length, EVENT_TEXT_MAX - t->length, format, args);
	va_end(args);
	if (n > 0)
		t->length += (size_t)n;
	if (t->length > EVENT_TEXT_MAX - 1)
		t->length = EVENT_TEXT_MAX - 1;
}

/* What separates the next measure from those before it. */
static const char *comma(const struct text *t)
{
	return t->length ? ", " : "";
}

static void text_add_muscles(struct text *t, uint32_t muscles)
{
	const char *separator = comma(t);

	for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++) {
		if (!(muscles & BIT(m)))
			continue;
		text_add(t, "%s%s", separator, oeh_muscle_names[m].code);
		separator = " ";
	}
}

const char *event_to_text(const struct detector_event *e, char buf[EVENT_TEXT_MAX])
{
	struct text t = {.buf = buf};

	buf[0] = '\0';
	if (e->kind == EVENT_SPASM && e->form != FORM_UNKNOWN)
		text_add(&t, "%s", spasm_form_name(e->form));
	if (e->kind == EVENT_SPASM && e->spread == SPREAD_SINGLE_REGION)
		text_add(&t, "%ssingle region", comma(&t));
	else if (e->kind == EVENT_SPASM && e->spread != SPREAD_UNKNOWN)
		text_add(&t, "%s%s", comma(&t), spasm_spread_name(e->spread));
	if (e->channel >= 0 && (e->kind == EVENT_ARTEFACT || e->kind == EVENT_BURST))
		text_add(&t, "%schannel %d", comma(&t), e->channel);
	if (e->kind == EVENT_ARTEFACT)
		text_add(&t, "%s%s", comma(&t), artefact_cause_name(e->cause));
	if (e->peak_uv > 0)
		text_add(&t, "%s%.0f uV", comma(&t), (double)e->peak_uv);
	text_add_muscles(&t, e->muscles);
	if (e->open)
		text_add(&t, "%sstill going on at the end", comma(&t));

	return buf;
}
