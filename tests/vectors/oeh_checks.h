/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * KUnit tests of the protocol code in kernel/oeh_*.c. They run in the kernel and,
 * under the sanitizers, in userspace.
 */
#ifndef OEH_CHECKS_H
#define OEH_CHECKS_H

#include <kunit/test.h>
#include <linux/usb/ch9.h>

#include "oeh_describe.h"
#include "oeh_frame.h"
#include "oeh_loss.h"
#include "oeh_site.h"
#include "oeh_time.h"
#include "oeh_vectors.h"

#define OEH_CHECK_BUFFER 512

/* Small and repeatable, not good: numbers for the simulations. */
static inline u32 oeh_check_random(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;

	return *seed >> 8;
}

/* ---- DESCRIBE and STATUS -------------------------------------------------- */

static void oeh_check_describe(struct kunit *test)
{
	struct oeh_info info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oeh_describe_vectors); i++) {
		const struct oeh_describe_vector *v = &oeh_describe_vectors[i];

		memset(&info, 0, sizeof(info));
		KUNIT_ASSERT_EQ(test, oeh_describe_parse(v->data, v->len, &info), OEH_OK);
		KUNIT_ASSERT_EQ(test, memcmp(&info, &v->info, sizeof(info)), 0);
	}
}

static void oeh_check_describe_bad(struct kunit *test)
{
	u8 reply[sizeof(oeh_describe_small)];
	struct oeh_info info;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oeh_bad_describe_vectors); i++) {
		const struct oeh_bad_vector *v = &oeh_bad_describe_vectors[i];

		memcpy(reply, oeh_describe_small, sizeof(reply));
		memcpy(reply + v->offset, v->data, v->len);
		KUNIT_ASSERT_EQ(test, oeh_describe_parse(reply, sizeof(reply), &info),
				v->error);
	}
}

static void oeh_check_describe_length(struct kunit *test)
{
	u8 reply[sizeof(oeh_describe_small) + 1] = { 0 };
	struct oeh_info info;
	size_t len;

	memcpy(reply, oeh_describe_small, sizeof(oeh_describe_small));
	for (len = 0; len < sizeof(oeh_describe_small); len++)
		KUNIT_ASSERT_EQ(test, oeh_describe_parse(reply, len, &info),
				len < 8 ? OEH_BAD_MAGIC : OEH_BAD_LENGTH);
	KUNIT_ASSERT_EQ(test, oeh_describe_parse(reply, sizeof(reply), &info),
			OEH_BAD_LENGTH);
}

static void oeh_check_status(struct kunit *test)
{
	u8 reply[sizeof(oeh_status_small)];
	struct oeh_state state;
	struct oeh_info info;
	size_t i;

	KUNIT_ASSERT_EQ(test,
			oeh_describe_parse(oeh_describe_small, sizeof(oeh_describe_small), &info),
			OEH_OK);
	memset(&state, 0, sizeof(state));
	KUNIT_ASSERT_EQ(test,
			oeh_status_parse(&info, oeh_status_small, sizeof(oeh_status_small), &state),
			OEH_OK);
	KUNIT_ASSERT_EQ(test, memcmp(&state, &oeh_status_small_state, sizeof(state)), 0);

	for (i = 0; i < sizeof(oeh_status_small); i++)
		KUNIT_ASSERT_EQ(test,
				oeh_status_parse(&info, oeh_status_small, i, &state),
				OEH_BAD_STATUS_LENGTH);

	for (i = 0; i < ARRAY_SIZE(oeh_bad_status_vectors); i++) {
		const struct oeh_bad_vector *v = &oeh_bad_status_vectors[i];

		memcpy(reply, oeh_status_small, sizeof(reply));
		memcpy(reply + v->offset, v->data, v->len);
		KUNIT_ASSERT_EQ(test,
				oeh_status_parse(&info, reply, sizeof(reply), &state),
				v->error);
	}
}

static void oeh_check_error_text(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i < OEH_ERROR_COUNT; i++) {
		KUNIT_ASSERT_TRUE(test, oeh_error_text(i));
		for (j = 0; j < i; j++)
			KUNIT_ASSERT_TRUE(test,
					  strcmp(oeh_error_text(i), oeh_error_text(j)));
	}
	KUNIT_ASSERT_TRUE(test, oeh_error_text(OEH_ERROR_COUNT));
}

