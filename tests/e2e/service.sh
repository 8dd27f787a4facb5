# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For tests of the service as a distribution has it: systemd, logind, polkit and our units,
# in a VM by tests/vm/run --systemd. Sourced after chain.sh.

[ -n "${SPASMD_VM:-}" ] && [ -d /run/systemd/system ] ||
	chain_die "changes the system: run it in a VM, by tests/vm/run --systemd"

# What the test user's session on tty1 is called; empty: not logged in yet.
session_id() {
	loginctl --no-legend | awk '$3 == "user" && / tty1( |$)/ { print $1; exit }'
}

session_is() { # PROPERTY VALUE
	[ "$(loginctl show-session --value -p "$1" "$(session_id)")" = "$2" ]
}

session_wait() {
	wait_for 60 session_is State active || chain_die "the test user is not logged in"
	session_cgroup=/sys/fs/cgroup/$(loginctl show-session --value -p Scope "$(session_id)" |
		sed 's|^|user.slice/user-1000.slice/|')
	wait_for 30 test -S /run/user/1000/bus || chain_die "the test user has no bus"
}

# Goes on as COMMAND, a process of that session.
session_exec() {
	echo "$BASHPID" >"$session_cgroup/cgroup.procs" || exit
	exec setpriv --reuid=user --regid=user --init-groups env -i "PATH=$PATH" HOME=/home/user \
		USER=user LANG=C.UTF-8 XDG_RUNTIME_DIR=/run/user/1000 \
		DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus "$@"
}

session_run() (session_exec "$@")

# Runs COMMAND as a user who sits nowhere.
nobody_run() { setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; }

console_show() { # N: that virtual console is the active one
	busybox chvt "$1"
}

chain_messages() { journalctl -q --no-pager -n 20 -u spasmd -u polkit; }

daemon_pid_get() { systemctl show --value -p MainPID spasmd; }
daemon_is_active() { [ "$(systemctl is-active spasmd)" = active ]; }

message_id() { # NAME
	sed -n "s/^#define MESSAGE_$1[[:space:]]*\"\(.*\)\"/\1/p" "$TREE/daemon/spasmd/log.h"
}

# milliseconds COMMAND...: how long it takes.
milliseconds() {
	local start=${EPOCHREALTIME/./}

	"$@" >/dev/null 2>&1 || return
	echo $(((${EPOCHREALTIME/./} - start) / 1000))
}
