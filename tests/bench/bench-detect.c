/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cost of the detector: bench-detect [SCENE [CHANNELS [RATE [SECONDS]]]]
 *
 * Plays a synthetic patient ("healthy,spasms"; "rest" is noise alone) and
 * prints channel-samples, nanoseconds for each, and memory. For instructions:
 * tests/bench/instructions detector_feed build/bench-detect healthy,spasms
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "detect.h"
#include "scene.h"
#include "util.h"

#define BLOCK 256

DEFINE_CLEANUP(struct scene *, scene_free)
DEFINE_CLEANUP(struct detector *, detector_free)

static const struct site sites[] = {
	{OEH_SIDE_LEFT, OEH_MUSCLE_FRONTALIS},	  {OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_OCULI},
	{OEH_SIDE_LEFT, OEH_MUSCLE_ZYGOMATICUS},  {OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_ORIS},
	{OEH_SIDE_RIGHT, OEH_MUSCLE_FRONTALIS},	  {OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_OCULI},
	{OEH_SIDE_RIGHT, OEH_MUSCLE_ZYGOMATICUS}, {OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_ORIS},
};

static void count_event(const struct detector_event *event, void *userdata)
{
	unsigned int *n = userdata;

	*n += event->phase == PHASE_ENDED;
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int usage(void)
{
	fprintf(stderr, "bench-detect: no such scene, rate or montage\n");
	return 2;
}

int main(int argc, char **argv)
{
	unsigned int events = 0, channels = argc > 2 ? (unsigned int)atoi(argv[2]) : 8;
	struct scene_config patient = {.name = argc > 1 ? argv[1] : "healthy,spasms", .seed = 1};
	struct detector_config config = {.event = count_event, .userdata = &events};
	_cleanup_(scene_freep) struct scene *scene = NULL;
	_cleanup_(detector_freep) struct detector *d = NULL;
	_cleanup_free_ float *uv = NULL;
	double spent = 0, started;
	size_t stride, n, memory, total = 0;

	if (channels < 1 || channels > MONTAGE_MAX) {
		fprintf(stderr, "bench-detect: 1 to %d channels\n", MONTAGE_MAX);
		return 2;
	}
	patient.montage.n_channels = channels;
	for (unsigned int c = 0; c < channels; c++)
		patient.montage.sites[c] = sites[c % ARRAY_SIZE(sites)];
	config.rate = patient.rate = argc > 3 ? atof(argv[3]) : 1000;
	config.montage = patient.montage;
	patient.duration = argc > 4 ? atof(argv[4]) : 60;
	if (scene_new(&patient, &scene) < 0)
		return usage();
	memory = mallinfo2().uordblks + mallinfo2().hblkhd;
	if (detector_new(&config, &d) < 0)
		return usage();
	memory = mallinfo2().uordblks + mallinfo2().hblkhd - memory;
	stride = detector_stride(channels);
	uv = aligned_alloc(64, BLOCK * stride * sizeof(*uv));
	if (!uv)
		return 1;
	memset(uv, 0, BLOCK * stride * sizeof(*uv));
	while ((n = scene_read(scene, uv, stride, BLOCK)) > 0) {
		started = now_ns();
		detector_feed(d, uv, n, 0);
		spent += now_ns() - started;
		total += n;
	}
	detector_finish(d);
	printf("detector: %zu channel-samples of %s, %u events, %.2f ns each, %zu KiB\n",
	       total * channels, patient.name, events, spent / (double)(total * channels),
	       (memory + 1023) / 1024);
	return 0;
}
