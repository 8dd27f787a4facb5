# SPDX-License-Identifier: GPL-2.0-or-later
# spasmd: kernel module, emulated headset, daemon and command line.
#
#   make            everything        make check      all tests
#   make daemon     userspace only    make demo       the whole chain in a VM
#   make modules    the module only   make help       the other targets

VERSION := 0.1.0

# make has a default of its own, "cc", that ?= would leave
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
BUILD := build
CFLAGS ?= -O2 -g
WERROR ?= -Werror
# yes: the daemon asks polkit who may do what; no: it goes by users and groups.
POLKIT ?= yes
# no: what is missing is left to the compiler, for cross-builds and packages.
CHECK_DEPS ?= yes

# ---- what is built from what ------------------------------------------------
# Each program has its main.c; all the rest is pure or tested through libraries.
PURE_SRC := $(wildcard kernel/oeh_*.c daemon/shared/*.c daemon/detect/*.c daemon/recording/*.c)
SCENE_SRC := $(filter-out %/main.c,$(wildcard tests/scenes/*.c))
GADGET_SRC := $(filter-out %/main.c,$(wildcard gadget/*.c))
SPASMD_SRC := $(filter-out %/main.c,$(wildcard daemon/spasmd/*.c))
SPASMCTL_SRC := $(filter-out %/main.c,$(wildcard daemon/spasmctl/*.c))
LIB_SRC := $(PURE_SRC) $(SCENE_SRC) $(GADGET_SRC) $(SPASMD_SRC) $(SPASMCTL_SRC)
UNIT_SRC := $(wildcard tests/unit/test-*.c)
BENCH_SRC := $(wildcard tests/bench/bench-*.c)
TOOL_SRC := $(wildcard tests/e2e/*.c)
HOSTILE_SRC := $(wildcard tests/hostile/*.c)

PROGRAMS := $(BUILD)/spasmd $(BUILD)/spasmctl $(BUILD)/emg-headset-gadget
UNIT_TESTS := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/unit/%)
BENCHES := $(BENCH_SRC:tests/bench/%.c=$(BUILD)/%)
TEST_TOOLS := $(BUILD)/emg-scene $(TOOL_SRC:tests/e2e/%.c=$(BUILD)/e2e/%) \
	$(BUILD)/e2e/example-monitor $(BUILD)/e2e/hostile-headset

PACKAGES := libsystemd libudev libevdev libkmod
INCLUDES := $(addprefix -I,kernel daemon/shared daemon/detect daemon/recording daemon/spasmd \
	daemon/spasmctl gadget tests/scenes tests/vectors tests/unit/shim)

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DSPASMD_VERSION='"$(VERSION)"' \
	-DSPASMD_POLKIT=$(if $(filter yes,$(POLKIT)),1,0) -Wall -Wextra \
	-Wmissing-prototypes -Wstrict-prototypes -Wshadow -ffp-contract=off \
	$(WERROR) $(INCLUDES) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

obj = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))

.PHONY: all daemon modules man unit-tests run-unit-tests test-tools benches bench bench-bus evaluate demo clean help deps
.PHONY: check check-unit check-kunit check-vm check-bus-fuzz check-matrix lint coverage kernel-patch
.PHONY: soak bench-hours check-vm-others vm-stock vm-uml vm-uml-time
.PHONY: install install-dkms uninstall version check-package check-cross
.DELETE_ON_ERROR:
.SECONDARY:

all: daemon modules

help:
	@sed -n '2,7s/^# \{0,1\}//p' Makefile
	@echo "  make check-unit | check-kunit | check-vm   parts of the tests"
	@echo "  make check-bus-fuzz                        100000 wrong calls on the bus, twice"
	@echo "  make check-package | check-cross           packages, builds for boards (as root)"
	@echo "  make install [DESTDIR= prefix=]            without packages; see doc/install.md"
	@echo "  make demo RECORDING=FILE                   play a recording instead"
	@echo "  make lint                                  static checks"
	@echo "  make coverage                              of the protocol's code by its tests"
	@echo "  make check-matrix                          kernels x compilers, and the kernel's own tree"
	@echo "  make kernel-patch                          the driver as patches for the kernel's tree"
	@echo "  make evaluate [QUICK=1]                    how well the detector does"
	@echo "  make bench                                 what detector and readers cost"
	@echo "  make bench-bus | bench-hours               how soon clients hear; memory over a day"
	@echo "  make soak                                  the driver's long tests, can be resumed"
	@echo "  make modules KDIR=/path/to/kernel/build    for another kernel"

# ---- packages ----------------------------------------------------------------
# Asked only by goals that compile userspace, and said by the package's name.
ifneq ($(filter-out clean help deps modules lint coverage kernel-patch version install-dkms uninstall,$(or $(MAKECMDGOALS),all)),)
ifeq ($(filter-out yes,$(CHECK_DEPS))$(filter check check-% demo,$(MAKECMDGOALS)),)
MISSING := $(shell tests/deps --missing build)
ifneq ($(MISSING),)
$(error These packages are missing: $(MISSING). Install them with "apt-get install $(MISSING)" or "make deps")
endif
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS := -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -linih -lm
endif

deps:
	@tests/deps --install all

# ---- userspace -----------------------------------------------------------------
daemon: $(PROGRAMS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/asan/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(SANITIZE) -c -o $@ $<

# Eight channels side by side, where the processor has AVX2; it is asked (daemon/detect/lanes.c).
AVX2 := $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine 2>/dev/null)),-mavx2)
$(BUILD)/obj/daemon/detect/lanes-eight.o $(BUILD)/asan/daemon/detect/lanes-eight.o: \
	ALL_CFLAGS += $(AVX2)

$(BUILD)/libspasm.a: $(call obj,obj,$(PURE_SRC))
$(BUILD)/libscene.a: $(call obj,obj,$(SCENE_SRC))
$(BUILD)/libasan.a: $(call obj,asan,$(LIB_SRC))
$(BUILD)/%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/spasmd: $(call obj,obj,$(wildcard daemon/spasmd/*.c)) $(BUILD)/libspasm.a
$(BUILD)/spasmctl: $(call obj,obj,$(wildcard daemon/spasmctl/*.c)) $(BUILD)/libspasm.a
$(BUILD)/emg-headset-gadget: $(call obj,obj,$(wildcard gadget/*.c)) $(BUILD)/libscene.a $(BUILD)/libspasm.a
$(BUILD)/emg-scene: $(call obj,obj,tests/scenes/main.c) $(BUILD)/libscene.a $(BUILD)/libspasm.a
$(BUILD)/rises: $(call obj,obj,tests/evaluate/rises.c) $(BUILD)/libspasm.a
$(PROGRAMS) $(BUILD)/emg-scene $(BUILD)/rises:
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# ---- manual --------------------------------------------------------------------
man: $(BUILD)/man/org.spasmd1.5

$(BUILD)/man/org.spasmd1.5: dbus/manual $(wildcard dbus/*.xml)
	@mkdir -p $(@D)
	dbus/manual $(VERSION) $(addprefix dbus/org.spasmd1.,$(addsuffix .xml,Manager Headset Episodes Bridge)) >$@

# ---- the module ---------------------------------------------------------------
# Built on a copy: the kernel's own rules write beside the sources.
KDIR ?= /lib/modules/$(shell uname -r)/build
ifneq ($(filter modules,$(or $(MAKECMDGOALS),modules)),)
KRELEASE := $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h 2>/dev/null)
endif
KCC ?= gcc
KARCH ?=
MODULE_DIR = $(BUILD)/modules/$(KRELEASE)-$(notdir $(firstword $(KCC)))
MODULE_SRC := Kbuild $(wildcard kernel/*.[ch] kernel/Kbuild tests/vectors/*.h)

modules:
	@test -n "$(KRELEASE)" || { echo "There are no kernel headers in $(KDIR)." \
	  "Install them with \"apt-get install linux-headers-$$(uname -r)\"," \
	  "or name a configured kernel with KDIR=..." >&2; exit 1; }
	@mkdir -p $(MODULE_DIR)
	@cp -u --parents $(MODULE_SRC) $(MODULE_DIR)
	$(MAKE) -C $(KDIR) M=$(abspath $(MODULE_DIR)) CC=$(KCC) $(if $(KARCH),ARCH=$(KARCH)) W=1 \
	  $(KMAKEFLAGS) modules
	@mkdir -p $(BUILD)/modules && ln -sfn $(notdir $(MODULE_DIR)) $(BUILD)/modules/$(KRELEASE)

# For a tree of the newest kernel that Debian has: "git am" takes it.
kernel-patch:
	@kernel=$$(tests/vm/kernel 7.3 --source) && kernel/mainline/series "$$kernel"

# ---- installation --------------------------------------------------------------
# Buses, polkit and udev look below /usr, so that is where things go by default.
prefix ?= /usr
exec_prefix ?= $(prefix)
bindir ?= $(exec_prefix)/bin
sbindir ?= $(exec_prefix)/sbin
includedir ?= $(prefix)/include
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/spasmd
udevdir ?= $(prefix)/lib/udev
unitdir ?= $(prefix)/lib/systemd/system
userunitdir ?= $(prefix)/lib/systemd/user
sysusersdir ?= $(prefix)/lib/sysusers.d
catalogdir ?= $(prefix)/lib/systemd/catalog
dbusdir ?= $(datadir)/dbus-1
polkitdir ?= $(datadir)/polkit-1
bashcompletiondir ?= $(datadir)/bash-completion/completions
zshcompletiondir ?= $(datadir)/zsh/site-functions
dkmsdir ?= $(prefix)/src/emg-headset-$(VERSION)
INSTALL ?= install

# What is installed: MODE:FILE:WHERE, where a folder ends with a slash. FILE.in is filled in.
FILES_BIN := \
	0755:$(BUILD)/spasmd:$(sbindir)/ \
	0755:$(BUILD)/spasmctl:$(bindir)/ \
	0755:$(BUILD)/emg-headset-gadget:$(sbindir)/
FILES_SYSTEM := \
	0644:daemon/spasmd/spasmd.service.in:$(unitdir)/ \
	0644:daemon/spasmd/spasmd.sysusers:$(sysusersdir)/spasmd.conf \
	0644:daemon/spasmd/spasmd.catalog:$(catalogdir)/ \
	0644:daemon/spasmctl/spasmd-bridge.service.in:$(userunitdir)/ \
	0644:udev/70-spasmd.rules:$(udevdir)/rules.d/ \
	0644:udev/70-spasmd.hwdb:$(udevdir)/hwdb.d/ \
	0755:udev/spasmd-access:$(udevdir)/ \
	0644:dbus/org.spasmd1.conf:$(dbusdir)/system.d/ \
	0644:dbus/system/org.spasmd1.service:$(dbusdir)/system-services/ \
	0644:dbus/session/org.spasmd1.service.in:$(dbusdir)/services/
ifeq ($(POLKIT),yes)
FILES_SYSTEM += \
	0644:dbus/org.spasmd1.policy:$(polkitdir)/actions/ \
	0644:dbus/org.spasmd1.rules:$(polkitdir)/rules.d/
endif
FILES_DEV := \
	$(patsubst %,0644:%:$(dbusdir)/interfaces/,$(wildcard dbus/org.spasmd1.*.xml)) \
	$(patsubst %,0644:%:$(includedir)/spasmd/,kernel/oeh.h daemon/shared/oeh-userspace.h)
FILES_DOC := \
	0644:daemon/spasmd/spasmd.8:$(mandir)/man8/ \
	0644:daemon/spasmd/spasmd.conf.5:$(mandir)/man5/ \
	0644:$(BUILD)/man/org.spasmd1.5:$(mandir)/man5/ \
	0644:daemon/spasmctl/spasmctl.1:$(mandir)/man1/ \
	0644:gadget/emg-headset-gadget.8:$(mandir)/man8/ \
	0644:kernel/emg_headset.4:$(mandir)/man4/ \
	0644:daemon/spasmctl/spasmctl.bash:$(bashcompletiondir)/spasmctl \
	0644:daemon/spasmctl/spasmctl.zsh:$(zshcompletiondir)/_spasmctl \
	0644:gadget/emg-headset-gadget.bash:$(bashcompletiondir)/emg-headset-gadget \
	0644:gadget/emg-headset-gadget.zsh:$(zshcompletiondir)/_emg-headset-gadget \
	0644:daemon/org.spasmd1.spasmd.metainfo.xml:$(datadir)/metainfo/ \
	$(patsubst %,0644:%:$(docdir)/,README.md kernel/PROTOCOL.md kernel/emg_headset.rst \
	  $(wildcard kernel/*-emg-headset doc/*)) \
	$(patsubst %,0644:%:$(docdir)/examples/,$(wildcard dbus/examples/*))
# What DKMS builds the module from: no tests, which need a kernel with KUnit.
FILES_DKMS := \
	0644:kernel/dkms.conf.in:$(dkmsdir)/ \
	0644:Kbuild:$(dkmsdir)/ \
	$(patsubst %,0644:%:$(dkmsdir)/kernel/,kernel/Kbuild \
	  $(filter-out %_test.c %/oeh_crc.c,$(wildcard kernel/*.[ch])))
FILES := $(FILES_BIN) $(FILES_SYSTEM) $(FILES_DEV) $(FILES_DOC)

# $(call each,FILES,put|take): installs or removes each of FILES.
each = @set -e; put() { case $$2 in \
	*.in) mkdir -p "$$(dirname "$$3")"; $(fill) "$$2" >"$$3"; chmod "$$1" "$$3" ;; \
	*) $(INSTALL) -D -m "$$1" "$$2" "$$3" ;; esac; }; \
	take() { rm -f "$$3"; }; \
	for entry in $(1); do (IFS=:; set -- $$entry; unset IFS; \
	  case $$3 in */) set -- $$1 $$2 $$3$$(basename $$2 .in) ;; esac; \
	  $(2) $$1 $$2 "$(DESTDIR)$$3"); done

