// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An IN endpoint of FunctionFS with many transfers in flight (kernel AIO).
 *
 * FunctionFS of Linux 6.1.y takes a reference to the process's memory map with
 * each asynchronous write and never drops it, so that the map (some kilobytes,
 * not the memory) stays behind when this program ends.
 */
#include <errno.h>
#include <linux/aio_abi.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "in-pipe.h"
#include "util.h"

#define REAP_BATCH 32

struct transfer {
	struct iocb iocb;
	bool done;
};

/* Counts of buffers; they only grow, and index the ring modulo depth. */
struct in_pipe {
	int fd;
	aio_context_t aio;
	unsigned int depth;
	size_t size;
	unsigned int committed;
	unsigned int submitted;
	unsigned int freed;
	struct transfer *transfers;
	struct iocb **batch;
	uint8_t *buffers;
};

/* glibc has no wrappers, and libaio would be a dependency for four lines. */
static int sys_io_setup(unsigned int n, aio_context_t *aio)
{
	return syscall(SYS_io_setup, n, aio) < 0 ? -errno : 0;
}

static int sys_io_submit(aio_context_t aio, long n, struct iocb **batch)
{
	long r = syscall(SYS_io_submit, aio, n, batch);

	return r < 0 ? -errno : (int)r;
}

static int sys_io_getevents(aio_context_t aio, long min, long n, struct io_event *events)
{
	struct timespec now = {0};
	long r;

	do
		r = syscall(SYS_io_getevents, aio, min, n, events, min ? NULL : &now);
	while (r < 0 && errno == EINTR);

	return r < 0 ? -errno : (int)r;
}

int in_pipe_new(int fd, unsigned int depth, size_t size, struct in_pipe **ret)
{
	struct in_pipe *p;
	int r;

	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;

	*p = (struct in_pipe){
		.fd = fd,
		.depth = depth,
		.size = size,
		.transfers = calloc(depth, sizeof(*p->transfers)),
		.batch = calloc(depth, sizeof(*p->batch)),
		.buffers = calloc(depth, size),
	};
	r = -ENOMEM;
	if (!p->transfers || !p->batch || !p->buffers)
		goto fail;

	r = sys_io_setup(depth, &p->aio);
	if (r < 0)
		goto fail;

	*ret = p;
	return 0;

fail:
	in_pipe_free(p);
	return r;
}

struct in_pipe *in_pipe_free(struct in_pipe *p)
{
	if (!p)
		return NULL;

	if (p->aio) {
		in_pipe_cancel(p);
		syscall(SYS_io_destroy, p->aio);
	}
	free(p->transfers);
	free(p->batch);
	free(p->buffers);
	free(p);

	return NULL;
}

uint8_t *in_pipe_reserve(struct in_pipe *p)
{
	if (p->committed - p->freed == p->depth)
		return NULL;

	return p->buffers + p->committed % p->depth * p->size;
}

void in_pipe_commit(struct in_pipe *p, size_t length)
{
	unsigned int slot = p->committed++ % p->depth;

	p->transfers[slot] = (struct transfer){
		.iocb =
			{
				.aio_data = slot,
				.aio_lio_opcode = IOCB_CMD_PWRITE,
				.aio_fildes = p->fd,
				.aio_buf = (uintptr_t)(p->buffers + slot * p->size),
				.aio_nbytes = length,
			},
	};
}

int in_pipe_submit(struct in_pipe *p)
{
	unsigned int n = p->committed - p->submitted;
	unsigned int i;
	int r;

	for (i = 0; i < n; i++)
		p->batch[i] = &p->transfers[(p->submitted + i) % p->depth].iocb;

	for (i = 0; i < n; i += r) {
		r = sys_io_submit(p->aio, n - i, p->batch + i);
		if (r <= 0)
			return r < 0 ? r : -EIO;
		p->submitted += r;
	}

	return 0;
}

static unsigned int in_pipe_collect(struct in_pipe *p, long min)
{
	struct io_event events[REAP_BATCH];
	unsigned int taken = 0;
	int n, i;

	do {
		n = sys_io_getevents(p->aio, min, ARRAY_SIZE(events), events);
		min = 0; /* what is left is taken, not waited for */
		for (i = 0; i < n; i++) {
			struct transfer *t = &p->transfers[events[i].data];

			t->done = true;
			if (events[i].res == (int64_t)t->iocb.aio_nbytes)
				taken++;
		}
	} while (n == ARRAY_SIZE(events));

	while (p->freed != p->submitted && p->transfers[p->freed % p->depth].done)
		p->freed++;

	return taken;
}

unsigned int in_pipe_reap(struct in_pipe *p)
{
	return p->freed == p->submitted ? 0 : in_pipe_collect(p, 0);
}

static void transfer_cancel(struct in_pipe *p, unsigned int index)
{
	struct transfer *t = &p->transfers[index % p->depth];
	struct io_event event;

	/* it fails where the host was faster; either way there will be an event */
	if (!t->done)
		syscall(SYS_io_cancel, p->aio, &t->iocb, &event);
}

unsigned int in_pipe_cancel(struct in_pipe *p)
{
	unsigned int lost, i;

	in_pipe_reap(p);
	lost = p->committed - p->freed;
	p->committed = p->submitted;

	/* last first, or the controller would send the next one meanwhile */
	for (i = p->submitted; i != p->freed; i--)
		transfer_cancel(p, i - 1);
	while (p->freed != p->submitted)
		lost -= in_pipe_collect(p, 1);

	return lost;
}

void in_pipe_drop_oldest(struct in_pipe *p)
{
	unsigned int oldest = p->freed;

	if (p->freed == p->submitted)
		return;

	transfer_cancel(p, oldest);
	while (p->freed == oldest)
		in_pipe_collect(p, 1);
}

unsigned int in_pipe_in_flight(const struct in_pipe *p)
{
	return p->submitted - p->freed;
}

int in_pipe_halt(struct in_pipe *p)
{
	uint8_t byte;

	if (in_pipe_in_flight(p))
		return -EBUSY;

	/* reading an IN endpoint is how FunctionFS is told to stall it */
	if (read(p->fd, &byte, sizeof(byte)) < 0 && errno == EBADMSG)
		return 0;

	return -EIO;
}
