/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One scan of an IIO buffer: which element lies where, and how to read it.
 * Pure code. The rules are the kernel's (Documentation/ABI/testing/
 * sysfs-bus-iio, *_type; drivers/iio/industrialio-buffer.c): elements follow
 * each other in the order of their index, each aligned to its own length, and
 * the scan is padded to its longest element.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "montage.h"

#define SCAN_MAX_ELEMENTS (MONTAGE_MAX + 8)
#define SCAN_NONE	  UINT32_MAX

/* "le:s24/32X1>>8": byte order, sign, bits / storage bits, repeat, shift. */
struct scan_type {
	bool big_endian;
	bool is_signed;
	uint8_t bits;	      /* 1 to storage_bits - shift */
	uint8_t storage_bits; /* 8, 16, 32 or 64 */
	uint8_t shift;
	uint8_t repeat; /* values of this type that follow each other, 1 or more */
};

enum scan_role {
	SCAN_OTHER,	/* not used here; never enabled */
	SCAN_VOLTAGE,	/* in_voltageN */
	SCAN_COUNTER,	/* in_count0: sample counter */
	SCAN_LEAD_OFF,	/* in_count1: bit N, channel N has no contact */
	SCAN_TIMESTAMP, /* in_timestamp, nanoseconds */
};

struct scan_element {
	enum scan_role role;
	unsigned int number; /* N of in_voltageN */
	unsigned int index;  /* place among the elements */
	struct scan_type type;
	size_t offset; /* bytes from the start of the scan */
};

struct scan_layout {
	unsigned int n_elements;
	struct scan_element elements[SCAN_MAX_ELEMENTS];
	/* Set by scan_layout_compute(): indices into elements, or SCAN_NONE. */
	unsigned int n_voltages;
	unsigned int voltages[MONTAGE_MAX];
	unsigned int counter, lead_off, timestamp;
	size_t size; /* bytes of a scan */
};

/* Returns 0, or -EINVAL where the kernel's documentation does not allow it. */
int scan_type_parse(const char *text, struct scan_type *ret);

/* Role and number of a name like "in_voltage3"; SCAN_OTHER for what is unknown. */
enum scan_role scan_role_from_name(const char *name, unsigned int *number);

/* Adds an element in any order. Returns 0, or -E2BIG. */
int scan_layout_add(struct scan_layout *l, const struct scan_element *e);

/*
 * Sorts the elements and computes offsets and size. Returns 0, -EINVAL (two
 * elements at one place, or a repeat where one value is needed) or -E2BIG
 * (more voltages than a montage has).
 */
int scan_layout_compute(struct scan_layout *l);

/* The value of one element, sign extended and without its shift. */
int64_t scan_element_read(const struct scan_element *e, const uint8_t *scan);

/*
 * Turns @n scans into floats: (raw + offset[c]) * scale[c], channel c being the
 * c-th voltage. Each scan of @out is @stride floats long.
 */
void scan_layout_decode(const struct scan_layout *l, const uint8_t *scans, size_t n,
			const float *scale, const float *offset, float *out, size_t stride);
