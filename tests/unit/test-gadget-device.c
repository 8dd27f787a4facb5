// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The device model of the emulated headset: every request, accepted and
 * refused; frames and replies byte for byte as the test vectors have them; and
 * against the very code with which the module checks what a headset sends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "device.h"
#include "oeh_describe.h"
#include "oeh_frame.h"
#include "oeh_loss.h"
#include "oeh_vectors.h"
#include "util.h"

/* ---- headsets ------------------------------------------------------------------------------- */

static struct device_config config_from_info(const struct oeh_info *info)
{
	struct device_config c = {
		.n_channels = info->channel_count,
		.bits = info->bits,
		.n_rates = info->rate_count,
		.n_gains = info->gain_count,
		.caps = info->caps,
		.clock_hz = info->clock_hz,
		.rate = info->rates[0],
		.gain = 0,
	};
	unsigned int i;

	snprintf(c.serial, sizeof(c.serial), "%s", info->serial);
	snprintf(c.firmware, sizeof(c.firmware), "%s", info->firmware);
	memcpy(c.rates, info->rates, sizeof(c.rates));
	memcpy(c.gains, info->gains, sizeof(c.gains));
	for (i = 0; i < c.n_channels; i++)
		c.channels[i] = (struct device_channel){
			.side = info->channel[i].side,
			.muscle = info->channel[i].muscle,
			.gain_mask = info->channel[i].gain_mask,
			.lsb_fv = info->channel[i].lsb_fv,
		};

	return c;
}

static const struct oeh_describe_vector *describe_vector(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(oeh_describe_vectors); i++)
		if (strcmp(oeh_describe_vectors[i].name, name) == 0)
			return &oeh_describe_vectors[i];

	fail_msg("there is no vector %s", name);
	return NULL;
}

static struct device reference(void)
{
	struct device_config c = config_from_info(&describe_vector("reference")->info);
	struct device d;

	c.rate = 1000;
	c.gain = 6;
	assert_int_equal(device_init(&d, &c), 0);
	return d;
}

static int request(struct device *d, enum oeh_request request, uint16_t value)
{
	uint8_t reply[DEVICE_REPLY_MAX];

	return device_request(d, &(struct device_setup){.request = request, .value = value}, reply);
}

static int request_in(struct device *d, enum oeh_request request, uint16_t value, uint64_t clock,
		      void *reply)
{
	const struct device_setup setup = {
		.in = true,
		.request = request,
		.value = value,
		.length = DEVICE_REPLY_MAX,
		.clock = clock,
	};

	return device_request(d, &setup, reply);
}

static struct oeh_state status(struct device *d)
{
	uint8_t description[DEVICE_REPLY_MAX], reply[DEVICE_REPLY_MAX];
	struct oeh_info info;
	struct oeh_state state;
	size_t length = device_describe(d, description);

	assert_int_equal(oeh_describe_parse(description, length, &info), OEH_OK);
	assert_int_equal(request_in(d, OEH_REQ_STATUS, 0, 4711, reply), sizeof(struct oeh_status));
	assert_int_equal(oeh_status_parse(&info, reply, sizeof(struct oeh_status), &state), OEH_OK);
	assert_int_equal(state.clock, 4711);

	return state;
}

static void assert_refused(struct device *d, enum oeh_request r, uint16_t value)
{
	const struct device before = *d;

	assert_int_equal(request(d, r, value), -EPIPE);
	assert_memory_equal(d, &before, sizeof(before));
}

/* ---- DESCRIBE ------------------------------------------------------------------------------- */

static void test_describe_vector(void **state)
{
	const struct oeh_describe_vector *v = describe_vector(*state);
	struct device_config c = config_from_info(&v->info);
	uint8_t reply[DEVICE_DESCRIBE_MAX];
	struct device d;

	if (strcmp(v->name, "small") == 0) {
		/* the parsed form leaves out the rate that the bus does not carry */
		c.rates[c.n_rates++] = 2000;
		c.max_channel_rate = 2000;
	}
	assert_int_equal(device_init(&d, &c), 0);
	assert_int_equal(device_describe(&d, reply), v->len);
	assert_memory_equal(reply, v->data, v->len);
}

