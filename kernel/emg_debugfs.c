// SPDX-License-Identifier: GPL-2.0-only
/* debugfs: usb/emg_headset-INTERFACE/, for those who test headsets. */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "emg_headset.h"

/* A snapshot: the numbers belong together. In samples, unless named otherwise. */
static int statistics_show(struct seq_file *file, void *unused)
{
	struct emg_headset *hs = file->private;
	u64 ring_lost, stale_frames;
	struct oeh_loss loss;

	spin_lock_irq(&hs->stream_lock);
	loss = hs->loss;
	ring_lost = hs->ring_lost;
	stale_frames = hs->stale_frames;
	spin_unlock_irq(&hs->stream_lock);

	seq_printf(file, "samples %llu\n", loss.samples);
	seq_printf(file, "lost_device %llu\n", loss.lost.device);
	seq_printf(file, "lost_bus %llu\n", loss.lost.bus);
	seq_printf(file, "lost_checksum %llu\n", loss.lost.checksum);
	seq_printf(file, "lost_ring %llu\n", ring_lost);
	seq_printf(file, "frames %llu\n", loss.frames);
	seq_printf(file, "frames_rejected %llu\n", loss.rejected);
	seq_printf(file, "frames_stale %llu\n", stale_frames);
	seq_printf(file, "restarts %llu\n", loss.restarts);
	seq_printf(file, "transfer_errors %u\n", atomic_read(&hs->data.errors));

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(statistics);

static int firmware_show(struct seq_file *file, void *unused)
{
	struct emg_headset *hs = file->private;

	seq_printf(file, "%s\n", hs->info.firmware);

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(firmware);

static int test_signal_get(void *data, u64 *val)
{
	struct emg_headset *hs = data;

	mutex_lock(&hs->lock);
	*val = hs->test_signal;
	mutex_unlock(&hs->lock);

	return 0;
}

static int test_signal_set(void *data, u64 val)
{
	struct emg_headset *hs = data;
	int ret;

	if (val > 1)
		return -EINVAL;

	ret = emg_begin(hs);
	if (ret)
		return ret;

	ret = emg_request(hs, OEH_REQ_TEST_SIGNAL, val);
	if (!ret)
		hs->test_signal = val;
	emg_end(hs);

	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(test_signal_fops, test_signal_get, test_signal_set, "%llu\n");

void emg_debugfs_register(struct emg_headset *hs)
{
	char name[48];

	snprintf(name, sizeof(name), EMG_NAME "-%s", dev_name(&hs->intf->dev));
	hs->debugfs = debugfs_create_dir(name, usb_debug_root);

	debugfs_create_file("statistics", 0444, hs->debugfs, hs, &statistics_fops);
	debugfs_create_file("firmware", 0444, hs->debugfs, hs, &firmware_fops);
	if (hs->info.caps & OEH_CAP_TEST_SIGNAL)
		debugfs_create_file("test_signal", 0644, hs->debugfs, hs, &test_signal_fops);
}

void emg_debugfs_unregister(struct emg_headset *hs)
{
	debugfs_remove_recursive(hs->debugfs);
}
