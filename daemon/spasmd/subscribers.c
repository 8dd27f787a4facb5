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
	if (subscribers_count_uid(s, uid) >= SUBSCRIBERS_MAX_PER_UID)
		return -EDQUOT;

	e = &s->entries[s->n++];
	memset(e, 0, sizeof(*e));
	strcpy(e->name, name);
	e->uid = uid;
	*ret = e;
	return 1;
}

void *subscribers_remove(struct subscribers *s, const char *name)
{
	struct subscriber *e = subscribers_find(s, name);
	void *watch;

	if (!e)
		return NULL;
	watch = e->watch;
	*e = s->entries[--s->n];
	return watch;
}
