/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What both readers of the comparison in DRIVER.md do with a scan: so much that
 * no compiler leaves out what leads to it.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

struct consumer {
	uint64_t scans;
	uint64_t missing; /* by the sample counter */
	uint32_t next;
	int64_t last_time;
	uint32_t sum;
};

static inline void consume(struct consumer *c, const int32_t *scan, unsigned int n,
			   uint32_t counter, int64_t time)
{
	unsigned int i;

	c->missing += counter - c->next;
	c->next = counter + 1;
	c->last_time = time;
	c->scans++;
	for (i = 0; i < n; i++)
		c->sum += (uint32_t)scan[i];
}

static inline void consumer_print(const struct consumer *c)
{
	printf("{\"scans\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"time\":%" PRId64
	       ",\"sum\":%" PRIu32 "}\n",
	       c->scans, c->missing, c->last_time, c->sum);
}
