/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "internal.h"

/*
 * The sides compared. When activity rises anywhere, the rise is judged frame
 * by frame from its onset on: what the two sides have in common by cross-talk
 * is one waveform and is taken out by regression; what a voluntary movement
 * does to the other side is another waveform of the same kind of strength.
 */

/* Frames since its onset, that included. */
static unsigned int rise_age(const struct detector *d, const struct rise *r)
{
	return (unsigned int)(d->history.tick - r->onset) + 1;
}

/* Adds the frames that have come since it was looked at last. */
static void rise_follow(struct detector *d, struct rise *r)
{
	uint64_t tick = r->onset + r->n;

	if (r->settled || tick > d->history.tick)
		return;
	products_add(d, tick, d->history.tick, d->time.product_step, d->used, 1, &r->product);
	for (; tick <= d->history.tick; tick++, r->n++) {
		float *energy = history_energy(&d->history, tick);

		for (unsigned int c = 0; c < d->n; c += LANES)
			v4_at(r->sum, c) += v4_at(energy, c);
	}
}

/*
 * The level before a rise, given its mean of late: a muscle that has come to rest
 * after a burst, as it does between those of a train, starts from there. On a face
 * without spasms so far it is more likely to be speaking.
 */
static float rise_base(const struct detector *d, unsigned int c, uint64_t onset, float mean)
{
	uint64_t skip = frames_of(&d->time, RISE_BASE_TO_S), n = frames_of(&d->time, PAUSE_S);
	bool known = d->face.spasms[OEH_SIDE_LEFT] || d->face.spasms[OEH_SIDE_RIGHT];
	float noise = burst_noise(d, c), sum = 0;

	if (!known || onset < d->history.first + skip + n)
		return f_max(mean, noise);
	for (uint64_t t = onset - skip - n; t < onset - skip; t++)
		sum += history_energy(&d->history, t)[c];
	if (sum < FRESH_RATIO * (float)n * noise)
		mean = f_min(mean, sum / (float)n);
	return f_max(mean, noise);
}

static void rise_open(struct detector *d, uint64_t onset)
{
	struct rise *r = &d->face.rise;
	const struct history *h = &d->history;
	uint64_t from, n = 0;
	uint64_t span = frames_of(&d->time, RISE_BASE_FROM_S);
	uint64_t skip = frames_of(&d->time, RISE_BASE_TO_S);

	memset(r, 0, sizeof(*r));
	r->open = true;
	r->onset = onset;
	from = onset > h->first + span ? onset - span : h->first;
	for (uint64_t t = from; t + skip < onset; t++, n++) {
		for (unsigned int c = 0; c < d->n; c++)
			r->base[c] += history_energy(h, t)[c];
	}
	for (unsigned int c = 0; c < d->n; c++) {
		float mean = n ? r->base[c] / (float)n : 0;

		r->base[c] = rise_base(d, c, onset, mean);
	}
}

void face_init(struct detector *d)
{
	onset_init(d);
	gain_update(d);
}

/* True where another channel has the very same waveform: no two muscles do. */
static bool waveform_is_common(const struct rise *r, unsigned int c, uint32_t own)
{
	for_each_channel(o, own)
	{
		float co = r->product.of[c][o];

		if (o != c && co * co > COMMON_CORRELATION * COMMON_CORRELATION *
						r->product.power[c] * r->product.power[o])
			return true;
	}
	return false;
}

/*
 * Before a spasm is announced: channels that carry mains or motion are marked
 * and leave the rise, which is judged anew. True where it has to wait for that,
 * or for more of a waveform that is close to a sine.
 */
static bool rise_is_artefact(struct detector *d, uint32_t own)
{
	const struct rise *r = &d->face.rise;
	unsigned int most = frames_of(&d->time, HUM_S), n = most < r->n ? most : r->n;
	bool wait = false;

	for_each_channel(c, own)
	{
		bool common = waveform_is_common(r, c, own);
		float hum = artefact_hum(d, c, d->history.tick + 1 - n, n);

		if ((common || own == 1u << c) && artefact_is_pulse(d, c, r->onset))
			artefact_mark(d, c, CAUSE_POP);
		else if (artefact_displaced(d, c, DISPLACED_NEW) ||
			 artefact_displaced_since(d, c, r->onset))
			artefact_mark(d, c, CAUSE_MOTION);
		else if (hum > (common || n == most ? HUM_SHARE_LONG : HUM_SHARE))
			artefact_mark(d, c, CAUSE_MAINS);
		/* mains that break off ring, as a sine at first */
		else if (n == most && artefact_hum(d, c, r->onset, n) > HUM_SHARE_LONG)
			artefact_mark(d, c, CAUSE_MAINS);
		else if (hum < HUM_SHARE_DOUBT || n == most)
			continue;
		wait = true;
	}
	return wait;
}

static void rise_decide(struct detector *d)
{
	struct face *f = &d->face;

	for (uint8_t side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		const struct verdict *v = &f->verdict[side], *o = &f->verdict[side_other(side)];

		if (!v->own || v->one_sided < o->one_sided + EVIDENCE_SIDE_SYNC)
			continue;
		if ((float)f->rise.n * d->time.frame_s < DECIDE_AFTER_S)
			continue;
		d->movement.confidence = f_max(d->movement.confidence,
					       1 / (1 + expf(CONTRACTION_SIDE - v->one_sided)));
		if (!d->can_spasm[side] || d->episode.open || v->nats < EVIDENCE_ENOUGH)
			continue;
		if (rise_is_artefact(d, v->own))
			return;
		episode_start(d, side);
		d->episode.certain = v->alone >= EVIDENCE_CERTAIN;
		f->rise.open = false;
		return;
	}
}

