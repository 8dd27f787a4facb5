// SPDX-License-Identifier: GPL-2.0-only
/* The marker button: an input device, with or without a capture. */
#include <linux/input.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/time64.h>
#include <linux/usb/input.h>

#include "emg_headset.h"

static int emg_marker_open(struct input_dev *input)
{
	struct emg_headset *hs = input_get_drvdata(input);
	struct oeh_state state;
	int ret;

	ret = emg_begin(hs);
	if (ret)
		return ret;

	/* The headset has kept the presses that nobody asked for. */
	ret = emg_get_status(hs, &state);
	if (!ret) {
		hs->marker_since = state.clock;
		ret = emg_pipe_start(&hs->marker);
	}
	hs->marker_opened = !ret;
	/* From now on the headset sleeps only if a press can wake it. */
	if (!ret)
		hs->intf->needs_remote_wakeup = 1;
	emg_end(hs);

	return ret;
}

static void emg_marker_close(struct input_dev *input)
{
	struct emg_headset *hs = input_get_drvdata(input);

	hs->intf->needs_remote_wakeup = 0;

	mutex_lock(&hs->lock);
	hs->marker_opened = false;
	emg_pipe_stop(&hs->marker);
	mutex_unlock(&hs->lock);
}

/* The device's clock in microseconds, as MSC_TIMESTAMP has it. */
static u32 emg_marker_usec(const struct emg_headset *hs, u64 clock)
{
	u32 rem;
	u64 sec = div_u64_rem(clock, hs->info.clock_hz, &rem);

	return sec * USEC_PER_SEC + div_u64((u64)rem * USEC_PER_SEC, hs->info.clock_hz);
}

void emg_marker_received(struct emg_headset *hs, const void *data, size_t len)
{
	struct oeh_marker_info marker;
	enum oeh_error error;
	ktime_t time;

	error = oeh_marker_parse(data, len, &marker);
	if (error) {
		dev_dbg_ratelimited(&hs->intf->dev, "%s\n", oeh_error_text(error));
		return;
	}
	if (marker.clock < hs->marker_since)
		return;

	/* On the time line of the samples where there are any. */
	if (emg_capture_time(hs, marker.clock, &time))
		input_set_timestamp(hs->input, time);

	input_event(hs->input, EV_MSC, MSC_TIMESTAMP, emg_marker_usec(hs, marker.clock));
	input_report_key(hs->input, BTN_0, marker.pressed);
	input_sync(hs->input);
}

int emg_marker_register(struct emg_headset *hs)
{
	struct input_dev *input;
	int ret;

	if (!hs->marker.count)
		return 0;

	input = input_allocate_device();
	if (!input)
		return -ENOMEM;

	usb_make_path(hs->udev, hs->input_phys, sizeof(hs->input_phys));
	strlcat(hs->input_phys, "/input0", sizeof(hs->input_phys));

	input->name = "EMG headset marker";
	input->phys = hs->input_phys;
	input->uniq = hs->info.serial;
	usb_to_input_id(hs->udev, &input->id);
	input->dev.parent = &hs->intf->dev;
	input->open = emg_marker_open;
	input->close = emg_marker_close;
	input_set_drvdata(input, hs);
	input_set_capability(input, EV_KEY, BTN_0);
	input_set_capability(input, EV_MSC, MSC_TIMESTAMP);

	hs->input = input;
	ret = input_register_device(input);
	if (ret) {
		hs->input = NULL;
		input_free_device(input);
	}

	return ret;
}

void emg_marker_unregister(struct emg_headset *hs)
{
	if (hs->input)
		input_unregister_device(hs->input);
}
