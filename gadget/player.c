// SPDX-License-Identifier: GPL-2.0-or-later
/* What all players share, and the test pattern. */
#include <math.h>

#include "pattern.h"
#include "player.h"
#include "util.h"

struct player *player_free(struct player *p)
{
	if (p)
		p->ops->free(p);

	return NULL;
}

static int32_t convert(struct player *p, double count, int32_t max)
{
	/* an electrode with no value (NaN) reads as zero */
	if (isnan(count))
		return 0;
	if (count > max || count < -(double)max - 1) {
		p->clipped++;
		return count > 0 ? max : -max - 1;
	}

	return (int32_t)lrint(count);
}

void player_convert(struct player *p, const float *uv, size_t stride, size_t n, int32_t *counts)
{
	unsigned int n_channels = p->device->config.n_channels;
	int32_t max = device_count_max(p->device);
	double factor[OEH_MAX_CHANNELS];
	unsigned int c;
	size_t i;

	for (c = 0; c < n_channels; c++)
		factor[c] = device_counts_per_uv(p->device, c);

	for (i = 0; i < n; i++, uv += stride)
		for (c = 0; c < n_channels; c++)
			*counts++ = convert(p, uv[c] * factor[c], max);
}

struct pattern_player {
	struct player player;
	uint32_t counter;
};

static int pattern_start(struct player *player)
{
	struct pattern_player *p = (struct pattern_player *)player;

	p->counter = player->device->config.counter_start;
	return 0;
}

static void pattern_read(struct player *player, int32_t *counts, size_t max,
			 struct player_item *item)
{
	struct pattern_player *p = (struct pattern_player *)player;
	const struct device_config *config = &player->device->config;
	unsigned int c;
	size_t i;

	for (i = 0; i < max; i++, p->counter++)
		for (c = 0; c < config->n_channels; c++)
			*counts++ = pattern_count(p->counter, c, config->bits);

	*item = (struct player_item){.kind = PLAYER_SCANS, .n = max};
}

static void pattern_free(struct player *player)
{
	free(player);
}

static const struct player_ops pattern_ops = {
	.start = pattern_start,
	.read = pattern_read,
	.free = pattern_free,
};

int player_new_pattern(const struct device *d, struct player **ret)
{
	struct pattern_player *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;

	p->player = (struct player){.ops = &pattern_ops, .device = d};
	*ret = &p->player;
	return 0;
}
