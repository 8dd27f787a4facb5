/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "log.h"
#include "spasmd.h"

/*
 * org.spasmd1.Headset: the device. Everybody may read it, so nothing here tells
 * of the person who wears it.
 */

#define GETTER(name)                                                                              \
	static int property_##name(_unused_ sd_bus *bus, _unused_ const char *path,               \
				   _unused_ const char *interface, _unused_ const char *property, \
				   sd_bus_message *reply, void *userdata,                         \
				   _unused_ sd_bus_error *error)                                  \
	{                                                                                         \
		const struct capture *c = userdata;                                               \
                                                                                                  \
		return append_##name(reply, c);                                                   \
	}

/* A getter whose value is a single expression on the capture @c. */
#define BASIC(name, type, expression)                                        \
	static int append_##name(sd_bus_message *m, const struct capture *c) \
	{                                                                    \
		return sd_bus_message_append(m, type, expression);           \
	}                                                                    \
	GETTER(name)

BASIC(name, "s", c->name)
BASIC(manufacturer, "s", c->manufacturer)
BASIC(serial, "s", c->serial)
BASIC(sysfs_path, "s", c->iio.syspath)
BASIC(device_node, "s", c->iio.devnode)
BASIC(rate, "d", c->stream.rate)
BASIC(state, "u", (uint32_t)c->state)
BASIC(samples, "t", c->stream.counters.samples)
BASIC(lost, "t", c->stream.counters.lost)
BASIC(not_captured, "t", c->stream.counters.not_captured)
BASIC(gaps, "t", c->stream.counters.gaps)
BASIC(has_marker, "b", c->marker != NULL)

static int append_labels(sd_bus_message *m, const struct capture *c)
{
	return sd_bus_message_append_strv(m, (char **)c->labels);
}
GETTER(labels)

static int append_montage(sd_bus_message *m, const struct capture *c)
{
	char code[SITE_TEXT_MAX];
	unsigned int i;
	int r;

	r = sd_bus_message_open_container(m, 'a', "s");
	for (i = 0; r >= 0 && i < c->montage.n_channels; i++)
		r = sd_bus_message_append(m, "s", site_to_code(c->montage.sites[i], code));
	return r < 0 ? r : sd_bus_message_close_container(m);
}
GETTER(montage)

static int append_doubles(sd_bus_message *m, const double *values, unsigned int n)
{
	return sd_bus_message_append_array(m, 'd', values, n * sizeof(*values));
}

static int append_rates_available(sd_bus_message *m, const struct capture *c)
{
	return append_doubles(m, c->rates, c->n_rates);
}
GETTER(rates_available)

static int append_scales(sd_bus_message *m, const struct capture *c)
{
	double scales[MONTAGE_MAX];
	unsigned int i;

	for (i = 0; i < c->stream.layout.n_voltages; i++)
		scales[i] = (double)c->stream.scale_uv[i];
	return append_doubles(m, scales, i);
}
GETTER(scales)

static int append_scales_available(sd_bus_message *m, const struct capture *c)
{
	const struct scan_layout *l = &c->stream.layout;
	double scales[IIO_MAX_AVAILABLE];
	char attribute[64];
	unsigned int i, k;
	int n, r;

	r = sd_bus_message_open_container(m, 'a', "ad");
	for (i = 0; r >= 0 && i < l->n_voltages; i++) {
		snprintf(attribute, sizeof(attribute), "in_voltage%u_scale",
			 l->elements[l->voltages[i]].number);
		n = iio_read_available(&c->iio, attribute, scales, IIO_MAX_AVAILABLE);
		for (k = 0; n > 0 && k < (unsigned int)n; k++)
			scales[k] *= 1000.0; /* IIO has millivolts */
		r = append_doubles(m, scales, n > 0 ? (unsigned int)n : 0);
	}
	return r < 0 ? r : sd_bus_message_close_container(m);
}
GETTER(scales_available)

