/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EDF, EDF+, BDF and BDF+. Records are counted as they are met: what the header
 * promises is only compared. Discontinuous files keep their time by gaps.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "edf-annotation.h"
#include "edf-convert.h"
#include "edf-header.h"
#include "edf-signals.h"
#include "reader.h"

#define GROUPS	    (MONTAGE_MAX / LANES)
#define MARKERS_MAX 256 /* that lie ahead of the record they are written in */
#define MARKER_TEXT "marker"

struct edf {
	struct edf_header header;
	unsigned int n_signals, signals[MONTAGE_MAX]; /* that become channels */
	struct edf_lanes lanes[GROUPS];		      /* rows: in the record at hand */
	unsigned int samples, next;		      /* in a record; next to give */
	size_t at_hand;				      /* bytes of this record in the source */
	uint64_t records;			      /* met so far */
	uint64_t position;			      /* of the next sample, gaps included */
	uint64_t gap;				      /* missing before it */
	double origin;				      /* onset of the first record, seconds */
	unsigned int n_markers, markers_lost;
	uint64_t markers[MARKERS_MAX]; /* positions one past their sample, rising */
	bool told_onset, told_end;
};

bool edf_is_header(const unsigned char *bytes, size_t n)
{
	return n >= 8 &&
	       (memcmp(bytes, "0       ", 8) == 0 || memcmp(bytes, "\377BIOSEMI", 8) == 0);
}

/* Lanes, labels and limits of the channels. */
static int signals_calibrate(struct recording *r, struct edf *e, const unsigned char *bytes,
			     double unit_uv, char **error)
{
	const char *no_unit = NULL;
	int rc;

	for (unsigned int c = 0; c < e->n_signals; c++) {
		struct edf_signal *s = &e->header.signals[e->signals[c]];
		struct edf_lanes *l = &e->lanes[c / LANES];
		double uv = unit_uv > 0 ? unit_uv : s->unit_uv > 0 ? s->unit_uv : 1;

		if (!(unit_uv > 0) && !(s->unit_uv > 0) && !no_unit)
			no_unit = s->label;
		rc = edf_header_calibrate(&e->header, bytes, e->signals[c], uv, error);
		if (rc < 0)
			return rc;
		l->scale[c % LANES] = (float)s->scale;
		l->zero[c % LANES] = (float)s->zero;
		r->info.clip_uv[c] = s->clip_uv;
		recording_set_label(r, c, s->label, strlen(s->label));
	}
	if (no_unit)
		recording_warn(r,
			       "signal \"%s\" has no unit; it is taken as uV (--unit says another)",
			       no_unit);
	return 0;
}

/* ---- time ---- */

static void onset_warn(const struct recording *r, struct edf *e, const char *what)
{
	if (!e->told_onset)
		recording_warn(r, "record %" PRIu64 " %s; it is taken to follow the one before",
			       e->records, what);
	e->told_onset = true;
}

/* Where the record at hand lies, in a file whose records need not be adjacent. */
static void record_place(const struct recording *r, struct edf *e, double onset)
{
	double ahead = (onset - e->origin) * r->info.rate - (double)e->position;

	if (ahead < -1.5)
		onset_warn(r, e, "begins before the last one ends");
	else if (ahead > GAP_MAX_S * r->info.rate)
		onset_warn(r, e, "claims to lie years later");
	else if (ahead > 1.5) /* less is rounding of the onset */
		e->gap = (uint64_t)llround(ahead);
}

static bool is_marker(const char *text, size_t length)
{
	size_t n = strlen(MARKER_TEXT);

	return length >= n && strncasecmp(text, MARKER_TEXT, n) == 0 &&
	       (length == n || text[n] == ' ' || text[n] == ':');
}

static void marker_add(const struct recording *r, struct edf *e, double onset)
{
	double sample = floor((onset - e->origin) * r->info.rate + 0.5);
	uint64_t position;
	unsigned int i;

	if (!(sample < 1e15) || e->n_markers == MARKERS_MAX) {
		e->markers_lost++;
		return;
	}
	position = sample > 0 ? (uint64_t)sample + 1 : 1;
	for (i = e->n_markers++; i && e->markers[i - 1] > position; i--)
		e->markers[i] = e->markers[i - 1];
	e->markers[i] = position;
}

