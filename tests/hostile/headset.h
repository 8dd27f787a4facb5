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

/* Transfers on the data endpoint that are no frame, between honest ones that all have to arrive. */
enum transfer_error {
	ERROR_NONE,
	ERROR_HALT,   /* the endpoint stalls until the host clears it */
	ERROR_BABBLE, /* longer than the host has asked for */
	ERROR_LONG,   /* longer than a frame, but not that long */
	ERROR_SHORT,
	ERROR_EMPTY,
	ERROR_COUNT
};

extern const char *const transfer_error_names[ERROR_COUNT];

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
	bool honest;		   /* does all as it should */
	enum transfer_error error; /* of an honest one, now and then */
	bool wrong_describe;	   /* the next descriptions are wrong */
	double wrong_answers;	   /* how many of the other answers are */
};

/* Returns 0 or negative errno. */
int headset_plug(struct headset *h);
void headset_unplug(struct headset *h);

/* From now on it is another one: number @n of its seed. Honest: the reference headset. */
void headset_become(struct headset *h, uint64_t n, bool honest);
