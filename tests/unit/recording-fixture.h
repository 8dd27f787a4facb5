/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * For the readers' tests: a recording out of bytes in memory, all that it gives
 * in one place, and EDF files made field by field, so that any field can lie.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording.h"

/* ---- all that a recording gives ---- */

#define MET_MAX 64

struct met { /* an item that is not scans, and where it was */
	enum recording_item_kind kind;
	uint64_t at; /* scans before it, gaps left out */
	uint64_t n;
};

struct whole {
	int r; /* of recording_open() or recording_read() */
	char *error;
	char *warnings; /* one a line */
	unsigned int n_channels;
	double rate;
	char format[16];
	char labels[MONTAGE_MAX][64];
	float clip_uv[MONTAGE_MAX];
	float *uv; /* n_scans x n_channels */
	size_t n_scans, room;
	struct met met[MET_MAX];
	unsigned int n_met;
};

static inline void whole_warn(const char *message, void *userdata)
{
	struct whole *w = userdata;
	size_t old = w->warnings ? strlen(w->warnings) : 0, n = strlen(message);
	char *grown = realloc(w->warnings, old + n + 2);

	if (!grown)
		abort();
	memcpy(grown + old, message, n);
	memcpy(grown + old + n, "\n", 2);
	w->warnings = grown;
}

static inline void whole_add(struct whole *w, const float *uv, size_t stride, size_t n)
{
	if (w->n_scans + n > w->room) {
		w->room = 2 * (w->n_scans + n);
		w->uv = realloc(w->uv, w->room * w->n_channels * sizeof(*uv));
		if (!w->uv)
			abort();
	}
	for (size_t i = 0; i < n; i++, uv += stride)
		memcpy(w->uv + (w->n_scans++) * w->n_channels, uv, w->n_channels * sizeof(*uv));
}

/* Whether the floats past the channels are zero, as promised. */
static inline bool padding_is_zero(const float *uv, size_t n_channels, size_t stride, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t c = n_channels; c < stride; c++)
			if (uv[i * stride + c] != 0)
				return false;
	return true;
}

static inline void whole_take_info(struct whole *w, const struct recording_info *info)
{
	w->n_channels = info->n_channels;
	w->rate = info->rate;
	snprintf(w->format, sizeof(w->format), "%s", info->format);
	for (unsigned int c = 0; c < info->n_channels; c++) {
		snprintf(w->labels[c], sizeof(w->labels[c]), "%s", info->labels[c]);
		w->clip_uv[c] = info->clip_uv[c];
	}
}

/* Reads all of @bytes, @block scans at a time; @extra floats follow the channels. */
static inline void whole_read(struct whole *w, const void *bytes, size_t n,
			      const struct recording_options *options, size_t block, size_t extra)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	struct recording *recording;
	struct recording_item item;
	size_t stride;
	float *uv;

	*w = (struct whole){0};
	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	w->r = recording_open_fd(fd, options, whole_warn, w, &recording, &w->error);
	if (w->r < 0)
		return;
	whole_take_info(w, recording_get_info(recording));
	stride = w->n_channels + extra;
	uv = malloc(block * stride * sizeof(*uv));
	if (!uv)
		abort();
	for (;;) {
		w->r = recording_read(recording, uv, stride, block, &item, &w->error);
		if (w->r < 0 || item.kind == RECORDING_END)
			break;
		if (item.kind == RECORDING_SCANS) {
			if (!item.n_scans || item.n_scans > block ||
			    !padding_is_zero(uv, w->n_channels, stride, item.n_scans))
				abort();
			whole_add(w, uv, stride, item.n_scans);
		} else if (w->n_met < MET_MAX) {
			w->met[w->n_met++] = (struct met){item.kind, w->n_scans, item.n_scans};
		}
	}
	free(uv);
	recording_close(recording);
}

static inline void whole_clear(struct whole *w)
{
	free(w->error);
	free(w->warnings);
	free(w->uv);
	*w = (struct whole){0};
}

static inline float whole_uv(const struct whole *w, size_t scan, unsigned int channel)
{
	return w->uv[scan * w->n_channels + channel];
}

/* ---- EDF and BDF ---- */

struct edf_file_signal {
	const char *label, *dimension;
	const char *physical_min, *physical_max, *digital_min, *digital_max;
	const char *samples;
};

struct edf_file {
	bool bdf;
	const char *reserved; /* "EDF+C", ... */
	const char *length;   /* of the header; NULL: as it has to be */
	const char *records, *duration;
	const char *n_signals; /* NULL: as it is */
	unsigned int n;
	const struct edf_file_signal *signals;
};

static inline unsigned char *edf_put(unsigned char *p, int width, const char *text)
{
	size_t n = strlen(text);

	memset(p, ' ', (size_t)width);
	memcpy(p, text, n < (size_t)width ? n : (size_t)width);
	return p + width;
}

static inline unsigned char *edf_put_number(unsigned char *p, int width, unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return edf_put(p, width, text);
}

/* Writes the header to @p; returns its end. */
static inline unsigned char *edf_file_header(const struct edf_file *f, unsigned char *p)
{
	const struct edf_file_signal *s = f->signals;

	p = edf_put(p, 8, f->bdf ? "\377BIOSEMI" : "0");
	p = edf_put(p, 80, "X X X X");
	p = edf_put(p, 80, "Startdate 01-JAN-2026 X X X");
	p = edf_put(p, 8, "01.01.26");
	p = edf_put(p, 8, "00.00.00");
	p = f->length ? edf_put(p, 8, f->length) : edf_put_number(p, 8, 256 * (f->n + 1));
	p = edf_put(p, 44, f->reserved);
	p = edf_put(p, 8, f->records);
	p = edf_put(p, 8, f->duration);
	p = f->n_signals ? edf_put(p, 4, f->n_signals) : edf_put_number(p, 4, f->n);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 16, s[i].label);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 80, "");
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 8, s[i].dimension);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 8, s[i].physical_min);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 8, s[i].physical_max);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 8, s[i].digital_min);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 8, s[i].digital_max);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 80, "");
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 8, s[i].samples);
	for (unsigned int i = 0; i < f->n; i++)
		p = edf_put(p, 32, "");
	return p;
}

/* One sample of 2 or 3 bytes. */
static inline unsigned char *edf_put_sample(unsigned char *p, bool bdf, int32_t digital)
{
	*p++ = (unsigned char)digital;
	*p++ = (unsigned char)((uint32_t)digital >> 8);
	if (bdf)
		*p++ = (unsigned char)((uint32_t)digital >> 16);
	return p;
}

/* An annotation signal's bytes: @tal, zeros after it. */
static inline unsigned char *edf_put_tal(unsigned char *p, size_t width, const char *tal,
					 size_t length)
{
	memset(p, 0, width);
	memcpy(p, tal, length < width ? length : width);
	return p + width;
}
