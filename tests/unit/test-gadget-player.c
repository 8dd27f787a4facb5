// SPDX-License-Identifier: GPL-2.0-or-later
/* What the emulated headset plays, and the command line that chooses it. */
#include <getopt.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "commands.h"
#include "headset.h"
#include "options.h"
#include "pattern.h"
#include "player.h"
#include "setup.h"
#include "util.h"

#define MAX_ARGS 16

/* ---- the command line -------------------------------------------------------------------------
 */

/* Runs the program up to where it would need USB. */
static int set_up(struct headset *h, const char *line)
{
	static struct options o;
	static char words[512];
	char *argv[MAX_ARGS] = {(char *)"emg-headset-gadget"};
	_cleanup_free_ char *error = NULL;
	int argc = 1, r;
	char *save, *word;

	snprintf(words, sizeof(words), "%s", line);
	for (word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		assert_in_range(argc, 1, MAX_ARGS - 2);
		argv[argc++] = word;
	}

	*h = (struct headset){0};
	optind = 0; /* getopt begins anew */
	r = options_parse(&o, argc, argv);
	if (r != 0)
		return r;
	r = headset_setup(h, &o, &error);
	if (r < 0)
		assert_non_null(error);

	return r;
}

static void close_player(struct headset *h)
{
	h->player = player_free(h->player);
}

static void test_wrong_lines(void **state)
{
	static const char *const lines[] = {
		"--nonsense",
		"word",
		"--channels 0",
		"--channels 33",
		"--channels x",
		"--channels -1",
		"--rate 777",
		"--rate 249",
		"--rate 16001",
		"--bits 20",
		"--bits 8",
		"--gain 5",
		"--serial ",
		"--serial 123456789012345678901234567890123",
		"--sites L-XXX",
		"--sites L-OOc,,R-OOc --channels 3",
		"--sites ,",
		"--pattern --scene rest",
		"--scene nothing_like_this",
		"--recording /nonexistent.edf",
		"--recording x --rate 1000",
		"--recording x --sites L-OOc",
		"--montage x",
		"--unit kV",
		"--unit -1",
		"--drift 1e9",
		"--speed super",
		"--vid 0",
		"--vid xyz",
		"--pid 10000",
		"--queue 0",
		"--memory -1",
		"--at soon:stats",
		"--at 1:nonsense",
		"--at -1:stats",
		"--at 1",
		"--marker-at 1,x",
		"--lose 2:bus:x",
		"--command nonsense",
		"--log-every 0",
		"--duration -1",
		"--duration nan",
	};
	struct headset h;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		int r = set_up(&h, lines[i]);

		if (r >= 0)
			fail_msg("taken: %s", lines[i]);
		assert_null(h.player);
	}
}

static void test_right_lines(void **state)
{
	static const struct {
		const char *line;
		unsigned int channels, rate, bits, gain;
	} lines[] = {
		{"--pattern", 8, 1000, 24, 24},
		{"--pattern --channels 32 --rate 16000", 32, 16000, 24, 24},
		{"--pattern --channels 1 --bits 16 --gain 1", 1, 1000, 16, 1},
		{"--scene rest --sites L-OOc,R-OOc,L-OOr --rate 500 --bits 32", 3, 500, 32, 24},
		{"--pattern --at 1:marker --marker-at 2,3.5 --lose 0.1:bus --drift -200", 8, 1000,
		 24, 24},
		{"--pattern --frame-samples 3 --counter-start 4294967290 --no-marker", 8, 1000, 24,
		 24},
	};
	struct headset h;
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct device_config *c = &h.device.config;

		assert_int_equal(set_up(&h, lines[i].line), 0);
		assert_int_equal(c->n_channels, lines[i].channels);
		assert_int_equal(h.device.rate, lines[i].rate);
		assert_int_equal(c->bits, lines[i].bits);
		assert_int_equal(c->gains[h.device.gain[0]], lines[i].gain);
		close_player(&h);
	}
	assert_int_equal(h.device.config.frame_samples, 3);
	assert_int_equal(h.device.config.counter_start, 4294967290);
	assert_int_equal(h.device.config.caps & OEH_CAP_MARKER, 0);
}

