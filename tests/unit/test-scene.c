/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The synthetic patient: is the truth true, and is it the same every time? */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "scene-face.h"
#include "scene.h"
#include "util.h"

DEFINE_CLEANUP(struct scene *, scene_free)

/* Versions of clang-format differ in how they lay out braces. */
/* clang-format off */
#define L(m)  {OEH_SIDE_LEFT, OEH_MUSCLE_##m}
#define R(m)  {OEH_SIDE_RIGHT, OEH_MUSCLE_##m}
#define QUIET {.noise_uv = {1.0, 1.0}, .mains_uv = -1.0}
/* clang-format on */

/* clang-format off: a table */
static const struct montage usual = {
	.n_channels = 8,
	.sites =
		{
			L(FRONTALIS),
			L(ORBICULARIS_OCULI),
			L(ZYGOMATICUS),
			L(ORBICULARIS_ORIS),
			R(FRONTALIS),
			R(ORBICULARIS_OCULI),
			R(ZYGOMATICUS),
			R(ORBICULARIS_ORIS),
		},
};
static const struct montage mouth = {
	.n_channels = 2,
	.sites = {L(ORBICULARIS_ORIS), R(ORBICULARIS_ORIS)},
};
static const struct montage odd = {
	.n_channels = 5,
	.sites = {L(OTHER), {OEH_SIDE_NONE, 0}, R(MASSETER), R(MENTALIS), L(CORRUGATOR)},
};
static const double rates[] = {250, 256.5, 500, 1000, 2000, 4000, 16000};
/* clang-format on */

static struct montage all_sites(void)
{
	struct montage m = {.n_channels = MONTAGE_MAX};

	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		m.sites[c].side = c % 2 ? OEH_SIDE_RIGHT : OEH_SIDE_LEFT;
		m.sites[c].muscle = (uint8_t)(c / 2 % OEH_MUSCLE_COUNT);
	}

	return m;
}

static struct scene *scene_make(const struct scene_config *config)
{
	struct scene *s = NULL;

	assert_int_equal(scene_new(config, &s), 0);

	return s;
}

/* The whole scene, read @block scans at a time; one row a scan. */
static float *play(struct scene *s, unsigned int n_channels, size_t block)
{
	size_t length = scene_length(s), done = 0, n;
	float *uv = calloc(length * n_channels, sizeof(*uv));

	assert_non_null(uv);
	while ((n = scene_read(s, uv + done * n_channels, n_channels,
			       block < length - done ? block : length - done)) > 0)
		done += n;
	assert_int_equal(done, length);

	return uv;
}

static float *play_config(const struct scene_config *config, size_t block)
{
	_cleanup_(scene_freep) struct scene *s = scene_make(config);

	return play(s, config->montage.n_channels, block);
}

static void test_seed(void **state _unused_)
{
	struct scene_config config = {
		.name = "healthy,wink,spasms,artefacts",
		.seed = 7,
		.rate = 1000,
		.duration = 20,
		.montage = usual,
	};
	size_t bytes = (size_t)(config.duration * config.rate) * 8 * sizeof(float);
	_cleanup_free_ float *a = play_config(&config, 1000);
	_cleanup_free_ float *b = play_config(&config, 1000);
	_cleanup_free_ float *c = NULL;

	assert_memory_equal(a, b, bytes);
	config.seed = 8;
	c = play_config(&config, 1000);
	assert_int_not_equal(memcmp(a, c, bytes), 0);
}

/* The same bytes on every machine and from every compiler. */
static void test_bytes(void **state _unused_)
{
	struct scene_config config = {
		.name = "patient,artefacts",
		.seed = 1,
		.rate = 1000,
		.duration = 30,
		.montage = usual,
	};
	_cleanup_free_ float *uv = play_config(&config, 333);
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < 30000 * 8; i++) {
		uint32_t bits;

		memcpy(&bits, &uv[i], sizeof(bits));
		hash = (hash ^ bits) * 0x100000001b3u; /* FNV-1a, by words */
	}
	/* Changes with every change of the model, and only then. */
	assert_int_equal(hash, 0xd7ccb54f533f4eafu);
}

static void test_blocks(void **state _unused_)
{
	static const size_t blocks[] = {1, 7, 256, 4096};
	struct scene_config config = {
		.name = "healthy,spasms,artefacts",
		.seed = 3,
		.rate = 500,
		.duration = 20,
		.montage = usual,
	};
	_cleanup_free_ float *whole = play_config(&config, 10000);

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		_cleanup_free_ float *uv = play_config(&config, blocks[i]);

		assert_memory_equal(uv, whole, 10000 * 8 * sizeof(float));
	}
}

