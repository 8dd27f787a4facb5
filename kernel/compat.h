/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What differs between the kernels that the module builds on, 6.1 and later.
 * The only file that looks at the kernel's version.
 */
#ifndef EMG_COMPAT_H
#define EMG_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* For files that include linux/iio/buffer.h. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define emg_claim_direct	iio_device_claim_direct
#define emg_release_direct	iio_device_release_direct
#define emg_push_scan		iio_push_to_buffers_with_ts
#else
#define emg_claim_direct(dev)	(!iio_device_claim_direct_mode(dev))
#define emg_release_direct	iio_device_release_direct_mode
#define emg_push_scan(dev, scan, size, timestamp) \
	((void)(size), iio_push_to_buffers_with_timestamp(dev, scan, timestamp))
#endif

#endif /* EMG_COMPAT_H */
