/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "edf-header.h"
#include "number.h"
#include "reader.h"

/* Where the fields of the file's part lie. */
#define AT_HEADER_LENGTH 184
#define AT_RESERVED	 192
#define AT_RECORDS	 236
#define AT_DURATION	 244
#define AT_SIGNALS	 252

#define SHOWN_MAX     96 /* of a field, in messages */
#define PART_NAME_MAX 192
#define BEYOND_UV     1e15 /* keeps sums of such values finite */

/* Fields of the signals' part, in file order: offset is in bytes per signal. */
enum field {
	FIELD_LABEL,
	FIELD_TRANSDUCER,
	FIELD_DIMENSION,
	FIELD_PHYSICAL_MIN,
	FIELD_PHYSICAL_MAX,
	FIELD_DIGITAL_MIN,
	FIELD_DIGITAL_MAX,
	FIELD_FILTERS,
	FIELD_SAMPLES,
	FIELD_RESERVED
};

static const struct {
	const char *name;
	unsigned int offset, width;
} fields[] = {
	[FIELD_LABEL] = {"label", 0, 16},
	[FIELD_TRANSDUCER] = {"transducer", 16, 80},
	[FIELD_DIMENSION] = {"physical dimension", 96, 8},
	[FIELD_PHYSICAL_MIN] = {"physical minimum", 104, 8},
	[FIELD_PHYSICAL_MAX] = {"physical maximum", 112, 8},
	[FIELD_DIGITAL_MIN] = {"digital minimum", 120, 8},
	[FIELD_DIGITAL_MAX] = {"digital maximum", 128, 8},
	[FIELD_FILTERS] = {"prefiltering", 136, 80},
	[FIELD_SAMPLES] = {"number of samples in a record", 216, 8},
	[FIELD_RESERVED] = {"reserved", 224, 32},
};

/* One text field of the header; blanks and NULs around it are taken off. */
struct text {
	const char *at;
	size_t length;
};

static bool is_padding(char c)
{
	return c == ' ' || c == '\0';
}

static struct text text_trim(const unsigned char *at, size_t length)
{
	struct text t = {(const char *)at, length};

	while (t.length && is_padding(t.at[t.length - 1]))
		t.length--;
	for (; t.length && is_padding(*t.at); t.length--)
		t.at++;
	return t;
}

/* What is in the field (80 bytes at most), unprintable bytes as question marks. */
static const char *text_show(struct text t, char *buf)
{
	size_t n = t.length;

	for (size_t i = 0; i < n; i++)
		buf[i] = t.at[i] >= ' ' && t.at[i] <= '~' ? t.at[i] : '?';
	buf[n] = '\0';
	return buf;
}

static int header_number(const unsigned char *at, size_t width, const char *name, double *ret,
			 char **error)
{
	struct text t = text_trim(at, width);
	char shown[SHOWN_MAX];

	if (number_is_whole(t.at, t.length, ret))
		return 0;
	return recording_fail(error, -EBADMSG, "the header's %s is \"%s\", not a number", name,
			      text_show(t, shown));
}

static int header_integer(const unsigned char *at, size_t width, const char *name, double low,
			  double high, double *ret, char **error)
{
	int r = header_number(at, width, name, ret, error);

	if (r < 0)
		return r;
	if (*ret != floor(*ret) || *ret < low || *ret > high)
		return recording_fail(
			error, -EBADMSG,
			"the header's %s is %g: it has to be a whole number from %g to %g", name,
			*ret, low, high);
	return 0;
}

int edf_header_length(const unsigned char *bytes, size_t *ret, char **error)
{
	double n, length;
	int r;

	r = header_integer(bytes + AT_SIGNALS, 4, "number of signals", 1, 9999, &n, error);
	if (r < 0)
		return r;
	r = header_integer(bytes + AT_HEADER_LENGTH, 8, "length", 0, 1e8, &length, error);
	if (r < 0)
		return r;
	if (length != EDF_HEADER_BYTES * (n + 1))
		return recording_fail(
			error, -EBADMSG,
			"the header's length is %g, but with %g signals it has to be %g", length, n,
			EDF_HEADER_BYTES * (n + 1));
	*ret = (size_t)length;
	return 0;
}

