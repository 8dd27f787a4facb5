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

static int setup(_unused_ void **state)
{
	table.n = 0;
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
	int watches[3];

	for (unsigned int i = 0; i < 3; i++) {
		char name[8];

		add(i, 1000);
		snprintf(name, sizeof(name), ":1.%u", i);
		subscribers_find(&table, name)->watch = &watches[i];
	}
	assert_ptr_equal(subscribers_remove(&table, ":1.0"), &watches[0]);
	assert_null(subscribers_find(&table, ":1.0"));
	assert_ptr_equal(subscribers_find(&table, ":1.2")->watch, &watches[2]);
	assert_null(subscribers_remove(&table, ":1.0"));
	assert_ptr_equal(subscribers_remove(&table, ":1.2"), &watches[2]);
	assert_ptr_equal(subscribers_remove(&table, ":1.1"), &watches[1]);
	assert_int_equal(table.n, 0);
	/* One that comes back begins anew. */
	assert_int_equal(add(0, 1000), 1);
	assert_null(subscribers_find(&table, ":1.0")->watch);
}

static void test_bounds(_unused_ void **state)
{
	struct subscriber *e;
	char longest[SUBSCRIBER_NAME_MAX + 1];
	unsigned int i;

	for (i = 0; i < SUBSCRIBERS_MAX_PER_UID; i++)
		assert_int_equal(add(i, 1000), 1);
	assert_int_equal(add(i, 1000), -EDQUOT);
	/* one greedy user does not keep others out */
	for (; i < SUBSCRIBERS_MAX; i++)
		assert_int_equal(add(i, 2000 + i / SUBSCRIBERS_MAX_PER_UID), 1);
	assert_int_equal(add(i, 3000), -ENOSPC);
	/* who is in stays in */
	assert_int_equal(add(0, 1000), 0);

	subscribers_remove(&table, ":1.5");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(subscribers_add(&table, longest, 3000, &e), -EINVAL);
	longest[SUBSCRIBER_NAME_MAX - 1] = '\0';
	assert_int_equal(subscribers_add(&table, longest, 3000, &e), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_serials_are_each_ones_own, setup),
		cmocka_unit_test_setup(test_removal, setup),
		cmocka_unit_test_setup(test_bounds, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
