/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "subscribers.h"

struct subscriber *subscribers_find(struct subscribers *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->entries[i].name, name) == 0)
			return &s->entries[i];
	return NULL;
}

static unsigned int subscribers_count_uid(const struct subscribers *s, uid_t uid)
{
	unsigned int i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->entries[i].uid == uid;
	return n;
}

int subscribers_add(struct subscribers *s, const char *name, uid_t uid, struct subscriber **ret)
{
	struct subscriber *e = subscribers_find(s, name);

	if (e) {
		*ret = e;
		return 0;
	}
	if (strlen(name) >= SUBSCRIBER_NAME_MAX)
		return -EINVAL;
	if (s->n >= SUBSCRIBERS_MAX)
		return -ENOSPC;
	if (subscribers_count_uid(s, uid) >= s->max_per_uid)
		return -EDQUOT;

	e = &s->entries[s->n++];
	memset(e, 0, sizeof(*e));
	strcpy(e->name, name);
	e->uid = uid;
	*ret = e;
	return 1;
}

bool subscribers_remove(struct subscribers *s, const char *name, struct subscriber *ret)
{
	struct subscriber *e = subscribers_find(s, name);

	if (!e)
		return false;
	*ret = *e;
	*e = s->entries[--s->n];
	return true;
}

enum subscriber_turn subscriber_next(struct subscribers *s, struct subscriber *e)
{
	uint64_t unread = ++e->serial - e->confirmed;

	if (unread > SUBSCRIBER_BACKLOG) {
		s->dropped++;
		return TURN_DROP;
	}
	return unread >= SUBSCRIBER_BACKLOG / 2 && !e->asked ? TURN_SEND_AND_ASK : TURN_SEND;
}

void subscriber_asked(struct subscriber *e)
{
	e->asked = e->serial;
}

/* What was dropped since it was asked is not waiting for it: it starts afresh. */
void subscriber_answered(struct subscriber *e)
{
	bool dropped = e->serial - e->confirmed > SUBSCRIBER_BACKLOG;

	e->confirmed = dropped ? e->serial : e->asked;
	e->asked = 0;
}
