/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus-fuzz CALLS SEED: calls org.spasmd1 on the system bus with whatever comes: known and
 * unknown objects, interfaces and members, with arguments of any type. What the bus itself
 * refuses to carry cannot reach the daemon, so all is well-formed and most is wrong.
 *
 * Prints how many calls were answered and how. Fails when one was not, or the daemon went.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "util.h"

#define NAME		 "org.spasmd1"
#define IN_FLIGHT	 64
#define DEPTH_MAX	 4
#define ANSWER_WITHIN_US 20000000

static uint64_t state;

static uint32_t rnd(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % n;
}

#define PICK(list) ((list)[rnd(ARRAY_SIZE(list))])

struct fuzz {
	sd_bus *bus;
	char *headset; /* path of one that is there, or NULL */
	unsigned int in_flight;
	uint64_t answers, errors, refusals;
};

/* ---- messages ---- */

static const char *const interfaces[] = {
	"org.spasmd1.Manager",
	"org.spasmd1.Headset",
	"org.spasmd1.Headset",
	"org.spasmd1.Episodes",
	"org.spasmd1.Nonsense",
	"org.freedesktop.DBus.Properties",
	"org.freedesktop.DBus.ObjectManager",
	"org.freedesktop.DBus.Introspectable",
	"org.freedesktop.DBus.Peer",
};

static const char *const members[] = {
	"Reload",
	"SetRate",
	"SetGain",
	"SetMontage",
	"Identify",
	"Pause",
	"Resume",
	"Subscribe",
	"GetState",
	"Unsubscribe",
	"Get",
	"GetAll",
	"Set",
	"Ping",
	"Introspect",
	"GetMachineId",
	"Started",
	"x",
	"Rate",
	"GetManagedObjects",
	"CheckImpedance",
};

static const char *const words[] = {
	"",	   "org.spasmd1.Headset", "Rate",    "State",	 "L-OOc", "-",	 "R-Zyg", "L-Nose",
	"Quality", "org.spasmd1.Manager", "Version", "\xc3\xa4", "%s%n",  "1e9",
};

static const char *const paths[] = {
	"/",  "/org/spasmd1", "/org/spasmd1", "/org/spasmd1/headset", "/org/spasmd1/headset/none",
	"/x",
};

/* A complete type that follows no other, and is as deep as @depth allows. */
static void type_make(char *text, unsigned int depth)
{
	static const char basic[] = "ybnqiuxtdsogv";
	size_t length = strlen(text);
	uint32_t what = rnd(depth < DEPTH_MAX ? 20 : 13);

	if (what < 13) {
		text[length] = basic[what];
		text[length + 1] = '\0';
	} else if (what < 17) {
		strcat(text, "a");
		type_make(text, depth + 1);
	} else if (what < 18) {
		strcat(text, "a{");
		text[strlen(text) + 1] = '\0';
		text[strlen(text)] = basic[rnd(12)];
		type_make(text, depth + 1);
		strcat(text, "}");
	} else {
		strcat(text, "(");
		for (uint32_t n = 1 + rnd(3); n > 0; n--)
			type_make(text, depth + 1);
		strcat(text, ")");
	}
}

static const char *word_make(char buf[1024])
{
	size_t n;

	if (rnd(4) > 0)
		return PICK(words);
	n = rnd(rnd(8) ? 32 : 1023);
	for (size_t i = 0; i < n; i++)
		buf[i] = (char)(32 + rnd(95));
	buf[n] = '\0';
	return buf;
}

static int basic_append(struct fuzz *f, sd_bus_message *m, char type)
{
	static const double doubles[] = {0, -1, 1, 250, 1000, 2000, 1e308, -1e-308, 0.1};
	char buf[1024];
	uint64_t n = rnd(3) ? rnd(40) : (uint64_t)rnd(UINT32_MAX) << 32 | rnd(UINT32_MAX);
	double d = rnd(8) ? PICK(doubles) : rnd(2) ? NAN : INFINITY;
	int flag = (int)rnd(2);

	switch (type) {
	case 's':
		return sd_bus_message_append_basic(m, type, word_make(buf));
	case 'o':
		return sd_bus_message_append_basic(m, type,
						   f->headset && rnd(2) ? f->headset : PICK(paths));
	case 'g':
		return sd_bus_message_append_basic(m, type, rnd(2) ? "a{sv}" : "");
	case 'd':
		return sd_bus_message_append_basic(m, type, &d);
	case 'b':
		return sd_bus_message_append_basic(m, type, &flag);
	default:
		return sd_bus_message_append_basic(m, type, &n);
	}
}

/* How long the first complete type of @type is. */
static size_t type_length(const char *type)
{
	size_t i = 0;
	int depth = 0;

	while (type[i] == 'a')
		i++;
	do {
		depth += type[i] == '(' || type[i] == '{';
		depth -= type[i] == ')' || type[i] == '}';
		i++;
	} while (depth > 0);
	return i;
}

