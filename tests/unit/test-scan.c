/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layout of an IIO scan: type strings, offsets and values. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "scan.h"
#include "util.h"

static void test_type_valid(_unused_ void **state)
{
	static const struct {
		const char *text;
		struct scan_type type; /* big endian, signed, bits, storage, shift, repeat */
	} good[] = {
		{"le:s24/32>>0", {false, true, 24, 32, 0, 1}},
		{"be:s24/32>>8", {true, true, 24, 32, 8, 1}},
		{"le:u12/16>>4\n", {false, false, 12, 16, 4, 1}},
		{"le:s64/64", {false, true, 64, 64, 0, 1}},
		{"le:s16/16X4>>0", {false, true, 16, 16, 0, 4}},
		{"be:u1/8>>7", {true, false, 1, 8, 7, 1}},
	};
	struct scan_type t;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(scan_type_parse(good[i].text, &t), 0);
		assert_int_equal(t.big_endian, good[i].type.big_endian);
		assert_int_equal(t.is_signed, good[i].type.is_signed);
		assert_int_equal(t.bits, good[i].type.bits);
		assert_int_equal(t.storage_bits, good[i].type.storage_bits);
		assert_int_equal(t.shift, good[i].type.shift);
		assert_int_equal(t.repeat, good[i].type.repeat);
	}
}

static void test_type_invalid(_unused_ void **state)
{
	static const char *const bad[] = {
		"",
		"le",
		"le:",
		"le:s",
		"le:s24",
		"le:s24/",
		"xe:s24/32",
		"le:f32/32",
		"le:s0/32",
		"le:s33/32",
		"le:s25/32>>8",
		"le:s24/24",
		"le:s24/32X0",
		"le:s24/32X256",
		"le:s24/32>>",
		"le:s24/32>>0 ",
		"le:s-4/32",
		"le:s1000/32",
		"le:s24/32>>9999999999",
	};
	struct scan_type t;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (scan_type_parse(bad[i], &t) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
}

static void test_names(_unused_ void **state)
{
	unsigned int n;

	assert_int_equal(scan_role_from_name("in_voltage7", &n), SCAN_VOLTAGE);
	assert_int_equal(n, 7);
	assert_int_equal(scan_role_from_name("in_voltage2-voltage3", &n), SCAN_VOLTAGE);
	assert_int_equal(n, 2);
	assert_int_equal(scan_role_from_name("in_count0", &n), SCAN_COUNTER);
	assert_int_equal(scan_role_from_name("in_count1", &n), SCAN_LEAD_OFF);
	assert_int_equal(scan_role_from_name("in_timestamp", &n), SCAN_TIMESTAMP);
	assert_int_equal(scan_role_from_name("in_voltage", &n), SCAN_OTHER);
	assert_int_equal(scan_role_from_name("in_voltage1x", &n), SCAN_OTHER);
	assert_int_equal(scan_role_from_name("in_accel_x", &n), SCAN_OTHER);
	assert_int_equal(scan_role_from_name("in_count2", &n), SCAN_OTHER);
}

static void add(struct scan_layout *l, unsigned int index, const char *name, const char *type)
{
	struct scan_element e = {.index = index};

	e.role = scan_role_from_name(name, &e.number);
	assert_int_equal(scan_type_parse(type, &e.type), 0);
	assert_int_equal(scan_layout_add(l, &e), 0);
}

/* The reference headset: eight channels, counter, lead-off, timestamp, in any order. */
static void test_layout_headset(_unused_ void **state)
{
	static const char *const names[] = {"in_voltage0", "in_voltage1", "in_voltage2",
					    "in_voltage3", "in_voltage4", "in_voltage5",
					    "in_voltage6", "in_voltage7"};
	struct scan_layout l = {0};

	add(&l, 10, "in_timestamp", "le:s64/64>>0");
	add(&l, 9, "in_count1", "le:u32/32>>0");
	for (unsigned int i = 8; i-- > 0;)
		add(&l, i, names[i], "le:s24/32>>0");
	add(&l, 8, "in_count0", "le:u32/32>>0");
	assert_int_equal(scan_layout_compute(&l), 0);

	assert_int_equal(l.size, 48);
	assert_int_equal(l.n_voltages, 8);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(l.elements[l.voltages[i]].number, i);
		assert_int_equal(l.elements[l.voltages[i]].offset, 4 * i);
	}
	assert_int_equal(l.elements[l.counter].offset, 32);
	assert_int_equal(l.elements[l.lead_off].offset, 36);
	assert_int_equal(l.elements[l.timestamp].offset, 40);
}