static void assert_valid(const struct device *d)
{
	uint8_t reply[DEVICE_DESCRIBE_MAX];
	size_t length = device_describe(d, reply);
	struct oeh_info info;

	assert_in_range(length, sizeof(struct oeh_describe), sizeof(reply));
	assert_int_equal(oeh_describe_parse(reply, length, &info), OEH_OK);
	assert_int_equal(info.channel_count, d->config.n_channels);
	assert_int_equal(info.bits, d->config.bits);
	assert_string_equal(info.serial, d->config.serial);
	assert_int_equal(info.rates[info.rate_count - 1],
			 device_max_channel_rate(d) / d->config.n_channels);
}

static void test_describe_is_valid(void **state)
{
	struct device_config c = config_from_info(&describe_vector("reference")->info);
	unsigned int n, bits;
	struct device d;

	(void)state;
	for (n = c.n_channels; n < OEH_MAX_CHANNELS; n++)
		c.channels[n] = c.channels[n % c.n_channels];

	for (n = 1; n <= OEH_MAX_CHANNELS; n++) {
		for (bits = OEH_MIN_BITS; bits <= OEH_MAX_BITS; bits++) {
			c.n_channels = n;
			c.bits = bits;
			assert_int_equal(device_init(&d, &c), 0);
			assert_valid(&d);
			device_connect(&d, DEVICE_FULL_SPEED);
			assert_valid(&d);
		}
	}
}

static void test_full_speed_limit(void **state)
{
	struct device_config c = config_from_info(&describe_vector("reference")->info);
	static const uint32_t rates[] = {250, 500, 1000, 2000, 4000, 8000, 16000};
	struct device d;
	unsigned int i;

	(void)state;
	for (i = c.n_channels; i < OEH_MAX_CHANNELS; i++)
		c.channels[i] = c.channels[i % c.n_channels];
	c.n_channels = OEH_MAX_CHANNELS;
	c.n_rates = ARRAY_SIZE(rates);
	memcpy(c.rates, rates, sizeof(rates));
	c.rate = 16000;
	assert_int_equal(device_init(&d, &c), 0);
	assert_int_equal(d.rate, 16000);

	/* 32 channels of 3 bytes: 250 frames of 24 + 32 * 96 + 4 bytes are 775 kB/s */
	device_connect(&d, DEVICE_FULL_SPEED);
	assert_int_equal(device_max_channel_rate(&d), 32 * 8000);
	assert_int_equal(d.rate, 8000);
	assert_refused(&d, OEH_REQ_SET_RATE, 16000);
	assert_int_equal(request(&d, OEH_REQ_SET_RATE, 8000), 0);

	device_connect(&d, DEVICE_HIGH_SPEED);
	assert_int_equal(device_max_channel_rate(&d), 32 * 16000);
	assert_int_equal(request(&d, OEH_REQ_SET_RATE, 16000), 0);
}

static void test_bad_config(void **state)
{
	const struct device_config good = config_from_info(&describe_vector("reference")->info);
	struct device_config c;
	struct device d;

	(void)state;
#define REFUSED(change)                                         \
	do {                                                    \
		c = good;                                       \
		change;                                         \
		assert_int_equal(device_init(&d, &c), -EINVAL); \
	} while (0)
	REFUSED(c.serial[0] = '\0');
	REFUSED(c.serial[0] = '\n');
	REFUSED(memset(c.serial, 'x', sizeof(c.serial)));
	REFUSED(c.n_channels = 0);
	REFUSED(c.n_channels = 33);
	REFUSED(c.bits = 15);
	REFUSED(c.bits = 33);
	REFUSED(c.n_rates = 0);
	REFUSED(c.n_rates = 17);
	REFUSED(c.rates[0] = 249);
	REFUSED(c.rates[1] = c.rates[0]);
	REFUSED(c.rates[4] = 16001);
	REFUSED(c.rate = 777);
	REFUSED(c.n_gains = 0);
	REFUSED(c.gains[0] = 0);
	REFUSED(c.gains[1] = c.gains[0]);
	REFUSED(c.gain = c.n_gains);
	REFUSED(c.clock_hz = 999999);
	REFUSED(c.channels[7].side = 3);
	REFUSED(c.channels[7].muscle = OEH_MUSCLE_COUNT);
	REFUSED(c.channels[7].gain_mask = 0);
	REFUSED(c.channels[7].gain_mask = 0xff);
	REFUSED(c.channels[7].lsb_fv = 0);
#undef REFUSED
}

