/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "log.h"
#include "spasmd.h"

/*
 * org.spasmd1.Episodes: what the person's face does. This is health, and a
 * broadcast or a property on the system bus reaches every local user: so there
 * is no property here, and each signal goes to one subscriber that was allowed
 * to ask.
 */

static uint64_t clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What has to be added to CLOCK_BOOTTIME for CLOCK_REALTIME. */
static int64_t realtime_offset(void)
{
	return (int64_t)(clock_us(CLOCK_REALTIME) - clock_us(CLOCK_BOOTTIME));
}

static uint64_t to_realtime(uint64_t boottime)
{
	return boottime ? boottime + (uint64_t)realtime_offset() : 0;
}

/* ---- what is remembered ---- */

static struct event_message *open_find(struct episode_log *log, const struct event_message *e)
{
	unsigned int i;

	/* Start and side of what was announced are final, its kind is not. */
	for (i = 0; i < log->n_open; i++)
		if (log->open[i].start_sample == e->start_sample && log->open[i].side == e->side)
			return &log->open[i];
	return NULL;
}

/* Gives the event its number; returns whether it was announced before. */
static bool log_event(struct episode_log *log, struct event_message *e, enum event_phase phase)
{
	struct event_message *known = open_find(log, e);

	e->id = known ? known->id : ++log->newest_id;
	if (phase != PHASE_ENDED) {
		if (!known && log->n_open < OPEN_EVENTS_MAX)
			known = &log->open[log->n_open++];
		if (known)
			*known = *e;
		return true;
	}
	if (known)
		*known = log->open[--log->n_open];
	if (e->kind == EVENT_SPASM + 1) {
		log->last = *e;
		log->has_last = true;
	}
	return known != NULL;
}

/* ---- signals ---- */

/* @to: unique name, NULL: to everybody. */
static int signal_send(struct spasmd *s, const char *to, uint64_t serial, const char *member,
		       const struct event_message *e)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sd_bus_message_new_signal(s->bus, &m, SPASMD_OBJECT, SPASMD_EPISODES_INTERFACE, member);
	if (r < 0)
		return r;
	r = sd_bus_message_append(m, "t", serial);
	if (r < 0)
		return r;
	r = event_dict_append(m, e);
	if (r < 0)
		return r;
	return sd_bus_send_to(s->bus, m, to, NULL);
}

static struct subscriber *subscriber_of_answer(struct subscribers *s, const sd_bus_slot *answer)
{
	unsigned int i;

	for (i = 0; i < s->n; i++)
		if (s->entries[i].answer == answer)
			return &s->entries[i];
	return NULL;
}

static int on_subscriber_answer(_unused_ sd_bus_message *m, void *userdata,
				_unused_ sd_bus_error *error)
{
	struct spasmd *s = userdata;
	struct subscriber *e =
		subscriber_of_answer(&s->subscribers, sd_bus_get_current_slot(s->bus));

	/*
	 * An error too: what does not know Ping() has read it all the same, and
	 * where the bus does not let it be asked, events count more than memory.
	 */
	if (e) {
		e->answer = sd_bus_slot_unref(e->answer);
		subscriber_answered(e);
	}
	return 0;
}

/* D-Bus libraries answer a ping by themselves, as soon as the program reads. */
static void subscriber_ask(struct spasmd *s, struct subscriber *e)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	sd_bus_slot *slot;
	int r;

	r = sd_bus_message_new_method_call(s->bus, &m, e->name, "/", "org.freedesktop.DBus.Peer",
					   "Ping");
	if (r >= 0)
		r = sd_bus_call_async(s->bus, &slot, m, on_subscriber_answer, s, UINT64_MAX);
	if (r < 0)
		return; /* the next signal tries again */
	e->answer = slot;
	subscriber_asked(e);
}

static void subscriber_tell(struct spasmd *s, struct subscriber *to, const char *member,
			    const struct event_message *e)
{
	enum subscriber_turn turn = subscriber_next(&s->subscribers, to);
	int r;

	if (turn == TURN_DROP)
		return;
	r = signal_send(s, to->name, to->serial, member, e);
	if (r < 0)
		log_warning_errno(r, "cannot send to %s", to->name);
	if (turn == TURN_SEND_AND_ASK)
		subscriber_ask(s, to);
}

