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

/* Nats for "the power of n frames has changed from b to p". */
static float change_nats(const struct timing *t, float n, float p, float b)
{
	float x = p / b;

	return x > 1 ? n * t->dof / 2 * (x - 1 - logf(x)) : 0;
}

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
	products_add(d, tick, d->history.tick, d->time.product_step, d->used, 1, r->product);
	for (; tick <= d->history.tick; tick++, r->n++) {
		const v4f *energy = (const v4f *)history_energy(&d->history, tick);

		for (unsigned int g = 0; g < d->n_groups; g++)
			((v4f *)r->sum)[g] += energy[g];
	}
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

		r->base[c] = f_max(mean, burst_noise(d, c));
	}
}

/* What the other side did while @c rose by @rise: the least that any channel there did. */
static bool counterpart_of(const struct detector *d, const struct rise *r, unsigned int c,
			   float rise, uint32_t own, struct counterpart *ret)
{
	bool ring =
		d->site[c].region == REGION_MOUTH && d->site[c].muscle != OEH_MUSCLE_ZYGOMATICUS;
	float leak = ring ? LEAK_RING : LEAK, scale = 1.0f / (float)r->n;
	bool any = false;

	for_each_channel(o, d->site[c].opposite & d->usable)
	{
		float p = own_power(r->product, o, own, NULL) * scale, base = r->base[o];
		float noise = burst_noise(d, o);
		/* alone: as it was, in talk within its ups and downs */
		float top = base + leak * rise + 2 * f_max(base - 1.3f * noise, 0);

		if (any && p / noise < ret->power / ret->noise)
			continue;
		any = true;
		*ret = (struct counterpart){
			.channel = c,
			.rise = rise,
			.power = p,
			.noise = noise,
			.alone = f_min(f_max(p, 0.8f * noise), top),
			.most = INFINITY,
			.half_dof =
				f_min((float)r->n, GAIN_DOF_MOST / d->time.dof) * d->time.dof / 2,
		};
	}
	return any;
}

/* How a rise may begin: amplitude from @from to 1 of its level within @length. */
struct onset_shape {
	float from, length; /* s */
	bool ramp;	    /* built up, not at once: was begun before it was seen */
};

static const struct onset_shape shapes[ONSET_SHAPES] = {
	{1.0f, 0.000f, false}, {0.0f, 0.010f, false}, {0.7f, 0.040f, false}, {0.2f, 0.030f, true},
	{0.1f, 0.055f, true},  {0.4f, 0.055f, true},  {0.1f, 0.090f, true},  {0.4f, 0.090f, true},
	{0.1f, 0.150f, true},  {0.4f, 0.150f, true},
};

/* Power of the envelope @k frames after the onset, which is the shape's middle. */
static float envelope(const struct onset_shape *shape, float frame_s, int k)
{
	float t = ((float)k + 0.5f) * frame_s, u;

	if (shape->ramp) {
		u = shape->from + t / shape->length;
	} else if (shape->from > 0) {
		u = t > 0 ? shape->from + (1 - shape->from) * t / (shape->length + frame_s) : 0;
	} else {
		u = (t + 0.4f * shape->length) / shape->length;
	}
	u = f_min(f_max(u, 0), 1);
	return u * u;
}

void face_init(struct detector *d)
{
	struct face *f = &d->face;
	int before = (int)frames_of(&d->time, ABRUPT_BEFORE_S);

	f->envelope_before = before;
	for (unsigned int i = 0; i < ONSET_SHAPES; i++) {
		for (int k = 0; k < ONSET_FRAMES_MAX; k++)
			f->envelope[i][k] = envelope(&shapes[i], d->time.frame_s, k - before);
	}
	gain_update(d);
}

/* Frames from the onset until what rose is over; no more than are there. */
static int rise_length(const struct detector *d, const struct rise *r, uint32_t own)
{
	int after = (int)frames_of(&d->time, ABRUPT_AFTER_S);

	after = after < (int)r->n ? after : (int)r->n;
	for (; after > 2; after--) {
		const float *e = history_energy(&d->history, r->onset + (uint64_t)after - 1);
		float over = 0, mean = 0;

		for_each_channel(c, own)
		{
			over += e[c] - r->base[c];
			mean += r->sum[c] / (float)r->n - r->base[c];
		}
		if (over > 0.3f * mean)
			break;
	}
	return after;
}

