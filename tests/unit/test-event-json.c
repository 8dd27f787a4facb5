/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines that programs read: keys, their order, decimals. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event-json.h"
#include "event-name.h"
#include "event-text.h"
#include "util.h"

static const struct detector_event spasm = {
	.kind = EVENT_SPASM,
	.phase = PHASE_ENDED,
	.start = 12345,
	.end = 14900,
	.detected = 12380,
	.side = OEH_SIDE_LEFT,
	.form = FORM_CLONIC,
	.spread = SPREAD_TYPICAL,
	.channel = -1,
	.muscles = BIT(OEH_MUSCLE_ORBICULARIS_OCULI) | BIT(OEH_MUSCLE_ORBICULARIS_ORIS) |
		   BIT(OEH_MUSCLE_ZYGOMATICUS),
	.peak_uv = 312.04f,
	.confidence = 0.967f,
};

static void check_line(const struct detector_event *e, double rate, const char *expected)
{
	char buf[EVENT_JSON_MAX];

	assert_string_equal(event_to_json(e, rate, buf), expected);
}

/* As the contract has it. */
static void a_spasm(_unused_ void **state)
{
	struct detector_event e = spasm;

	check_line(&e, 1000,
		   "{\"event\":\"spasm\",\"start\":12.345,\"end\":14.900,\"detected\":12.380,"
		   "\"side\":\"left\",\"form\":\"clonic\",\"spread\":\"typical\","
		   "\"muscles\":[\"OOc\",\"OOr\",\"Zyg\"],\"peak_uv\":312.0,\"confidence\":0.97}");
	e.phase = PHASE_STARTED;
	e.open = true;
	e.muscles = 0;
	e.form = FORM_UNKNOWN;
	e.spread = SPREAD_UNKNOWN;
	e.peak_uv = e.confidence = 0;
	check_line(&e, 16000,
		   "{\"event\":\"spasm\",\"start\":0.77156,\"end\":0.93125,\"detected\":0.77375,"
		   "\"side\":\"left\",\"form\":\"unknown\",\"spread\":\"unknown\",\"muscles\":[],"
		   "\"open\":true,\"phase\":\"started\"}");
}

static void other_kinds(_unused_ void **state)
{
	static const struct detector_event blink = {.kind = EVENT_BLINK,
						    .phase = PHASE_ENDED,
						    .start = 1,
						    .end = 2,
						    .detected = 3,
						    .channel = -1};
	struct detector_event e = blink;

	check_line(&e, 250,
		   "{\"event\":\"blink\",\"start\":0.004,\"end\":0.008,\"detected\":0.012}");
	e.kind = EVENT_ARTEFACT;
	e.channel = 5;
	e.cause = CAUSE_POP;
	check_line(&e, 250,
		   "{\"event\":\"artefact\",\"start\":0.004,\"end\":0.008,\"detected\":0.012,"
		   "\"channel\":5,\"cause\":\"pop\"}");
	e.kind = EVENT_GAP;
	check_line(&e, 250, "{\"event\":\"gap\",\"start\":0.004,\"end\":0.008}");
	e.kind = EVENT_MARKER;
	check_line(&e, 250, "{\"event\":\"marker\",\"start\":0.004,\"end\":0.008}");
}

static void muscles_by_code(_unused_ void **state)
{
	struct detector_event e = spasm;
	char buf[EVENT_JSON_MAX];

	e.muscles = BIT(OEH_MUSCLE_COUNT) - 1;
	assert_non_null(strstr(event_to_json(&e, 1000, buf),
			       "[\"Buc\",\"Cor\",\"Fro\",\"Mas\",\"Men\",\"OOc\",\"OOr\","
			       "\"Oth\",\"Zyg\"]"));
}

/* Neighbouring samples never get the same time. */
static void times_tell_samples_apart(_unused_ void **state)
{
	static const double rates[] = {250, 256, 500, 512, 999.7, 1000, 2000, 4096, 16000, 1e6};

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		char a[EVENT_JSON_MAX], b[EVENT_JSON_MAX];

		for (uint64_t n = 100000; n < 101000; n++) {
			struct detector_event e = {.start = n, .end = n, .detected = n};
			struct detector_event next = {
				.start = n + 1, .end = n + 1, .detected = n + 1};

			assert_string_not_equal(event_to_json(&e, rates[i], a),
						event_to_json(&next, rates[i], b));
		}
	}
}

/* Whatever is in the struct, the line ends within the buffer. */
static void absurd_values(_unused_ void **state)
{
	struct detector_event e = {.kind = 99,
				   .phase = 77,
				   .start = UINT64_MAX,
				   .end = UINT64_MAX,
				   .detected = UINT64_MAX,
				   .side = 9,
				   .channel = INT32_MAX,
				   .muscles = UINT32_MAX,
				   .open = true,
				   .peak_uv = FLT_MAX,
				   .confidence = INFINITY};
	char json[EVENT_JSON_MAX], text[EVENT_TEXT_MAX];

	for (unsigned int kind = 0; kind < EVENT_KIND_COUNT + 2; kind++) {
		size_t n;

		e.kind = kind;
		n = strlen(event_to_json(&e, 0.001, json));
		assert_in_range(n, 20, EVENT_JSON_MAX - 1);
		assert_int_equal(json[n - 1], '}');
		assert_in_range(strlen(event_to_text(&e, text)), 0, EVENT_TEXT_MAX - 1);
	}
}

static void names_are_all_there(_unused_ void **state)
{
	for (unsigned int k = 0; k < EVENT_KIND_COUNT; k++)
		assert_string_not_equal(event_kind_name(k), "unknown");
	for (unsigned int f = FORM_TWITCH; f <= FORM_MIXED; f++)
		assert_string_not_equal(spasm_form_name(f), "unknown");
	for (unsigned int s = SPREAD_TYPICAL; s <= SPREAD_SINGLE_REGION; s++)
		assert_string_not_equal(spasm_spread_name(s), "unknown");
	for (unsigned int c = CAUSE_MOTION; c <= CAUSE_MAINS; c++)
		assert_string_not_equal(artefact_cause_name(c), "unknown");
	assert_string_equal(event_kind_name(EVENT_KIND_COUNT), "unknown");
	assert_string_equal(event_phase_name(3), "unknown");
}

static void text_for_people(_unused_ void **state)
{
	struct detector_event e = spasm;
	char buf[EVENT_TEXT_MAX];

	assert_string_equal(event_to_text(&e, buf), "clonic, typical, 312 uV, OOc Zyg OOr");
	e.kind = EVENT_ARTEFACT;
	e.channel = 3;
	e.cause = CAUSE_MOTION;
	e.muscles = 0;
	e.open = true;
	assert_string_equal(event_to_text(&e, buf),
			    "channel 3, motion, 312 uV, still going on at the end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spasm),	   cmocka_unit_test(other_kinds),
		cmocka_unit_test(muscles_by_code), cmocka_unit_test(times_tell_samples_apart),
		cmocka_unit_test(absurd_values),   cmocka_unit_test(names_are_all_there),
		cmocka_unit_test(text_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
