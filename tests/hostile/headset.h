/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The device's side: a headset that is plugged in, answers, and sends frames as
 * fast as the bus takes them, all of it more or less wrong.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "rng.h"

struct headset {
	uint64_t seed;
	unsigned int udc;
	int fd; /* raw gadget, -1 while unplugged */
	int data, marker;
	bool wrong_descriptors; /* of this plug */
	pthread_t control_thread, data_thread, marker_thread;
	atomic_bool stop;
	atomic_bool configured;
	atomic_uint frames, described; /* ever: sent; asked for by the driver */

	pthread_mutex_t lock; /* of what follows */
	struct rng rng;	      /* of answers */
	struct device device;
	bool honest;	      /* does all as it should */
	bool wrong_describe;  /* the next descriptions are wrong */
	double wrong_answers; /* how many of the other answers are */
};

/* Returns 0 or negative errno. */
int headset_plug(struct headset *h);
void headset_unplug(struct headset *h);

/* From now on it is another one: number @n of its seed. Honest: the reference headset. */
void headset_become(struct headset *h, uint64_t n, bool honest);
