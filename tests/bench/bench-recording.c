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

#include "../unit/recording-fixture.h"
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

static int write_openbci(const char *path, const struct work *w)
{
	_cleanup_fclose_ FILE *f = fopen(path, "we");
	uint32_t state = 1;

	if (!f)
		return -errno;
	fprintf(f, "%%OpenBCI Raw EXG Data\n%%Number of channels = %u\n%%Sample Rate = %u Hz\n",
		w->channels, w->rate);
	fprintf(f, "%%Board = OpenBCI_GUI$BoardCytonSerial\nSample Index");
	for (unsigned int c = 0; c < w->channels; c++)
		fprintf(f, ", EXG Channel %u", c);
	fprintf(f, ", Accel Channel 0, Timestamp (Formatted)\n");
	for (unsigned long i = 0; i < (unsigned long)w->rate * w->seconds; i++) {
		fprintf(f, "%lu", i % 256);
		for (unsigned int c = 0; c < w->channels; c++)
			fprintf(f, ", %.10f", (double)next_uv(&state));
		fprintf(f, ", 0.04, 12:00:53.329\n");
	}
	return fflush(f) == 0 ? 0 : -EIO;
}

/* Records of a second. */
static int write_edf(const char *path, const struct work *w)
{
	struct edf_file_signal signals[MONTAGE_MAX];
	struct edf_file file = {.reserved = "", .duration = "1", .n = w->channels};
	unsigned char bytes[256 * (MONTAGE_MAX + 1)], sample[2];
	_cleanup_fclose_ FILE *f = fopen(path, "we");
	char samples[16], records[16];
	uint32_t state = 1;
	size_t n;

	if (!f)
		return -errno;
	snprintf(samples, sizeof(samples), "%u", w->rate);
	snprintf(records, sizeof(records), "%u", w->seconds);
	for (unsigned int c = 0; c < w->channels; c++)
		signals[c] = (struct edf_file_signal){"EMG",	"uV",	 "-3276.8", "3276.7",
						      "-32768", "32767", samples};
	file.records = records;
	file.signals = signals;
	n = (size_t)(edf_file_header(&file, bytes) - bytes);
	fwrite(bytes, 1, n, f);
	for (unsigned long i = 0; i < (unsigned long)w->channels * w->rate * w->seconds; i++) {
		edf_put_sample(sample, false, (int32_t)(10 * next_uv(&state)));
		fwrite(sample, 1, sizeof(sample), f);
	}
	return fflush(f) == 0 ? 0 : -EIO;
}

struct format {
	const char *name;
	int (*write)(const char *path, const struct work *w);
};

static const struct format formats[] = {
	{"bdf", write_bdf},
	{"edf", write_edf},
	{"openbci", write_openbci},
	{"csv", write_csv},
};

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

static int bench(const struct format *format, const struct work *w)
{
	_cleanup_close_ int fd = memfd_create("bench", MFD_CLOEXEC);
	uint64_t scans = 0;
	char path[64];
	double start;
	int r;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), PATH, fd);
	r = format->write(path, w);
	if (r < 0)
		return r;
	start = now();
	r = read_all(path, &scans);
	if (r < 0)
		return r;
	printf("%s %ux%u: %llu channel-samples, %.2f ns each\n", format->name, w->channels, w->rate,
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
	int r = 0;

	if (!w.channels || w.channels > MONTAGE_MAX || !w.rate || !w.seconds) {
		fprintf(stderr, "usage: bench-recording "
				"[bdf|edf|openbci|csv [CHANNELS [RATE [SECONDS]]]]\n");
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats) && r == 0; i++) {
		if (argc < 2 || strcmp(argv[1], formats[i].name) == 0)
			r = bench(&formats[i], &w);
	}
	if (r < 0)
		fprintf(stderr, "bench-recording: %s\n", strerror(-r));
	return r < 0;
}
