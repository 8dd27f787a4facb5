/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a face, there and back, and files with mistakes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "personal.h"
#include "util.h"

static const struct site left_eye = {OEH_SIDE_LEFT, OEH_MUSCLE_ORBICULARIS_OCULI};
static const struct site right_mouth = {OEH_SIDE_RIGHT, OEH_MUSCLE_ORBICULARIS_ORIS};

static int read_text(struct personal *p, const char *text, char **error)
{
	_cleanup_close_ int fd = memfd_create("personal", MFD_CLOEXEC);
	char path[64];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return personal_from_file(p, path, error);
}

static void there_and_back(_unused_ void **state)
{
	const struct personal known = {
		.n_sites = 2,
		.sites = {{.site = left_eye, .noise_uv = 1.5f, .ratio = {0.25f, 0.125f, 7}},
			  {.site = right_mouth, .noise_uv = 3}},
		.face = {-1.125f, 0.5f, 20},
	};
	_cleanup_free_ char *text = NULL, *error = NULL;
	const struct personal_site *site;
	struct personal back;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	assert_int_equal(personal_write(&known, file), 0);
	fclose(file);
	assert_int_equal(read_text(&back, text, &error), 0);
	assert_int_equal(back.n_sites, 2);
	assert_memory_equal(&back.face, &known.face, sizeof(back.face));
	site = personal_find(&back, left_eye);
	assert_non_null(site);
	assert_memory_equal(&site->ratio, &known.sites[0].ratio, sizeof(site->ratio));
	assert_true(site->noise_uv > 1.49f && site->noise_uv < 1.51f);
	site = personal_find(&back, right_mouth);
	assert_non_null(site);
	assert_true(site->ratio.movements == 0);
	assert_null(personal_find(&back, (struct site){OEH_SIDE_RIGHT, OEH_MUSCLE_MENTALIS}));
}

static void mistakes(_unused_ void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"[L-Ear]\nnoise_uv = 1\n", ":2: [L-Ear] is neither [face] nor a site"},
		{"[L-OOc]\nnoise = 1\n", ":2: [L-OOc] has no \"noise\""},
		{"[face]\nnoise_uv = 1\n", ":2: [face] has no \"noise_uv\""},
		{"[L-OOc]\nnoise_uv = loud\n", ":2: noise_uv needs a number from 0 to 1000"},
		{"[L-OOc]\nnoise_uv = -1\n", ":2: noise_uv needs"},
		{"[face]\nratio = nan\n", ":2: ratio needs"},
		{"[face]\nratio = 5.1\n", ":2: ratio needs a number from -5 to 5"},
		{"[face]\nspread\n", ":2: this is neither"},
		{"[-]\nratio = 1\n", ":2: [-] is neither"},
		{"", "tells nothing of a face"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_free_ char *error = NULL;
		struct personal p;

		assert_int_equal(read_text(&p, bad[i].text, &error), -EINVAL);
		assert_non_null(error);
		assert_non_null(strstr(error, bad[i].says));
	}
}

static void a_site_named_twice(_unused_ void **state)
{
	struct personal p;
	_cleanup_free_ char *error = NULL;

	assert_int_equal(
		read_text(&p, "[L-OOc]\nratio=1\n[L-Zyg]\nratio=2\n[L-OOc]\nspread=3\n", &error),
		0);
	assert_int_equal(p.n_sites, 2);
	assert_true(p.sites[0].ratio.spread == 3 && p.sites[0].ratio.mean == 1);
}

static void no_file(_unused_ void **state)
{
	_cleanup_free_ char *error = NULL;
	struct personal p;

	assert_int_equal(personal_from_file(&p, "/nonexistent/face.conf", &error), -ENOENT);
	assert_non_null(strstr(error, "/nonexistent/face.conf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(a_site_named_twice),
		cmocka_unit_test(no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
