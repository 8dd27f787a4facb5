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
BASIC(overrun, "t", c->stream.counters.overrun)
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
	double scales[MONTAGE_MAX] = {0};
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

/* The headset that a call is for: it may have gone while polkit was asked. */
static int capture_of_call(struct spasmd *s, sd_bus_message *m, sd_bus_error *error,
			   struct capture **ret)
{
	*ret = capture_find(s, sd_bus_message_get_path(m));
	if (*ret)
		return 0;
	return sd_bus_error_set(error, SD_BUS_ERROR_UNKNOWN_OBJECT, "The headset was unplugged");
}

static int set_rate(struct capture *c, sd_bus_message *m, sd_bus_error *error)
{
	double rate;
	int r;

	r = sd_bus_message_read(m, "d", &rate);
	if (r < 0)
		return r;
	r = capture_set_rate(c, rate);
	if (r < 0)
		return device_error(error, r, "rate");
	return sd_bus_reply_method_return(m, NULL);
}

static int set_gain(struct capture *c, sd_bus_message *m, sd_bus_error *error)
{
	uint32_t channel;
	double scale;
	int r;

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

static int read_sites(sd_bus_message *m, struct site sites[MONTAGE_MAX], unsigned int *n,
		      sd_bus_error *error)
{
	const char *text;
	int r;

	*n = 0;
	r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(m, "s", &text)) > 0) {
		if (*n == MONTAGE_MAX)
			return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
						 "There are more than %d sites", MONTAGE_MAX);
		if (site_from_text(text, &sites[*n]) < 0)
			return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
						 "\"%s\" is no site: a side and a muscle as in "
						 "\"L-OOc\", or \"-\"",
						 text);
		(*n)++;
	}
	return r < 0 ? r : sd_bus_message_exit_container(m);
}

static int set_montage(struct capture *c, sd_bus_message *m, sd_bus_error *error)
{
	struct site sites[MONTAGE_MAX];
	unsigned int n;
	int r;

	r = read_sites(m, sites, &n, error);
	if (r < 0)
		return r;
	if (n != 0 && n != c->stream.layout.n_voltages)
		return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
					 "One site for each channel is needed: %u, or none at all",
					 c->stream.layout.n_voltages);
	r = capture_set_montage(c, sites, n);
	if (r < 0)
		return device_error(error, r, "montage");
	return sd_bus_reply_method_return(m, NULL);
}

static int check_impedance(struct capture *c, sd_bus_message *m, sd_bus_error *error)
{
	int r = impedance_start(c, m);

	if (r == -EBUSY)
		return sd_bus_error_set(error, SPASMD_ERROR_DEVICE,
					"The impedances are being measured already");
	if (r == -ENOENT)
		return sd_bus_error_set(error, SD_BUS_ERROR_NOT_SUPPORTED,
					"This device cannot measure impedances");
	return r;
}

static int identify(struct capture *c, sd_bus_message *m, sd_bus_error *error)
{
	int on, r;

	r = sd_bus_message_read(m, "b", &on);
	if (r < 0)
		return r;
	r = capture_identify(c, on);
	if (r == -ENOENT)
		return sd_bus_error_set(error, SD_BUS_ERROR_NOT_SUPPORTED,
					"This device has no light to be told by");
	if (r < 0)
		return device_error(error, r, "light");
	return sd_bus_reply_method_return(m, NULL);
}

static int pause_capture(struct capture *c, sd_bus_message *m, _unused_ sd_bus_error *error)
{
	capture_pause(c);
	return sd_bus_reply_method_return(m, NULL);
}

static int resume_capture(struct capture *c, sd_bus_message *m, _unused_ sd_bus_error *error)
{
	capture_resume(c);
	return sd_bus_reply_method_return(m, NULL);
}

/* Each method asks for the right, and then does its work on the headset that is still there. */
#define CONFIGURES(name, function)                                                         \
	static int name##_granted(struct spasmd *s, sd_bus_message *m, _unused_ uid_t uid, \
				  sd_bus_error *error)                                     \
	{                                                                                  \
		struct capture *c;                                                         \
		int r = capture_of_call(s, m, error, &c);                                  \
                                                                                           \
		return r < 0 ? r : function(c, m, error);                                  \
	}                                                                                  \
	static int method_##name(sd_bus_message *m, void *userdata, sd_bus_error *error)   \
	{                                                                                  \
		const struct capture *c = userdata;                                        \
                                                                                           \
		return access_ask(c->spasmd, m, ACCESS_CONFIGURE, name##_granted, error);  \
	}

CONFIGURES(set_rate, set_rate)
CONFIGURES(set_gain, set_gain)
CONFIGURES(set_montage, set_montage)
CONFIGURES(check_impedance, check_impedance)
CONFIGURES(identify, identify)
CONFIGURES(pause, pause_capture)
CONFIGURES(resume, resume_capture)

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