/* Reads the annotations of the record at hand. */
static void record_annotate(const struct recording *r, struct edf *e, const unsigned char *record)
{
	bool want_onset = true;

	for (unsigned int i = 0; i < e->header.n_signals; i++) {
		const struct edf_signal *s = &e->header.signals[i];
		struct tal_reader reader = {(const char *)record + s->offset, NULL};
		const char *text;
		struct tal tal;
		size_t length;

		if (s->kind != EDF_SIGNAL_ANNOTATIONS)
			continue;
		reader.end = reader.p + (size_t)s->samples * e->header.sample_bytes;
		while (tal_next(&reader, &tal)) {
			if (want_onset && e->records == 1)
				e->origin = tal.onset;
			if (want_onset && e->header.discontinuous)
				record_place(r, e, tal.onset);
			want_onset = false;
			while (tal_text(&tal, &text, &length))
				if (is_marker(text, length))
					marker_add(r, e, tal.onset);
		}
	}
	if (want_onset && e->header.discontinuous)
		onset_warn(r, e, "does not say when it begins");
}

/* ---- records ---- */

static void end_warn(const struct recording *r, struct edf *e, size_t rest)
{
	int64_t promised = e->header.records;

	if (e->told_end)
		return;
	e->told_end = true;
	if (rest)
		recording_warn(
			r, "the file is cut: its last record has %zu of %zu bytes, and is left out",
			rest, e->header.record_bytes);
	if (promised < 0)
		recording_warn(
			r, "the header does not say how many records there are; there are %" PRIu64,
			e->records);
	else if ((uint64_t)promised != e->records)
		recording_warn(r, "the header promises %" PRId64 " records; there are %" PRIu64,
			       promised, e->records);
	if (e->n_markers || e->markers_lost)
		recording_warn(r, "%u markers lie outside of the recording",
			       e->n_markers + e->markers_lost);
}

/* Makes the next record the one at hand. Returns 1, 0 at the end, or negative errno. */
static int record_next(struct recording *r, struct edf *e, char **error)
{
	struct source *source = &r->source;
	const unsigned char *record;
	ssize_t n;

	source_skip(source, e->at_hand);
	e->at_hand = 0;
	n = source_fill(source, e->header.record_bytes);
	if (n < 0)
		return recording_fail(error, (int)n, "cannot be read: %s", strerror((int)-n));
	if ((size_t)n < e->header.record_bytes) {
		end_warn(r, e, (size_t)n);
		return 0;
	}
	record = source_data(source);
	for (unsigned int lane = 0; lane < MONTAGE_MAX; lane++) {
		unsigned int signal = e->signals[lane < e->n_signals ? lane : 0];

		e->lanes[lane / LANES].row[lane % LANES] =
			record + e->header.signals[signal].offset;
	}
	e->at_hand = e->header.record_bytes;
	e->next = 0;
	e->records++;
	record_annotate(r, e, record);
	return 1;
}

static void record_convert(const struct edf *e, size_t n, float *uv, size_t stride)
{
	size_t lane = 0;

	for (; lane < stride && lane < MONTAGE_MAX; lane += LANES) {
		unsigned int width = stride - lane < LANES ? (unsigned int)(stride - lane) : LANES;

		edf_convert(&e->lanes[lane / LANES], e->header.sample_bytes, e->next, n, uv + lane,
			    stride, width);
	}
	if (stride > MONTAGE_MAX)
		for (size_t i = 0; i < n; i++)
			memset(uv + i * stride + MONTAGE_MAX, 0,
			       (stride - MONTAGE_MAX) * sizeof(*uv));
}

static int edf_read(struct recording *r, float *uv, size_t stride, size_t max_scans,
		    struct recording_item *item, char **error)
{
	struct edf *e = r->state;
	size_t n;
	int rc;

