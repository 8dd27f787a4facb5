// SPDX-License-Identifier: GPL-2.0-or-later
/* What the emulated headset can be told while it runs. */
#include <string.h>

#include "commands.h"
#include "util.h"

#define MAX_ARGS 2

enum argument_kind {
	ARG_NONE,
	ARG_COUNT,
	ARG_PROBABILITY,
	ARG_MILLISECONDS,
	ARG_SECONDS,
	ARG_CHANNEL,
	ARG_ON_OFF,
	ARG_FATE, /* of frames: device, bus, corrupt, short */
	ARG_REQUEST,
	ARG_LIE,
};

struct arguments {
	unsigned int n;
	double number[MAX_ARGS]; /* a word: its place in the list of its kind */
};

struct command {
	const char *name, *arguments, *description;
	unsigned int min_args;
	enum argument_kind kinds[MAX_ARGS];
	int (*run)(struct headset *h, const struct arguments *a);
};

static unsigned int count_or_one(const struct arguments *a, unsigned int i)
{
	return i < a->n ? (unsigned int)a->number[i] : 1;
}

/* ---- what they do -----------------------------------------------------------------------------
 */

static int run_lose_device(struct headset *h, const struct arguments *a)
{
	h->faults.pending[FATE_LOSE_DEVICE] += count_or_one(a, 0);
	return 0;
}

static int run_lose_bus(struct headset *h, const struct arguments *a)
{
	h->faults.pending[FATE_LOSE_BUS] += count_or_one(a, 0);
	return 0;
}

static int run_corrupt(struct headset *h, const struct arguments *a)
{
	h->faults.pending[FATE_CORRUPT] += count_or_one(a, 0);
	return 0;
}

static int run_short(struct headset *h, const struct arguments *a)
{
	h->faults.pending[FATE_SHORT] += count_or_one(a, 0);
	return 0;
}

static int run_late(struct headset *h, const struct arguments *a)
{
	h->faults.late_pending = a->number[0];
	return 0;
}

static int run_lose(struct headset *h, const struct arguments *a)
{
	h->faults.probability = a->number[0];
	h->faults.random_fate = a->n > 1 ? (enum frame_fate)a->number[1] : FATE_SEND;
	return 0;
}

static int run_lateness(struct headset *h, const struct arguments *a)
{
	h->faults.late_probability = a->number[0];
	h->faults.late_ms = a->number[1];
	return 0;
}

static int run_stall(struct headset *h, _unused_ const struct arguments *a)
{
	h->halt_wanted = true;
	return 0;
}

static int run_stall_request(struct headset *h, const struct arguments *a)
{
	h->stall_requests[(uint8_t)a->number[0]] = count_or_one(a, 1);
	return 0;
}

static int run_lie(struct headset *h, const struct arguments *a)
{
	const struct describe_lie *lie = &describe_lies[(unsigned int)a->number[0]];

	h->lie = lie->name ? lie : NULL;
	return 0;
}

static int run_unplug(struct headset *h, const struct arguments *a)
{
	if (a->n)
		h->plug_time = headset_now() + (uint64_t)(a->number[0] * 1e9);

	return headset_unplug(h);
}

static int run_plug(struct headset *h, _unused_ const struct arguments *a)
{
	h->plug_time = 0;
	return 0;
}

static int run_contact(struct headset *h, const struct arguments *a)
{
	if (a->number[0] >= h->device.config.n_channels)
		return -EINVAL;

	headset_set_contact(h, (unsigned int)a->number[0], a->number[1] > 0);
	return 0;
}

static int run_marker(struct headset *h, const struct arguments *a)
{
	headset_press(h, a->n ? a->number[0] * 1e-3 : 0.1);
	return 0;
}

static int run_restart(struct headset *h, _unused_ const struct arguments *a)
{
	headset_restart(h);
	return 0;
}

static int run_stats(struct headset *h, _unused_ const struct arguments *a)
{
	headset_print_stats(h, "stats");
	return 0;
}

static int run_quit(_unused_ struct headset *h, _unused_ const struct arguments *a)
{
	return 1;
}

/* clang-format off: a table */
static const struct command commands[] = {
	{"lose-device", "[N]", "the device drops N frames", 0, {ARG_COUNT}, run_lose_device},
	{"lose-bus", "[N]", "N frames get lost on the bus", 0, {ARG_COUNT}, run_lose_bus},
	{"corrupt", "[N]", "N frames have a wrong bit", 0, {ARG_COUNT}, run_corrupt},
	{"short", "[N]", "N frames are cut short", 0, {ARG_COUNT}, run_short},
	{"late",
	 "MS",
	 "the next frames come MS milliseconds late",
	 1,
	 {ARG_MILLISECONDS},
	 run_late},
	{"lose",
	 "P [KIND]",
	 "from now on lose frames with probability P; KIND: device, bus, "
	 "corrupt, short",
	 1,
	 {ARG_PROBABILITY, ARG_FATE},
	 run_lose},
	{"lateness",
	 "P MS",
	 "from now on frames are up to MS late with probability P",
	 2,
	 {ARG_PROBABILITY, ARG_MILLISECONDS},
	 run_lateness},
	{"stall", "", "stall the data endpoint", 0, {ARG_NONE}, run_stall},
	{"stall-request",
	 "NAME [N]",
	 "refuse the next N requests NAME (describe, start, ...)",
	 1,
	 {ARG_REQUEST, ARG_COUNT},
	 run_stall_request},
	{"lie",
	 "NAME",
	 "from now on DESCRIBE lies, see below; none: no more",
	 1,
	 {ARG_LIE},
	 run_lie},
	{"unplug",
	 "[S]",
	 "pull the plug; put it back after S seconds",
	 0,
	 {ARG_SECONDS},
	 run_unplug},
	{"plug", "", "plug in again", 0, {ARG_NONE}, run_plug},
	{"contact",
	 "N off|on",
	 "channel N loses or finds its contact",
	 2,
	 {ARG_CHANNEL, ARG_ON_OFF},
	 run_contact},
	{"marker",
	 "[MS]",
	 "press the marker button for MS milliseconds",
	 0,
	 {ARG_MILLISECONDS},
	 run_marker},
	{"restart", "", "clock, counter and sequence start anew", 0, {ARG_NONE}, run_restart},
	{"stats", "", "print the statistics", 0, {ARG_NONE}, run_stats},
	{"quit", "", "end", 0, {ARG_NONE}, run_quit},
};
/* clang-format on */

