#compdef spasmctl
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion of spasmctl in zsh. Commands and options are those that --help tells.

local -a commands options
if (( CURRENT == 2 )); then
	commands=(${(f)"$(spasmctl --help 2>/dev/null | sed -n 's/^  \([a-z]*\)  *\(.*\)/\1:\2/p')"})
	_describe command commands
	return
fi
case ${words[CURRENT-1]} in
--unit) compadd uV mV V; return ;;
--rate) _message 'sampling rate in Hz'; return ;;
--montage|--learn|--personal) _files; return ;;
esac
if [[ $PREFIX == -* ]]; then
	options=(${(f)"$(spasmctl ${words[2]} --help 2>/dev/null | sed -n 's/^  \(--[a-z]*\)\( [A-Z]*\)\{0,1\}  *\(.*\)/\1:\3/p')"})
	_describe option options
elif [[ ${words[2]} == analyze ]]; then
	_files
fi
