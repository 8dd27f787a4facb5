// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The muscle table: codes and labels of the recording sites. */
#include "oeh_site.h"

const struct oeh_muscle_name oeh_muscle_names[OEH_MUSCLE_COUNT] = {
	[OEH_MUSCLE_OTHER]		= { "Oth", "other" },
	[OEH_MUSCLE_FRONTALIS]		= { "Fro", "frontalis" },
	[OEH_MUSCLE_CORRUGATOR]		= { "Cor", "corrugator" },
	[OEH_MUSCLE_ORBICULARIS_OCULI]	= { "OOc", "orbicularis_oculi" },
	[OEH_MUSCLE_ZYGOMATICUS]	= { "Zyg", "zygomaticus" },
	[OEH_MUSCLE_BUCCINATOR]		= { "Buc", "buccinator" },
	[OEH_MUSCLE_ORBICULARIS_ORIS]	= { "OOr", "orbicularis_oris" },
	[OEH_MUSCLE_MENTALIS]		= { "Men", "mentalis" },
	[OEH_MUSCLE_MASSETER]		= { "Mas", "masseter" },
};

const char *oeh_side_label(unsigned int side)
{
	switch (side) {
	case OEH_SIDE_LEFT:
		return "left";
	case OEH_SIDE_RIGHT:
		return "right";
	default:
		return "unassigned";
	}
}

const char *oeh_muscle_label(unsigned int muscle)
{
	if (muscle >= OEH_MUSCLE_COUNT)
		muscle = OEH_MUSCLE_OTHER;

	return oeh_muscle_names[muscle].label;
}
