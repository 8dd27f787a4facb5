/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "error-text.h"
#include "montage.h"
#include "number.h"
#include "settings.h"
#include "util.h"

#define DROP_INS_MAX 64

static const char *const files[] = {"/etc/spasmd/spasmd.conf", "/run/spasmd/spasmd.conf",
				    "/usr/lib/spasmd/spasmd.conf"};
static const char *const folders[] = {"/etc/spasmd/spasmd.conf.d", "/run/spasmd/spasmd.conf.d",
				      "/usr/lib/spasmd/spasmd.conf.d", NULL};

/* What inih's callback fills in; the message names the first thing that is wrong. */
struct reading {
	struct settings *settings;
	const char *path;
	char *problem;
};

void settings_init(struct settings *s)
{
	*s = (struct settings){
		.watermark_ms = 4,
		.buffer_s = 4,
		.capture_always = true,
		.max_subscribers_per_user = 64,
	};
}

static void devices_clear(struct settings *s)
{
	while (s->n_devices > 0)
		free(s->devices[--s->n_devices]);
}

void settings_clear(struct settings *s)
{
	devices_clear(s);
	free(s->trigger);
	free(s->montage_file);
	s->trigger = s->montage_file = NULL;
}

bool settings_has_device(const struct settings *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->n_devices; i++)
		if (strcmp(s->devices[i], name) == 0)
			return true;
	return false;
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

/* ---- [daemon] ---- */

static void set_rate(struct settings *s, double value)
{
	s->rate = value;
}

static void set_scale(struct settings *s, double value)
{
	s->scale_uv = value;
}

static void set_watermark(struct settings *s, double value)
{
	s->watermark_ms = (unsigned int)value;
}

static void set_buffer(struct settings *s, double value)
{
	s->buffer_s = (unsigned int)value;
}

static void set_max_subscribers(struct settings *s, double value)
{
	s->max_subscribers_per_user = (unsigned int)value;
}

static const struct {
	const char *name;
	double low, high; /* 0 is a value of its own where zero is set */
	bool zero;
	void (*set)(struct settings *s, double value);
} numbers[] = {
	{"rate", 250, 16000, true, set_rate},
	{"scale_uv", 1e-6, 1000, true, set_scale},
	{"watermark_ms", 1, 100, false, set_watermark},
	{"buffer_s", 1, 60, false, set_buffer},
	{"max_subscribers_per_user", 1, 256, false, set_max_subscribers},
};

static int number_key(struct reading *r, size_t i, const char *value)
{
	double number;

	if (!number_is_whole(value, strlen(value), &number) ||
	    ((number < numbers[i].low || number > numbers[i].high) &&
	     !(numbers[i].zero && number == 0)))
		return problem_set(r, "%s is a number from %g to %g%s, not \"%s\"", numbers[i].name,
				   numbers[i].low, numbers[i].high, numbers[i].zero ? ", or 0" : "",
				   value);
	numbers[i].set(r->settings, number);
	return 1;
}

/* One of two words. */
static int choice_key(struct reading *r, const char *name, const char *value, const char *yes,
		      const char *no, bool *ret)
{
	if (strcmp(value, yes) != 0 && strcmp(value, no) != 0)
		return problem_set(r, "%s is \"%s\" or \"%s\", not \"%s\"", name, yes, no, value);
	*ret = strcmp(value, yes) == 0;
	return 1;
}

static int devices_key(struct reading *r, const char *value)
{
	struct settings *s = r->settings;
	_cleanup_free_ char *text = strdup(value);
	char *name, *state = NULL;

	devices_clear(s);
	if (!text)
		return problem_set(r, "out of memory");
	for (name = strtok_r(text, " \t", &state); name; name = strtok_r(NULL, " \t", &state)) {
		if (s->n_devices == SETTINGS_DEVICES_MAX)
			return problem_set(r, "devices has %d names at most", SETTINGS_DEVICES_MAX);
		s->devices[s->n_devices] = strdup(name);
		if (!s->devices[s->n_devices])
			return problem_set(r, "out of memory");
		s->n_devices++;
	}
	return 1;
}