/* Remembers a one-sided rise that was not certain by itself. */
static void recall_add(struct detector *d, uint8_t side)
{
	const struct rise *r = &d->face.rise;
	const struct verdict *v = &d->face.verdict[side];
	struct recall *m = &d->face.recall;
	uint64_t at = d->frame.end - (d->history.tick - r->onset + 1) * d->time.scans;
	bool again =
		m->side == side && (double)(at - m->last) < EPISODE_GAP_S * d->time.rate && m->own;
	float level[MONTAGE_MAX] = {0};
	float nats = v->alone + RECALL_OFFSET;

	if (!v->own || nats < RECALL_LEAST || v->abrupt < RECALL_ABRUPT)
		return;
	if (!again) {
		for_each_channel(c, v->own) level[c] = r->sum[c] / (float)r->n;
		m->side = side;
		m->nats = 0;
		m->own = v->own;
		m->start = onset_refine(d, v->own, r->onset, r->base, level, NULL);
	}
	m->last = at;
	m->nats = f_min(m->nats + nats, RECALL_MOST);
}

static void rise_close(struct detector *d)
{
	struct face *f = &d->face;
	const struct verdict *l = &f->verdict[OEH_SIDE_LEFT], *r = &f->verdict[OEH_SIDE_RIGHT];

	rise_follow(d, &f->rise);
	recall_add(d, OEH_SIDE_LEFT);
	recall_add(d, OEH_SIDE_RIGHT);
	f->rise.open = false;
	if (!l->own || !r->own || l->one_sided > -3 || r->one_sided > -3)
		return;
	if (f_max(l->abrupt, r->abrupt) > MOVEMENT_ABRUPT)
		return;
	d->movement.both = true;
}

static void rise_find(struct detector *d)
{
	struct rise *r = &d->face.rise;
	uint64_t onset = UINT64_MAX, oldest, span;

	if (!d->began)
		return;
	/* in an episode only what the other side begins is of interest */
	if (d->episode.open && !(d->began & d->on_side[side_other(d->episode.event.side)]))
		return;
	for_each_channel(c, d->began)
	{
		if (d->channel_burst[c].onset < onset)
			onset = d->channel_burst[c].onset;
	}
	if (r->open && rise_age(d, r) <= frames_of(&d->time, RISE_APART_S))
		return;
	if (r->open)
		rise_close(d);
	span = frames_of(&d->time, 0.2);
	oldest = d->history.tick > span ? d->history.tick - span : 0;
	if (onset < oldest)
		onset = oldest;
	if (onset < d->history.first)
		onset = d->history.first;
	rise_open(d, onset);
}

/* The newest frame's products join those of every @every frames before it. */
static void product_follow(struct detector *d, unsigned int every)
{
	struct face *f = &d->face;
	float keep = f_max(1 - d->time.frame_s * (float)every / (float)PRODUCT_S, 0);
	uint32_t channels = keep > 0 ? d->used : d->usable & d->loud;

	keep = f->followed ? keep : 0;
	products_add(d, d->history.tick, d->history.tick, 1, channels, keep, &f->product);
	f->product_frames = keep * f->product_frames + 1;
	f->followed = true;
}

/* Not in every frame: only names and the course of an episode depend on it. */
static void excess_run(struct detector *d, unsigned int every)
{
	_Alignas(32) float own[MONTAGE_MAX] = {0};
	uint32_t loud = d->usable & d->loud;

	product_follow(d, every);
	own_powers(d, &d->face.product, loud, own);
	d->lanes->excess(d, own, loud);
}

void face_reset(struct detector *d)
{
	d->face.rise.open = false;
	d->face.recall.nats = 0;
	d->face.recall.own = 0;
	d->face.followed = false;
}

/*
 * When a rise is judged: often at first, seldom later. What is plainly of both
 * sides is settled.
 */
static bool rise_is_due(const struct detector *d, const struct rise *r)
{
	unsigned int n = rise_age(d, r), early = frames_of(&d->time, DECIDE_AFTER_S);
	float age = (float)n * d->time.frame_s;

	if (r->settled || age < DECIDE_AFTER_S || n <= early)
		return false;
	if (age < 0.05f)
		return n % 3 == 2;
	return n % (age < 0.1f ? 4 : 8) == 1;
}

static void rise_run(struct detector *d)
{
	struct face *f = &d->face;
	const struct verdict *l = &f->verdict[OEH_SIDE_LEFT], *r = &f->verdict[OEH_SIDE_RIGHT];

	f->rise.spoilt |= d->held | ~d->usable;
	if (rise_is_due(d, &f->rise)) {
		rise_follow(d, &f->rise);
		rise_judge(d, OEH_SIDE_LEFT);
		rise_judge(d, OEH_SIDE_RIGHT);
		rise_decide(d);
		f->rise.settled =
			l->own && r->own && l->one_sided < SETTLED && r->one_sided < SETTLED;
	}
	if (f->rise.open && (float)rise_age(d, &f->rise) * d->time.frame_s > RISE_SECONDS)
		rise_close(d);
}

void face_run(struct detector *d)
{
	struct face *f = &d->face;
	unsigned int every = d->episode.open ? EPISODE_EVERY : EXCESS_EVERY;
	bool any = d->episode.open || d->active;

	busy_follow(d);
	rise_find(d);
	f->followed &= any;
	f->fresh = any && d->history.tick % every == 0;
	if (f->fresh)
		excess_run(d, every);
	if (f->rise.open)
		rise_run(d);
}
