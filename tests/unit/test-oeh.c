// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The module's KUnit tests of the protocol code, and that PROTOCOL.md says what the code does: its
 * tables give the offsets of oeh.h, its examples are the test vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "oeh_checks.h"
#include "util.h"

#define PROTOCOL  "kernel/PROTOCOL.md"
#define VECTORS	  "tests/vectors/oeh_vectors.h"
#define GENERATOR "tests/vectors/oeh-vectors.py"

static void test_case_run(void **state)
{
	const struct kunit_case *test_case = *state;
	struct kunit test = {.name = test_case->name};

	test_case->run_case(&test);
}

/* ---- files ------------------------------------------------------------------------------------
 */

static char *stream_read(FILE *f)
{
	char *text = NULL;
	size_t size = 0, len = 0, n;

	do {
		size += 65536;
		text = realloc(text, size + 1);
		if (!text)
			abort();
		n = fread(text + len, 1, size - len, f);
		len += n;
	} while (n);
	text[len] = '\0';

	return text;
}

static char *file_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;

	if (!f)
		fail_msg("%s cannot be read: run this test in the top folder", path);
	text = stream_read(f);
	fclose(f);

	return text;
}

/* ---- tables of PROTOCOL.md --------------------------------------------------------------------
 */

struct field {
	const char *structure;
	const char *name; /* NULL: the structure itself */
	unsigned int offset;
	unsigned int size;
};

/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define STRUCTURE(s) {#s, NULL, 0, sizeof(struct s)}
#define FIELD(s, f)  {#s, #f, offsetof(struct s, f), sizeof(((struct s *)0)->f)}
/* clang-format on */

static const struct field fields[] = {
	STRUCTURE(oeh_describe),
	FIELD(oeh_describe, magic),
	FIELD(oeh_describe, total_length),
	FIELD(oeh_describe, version_major),
	FIELD(oeh_describe, version_minor),
	FIELD(oeh_describe, header_length),
	FIELD(oeh_describe, channel_length),
	FIELD(oeh_describe, channel_count),
	FIELD(oeh_describe, rate_count),
	FIELD(oeh_describe, gain_count),
	FIELD(oeh_describe, bits),
	FIELD(oeh_describe, reserved),
	FIELD(oeh_describe, caps),
	FIELD(oeh_describe, clock_hz),
	FIELD(oeh_describe, max_channel_rate),
	FIELD(oeh_describe, reserved2),
	FIELD(oeh_describe, serial),
	FIELD(oeh_describe, firmware),
	STRUCTURE(oeh_channel),
	FIELD(oeh_channel, side),
	FIELD(oeh_channel, muscle),
	FIELD(oeh_channel, gain_mask),
	FIELD(oeh_channel, reserved),
	FIELD(oeh_channel, lsb_fv),
	STRUCTURE(oeh_status),
	FIELD(oeh_status, flags),
	FIELD(oeh_status, rate),
	FIELD(oeh_status, sequence),
	FIELD(oeh_status, counter),
	FIELD(oeh_status, dropped),
	FIELD(oeh_status, reserved),
	FIELD(oeh_status, clock),
	FIELD(oeh_status, gain),
	STRUCTURE(oeh_impedance),
	FIELD(oeh_impedance, positive),
	FIELD(oeh_impedance, negative),
	STRUCTURE(oeh_frame),
	FIELD(oeh_frame, type),
	FIELD(oeh_frame, flags),
	FIELD(oeh_frame, samples),
	FIELD(oeh_frame, sequence),
	FIELD(oeh_frame, counter),
	FIELD(oeh_frame, lead_off),
	FIELD(oeh_frame, clock),
	STRUCTURE(oeh_marker),
	FIELD(oeh_marker, type),
	FIELD(oeh_marker, flags),
	FIELD(oeh_marker, sequence),
	FIELD(oeh_marker, counter),
	FIELD(oeh_marker, clock),
};

static void field_check(const struct field *field, const char *structure, const char *name,
			unsigned int offset, unsigned int size)
{
	if (strcmp(field->structure, structure) != 0 ||
	    strcmp(field->name ? field->name : "", name) != 0 || field->offset != offset ||
	    field->size != size)
		fail_msg(PROTOCOL " has %s.%s at %u, %u bytes; oeh.h has %s.%s at %u, %u bytes",
			 structure, name, offset, size, field->structure,
			 field->name ? field->name : "", field->offset, field->size);
}

/* Rows are "| **`structure`** | size |" and "| offset | size | `field` |", all in oeh.h's order. */
static void test_protocol_tables(_unused_ void **state)
{
	_cleanup_free_ char *text = file_read(PROTOCOL);
	char structure[32] = "", name[32];
	char *line, *save = NULL;
	unsigned int offset, size;
	size_t n = 0;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "| **`%31[a-z_]`** | %u |", structure, &size) == 2) {
			name[0] = '\0';
			offset = 0;
		} else if (sscanf(line, "| %u | %u | `%31[a-z_0-9]` |", &offset, &size, name) !=
			   3) {
			continue;
		}
		if (n == ARRAY_SIZE(fields))
			fail_msg(PROTOCOL " has more fields than this test");
		field_check(&fields[n++], structure, name, offset, size);
	}
	assert_int_equal(n, ARRAY_SIZE(fields));
}

