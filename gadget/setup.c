// SPDX-License-Identifier: GPL-2.0-or-later
/* From the command line to a device and what it plays. */
#include <math.h>
#include <string.h>

#include "error-text.h"
#include "player-recording.h"
#include "player-scene.h"
#include "profile.h"
#include "setup.h"
#include "util.h"

#define DEFAULT_CHANNELS 8
#define DEFAULT_RATE	 1000
#define DEFAULT_SCENE	 "rest"

static int device_setup(struct headset *h, const struct options *o, const struct profile *p,
			char **error)
{
	struct device_config config;
	int r;

	r = profile_build(p, &config, error);
	if (r < 0)
		return r;
	if (device_init(&h->device, &config) < 0)
		return error_text(error, -EINVAL,
				  "this would be no valid headset: is the serial printable text?");

	h->end = o->end;
	h->drift = o->drift;
	h->queue = o->queue;
	h->memory = (uint64_t)(o->memory * 1e9);
	h->log_every = o->log_every;
	h->faults.random = o->seed;
	return 0;
}

/* ---- what is made up ------------------------------------------------------------------------ */

static int sites_parse(const char *text, struct montage *m, char **error)
{
	_cleanup_free_ char *copy = strdup(text);
	char *save, *word;

	if (!copy)
		return -ENOMEM;

	*m = (struct montage){0};
	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (m->n_channels == OEH_MAX_CHANNELS)
			return error_text(error, -EINVAL, "--sites has more than %d sites",
					  OEH_MAX_CHANNELS);
		if (site_from_text(word, &m->sites[m->n_channels++]) < 0)
			return error_text(error, -EINVAL, "--sites: \"%s\" is no site like L-OOc",
					  word);
	}
	if (!m->n_channels)
		return error_text(error, -EINVAL, "--sites has no site");

	return 0;
}

static int synthetic_montage(const struct options *o, struct montage *m, char **error)
{
	int r;

	profile_default_sites(m, o->n_channels ? o->n_channels : DEFAULT_CHANNELS);
	if (!o->sites)
		return 0;

	r = sites_parse(o->sites, m, error);
	if (r < 0)
		return r;
	if (o->n_channels && o->n_channels != m->n_channels)
		return error_text(error, -EINVAL, "--channels %u, but --sites has %u",
				  o->n_channels, m->n_channels);

	return 0;
}

static int synthetic_setup(struct headset *h, const struct options *o, struct profile *p,
			   char **error)
{
	const char *scene = o->scene ? o->scene : DEFAULT_SCENE;
	int r;

	r = synthetic_montage(o, &p->montage, error);
	if (r < 0)
		return r;

	p->rate = o->rate ? o->rate : DEFAULT_RATE;
	r = device_setup(h, o, p, error);
	if (r < 0)
		return r;
	if (o->pattern)
		return player_new_pattern(&h->device, &h->player);

	r = player_new_scene(&h->device, &p->montage, scene, o->seed, &h->player);
	if (r == -EINVAL)
		error_text(error, r, "there is no scene \"%s\" for these sites; see --help", scene);
	return r;
}

/* ---- what was recorded ---------------------------------------------------------------------- */

DEFINE_CLEANUP(struct recording *, recording_close)

static void recording_warned(const char *message, void *userdata)
{
	fprintf(stderr, "emg-headset-gadget: %s: %s\n", (const char *)userdata, message);
}

static int recording_fail(char **error, int r, const char *path, char *reason)
{
	_cleanup_free_ char *text = reason;

	return error_text(error, r, "%s: %s", path, text ? text : strerror(-r));
}

/* The file's labels say where its channels lie, unless a montage does. */
static int recording_montage(const struct recording_info *info, const struct options *o,
			     struct montage *m, char **error)
{
	unsigned int i;

	*m = (struct montage){.n_channels = info->n_channels};
	if (o->montage_file)
		return montage_from_file(m, o->montage_file, info->labels, info->n_channels, error);

	for (i = 0; i < info->n_channels; i++)
		if (!info->labels[i] || site_from_text(info->labels[i], &m->sites[i]) < 0)
			m->sites[i] = (struct site){OEH_SIDE_NONE, OEH_MUSCLE_OTHER};

	return 0;
}

static int recording_profile(const struct recording_info *info, struct profile *p, char **error)
{
	unsigned int i;

	/* the wire knows whole numbers only; a crystal is no better than 100 ppm */
	p->rate = (uint32_t)lrint(info->rate);
	if (fabs(p->rate - info->rate) > 1e-4 * info->rate || p->rate < OEH_MIN_RATE ||
	    p->rate > OEH_MAX_RATE)
		return error_text(
			error, -EINVAL,
			"it has %g Hz, and a headset samples at a whole number of %d to %d Hz",
			info->rate, OEH_MIN_RATE, OEH_MAX_RATE);

	p->rate_only = true;
	for (i = 0; i < info->n_channels; i++)
		p->range_uv = fmax(p->range_uv, info->clip_uv[i]);

	return 0;
}

static int recording_setup(struct headset *h, const struct options *o, struct profile *p,
			   char **error)
{
	struct recording_options options = {.rate = o->recording_rate, .unit_uv = o->unit_uv};
	_cleanup_(recording_closep) struct recording *recording = NULL;
	const struct recording_info *info;
	char *reason = NULL;
	int r;

	r = recording_open(o->recording, &options, recording_warned, (void *)o->recording,
			   &recording, &reason);
	if (r < 0)
		return recording_fail(error, r, o->recording, reason);

	info = recording_get_info(recording);
	r = recording_montage(info, o, &p->montage, error);
	if (r < 0)
		return r;
	r = recording_profile(info, p, &reason);
	if (r < 0)
		return recording_fail(error, r, o->recording, reason);
	r = device_setup(h, o, p, error);
	if (r < 0)
		return r;

	r = player_new_recording(&h->device, o->recording, &options, &h->player, &reason);
	return r < 0 ? recording_fail(error, r, o->recording, reason) : 0;
}

int headset_setup(struct headset *h, const struct options *o, char **error)
{
	struct profile profile = {
		.serial = o->serial,
		.bits = o->bits,
		.gain = o->gain,
		.marker = !o->no_marker,
		.frame_samples = o->frame_samples,
		.counter_start = o->counter_start,
	};

	if (o->recording)
		return recording_setup(h, o, &profile, error);

	return synthetic_setup(h, o, &profile, error);
}
