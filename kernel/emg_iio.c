// SPDX-License-Identifier: GPL-2.0-only
/* The IIO device: channels, attributes, buffer. */
#include <linux/delay.h>
#include <linux/iio/buffer.h>
#include <linux/iio/kfifo_buf.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/sysfs.h>

#include "compat.h"
#include "emg_headset.h"
#include "oeh_site.h"

/* What the extra scan elements are, as in_countN. */
#define EMG_COUNT_SAMPLES	0
#define EMG_COUNT_LEAD_OFF	1

/* A headset has its impedances within a second; they are good for two. */
#define EMG_IMPEDANCE_POLLS	10
#define EMG_IMPEDANCE_POLL_MS	100
#define EMG_IMPEDANCE_KEEP_MS	2000

#define EMG_FV_PER_PV		1000
#define EMG_PV_PER_MV		1000000000

/* Take the headset for a request in direct mode; undone by emg_iio_end(). */
static int emg_iio_begin(struct emg_headset *hs)
{
	int ret;

	if (!iio_device_claim_direct(hs->indio_dev))
		return -EBUSY;

	ret = emg_begin(hs);
	if (ret)
		iio_device_release_direct(hs->indio_dev);

	return ret;
}

static void emg_iio_end(struct emg_headset *hs)
{
	emg_end(hs);
	iio_device_release_direct(hs->indio_dev);
}

static int emg_iio_read_voltage(struct emg_headset *hs, unsigned int channel, int *val)
{
	int ret;

	ret = emg_iio_begin(hs);
	if (ret)
		return ret;

	ret = emg_capture_single(hs, channel, val);
	emg_iio_end(hs);

	return ret ?: IIO_VAL_INT;
}

/* All electrodes; the headset does not stream meanwhile. */
static int emg_iio_read_impedances(struct emg_headset *hs, unsigned int *unknown)
{
	u32 *ohm = hs->impedance.ohm;
	unsigned int i;
	int ret;

	*unknown = 0;
	for (i = 0; i < hs->info.channel_count; i++, ohm += 2) {
		ret = emg_get_impedance(hs, i, &ohm[0], &ohm[1]);
		if (ret)
			return ret;
		*unknown += (ohm[0] == OEH_IMPEDANCE_UNKNOWN) +
			    (ohm[1] == OEH_IMPEDANCE_UNKNOWN);
	}

	return 0;
}

/*
 * hs->lock is held, but not while the headset measures: sleep, a reset, the
 * light and the button don't wait for it. Direct mode keeps others away from
 * what it measures.
 */
static int emg_iio_measure_impedances(struct emg_headset *hs)
{
	unsigned int polls, unknown;
	int ret;

	hs->impedance.valid = false;
	ret = emg_request(hs, OEH_REQ_IMPEDANCE, 1);
	if (ret)
		return ret;

	for (polls = 0; polls < EMG_IMPEDANCE_POLLS; polls++) {
		mutex_unlock(&hs->lock);
		msleep(EMG_IMPEDANCE_POLL_MS);
		mutex_lock(&hs->lock);
		ret = emg_iio_read_impedances(hs, &unknown);
		if (ret || !unknown)
			break;
	}

	if (!ret)
		ret = emg_request(hs, OEH_REQ_IMPEDANCE, 0);
	else
		emg_request(hs, OEH_REQ_IMPEDANCE, 0);

	hs->impedance.valid = !ret;
	hs->impedance.taken = jiffies;

	return ret;
}

static int emg_iio_read_resistance(struct emg_headset *hs, unsigned int electrode, int *val)
{
	unsigned long end;
	u32 ohm = 0;
	int ret;

	ret = emg_iio_begin(hs);
	if (ret)
		return ret;

	end = hs->impedance.taken + msecs_to_jiffies(EMG_IMPEDANCE_KEEP_MS);
	if (!hs->impedance.valid || time_after(jiffies, end))
		ret = emg_iio_measure_impedances(hs);
	if (!ret)
		ohm = hs->impedance.ohm[electrode];
	emg_iio_end(hs);

	if (ret)
		return ret;
	if (ohm > INT_MAX)
		return -ENODATA;

	*val = ohm;

	return IIO_VAL_INT;
}

