/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Open EMG Headset protocol (OEH), version 1: the layout on the wire.
 *
 * PROTOCOL.md beside this file is the specification; this header is its only
 * machine-readable form and is shared by the kernel module, the emulated
 * headset and the tests. All fields are little endian and all structures
 * packed; reserved fields are sent as zero and ignored by the receiver.
 */
#ifndef OEH_H
#define OEH_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/types.h>
#else
#include "oeh-userspace.h"
#endif

/* USB interface that carries the protocol; one configuration, one setting. */
#define OEH_USB_VENDOR		0x1209	/* pid.codes */
#define OEH_USB_TEST_PRODUCT	0x0001	/* test ID, for emulated buses only */
#define OEH_USB_CLASS		0xff
#define OEH_USB_SUBCLASS	0x45	/* 'E' */
#define OEH_USB_PROTOCOL	0x01	/* major version of OEH */

#define OEH_MAGIC		0x5848454f	/* "OEHX" in memory */
#define OEH_VERSION_MAJOR	1
#define OEH_VERSION_MINOR	0

/* Limits of version 1. A host refuses a device that claims more. */
#define OEH_MAX_CHANNELS	32
#define OEH_MAX_RATES		16
#define OEH_MAX_GAINS		16
#define OEH_MIN_RATE		250	/* Hz */
#define OEH_MAX_RATE		16000	/* Hz */
#define OEH_MIN_BITS		16
#define OEH_MAX_BITS		32
#define OEH_MIN_CLOCK_HZ	1000000
#define OEH_FRAMES_PER_SECOND	250	/* a frame spans at most 1 / 250 s */
#define OEH_PACKET		64	/* a frame's length is no multiple */
#define OEH_SERIAL_LEN		32
#define OEH_FIRMWARE_LEN	32
#define OEH_MAX_DESCRIBE_LEN	4096	/* what a host asks for, in any 1.x */
#define OEH_FULL_SPEED_BYTES	1200000	/* per second, all overhead included */

/*
 * Control requests: vendor type, interface recipient, wIndex the interface.
 * Those that set something have no data stage, the value is in wValue. A
 * refused request stalls and changes nothing.
 */
enum oeh_request {
	OEH_REQ_DESCRIBE	= 0x01,	/* in: struct oeh_describe and tables */
	OEH_REQ_STATUS		= 0x02,	/* in: struct oeh_status */
	OEH_REQ_SET_RATE	= 0x03,	/* wValue: Hz, one of the listed */
	OEH_REQ_SET_GAIN	= 0x04,	/* wValue: channel << 8 | gain index */
	OEH_REQ_START		= 0x05,	/* wValue: 0 */
	OEH_REQ_STOP		= 0x06,	/* wValue: 0 */
	OEH_REQ_LEAD_OFF	= 0x07,	/* wValue: 0 off, 1 on */
	OEH_REQ_IMPEDANCE	= 0x08,	/* wValue: 0 off, 1 on */
	OEH_REQ_GET_IMPEDANCE	= 0x09,	/* wValue: channel; in: struct oeh_impedance */
	OEH_REQ_TEST_SIGNAL	= 0x0a,	/* wValue: 0 off, 1 on */
	OEH_REQ_IDENTIFY	= 0x0b,	/* wValue: 0 off, 1 on */
};

/* Capabilities in oeh_describe.caps. */
#define OEH_CAP_LEAD_OFF	BIT(0)
#define OEH_CAP_IMPEDANCE	BIT(1)
#define OEH_CAP_TEST_SIGNAL	BIT(2)
#define OEH_CAP_MARKER		BIT(3)
#define OEH_CAP_IDENTIFY	BIT(4)

enum oeh_side {
	OEH_SIDE_NONE	= 0,
	OEH_SIDE_LEFT	= 1,
	OEH_SIDE_RIGHT	= 2,
};

/* The muscle table (codes, labels) is in oeh_site.c. */
enum oeh_muscle {
	OEH_MUSCLE_OTHER	= 0,
	OEH_MUSCLE_FRONTALIS	= 1,
	OEH_MUSCLE_CORRUGATOR	= 2,
	OEH_MUSCLE_ORBICULARIS_OCULI	= 3,
	OEH_MUSCLE_ZYGOMATICUS	= 4,
	OEH_MUSCLE_BUCCINATOR	= 5,
	OEH_MUSCLE_ORBICULARIS_ORIS	= 6,
	OEH_MUSCLE_MENTALIS	= 7,
	OEH_MUSCLE_MASSETER	= 8,
	OEH_MUSCLE_COUNT
};

/*
 * Reply to DESCRIBE. After header_length bytes follow channel_count entries of
 * channel_length bytes each, then rate_count __le32 rates (Hz, rising), then
 * gain_count __le16 gains (factors, rising). A later minor version may append
 * to the header and to an entry; a host skips what it does not know.
 */
