# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests that want a kernel of ours: a lane for each kernel, in the background, since one of
# them uses a single processor. Sourced by tests/check.

test_seconds=600 # that a test may take in a VM
declare -A lane # its process, of the kernels whose lane has begun

# What tests/vm/run is to be told for a test, by its lines "# init:" and "# seconds:".
options_of() { # KERNEL first|others TEST
	sed -n -e 's/^# init: */--/p' -e 's/^# seconds: */--timeout\n/p' "$3"
	printf '%s\n' --cmdline-extra "$(time_of "$1" "$2")"
}

# The clock of a user-mode kernel may jump over the time in which there is nothing to do. Among the
# others it does not: by the time that passes here, processes interrupt each other at any place.
time_of() { # KERNEL first|others
	[ "$1 $2" != "uml first" ] || echo time-travel=inf-cpu
}

# True where TEST runs in KERNEL: the first that it names, or one of the others. The first is
# one of the others as well where time passes in another way there.
test_is_for() { # KERNEL first|others TEST
	local kernels

	kernels=$(kernels_of "$3")
	if [ "$2" = first ]; then
		[ "${kernels%% *}" = "$1" ]
	elif [ -n "$(time_of "$1" first)" ]; then
		[[ " $kernels " = *" $1 "* ]]
	else
		[[ " ${kernels#* } " = *" $1 "* && $kernels = *" "* ]]
	fi
}

# Those that share a VM (shared), or have one of their own (alone). Those that end udevd come
# after those that need it.
tests_for() { # KERNEL first|others shared|alone
	local t how
	local ends_udevd='^# udevd: none'

	# shellcheck disable=SC2046 # names of ours
	for t in $(grep -L "$ends_udevd" tests/e2e/test-*) $(grep -l "$ends_udevd" tests/e2e/test-*); do
		test_is_for "$1" "$2" "$t" || continue
		how=shared
		! grep -qE '^# (alone|init): ' "$t" || how=alone
		[ "$3" != $how ] || echo "$t"
	done
}

vm_test_name() { echo "e2e/$(basename "$2") on $1"; } # KERNEL TEST

# The VM in which one test after another runs; each has its own log and .status.
vm_run_shared() { # KERNEL first|others
	local -a tests

	mapfile -t tests < <(tests_for "$1" "$2" shared)
	[ ${#tests[@]} = 0 ] || tests/vm/run --kernel "$1" --out "$log_dir" \
		--cmdline-extra "$(time_of "$1" "$2")" --timeout $((test_seconds * ${#tests[@]})) -- \
		tests/vm/guest/several $test_seconds "${tests[@]}" \
		>"$(log_of "vm $1")" 2>&1 </dev/null
	echo $? >"$(log_of "vm $1").exit"
}

vm_run_alone() { # KERNEL first|others TEST
	local log start=$SECONDS status=0
	local -a options

	log=$(log_of "$(vm_test_name "$1" "$3")")
	mapfile -t options < <(options_of "$1" "$2" "$3")
	tests/vm/run --kernel "$1" --timeout $test_seconds "${options[@]}" -- "$3" \
		>"$log" 2>&1 </dev/null || status=$?
	echo "$status $((SECONDS - start))" >"${log%.log}.status"
}

# All tests of a kernel, one after another. A user-mode kernel by the time that passes takes it as
# it comes, an emulated one may be slow: it makes way. By virtual time nobody minds to wait.
vm_lane() { # KERNEL first|others
	local t

	[ "$1 $2" != "stock others" ] || renice -n 10 -p "$BASHPID" >/dev/null
	vm_run_shared "$1" "$2"
	while read -r t; do
		vm_run_alone "$1" "$2" "$t"
	done < <(tests_for "$1" "$2" alone)
}

# Starts the lane of a kernel unless it runs.
vm_lane_begin() { # KERNEL first|others
	[ -z "${lane[$1]:-}" ] || return 0
	need "build programs" make -j2 daemon test-tools || return
	need "kernel $1, and its module" make "vm-$1" || return
	rm -f "$log_dir"/*-on-"$1".status "$(log_of "vm $1").exit"
	set -m # in a process group of its own, to be ended with all that it runs
	vm_lane "$1" "$2" &
	set +m
	lane[$1]=$!
}

# Tells of each test of a lane when it has come to its end: a .status beside a log says that.
vm_tell() { # KERNEL TEST STILL-RUNNING...
	local name log status seconds

	name=$(vm_test_name "$1" "$2")
	log=$(log_of "$name")
	while [ ! -s "${log%.log}.status" ] && "${@:3}"; do
		sleep 0.5
	done
	touch "$log"
	read -r status seconds 2>/dev/null <"${log%.log}.status" || status=1 seconds='?'
	count "$name" "$log" "$status" "$seconds"
}

# What the kernel complains of is found when the VM has ended.
vm_tell_shared() { # KERNEL
	local log status

	log=$(log_of "vm $1")
	read -r status 2>/dev/null <"$log.exit" || status=1
	[ "$status" = 0 ] && return
	echo "not ok - the kernel" >>"$log"
	count "vm $1" "$log" "$status" '?'
}

vm_lane_runs() { kill -0 "${lane[$1]}" 2>/dev/null; } # KERNEL
vm_shared_runs() { [ ! -s "$(log_of "vm $1").exit" ] && vm_lane_runs "$1"; }

vm_lane_tell() { # KERNEL first|others
	local t

	[ -n "${lane[$1]:-}" ] || return
	while read -r t; do
		vm_tell "$1" "$t" vm_shared_runs "$1"
	done < <(tests_for "$1" "$2" shared)
	while vm_shared_runs "$1"; do
		sleep 0.5
	done
	vm_tell_shared "$1"
	while read -r t; do
		vm_tell "$1" "$t" vm_lane_runs "$1"
	done < <(tests_for "$1" "$2" alone)
	wait "${lane[$1]}"
	unset "lane[$1]"
}

# The emulated machine beside the user-mode kernels: two processors are enough.
vm_lanes() { # first|others
	local kernel

	vm_lane_begin stock "$1"
	for kernel in uml-time uml; do
		[ -n "$(tests_for $kernel "$1" shared; tests_for $kernel "$1" alone)" ] || continue
		vm_lane_begin $kernel "$1"
		vm_lane_tell $kernel "$1"
	done
	vm_lane_tell stock "$1"
}