static void test_layout_padding(_unused_ void **state)
{
	struct scan_layout l = {0};

	/* Each element aligned to its own length, the scan to its longest. */
	add(&l, 0, "in_voltage0", "le:u8/8>>0");
	add(&l, 1, "in_voltage1", "be:s16/16>>0");
	add(&l, 2, "in_voltage2", "le:u8/8>>0");
	add(&l, 3, "in_timestamp", "le:s64/64>>0");
	assert_int_equal(scan_layout_compute(&l), 0);
	assert_int_equal(l.elements[l.voltages[1]].offset, 2);
	assert_int_equal(l.elements[l.voltages[2]].offset, 4);
	assert_int_equal(l.elements[l.timestamp].offset, 8);
	assert_int_equal(l.size, 16);
	assert_int_equal(l.counter, SCAN_NONE);

	l = (struct scan_layout){0};
	add(&l, 0, "in_voltage0", "le:s32/32>>0");
	add(&l, 1, "in_voltage1", "le:s16/16>>0");
	assert_int_equal(scan_layout_compute(&l), 0);
	assert_int_equal(l.size, 8);
}

static void test_layout_refused(_unused_ void **state)
{
	struct scan_layout l = {0};

	add(&l, 3, "in_voltage0", "le:s32/32>>0");
	add(&l, 3, "in_voltage1", "le:s32/32>>0");
	assert_int_equal(scan_layout_compute(&l), -EINVAL);

	l = (struct scan_layout){0};
	add(&l, 0, "in_voltage0", "le:s16/16X2>>0");
	assert_int_equal(scan_layout_compute(&l), -EINVAL);

	l = (struct scan_layout){0};
	add(&l, 0, "in_count0", "le:u32/32>>0");
	add(&l, 1, "in_count0", "le:u32/32>>0");
	assert_int_equal(scan_layout_compute(&l), -EINVAL);

	l = (struct scan_layout){0};
	for (unsigned int i = 0; i < MONTAGE_MAX + 1; i++)
		add(&l, i, "in_voltage0", "le:s32/32>>0");
	assert_int_equal(scan_layout_compute(&l), -E2BIG);
}

static void test_values(_unused_ void **state)
{
	static const struct {
		const char *type;
		uint8_t bytes[8];
		int64_t value;
	} cases[] = {
		{"le:s24/32>>0", {0xff, 0xff, 0xff, 0xff}, -1},
		{"le:s24/32>>0", {0xff, 0xff, 0x7f, 0x00}, 8388607},
		{"le:s24/32>>0", {0x00, 0x00, 0x80, 0xff}, -8388608},
		/* what lies above the value does not count */
		{"le:s24/32>>0", {0x01, 0x00, 0x00, 0xa5}, 1},
		{"be:s24/32>>8", {0xff, 0xff, 0xfe, 0x77}, -2},
		{"le:u12/16>>4", {0xf0, 0xff}, 4095},
		{"le:s12/16>>4", {0xf0, 0xff}, -1},
		{"be:u16/16>>0", {0x80, 0x01}, 32769},
		{"le:u32/32>>0", {0xff, 0xff, 0xff, 0xff}, 4294967295},
		{"le:s8/8>>0", {0x80}, -128},
		{"be:s64/64>>0", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd}, -3},
	};
	struct scan_element e = {.role = SCAN_VOLTAGE};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(scan_type_parse(cases[i].type, &e.type), 0);
		if (scan_element_read(&e, cases[i].bytes) != cases[i].value)
			fail_msg("case %zu, %s", i, cases[i].type);
	}
}

/* Whatever the type, decoding a block is reading each element. */
static void test_decode(_unused_ void **state)
{
	static const char *const types[] = {"le:s24/32>>0", "be:s24/32>>8", "le:s16/16>>0",
					    "le:u12/16>>4", "le:s32/32>>0", "le:s8/8>>0"};
	const float scale[2] = {0.5f, -2.0f}, offset[2] = {0.0f, 100.0f};
	uint8_t scans[7 * 8];
	float out[7 * 8];

	for (size_t i = 0; i < sizeof(scans); i++)
		scans[i] = (uint8_t)(i * 73 + 29);
	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		struct scan_layout l = {0};

		add(&l, 0, "in_voltage0", types[t]);
		add(&l, 1, "in_voltage1", types[t]);
		assert_int_equal(scan_layout_compute(&l), 0);
		scan_layout_decode(&l, scans, 7, scale, offset, out, 8);
		for (size_t i = 0; i < 7 * 2; i++) {
			const struct scan_element *e = &l.elements[l.voltages[i % 2]];
			int64_t raw = scan_element_read(e, scans + i / 2 * l.size);

			assert_true(out[i / 2 * 8 + i % 2] ==
				    ((float)raw + offset[i % 2]) * scale[i % 2]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_type_valid),     cmocka_unit_test(test_type_invalid),
		cmocka_unit_test(test_names),	       cmocka_unit_test(test_layout_headset),
		cmocka_unit_test(test_layout_padding), cmocka_unit_test(test_layout_refused),
		cmocka_unit_test(test_values),	       cmocka_unit_test(test_decode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
