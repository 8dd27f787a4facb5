/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "internal.h"

/* Bursts one after the other, of a region of the face or of all of one side. */

/* A short pause within a long one is a dip of its strength, not its end. */
static bool train_dips(const struct detector *d, const struct train *t, uint64_t at)
{
	double pause = (double)(at - t->last), before = (double)(t->last - t->start);

	return t->n && pause < DIP_S * d->time.rate && before > LONG_BURST_S * d->time.rate;
}

void train_begin(const struct detector *d, struct train *t, uint64_t at)
{
	t->on = true;
	t->off = 0;
	if (train_dips(d, t, at))
		return;
	t->start = at;
	t->n++;
}

void train_end(const struct detector *d, struct train *t)
{
	t->on = false;
	if ((double)(t->last - t->start) >= TONIC_S * d->time.rate)
		t->tonic = true;
}

/* @activity: about 1 in a burst, for so many frames. */
void train_follow(const struct detector *d, struct train *t, float activity, unsigned int frames)
{
	if (activity > (t->on ? BURST_ENDS : BURST_BEGINS)) {
		if (!t->on)
			train_begin(d, t, d->frame.end - (frames + 1) * d->time.scans);
		t->off = 0;
		t->last = d->frame.end;
		return;
	}
	t->off += frames;
	if (t->on && (double)t->off * d->time.frame_s > BURST_PAUSE_S)
		train_end(d, t);
}

enum spasm_form train_form(const struct detector *d, const struct train *t)
{
	bool tonic = t->tonic || (t->on && (double)(t->last - t->start) >= TONIC_S * d->time.rate);

	if (t->n > 1)
		return tonic ? FORM_MIXED : FORM_CLONIC;
	return tonic ? FORM_TONIC : FORM_TWITCH;
}
