/* SPDX-License-Identifier: GPL-2.0-or-later */
/* spasmctl analyze: the daemon's detector on a recording. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect.h"
#include "number.h"
#include "personal.h"
#include "recording.h"
#include "report.h"
#include "spasmctl.h"
#include "util.h"

#define BLOCK 1024 /* scans; with eight channels they fit the first level's cache */

struct analysis {
	const char *montage_path, *personal_path, *learn_path;
	struct recording_options options;
	struct report report;
	struct recording *recording;
	struct montage montage;
	struct personal personal;
	struct detector *detector;
};

static void on_warning(const char *message, void *userdata)
{
	report_warn(userdata, message);
}

/* A spasm is told in one line, when all of it is known. */
static void on_event(const struct detector_event *e, void *userdata)
{
	if (e->phase == PHASE_ENDED)
		report_event(userdata, e);
}

static int recording_begin(struct analysis *a)
{
	const char *path = a->report.path;
	_cleanup_free_ char *error = NULL;
	double rate;
	int r;

	r = recording_open(path, &a->options, on_warning, &a->report, &a->recording, &error);
	if (r < 0) {
		fprintf(stderr, "spasmctl: %s: %s\n", path, error ?: "out of memory");
		return r == -EDESTADDRREQ ? EXIT_USAGE : EXIT_UNREADABLE;
	}
	a->report.info = recording_get_info(a->recording);
	rate = a->report.info->rate;
	if (rate >= DETECTOR_MIN_RATE && rate <= DETECTOR_MAX_RATE)
		return 0;
	fprintf(stderr, "spasmctl: %s: its rate is %g Hz; facial EMG needs %g to %g Hz\n", path,
		rate, DETECTOR_MIN_RATE, DETECTOR_MAX_RATE);
	return rate == a->options.rate ? EXIT_USAGE : EXIT_UNREADABLE;
}

/* Says what can't be told with these sites. */
static void montage_warn(struct analysis *a)
{
	for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		bool eye = montage_has_region(&a->montage, side, REGION_EYE);
		bool mouth = montage_has_region(&a->montage, side, REGION_MOUTH);
		char message[128];

		if (eye && mouth)
			continue;
		snprintf(message, sizeof(message),
			 "no site on the %s %s: no spasm can be told there", oeh_side_label(side),
			 eye	 ? "mouth region"
			 : mouth ? "eye region"
				 : "eye and mouth regions");
		report_warn(&a->report, message);
	}
}

static int montage_begin(struct analysis *a)
{
	const struct recording_info *info = a->report.info;
	_cleanup_free_ char *error = NULL;
	int r;

	a->report.montage = &a->montage;
	if (a->montage_path) {
		a->report.montage_from = "file";
		r = montage_from_file(&a->montage, a->montage_path, info->labels, info->n_channels,
				      &error);
		if (r < 0) {
			fprintf(stderr, "spasmctl: %s\n", error ?: "out of memory");
			return r == -EINVAL ? EXIT_USAGE : EXIT_UNREADABLE;
		}
	} else if (montage_from_labels(&a->montage, info->labels, info->n_channels)) {
		a->report.montage_from = "labels";
	} else {
		a->report.montage_from = "none";
		report_warn(&a->report, "no channel has a site, so only bursts are told; "
					"--montage FILE gives sites");
		return 0;
	}
	montage_warn(a);
	return 0;
}

static int personal_begin(struct analysis *a)
{
	_cleanup_free_ char *error = NULL;
	int r;

	if (!a->personal_path)
		return 0;
	r = personal_from_file(&a->personal, a->personal_path, &error);
	if (r < 0) {
		fprintf(stderr, "spasmctl: %s\n", error ?: "out of memory");
		return r == -EINVAL ? EXIT_USAGE : EXIT_UNREADABLE;
	}
	return 0;
}

/* What was learnt goes into a file that only its owner can read. */
static int personal_end(struct analysis *a)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_close_ int fd = -1;
	int r = 0;

	if (!a->learn_path)
		return 0;
	detector_get_personal(a->detector, &a->personal);
	fd = open(a->learn_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		r = -errno;
	else
		TAKE_FD(fd);
	if (r == 0)
		r = personal_write(&a->personal, file);
	if (r < 0)
		fprintf(stderr, "spasmctl: %s: %s\n", a->learn_path, strerror(-r));
	return r < 0 ? EXIT_UNREADABLE : 0;
}

static int detector_begin(struct analysis *a)
{
	struct detector_config config = {
		.personal = a->personal_path ? &a->personal : NULL,
		.rate = a->report.info->rate,
		.montage = a->montage,
		.event = on_event,
		.userdata = &a->report,
	};
	int r;

	memcpy(config.clip_uv, a->report.info->clip_uv, sizeof(config.clip_uv));
	r = detector_new(&config, &a->detector);
	if (r < 0) {
		fprintf(stderr, "spasmctl: the detector cannot start: %s\n", strerror(-r));
		return EXIT_UNREADABLE;
	}
	return 0;
}

