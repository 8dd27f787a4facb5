/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <glob.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "module.h"
#include "util.h"

DEFINE_CLEANUP(struct kmod_ctx *, kmod_unref)
DEFINE_CLEANUP(struct kmod_module *, kmod_module_unref)

static int module_open(struct kmod_ctx **ctx, struct kmod_module **module)
{
	*ctx = kmod_new(NULL, NULL);
	if (!*ctx)
		return -ENOMEM;
	kmod_set_log_priority(*ctx, 0); /* what is wrong is said by the caller */
	return kmod_module_new_from_name(*ctx, MODULE_NAME, module);
}

/*
 * "6.1.0-18-amd64 SMP preempt mod_unload": its first word says for which kernel.
 * 1 for this one, 0 for another, or negative errno where the file cannot be read.
 */
static int vermagic_matches(struct kmod_module *module, const char *kernel)
{
	struct kmod_list *info = NULL, *item;
	int matches = 1;
	int r;

	r = kmod_module_get_info(module, &info);
	if (r < 0)
		return r;
	kmod_list_foreach(item, info)
	{
		const char *value = kmod_module_info_get_value(item);

		if (strcmp(kmod_module_info_get_key(item), "vermagic") == 0)
			matches = strncmp(value, kernel, strlen(kernel)) == 0 &&
				  value[strlen(kernel)] == ' ';
	}
	kmod_module_info_free_list(info);
	return matches;
}

/* By a blacklist, or by "install emg_headset /bin/false". */
static bool module_is_blocked(struct kmod_ctx *ctx, struct kmod_module *module)
{
	struct kmod_list *all = NULL, *left = NULL;
	bool blocked;

	if (kmod_module_get_install_commands(module))
		return true;
	if (kmod_module_new_from_lookup(ctx, MODULE_NAME, &all) < 0 || !all)
		return false;
	blocked = kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, all, &left) >= 0 && !left;
	kmod_module_unref_list(left);
	kmod_module_unref_list(all);
	return blocked;
}

/* Where it was installed for a kernel that is not running. */
static void other_kernel_look(struct module_info *info)
{
	static const char *const patterns[] = {
		"/lib/modules/*/updates/" MODULE_NAME ".ko*",
		"/lib/modules/*/updates/dkms/" MODULE_NAME ".ko*",
		"/lib/modules/*/extra/" MODULE_NAME ".ko*",
		"/lib/modules/*/kernel/drivers/iio/*/" MODULE_NAME ".ko*",
	};

	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		glob_t found;

		if (glob(patterns[i], 0, NULL, &found) != 0)
			continue;
		if (sscanf(found.gl_pathv[0], "/lib/modules/%127[^/]", info->other) == 1)
			info->state = MODULE_OTHER_KERNEL;
		globfree(&found);
		return;
	}
}

/* What building it would take. */
static void build_look(struct module_info *info)
{
	char makefile[MODULE_TEXT_MAX + 32];
	glob_t found;

	snprintf(makefile, sizeof(makefile), "/lib/modules/%s/build/Makefile", info->kernel);
	info->has_headers = access(makefile, F_OK) == 0;
	info->has_dkms = glob("/usr/src/emg-headset-*/dkms.conf", 0, NULL, &found) == 0;
	if (info->has_dkms)
		globfree(&found);
}

int module_look(struct module_info *ret)
{
	_cleanup_(kmod_unrefp) struct kmod_ctx *ctx = NULL;
	_cleanup_(kmod_module_unrefp) struct kmod_module *module = NULL;
	struct utsname uts;
	int r;

	*ret = (struct module_info){.state = MODULE_MISSING};
	if (uname(&uts) < 0)
		return -errno;
	snprintf(ret->kernel, sizeof(ret->kernel), "%s", uts.release);
	build_look(ret);
	r = module_open(&ctx, &module);
	if (r < 0)
		return r;
	r = kmod_module_get_initstate(module);
	if (r >= 0) {
		ret->state = r == KMOD_MODULE_BUILTIN ? MODULE_BUILT_IN : MODULE_LOADED;
		return 0;
	}
	r = kmod_module_get_path(module) ? vermagic_matches(module, ret->kernel) : -ENOENT;
	if (r > 0) {
		ret->state = module_is_blocked(ctx, module) ? MODULE_BLOCKED : MODULE_INSTALLED;
	} else if (r == 0) {
		ret->state = MODULE_OTHER_KERNEL;
		strcpy(ret->other, "another kernel");
	} else {
		other_kernel_look(ret);
	}
	return 0;
}

int module_load(void)
{
	_cleanup_(kmod_unrefp) struct kmod_ctx *ctx = NULL;
	_cleanup_(kmod_module_unrefp) struct kmod_module *module = NULL;
	int r;

	r = module_open(&ctx, &module);
	if (r < 0)
		return r;
	if (kmod_module_get_initstate(module) < 0 && !kmod_module_get_path(module))
		return -ENOENT;
	return kmod_module_probe_insert_module(module, 0, NULL, NULL, NULL, NULL);
}
