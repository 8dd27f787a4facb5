// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of the emulated headset. */
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "commands.h"
#include "options.h"
#include "scene.h"
#include "util.h"

static const char help_head[] =
	"Usage: emg-headset-gadget [OPTION...]\n"
	"\n"
	"An EMG headset of the Open EMG Headset protocol on a USB device controller, real or\n"
	"emulated (dummy_hcd). Not a medical device.\n"
	"\n"
	"What it plays (default: --scene rest)\n"
	"  --scene NAME[,NAME...]   a synthetic patient, see below\n"
	"  --seed N                 of the scene and of random faults (1)\n"
	"  --recording FILE         EDF+, BDF+, OpenBCI text or CSV\n"
	"  --montage FILE           sites of the recording's channels\n"
	"  --recording-rate HZ      where the file does not say\n"
	"  --unit uV|mV|V|FACTOR    likewise\n"
	"  --pattern                a bit-exact test pattern\n"
	"  --loop | --once          at its end begin anew, or leave (default: hold the last "
	"value)\n"
	"\n"
	"The device\n"
	"  --channels N             1 to 32 (8)\n"
	"  --sites L-Fro,R-Fro,...  of the channels\n"
	"  --rate HZ                at power-up (1000); a recording's own rate is the only one\n"
	"  --bits 16|24|32          resolution (24)\n"
	"  --gain FACTOR            at power-up (24)\n"
	"  --serial TEXT            (OEH-00000001)\n"
	"  --frame-samples N        scans in a frame, at most\n"
	"  --counter-start N        first value of the sample counter, against the protocol\n"
	"  --drift PPM              the device's clock is fast by that much\n"
	"  --no-marker              without a marker button\n"
	"\n"
	"The bus\n"
	"  --udc NAME               device controller (the first free one)\n"
	"  --vid ID, --pid ID       USB ID in hex, required on a real controller\n"
	"  --speed full|high        (high)\n"
	"  --queue N                transfers in flight (64)\n"
	"  --memory S               seconds that it keeps samples that the host does not take (2)\n"
	"\n"
	"The run\n"
	"  --duration S             end after S seconds\n"
	"  --control FIFO           make FIFO and take commands from it, one a line; \"done: "
	"...\"\n"
	"                           on standard output acknowledges each\n"
	"  --command COMMAND        carry out COMMAND first\n"
	"  --at S:COMMAND           carry out COMMAND S seconds after capture has started\n"
	"  --marker-at S[,S...]     press the marker button\n"
	"  --lose P[:KIND]          lose frames at random, as the command\n"
	"  --log FILE               times (CLOCK_BOOTTIME) of frames and known events, JSON Lines\n"
	"  --log-every N            only every Nth frame (1)\n"
	"  -h, --help\n"
	"\n"
	"Standard output tells \"ready: ...\" when the host has set it up, and statistics as JSON\n"
	"Lines when capture stops, on SIGUSR1 and at the end.\n";

enum {
	OPT_SCENE = 256,
	OPT_SEED,
	OPT_RECORDING,
	OPT_MONTAGE,
	OPT_RECORDING_RATE,
	OPT_UNIT,
	OPT_PATTERN,
	OPT_LOOP,
	OPT_ONCE,
	OPT_CHANNELS,
	OPT_SITES,
	OPT_RATE,
	OPT_BITS,
	OPT_GAIN,
	OPT_SERIAL,
	OPT_FRAME_SAMPLES,
	OPT_COUNTER_START,
	OPT_DRIFT,
	OPT_NO_MARKER,
	OPT_UDC,
	OPT_VID,
	OPT_PID,
	OPT_SPEED,
	OPT_QUEUE,
	OPT_MEMORY,
	OPT_DURATION,
	OPT_CONTROL,
	OPT_COMMAND,
	OPT_AT,
	OPT_MARKER_AT,
	OPT_LOSE,
	OPT_LOG,
	OPT_LOG_EVERY,
};

