/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Driver for headsets that speak the Open EMG Headset protocol: what its files
 * share.
 *
 *	emg_usb.c	binding, control requests, power management
 *	emg_pipe.c	the URBs of an IN endpoint
 *	emg_capture.c	from a frame to scans in the buffer
 *	emg_iio.c	channels and attributes
 *	emg_marker.c	the marker button, an input device
 *	emg_led.c	the identify light, an LED
 *	emg_debugfs.c	statistics and the test signal
 *	oeh_*.c		the protocol, pure
 */
#ifndef EMG_HEADSET_H
#define EMG_HEADSET_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/iio/iio.h>
#include <linux/leds.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/usb.h>
#include <linux/workqueue.h>

#include "oeh_describe.h"
#include "oeh_frame.h"
#include "oeh_loss.h"
#include "oeh_time.h"

#define EMG_NAME		"emg_headset"

/*
 * Frames come every 4 ms at the longest, so that this many bridge 64 ms in
 * which no completion runs.
 */
#define EMG_MAX_URBS		16

/* Scan elements: the channels, then two that tell about them, then the time. */
#define EMG_MAX_ELEMENTS	(OEH_MAX_CHANNELS + 2)

struct emg_headset;

/* The URBs of an IN endpoint, kept in flight from start to stop. */
struct emg_pipe {
	struct emg_headset *hs;
	void (*received)(struct emg_headset *hs, const void *data, size_t len);
	struct urb *urb[EMG_MAX_URBS];
	unsigned int count;
	bool started;

	/* URBs that came back with an error wait here for recover. */
	unsigned long idle;
	unsigned long flags;
	unsigned int failures;		/* since a transfer succeeded */
	atomic_t errors;		/* transfers that failed, ever */
	struct delayed_work recover;
};

/* Contact impedance of all electrodes, as last measured. */
struct emg_impedance {
	unsigned long taken;		/* jiffies */
	bool valid;
	u32 ohm[2 * OEH_MAX_CHANNELS];	/* positive and negative of each */
};

struct emg_headset {
	struct usb_interface *intf;
	struct usb_device *udev;
	struct iio_dev *indio_dev;
	struct oeh_info info;

	/*
	 * Serialises control requests and what they change, and starting and
	 * stopping of pipes. IIO's and input's locks are taken before it, it is
	 * never held when something is unregistered.
	 */
	struct mutex lock;
	struct oeh_format format;	/* changes only while not streaming */
	u8 gain[OEH_MAX_CHANNELS];	/* index into info.gains */
	bool test_signal;
	bool identify;
	bool capturing;			/* the buffer is enabled */
	bool running;			/* between START and STOP */
	bool marker_opened;
	u64 marker_since;		/* device clock; what is older is stale */
	struct emg_impedance impedance;
	bool was_reset;			/* and has to be set as before */

	struct delayed_work resume_work;
	unsigned int resume_tries;	/* that are left */

	struct emg_pipe data;
	struct emg_pipe marker;

	/* Shared by completions and whoever looks at them. */
	spinlock_t stream_lock;
	struct oeh_loss loss;
	struct oeh_time time;
	u64 ring_lost;			/* scans that the buffer had no room for */
	u64 stale_frames;
	bool starting;			/* START is under way */
	bool draining;			/* STOP was acknowledged */
	u32 final_sequence;
	clockid_t clock_id;
	s64 clock_offset;		/* from our base to that clock */

	/* A single reading: the first scan goes here, not into the buffer. */
	bool single;
	bool single_taken;
	struct completion event;	/* first frame of a reading, last of a run */
	s32 reading[OEH_MAX_CHANNELS];

	/* One scan as IIO wants it: elements, padding, timestamp. */
	unsigned int elements;
	u32 lead_off;
	u32 scan[EMG_MAX_ELEMENTS + 2] __aligned(8);

	struct iio_chan_spec *channels;
	unsigned long scan_masks[2 * BITS_TO_LONGS(EMG_MAX_ELEMENTS + 1)];
	int rates[OEH_MAX_RATES];
	int scales[OEH_MAX_CHANNELS][OEH_MAX_GAINS][2];	/* mV, nV: those it has */
	u8 scale_count[OEH_MAX_CHANNELS];

	struct input_dev *input;
	char input_phys[64];
	struct led_classdev led;
	char led_name[48];
	struct dentry *debugfs;
};

/* emg_usb.c */
int emg_request(struct emg_headset *hs, enum oeh_request request, u16 value);
int emg_get_status(struct emg_headset *hs, struct oeh_state *state);
int emg_get_impedance(struct emg_headset *hs, unsigned int channel, u32 *positive,
		      u32 *negative);
int emg_restore(struct emg_headset *hs);
int emg_begin(struct emg_headset *hs);
void emg_end(struct emg_headset *hs);

/* emg_pipe.c */
int emg_pipe_init(struct emg_pipe *pipe, struct emg_headset *hs,
		  const struct usb_endpoint_descriptor *ep, unsigned int count, size_t size,
		  void (*received)(struct emg_headset *hs, const void *data, size_t len));
void emg_pipe_free(struct emg_pipe *pipe);
int emg_pipe_start(struct emg_pipe *pipe);
void emg_pipe_stop(struct emg_pipe *pipe);

/* emg_capture.c */
int emg_capture_start(struct emg_headset *hs);
void emg_capture_stop(struct emg_headset *hs);
int emg_capture_single(struct emg_headset *hs, unsigned int channel, int *value);
void emg_capture_received(struct emg_headset *hs, const void *data, size_t len);
bool emg_capture_time(struct emg_headset *hs, u64 clock, ktime_t *time);

/* emg_iio.c */
int emg_iio_init(struct emg_headset *hs);

/* emg_marker.c */
int emg_marker_register(struct emg_headset *hs);
void emg_marker_unregister(struct emg_headset *hs);
void emg_marker_received(struct emg_headset *hs, const void *data, size_t len);

/* emg_led.c */
#if IS_ENABLED(CONFIG_LEDS_CLASS)
int emg_led_register(struct emg_headset *hs);
void emg_led_unregister(struct emg_headset *hs);
#else
static inline int emg_led_register(struct emg_headset *hs)
{
	return 0;
}

static inline void emg_led_unregister(struct emg_headset *hs)
{
}
#endif

/* emg_debugfs.c */
void emg_debugfs_register(struct emg_headset *hs);
void emg_debugfs_unregister(struct emg_headset *hs);

#endif /* EMG_HEADSET_H */
