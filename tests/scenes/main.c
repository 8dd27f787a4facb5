/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emg-scene: writes a synthetic patient to a BDF file, and what is true of it. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <string.h>

#include "bdf-writer.h"
#include "scene.h"
#include "truth.h"
#include "util.h"

#define DEFAULT_MONTAGE "L-Fro,L-OOc,L-Zyg,L-OOr,R-Fro,R-OOc,R-Zyg,R-OOr"
#define BLOCK		256 /* scans read at once */

DEFINE_CLEANUP(struct scene *, scene_free)

struct arguments {
	struct scene_config config;
	const char *output, *truth;
};

static const char usage_text[] =
	"Usage: emg-scene --scene NAME[,NAME] [OPTION]... -o FILE.bdf\n"
	"Writes a synthetic patient. It is synthetic: it stands for no person.\n"
	"\n"
	"  --scene NAME[,NAME]     what happens; several run side by side (--list)\n"
	"  --seed N                the same number gives the same bytes (1)\n"
	"  --rate HZ               whole number, 250 to 16000 (1000)\n"
	"  --duration S            seconds (60)\n"
	"  --montage L-Fro,...     1 to 32 sites, - for a channel that is left out\n"
	"  -o, --output FILE       BDF, 24 bits\n"
	"  --truth FILE            what is true of it, JSON Lines\n"
	"  --list                  names of scenes\n"
	"\n"
	"Departures from what is assumed otherwise; RANGE is LO:HI or one figure:\n"
	"  --vary PERCENT          scale every assumption at random by up to +-PERCENT\n"
	"  --spasm-uv RANGE        peak of spasms\n"
	"  --movement FACTOR       strength of all voluntary acts and blinks\n"
	"  --noise-uv RANGE        electrode noise, RMS in 20 to 450 Hz\n"
	"  --mains-uv UV           amplitude of mains on the worst channel; 0: none\n"
	"  --mains-hz HZ           50, 60 or between\n"
	"  --mains-drift HZ        largest departure of the frequency; 0: none\n"
	"  --crosstalk FACTOR      on all cross-talk; 0: none\n"
	"  --side left|right       the affected side\n"
	"  --weak-side left|right  a side with less strength ...\n"
	"  --weak-factor FACTOR    ... and what is left of it (1/3)\n"
	"  --asymmetry FACTOR      on healthy unevenness; 0: none\n"
	"  --ramp FACTOR           on the ramps of voluntary acts\n"
	"  --burst-ms RANGE        length of one burst of a spasm\n"
	"  --burst-rate RANGE      bursts a second in a train\n"
	"  --pause RANGE           seconds between spasms\n";

/* Whole text is a number. */
static int parse_number(const char *text, double *ret)
{
	char *end;

	errno = 0;
	*ret = strtod(text, &end);

	return errno || end == text || *end || !isfinite(*ret) ? -EINVAL : 0;
}

static int parse_range(const char *text, double ret[2])
{
	const char *colon = strchr(text, ':');
	char low[64];

	if (!colon) {
		int r = parse_number(text, &ret[0]);

		ret[1] = ret[0];
		return r;
	}
	if ((size_t)(colon - text) >= sizeof(low))
		return -EINVAL;
	memcpy(low, text, (size_t)(colon - text));
	low[colon - text] = '\0';

	return parse_number(low, &ret[0]) < 0 ? -EINVAL : parse_number(colon + 1, &ret[1]);
}

/* In a knob 0 means "as usual" and a negative figure "none". */
static int parse_factor(const char *text, double *ret)
{
	int r = parse_number(text, ret);

	if (r == 0 && *ret == 0.0)
		*ret = -1.0;

	return r;
}

static int parse_side(const char *text, uint8_t *ret)
{
	if (strcmp(text, "left") == 0)
		*ret = OEH_SIDE_LEFT;
	else if (strcmp(text, "right") == 0)
		*ret = OEH_SIDE_RIGHT;
	else
		return -EINVAL;

	return 0;
}

