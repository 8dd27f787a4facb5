/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One face: strengths, unevenness and volume conduction. */
#include "scene-face.h"
#include "util.h"

/*
 * Share of a muscle (row) seen at a neighbour's site (column) on its own side,
 * and over the midline; inference from distance, contacts 1 cm apart. The mouth
 * ring over the midline is drawn (A_RING). The masseter's rows stand for
 * temporalis too, which lies towards the brow.
 */
/* clang-format off */
static const float same_side[OEH_MUSCLE_COUNT][OEH_MUSCLE_COUNT] = {
	/*                 Oth   Fro    Cor    OOc    Zyg    Buc    OOr    Men    Mas */
	/* Oth */ {0},
	/* Fro */ {0, 1, 0.25f, 0.12f, 0.01f, 0, 0, 0, 0.01f},
	/* Cor */ {0, 0.20f, 1, 0.18f, 0.02f, 0, 0, 0, 0},
	/* OOc */ {0, 0.10f, 0.22f, 1, 0.14f, 0.03f, 0.02f, 0, 0.03f},
	/* Zyg */ {0, 0.01f, 0.02f, 0.12f, 1, 0.25f, 0.12f, 0.03f, 0.12f},
	/* Buc */ {0, 0, 0, 0.03f, 0.22f, 1, 0.20f, 0.06f, 0.15f},
	/* OOr */ {0, 0, 0, 0.01f, 0.10f, 0.20f, 1, 0.20f, 0.02f},
	/* Men */ {0, 0, 0, 0, 0.03f, 0.06f, 0.20f, 1, 0.02f},
	/* Mas */ {0, 0.03f, 0.02f, 0.04f, 0.15f, 0.25f, 0.06f, 0.04f, 1},
};
/* clang-format on */

static const float over_midline[OEH_MUSCLE_COUNT] = {
	[OEH_MUSCLE_FRONTALIS] = 0.08f,		[OEH_MUSCLE_CORRUGATOR] = 0.15f,
	[OEH_MUSCLE_ORBICULARIS_OCULI] = 0.02f, [OEH_MUSCLE_ZYGOMATICUS] = 0.02f,
	[OEH_MUSCLE_BUCCINATOR] = 0.02f,	[OEH_MUSCLE_MENTALIS] = 0.30f,
};

#define WEAKEST_HEALTHY	 0.4  /* below that a face is no longer healthy (i) */
#define DUPLICATE_SPREAD 0.2f /* two sites on one muscle see it unequally (i) */

static double healthy_ratio(const struct assumptions *a, struct rng *r, unsigned int muscle)
{
	enum assumption_id id = muscle == OEH_MUSCLE_FRONTALIS		? A_ASYMMETRY_FRO
				: muscle == OEH_MUSCLE_ZYGOMATICUS	? A_ASYMMETRY_ZYG
				: muscle == OEH_MUSCLE_ORBICULARIS_ORIS ? A_ASYMMETRY_OOR
									: A_ASYMMETRY_ELSE;
	double ratio = a->lo[id] + a->hi[id] * rng_normal(r); /* mean, SD */

	if (ratio > 1.0)
		return 1.0;

	return ratio < WEAKEST_HEALTHY ? WEAKEST_HEALTHY : ratio;
}

