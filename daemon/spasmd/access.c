/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/epoll.h>

#include "log.h"
#include "spasmd.h"

/*
 * Who may do what, in this one place. Root and the daemon's own user may do
 * everything. Of anybody else polkit is asked, by the caller's name on the bus,
 * which cannot become another's as a process ID can. Without polkit on the bus, or
 * built with POLKIT=no, members of the group spasmd-clients may learn of spasms.
 *
 * Nothing waits: a question goes first to the bus (which user is it) and then to
 * polkit, and what was asked for is done when the answer comes.
 */
#define CLIENTS_GROUP	       "spasmd-clients"
#define GROUPS_MAX	       1024
#define QUERIES_MAX	       512
#define QUERIES_MAX_PER_CLIENT 16 /* a client that floods waits for its own answers */
#define QUERIES_MAX_PER_USER   64 /* nor do many clients of one user keep others out */

#define POLKIT_NAME	   "org.freedesktop.PolicyKit1"
#define POLKIT_OBJECT	   "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE   "org.freedesktop.PolicyKit1.Authority"
#define POLKIT_INTERACTION 1 /* the flag AllowUserInteraction */

static const struct {
	const char *id;
	const char *refusal;
} actions[] = {
	[ACCESS_MONITOR] =
		{"org.spasmd1.monitor",
		 "Only root, the active local session and members of the group " CLIENTS_GROUP
		 " may learn of spasms"},
	[ACCESS_CONFIGURE] = {"org.spasmd1.configure",
			      "Only root may change how a headset captures, or whom polkit allows"},
};

static const char too_many[] = "Too many calls wait for their answers already";

/* A question that is under way. */
struct access_query {
	struct spasmd *spasmd;
	struct access_query *next;
	char client[SUBSCRIBER_NAME_MAX];
	uid_t uid;
	bool uid_is_known;
	enum access_action action;
	sd_bus_message *call;	 /* what waits; NULL: may this subscriber go on listening? */
	access_granted *granted; /* what the call asks for */
	bool again;		 /* asked once more meanwhile: the answer may be out of date */
	bool retried;
	char cancellation[32]; /* empty: polkit was not asked */
	sd_bus_slot *watch;    /* does the client leave the bus? */
	sd_bus_slot *answer;   /* the answer that is waited for */
};

static int query_ask_polkit(struct access_query *q);

/* ---- without polkit ---- */