/* Millivolts of a count, as integer and nano. */
static void emg_iio_scale(const struct emg_headset *hs, unsigned int channel,
			  unsigned int gain, int *val, int *val2)
{
	u64 fv = hs->info.channel[channel].lsb_fv;
	u32 divisor = hs->info.gains[gain] * EMG_FV_PER_PV;
	u32 rem;

	*val = div_u64_rem(div_u64(fv + divisor / 2, divisor), EMG_PV_PER_MV, &rem);
	*val2 = rem;
}

static int emg_iio_read_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			    int *val, int *val2, long mask)
{
	struct emg_headset *hs = iio_priv(indio_dev);

	switch (mask) {
	case IIO_CHAN_INFO_RAW:
		if (chan->type == IIO_RESISTANCE)
			return emg_iio_read_resistance(hs, chan->channel, val);

		return emg_iio_read_voltage(hs, chan->channel, val);
	case IIO_CHAN_INFO_SCALE:
		mutex_lock(&hs->lock);
		emg_iio_scale(hs, chan->channel, hs->gain[chan->channel], val, val2);
		mutex_unlock(&hs->lock);

		return IIO_VAL_INT_PLUS_NANO;
	case IIO_CHAN_INFO_SAMP_FREQ:
		mutex_lock(&hs->lock);
		*val = hs->format.rate;
		mutex_unlock(&hs->lock);

		return IIO_VAL_INT;
	default:
		return -EINVAL;
	}
}

static int emg_iio_read_avail(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			      const int **vals, int *type, int *length, long mask)
{
	struct emg_headset *hs = iio_priv(indio_dev);

	switch (mask) {
	case IIO_CHAN_INFO_SCALE:
		*vals = hs->scales[chan->channel][0];
		*type = IIO_VAL_INT_PLUS_NANO;
		*length = 2 * hs->scale_count[chan->channel];

		return IIO_AVAIL_LIST;
	case IIO_CHAN_INFO_SAMP_FREQ:
		*vals = hs->rates;
		*type = IIO_VAL_INT;
		*length = hs->info.rate_count;

		return IIO_AVAIL_LIST;
	default:
		return -EINVAL;
	}
}

/* The gain that gives this scale, or -EINVAL. */
static int emg_iio_find_gain(const struct emg_headset *hs, unsigned int channel, int val,
			     int val2)
{
	unsigned int gain;
	int v, v2;

	for (gain = 0; gain < hs->info.gain_count; gain++) {
		if (!(hs->info.channel[channel].gain_mask & BIT(gain)))
			continue;
		emg_iio_scale(hs, channel, gain, &v, &v2);
		if (v == val && v2 == val2)
			return gain;
	}

	return -EINVAL;
}

static int emg_iio_set_scale(struct emg_headset *hs, unsigned int channel, int val, int val2)
{
	int gain, ret;

	gain = emg_iio_find_gain(hs, channel, val, val2);
	if (gain < 0)
		return gain;

	ret = emg_request(hs, OEH_REQ_SET_GAIN, channel << 8 | gain);
	if (!ret)
		hs->gain[channel] = gain;

	return ret;
}

static int emg_iio_set_rate(struct emg_headset *hs, int val)
{
	unsigned int i;
	int ret;

	for (i = 0; i < hs->info.rate_count; i++) {
		if (hs->rates[i] == val)
			break;
	}
	if (i == hs->info.rate_count)
		return -EINVAL;

	ret = emg_request(hs, OEH_REQ_SET_RATE, val);
	if (!ret)
		hs->format.rate = val;

	return ret;
}

static int emg_iio_write_raw(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			     int val, int val2, long mask)
{
	struct emg_headset *hs = iio_priv(indio_dev);
	int ret;

	ret = emg_iio_begin(hs);
	if (ret)
		return ret;

	switch (mask) {
	case IIO_CHAN_INFO_SCALE:
		ret = emg_iio_set_scale(hs, chan->channel, val, val2);
		break;
	case IIO_CHAN_INFO_SAMP_FREQ:
		ret = val2 ? -EINVAL : emg_iio_set_rate(hs, val);
		break;
	default:
		ret = -EINVAL;
		break;
	}
	emg_iio_end(hs);

	return ret;
}