static void draw_strengths(struct scene_face *f, const struct assumptions *a,
			   const struct scene_knobs *k, struct rng *r)
{
	double uneven = k->asymmetry == 0.0 ? 1.0 : k->asymmetry < 0.0 ? 0.0 : k->asymmetry;
	double weak = k->weak_factor > 0.0 ? k->weak_factor : 1.0 / 3.0;

	for (unsigned int side = 0; side < ARRAY_SIZE(f->weak); side++)
		f->weak[side] = (float)(k->weak_side && side == k->weak_side ? weak : 1.0);
	for (unsigned int m = 0; m < OEH_MUSCLE_COUNT; m++) {
		double strength = draw(a, r, A_STRENGTH);
		double ratio = 1.0 - uneven * (1.0 - healthy_ratio(a, r, m));
		unsigned int weaker = rng_unit(r) < 0.5 ? OEH_SIDE_LEFT : OEH_SIDE_RIGHT;

		if (ratio < 0.1)
			ratio = 0.1;
		for (unsigned int side = OEH_SIDE_LEFT; side <= OEH_SIDE_RIGHT; side++) {
			double uneven_here = side == weaker ? ratio : 1.0;
			/* Neither a facial palsy nor the toxin reaches the jaw. */
			float weak_here = m == OEH_MUSCLE_MASSETER ? 1.0f : f->weak[side];

			f->strength[source_of(side, m)] =
				(float)(strength * uneven_here) * weak_here;
		}
	}
}

/* Share of the source @m of @side at @site, before this face's own spread. */
static double share_at(const struct assumptions *a, struct rng *r, double ring, struct site site,
		       unsigned int side, unsigned int m)
{
	double other = draw(a, r, A_OTHER_SITE);
	double spread = draw(a, r, A_CROSSTALK_SPREAD);

	if (site.side == OEH_SIDE_NONE || m == OEH_MUSCLE_OTHER)
		return 0.0;
	if (site.muscle == OEH_MUSCLE_OTHER)
		return site.side == side ? other : 0.1 * other;
	if (site.side == side)
		return site.muscle == m ? 1.0 : spread * same_side[m][site.muscle];
	if (m == OEH_MUSCLE_ORBICULARIS_ORIS && site.muscle == m)
		return ring;
	if (m == site.muscle)
		return spread * over_midline[m];
	if (m == OEH_MUSCLE_ORBICULARIS_ORIS || site.muscle == OEH_MUSCLE_ORBICULARIS_ORIS)
		return 0.5 * ring * spread * same_side[m][site.muscle];

	return 0.0;
}

static void draw_mix(struct scene_face *f, const struct assumptions *a,
		     const struct scene_config *config, struct rng *r)
{
	const struct montage *montage = &config->montage;
	double crosstalk = config->knobs.crosstalk;
	double ring = draw(a, r, A_RING);

	crosstalk = crosstalk == 0.0 ? 1.0 : crosstalk < 0.0 ? 0.0 : crosstalk;
	for (unsigned int c = 0; c < montage->n_channels; c++) {
		struct site site = montage->sites[c];

		for (unsigned int i = 0; i < N_SOURCES; i++) {
			unsigned int side = i < OEH_MUSCLE_COUNT ? OEH_SIDE_LEFT : OEH_SIDE_RIGHT;
			unsigned int m = i % OEH_MUSCLE_COUNT;
			double share = share_at(a, r, ring, site, side, m);
			double own = rng_range(r, 1.0 - DUPLICATE_SPREAD, 1.0 + DUPLICATE_SPREAD);
			double sign = rng_unit(r) < 0.5 ? -1.0 : 1.0;
			bool direct = site.side == side &&
				      (site.muscle == m || site.muscle == OEH_MUSCLE_OTHER);

			share = direct ? share * own : share * sign * crosstalk;
			f->mix[i][c] = (float)(share > 0.95 && !direct ? 0.95 : share);
		}
	}
}

void scene_face_init(struct scene_face *f, const struct assumptions *a,
		     const struct scene_config *config)
{
	struct rng strengths, mix;
	uint8_t drawn;

	*f = (struct scene_face){0};
	rng_init(&strengths, config->seed, 0x66616365);
	rng_init(&mix, config->seed, 0x6d697861);
	drawn = rng_unit(&strengths) < a->lo[A_LEFT] ? OEH_SIDE_LEFT : OEH_SIDE_RIGHT;
	f->affected = config->knobs.side ? config->knobs.side : drawn;
	draw_strengths(f, a, &config->knobs, &strengths);
	draw_mix(f, a, config, &mix);
}
