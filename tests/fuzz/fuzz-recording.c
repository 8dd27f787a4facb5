/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes at all through the readers. tests/fuzz/run builds and runs it: with
 * clang as a libFuzzer program, with gcc as one that mutates its own examples:
 *
 *   fuzz-recording [ROUNDS [SEED]]
 *   fuzz-recording FILE     one file, to see a finding again
 *   fuzz-recording FOLDER   writes the examples there, for libFuzzer to begin with
 */
#include <errno.h>
#include <fcntl.h>

#include "../unit/recording-fixture.h"

#define READ_MAX   (1 << 22) /* scans; enough, however many a small file pretends to have */
#define BLOCK	   61
#define STRIDE	   (MONTAGE_MAX + 3)
#define N_EXAMPLES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore_warning(const char *message, void *userdata)
{
	(void)message;
	(void)userdata;
}

static void read_through(struct recording *r)
{
	static float uv[BLOCK * STRIDE];
	const struct recording_info *info = recording_get_info(r);
	struct recording_item item;
	char *error = NULL;
	uint64_t n = 0;

	if (!info->n_channels || info->n_channels > MONTAGE_MAX || !(info->rate > 0))
		abort();
	for (unsigned int c = 0; c < info->n_channels; c++)
		if (!info->labels[c] || !(info->clip_uv[c] >= 0))
			abort();
	do {
		if (recording_read(r, uv, STRIDE, BLOCK, &item, &error) < 0)
			break;
		if (item.kind == RECORDING_SCANS && (!item.n_scans || item.n_scans > BLOCK))
			abort();
		n += item.kind == RECORDING_SCANS ? item.n_scans : 1;
	} while (item.kind != RECORDING_END && n < READ_MAX);
	free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recording_options options = {.rate = size % 2 ? 1000 : 0};
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct recording *r;
	char *error = NULL;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	if (recording_open_fd(fd, &options, ignore_warning, NULL, &r, &error) == 0) {
		read_through(r);
		recording_close(r);
	} else if (!error) {
		abort();
	}
	free(error);
	return 0;
}

#ifndef WITH_LIBFUZZER

static uint32_t random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

/* A small file of each format. Returns its length. */
static size_t example(unsigned int which, unsigned char *buf)
{
	static const struct edf_file_signal signals[] = {
		{"EMG L-OOc", "uV", "-500", "500", "-32768", "32767", "5"},
		{"EDF Annotations", "", "-1", "1", "-32768", "32767", "20"},
		{"ECG", "mV", "-5", "5", "-32768", "32767", "2"},
	};
	static const char tal[] = "+0\x14\x14\0+0.002\x14Marker\x14\0";
	static const char *const texts[] = {
		("%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\n"
		 "0, 1.5, -2.5, 0.1\n1, 3, 4, 0.2\n5, 1, 1, 1\n255, 1, 2, 3\n"),
		"# rate=1000\n# unit=mV\nt,L-OOc,R-OOc\n0,1.5,-2e3\n0.001,,NaN\n0.002,\"1\",x\n",
		"a;b\n1;2\n3;4\n5\n",
	};
	struct edf_file f = {.reserved = "EDF+D",
			     .records = "2",
			     .duration = "0.005",
			     .n = 3,
			     .signals = signals};
	unsigned char *p;

	if (which % 4 < 3) {
		size_t n = strlen(texts[which % 4]);

		memcpy(buf, texts[which % 4], n);
		return n;
	}
	f.bdf = which & 4;
	p = edf_file_header(&f, buf);
	for (unsigned int k = 0; k < 2; k++) {
		for (int i = 0; i < 5; i++)
			p = edf_put_sample(p, f.bdf, i - 3);
		p = edf_put_tal(p, f.bdf ? 60 : 40, tal, sizeof(tal));
		for (int i = 0; i < 2; i++)
			p = edf_put_sample(p, f.bdf, i);
	}
	return (size_t)(p - buf);
}

static size_t mutate(unsigned char *buf, size_t n, uint64_t *state)
{
	static const char likely[] = "0123456789-+.,;\t\n\r%#\"eE \0\x14\x15\xff";
	unsigned int times = 1 + random_next(state) % 8;

	while (times-- && n) {
		size_t at = random_next(state) % n, length = random_next(state) % 12;

		switch (random_next(state) % 5) {
		case 0:
			buf[at] ^= (unsigned char)(1 << random_next(state) % 8);
			break;
		case 1:
			buf[at] = (unsigned char)likely[random_next(state) % sizeof(likely)];
			break;
		case 2:
			n = at;
			break;
		case 3:
			for (; length && at < n; length--, at++)
				buf[at] = '9';
			break;
		default:
			for (; length && at + 1 < n; length--, at++)
				buf[at] = buf[at + 1];
		}
	}
	return n;
}

static int examples_write(const char *folder)
{
	static unsigned char buf[1 << 16];

	for (unsigned int i = 0; i < N_EXAMPLES; i++) {
		size_t n = example(i, buf);
		char path[4096];
		FILE *f;

		snprintf(path, sizeof(path), "%s/example-%u", folder, i);
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
	static unsigned char buf[1 << 24];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	if (n < 0 && errno == EISDIR) {
		close(fd);
		return examples_write(path);
	}
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		perror(path);
		return 1;
	}
	return LLVMFuzzerTestOneInput(buf, (size_t)n);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	uint64_t state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	static unsigned char buf[1 << 16];

	if (argc == 2 && !rounds)
		return file_run(argv[1]);
	for (unsigned long i = 0; i < rounds; i++) {
		size_t n = example((unsigned int)i, buf);

		LLVMFuzzerTestOneInput(buf, mutate(buf, n, &state));
	}
	printf("%lu rounds\n", rounds);
	return 0;
}

#endif
