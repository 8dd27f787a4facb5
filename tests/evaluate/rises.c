/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rises FILE: what the detector sees of each rise of activity whenever it judges
 * it, one line a side: its onset, the newest time (s), the side, and the cues in
 * the order of enum cue_id. tests/evaluate/fit learns from it what they are worth.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "recording.h"
#include "util.h"

struct rises {
	struct detector *detector;
	double rate;
	uint64_t onset; /* of the rise that was told last ... */
	unsigned int n; /* ... and how much of it */
};

static void side_tell(const struct rises *p, uint8_t side)
{
	const struct detector *d = p->detector;
	const struct face *f = &d->face;
	const struct verdict *v = &f->verdict[side];
	double now = (double)d->frame.end / p->rate;

	if (!v->cue[CUE_AGE]) /* it was out of the question */
		return;
	printf("%.3f %.3f %s", now - (double)v->cue[CUE_AGE], now, oeh_side_label(side));
	for (unsigned int i = 0; i < CUE_RISE_COUNT; i++)
		printf(" %.3f", (double)v->cue[i]);
	printf(" %.3f %u %.3f %u\n", (double)v->recall, f->spasms[side],
	       (double)habit_ratio(f, side), f->spasms[side_other(side)]);
}

/* A rise that was announced is followed on: later moments are to be learnt from too. */
static void frame_tell(struct rises *p, bool was_open)
{
	struct rise *r = &p->detector->face.rise;

	if (!r->n || (r->onset == p->onset && r->n == p->n))
		return;
	p->onset = r->onset;
	p->n = r->n;
	side_tell(p, OEH_SIDE_LEFT);
	side_tell(p, OEH_SIDE_RIGHT);
	if (p->detector->episode.open && !was_open)
		r->open = true;
}

static int feed(struct rises *p, struct recording *recording, float *uv)
{
	struct recording_item item;

	do {
		_cleanup_free_ char *error = NULL;
		bool was_open = p->detector->episode.open;
		int r = recording_read(recording, uv, p->detector->stride, p->detector->time.scans,
				       &item, &error);

		if (r < 0) {
			fprintf(stderr, "rises: %s\n", error ?: "out of memory");
			return r;
		}
		if (item.kind == RECORDING_GAP)
			detector_gap(p->detector, item.n_scans);
		if (item.kind != RECORDING_SCANS)
			continue;
		detector_feed(p->detector, uv, item.n_scans, 0);
		frame_tell(p, was_open);
	} while (item.kind != RECORDING_END);
	return 0;
}

static int run(struct recording *recording)
{
	const struct recording_info *info = recording_get_info(recording);
	struct detector_config config = {.rate = info->rate};
	struct rises p = {.rate = info->rate};
	_cleanup_free_ float *uv = NULL;
	int r;

	montage_from_labels(&config.montage, info->labels, info->n_channels);
	memcpy(config.clip_uv, info->clip_uv, sizeof(config.clip_uv));
	r = detector_new(&config, &p.detector);
	if (r < 0)
		return r;
	uv = aligned_alloc(64, p.detector->time.scans * p.detector->stride * 64);
	r = uv ? feed(&p, recording, uv) : -1;
	detector_free(p.detector);
	return r;
}

int main(int argc, char **argv)
{
	const struct recording_options options = {0};
	_cleanup_free_ char *error = NULL;
	struct recording *recording;
	int r;

	if (argc != 2) {
		fputs("usage: rises FILE\n", stderr);
		return 2;
	}
	if (recording_open(argv[1], &options, NULL, NULL, &recording, &error) < 0) {
		fprintf(stderr, "rises: %s: %s\n", argv[1], error ?: "out of memory");
		return 1;
	}
	r = run(recording);
	recording_close(recording);
	return r < 0;
}