static bool user_is_member(uid_t uid, const char *group)
{
	gid_t groups[GROUPS_MAX];
	int i, n = GROUPS_MAX;
	struct passwd *pw;
	struct group *gr;
	gid_t wanted;

	gr = getgrnam(group);
	if (!gr)
		return false;
	wanted = gr->gr_gid;
	pw = getpwuid(uid);
	if (!pw || getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
		return false;
	for (i = 0; i < n; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static bool user_is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* ---- queries ---- */

static void query_free(struct access_query *q)
{
	struct access_query **p = &q->spasmd->queries;

	while (*p && *p != q)
		p = &(*p)->next;
	if (*p) {
		*p = q->next;
		q->spasmd->n_queries--;
	}
	sd_bus_slot_unref(q->watch);
	sd_bus_slot_unref(q->answer);
	sd_bus_message_unref(q->call);
	free(q);
}

/* The client has gone: a dialogue that polkit shows goes too. */
static int on_client_gone(_unused_ sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct access_query *q = userdata;

	if (q->cancellation[0])
		(void)sd_bus_call_method_async(q->spasmd->bus, NULL, POLKIT_NAME, POLKIT_OBJECT,
					       POLKIT_INTERFACE, "CancelCheckAuthorization", NULL,
					       NULL, "s", q->cancellation);
	query_free(q);
	return 0;
}

static unsigned int queries_count_client(const struct spasmd *s, const char *client)
{
	const struct access_query *q;
	unsigned int n = 0;

	for (q = s->queries; q; q = q->next)
		n += strcmp(q->client, client) == 0;
	return n;
}

static unsigned int queries_count_user(const struct spasmd *s, uid_t uid)
{
	const struct access_query *q;
	unsigned int n = 0;

	for (q = s->queries; q; q = q->next)
		n += q->call && q->uid_is_known && q->uid == uid;
	return n;
}

static int query_new(struct spasmd *s, const char *client, enum access_action action,
		     struct access_query **ret)
{
	struct access_query *q;
	int r;

	if (strlen(client) >= sizeof(q->client))
		return -EINVAL;
	q = calloc(1, sizeof(*q));
	if (!q)
		return -ENOMEM;
	q->spasmd = s;
	q->action = action;
	strcpy(q->client, client);
	q->next = s->queries;
	s->queries = q;
	s->n_queries++;
	r = manager_watch_client(s, client, on_client_gone, q, &q->watch);
	if (r < 0) {
		query_free(q);
		return r;
	}
	*ret = q;
	return 0;
}

/* ---- answers ---- */

static void query_allow(struct access_query *q)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	int r;

	if (q->call) {
		r = q->granted(q->spasmd, q->call, q->uid, &error);
		if (r < 0 || sd_bus_error_is_set(&error))
			(void)sd_bus_reply_method_errno(q->call, r, &error);
	}
	query_free(q);
}

static void query_refuse_with(struct access_query *q, const char *error, const char *text)
{
	if (q->call)
		(void)sd_bus_reply_method_errorf(q->call, error, "%s", text);
	else
		episodes_revoke(q->spasmd, q->client);
	query_free(q);
}

static void query_refuse(struct access_query *q)
{
	query_refuse_with(q, SD_BUS_ERROR_ACCESS_DENIED, actions[q->action].refusal);
}

static bool polkit_is_absent(const sd_bus_error *error)
{
	static const char *const names[] = {
		SD_BUS_ERROR_SERVICE_UNKNOWN,
		SD_BUS_ERROR_NAME_HAS_NO_OWNER,
		"org.freedesktop.systemd1.NoSuchUnit",
		"org.freedesktop.systemd1.UnitMasked",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (sd_bus_error_has_name(error, names[i]))
			return true;
	return false;
}

static void query_decide_by_group(struct access_query *q)
{
	if (q->action == ACCESS_MONITOR && user_is_member(q->uid, CLIENTS_GROUP))
		query_allow(q);
	else
		query_refuse(q);
}

static void polkit_failed(struct access_query *q, const sd_bus_error *error)
{
	if (polkit_is_absent(error)) {
		query_decide_by_group(q);
		return;
	}
	/* It may just have been started anew. */
	if (!q->retried) {
		q->retried = true;
		if (query_ask_polkit(q) >= 0)
			return;
	}
	log_warning("polkit does not answer: %s", error->message ? error->message : error->name);
	query_refuse(q);
}

static int on_polkit_answer(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct access_query *q = userdata;
	int allowed = false, challenge = false;

	q->answer = sd_bus_slot_unref(q->answer);
	if (q->again) {
		q->again = false;
		if (query_ask_polkit(q) < 0)
			query_refuse(q);
		return 0;
	}
	if (sd_bus_message_is_method_error(m, NULL)) {
		polkit_failed(q, sd_bus_message_get_error(m));
		return 0;
	}
	if (sd_bus_message_enter_container(m, 'r', "bba{ss}") < 0 ||
	    sd_bus_message_read(m, "bb", &allowed, &challenge) < 0)
		log_warning("polkit's answer cannot be read");
	if (allowed)
		query_allow(q);
	else if (challenge)
		query_refuse_with(q, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED,
				  "A person would have to authenticate, and cannot be asked here");
	else
		query_refuse(q);
	return 0;
}

static int query_ask_polkit(struct access_query *q)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	struct spasmd *s = q->spasmd;
	bool dialogue = q->call && sd_bus_message_get_allow_interactive_authorization(q->call) > 0;
	int r;

	if (!SPASMD_POLKIT) {
		query_decide_by_group(q);
		return 0;
	}
	snprintf(q->cancellation, sizeof(q->cancellation), "spasmd-%u", ++s->n_cancellations);
	r = sd_bus_message_new_method_call(s->bus, &m, POLKIT_NAME, POLKIT_OBJECT, POLKIT_INTERFACE,
					   "CheckAuthorization");
	if (r < 0)
		return r;
	r = sd_bus_message_append(m, "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
				  q->client, actions[q->action].id, 0,
				  dialogue ? POLKIT_INTERACTION : 0, q->cancellation);
	if (r < 0)
		return r;
	/* A dialogue takes as long as a person does. */
	return sd_bus_call_async(s->bus, &q->answer, m, on_polkit_answer, q,
				 dialogue ? UINT64_MAX : 0);
}

static int on_user_answer(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct access_query *q = userdata;
	uint32_t uid;

	q->answer = sd_bus_slot_unref(q->answer);
	if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "u", &uid) < 0) {
		query_refuse(q); /* most likely it has left already */
		return 0;
	}
	q->uid = uid;
	q->uid_is_known = true;
	if (user_is_trusted(uid))
		query_allow(q);
	else if (queries_count_user(q->spasmd, uid) > QUERIES_MAX_PER_USER)
		query_refuse_with(q, SD_BUS_ERROR_LIMITS_EXCEEDED, too_many);
	else if (query_ask_polkit(q) < 0)
		query_refuse(q);
	return 0;
}