fill = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@bindir@|$(bindir)|g' -e 's|@sbindir@|$(sbindir)|g'

install: daemon man
	$(call each,$(FILES),put)

# For DKMS, which builds the module anew for each kernel: "dkms install emg-headset/VERSION".
install-dkms:
	$(call each,$(FILES_DKMS),put)

uninstall:
	$(call each,$(FILES) $(FILES_DKMS),take)
	@for folder in $(docdir)/examples $(docdir) $(includedir)/spasmd $(dkmsdir)/kernel $(dkmsdir); do \
	  [ ! -d "$(DESTDIR)$$folder" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$folder"; done

version:
	@echo $(VERSION)

$(BUILD)/dkms.conf: kernel/dkms.conf.in Makefile
	@mkdir -p $(@D)
	$(fill) $< >$@

# ---- tests ---------------------------------------------------------------------
$(BUILD)/spasmd-asan: $(BUILD)/asan/daemon/spasmd/main.o $(BUILD)/libasan.a
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(PKG_LIBS)

$(BUILD)/unit/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/libasan.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(PKG_LIBS) -lcmocka

# The buffer is set up and its scans are taken apart by the daemon's own code.
$(BUILD)/e2e/iio-read: $(call obj,obj,daemon/spasmd/iio.c daemon/spasmd/scan.c)
$(BUILD)/e2e/%: $(BUILD)/obj/tests/e2e/%.o $(BUILD)/libspasm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# It is the emulated headset's model that is made to lie.
$(BUILD)/e2e/hostile-headset: $(call obj,obj,$(HOSTILE_SRC) gadget/device.c gadget/profile.c \
  tests/scenes/rng.c daemon/spasmd/iio.c daemon/spasmd/scan.c) $(BUILD)/libspasm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(BUILD)/e2e/example-monitor: $(BUILD)/obj/dbus/examples/monitor.o
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# Readers that tests/bench/driver compares; nothing that ships needs libusb or zlib.
$(BUILD)/bench/read-iio: $(call obj,obj,daemon/spasmd/iio.c daemon/spasmd/scan.c)
$(BUILD)/bench/read-usb: READER_LIBS = $(shell $(PKG_CONFIG) --libs libusb-1.0) -lz
$(BUILD)/obj/tests/bench/read-usb.o: PKG_CFLAGS += $(shell $(PKG_CONFIG) --cflags libusb-1.0)
$(BUILD)/bench/read-%: $(BUILD)/obj/tests/bench/read-%.o $(BUILD)/libspasm.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) $(READER_LIBS)