void episodes_publish(struct capture *c, const struct detector_event *event)
{
	struct spasmd *s = c->spasmd;
	struct event_message e = {.headset = c->object, .rate = c->stream.rate};
	const char *member;
	unsigned int i;

	event_message_from_event(&e, event);
	e.start_boottime = capture_time_of(c, e.start_sample);
	e.end_boottime = capture_time_of(c, e.end_sample);
	e.detected_boottime = capture_time_of(c, e.detected_sample);
	e.start_realtime = to_realtime(e.start_boottime);
	e.end_realtime = to_realtime(e.end_boottime);
	e.detected_realtime = to_realtime(e.detected_boottime);
	member = event_signal_name(event->phase, log_event(&c->log, &e, event->phase));

	if (s->settings.broadcast) {
		(void)signal_send(s, NULL, ++s->broadcast_serial, member, &e);
		return;
	}
	for (i = 0; i < s->subscribers.n; i++)
		subscriber_tell(s, &s->subscribers.entries[i], member, &e);
}

/* ---- state ---- */

static int key_open(sd_bus_message *m, const char *key, const char *contents)
{
	int r;

	r = sd_bus_message_open_container(m, 'e', "sv");
	if (r < 0)
		return r;
	r = sd_bus_message_append_basic(m, 's', key);
	if (r < 0)
		return r;
	return sd_bus_message_open_container(m, 'v', contents);
}

static int key_close(sd_bus_message *m)
{
	int r = sd_bus_message_close_container(m);

	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_contact(sd_bus_message *m, const struct capture *c)
{
	uint32_t states[MONTAGE_MAX];
	unsigned int i;
	int r;

	for (i = 0; i < c->montage.n_channels; i++) {
		struct channel_quality q;

		detector_get_quality(c->detector, i, &q);
		states[i] = q.state == CHANNEL_UNUSED ? 0 : (uint32_t)q.state;
	}
	r = key_open(m, "channels", "au");
	if (r < 0)
		return r;
	r = sd_bus_message_append_array(m, 'u', states, i * sizeof(states[0]));
	if (r < 0)
		return r;
	return key_close(m);
}

static int append_totals(sd_bus_message *m, const struct capture *c)
{
	struct detector_totals totals;
	unsigned int kind;
	int r;

	detector_get_totals(c->detector, &totals);
	r = sd_bus_message_append(m, "{sv}{sv}{sv}", "seconds", "d",
				  (double)totals.samples / c->stream.rate, "usable_seconds", "d",
				  (double)totals.usable / c->stream.rate, "spasm_seconds", "d",
				  (double)totals.in_spasm / c->stream.rate);
	if (r < 0)
		return r;
	r = key_open(m, "counts", "a{uu}");
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(m, 'a', "{uu}");
	for (kind = 0; r >= 0 && kind < EVENT_KIND_COUNT; kind++)
		if (totals.events[kind])
			r = sd_bus_message_append(m, "{uu}", kind + 1, totals.events[kind]);
	if (r < 0)
		return r;
	r = sd_bus_message_close_container(m);
	if (r < 0)
		return r;
	return key_close(m);
}

static int append_open(sd_bus_message *m, const struct episode_log *log)
{
	unsigned int i;
	int r;

	r = key_open(m, "open", "aa{sv}");
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(m, 'a', "a{sv}");
	for (i = 0; r >= 0 && i < log->n_open; i++)
		r = event_dict_append(m, &log->open[i]);
	if (r < 0)
		return r;
	r = sd_bus_message_close_container(m);
	if (r < 0)
		return r;
	return key_close(m);
}

/* The dictionary of one headset. */
static int append_capture(sd_bus_message *m, const struct capture *c)
{
	int r;

	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	r = append_open(m, &c->log);
	if (r < 0)
		return r;
	if (c->detector) {
		r = append_contact(m, c);
		if (r < 0)
			return r;
		r = append_totals(m, c);
		if (r < 0)
			return r;
	}
	if (c->log.has_last) {
		r = key_open(m, "last_spasm", "a{sv}");
		if (r < 0)
			return r;
		r = event_dict_append(m, &c->log.last);
		if (r < 0)
			return r;
		r = key_close(m);
		if (r < 0)
			return r;
	}
	return sd_bus_message_close_container(m);
}

static int append_headsets(sd_bus_message *m, struct spasmd *s)
{
	struct capture *c;
	int r;

	r = sd_bus_message_open_container(m, 'a', "{oa{sv}}");
	if (r < 0)
		return r;
	CAPTURE_FOREACH(c, s)
	{
		r = sd_bus_message_open_container(m, 'e', "oa{sv}");
		if (r < 0)
			return r;
		r = sd_bus_message_append_basic(m, 'o', c->object);
		if (r < 0)
			return r;
		r = append_capture(m, c);
		if (r < 0)
			return r;
		r = sd_bus_message_close_container(m);
		if (r < 0)
			return r;
	}
	return sd_bus_message_close_container(m);
}

static int append_state(sd_bus_message *m, struct spasmd *s)
{
	int r;

	r = sd_bus_message_open_container(m, 'a', "{sv}");
	if (r < 0)
		return r;
	r = sd_bus_message_append(m, "{sv}{sv}{sv}", "boottime", "t", clock_us(CLOCK_BOOTTIME),
				  "realtime", "t", clock_us(CLOCK_REALTIME), "dropped", "t",
				  s->subscribers.dropped);
	if (r < 0)
		return r;
	r = key_open(m, "headsets", "a{oa{sv}}");
	if (r < 0)
		return r;
	r = append_headsets(m, s);
	if (r < 0)
		return r;
	r = key_close(m);
	if (r < 0)
		return r;
	return sd_bus_message_close_container(m);
}

/* ---- subscribers ---- */

static void subscriber_forget(struct spasmd *s, const char *name)
{
	struct subscriber e;

	if (!subscribers_remove(&s->subscribers, name, &e))
		return;
	sd_bus_slot_unref(e.watch);
	sd_bus_slot_unref(e.answer);
	capture_listeners_changed(s);
}

void episodes_revoke(struct spasmd *s, const char *name)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = sd_bus_message_new_signal(s->bus, &m, SPASMD_OBJECT, SPASMD_EPISODES_INTERFACE,
				      EPISODES_REVOKED);
	if (r >= 0)
		(void)sd_bus_send_to(s->bus, m, name, NULL);
	subscriber_forget(s, name); /* @name may be in its entry */
}