static int query_ask_user(struct access_query *q)
{
	return sd_bus_call_method_async(q->spasmd->bus, &q->answer, "org.freedesktop.DBus",
					"/org/freedesktop/DBus", "org.freedesktop.DBus",
					"GetConnectionUnixUser", on_user_answer, q, "s", q->client);
}

int access_ask(struct spasmd *s, sd_bus_message *m, enum access_action action,
	       access_granted *granted, sd_bus_error *error)
{
	const char *client = sd_bus_message_get_sender(m);
	struct access_query *q;
	int r;

	if (s->n_queries >= QUERIES_MAX ||
	    queries_count_client(s, client) >= QUERIES_MAX_PER_CLIENT)
		return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, too_many);
	r = query_new(s, client, action, &q);
	if (r < 0)
		return r;
	q->call = sd_bus_message_ref(m);
	q->granted = granted;
	r = query_ask_user(q);
	if (r < 0) {
		query_free(q);
		return r;
	}
	return 1;
}

/* ---- rights that change ---- */

static struct access_query *recheck_find(struct spasmd *s, const char *client)
{
	struct access_query *q;

	for (q = s->queries; q; q = q->next)
		if (!q->call && strcmp(q->client, client) == 0)
			return q;
	return NULL;
}

/* False where it cannot be asked. */
static bool subscriber_recheck(struct spasmd *s, const struct subscriber *e)
{
	struct access_query *q = recheck_find(s, e->name);

	if (user_is_trusted(e->uid))
		return true;
	if (q) {
		q->again = true;
		return true;
	}
	if (query_new(s, e->name, ACCESS_MONITOR, &q) < 0)
		return false;
	q->uid = e->uid;
	if (query_ask_polkit(q) >= 0)
		return true;
	query_free(q);
	return false;
}

void access_recheck(struct spasmd *s)
{
	unsigned int i = s->subscribers.n;

	/* From the end: one that is removed leaves its place to the last. */
	while (i-- > 0)
		if (!subscriber_recheck(s, &s->subscribers.entries[i]))
			episodes_revoke(s, s->subscribers.entries[i].name);
}

/* The rules are others now. */
static int on_polkit_changed(_unused_ sd_bus_message *m, void *userdata,
			     _unused_ sd_bus_error *error)
{
	access_recheck(userdata);
	return 0;
}

static int on_polkit_owner(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	const char *name, *before, *after;

	if (sd_bus_message_read(m, "sss", &name, &before, &after) > 0 && after[0])
		access_recheck(userdata);
	return 0;
}

/*
 * A session became active or inactive. polkit tells so when logind has written the
 * session's file, but answers by the user's, which logind writes after it.
 */
static int on_sessions(_unused_ sd_event_source *source, _unused_ int fd, _unused_ uint32_t revents,
		       void *userdata)
{
	struct spasmd *s = userdata;

	sd_login_monitor_flush(s->sessions);
	access_recheck(s);
	return 0;
}

static int sessions_watch(struct spasmd *s)
{
	int r = sd_login_monitor_new("uid", &s->sessions);

	if (r < 0) {
		log_debug_errno(r, "there are no sessions to watch");
		return 0;
	}
	return sd_event_add_io(s->event, &s->sessions_source, sd_login_monitor_get_fd(s->sessions),
			       EPOLLIN, on_sessions, s);
}

int access_start(struct spasmd *s)
{
	int r;

	r = sessions_watch(s);
	if (r < 0)
		return r;
	r = sd_bus_match_signal_async(s->bus, NULL, POLKIT_NAME, POLKIT_OBJECT, POLKIT_INTERFACE,
				      "Changed", on_polkit_changed, NULL, s);
	if (r < 0)
		return r;
	return sd_bus_add_match_async(s->bus, NULL,
				      "type='signal',sender='org.freedesktop.DBus',"
				      "member='NameOwnerChanged',arg0='" POLKIT_NAME "'",
				      on_polkit_owner, NULL, s);
}

void access_stop(struct spasmd *s)
{
	while (s->queries)
		query_free(s->queries);
	s->sessions_source = sd_event_source_disable_unref(s->sessions_source);
	s->sessions = sd_login_monitor_unref(s->sessions);
}