/* The frame, near the common onset, at which this channel most likely rose. */
static uint64_t channel_onset(const struct detector *d, const struct rise *r, unsigned int c,
			      float base)
{
	const struct history *h = &d->history;
	uint64_t reach = frames_of(&d->time, SYNC_S), first = r->onset, last = r->onset + reach;
	float level = f_max(r->sum[c] / (float)r->n, 2 * base), sum = 0, best = -INFINITY;
	float up = 1 / base - 1 / level, cost = logf(level / base);
	uint64_t at = r->onset;

	first = first > h->first + reach ? first - reach : h->first;
	last = last < h->tick ? last : h->tick;
	for (uint64_t t = last + 1; t-- > first;) {
		sum += history_energy(h, t)[c] * up - cost;
		if (sum > best) {
			best = sum;
			at = t;
		}
	}
	return at;
}

/* Log-likelihood of @n energies of one channel for an envelope of power. */
static float envelope_nats(const float *energy, const float *power, int n, float base)
{
	float over = 0, shape = 0, level, nats = 0, product = 1;

	for (int k = 0; k < n; k++) {
		over += energy[k] - base;
		shape += power[k];
	}
	level = f_max(over / (shape + 1e-6f), 0.2f * base);
	for (int k = 0; k < n; k++) {
		float v = base + level * f_max(power[k], ABRUPT_FLOOR);

		/* one logarithm for several factors: the ratio is 1e4 at most */
		product *= v / base;
		if (k % 8 == 7) {
			nats -= logf(product);
			product = 1;
		}
		nats -= energy[k] / v;
	}
	return nats - logf(product);
}

/* Nats for each shape of onset in channel @c, added to @nats. */
static void shapes_nats(const struct detector *d, const struct rise *r, unsigned int c, int after,
			float nats[ONSET_SHAPES])
{
	const struct history *h = &d->history;
	float base = r->base[c], energy[ONSET_FRAMES_MAX] = {0};
	int before = (int)frames_of(&d->time, ABRUPT_BEFORE_S), n;
	uint64_t onset;

	if (base < FRESH_RATIO * burst_noise(d, c))
		base = burst_noise(d, c);
	onset = channel_onset(d, r, c, base);
	if (onset < h->first + (uint64_t)before)
		before = (int)(onset - h->first);
	after -= (int)((int64_t)onset - (int64_t)r->onset);
	after = after < 1 ? 1 : after;
	if (onset + (uint64_t)after > h->tick + 1)
		after = (int)(h->tick + 1 - onset);
	n = before + after < ONSET_FRAMES_MAX ? before + after : ONSET_FRAMES_MAX;
	for (int k = 0; k < n; k++)
		energy[k] = history_energy(h, onset - (uint64_t)before + (uint64_t)k)[c];
	for (unsigned int i = 0; i < ONSET_SHAPES; i++) {
		const float *power = d->face.envelope[i] + d->face.envelope_before - before;

		nats[i] += envelope_nats(energy, power, n, base) * d->time.dof / 2;
	}
}

/* Nats for "began at once" against "was built up", over all channels in common. */
float abrupt_nats(const struct detector *d, const struct rise *r, uint32_t own)
{
	float best[2] = {-INFINITY, -INFINITY}, nats[ONSET_SHAPES] = {0};
	int after = rise_length(d, r, own);

	for_each_channel(c, own) shapes_nats(d, r, c, after, nats);
	for (unsigned int i = 0; i < ONSET_SHAPES; i++)
		best[shapes[i].ramp] = f_max(best[shapes[i].ramp], nats[i]);
	return f_min(f_max(ABRUPT_TRUST * (best[0] - best[1]), -ABRUPT_CAP), ABRUPT_CAP);
}

