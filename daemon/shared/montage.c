/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sites as text, and the [montage] section. */
#include <ini.h>
#include <stdarg.h>
#include <string.h>

#include "montage.h"
#include "util.h"

#define EDF_PREFIX "EMG "
#define BLANKS	   " \t\r\n"

enum face_region muscle_region(unsigned int muscle)
{
	switch (muscle) {
	case OEH_MUSCLE_FRONTALIS:
	case OEH_MUSCLE_CORRUGATOR:
	case OEH_MUSCLE_ORBICULARIS_OCULI:
		return REGION_EYE;
	case OEH_MUSCLE_ZYGOMATICUS:
	case OEH_MUSCLE_BUCCINATOR:
	case OEH_MUSCLE_ORBICULARIS_ORIS:
	case OEH_MUSCLE_MENTALIS:
		return REGION_MOUTH;
	case OEH_MUSCLE_MASSETER:
		return REGION_JAW;
	default:
		return REGION_NONE;
	}
}

static char side_letter(unsigned int side)
{
	return side == OEH_SIDE_LEFT ? 'L' : 'R';
}

static const char *muscle_code(unsigned int muscle)
{
	return oeh_muscle_names[muscle < OEH_MUSCLE_COUNT ? muscle : OEH_MUSCLE_OTHER].code;
}

const char *site_to_code(struct site site, char buf[SITE_TEXT_MAX])
{
	if (site.side != OEH_SIDE_LEFT && site.side != OEH_SIDE_RIGHT)
		snprintf(buf, SITE_TEXT_MAX, "-");
	else
		snprintf(buf, SITE_TEXT_MAX, "%c-%s", side_letter(site.side),
			 muscle_code(site.muscle));
	return buf;
}

const char *site_to_label(struct site site, char buf[SITE_TEXT_MAX])
{
	snprintf(buf, SITE_TEXT_MAX, "%s_%s", oeh_side_label(site.side),
		 oeh_muscle_label(site.muscle));
	return buf;
}

static bool text_is(const char *text, size_t length, const char *what)
{
	return strlen(what) == length && memcmp(text, what, length) == 0;
}

/* "L-OOc" */
static int site_from_code(const char *text, size_t length, struct site *ret)
{
	if (length < 3 || (text[0] != 'L' && text[0] != 'R') || text[1] != '-')
		return -EINVAL;
	for (uint8_t m = 0; m < OEH_MUSCLE_COUNT; m++) {
		if (!text_is(text + 2, length - 2, oeh_muscle_names[m].code))
			continue;
		ret->side = text[0] == 'L' ? OEH_SIDE_LEFT : OEH_SIDE_RIGHT;
		ret->muscle = m;
		return 0;
	}
	return -EINVAL;
}

/* "left_orbicularis_oculi" */
static int site_from_label(const char *text, size_t length, struct site *ret)
{
	for (uint8_t side = OEH_SIDE_NONE; side <= OEH_SIDE_RIGHT; side++) {
		const char *label = oeh_side_label(side);
		size_t n = strlen(label);

		if (length <= n || memcmp(text, label, n) != 0 || text[n] != '_')
			continue;
		for (uint8_t m = 0; m < OEH_MUSCLE_COUNT; m++) {
			if (!text_is(text + n + 1, length - n - 1, oeh_muscle_names[m].label))
				continue;
			*ret = (struct site){.side = side, .muscle = m};
			return 0;
		}
	}
	return -EINVAL;
}

int site_from_text(const char *text, struct site *ret)
{
	size_t length, prefix = strlen(EDF_PREFIX);

	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length && strchr(BLANKS, text[length - 1]))
		length--;
	if (text_is(text, length, "-")) {
		*ret = (struct site){.side = OEH_SIDE_NONE};
		return 0;
	}
	if (length > prefix && memcmp(text, EDF_PREFIX, prefix) == 0)
		return site_from_code(text + prefix, length - prefix, ret);
	if (site_from_code(text, length, ret) == 0)
		return 0;
	return site_from_label(text, length, ret);
}

unsigned int montage_from_labels(struct montage *m, const char *const *labels, unsigned int n)
{
	unsigned int found = 0;

	*m = (struct montage){.n_channels = n < MONTAGE_MAX ? n : MONTAGE_MAX};
	for (unsigned int c = 0; c < m->n_channels; c++)
		if (labels[c] && site_from_text(labels[c], &m->sites[c]) == 0)
			found += m->sites[c].side != OEH_SIDE_NONE;
	return found;
}