/* ---- requests ------------------------------------------------------------------------------- */

static void test_power_up(void **state)
{
	struct device d = reference();
	struct oeh_state s = status(&d);

	(void)state;
	assert_int_equal(s.flags, 0);
	assert_int_equal(s.rate, 1000);
	assert_int_equal(s.gain[0], 6);
	assert_int_equal(s.gain[7], 6);
	assert_int_equal(s.sequence + s.counter + s.dropped, 0);
}

static void test_set_rate(void **state)
{
	struct device d = reference();

	(void)state;
	assert_int_equal(request(&d, OEH_REQ_SET_RATE, 4000), 0);
	assert_int_equal(status(&d).rate, 4000);
	assert_refused(&d, OEH_REQ_SET_RATE, 0);
	assert_refused(&d, OEH_REQ_SET_RATE, 3999);
	assert_refused(&d, OEH_REQ_SET_RATE, 65535);
}

static void test_set_gain(void **state)
{
	struct device d = reference();

	(void)state;
	d.config.channels[2].gain_mask = 0x05;
	assert_int_equal(request(&d, OEH_REQ_SET_GAIN, 2 << 8 | 0), 0);
	assert_int_equal(status(&d).gain[2], 0);
	assert_int_equal(status(&d).gain[1], 6);
	assert_refused(&d, OEH_REQ_SET_GAIN, 2 << 8 | 1);
	assert_refused(&d, OEH_REQ_SET_GAIN, 2 << 8 | 7);
	assert_refused(&d, OEH_REQ_SET_GAIN, 2 << 8 | 255);
	assert_refused(&d, OEH_REQ_SET_GAIN, 8 << 8 | 0);
	assert_refused(&d, OEH_REQ_SET_GAIN, 255 << 8 | 0);
}

static void test_switches(void **state)
{
	static const struct {
		enum oeh_request request;
		uint32_t cap, flag;
	} switches[] = {
		{OEH_REQ_LEAD_OFF, OEH_CAP_LEAD_OFF, OEH_STATUS_LEAD_OFF},
		{OEH_REQ_IMPEDANCE, OEH_CAP_IMPEDANCE, OEH_STATUS_IMPEDANCE},
		{OEH_REQ_TEST_SIGNAL, OEH_CAP_TEST_SIGNAL, OEH_STATUS_TEST_SIGNAL},
		{OEH_REQ_IDENTIFY, OEH_CAP_IDENTIFY, OEH_STATUS_IDENTIFY},
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(switches); i++) {
		struct device d = reference();

		assert_int_equal(request(&d, switches[i].request, 1), 0);
		assert_int_equal(status(&d).flags, switches[i].flag);
		assert_refused(&d, switches[i].request, 2);
		assert_int_equal(request(&d, switches[i].request, 0), 0);
		assert_int_equal(status(&d).flags, 0);
		d.config.caps &= ~switches[i].cap;
		assert_refused(&d, switches[i].request, 1);
		assert_refused(&d, switches[i].request, 0);
	}
}

