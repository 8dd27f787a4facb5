/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <string.h>

#include "log.h"
#include "spasmd.h"

/* The marker button: an input device of the same USB device. */
struct marker {
	struct capture *capture;
	char *devnode;
	int fd;
	struct libevdev *evdev;
	sd_event_source *source;
};

static int on_input(_unused_ sd_event_source *source, _unused_ int fd, _unused_ uint32_t revents,
		    void *userdata)
{
	struct marker *m = userdata;
	unsigned int flag = LIBEVDEV_READ_FLAG_NORMAL;
	struct input_event e;
	int r;

	for (;;) {
		r = libevdev_next_event(m->evdev, flag, &e);
		if (r == LIBEVDEV_READ_STATUS_SYNC) {
			flag = LIBEVDEV_READ_FLAG_SYNC;
		} else if (r == -EAGAIN) {
			/* After a sync that is its end; otherwise nothing is left. */
			if (flag == LIBEVDEV_READ_FLAG_NORMAL)
				return 0;
			flag = LIBEVDEV_READ_FLAG_NORMAL;
			continue;
		} else if (r < 0) {
			m->source = sd_event_source_disable_unref(m->source);
			return 0;
		}
		if (e.type == EV_KEY && e.value == 1)
			capture_mark(m->capture);
	}
}

DEFINE_CLEANUP(struct marker *, marker_free)

int marker_new(struct capture *c, const char *devnode, struct marker **ret)
{
	_cleanup_(marker_freep) struct marker *m = NULL;
	_cleanup_close_ int fd = open(devnode, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->capture = c;
	m->fd = TAKE_FD(fd);
	r = libevdev_new_from_fd(m->fd, &m->evdev);
	if (r < 0)
		return r;
	r = sd_event_add_io(c->spasmd->event, &m->source, m->fd, EPOLLIN, on_input, m);
	if (r < 0)
		return r;
	m->devnode = strdup(devnode);
	if (!m->devnode)
		return -ENOMEM;
	*ret = TAKE_PTR(m);
	return 0;
}

struct marker *marker_free(struct marker *m)
{
	if (!m)
		return NULL;
	sd_event_source_disable_unref(m->source);
	libevdev_free(m->evdev);
	closep(&m->fd);
	free(m->devnode);
	free(m);
	return NULL;
}

bool marker_is(const struct marker *m, const char *devnode)
{
	return strcmp(m->devnode, devnode) == 0;
}
