/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "iio.h"
#include "util.h"

#define BUFFER	    "buffer0/"
#define LIGHTS	    "../leds/" /* of the same USB interface */
#define IIO_DEVICES "/sys/bus/iio/devices"

DEFINE_CLEANUP(DIR *, closedir)

int iio_device_open(struct iio_device *d, const char *syspath, const char *devnode)
{
	*d = (struct iio_device){.dir = -1};
	d->syspath = strdup(syspath);
	d->devnode = strdup(devnode);
	if (!d->syspath || !d->devnode) {
		iio_device_close(d);
		return -ENOMEM;
	}
	d->dir = open(syspath, O_DIRECTORY | O_CLOEXEC | O_PATH);
	if (d->dir < 0) {
		int r = -errno;

		iio_device_close(d);
		return r;
	}
	strcpy(d->rate, iio_has(d, "in_voltage_sampling_frequency")
				? "in_voltage_sampling_frequency"
				: "sampling_frequency");
	return 0;
}

int iio_device_use_trigger(struct iio_device *d, const char *name)
{
	_cleanup_(closedirp) DIR *dir = opendir(IIO_DEVICES);
	struct dirent *entry;
	char path[IIO_PATH_MAX], text[IIO_NAME_MAX];

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "trigger", 7) != 0 || strlen(entry->d_name) > 32)
			continue;
		snprintf(path, sizeof(path), IIO_DEVICES "/%.32s/name", entry->d_name);
		if (iio_read(d, path, text, sizeof(text)) < 0 || strcmp(text, name) != 0)
			continue;
		snprintf(d->trigger, sizeof(d->trigger), "%s", text);
		snprintf(d->rate, sizeof(d->rate), IIO_DEVICES "/%.32s/sampling_frequency",
			 entry->d_name);
		return 0;
	}
	return -ENOENT;
}

void iio_device_close(struct iio_device *d)
{
	closep(&d->dir);
	d->dir = -1;
	free(d->syspath);
	free(d->devnode);
	d->syspath = d->devnode = NULL;
}

bool iio_has(const struct iio_device *d, const char *attribute)
{
	return faccessat(d->dir, attribute, F_OK, 0) == 0;
}

int iio_read(const struct iio_device *d, const char *attribute, char *buf, size_t size)
{
	_cleanup_close_ int fd = openat(d->dir, attribute, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		return -errno;
	while (n > 0 && isspace((unsigned char)buf[n - 1]))
		n--;
	buf[n] = '\0';
	return 0;
}

int iio_read_double(const struct iio_device *d, const char *attribute, double *ret)
{
	char text[64], *end;
	double value;
	int r;

	r = iio_read(d, attribute, text, sizeof(text));
	if (r < 0)
		return r;
	value = strtod(text, &end);
	if (end == text || *end != '\0')
		return -EBADMSG;
	*ret = value;
	return 0;
}

int iio_write(const struct iio_device *d, const char *attribute, const char *value)
{
	_cleanup_close_ int fd = openat(d->dir, attribute, O_WRONLY | O_CLOEXEC);
	size_t length = strlen(value);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, value, length);
	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

/* The text of ATTRIBUTE_available, malloc'ed. */
static int available_read(const struct iio_device *d, const char *attribute, char **ret)
{
	_cleanup_free_ char *text = malloc(ATTR_TEXT_MAX);
	char name[96];
	int r;

	if (!text)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s_available", attribute);
	r = iio_read(d, name, text, ATTR_TEXT_MAX);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(text);
	return 0;
}

int iio_read_available(const struct iio_device *d, const char *attribute, double *ret,
		       unsigned int max)
{
	_cleanup_free_ char *text = NULL;
	unsigned int n = 0;
	char *p, *end;
	int r;

	r = available_read(d, attribute, &text);
	if (r < 0)
		return r;
	for (p = text; n < max; p = end) {
		double value = strtod(p, &end);

		if (end == p)
			break;
		ret[n++] = value;
	}
	return (int)n;
}

int iio_write_listed(const struct iio_device *d, const char *attribute, double value)
{
	_cleanup_free_ char *text = NULL;
	char *save, *word;
	int r;

	r = available_read(d, attribute, &text);
	if (r < 0)
		return r;
	for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (fabs(strtod(word, NULL) - value) <= fabs(value) / 1000)
			return iio_write(d, attribute, word);
	return -ERANGE;
}

int iio_read_channel(const struct iio_device *d, unsigned int channel, const char *what,
		     double *ret)
{
	static const char *const shared[] = {"in_voltage_%s", "in_voltage-voltage_%s"};
	char attribute[64];
	size_t i;
	int r;

	snprintf(attribute, sizeof(attribute), "in_voltage%u_%s", channel, what);
	r = iio_read_double(d, attribute, ret);
	for (i = 0; r == -ENOENT && i < ARRAY_SIZE(shared); i++) {
		snprintf(attribute, sizeof(attribute), shared[i], what);
		r = iio_read_double(d, attribute, ret);
	}
	return r;
}

/* Reads index and type of the element @name and adds it, or leaves it out. */
static int element_read(const struct iio_device *d, const char *name, struct scan_layout *l)
{
	struct scan_element e = {0};
	char attribute[300], text[64];
	double index;
	int r;

	e.role = scan_role_from_name(name, &e.number);
	if (e.role == SCAN_OTHER)
		return 0;
	snprintf(attribute, sizeof(attribute), BUFFER "%s_index", name);
	r = iio_read_double(d, attribute, &index);
	if (r < 0)
		return r;
	e.index = (unsigned int)index;
	snprintf(attribute, sizeof(attribute), BUFFER "%s_type", name);
	r = iio_read(d, attribute, text, sizeof(text));
	if (r < 0)
		return r;
	r = scan_type_parse(text, &e.type);
	if (r < 0)
		return r;
	return scan_layout_add(l, &e);
}

int iio_write_rate(const struct iio_device *d, double rate)
{
	char text[32];
	double rates[IIO_MAX_AVAILABLE];

	if (iio_read_available(d, d->rate, rates, IIO_MAX_AVAILABLE) >= 0)
		return iio_write_listed(d, d->rate, rate);
	snprintf(text, sizeof(text), "%g", rate);
	return iio_write(d, d->rate, text);
}

/* Calls @fn with the name of each element of the buffer. */
static int elements_visit(const struct iio_device *d,
			  int (*fn)(const struct iio_device *d, const char *name, void *userdata),
			  void *userdata)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int fd, r;

	fd = openat(d->dir, BUFFER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		close(fd);
		return r;
	}
	while ((entry = readdir(dir))) {
		size_t length = strlen(entry->d_name);

		if (length <= 3 || strcmp(entry->d_name + length - 3, "_en") != 0)
			continue;
		entry->d_name[length - 3] = '\0';
		r = fn(d, entry->d_name, userdata);
		if (r < 0)
			return r;
	}
	return 0;
}

