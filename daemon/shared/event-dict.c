/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "event-dict.h"
#include "util.h"

struct field {
	const char *key;
	char type; /* of D-Bus; 'b' is an int here */
	size_t offset;
	bool always; /* sent even when it is zero */
};

/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define FIELD(type, member, always) {#member, type, offsetof(struct event_message, member), always}
/* clang-format on */

static const struct field fields[] = {
	FIELD('o', headset, true),
	FIELD('u', kind, true),
	FIELD('t', id, true),
	FIELD('d', rate, true),
	FIELD('t', start_sample, true),
	FIELD('t', end_sample, true),
	FIELD('t', detected_sample, true),
	FIELD('t', start_boottime, true),
	FIELD('t', end_boottime, true),
	FIELD('t', detected_boottime, true),
	FIELD('t', start_realtime, true),
	FIELD('t', end_realtime, true),
	FIELD('t', detected_realtime, true),
	FIELD('u', side, false),
	FIELD('u', form, false),
	FIELD('u', spread, false),
	FIELD('u', cause, false),
	FIELD('u', bursts, false),
	FIELD('d', peak_uv, false),
	FIELD('d', rms_uv, false),
	FIELD('d', confidence, false),
	FIELD('b', open, false),
	FIELD('b', brow_with_eye, false),
};

void event_message_from_event(struct event_message *m, const struct detector_event *e)
{
	m->kind = (uint32_t)e->kind + 1;
	m->start_sample = e->start;
	m->end_sample = e->end;
	m->detected_sample = e->detected;
	m->side = e->side;
	m->form = e->form;
	m->spread = e->spread;
	m->cause = e->cause;
	m->channel = e->channel < 0 ? EVENT_NO_CHANNEL : (uint32_t)e->channel;
	m->bursts = e->n_bursts;
	m->muscles = e->muscles;
	m->peak_uv = (double)e->peak_uv;
	m->rms_uv = (double)e->rms_uv;
	m->confidence = (double)e->confidence;
	m->open = e->open;
	m->brow_with_eye = e->brow_with_eye;
}

void event_message_to_event(const struct event_message *m, struct detector_event *e)
{
	*e = (struct detector_event){
		.kind = m->kind ? m->kind - 1 : EVENT_KIND_COUNT,
		.start = m->start_sample,
		.end = m->end_sample,
		.detected = m->detected_sample,
		.open = m->open,
		.brow_with_eye = m->brow_with_eye,
		.side = (uint8_t)m->side,
		.form = m->form,
		.spread = m->spread,
		.cause = m->cause,
		.channel = m->channel == EVENT_NO_CHANNEL ? -1 : (int)m->channel,
		.muscles = m->muscles,
		.n_bursts = m->bursts,
		.peak_uv = (float)m->peak_uv,
		.rms_uv = (float)m->rms_uv,
		.confidence = (float)m->confidence,
	};
}

static size_t type_size(char type)
{
	switch (type) {
	case 'u':
		return sizeof(uint32_t);
	case 'b':
		return sizeof(int);
	case 'o':
		return sizeof(char *);
	default:
		return sizeof(uint64_t);
	}
}

static bool field_is_zero(const struct field *f, const void *value)
{
	static const char zero[8];

	return memcmp(value, zero, type_size(f->type)) == 0;
}

static int entry_append(sd_bus_message *m, const char *key, char type, const void *value)
{
	const char contents[] = {type, '\0'};
	int r;

	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r < 0)
		return r;
	r = sd_bus_message_append_basic(m, 's', key);
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(m, 'v', contents);
	if (r < 0)
		return r;
	r = sd_bus_message_append_basic(m, type, type == 'o' ? *(const char *const *)value : value);
	if (r < 0)
		return r;
	r = sd_bus_message_close_container(m);
	if (r < 0)
		return r;
	return sd_bus_message_close_container(m);
}