static void oeh_check_site(struct kunit *test)
{
	unsigned int i;

	KUNIT_ASSERT_STREQ(test, oeh_side_label(OEH_SIDE_LEFT), "left");
	KUNIT_ASSERT_STREQ(test, oeh_side_label(OEH_SIDE_RIGHT), "right");
	KUNIT_ASSERT_STREQ(test, oeh_side_label(OEH_SIDE_NONE), "unassigned");
	KUNIT_ASSERT_STREQ(test, oeh_side_label(77), "unassigned");
	for (i = 0; i < OEH_MUSCLE_COUNT; i++)
		KUNIT_ASSERT_TRUE(test, oeh_muscle_names[i].code && oeh_muscle_names[i].label);
	KUNIT_ASSERT_STREQ(test, oeh_muscle_label(OEH_MUSCLE_ORBICULARIS_OCULI),
			   "orbicularis_oculi");
	KUNIT_ASSERT_STREQ(test, oeh_muscle_label(OEH_MUSCLE_COUNT), "other");
}

static void oeh_check_impedance(struct kunit *test)
{
	struct oeh_impedance reply;

	KUNIT_ASSERT_EQ(test, sizeof(reply), sizeof(oeh_impedance_half));
	memcpy(&reply, oeh_impedance_half, sizeof(reply));
	KUNIT_ASSERT_EQ(test, get_unaligned_le32(&reply.positive), 12345);
	KUNIT_ASSERT_EQ(test, get_unaligned_le32(&reply.negative), OEH_IMPEDANCE_UNKNOWN);
}

/* The bytes of a SETUP packet, by the names that the driver sends it with. */
static void oeh_check_setup(struct kunit *test)
{
	const u8 *setup = oeh_setup_gain;

	KUNIT_ASSERT_EQ(test, setup[0], USB_DIR_OUT | USB_TYPE_VENDOR | USB_RECIP_INTERFACE);
	KUNIT_ASSERT_EQ(test, setup[1], OEH_REQ_SET_GAIN);
	KUNIT_ASSERT_EQ(test, get_unaligned_le16(setup + 2), 3 << 8 | 1);
	KUNIT_ASSERT_EQ(test, get_unaligned_le16(setup + 4), 0);
	KUNIT_ASSERT_EQ(test, get_unaligned_le16(setup + 6), 0);
}

/* ---- frames ---------------------------------------------------------------- */

static void oeh_check_unpack(struct kunit *test, const struct oeh_frame_vector *v,
			     const struct oeh_frame_info *frame)
{
	const u8 *data = frame->data;
	const int *want = v->values;
	s32 scan[OEH_MAX_CHANNELS];
	unsigned int i, j;

	for (i = 0; i < frame->samples; i++) {
		data = oeh_scan_unpack(&v->format, data, scan);
		for (j = 0; j < v->format.channels; j++)
			KUNIT_ASSERT_EQ(test, scan[j], *want++);
	}
	KUNIT_ASSERT_TRUE(test, data <= v->data + v->len - OEH_CRC_LEN);
}

/* The check value that PROTOCOL.md gives for the checksum. */
static void oeh_check_crc(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, oeh_crc32("123456789", 9), 0xcbf43926);
	KUNIT_ASSERT_EQ(test, oeh_crc32("", 0), 0);
}

static void oeh_check_frame(struct kunit *test)
{
	struct oeh_frame_info frame;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oeh_frame_vectors); i++) {
		const struct oeh_frame_vector *v = &oeh_frame_vectors[i];

		KUNIT_ASSERT_TRUE(test, v->len % OEH_PACKET);
		KUNIT_ASSERT_LE(test, v->len, oeh_frame_max(&v->format));
		KUNIT_ASSERT_EQ(test,
				oeh_frame_parse(&v->format, v->data, v->len, &frame),
				OEH_OK);
		KUNIT_ASSERT_EQ(test, frame.clock, v->frame.clock);
		KUNIT_ASSERT_EQ(test, frame.sequence, v->frame.sequence);
		KUNIT_ASSERT_EQ(test, frame.counter, v->frame.counter);
		KUNIT_ASSERT_EQ(test, frame.lead_off, v->frame.lead_off);
		KUNIT_ASSERT_EQ(test, frame.samples, v->frame.samples);
		KUNIT_ASSERT_EQ(test, frame.flags, v->frame.flags);
		oeh_check_unpack(test, v, &frame);
	}
}

