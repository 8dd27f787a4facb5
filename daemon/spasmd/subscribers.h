/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Who gets the health signals. A table of fixed size, so that no client can
 * make the daemon grow; the serials of each subscriber have no gaps. Pure code.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SUBSCRIBERS_MAX	    256
#define SUBSCRIBER_NAME_MAX 64 /* unique bus name with NUL */

/*
 * What a subscriber that does not read may cost: the bus keeps that many signals
 * for it. After half of them it is asked whether it reads.
 */
#define SUBSCRIBER_BACKLOG 128

struct subscriber {
	char name[SUBSCRIBER_NAME_MAX]; /* ":1.42" */
	uid_t uid;
	uint64_t serial;    /* of the newest signal, sent or dropped; 0: none yet */
	uint64_t confirmed; /* it has read all up to this one */
	uint64_t asked;	    /* newest one when it was asked; 0: no answer is waited for */
	/* The caller's: what tells that it left the bus, and its answer. */
	void *watch, *answer;
};

struct subscribers {
	unsigned int n;
	unsigned int max_per_uid;
	uint64_t dropped; /* signals that were not sent, for all there have been */
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

/* Returns whether it was there; *@ret is a copy, for the caller to free what is its own. */
bool subscribers_remove(struct subscribers *s, const char *name, struct subscriber *ret);

enum subscriber_turn {
	TURN_SEND,
	TURN_SEND_AND_ASK, /* and call subscriber_asked() */
	TURN_DROP,	   /* it does not read: the gap in the serials tells it */
};

/* The next signal for @e: takes its serial and says what to do with it. */
enum subscriber_turn subscriber_next(struct subscribers *s, struct subscriber *e);
void subscriber_asked(struct subscriber *e);
void subscriber_answered(struct subscriber *e);
