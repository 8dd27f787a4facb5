// SPDX-License-Identifier: GPL-2.0-only
/* A mistake that sparse has to find, or it does not look: a number in the wrong byte order. */
#include <linux/module.h>

static u32 canary(__le32 wire)
{
	return wire;
}

static int __init canary_init(void)
{
	return canary(cpu_to_le32(1)) ? 0 : -EINVAL;
}
module_init(canary_init);

MODULE_DESCRIPTION("A mistake that sparse has to find");
MODULE_LICENSE("GPL");
