/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"

/* Reads a decimal number of at most three digits and moves on. */
static int number_parse(const char **p, unsigned int *ret)
{
	unsigned int n = 0, digits = 0;

	while (isdigit((unsigned char)**p) && digits < 3) {
		n = n * 10 + (unsigned int)(**p - '0');
		(*p)++;
		digits++;
	}
	if (digits == 0 || isdigit((unsigned char)**p))
		return -EINVAL;
	*ret = n;
	return 0;
}

static int expect(const char **p, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*p, text, n) != 0)
		return -EINVAL;
	*p += n;
	return 0;
}

static bool storage_is_valid(unsigned int bits)
{
	return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

int scan_type_parse(const char *text, struct scan_type *ret)
{
	unsigned int bits, storage, repeat = 1, shift = 0;
	struct scan_type t = {0};
	const char *p = text;

	if (expect(&p, "be:") == 0)
		t.big_endian = true;
	else if (expect(&p, "le:") < 0)
		return -EINVAL;
	if (expect(&p, "s") == 0)
		t.is_signed = true;
	else if (expect(&p, "u") < 0)
		return -EINVAL;
	if (number_parse(&p, &bits) < 0 || expect(&p, "/") < 0 || number_parse(&p, &storage) < 0)
		return -EINVAL;
	if (expect(&p, "X") == 0 && number_parse(&p, &repeat) < 0)
		return -EINVAL;
	if (expect(&p, ">>") == 0 && number_parse(&p, &shift) < 0)
		return -EINVAL;
	if (*p == '\n')
		p++;
	if (*p != '\0' || !storage_is_valid(storage) || bits == 0 || bits + shift > storage ||
	    repeat == 0 || repeat > UINT8_MAX)
		return -EINVAL;

	t.bits = (uint8_t)bits;
	t.storage_bits = (uint8_t)storage;
	t.repeat = (uint8_t)repeat;
	t.shift = (uint8_t)shift;
	*ret = t;
	return 0;
}

enum scan_role scan_role_from_name(const char *name, unsigned int *number)
{
	const char *p = name;

	*number = 0;
	if (strcmp(name, "in_timestamp") == 0)
		return SCAN_TIMESTAMP;
	if (strcmp(name, "in_count0") == 0)
		return SCAN_COUNTER;
	if (strcmp(name, "in_count1") == 0)
		return SCAN_LEAD_OFF;
	if (expect(&p, "in_voltage") < 0 || number_parse(&p, number) < 0)
		return SCAN_OTHER;
	/* "in_voltage0-voltage1", a differential pair, is a channel like any other. */
	return *p == '\0' || *p == '-' ? SCAN_VOLTAGE : SCAN_OTHER;
}

int scan_layout_add(struct scan_layout *l, const struct scan_element *e)
{
	if (l->n_elements >= SCAN_MAX_ELEMENTS)
		return -E2BIG;
	l->elements[l->n_elements++] = *e;
	return 0;
}

static int element_compare(const void *a, const void *b)
{
	const struct scan_element *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

static size_t align_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static int role_take(struct scan_layout *l, unsigned int i)
{
	const struct scan_element *e = &l->elements[i];
	unsigned int *slot;

	switch (e->role) {
	case SCAN_VOLTAGE:
		if (l->n_voltages >= MONTAGE_MAX)
			return -E2BIG;
		slot = &l->voltages[l->n_voltages++];
		break;
	case SCAN_COUNTER:
		slot = &l->counter;
		break;
	case SCAN_LEAD_OFF:
		slot = &l->lead_off;
		break;
	case SCAN_TIMESTAMP:
		slot = &l->timestamp;
		break;
	default:
		return 0;
	}
	if (e->type.repeat != 1 || (e->role != SCAN_VOLTAGE && *slot != SCAN_NONE))
		return -EINVAL;
	*slot = i;
	return 0;
}

int scan_layout_compute(struct scan_layout *l)
{
	size_t end = 0, longest = 1;
	unsigned int i;
	int r;

	l->n_voltages = 0;
	l->counter = l->lead_off = l->timestamp = SCAN_NONE;
	qsort(l->elements, l->n_elements, sizeof(l->elements[0]), element_compare);

	for (i = 0; i < l->n_elements; i++) {
		struct scan_element *e = &l->elements[i];
		size_t length = (size_t)e->type.storage_bits / 8 * e->type.repeat;

		if (length == 0 || (i > 0 && e->index == l->elements[i - 1].index))
			return -EINVAL;
		e->offset = align_up(end, length);
		end = e->offset + length;
		if (length > longest)
			longest = length;
		r = role_take(l, i);
		if (r < 0)
			return r;
	}
	l->size = align_up(end, longest);
	return 0;
}

static uint64_t storage_read(const struct scan_type *t, const uint8_t *p)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	switch (t->storage_bits) {
	case 8:
		return *p;
	case 16:
		memcpy(&v16, p, sizeof(v16));
		return t->big_endian ? be16toh(v16) : le16toh(v16);
	case 32:
		memcpy(&v32, p, sizeof(v32));
		return t->big_endian ? be32toh(v32) : le32toh(v32);
	default:
		memcpy(&v64, p, sizeof(v64));
		return t->big_endian ? be64toh(v64) : le64toh(v64);
	}
}

int64_t scan_element_read(const struct scan_element *e, const uint8_t *scan)
{
	uint64_t v = storage_read(&e->type, scan + e->offset) >> e->type.shift;
	unsigned int unused = 64u - e->type.bits;

	/* Bits above the value are not defined: they go, and its sign comes. */
	v <<= unused;
	return e->type.is_signed ? (int64_t)v >> unused : (int64_t)(v >> unused);
}

/* The common case, 32 bits of storage without a shift, in a loop of its own. */
static void decode_s32(const struct scan_element *e, const uint8_t *scans, size_t n, size_t size,
		       float scale, float offset, float *out, size_t stride)
{
	unsigned int unused = 32u - e->type.bits;
	const uint8_t *p = scans + e->offset;
	size_t i;

	for (i = 0; i < n; i++, p += size) {
		uint32_t v;

		memcpy(&v, p, sizeof(v));
		out[i * stride] =
			((float)((int32_t)(le32toh(v) << unused) >> unused) + offset) * scale;
	}
}

void scan_layout_decode(const struct scan_layout *l, const uint8_t *scans, size_t n,
			const float *scale, const float *offset, float *out, size_t stride)
{
	unsigned int c;
	size_t i;

	for (c = 0; c < l->n_voltages; c++) {
		const struct scan_element *e = &l->elements[l->voltages[c]];
		const struct scan_type *t = &e->type;

		if (t->storage_bits == 32 && t->is_signed && !t->big_endian && t->shift == 0) {
			decode_s32(e, scans, n, l->size, scale[c], offset[c], out + c, stride);
			continue;
		}
		for (i = 0; i < n; i++)
			out[i * stride + c] =
				((float)scan_element_read(e, scans + i * l->size) + offset[c]) *
				scale[c];
	}
}