/* Strongest first: a weaker one is active when the stronger do not explain it. */
static uint32_t own_channels(const struct detector *d, const struct rise *r, uint32_t side,
			     float *rose)
{
	float scale = 1.0f / (float)r->n;
	uint32_t own = 0;

	while (side) {
		unsigned int c = MONTAGE_MAX;
		float p, base, nats;

		for_each_channel(q, side)
		{
			if (c == MONTAGE_MAX || r->sum[q] > r->sum[c])
				c = q;
		}
		side &= ~(1u << c);
		p = own_power(r->product, c, own, NULL) * scale;
		base = r->base[c] + LEAK_NEAR * f_max(r->product[c][c] * scale - p, 0);
		nats = change_nats(&d->time, (float)r->n, p, base);
		if (nats <= OWN_NATS)
			continue;
		own |= 1u << c;
		*rose += nats;
	}
	return own;
}

bool has_region(const struct detector *d, uint32_t channels, enum face_region region)
{
	for_each_channel(c, channels)
	{
		if (d->site[c].region == region)
			return true;
	}
	return false;
}

/* Nats from what came shortly before. */
static float recall_nats(const struct detector *d, uint8_t side)
{
	const struct recall *m = &d->face.recall;

	if (m->side != side || (double)(d->frame.end - m->last) > RECALL_S * d->time.rate)
		return 0;
	/* talk and meals have such bursts too */
	return d->face.spasms[side] ? m->nats : f_min(m->nats, RECALL_NEW);
}

/*
 * A blink or a word goes on while a spasm begins: what both sides do alike is
 * set apart, where anything is left that one side does alone.
 */
static unsigned int pairs_alone(const struct detector *d, struct counterpart *pairs, unsigned int n,
				struct verdict *v)
{
	uint32_t both = 0;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		float nats = gain_nats(d, &pairs[i], 1);

		if (nats < 0)
			both |= 1u << pairs[i].channel;
		else if (nats > SIDE_SURE)
			v->sure |= 1u << pairs[i].channel;
	}
	if (!both || !(v->own & ~both))
		return n;
	for (unsigned int i = 0; i < n; i++) {
		if (!(both & (1u << pairs[i].channel)))
			pairs[kept++] = pairs[i];
	}
	v->own &= ~both;
	v->apart = n - kept;
	return kept;
}

/*
 * Nats for a spasm against a movement of both sides and against one side's at
 * will, from one rise alone: logistic regressions over rises of the generator's
 * faces (tuning.h), so that with what was known before they are logits.
 */
static const struct verdict_weights not_both = VERDICT_NOT_BOTH, not_meant = VERDICT_NOT_MEANT;

static float weigh(const struct verdict_weights *w, const struct verdict *v, bool eye)
{
	float one = f_max(v->one_sided, 0);
	int n = __builtin_popcount(v->own);

	return w->prior + w->side_first * f_min(one, SIDE_FIRST) +
	       w->side_more * f_min(f_max(one - SIDE_FIRST, 0), SIDE_MORE - SIDE_FIRST) +
	       w->side_most * f_min(f_max(one - SIDE_MORE, 0), SIDE_MOST - SIDE_MORE) +
	       w->built * f_min(v->abrupt, 0) + w->abrupt * f_max(v->abrupt, 0) +
	       (n > 1 ? w->second : 0) + (n > 2 ? w->third : 0) + (v->apart ? w->apart : 0) +
	       w->busy * v->busy + (eye ? w->eye : 0);
}

/* Nats against two explanations at once. */
static float against_either(float one, float other)
{
	float least = f_min(one, other), most = f_max(one, other);

	return least - logf(1 + expf(least - most));
}

/* How busy the other side was of late, in the least busy region of these channels. */
static float verdict_busy(const struct detector *d, uint8_t side, uint32_t own)
{
	float least = 1;

	for_each_channel(c, own) least =
		f_min(least, d->face.busy[side_other(side)][d->site[c].region]);
	return least;
}

/* What the other side does is meant: where it speaks or eats, this side does too. */
static void busy_follow(struct detector *d)
{
	float a = d->time.frame_s / (float)BUSY_S, x[3][REGION_JAW + 1] = {0};

	for_each_channel(c, d->active & d->usable) x[d->site[c].side][d->site[c].region] = 1;
	for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		for (unsigned int i = 0; i <= REGION_JAW; i++)
			d->face.busy[side][i] += a * (x[side][i] - d->face.busy[side][i]);
	}
}