static void oeh_check_frame_bad(struct kunit *test)
{
	const struct oeh_format format = oeh_frame_vectors[0].format;
	u8 data[sizeof(oeh_frame_24)];
	struct oeh_frame_info frame;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oeh_bad_frame_vectors); i++) {
		const struct oeh_bad_vector *v = &oeh_bad_frame_vectors[i];

		memcpy(data, oeh_frame_24, sizeof(data));
		memcpy(data + v->offset, v->data, v->len);
		KUNIT_ASSERT_EQ(test,
				oeh_frame_parse(&format, data, sizeof(data), &frame),
				v->error);
	}
}

/* Cut, extended, or with any one bit turned round: never taken for good. */
static void oeh_check_frame_damaged(struct kunit *test)
{
	u8 data[OEH_CHECK_BUFFER];
	struct oeh_frame_info frame;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(oeh_frame_vectors); i++) {
		const struct oeh_frame_vector *v = &oeh_frame_vectors[i];

		KUNIT_ASSERT_LT(test, v->len, sizeof(data));
		memset(data, 0, sizeof(data));
		memcpy(data, v->data, v->len);
		for (j = 0; j <= v->len + 1; j++)
			if (j != v->len)
				KUNIT_ASSERT_NE(test,
						oeh_frame_parse(&v->format, data, j, &frame),
						OEH_OK);
		for (j = 0; j < v->len * 8; j++) {
			data[j / 8] ^= BIT(j % 8);
			KUNIT_ASSERT_NE(test,
					oeh_frame_parse(&v->format, data, v->len, &frame),
					OEH_OK);
			data[j / 8] ^= BIT(j % 8);
		}
	}
}

/* The pad rule and the longest frame, for every format that there can be. */
static void oeh_check_frame_length(struct kunit *test)
{
	struct oeh_format format = { .rate = OEH_MAX_RATE };
	unsigned int samples;
	size_t len;

	KUNIT_ASSERT_EQ(test, oeh_frame_samples(OEH_MIN_RATE), 1);
	KUNIT_ASSERT_EQ(test, oeh_frame_samples(499), 1);
	KUNIT_ASSERT_EQ(test, oeh_frame_samples(500), 2);
	KUNIT_ASSERT_EQ(test, oeh_frame_samples(1), 1);
	KUNIT_ASSERT_EQ(test, oeh_frame_samples(OEH_MAX_RATE), OEH_MAX_FRAME_SAMPLES);
	for (format.channels = 1; format.channels <= OEH_MAX_CHANNELS; format.channels++) {
		for (format.bits = OEH_MIN_BITS; format.bits <= OEH_MAX_BITS; format.bits++) {
			for (samples = 1; samples <= OEH_MAX_FRAME_SAMPLES; samples++) {
				len = oeh_frame_length(samples, format.channels, format.bits);
				KUNIT_ASSERT_TRUE(test, len % OEH_PACKET);
				KUNIT_ASSERT_LE(test, len, oeh_frame_max(&format));
				KUNIT_ASSERT_LE(test, len, OEH_MAX_FRAME_LEN);
			}
		}
	}
}

static void oeh_check_marker(struct kunit *test)
{
	u8 report[sizeof(oeh_marker_pressed)];
	struct oeh_marker_info marker;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oeh_marker_vectors); i++) {
		const struct oeh_marker_vector *v = &oeh_marker_vectors[i];

		KUNIT_ASSERT_EQ(test, oeh_marker_parse(v->data, v->len, &marker), OEH_OK);
		KUNIT_ASSERT_EQ(test, marker.clock, v->marker.clock);
		KUNIT_ASSERT_EQ(test, marker.counter, v->marker.counter);
		KUNIT_ASSERT_EQ(test, marker.sequence, v->marker.sequence);
		KUNIT_ASSERT_EQ(test, marker.pressed, v->marker.pressed);
	}

	memcpy(report, oeh_marker_pressed, sizeof(report));
	for (i = 0; i < sizeof(report); i++)
		KUNIT_ASSERT_EQ(test, oeh_marker_parse(report, i, &marker),
				OEH_BAD_MARKER_LENGTH);
	report[0] = OEH_FRAME_DATA;
	KUNIT_ASSERT_EQ(test, oeh_marker_parse(report, sizeof(report), &marker),
			OEH_BAD_MARKER_TYPE);
}

/* ---- loss ------------------------------------------------------------------- */

#define OEH_CHECK_RATE	1000	/* 4 samples in a frame */

static bool oeh_check_frame_comes(struct oeh_loss *loss, u32 sequence, u32 counter,
				  u16 samples, u8 flags)
{
	const struct oeh_frame_info frame = {
		.sequence = sequence,
		.counter = counter,
		.samples = samples,
		.flags = flags,
	};

	return oeh_loss_frame(loss, &frame);
}

