/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A synthetic patient: which scenes there are, and playing them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "electrodes.h"
#include "muscles.h"
#include "plan.h"
#include "schedule.h"
#include "util.h"

#define DEFAULT_DURATION 60.0 /* s */

DEFINE_CLEANUP(struct scene *, scene_free)

struct scene {
	struct scene_config config; /* its name is not kept */
	struct assumptions assumptions;
	struct scene_face face;
	struct plan plan;
	struct muscles muscles;
	struct electrodes electrodes;
	uint64_t position, length;
};

static bool range_ok(const double range[2], double least, double most)
{
	if (range[0] == 0.0 && range[1] == 0.0)
		return true;

	return range[0] >= least && range[1] >= range[0] && range[1] <= most;
}

/* NaN fails every comparison, so each is put as what must hold. */
static bool knobs_ok(const struct scene_knobs *k)
{
	return k->vary >= 0.0 && k->vary <= 0.5 && range_ok(k->spasm_uv, 1.0, 10000.0) &&
	       k->movement >= 0.0 && k->movement <= 100.0 && range_ok(k->noise_uv, 0.0, 1000.0) &&
	       k->mains_uv <= 10000.0 && k->mains_hz >= 0.0 && k->mains_hz <= 70.0 &&
	       k->mains_drift <= 5.0 && k->crosstalk <= 10.0 && k->side <= OEH_SIDE_RIGHT &&
	       k->weak_side <= OEH_SIDE_RIGHT && k->weak_factor >= 0.0 && k->weak_factor <= 1.0 &&
	       k->asymmetry <= 4.0 && k->ramp >= 0.0 && k->ramp <= 10.0 &&
	       range_ok(k->burst_ms, 5.0, 900.0) && range_ok(k->burst_rate, 2.0, 40.0) &&
	       range_ok(k->pause_s, 0.0, 86400.0) && k->clip_uv >= 0.0 && k->clip_uv <= 1e6;
}

static bool config_ok(const struct scene_config *c)
{
	if (!c->name || !(c->rate >= DETECTOR_MIN_RATE && c->rate <= DETECTOR_MAX_RATE))
		return false;
	if (!(c->duration >= 0.0 && c->duration <= SCENE_MAX_DURATION))
		return false;
	if (c->montage.n_channels < 1 || c->montage.n_channels > MONTAGE_MAX)
		return false;
	for (unsigned int i = 0; i < c->montage.n_channels; i++) {
		if (c->montage.sites[i].side > OEH_SIDE_RIGHT ||
		    c->montage.sites[i].muscle >= OEH_MUSCLE_COUNT)
			return false;
	}

	return knobs_ok(&c->knobs);
}

static void apply_knobs(struct assumptions *a, const struct scene_knobs *k)
{
	static const enum assumption_id strengths[] = {
		A_BLINK_PEAK, A_SMILE_RMS, A_SQUEEZE_RMS, A_BROW_RMS,	 A_SPEECH_RMS,
		A_CHEW_RMS,   A_WINK_RMS,  A_SMIRK_RMS,	  A_SWALLOW_RMS, A_PUCKER_RMS,
	};
	static const enum assumption_id ramps[] = {
		A_BLINK_RISE, A_SMILE_RAMP, A_SQUEEZE_RAMP, A_BROW_RAMP,   A_SPEECH_RAMP,
		A_WINK_RAMP,  A_SMIRK_RAMP, A_PUCKER_RAMP,  A_CLENCH_RAMP,
	};
	double burst_s[2] = {0.001 * k->burst_ms[0], 0.001 * k->burst_ms[1]};

	for (size_t i = 0; i < ARRAY_SIZE(strengths); i++)
		assumptions_scale(a, strengths[i], k->movement);
	for (size_t i = 0; i < ARRAY_SIZE(ramps); i++)
		assumptions_scale(a, ramps[i], k->ramp);
	assumptions_set(a, A_SPASM_PEAK, k->spasm_uv);
	assumptions_set(a, A_NOISE, k->noise_uv);
	assumptions_set(a, A_BURST_LENGTH, burst_s);
	assumptions_set(a, A_TRAIN_RATE, k->burst_rate);
	assumptions_set(a, A_SPASM_PAUSE, k->pause_s);
}

int scene_new(const struct scene_config *config, struct scene **ret)
{
	_cleanup_(scene_freep) struct scene *s = NULL;
	int r;

	if (!config_ok(config))
		return -EINVAL;

	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;

	s->config = *config;
	s->config.name = NULL;
	if (s->config.duration == 0.0)
		s->config.duration = DEFAULT_DURATION;
	assumptions_init(&s->assumptions, config->seed, config->knobs.vary);
	apply_knobs(&s->assumptions, &config->knobs);
	scene_face_init(&s->face, &s->assumptions, &s->config);
	s->plan = (struct plan){
		.a = &s->assumptions,
		.face = &s->face,
		.config = &s->config,
		.duration = s->config.duration,
	};
	s->length = plan_sample(&s->plan, s->config.duration);
	r = schedule_fill(&s->plan, config->name);
	if (r < 0)
		return r;
	r = plan_finish(&s->plan);
	if (r < 0)
		return r;
	r = muscles_init(&s->muscles, &s->plan);
	if (r < 0)
		return r;
	r = electrodes_init(&s->electrodes, &s->plan);
	if (r < 0)
		return r;

	*ret = TAKE_PTR(s);
	return 0;
}

struct scene *scene_free(struct scene *s)
{
	if (!s)
		return NULL;

	electrodes_done(&s->electrodes);
	muscles_done(&s->muscles);
	plan_done(&s->plan);
	free(s);

	return NULL;
}

uint64_t scene_length(const struct scene *s)
{
	return s->length;
}

size_t scene_read(struct scene *s, float *uv, size_t stride, size_t n)
{
	unsigned int n_channels = s->config.montage.n_channels;
	float sources[N_SOURCES], scan[MONTAGE_MAX];

	if (n > s->length - s->position)
		n = (size_t)(s->length - s->position);

	for (size_t i = 0; i < n; i++, uv += stride) {
		muscles_step(&s->muscles, sources);
		electrodes_step(&s->electrodes, sources, scan);
		memcpy(uv, scan, n_channels * sizeof(scan[0]));
		memset(uv + n_channels, 0, (stride - n_channels) * sizeof(uv[0]));
	}
	s->position += n;

	return n;
}

uint32_t scene_lead_off(const struct scene *s)
{
	return s->electrodes.lead_off;
}

const struct scene_event *scene_events(const struct scene *s, size_t *n)
{
	*n = s->plan.n_events;

	return s->plan.events;
}