static int emg_iio_write_raw_get_fmt(struct iio_dev *indio_dev,
				     struct iio_chan_spec const *chan, long mask)
{
	switch (mask) {
	case IIO_CHAN_INFO_SCALE:
		return IIO_VAL_INT_PLUS_NANO;
	case IIO_CHAN_INFO_SAMP_FREQ:
		return IIO_VAL_INT;
	default:
		return -EINVAL;
	}
}

static int emg_iio_read_label(struct iio_dev *indio_dev, struct iio_chan_spec const *chan,
			      char *label)
{
	struct emg_headset *hs = iio_priv(indio_dev);
	const struct oeh_channel_info *info;

	switch (chan->type) {
	case IIO_VOLTAGE:
		info = &hs->info.channel[chan->channel];

		return sysfs_emit(label, "%s_%s\n", oeh_side_label(info->side),
				  oeh_muscle_label(info->muscle));
	case IIO_RESISTANCE:
		info = &hs->info.channel[chan->channel / 2];

		return sysfs_emit(label, "%s_%s_%s\n", oeh_side_label(info->side),
				  oeh_muscle_label(info->muscle),
				  chan->channel % 2 ? "negative" : "positive");
	case IIO_COUNT:
		return sysfs_emit(label, "%s\n", chan->channel == EMG_COUNT_LEAD_OFF ?
				  "lead_off" : "sample_counter");
	default:
		return -EINVAL;
	}
}

static const struct iio_info emg_iio_info = {
	.read_raw = emg_iio_read_raw,
	.read_avail = emg_iio_read_avail,
	.write_raw = emg_iio_write_raw,
	.write_raw_get_fmt = emg_iio_write_raw_get_fmt,
	.read_label = emg_iio_read_label,
};

static int emg_iio_preenable(struct iio_dev *indio_dev)
{
	struct emg_headset *hs = iio_priv(indio_dev);

	/* No autosuspend while the buffer is enabled. */
	return usb_autopm_get_interface(hs->intf);
}

static int emg_iio_postenable(struct iio_dev *indio_dev)
{
	struct emg_headset *hs = iio_priv(indio_dev);
	int ret;

	mutex_lock(&hs->lock);
	ret = emg_capture_start(hs);
	hs->capturing = !ret;
	mutex_unlock(&hs->lock);

	return ret;
}

static int emg_iio_predisable(struct iio_dev *indio_dev)
{
	struct emg_headset *hs = iio_priv(indio_dev);

	mutex_lock(&hs->lock);
	hs->capturing = false;
	emg_capture_stop(hs);
	mutex_unlock(&hs->lock);

	return 0;
}

static int emg_iio_postdisable(struct iio_dev *indio_dev)
{
	struct emg_headset *hs = iio_priv(indio_dev);

	usb_autopm_put_interface(hs->intf);

	return 0;
}

static const struct iio_buffer_setup_ops emg_iio_setup_ops = {
	.preenable = emg_iio_preenable,
	.postenable = emg_iio_postenable,
	.predisable = emg_iio_predisable,
	.postdisable = emg_iio_postdisable,
};