/* clang-format off */
#define REQUEST(r) {#r, OEH_REQ_##r}
/* clang-format on */

static const struct request {
	const char *name;
	unsigned int number;
} requests[] = {
	REQUEST(DESCRIBE),	REQUEST(STATUS),      REQUEST(SET_RATE), REQUEST(SET_GAIN),
	REQUEST(START),		REQUEST(STOP),	      REQUEST(LEAD_OFF), REQUEST(IMPEDANCE),
	REQUEST(GET_IMPEDANCE), REQUEST(TEST_SIGNAL), REQUEST(IDENTIFY),
};

/* Rows are "| bRequest | name | direction |". */
static void test_protocol_requests(_unused_ void **state)
{
	_cleanup_free_ char *text = file_read(PROTOCOL);
	char *line, *save = NULL;
	char name[32];
	unsigned int number;
	size_t n = 0;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "| 0x%2x | %31[A-Z_] |", &number, name) != 2)
			continue;
		assert_true(n < ARRAY_SIZE(requests));
		assert_string_equal(name, requests[n].name);
		assert_int_equal(number, requests[n].number);
		n++;
	}
	assert_int_equal(n, ARRAY_SIZE(requests));
}

/* Text that says what a number of oeh.h is, "bit 0 `LEAD_OFF`, 1 `IMPEDANCE`" and the like. */
static void test_protocol_numbers(_unused_ void **state)
{
	_cleanup_free_ char *text = file_read(PROTOCOL);
	_cleanup_free_ char *want = NULL;
	int i;

	assert_int_equal(OEH_CAP_LEAD_OFF, 1u << 0);
	assert_int_equal(OEH_CAP_IMPEDANCE, 1u << 1);
	assert_int_equal(OEH_CAP_TEST_SIGNAL, 1u << 2);
	assert_int_equal(OEH_CAP_MARKER, 1u << 3);
	assert_int_equal(OEH_CAP_IDENTIFY, 1u << 4);
	assert_non_null(strstr(text, "bit 0 `LEAD_OFF`, 1 `IMPEDANCE`, 2 `TEST_SIGNAL`, "
				     "3 `MARKER`, 4 `IDENTIFY`"));

	assert_int_equal(OEH_FRAME_OVERRUN, 1u << 0);
	assert_int_equal(OEH_FRAME_TEST_SIGNAL, 1u << 1);
	assert_int_equal(OEH_FRAME_LEAD_OFF, 1u << 2);
	for (i = 0; i < OEH_MUSCLE_COUNT; i++) {
		char muscle[64], *p;

		snprintf(muscle, sizeof(muscle), "%d %s", i, oeh_muscle_names[i].label);
		for (p = muscle; *p; p++)
			*p = *p == '_' ? ' ' : *p;
		/* Lines may be broken between the words. */
		if (!strstr(text, muscle)) {
			p = strrchr(muscle, ' ');
			*p = '\n';
		}
		if (!strstr(text, muscle))
			fail_msg(PROTOCOL " does not have muscle \"%s\"", muscle);
	}

	if (asprintf(&want, "| vendor ID | 0x%04x", OEH_USB_VENDOR) < 0)
		abort();
	assert_non_null(strstr(text, want));
	free(want);
	if (asprintf(&want, "class 0x%02x, subclass 0x%02x, protocol 0x%02x", OEH_USB_CLASS,
		     OEH_USB_SUBCLASS, OEH_USB_PROTOCOL) < 0)
		abort();
	assert_non_null(strstr(text, want));
	free(want);
	if (asprintf(&want, "in Hz, rising, %d to %d.", OEH_MIN_RATE, OEH_MAX_RATE) < 0)
		abort();
	assert_non_null(strstr(text, want));
}

