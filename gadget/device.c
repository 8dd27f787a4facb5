// SPDX-License-Identifier: GPL-2.0-or-later
/* Model of an OEH 1 headset. Pure. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "device.h"
#include "util.h"

#define TEST_SIGNAL_UV	1875
#define FIRST_IMPEDANCE 4 /* the first measurement takes a second divided by this */

static bool text_is_printable(const char *text, size_t max)
{
	size_t i;

	for (i = 0; i <= max && text[i]; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;

	return i > 0 && i <= max;
}

static bool rates_are_valid(const struct device_config *c)
{
	unsigned int i;

	if (c->n_rates < 1 || c->n_rates > OEH_MAX_RATES)
		return false;

	for (i = 0; i < c->n_rates; i++)
		if (c->rates[i] < OEH_MIN_RATE || c->rates[i] > OEH_MAX_RATE ||
		    (i > 0 && c->rates[i] <= c->rates[i - 1]))
			return false;

	return true;
}

static bool gains_are_valid(const struct device_config *c)
{
	unsigned int i;

	if (c->n_gains < 1 || c->n_gains > OEH_MAX_GAINS)
		return false;

	for (i = 0; i < c->n_gains; i++)
		if (c->gains[i] < 1 || (i > 0 && c->gains[i] <= c->gains[i - 1]))
			return false;

	return c->gain < c->n_gains;
}

static bool channels_are_valid(const struct device_config *c)
{
	unsigned int i;

	if (c->n_channels < 1 || c->n_channels > OEH_MAX_CHANNELS)
		return false;

	for (i = 0; i < c->n_channels; i++) {
		const struct device_channel *ch = &c->channels[i];

		if (ch->side > OEH_SIDE_RIGHT || ch->muscle >= OEH_MUSCLE_COUNT || !ch->lsb_fv ||
		    !(ch->gain_mask & BIT(c->gain)) || ch->gain_mask >> c->n_gains)
			return false;
	}

	return true;
}

static bool device_has_rate(const struct device *d, uint32_t rate)
{
	unsigned int i;

	for (i = 0; i < d->config.n_rates; i++)
		if (d->config.rates[i] == rate)
			return true;

	return false;
}

int device_init(struct device *d, const struct device_config *config)
{
	if (!text_is_printable(config->serial, OEH_SERIAL_LEN) ||
	    !text_is_printable(config->firmware, OEH_FIRMWARE_LEN) || config->bits < OEH_MIN_BITS ||
	    config->bits > OEH_MAX_BITS || config->clock_hz < OEH_MIN_CLOCK_HZ ||
	    !rates_are_valid(config) || !gains_are_valid(config) || !channels_are_valid(config))
		return -EINVAL;

	memset(d, 0, sizeof(*d));
	d->config = *config;
	d->speed = DEVICE_HIGH_SPEED;
	if (!device_has_rate(d, config->rate))
		return -EINVAL;
	device_power_up(d);

	return 0;
}

static unsigned int frame_samples_at(const struct device *d, uint32_t rate)
{
	unsigned int most = oeh_frame_samples(rate);

	if (d->config.frame_samples && d->config.frame_samples < most)
		return d->config.frame_samples;

	return most;
}

static bool full_speed_carries(const struct device *d, uint32_t rate)
{
	unsigned int n = frame_samples_at(d, rate);
	uint64_t length = oeh_frame_length(n, d->config.n_channels, d->config.bits);

	return length * rate <= (uint64_t)OEH_FULL_SPEED_BYTES * n;
}

static bool device_carries(const struct device *d, uint32_t rate)
{
	if (d->config.max_channel_rate && d->config.n_channels * rate > d->config.max_channel_rate)
		return false;

	return d->speed != DEVICE_FULL_SPEED || full_speed_carries(d, rate);
}

/* Highest listed rate that can be set; 0 where not even the lowest can. */
static uint32_t device_max_rate(const struct device *d)
{
	unsigned int i = d->config.n_rates;

	while (i-- > 0)
		if (device_carries(d, d->config.rates[i]))
			return d->config.rates[i];

	return 0;
}

uint32_t device_max_channel_rate(const struct device *d)
{
	return d->config.n_channels * device_max_rate(d);
}

static void device_idle(struct device *d)
{
	uint32_t max = device_max_rate(d);

	d->rate = max && max < d->config.rate ? max : d->config.rate;
	memset(d->gain, 0, sizeof(d->gain));
	memset(d->gain, d->config.gain, d->config.n_channels);
	d->streaming = false;
	d->lead_off = false;
	d->impedance = false;
	d->test_signal = false;
	d->identify = false;
}

void device_power_up(struct device *d)
{
	device_idle(d);
	d->start_clock = 0;
	d->acquired = 0;
	d->sequence = 0;
	d->dropped = 0;
	d->overrun = false;
	d->marker_sequence = 0;
}

void device_connect(struct device *d, enum device_speed speed)
{
	d->speed = speed;
	device_idle(d);
}

void device_suspend(struct device *d)
{
	d->streaming = false;
}

static size_t put16(uint8_t *p, uint16_t value)
{
	value = htole16(value);
	memcpy(p, &value, sizeof(value));
	return sizeof(value);
}

static size_t put32(uint8_t *p, uint32_t value)
{
	value = htole32(value);
	memcpy(p, &value, sizeof(value));
	return sizeof(value);
}

static size_t put_struct(uint8_t *p, const void *s, size_t size)
{
	memcpy(p, s, size);
	return size;
}

/* Both texts are NUL padded on the wire and need no NUL at their full length. */
static void put_text(char *field, size_t size, const char *text)
{
	memset(field, 0, size);
	memcpy(field, text, strnlen(text, size));
}

static size_t put_channel(uint8_t *p, const struct device_channel *c)
{
	struct oeh_channel channel = {
		.side = c->side,
		.muscle = c->muscle,
		.gain_mask = htole16(c->gain_mask),
		.lsb_fv = htole64(c->lsb_fv),
	};

	return put_struct(p, &channel, sizeof(channel));
}

size_t device_describe(const struct device *d, uint8_t *reply)
{
	const struct device_config *c = &d->config;
	size_t length = sizeof(struct oeh_describe) + c->n_channels * sizeof(struct oeh_channel) +
			c->n_rates * sizeof(uint32_t) + c->n_gains * sizeof(uint16_t);
	struct oeh_describe describe = {
		.magic = htole32(OEH_MAGIC),
		.total_length = htole16(length),
		.version_major = OEH_VERSION_MAJOR,
		.version_minor = OEH_VERSION_MINOR,
		.header_length = sizeof(struct oeh_describe),
		.channel_length = sizeof(struct oeh_channel),
		.channel_count = c->n_channels,
		.rate_count = c->n_rates,
		.gain_count = c->n_gains,
		.bits = c->bits,
		.caps = htole32(c->caps),
		.clock_hz = htole32(c->clock_hz),
		.max_channel_rate = htole32(device_max_channel_rate(d)),
	};
	uint8_t *p = reply;
	unsigned int i;

	put_text(describe.serial, sizeof(describe.serial), c->serial);
	put_text(describe.firmware, sizeof(describe.firmware), c->firmware);

	p += put_struct(p, &describe, sizeof(describe));
	for (i = 0; i < c->n_channels; i++)
		p += put_channel(p, &c->channels[i]);
	for (i = 0; i < c->n_rates; i++)
		p += put32(p, c->rates[i]);
	for (i = 0; i < c->n_gains; i++)
		p += put16(p, c->gains[i]);

	return p - reply;
}

static uint32_t device_status_flags(const struct device *d)
{
	uint32_t flags = 0;

	if (d->streaming)
		flags |= OEH_STATUS_STREAMING;
	if (d->lead_off)
		flags |= OEH_STATUS_LEAD_OFF;
	if (d->impedance)
		flags |= OEH_STATUS_IMPEDANCE;
	if (d->test_signal)
		flags |= OEH_STATUS_TEST_SIGNAL;
	if (d->identify)
		flags |= OEH_STATUS_IDENTIFY;

	return flags;
}

static uint32_t device_counter(const struct device *d)
{
	return d->config.counter_start + (uint32_t)d->acquired;
}

static int request_describe(struct device *d, const struct device_setup *setup, uint8_t *reply)
{
	if (setup->value)
		return -EPIPE;

	return device_describe(d, reply);
}

static int request_status(struct device *d, const struct device_setup *setup, uint8_t *reply)
{
	struct oeh_status status = {
		.flags = htole32(device_status_flags(d)),
		.rate = htole32(d->rate),
		.sequence = htole32(d->sequence),
		.counter = htole32(device_counter(d)),
		.dropped = htole32(d->dropped),
		.clock = htole64(setup->clock),
	};

	if (setup->value)
		return -EPIPE;

	memcpy(status.gain, d->gain, sizeof(status.gain));

	return put_struct(reply, &status, sizeof(status));
}

static int request_set_rate(struct device *d, const struct device_setup *setup,
			    _unused_ uint8_t *reply)
{
	if (d->streaming || d->impedance || !device_has_rate(d, setup->value) ||
	    !device_carries(d, setup->value))
		return -EPIPE;

	d->rate = setup->value;
	return 0;
}

static int request_set_gain(struct device *d, const struct device_setup *setup,
			    _unused_ uint8_t *reply)
{
	unsigned int channel = setup->value >> 8;
	unsigned int gain = setup->value & 0xff;

	if (d->streaming || d->impedance || channel >= d->config.n_channels ||
	    gain >= d->config.n_gains || !(d->config.channels[channel].gain_mask & BIT(gain)))
		return -EPIPE;

	d->gain[channel] = gain;
	return 0;
}

static int request_start(struct device *d, const struct device_setup *setup,
			 _unused_ uint8_t *reply)
{
	if (d->streaming || d->impedance || setup->value || !device_carries(d, d->rate))
		return -EPIPE;

	d->streaming = true;
	d->start_clock = setup->clock;
	d->acquired = 0;
	d->sequence = 0;
	d->dropped = 0;
	d->overrun = false;
	return 0;
}

static int request_stop(struct device *d, const struct device_setup *setup, _unused_ uint8_t *reply)
{
	if (setup->value)
		return -EPIPE;

	d->streaming = false;
	return 0;
}

static int request_get_impedance(struct device *d, const struct device_setup *setup, uint8_t *reply)
{
	struct oeh_impedance impedance = {
		.positive = htole32(OEH_IMPEDANCE_UNKNOWN),
		.negative = htole32(OEH_IMPEDANCE_UNKNOWN),
	};

	if (!(d->config.caps & OEH_CAP_IMPEDANCE) || setup->value >= d->config.n_channels)
		return -EPIPE;

	if (d->impedance &&
	    setup->clock - d->impedance_clock >= d->config.clock_hz / FIRST_IMPEDANCE) {
		impedance.positive = htole32(d->contact[setup->value].positive);
		impedance.negative = htole32(d->contact[setup->value].negative);
	}

	return put_struct(reply, &impedance, sizeof(impedance));
}

static int request_impedance(struct device *d, const struct device_setup *setup,
			     _unused_ uint8_t *reply)
{
	if (d->streaming || !(d->config.caps & OEH_CAP_IMPEDANCE) || setup->value > 1)
		return -EPIPE;

	if (setup->value && !d->impedance)
		d->impedance_clock = setup->clock;
	d->impedance = setup->value;
	return 0;
}

static int set_switch(const struct device *d, uint32_t cap, const struct device_setup *setup,
		      bool *on)
{
	if (!(d->config.caps & cap) || setup->value > 1)
		return -EPIPE;

	*on = setup->value;
	return 0;
}

static int request_switch(struct device *d, const struct device_setup *setup,
			  _unused_ uint8_t *reply)
{
	switch (setup->request) {
	case OEH_REQ_LEAD_OFF:
		return set_switch(d, OEH_CAP_LEAD_OFF, setup, &d->lead_off);
	case OEH_REQ_TEST_SIGNAL:
		return set_switch(d, OEH_CAP_TEST_SIGNAL, setup, &d->test_signal);
	default:
		return set_switch(d, OEH_CAP_IDENTIFY, setup, &d->identify);
	}
}

/* clang-format off: a table */
static const struct {
	bool in;
	int (*answer)(struct device *d, const struct device_setup *setup, uint8_t *reply);
} requests[] = {
	[OEH_REQ_DESCRIBE] = {true, request_describe},
	[OEH_REQ_STATUS] = {true, request_status},
	[OEH_REQ_SET_RATE] = {false, request_set_rate},
	[OEH_REQ_SET_GAIN] = {false, request_set_gain},
	[OEH_REQ_START] = {false, request_start},
	[OEH_REQ_STOP] = {false, request_stop},
	[OEH_REQ_LEAD_OFF] = {false, request_switch},
	[OEH_REQ_IMPEDANCE] = {false, request_impedance},
	[OEH_REQ_GET_IMPEDANCE] = {true, request_get_impedance},
	[OEH_REQ_TEST_SIGNAL] = {false, request_switch},
	[OEH_REQ_IDENTIFY] = {false, request_switch},
};
/* clang-format on */

int device_request(struct device *d, const struct device_setup *setup, uint8_t *reply)
{
	if (setup->request >= ARRAY_SIZE(requests) || !requests[setup->request].answer ||
	    requests[setup->request].in != setup->in || (!setup->in && setup->length))
		return -EPIPE;

	return requests[setup->request].answer(d, setup, reply);
}

unsigned int device_frame_samples(const struct device *d)
{
	return frame_samples_at(d, d->rate);
}

uint64_t device_scan_clock(const struct device *d, uint64_t index)
{
	/* in two steps: index * clock_hz leaves 64 bits within a day at 16 kHz and 10 GHz */
	return d->start_clock + index / d->rate * d->config.clock_hz +
	       index % d->rate * d->config.clock_hz / d->rate;
}

int32_t device_count_max(const struct device *d)
{
	return INT32_MAX >> (32 - d->config.bits);
}

double device_counts_per_uv(const struct device *d, unsigned int channel)
{
	double lsb_uv = d->config.channels[channel].lsb_fv * 1e-9;

	return d->config.gains[d->gain[channel]] / lsb_uv;
}

int32_t device_test_signal(const struct device *d, unsigned int channel, uint64_t index)
{
	double count = TEST_SIGNAL_UV * device_counts_per_uv(d, channel);
	int32_t max = device_count_max(d);
	int32_t level = count < max ? (int32_t)count : max;

	return index % d->rate < d->rate / 2 ? level : -level;
}

static uint8_t *put_samples(uint8_t *p, const int32_t *samples, size_t n, unsigned int bytes)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint32_t value = samples[i];

		*p++ = value;
		*p++ = value >> 8;
		if (bytes > 2)
			*p++ = value >> 16;
		if (bytes > 3)
			*p++ = value >> 24;
	}

	return p;
}

