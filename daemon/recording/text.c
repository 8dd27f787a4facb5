/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenBCI text and CSV: a row is a scan. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "number.h"
#include "reader.h"
#include "sample-index.h"
#include "text-layout.h"

#define STUDY_ROWS    4096 /* from which rate and sample index are learnt */
#define OPENBCI_MAX   32
#define OPENBCI_USUAL 8

struct text {
	struct text_layout layout;
	struct lines lines;
	struct sample_index index;
	bool has_index;
	uint64_t gap; /* missing before the row that waits */
	bool waits;
	float row[MONTAGE_MAX];	     /* the row that waits */
	uint64_t n_scans, n_damaged; /* rows; those with cells that are no numbers */
	bool told_long, at_end;
};

/* ---- columns ---- */

/* First values of a column, from the rows that are in the buffer. Returns how many. */
static size_t column_study(const struct recording *r, const struct text_layout *l,
			   unsigned int column, double *values, size_t max)
{
	struct source view = r->source;
	struct lines lines = {.source = &view};
	struct line line;
	size_t n = 0;

	view.at_end = true;
	source_skip(&view, l->data_at);
	while (n < max && lines_next(&lines, &line) > 0 && !line.unfinished) {
		struct field rest = {line.text, (size_t)(line.end - line.text)}, f;
		bool found = true;

		if (line_is_comment(&line))
			continue;
		for (unsigned int i = 0; i <= column && found; i++)
			found = field_next(&rest, l->delimiter, &f);
		values[n] = NAN;
		if (found && !number_is_whole(f.at, f.length, &values[n]))
			values[n] = NAN;
		n++;
	}
	return n;
}

/* Hz from a column of seconds; 0 when it does not rise evenly enough. */
static double rate_from_times(const double *t, size_t n)
{
	double rate;

	if (n < 2)
		return 0;
	rate = (double)(n - 1) / (t[n - 1] - t[0]);
	if (!isfinite(rate) || !(rate > 0))
		return 0;
	/* times have few decimals: a rate that is nearly whole is whole */
	if (fabs(rate - round(rate)) < rate * 1e-3)
		rate = round(rate);
	return rate;
}

static struct field header_field(const struct text_layout *l, unsigned int column)
{
	struct field rest = l->header, f = {NULL, 0};

	for (unsigned int i = 0; i <= column; i++)
		if (!field_next(&rest, l->delimiter, &f))
			return (struct field){NULL, 0};
	return f;
}

static void column_use(struct recording *r, struct text_layout *l, unsigned int column,
		       unsigned int channel)
{
	struct field name = header_field(l, column);
	char number[16];

	snprintf(number, sizeof(number), "%u", channel);
	if (name.length)
		recording_set_label(r, channel, name.at, name.length);
	else
		recording_set_label(r, channel, number, strlen(number));
	l->column[column] = (int16_t)channel;
	if (l->n_used <= column)
		l->n_used = column + 1;
	r->info.n_channels = channel + 1;
}

static int openbci_columns(struct recording *r, struct text *t, char **error)
{
	struct text_layout *l = &t->layout;
	_cleanup_free_ double *values = NULL;
	unsigned int n = l->n_channels_said;

	if (!n) {
		n = OPENBCI_USUAL;
		recording_warn(r, "the header has no \"Number of channels\"; %u are read", n);
	}
	if (n > OPENBCI_MAX || n + 1 > l->n_columns)
		return recording_fail(error, -EBADMSG,
				      "the header says %u channels, but there are %u columns, of "
				      "which the first is the sample index",
				      n, l->n_columns);
	for (unsigned int c = 0; c < n; c++)
		column_use(r, l, c + 1, c);
	values = calloc(STUDY_ROWS, sizeof(*values));
	if (!values)
		return recording_fail(error, -ENOMEM, "out of memory");
	l->column[0] = COLUMN_INDEX;
	sample_index_learn(&t->index, values, column_study(r, l, 0, values, STUDY_ROWS));
	t->has_index = true;
	return 0;
}

/* Takes the rate from a column of times where nothing else says it. */
static int csv_time(struct recording *r, struct text_layout *l, unsigned int column, char **error)
{
	_cleanup_free_ double *values = NULL;

	if (l->rate > 0)
		return 0;
	values = calloc(STUDY_ROWS, sizeof(*values));
	if (!values)
		return recording_fail(error, -ENOMEM, "out of memory");
	l->rate = rate_from_times(values, column_study(r, l, column, values, STUDY_ROWS));
	return 0;
}

