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
	struct burst_state *s = &d->burst[channel / LANES];
	struct channel_burst *b = &d->channel_burst[channel];
	unsigned int lane = channel % LANES;

	s->fast[lane] = s->background[lane] = s->noise[lane];
	s->strong[lane] = s->weak[lane] = s->level[lane] = 0;
	b->block_cut = true;
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

static void noise_first(struct channel_burst *b, struct burst_state *s, unsigned int lane,
			float mean)
{
	b->first = b->n_first ? f_min(b->first, mean) : mean;
	b->rest_sum = b->n_first ? b->rest_sum + mean : mean;
	if (++b->n_first < NOISE_FIRST_BLOCKS)
		return;
	/* the mean where they agree; else something has happened in one of them */
	mean = b->rest_sum / NOISE_FIRST_BLOCKS;
	if (mean > NOISE_FIRST_AGREE * b->first)
		mean = b->first * 1.15f;
	if (b->usual > 0) /* it may have begun in the middle of a movement */
		mean = f_min(mean, NOISE_USUAL_MOST * b->usual);
	b->rest_sum = 0;
	b->n_rest = 0;
	b->ready = true;
	for (unsigned int i = 0; i < NOISE_SLOTS; i++)
		b->slots[i] = 0;
	b->slot_min = INFINITY;
	s->noise[lane] = s->fast[lane] = s->background[lane] = mean;
	b->floor = NOISE_FLOOR * s->noise[lane];
	b->waiting = 0;
}

/*
 * What lies between two quiet moments that are close together is rest, ups and
 * downs included. A block is quiet when it is below the floor, a low quantile;
 * how long one waits for the next tells whether the floor itself is right.
 */
static void noise_quiet(struct channel_burst *b, struct burst_state *s, unsigned int lane,
			float mean)
{
	float wait = (float)b->waiting + 1;

	if (b->waiting <= NOISE_REST_BLOCKS) {
		float n = (float)b->n_rest + 1, rest = (b->rest_sum + mean) / n;

		s->noise[lane] += f_min(n * NOISE_LEARN, 0.3f) * (rest - s->noise[lane]);
	}
	if (b->waiting <= NOISE_FLOOR_BLOCKS)
		b->floor *= 1 + f_min(NOISE_FLOOR_STEP * (NOISE_QUANTILE * wait - 1), 0.05f);
	if (mean < 0.5f * b->floor)
		b->floor += 0.5f * (mean - b->floor);
	s->noise[lane] = f_max(s->noise[lane], b->floor);
	b->waiting = b->n_rest = 0;
	b->rest_sum = 0;
}

static void noise_block(struct detector *d, unsigned int channel, float mean)
{
	struct channel_burst *b = &d->channel_burst[channel];
	struct burst_state *s = &d->burst[channel / LANES];
	unsigned int lane = channel % LANES;
	float low;

	mean = f_max(mean, NOISE_MIN_UV * NOISE_MIN_UV);

	if (!b->ready) {
		noise_first(b, s, lane, mean);
		return;
	}
	low = noise_slots(b, mean);
	if (low > b->floor) {
		s->noise[lane] = f_max(s->noise[lane], low / NOISE_LEAST);
		b->floor = NOISE_FLOOR * s->noise[lane];
	}
	if (mean <= b->floor) {
		noise_quiet(b, s, lane, mean);
		return;
	}
	b->waiting++;
	if (mean < NOISE_REST_RATIO * s->noise[lane]) {
		b->rest_sum += mean;
		b->n_rest++;
	}
}

/* Blocks end at the same frame in all channels; those cut short are left out. */
static void noise_run(struct detector *d)
{
	if (++d->noise_frames < d->noise_block)
		return;
	for (unsigned int c = 0; c < d->n; c++) {
		struct burst_state *s = &d->burst[c / LANES];
		struct channel_burst *b = &d->channel_burst[c];

		if (b->block_cut || d->health[c].settle || d->health[c].bad)
			b->block_cut = d->health[c].settle || d->health[c].bad;
		else
			noise_block(d, c, s->block[c % LANES] / (float)d->noise_frames);
	}
	for (unsigned int g = 0; g < d->n_groups; g++)
		d->burst[g].block = v4_set(0);
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
	struct burst_state *s = &d->burst[channel / LANES];
	unsigned int lane = channel % LANES;

	d->channel_burst[channel].onset = onset_frame(d, channel, s->noise[lane]);
	s->level[lane] = s->fast[lane];
	s->hang[lane] = 0;
	s->refractory[lane] = d->burst_tuning.after_onset;
}

static void burst_surge(struct detector *d, unsigned int channel)
{
	struct burst_state *s = &d->burst[channel / LANES];
	unsigned int lane = channel % LANES;

	d->channel_burst[channel].onset =
		onset_frame(d, channel, f_max(s->background[lane], s->noise[lane]));
	s->refractory[lane] = d->burst_tuning.after_surge;
}