static int parse_montage(const char *text, struct montage *ret)
{
	ret->n_channels = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		char code[SITE_TEXT_MAX];

		if (length >= sizeof(code) || ret->n_channels == MONTAGE_MAX)
			return -EINVAL;
		memcpy(code, text, length);
		code[length] = '\0';
		if (site_from_text(code, &ret->sites[ret->n_channels++]) < 0)
			return -EINVAL;
		text += length;
		if (!*text)
			return 0;
		text++;
	}
}

static int parse_seed(const char *text, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 0);

	return errno || end == text || *end || *text == '-' ? -EINVAL : 0;
}

enum option_id {
	OPT_SCENE = 256,
	OPT_SEED,
	OPT_RATE,
	OPT_DURATION,
	OPT_MONTAGE,
	OPT_TRUTH,
	OPT_LIST,
	OPT_VARY,
	OPT_SPASM,
	OPT_MOVEMENT,
	OPT_NOISE,
	OPT_MAINS_UV,
	OPT_MAINS_HZ,
	OPT_MAINS_DRIFT,
	OPT_CROSSTALK,
	OPT_SIDE,
	OPT_WEAK_SIDE,
	OPT_WEAK_FACTOR,
	OPT_ASYMMETRY,
	OPT_RAMP,
	OPT_BURST_MS,
	OPT_BURST_RATE,
	OPT_PAUSE,
};

/* clang-format off */
static const struct option options[] = {
	{"scene", required_argument, NULL, OPT_SCENE},
	{"seed", required_argument, NULL, OPT_SEED},
	{"rate", required_argument, NULL, OPT_RATE},
	{"duration", required_argument, NULL, OPT_DURATION},
	{"montage", required_argument, NULL, OPT_MONTAGE},
	{"output", required_argument, NULL, 'o'},
	{"truth", required_argument, NULL, OPT_TRUTH},
	{"list", no_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, 'h'},
	{"vary", required_argument, NULL, OPT_VARY},
	{"spasm-uv", required_argument, NULL, OPT_SPASM},
	{"movement", required_argument, NULL, OPT_MOVEMENT},
	{"noise-uv", required_argument, NULL, OPT_NOISE},
	{"mains-uv", required_argument, NULL, OPT_MAINS_UV},
	{"mains-hz", required_argument, NULL, OPT_MAINS_HZ},
	{"mains-drift", required_argument, NULL, OPT_MAINS_DRIFT},
	{"crosstalk", required_argument, NULL, OPT_CROSSTALK},
	{"side", required_argument, NULL, OPT_SIDE},
	{"weak-side", required_argument, NULL, OPT_WEAK_SIDE},
	{"weak-factor", required_argument, NULL, OPT_WEAK_FACTOR},
	{"asymmetry", required_argument, NULL, OPT_ASYMMETRY},
	{"ramp", required_argument, NULL, OPT_RAMP},
	{"burst-ms", required_argument, NULL, OPT_BURST_MS},
	{"burst-rate", required_argument, NULL, OPT_BURST_RATE},
	{"pause", required_argument, NULL, OPT_PAUSE},
	{0},
};
/* clang-format on */

static int set_knob(struct scene_knobs *k, int option, const char *text)
{
	double percent;
	int r;

	switch (option) {
	case OPT_VARY:
		r = parse_number(text, &percent);
		k->vary = percent / 100.0;
		return r;
	case OPT_SPASM:
		return parse_range(text, k->spasm_uv);
	case OPT_MOVEMENT:
		return parse_number(text, &k->movement);
	case OPT_NOISE:
		return parse_range(text, k->noise_uv);
	case OPT_MAINS_UV:
		return parse_factor(text, &k->mains_uv);
	case OPT_MAINS_HZ:
		return parse_number(text, &k->mains_hz);
	case OPT_MAINS_DRIFT:
		return parse_factor(text, &k->mains_drift);
	case OPT_CROSSTALK:
		return parse_factor(text, &k->crosstalk);
	case OPT_SIDE:
		return parse_side(text, &k->side);
	case OPT_WEAK_SIDE:
		return parse_side(text, &k->weak_side);
	case OPT_WEAK_FACTOR:
		return parse_number(text, &k->weak_factor);
	case OPT_ASYMMETRY:
		return parse_factor(text, &k->asymmetry);
	case OPT_RAMP:
		return parse_number(text, &k->ramp);
	case OPT_BURST_MS:
		return parse_range(text, k->burst_ms);
	case OPT_BURST_RATE:
		return parse_range(text, k->burst_rate);
	default:
		return parse_range(text, k->pause_s);
	}
}

