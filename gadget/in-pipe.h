/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * An IN endpoint with many transfers in flight, so that the host never waits
 * for us and we never for the host. A ring of buffers: one is reserved, filled
 * and committed, later submitted to the bus (in order), and free again when
 * the host has taken it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct in_pipe;

/*
 * @fd: the endpoint's file, opened O_NONBLOCK. @depth buffers of @size bytes
 * each. Returns 0 or negative errno.
 */
int in_pipe_new(int fd, unsigned int depth, size_t size, struct in_pipe **ret);
struct in_pipe *in_pipe_free(struct in_pipe *p); /* returns NULL */

/* The next buffer, or NULL when the host has not taken enough. */
uint8_t *in_pipe_reserve(struct in_pipe *p);
void in_pipe_commit(struct in_pipe *p, size_t length);

/*
 * Hands all that is committed to the bus. Returns 0; -EAGAIN where the
 * endpoint is not enabled (nothing is lost); or another negative errno.
 */
int in_pipe_submit(struct in_pipe *p);

/* Frees what the host has taken; returns how many transfers it took whole. */
unsigned int in_pipe_reap(struct in_pipe *p);

/*
 * Takes everything back that the host has not taken and throws it away.
 * Returns how many transfers that were.
 */
unsigned int in_pipe_cancel(struct in_pipe *p);

/* Takes the oldest transfer back and throws it away. */
void in_pipe_drop_oldest(struct in_pipe *p);

/* Transfers given to the bus that the host has not taken. */
unsigned int in_pipe_in_flight(const struct in_pipe *p);

/*
 * Stalls the endpoint until the host clears it. Only while nothing is in
 * flight: a controller refuses otherwise. Returns 0 or negative errno.
 */
int in_pipe_halt(struct in_pipe *p);
