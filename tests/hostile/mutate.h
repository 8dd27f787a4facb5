/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * How a headset goes wrong: what it says is made as the protocol has it, then
 * changed field by field, with odd values that a field's type allows. Pure, and
 * the same for the same random numbers.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"
#include "rng.h"

/* 0 to @n - 1. */
unsigned int pick(struct rng *r, unsigned int n);
bool chance(struct rng *r, double p);

/* A headset that the protocol allows and that nobody would build. */
void mutate_config(struct rng *r, struct device_config *c);

/* Each has room for @max bytes; they return the new length. */
size_t mutate_describe(struct rng *r, uint8_t *reply, size_t length, size_t max);
size_t mutate_status(struct rng *r, uint8_t *reply, size_t length, size_t max);
size_t mutate_frame(struct rng *r, uint8_t *frame, size_t length, size_t max);
size_t mutate_marker(struct rng *r, uint8_t *report, size_t length, size_t max);

/* A configuration with all that belongs to it, as GET_DESCRIPTOR returns it. */
size_t mutate_configuration(struct rng *r, uint8_t *reply, size_t length, size_t max);
