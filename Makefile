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
prefix ?= /usr
sysconfdir ?= /etc

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

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -DSPASMD_VERSION='"$(VERSION)"' -Wall -Wextra \
	-Wmissing-prototypes -Wstrict-prototypes -Wshadow -ffp-contract=off \
	$(WERROR) $(INCLUDES) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

obj = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2))

.PHONY: all daemon modules man unit-tests test-tools benches bench bench-bus evaluate demo clean help deps
.PHONY: check check-unit check-kunit check-vm check-bus-fuzz check-matrix lint coverage kernel-patch
.PHONY: soak vm-stock
.DELETE_ON_ERROR:
.SECONDARY:

all: daemon modules

help:
	@sed -n '2,7s/^# \{0,1\}//p' Makefile
	@echo "  make check-unit | check-kunit | check-vm   parts of the tests"
	@echo "  make check-bus-fuzz                        100000 wrong calls on the bus, twice"
	@echo "  make demo RECORDING=FILE                   play a recording instead"
	@echo "  make lint                                  static checks"
	@echo "  make coverage                              of the protocol's code by its tests"
	@echo "  make check-matrix                          kernels x compilers, and the kernel's own tree"
	@echo "  make kernel-patch                          the driver as patches for the kernel's tree"
	@echo "  make evaluate [QUICK=1]                    how well the detector does"
	@echo "  make bench                                 what detector and readers cost"
	@echo "  make bench-bus                             how soon clients hear"
	@echo "  make soak                                  the driver's long tests, can be resumed"
	@echo "  make modules KDIR=/path/to/kernel/build    for another kernel"

# ---- packages ----------------------------------------------------------------
# Asked only by goals that compile userspace, and said by the package's name.
ifneq ($(filter-out clean help deps modules lint coverage kernel-patch,$(or $(MAKECMDGOALS),all)),)
ifeq ($(filter check check-% demo,$(MAKECMDGOALS)),)
MISSING := $(shell tests/deps --missing build)
ifneq ($(MISSING),)
$(error These packages are missing: $(MISSING). Install them with "apt-get install $(MISSING)" or "make deps")
endif
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -linih -lm
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
$(PROGRAMS) $(BUILD)/emg-scene:
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

$(BUILD)/bench-%: $(BUILD)/obj/tests/bench/bench-%.o $(BUILD)/libscene.a $(BUILD)/libspasm.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

# How well the detector does; on scenes that it was not worked on. QUICK=1: a minute.
evaluate: $(BUILD)/spasmctl $(BUILD)/emg-scene
	tests/evaluate/evaluate --judge --compare \
	  $(if $(QUICK),--quick,--write tests/evaluate/RESULTS.md)

# What it costs; timed, and therefore never a part of the tests.
bench: $(BENCHES) $(BUILD)/spasmctl $(BUILD)/emg-scene
	tests/bench/run tests/bench/RESULTS.md

bench-bus: daemon test-tools vm-stock
	tests/bench/bus tests/bench/BUS.md

# What tests/vm/run --kernel stock boots.
vm-stock:
	tests/vm/kernel stock
	$(MAKE) modules KDIR="$$(tests/vm/kernel stock --kdir)" KARCH="$$(tests/vm/kernel stock --arch)"

unit-tests: $(UNIT_TESTS)
test-tools: $(TEST_TOOLS)
benches: $(BENCHES)

check:
	@tests/check lint unit host kunit vm

check-unit:
	@tests/check unit host

check-kunit:
	@tests/check kunit

check-vm:
	@tests/check vm

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

demo:
	@tests/demo $(if $(RECORDING),"$(RECORDING)")

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
