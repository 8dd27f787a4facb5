/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The sample index in the first column of OpenBCI's text files: one byte that
 * wraps, at 256 (Cyton), at 201 or elsewhere (Ganglion), in steps of one or two
 * (Daisy), with one or two rows each. What is usual is learnt from the file's
 * beginning; what is not is a loss. Losses of whole turns can't be seen.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAMPLE_INDEX_REGULAR 4

struct sample_index {
	int64_t step;
	int64_t turn;	   /* values in a turn, 0: it does not wrap */
	unsigned int rows; /* with the same index */
	struct {
		int64_t from, to;
	} regular[SAMPLE_INDEX_REGULAR]; /* jumps that belong to the numbering */
	unsigned int n_regular;
	bool have_last;
	int64_t last;
};

/* Learns from the first @n indices. */
void sample_index_learn(struct sample_index *s, const double *values, size_t n);

/* Takes the next row's index; returns how many rows were lost before it. */
uint64_t sample_index_next(struct sample_index *s, double value);