static const struct option long_options[] = {
	{"scene", required_argument, NULL, OPT_SCENE},
	{"seed", required_argument, NULL, OPT_SEED},
	{"recording", required_argument, NULL, OPT_RECORDING},
	{"montage", required_argument, NULL, OPT_MONTAGE},
	{"recording-rate", required_argument, NULL, OPT_RECORDING_RATE},
	{"unit", required_argument, NULL, OPT_UNIT},
	{"pattern", no_argument, NULL, OPT_PATTERN},
	{"loop", no_argument, NULL, OPT_LOOP},
	{"once", no_argument, NULL, OPT_ONCE},
	{"channels", required_argument, NULL, OPT_CHANNELS},
	{"sites", required_argument, NULL, OPT_SITES},
	{"rate", required_argument, NULL, OPT_RATE},
	{"bits", required_argument, NULL, OPT_BITS},
	{"gain", required_argument, NULL, OPT_GAIN},
	{"serial", required_argument, NULL, OPT_SERIAL},
	{"frame-samples", required_argument, NULL, OPT_FRAME_SAMPLES},
	{"counter-start", required_argument, NULL, OPT_COUNTER_START},
	{"drift", required_argument, NULL, OPT_DRIFT},
	{"no-marker", no_argument, NULL, OPT_NO_MARKER},
	{"udc", required_argument, NULL, OPT_UDC},
	{"vid", required_argument, NULL, OPT_VID},
	{"pid", required_argument, NULL, OPT_PID},
	{"speed", required_argument, NULL, OPT_SPEED},
	{"queue", required_argument, NULL, OPT_QUEUE},
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"duration", required_argument, NULL, OPT_DURATION},
	{"control", required_argument, NULL, OPT_CONTROL},
	{"command", required_argument, NULL, OPT_COMMAND},
	{"at", required_argument, NULL, OPT_AT},
	{"marker-at", required_argument, NULL, OPT_MARKER_AT},
	{"lose", required_argument, NULL, OPT_LOSE},
	{"log", required_argument, NULL, OPT_LOG},
	{"log-every", required_argument, NULL, OPT_LOG_EVERY},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static void print_help(void)
{
	const struct scene_name *scene;
	const struct describe_lie *lie;

	fputs(help_head, stdout);
	printf("\nScenes\n");
	for (scene = scene_names; scene->name; scene++)
		printf("  %-24s %s\n", scene->name, scene->description);
	printf("\nCommands\n");
	commands_print_help(stdout);
	printf("\nLies of DESCRIBE (command lie)\n");
	for (lie = describe_lies; lie->name; lie++)
		printf("  %-13s %s\n", lie->name, lie->description);
}

_printf_(1, 2) static int wrong(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "emg-headset-gadget: ");
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "; see --help\n");

	return -EINVAL;
}

/* Numbers are not negative unless @min says so. */
static int number(const char *option, const char *text, double min, double max, double *ret)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= min && value <= max))
		return wrong("--%s wants a number from %g to %g, not \"%s\"", option, min, max,
			     text);

	*ret = value;
	return 0;
}

static int number_uint(const char *option, const char *text, unsigned int min, unsigned int max,
		       unsigned int *ret)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (end == text || *end || errno || strchr(text, '-') || value < min || value > max)
		return wrong("--%s wants a whole number from %u to %u, not \"%s\"", option, min,
			     max, text);

	*ret = value;
	return 0;
}

static int number_usb_id(const char *option, const char *text, uint16_t *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, 16);

	if (end == text || *end || value < 1 || value > 0xffff)
		return wrong("--%s wants a USB ID in hex, not \"%s\"", option, text);

	*ret = value;
	return 0;
}

static int parse_unit(const char *text, double *ret)
{
	static const struct {
		const char *name;
		double uv;
	} units[] = {{"uV", 1}, {"mV", 1e3}, {"V", 1e6}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(units[i].name, text) == 0) {
			*ret = units[i].uv;
			return 0;
		}
	}

	return number("unit", text, 1e-9, 1e9, ret);
}

static int schedule(struct options *o, double seconds, const char *command)
{
	if (command_check(command) < 0)
		return -EINVAL;
	if (o->n_scheduled == MAX_SCHEDULED)
		return wrong("more than %d commands", MAX_SCHEDULED);

	o->scheduled[o->n_scheduled++] = (struct scheduled_command){
		.seconds = seconds,
		.command = command,
	};
	return 0;
}

static int parse_at(struct options *o, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != ':' || !(seconds >= 0))
		return wrong("--at wants SECONDS:COMMAND, not \"%s\"", text);

	return schedule(o, seconds, end + 1);
}

static int parse_marker_at(struct options *o, const char *text)
{
	const char *at = text;

	do {
		char *end;
		double seconds = strtod(at, &end);
		int r;

		if (end == at || (*end && *end != ',') || !(seconds >= 0))
			return wrong("--marker-at wants seconds, not \"%s\"", text);
		r = schedule(o, seconds, "marker");
		if (r < 0)
			return r;
		at = *end ? end + 1 : end;
	} while (*at);

	return 0;
}

/* "0.1:bus" is the command "lose 0.1 bus". */
static int parse_lose(struct options *o, char *text)
{
	text[strcspn(text, ":")] = text[strcspn(text, ":")] ? ' ' : '\0';
	snprintf(o->lose, sizeof(o->lose), "lose %s", text);

	return schedule(o, -1, o->lose);
}

static int parse_speed(struct options *o, const char *text)
{
	if (strcmp(text, "full") != 0 && strcmp(text, "high") != 0)
		return wrong("--speed is full or high, not \"%s\"", text);

	o->usb.full_speed = strcmp(text, "full") == 0;
	return 0;
}

static int parse_bits(struct options *o, const char *text)
{
	int r = number_uint("bits", text, OEH_MIN_BITS, OEH_MAX_BITS, &o->bits);

	if (r == 0 && o->bits % 8)
		return wrong("--bits is 16, 24 or 32, not \"%s\"", text);

	return r;
}

static int parse_drift(struct options *o, const char *text)
{
	double ppm;
	int r = number("drift", text, -10000, 10000, &ppm);

	o->drift = r < 0 ? 0 : ppm * 1e-6;
	return r;
}

