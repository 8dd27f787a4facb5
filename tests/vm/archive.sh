# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packages and kernel source from Debian's archive. Sourced after lib.sh, never run.
#
# Packages come from the suites that this machine's apt knows, or, after archive_use, from
# another suite of the same mirror, with an apt state of our own: what the machine's apt knows
# and prefers is never touched, and nothing of another suite is ever installed.

# --- packages ---------------------------------------------------------------------------------

apt_update()
{
	local -a root=()

	[ "$(id -u)" = 0 ] || root=(sudo -n)
	say "apt knows no $1: running ${root[*]} apt-get update"
	"${root[@]}" apt-get update -qq >&2 || say "apt-get update failed"
}

# package_field PACKAGE FIELD: a field of the version that apt would install; nothing where apt
# knows no such package.
package_field()
{
	{ apt-cache show --no-all-versions "$1" 2>/dev/null || true; } |
		sed -n "/^$2: /{ s///p; q }"
}

# package_depends PACKAGE GLOB: the first dependency of PACKAGE that matches GLOB.
package_depends()
{
	local name

	while read -r name; do
		# shellcheck disable=SC2053 # a glob is what is meant
		[[ $name == $2 ]] && { echo "$name"; return; }
	done < <(package_field "$1" Depends | tr ',|' '\n\n' | sed 's/^ *//; s/ .*//')
	return 1
}

# apt_quiet COMMAND...: only apt's complaints, but for the one, as root, that its own user can't
# write here, which is no problem.
apt_quiet()
{
	apt-get -qq "$@" 2>&1 | grep -v 'unsandboxed as root' >&2
	return "${PIPESTATUS[0]}"
}

# package_unpack FOLDER PACKAGE[=VERSION]...: fetch (apt checks the hashes) and unpack.
package_unpack()
{
	local into=$1 debs deb

	shift
	debs=$(mktemp -d "$CACHE/fetch.XXXXXX")
	say "fetching $*"
	if ! (cd "$debs" && apt_quiet download "$@"); then
		rm -rf "$debs"
		die "cannot fetch $* with apt-get download: is the network there, and 'apt-get update' recent?"
	fi
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$into" || die "cannot unpack ${deb##*/}: is the disk full?"
	done
	rm -rf "$debs"
}

# --- other suites -----------------------------------------------------------------------------

# archive_find: the mirror of Debian that this machine's apt is told to use.
archive_find()
{
	# shellcheck disable=SC2016 # apt's own variable
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
		'Label: Debian' | head -n 1
}

# archive_use SUITE: from here on apt looks there, until archive_leave. Lists of a day ago will do.
archive_use()
{
	local suite=$1 state=$CACHE/apt-$1 mirror

	cache_lock "apt-$suite"
	if [ -z "$(find "$state/updated" -mmin -1440 2>/dev/null)" ]; then
		mirror=$(archive_find)
		[ -n "$mirror" ] || { apt_update Debian; mirror=$(archive_find); }
		[ -n "$mirror" ] || die "this machine's apt has no source that is Debian's"
		mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
		: >"$state/status"
		cat >"$state/sources.sources" <<-END
			Types: deb
			URIs: $mirror
			Suites: $suite
			Components: main
			Architectures: amd64
			Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
		END
		cat >"$state/apt.conf" <<-END
			Dir::Etc::SourceList "$state/sources.sources";
			Dir::Etc::SourceParts "-";
			Dir::State::Lists "$state/lists";
			Dir::State::Status "$state/status";
			Dir::Cache "$state/cache";
			APT::Architecture "amd64";
			APT::Architectures "amd64";
			APT::Update::Post-Invoke-Success "";
		END
		say "reading what Debian's suite $suite has"
		if APT_CONFIG=$state/apt.conf apt_quiet update --error-on=any; then
			touch "$state/updated"
		else
			say "Debian's suite $suite can't be reached on this machine's mirror ($mirror)"
			[ -e "$state/updated" ] || { cache_unlock; return 1; }
			say "going by what it had on $(date -r "$state/updated" +%F)"
		fi
	fi
	cache_unlock
	export APT_CONFIG=$state/apt.conf
}

archive_leave()
{
	unset APT_CONFIG
}

# --- the kernel's source ----------------------------------------------------------------------

# What no build here and no checker reads, and is large.
source_leave_out=('*/Documentation/[!Ai]*/*' '*/drivers/gpu/*.[ch]' '*/drivers/net/*/*.[ch]' '*/sound/*.[ch]'
	'*/arch/[!aux]*/*.[chS]' '*/arch/a[!r]*/*.[chS]' '*/arch/arm64/*.[chS]' '*/arch/*/boot/dts/*'
	'*/tools/testing/*')

# Suites that have a series of kernels, the newest first.
source_suites()
{
	case $1 in
	6.1) echo bookworm ;;
	6.12) echo trixie bookworm-backports ;;
	7.3) echo trixie-backports ;;
	*) die "no suite is known to have kernel $1" ;;
	esac
}

# source_find [SERIES]: sets package and version, and lets apt look where they are. Without a
# SERIES: that of this machine's suite.
source_find()
{
	local series=${1:-} suite suites

	if [ -z "$series" ]; then
		package=$(package_depends linux-source 'linux-source-*') ||
			{ apt_update linux-source; package=$(package_depends linux-source 'linux-source-*'); } ||
			die "apt knows no package linux-source: this needs Debian"
		version=$(package_field "$package" Version)
		return
	fi
	suites=$(source_suites "$series") || exit
	package=linux-source-$series
	version=$(package_field "$package" Version)
	for suite in $suites; do
		[ -z "$version" ] || return 0
		archive_use "$suite" || continue
		version=$(package_field "$package" Version)
	done
	[ -n "$version" ] || source_find_cached "$series" ||
		die "kernel $series can't be had: no suite that has it is reached ($suites)"
}

# The newest one in the cache, for a machine that is off line.
source_find_cached()
{
	local found

	# shellcheck disable=SC2012 # names of ours, and the order in time is wanted
	found=$(ls -td "$CACHE/source-$1"_* 2>/dev/null | head -n 1)
	[ -n "$found" ] || return 1
	version=${found##*/source-"$1"_}
	version=${version%-*}
	say "using the cached source of kernel $version"
}

# source_describe [SERIES]: sets source, the folder, and source_version; fetches what is missing.
source_describe()
{
	local work tar

	source_find "${1:-}"
	source_version=${package#linux-source-}_$version
	source=$CACHE/source-$source_version-$(sha256sum <<<"${source_leave_out[*]}" | cut -c1-8)
	[ ! -d "$source" ] || return 0
	tool_require xz xz-utils
	cache_lock source
	[ ! -d "$source" ] || { cache_unlock; return; }
	work=$(mktemp -d "$CACHE/work.XXXXXX")
	package_unpack "$work" "$package=$version"
	tar=$work/usr/src/$package.tar.xz
	say "unpacking $package"
	mkdir "$work/source"
	tar -xJf "$tar" -C "$work/source" --strip-components=1 "${source_leave_out[@]/#/--exclude=}" ||
		{ rm -rf "$work"; die "cannot unpack $tar: is the disk full?"; }
	cache_commit "$work/source" "$source"
	rm -rf "$work"
	cache_unlock
}
