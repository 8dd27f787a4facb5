/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sites in all their spellings, and the [montage] section with its mistakes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "montage.h"
#include "util.h"

static void check_site(const char *text, unsigned int side, unsigned int muscle)
{
	struct site site;

	assert_int_equal(site_from_text(text, &site), 0);
	assert_int_equal(site.side, side);
	if (side != OEH_SIDE_NONE)
		assert_int_equal(site.muscle, muscle);
}

static void every_site_there_and_back(_unused_ void **state)
{
	char text[SITE_TEXT_MAX], edf[SITE_TEXT_MAX + 8];

	for (uint8_t side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		for (uint8_t muscle = 0; muscle < OEH_MUSCLE_COUNT; muscle++) {
			struct site site = {.side = side, .muscle = muscle};

			check_site(site_to_code(site, text), side, muscle);
			snprintf(edf, sizeof(edf), " EMG %s  ", text);
			check_site(edf, side, muscle);
			check_site(site_to_label(site, text), side, muscle);
		}
	}
}

static void names(_unused_ void **state)
{
	struct site site = {.side = OEH_SIDE_RIGHT, .muscle = OEH_MUSCLE_ORBICULARIS_OCULI};
	struct site none = {.side = OEH_SIDE_NONE};
	char text[SITE_TEXT_MAX];

	assert_string_equal(site_to_code(site, text), "R-OOc");
	assert_string_equal(site_to_label(site, text), "right_orbicularis_oculi");
	assert_string_equal(site_to_code(none, text), "-");
	site.muscle = 200; /* what a later protocol may know */
	assert_string_equal(site_to_code(site, text), "R-Oth");
	site.side = 77;
	assert_string_equal(site_to_code(site, text), "-");
	check_site("-", OEH_SIDE_NONE, 0);
	check_site("\tL-Oth\r\n", OEH_SIDE_LEFT, OEH_MUSCLE_OTHER);
}

static void no_sites(_unused_ void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"EMG",
		"EMG ",
		"L",
		"L-",
		"L-ooc",
		"l-OOc",
		"X-OOc",
		"L_OOc",
		"L-OOcx",
		"EMGL-OOc",
		"EMG -",
		"left",
		"left_",
		"left_x",
		"L - OOc",
		"EMG EMG L-OOc",
		"left_zygomaticus_major",
	};
	struct site site;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (site_from_text(texts[i], &site) != -EINVAL)
			fail_msg("\"%s\" is taken for a site", texts[i]);
}

static void labels(_unused_ void **state)
{
	static const char *const given[] = {"EMG L-OOc", "ECG", NULL, "R-Zyg", "-"};
	struct montage m;

	assert_int_equal(montage_from_labels(&m, given, ARRAY_SIZE(given)), 2);
	assert_int_equal(m.n_channels, 5);
	assert_int_equal(m.sites[0].side, OEH_SIDE_LEFT);
	assert_int_equal(m.sites[1].side, OEH_SIDE_NONE);
	assert_int_equal(m.sites[3].muscle, OEH_MUSCLE_ZYGOMATICUS);
	assert_true(montage_has_region(&m, OEH_SIDE_LEFT, REGION_EYE));
	assert_false(montage_has_region(&m, OEH_SIDE_LEFT, REGION_MOUTH));
	assert_true(montage_has_region(&m, OEH_SIDE_RIGHT, REGION_MOUTH));
}

static void regions(_unused_ void **state)
{
	static const enum face_region expected[OEH_MUSCLE_COUNT] = {
		REGION_NONE,  REGION_EYE,   REGION_EYE,	  REGION_EYE, REGION_MOUTH,
		REGION_MOUTH, REGION_MOUTH, REGION_MOUTH, REGION_JAW,
	};

	for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++)
		assert_int_equal(muscle_region(m), expected[m]);
	assert_int_equal(muscle_region(99), REGION_NONE);
}

/* ---- the file ---- */

static const char *const eight[] = {"a", "b", "EMG L-Fro", "d", "e", "f", "g", "h"};

static int read_text(const char *text, struct montage *m, char **error)
{
	int fd = memfd_create("montage", MFD_CLOEXEC), r;
	size_t n = strlen(text);
	char path[64];

	assert_true(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = montage_from_file(m, path, eight, ARRAY_SIZE(eight), error);
	close(fd);
	return r;
}

static void file_of_sites(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	struct montage m;

	assert_int_equal(read_text("# for a test\n[daemon]\nrate = 1000\n\n[montage]\n"
				   "0 = L-OOc ; the eye\n1=R-OOc\nEMG L-Fro = right_frontalis\n"
				   "7 = -\nh2 = x\n",
				   &m, &error),
			 -EINVAL); /* h2 is no channel */
	assert_non_null(strstr(error, ":10: there is no channel \"h2\""));
	free(TAKE_PTR(error));

	assert_int_equal(read_text("[montage]\n0 = L-OOc ; the eye\n1=R-OOc\n"
				   "EMG L-Fro = right_frontalis\n7 = -\n[daemon]\nx = y\n",
				   &m, &error),
			 0);
	assert_null(error);
	assert_int_equal(m.n_channels, 8);
	assert_int_equal(m.sites[0].side, OEH_SIDE_LEFT);
	assert_int_equal(m.sites[0].muscle, OEH_MUSCLE_ORBICULARIS_OCULI);
	assert_int_equal(m.sites[2].side, OEH_SIDE_RIGHT);
	assert_int_equal(m.sites[2].muscle, OEH_MUSCLE_FRONTALIS);
	for (unsigned int c = 3; c < 8; c++)
		assert_int_equal(m.sites[c].side, OEH_SIDE_NONE);
}

static void file_with_mistakes(_unused_ void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "has no [montage]"},
		{"[daemon]\nrate = 1000\n", "has no [montage]"},
		{"[montage]\n0 = -\n", "gives no channel a site"},
		{"[montage]\n8 = L-OOc\n", ":2: there is no channel 8: there are 8"},
		{"[montage]\n99999999999999999999 = L-OOc\n", ":2: there is no channel"},
		{"[montage]\n-1 = L-OOc\n", ":2: there is no channel \"-1\""},
		{"[montage]\n\n0 = L-Eye\n", ":3: \"L-Eye\" is no site"},
		{"[montage]\n0 = L-OOc\n0 = R-OOc\n", ":3: channel 0 is named twice"},
		{"[montage]\n2 = L-OOc\nEMG L-Fro = R-OOc\n", ":3: channel 2 is named twice"},
		{"[montage]\nnonsense\n0 = L-Eye\n", ":2: this is neither"},
		{"[montage\n0 = L-OOc\n", ":1: this is neither"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *error = NULL;
		struct montage m;

		assert_int_equal(read_text(cases[i].text, &m, &error), -EINVAL);
		if (!error || !strstr(error, cases[i].words))
			fail_msg("\"%s\" is not of: %s", error ?: "none", cases[i].words);
	}
}

static void file_that_is_not_there(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	struct montage m;

	assert_int_equal(montage_from_file(&m, "/nonexistent", eight, 8, &error), -ENOENT);
	assert_non_null(strstr(error, "/nonexistent: No such file"));
	free(TAKE_PTR(error));
	assert_int_equal(montage_from_file(&m, "/", eight, 8, &error), -EIO);
	assert_non_null(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_site_there_and_back),
		cmocka_unit_test(names),
		cmocka_unit_test(no_sites),
		cmocka_unit_test(labels),
		cmocka_unit_test(regions),
		cmocka_unit_test(file_of_sites),
		cmocka_unit_test(file_with_mistakes),
		cmocka_unit_test(file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
