/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An IIO device in sysfs: attributes, the elements of its scans, and its
 * buffer. Blocks for no longer than the driver takes for a control request.
 */
#include <stdbool.h>
#include <stddef.h>

#include "scan.h"

#define ATTR_TEXT_MAX	  4096 /* sysfs gives a page at most */
#define IIO_MAX_AVAILABLE 32
#define IIO_NAME_MAX	  64
#define IIO_PATH_MAX	  128

struct iio_device {
	char *syspath;
	char *devnode;
	int dir; /* syspath, opened */
	/* Of a plain device that samples when something else tells it to; empty: it needs none. */
	char trigger[IIO_NAME_MAX];
	/* The rate's attribute: the device's, or with its whole path the trigger's. */
	char rate[IIO_PATH_MAX];
};

/* Returns 0 or negative errno. */
int iio_device_open(struct iio_device *d, const char *syspath, const char *devnode);
void iio_device_close(struct iio_device *d);

/* The trigger of that name tells the device when to sample. -ENOENT: there is none. */
int iio_device_use_trigger(struct iio_device *d, const char *name);

bool iio_has(const struct iio_device *d, const char *attribute);

/* Reads an attribute as text without its newline, or as a number. */
int iio_read(const struct iio_device *d, const char *attribute, char *buf, size_t size);
int iio_read_double(const struct iio_device *d, const char *attribute, double *ret);
int iio_write(const struct iio_device *d, const char *attribute, const char *value);

/*
 * Writes the value that ATTRIBUTE_available lists nearest to @value, in its own
 * words. -ERANGE where none is within 0.1 %.
 */
int iio_write_listed(const struct iio_device *d, const char *attribute, double value);

/* Sets the rate; what has no list of rates takes any. -ERANGE as above. */
int iio_write_rate(const struct iio_device *d, double rate);

/* Numbers of ATTRIBUTE_available; returns how many. */
int iio_read_available(const struct iio_device *d, const char *attribute, double *ret,
		       unsigned int max);

/* "in_voltage3_scale" or, where all channels or all pairs share it, "in_voltage_scale" and the
 * like. */
int iio_read_channel(const struct iio_device *d, unsigned int channel, const char *what,
		     double *ret);

/* The attribute, below the device's folder, that switches the light to tell it by; -ENOENT. */
int iio_find_light(const struct iio_device *d, char *attribute, size_t size);

/* All elements of the buffer's scans, sorted; offsets as if all used ones were enabled. */
int iio_read_layout(const struct iio_device *d, struct scan_layout *ret);

/*
 * Sets the buffer up and leaves it disabled: elements, clock, @length and
 * @watermark in scans. Returns 0 or negative errno.
 */
int iio_buffer_setup(const struct iio_device *d, const struct scan_layout *l, unsigned int length,
		     unsigned int watermark);
int iio_buffer_enable(const struct iio_device *d, bool on);
/* 1 enabled, 0 not, or negative errno. */
int iio_buffer_is_enabled(const struct iio_device *d);