static bool field_is_site(struct field f)
{
	char text[LABEL_MAX];
	struct site site;

	if (f.length >= sizeof(text))
		return false;
	memcpy(text, f.at, f.length);
	text[f.length] = '\0';
	return site_from_text(text, &site) == 0 && site.side != OEH_SIDE_NONE;
}

/* Columns that hold samples go to @candidates. Returns how many, or negative errno. */
static int csv_candidates(struct recording *r, struct text_layout *l, unsigned int *candidates,
			  bool *has_site, char **error)
{
	struct field names = l->header, row = l->first_row, name, cell;
	double value;
	int n = 0, rc;

	for (unsigned int i = 0; i < l->n_columns; i++) {
		name = (struct field){"", 0};
		field_next(&names, l->delimiter, &name);
		field_next(&row, l->delimiter, &cell);
		if (field_is_time(name)) {
			rc = csv_time(r, l, i, error);
			if (rc < 0)
				return rc;
		} else if (!number_is_whole(cell.at, cell.length, &value) &&
			   !field_is_missing(cell)) {
			recording_warn(r, "column %u is left out: its first cell is no number",
				       i + 1);
		} else {
			has_site[n] = field_is_site(name);
			candidates[n++] = i;
		}
	}
	return n;
}

static int csv_columns(struct recording *r, struct text *t, char **error)
{
	struct text_layout *l = &t->layout;
	_cleanup_free_ unsigned int *candidates = calloc(l->n_columns, sizeof(*candidates));
	_cleanup_free_ bool *has_site = calloc(l->n_columns, sizeof(*has_site));
	unsigned int chosen[MONTAGE_MAX], n_chosen;
	int n;

	if (!candidates || !has_site)
		return recording_fail(error, -ENOMEM, "out of memory");
	n = csv_candidates(r, l, candidates, has_site, error);
	if (n < 0)
		return n;
	if (n == 0)
		return recording_fail(error, -EBADMSG, "no column holds samples");
	n_chosen = recording_choose(r, has_site, (unsigned int)n, chosen);
	for (unsigned int c = 0; c < n_chosen; c++)
		column_use(r, l, candidates[chosen[c]], c);
	return 0;
}

static int columns_find(struct recording *r, struct text *t, char **error)
{
	struct text_layout *l = &t->layout;

	if (l->n_columns > TEXT_COLUMNS_MAX) {
		recording_warn(r, "%u columns are left out: %d is the most",
			       l->n_columns - TEXT_COLUMNS_MAX, TEXT_COLUMNS_MAX);
		l->n_columns = TEXT_COLUMNS_MAX;
	}
	for (unsigned int i = 0; i < l->n_columns; i++)
		l->column[i] = COLUMN_SKIPPED;
	return l->openbci ? openbci_columns(r, t, error) : csv_columns(r, t, error);
}

/* ---- rate and unit: options, else the file ---- */

static int rate_and_unit(struct recording *r, struct text_layout *l,
			 const struct recording_options *options, char **error)
{
	if (options->rate > 0 && l->rate > 0 && fabs(options->rate - l->rate) > l->rate * 1e-3)
		recording_warn(r, "the file says %g Hz; it is read at %g Hz, as asked for", l->rate,
			       options->rate);
	r->info.rate = options->rate > 0 ? options->rate : l->rate;
	if (!(r->info.rate > 0))
		return recording_fail(error, -EDESTADDRREQ,
				      "the file does not say its rate: give it with --rate HZ, or "
				      "put a line \"# rate=HZ\" first");
	if (options->unit_uv > 0)
		l->unit_uv = options->unit_uv;
	if (l->unit_uv > 0)
		return 0;
	l->unit_uv = 1;
	if (!l->openbci)
		recording_warn(r, "the file does not say its unit; it is taken as uV "
				  "(--unit uV, mV, V or a factor)");
	return 0;
}