static void test_stride(void **state _unused_)
{
	struct scene_config config = {
		.name = "rest",
		.rate = 1000,
		.duration = 1,
		.montage = mouth,
	};
	_cleanup_(scene_freep) struct scene *s = scene_make(&config);
	_cleanup_free_ float *plain = play_config(&config, 10);
	float uv[10][8];

	memset(uv, 0xff, sizeof(uv));
	assert_int_equal(scene_read(s, uv[0], 8, 10), 10);
	for (unsigned int i = 0; i < 10; i++) {
		assert_true(uv[i][0] == plain[2 * i] && uv[i][1] == plain[2 * i + 1]);
		for (unsigned int c = 2; c < 8; c++)
			assert_true(uv[i][c] == 0.0f);
	}
}

static void test_finite(void **state _unused_)
{
	const struct montage montages[] = {usual, mouth, odd, all_sites()};

	for (size_t m = 0; m < ARRAY_SIZE(montages); m++) {
		for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
			struct scene_config config = {
				.name = "healthy,wink,spasms,artefacts",
				.seed = 11 + i,
				.rate = rates[i],
				.duration = rates[i] > 2000 ? 4 : 12,
				.montage = montages[m],
				.knobs.vary = m == 0 ? 0.5 : 0.0,
			};
			_cleanup_(scene_freep) struct scene *s = scene_make(&config);
			unsigned int n = montages[m].n_channels;
			_cleanup_free_ float *uv = play(s, n, 512);

			for (size_t k = 0; k < scene_length(s) * n; k++)
				assert_true(isfinite(uv[k]) &&
					    fabsf(uv[k]) <= (float)SCENE_CLIP_UV);
		}
	}
}

static void test_refused(void **state _unused_)
{
	const struct scene_config good = {.name = "rest", .rate = 1000, .montage = mouth};
	struct scene_config bad[] = {good, good, good, good, good, good, good,
				     good, good, good, good, good, good};
	struct scene *s = NULL;

	bad[0].name = "no such scene";
	bad[1].name = "";
	bad[2].name = "rest,";
	bad[3].name = "rest,,blinks";
	bad[4].name = NULL;
	bad[5].rate = 249;
	bad[6].rate = 16001;
	bad[7].rate = NAN;
	bad[8].duration = -1;
	bad[9].montage.n_channels = 0;
	bad[10].montage.n_channels = MONTAGE_MAX + 1;
	bad[11].montage.sites[1].muscle = OEH_MUSCLE_COUNT;
	bad[12].knobs.vary = 0.6;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(scene_new(&bad[i], &s), -EINVAL);
		assert_null(s);
	}
}

/* Every name of the list makes a scene; only two have no events. */
static void test_names(void **state _unused_)
{
	for (const struct scene_name *n = scene_names; n->name; n++) {
		struct scene_config config = {.name = n->name, .rate = 250, .montage = usual};
		_cleanup_(scene_freep) struct scene *s = scene_make(&config);
		size_t count;

		scene_events(s, &count);
		assert_int_equal(count == 0, !strcmp(n->name, "rest") || !strcmp(n->name, "gaze"));
		assert_int_equal(scene_length(s), 60 * 250);
	}
}

/* The events of a face do not depend on how it is sampled. */
static void test_rates(void **state _unused_)
{
	struct scene_config config = {
		.name = "healthy,wink,spasms,artefacts",
		.seed = 5,
		.rate = 1000,
		.montage = usual,
	};
	_cleanup_(scene_freep) struct scene *reference = scene_make(&config);
	size_t n_expected, n;
	const struct scene_event *expected = scene_events(reference, &n_expected);

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		_cleanup_(scene_freep) struct scene *s = NULL;
		const struct scene_event *events;

		config.rate = rates[i];
		s = scene_make(&config);
		events = scene_events(s, &n);
		assert_int_equal(n, n_expected);
		for (size_t k = 0; k < n; k++) {
			double t = (double)events[k].start / rates[i];

			assert_int_equal(events[k].kind, expected[k].kind);
			assert_int_equal(events[k].side, expected[k].side);
			assert_int_equal(events[k].form, expected[k].form);
			assert_true(fabs(t - (double)expected[k].start / 1000.0) < 0.005);
		}
	}
}