static int muscles_append(sd_bus_message *m, uint32_t muscles)
{
	const char *codes[OEH_MUSCLE_COUNT + 1];
	unsigned int i, n = 0;
	int r;

	for (i = 0; i < OEH_MUSCLE_COUNT; i++)
		if (muscles & BIT(i))
			codes[n++] = oeh_muscle_names[i].code;
	codes[n] = NULL;

	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r < 0)
		return r;
	r = sd_bus_message_append_basic(m, 's', "muscles");
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(m, 'v', "as");
	if (r < 0)
		return r;
	r = sd_bus_message_append_strv(m, (char **)codes);
	if (r < 0)
		return r;
	r = sd_bus_message_close_container(m);
	if (r < 0)
		return r;
	return sd_bus_message_close_container(m);
}

int event_dict_append(sd_bus_message *m, const struct event_message *e)
{
	size_t i;
	int r;

	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		const void *value = (const char *)e + fields[i].offset;

		if (!fields[i].always && field_is_zero(&fields[i], value))
			continue;
		r = entry_append(m, fields[i].key, fields[i].type, value);
		if (r < 0)
			return r;
	}
	if (e->channel != EVENT_NO_CHANNEL) {
		r = entry_append(m, "channel", 'u', &e->channel);
		if (r < 0)
			return r;
	}
	if (e->muscles) {
		r = muscles_append(m, e->muscles);
		if (r < 0)
			return r;
	}
	return sd_bus_message_close_container(m);
}

static int muscles_read(sd_bus_message *m, uint32_t *ret)
{
	const char *code;
	unsigned int i;
	int r;

	*ret = 0;
	r = sd_bus_message_enter_container(m, 'v', "as");
	if (r < 0)
		return r;
	r = sd_bus_message_enter_container(m, 'a', "s");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_read_basic(m, 's', &code)) > 0)
		for (i = 0; i < OEH_MUSCLE_COUNT; i++)
			if (strcmp(code, oeh_muscle_names[i].code) == 0)
				*ret |= BIT(i);
	if (r < 0)
		return r;
	r = sd_bus_message_exit_container(m);
	if (r < 0)
		return r;
	return sd_bus_message_exit_container(m);
}

static int value_read(sd_bus_message *m, char type, void *ret)
{
	const char contents[] = {type, '\0'};
	int r;

	r = sd_bus_message_enter_container(m, 'v', contents);
	if (r < 0)
		return r;
	r = sd_bus_message_read_basic(m, type, ret);
	if (r < 0)
		return r;
	return sd_bus_message_exit_container(m);
}

static int entry_read(sd_bus_message *m, struct event_message *e)
{
	const char *key;
	size_t i;
	int r;

	r = sd_bus_message_read_basic(m, 's', &key);
	if (r < 0)
		return r;
	if (strcmp(key, "channel") == 0)
		return value_read(m, 'u', &e->channel);
	if (strcmp(key, "muscles") == 0)
		return muscles_read(m, &e->muscles);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (strcmp(key, fields[i].key) == 0)
			return value_read(m, fields[i].type, (char *)e + fields[i].offset);
	return sd_bus_message_skip(m, "v");
}

int event_dict_read(sd_bus_message *m, struct event_message *ret)
{
	int r;

	*ret = (struct event_message){.channel = EVENT_NO_CHANNEL};
	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = entry_read(m, ret);
		if (r < 0)
			return r;
		r = sd_bus_message_exit_container(m);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	return sd_bus_message_exit_container(m);
}

const char *event_signal_name(enum event_phase phase, bool was_announced)
{
	if (phase == PHASE_STARTED)
		return "Started";
	if (phase == PHASE_UPDATED)
		return "Updated";
	return was_announced ? "Ended" : "Event";
}

int event_signal_phase(const char *member, enum event_phase *ret)
{
	if (strcmp(member, "Started") == 0)
		*ret = PHASE_STARTED;
	else if (strcmp(member, "Updated") == 0)
		*ret = PHASE_UPDATED;
	else if (strcmp(member, "Ended") == 0 || strcmp(member, "Event") == 0)
		*ret = PHASE_ENDED;
	else
		return -EINVAL;
	return 0;
}