void commands_print_help(FILE *f)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-13s %-9s %s\n", commands[i].name, commands[i].arguments,
			commands[i].description);
}

/* ---- reading them -----------------------------------------------------------------------------
 */

static int parse_number(const char *text, double max, double *ret)
{
	char *end;

	*ret = strtod(text, &end);
	return end != text && !*end && *ret >= 0 && *ret <= max ? 0 : -EINVAL;
}

static int parse_request(const char *text, double *ret)
{
	static const char *const names[] = {
		[OEH_REQ_DESCRIBE] = "describe",
		[OEH_REQ_STATUS] = "status",
		[OEH_REQ_SET_RATE] = "set-rate",
		[OEH_REQ_SET_GAIN] = "set-gain",
		[OEH_REQ_START] = "start",
		[OEH_REQ_STOP] = "stop",
		[OEH_REQ_LEAD_OFF] = "lead-off",
		[OEH_REQ_IMPEDANCE] = "impedance",
		[OEH_REQ_GET_IMPEDANCE] = "get-impedance",
		[OEH_REQ_TEST_SIGNAL] = "test-signal",
		[OEH_REQ_IDENTIFY] = "identify",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i] && strcmp(names[i], text) == 0) {
			*ret = i;
			return 0;
		}
	}

	return -EINVAL;
}

static int parse_fate(const char *text, double *ret)
{
	unsigned int fate;

	for (fate = FATE_LOSE_DEVICE; fate < FATE_COUNT; fate++) {
		if (strcmp(frame_fate_names[fate], text) == 0) {
			*ret = fate;
			return 0;
		}
	}

	return -EINVAL;
}

/* The end of the list stands for no lie. */
static int parse_lie(const char *text, double *ret)
{
	unsigned int i;

	for (i = 0; describe_lies[i].name && strcmp(describe_lies[i].name, text) != 0; i++)
		;
	*ret = i;
	return describe_lies[i].name || strcmp(text, "none") == 0 ? 0 : -EINVAL;
}

static int parse_argument(enum argument_kind kind, const char *text, double *ret)
{
	switch (kind) {
	case ARG_COUNT:
		return parse_number(text, UINT32_MAX, ret);
	case ARG_PROBABILITY:
		return parse_number(text, 1, ret);
	case ARG_MILLISECONDS:
		return parse_number(text, 3600e3, ret);
	case ARG_SECONDS:
		return parse_number(text, 86400, ret);
	case ARG_CHANNEL:
		return parse_number(text, OEH_MAX_CHANNELS - 1, ret);
	case ARG_ON_OFF:
		*ret = strcmp(text, "on") == 0;
		return *ret > 0 || strcmp(text, "off") == 0 ? 0 : -EINVAL;
	case ARG_FATE:
		return parse_fate(text, ret);
	case ARG_REQUEST:
		return parse_request(text, ret);
	case ARG_LIE:
		return parse_lie(text, ret);
	default:
		return -EINVAL;
	}
}

/* Cuts @line, a copy, into words; returns the command or NULL. */
static const struct command *command_parse(char *line, struct arguments *a)
{
	const struct command *command = NULL;
	char *save, *word;
	unsigned int i;

	*a = (struct arguments){0};
	word = strtok_r(line, " \t\n", &save);
	for (i = 0; word && i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, word) == 0)
			command = &commands[i];
	if (!command)
		return NULL;

	while ((word = strtok_r(NULL, " \t\n", &save))) {
		if (a->n == MAX_ARGS ||
		    parse_argument(command->kinds[a->n], word, &a->number[a->n]) < 0)
			return NULL;
		a->n++;
	}

	return a->n < command->min_args ? NULL : command;
}

static int command_do(struct headset *h, const char *line)
{
	_cleanup_free_ char *copy = strdup(line);
	const struct command *command;
	struct arguments a;
	int r;

	if (!copy)
		return -ENOMEM;

	command = command_parse(copy, &a);
	r = !command ? -EINVAL : h ? command->run(h, &a) : 0;
	if (r == -EINVAL)
		fprintf(stderr, "emg-headset-gadget: not a command: \"%.*s\"\n",
			(int)strcspn(line, "\n"), line);

	return r;
}

int command_run(struct headset *h, const char *line)
{
	return command_do(h, line);
}

int command_check(const char *line)
{
	return command_do(NULL, line);
}
