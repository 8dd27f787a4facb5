/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "settings.h"
#include "util.h"

static int name_is_conf(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return entry->d_name[0] != '.' && length > 5 &&
	       strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

static bool is_listed(char *const *paths, unsigned int n, const char *name)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (strcmp(name_of(paths[i]), name) == 0)
			return true;
	return false;
}

static bool is_masked(const char *path)
{
	_cleanup_free_ char *target = realpath(path, NULL);

	return target && strcmp(target, "/dev/null") == 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(name_of(*(char *const *)a), name_of(*(char *const *)b));
}

/* Adds what no folder before it had. Returns the new number, or negative errno. */
static int folder_add(const char *folder, char **paths, unsigned int n, unsigned int max)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, name_is_conf, NULL), i, r = 0;

	if (count < 0)
		return (int)n; /* there need not be one */
	for (i = 0; i < count; i++) {
		if (r >= 0 && !is_listed(paths, n, entries[i]->d_name)) {
			if (n == max)
				r = -E2BIG;
			else if (asprintf(&paths[n], "%s/%s", folder, entries[i]->d_name) < 0)
				r = -ENOMEM;
			else
				n++;
		}
		free(entries[i]);
	}
	free(entries);
	while (r < 0 && n > 0)
		free(paths[--n]);
	return r < 0 ? r : (int)n;
}

int settings_find_drop_ins(const char *const *folders, char **paths, unsigned int max)
{
	unsigned int i, kept = 0;
	int n = 0;

	for (; *folders && n >= 0; folders++)
		n = folder_add(*folders, paths, (unsigned int)n, max);
	if (n < 0)
		return n;
	for (i = 0; i < (unsigned int)n; i++) {
		if (is_masked(paths[i]))
			free(paths[i]);
		else
			paths[kept++] = paths[i];
	}
	qsort(paths, kept, sizeof(*paths), compare);
	return (int)kept;
}