int iio_find_light(const struct iio_device *d, char *attribute, size_t size)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	struct dirent *entry;
	int fd;

	fd = openat(d->dir, LIGHTS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		int r = -errno;

		close(fd);
		return r;
	}
	while ((entry = readdir(dir))) {
		if (!strstr(entry->d_name, "identify"))
			continue;
		snprintf(attribute, size, LIGHTS "%s/brightness", entry->d_name);
		return 0;
	}
	return -ENOENT;
}

static int layout_visit(const struct iio_device *d, const char *name, void *userdata)
{
	return element_read(d, name, userdata);
}

int iio_read_layout(const struct iio_device *d, struct scan_layout *ret)
{
	int r;

	ret->n_elements = 0;
	r = elements_visit(d, layout_visit, ret);
	if (r < 0)
		return r;
	r = scan_layout_compute(ret);
	if (r < 0)
		return r;
	return ret->n_voltages > 0 ? 0 : -ENODEV;
}

static int element_enable(const struct iio_device *d, const char *name, _unused_ void *userdata)
{
	unsigned int number;
	char attribute[300];

	snprintf(attribute, sizeof(attribute), BUFFER "%s_en", name);
	return iio_write(d, attribute,
			 scan_role_from_name(name, &number) == SCAN_OTHER ? "0" : "1");
}

static int attribute_write_uint(const struct iio_device *d, const char *attribute, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	return iio_write(d, attribute, text);
}

int iio_buffer_setup(const struct iio_device *d, const struct scan_layout *l, unsigned int length,
		     unsigned int watermark)
{
	int r;

	/* A reader that died has left it enabled: nothing can be set up then. */
	r = iio_buffer_enable(d, false);
	if (r < 0)
		return r;
	r = elements_visit(d, element_enable, NULL);
	if (r < 0)
		return r;
	if (l->timestamp != SCAN_NONE) {
		/* Runs on during sleep, and nobody can set it. */
		r = iio_write(d, "current_timestamp_clock", "boottime");
		if (r < 0)
			return r;
	}
	if (d->trigger[0]) {
		r = iio_write(d, "trigger/current_trigger", d->trigger);
		if (r < 0)
			return r;
	}
	r = attribute_write_uint(d, BUFFER "length", length);
	if (r < 0)
		return r;
	return attribute_write_uint(d, BUFFER "watermark", watermark);
}

int iio_buffer_enable(const struct iio_device *d, bool on)
{
	return iio_write(d, BUFFER "enable", on ? "1" : "0");
}

int iio_buffer_is_enabled(const struct iio_device *d)
{
	char text[8];
	int r = iio_read(d, BUFFER "enable", text, sizeof(text));

	return r < 0 ? r : text[0] == '1';
}