/* ---- signals ---- */

/* The signals' part while it is being read. */
struct part {
	const unsigned char *bytes;
	unsigned int n, signal;
};

static const unsigned char *part_at(const struct part *p, enum field f)
{
	return p->bytes + (size_t)p->n * fields[f].offset + (size_t)p->signal * fields[f].width;
}

static struct text part_text(const struct part *p, enum field f)
{
	return text_trim(part_at(p, f), fields[f].width);
}

/* "digital minimum of signal 3 (EMG L-OOc)" */
static const char *part_name(const struct part *p, enum field f, char buf[PART_NAME_MAX])
{
	char label[SHOWN_MAX];

	snprintf(buf, PART_NAME_MAX, "%s of signal %u (%s)", fields[f].name, p->signal + 1,
		 text_show(part_text(p, FIELD_LABEL), label));
	return buf;
}

static int part_number(const struct part *p, enum field f, double *ret, char **error)
{
	char name[PART_NAME_MAX];

	return header_number(part_at(p, f), fields[f].width, part_name(p, f, name), ret, error);
}

static int part_integer(const struct part *p, enum field f, double low, double high, double *ret,
			char **error)
{
	char name[PART_NAME_MAX];

	return header_integer(part_at(p, f), fields[f].width, part_name(p, f, name), low, high, ret,
			      error);
}

static void signal_set_kind(struct edf_signal *s, const struct part *p, unsigned int sample_bytes)
{
	const char *annotations = sample_bytes == 3 ? "BDF Annotations" : "EDF Annotations";
	struct text label = part_text(p, FIELD_LABEL), unit = part_text(p, FIELD_DIMENSION);

	text_show(label, s->label); /* 16 bytes at most */
	s->unit_uv = 0;
	if (strcmp(s->label, annotations) == 0)
		s->kind = EDF_SIGNAL_ANNOTATIONS;
	else if (!unit.length || recording_unit_from_text(unit.at, unit.length, &s->unit_uv) == 0)
		s->kind = EDF_SIGNAL_VOLTAGE;
	else
		s->kind = EDF_SIGNAL_OTHER;
}

static int signals_parse(struct edf_header *h, const unsigned char *bytes, char **error)
{
	struct part p = {bytes + EDF_HEADER_BYTES, h->n_signals, 0};
	uint64_t offset = 0;
	double samples;
	int r;

	for (; p.signal < p.n; p.signal++) {
		struct edf_signal *s = &h->signals[p.signal];

		r = part_integer(&p, FIELD_SAMPLES, 0, 99999999, &samples, error);
		if (r < 0)
			return r;
		s->samples = (unsigned int)samples;
		s->offset = (size_t)offset;
		signal_set_kind(s, &p, h->sample_bytes);
		offset += (uint64_t)s->samples * h->sample_bytes;
		if (offset > EDF_RECORD_MAX)
			return recording_fail(
				error, -EBADMSG,
				"the header says that a record has more than %u bytes",
				EDF_RECORD_MAX);
	}
	h->record_bytes = (size_t)offset;
	return 0;
}

static bool text_begins(struct text t, const char *what)
{
	return t.length >= strlen(what) && memcmp(t.at, what, strlen(what)) == 0;
}