static int text_begin(struct recording *r, const struct recording_options *options, char **error)
{
	struct text *t = r->state;
	struct text_layout *l = &t->layout;
	ssize_t n = source_fill(&r->source, r->source.size);
	int rc;

	if (n < 0)
		return recording_fail(error, (int)n, "cannot be read: %s", strerror((int)-n));
	text_layout_read(l, &r->source);
	if (!l->first_row.length)
		return recording_fail(
			error, -EBADMSG,
			"this is no recording that can be read: as text it has no row "
			"of numbers with decimal points, between commas, semicolons "
			"or tabs");
	rc = columns_find(r, t, error);
	if (rc < 0)
		return rc;
	rc = rate_and_unit(r, l, options, error);
	if (rc < 0)
		return rc;
	r->info.format = l->openbci ? "OpenBCI" : "CSV";
	source_skip(&r->source, l->data_at);
	t->lines = (struct lines){.source = &r->source, .number = l->lines_before};
	return 0;
}

static int text_open(struct recording *r, const struct recording_options *options, char **error)
{
	r->state = calloc(1, sizeof(struct text));
	if (!r->state)
		return recording_fail(error, -ENOMEM, "out of memory");
	return text_begin(r, options, error);
}

/* ---- rows ---- */

static void row_warn(const struct recording *r, struct text *t, const struct line *line,
		     const struct text_row *row)
{
	if (line->too_long && !t->told_long) {
		recording_warn(r,
			       "line %" PRIu64
			       " is longer than %d bytes; the rest of such lines is left out",
			       line->number, LINE_LENGTH_MAX);
		t->told_long = true;
	}
	if (!row->n_bad && row->n_fields == t->layout.n_used)
		return;
	if (!t->n_damaged++)
		recording_warn(r,
			       "line %" PRIu64
			       ": %u of %u cells are missing or no numbers; they count "
			       "as no signal",
			       line->number, t->layout.n_used - row->n_fields + row->n_bad,
			       t->layout.n_used);
}

/* Reads the next row of samples. Returns 1, 0 at the end, or negative errno. */
static int row_next(struct recording *r, struct text *t, float *uv, struct text_row *row)
{
	struct line line;
	int n;

	while ((n = lines_next(&t->lines, &line)) > 0) {
		if (line_is_comment(&line))
			continue;
		text_row_read(&t->layout, &line, uv, row);
		if (line.unfinished && row->n_fields < t->layout.n_used) {
			recording_warn(r,
				       "the file is cut within its last line, which is left out");
			continue;
		}
		row_warn(r, t, &line, row);
		if (row->n_values || !row->n_bad) /* else it is words only */
			return 1;
	}
	return n;
}

static void end_warn(const struct recording *r, struct text *t)
{
	if (!t->at_end && t->n_damaged > 1)
		recording_warn(r, "%" PRIu64 " lines in all have such cells", t->n_damaged);
	t->at_end = true;
}

/* Rows that were lost before this one. */
static uint64_t row_missing(const struct recording *r, struct text *t, const struct text_row *row)
{
	uint64_t missing;

	if (!t->has_index)
		return 0;
	missing = sample_index_next(&t->index, row->index);
	return (double)missing < GAP_MAX_S * r->info.rate ? missing : 0;
}

/* The next scan; where rows are missing before it, it waits. Returns as row_next(). */
static int scan_next(struct recording *r, struct text *t, float *uv)
{
	size_t bytes = r->info.n_channels * sizeof(*uv);
	struct text_row row;
	int n;

	if (t->waits) {
		memcpy(uv, t->row, bytes);
		t->waits = false;
		return 1;
	}
	n = row_next(r, t, uv, &row);
	if (n <= 0)
		return n;
	t->gap = row_missing(r, t, &row);
	if (t->gap) {
		memcpy(t->row, uv, bytes);
		t->waits = true;
	}
	return 1;
}

static int text_read(struct recording *r, float *uv, size_t stride, size_t max_scans,
		     struct recording_item *item, char **error)
{
	size_t n = 0, width = r->info.n_channels;
	struct text *t = r->state;
	int rc = 1;

	for (; n < max_scans && !t->gap; n++, uv += stride) {
		rc = scan_next(r, t, uv);
		if (rc <= 0 || t->gap)
			break;
		memset(uv + width, 0, (stride - width) * sizeof(*uv));
	}
	if (n) {
		*item = (struct recording_item){RECORDING_SCANS, n};
	} else if (t->gap) {
		*item = (struct recording_item){RECORDING_GAP, t->gap};
		t->gap = 0;
	} else if (rc < 0) {
		return recording_fail(error, rc, "cannot be read: %s", strerror(-rc));
	} else {
		end_warn(r, t);
	}
	return 0;
}

static void text_close(struct recording *r)
{
	free(r->state);
}

const struct recording_format text_format = {
	.open = text_open,
	.read = text_read,
	.close = text_close,
};