static void oeh_check_run_ends(struct oeh_loss *loss, u32 sequence, u32 counter,
			       u32 dropped)
{
	const struct oeh_state state = {
		.sequence = sequence,
		.counter = counter,
		.dropped = dropped,
	};

	oeh_loss_end(loss, &state);
}

static bool oeh_check_lost(const struct oeh_loss *loss, u64 device, u64 bus, u64 checksum)
{
	return loss->lost.device == device && loss->lost.bus == bus &&
	       loss->lost.checksum == checksum;
}

static void oeh_check_loss_none(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };
	u32 i;

	oeh_loss_start(&loss, OEH_CHECK_RATE);
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_FALSE(test, oeh_check_frame_comes(&loss, i, 4 * i, 4, 0));
	oeh_check_run_ends(&loss, 100, 400, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 0, 0, 0));
	KUNIT_ASSERT_TRUE(test, loss.samples == 400 && loss.frames == 100);
	KUNIT_ASSERT_TRUE(test, loss.rejected == 0 && loss.restarts == 0);
}

/* Every cause alone, then in one gap; at the start and at the end of a run too. */
static void oeh_check_loss_causes(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };

	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 2, 8, 4, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 0, 8, 0));
	/* the device dropped 5 */
	oeh_check_frame_comes(&loss, 3, 17, 4, OEH_FRAME_OVERRUN);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 5, 8, 0));
	/* one broken frame of 4 */
	oeh_loss_reject(&loss);
	oeh_check_frame_comes(&loss, 5, 25, 4, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 5, 8, 4));
	/* one broken, two that never came, and 3 dropped by the device */
	oeh_loss_reject(&loss);
	oeh_check_frame_comes(&loss, 9, 44, 4, OEH_FRAME_OVERRUN);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 8, 16, 8));
	/* more than the lost frame can hold, and no flag: it was lost with it */
	oeh_check_frame_comes(&loss, 11, 59, 4, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 15, 20, 8));
	/* two frames at the end, one of them short */
	oeh_check_run_ends(&loss, 14, 69, 15);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 15, 26, 8));
	KUNIT_ASSERT_EQ(test, loss.rejected, 2);
}

/* Something came that nothing is missing for: it is no loss of samples. */
static void oeh_check_loss_noise(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };

	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_loss_reject(&loss);
	oeh_loss_reject(&loss);
	oeh_check_frame_comes(&loss, 0, 0, 4, 0);
	oeh_loss_reject(&loss);
	oeh_check_frame_comes(&loss, 1, 4, 4, 0);
	/* and noise before that says nothing about a later gap */
	oeh_check_frame_comes(&loss, 3, 12, 4, 0);
	oeh_check_run_ends(&loss, 4, 16, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 0, 4, 0));
	KUNIT_ASSERT_EQ(test, loss.rejected, 3);
}

static void oeh_check_loss_wrap(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };
	const u32 first = 0xfffffff4;

	/* A device that does not start from 0 has started anew. */
	oeh_loss_start(&loss, OEH_CHECK_RATE);
	KUNIT_ASSERT_TRUE(test, oeh_check_frame_comes(&loss, 0xfffffffe, first, 4, 0));
	KUNIT_ASSERT_FALSE(test,
			   oeh_check_frame_comes(&loss, 0xffffffff, first + 4, 4, 0));
	/* Both wrap; then a frame is missing, and 2 samples of the device's. */
	KUNIT_ASSERT_FALSE(test, oeh_check_frame_comes(&loss, 0, first + 8, 4, 0));
	KUNIT_ASSERT_FALSE(test, oeh_check_frame_comes(&loss, 2, 4, 4, 0));
	KUNIT_ASSERT_FALSE(test,
			   oeh_check_frame_comes(&loss, 3, 10, 4, OEH_FRAME_OVERRUN));
	oeh_check_run_ends(&loss, 4, 14, 2);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 2, 4, 0));
	KUNIT_ASSERT_TRUE(test, loss.samples == 20 && loss.restarts == 1);
}