static void rise_judge(struct detector *d, uint8_t side)
{
	struct face *f = &d->face;
	const struct rise *r = &f->rise;
	struct verdict *v = &f->verdict[side];
	struct counterpart pairs[MONTAGE_MAX];
	unsigned int n_pairs = 0;
	bool here = false, eye;
	uint32_t fresh = 0;

	memset(v, 0, sizeof(*v));
	v->own = own_channels(d, r, d->on_side[side] & d->usable & ~r->spoilt, &v->rose);
	for_each_channel(c, v->own)
	{
		float rise = r->sum[c] / (float)r->n - r->base[c];

		if (r->base[c] < FRESH_RATIO * burst_noise(d, c))
			fresh |= 1u << c;
		here |= d->site[c].opposite != 0;
		n_pairs += counterpart_of(d, r, c, rise, v->own, &pairs[n_pairs]);
	}
	n_pairs = pairs_alone(d, pairs, n_pairs, v);
	v->one_sided = n_pairs ? gain_nats(d, pairs, n_pairs) : 0;
	v->one_sided -= APART_NATS * (float)v->apart;
	if (v->own && !n_pairs && !here) /* there is no other side to compare with */
		v->one_sided = SIDE_ASSUMED;
	v->abrupt = v->one_sided > 0 ? abrupt_nats(d, r, v->own) : 0;
	if (d->episode.open && side != d->episode.event.side)
		episode_other_side(d, fresh & v->own);
	v->fresh = (v->own & ~fresh) == 0;
	v->sure |= fresh;
	v->both = has_region(d, fresh & v->own, REGION_EYE) &&
		  has_region(d, fresh & v->own, REGION_MOUTH);
	v->busy = verdict_busy(d, side, v->own);
	eye = has_region(d, v->own, REGION_EYE);
	v->not_both = weigh(&not_both, v, eye);
	v->not_meant = weigh(&not_meant, v, eye);
	v->recall = recall_nats(d, side);
	v->alone = against_either(v->not_both, v->not_meant);
	v->nats = against_either(v->not_both + v->recall + f->habit_both[side],
				 v->not_meant + v->recall + f->habit[side]);
	if (v->rose < EVIDENCE_ROSE + (v->own & (v->own - 1) ? 0 : EVIDENCE_ROSE_ONE) ||
	    (n_pairs && v->one_sided < EVIDENCE_SIDE_LEAST))
		v->nats = v->alone = -INFINITY;
	v->confidence = 1 / (1 + expf(-CONFIDENCE_AT_NONE - CONFIDENCE_SLOPE * v->nats));
}

/*
 * What this face has done so far: a spasm comes back on its own side, and who
 * has winked or clenched without one does so again.
 */
static void habit_update(struct face *f)
{
	for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
		float here = logf(1 + HABIT_SPASM * (float)f->spasms[side]);
		float there = f_min((float)f->spasms[3 - side], 2);
		float nats = HABIT_NATS * here - HABIT_OTHER * there;

		nats -= HABIT_CONTRACTION * logf(1 + (float)f->contractions[side]);
		f->habit[side] = f_min(f_max(nats, HABIT_LEAST), HABIT_MOST);
		nats = HABIT_BOTH_NATS * here - HABIT_BOTH_OTHER * there;
		f->habit_both[side] = f_min(nats, HABIT_BOTH_MOST);
	}
}

void face_spasm(struct detector *d, uint8_t side)
{
	d->face.spasms[side]++;
	habit_update(&d->face);
}

void face_contraction(struct detector *d, uint8_t side)
{
	d->face.contractions[side]++;
	habit_update(&d->face);
}