static int set_option(struct arguments *a, int option, const char *text)
{
	switch (option) {
	case OPT_SCENE:
		a->config.name = text;
		return 0;
	case OPT_SEED:
		return parse_seed(text, &a->config.seed);
	case OPT_RATE:
		return parse_number(text, &a->config.rate);
	case OPT_DURATION:
		return parse_number(text, &a->config.duration);
	case OPT_MONTAGE:
		return parse_montage(text, &a->config.montage);
	case OPT_TRUTH:
		a->truth = text;
		return 0;
	case 'o':
		a->output = text;
		return 0;
	default:
		return set_knob(&a->config.knobs, option, text);
	}
}

static void list_scenes(void)
{
	for (const struct scene_name *n = scene_names; n->name; n++)
		printf("%-14s %s\n", n->name, n->description);
}

static const char *option_name(int option)
{
	const struct option *o = options;

	while (o->name && o->val != option)
		o++;

	return o->name ? o->name : "";
}

/* Returns 1 when all is done already, 0, or -EINVAL with a message printed. */
static int parse_arguments(struct arguments *a, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			return 1;
		}
		if (option == OPT_LIST) {
			list_scenes();
			return 1;
		}
		if (option == '?')
			return -EINVAL;
		if (set_option(a, option, optarg) < 0) {
			fprintf(stderr,
				"emg-scene: '%s' cannot be the value of --%s (see --help)\n",
				optarg, option_name(option));
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "emg-scene: '%s' is one word too many (see --help)\n",
			argv[optind]);
		return -EINVAL;
	}
	if (!a->config.name || !a->output) {
		fputs("emg-scene: --scene and -o are needed (see --help)\n", stderr);
		return -EINVAL;
	}
	if (a->config.rate != floor(a->config.rate)) {
		fputs("emg-scene: a BDF file needs a whole number of samples a second\n", stderr);
		return -EINVAL;
	}

	return 0;
}

static int write_samples(struct scene *s, const struct arguments *a)
{
	float uv[BLOCK][MONTAGE_MAX];
	struct bdf_writer w;
	size_t n;
	int r, closed;

	r = bdf_writer_open(&w, a->output, &a->config.montage, (unsigned int)a->config.rate,
			    (float)SCENE_CLIP_UV);
	if (r < 0)
		return r;

	while (r == 0 && (n = scene_read(s, uv[0], MONTAGE_MAX, BLOCK)) > 0) {
		for (size_t i = 0; r == 0 && i < n; i++)
			r = bdf_writer_add(&w, uv[i]);
	}
	closed = bdf_writer_close(&w);

	return r < 0 ? r : closed;
}

static int write_truth(const struct scene *s, const struct arguments *a)
{
	_cleanup_fclose_ FILE *f = fopen(a->truth, "w");

	if (!f)
		return -errno;

	return truth_write(f, s, &a->config);
}

static int fail(const char *what, int r)
{
	fprintf(stderr, "emg-scene: %s: %s\n", what, strerror(-r));

	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct arguments a = {.config = {.seed = 1, .rate = 1000.0}};
	_cleanup_(scene_freep) struct scene *s = NULL;
	int r;

	if (parse_montage(DEFAULT_MONTAGE, &a.config.montage) < 0)
		return EXIT_FAILURE;
	r = parse_arguments(&a, argc, argv);
	if (r != 0)
		return r > 0 ? EXIT_SUCCESS : 2;

	r = scene_new(&a.config, &s);
	if (r == -EINVAL) {
		fputs("emg-scene: no such scene (--list), or a figure out of range (--help)\n",
		      stderr);
		return 2;
	}
	if (r < 0)
		return fail("cannot make the scene", r);
	r = write_samples(s, &a);
	if (r < 0)
		return fail(a.output, r);
	r = a.truth ? write_truth(s, &a) : 0;
	if (r < 0)
		return fail(a.truth, r);

	return EXIT_SUCCESS;
}
