/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who gets the health signals. A table of fixed size, so that no client can
 * make the daemon grow; the serials of each subscriber have no gaps. Pure code.
 */
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SUBSCRIBERS_MAX		256
#define SUBSCRIBERS_MAX_PER_UID 64
#define SUBSCRIBER_NAME_MAX	64 /* unique bus name with NUL */

struct subscriber {
	char name[SUBSCRIBER_NAME_MAX]; /* ":1.42" */
	uid_t uid;
	uint64_t serial; /* of the newest signal that was sent, 0: none yet */
	void *watch;	 /* the caller's: what tells that it left the bus */
};

struct subscribers {
	unsigned int n;
	struct subscriber entries[SUBSCRIBERS_MAX];
};

/* NULL: not there. Entries move when one is removed: keep no pointer. */
struct subscriber *subscribers_find(struct subscribers *s, const char *name);

/*
 * Adds @name, or finds it: then its serial stays. Returns 1 when it is new, 0
 * when it was there, -ENOSPC (table full), -EDQUOT (too many of one user) or
 * -EINVAL (name too long).
 */
int subscribers_add(struct subscribers *s, const char *name, uid_t uid, struct subscriber **ret);

/* Returns its watch for the caller to free, NULL when it was not there. */
void *subscribers_remove(struct subscribers *s, const char *name);
