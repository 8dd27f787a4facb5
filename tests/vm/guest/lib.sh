# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests that run in the guest, sourced:  . tests/vm/guest/lib.sh
#
# Each function ends with 0, or says on standard error what is wrong and ends with something
# else. Everything that was started is gone with the guest; gadget_stop and daemon_stop are for
# tests of just that. Logs lie in $SPASMD_VM_OUT, so that --out keeps them.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
logs=${SPASMD_VM_OUT:-$(mktemp -d)}
gadget_pid=
daemon_pid=

# --- waiting ----------------------------------------------------------------------------------

# wait_for SECONDS COMMAND...: until COMMAND succeeds. Emulated processors are slow: be generous,
# it only costs time when something is wrong.
wait_for()
{
	local seconds=$1 end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "waited $seconds s in vain for: $*" >&2; return 1; }
		sleep 0.1
	done
}

process_gone()
{
	! kill -0 "$1" 2>/dev/null
}

# --- the emulated headset ---------------------------------------------------------------------

# usb_load [PORTS]: an emulated USB host with that many device controllers, and FunctionFS.
usb_load()
{
	modprobe dummy_hcd num="${1:-1}" && modprobe -a libcomposite usb_f_fs
}

# gadget_start ARGUMENT...: plug the emulated headset in. Sets $gadget_pid, and $gadget_log to
# what it prints. Several may run, one for each port of usb_load.
gadget_start()
{
	gadget_count=$((${gadget_count:-0} + 1))
	gadget_log=$logs/gadget-$gadget_count.log
	"$tree/build/emg-headset-gadget" "$@" >"$gadget_log" 2>&1 &
	gadget_pid=$!
	wait_for 30 gadget_answers "$gadget_pid" "$gadget_log" && grep -q '^ready' "$gadget_log" && return
	echo "the emulated headset did not start: $(cat "$gadget_log")" >&2
	return 1
}

gadget_answers()
{
	grep -q '^ready' "$2" || process_gone "$1"
}

# gadget_stop [PID]: unplug it; its exit status comes back.
gadget_stop()
{
	local pid=${1:-$gadget_pid}

	kill -TERM "$pid"
	wait "$pid"
}

# --- the IIO device ---------------------------------------------------------------------------

# iio_devices: the headsets that are there and that udev is through with, a name a line.
iio_devices()
{
	local device

	for device in /sys/bus/iio/devices/iio:device*; do
		[ "$(cat "$device/name" 2>/dev/null)" = emg_headset ] || continue
		[ -e "/dev/${device##*/}" ] && echo "${device##*/}"
	done
}

iio_count_is()
{
	[ "$(iio_devices | wc -l)" -eq "$1" ]
}

# iio_wait [N]: until N headsets (1) are there; prints them. N may be 0.
iio_wait()
{
	wait_for 30 iio_count_is "${1:-1}" && udevadm settle && iio_devices
}

# --- daemon, buses, users ---------------------------------------------------------------------

bus_has()
{
	busctl --system call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus \
		NameHasOwner s "$1" | grep -q true
}

# daemon_start ARGUMENT...: the daemon as its own user, without capabilities, on the system bus.
daemon_start()
{
	daemon_log=$logs/spasmd.log
	setpriv --reuid spasmd --regid spasmd --init-groups --inh-caps=-all --bounding-set=-all \
		--no-new-privs "$tree/build/spasmd" "$@" >>"$daemon_log" 2>&1 &
	daemon_pid=$!
	wait_for 30 bus_has org.spasmd1 && return
	echo "the daemon did not start: $(cat "$daemon_log")" >&2
	return 1
}

daemon_stop()
{
	kill -TERM "$daemon_pid"
	wait "$daemon_pid"
}

# user_run COMMAND...: as the test user (uid 1000), on that user's session bus.
user_run()
{
	setpriv --reuid user --regid user --init-groups env -i \
		"PATH=$PATH" HOME=/home/user USER=user LANG=C.UTF-8 \
		XDG_RUNTIME_DIR=/run/user/1000 \
		DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus "$@"
}

# session_start: the test user's session bus. The bridge is started by it when it is asked for.
session_start()
{
	user_run dbus-daemon --session --fork --nopidfile \
		--address=unix:path=/run/user/1000/bus
}
