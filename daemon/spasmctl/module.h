/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* The kernel module, as libkmod and sysfs tell. */
#define MODULE_NAME	"emg_headset"
#define MODULE_TEXT_MAX 128

enum module_state {
	MODULE_LOADED,
	MODULE_BUILT_IN,
	MODULE_INSTALLED,    /* for this kernel, not loaded */
	MODULE_BLOCKED,	     /* installed, and the configuration keeps it from loading by itself */
	MODULE_OTHER_KERNEL, /* only for another kernel */
	MODULE_MISSING,
};

struct module_info {
	enum module_state state;
	char kernel[MODULE_TEXT_MAX]; /* the running one */
	char other[MODULE_TEXT_MAX];  /* MODULE_OTHER_KERNEL: one it was built for */
	bool has_headers;	      /* of the running kernel: it can be built */
	bool has_dkms;		      /* which builds it where there are headers */
};

/* Returns 0 or negative errno. */
int module_look(struct module_info *ret);

/* Loads it with what it depends on. Returns 0 or negative errno. */
int module_load(void);
