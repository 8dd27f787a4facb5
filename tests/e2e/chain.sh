# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Starts and stops the parts of the chain: emulated headset, module, daemon, bridge
# and both buses. Sourced by the end-to-end tests and the demo, in a VM or, as root,
# on a machine whose kernel can load modules. Everything ends with the script.

TREE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$TREE/build:$PATH:/usr/sbin:/sbin

chain_dir=$(mktemp -d "${TMPDIR:-/tmp}/spasmd-chain.XXXXXX")
chmod 0755 "$chain_dir"
chain_pids=()
gadgets=0
# shellcheck disable=SC2034 # for the scripts that source this
daemon_pid='' bridge_pid='' gadget_pid=''

chain_say() { printf '%s\n' "$*" >&2; }

chain_die() {
	chain_say "${0##*/}: $*"
	exit 1
}

chain_cleanup() {
	local i

	# The newest first: a bus is the last that goes.
	for ((i = ${#chain_pids[@]} - 1; i >= 0; i--)); do
		kill "${chain_pids[i]}" 2>/dev/null
		wait "${chain_pids[i]}" 2>/dev/null
	done
	rm -rf "$chain_dir"
}
trap chain_cleanup EXIT
trap 'exit 1' INT TERM

# wait_for SECONDS COMMAND...: until it succeeds; false when it has not by then. The machine may
# be busy, and waiting costs time only where something is wrong: be generous.
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# process_stop PID: and wait for its end; its exit status.
process_stop() {
	kill "$1" 2>/dev/null
	wait "$1"
}

# --- kernel -----------------------------------------------------------------------

chain_modules() {
	[ "$(id -u)" = 0 ] || chain_die "must run as root: it plugs a headset into the kernel"
	modprobe -q dummy_hcd num=2 || true # two controllers, so two headsets
	modprobe -aq industrialio kfifo_buf libcomposite usb_f_fs evdev || true
	[ -d /sys/module/emg_headset ] || modprobe -q emg_headset || true
	[ -d /sys/module/emg_headset ] || chain_die "the module emg_headset is not loaded:" \
		"run \"make modules\", then \"insmod build/modules/\$(uname -r)/kernel/emg_headset.ko\""
	[ -n "$(ls /sys/class/udc 2>/dev/null)" ] || chain_die "this kernel has no emulated" \
		"USB device controller (dummy_hcd)"
	mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
}

# --- buses ------------------------------------------------------------------------

# bus_start NAME CONFIG: a bus of our own; prints its address.
bus_start() {
	local address=unix:path=$chain_dir/$1.socket

	dbus-daemon --config-file="$2" --address="$address" --nofork --nopidfile \
		2>"$chain_dir/$1.log" 3>&- &
	chain_pids+=($!)
	wait_for 30 test -S "$chain_dir/$1.socket" || chain_die "the $1 bus does not start"
	bus_address=$address
}

session_config() {
	cat <<-'END'
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>session</type>
		  <listen>unix:path=/nonexistent</listen>
		  <policy context="default">
		    <allow send_destination="*" eavesdrop="true"/>
		    <allow eavesdrop="true"/>
		    <allow own="*"/>
		  </policy>
		</busconfig>
	END
}

# As a distribution's system bus, with our policy; whoever runs this may be the service.
system_config() {
	cat <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>system</type>
		  <listen>unix:path=/nonexistent</listen>
		  <auth>EXTERNAL</auth>
		  <policy context="default">
		    <allow user="*"/>
		    <deny own="*"/>
		    <deny send_type="method_call"/>
		    <allow send_type="signal"/>
		    <allow send_requested_reply="true" send_type="method_return"/>
		    <allow send_requested_reply="true" send_type="error"/>
		    <allow receive_type="method_call"/>
		    <allow receive_type="method_return"/>
		    <allow receive_type="error"/>
		    <allow receive_type="signal"/>
		    <allow send_destination="org.freedesktop.DBus"
		           send_interface="org.freedesktop.DBus"/>
		    <allow send_destination="org.freedesktop.DBus"
		           send_interface="org.freedesktop.DBus.Introspectable"/>
		    <allow send_destination="org.freedesktop.DBus"
		           send_interface="org.freedesktop.DBus.Properties"/>
		  </policy>
		  <include>$TREE/dbus/org.spasmd1.conf</include>
		  <policy user="$(id -un)">
		    <allow own="org.spasmd1"/>
		    <allow send_destination="org.spasmd1"/>
		  </policy>
		</busconfig>
	END
}

# The machine's own system bus where the policy is installed, else one of our own.
chain_buses() {
	if [ ! -e /usr/share/dbus-1/system.d/org.spasmd1.conf ] &&
		[ ! -e /etc/dbus-1/system.d/org.spasmd1.conf ] || [ "${1:-}" = private ]; then
		system_config >"$chain_dir/system.conf"
		bus_start system "$chain_dir/system.conf"
		export DBUS_SYSTEM_BUS_ADDRESS=$bus_address
	fi
	session_config >"$chain_dir/session.conf"
	bus_start session "$chain_dir/session.conf"
	export DBUS_SESSION_BUS_ADDRESS=$bus_address
}

name_is_owned() { # --system|--user
	busctl "$1" --timeout=5 call org.freedesktop.DBus /org/freedesktop/DBus \
		org.freedesktop.DBus NameHasOwner s org.spasmd1 | grep -q true
}

# --- programs ---------------------------------------------------------------------

# As the package runs it where its user and its rules are there, else as root.
chain_daemon() { # ARGUMENT...
	local as=()

	if getent passwd spasmd >/dev/null && [ -e /etc/udev/rules.d/70-spasmd.rules ] &&
		[ -z "${CHAIN_DAEMON_AS_ROOT:-}" ]; then
		as=(setpriv --reuid=spasmd --regid=spasmd --init-groups --no-new-privs)
	fi
	# SPASMD_RUN: a daemon that was built otherwise, or what it runs under.
	# shellcheck disable=SC2086 # several words
	"${as[@]}" ${SPASMD_RUN:-spasmd} "$@" 2>>"$chain_dir/daemon.log" &
	daemon_pid=$!
	chain_pids+=("$daemon_pid")
	wait_for 30 name_is_owned --system || {
		cat "$chain_dir/daemon.log" >&2
		chain_die "spasmd does not start"
	}
}

chain_bridge() {
	spasmctl bridge 2>>"$chain_dir/bridge.log" &
	bridge_pid=$!
	chain_pids+=("$bridge_pid")
	wait_for 30 bridge_is_connected || {
		cat "$chain_dir/bridge.log" >&2
		chain_die "the session bridge does not connect"
	}
}

bridge_is_connected() {
	[ "$(busctl --user get-property org.spasmd1 /org/spasmd1 org.spasmd1.Bridge \
		Connection)" = "u 1" ]
}

# Plugs a headset in. The Nth, from 1, has the serial number GN, and in the folder
# $chain_dir/gadget.N what it said (out, err, log) and its control.
chain_gadget() { # ARGUMENT...
	local dir

	gadgets=$((gadgets + 1))
	dir=$chain_dir/gadget.$gadgets
	mkdir "$dir"
	# A busy machine is no reason to lose samples there.
	emg-headset-gadget --serial "G$gadgets" --control "$dir/control" --log "$dir/log" \
		--log-every 1000 --memory 10 --queue 1024 "$@" >"$dir/out" 2>"$dir/err" &
	gadget_pid=$!
	chain_pids+=("$gadget_pid")
	wait_for 30 grep -q '^ready:' "$dir/out" || {
		cat "$dir/err" >&2
		chain_die "the emulated headset does not start"
	}
}

gadgets_stop() {
	local i

	for ((i = 1; i <= gadgets; i++)); do gadget_tell "$i" quit; done
}

gadget_tell() { # N COMMAND...
	local control=$chain_dir/gadget.$1/control

	shift
	echo "$*" >"$control"
}

# --- what is there ----------------------------------------------------------------

headset_path() { echo "/org/spasmd1/headset/G${1:-$gadgets}"; } # [N]: the newest

headset_get() { # PROPERTY [N]: without its type
	local value

	value=$(busctl --system get-property org.spasmd1 "$(headset_path "${2:-}")" \
		org.spasmd1.Headset "$1") && echo "${value#* }"
}

headset_call() { # N METHOD [SIGNATURE ARGUMENT...]
	local n=$1

	shift
	busctl --system call org.spasmd1 "$(headset_path "$n")" org.spasmd1.Headset "$@"
}

headset_streams() { # [N]
	[ "$(headset_get State "${1:-}")" = 2 ]
}

headset_is_gone() { # [N]
	! headset_get State "${1:-}"
}

# The folder of its IIO device in sysfs.
headset_sysfs() { # [N]
	local path

	path=$(headset_get SysfsPath "${1:-}") && path=${path#\"} && echo "${path%\"}"
}

# --- results ----------------------------------------------------------------------

tap_n=0
tap_failed=0

# check NAME COMMAND...: a line of TAP; on failure what it printed, and the messages.
check() {
	local name=$1 out

	shift
	tap_n=$((tap_n + 1))
	if out=$("$@" 2>&1); then
		echo "ok $tap_n - $name"
		return
	fi
	tap_failed=1
	echo "not ok $tap_n - $name"
	printf '%s\n' "$out" | sed 's/^/# /'
	chain_messages | sed 's/^/# daemon: /'
}

# What the daemon has said last; a service says it to the journal.
chain_messages() { tail -n 20 "$chain_dir/daemon.log" 2>/dev/null; }

# Takes over what another program has checked and measured, from standard input.
check_lines() {
	local line

	while read -r line; do
		case $line in
		'#'*) echo "$line" ;;
		ok*) check "${line#ok - }" true ;;
		*) check "${line#not ok - }" false ;;
		esac
	done
}

# figure NAME VALUE [LIMIT]: a row of a table; tests/bench/bus judges it.
figure() { echo "# | $1 | $2 | ${3:-} |"; }

tap_end() {
	echo "1..$tap_n"
	exit $tap_failed
}
