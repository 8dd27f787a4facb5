// SPDX-License-Identifier: GPL-2.0-or-later
/* Plays a recording. */
#include "player-recording.h"
#include "util.h"

#define BLOCK  64 /* scans */
#define STRIDE MONTAGE_MAX

struct recording_player {
	struct player player;
	const char *path;
	struct recording_options options;
	struct recording *recording;
};

static int open_recording(struct recording_player *p, char **error)
{
	p->recording = recording_close(p->recording);
	/* its warnings were told when the device was made from it */
	return recording_open(p->path, &p->options, NULL, NULL, &p->recording, error);
}

static int recording_start(struct player *player)
{
	struct recording_player *p = (struct recording_player *)player;
	_cleanup_free_ char *error = NULL;
	int r;

	r = open_recording(p, &error);
	if (r < 0)
		fprintf(stderr, "emg-headset-gadget: %s: %s\n", p->path, error ? error : "");

	return r;
}

static void recording_player_read(struct player *player, int32_t *counts, size_t max,
				  struct player_item *item)
{
	static const enum player_item_kind kinds[] = {
		[RECORDING_SCANS] = PLAYER_SCANS,
		[RECORDING_GAP] = PLAYER_GAP,
		[RECORDING_MARKER] = PLAYER_MARKER,
		[RECORDING_END] = PLAYER_END,
	};
	struct recording_player *p = (struct recording_player *)player;
	_cleanup_free_ char *error = NULL;
	struct recording_item read = {.kind = RECORDING_END};
	float uv[BLOCK * STRIDE];
	int r;

	r = recording_read(p->recording, uv, STRIDE, max < BLOCK ? max : BLOCK, &read, &error);
	if (r < 0) {
		fprintf(stderr, "emg-headset-gadget: %s: %s; it ends here\n", p->path,
			error ? error : "cannot be read");
		read.kind = RECORDING_END;
	}
	if (read.kind == RECORDING_SCANS)
		player_convert(player, uv, STRIDE, read.n_scans, counts);

	*item = (struct player_item){.kind = kinds[read.kind], .n = read.n_scans};
}

static void recording_player_free(struct player *player)
{
	struct recording_player *p = (struct recording_player *)player;

	recording_close(p->recording);
	free(p);
}

static const struct player_ops recording_ops = {
	.start = recording_start,
	.read = recording_player_read,
	.free = recording_player_free,
};

int player_new_recording(const struct device *d, const char *path,
			 const struct recording_options *options, struct player **ret, char **error)
{
	struct recording_player *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;

	*p = (struct recording_player){
		.player = {.ops = &recording_ops, .device = d},
		.path = path,
		.options = *options,
	};
	r = open_recording(p, error);
	if (r < 0) {
		recording_player_free(&p->player);
		return r;
	}

	*ret = &p->player;
	return 0;
}
