/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens a recording: what format is it? */
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>

#include "reader.h"

#define BUFFER_SIZE (256 * 1024)
#define LOOK_AT	    1024 /* bytes that tell text from binary */

int recording_fail(char **error, int r, const char *format, ...)
{
	va_list args;

	if (!error)
		return r;
	va_start(args, format);
	if (vasprintf(error, format, args) < 0)
		*error = NULL;
	va_end(args);
	return r;
}

void recording_warn(const struct recording *r, const char *format, ...)
{
	_cleanup_free_ char *message = NULL;
	va_list args;

	if (!r->warn)
		return;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	r->warn(message ?: "out of memory", r->userdata);
}

void recording_set_label(struct recording *r, unsigned int channel, const char *text, size_t length)
{
	char *label = r->labels[channel];

	if (length > LABEL_MAX - 1)
		length = LABEL_MAX - 1;
	for (size_t i = 0; i < length; i++)
		label[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	label[length] = '\0';
	r->info.labels[channel] = label;
}

unsigned int recording_choose(struct recording *r, const bool *has_site, unsigned int n,
			      unsigned int chosen[MONTAGE_MAX])
{
	unsigned int n_sites = 0, n_others, n_chosen = 0;

	for (unsigned int i = 0; i < n; i++)
		n_sites += has_site[i];
	if (n > MONTAGE_MAX)
		recording_warn(
			r,
			"%u of %u channels are left out: %d is the most, those with a site first",
			n - MONTAGE_MAX, n, MONTAGE_MAX);
	n_others = n_sites < MONTAGE_MAX ? MONTAGE_MAX - n_sites : 0;
	for (unsigned int i = 0; i < n && n_chosen < MONTAGE_MAX; i++) {
		if (!has_site[i] && !n_others)
			continue;
		n_others -= !has_site[i];
		chosen[n_chosen++] = i;
	}
	return n_chosen;
}

int recording_unit_from_text(const char *text, size_t length, double *ret)
{
	static const struct {
		const char *name;
		double uv;
	} units[] = {
		{"uV", 1},    {"mV", 1e3},	{"V", 1e6},	  {"nV", 1e-3},
		{"\xb5V", 1}, {"\xc2\xb5V", 1}, {"\xce\xbcV", 1},
	};

	for (; length && text[0] == ' '; length--)
		text++;
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\0'))
		length--;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strlen(units[i].name) != length || memcmp(units[i].name, text, length) != 0)
			continue;
		*ret = units[i].uv;
		return 0;
	}
	return -EINVAL;
}

static bool is_text(const unsigned char *bytes, size_t n)
{
	n = n < LOOK_AT ? n : LOOK_AT;
	for (size_t i = 0; i < n; i++)
		if (bytes[i] < '\t' || (bytes[i] > '\r' && bytes[i] < ' '))
			return false;
	return true;
}

static int format_find(struct recording *r, char **error)
{
	ssize_t n = source_fill(&r->source, LOOK_AT);
	const unsigned char *bytes = source_data(&r->source);

	if (n < 0)
		return recording_fail(error, (int)n, "cannot be read: %s", strerror((int)-n));
	if (n == 0)
		return recording_fail(error, -ENODATA, "the file is empty");
	if (edf_is_header(bytes, (size_t)n))
		r->format = &edf_format;
	else if (is_text(bytes, (size_t)n))
		r->format = &text_format;
	else
		return recording_fail(error, -EBADMSG,
				      "this is no recording that can be read: it has to be EDF, "
				      "EDF+, BDF, BDF+, OpenBCI text or CSV");
	return 0;
}

static int recording_begin(struct recording *r, const struct recording_options *options,
			   char **error)
{
	static const struct recording_options no_options;
	int rc;

	rc = format_find(r, error);
	if (rc < 0)
		return rc;
	return r->format->open(r, options ?: &no_options, error);
}

int recording_open_fd(int fd, const struct recording_options *options, recording_warning_fn warn,
		      void *userdata, struct recording **ret, char **error)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	int r;

	if (error)
		*error = NULL;
	if (!recording) {
		close(fd);
		return recording_fail(error, -ENOMEM, "out of memory");
	}
	recording->warn = warn;
	recording->userdata = userdata;
	r = source_init(&recording->source, fd, BUFFER_SIZE);
	if (r < 0)
		recording_fail(error, r, "out of memory");
	else
		r = recording_begin(recording, options, error);
	if (r < 0) {
		recording_close(recording);
		return r;
	}
	*ret = recording;
	return 0;
}

int recording_open(const char *path, const struct recording_options *options,
		   recording_warning_fn warn, void *userdata, struct recording **ret, char **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (error)
		*error = NULL;
	if (fd < 0)
		return recording_fail(error, -errno, "cannot be opened: %s", strerror(errno));
	return recording_open_fd(fd, options, warn, userdata, ret, error);
}

struct recording *recording_close(struct recording *r)
{
	if (!r)
		return NULL;
	if (r->format)
		r->format->close(r);
	source_done(&r->source);
	free(r);
	return NULL;
}

const struct recording_info *recording_get_info(const struct recording *r)
{
	return &r->info;
}

int recording_read(struct recording *r, float *uv, size_t stride, size_t max_scans,
		   struct recording_item *item, char **error)
{
	*item = (struct recording_item){.kind = RECORDING_END};
	if (stride < r->info.n_channels || !max_scans)
		return recording_fail(error, -EINVAL, "the buffer is too small for one scan");
	return r->format->read(r, uv, stride, max_scans, item, error);
}