static void test_commands(void **state)
{
	static const char *const right[] = {
		"lose-bus",
		"lose-bus 3",
		"lose-device 1",
		"corrupt",
		"short 2",
		"late 30",
		"lose 0.5",
		"lose 1 short",
		"lateness 1 30",
		"stall",
		"contact 0 on",
		"contact 7 off",
		"unplug",
		"restart",
		"lie version",
		"lie none",
		"stall-request start",
		"stall-request describe 3",
	};
	static const char *const wrong[] = {
		"",
		"nonsense",
		"lose-bus 1 2",
		"late",
		"late soon",
		"lose 2",
		"lose -1",
		"lose 1 nothing",
		"lateness 0.5",
		"contact 8 off",
		"contact -1 off",
		"contact 0 maybe",
		"contact x off",
		"lie",
		"lie truth",
		"stall-request",
		"stall-request nothing",
		"unplug soon",
	};
	struct headset h;
	unsigned int i;

	(void)state;
	assert_int_equal(set_up(&h, "--pattern"), 0);
	for (i = 0; i < ARRAY_SIZE(right); i++)
		if (command_run(&h, right[i]) != 0)
			fail_msg("refused: %s", right[i]);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		if (command_run(&h, wrong[i]) != -EINVAL)
			fail_msg("taken: %s", wrong[i]);

	assert_int_equal(h.faults.pending[FATE_LOSE_BUS], 4);
	assert_int_equal(h.faults.pending[FATE_SHORT], 2);
	assert_int_equal(h.faults.random_fate, FATE_SHORT);
	assert_int_equal(h.lost_contacts, 0x80);
	assert_int_equal(h.device.contact[7].positive, OEH_IMPEDANCE_UNKNOWN);
	assert_int_not_equal(h.device.contact[0].positive, OEH_IMPEDANCE_UNKNOWN);
	assert_int_equal(h.stall_requests[OEH_REQ_START], 1);
	assert_int_equal(h.stall_requests[OEH_REQ_DESCRIBE], 3);
	assert_true(h.halt_wanted);
	assert_null(h.lie);
	assert_int_equal(command_run(&h, "quit"), 1);
	close_player(&h);
}

/* ---- the pattern ------------------------------------------------------------------------------
 */

static void test_pattern_values(void **state)
{
	static uint8_t seen[1 << 16];
	uint32_t i;

	(void)state;
	for (i = 0; i < 1 << 16; i++) {
		int32_t value = pattern_count(i + 0xfffffff0, 3, 16);

		assert_in_range(value + 32768, 0, 65535);
		assert_int_equal(seen[value + 32768]++, 0);
	}
	for (i = 0; i < 100000; i++)
		assert_in_range(pattern_count(i, 7, 24) + 0x800000, 0, 0xffffff);
	/* channels of a scan differ */
	for (i = 1; i < OEH_MAX_CHANNELS; i++)
		assert_int_not_equal(pattern_count(5, 0, 16), pattern_count(5, i, 16));
}

static void test_pattern_blocks(void **state)
{
	int32_t counts[100 * 4];
	struct player_item item;
	struct headset h;
	uint32_t n = 0, i, c;

	(void)state;
	assert_int_equal(set_up(&h, "--pattern --channels 4 --bits 16 --counter-start 4294967200"),
			 0);
	assert_int_equal(h.player->ops->start(h.player), 0);
	while (n < 1000) {
		h.player->ops->read(h.player, counts, 1 + n % 100, &item);
		assert_int_equal(item.kind, PLAYER_SCANS);
		for (i = 0; i < item.n; i++)
			for (c = 0; c < 4; c++)
				assert_int_equal(counts[i * 4 + c],
						 pattern_count(4294967200 + n + i, c, 16));
		n += item.n;
	}
	close_player(&h);
}

/* ---- conversion -------------------------------------------------------------------------------
 */