bool montage_has_region(const struct montage *m, unsigned int side, enum face_region region)
{
	for (unsigned int c = 0; c < m->n_channels; c++)
		if (m->sites[c].side == side && muscle_region(m->sites[c].muscle) == region)
			return true;
	return false;
}

/* ---- the [montage] section ---- */

/* What inih's callbacks share. inih does not tell them the line: it is counted. */
struct reading {
	FILE *file;
	unsigned int line;
	struct montage *montage;
	const char *const *labels;
	uint32_t named; /* bit per channel */
	bool section;	/* there is a [montage] */
	char *problem;	/* the first one, and its line */
	unsigned int problem_line;
};

static char *reading_line(char *buf, int size, void *stream)
{
	struct reading *r = stream;

	if (!fgets(buf, size, r->file))
		return NULL;
	r->line++;
	return buf;
}

static int reading_problem(struct reading *r, const char *format, ...) _printf_(2, 3);
static int reading_problem(struct reading *r, const char *format, ...)
{
	va_list args;

	if (r->problem_line)
		return 0;
	r->problem_line = r->line;
	va_start(args, format);
	if (vasprintf(&r->problem, format, args) < 0)
		r->problem = NULL;
	va_end(args);
	return 0; /* what inih takes for an error */
}

/* Channel from 0, or its label. Returns -EINVAL when it is neither. */
static int reading_channel(struct reading *r, const char *name)
{
	unsigned int n = r->montage->n_channels, value = 0;
	const char *p = name;

	for (; *p >= '0' && *p <= '9' && value < 1000000; p++)
		value = value * 10 + (unsigned int)(*p - '0');
	if (p != name && !*p) {
		if (value < n)
			return (int)value;
		reading_problem(r, "there is no channel %s: there are %u, counted from 0", name, n);
		return -EINVAL;
	}
	for (unsigned int c = 0; c < n; c++)
		if (r->labels && r->labels[c] && strcmp(r->labels[c], name) == 0)
			return (int)c;
	reading_problem(r, "there is no channel \"%s\": give its number from 0, or its label",
			name);
	return -EINVAL;
}

static int reading_key(void *userdata, const char *section, const char *name, const char *value)
{
	struct reading *r = userdata;
	int c;

	if (strcmp(section, "montage") != 0)
		return 1;
	r->section = true;
	c = reading_channel(r, name);
	if (c < 0)
		return 0;
	if (r->named & BIT(c))
		return reading_problem(r, "channel %d is named twice", c);
	r->named |= BIT(c);
	if (site_from_text(value, &r->montage->sites[c]) < 0)
		return reading_problem(r,
				       "\"%s\" is no site: L- or R- and one of Fro Cor OOc Zyg "
				       "Buc OOr Men Mas Oth, or - to leave the channel out",
				       value);
	return 1;
}

static int fail(char **error, int r, const char *format, ...) _printf_(3, 4);
static int fail(char **error, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(error, format, args) < 0)
		*error = NULL;
	va_end(args);
	return r;
}

static bool montage_is_empty(const struct montage *m)
{
	for (unsigned int c = 0; c < m->n_channels; c++)
		if (m->sites[c].side != OEH_SIDE_NONE)
			return false;
	return true;
}

int montage_from_file(struct montage *m, const char *path, const char *const *labels,
		      unsigned int n, char **error)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	struct reading r = {.file = file, .montage = m, .labels = labels};
	_cleanup_free_ char *problem = NULL;
	int line;

	*error = NULL;
	*m = (struct montage){.n_channels = n < MONTAGE_MAX ? n : MONTAGE_MAX};
	if (!file)
		return fail(error, -errno, "%s: %s", path, strerror(errno));
	line = ini_parse_stream(reading_line, &r, reading_key, &r);
	problem = r.problem;
	if (ferror(file))
		return fail(error, -EIO, "%s: cannot be read", path);
	if (line < 0)
		return fail(error, -ENOMEM, "%s: out of memory", path);
	if (line > 0 && (unsigned int)line != r.problem_line)
		return fail(error, -EINVAL,
			    "%s:%d: this is neither \"channel = site\" nor \"[section]\"", path,
			    line);
	if (line > 0)
		return fail(error, -EINVAL, "%s:%d: %s", path, line, problem ?: "out of memory");
	if (!r.section)
		return fail(error, -EINVAL, "%s: has no [montage] with lines like \"0 = L-OOc\"",
			    path);
	if (montage_is_empty(m))
		return fail(error, -EINVAL, "%s: its [montage] gives no channel a site", path);
	return 0;
}
