/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * One face: how strong each muscle is on each side, and how much of each is
 * seen at each site of a montage. A source is one muscle of one side; muscles
 * without a site of their own are there too, since neighbours see them.
 */
#include <stdint.h>

#include "assumption.h"
#include "montage.h"
#include "scene.h"

#define N_SOURCES (2 * OEH_MUSCLE_COUNT)

struct scene_face {
	uint8_t affected;		   /* enum oeh_side */
	float strength[N_SOURCES];	   /* factor on every act, 1: usual */
	float weak[3];			   /* by side: what palsy or toxin leaves, 1: all */
	float mix[N_SOURCES][MONTAGE_MAX]; /* share of a source at a site */
};

static inline unsigned int source_of(unsigned int side, unsigned int muscle)
{
	return (side == OEH_SIDE_RIGHT ? OEH_MUSCLE_COUNT : 0) + muscle;
}

static inline unsigned int other_side(unsigned int side)
{
	return side == OEH_SIDE_LEFT ? OEH_SIDE_RIGHT : OEH_SIDE_LEFT;
}

void scene_face_init(struct scene_face *f, const struct assumptions *a,
		     const struct scene_config *config);