static int append_quality(sd_bus_message *m, const struct capture *c)
{
	uint32_t quality[MONTAGE_MAX];
	unsigned int i;

	for (i = 0; i < c->montage.n_channels; i++)
		quality[i] = c->quality[i];
	return sd_bus_message_append_array(m, 'u', quality, i * sizeof(quality[0]));
}
GETTER(quality)

/* ---- methods ---- */

static int device_error(sd_bus_error *error, int r, const char *what)
{
	if (r == -ERANGE)
		return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
					 "The device does not offer this %s", what);
	return sd_bus_error_setf(error, SPASMD_ERROR_DEVICE, "The device refused the %s: %s", what,
				 strerror(-r));
}

static int method_set_rate(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct capture *c = userdata;
	double rate;
	int r;

	r = access_check(c->spasmd, m, ACCESS_CONFIGURE, NULL, error);
	if (r < 0)
		return r;
	r = sd_bus_message_read(m, "d", &rate);
	if (r < 0)
		return r;
	r = capture_set_rate(c, rate);
	if (r < 0)
		return device_error(error, r, "rate");
	return sd_bus_reply_method_return(m, NULL);
}

static int method_set_gain(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct capture *c = userdata;
	uint32_t channel;
	double scale;
	int r;

	r = access_check(c->spasmd, m, ACCESS_CONFIGURE, NULL, error);
	if (r < 0)
		return r;
	r = sd_bus_message_read(m, "ud", &channel, &scale);
	if (r < 0)
		return r;
	if (channel >= c->stream.layout.n_voltages)
		return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS,
					"There is no such channel");
	r = capture_set_scale(c, channel, scale);
	if (r < 0)
		return device_error(error, r, "scale");
	return sd_bus_reply_method_return(m, NULL);
}

static int method_pause(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct capture *c = userdata;
	int r = access_check(c->spasmd, m, ACCESS_CONFIGURE, NULL, error);

	if (r < 0)
		return r;
	capture_pause(c);
	return sd_bus_reply_method_return(m, NULL);
}

static int method_resume(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct capture *c = userdata;
	int r = access_check(c->spasmd, m, ACCESS_CONFIGURE, NULL, error);

	if (r < 0)
		return r;
	capture_resume(c);
	return sd_bus_reply_method_return(m, NULL);
}

#define METHOD(member, signature, names, result, result_names, handler)                            \
	SD_BUS_METHOD_WITH_NAMES(member, signature, names, result, result_names, method_##handler, \
				 SD_BUS_VTABLE_UNPRIVILEGED),
#define PROPERTY(member, signature, getter, flags) \
	SD_BUS_PROPERTY(member, signature, property_##getter, 0, flags),

static const sd_bus_vtable headset_vtable[] = {
	SD_BUS_VTABLE_START(0),
	HEADSET_METHODS(METHOD) HEADSET_PROPERTIES(PROPERTY) SD_BUS_VTABLE_END,
};

/* ---- life ---- */

int headset_object_add(struct capture *c)
{
	return sd_bus_add_object_vtable(c->spasmd->bus, &c->slot, c->object,
					SPASMD_HEADSET_INTERFACE, headset_vtable, c);
}

void headset_object_announce(struct capture *c)
{
	int r;

	/* Before the name is ours, clients will ask for the objects anyway. */
	c->announced = true;
	if (!c->spasmd->has_name)
		return;
	r = sd_bus_emit_object_added(c->spasmd->bus, c->object);
	if (r < 0)
		log_warning_errno(r, "cannot announce %s", c->object);
}

void headset_object_remove(struct capture *c)
{
	if (c->announced && c->spasmd->has_name)
		(void)sd_bus_emit_object_removed(c->spasmd->bus, c->object);
	c->announced = false;
	c->slot = sd_bus_slot_unref(c->slot);
}

void headset_object_emit_changed(struct capture *c, char **names)
{
	if (!c->announced || !c->spasmd->has_name)
		return;
	(void)sd_bus_emit_properties_changed_strv(c->spasmd->bus, c->object,
						  SPASMD_HEADSET_INTERFACE, names);
}