/* Forms and spreads are those asked for; episodes are apart; all lies within. */
static void test_truth_rules(void **state _unused_)
{
	static const struct {
		const char *name;
		enum spasm_form form;
		enum spasm_spread spread;
	} rows[] = {
		{"twitch", FORM_TWITCH, SPREAD_UNKNOWN},
		{"clonic", FORM_CLONIC, SPREAD_UNKNOWN},
		{"tonic", FORM_TONIC, SPREAD_UNKNOWN},
		{"mixed", FORM_MIXED, SPREAD_UNKNOWN},
		{"typical", FORM_UNKNOWN, SPREAD_TYPICAL},
		{"atypical", FORM_UNKNOWN, SPREAD_ATYPICAL},
		{"simultaneous", FORM_UNKNOWN, SPREAD_SIMULTANEOUS},
		{"single_region", FORM_UNKNOWN, SPREAD_SINGLE_REGION},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows) * 20; i++) {
		struct scene_config config = {
			.name = rows[i / 20].name,
			.seed = i,
			.rate = 1000,
			.duration = 120,
			.montage = usual,
			.knobs.vary = i % 2 ? 0.5 : 0.0,
		};
		_cleanup_(scene_freep) struct scene *s = scene_make(&config);
		const struct scene_event *e;
		uint64_t last = 0;
		size_t n;

		e = scene_events(s, &n);
		assert_true(n > 0);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(e[k].kind, EVENT_SPASM);
			assert_true(e[k].start >= last && e[k].end > e[k].start);
			assert_true(e[k].end <= scene_length(s));
			if (rows[i / 20].form)
				assert_int_equal(e[k].form, rows[i / 20].form);
			if (rows[i / 20].spread)
				assert_int_equal(e[k].spread, rows[i / 20].spread);
			last = e[k].end + 1000;
		}
	}
}

/* RMS of the first difference, which takes offset and drift away. */
static double activity(const float *uv, unsigned int n_channels, unsigned int channel,
		       uint64_t start, uint64_t end)
{
	double sum = 0.0;

	for (uint64_t i = start + 1; i < end; i++) {
		double d = (double)uv[i * n_channels + channel] -
			   (double)uv[(i - 1) * n_channels + channel];

		sum += d * d;
	}

	return sqrt(sum / (double)(end - start - 1));
}

static double most_active(const float *uv, unsigned int side, uint64_t start, uint64_t end)
{
	unsigned int first = side == OEH_SIDE_LEFT ? 0 : 4;
	double most = 0.0;

	for (unsigned int c = first; c < first + 4; c++) {
		double here = activity(uv, 8, c, start, end);

		most = here > most ? here : most;
	}

	return most;
}

/* Silence before the start and after the end, activity just within both. */
static void test_truth_power(void **state _unused_)
{
	unsigned int n_spasms = 0;

	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct scene_config config = {
			.name = "spasms",
			.seed = seed,
			.rate = 2000,
			.duration = 60,
			.montage = usual,
			.knobs = {.noise_uv = {1.0, 1.0},
				  .mains_uv = -1.0,
				  .spasm_uv = {300.0, 600.0}},
		};
		_cleanup_(scene_freep) struct scene *s = scene_make(&config);
		_cleanup_free_ float *uv = play(s, 8, 1000);
		const struct scene_event *e;
		size_t n;

		e = scene_events(s, &n);
		for (size_t k = 0; k < n; k++, n_spasms++) {
			uint64_t start = e[k].start, end = e[k].end;
			uint64_t within = end - start < 40 ? end - start : 40;
			double before = most_active(uv, e[k].side, start - 100, start);
			double first = most_active(uv, e[k].side, start, start + within);
			double last = most_active(uv, e[k].side, end - within, end);
			double after = most_active(uv, e[k].side, end + 1, end + 101);

			assert_true(first > 3.0 * before);
			assert_true(last > 2.0 * after);
		}
	}
	assert_true(n_spasms > 40);
}

/* Slope of the right mouth's signal on the left's while the left is active. */
static double midline_share(double crosstalk, uint64_t seed)
{
	struct scene_config config = {
		.name = "single_region,atypical",
		.seed = seed,
		.rate = 500,
		.duration = 30,
		.montage = mouth,
		.knobs = QUIET,
	};
	_cleanup_(scene_freep) struct scene *s = NULL;
	_cleanup_free_ float *uv = NULL;
	double xy = 0.0, xx = 0.0;
	const struct scene_event *e;
	size_t n;

	config.knobs.crosstalk = crosstalk;
	config.knobs.side = OEH_SIDE_LEFT;
	s = scene_make(&config);
	uv = play(s, 2, 1000);
	e = scene_events(s, &n);
	for (size_t k = 0; k < n; k++) {
		for (uint64_t i = e[k].start + 1; i < e[k].end; i++) {
			double x = (double)uv[2 * i] - (double)uv[2 * i - 2];
			double y = (double)uv[2 * i + 1] - (double)uv[2 * i - 1];

			xy += x * y;
			xx += x * x;
		}
	}

	return fabs(xy / xx);
}