struct oeh_describe {
	__le32 magic;
	__le16 total_length;	/* of the whole reply, bytes */
	__u8 version_major;
	__u8 version_minor;
	__u8 header_length;	/* 96 in version 1.0 */
	__u8 channel_length;	/* 16 in version 1.0 */
	__u8 channel_count;	/* 1 to 32 */
	__u8 rate_count;	/* 1 to 16 */
	__u8 gain_count;	/* 1 to 16 */
	__u8 bits;		/* resolution, 16 to 32 */
	__le16 reserved;
	__le32 caps;
	__le32 clock_hz;	/* ticks of the device clock, 1 MHz or more */
	__le32 max_channel_rate; /* highest channels x Hz at this bus speed */
	__le32 reserved2;
	char serial[OEH_SERIAL_LEN];	/* printable ASCII, NUL padded */
	char firmware[OEH_FIRMWARE_LEN]; /* likewise */
} __packed;

struct oeh_channel {
	__u8 side;		/* enum oeh_side */
	__u8 muscle;		/* enum oeh_muscle */
	__le16 gain_mask;	/* bit i: gain i of the table can be set */
	__le32 reserved;
	__le64 lsb_fv;		/* one count at gain 1, in femtovolts */
} __packed;

/* Reply to STATUS. */
#define OEH_STATUS_STREAMING	BIT(0)
#define OEH_STATUS_LEAD_OFF	BIT(1)
#define OEH_STATUS_IMPEDANCE	BIT(2)
#define OEH_STATUS_TEST_SIGNAL	BIT(3)
#define OEH_STATUS_IDENTIFY	BIT(4)

struct oeh_status {
	__le32 flags;
	__le32 rate;		/* Hz */
	__le32 sequence;	/* frames given to the bus since START */
	__le32 counter;		/* samples acquired since START */
	__le32 dropped;		/* of these, dropped in the device */
	__le32 reserved;
	__le64 clock;		/* device clock now */
	__u8 gain[OEH_MAX_CHANNELS];	/* index into the gain table */
} __packed;

#define OEH_IMPEDANCE_UNKNOWN	0xffffffff

struct oeh_impedance {
	__le32 positive;	/* ohm at the positive electrode */
	__le32 negative;	/* ohm at the negative electrode */
} __packed;

/*
 * Bulk IN: one transfer is one frame: header, samples (scan after scan, each
 * channel in oeh_sample_bytes() bytes, two's complement, sign extended), pad,
 * CRC-32/ISO-HDLC over all that is before it.
 */
enum oeh_frame_type {
	OEH_FRAME_DATA	= 0xd1,
	OEH_FRAME_MARKER = 0xd2,
};

#define OEH_FRAME_OVERRUN	BIT(0)	/* the device dropped samples before this frame */
#define OEH_FRAME_TEST_SIGNAL	BIT(1)	/* samples are the test signal */
#define OEH_FRAME_LEAD_OFF	BIT(2)	/* lead_off is valid */

struct oeh_frame {
	__u8 type;		/* OEH_FRAME_DATA */
	__u8 flags;
	__le16 samples;		/* scans in this frame, 1 to rate / 250 (at least 1) */
	__le32 sequence;	/* of this frame, 0 after START */
	__le32 counter;		/* of the first scan, 0 after START */
	__le32 lead_off;	/* bit N: an electrode of channel N has no contact */
	__le64 clock;		/* device clock at the first scan */
} __packed;

#define OEH_CRC_LEN		4
#define OEH_PAD_LEN		4
#define OEH_MAX_FRAME_SAMPLES	(OEH_MAX_RATE / OEH_FRAMES_PER_SECOND)
#define OEH_MAX_FRAME_LEN	(sizeof(struct oeh_frame) + \
				 OEH_MAX_FRAME_SAMPLES * OEH_MAX_CHANNELS * 4 + \
				 OEH_PAD_LEN + OEH_CRC_LEN)

/* Interrupt IN: the marker button, with or without capture. */
#define OEH_MARKER_PRESSED	BIT(0)

struct oeh_marker {
	__u8 type;		/* OEH_FRAME_MARKER */
	__u8 flags;
	__le16 sequence;	/* of marker reports since power-up */
	__le32 counter;		/* newest scan's, 0 when not streaming */
	__le64 clock;		/* device clock of the edge */
} __packed;

/* Bytes that a sample of this resolution takes: 2, 3 or 4. */
static inline unsigned int oeh_sample_bytes(unsigned int bits)
{
	return (bits + 7) / 8;
}

/* Most scans that a frame may hold at this rate. */
static inline unsigned int oeh_frame_samples(unsigned int rate)
{
	return rate < OEH_FRAMES_PER_SECOND ? 1 : rate / OEH_FRAMES_PER_SECOND;
}

/* Length of a frame; pad is counted in where it is needed. */
static inline unsigned int oeh_frame_length(unsigned int samples,
					    unsigned int channels,
					    unsigned int bits)
{
	unsigned int len = sizeof(struct oeh_frame) +
			   samples * channels * oeh_sample_bytes(bits) +
			   OEH_CRC_LEN;

	return len % OEH_PACKET ? len : len + OEH_PAD_LEN;
}

#endif /* OEH_H */
