/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "internal.h"

/*
 * A channel is compared with its own noise by two cumulative sums of
 * log-likelihood ratios, one that is quick for strong bursts and one that is
 * patient with weak ones.
 */

void burst_reset_channel(struct detector *d, unsigned int channel)
{
	struct burst_state *s = &d->burst;

	s->fast[channel] = s->background[channel] = s->noise[channel];
	s->strong[channel] = s->weak[channel] = s->level[channel] = 0;
	d->channel_burst[channel].block_cut = true;
}

void burst_reset(struct detector *d)
{
	for (unsigned int c = 0; c < d->n; c++)
		burst_reset_channel(d, c);
}

/* A longer rise is believed only when even its quietest moments lie higher. */
static float noise_slots(struct channel_burst *b, float mean)
{
	float low = b->slot_min = f_min(b->slot_min, mean);

	if (++b->slot_n < (unsigned int)(NOISE_SLOT_S / NOISE_BLOCK_S))
		return 0;
	b->slots[b->slot] = low;
	b->slot = (b->slot + 1) % NOISE_SLOTS;
	b->slot_n = 0;
	b->slot_min = INFINITY;
	for (unsigned int i = 0; i < NOISE_SLOTS; i++)
		low = f_min(low, b->slots[i]);
	return low;
}

static void noise_first(struct channel_burst *b, struct burst_state *s,
			const struct burst_tuning *t, unsigned int channel, float mean)
{
	if (b->n_skipped < t->skip_blocks) {
		b->n_skipped++;
		return;
	}
	b->first = b->n_first ? f_min(b->first, mean) : mean;
	b->rest_sum = b->n_first ? b->rest_sum + mean : mean;
	if (++b->n_first < t->first_blocks)
		return;
	/* the mean where they agree; else something has happened in one of them */
	mean = b->rest_sum / (float)t->first_blocks;
	if (mean > t->first_agree * b->first)
		mean = b->first * t->first_mean;
	if (b->usual > 0) /* it may have begun in the middle of a movement */
		mean = f_min(mean, NOISE_USUAL_MOST * b->usual);
	b->rest_sum = 0;
	b->n_rest = 0;
	b->ready = true;
	for (unsigned int i = 0; i < NOISE_SLOTS; i++)
		b->slots[i] = 0;
	b->slot_min = INFINITY;
	s->noise[channel] = s->fast[channel] = s->background[channel] = mean;
	b->floor = t->rest_floor * s->noise[channel];
	b->waiting = 0;
}

/*
 * What lies between two quiet moments that are close together is rest, ups and
 * downs included. A block is quiet when it is below the floor, a low quantile;
 * how long one waits for the next tells whether the floor itself is right.
 */
static void noise_quiet(struct channel_burst *b, struct burst_state *s, unsigned int channel,
			float mean)
{
	float wait = (float)b->waiting + 1;

	if (b->waiting <= NOISE_REST_BLOCKS) {
		float n = (float)b->n_rest + 1, rest = (b->rest_sum + mean) / n;

		s->noise[channel] += f_min(n * NOISE_LEARN, 0.3f) * (rest - s->noise[channel]);
	}
	if (b->waiting <= NOISE_FLOOR_BLOCKS)
		b->floor *= 1 + f_min(NOISE_FLOOR_STEP * (NOISE_QUANTILE * wait - 1), 0.05f);
	if (mean < 0.5f * b->floor)
		b->floor += 0.5f * (mean - b->floor);
	s->noise[channel] = f_max(s->noise[channel], b->floor);
	b->waiting = b->n_rest = 0;
	b->rest_sum = 0;
}

static void noise_block(struct detector *d, unsigned int channel, float mean)
{
	struct channel_burst *b = &d->channel_burst[channel];
	struct burst_state *s = &d->burst;
	float low;

	mean = f_max(mean, NOISE_MIN_UV * NOISE_MIN_UV);

	if (!b->ready) {
		noise_first(b, s, &d->burst_tuning, channel, mean);
		return;
	}
	low = noise_slots(b, mean);
	if (low > b->floor) {
		s->noise[channel] = f_max(s->noise[channel], low / d->burst_tuning.rest_least);
		b->floor = d->burst_tuning.rest_floor * s->noise[channel];
	}
	if (mean <= b->floor) {
		noise_quiet(b, s, channel, mean);
		return;
	}
	b->waiting++;
	if (mean < NOISE_REST_RATIO * s->noise[channel]) {
		b->rest_sum += mean;
		b->n_rest++;
	}
}

