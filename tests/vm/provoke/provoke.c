// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the harness must notice, made on purpose: tests/vm/selftest loads this
 * with what=... and expects the run to fail.
 */
#include <linux/compiler.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *what = "";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "warn, oops, leak, ubsan, kasan, lockdep or hang");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

struct shelf {
	int books[4];
	int after[4];
};

static int provoke_warn(void)
{
	WARN(1, "provoked\n");
	return 0;
}

static int provoke_oops(void)
{
	int *nowhere = (int *)8;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, 1);
	return 0;
}

/* Nothing points to it any more when this returns. */
static int provoke_leak(void)
{
	char *lost = kzalloc(1234, GFP_KERNEL);

	return lost ? 0 : -ENOMEM;
}

static noinline int provoke_ubsan(void)
{
	struct shelf *shelf = kzalloc(sizeof(*shelf), GFP_KERNEL);
	int book, r;

	if (!shelf)
		return -ENOMEM;
	book = ARRAY_SIZE(shelf->books);
	OPTIMIZER_HIDE_VAR(book);
	r = shelf->books[book];
	kfree(shelf);
	return r;
}

static noinline int provoke_kasan(void)
{
	char *room = kzalloc(24, GFP_KERNEL);
	int one_past = 24;

	if (!room)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(one_past);
	WRITE_ONCE(room[one_past], 1);
	kfree(room);
	return 0;
}

/* Taken in both orders. */
static int provoke_lockdep(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

static int provoke_hang(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
	return 0;
}

static const struct {
	const char *what;
	int (*provoke)(void);
} provocations[] = {
	{ "warn", provoke_warn },
	{ "oops", provoke_oops },
	{ "leak", provoke_leak },
	{ "ubsan", provoke_ubsan },
	{ "kasan", provoke_kasan },
	{ "lockdep", provoke_lockdep },
	{ "hang", provoke_hang },
};

static int __init provoke_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(provocations); i++)
		if (!strcmp(what, provocations[i].what))
			return provocations[i].provoke();
	return -EINVAL;
}

static void __exit provoke_exit(void)
{
}

module_init(provoke_init);
module_exit(provoke_exit);

MODULE_DESCRIPTION("Mistakes on purpose, to test the test harness");
MODULE_LICENSE("GPL");
