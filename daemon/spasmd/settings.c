/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "settings.h"
#include "util.h"

struct key {
	const char *name;
	double low, high; /* 0 is a value of its own where zero is set */
	bool zero;
	void (*set)(struct settings *s, double value);
};

static void set_rate(struct settings *s, double value)
{
	s->rate = value;
}

static void set_watermark(struct settings *s, double value)
{
	s->watermark_ms = (unsigned int)value;
}

static void set_buffer(struct settings *s, double value)
{
	s->buffer_s = (unsigned int)value;
}

static const struct key keys[] = {
	{"rate", 250, 16000, true, set_rate},
	{"watermark_ms", 1, 100, false, set_watermark},
	{"buffer_s", 1, 60, false, set_buffer},
};

/* What inih's callback fills in; the message names the first thing that is wrong. */
struct reading {
	struct settings *settings;
	char *problem;
};

void settings_init(struct settings *s)
{
	*s = (struct settings){.watermark_ms = 4, .buffer_s = 4};
}

void settings_clear(struct settings *s)
{
	free(s->file);
	s->file = NULL;
}

static int problem_set(struct reading *r, const char *format, ...) _printf_(2, 3);
static int problem_set(struct reading *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!r->problem && vasprintf(&r->problem, format, args) < 0)
		r->problem = NULL;
	va_end(args);
	return 0; /* what inih takes for an error */
}

static int daemon_key(struct reading *r, const char *name, const char *value)
{
	double number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i].name, name) == 0)
			break;
	if (i == ARRAY_SIZE(keys))
		return problem_set(r, "there is no key \"%s\" in [daemon]", name);

	if (!number_is_whole(value, strlen(value), &number) ||
	    ((number < keys[i].low || number > keys[i].high) && !(keys[i].zero && number == 0)))
		return problem_set(r, "%s is a number from %g to %g%s, not \"%s\"", name,
				   keys[i].low, keys[i].high, keys[i].zero ? ", or 0" : "", value);
	keys[i].set(r->settings, number);
	return 1;
}

static int settings_key(void *userdata, const char *section, const char *name, const char *value)
{
	struct reading *r = userdata;

	if (strcmp(section, "daemon") == 0)
		return daemon_key(r, name, value);
	if (strcmp(section, "montage") == 0) {
		/* Sites need the labels of the device: montage_from_file() reads them. */
		r->settings->has_montage = true;
		return 1;
	}
	return problem_set(r, "there is no section [%s], only [daemon] and [montage]", section);
}

int settings_read(struct settings *s, const char *path, char **error)
{
	struct reading r = {.settings = s};
	_cleanup_free_ char *problem = NULL;
	int line;

	*error = NULL;
	errno = 0;
	line = ini_parse(path, settings_key, &r);
	problem = r.problem;
	if (line == 0) {
		s->file = strdup(path);
		return s->file ? 0 : -ENOMEM;
	}
	if (line < 0) {
		int e = errno ? errno : ENOMEM;

		if (asprintf(error, "%s: %s", path, strerror(e)) < 0)
			*error = NULL;
		return -e;
	}
	if (asprintf(error, "%s:%d: %s", path, line,
		     problem ? problem : "this is neither \"key = value\" nor \"[section]\"") < 0)
		*error = NULL;
	return -EINVAL;
}