/*
 * Much quieter than it was, and than any skin: the electrode doesn't touch it. Its
 * noise is kept, unless it never comes back.
 */
static bool contact_is_lost(struct detector *d, unsigned int channel, float mean)
{
	struct channel_burst *b = &d->channel_burst[channel];
	float most = f_min(SKIN_LEAST_UV * SKIN_LEAST_UV, SKIN_SHARE * burst_noise(d, channel));

	b->n_silent = b->ready && mean < most ? b->n_silent + 1 : 0;
	if (!b->n_silent || b->n_silent > (unsigned int)(SKIN_AGAIN_S / NOISE_BLOCK_S))
		return false;
	artefact_mark(d, channel, CAUSE_CONTACT);
	return true;
}

/* Blocks end at the same frame in all channels; those cut short are left out. */
static void noise_run(struct detector *d)
{
	if (++d->noise_frames < d->noise_block)
		return;
	for (unsigned int c = 0; c < d->n; c++) {
		struct channel_burst *b = &d->channel_burst[c];
		float mean = d->burst.block[c] / (float)d->noise_frames;

		if (b->block_cut || d->health[c].settle || d->health[c].bad)
			b->block_cut = d->health[c].settle || d->health[c].bad;
		else if (!(d->used & (1u << c)) || !contact_is_lost(d, c, mean))
			noise_block(d, c, mean);
	}
	memset(d->burst.block, 0, sizeof(d->burst.block));
	d->noise_frames = 0;
}

/* The frame at which the power most likely rose from @base to the present. */
static uint64_t onset_frame(const struct detector *d, unsigned int channel, float base)
{
	const struct history *h = &d->history;
	unsigned int n = frames_of(&d->time, 0.15);
	float level = f_max(burst_fast(d, channel), 2 * base);
	float up = 1 / base - 1 / level, cost = logf(level / base), sum = 0, best = -1;
	uint64_t tick = h->tick, at = tick;

	for (unsigned int i = 0; i < n && tick >= h->first; i++, tick--) {
		sum += history_energy(h, tick)[channel] * up - cost;
		if (sum > best) {
			best = sum;
			at = tick;
		}
		if (tick == 0)
			break;
	}
	return at;
}

/*
 * The sample at which the power of @channels most likely rose, around the
 * frame @around; maximum of the likelihood over all of them together. @mix:
 * what of it (one channel then) is cross-talk; may be NULL.
 */
uint64_t onset_refine(const struct detector *d, uint32_t channels, uint64_t around,
		      const float *base, const float *level, const struct mix *mix)
{
	const struct history *h = &d->history;
	unsigned int reach = frames_of(&d->time, 0.040);
	uint64_t from = around > h->first + reach ? around - reach : h->first;
	uint64_t to = h->tick, at = around;
	unsigned int sample = 0;
	float up[MONTAGE_MAX] = {0}, cost[MONTAGE_MAX] = {0}, sum = 0, best = -INFINITY;

	for_each_channel(c1, channels)
	{
		float v = f_max(level[c1], 2 * base[c1]);

		up[c1] = 1 / base[c1] - 1 / v;
		cost[c1] = logf(v / base[c1]);
	}
	if (h->tick >= HISTORY_FRAMES && from < h->tick - HISTORY_FRAMES + 1)
		from = h->tick - HISTORY_FRAMES + 1;
	for (uint64_t t = to + 1; t-- > from;) {
		const float *scan = history_samples(h, t) + (size_t)(h->frame - 1) * h->stride;

		for (unsigned int i = h->frame; i-- > 0; scan -= h->stride) {
			for_each_channel(c, channels)
			{
				float x = scan[c];

				for (unsigned int k = 0; mix && k < mix->n; k++)
					x -= mix->share[k] * scan[mix->source[k]];
				sum += x * x * up[c] - cost[c];
			}
			if (sum > best) {
				best = sum;
				at = t;
				sample = i;
			}
		}
	}
	return d->frame.end - (h->tick - at + 1) * d->time.scans +
	       (uint64_t)sample * d->time.decimate;
}

