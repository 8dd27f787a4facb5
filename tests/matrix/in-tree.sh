# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The patches of kernel/mainline as a maintainer would look at them. Sourced by run.

in_tree_home=drivers/iio/health/emg_headset

# An author for where git has none; it signs off nothing that leaves this machine.
in_tree_git()
{
	git -c user.name=Nobody -c user.email=nobody@localhost "$@"
}

# in_tree_apply: the patches, each in a file of mail/, and what "git am" makes of the files of the
# kernel's tree that they change, in a repository of these alone.
in_tree_apply()
{
	local file

	rm -rf "$work"
	mkdir -p "$work/mail" "$work/repo"
	GIT_AUTHOR_NAME=Nobody GIT_AUTHOR_EMAIL=nobody@localhost GIT_COMMITTER_NAME=Nobody \
		GIT_COMMITTER_EMAIL=nobody@localhost kernel/mainline/series "$source" >"$work/series.mbox" ||
		return
	git mailsplit -o"$work/mail" "$work/series.mbox" >/dev/null
	while read -r file; do
		mkdir -p "$work/repo/$(dirname "$file")"
		cp "$source/$file" "$work/repo/$file"
	done < <(sed -n 's,^diff --git a/\([^ ]*\) .*,\1,p' "$work/series.mbox" | sort -u |
		while read -r file; do [ ! -e "$source/$file" ] || echo "$file"; done)
	in_tree_git -C "$work/repo" init -q
	in_tree_git -C "$work/repo" add -A
	in_tree_git -C "$work/repo" commit -q -m base
	in_tree_git -C "$work/repo" am -q <"$work/series.mbox"
}

# in_tree_copy: a whole tree with them, made of links to the cached one.
in_tree_copy()
{
	rm -rf "$copy"
	mkdir -p "$copy"
	cp -al "$source/." "$copy" 2>/dev/null || cp -a "$source/." "$copy" || return
	# A file is replaced, never written through its link.
	(cd "$work/repo" && git ls-files -z | cpio -0 -pdu --quiet "$copy")
}

in_tree_checkpatch()
{
	(cd "$copy" && for mail in "$work/mail"/*; do
		perl scripts/checkpatch.pl --strict --terse --no-summary "$mail" || exit
	done)
}

# in_tree_maintained: that the entry in MAINTAINERS names each new file, which checkpatch only
# reminds of.
in_tree_maintained()
{
	local file named

	named=$(sed -n '/^OPEN EMG HEADSET/,/^$/s/^F:\t//p' "$copy/MAINTAINERS")
	for file in $(cd "$work/repo" && git diff --name-only --diff-filter=A "$(git rev-list --max-parents=0 HEAD)"); do
		grep -qxF -e "$file" -e "${file%/*}/" <<<"$named" || echo "MAINTAINERS does not name $file"
	done
	perl "$copy/scripts/parse-maintainers.pl" --input="$copy/MAINTAINERS" --output="$work/sorted" --order 2>&1
	diff <(sed -n '/^OPEN EMG HEADSET/,/^$/p' "$copy/MAINTAINERS") \
		<(sed -n '/^OPEN EMG HEADSET/,/^$/p' "$work/sorted")
}

# in_tree_config BASE SETTING...: on top of a configuration, or of none.
in_tree_config()
{
	local base=$1 line

	shift
	printf '%s\n' "$@" >"$out/fragment"
	case $base in
	none) in_tree_make KCONFIG_ALLCONFIG="$out/fragment" allnoconfig ;;
	*) cat "$base" "$out/fragment" >"$out/.config" && in_tree_make olddefconfig ;;
	esac || return
	for line; do
		grep -qxF "$line" "$out/.config" || { echo "the configuration did not take $line"; return 1; }
	done
	in_tree_make prepare
}

in_tree_make()
{
	make -s -C "$copy" O="$out" "${args[@]}" -j2 "$@" >"$out/log" 2>&1 || { tail -n 20 "$out/log"; return 1; }
}

# in_tree_build COMPILER BASE SETTING...: the driver's folder as a maintainer builds it.
in_tree_build()
{
	local out=$work/$1
	local -a args

	mapfile -t args < <(tree_args x86_64 "$1")
	shift
	mkdir -p "$out"
	in_tree_config "$@" || return
	make -s -C "$copy" O="$out" "${args[@]}" -j2 W=1 C=1 CHECK="$sparse" "$in_tree_home/" &&
		[ -s "$out/$in_tree_home/emg_iio.o" ] && [ -s "$out/$in_tree_home/emg_headset_test.o" ]
}

# in_tree_documents: pages that docutils, and ABI documents that the kernel's own parser reads.
in_tree_documents()
{
	local page
	local -a abi

	for page in emg_headset oeh_protocol; do
		python3 -m docutils --report=2 --halt=2 --writer=null "$copy/Documentation/iio/$page.rst" || return
		grep -qx "   $page" "$copy/Documentation/iio/index.rst" || echo "the index does not lead to $page"
	done
	abi=(python3 "$copy/tools/docs/get_abi.py" -D "$copy/Documentation/ABI")
	"${abi[@]}" validate 2>&1 | grep -i -e emg -e 'in_count' -e 'in_resistanceY_label'
	"${abi[@]}" search 'in_countY_label' 2>&1 | grep -q 'sample_counter' || echo "the ABI document is not read"
}

source=$(tests/vm/kernel 7.3 --source) && sparse=$(tests/matrix/sparse-new) || {
	result 1 "the kernel's tree" "there is no source of kernel 7.3, or no sparse for it"
	return
}
work=$PWD/$build/in-tree
copy=$work/tree

silent "7.3: git am takes the patches" in_tree_apply
silent "7.3: a tree with them" in_tree_copy
silent "in the tree: checkpatch --strict, each patch" in_tree_checkpatch
silent "in the tree: MAINTAINERS names every file" in_tree_maintained
silent "in the tree: documents" in_tree_documents
silent "in the tree: coccicheck" tests/coccicheck "$copy" "$copy/$in_tree_home"
silent "in the tree, gcc-12, as a module: W=1 and sparse" in_tree_build gcc-12 \
	"$(tests/matrix/tree 7.3 x86_64 gcc-12)/.config" CONFIG_EMG_HEADSET=m CONFIG_EMG_HEADSET_KUNIT_TEST=m
# Without LEDs, debugfs and power management; what the driver needs has to come by itself.
silent "in the tree, clang-19, built in, in a small kernel: W=1 and sparse" in_tree_build clang-19 none \
	CONFIG_64BIT=y CONFIG_PCI=y CONFIG_USB_SUPPORT=y CONFIG_USB=y CONFIG_INPUT=y CONFIG_IIO=y CONFIG_KUNIT=y \
	CONFIG_EMG_HEADSET=y CONFIG_EMG_HEADSET_KUNIT_TEST=y