static int on_subscriber_gone(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	const char *name;

	if (sd_bus_message_read(m, "s", &name) > 0) {
		log_debug("%s has left the bus", name);
		subscriber_forget(userdata, name);
	}
	return 0;
}

/* Returns 1 when it is new, 0 when it was there, or a negative errno with @error set. */
static int subscriber_add(struct spasmd *s, const char *name, uid_t uid, sd_bus_error *error)
{
	struct subscriber *e;
	sd_bus_slot *watch;
	int r;

	r = subscribers_add(&s->subscribers, name, uid, &e);
	if (r == -ENOSPC || r == -EDQUOT)
		return sd_bus_error_set(error, SPASMD_ERROR_TOO_MANY,
					"There are too many subscribers already");
	if (r <= 0)
		return r;
	r = manager_watch_client(s, name, on_subscriber_gone, s, &watch);
	if (r < 0) {
		subscriber_forget(s, name);
		return r;
	}
	e->watch = watch;
	capture_listeners_changed(s);
	return 1;
}

/* ---- methods ---- */

static int state_reply(struct spasmd *s, sd_bus_message *m, const uint64_t *serial)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	int r;

	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	r = append_state(reply, s);
	if (r < 0)
		return r;
	if (serial) {
		r = sd_bus_message_append(reply, "t", *serial);
		if (r < 0)
			return r;
	}
	return sd_bus_send(s->bus, reply, NULL);
}

static int subscribe(struct spasmd *s, sd_bus_message *m, uid_t uid, sd_bus_error *error)
{
	const char *sender = sd_bus_message_get_sender(m);
	int r;

	r = subscriber_add(s, sender, uid, error);
	if (r < 0)
		return r;
	return state_reply(s, m,
			   s->settings.broadcast
				   ? &s->broadcast_serial
				   : &subscribers_find(&s->subscribers, sender)->serial);
}

static int get_state(struct spasmd *s, sd_bus_message *m, _unused_ uid_t uid,
		     _unused_ sd_bus_error *error)
{
	return state_reply(s, m, NULL);
}

static int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return access_ask(userdata, m, ACCESS_MONITOR, subscribe, error);
}

static int method_get_state(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return access_ask(userdata, m, ACCESS_MONITOR, get_state, error);
}

static int method_unsubscribe(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	/* Nobody needs a right to stop listening. */
	subscriber_forget(userdata, sd_bus_message_get_sender(m));
	return sd_bus_reply_method_return(m, NULL);
}

#define METHOD(member, signature, names, result, result_names, handler)                            \
	SD_BUS_METHOD_WITH_NAMES(member, signature, names, result, result_names, method_##handler, \
				 SD_BUS_VTABLE_UNPRIVILEGED),

static const sd_bus_vtable episodes_vtable[] = {
	SD_BUS_VTABLE_START(0),
	EPISODES_METHODS(METHOD) EPISODES_SIGNALS(EPISODES_SIGNAL)
		SD_BUS_SIGNAL(EPISODES_REVOKED, "", 0),
	SD_BUS_VTABLE_END,
};

int episodes_add(struct spasmd *s)
{
	return sd_bus_add_object_vtable(s->bus, &s->episodes_slot, SPASMD_OBJECT,
					SPASMD_EPISODES_INTERFACE, episodes_vtable, s);
}

void episodes_remove(struct spasmd *s)
{
	while (s->subscribers.n > 0)
		subscriber_forget(s, s->subscribers.entries[0].name);
	s->episodes_slot = sd_bus_slot_unref(s->episodes_slot);
}
