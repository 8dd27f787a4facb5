/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>

#include "log.h"
#include "spasmd.h"

#define TICK_US	      500000 /* how often is looked whether samples still come */
#define STALL_US      500000 /* no samples for so long: stalled */
#define REARM_TICKS   20     /* still nothing after so many: set it up anew */
#define QUALITY_TICKS 2	     /* signal quality is looked at once a second */
#define READ_BYTES    65536
#define READS_AT_ONCE 16 /* then other sources get their turn */

static uint64_t now_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int64_t boottime_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void capture_set_state(struct capture *c, enum headset_state state)
{
	static const char *const names[] = {"unknown", "connected", "streaming", "stalled",
					    "paused"};

	if (c->state == state)
		return;
	c->state = state;
	log_debug("%s: %s", c->sysname, names[state]);
	headset_object_changed(c, "State");
	manager_notify_status(c->spasmd);
}

uint64_t capture_time_of(const struct capture *c, uint64_t sample)
{
	int64_t ns = timeline_at(&c->stream.timeline, sample);

	return ns > 0 ? (uint64_t)ns / 1000 : 0;
}

/* ---- capture ---- */

static void capture_start(struct capture *c);

static void capture_close(struct capture *c)
{
	c->io = sd_event_source_disable_unref(c->io);
	closep(&c->fd);
	c->fd = -1;
	free(c->buffer);
	c->buffer = NULL;
}

static void capture_stop(struct capture *c)
{
	if (c->fd < 0)
		return;
	/* Fails where the device has gone, and then nothing is left to stop. */
	(void)iio_buffer_enable(&c->iio, false);
	capture_close(c);
}

/* Somebody else has changed the buffer, or it went quiet: from the beginning. */
static void capture_rearm(struct capture *c)
{
	capture_stop(c);
	stream_pass(&c->stream, boottime_ns());
	capture_start(c);
}

static void tick_stop(struct capture *c)
{
	c->tick = sd_event_source_disable_unref(c->tick);
}

/* Unplugged, of which udev will tell: what it takes no more samples of is no gap. */
static void capture_device_gone(struct capture *c)
{
	capture_close(c);
	tick_stop(c);
	capture_set_state(c, HEADSET_STALLED);
}

static void quality_refresh(struct capture *c)
{
	bool changed = false;
	unsigned int i;

	for (i = 0; i < c->stream.layout.n_voltages; i++) {
		enum headset_quality quality = c->quality[i];
		struct channel_quality q;

		detector_get_quality(c->detector, i, &q);
		/*
		 * This is public. Contact with the skin and movement are not:
		 * they leave the last judgement as it is.
		 */
		if (q.state == CHANNEL_GOOD)
			quality = QUALITY_GOOD;
		else if (q.state == CHANNEL_MAINS)
			quality = QUALITY_MAINS;
		else if (q.state == CHANNEL_CLIPPING)
			quality = QUALITY_CLIPPING;
		changed |= quality != c->quality[i];
		c->quality[i] = quality;
	}
	if (changed)
		headset_object_changed(c, "Quality");
}

static void stall_check(struct capture *c)
{
	int enabled;

	if (c->state != HEADSET_STALLED) {
		log_headset(LOG_WARNING, MESSAGE_STALLED, c->sysname, "no samples");
		capture_set_state(c, HEADSET_STALLED);
		c->n_ticks = 0;
	}
	enabled = iio_buffer_is_enabled(&c->iio);
	if (enabled == -ENODEV || enabled == -ENOENT) {
		capture_device_gone(c);
		return;
	}
	if (enabled == 0)
		log_warning("%s: another program has stopped the capture; starting it again",
			    c->sysname);
	if (enabled == 0 || c->n_ticks % REARM_TICKS == REARM_TICKS - 1)
		capture_rearm(c);
}

static int on_tick(sd_event_source *source, _unused_ uint64_t usec, void *userdata)
{
	struct capture *c = userdata;

	c->n_ticks++;
	if (c->fd < 0) {
		if (c->detector)
			stream_pass(&c->stream, boottime_ns());
		capture_start(c);
	} else if (now_us(CLOCK_MONOTONIC) - c->newest_data > STALL_US) {
		stall_check(c);
	} else if (c->state == HEADSET_STREAMING && c->n_ticks % QUALITY_TICKS == 0) {
		quality_refresh(c);
	}
	if (c->tick) {
		sd_event_source_set_time_relative(source, TICK_US);
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	}
	return 0;
}

