/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of subscribers. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "subscribers.h"
#include "util.h"

static struct subscribers table;

#define MAX_PER_UID 64

static int setup(_unused_ void **state)
{
	table = (struct subscribers){.max_per_uid = MAX_PER_UID};
	return 0;
}

static int add(unsigned int i, uid_t uid)
{
	struct subscriber *e;
	char name[SUBSCRIBER_NAME_MAX];

	snprintf(name, sizeof(name), ":1.%u", i);
	return subscribers_add(&table, name, uid, &e);
}

static void test_serials_are_each_ones_own(_unused_ void **state)
{
	struct subscriber *e;

	assert_int_equal(add(1, 1000), 1);
	assert_int_equal(add(2, 1000), 1);
	subscribers_find(&table, ":1.1")->serial = 7;
	assert_int_equal(subscribers_find(&table, ":1.2")->serial, 0);
	/* again: it goes on where it was */
	assert_int_equal(subscribers_add(&table, ":1.1", 1000, &e), 0);
	assert_int_equal(e->serial, 7);
	assert_int_equal(table.n, 2);
}

static void test_removal(_unused_ void **state)
{
	struct subscriber removed;
	int watches[3];

	for (unsigned int i = 0; i < 3; i++) {
		char name[8];

		add(i, 1000);
		snprintf(name, sizeof(name), ":1.%u", i);
		subscribers_find(&table, name)->watch = &watches[i];
	}
	assert_true(subscribers_remove(&table, ":1.0", &removed));
	assert_ptr_equal(removed.watch, &watches[0]);
	assert_null(subscribers_find(&table, ":1.0"));
	assert_ptr_equal(subscribers_find(&table, ":1.2")->watch, &watches[2]);
	assert_false(subscribers_remove(&table, ":1.0", &removed));
	assert_true(subscribers_remove(&table, ":1.2", &removed));
	assert_ptr_equal(removed.watch, &watches[2]);
	assert_true(subscribers_remove(&table, ":1.1", &removed));
	assert_ptr_equal(removed.watch, &watches[1]);
	assert_int_equal(table.n, 0);
	/* One that comes back begins anew. */
	assert_int_equal(add(0, 1000), 1);
	assert_null(subscribers_find(&table, ":1.0")->watch);
}

static void test_bounds(_unused_ void **state)
{
	struct subscriber *e, removed;
	char longest[SUBSCRIBER_NAME_MAX + 1];
	unsigned int i;

	for (i = 0; i < MAX_PER_UID; i++)
		assert_int_equal(add(i, 1000), 1);
	assert_int_equal(add(i, 1000), -EDQUOT);
	/* one greedy user does not keep others out */
	for (; i < SUBSCRIBERS_MAX; i++)
		assert_int_equal(add(i, 2000 + i / MAX_PER_UID), 1);
	assert_int_equal(add(i, 3000), -ENOSPC);
	/* who is in stays in */
	assert_int_equal(add(0, 1000), 0);

	subscribers_remove(&table, ":1.5", &removed);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(subscribers_add(&table, longest, 3000, &e), -EINVAL);
	longest[SUBSCRIBER_NAME_MAX - 1] = '\0';
	assert_int_equal(subscribers_add(&table, longest, 3000, &e), 1);
}

/* Sends @n signals; returns how many were kept for it. */
static unsigned int send_signals(struct subscriber *e, unsigned int n)
{
	unsigned int sent = 0;

	while (n-- > 0) {
		enum subscriber_turn turn = subscriber_next(&table, e);

		sent += turn != TURN_DROP;
		if (turn == TURN_SEND_AND_ASK)
			subscriber_asked(e);
	}
	return sent;
}

static void test_one_that_does_not_read(_unused_ void **state)
{
	struct subscriber *e;

	add(1, 1000);
	e = subscribers_find(&table, ":1.1");
	assert_int_equal(send_signals(e, 1000000), SUBSCRIBER_BACKLOG);
	assert_int_equal(table.dropped, 1000000 - SUBSCRIBER_BACKLOG);
	/* its serials go on, so that it finds the gap */
	assert_int_equal(e->serial, 1000000);
	/* it reads again */
	subscriber_answered(e);
	assert_int_equal(send_signals(e, 10), 10);
	assert_int_equal(e->serial, 1000010);
}

static void test_one_that_reads(_unused_ void **state)
{
	struct subscriber *e;
	unsigned int i, asked = 0;

	add(1, 1000);
	e = subscribers_find(&table, ":1.1");
	for (i = 0; i < 10000; i++) {
		assert_int_equal(send_signals(e, 1), 1);
		/* its answer takes the time of ten signals */
		if (e->asked && e->serial - e->asked == 10) {
			subscriber_answered(e);
			asked++;
		}
	}
	assert_int_equal(table.dropped, 0);
	assert_in_range(asked, 1, 10000 / (SUBSCRIBER_BACKLOG / 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_serials_are_each_ones_own, setup),
		cmocka_unit_test_setup(test_removal, setup),
		cmocka_unit_test_setup(test_bounds, setup),
		cmocka_unit_test_setup(test_one_that_does_not_read, setup),
		cmocka_unit_test_setup(test_one_that_reads, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