static void oeh_check_loss_restart(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };

	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 0, 0, 4, 0);
	oeh_check_frame_comes(&loss, 1, 4, 4, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_frame_comes(&loss, 0, 0, 4, 0));
	KUNIT_ASSERT_FALSE(test, oeh_check_frame_comes(&loss, 2, 8, 4, 0));
	/* The sequence alone goes back: the counter tells what is missing. */
	KUNIT_ASSERT_FALSE(test, oeh_check_frame_comes(&loss, 1, 15, 4, 0));
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 3, 4, 0));
	/* What it dropped before it restarted is not in its count. */
	oeh_check_run_ends(&loss, 2, 19, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 3, 4, 0));
	/* A final count that lies behind is not believed. */
	oeh_check_run_ends(&loss, 0, 0, 1000);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 3, 4, 0));
}

/* The device's own count settles what the frames left open, run by run. */
static void oeh_check_loss_settled(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };

	/* Frame 1 with 2 samples is lost; its flag that 2 were dropped too. */
	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 0, 0, 4, 0);
	oeh_check_frame_comes(&loss, 2, 8, 4, 0);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 0, 4, 0));
	oeh_check_run_ends(&loss, 3, 12, 2);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 2, 2, 0));

	/* A second run: a short frame before, the lost one was longer. */
	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 0, 0, 1, 0);
	oeh_check_frame_comes(&loss, 2, 6, 4, OEH_FRAME_OVERRUN);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 6, 3, 0));
	oeh_check_run_ends(&loss, 3, 10, 1);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 3, 6, 0));

	/* It can't have dropped more than is missing. */
	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 0, 0, 4, 0);
	oeh_check_frame_comes(&loss, 2, 8, 4, 0);
	oeh_check_run_ends(&loss, 3, 12, 0xffffffff);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 7, 6, 0));

	/* The end of a run is missing, with what the device dropped there. */
	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 0, 0, 4, 0);
	oeh_check_run_ends(&loss, 2, 11, 3);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 10, 10, 0));
	/* Its sequence can't be right: then the device is to blame. */
	oeh_loss_start(&loss, OEH_CHECK_RATE);
	oeh_check_frame_comes(&loss, 5, 0, 4, 0);
	oeh_check_run_ends(&loss, 2, 6, 2);
	KUNIT_ASSERT_TRUE(test, oeh_check_lost(&loss, 12, 10, 0));
}

/* At any rate of loss, whatever the mix, the sum is exact. */
static void oeh_check_loss_sum(struct kunit *test)
{
	struct oeh_loss loss = { .frames = 0 };
	u32 sequence = 0, counter = 0, dropped = 0;
	u64 came = 0, taken = 0;
	u32 seed = 1, run, i;

	for (run = 1; run <= 20; run++) {
		oeh_loss_start(&loss, OEH_CHECK_RATE);
		sequence = 0;
		counter = 0;
		dropped = 0;
		for (i = 0; i < 1000; i++) {
			u16 samples = 1 + oeh_check_random(&seed) % 4;
			u8 flags = 0;

			if (oeh_check_random(&seed) % 40 < run) {
				u32 n = oeh_check_random(&seed) % 50;

				counter += n;
				dropped += n;
				flags = n ? OEH_FRAME_OVERRUN : 0;
			}
			if (oeh_check_random(&seed) % 40 < run) {
				if (oeh_check_random(&seed) % 2)
					oeh_loss_reject(&loss);
			} else {
				KUNIT_ASSERT_FALSE(test,
						   oeh_check_frame_comes(&loss, sequence,
									 counter, samples,
									 flags));
				came += samples;
			}
			sequence++;
			counter += samples;
		}
		oeh_check_run_ends(&loss, sequence, counter, dropped);
		taken += counter;
	}
	KUNIT_ASSERT_EQ(test, loss.samples, came);
	KUNIT_ASSERT_EQ(test, loss.lost.device + loss.lost.bus + loss.lost.checksum,
			taken - came);
}

/* ---- time -------------------------------------------------------------------- */

#define OEH_CHECK_MS	1000000LL
#define OEH_CHECK_SEC	1000000000LL

/* A headset with a crystal of its own, on a bus that is late. */
struct oeh_check_device {
	u32 clock_hz;
	u32 rate;
	u32 samples;		/* in a frame */
	s32 drift_ppm;		/* of its clock: it counts fast when positive */
	u32 late_us;		/* transfers are late by up to this */
	u32 good_every;		/* one in so many is not: under 0.5 ms */
	s64 start;		/* host's time of its sample 0 */
	u64 clock_start;
	u32 counter_start;
	u32 seed;
};

/* Host's time, ns, of a sample, and the device's clock then. */
static s64 oeh_check_true_time(const struct oeh_check_device *d, u64 sample)
{
	/* A fast crystal takes its samples earlier. */
	u64 ns = div_u64(sample * 1000000000ULL, d->rate);

	return d->start + (s64)ns - (s64)div_u64(ns, 1000000) * d->drift_ppm;
}