$(BUILD)/bench-%: $(BUILD)/obj/tests/bench/bench-%.o $(BUILD)/libscene.a $(BUILD)/libspasm.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# How well the detector does; on scenes that it was not worked on. QUICK=1: a minute.
evaluate: $(BUILD)/spasmctl $(BUILD)/emg-scene
	tests/evaluate/evaluate --judge --compare \
	  $(if $(QUICK),--quick,--write tests/evaluate/RESULTS.md)

# What it costs; timed, and therefore never a part of the tests.
bench: $(BENCHES) $(BUILD)/bench/read-iio $(BUILD)/bench/read-usb $(BUILD)/spasmctl $(BUILD)/emg-scene daemon
	tests/bench/run tests/bench/RESULTS.md
	tests/bench/driver tests/bench/DRIVER.md

bench-bus: daemon test-tools vm-stock vm-uml-time
	tests/bench/bus tests/bench/BUS.md

# Memory over a virtual day; an hour or two.
bench-hours: daemon test-tools vm-uml-time
	tests/vm/run --kernel uml-time --timeout 100000 --no-kmemleak -- tests/bench/daemon-hours 24

# What tests/vm/run --kernel NAME boots.
vm-stock vm-uml vm-uml-time: vm-%:
	tests/vm/kernel $*
	$(MAKE) modules KDIR="$$(tests/vm/kernel $* --kdir)" KARCH="$$(tests/vm/kernel $* --arch)"

