# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the scripts of this folder share. Sourced, never run.

# tree_args ARCH COMPILER: how make is called for a kernel of this kind, one argument a line.
# Kernels remember the pahole that they were configured with; none, so that it can come and go.
tree_args()
{
	local cross=arm-linux-gnueabihf-

	echo PAHOLE=none
	case $1-$2 in
	arm-gcc*) printf '%s\n' ARCH=arm "CROSS_COMPILE=$cross" "CC=$cross$2" ;;
	arm-*) printf '%s\n' ARCH=arm "CROSS_COMPILE=$cross" "CC=$2" ;;
	*) printf '%s\n' "ARCH=$1" "CC=$2" ;;
	esac
}

n=0
failed=0

# result STATUS NAME OUTPUT: a TAP line.
result()
{
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' <<<"$3" | head -n 60
		failed=$((failed + 1))
	fi
}

# silent NAME COMMAND...: passes when COMMAND succeeds and prints nothing at all. What is fetched
# or configured on the way is said on the other output.
silent()
{
	local name=$1 out rc=0

	shift
	out=$("$@" 2>&1 </dev/null) || rc=$?
	[ "$rc" != 0 ] || ! grep -qvE '^(tree|kernel|sparse-new): ' <<<"${out:-tree: }" || rc=1
	result "$rc" "$name" "$out"
}

finish()
{
	echo "1..$n"
	echo "$((n - failed)) passed, $failed failed"
	[ "$failed" = 0 ]
}