static u64 oeh_check_clock(const struct oeh_check_device *d, u64 sample)
{
	u32 rest;
	u64 sec = div_u64_rem(sample, d->rate, &rest);

	return d->clock_start + sec * d->clock_hz +
	       div_u64((u64)rest * d->clock_hz, d->rate);
}

static void oeh_check_make_frame(struct oeh_check_device *d, u64 sample,
				 struct oeh_frame_info *frame, s64 *arrival)
{
	u32 late = oeh_check_random(&d->seed) % 500;

	if (d->good_every && oeh_check_random(&d->seed) % d->good_every)
		late = 500 + oeh_check_random(&d->seed) % (d->late_us - 500);

	memset(frame, 0, sizeof(*frame));
	frame->samples = d->samples;
	frame->counter = d->counter_start + (u32)sample;
	frame->clock = oeh_check_clock(d, sample);
	*arrival = oeh_check_true_time(d, sample + d->samples - 1) + late * 1000LL;
}

/* Stream seconds from a sample on; errors count once 10 s have passed. */
static void oeh_check_stream(struct kunit *test, struct oeh_check_device *d,
			     struct oeh_time *time, u64 first, u32 seconds)
{
	const s32 period = 1000000000 / d->rate;
	const u64 end = first + (u64)d->rate * seconds;
	const u64 settled = first + (u64)d->rate * 10;
	struct oeh_frame_info frame;
	struct oeh_stamps stamps;
	s64 arrival, error, stamp, last = 0;
	u64 sample;
	u32 i;

	for (sample = first; sample < end; sample += d->samples) {
		oeh_check_make_frame(d, sample, &frame, &arrival);
		stamps = oeh_time_frame(time, &frame, arrival);
		for (i = 0; i < d->samples; i++) {
			stamp = stamps.first + stamps.step * i;
			KUNIT_ASSERT_TRUE(test, sample == first || stamp > last);
			if (sample > settled) {
				error = stamp - oeh_check_true_time(d, sample + i);
				KUNIT_ASSERT_TRUE(test,
						  error <= OEH_CHECK_MS && error >= -OEH_CHECK_MS);
				KUNIT_ASSERT_GE(test, stamp - last, period - period / 20);
				KUNIT_ASSERT_LE(test, stamp - last, period + period / 20);
			}
			last = stamp;
		}
	}
}

static const struct oeh_check_device oeh_check_devices[] = {
	{ 1000000, 1000, 4, 0, 0, 0, 1700000000000000000, 0, 0, 1 },
	{ 1000000, 1000, 4, 200, 30000, 100, 0, 123456, 0, 2 },
	{ 48000000, 1000, 4, -200, 30000, 100, OEH_CHECK_SEC, 1, 0, 3 },
	{ 1000000, 16000, 64, 200, 30000, 100, 5, 1ULL << 60, 0, 4 },
	{ 1000000, 16000, 1, -200, 30000, 400, 5, 0, 0, 5 },
	{ 3579545, 250, 1, 200, 30000, 50, -OEH_CHECK_SEC, 77, 0, 6 },
	{ 4294967295U, 300, 1, 100, 3000, 20, 1, 0, 0, 7 },
	{ 1000000, 2000, 8, 200, 30000, 100, 9, 9, 0U - 60000, 8 },
};

/* Drift and late transfers; the last device's counter wraps after 30 s. */
static void oeh_check_time_error(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oeh_check_devices); i++) {
		struct oeh_check_device d = oeh_check_devices[i];
		struct oeh_time time;

		oeh_time_start(&time, d.clock_hz, d.rate);
		oeh_check_stream(test, &d, &time, 0, 60);
	}
}

/* The device starts anew, counter, clock and all: stamps rise, errors settle. */
static void oeh_check_time_restart(struct kunit *test)
{
	struct oeh_check_device d = oeh_check_devices[1];
	struct oeh_time time;
	s64 last;

	oeh_time_start(&time, d.clock_hz, d.rate);
	oeh_check_stream(test, &d, &time, 0, 20);
	last = time.stamp;

	d.start = oeh_check_true_time(&d, 20 * d.rate) + 3 * OEH_CHECK_SEC;
	d.clock_start = 0;
	oeh_time_restart(&time);
	oeh_check_stream(test, &d, &time, 0, 1);
	KUNIT_ASSERT_GT(test, time.stamp, last);
	oeh_check_stream(test, &d, &time, d.rate, 20);

	/* Its clock alone is set, back and then far ahead. */
	d.clock_start -= 15 * d.clock_hz;
	oeh_check_stream(test, &d, &time, 21 * d.rate, 20);
	d.clock_start += 1ULL << 62;
	oeh_check_stream(test, &d, &time, 41 * d.rate, 20);
}

