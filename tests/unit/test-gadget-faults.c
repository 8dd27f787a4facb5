// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults of the emulated headset: as many as asked for, and of the kind that was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "faults.h"
#include "oeh_describe.h"
#include "oeh_frame.h"
#include "oeh_vectors.h"
#include "util.h"

static void test_none(void **state)
{
	struct faults f = {.random = 1};
	unsigned int i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		assert_int_equal(faults_next(&f), FATE_SEND);
		assert_true(faults_next_delay(&f) == 0);
	}
}

static void test_pending(void **state)
{
	struct faults f = {.pending = {[FATE_LOSE_BUS] = 3, [FATE_SHORT] = 1}};
	unsigned int seen[FATE_COUNT] = {0};
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++)
		seen[faults_next(&f)]++;
	assert_int_equal(seen[FATE_LOSE_BUS], 3);
	assert_int_equal(seen[FATE_SHORT], 1);
	assert_int_equal(faults_next(&f), FATE_SEND);
}

static void test_random(void **state)
{
	struct faults f = {.random = 5, .probability = 0.1, .random_fate = FATE_CORRUPT};
	unsigned int seen[FATE_COUNT] = {0};
	unsigned int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		seen[faults_next(&f)]++;
	/* five standard deviations of a binomial with p = 0.1 are 474 */
	assert_in_range(seen[FATE_CORRUPT], 10000 - 474, 10000 + 474);
	assert_int_equal(seen[FATE_SEND], 100000 - seen[FATE_CORRUPT]);

	f.random_fate = FATE_SEND;
	memset(seen, 0, sizeof(seen));
	for (i = 0; i < 100000; i++)
		seen[faults_next(&f)]++;
	/* a third of them each: five standard deviations are 286 */
	assert_in_range(seen[FATE_LOSE_DEVICE], 3333 - 286, 3333 + 286);
	assert_in_range(seen[FATE_LOSE_BUS], 3333 - 286, 3333 + 286);
	assert_in_range(seen[FATE_CORRUPT], 3333 - 286, 3333 + 286);
	assert_int_equal(seen[FATE_SHORT], 0);

	f.probability = 1;
	f.random_fate = FATE_LOSE_BUS;
	for (i = 0; i < 1000; i++)
		assert_int_equal(faults_next(&f), FATE_LOSE_BUS);
}

static void test_seed(void **state)
{
	struct faults a = {.random = 3, .probability = 0.5}, b = a, c = a;
	unsigned int i, different = 0;

	(void)state;
	c.random = 4;
	for (i = 0; i < 1000; i++) {
		enum frame_fate fate = faults_next(&a);

		assert_int_equal(fate, faults_next(&b));
		different += fate != faults_next(&c);
	}
	assert_true(different > 0);
}

static void test_delay(void **state)
{
	struct faults f = {.random = 1, .late_pending = 20};
	double longest = 0;
	unsigned int i, late = 0;

	(void)state;
	assert_true(faults_next_delay(&f) == 20);
	assert_true(faults_next_delay(&f) == 0);
	f.late_probability = 0.5;
	f.late_ms = 30;
	for (i = 0; i < 10000; i++) {
		double ms = faults_next_delay(&f);

		late += ms > 0;
		longest = ms > longest ? ms : longest;
	}
	assert_in_range(late, 4750, 5250);
	assert_true(longest > 29 && longest <= 30);
}

/* Whatever is spoiled, the module must not take it. */
static void test_spoil(void **state)
{
	const struct oeh_frame_vector *v = &oeh_frame_vectors[0];
	struct faults f = {.random = 1};
	struct oeh_frame_info info;
	unsigned int i, shortest = v->len;
	uint8_t frame[256];
	size_t length;

	(void)state;
	for (i = 0; i < 10000; i++) {
		memcpy(frame, v->data, v->len);
		assert_int_equal(faults_spoil(&f, FATE_SEND, frame, v->len), v->len);
		assert_memory_equal(frame, v->data, v->len);

		assert_int_equal(faults_spoil(&f, FATE_CORRUPT, frame, v->len), v->len);
		assert_int_not_equal(oeh_frame_parse(&v->format, frame, v->len, &info), OEH_OK);

		memcpy(frame, v->data, v->len);
		length = faults_spoil(&f, FATE_SHORT, frame, v->len);
		assert_in_range(length, 1, v->len - 1);
		assert_int_not_equal(oeh_frame_parse(&v->format, frame, length, &info), OEH_OK);
		shortest = length < shortest ? length : shortest;
	}
	assert_int_equal(shortest, 1);
}

/* Every lie is one that the module sees through. */
static void test_lies(void **state)
{
	const struct oeh_describe_vector *v = &oeh_describe_vectors[1];
	const struct describe_lie *lie;
	struct oeh_info info;
	uint8_t reply[1024];
	size_t length;

	(void)state;
	for (lie = describe_lies; lie->name; lie++) {
		memcpy(reply, v->data, v->len);
		length = describe_lie_apply(lie, reply, v->len);
		print_message("%s\n", lie->name);
		assert_in_range(length, 1, v->len);
		assert_int_not_equal(oeh_describe_parse(reply, length, &info), OEH_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),   cmocka_unit_test(test_pending),
		cmocka_unit_test(test_random), cmocka_unit_test(test_seed),
		cmocka_unit_test(test_delay),  cmocka_unit_test(test_spoil),
		cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
