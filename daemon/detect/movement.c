/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <string.h>

#include "internal.h"

/* Everything a face does that is no spasm, named when it is over. */

/* The largest of all channels', at least 0. */
static float greatest(const float x[MONTAGE_MAX])
{
	float most = 0;

	for (unsigned int c = 0; c < MONTAGE_MAX; c++)
		most = f_max(most, x[c]);
	return most;
}

/* True for what will be told when it is over. */
bool movement_is_clear(const struct movement *m)
{
	return m->open && greatest(m->over_noise) >= MOVEMENT_LEAST;
}

/* Those that did a good part of it; neighbours see the rest as cross-talk. */
static void movement_muscles(const struct detector *d, struct movement *m)
{
	float most = greatest(m->sum);

	for (unsigned int c = 0; c < d->n; c++) {
		if (m->sum[c] > MUSCLE_SHARE * most)
			m->muscles |= 1u << d->site[c].muscle;
	}
}

/* True where the mouth comes back at the pace of a jaw; remembers this one's start. */
static bool movement_is_stroke(const struct detector *d, struct movement *m, double seconds)
{
	double last, before;

	memmove(&m->previous[1], &m->previous[0], 3 * sizeof(m->previous[0]));
	m->previous[0] = m->start;
	last = (double)(m->previous[0] - m->previous[1]) / d->time.rate;
	before = (double)(m->previous[1] - m->previous[2]) / d->time.rate;
	return seconds < STROKE_MOST_S && last > STROKE_FROM_S && last < STROKE_TO_S &&
	       fabs(last - before) < STROKE_JITTER * last;
}

/* One side's alone: certain, or for longer than an uneven blink or stroke. */
static bool movement_is_contraction(const struct movement *m, double seconds)
{
	return m->one_sided && 2 * m->leaning[m->one_sided] > m->n &&
	       (m->confidence > CONTRACTION_LEAST || seconds > STROKE_MOST_S);
}

static enum event_kind movement_name(struct detector *d, struct movement *m, double seconds)
{
	const uint32_t eye = (1u << OEH_MUSCLE_FRONTALIS) | (1u << OEH_MUSCLE_CORRUGATOR) |
			     (1u << OEH_MUSCLE_ORBICULARIS_OCULI);
	bool mouth, eyes, stroke;
	double since;

	movement_muscles(d, m);
	mouth = m->muscles & ~eye & ~1u;
	eyes = m->muscles & eye;
	stroke = mouth && movement_is_stroke(d, m, seconds);
	if (movement_is_contraction(m, seconds))
		return EVENT_CONTRACTION;
	if (eyes && !mouth && seconds <= BLINK_MOST_S)
		return EVENT_BLINK;
	if (stroke)
		return EVENT_CHEWING;
	since = (double)(m->previous[0] - m->previous[1]) / d->time.rate;
	/* a smile and eyes that are squeezed shut are held, with the eye's muscle in them */
	if (mouth && (m->syllables >= (eyes ? 2 : 1) * SYLLABLES_LEAST ||
		      (seconds < SYLLABLE_MOST_S && since < SYLLABLE_PAUSE_S)))
		return EVENT_SPEECH;
	return EVENT_MOVEMENT;
}

void movement_end(struct detector *d, bool open)
{
	struct movement *m = &d->movement;
	struct detector_event e = {.phase = PHASE_ENDED, .channel = -1, .open = open};

	bool clear = movement_is_clear(m);

	if (!m->open)
		return;
	m->open = false;
	if (m->spasm || !clear)
		return;
	if (m->n_own)
		gain_learn(d, m->own, 1.0f / (float)m->n_own);
	e.start = m->start;
	e.end = m->end;
	e.detected = d->frame.end;
	e.kind = movement_name(d, m, (double)(m->end - m->start) / d->time.rate);
	e.side = e.kind == EVENT_CONTRACTION ? m->one_sided : OEH_SIDE_NONE;
	if (e.kind == EVENT_CONTRACTION && m->confidence > 0.5f)
		face_contraction(d, e.side);
	e.muscles = m->muscles;
	e.peak_uv = greatest(m->peak);
	e.confidence = e.kind == EVENT_CONTRACTION ? m->confidence : 0;
	detector_emit(d, &e);
}