static int types_append(struct fuzz *f, sd_bus_message *m, const char *types, unsigned int depth);

static int container_append(struct fuzz *f, sd_bus_message *m, char kind, const char *contents,
			    unsigned int times, unsigned int depth)
{
	int r = sd_bus_message_open_container(m, kind, contents);

	for (; r >= 0 && times > 0; times--)
		r = types_append(f, m, contents, depth + 1);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int types_append(struct fuzz *f, sd_bus_message *m, const char *types, unsigned int depth)
{
	char inner[256];
	int r = 0;

	while (r >= 0 && *types) {
		size_t n = type_length(types);

		if (*types == 'v') {
			inner[0] = '\0';
			type_make(inner, depth + 1);
			r = container_append(f, m, 'v', inner, 1, depth);
		} else if (*types == 'a') {
			snprintf(inner, sizeof(inner), "%.*s", (int)n - 1, types + 1);
			r = container_append(f, m, 'a', inner, rnd(rnd(20) ? 4 : 100), depth);
		} else if (*types == '(' || *types == '{') {
			snprintf(inner, sizeof(inner), "%.*s", (int)n - 2, types + 1);
			r = container_append(f, m, *types == '(' ? 'r' : 'e', inner, 1, depth);
		} else {
			r = basic_append(f, m, *types);
		}
		types += n;
	}
	return r;
}

/* Half of the calls have the arguments that some member takes. */
static int arguments_append(struct fuzz *f, sd_bus_message *m)
{
	static const char *const known[] = {"", "", "d", "ud", "as", "b", "ss", "s", "ssv"};
	char types[256] = "";

	if (rnd(2))
		return types_append(f, m, PICK(known), 0);
	for (uint32_t n = rnd(4); n > 0; n--)
		type_make(types, 1);
	return types_append(f, m, types, 0);
}

static int call_make(struct fuzz *f, sd_bus_message **ret)
{
	const char *path = f->headset && rnd(2) ? f->headset : PICK(paths);
	int r;

	r = sd_bus_message_new_method_call(f->bus, ret, NAME, path, PICK(interfaces),
					   PICK(members));
	return r < 0 ? r : arguments_append(f, *ret);
}

/* ---- calls ---- */

static int on_answer(sd_bus_message *m, void *userdata, _unused_ sd_bus_error *error)
{
	struct fuzz *f = userdata;
	const sd_bus_error *e = sd_bus_message_get_error(m);

	f->in_flight--;
	f->answers++;
	if (!e)
		return 0;
	f->errors++;
	f->refusals += sd_bus_error_has_name(e, SD_BUS_ERROR_ACCESS_DENIED);
	if (sd_bus_error_has_name(e, SD_BUS_ERROR_NO_REPLY) ||
	    sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN)) {
		fprintf(stderr, "bus-fuzz: after %" PRIu64 " answers: %s\n", f->answers,
			e->message);
		exit(1);
	}
	return 0;
}

static int call_send(struct fuzz *f)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r = call_make(f, &m);

	/* A message that sd-bus does not take is none that could be sent. */
	if (r < 0)
		return 0;
	r = sd_bus_call_async(f->bus, NULL, m, on_answer, f, ANSWER_WITHIN_US);
	if (r < 0)
		return r;
	f->in_flight++;
	return 1;
}

static int answers_wait(struct fuzz *f, unsigned int until)
{
	int r = 0;

	while (r >= 0 && f->in_flight > until) {
		r = sd_bus_process(f->bus, NULL);
		if (r == 0)
			r = sd_bus_wait(f->bus, UINT64_MAX);
	}
	return r;
}

int main(int argc, char **argv)
{
	struct fuzz f = {.headset = argc > 3 ? argv[3] : NULL};
	uint64_t calls, i;
	int r;

	if (argc < 3) {
		fputs("Usage: bus-fuzz CALLS SEED [HEADSET-PATH]\n", stderr);
		return 2;
	}
	calls = strtoull(argv[1], NULL, 10);
	state = strtoull(argv[2], NULL, 10) * 2 + 88172645463325252u;
	r = sd_bus_open_system(&f.bus);
	for (i = 0; r >= 0 && i < calls;) {
		r = call_send(&f);
		i += r > 0;
		if (r >= 0)
			r = answers_wait(&f, IN_FLIGHT - 1);
	}
	if (r >= 0)
		r = answers_wait(&f, 0);
	printf("%" PRIu64 " calls, %" PRIu64 " answers: %" PRIu64 " errors, of these %" PRIu64
	       " refusals\n",
	       i, f.answers, f.errors, f.refusals);
	if (r < 0)
		fprintf(stderr, "bus-fuzz: %s\n", strerror(-r));
	sd_bus_flush_close_unref(f.bus);
	return r < 0 || f.answers != calls;
}