static void test_impedance(void **state)
{
	struct device d = reference();
	struct oeh_impedance z;

	(void)state;
	d.contact[3] = (struct oeh_impedance){5300, OEH_IMPEDANCE_UNKNOWN};

	/* nothing is known while it is off, and for a while after */
	assert_int_equal(request_in(&d, OEH_REQ_GET_IMPEDANCE, 3, 0, &z), sizeof(z));
	assert_int_equal(z.positive, OEH_IMPEDANCE_UNKNOWN);
	assert_int_equal(request(&d, OEH_REQ_IMPEDANCE, 1), 0);
	request_in(&d, OEH_REQ_GET_IMPEDANCE, 3, 1, &z);
	assert_int_equal(z.positive, OEH_IMPEDANCE_UNKNOWN);
	request_in(&d, OEH_REQ_GET_IMPEDANCE, 3, d.config.clock_hz, &z);
	assert_int_equal(z.positive, htole32(5300));
	assert_int_equal(z.negative, OEH_IMPEDANCE_UNKNOWN);

	assert_int_equal(request_in(&d, OEH_REQ_GET_IMPEDANCE, 8, 0, &z), -EPIPE);
	assert_refused(&d, OEH_REQ_START, 0);
	assert_refused(&d, OEH_REQ_SET_RATE, 1000);
	assert_refused(&d, OEH_REQ_SET_GAIN, 0);
	d.config.caps = 0;
	assert_int_equal(request_in(&d, OEH_REQ_GET_IMPEDANCE, 3, 0, &z), -EPIPE);
}

static void test_run(void **state)
{
	struct device d = reference();
	int32_t scans[4 * 8] = {0};
	uint8_t frame[OEH_MAX_FRAME_LEN];

	(void)state;
	assert_int_equal(request(&d, OEH_REQ_STOP, 0), 0);
	assert_refused(&d, OEH_REQ_START, 1);
	assert_int_equal(request(&d, OEH_REQ_START, 0), 0);
	assert_int_equal(status(&d).flags, OEH_STATUS_STREAMING);
	assert_refused(&d, OEH_REQ_START, 0);
	assert_refused(&d, OEH_REQ_SET_RATE, 1000);
	assert_refused(&d, OEH_REQ_SET_GAIN, 0);
	assert_refused(&d, OEH_REQ_IMPEDANCE, 1);
	assert_refused(&d, OEH_REQ_STOP, 1);
	assert_int_equal(request(&d, OEH_REQ_LEAD_OFF, 1), 0);
	assert_int_equal(request(&d, OEH_REQ_TEST_SIGNAL, 1), 0);

	device_frame(&d, scans, 4, 0, frame);
	device_drop(&d, 3);
	assert_int_equal(request(&d, OEH_REQ_STOP, 0), 0);
	assert_int_equal(status(&d).sequence, 1);
	assert_int_equal(status(&d).counter, 7);
	assert_int_equal(status(&d).dropped, 3);

	/* the next run begins at nothing; reconnecting puts all settings back */
	assert_int_equal(request(&d, OEH_REQ_START, 0), 0);
	assert_int_equal(status(&d).sequence + status(&d).counter + status(&d).dropped, 0);
	device_connect(&d, DEVICE_HIGH_SPEED);
	assert_int_equal(status(&d).flags, 0);
}

static void test_wrong_requests(void **state)
{
	uint8_t reply[DEVICE_REPLY_MAX];
	struct device d = reference();
	const struct device before = d;
	unsigned int r;

	(void)state;
	for (r = 0; r < 256; r++) {
		bool known = r >= OEH_REQ_DESCRIBE && r <= OEH_REQ_IDENTIFY;
		bool in =
			r == OEH_REQ_DESCRIBE || r == OEH_REQ_STATUS || r == OEH_REQ_GET_IMPEDANCE;
		struct device_setup setup = {.in = !in, .request = r, .length = 8};

		/* the wrong way round, and with data where there is none */
		assert_int_equal(device_request(&d, &setup, reply), -EPIPE);
		setup.in = in;
		if (!known || !in)
			assert_int_equal(device_request(&d, &setup, reply), -EPIPE);
	}
	assert_int_equal(request_in(&d, OEH_REQ_DESCRIBE, 1, 0, reply), -EPIPE);
	assert_int_equal(request_in(&d, OEH_REQ_STATUS, 1, 0, reply), -EPIPE);
	assert_memory_equal(&d, &before, sizeof(before));
}

/* ---- STATUS, frames, markers as the vectors have them -----------------------------------------
 */

