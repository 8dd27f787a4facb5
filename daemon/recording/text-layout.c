/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "number.h"
#include "reader.h"
#include "text-layout.h"

#define OPENBCI_MAGIC "OpenBCI"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct field field_trim(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	while (end > at && is_blank(end[-1]))
		end--;
	if (end - at >= 2 && *at == '"' && end[-1] == '"') {
		at++;
		end--;
	}
	return (struct field){at, (size_t)(end - at)};
}

bool field_next(struct field *line, char delimiter, struct field *ret)
{
	const char *end;

	if (!line->at)
		return false;
	end = memchr(line->at, delimiter, line->length);
	*ret = field_trim(line->at, end ?: line->at + line->length);
	if (end)
		*line = (struct field){end + 1, line->length - (size_t)(end + 1 - line->at)};
	else
		line->at = NULL;
	return true;
}

static bool field_is(struct field f, const char *word)
{
	return f.length == strlen(word) && strncasecmp(f.at, word, f.length) == 0;
}

bool field_is_missing(struct field f)
{
	static const char *const words[] = {"", "nan", "na", "n/a", "null", "none", "-", "inf"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (field_is(f, words[i]))
			return true;
	return false;
}

bool field_is_time(struct field f)
{
	return field_is(f, "t") || field_is(f, "time") || field_is(f, "time_s");
}

bool line_is_comment(const struct line *line)
{
	struct field f = field_trim(line->text, line->end);

	return !f.length || *f.at == '#' || *f.at == '%';
}

/* ---- comments ---- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/*
 * Finds `name=value` in a comment, as `rate=1000`, `Sample Rate = 250 Hz` or
 * `Sampling Rate (Hz):= 1000`: the value runs from the equals sign.
 */
static bool comment_value(struct field comment, const char *name, struct field *ret)
{
	const char *end = comment.at + comment.length, *p;
	size_t n = strlen(name);

	for (p = comment.at; p + n <= end; p++) {
		const char *q = p + n;

		if (strncasecmp(p, name, n) != 0 || (p > comment.at && is_letter(p[-1])))
			continue;
		while (q < end && is_blank(*q))
			q++;
		if (end - q >= 4 && strncasecmp(q, "(Hz)", 4) == 0)
			q += 4;
		while (q < end && (is_blank(*q) || *q == ':'))
			q++;
		if (q == end || *q != '=')
			continue;
		for (q++; q < end && is_blank(*q);)
			q++;
		*ret = (struct field){q, (size_t)(end - q)};
		return true;
	}
	return false;
}

static void comment_number(struct field comment, const char *name, double *ret)
{
	struct field value;
	double number;

	if (comment_value(comment, name, &value) &&
	    number_parse(value.at, value.at + value.length, &number) && number > 0 &&
	    isfinite(number))
		*ret = number;
}

/* `unit=mV`, or a factor to microvolts. */
static void comment_unit(struct text_layout *l, struct field comment)
{
	struct field value;
	size_t n = 0;

	if (!comment_value(comment, "unit", &value))
		return;
	while (n < value.length && !strchr(" \t,;", value.at[n]))
		n++;
	if (recording_unit_from_text(value.at, n, &l->unit_uv) < 0)
		comment_number(comment, "unit", &l->unit_uv);
}

static void comment_read(struct text_layout *l, struct field comment)
{
	double n = 0;

	comment_number(comment, "rate", &l->rate);
	if (!(l->rate > 0))
		comment_number(comment, "fs", &l->rate);
	if (*comment.at != '%') {
		comment_unit(l, comment);
		return;
	}
	if (comment.length > strlen(OPENBCI_MAGIC) &&
	    strncmp(comment.at + 1, OPENBCI_MAGIC, strlen(OPENBCI_MAGIC)) == 0)
		l->openbci = true;
	comment_number(comment, "Number of channels", &n);
	if (n >= 1 && n < TEXT_COLUMNS_MAX)
		l->n_channels_said = (unsigned int)n;
}

/* ---- rows ---- */

/* A row of samples has numbers in half of its fields or more. */
static bool row_is_data(struct field line, char delimiter)
{
	unsigned int numbers = 0, words = 0;
	struct field f;
	double value;

	while (field_next(&line, delimiter, &f)) {
		if (number_is_whole(f.at, f.length, &value))
			numbers++;
		else if (!field_is_missing(f))
			words++;
	}
	return numbers && numbers >= words;
}

static unsigned int row_count(struct field line, char delimiter)
{
	unsigned int n = 0;
	struct field f;

	while (field_next(&line, delimiter, &f))
		n++;
	return n;
}

static char delimiter_find(struct field line)
{
	if (memchr(line.at, '\t', line.length))
		return '\t';
	return memchr(line.at, ';', line.length) ? ';' : ',';
}

static void skip_byte_order_mark(struct line *line)
{
	if (line->end - line->text >= 3 && memcmp(line->text, "\xef\xbb\xbf", 3) == 0)
		line->text += 3;
}

void text_layout_read(struct text_layout *l, const struct source *source)
{
	struct source view = *source; /* looks at the same bytes, takes none */
	struct lines lines = {.source = &view};
	struct line line;

	*l = (struct text_layout){0};
	view.at_end = true;
	while (lines_next(&lines, &line) > 0) {
		struct field text;
		char delimiter;

		if (line.unfinished && !source->at_end)
			return; /* it goes on beyond what can be looked at */
		if (line.number == 1)
			skip_byte_order_mark(&line);
		text = (struct field){line.text, (size_t)(line.end - line.text)};
		delimiter = delimiter_find(text);
		if (line_is_comment(&line)) {
			text = field_trim(line.text, line.end);
			if (text.length)
				comment_read(l, text);
		} else if (row_is_data(text, delimiter)) {
			l->first_row = text;
			l->delimiter = delimiter;
			l->data_at =
				(size_t)((const unsigned char *)line.text - source_data(source));
			l->lines_before = line.number - 1;
			break;
		} else {
			l->header = text;
		}
	}
	if (!l->first_row.length)
		return;
	l->n_columns = row_count(l->first_row, l->delimiter);
	if (l->header.length && row_count(l->header, l->delimiter) != l->n_columns)
		l->header = (struct field){NULL, 0};
}

/* A number among blanks and quotes. Returns where its field ends, or NULL. */
static const char *cell_read_padded(const char *p, const char *end, char delimiter, double *ret)
{
	bool quoted;

	while (p < end && is_blank(*p) && *p != delimiter)
		p++;
	quoted = p < end && *p == '"';
	p = number_parse(p + quoted, end, ret);
	if (!p)
		return NULL;
	if (quoted && p < end && *p == '"')
		p++;
	while (p < end && is_blank(*p) && *p != delimiter)
		p++;
	return p == end || *p == delimiter ? p : NULL;
}

static inline const char *cell_read(const char *p, const char *end, char delimiter, double *ret)
{
	const char *q = number_parse(p, end, ret);

	if (q && (q == end || *q == delimiter))
		return q;
	return cell_read_padded(p, end, delimiter, ret);
}

static const char *cell_skip(const char *p, const char *end, char delimiter)
{
	return memchr(p, delimiter, (size_t)(end - p)) ?: end;
}

static void value_put(const struct text_layout *l, unsigned int column, double value, float *uv,
		      struct text_row *row)
{
	int channel = l->column[column];

	if (channel >= 0)
		uv[channel] = (float)(value * l->unit_uv);
	else if (channel == COLUMN_INDEX)
		row->index = value;
}

void text_row_read(const struct text_layout *l, const struct line *line, float *uv,
		   struct text_row *ret)
{
	const char *p = line->text, *end = line->end, *next;
	unsigned int n_values = 0, n_bad = 0, i;
	char delimiter = l->delimiter;

	ret->index = NAN;
	for (i = 0; i < l->n_used && p <= end; i++, p = next + 1) {
		double value;

		if (l->column[i] == COLUMN_SKIPPED) {
			next = cell_skip(p, end, delimiter);
			continue;
		}
		next = cell_read(p, end, delimiter, &value);
		if (next) {
			n_values++;
		} else {
			next = cell_skip(p, end, delimiter);
			n_bad += !field_is_missing(field_trim(p, next));
			value = NAN;
		}
		value_put(l, i, value, uv, ret);
	}
	ret->n_fields = i;
	ret->n_values = n_values;
	ret->n_bad = n_bad;
	for (; i < l->n_used; i++)
		value_put(l, i, NAN, uv, ret);
}
