/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to electrodes. */
#include "plan.h"

static unsigned int draw_channel(const struct plan *p, struct rng *r)
{
	double x = rng_unit(r) * p->config->montage.n_channels;

	return (unsigned int)x;
}

static double draw_sign(struct rng *r)
{
	return rng_unit(r) < 0.5 ? -1.0 : 1.0;
}

/* The channels that move together: one electrode, one side, or all. */
static uint32_t draw_group(const struct plan *p, struct rng *r)
{
	const struct montage *m = &p->config->montage;
	unsigned int channel = draw_channel(p, r);
	double x = rng_unit(r);
	uint32_t group = 0;

	if (x < 0.4)
		return 1u << channel;
	for (unsigned int c = 0; c < m->n_channels; c++) {
		if (x > 0.8 || m->sites[c].side == m->sites[channel].side)
			group |= 1u << c;
	}

	return group;
}

static void fill(struct disturbance *d, struct rng *r, uint32_t channels, double uv)
{
	for (unsigned int c = 0; c < MONTAGE_MAX; c++) {
		double share = rng_range(r, 0.3, 1.0);

		share *= draw_sign(r);
		if (channels & 1u << c)
			d->gain[c] = (float)(uv * share);
	}
}

struct kind_of_artefact {
	enum disturbance_kind kind;
	const char *act;
	enum assumption_id length, uv;
};

/* clang-format off */
static const struct kind_of_artefact kinds[] = {
	[CAUSE_MOTION] = {DISTURBANCE_MOTION, "motion", A_MOTION_LENGTH, A_MOTION_SWING},
	[CAUSE_POP] = {DISTURBANCE_POP, "pop", A_POP_DECAY, A_POP_STEP},
	[CAUSE_CONTACT] = {DISTURBANCE_CONTACT, "contact", A_CONTACT_LENGTH, A_CONTACT_MAINS},
	[CAUSE_CLIPPING] = {DISTURBANCE_CLIPPING, "clipping", A_CLIP_LENGTH, A_POP_STEP},
	[CAUSE_MAINS] = {DISTURBANCE_MAINS, "mains", A_SURGE_LENGTH, A_SURGE_UV},
};
/* clang-format on */

double act_artefact(struct plan *p, struct rng *r, double t, enum artefact_cause cause)
{
	const struct kind_of_artefact *k = &kinds[cause];
	struct scene_event event = event_begin(EVENT_ARTEFACT, OEH_SIDE_NONE, k->act);
	double length = draw(p->a, r, k->length), uv = draw(p->a, r, k->uv);
	double hz = draw(p->a, r, A_MOTION_HZ), rumble = draw(p->a, r, A_MOTION_RUMBLE);
	double noise = draw(p->a, r, A_CONTACT_NOISE);
	uint32_t one = 1u << draw_channel(p, r), group = draw_group(p, r);
	/* A pop is over when a thousandth is left of its step. */
	double end = t + (cause == CAUSE_POP ? 7.0 * length : length);
	struct disturbance *d = plan_disturb(p, k->kind, t, end);

	if (!d)
		return end;
	d->hz = cause == CAUSE_POP ? length : hz;
	d->noise_uv = (float)(cause == CAUSE_CONTACT ? noise : rumble);
	event.channels = cause == CAUSE_MOTION || cause == CAUSE_MAINS ? group : one;
	fill(d, r, event.channels, uv);
	event.cause = cause;
	event.start = d->start;
	event.end = cause == CAUSE_POP ? plan_sample(p, t + 3.0 * length) : d->end;
	if (event.end > plan_sample(p, p->duration))
		event.end = plan_sample(p, p->duration);
	plan_event(p, &event);

	return end;
}