static struct iio_chan_spec *emg_iio_add_voltage(struct emg_headset *hs,
						 struct iio_chan_spec *chan,
						 unsigned int index)
{
	unsigned int gain, n = 0;

	chan->type = IIO_VOLTAGE;
	chan->indexed = 1;
	chan->channel = index;
	chan->info_mask_separate = BIT(IIO_CHAN_INFO_RAW) | BIT(IIO_CHAN_INFO_SCALE);
	chan->info_mask_separate_available = BIT(IIO_CHAN_INFO_SCALE);
	chan->info_mask_shared_by_all = BIT(IIO_CHAN_INFO_SAMP_FREQ);
	chan->info_mask_shared_by_all_available = BIT(IIO_CHAN_INFO_SAMP_FREQ);
	chan->scan_index = hs->elements++;
	chan->scan_type.sign = 's';
	chan->scan_type.realbits = hs->format.bits;
	chan->scan_type.storagebits = 32;
	chan->scan_type.endianness = IIO_CPU;

	for (gain = 0; gain < hs->info.gain_count; gain++) {
		if (!(hs->info.channel[index].gain_mask & BIT(gain)))
			continue;
		emg_iio_scale(hs, index, gain, &hs->scales[index][n][0],
			      &hs->scales[index][n][1]);
		n++;
	}
	hs->scale_count[index] = n;

	return chan + 1;
}

static struct iio_chan_spec *emg_iio_add_count(struct emg_headset *hs,
					       struct iio_chan_spec *chan,
					       unsigned int index)
{
	chan->type = IIO_COUNT;
	chan->indexed = 1;
	chan->channel = index;
	chan->scan_index = hs->elements++;
	chan->scan_type.sign = 'u';
	chan->scan_type.realbits = 32;
	chan->scan_type.storagebits = 32;
	chan->scan_type.endianness = IIO_CPU;

	return chan + 1;
}

static struct iio_chan_spec *emg_iio_add_resistance(struct iio_chan_spec *chan,
						    unsigned int index)
{
	chan->type = IIO_RESISTANCE;
	chan->indexed = 1;
	chan->channel = index;
	chan->info_mask_separate = BIT(IIO_CHAN_INFO_RAW);
	chan->scan_index = -1;

	return chan + 1;
}

static struct iio_chan_spec *emg_iio_add_timestamp(struct emg_headset *hs,
						   struct iio_chan_spec *chan)
{
	const struct iio_chan_spec timestamp = IIO_CHAN_SOFT_TIMESTAMP(hs->elements);

	*chan = timestamp;

	return chan + 1;
}

static int emg_iio_init_channels(struct emg_headset *hs)
{
	unsigned int n = hs->info.channel_count;
	struct iio_chan_spec *chan;
	unsigned int i;

	/* Each with two electrodes, two counts and the timestamp. */
	chan = devm_kcalloc(&hs->intf->dev, 3 * n + 3, sizeof(*chan), GFP_KERNEL);
	if (!chan)
		return -ENOMEM;

	hs->indio_dev->channels = chan;
	for (i = 0; i < n; i++)
		chan = emg_iio_add_voltage(hs, chan, i);
	chan = emg_iio_add_count(hs, chan, EMG_COUNT_SAMPLES);
	if (hs->info.caps & OEH_CAP_LEAD_OFF)
		chan = emg_iio_add_count(hs, chan, EMG_COUNT_LEAD_OFF);
	chan = emg_iio_add_timestamp(hs, chan);

	if (hs->info.caps & OEH_CAP_IMPEDANCE) {
		for (i = 0; i < 2 * n; i++)
			chan = emg_iio_add_resistance(chan, i);
	}
	hs->indio_dev->num_channels = chan - hs->indio_dev->channels;

	/* A frame always has all elements; IIO's core takes them apart. */
	bitmap_set(hs->scan_masks, 0, hs->elements);
	hs->indio_dev->available_scan_masks = hs->scan_masks;

	return 0;
}

/* Everything but the registration. */
int emg_iio_init(struct emg_headset *hs)
{
	struct iio_dev *indio_dev = hs->indio_dev;
	unsigned int i;
	int ret;

	for (i = 0; i < hs->info.rate_count; i++)
		hs->rates[i] = hs->info.rates[i];

	ret = emg_iio_init_channels(hs);
	if (ret)
		return ret;

	indio_dev->name = EMG_NAME;
	indio_dev->label = hs->info.serial;
	indio_dev->info = &emg_iio_info;
	indio_dev->modes = INDIO_DIRECT_MODE | INDIO_BUFFER_SOFTWARE;

	return devm_iio_kfifo_buffer_setup(&hs->intf->dev, indio_dev, &emg_iio_setup_ops);
}