unit-tests: $(UNIT_TESTS)
run-unit-tests: unit-tests
	@set -e; for test in $(UNIT_TESTS); do $$test; done
test-tools: $(TEST_TOOLS)
benches: $(BENCHES)

check:
	@tests/check lint unit host kunit vm

check-unit:
	@tests/check unit host

check-kunit:
	@tests/check kunit

# In all kernels that a test names; "make check" has the first.
check-vm:
	@tests/check vm vm-others

check-vm-others:
	@tests/check vm-others

lint:
	@tests/check lint

coverage:
	@tests/coverage

# Every kernel with every compiler: an hour at first, ten minutes with the trees in the cache.
check-matrix:
	@tests/deps --install matrix
	@tests/matrix/run

# What a hostile client may send, once under each of the two that look for mistakes, and while
# a headset comes and goes.
check-bus-fuzz: daemon test-tools $(BUILD)/spasmd-asan vm-stock
	tests/vm/run --kernel stock --timeout 3000 --env CALLS=20000 \
	  --env SPASMD_RUN=$(abspath $(BUILD)/spasmd-asan) -- tests/e2e/test-bus-fuzz
	CALLS=100000 SPASMD_RUN=$(abspath $(BUILD)/spasmd-asan) tests/e2e/test-bus-fuzz
	CALLS=100000 SPASMD_RUN="valgrind -q --leak-check=full --errors-for-leak-kinds=definite \
	  --error-exitcode=9 $(abspath $(BUILD)/spasmd)" tests/e2e/test-bus-fuzz

# The long tests of the driver: hours, and resumed where they were stopped.
soak: daemon test-tools
	@tests/soak $(if $(KERNEL),--kernel $(KERNEL)) $(if $(JOBS),--jobs $(JOBS))

# The packages: built, checked and installed in roots and virtual machines. As root.
check-package:
	@tests/check package

check-cross:
	@tests/check cross

demo:
	@tests/demo $(if $(RECORDING),"$(RECORDING)")

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
