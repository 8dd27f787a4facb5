/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"
#include "personal.h"
#include "util.h"

#define NOISE_MOST  1000.0 /* uV */
#define RATIO_MOST  5.0	   /* ln: 150 times as strong is no face */
#define SPREAD_MOST 5.0
#define COUNT_MOST  1e6

const struct personal_site *personal_find(const struct personal *p, struct site site)
{
	for (unsigned int i = 0; i < p->n_sites; i++) {
		const struct personal_site *s = &p->sites[i];

		if (s->site.side == site.side && s->site.muscle == site.muscle)
			return s;
	}
	return NULL;
}

/* ---- reading ---- */

/* What inih's callbacks share. inih does not tell them the line: it is counted. */
struct reading {
	FILE *file;
	unsigned int line, problem_line;
	struct personal *personal;
	bool any;
	char *problem; /* the first one */
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

/* The section's site, a new one if need be; NULL when it is none. */
static struct personal_site *reading_site(struct reading *r, const char *section)
{
	struct personal *p = r->personal;
	struct site site;

	if (site_from_text(section, &site) < 0 || site.side == OEH_SIDE_NONE)
		return NULL;
	for (unsigned int i = 0; i < p->n_sites; i++) {
		if (p->sites[i].site.side == site.side && p->sites[i].site.muscle == site.muscle)
			return &p->sites[i];
	}
	if (p->n_sites == MONTAGE_MAX)
		return NULL;
	p->sites[p->n_sites].site = site;
	return &p->sites[p->n_sites++];
}

static int reading_key(void *userdata, const char *section, const char *name, const char *value)
{
	struct reading *r = userdata;
	struct personal_site *site = reading_site(r, section);
	struct personal_ratio *ratio = site ? &site->ratio : &r->personal->face;
	/* clang-format off */
	const struct {
		const char *name;
		float *to;
		double least, most;
	} keys[] = {
		{"ratio", &ratio->mean, -RATIO_MOST, RATIO_MOST},
		{"spread", &ratio->spread, 0, SPREAD_MOST},
		{"movements", &ratio->movements, 0, COUNT_MOST},
		{"noise_uv", site ? &site->noise_uv : NULL, 0, NOISE_MOST},
	};
	/* clang-format on */

	if (!site && strcmp(section, "face") != 0)
		return reading_problem(r, "[%s] is neither [face] nor a site like [L-OOc]",
				       section);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		double x;

		if (strcmp(name, keys[i].name) != 0 || !keys[i].to)
			continue;
		if (!number_is_whole(value, strlen(value), &x) ||
		    !(x >= keys[i].least && x <= keys[i].most))
			return reading_problem(r, "%s needs a number from %g to %g, not \"%s\"",
					       name, keys[i].least, keys[i].most, value);
		*keys[i].to = (float)x;
		r->any = true;
		return 1;
	}
	return reading_problem(r, "[%s] has no \"%s\"", section, name);
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

int personal_from_file(struct personal *p, const char *path, char **error)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	struct reading r = {.file = file, .personal = p};
	_cleanup_free_ char *problem = NULL;
	int line;

	*error = NULL;
	*p = (struct personal){0};
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
			    "%s:%d: this is neither \"name = number\" nor \"[section]\"", path,
			    line);
	if (line > 0)
		return fail(error, -EINVAL, "%s:%d: %s", path, line, problem ?: "out of memory");
	if (!r.any)
		return fail(error, -EINVAL,
			    "%s: tells nothing of a face; \"spasmctl analyze --learn\" makes such "
			    "a file",
			    path);
	return 0;
}

/* ---- writing ---- */

static void write_ratio(const struct personal_ratio *r, FILE *file)
{
	if (r->movements > 0)
		fprintf(file, "ratio = %.3f\nspread = %.3f\nmovements = %.0f\n", (double)r->mean,
			(double)r->spread, (double)r->movements);
}

int personal_write(const struct personal *p, FILE *file)
{
	fputs("# What spasmd has learnt of one face (health data)\n[face]\n", file);
	write_ratio(&p->face, file);
	for (unsigned int i = 0; i < p->n_sites; i++) {
		const struct personal_site *s = &p->sites[i];
		char code[SITE_TEXT_MAX];

		fprintf(file, "[%s]\n", site_to_code(s->site, code));
		if (s->noise_uv > 0)
			fprintf(file, "noise_uv = %.3f\n", (double)s->noise_uv);
		write_ratio(&s->ratio, file);
	}
	return fflush(file) != 0 || ferror(file) ? -EIO : 0;
}