	if (e->n_markers && e->markers[0] <= e->position) {
		e->n_markers--;
		memmove(e->markers, e->markers + 1, e->n_markers * sizeof(*e->markers));
		item->kind = RECORDING_MARKER;
		return 0;
	}
	if (e->next == e->samples) {
		rc = record_next(r, e, error);
		if (rc <= 0)
			return rc;
	}
	if (e->gap) {
		*item = (struct recording_item){RECORDING_GAP, e->gap};
		e->position += e->gap;
		e->gap = 0;
		return 0;
	}
	n = e->samples - e->next;
	n = n < max_scans ? n : max_scans;
	if (e->n_markers && e->markers[0] > e->position && e->markers[0] - e->position < n)
		n = e->markers[0] - e->position;
	record_convert(e, n, uv, stride);
	e->next += (unsigned int)n;
	e->position += n;
	*item = (struct recording_item){RECORDING_SCANS, n};
	return 0;
}

/* ---- opening ---- */

static const char *format_name(const struct edf_header *h)
{
	if (h->sample_bytes == 3)
		return h->plus ? "BDF+" : "BDF";
	return h->plus ? "EDF+" : "EDF";
}

/* Reads the whole header into the source's buffer. */
static int header_load(struct recording *r, size_t *ret, char **error)
{
	struct source *source = &r->source;
	ssize_t n = source_fill(source, EDF_HEADER_BYTES);
	size_t length;
	int rc;

	if (n >= 0 && n < EDF_HEADER_BYTES)
		return recording_fail(error, -EBADMSG, "the file is cut within its header");
	if (n < 0)
		return recording_fail(error, (int)n, "cannot be read: %s", strerror((int)-n));
	rc = edf_header_length(source_data(source), &length, error);
	if (rc < 0)
		return rc;
	if (source_reserve(source, length) < 0)
		return recording_fail(error, -ENOMEM, "out of memory");
	n = source_fill(source, length);
	if (n < 0)
		return recording_fail(error, (int)n, "cannot be read: %s", strerror((int)-n));
	if ((size_t)n < length)
		return recording_fail(error, -EBADMSG, "the file is cut within its header");
	*ret = length;
	return 0;
}

static int rate_set(struct recording *r, const struct edf *e,
		    const struct recording_options *options, char **error)
{
	double rate = e->samples / e->header.duration;

	if (!(e->header.duration > 0))
		return recording_fail(error, -EBADMSG,
				      "the header's duration of a record is 0: there is no rate");
	if (options->rate > 0 && fabs(options->rate - rate) > rate * 1e-6)
		recording_warn(r, "the file says that its rate is %g Hz; %g Hz is not used", rate,
			       options->rate);
	/* The duration has eight characters: 173 samples in "0.692" s are 250 Hz. */
	if (fabs(rate - round(rate)) < rate * 1e-6)
		rate = round(rate);
	r->info.rate = rate;
	return 0;
}

static int edf_begin(struct recording *r, struct edf *e, const struct recording_options *options,
		     char **error)
{
	size_t length = 0;
	int rc;

	rc = header_load(r, &length, error);
	if (rc < 0)
		return rc;
	rc = edf_header_parse(&e->header, source_data(&r->source), error);
	if (rc < 0)
		return rc;
	rc = edf_signals_choose(r, &e->header, e->signals, error);
	if (rc < 0)
		return rc;
	e->n_signals = (unsigned int)rc;
	e->samples = e->header.signals[e->signals[0]].samples;
	rc = signals_calibrate(r, e, source_data(&r->source), options->unit_uv, error);
	if (rc < 0)
		return rc;
	rc = rate_set(r, e, options, error);
	if (rc < 0)
		return rc;
	r->info.format = format_name(&e->header);
	r->info.n_channels = e->n_signals;

	source_skip(&r->source, length);
	if (source_reserve(&r->source, e->header.record_bytes) < 0)
		return recording_fail(error, -ENOMEM, "no memory for a record of %zu bytes",
				      e->header.record_bytes);
	rc = record_next(r, e, error);
	if (rc == 0)
		return recording_fail(error, -ENODATA, "there is no whole record in the file");
	return rc < 0 ? rc : 0;
}

static int edf_open(struct recording *r, const struct recording_options *options, char **error)
{
	r->state = calloc(1, sizeof(struct edf));
	if (!r->state)
		return recording_fail(error, -ENOMEM, "out of memory");
	return edf_begin(r, r->state, options, error);
}

static void edf_close(struct recording *r)
{
	struct edf *e = r->state;

	if (e)
		edf_header_clear(&e->header);
	free(e);
}

const struct recording_format edf_format = {
	.open = edf_open,
	.read = edf_read,
	.close = edf_close,
};