/* True where another channel has the very same waveform: no two muscles do. */
static bool waveform_is_common(const struct rise *r, unsigned int c, uint32_t own)
{
	for_each_channel(o, own)
	{
		float co = r->product[c][o];

		if (o != c && co * co > COMMON_CORRELATION * COMMON_CORRELATION * r->product[c][c] *
						r->product[o][o])
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
		float hum = artefact_hum(d, c, n);

		if (artefact_displaced(d, c) || artefact_displaced_since(d, c, r->onset))
			artefact_mark(d, c, CAUSE_MOTION);
		else if (hum > (common || n == most ? HUM_SHARE_COMMON : HUM_SHARE))
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

/* True where what rose was over soon, in the strongest of its channels. */
static bool rise_was_brief(const struct detector *d, const struct rise *r, uint32_t own)
{
	const struct history *h = &d->history;
	unsigned int first = frames_of(&d->time, BRIEF_FIRST_S), quiet = 0, c = MONTAGE_MAX;
	float level = 0;

	for_each_channel(o, own)
	{
		if (c == MONTAGE_MAX || r->sum[o] > r->sum[c])
			c = o;
	}
	for (unsigned int k = 0; k < first && r->onset + k <= h->tick; k++)
		level += history_energy(h, r->onset + k)[c] / (float)first;
	for (uint64_t t = r->onset + first / 2; t <= h->tick; t++) {
		bool low = history_energy(h, t)[c] < BRIEF_SHARE * level + 2 * burst_noise(d, c);

		quiet = low ? quiet + 1 : 0;
		if ((float)quiet * d->time.frame_s >= BRIEF_PAUSE_S)
			return true;
	}
	return false;
}

/* Remembers a short one-sided burst that was not certain by itself. */
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

	bool brief;

	if (!v->own || nats < RECALL_LEAST || v->abrupt < RECALL_ABRUPT)
		return;
	brief = rise_was_brief(d, r, v->own);
	if (!brief && v->alone < RECALL_LASTING)
		return;
	if (!again) {
		for_each_channel(c, v->own) level[c] = r->sum[c] / (float)r->n;
		m->side = side;
		m->nats = 0;
		m->own = v->own;
		m->start = onset_refine(d, v->own, r->onset, r->base, level, NULL);
	}
	m->last = at;
	if (brief)
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
	uint64_t onset = UINT64_MAX, oldest = d->history.tick > frames_of(&d->time, 0.2)
						      ? d->history.tick - frames_of(&d->time, 0.2)
						      : 0;
	unsigned int old = frames_of(&d->time, 0.08);

	if (d->episode.open)
		return;
	for_each_channel(c, d->began)
	{
		if (d->channel_burst[c].onset < onset)
			onset = d->channel_burst[c].onset;
	}
	if (onset == UINT64_MAX || (r->open && rise_age(d, r) <= old))
		return;
	if (r->open)
		rise_close(d);
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
	products_add(d, d->history.tick, d->history.tick, 1, channels, keep, f->product);
	f->product_frames = keep * f->product_frames + 1;
	f->followed = true;
}

/* What of a channel's power neither noise, cross-talk nor the other side explains. */
static float channel_excess(const struct detector *d, unsigned int c, const float *own,
			    float *explained)
{
	float there = 0;

	for_each_channel(o, d->site[c].opposite & d->usable) there =
		f_max(there, own[o] - burst_noise(d, o) * 1.5f);
	*explained = d->face.ratio[c].likely * f_max(there, 0);
	return own[c] - burst_noise(d, c) - *explained;
}

/* In an episode every other frame, else every fourth: only names depend on it. */
static void excess_run(struct detector *d, unsigned int every)
{
	struct face *f = &d->face;
	uint32_t loud = d->usable & d->loud;
	float own[MONTAGE_MAX], scale;

	product_follow(d, every);
	scale = 1 / f->product_frames;
	own_powers((const float(*)[MONTAGE_MAX])f->product, loud, own);
	for_each_channel(c, d->usable)
	{
		/* what hardly stands out of the noise needs no taking apart */
		own[c] = loud & (1u << c) ? own[c] * scale : burst_fast(d, c);
	}
	memset(f->excess, 0, sizeof(f->excess));
	memset(f->explained, 0, sizeof(f->explained));
	memset(f->own, 0, sizeof(f->own));
	for_each_channel(c2, d->usable)
	{
		f->excess[c2] = channel_excess(d, c2, own, &f->explained[c2]);
		f->own[c2] = own[c2] - burst_noise(d, c2);
	}
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
		return n % 2 == 1;
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
	unsigned int every = d->episode.open ? EXCESS_EVERY / 2 : EXCESS_EVERY;
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
