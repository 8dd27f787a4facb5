/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "sample-index.h"
#include "util.h"

#define STEP_MAX     8
#define JUMPS_MAX    64 /* different ones that are looked at */
#define REGULAR_FROM 3	/* times that a jump has to recur */
#define WRAPS_FROM   2
#define BYTE_VALUES  256
#define INDEX_MAX    1e15

struct jump {
	int64_t from, to;
	unsigned int times;
};

/* What the beginning of the file shows. */
struct study {
	int64_t max;
	unsigned int steps[STEP_MAX + 1]; /* how often the index rose by this much */
	int64_t step;			  /* the usual one */
	struct jump jumps[JUMPS_MAX];
	unsigned int n_jumps;
};

static bool index_is_valid(double value)
{
	return value >= 0 && value < INDEX_MAX && value == floor(value);
}

static void study_jump(struct study *y, int64_t from, int64_t to)
{
	if (to == from || to - from == y->step)
		return;
	for (unsigned int i = 0; i < y->n_jumps; i++) {
		if (y->jumps[i].from == from && y->jumps[i].to == to) {
			y->jumps[i].times++;
			return;
		}
	}
	if (y->n_jumps < JUMPS_MAX)
		y->jumps[y->n_jumps++] = (struct jump){from, to, 1};
}

static void study_pair(struct study *y, int64_t from, int64_t to)
{
	int64_t rise = to - from;

	if (rise >= 0 && rise <= STEP_MAX)
		y->steps[rise]++;
	if (to > y->max)
		y->max = to;
}

static void study_pairs(struct study *y, const double *values, size_t n,
			void (*pair)(struct study *y, int64_t from, int64_t to))
{
	for (size_t i = 1; i < n; i++)
		if (index_is_valid(values[i - 1]) && index_is_valid(values[i]))
			pair(y, (int64_t)values[i - 1], (int64_t)values[i]);
}

/* The largest index is the last of a turn only if it was that more than once. */
static bool study_wraps(const struct study *y)
{
	for (unsigned int i = 0; i < y->n_jumps; i++)
		if (y->jumps[i].from == y->max && y->jumps[i].times >= WRAPS_FROM)
			return true;
	return false;
}

void sample_index_learn(struct sample_index *s, const double *values, size_t n)
{
	struct study y = {.step = 1};

	*s = (struct sample_index){.rows = 1};
	study_pairs(&y, values, n, study_pair);
	for (int64_t rise = 2; rise <= STEP_MAX; rise++)
		if (y.steps[rise] > y.steps[y.step])
			y.step = rise;
	study_pairs(&y, values, n, study_jump);

	s->step = y.step;
	if (y.steps[0] > y.steps[s->step] / 2)
		s->rows = 2;
	if (study_wraps(&y))
		s->turn = y.max + s->step;
	else if (y.max < BYTE_VALUES)
		s->turn = BYTE_VALUES;
	for (unsigned int i = 0; i < y.n_jumps && s->n_regular < SAMPLE_INDEX_REGULAR; i++) {
		if (y.jumps[i].times < REGULAR_FROM)
			continue;
		s->regular[s->n_regular].from = y.jumps[i].from;
		s->regular[s->n_regular++].to = y.jumps[i].to;
	}
}

static bool is_regular(const struct sample_index *s, int64_t from, int64_t to)
{
	for (unsigned int i = 0; i < s->n_regular; i++)
		if (s->regular[i].from == from && s->regular[i].to == to)
			return true;
	return false;
}

uint64_t sample_index_next(struct sample_index *s, double value)
{
	int64_t from = s->last, to, rise;

	if (!index_is_valid(value) || (s->turn && value >= (double)s->turn))
		return 0;
	to = (int64_t)value;
	s->last = to;
	if (!s->have_last || to == from || is_regular(s, from, to)) {
		s->have_last = true;
		return 0;
	}
	rise = to - from;
	if (rise < 0)
		rise += s->turn;
	if (rise <= s->step) /* a counter that started anew, or the step itself */
		return 0;
	return (uint64_t)(rise / s->step - 1) * s->rows;
}
