/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens in a scene: the lists and their order. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

/* Makes room for one more in a growing list; NULL when memory is short. */
static void *list_add(void **list, size_t *n, size_t *allocated, size_t size)
{
	if (*n == *allocated) {
		size_t want = *allocated ? *allocated * 2 : 64;
		void *bigger = realloc(*list, want * size);

		if (!bigger)
			return NULL;
		*list = bigger;
		*allocated = want;
	}

	return memset((char *)*list + (*n)++ * size, 0, size);
}

void plan_done(struct plan *p)
{
	free(p->contractions);
	free(p->disturbances);
	free(p->events);
}

static int compare_starts(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_contractions(const void *a, const void *b)
{
	const struct contraction *x = a, *y = b;
	int r = compare_starts(x->start, y->start);

	if (!r)
		r = compare_starts(x->end, y->end);
	if (!r)
		r = compare_starts(x->source, y->source);

	return r ? r : compare_starts(x->seed, y->seed);
}

static int compare_disturbances(const void *a, const void *b)
{
	const struct disturbance *x = a, *y = b;
	int r = compare_starts(x->start, y->start);

	if (!r)
		r = compare_starts(x->end, y->end);

	return r ? r : (int)x->kind - (int)y->kind;
}

static int compare_events(const void *a, const void *b)
{
	const struct scene_event *x = a, *y = b;
	int r = compare_starts(x->start, y->start);

	if (!r)
		r = compare_starts(x->end, y->end);

	return r ? r : (int)x->kind - (int)y->kind;
}

int plan_finish(struct plan *p)
{
	if (p->failed)
		return -ENOMEM;

	if (p->n_contractions)
		qsort(p->contractions, p->n_contractions, sizeof(p->contractions[0]),
		      compare_contractions);
	if (p->n_disturbances)
		qsort(p->disturbances, p->n_disturbances, sizeof(p->disturbances[0]),
		      compare_disturbances);
	if (p->n_events)
		qsort(p->events, p->n_events, sizeof(p->events[0]), compare_events);

	return 0;
}

uint64_t plan_sample(const struct plan *p, double t)
{
	return t <= 0.0 ? 0 : (uint64_t)floor(t * p->config->rate + 0.5);
}

bool plan_has_site(const struct plan *p, unsigned int side, unsigned int muscle)
{
	const struct montage *m = &p->config->montage;

	for (unsigned int c = 0; c < m->n_channels; c++) {
		if (m->sites[c].side == side && m->sites[c].muscle == muscle)
			return true;
	}

	return false;
}

void plan_contract(struct plan *p, struct rng *r, const struct effort *e, struct scene_event *event)
{
	uint32_t seed = (uint32_t)rng_next(r);
	uint64_t start = plan_sample(p, e->start), end = plan_sample(p, e->end);
	struct contraction *c;

	if (end < start + 2)
		end = start + 2;
	if (end > plan_sample(p, p->duration) || e->rms_uv <= 0.0)
		return;

	c = list_add((void **)&p->contractions, &p->n_contractions, &p->allocated_contractions,
		     sizeof(*c));
	if (!c) {
		p->failed = true;
		return;
	}

	*c = (struct contraction){
		.start = start,
		.end = end,
		.rms_uv = (float)e->rms_uv,
		.rise = (float)(e->rise * p->config->rate),
		.fall = (float)(e->fall * p->config->rate),
		.ripple = (float)(e->ripple > 0.9 ? 0.9 : e->ripple),
		.ripple_time = (float)(e->ripple_time * p->config->rate),
		.seed = seed,
		.source = (uint8_t)source_of(e->side, e->muscle),
	};
	if (!event)
		return;
	if (plan_has_site(p, e->side, e->muscle))
		event->muscles |= 1u << e->muscle;
	else if (event->kind == EVENT_SPASM)
		return;
	if (!event->end || start < event->start)
		event->start = start;
	if (end > event->end)
		event->end = end;
}

struct disturbance *plan_disturb(struct plan *p, enum disturbance_kind kind, double start,
				 double end)
{
	struct disturbance *d = list_add((void **)&p->disturbances, &p->n_disturbances,
					 &p->allocated_disturbances, sizeof(*d));

	if (!d) {
		p->failed = true;
		return NULL;
	}

	d->kind = kind;
	d->start = plan_sample(p, start);
	d->end = plan_sample(p, end);

	return d;
}

struct scene_event event_begin(enum event_kind kind, unsigned int side, const char *act)
{
	return (struct scene_event){.kind = kind, .side = (uint8_t)side, .act = act};
}

void plan_event(struct plan *p, const struct scene_event *event)
{
	struct scene_event *e;

	if (!event->end)
		return;

	e = list_add((void **)&p->events, &p->n_events, &p->allocated_events, sizeof(*e));
	if (e)
		*e = *event;
	else
		p->failed = true;
}