static int parse_seed(struct options *o, const char *text)
{
	unsigned int seed;
	int r = number_uint("seed", text, 0, UINT32_MAX, &seed);

	o->seed = r < 0 ? 0 : seed;
	return r;
}

static int parse_player_option(struct options *o, int option, char *text)
{
	switch (option) {
	case OPT_SCENE:
		o->scene = text;
		return 0;
	case OPT_SEED:
		return parse_seed(o, text);
	case OPT_RECORDING:
		o->recording = text;
		return 0;
	case OPT_MONTAGE:
		o->montage_file = text;
		return 0;
	case OPT_RECORDING_RATE:
		return number("recording-rate", text, OEH_MIN_RATE, OEH_MAX_RATE,
			      &o->recording_rate);
	case OPT_UNIT:
		return parse_unit(text, &o->unit_uv);
	case OPT_PATTERN:
		o->pattern = true;
		return 0;
	case OPT_LOOP:
		o->end = END_LOOP;
		return 0;
	case OPT_ONCE:
		o->end = END_EXIT;
		return 0;
	default:
		return -ENOENT;
	}
}

static int parse_device_option(struct options *o, int option, char *text)
{
	switch (option) {
	case OPT_CHANNELS:
		return number_uint("channels", text, 1, OEH_MAX_CHANNELS, &o->n_channels);
	case OPT_SITES:
		o->sites = text;
		return 0;
	case OPT_RATE:
		return number_uint("rate", text, OEH_MIN_RATE, OEH_MAX_RATE, &o->rate);
	case OPT_BITS:
		return parse_bits(o, text);
	case OPT_GAIN:
		return number_uint("gain", text, 1, UINT16_MAX, &o->gain);
	case OPT_SERIAL:
		o->serial = text;
		return 0;
	case OPT_FRAME_SAMPLES:
		return number_uint("frame-samples", text, 1, OEH_MAX_FRAME_SAMPLES,
				   &o->frame_samples);
	case OPT_COUNTER_START:
		return number_uint("counter-start", text, 0, UINT32_MAX, &o->counter_start);
	case OPT_DRIFT:
		return parse_drift(o, text);
	case OPT_NO_MARKER:
		o->no_marker = true;
		return 0;
	default:
		return -ENOENT;
	}
}

static int parse_bus_option(struct options *o, int option, char *text)
{
	switch (option) {
	case OPT_UDC:
		o->usb.udc = text;
		return 0;
	case OPT_VID:
		return number_usb_id("vid", text, &o->usb.vid);
	case OPT_PID:
		return number_usb_id("pid", text, &o->usb.pid);
	case OPT_SPEED:
		return parse_speed(o, text);
	case OPT_QUEUE:
		return number_uint("queue", text, 1, 4096, &o->queue);
	case OPT_MEMORY:
		return number("memory", text, 0, 3600, &o->memory);
	default:
		return -ENOENT;
	}
}

static int parse_run_option(struct options *o, int option, char *text)
{
	switch (option) {
	case OPT_DURATION:
		return number("duration", text, 0, 1e9, &o->duration);
	case OPT_CONTROL:
		o->control = text;
		return 0;
	case OPT_COMMAND:
		return schedule(o, -1, text);
	case OPT_AT:
		return parse_at(o, text);
	case OPT_MARKER_AT:
		return parse_marker_at(o, text);
	case OPT_LOSE:
		return parse_lose(o, text);
	case OPT_LOG:
		o->log = text;
		return 0;
	case OPT_LOG_EVERY:
		return number_uint("log-every", text, 1, UINT32_MAX, &o->log_every);
	default:
		return -ENOENT;
	}
}

static int options_check(const struct options *o)
{
	if (!!o->pattern + !!o->scene + !!o->recording > 1)
		return wrong("only one of --scene, --recording and --pattern");
	if (o->recording && (o->n_channels || o->rate || o->sites))
		return wrong("a recording has its own channels and rate: --channels, --rate and "
			     "--sites don't go with it");
	if (o->montage_file && !o->recording)
		return wrong("--montage is for a recording; use --sites");

	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	typedef int (*parser)(struct options *, int option, char *text);
	static const parser parsers[] = {
		parse_player_option,
		parse_device_option,
		parse_bus_option,
		parse_run_option,
	};
	int option;

	*o = (struct options){.seed = 1,
			      .bits = 24,
			      .serial = "OEH-00000001",
			      .queue = 64,
			      .memory = 2,
			      .log_every = 1};

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
		unsigned int i;
		int r = -ENOENT;

		if (option == 'h') {
			print_help();
			return 1;
		}
		for (i = 0; i < ARRAY_SIZE(parsers) && r == -ENOENT; i++)
			r = parsers[i](o, option, optarg);
		if (r == -ENOENT)
			fprintf(stderr, "Try emg-headset-gadget --help.\n");
		if (r < 0)
			return -EINVAL;
	}
	if (optind < argc)
		return wrong("\"%s\" is no option", argv[optind]);

	return options_check(o);
}
