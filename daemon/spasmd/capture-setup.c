/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "log.h"
#include "spasmd.h"

/* How a device is set up, and the detector that is made for that. */

#define MILLIVOLT_IN_UV 1000.0 /* IIO gives voltages in millivolts */

static void on_event(const struct detector_event *event, void *userdata)
{
	episodes_publish(userdata, event);
}

/* ---- what the device says about itself ---- */

static int montage_read(struct capture *c, const struct scan_layout *l, struct montage *ret)
{
	struct spasmd *s = c->spasmd;
	_cleanup_free_ char *error = NULL;
	unsigned int i;
	char attribute[64], text[128];
	int r;

	for (i = 0; i < l->n_voltages; i++) {
		snprintf(attribute, sizeof(attribute), "in_voltage%u_label",
			 l->elements[l->voltages[i]].number);
		if (c->labels[i])
			continue;
		if (iio_read(&c->iio, attribute, text, sizeof(text)) < 0)
			text[0] = '\0';
		c->labels[i] = strdup(text);
		if (!c->labels[i])
			return -ENOMEM;
	}
	if (c->montage_is_set && c->montage.n_channels == l->n_voltages) {
		*ret = c->montage;
		return 0;
	}
	if (!s->settings.montage_file) {
		montage_from_labels(ret, (const char *const *)c->labels, l->n_voltages);
		return 0;
	}
	r = montage_from_file(ret, s->settings.montage_file, (const char *const *)c->labels,
			      l->n_voltages, &error);
	if (r < 0)
		log_error("%s: %s", c->sysname, error ? error : strerror(-r));
	return r;
}

/* Fills in rate, layout and scales; the detector is made from these. */
static int setup_read(struct capture *c, struct stream *s)
{
	unsigned int i;
	int r;

	r = iio_read_layout(&c->iio, &s->layout);
	if (r < 0)
		return r;
	r = iio_read_double(&c->iio, c->iio.rate, &s->rate);
	if (r < 0)
		return r;
	for (i = 0; i < s->layout.n_voltages; i++) {
		unsigned int channel = s->layout.elements[s->layout.voltages[i]].number;
		double scale, offset = 0;

		r = iio_read_channel(&c->iio, channel, "scale", &scale);
		if (r < 0)
			return r;
		r = iio_read_channel(&c->iio, channel, "offset", &offset);
		if (r < 0 && r != -ENOENT)
			return r;
		s->scale_uv[i] = (float)(scale * MILLIVOLT_IN_UV);
		s->offset[i] = (float)offset;
	}
	return 0;
}

static bool setup_is_same(const struct stream *a, const struct stream *b)
{
	return a->rate == b->rate && a->layout.size == b->layout.size &&
	       a->layout.n_voltages == b->layout.n_voltages &&
	       memcmp(a->layout.voltages, b->layout.voltages, sizeof(a->layout.voltages)) == 0 &&
	       memcmp(a->scale_uv, b->scale_uv, sizeof(a->scale_uv)) == 0 &&
	       memcmp(a->offset, b->offset, sizeof(a->offset)) == 0;
}

void capture_drop_detector(struct capture *c)
{
	if (!c->detector)
		return;
	/* What is under way ends for the subscribers too. */
	detector_finish(c->detector);
	c->detector = detector_free(c->detector);
	stream_clear(&c->stream);
}

static int detector_make(struct capture *c, const struct stream *setup)
{
	struct detector_config config = {.rate = setup->rate, .event = on_event, .userdata = c};
	struct stream_counters counters = c->stream.counters;
	unsigned int i;
	int r;

	r = montage_read(c, &setup->layout, &config.montage);
	if (r < 0)
		return r;
	for (i = 0; i < setup->layout.n_voltages; i++) {
		const struct scan_element *e = &setup->layout.elements[setup->layout.voltages[i]];

		config.clip_uv[i] = (float)(ldexp(1, e->type.bits - 1) - 1) * setup->scale_uv[i];
	}
	capture_drop_detector(c);
	c->stream = *setup;
	c->stream.counters = counters;
	r = detector_new(&config, &c->detector);
	if (r < 0)
		return r;
	c->stream.detector = c->detector;
	r = stream_init(&c->stream);
	if (r < 0) {
		c->detector = detector_free(c->detector);
		return r;
	}
	c->montage = config.montage;
	memset(c->quality, 0, sizeof(c->quality));
	headset_object_changed(c, "Labels", "Rate", "Scales", "Montage", "Quality");
	return 0;
}

/* Makes the detector anew where the device is not set up as it was. */
static int setup_refresh(struct capture *c)
{
	struct stream setup = {.rate = 0};
	int r;

	r = setup_read(c, &setup);
	if (r < 0)
		return r;
	if (c->detector && !c->montage_is_stale && setup_is_same(&c->stream, &setup))
		return 0;
	r = detector_make(c, &setup);
	if (r >= 0)
		c->montage_is_stale = false;
	return r;
}

/* ---- what the configuration asks for ---- */

int capture_write_scale(const struct capture *c, unsigned int number, double scale_uv)
{
	char attribute[64];

	snprintf(attribute, sizeof(attribute), "in_voltage%u_scale", number);
	return iio_write_listed(&c->iio, attribute, scale_uv / MILLIVOLT_IN_UV);
}

static int scales_configure(struct capture *c, double scale_uv)
{
	struct scan_layout l;
	unsigned int i;
	int r;

	r = iio_read_layout(&c->iio, &l);
	if (r < 0)
		return r;
	for (i = 0; i < l.n_voltages; i++) {
		r = capture_write_scale(c, l.elements[l.voltages[i]].number, scale_uv);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What the configuration asks for, once: SetRate() and SetGain() may choose otherwise. */
static int setup_configure(struct capture *c)
{
	const struct settings *s = &c->spasmd->settings;
	int r;

	if (c->configured || (s->rate <= 0 && s->scale_uv <= 0))
		return 0;
	r = iio_buffer_enable(&c->iio, false);
	if (r < 0)
		return r;
	if (s->rate > 0) {
		r = iio_write_rate(&c->iio, s->rate);
		if (r == -ERANGE)
			log_warning("%s: the device does not offer rate = %g", c->sysname, s->rate);
		else if (r < 0)
			return r;
	}
	if (s->scale_uv > 0) {
		r = scales_configure(c, s->scale_uv);
		if (r == -ERANGE)
			log_warning("%s: the device does not offer scale_uv = %g", c->sysname,
				    s->scale_uv);
		else if (r < 0)
			return r;
	}
	c->configured = true;
	return 0;
}

/* A plain device may need something that tells it when to sample. */
static int trigger_choose(struct capture *c)
{
	const char *trigger = c->spasmd->settings.trigger;
	int r;

	if (!trigger || !iio_has(&c->iio, "trigger/current_trigger"))
		return 0;
	r = iio_device_use_trigger(&c->iio, trigger);
	if (r < 0)
		log_warning_errno(r, "%s: cannot use the trigger %s", c->sysname, trigger);
	return r;
}

int capture_set_up(struct capture *c)
{
	int r;

	r = trigger_choose(c);
	if (r < 0)
		return r;
	r = setup_configure(c);
	if (r < 0)
		return r;
	return setup_refresh(c);
}
