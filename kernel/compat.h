/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What kernels from 6.1 on lack of the newest one, whose names the module uses.
 * The only file that looks at the kernel's version; not in the kernel's tree.
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
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define iio_device_claim_direct(dev)	(!iio_device_claim_direct_mode(dev))
#define iio_device_release_direct	iio_device_release_direct_mode
#define iio_push_to_buffers_with_ts(dev, scan, size, timestamp) \
	((void)(size), iio_push_to_buffers_with_timestamp(dev, scan, timestamp))
#endif

#endif /* EMG_COMPAT_H */
