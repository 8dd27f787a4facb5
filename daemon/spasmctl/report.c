/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "event-json.h"
#include "event-name.h"
#include "event-text.h"
#include "number.h"
#include "report.h"
#include "util.h"

#define SECONDS_PER_HOUR 3600

void report_clear(struct report *r)
{
	for (unsigned int i = 0; i < r->n_warnings; i++)
		free(r->warnings[i]);
	r->n_warnings = 0;
}

void report_warn(struct report *r, const char *message)
{
	char *copy;

	fprintf(stderr, "spasmctl: %s: %s\n", r->path, message);
	if (r->n_warnings == REPORT_WARNINGS_MAX)
		return;
	copy = strdup(message);
	if (copy)
		r->warnings[r->n_warnings++] = copy;
}

/* ---- summary ---- */

struct figures {
	double duration, usable; /* seconds */
	double per_hour, burden; /* NAN: can't be told */
};

static struct figures figures_of(const struct report *r, const struct detector_totals *t)
{
	struct figures f = {
		.duration = (double)t->samples / r->info->rate,
		.usable = (double)t->usable / r->info->rate,
		.per_hour = NAN,
		.burden = NAN,
	};

	if (f.duration > 0)
		f.per_hour = t->events[EVENT_SPASM] * SECONDS_PER_HOUR / f.duration;
	if (t->usable)
		f.burden = (double)t->in_spasm / (double)t->usable;
	return f;
}

/* ---- JSON ---- */

/* Bytes beyond ASCII are taken as Latin-1, so that the line is always valid. */
static void json_string(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c > '~')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void json_number(const char *key, double value, unsigned int decimals)
{
	char text[NUMBER_TEXT_MAX];

	printf(",\"%s\":%s", key, number_format(value, decimals, text));
}

static void json_counts(const struct detector_totals *t)
{
	printf(",\"counts\":{");
	for (unsigned int k = 0; k < EVENT_KIND_COUNT; k++)
		printf("%s\"%s\":%u", k ? "," : "", event_kind_name(k), t->events[k]);
	putchar('}');
}

static void json_sites(const struct montage *m)
{
	char code[SITE_TEXT_MAX];

	printf(",\"sites\":[");
	for (unsigned int c = 0; c < m->n_channels; c++)
		printf("%s\"%s\"", c ? "," : "", site_to_code(m->sites[c], code));
	putchar(']');
}

static void json_summary(const struct report *r, const struct detector_totals *t)
{
	unsigned int decimals = event_time_decimals(r->info->rate);
	struct figures f = figures_of(r, t);

	printf("{\"event\":\"summary\"");
	json_number("duration", f.duration, decimals);
	printf(",\"spasms\":%u", t->events[EVENT_SPASM]);
	json_number("per_hour", f.per_hour, 1);
	json_number("burden", f.burden, 4);
	json_number("usable", f.usable, decimals);
	json_counts(t);
	printf(",\"channels\":%u", r->info->n_channels);
	json_number("rate", r->info->rate, r->info->rate == floor(r->info->rate) ? 0 : 6);
	printf(",\"format\":\"%s\",\"montage\":\"%s\"", r->info->format, r->montage_from);
	json_sites(r->montage);
	printf(",\"gaps\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"warnings\":[", r->gaps, r->lost);
	for (unsigned int i = 0; i < r->n_warnings; i++) {
		if (i)
			putchar(',');
		json_string(r->warnings[i]);
	}
	puts("]}");
}

/* ---- table ---- */

static void table_begin(const struct report *r)
{
	char code[SITE_TEXT_MAX];

	printf("%s: %s, %u channel%s at %g Hz\nMontage:", r->path, r->info->format,
	       r->info->n_channels, r->info->n_channels == 1 ? "" : "s", r->info->rate);
	for (unsigned int c = 0; c < r->montage->n_channels; c++)
		printf(" %s", site_to_code(r->montage->sites[c], code));
	printf("\n\n%10s %10s  %-12s %-6s %10s  %s\n", "start s", "end s", "event", "side",
	       "confidence", "measures");
}

static void table_event(const struct report *r, const struct detector_event *e)
{
	const char *side = e->side == OEH_SIDE_NONE ? "" : oeh_side_label(e->side);
	char text[EVENT_TEXT_MAX], confidence[16] = "";

	if (e->confidence > 0)
		snprintf(confidence, sizeof(confidence), "%.2f", (double)e->confidence);
	printf("%10.3f %10.3f  %-12s %-6s %10s  %s\n", (double)e->start / r->info->rate,
	       (double)e->end / r->info->rate, event_kind_name(e->kind), side, confidence,
	       event_to_text(e, text));
}

static void table_counts(const struct detector_totals *t)
{
	const char *separator = "Also: ";

	for (unsigned int k = EVENT_SPASM + 1; k < EVENT_KIND_COUNT; k++) {
		if (!t->events[k])
			continue;
		printf("%s%s %u", separator, event_kind_name(k), t->events[k]);
		separator = ", ";
	}
	if (*separator == ',')
		putchar('\n');
}

static void table_summary(const struct report *r, const struct detector_totals *t)
{
	struct figures f = figures_of(r, t);

	printf("\nLength %.1f s", f.duration);
	if (strcmp(r->montage_from, "none") != 0)
		printf(", of which %.1f s could be judged", f.usable);
	puts(".");
	if (r->gaps)
		printf("%" PRIu64 " samples are missing in %" PRIu64 " gaps.\n", r->lost, r->gaps);
	printf("Spasms: %u", t->events[EVENT_SPASM]);
	if (t->events[EVENT_SPASM])
		printf(", %.1f an hour, %.1f %% of the time that could be judged", f.per_hour,
		       100 * f.burden);
	putchar('\n');
	table_counts(t);
	if (r->n_warnings)
		printf("Warnings: %u, see above.\n", r->n_warnings);
	puts("\nThis is a count of muscle activity, no diagnosis: spasmd is not a medical device.");
}

/* ---- either ---- */

void report_begin(const struct report *r)
{
	if (!r->json)
		table_begin(r);
}

void report_event(const struct report *r, const struct detector_event *e)
{
	char line[EVENT_JSON_MAX];

	if (r->json)
		puts(event_to_json(e, r->info->rate, line));
	else
		table_event(r, e);
}

void report_end(const struct report *r, const struct detector_totals *totals)
{
	if (r->json)
		json_summary(r, totals);
	else
		table_summary(r, totals);
}
