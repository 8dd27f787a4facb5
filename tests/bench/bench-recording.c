/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cost of reading recordings: bench-recording [FORMAT [CHANNELS [RATE [SECONDS]]]]
 *
 * Prints channel-samples and nanoseconds for each. For instructions:
 * tests/bench/instructions recording_read build/bench-recording bdf
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bdf-writer.h"
#include "detect.h"
#include "recording.h"
#include "util.h"

#define BLOCK	1024
#define PATH	"/proc/self/fd/%d"
#define CLIP_UV 187500

struct work {
	unsigned int channels, rate, seconds;
};

/* Noise of some 100 uV; the same in every run. */
static float next_uv(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return (float)(int32_t)*state * (100.0f / 2147483648.0f);
}

static int write_bdf(const char *path, const struct work *w)
{
	struct montage montage = {.n_channels = w->channels};
	float uv[MONTAGE_MAX];
	struct bdf_writer writer;
	uint32_t state = 1;
	int r;

	r = bdf_writer_open(&writer, path, &montage, w->rate, CLIP_UV);
	for (unsigned long i = 0; r == 0 && i < (unsigned long)w->rate * w->seconds; i++) {
		for (unsigned int c = 0; c < w->channels; c++)
			uv[c] = next_uv(&state);
		r = bdf_writer_add(&writer, uv);
	}
	return r < 0 ? r : bdf_writer_close(&writer);
}

static int write_csv(const char *path, const struct work *w)
{
	_cleanup_fclose_ FILE *f = fopen(path, "we");
	uint32_t state = 1;

	if (!f)
		return -errno;
	fprintf(f, "# rate=%u\n# unit=uV\n", w->rate);
	for (unsigned long i = 0; i < (unsigned long)w->rate * w->seconds; i++)
		for (unsigned int c = 0; c < w->channels; c++)
			fprintf(f, "%.3f%c", (double)next_uv(&state),
				c + 1 < w->channels ? ',' : '\n');
	return fflush(f) == 0 ? 0 : -EIO;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int read_all(const char *path, uint64_t *scans)
{
	struct recording *recording;
	struct recording_item item;
	char *error = NULL;
	size_t stride;
	float *uv;
	int r;

	r = recording_open(path, NULL, NULL, NULL, &recording, &error);
	if (r < 0) {
		fprintf(stderr, "bench-recording: %s\n", error ?: "out of memory");
		free(error);
		return r;
	}
	stride = detector_stride(recording_get_info(recording)->n_channels);
	uv = aligned_alloc(64, BLOCK * stride * sizeof(*uv));
	if (!uv)
		r = -ENOMEM;
	while (r == 0) {
		r = recording_read(recording, uv, stride, BLOCK, &item, NULL);
		if (r < 0 || item.kind == RECORDING_END)
			break;
		*scans += item.n_scans;
	}
	free(uv);
	recording_close(recording);
	return r;
}

static int bench(const char *format, const struct work *w)
{
	_cleanup_close_ int fd = memfd_create("bench", MFD_CLOEXEC);
	uint64_t scans = 0;
	char path[64];
	double start;
	int r;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), PATH, fd);
	r = strcmp(format, "csv") == 0 ? write_csv(path, w) : write_bdf(path, w);
	if (r < 0)
		return r;
	start = now();
	r = read_all(path, &scans);
	if (r < 0)
		return r;
	printf("%s %ux%u: %llu channel-samples, %.2f ns each\n", format, w->channels, w->rate,
	       (unsigned long long)(scans * w->channels),
	       1e9 * (now() - start) / (double)(scans * w->channels));
	return scans == (uint64_t)w->rate * w->seconds ? 0 : -EIO;
}

static unsigned int argument(int argc, char **argv, int i, unsigned int otherwise)
{
	return i < argc ? (unsigned int)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	struct work w = {
		.channels = argument(argc, argv, 2, 8),
		.rate = argument(argc, argv, 3, 1000),
		.seconds = argument(argc, argv, 4, 600),
	};
	int r;

	if (!w.channels || w.channels > MONTAGE_MAX || !w.rate || !w.seconds) {
		fprintf(stderr, "usage: bench-recording [bdf|csv [CHANNELS [RATE [SECONDS]]]]\n");
		return 2;
	}
	if (argc > 1) {
		r = bench(argv[1], &w);
	} else {
		r = bench("bdf", &w);
		if (r == 0)
			r = bench("csv", &w);
	}
	if (r < 0)
		fprintf(stderr, "bench-recording: %s\n", strerror(-r));
	return r < 0;
}
