# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts of this folder share. Sourced, never run.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd "$VM_DIR/../.." && pwd)
# depmod and others are not in an ordinary user's PATH.
PATH=$PATH:/usr/sbin:/sbin
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/spasmd

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$*"
	exit 125
}

# tool_require COMMAND PACKAGE: stop with the name of the Debian package that has COMMAND.
tool_require()
{
	command -v "$1" >/dev/null ||
		die "needs '$1': apt-get install $2"
}

# cache_lock NAME: hold the lock NAME until this shell ends, so that two runs don't fetch or
# build the same thing at once.
cache_lock()
{
	mkdir -p "$CACHE" || die "cannot make the cache folder $CACHE"
	exec 9>"$CACHE/$1.lock"
	flock -n 9 || { say "waiting for another run to finish with $1"; flock 9; }
}

cache_unlock()
{
	exec 9>&-
}

# cache_commit TEMP FINAL: a folder appears in the cache whole or not at all.
cache_commit()
{
	rm -rf "$2" && mv "$1" "$2" || die "cannot move $1 to $2"
}