static void test_convert(void **state)
{
	/* 2^23 counts are 4.5 V / 24 = 187500 uV */
	static const struct {
		float uv;
		int32_t count;
	} cases[] = {
		{0, 0},
		{187500.0f / 2, 1 << 22},
		{-187500.0f / 2, -(1 << 22)},
		{0.0111f, 0},
		{0.0112f, 1},
		{-0.0112f, -1},
		{NAN, 0},
		{187600, 0x7fffff},
		{-187600, -0x800000},
		{INFINITY, 0x7fffff},
	};
	const unsigned int n = ARRAY_SIZE(cases);
	float uv[ARRAY_SIZE(cases) * 4];
	int32_t counts[ARRAY_SIZE(cases)];
	struct headset h;
	unsigned int i;

	(void)state;
	assert_int_equal(set_up(&h, "--scene rest --sites L-OOc"), 0);
	/* the maker rounds its scale up, so that nothing is told too large */
	assert_int_equal(h.device.config.channels[0].lsb_fv, 536441803);
	for (i = 0; i < n; i++)
		uv[i * 4] = cases[i].uv;
	player_convert(h.player, uv, 4, n, counts);
	for (i = 0; i < n; i++)
		assert_in_range(counts[i] - cases[i].count + 1, 1, 1);
	assert_int_equal(h.player->clipped, 3);
	close_player(&h);
}

/* ---- scenes -----------------------------------------------------------------------------------
 */

static uint64_t scene_sum(struct headset *h, uint64_t *length)
{
	int32_t counts[64 * OEH_MAX_CHANNELS];
	struct player_item item;
	uint64_t sum = 0;
	size_t i;

	assert_int_equal(h->player->ops->start(h->player), 0);
	for (*length = 0;; *length += item.n) {
		h->player->ops->read(h->player, counts, 64, &item);
		if (item.kind == PLAYER_END)
			return sum;
		assert_int_equal(item.kind, PLAYER_SCANS);
		for (i = 0; i < item.n * h->device.config.n_channels; i++)
			sum = sum * 31 + (uint32_t)counts[i];
	}
}

static void test_scene(void **state)
{
	struct player_truth t;
	uint64_t first, again, length, longer;
	unsigned int spasms = 0;
	struct headset h;
	size_t i;

	(void)state;
	assert_int_equal(set_up(&h, "--scene clonic --seed 3 --sites L-OOc,L-OOr,R-OOc,R-OOr"), 0);
	first = scene_sum(&h, &length);
	again = scene_sum(&h, &longer);
	assert_int_equal(first, again);
	assert_true(length > 1000);

	for (i = 0; h.player->ops->truth(h.player, i, &t); i++) {
		assert_true(t.start < t.end && t.end <= length);
		spasms += strcmp(t.kind, "spasm") == 0;
	}
	assert_true(spasms > 0);

	/* it follows the rate of the device */
	h.device.rate = 2000;
	scene_sum(&h, &longer);
	assert_in_range(longer, 2 * length - 2, 2 * length + 2);
	close_player(&h);
}

/* ---- recordings -------------------------------------------------------------------------------
 */

static void file_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* In place: the player keeps a pointer to the device. */
static void set_up_recording(struct headset *h, char *path, const char *text, const char *more)
{
	char line[256];
	int fd = mkstemps(path, 4);

	assert_true(fd >= 0);
	close(fd);
	file_write(path, text);
	snprintf(line, sizeof(line), "--recording %s %s", path, more);
	assert_int_equal(set_up(h, line), 0);
}