static int tick_start(struct capture *c)
{
	int r;

	if (c->tick)
		return 0;
	r = sd_event_add_time_relative(c->spasmd->event, &c->tick, CLOCK_MONOTONIC, TICK_US,
				       TICK_US / 5, on_tick, c);
	if (r < 0)
		return r;
	/* After the samples: a busy daemon is not a stalled device. */
	return sd_event_source_set_priority(c->tick, SD_EVENT_PRIORITY_NORMAL + 10);
}

/*
 * By a timer: a reader that waits for the buffer itself is woken by each scan that
 * the driver pushes, however many it wants at once. The timer is a little fast, so it comes
 * ever sooner after the scans; where it comes before them it looks again a quarter of its
 * period later. So it stays close behind them, whatever the headset's clock does.
 */
static int timer_set(const struct capture *c, int fd, bool again)
{
	const long period_ns = c->spasmd->settings.watermark_ms * 1000000L;
	const struct itimerspec when = {
		.it_interval.tv_nsec = period_ns - period_ns / 32,
		.it_value.tv_nsec = again ? period_ns / 4 : period_ns,
	};

	return timerfd_settime(fd, 0, &when, NULL) < 0 ? -errno : 0;
}

/* Only once: where nothing comes at all it is not looked for more often. */
static void timer_look_again(struct capture *c, int fd)
{
	if (!c->has_looked_again)
		(void)timer_set(c, fd, true); /* or it stays as it was */
	c->has_looked_again = true;
}

static int on_timer(_unused_ sd_event_source *source, int fd, _unused_ uint32_t revents,
		    void *userdata)
{
	struct capture *c = userdata;
	uint64_t expirations;
	unsigned int i;
	ssize_t n;
	int r;

	if (read(fd, &expirations, sizeof(expirations)) < 0)
		return 0;
	for (i = 0; i < READS_AT_ONCE; i++) {
		n = read(c->fd, c->buffer, c->buffer_size);
		if (n < 0 && errno == EAGAIN) {
			stream_drained(&c->stream, 0);
			if (i == 0)
				timer_look_again(c, fd);
			return 0;
		}
		if (n < 0 && errno == ENODEV) {
			capture_device_gone(c);
			return 0;
		}
		if (n <= 0) {
			log_debug_errno(n < 0 ? -errno : -EPIPE, "%s: reading ended", c->sysname);
			capture_close(c);
			return 0;
		}
		c->newest_data = now_us(CLOCK_MONOTONIC);
		c->has_looked_again = false;
		c->n_failures = 0;
		capture_set_state(c, HEADSET_STREAMING);
		r = stream_push(&c->stream, c->buffer, (size_t)n / c->stream.layout.size,
				boottime_ns());
		if (r < 0) {
			log_warning("%s: another program has set up the buffer anew; doing so too",
				    c->sysname);
			capture_rearm(c);
			return 0;
		}
		if ((size_t)n < c->buffer_size) {
			stream_drained(&c->stream, (size_t)n / c->stream.layout.size);
			return 0;
		}
	}
	return 0;
}

static int timer_start(struct capture *c)
{
	_cleanup_close_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = timer_set(c, fd, false);
	if (r < 0)
		return r;
	r = sd_event_add_io(c->spasmd->event, &c->io, fd, EPOLLIN, on_timer, c);
	if (r < 0)
		return r;
	r = sd_event_source_set_io_fd_own(c->io, true);
	if (r >= 0)
		fd = -1;
	return r;
}

