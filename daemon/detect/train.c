/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/*
 * Bursts one after the other, of a region of the face or of all of one side.
 * A burst is over when the frames since then are likelier quiet than active,
 * and another one has begun when it is the other way round: cumulative sums of
 * log-likelihood ratios, whose last zero is where it changed (Page). The
 * strength of a sustained contraction has its ups and downs; none of them is
 * as silent as a pause.
 */

static bool longer(const struct detector *d, uint64_t samples, double seconds)
{
	return (double)samples > seconds * d->time.rate;
}

/* A short pause within a long one is a dip of its strength, not its end. */
static bool train_dips(const struct detector *d, const struct train *t, uint64_t at)
{
	return t->n && !longer(d, at - t->last, DIP_S) &&
	       longer(d, t->last - t->start, LONG_BURST_S);
}

void train_begin(const struct detector *d, struct train *t, uint64_t at)
{
	t->on = true;
	t->evidence = 0;
	if (train_dips(d, t, at))
		return;
	t->start = at;
	t->n++;
}

void train_end(const struct detector *d, struct train *t)
{
	t->on = false;
	t->evidence = 0;
	if ((double)(t->last - t->start) >= TONIC_S * d->time.rate)
		t->tonic = true;
}

/* After a pause, what both sides do is likelier than before: it is looked at for a while. */
static void train_doubt(const struct detector *d, struct train *t)
{
	t->doubt = frames_of(&d->time, DOUBT_S);
	t->looked = 0;
	t->sure.start = t->start;
	t->sure.last = t->last;
	t->sure.n = t->n;
}

/* True where the doubtful burst is no more than both sides do. */
static bool train_is_doubtful(const struct detector *d, struct train *t, const struct drive *now)
{
	t->looked += now->alone * d->time.frame_s;
	return !--t->doubt && t->looked < (float)DOUBT_LEAST_S;
}

static void train_refuse(const struct detector *d, struct train *t)
{
	train_end(d, t);
	t->start = t->sure.start;
	t->last = t->sure.last;
	t->n = t->sure.n;
}

void train_follow(const struct detector *d, struct train *t, const struct drive *now)
{
	if (t->doubt && train_is_doubtful(d, t, now))
		train_refuse(d, t);
	if (t->evidence <= 0)
		t->since = d->frame.end - d->time.scans;
	t->evidence += t->on ? -now->on : now->off;
	if (t->evidence <= 0) {
		t->evidence = 0;
		if (t->on)
			t->last = d->frame.end;
	} else if (t->on && t->evidence > BURST_QUIET) {
		train_end(d, t);
	} else if (!t->on && t->evidence > BURST_AGAIN) {
		if (longer(d, t->since - t->last, DOUBT_AFTER_S) && !t->doubt)
			train_doubt(d, t);
		train_begin(d, t, t->since);
		t->last = d->frame.end;
	}
}

enum spasm_form train_form(const struct detector *d, const struct train *t)
{
	bool tonic = t->tonic || (t->on && (double)(t->last - t->start) >= TONIC_S * d->time.rate);

	if (t->n > 1)
		return tonic ? FORM_MIXED : FORM_CLONIC;
	return tonic ? FORM_TONIC : FORM_TWITCH;
}