/* The first transfer is half a second late: not for long. */
static void oeh_check_time_late_start(struct kunit *test)
{
	struct oeh_check_device d = oeh_check_devices[0];
	struct oeh_frame_info frame;
	struct oeh_stamps stamps;
	struct oeh_time time;
	s64 arrival, error, last = 0;
	u64 sample;

	oeh_time_start(&time, d.clock_hz, d.rate);
	for (sample = 0; sample < 5 * d.rate; sample += d.samples) {
		oeh_check_make_frame(&d, sample, &frame, &arrival);
		if (!sample)
			arrival += OEH_CHECK_SEC / 2;
		stamps = oeh_time_frame(&time, &frame, arrival);
		KUNIT_ASSERT_GT(test, stamps.first, last);
		last = stamps.first + stamps.step * (frame.samples - 1);
	}
	error = last - oeh_check_true_time(&d, sample - 1);
	KUNIT_ASSERT_TRUE(test, error <= OEH_CHECK_MS && error >= -OEH_CHECK_MS);
}

/* Not as the protocol wants it: crystals that are far off, scans that come too slowly. */
static void oeh_check_time_bad_device(struct kunit *test)
{
	static const s32 drifts[] = { 2000, -2000, 30000, -30000 };
	struct oeh_check_device d = oeh_check_devices[1];
	struct oeh_frame_info frame;
	struct oeh_stamps stamps;
	struct oeh_time time;
	s64 arrival, error, last;
	u64 sample;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(drifts); i++) {
		d.drift_ppm = drifts[i];
		last = d.start - OEH_CHECK_SEC;
		oeh_time_start(&time, d.clock_hz, d.rate);
		for (sample = 0; sample < 120 * d.rate; sample += d.samples) {
			oeh_check_make_frame(&d, sample, &frame, &arrival);
			/* These drift apart: the clock is right, the scans are not. */
			if (d.drift_ppm < -2000)
				frame.clock += div_u64(sample * (d.clock_hz / d.rate), 20);
			stamps = oeh_time_frame(&time, &frame, arrival);
			KUNIT_ASSERT_TRUE(test, stamps.first > last && stamps.step > 0);
			last = stamps.first + stamps.step * (frame.samples - 1);
			error = stamps.first - oeh_check_true_time(&d, sample);
			KUNIT_ASSERT_TRUE(test,
					  error > -2 * OEH_CHECK_SEC && error < 2 * OEH_CHECK_SEC);
		}
	}
}

/* Gaps, short and long: stamps stay true across them. */
static void oeh_check_time_gap(struct kunit *test)
{
	struct oeh_check_device d = oeh_check_devices[1];
	struct oeh_frame_info frame;
	struct oeh_stamps stamps;
	struct oeh_time time;
	s64 arrival, error;
	u64 sample = 30 * d.rate;
	u32 gap;

	oeh_time_start(&time, d.clock_hz, d.rate);
	oeh_check_stream(test, &d, &time, 0, 30);
	for (gap = 4; gap < 600 * d.rate; gap *= 3) {
		sample += gap;
		oeh_check_make_frame(&d, sample, &frame, &arrival);
		stamps = oeh_time_frame(&time, &frame, arrival);
		error = stamps.first - oeh_check_true_time(&d, sample);
		/* After minutes of silence only this one transfer's lateness is known. */
		KUNIT_ASSERT_GE(test, error, -OEH_CHECK_MS);
		KUNIT_ASSERT_LE(test, error, (gap < 10 * d.rate ? 1 : 31) * OEH_CHECK_MS);
		sample += d.samples;
	}
}

