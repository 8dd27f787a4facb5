// SPDX-License-Identifier: GPL-2.0-or-later
/* The USB gadget through configfs. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "error-text.h"
#include "oeh.h"
#include "usb-gadget.h"
#include "util.h"

#define CONFIGFS "/sys/kernel/config"
#define GADGETS	 CONFIGFS "/usb_gadget"
#define UDCS	 "/sys/class/udc"
#define MOUNTS	 "/run/emg-headset-gadget"
#define PREFIX	 "emg-headset." /* of our gadgets; then the process */

struct usb_gadget {
	struct usb_gadget_config config;
	char name[32];
	char path[96];	/* in configfs */
	char mount[96]; /* of FunctionFS */
	char udc[64];
	bool mounted;
};

DEFINE_CLEANUP(DIR *, closedir)

static int file_write(const char *folder, const char *name, const char *text)
{
	_cleanup_close_ int fd = -1;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return -errno;

	return 0;
}

static bool udc_is_dummy(const char *udc)
{
	return strncmp(udc, "dummy_udc", strlen("dummy_udc")) == 0;
}

static int folder_make(const char *folder, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static void folder_remove(const char *folder, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	rmdir(path);
}

/* ---- what has to be there ------------------------------------------------------------------ */

static int system_check(char **error)
{
	if (geteuid() != 0)
		return error_text(error, -EPERM,
				  "must run as root to set up a USB gadget: try sudo");

	if (access(CONFIGFS, F_OK) < 0)
		return error_text(error, -ENOENT,
				  "the kernel has no configfs: run \"modprobe libcomposite\"");

	if (access(GADGETS, F_OK) < 0)
		mount("none", CONFIGFS, "configfs", 0, NULL);
	if (access(GADGETS, F_OK) < 0)
		return error_text(error, -ENOENT,
				  "the kernel's USB gadget support is not loaded: run "
				  "\"modprobe libcomposite usb_f_fs\" (CONFIG_USB_CONFIGFS_F_FS)");

	return 0;
}

static int controller_check(const struct usb_gadget_config *config, char **error)
{
	char path[256];

	if (!config->udc) {
		_cleanup_(closedirp) DIR *dir = opendir(UDCS);
		struct dirent *entry;

		while (dir && (entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				return 0;
		return error_text(error, -ENODEV,
				  "there is no USB device controller in " UDCS
				  ": load its driver, or "
				  "\"modprobe dummy_hcd\" for an emulated one");
	}

	snprintf(path, sizeof(path), UDCS "/%s", config->udc);
	if (access(path, F_OK) < 0)
		return error_text(error, -ENODEV,
				  "there is no USB device controller %s: see " UDCS
				  " for those that exist",
				  config->udc);

	return 0;
}

/* ---- making and taking away ---------------------------------------------------------------- */

static void gadget_remove(const char *name)
{
	char path[96];
	char link[160];

	snprintf(path, sizeof(path), GADGETS "/%s", name);
	file_write(path, "UDC", "\n");
	snprintf(link, sizeof(link), "%s/configs/c.1/ffs.%s", path, name);
	unlink(link);
	folder_remove(path, "configs/c.1");
	snprintf(link, sizeof(link), "functions/ffs.%s", name);
	folder_remove(path, link);
	folder_remove(path, "strings/0x409");
	rmdir(path);
}

static void mount_remove(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), MOUNTS "/%s", name);
	umount2(path, MNT_DETACH);
	rmdir(path);
	rmdir(MOUNTS);
}

/* A process that was killed hard leaves its gadget behind, and the controller taken. */
static void stale_remove(void)
{
	_cleanup_(closedirp) DIR *dir = opendir(GADGETS);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char name[32];
		int pid;

		if (sscanf(entry->d_name, PREFIX "%d", &pid) != 1 || pid <= 0 ||
		    kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		snprintf(name, sizeof(name), PREFIX "%d", pid);
		mount_remove(name);
		gadget_remove(name);
	}
}

static int gadget_describe(struct usb_gadget *g)
{
	static const struct {
		const char *name, *text;
	} attributes[] = {
		{"bcdUSB", "0x0200"},
		{"strings/0x409/manufacturer", "spasmd"},
		{"strings/0x409/product", "Emulated EMG headset"},
		{"configs/c.1/MaxPower", "100"},
	};
	char id[16];
	unsigned int i;
	int r;

	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		r = file_write(g->path, attributes[i].name, attributes[i].text);
		if (r < 0)
			return r;
	}

	snprintf(id, sizeof(id), "0x%04x", g->config.vid ? g->config.vid : OEH_USB_VENDOR);
	r = file_write(g->path, "idVendor", id);
	if (r < 0)
		return r;
	snprintf(id, sizeof(id), "0x%04x", g->config.pid ? g->config.pid : OEH_USB_TEST_PRODUCT);
	r = file_write(g->path, "idProduct", id);
	if (r < 0)
		return r;

	/* kernels before 5.17 don't have it; they run as fast as the controller can */
	r = file_write(g->path, "max_speed", g->config.full_speed ? "full-speed" : "high-speed");
	if (r < 0 && (r != -ENOENT || g->config.full_speed))
		return r;

	return file_write(g->path, "strings/0x409/serialnumber", g->config.serial);
}