static void movement_open(struct detector *d, uint64_t start)
{
	struct movement *m = &d->movement;
	uint64_t previous[4];

	memcpy(previous, m->previous, sizeof(previous));
	memset(m, 0, sizeof(*m));
	memcpy(m->previous, previous, sizeof(previous));
	m->open = true;
	m->start = start;
	m->spasm = d->episode.open;
}

/* The side that alone is active of late. */
static uint8_t movement_side(const struct detector *d, struct movement *m)
{
	float step = (float)EXCESS_EVERY * d->time.frame_s;
	const struct face *f = &d->face;
	float over[3] = {0}, a = step / (float)LEAN_S;
	const float *l = &m->over[OEH_SIDE_LEFT], *r = &m->over[OEH_SIDE_RIGHT];

	for (unsigned int side = 1; side < 3; side++)
		for_each_channel(c1, d->on_side[side] & d->usable) over[side] += f->over_noise[c1];
	for (unsigned int side = 1; side < 3; side++)
		m->over[side] += a * (over[side] - m->over[side]);
	if (*l > LEAN_OVER && *r < LEAN_SHARE * *l)
		return OEH_SIDE_LEFT;
	if (*r > LEAN_OVER && *l < LEAN_SHARE * *r)
		return OEH_SIDE_RIGHT;
	return OEH_SIDE_NONE;
}

/* One side's movement that follows another one's directly is told apart. */
static void movement_lean(struct detector *d, struct movement *m)
{
	uint8_t lean = d->face.fresh ? movement_side(d, m) : m->lean;
	unsigned int hold = frames_of(&d->time, LEAN_S);
	uint64_t since = d->frame.end - (uint64_t)hold * d->time.scans;

	m->leaning[lean]++;
	m->lean_frames = lean == m->lean ? m->lean_frames + 1 : 1;
	m->lean = lean;
	if (lean == OEH_SIDE_NONE || m->lean_frames != hold)
		return;
	if (m->one_sided != lean && m->start < since && m->n > 2 * hold) {
		m->end = m->quiet ? m->end : since;
		movement_end(d, false);
		movement_open(d, since);
		m->lean = lean;
		m->lean_frames = hold;
		m->leaning[lean] = hold;
	}
	m->one_sided = lean;
}

/* The channels of one syllable rise at about the same time. */
static void movement_syllable(const struct detector *d, struct movement *m, bool surged)
{
	m->since_syllable++;
	if (!surged || (float)m->since_syllable * d->time.frame_s < SYLLABLE_APART_S)
		return;
	m->syllables++;
	m->since_syllable = 0;
}

/* Where what is active now began. */
static uint64_t movement_start(const struct detector *d, uint32_t channels)
{
	uint64_t onset = d->channel_burst[__builtin_ctz(channels)].onset;

	return d->frame.end - (d->history.tick - onset + 1) * d->time.scans;
}

void movement_run(struct detector *d)
{
	struct movement *m = &d->movement;
	uint32_t channels = d->active & d->usable, lasting = 0;

	if (channels && !m->open)
		movement_open(d, movement_start(d, channels));
	if (channels)
		lasting = d->lanes->movement(d, channels);
	if (!m->open)
		return;
	m->n++;
	movement_syllable(d, m, d->surged);
	if (d->face.fresh) {
		for (unsigned int c = 0; c < d->n; c += LANES)
			v4_at(m->own, c) += v4_at(d->face.own, c);
		m->n_own++;
	}
	movement_lean(d, m);
	if (lasting) {
		m->quiet = 0;
		m->end = d->frame.end;
	} else if (++m->quiet > frames_of(&d->time, 0.08)) {
		movement_end(d, false);
	}
}