size_t device_frame(struct device *d, const int32_t *scans, unsigned int n_scans, uint32_t lead_off,
		    uint8_t *frame)
{
	const struct device_config *c = &d->config;
	size_t length = oeh_frame_length(n_scans, c->n_channels, c->bits);
	struct oeh_frame header = {
		.type = OEH_FRAME_DATA,
		.flags = (d->overrun ? OEH_FRAME_OVERRUN : 0) |
			 (d->test_signal ? OEH_FRAME_TEST_SIGNAL : 0) |
			 (d->lead_off ? OEH_FRAME_LEAD_OFF : 0),
		.samples = htole16(n_scans),
		.sequence = htole32(d->sequence),
		.counter = htole32(device_counter(d)),
		.lead_off = d->lead_off ? htole32(lead_off) : 0,
		.clock = htole64(device_scan_clock(d, d->acquired)),
	};
	uint8_t *p = frame;

	p += put_struct(p, &header, sizeof(header));
	p = put_samples(p, scans, (size_t)n_scans * c->n_channels, oeh_sample_bytes(c->bits));
	while (p < frame + length - OEH_CRC_LEN)
		*p++ = 0;
	put32(p, oeh_crc32(frame, length - OEH_CRC_LEN));

	d->sequence++;
	d->acquired += n_scans;
	d->overrun = false;

	return length;
}

void device_drop(struct device *d, unsigned int n_scans)
{
	d->acquired += n_scans;
	d->dropped += n_scans;
	d->overrun = true;
}

size_t device_marker(struct device *d, bool pressed, uint64_t clock, uint8_t *report)
{
	struct oeh_marker marker = {
		.type = OEH_FRAME_MARKER,
		.flags = pressed ? OEH_MARKER_PRESSED : 0,
		.sequence = htole16(d->marker_sequence),
		.clock = htole64(clock),
	};

	if (!(d->config.caps & OEH_CAP_MARKER))
		return 0;

	if (d->streaming && d->acquired)
		marker.counter = htole32(device_counter(d) - 1);
	d->marker_sequence++;

	return put_struct(report, &marker, sizeof(marker));
}