static void test_status_vector(void **state)
{
	struct device_config c = config_from_info(&describe_vector("small")->info);
	const struct oeh_state *s = &oeh_status_small_state;
	uint8_t reply[DEVICE_REPLY_MAX];
	struct device d;

	(void)state;
	assert_int_equal(device_init(&d, &c), 0);
	d.rate = s->rate;
	d.streaming = s->flags & OEH_STATUS_STREAMING;
	d.test_signal = s->flags & OEH_STATUS_TEST_SIGNAL;
	d.sequence = s->sequence;
	d.acquired = s->counter;
	d.dropped = s->dropped;
	memcpy(d.gain, s->gain, sizeof(d.gain));

	assert_int_equal(request_in(&d, OEH_REQ_STATUS, 0, s->clock, reply),
			 sizeof(oeh_status_small));
	assert_memory_equal(reply, oeh_status_small, sizeof(oeh_status_small));
}

static struct device device_for_frame(const struct oeh_frame_vector *v)
{
	struct device_config c = config_from_info(&describe_vector("reference")->info);
	struct device d;

	c.n_channels = v->format.channels;
	c.bits = v->format.bits;
	c.counter_start = v->frame.counter;
	assert_int_equal(device_init(&d, &c), 0);
	d.rate = v->format.rate;
	d.sequence = v->frame.sequence;
	d.start_clock = v->frame.clock;
	d.overrun = v->frame.flags & OEH_FRAME_OVERRUN;
	d.test_signal = v->frame.flags & OEH_FRAME_TEST_SIGNAL;
	d.lead_off = v->frame.flags & OEH_FRAME_LEAD_OFF;

	return d;
}

static void test_frame_vectors(void **state)
{
	uint8_t frame[OEH_MAX_FRAME_LEN];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(oeh_frame_vectors); i++) {
		const struct oeh_frame_vector *v = &oeh_frame_vectors[i];
		struct device d = device_for_frame(v);

		print_message("frame %s\n", v->name);
		memset(frame, 0xa5, sizeof(frame));
		assert_int_equal(
			device_frame(&d, v->values, v->frame.samples, v->frame.lead_off, frame),
			v->len);
		assert_memory_equal(frame, v->data, v->len);
	}
}

static void test_marker_vectors(void **state)
{
	uint8_t report[sizeof(struct oeh_marker)];
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(oeh_marker_vectors); i++) {
		const struct oeh_marker_vector *v = &oeh_marker_vectors[i];
		struct device d = reference();

		d.marker_sequence = v->marker.sequence;
		d.streaming = v->marker.counter;
		/* the newest scan's number is one less than the count of them */
		d.acquired = v->marker.counter + 1;
		assert_int_equal(device_marker(&d, v->marker.pressed, v->marker.clock, report),
				 v->len);
		assert_memory_equal(report, v->data, v->len);
		assert_int_equal(d.marker_sequence, v->marker.sequence + 1);
		d.config.caps &= ~OEH_CAP_MARKER;
		assert_int_equal(device_marker(&d, true, 0, report), 0);
	}
}

/* ---- frames against the module's parser -------------------------------------------------------
 */

static void frame_check(struct device *d, unsigned int n)
{
	const struct oeh_format format = {d->rate, d->config.n_channels, d->config.bits};
	int32_t scans[OEH_MAX_FRAME_SAMPLES * OEH_MAX_CHANNELS], values[OEH_MAX_CHANNELS];
	uint8_t frame[OEH_MAX_FRAME_LEN];
	struct oeh_frame_info info;
	size_t length, i;
	const uint8_t *p;

	for (i = 0; i < (size_t)n * format.channels; i++)
		scans[i] = i % 3 ? device_count_max(d) - (int)i : -device_count_max(d) - 1 + (int)i;

	length = device_frame(d, scans, n, 0, frame);
	assert_int_not_equal(length % OEH_PACKET, 0);
	assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
	assert_int_equal(info.samples, n);
	for (i = 0, p = info.data; i < n; i++) {
		p = oeh_scan_unpack(&format, p, values);
		assert_memory_equal(values, scans + i * format.channels,
				    format.channels * sizeof(*values));
	}
}

