# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Completion of spasmctl in bash. Commands and options are those that --help tells.

_spasmctl_words() { # PATTERN ARGUMENT...: what of the help matches
	local pattern=$1

	shift
	spasmctl "$@" --help 2>/dev/null | sed -n "$pattern"
}

_spasmctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_spasmctl_words 's/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word")
		return
	fi
	case $before in
	--unit) mapfile -t COMPREPLY < <(compgen -W "uV mV V" -- "$word"); return ;;
	--rate) return ;;
	esac
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_spasmctl_words 's/^  \(--[a-z]*\).*/\1/p' "${COMP_WORDS[1]}") --help" -- "$word")
	elif [ "${COMP_WORDS[1]}" = analyze ]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}
complete -F _spasmctl spasmctl
