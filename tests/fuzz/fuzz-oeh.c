// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile headset against the module's protocol code: a description, then a
 * run of frames, status and marker reports. The first bytes of the input say
 * what comes; checksums are put right, or no frame would ever pass.
 *
 *   fuzz-oeh [ROUNDS [SEED]]   with gcc: mutates the test vectors
 *   fuzz-oeh FILE              one file, to see a finding again
 *   fuzz-oeh FOLDER            writes examples there, for libFuzzer to begin with
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "oeh_loss.h"
#include "oeh_time.h"
#include "oeh_vectors.h"

#define FRAME_MAX (OEH_MAX_FRAME_LEN + OEH_PACKET)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t left;
};

struct run {
	struct oeh_info info;
	struct oeh_format format;
	struct oeh_loss loss;
	struct oeh_time time;
	s64 host, stamp;
	bool stamped;
};

static unsigned int take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_info(const struct oeh_info *info)
{
	unsigned int i;

	require(info->channel_count >= 1 && info->channel_count <= OEH_MAX_CHANNELS);
	require(info->rate_count >= 1 && info->rate_count <= OEH_MAX_RATES);
	require(info->gain_count >= 1 && info->gain_count <= OEH_MAX_GAINS);
	require(info->bits >= OEH_MIN_BITS && info->bits <= OEH_MAX_BITS);
	require(info->clock_hz >= OEH_MIN_CLOCK_HZ);
	require(strlen(info->serial) > 0 && strlen(info->serial) <= OEH_SERIAL_LEN);
	require(strlen(info->firmware) <= OEH_FIRMWARE_LEN);
	for (i = 0; i < info->rate_count; i++)
		require(info->rates[i] >= OEH_MIN_RATE && info->rates[i] <= OEH_MAX_RATE);
	for (i = 0; i < info->gain_count; i++)
		require(info->gains[i] >= 1);
	for (i = 0; i < info->channel_count; i++) {
		require(info->channel[i].side <= OEH_SIDE_RIGHT);
		require(info->channel[i].muscle < OEH_MUSCLE_COUNT);
		require(info->channel[i].gain_mask &&
			!(info->channel[i].gain_mask >> info->gain_count));
	}
}

/* The input's description if it is one, otherwise that of the reference headset. */
static void begin(struct run *r, struct input *in)
{
	size_t size = (size_t)take(in) << 8 | take(in);
	u32 rate;

	if (size > in->left)
		size = in->left;
	if (oeh_describe_parse(in->data, size, &r->info) != OEH_OK)
		require(oeh_describe_parse(oeh_describe_reference, sizeof(oeh_describe_reference),
					   &r->info) == OEH_OK);
	in->data += size;
	in->left -= size;
	check_info(&r->info);

	rate = r->info.rates[take(in) % r->info.rate_count];
	r->format = (struct oeh_format){
		.rate = rate,
		.channels = r->info.channel_count,
		.bits = r->info.bits,
	};
	oeh_loss_start(&r->loss, rate);
	oeh_time_start(&r->time, r->info.clock_hz, rate);
}

static void check_frame(struct run *r, const struct oeh_frame_info *frame, const uint8_t *end)
{
	const u8 *data = frame->data;
	s32 scan[OEH_MAX_CHANNELS];
	u64 before = r->loss.samples;
	struct oeh_stamps stamps;
	unsigned int i, c;

	for (i = 0; i < frame->samples; i++) {
		data = oeh_scan_unpack(&r->format, data, scan);
		for (c = 0; c < r->format.channels; c++)
			require(scan[c] >> (r->format.bits - 1) == 0 ||
				scan[c] >> (r->format.bits - 1) == -1);
	}
	require(data <= end);

	if (oeh_loss_frame(&r->loss, frame))
		oeh_time_restart(&r->time);
	require(r->loss.samples == before + frame->samples);

	stamps = oeh_time_frame(&r->time, frame, r->host);
	require(stamps.step > 0 && (!r->stamped || stamps.first > r->stamp));
	r->stamp = stamps.first + stamps.step * (frame->samples - 1);
	r->stamped = true;
}

/* A frame: its bytes, taken for as long as they may be, with a checksum that is right or not. */
static void feed_frame(struct run *r, struct input *in)
{
	static uint8_t buf[FRAME_MAX];
	struct oeh_frame_info frame;
	unsigned int op = take(in);
	size_t size = oeh_frame_length(1 + take(in) % OEH_MAX_FRAME_SAMPLES, r->format.channels,
				       r->format.bits);
	size_t n = sizeof(struct oeh_frame);
	uint8_t *exact;
	u32 crc;

	memset(buf, 0, sizeof(buf));
	if (op & 1)
		size = (size + take(in)) % FRAME_MAX;
	if (n > in->left)
		n = in->left;
	memcpy(buf, in->data, n);
	in->data += n;
	in->left -= n;
	if (size >= OEH_CRC_LEN && !(op & 2)) {
		crc = oeh_crc32(buf, size - OEH_CRC_LEN);
		memcpy(buf + size - OEH_CRC_LEN, &crc, sizeof(crc));
	}

	/* On the heap, so that the sanitizer knows where it ends. */
	exact = malloc(size ? size : 1);
	if (!exact)
		abort();
	memcpy(exact, buf, size);
	r->host += (s64)take(in) * 1000000;
	if (oeh_frame_parse(&r->format, exact, size, &frame) == OEH_OK)
		check_frame(r, &frame, exact + size);
	else
		oeh_loss_reject(&r->loss);
	free(exact);
}

