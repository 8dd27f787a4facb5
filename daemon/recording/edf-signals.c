/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "edf-signals.h"

/* What makes a signal's rate count when the recording's rate is looked for. */
enum standing { STANDING_NONE, STANDING_VOLTAGE, STANDING_EMG, STANDING_SITE };

static enum standing signal_standing(const struct edf_signal *s)
{
	struct site site;

	if (s->kind != EDF_SIGNAL_VOLTAGE || !s->samples)
		return STANDING_NONE;
	if (site_from_text(s->label, &site) == 0 && site.side != OEH_SIDE_NONE)
		return STANDING_SITE;
	return strncmp(s->label, "EMG", 3) == 0 ? STANDING_EMG : STANDING_VOLTAGE;
}

/* Samples in a record that most signals of the highest standing have; 0: no signal. */
static unsigned int samples_choose(const struct edf_header *h, const enum standing *standing)
{
	enum standing best = STANDING_NONE;
	unsigned int most = 0, ret = 0;

	for (unsigned int i = 0; i < h->n_signals; i++)
		best = standing[i] > best ? standing[i] : best;
	if (best == STANDING_NONE)
		return 0;
	for (unsigned int i = 0; i < h->n_signals; i++) {
		unsigned int samples = h->signals[i].samples, same = 0;

		if (standing[i] != best || samples == ret)
			continue;
		for (unsigned int k = 0; k < h->n_signals; k++)
			same += h->signals[k].samples == samples && standing[k] == best;
		if (same < most || (same == most && samples < ret))
			continue;
		most = same;
		ret = samples;
	}
	return ret;
}

/* A warning for all signals that are left out for the same reason. */
static void signals_warn(const struct recording *r, unsigned int n, const char *first,
			 const char *reason)
{
	if (n == 1)
		recording_warn(r, "signal \"%s\" is left out: %s", first, reason);
	else if (n)
		recording_warn(r, "%u signals are left out, \"%s\" is the first: %s", n, first,
			       reason);
}

static void signals_warn_skipped(const struct recording *r, const struct edf_header *h,
				 unsigned int samples)
{
	const char *other_rate = NULL, *other_kind = NULL;
	unsigned int n_rate = 0, n_kind = 0;

	for (unsigned int i = h->n_signals; i-- > 0;) {
		const struct edf_signal *s = &h->signals[i];

		if (s->kind == EDF_SIGNAL_OTHER) {
			other_kind = s->label;
			n_kind++;
		} else if (s->kind == EDF_SIGNAL_VOLTAGE && s->samples != samples) {
			other_rate = s->label;
			n_rate++;
		}
	}
	signals_warn(r, n_kind, other_kind, "no voltage by its unit");
	signals_warn(r, n_rate, other_rate, "of another rate than the rest");
}

int edf_signals_choose(struct recording *r, const struct edf_header *h,
		       unsigned int chosen[MONTAGE_MAX], char **error)
{
	_cleanup_free_ enum standing *standing = calloc(h->n_signals, sizeof(*standing));
	_cleanup_free_ unsigned int *candidates = calloc(h->n_signals, sizeof(*candidates));
	_cleanup_free_ bool *has_site = calloc(h->n_signals, sizeof(*has_site));
	unsigned int samples, n = 0, n_chosen;

	if (!standing || !candidates || !has_site)
		return recording_fail(error, -ENOMEM, "out of memory");
	for (unsigned int i = 0; i < h->n_signals; i++)
		standing[i] = signal_standing(&h->signals[i]);
	samples = samples_choose(h, standing);
	if (!samples)
		return recording_fail(error, -EBADMSG,
				      "no signal is a voltage (uV, mV or V) with samples");
	for (unsigned int i = 0; i < h->n_signals; i++) {
		if (standing[i] == STANDING_NONE || h->signals[i].samples != samples)
			continue;
		candidates[n] = i;
		has_site[n++] = standing[i] == STANDING_SITE;
	}
	signals_warn_skipped(r, h, samples);
	n_chosen = recording_choose(r, has_site, n, chosen);
	for (unsigned int c = 0; c < n_chosen; c++)
		chosen[c] = candidates[chosen[c]];
	return (int)n_chosen;
}
