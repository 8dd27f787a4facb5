// SPDX-License-Identifier: GPL-2.0-or-later
/* Plays the synthetic patient of the tests. */
#include "event-name.h"
#include "player-scene.h"
#include "scene.h"
#include "util.h"

#define BLOCK  64 /* scans */
#define STRIDE OEH_MAX_CHANNELS

struct scene_player {
	struct player player;
	struct scene_config config;
	struct scene *scene;
};

static int scene_start(struct player *player)
{
	struct scene_player *p = (struct scene_player *)player;

	p->scene = scene_free(p->scene);
	p->config.rate = player->device->rate;
	return scene_new(&p->config, &p->scene);
}

static void scene_player_read(struct player *player, int32_t *counts, size_t max,
			      struct player_item *item)
{
	struct scene_player *p = (struct scene_player *)player;
	float uv[BLOCK * STRIDE];
	size_t n;

	n = scene_read(p->scene, uv, STRIDE, max < BLOCK ? max : BLOCK);
	player_convert(player, uv, STRIDE, n, counts);
	*item = (struct player_item){.kind = n ? PLAYER_SCANS : PLAYER_END, .n = n};
}

static uint32_t scene_player_lead_off(const struct player *player)
{
	return scene_lead_off(((const struct scene_player *)player)->scene);
}

static bool scene_truth(const struct player *player, size_t i, struct player_truth *ret)
{
	const struct scene_player *p = (const struct scene_player *)player;
	const struct scene_event *events;
	size_t n;

	events = scene_events(p->scene, &n);
	if (i >= n)
		return false;

	*ret = (struct player_truth){
		.kind = event_kind_name(events[i].kind),
		.side = oeh_side_label(events[i].side),
		.form = spasm_form_name(events[i].form),
		.spread = spasm_spread_name(events[i].spread),
		.start = events[i].start,
		.end = events[i].end,
	};
	return true;
}

static void scene_player_free(struct player *player)
{
	struct scene_player *p = (struct scene_player *)player;

	scene_free(p->scene);
	free(p);
}

static const struct player_ops scene_ops = {
	.start = scene_start,
	.read = scene_player_read,
	.lead_off = scene_player_lead_off,
	.truth = scene_truth,
	.free = scene_player_free,
};

int player_new_scene(const struct device *d, const struct montage *montage, const char *names,
		     uint64_t seed, struct player **ret)
{
	struct scene_player *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;

	*p = (struct scene_player){
		.player = {.ops = &scene_ops, .device = d},
		.config = {.name = names, .seed = seed, .montage = *montage},
	};
	/* a wrong name should be told now and not at the first START */
	r = scene_start(&p->player);
	if (r < 0) {
		scene_player_free(&p->player);
		return r;
	}

	*ret = &p->player;
	return 0;
}