/* Every layout there is: each channel count, resolution and number of scans. */
static void test_every_layout(void **state)
{
	struct device_config c = config_from_info(&describe_vector("reference")->info);
	unsigned int channels, bits, n;
	struct device d;

	(void)state;
	for (n = c.n_channels; n < OEH_MAX_CHANNELS; n++)
		c.channels[n] = c.channels[0];
	c.n_rates = 1;
	c.rate = c.rates[0] = 16000;
	for (channels = 1; channels <= OEH_MAX_CHANNELS; channels++) {
		for (bits = OEH_MIN_BITS; bits <= OEH_MAX_BITS; bits++) {
			c.n_channels = channels;
			c.bits = bits;
			assert_int_equal(device_init(&d, &c), 0);
			for (n = 1; n <= OEH_MAX_FRAME_SAMPLES; n++)
				frame_check(&d, n);
		}
	}
}

static void test_frame_samples(void **state)
{
	static const struct {
		uint32_t rate;
		unsigned int samples;
	} cases[] = {{250, 1}, {499, 1}, {500, 2}, {1000, 4}, {2048, 8}, {16000, 64}};
	struct device d = reference();
	unsigned int i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		d.rate = cases[i].rate;
		assert_int_equal(device_frame_samples(&d), cases[i].samples);
	}
	d.config.frame_samples = 3;
	assert_int_equal(device_frame_samples(&d), 3);
}

static void test_sequence_and_counter(void **state)
{
	struct device d = reference();
	struct oeh_format format = {1000, 8, 24};
	struct oeh_frame_info info;
	int32_t scans[4 * 8] = {0};
	uint8_t frame[OEH_MAX_FRAME_LEN];
	size_t length;

	(void)state;
	d.config.counter_start = 0xfffffffa;
	request(&d, OEH_REQ_START, 0);
	d.sequence = 0xffffffff;
	length = device_frame(&d, scans, 4, 0, frame);
	assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
	assert_int_equal(info.sequence, 0xffffffff);
	assert_int_equal(info.counter, 0xfffffffa);
	assert_int_equal(info.flags, 0);

	/* both wrap; a drop moves the counter alone, and is told once */
	device_drop(&d, 4);
	length = device_frame(&d, scans, 2, 0, frame);
	assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
	assert_int_equal(info.sequence, 0);
	assert_int_equal(info.counter, 2);
	assert_int_equal(info.flags, OEH_FRAME_OVERRUN);
	assert_int_equal(info.clock - d.start_clock, 8 * d.config.clock_hz / 1000);
	length = device_frame(&d, scans, 4, 0, frame);
	assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
	assert_int_equal(info.flags, 0);
	assert_int_equal(info.counter, 4);
}

static void test_lead_off(void **state)
{
	struct device d = reference();
	const struct oeh_format format = {1000, 8, 24};
	struct oeh_frame_info info;
	int32_t scans[8] = {0};
	uint8_t frame[OEH_MAX_FRAME_LEN];
	size_t length;

	(void)state;
	length = device_frame(&d, scans, 1, 0x81, frame);
	assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
	assert_int_equal(info.lead_off, 0);
	assert_int_equal(info.flags, 0);
	request(&d, OEH_REQ_LEAD_OFF, 1);
	length = device_frame(&d, scans, 1, 0x81, frame);
	assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
	assert_int_equal(info.lead_off, 0x81);
	assert_int_equal(info.flags, OEH_FRAME_LEAD_OFF);
}

