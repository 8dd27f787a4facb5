# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests of the packages share: throw-away roots of a Debian release. Sourced.

. "$(dirname "${BASH_SOURCE[0]}")/../vm/lib.sh"
PACKAGE_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SUITES=${SUITES:-bookworm trixie}

[ "$(id -u)" = 0 ] || die "makes roots of Debian: run it as root"

# --- Debian's archive -------------------------------------------------------------------------

# mirror LABEL: where this machine's apt has Debian's packages from.
mirror()
{
	local uri

	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" | sort -u | head -n 1)
	[ -n "$uri" ] || die "apt of this machine knows no archive with the label '$1': run apt-get update"
	echo "$uri"
}

# sources SUITE: lines for apt, with the security updates where this machine has them.
sources()
{
	local uri

	uri=$(mirror Debian) || exit
	echo "deb $uri $1 main"
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian-Security' | sort -u | head -n 1)
	[ -z "$uri" ] || echo "deb $uri $1-security main"
}

# --- roots ------------------------------------------------------------------------------------

# root_run ROOT SCRIPT [ARGUMENT...]: runs the bash script SCRIPT in a copy of ROOT that
# is gone afterwards. It sees the tree, read-only, as /tree; what it leaves in /out lies in $out.
# The network is this machine's, for apt.
root_run()
{
	root=$1 script=$2 tree=$TREE out=${out:?} unshare --mount --pid --fork --kill-child \
		"$PACKAGE_DIR/inside" "${@:3}"
}

# --- results ----------------------------------------------------------------------------------

tap_n=0
tap_failed=0

# check NAME COMMAND...: a line of TAP; on failure what it printed.
check()
{
	local name=$1 text start=$SECONDS

	shift
	tap_n=$((tap_n + 1))
	if text=$("$@" 2>&1); then
		echo "ok $tap_n - $name ($((SECONDS - start)) s)"
		return
	fi
	tap_failed=1
	echo "not ok $tap_n - $name"
	tail -n 40 <<<"$text" | sed 's/^/# /'
	return 1
}

tap_end()
{
	echo "1..$tap_n"
	exit $tap_failed
}
