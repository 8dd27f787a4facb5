/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "spasmd.h"

/*
 * Impedances are measured by reading attributes, for a second and with capture
 * stopped. Other headsets go on meanwhile, so this is the one thing that a thread
 * of its own does: it touches nothing but its own structure, and closes its end of
 * a pipe when it is through.
 */
struct measurement {
	struct iio_device iio; /* its own */
	unsigned int n_channels, n_electrodes;
	unsigned int channels[MONTAGE_MAX]; /* numbers of in_voltageN */
	double ohms[MONTAGE_MAX][2];
	int result; /* 0 or negative errno */
	int done;   /* the thread's end of the pipe */
};

struct impedance {
	struct capture *capture; /* NULL: the headset has gone */
	sd_bus_message *call;
	pthread_t thread;
	int done;
	sd_event_source *source;
	struct measurement measurement;
};

/* Electrodes are numbered as the device has them: channel n has 2n and 2n + 1. */
static void *measure(void *userdata)
{
	struct measurement *m = userdata;
	char attribute[64];
	unsigned int i, k;

	for (i = 0; i < m->n_channels && m->result >= 0; i++) {
		for (k = 0; k < 2 && m->result >= 0; k++) {
			snprintf(attribute, sizeof(attribute), "in_resistance%u_raw",
				 2 * m->channels[i] + k);
			m->result = iio_read_double(&m->iio, attribute, &m->ohms[i][k]);
			/* An electrode that is off has no value. */
			if (m->result == -ENODATA) {
				m->ohms[i][k] = INFINITY;
				m->result = 0;
			}
		}
	}
	close(m->done);
	return NULL;
}

static int reply_ohms(const struct impedance *p)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const struct measurement *m = &p->measurement;
	unsigned int i;
	int r;

	r = sd_bus_message_new_method_return(p->call, &reply);
	if (r >= 0)
		r = sd_bus_message_open_container(reply, 'a', "ad");
	for (i = 0; r >= 0 && i < m->n_channels; i++)
		r = sd_bus_message_append_array(reply, 'd', m->ohms[i], sizeof(m->ohms[i]));
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static void impedance_free(struct impedance *p)
{
	sd_event_source_disable_unref(p->source);
	closep(&p->done);
	iio_device_close(&p->measurement.iio);
	sd_bus_message_unref(p->call);
	free(p);
}

static int on_measured(_unused_ sd_event_source *source, _unused_ int fd, _unused_ uint32_t revents,
		       void *userdata)
{
	struct impedance *p = userdata;
	struct capture *c = p->capture;
	int r;

	pthread_join(p->thread, NULL);
	r = p->measurement.result;
	if (r >= 0)
		r = reply_ohms(p);
	if (r < 0)
		(void)sd_bus_reply_method_errorf(p->call, SPASMD_ERROR_DEVICE,
						 "The impedances cannot be measured: %s",
						 strerror(-r));
	impedance_free(p);
	if (c) {
		c->impedance = NULL;
		capture_update(c);
	}
	return 0;
}

static int impedance_run(struct impedance *p)
{
	struct capture *c = p->capture;
	struct measurement *m = &p->measurement;
	const struct scan_layout *l = &c->stream.layout;
	int fds[2], r;

	r = iio_device_open(&m->iio, c->iio.syspath, c->iio.devnode);
	if (r < 0)
		return r;
	m->n_channels = l->n_voltages;
	for (unsigned int i = 0; i < l->n_voltages; i++)
		m->channels[i] = l->elements[l->voltages[i]].number;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	p->done = fds[0];
	r = sd_event_add_io(c->spasmd->event, &p->source, p->done, EPOLLIN, on_measured, p);
	if (r >= 0) {
		m->done = fds[1];
		r = -pthread_create(&p->thread, NULL, measure, m);
	}
	if (r < 0)
		close(fds[1]);
	return r;
}

int impedance_start(struct capture *c, sd_bus_message *call)
{
	struct impedance *p;
	int r;

	if (c->impedance)
		return -EBUSY;
	if (!iio_has(&c->iio, "in_resistance0_raw"))
		return -ENOENT;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->capture = c;
	p->call = sd_bus_message_ref(call);
	p->done = -1;
	p->measurement.iio.dir = -1;
	c->impedance = p;
	capture_update(c); /* stops it for as long as this is under way */
	r = impedance_run(p);
	if (r < 0) {
		c->impedance = NULL;
		impedance_free(p);
		capture_update(c);
		return r;
	}
	return 1;
}

void impedance_abandon(struct capture *c)
{
	if (!c->impedance)
		return;
	c->impedance->capture = NULL;
	c->impedance = NULL;
}