/* What is asked is what is seen: of the cheek's other muscles, too, so roughly. */
static void test_crosstalk(void **state _unused_)
{
	for (uint64_t seed = 1; seed <= 10; seed++) {
		double usually = midline_share(0.0, seed);

		assert_true(usually > 0.10 && usually < 0.40);
		assert_true(midline_share(-1.0, seed) < 0.02);
	}
}

/* The shares themselves: the mouth's ring as the table has it, and scaled exactly. */
static void test_shares(void **state _unused_)
{
	struct scene_config config = {.name = "rest", .rate = 1000, .montage = usual};
	unsigned int ring = source_of(OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_ORIS);

	for (config.seed = 1; config.seed <= 20; config.seed++) {
		struct assumptions a;
		struct scene_face plain, twice, none;

		assumptions_init(&a, config.seed, 0.0);
		config.knobs.crosstalk = 0.0;
		scene_face_init(&plain, &a, &config);
		config.knobs.crosstalk = 2.0;
		scene_face_init(&twice, &a, &config);
		config.knobs.crosstalk = -1.0;
		scene_face_init(&none, &a, &config);
		assert_true(fabsf(plain.mix[ring][7]) >= 0.15f);
		assert_true(fabsf(plain.mix[ring][7]) <= 0.30f);
		for (unsigned int i = 0; i < N_SOURCES; i++) {
			for (unsigned int c = 0; c < usual.n_channels; c++) {
				bool own =
					i == source_of(usual.sites[c].side, usual.sites[c].muscle);
				float share = plain.mix[i][c];

				assert_true(none.mix[i][c] == (own ? share : 0.0f));
				assert_true(fabsf(twice.mix[i][c] - (own ? 1 : 2) * share) < 1e-6f);
			}
		}
	}
}

/* A side at a third has a third: of what it does at will, and of its spasms. */
static void test_weak_side(void **state _unused_)
{
	struct scene_config config = {
		.name = "squeeze,spasms",
		.seed = 4,
		.rate = 1000,
		.montage = usual,
		.knobs = QUIET,
	};
	_cleanup_free_ float *usually = NULL, *weak = NULL;
	double ratio;

	config.knobs.side = OEH_SIDE_LEFT;
	usually = play_config(&config, 1000);
	config.knobs.weak_side = OEH_SIDE_LEFT;
	weak = play_config(&config, 1000);
	for (unsigned int c = 0; c < 8; c++) {
		ratio = activity(weak, 8, c, 0, 60000) / activity(usually, 8, c, 0, 60000);
		if (c < 3)
			assert_true(ratio > 0.30 && ratio < 0.45);
		else if (c > 3 && c < 7) /* the mouth's ring sees the weak side, too */
			assert_true(ratio > 0.80 && ratio <= 1.01);
	}
}

/* Contact lost is told, on the channel and at the time that the truth names. */
static void test_lead_off(void **state _unused_)
{
	struct scene_config config = {
		.name = "contact",
		.seed = 2,
		.rate = 250,
		.montage = usual,
	};
	_cleanup_(scene_freep) struct scene *s = scene_make(&config);
	const struct scene_event *e;
	size_t n, seen = 0;
	float uv[8];

	e = scene_events(s, &n);
	for (uint64_t i = 0; scene_read(s, uv, 8, 1) == 1; i++) {
		uint32_t expected = 0;

		for (size_t k = 0; k < n; k++) {
			if (i >= e[k].start && i < e[k].end)
				expected |= e[k].channels;
		}
		assert_int_equal(scene_lead_off(s), expected);
		seen += expected != 0;
	}
	assert_true(seen > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed),	    cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_blocks),	    cmocka_unit_test(test_stride),
		cmocka_unit_test(test_finite),	    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),	    cmocka_unit_test(test_rates),
		cmocka_unit_test(test_truth_rules), cmocka_unit_test(test_truth_power),
		cmocka_unit_test(test_crosstalk),   cmocka_unit_test(test_shares),
		cmocka_unit_test(test_weak_side),   cmocka_unit_test(test_lead_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
