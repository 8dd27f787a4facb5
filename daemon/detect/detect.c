/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/*
 * The detector's frame: scans are collected until a frame is full, and each
 * part then does its step. internal.h has the picture.
 */

void detector_emit(struct detector *d, struct detector_event *event)
{
	if (event->phase == PHASE_ENDED)
		d->totals.events[event->kind]++;
	if (d->config.event)
		d->config.event(event, d->config.userdata);
}

static void mains_learnt(struct detector *d, bool was_locked)
{
	/* what was taken for noise until now was mains */
	if (d->mains.locked && !was_locked)
		burst_restart(d);
	for (unsigned int c = 0; c < d->n; c++) {
		struct mains_state *s = &d->mains_state;

		/* mains that came up suddenly: quickly learnt anew */
		if (s->coherent[c] > 0.5f) {
			s->mu[c] = d->mains.mu_fast;
			s->limit[c] = MAINS_CLIP_FAST_UV;
		} else if (d->channel_burst[c].ready) {
			s->limit[c] = MAINS_CLIP * 1.5f * sqrtf(burst_noise(d, c));
		}
	}
}

static void totals_run(struct detector *d)
{
	uint32_t usable = d->usable;

	if ((usable & d->on_side[OEH_SIDE_LEFT]) || (usable & d->on_side[OEH_SIDE_RIGHT]))
		d->totals.usable += d->time.scans;
}

static void frame_run(struct detector *d, const float *scans)
{
	bool locked = d->mains.locked;

	d->scans = scans;
	d->frame.end = d->position;
	history_advance(&d->history, d->frame.tick++);
	d->lanes->signal(d);
	artefact_settle(d);
	if (mains_frame_end(&d->mains, &d->mains_state, d->n))
		mains_learnt(d, locked);
	artefact_judge(d);
	burst_run(d);
	if (d->has_montage) {
		face_run(d);
		episode_run(d);
		movement_run(d);
		if (d->history.tick % LIDS_EVERY == 0)
			lids_run(d);
	} else {
		activity_run(d);
	}
	totals_run(d);
}

/* Collects scans until there is a frame. Returns how many it has taken. */
static size_t raw_fill(struct detector *d, const float *uv, size_t n_scans)
{
	size_t n = d->time.scans - d->n_raw;

	n = n < n_scans ? n : n_scans;
	memcpy(d->raw + d->n_raw * d->stride, uv, n * d->stride * sizeof(*uv));
	d->n_raw += (unsigned int)n;
	d->position += n;
	if (d->n_raw == d->time.scans) {
		d->n_raw = 0;
		frame_run(d, d->raw);
	}
	return n;
}

void detector_feed(struct detector *d, const float *uv, size_t n_scans, uint32_t lead_off)
{
	size_t scans = d->time.scans;

	while (n_scans) {
		size_t n = scans;

		d->lead_off |= lead_off;
		if (d->n_raw || n_scans < scans) {
			n = raw_fill(d, uv, n_scans);
		} else {
			d->position += scans;
			frame_run(d, uv);
		}
		uv += n * d->stride;
		n_scans -= n;
	}
}

void detector_gap(struct detector *d, uint64_t n_scans)
{
	struct detector_event e = {.kind = EVENT_GAP, .phase = PHASE_ENDED, .channel = -1};

	if (!n_scans)
		return;
	e.start = d->position;
	d->position += n_scans;
	e.end = e.detected = d->position;
	d->n_raw = 0;
	movement_end(d, false);
	d->lids.open = false;
	artefact_reset(d);
	burst_reset(d);
	face_reset(d);
	if (d->episode.open)
		episode_gap(d, e.start);
	d->history.first = d->frame.tick;
	detector_emit(d, &e);
}

void detector_marker(struct detector *d)
{
	struct detector_event e = {.kind = EVENT_MARKER, .phase = PHASE_ENDED, .channel = -1};

	e.start = d->position ? d->position - 1 : 0;
	e.end = e.detected = d->position;
	detector_emit(d, &e);
}

void detector_finish(struct detector *d)
{
	episode_end(d, true);
	movement_end(d, true);
	activity_finish(d);
	artefact_finish(d);
}

uint64_t detector_position(const struct detector *d)
{
	return d->position;
}

void detector_get_totals(const struct detector *d, struct detector_totals *ret)
{
	*ret = d->totals;
	ret->samples = d->position;
}

void detector_get_quality(const struct detector *d, unsigned int channel,
			  struct channel_quality *ret)
{
	const struct channel_health *q = &d->health[channel < d->n ? channel : 0];
	enum channel_state state = CHANNEL_GOOD;

	*ret = (struct channel_quality){.state = CHANNEL_UNUSED};
	if (channel >= d->n || !(d->used & (1u << channel)))
		return;
	ret->noise_uv = sqrtf(burst_noise(d, channel));
	ret->mains_uv = mains_amplitude(&d->mains, &d->mains_state, channel);
	if (q->bad)
		state = q->cause == CAUSE_CONTACT    ? CHANNEL_NO_CONTACT
			: q->cause == CAUSE_CLIPPING ? CHANNEL_CLIPPING
			: q->cause == CAUSE_MAINS    ? CHANNEL_MAINS
						     : CHANNEL_ARTEFACT;
	else if (q->settle || !d->channel_burst[channel].ready)
		state = CHANNEL_SETTLING;
	ret->state = state;
}