static void test_recording_csv(void **state)
{
	char path[] = "/tmp/test-gadget-XXXXXX.csv";
	struct headset h;
	const struct device_config *c = &h.device.config;
	int32_t counts[8 * 3];
	struct player_item item;
	unsigned int round;

	(void)state;
	set_up_recording(&h, path,
			 "# rate=500\n# unit=uV\nEMG L-OOc,nothing,R-Zyg\n"
			 "1,2,3\n-4,5,6\n100000,0,1e9\n",
			 "");
	assert_int_equal(c->n_channels, 3);
	assert_int_equal(c->n_rates, 1);
	assert_int_equal(h.device.rate, 500);
	assert_int_equal(c->channels[0].side, OEH_SIDE_LEFT);
	assert_int_equal(c->channels[0].muscle, OEH_MUSCLE_ORBICULARIS_OCULI);
	assert_int_equal(c->channels[1].side, OEH_SIDE_NONE);
	assert_int_equal(c->channels[2].side, OEH_SIDE_RIGHT);
	assert_int_equal(c->channels[2].muscle, OEH_MUSCLE_ZYGOMATICUS);

	for (round = 0; round < 2; round++) {
		assert_int_equal(h.player->ops->start(h.player), 0);
		h.player->ops->read(h.player, counts, 8, &item);
		assert_int_equal(item.kind, PLAYER_SCANS);
		assert_int_equal(item.n, 3);
		assert_int_equal(counts[0], lrint(1 * device_counts_per_uv(&h.device, 0)));
		assert_int_equal(counts[3], lrint(-4 * device_counts_per_uv(&h.device, 0)));
		assert_int_equal(counts[7], 0);
		assert_int_equal(counts[8], 0x7fffff);
		h.player->ops->read(h.player, counts, 8, &item);
		assert_int_equal(item.kind, PLAYER_END);
	}
	assert_int_equal(h.player->clipped, 2);
	close_player(&h);
	unlink(path);
}

/* The converter of an OpenBCI board is the emulated one's: every count comes back as it was. */
static void test_recording_openbci(void **state)
{
	char path[] = "/tmp/test-gadget-XXXXXX.txt";
	struct headset h;
	int32_t counts[8 * 2];
	struct player_item item;

	(void)state;
	set_up_recording(
		&h, path,
		"%OpenBCI Raw EXG Data\n%Number of channels = 2\n%Sample Rate = 250 Hz\n"
		"%Board = OpenBCI_GUI$BoardCytonSerial\n"
		"Sample Index, EXG Channel 0, EXG Channel 1, Accel Channel 0\n"
		"0, 61379.36, -16597.06, 0.0\n1, 0.02235, -0.02235, 0.0\n4, 1.0, 2.0, 0.0\n",
		"--once");
	assert_int_equal(h.device.rate, 250);
	assert_int_equal(h.end, END_EXIT);
	assert_int_equal(h.player->ops->start(h.player), 0);
	h.player->ops->read(h.player, counts, 8, &item);
	assert_int_equal(item.kind, PLAYER_SCANS);
	assert_int_equal(item.n, 2);
	assert_int_equal(counts[0], lrint(61379.36 / 187500 * (1 << 23)));
	assert_int_equal(counts[2], 1);
	assert_int_equal(counts[3], -1);
	/* the index jumped from 1 to 4 */
	h.player->ops->read(h.player, counts, 8, &item);
	assert_int_equal(item.kind, PLAYER_GAP);
	assert_int_equal(item.n, 2);
	h.player->ops->read(h.player, counts, 8, &item);
	assert_int_equal(item.kind, PLAYER_SCANS);
	assert_int_equal(item.n, 1);
	close_player(&h);
	unlink(path);
}

static void test_recording_montage(void **state)
{
	char montage[] = "/tmp/test-gadget-XXXXXX.ini", path[] = "/tmp/test-gadget-XXXXXX.csv";
	struct headset h;
	char more[128];
	int fd = mkstemps(montage, 4);

	(void)state;
	close(fd);
	file_write(montage, "[montage]\n0 = R-Fro\n1 = -\n");
	snprintf(more, sizeof(more), "--montage %s --unit mV --recording-rate 1000", montage);
	set_up_recording(&h, path, "1,2\n3,4\n", more);
	assert_int_equal(h.device.config.channels[0].side, OEH_SIDE_RIGHT);
	assert_int_equal(h.device.config.channels[0].muscle, OEH_MUSCLE_FRONTALIS);
	assert_int_equal(h.device.config.channels[1].side, OEH_SIDE_NONE);
	assert_int_equal(h.device.rate, 1000);
	close_player(&h);
	unlink(path);
	unlink(montage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_lines),
		cmocka_unit_test(test_right_lines),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_pattern_values),
		cmocka_unit_test(test_pattern_blocks),
		cmocka_unit_test(test_convert),
		cmocka_unit_test(test_scene),
		cmocka_unit_test(test_recording_csv),
		cmocka_unit_test(test_recording_openbci),
		cmocka_unit_test(test_recording_montage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