/* Whatever a device says: stamps rise, and each map answers or declines. */
static void oeh_check_time_hostile(struct kunit *test)
{
	struct oeh_frame_info frame = { .samples = 1 };
	struct oeh_stamps stamps;
	struct oeh_time time;
	s64 host = 0, mapped, last = 0;
	u32 seed = 9, i;

	oeh_time_start(&time, OEH_MIN_CLOCK_HZ, OEH_MAX_RATE);
	for (i = 0; i < 20000; i++) {
		u32 kind = oeh_check_random(&seed) % 8;
		u64 random = (u64)oeh_check_random(&seed) << 40 ^
			     (u64)oeh_check_random(&seed) << 20 ^ oeh_check_random(&seed);

		frame.counter += frame.samples;
		frame.samples = 1 + oeh_check_random(&seed) % OEH_MAX_FRAME_SAMPLES;
		frame.clock += 4000;
		host += oeh_check_random(&seed) % 10000000;
		if (kind == 0)
			frame.clock = random;
		else if (kind == 1)
			frame.clock += (u32)random % OEH_MIN_CLOCK_HZ;
		else if (kind == 2)
			frame.counter += (u32)random >> (1 + i % 31);
		else if (kind == 3)
			frame.clock -= 4000;

		stamps = oeh_time_frame(&time, &frame, host);
		KUNIT_ASSERT_TRUE(test, !i || stamps.first > last);
		KUNIT_ASSERT_GT(test, stamps.step, 0);
		last = stamps.first + stamps.step * (frame.samples - 1);
		KUNIT_ASSERT_TRUE(test, oeh_time_map(&time, frame.clock, &mapped));
		if (oeh_time_map(&time, random, &mapped))
			KUNIT_ASSERT_LE(test,
					random - frame.clock + 10 * OEH_MIN_CLOCK_HZ,
					20 * OEH_MIN_CLOCK_HZ);
	}
}

/* Times between frames, for the marker: on the time line of the samples. */
static void oeh_check_time_map(struct kunit *test)
{
	struct oeh_check_device d = oeh_check_devices[2];
	const u64 sample = 20 * d.rate;
	struct oeh_time time;
	s64 host, error;
	s64 i;

	oeh_time_start(&time, d.clock_hz, d.rate);
	KUNIT_ASSERT_FALSE(test, oeh_time_map(&time, 0, &host));
	oeh_check_stream(test, &d, &time, 0, 20);

	for (i = -3000; i < 3000; i += 7) {
		KUNIT_ASSERT_TRUE(test,
				  oeh_time_map(&time, oeh_check_clock(&d, sample + i), &host));
		error = host - oeh_check_true_time(&d, sample + i);
		KUNIT_ASSERT_TRUE(test, error <= OEH_CHECK_MS && error >= -OEH_CHECK_MS);
	}
	KUNIT_ASSERT_FALSE(test,
			   oeh_time_map(&time, oeh_check_clock(&d, sample + 11 * d.rate), &host));
	KUNIT_ASSERT_FALSE(test,
			   oeh_time_map(&time, oeh_check_clock(&d, sample - 11 * d.rate), &host));
	KUNIT_ASSERT_FALSE(test, oeh_time_map(&time, U64_MAX, &host));
}

static struct kunit_case oeh_cases[] = {
	KUNIT_CASE(oeh_check_describe),
	KUNIT_CASE(oeh_check_describe_bad),
	KUNIT_CASE(oeh_check_describe_length),
	KUNIT_CASE(oeh_check_status),
	KUNIT_CASE(oeh_check_error_text),
	KUNIT_CASE(oeh_check_site),
	KUNIT_CASE(oeh_check_impedance),
	KUNIT_CASE(oeh_check_setup),
	KUNIT_CASE(oeh_check_crc),
	KUNIT_CASE(oeh_check_frame),
	KUNIT_CASE(oeh_check_frame_bad),
	KUNIT_CASE(oeh_check_frame_damaged),
	KUNIT_CASE(oeh_check_frame_length),
	KUNIT_CASE(oeh_check_marker),
	KUNIT_CASE(oeh_check_loss_none),
	KUNIT_CASE(oeh_check_loss_causes),
	KUNIT_CASE(oeh_check_loss_noise),
	KUNIT_CASE(oeh_check_loss_wrap),
	KUNIT_CASE(oeh_check_loss_restart),
	KUNIT_CASE(oeh_check_loss_settled),
	KUNIT_CASE(oeh_check_loss_sum),
	KUNIT_CASE(oeh_check_time_error),
	KUNIT_CASE(oeh_check_time_restart),
	KUNIT_CASE(oeh_check_time_late_start),
	KUNIT_CASE(oeh_check_time_bad_device),
	KUNIT_CASE(oeh_check_time_gap),
	KUNIT_CASE(oeh_check_time_hostile),
	KUNIT_CASE(oeh_check_time_map),
	{ }
};

#endif /* OEH_CHECKS_H */