static int trigger_key(struct reading *r, const char *value)
{
	struct settings *s = r->settings;

	free(s->trigger);
	s->trigger = *value ? strdup(value) : NULL;
	return s->trigger || !*value ? 1 : problem_set(r, "out of memory");
}

static int daemon_key(struct reading *r, const char *name, const char *value)
{
	struct settings *s = r->settings;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (strcmp(numbers[i].name, name) == 0)
			return number_key(r, i, value);
	if (strcmp(name, "capture") == 0)
		return choice_key(r, name, value, "always", "listened", &s->capture_always);
	if (strcmp(name, "broadcast") == 0)
		return choice_key(r, name, value, "yes", "no", &s->broadcast);
	if (strcmp(name, "devices") == 0)
		return devices_key(r, value);
	if (strcmp(name, "trigger") == 0)
		return trigger_key(r, value);
	return problem_set(r, "there is no key \"%s\" in [daemon]", name);
}

/* ---- files ---- */

/* Which channel a key means is known with the device: montage_from_file() reads it again. */
static int montage_key(struct reading *r, const char *name, const char *value)
{
	struct settings *s = r->settings;
	struct site site;

	if (site_from_text(value, &site) < 0)
		return problem_set(
			r, "%s is a side and a muscle as in \"L-OOc\", or \"-\", not \"%s\"", name,
			value);
	if (s->montage_file && strcmp(s->montage_file, r->path) == 0)
		return 1;
	free(s->montage_file);
	s->montage_file = strdup(r->path);
	return s->montage_file ? 1 : problem_set(r, "out of memory");
}

static int settings_key(void *userdata, const char *section, const char *name, const char *value)
{
	struct reading *r = userdata;

	if (strcmp(section, "daemon") == 0)
		return daemon_key(r, name, value);
	if (strcmp(section, "montage") == 0)
		return montage_key(r, name, value);
	return problem_set(r, "there is no section [%s], only [daemon] and [montage]", section);
}

int settings_read(struct settings *s, const char *path, char **error)
{
	struct reading r = {.settings = s, .path = path};
	_cleanup_free_ char *problem = NULL;
	int line;

	*error = NULL;
	errno = 0;
	line = ini_parse(path, settings_key, &r);
	problem = r.problem;
	if (line == 0)
		return 0;
	if (line < 0) {
		int e = errno ? errno : ENOMEM;

		return error_text(error, -e, "%s: %s", path, strerror(e));
	}
	return error_text(error, -EINVAL, "%s:%d: %s", path, line,
			  problem ? problem : "this is neither \"key = value\" nor \"[section]\"");
}

static int drop_ins_read(struct settings *s, const char *const *in, char **error)
{
	char *paths[DROP_INS_MAX];
	int i, n, r = 0;

	n = settings_find_drop_ins(in, paths, DROP_INS_MAX);
	if (n < 0)
		return error_text(error, n, "%s: there are more than %d drop-ins", in[0],
				  DROP_INS_MAX);
	for (i = 0; i < n; i++) {
		if (r >= 0)
			r = settings_read(s, paths[i], error);
		free(paths[i]);
	}
	return r;
}

static int named_file_load(struct settings *s, const char *file, char **error)
{
	_cleanup_free_ char *folder = NULL;
	int r;

	r = settings_read(s, file, error);
	if (r < 0)
		return r;
	if (asprintf(&folder, "%s.d", file) < 0) {
		folder = NULL;
		return -ENOMEM;
	}
	return drop_ins_read(s, (const char *const[]){folder, NULL}, error);
}

int settings_load(struct settings *s, const char *file, char **error)
{
	size_t i;
	int r;

	*error = NULL;
	settings_init(s);
	if (file)
		return named_file_load(s, file, error);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		r = settings_read(s, files[i], error);
		if (r >= 0)
			break;
		if (r != -ENOENT)
			return r;
		free(*error);
		*error = NULL;
	}
	return drop_ins_read(s, folders, error);
}