static void feed_status(struct run *r, struct input *in)
{
	struct oeh_state state;
	size_t size = sizeof(struct oeh_status);

	if (size > in->left)
		size = in->left;
	if (oeh_status_parse(&r->info, in->data, size, &state) == OEH_OK) {
		oeh_loss_end(&r->loss, &state);
		oeh_loss_start(&r->loss, state.rate);
		oeh_time_start(&r->time, r->info.clock_hz, state.rate);
		r->format.rate = state.rate;
		r->stamped = false;
	}
	in->data += size;
	in->left -= size;
}

static void feed_marker(struct run *r, struct input *in)
{
	struct oeh_marker_info marker;
	size_t size = sizeof(struct oeh_marker);
	s64 host;

	if (size > in->left)
		size = in->left;
	if (oeh_marker_parse(in->data, size, &marker) == OEH_OK)
		oeh_time_map(&r->time, marker.clock, &host);
	in->data += size;
	in->left -= size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {.data = data, .left = size};
	struct run r = {.host = 0};

	begin(&r, &in);
	while (in.left) {
		switch (take(&in) % 8) {
		case 0:
			feed_status(&r, &in);
			break;
		case 1:
			feed_marker(&r, &in);
			break;
		default:
			feed_frame(&r, &in);
			break;
		}
	}

	return 0;
}

#ifndef WITH_LIBFUZZER

#define EXAMPLE_MAX 4096

static u32 random_next(u64 *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (u32)(*state >> 33);
}

static uint8_t *put(uint8_t *p, const void *data, size_t size)
{
	memcpy(p, data, size);
	return p + size;
}

/* A description of the vectors and a short run of headers that fit it. */
static size_t example(unsigned int which, uint8_t *buf)
{
	const struct oeh_describe_vector *v =
		&oeh_describe_vectors[which % ARRAY_SIZE(oeh_describe_vectors)];
	uint8_t *p = buf;
	unsigned int i;

	*p++ = v->len >> 8;
	*p++ = v->len & 0xff;
	p = put(p, v->data, v->len);
	*p++ = which;
	for (i = 0; i < 12; i++) {
		struct oeh_frame frame = {
			.type = OEH_FRAME_DATA,
			.samples = 1,
			.sequence = i,
			.counter = i,
			.clock = (u64)i * v->info.clock_hz / v->info.rates[0],
		};

		*p++ = 2;
		*p++ = 0;
		*p++ = 0;
		p = put(p, &frame, sizeof(frame));
		*p++ = 1;
	}
	*p++ = 1;
	p = put(p, oeh_marker_pressed, sizeof(oeh_marker_pressed));
	*p++ = 0;
	p = put(p, oeh_status_small, sizeof(oeh_status_small));

	return p - buf;
}

static size_t mutate(uint8_t *buf, size_t n, u64 *state)
{
	unsigned int times = random_next(state) % 6;

	while (times-- && n) {
		size_t at = random_next(state) % n;

		switch (random_next(state) % 4) {
		case 0:
			buf[at] ^= 1 << random_next(state) % 8;
			break;
		case 1:
			buf[at] = random_next(state);
			break;
		case 2:
			memset(buf + at, random_next(state) % 2 ? 0xff : 0,
			       n - at < 4 ? n - at : 4);
			break;
		default:
			n = random_next(state) % 4 ? n : at;
			break;
		}
	}

	return n;
}

static int examples_write(const char *folder)
{
	uint8_t buf[EXAMPLE_MAX];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(oeh_describe_vectors); i++) {
		size_t n = example(i, buf);
		char path[4096];
		FILE *f;

		snprintf(path, sizeof(path), "%s/oeh-%u", folder, i);
		f = fopen(path, "we");
		if (!f || fwrite(buf, 1, n, f) != n || fclose(f) != 0) {
			perror(path);
			return 1;
		}
	}

	return 0;
}

static int file_run(const char *path)
{
	static uint8_t buf[1 << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0 && error == EISDIR)
		return examples_write(path);
	if (n < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(error));
		return 1;
	}

	return LLVMFuzzerTestOneInput(buf, n);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	u64 state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	uint8_t buf[EXAMPLE_MAX];
	unsigned long i;

	if (argc == 2 && !rounds)
		return file_run(argv[1]);
	for (i = 0; i < rounds; i++) {
		size_t n = example(i, buf);

		LLVMFuzzerTestOneInput(buf, mutate(buf, n, &state));
	}
	printf("%lu rounds\n", rounds);

	return 0;
}

#endif