static void burst_begin(struct detector *d, unsigned int channel)
{
	struct burst_state *s = &d->burst;

	d->channel_burst[channel].onset = onset_frame(d, channel, s->noise[channel]);
	s->level[channel] = s->fast[channel];
	s->hang[channel] = 0;
	s->refractory[channel] = d->burst_tuning.after_onset;
}

static void burst_surge(struct detector *d, unsigned int channel)
{
	struct burst_state *s = &d->burst;

	d->channel_burst[channel].onset =
		onset_frame(d, channel, f_max(s->background[channel], s->noise[channel]));
	s->refractory[channel] = d->burst_tuning.after_surge;
}

/* Noise is learnt anew. */
void burst_restart(struct detector *d)
{
	for (unsigned int c = 0; c < d->n; c++) {
		d->channel_burst[c].ready = false;
		d->channel_burst[c].n_first = d->channel_burst[c].n_skipped = 0;
		burst_reset_channel(d, c);
	}
	d->active = d->began = 0;
	d->unsettled = d->all;
}

void burst_init(struct detector *d)
{
	struct burst_tuning *t = &d->burst_tuning;
	float a = d->time.frame_s / (float)SMOOTH_S, half = d->time.dof / 2;

	t->strong_gain = vf_constant(half * (1 - 1 / BURST_RATIO_STRONG));
	t->strong_loss = vf_constant(half * logf(BURST_RATIO_STRONG));
	t->weak_gain = vf_constant(half * (1 - 1 / BURST_RATIO_WEAK));
	t->weak_loss = vf_constant(half * logf(BURST_RATIO_WEAK));
	t->cap = vf_constant(BURST_CAP);
	t->on = vf_constant(d->has_montage ? BURST_ON : BURST_ON_ALONE);
	t->quick = vf_constant(a / (1 + a / 2));
	t->slow = vf_constant(d->time.frame_s / (float)SURGE_BACKGROUND_S);
	t->hang = (int32_t)frames_of(&d->time, BURST_HANG_S);
	t->after_onset = (int32_t)frames_of(&d->time, RISE_BASE_TO_S * 4);
	t->after_surge = (int32_t)frames_of(&d->time, SURGE_PAUSE_S);
	t->rest_floor = d->time.frame > 1 ? NOISE_FLOOR : NOISE_FLOOR_FEW;
	t->rest_least = d->time.frame > 1 ? NOISE_LEAST : NOISE_LEAST_FEW;
	t->first_agree = d->time.frame > 1 ? NOISE_FIRST_AGREE : NOISE_FIRST_AGREE_FEW;
	t->first_mean = d->time.frame > 1 ? NOISE_FIRST_MEAN : NOISE_FIRST_MEAN_FEW;
	t->skip_blocks = d->time.frame > 1 ? 0 : NOISE_SKIP_BLOCKS_FEW;
	t->first_blocks = d->time.frame > 1 ? NOISE_FIRST_BLOCKS : NOISE_FIRST_BLOCKS_FEW;
	d->noise_block = frames_of(&d->time, NOISE_BLOCK_S);
	for (unsigned int c = 0; c < MONTAGE_MAX; c++)
		d->burst.noise[c] = 1;
	for_each_channel(c, d->config.personal ? d->used : 0)
	{
		const struct site site = {.side = d->site[c].side, .muscle = d->site[c].muscle};
		const struct personal_site *known = personal_find(d->config.personal, site);

		d->channel_burst[c].usual = known ? known->noise_uv * known->noise_uv : 0;
	}
}

static void bursts_change(struct detector *d, const struct burst_change *change)
{
	uint32_t was = d->active & d->usable;

	for_each_channel(c, d->active & ~d->usable) burst_reset_channel(d, c);
	for_each_channel(c1, was & change->ended) d->burst.strong[c1] = d->burst.weak[c1] = 0;
	d->surged = was & change->surged;
	for_each_channel(c2, d->surged) burst_surge(d, c2);
	d->began = change->over & d->usable & ~was;
	for_each_channel(c3, d->began) burst_begin(d, c3);
	d->active = (was & ~change->ended) | d->began;
	d->began |= d->surged;
}

void burst_run(struct detector *d)
{
	struct burst_change change = d->lanes->bursts(&d->burst, &d->burst_tuning,
						      d->history.now.energy, d->n, d->active);

	d->loud = change.loud;
	d->surged = d->began = 0;
	if (d->active | change.over)
		bursts_change(d, &change);
	noise_run(d);
}
