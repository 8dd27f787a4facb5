/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer for plain BDF files. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bdf-writer.h"

#define DIGITAL_MAX 8388607
#define BYTES	    3	/* a sample */
#define RECORDS_AT  236 /* where the header has the number of records */

/* A field of the header: text, padded with spaces. */
static void put(FILE *f, int width, const char *text)
{
	fprintf(f, "%-*.*s", width, width, text);
}

static void put_number(FILE *f, int width, long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", number);
	put(f, width, text);
}

static void put_label(FILE *f, struct site site, unsigned int channel)
{
	char code[SITE_TEXT_MAX], label[SITE_TEXT_MAX + 8];

	if (site.side == OEH_SIDE_NONE)
		snprintf(label, sizeof(label), "EMG %u", channel + 1);
	else
		snprintf(label, sizeof(label), "EMG %s", site_to_code(site, code));
	put(f, 16, label);
}

static void put_signals(FILE *f, const struct bdf_writer *w, const struct montage *m)
{
	unsigned int n = w->n_channels;

	for (unsigned int c = 0; c < n; c++)
		put_label(f, m->sites[c], c);
	for (unsigned int c = 0; c < n; c++)
		put(f, 80, "synthetic");
	for (unsigned int c = 0; c < n; c++)
		put(f, 8, "uV");
	for (unsigned int c = 0; c < n; c++)
		put_number(f, 8, -lrintf(w->clip_uv));
	for (unsigned int c = 0; c < n; c++)
		put_number(f, 8, lrintf(w->clip_uv));
	for (unsigned int c = 0; c < n; c++)
		put_number(f, 8, -DIGITAL_MAX - 1);
	for (unsigned int c = 0; c < n; c++)
		put_number(f, 8, DIGITAL_MAX);
	for (unsigned int c = 0; c < n; c++)
		put(f, 80, "");
	for (unsigned int c = 0; c < n; c++)
		put_number(f, 8, w->rate);
	for (unsigned int c = 0; c < n; c++)
		put(f, 32, "");
}

int bdf_writer_open(struct bdf_writer *w, const char *path, const struct montage *montage,
		    unsigned int rate, float clip_uv)
{
	*w = (struct bdf_writer){
		.n_channels = montage->n_channels,
		.rate = rate,
		.clip_uv = clip_uv,
	};
	w->record = malloc((size_t)rate * w->n_channels * BYTES);
	if (!w->record)
		return -ENOMEM;
	w->file = fopen(path, "wb");
	if (!w->file) {
		int r = -errno;

		free(w->record);
		w->record = NULL;
		return r;
	}

	fputc(0xff, w->file);
	put(w->file, 7, "BIOSEMI");
	put(w->file, 80, "X X X X");
	put(w->file, 80, "synthetic facial EMG, not a recording of a person");
	put(w->file, 8, "01.01.26");
	put(w->file, 8, "00.00.00");
	put_number(w->file, 8, 256 * (1 + (long)w->n_channels));
	put(w->file, 44, "24BIT");
	put_number(w->file, 8, -1); /* while it is being written */
	put_number(w->file, 8, 1);
	put_number(w->file, 4, w->n_channels);
	put_signals(w->file, w, montage);

	return ferror(w->file) ? -EIO : 0;
}

static long to_digital(const struct bdf_writer *w, float uv)
{
	double range = 2.0 * DIGITAL_MAX + 1.0, span = 2.0 * w->clip_uv;
	double digital = floor(((double)uv + w->clip_uv) / span * range + 0.5) - DIGITAL_MAX - 1;

	return (long)fmin(fmax(digital, -DIGITAL_MAX - 1), DIGITAL_MAX);
}

int bdf_writer_add(struct bdf_writer *w, const float *uv)
{
	for (unsigned int c = 0; c < w->n_channels; c++) {
		unsigned long v = (unsigned long)to_digital(w, uv[c]);
		unsigned char *at = w->record + ((size_t)c * w->rate + w->filled) * BYTES;

		at[0] = (unsigned char)v;
		at[1] = (unsigned char)(v >> 8);
		at[2] = (unsigned char)(v >> 16);
	}
	if (++w->filled < w->rate)
		return 0;

	w->filled = 0;
	w->records++;
	if (fwrite(w->record, (size_t)w->rate * w->n_channels * BYTES, 1, w->file) != 1)
		return -EIO;

	return 0;
}

/* Repeats the last scan until the record is full. */
static void fill_record(struct bdf_writer *w)
{
	for (unsigned int c = 0; c < w->n_channels; c++) {
		unsigned char *row = w->record + (size_t)c * w->rate * BYTES;

		for (unsigned int i = w->filled; i < w->rate; i++)
			memcpy(row + (size_t)i * BYTES, row + (size_t)(w->filled - 1) * BYTES,
			       BYTES);
	}
}

int bdf_writer_close(struct bdf_writer *w)
{
	int r = 0;

	if (w->filled) {
		fill_record(w);
		w->records++;
		if (fwrite(w->record, (size_t)w->rate * w->n_channels * BYTES, 1, w->file) != 1)
			r = -EIO;
	}
	if (fseek(w->file, RECORDS_AT, SEEK_SET) < 0)
		r = -EIO;
	else
		put_number(w->file, 8, (long)w->records);
	if (ferror(w->file))
		r = -EIO;
	if (fclose(w->file) != 0)
		r = -EIO;
	free(w->record);
	w->file = NULL;
	w->record = NULL;

	return r;
}