static void timing_init(struct timing *t, double rate)
{
	t->rate = rate;
	t->decimate = rate > DECIMATE_ABOVE ? (unsigned int)(rate / DECIMATE_ABOVE) : 1;
	t->inner_rate = rate / t->decimate;
	t->frame = (unsigned int)lround(t->inner_rate * FRAME_SECONDS);
	if (t->frame < 1)
		t->frame = 1;
	t->scans = t->frame * t->decimate;
	t->frame_s = (float)(t->scans / rate);
	/* half the samples at most, evenly, of which the detection band has no more to tell */
	t->product_step = 1;
	for (unsigned int step = 2; step < t->frame; step++) {
		if (t->frame % step == 0 && t->inner_rate / step >= 2 * DETECTION_HZ)
			t->product_step = step;
	}
	t->dof = f_min((float)t->frame, (float)(1.8 * DETECTION_HZ * t->frame_s));
}

/* Same muscle of the other side; else the same region; else anything there. */
static uint32_t site_opposite(const struct detector *d, unsigned int channel)
{
	const struct site_info *s = &d->site[channel];
	uint32_t muscle = 0, region = 0, all = d->on_side[side_other(s->side)];

	for_each_channel(c, all)
	{
		if (d->site[c].muscle == s->muscle)
			muscle |= 1u << c;
		if (d->site[c].region == s->region)
			region |= 1u << c;
	}
	return muscle ? muscle : region ? region : all;
}

static void sites_init(struct detector *d, const struct montage *m)
{
	for (unsigned int c = 0; c < d->n; c++) {
		struct site_info *s = &d->site[c];

		s->side = m->sites[c].side;
		s->muscle = m->sites[c].muscle;
		s->region = muscle_region(s->muscle);
		if (s->side != OEH_SIDE_LEFT && s->side != OEH_SIDE_RIGHT)
			continue;
		d->used |= 1u << c;
		d->on_side[s->side] |= 1u << c;
		if (s->region == REGION_EYE)
			d->face.regions[s->side] |= 1;
		if (s->region == REGION_MOUTH)
			d->face.regions[s->side] |= 2;
	}
	for (uint8_t side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++)
		d->can_spasm[side] = d->face.regions[side] == 3;
	d->has_montage = d->used != 0;
	for_each_channel(c2, d->used) d->site[c2].opposite = site_opposite(d, c2);
	if (!d->has_montage)
		d->used = d->all;
}

static int detector_allocate(struct detector *d)
{
	size_t align = 64, raw = d->time.scans * d->stride * sizeof(float);
	size_t samples = (size_t)HISTORY_FRAMES * d->time.frame * d->stride * sizeof(float);
	size_t energy = (size_t)HISTORY_FRAMES * d->stride * sizeof(float);
	char *p;

	raw = (raw + align - 1) & ~(align - 1);
	p = aligned_alloc(align, (raw + samples + 2 * energy + align - 1) & ~(align - 1));
	if (!p)
		return -ENOMEM;
	memset(p, 0, raw + samples + 2 * energy);
	d->raw = (void *)p;
	d->history.samples = (void *)(p + raw);
	d->history.energy = (void *)(p + raw + samples);
	d->history.low = (void *)(p + raw + samples + energy);
	return 0;
}

/* As many side by side as the processor can, where scans are that wide. */
static const struct lanes *lanes_choose(size_t stride)
{
	const struct lanes *eight = stride % 8 ? NULL : lanes_eight();

	return eight ? eight : &lanes_four;
}

int detector_new(const struct detector_config *config, struct detector **ret)
{
	struct detector *d;
	int r;

	if (!(config->rate >= DETECTOR_MIN_RATE && config->rate <= DETECTOR_MAX_RATE))
		return -EINVAL;
	if (config->montage.n_channels < 1 || config->montage.n_channels > MONTAGE_MAX)
		return -EINVAL;
	d = aligned_alloc(64, (sizeof(*d) + 63) & ~(size_t)63);
	if (!d)
		return -ENOMEM;
	memset(d, 0, sizeof(*d));
	d->config = *config;
	d->n = config->montage.n_channels;
	d->stride = detector_stride(d->n);
	d->lanes = lanes_choose(d->stride);
	timing_init(&d->time, config->rate);
	d->history.stride = (unsigned int)d->stride;
	d->history.frame = d->time.frame;
	r = detector_allocate(d);
	if (r < 0) {
		free(d);
		return r;
	}
	filter_design(&d->design, d->time.rate, d->time.inner_rate);
	d->plain = d->time.frame == 4 && d->time.decimate == 1 && !d->design.has_lp &&
		   d->design.has_det;
	mains_init(&d->mains, d->time.inner_rate, d->time.frame);
	d->all = d->unsettled = d->n == 32 ? UINT32_MAX : (1u << d->n) - 1;
	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		float clip = c < d->n ? config->clip_uv[c] : 0;

		d->clip[c] = clip > 0 ? CLIP_SHARE * clip : INFINITY;
	}
	sites_init(d, &config->montage);
	burst_init(d);
	face_init(d);
	lids_init(d);
	if (config->personal)
		gain_load(d, config->personal);
	d->config.personal = NULL;
	for (unsigned int c = 0; c < d->n; c++)
		mains_reset_channel(&d->mains_state, &d->mains, c);
	*ret = d;
	return 0;
}

struct detector *detector_free(struct detector *d)
{
	if (d) {
		free(d->raw);
		free(d);
	}
	return NULL;
}
