// SPDX-License-Identifier: GPL-2.0-or-later
/* emg-headset-gadget: an emulated EMG headset, and reference firmware, on FunctionFS. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "commands.h"
#include "options.h"
#include "profile.h"
#include "setup.h"
#include "util.h"

enum { POLL_TIMER, POLL_SIGNAL, POLL_USB, POLL_CONTROL, POLL_COUNT };

struct program {
	struct options options;
	struct headset headset;
	struct pollfd fds[POLL_COUNT];
	uint64_t end_time; /* HEADSET_NEVER: until told */
	char line[256];	   /* of the control FIFO, as far as read */
	size_t line_length;
};

static int say(int r, const char *what, const char *detail)
{
	fprintf(stderr, "emg-headset-gadget: %s%s%s\n", what, detail ? ": " : "",
		detail ? detail : "");
	return r;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* Read and write: it neither blocks nor ends when a writer goes away. */
static int open_control(const char *path)
{
	int fd;

	if (mkfifo(path, 0600) < 0 && errno != EEXIST)
		return say(-errno, path, strerror(errno));

	fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? say(-errno, path, strerror(errno)) : fd;
}

static int program_open(struct program *p)
{
	struct options *o = &p->options;
	unsigned int i;
	int r;

	for (i = 0; i < POLL_COUNT; i++)
		p->fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};

	r = p->fds[POLL_SIGNAL].fd = open_signals();
	if (r < 0)
		return say(r, "cannot wait for signals", strerror(-r));

	p->fds[POLL_TIMER].fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->fds[POLL_TIMER].fd < 0)
		return say(-errno, "cannot make a timer", strerror(errno));

	if (o->control) {
		r = p->fds[POLL_CONTROL].fd = open_control(o->control);
		if (r < 0)
			return r;
	}
	if (o->log) {
		p->headset.log = fopen(o->log, "we");
		if (!p->headset.log)
			return say(-errno, o->log, strerror(errno));
	}

	return 0;
}

static void program_close(struct program *p)
{
	unsigned int i;

	headset_close(&p->headset);
	p->headset.player = player_free(p->headset.player);
	if (p->headset.log)
		fclose(p->headset.log);
	p->fds[POLL_USB].fd = -1;
	for (i = 0; i < POLL_COUNT; i++)
		closep(&p->fds[i].fd);
	if (p->options.control)
		unlink(p->options.control);
}

/* ---- commands ------------------------------------------------------------------------------- */

static int scheduled_run(struct program *p, double seconds)
{
	unsigned int i;

	for (i = 0; i < p->options.n_scheduled; i++) {
		struct scheduled_command *s = &p->options.scheduled[i];
		int r;

		if (s->done || s->seconds > seconds)
			continue;
		s->done = true;
		r = command_run(&p->headset, s->command);
		if (r != 0)
			return r;
	}

	return 0;
}

static uint64_t scheduled_next_time(const struct program *p)
{
	uint64_t next = HEADSET_NEVER;
	unsigned int i;

	if (!p->headset.device.streaming)
		return next;

	for (i = 0; i < p->options.n_scheduled; i++) {
		const struct scheduled_command *s = &p->options.scheduled[i];
		uint64_t time = p->headset.start_time + (uint64_t)(s->seconds * 1e9);

		if (!s->done && time < next)
			next = time;
	}

	return next;
}

/* A wrong command on the FIFO is told and forgotten; either way it is acknowledged. */
static int control_run(struct program *p, const char *line)
{
	int r;

	if (!*line)
		return 0;

	r = command_run(&p->headset, line);
	printf("done: %s\n", line);
	return r;
}

static int control_read(struct program *p)
{
	ssize_t n;
	char *end;

	n = read(p->fds[POLL_CONTROL].fd, p->line + p->line_length,
		 sizeof(p->line) - 1 - p->line_length);
	if (n <= 0)
		return 0;
	p->line_length += n;
	p->line[p->line_length] = '\0';

	while ((end = strchr(p->line, '\n'))) {
		*end = '\0';
		if (control_run(p, p->line) > 0)
			return 1;
		p->line_length -= end + 1 - p->line;
		memmove(p->line, end + 1, p->line_length + 1);
	}
	if (p->line_length == sizeof(p->line) - 1)
		p->line_length = 0;

	return 0;
}

static int signal_read(struct program *p)
{
	struct signalfd_siginfo info;

	if (read(p->fds[POLL_SIGNAL].fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	if (info.ssi_signo != SIGUSR1)
		return 1;

	headset_print_stats(&p->headset, "stats");
	return 0;
}

/* ---- the loop ------------------------------------------------------------------------------- */

static void timer_arm(struct program *p)
{
	uint64_t next = headset_next_time(&p->headset);
	uint64_t scheduled = scheduled_next_time(p);
	struct itimerspec when = {0};

	if (scheduled < next)
		next = scheduled;
	if (p->end_time < next)
		next = p->end_time;
	if (next != HEADSET_NEVER) {
		when.it_value.tv_sec = next / 1000000000;
		when.it_value.tv_nsec = next % 1000000000 + 1; /* 0 and 0 would disarm it */
	}
	timerfd_settime(p->fds[POLL_TIMER].fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Returns 0 to go on, 1 to end, negative errno where it can't go on. */
static int program_step(struct program *p)
{
	uint64_t now;
	int r;

	timer_arm(p);
	if (poll(p->fds, POLL_COUNT, -1) < 0 && errno != EINTR)
		return -errno;

	if (p->fds[POLL_SIGNAL].revents && signal_read(p))
		return 1;
	if (p->fds[POLL_USB].revents) {
		r = headset_usb_event(&p->headset);
		if (r < 0)
			return say(r, "USB", strerror(-r));
	}
	if (p->fds[POLL_CONTROL].revents && control_read(p))
		return 1;

	now = headset_now();
	r = scheduled_run(p, headset_stream_seconds(&p->headset, now));
	if (r != 0)
		return r;

	return now >= p->end_time ? 1 : headset_run(&p->headset, now);
}

static int program_run(struct program *p)
{
	_cleanup_free_ char *error = NULL;
	int r;

	r = scheduled_run(p, -1);
	if (r != 0)
		return r;

	r = headset_open(&p->headset, &p->options.usb, &error);
	if (r < 0)
		return say(r, error ? error : "cannot set up the gadget",
			   error ? NULL : strerror(-r));

	p->fds[POLL_USB].fd = p->headset.usb.ep0;
	p->end_time = HEADSET_NEVER;
	if (p->options.duration > 0)
		p->end_time = headset_now() + (uint64_t)(p->options.duration * 1e9);

	do
		r = program_step(p);
	while (r == 0);

	headset_print_stats(&p->headset, "end");
	return r;
}

int main(int argc, char **argv)
{
	static struct program p;
	_cleanup_free_ char *error = NULL;
	int r;

	setvbuf(stdout, NULL, _IOLBF, 0);
	r = options_parse(&p.options, argc, argv);
	if (r != 0)
		return r < 0 ? 2 : 0;

	r = headset_setup(&p.headset, &p.options, &error);
	if (r < 0)
		say(r, error ? error : strerror(-r), NULL);
	else
		r = program_open(&p);
	if (r == 0)
		r = program_run(&p);
	program_close(&p);

	return r < 0 ? 1 : 0;
}