static int gadget_make(struct usb_gadget *g)
{
	char function[160], link[192], name[64];
	int r;

	if (mkdir(g->path, 0755) < 0)
		return -errno;

	snprintf(name, sizeof(name), "functions/ffs.%s", g->name);
	if ((r = folder_make(g->path, "strings/0x409")) < 0 ||
	    (r = folder_make(g->path, "configs/c.1")) < 0 || (r = folder_make(g->path, name)) < 0 ||
	    (r = gadget_describe(g)) < 0)
		return r;

	snprintf(function, sizeof(function), "%s/%s", g->path, name);
	snprintf(link, sizeof(link), "%s/configs/c.1/ffs.%s", g->path, g->name);
	return symlink(function, link) < 0 ? -errno : 0;
}

static int functionfs_mount(struct usb_gadget *g)
{
	if ((mkdir(MOUNTS, 0755) < 0 && errno != EEXIST) ||
	    (mkdir(g->mount, 0755) < 0 && errno != EEXIST))
		return -errno;

	if (mount(g->name, g->mount, "functionfs", 0, NULL) < 0)
		return -errno;

	g->mounted = true;
	return 0;
}

int usb_gadget_new(const struct usb_gadget_config *config, struct usb_gadget **ret, char **error)
{
	struct usb_gadget *g;
	int r;

	r = system_check(error);
	if (r < 0)
		return r;
	r = controller_check(config, error);
	if (r < 0)
		return r;
	stale_remove();

	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->config = *config;
	snprintf(g->name, sizeof(g->name), PREFIX "%d", (int)getpid());
	snprintf(g->path, sizeof(g->path), GADGETS "/%s", g->name);
	snprintf(g->mount, sizeof(g->mount), MOUNTS "/%s", g->name);

	r = gadget_make(g);
	if (r < 0) {
		error_text(error, r, "cannot set up the gadget in %s: %s%s", g->path, strerror(-r),
			   r == -ENOENT ? "; is FunctionFS there? Run \"modprobe usb_f_fs\"" : "");
		goto fail;
	}
	r = functionfs_mount(g);
	if (r < 0) {
		error_text(error, r, "cannot mount FunctionFS on %s: %s", g->mount, strerror(-r));
		goto fail;
	}

	*ret = g;
	return 0;

fail:
	usb_gadget_free(g);
	return r;
}

struct usb_gadget *usb_gadget_free(struct usb_gadget *g)
{
	if (!g)
		return NULL;

	/* the function can't go while it is mounted, nor the mount while it is bound */
	usb_gadget_unbind(g);
	if (g->mounted)
		mount_remove(g->name);
	gadget_remove(g->name);
	free(g);

	return NULL;
}

const char *usb_gadget_functionfs(const struct usb_gadget *g)
{
	return g->mount;
}

/* ---- plugging ------------------------------------------------------------------------------- */

static int bind_to(struct usb_gadget *g, const char *udc, char **error)
{
	int r;

	if (!udc_is_dummy(udc) && (!g->config.vid || !g->config.pid))
		return error_text(
			error, -EINVAL,
			"%s is a real controller: give it a USB ID of your own with --vid "
			"and --pid (the test ID is for emulated buses only)",
			udc);

	r = file_write(g->path, "UDC", udc);
	if (r < 0)
		return error_text(error, r, "cannot bind to %s: %s%s", udc, strerror(-r),
				  r == -EBUSY ? "; another gadget has it" : "");

	if (udc != g->udc)
		snprintf(g->udc, sizeof(g->udc), "%s", udc);
	return 0;
}

static int bind_to_any(struct usb_gadget *g, char **error)
{
	struct dirent **entries;
	int n, i;
	int r = -ENODEV;

	/* sorted, so that several gadgets take the controllers in order */
	n = scandir(UDCS, &entries, NULL, versionsort);
	for (i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.' && r != 0) {
			free(TAKE_PTR(*error));
			r = bind_to(g, entries[i]->d_name, error);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);

	return r;
}

int usb_gadget_bind(struct usb_gadget *g, char **error)
{
	/* plugged in again: at the same port */
	if (g->udc[0])
		return bind_to(g, g->udc, error);
	if (g->config.udc)
		return bind_to(g, g->config.udc, error);

	return bind_to_any(g, error);
}

int usb_gadget_unbind(struct usb_gadget *g)
{
	return file_write(g->path, "UDC", "\n");
}

const char *usb_gadget_udc(const struct usb_gadget *g)
{
	return g->udc[0] ? g->udc : NULL;
}