/* What those of four channels did that are in a burst; a bit for each. */
struct burst_change {
	uint32_t ended, surged;
};

static inline void sums_run(struct burst_state *s, const struct burst_tuning *t, v4f e)
{
	v4f x = e / s->noise, zero = v4_set(0);

	s->fast += t->quick * (e - s->fast);
	s->background += t->slow * (e - s->background);
	s->block += e;
	s->strong += x * t->strong_gain - t->strong_loss;
	s->strong = v4_max(zero, v4_min(t->cap, s->strong));
	s->weak += x * t->weak_gain - t->weak_loss;
	s->weak = v4_max(zero, v4_min(t->cap, s->weak));
}

static inline void active_run(struct burst_state *s, const struct burst_tuning *t,
			      struct burst_change *change)
{
	v4f fast = s->fast, level = v4_max(fast, s->level * 0.995f);
	v4i below = fast <= v4_max(BURST_OFF_RATIO * s->noise, BURST_OFF_SHARE * level);
	v4i may_surge = s->refractory <= 1;

	s->level = level;
	s->hang = (s->hang + 1) & below;
	s->refractory += s->refractory > 0;
	change->ended = v4_bits(s->hang > t->hang);
	change->surged =
		v4_bits((fast > SURGE_RATIO * s->background) & (fast > 6 * s->noise) & may_surge);
}

/* Noise is learnt anew. */
void burst_restart(struct detector *d)
{
	for (unsigned int c = 0; c < d->n; c++) {
		d->channel_burst[c].ready = false;
		d->channel_burst[c].n_first = 0;
		burst_reset_channel(d, c);
	}
	d->active = d->began = 0;
	d->unsettled = d->all;
}

void burst_init(struct detector *d)
{
	struct burst_tuning *t = &d->burst_tuning;
	float a = d->time.frame_s / (float)SMOOTH_S, half = d->time.dof / 2;

	t->strong_gain = v4_set(half * (1 - 1 / BURST_RATIO_STRONG));
	t->strong_loss = v4_set(half * logf(BURST_RATIO_STRONG));
	t->weak_gain = v4_set(half * (1 - 1 / BURST_RATIO_WEAK));
	t->weak_loss = v4_set(half * logf(BURST_RATIO_WEAK));
	t->cap = v4_set(BURST_CAP);
	t->on = v4_set(d->has_montage ? BURST_ON : BURST_ON_ALONE);
	t->quick = v4_set(a / (1 + a / 2));
	t->slow = v4_set(d->time.frame_s / (float)SURGE_BACKGROUND_S);
	t->hang = (v4i){} + (int32_t)frames_of(&d->time, BURST_HANG_S);
	t->after_onset = (int32_t)frames_of(&d->time, RISE_BASE_TO_S * 4);
	t->after_surge = (int32_t)frames_of(&d->time, SURGE_PAUSE_S);
	d->noise_block = frames_of(&d->time, NOISE_BLOCK_S);
	for_each_channel(c, d->config.personal ? d->used : 0)
	{
		const struct site site = {.side = d->site[c].side, .muscle = d->site[c].muscle};
		const struct personal_site *known = personal_find(d->config.personal, site);

		d->channel_burst[c].usual = known ? known->noise_uv * known->noise_uv : 0;
	}
}

static void burst_end(struct detector *d, unsigned int channel)
{
	struct burst_state *s = &d->burst[channel / LANES];

	s->strong[channel % LANES] = s->weak[channel % LANES] = 0;
}

void burst_run(struct detector *d)
{
	const struct burst_tuning *t = &d->burst_tuning;
	uint32_t over = 0, ended = 0, surged = 0, loud = 0, was = d->active;

	for (unsigned int g = 0; g < d->n_groups; g++) {
		struct burst_state *s = &d->burst[g];
		struct burst_change change = {0};

		sums_run(s, t, ((const v4f *)d->frame.energy)[g]);
		if (was >> (g * LANES) & 0xf)
			active_run(s, t, &change);
		over |= v4_bits(v4_max(s->strong, s->weak) >= t->on) << (g * LANES);
		loud |= v4_bits(s->fast > LOUD_RATIO * s->noise) << (g * LANES);
		ended |= change.ended << (g * LANES);
		surged |= change.surged << (g * LANES);
	}
	d->loud = loud;
	for_each_channel(c, was & ~d->usable) burst_reset_channel(d, c);
	was &= d->usable;
	for_each_channel(c1, was & ended) burst_end(d, c1);
	d->surged = was & surged;
	for_each_channel(c2, d->surged) burst_surge(d, c2);
	d->began = over & d->usable & ~was;
	for_each_channel(c3, d->began) burst_begin(d, c3);
	d->active = (was & ~ended) | d->began;
	d->began |= d->surged;
	noise_run(d);
}