/* ---- examples of PROTOCOL.md ------------------------------------------------------------------
 */

static const struct example {
	const char *name;
	const unsigned char *data;
	size_t len;
} examples[] = {
	{"oeh_describe_small", oeh_describe_small, sizeof(oeh_describe_small)},
	{"oeh_setup_gain", oeh_setup_gain, sizeof(oeh_setup_gain)},
	{"oeh_status_small", oeh_status_small, sizeof(oeh_status_small)},
	{"oeh_impedance_half", oeh_impedance_half, sizeof(oeh_impedance_half)},
	{"oeh_frame_24", oeh_frame_24, sizeof(oeh_frame_24)},
	{"oeh_frame_16_pad", oeh_frame_16_pad, sizeof(oeh_frame_16_pad)},
	{"oeh_marker_pressed", oeh_marker_pressed, sizeof(oeh_marker_pressed)},
};

/* An example's bytes stand between fences after its name. */
static void example_check(const struct example *example, const char *text)
{
	char name[64];
	const char *p, *end;
	unsigned int byte;
	size_t n = 0;
	int used;

	snprintf(name, sizeof(name), "(`%s`):", example->name);
	p = strstr(text, name);
	assert_non_null(p);
	p = strstr(p, "```\n");
	assert_non_null(p);
	p += 4;
	end = strstr(p, "```");
	assert_non_null(end);

	while (p < end && sscanf(p, " %2x%n", &byte, &used) == 1) {
		if (n >= example->len || byte != example->data[n])
			fail_msg(PROTOCOL ": byte %zu of %s is wrong", n, example->name);
		p += used;
		n++;
	}
	assert_int_equal(n, example->len);
}

static void test_protocol_examples(_unused_ void **state)
{
	_cleanup_free_ char *text = file_read(PROTOCOL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(examples); i++)
		example_check(&examples[i], text);
}

static void test_vectors_are_generated(_unused_ void **state)
{
	_cleanup_free_ char *want = NULL, *have = NULL;
	FILE *f;

	if (system("python3 -c pass 2>/dev/null") != 0) {
		print_message("# skipped: no python3 to run " GENERATOR " with\n");
		skip();
	}
	f = popen("python3 " GENERATOR, "r");
	assert_non_null(f);
	want = stream_read(f);
	assert_int_equal(pclose(f), 0);
	have = file_read(VECTORS);
	if (strcmp(want, have) != 0)
		fail_msg(VECTORS " is not what " GENERATOR " writes: run it");
}

int main(void)
{
	static const struct CMUnitTest document_tests[] = {
		cmocka_unit_test(test_protocol_tables),
		cmocka_unit_test(test_protocol_requests),
		cmocka_unit_test(test_protocol_numbers),
		cmocka_unit_test(test_protocol_examples),
		cmocka_unit_test(test_vectors_are_generated),
	};
	struct CMUnitTest tests[ARRAY_SIZE(oeh_cases) - 1];
	int failed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tests[i] = (struct CMUnitTest){
			.name = oeh_cases[i].name,
			.test_func = test_case_run,
			.initial_state = &oeh_cases[i],
		};
	failed = cmocka_run_group_tests_name("oeh", tests, NULL, NULL);

	return failed + cmocka_run_group_tests_name("PROTOCOL.md", document_tests, NULL, NULL);
}