/* What the module makes of a run with losses of both kinds is what was lost. */
static void test_loss_accounting(void **state)
{
	struct device d = reference();
	const struct oeh_format format = {1000, 8, 24};
	unsigned int seed = 1, i, lost_device = 0, lost_bus = 0, sent = 0;
	struct oeh_loss loss = {0};
	struct oeh_frame_info info;
	struct oeh_state end;
	int32_t scans[4 * 8] = {0};
	uint8_t frame[OEH_MAX_FRAME_LEN];
	size_t length;

	(void)state;
	request(&d, OEH_REQ_START, 0);
	oeh_loss_start(&loss, 1000);
	for (i = 0; i < 100000; i++) {
		seed = seed * 1103515245 + 12345;
		if (seed >> 16 & 1) {
			device_drop(&d, 4);
			lost_device += 4;
			continue;
		}
		length = device_frame(&d, scans, 4, 0, frame);
		if (seed >> 17 & 1) {
			lost_bus += 4;
			continue;
		}
		assert_int_equal(oeh_frame_parse(&format, frame, length, &info), OEH_OK);
		oeh_loss_frame(&loss, &info);
		sent += 4;
	}
	request(&d, OEH_REQ_STOP, 0);
	end = status(&d);
	oeh_loss_end(&loss, &end);

	assert_int_equal(loss.samples, sent);
	assert_int_equal(loss.lost.device + loss.lost.bus, lost_device + lost_bus);
	assert_int_equal(loss.lost.device, lost_device);
	assert_int_equal(loss.lost.bus, lost_bus);
}

/* ---- clock, scale, test signal ------------------------------------------------------------------
 */

static void test_scan_clock(void **state)
{
	struct device d = reference();

	(void)state;
	d.start_clock = 1000;
	d.rate = 2048;
	assert_int_equal(device_scan_clock(&d, 0), 1000);
	assert_int_equal(device_scan_clock(&d, 1), 1000 + 48000000 / 2048);
	assert_int_equal(device_scan_clock(&d, 2048), 1000 + 48000000);
	/* a year at the fastest clock there is */
	d.rate = 16000;
	d.config.clock_hz = UINT32_MAX;
	assert_int_equal(device_scan_clock(&d, 31536000ULL * 16000),
			 1000 + 31536000ULL * UINT32_MAX);
}

static void test_scale(void **state)
{
	struct device d = reference();

	(void)state;
	d.config.channels[0].lsb_fv = 1000000000; /* 1 uV */
	d.gain[0] = 0;
	assert_true(device_counts_per_uv(&d, 0) == 1);
	d.gain[0] = 6;
	assert_true(device_counts_per_uv(&d, 0) == 12);
	assert_int_equal(device_count_max(&d), 0x7fffff);
	d.config.bits = 32;
	assert_int_equal(device_count_max(&d), INT32_MAX);
	d.config.bits = 16;
	assert_int_equal(device_count_max(&d), INT16_MAX);
}

static void test_test_signal(void **state)
{
	struct device d = reference();
	unsigned int high = 0, i;

	(void)state;
	d.config.channels[1].lsb_fv = 1000000000;
	d.gain[1] = 3;
	for (i = 0; i < 1000; i++) {
		int32_t value = device_test_signal(&d, 1, i);

		assert_int_equal(abs(value), 1875 * 4);
		high += value > 0;
	}
	assert_int_equal(high, 500);
	/* a converter that can't reach it saturates */
	d.config.bits = 16;
	d.config.channels[1].lsb_fv = 100000000;
	assert_int_equal(device_test_signal(&d, 1, 0), 32767);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(test_describe_vector, (void *)"small"),
		cmocka_unit_test_prestate(test_describe_vector, (void *)"reference"),
		cmocka_unit_test(test_describe_is_valid),
		cmocka_unit_test(test_full_speed_limit),
		cmocka_unit_test(test_bad_config),
		cmocka_unit_test(test_power_up),
		cmocka_unit_test(test_set_rate),
		cmocka_unit_test(test_set_gain),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_impedance),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_wrong_requests),
		cmocka_unit_test(test_status_vector),
		cmocka_unit_test(test_frame_vectors),
		cmocka_unit_test(test_marker_vectors),
		cmocka_unit_test(test_every_layout),
		cmocka_unit_test(test_frame_samples),
		cmocka_unit_test(test_sequence_and_counter),
		cmocka_unit_test(test_lead_off),
		cmocka_unit_test(test_loss_accounting),
		cmocka_unit_test(test_scan_clock),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_test_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