static void item_feed(struct analysis *a, const struct recording_item *item, const float *uv)
{
	switch (item->kind) {
	case RECORDING_SCANS:
		detector_feed(a->detector, uv, item->n_scans, 0);
		break;
	case RECORDING_GAP:
		a->report.gaps++;
		a->report.lost += item->n_scans;
		detector_gap(a->detector, item->n_scans);
		break;
	case RECORDING_MARKER:
		detector_marker(a->detector);
		break;
	case RECORDING_END:
		detector_finish(a->detector);
		break;
	}
}

/* Feeds the whole recording; one that breaks off is reported as far as it went. */
static int recording_feed(struct analysis *a)
{
	size_t stride = detector_stride(a->report.info->n_channels);
	_cleanup_free_ float *uv = aligned_alloc(64, BLOCK * stride * sizeof(*uv));
	struct recording_item item;
	int status = 0;

	if (!uv) {
		fputs("spasmctl: out of memory\n", stderr);
		return EXIT_UNREADABLE;
	}
	do {
		_cleanup_free_ char *error = NULL;

		if (recording_read(a->recording, uv, stride, BLOCK, &item, &error) < 0) {
			report_warn(&a->report, error ?: "out of memory");
			item.kind = RECORDING_END;
			status = EXIT_UNREADABLE;
		}
		item_feed(a, &item, uv);
	} while (item.kind != RECORDING_END);
	return status;
}

static int analysis_run(struct analysis *a)
{
	struct detector_totals totals;
	int status;

	status = recording_begin(a);
	if (status == 0)
		status = montage_begin(a);
	if (status == 0)
		status = personal_begin(a);
	if (status == 0)
		status = detector_begin(a);
	if (status != 0)
		return status;

	report_begin(&a->report);
	status = recording_feed(a);
	detector_get_totals(a->detector, &totals);
	report_end(&a->report, &totals);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("spasmctl: the result cannot be written\n", stderr);
		return EXIT_UNREADABLE;
	}
	return status ? status : personal_end(a);
}

/* ---- command line ---- */

static const char help[] =
	"Usage: spasmctl analyze [OPTION]... FILE\n"
	"\n"
	"Finds spasms and other facial activity in a recording: EDF, EDF+, BDF, BDF+,\n"
	"OpenBCI text or CSV.\n"
	"\n"
	"  --json           one line of JSON for each event, a summary last\n"
	"  --montage FILE   which channel lies on which muscle: a section [montage] with\n"
	"                   lines like \"0 = L-OOc\" (channel from 0, or the file's label)\n"
	"  --learn FILE     write what was learnt of this face: best from a recording with\n"
	"                   rest, blinks, smiles and both eyes shut hard\n"
	"  --personal FILE  use what was learnt of this face before\n"
	"  --rate HZ        sampling rate of a CSV file that does not say it\n"
	"  --unit UNIT      unit of its values: uV, mV, V, or microvolts per unit\n"
	"\n"
	"Exit status: 0 done, 1 the recording cannot be read, 2 wrong use.\n"
	"spasmd is not a medical device and gives no diagnosis.\n";

static int option_rate(struct analysis *a, const char *text)
{
	if (number_is_whole(text, strlen(text), &a->options.rate) && a->options.rate > 0)
		return 0;
	fprintf(stderr, "spasmctl analyze: --rate needs a number of Hz, not \"%s\"\n", text);
	return -EINVAL;
}

static int option_unit(struct analysis *a, const char *text)
{
	double *uv = &a->options.unit_uv;

	if (recording_unit_from_text(text, strlen(text), uv) == 0 ||
	    (number_is_whole(text, strlen(text), uv) && *uv > 0))
		return 0;
	fprintf(stderr,
		"spasmctl analyze: --unit needs uV, mV, V or microvolts per unit, not \"%s\"\n",
		text);
	return -EINVAL;
}

/* Returns 1 to go on, 0 when all is done, -EINVAL on wrong use. */
static int options_parse(struct analysis *a, int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},	 {"montage", required_argument, NULL, 'm'},
		{"rate", required_argument, NULL, 'r'},	 {"unit", required_argument, NULL, 'u'},
		{"learn", required_argument, NULL, 'l'}, {"personal", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},	 {0},
	};
	int c, r = 0;

	optind = 0;
	while (r == 0 && (c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case 'j':
			a->report.json = true;
			break;
		case 'm':
			a->montage_path = optarg;
			break;
		case 'r':
			r = option_rate(a, optarg);
			break;
		case 'u':
			r = option_unit(a, optarg);
			break;
		case 'l':
			a->learn_path = optarg;
			break;
		case 'p':
			a->personal_path = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return 0;
		default:
			return -EINVAL;
		}
	}
	if (r < 0)
		return r;
	if (optind != argc - 1) {
		fprintf(stderr, "spasmctl analyze: give one recording, not %d\n", argc - optind);
		return -EINVAL;
	}
	a->report.path = argv[optind];
	return 1;
}

int command_analyze(int argc, char **argv)
{
	struct analysis a = {0};
	int r = options_parse(&a, argc, argv);

	if (r <= 0) {
		if (r < 0)
			fputs("\"spasmctl analyze --help\" tells more.\n", stderr);
		return r < 0 ? EXIT_USAGE : EXIT_SUCCESS;
	}
	r = analysis_run(&a);
	detector_free(a.detector);
	recording_close(a.recording);
	report_clear(&a.report);

	return r;
}