/* Opens the buffer with everything set up; on error the caller closes. */
static int capture_open(struct capture *c)
{
	const struct settings *s = &c->spasmd->settings;
	const struct scan_layout *l = &c->stream.layout;
	unsigned int length, watermark;
	int r;

	c->fd = open(c->iio.devnode, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (c->fd < 0)
		return -errno;
	length = (unsigned int)(c->stream.rate * s->buffer_s);
	watermark = (unsigned int)(c->stream.rate * s->watermark_ms / 1000);
	r = iio_buffer_setup(&c->iio, l, length, watermark > 0 ? watermark : 1);
	if (r < 0)
		return r;
	c->buffer_size = READ_BYTES / l->size * l->size;
	c->buffer = malloc(c->buffer_size);
	if (!c->buffer)
		return -ENOMEM;
	r = timer_start(c);
	if (r < 0)
		return r;
	c->stream.room = length;
	stream_begin(&c->stream);
	return iio_buffer_enable(&c->iio, true);
}

static void start_failed(struct capture *c, int error)
{
	capture_stop(c);
	/* Once for each reason is enough; it is tried again twice a second. */
	if (c->n_failures++ == 0 || error == -EACCES)
		log_warning_errno(error, "%s: cannot capture%s", c->sysname,
				  error == -EBUSY    ? " while another program has the device"
				  : error == -EACCES ? " before udev has given access"
						     : "");
	if (error == -EACCES || error == -ENODEV)
		tick_stop(c); /* the next udev event tries again */
	if (c->state == HEADSET_STREAMING)
		capture_set_state(c, HEADSET_STALLED);
}

static void capture_start(struct capture *c)
{
	int r;

	if (c->fd >= 0)
		return;
	r = tick_start(c);
	if (r < 0) {
		log_error_errno(r, "%s: cannot set a timer", c->sysname);
		return;
	}
	r = capture_set_up(c);
	if (r >= 0)
		r = capture_open(c);
	if (r < 0) {
		start_failed(c, r);
		return;
	}
	c->newest_data = now_us(CLOCK_MONOTONIC);
	log_headset(LOG_INFO, MESSAGE_CAPTURE_STARTED, c->sysname, "capturing %u channels at %g Hz",
		    c->stream.layout.n_voltages, c->stream.rate);
}

static bool capture_is_wanted(const struct capture *c)
{
	const struct spasmd *s = c->spasmd;

	if (c->state == HEADSET_PAUSED || c->impedance)
		return false;
	return s->settings.capture_always || s->settings.broadcast || s->subscribers.n > 0;
}

void capture_update(struct capture *c)
{
	if (capture_is_wanted(c)) {
		capture_start(c);
		return;
	}
	capture_stop(c);
	tick_stop(c);
	if (c->state == HEADSET_PAUSED)
		return;
	/* What it is set up to can be told even so. */
	if (!c->detector && !c->impedance)
		(void)capture_set_up(c);
	capture_set_state(c, HEADSET_CONNECTED);
}

void capture_listeners_changed(struct spasmd *s)
{
	struct capture *c;

	if (s->settings.capture_always)
		return;
	CAPTURE_FOREACH(c, s)
	capture_update(c);
}

void capture_reconfigure(struct capture *c)
{
	c->configured = false;
	c->montage_is_stale = true;
	capture_stop(c);
	capture_update(c);
}

void capture_pause(struct capture *c)
{
	capture_set_state(c, HEADSET_PAUSED);
	capture_update(c);
}

void capture_resume(struct capture *c)
{
	if (c->state != HEADSET_PAUSED)
		return;
	capture_set_state(c, HEADSET_CONNECTED);
	capture_update(c);
}

int capture_set_rate(struct capture *c, double rate)
{
	int r;

	capture_stop(c);
	r = iio_write_rate(&c->iio, rate);
	capture_update(c);
	return r;
}

int capture_set_scale(struct capture *c, unsigned int channel, double scale_uv)
{
	int r;

	capture_stop(c);
	r = capture_write_scale(
		c, c->stream.layout.elements[c->stream.layout.voltages[channel]].number, scale_uv);
	capture_update(c);
	return r;
}

int capture_set_montage(struct capture *c, const struct site *sites, unsigned int n)
{
	capture_stop(c);
	c->montage_is_set = n > 0;
	c->montage_is_stale = true;
	if (n > 0) {
		c->montage.n_channels = n;
		memcpy(c->montage.sites, sites, n * sizeof(*sites));
		headset_object_changed(c, "Montage");
	}
	capture_update(c);
	return 0;
}

int capture_identify(struct capture *c, bool on)
{
	char attribute[300];
	int r = iio_find_light(&c->iio, attribute, sizeof(attribute));

	return r < 0 ? r : iio_write(&c->iio, attribute, on ? "1" : "0");
}

void capture_mark(struct capture *c)
{
	if (!c->detector) {
		log_debug("%s: marker before any sample", c->sysname);
		return;
	}
	if (c->state != HEADSET_STREAMING)
		stream_pass(&c->stream, boottime_ns());
	detector_marker(c->detector);
}

/* ---- life ---- */

static char *attribute_dup(struct udev_device *device, const char *attribute)
{
	const char *value = device ? udev_device_get_sysattr_value(device, attribute) : NULL;

	return strdup(value ? value : "");
}

/* Headsets keep their path over a replug as long as their serial is their own. */
static int object_path_choose(struct capture *c)
{
	const struct capture *other;
	const char *id = c->serial[0] ? c->serial : c->sysname;

	CAPTURE_FOREACH(other, c->spasmd)
	if (other != c && strcmp(other->serial, c->serial) == 0)
		id = c->sysname;
	return sd_bus_path_encode(SPASMD_HEADSET_OBJECT, id, &c->object);
}

static int identity_read(struct capture *c, struct udev_device *device)
{
	struct udev_device *usb =
		udev_device_get_parent_with_subsystem_devtype(device, "usb", "usb_device");
	int n;

	c->sysname = strdup(udev_device_get_sysname(device));
	c->name = usb ? attribute_dup(usb, "product") : attribute_dup(device, "name");
	c->manufacturer = attribute_dup(usb, "manufacturer");
	c->serial = attribute_dup(device, "label");
	if (usb)
		c->usb_path = strdup(udev_device_get_syspath(usb));
	if (!c->sysname || !c->name || !c->manufacturer || !c->serial || (usb && !c->usb_path))
		return -ENOMEM;
	n = iio_read_available(&c->iio, c->iio.rate, c->rates, IIO_MAX_AVAILABLE);
	c->n_rates = n > 0 ? (unsigned int)n : 0;
	return object_path_choose(c);
}

DEFINE_CLEANUP(struct capture *, capture_free)

int capture_new(struct spasmd *s, struct udev_device *device, struct capture **ret)
{
	_cleanup_(capture_freep) struct capture *c = NULL;
	const char *devnode = udev_device_get_devnode(device);
	int r;

	if (!devnode)
		return -ENODEV;
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->spasmd = s;
	c->fd = -1;
	c->iio.dir = -1;
	c->state = HEADSET_CONNECTED;
	r = iio_device_open(&c->iio, udev_device_get_syspath(device), devnode);
	if (r < 0)
		return r;
	r = identity_read(c, device);
	if (r < 0)
		return r;
	r = headset_object_add(c);
	if (r < 0)
		return r;
	c->next = s->captures;
	s->captures = c;
	*ret = TAKE_PTR(c);
	return 0;
}

static void capture_unlink(struct capture *c)
{
	struct capture **p;

	for (p = &c->spasmd->captures; *p; p = &(*p)->next) {
		if (*p == c) {
			*p = c->next;
			return;
		}
	}
}

struct capture *capture_find(struct spasmd *s, const char *object)
{
	struct capture *c;

	CAPTURE_FOREACH(c, s)
	if (strcmp(c->object, object) == 0)
		return c;
	return NULL;
}

struct capture *capture_free(struct capture *c)
{
	unsigned int i;

	if (!c)
		return NULL;
	impedance_abandon(c);
	tick_stop(c);
	capture_stop(c);
	capture_drop_detector(c);
	capture_unlink(c);
	headset_object_remove(c);
	marker_free(c->marker);
	iio_device_close(&c->iio);
	for (i = 0; i < MONTAGE_MAX; i++)
		free(c->labels[i]);
	free(c->usb_path);
	free(c->serial);
	free(c->manufacturer);
	free(c->name);
	free(c->object);
	free(c->sysname);
	free(c);
	return NULL;
}