static int file_parse(struct edf_header *h, const unsigned char *bytes, char **error)
{
	struct text reserved = text_trim(bytes + AT_RESERVED, 44);
	double n;
	int r;

	h->sample_bytes = bytes[0] == 0xff ? 3 : 2;
	h->plus = text_begins(reserved, "EDF+") || text_begins(reserved, "BDF+");
	h->discontinuous = text_begins(reserved, "EDF+D") || text_begins(reserved, "BDF+D");
	r = header_integer(bytes + AT_SIGNALS, 4, "number of signals", 1, 9999, &n, error);
	if (r < 0)
		return r;
	h->n_signals = (unsigned int)n;
	r = header_integer(bytes + AT_RECORDS, 8, "number of records", -1, 99999999, &n, error);
	if (r < 0)
		return r;
	h->records = (int64_t)n;
	r = header_number(bytes + AT_DURATION, 8, "duration of a record", &h->duration, error);
	if (r < 0)
		return r;
	if (h->duration < 0)
		return recording_fail(error, -EBADMSG, "the header's duration of a record is %g",
				      h->duration);
	return 0;
}

int edf_header_parse(struct edf_header *h, const unsigned char *bytes, char **error)
{
	int r;

	*h = (struct edf_header){0};
	r = file_parse(h, bytes, error);
	if (r < 0)
		return r;
	h->signals = calloc(h->n_signals, sizeof(*h->signals));
	if (!h->signals)
		return recording_fail(error, -ENOMEM, "out of memory");
	r = signals_parse(h, bytes, error);
	if (r < 0)
		edf_header_clear(h);
	return r;
}

void edf_header_clear(struct edf_header *h)
{
	free(h->signals);
	*h = (struct edf_header){0};
}

/* ---- calibration ---- */

struct range {
	double digital_min, digital_max, physical_min, physical_max;
};

static int range_read(struct range *v, const struct part *p, unsigned int sample_bytes,
		      char **error)
{
	double limit = sample_bytes == 3 ? 8388608 : 32768;
	char name[PART_NAME_MAX];
	int r;

	r = part_integer(p, FIELD_DIGITAL_MIN, -limit, limit - 1, &v->digital_min, error);
	if (r < 0)
		return r;
	r = part_integer(p, FIELD_DIGITAL_MAX, -limit, limit - 1, &v->digital_max, error);
	if (r < 0)
		return r;
	r = part_number(p, FIELD_PHYSICAL_MIN, &v->physical_min, error);
	if (r < 0)
		return r;
	r = part_number(p, FIELD_PHYSICAL_MAX, &v->physical_max, error);
	if (r < 0)
		return r;
	if (v->digital_max <= v->digital_min)
		return recording_fail(
			error, -EBADMSG, "the header's %s is %g, not above its minimum, %g",
			part_name(p, FIELD_DIGITAL_MAX, name), v->digital_max, v->digital_min);
	if (v->physical_max == v->physical_min)
		return recording_fail(error, -EBADMSG,
				      "the header's %s is %g, the same as its minimum",
				      part_name(p, FIELD_PHYSICAL_MAX, name), v->physical_max);
	return 0;
}

int edf_header_calibrate(struct edf_header *h, const unsigned char *bytes, unsigned int signal,
			 double unit_uv, char **error)
{
	struct part p = {bytes + EDF_HEADER_BYTES, h->n_signals, signal};
	struct edf_signal *s = &h->signals[signal];
	char name[PART_NAME_MAX];
	struct range v;
	int r;

	r = range_read(&v, &p, h->sample_bytes, error);
	if (r < 0)
		return r;
	s->scale = (v.physical_max - v.physical_min) / (v.digital_max - v.digital_min) * unit_uv;
	s->zero = v.physical_min * unit_uv - s->scale * v.digital_min;
	s->clip_uv = (float)(fmax(fabs(v.physical_min), fabs(v.physical_max)) * unit_uv);
	if (!(fabs(s->scale) < BEYOND_UV && fabs(s->zero) < BEYOND_UV && s->clip_uv < BEYOND_UV))
		return recording_fail(error, -EBADMSG, "the header's %s is beyond any voltage",
				      part_name(&p, FIELD_PHYSICAL_MAX, name));
	return 0;
}
