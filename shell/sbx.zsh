# sbx in interactive zsh: a function for each preset, and completion. eval "$(sbxctl init zsh)" or
# source this file, before compinit or after it; once more reads the names anew. _sbx_undo takes it all
# away. Each shell that starts pays for this file, which starts no process: what can wait is in
# sbx-run.zsh, and what an .sbxrc needs in sbx-rc.zsh.
#
# The options and aliases of the user are in force where this is read: builtins are named as such.
[[ -z ${_sbx_names-} ]] || _sbx_undo keep

function _sbx_load {
	\builtin emulate -L zsh
	\builtin setopt no_aliases
	\builtin local IFS=$' \t\n' file=${funcsourcetrace[1]%:*} name presets
	\builtin local -a names

	# Where it is installed, in the source tree, or elsewhere.
	[[ -n ${_sbx_program-} ]] || _sbx_program=$file:A:h:h:h:h/bin/sbx
	[[ -x $_sbx_program ]] || _sbx_program=$file:A:h:h/build/bin/sbx
	[[ -x $_sbx_program ]] || _sbx_program=${commands[sbx]-}
	_sbx_share=$_sbx_program:A:h:h/share
	if [[ ! -r $_sbx_share/sbx/shell/sbx-run.zsh ]]; then
		\builtin unset _sbx_program _sbx_share
		\builtin unset -f -- ${${(k)functions[(I)_sbx_*]}:#_sbx_load}
		return 0
	fi

	presets=${${(M)${XDG_CONFIG_HOME-}:#/*}:-${HOME-}/.config}/sbx/presets
	[[ ! -r $_sbx_share/sbx/names ]] || name=$(<$_sbx_share/sbx/names)
	names=(${=name-})
	if [[ -z $names || -d $presets || -d /etc/sbx/presets ]]; then
		_sbx_read && _sbx_find_presets
	fi
	_sbx_names=(sbx sbx-${(u)^names})

	# The blank at the end makes the next word an alias too, if it is one.
	names=(${(k)aliases})
	_sbx_aliases=(${_sbx_names:|names})
	for name in $_sbx_aliases; do
		\builtin alias -- "$name=$name "
	done
	(( ${names[(Ie)nosbx]} )) || \builtin alias 'nosbx=SBX=off '
	\builtin typeset -gA _sbx_saved _sbx_completed
	_sbx_saved=(- - ${(kv)functions[(I)(no|)sbx(|-*)]})
	\builtin eval "function $_sbx_names"' { _sbx_prefix "${(%):-%N}" "$@"; }'
	\builtin eval 'function nosbx { _sbx_bypass "$@"; }'
	_sbx_seen= _sbx_line= _sbx_rc= _sbx_aside=()
	if [[ -o interactive ]]; then
		precmd_functions+=(_sbx_prompt)
		preexec_functions+=(_sbx_typed)
		chpwd_functions+=(_sbx_look)
	fi

	_sbx_fpath=$_sbx_share/zsh/site-functions
	[[ -r $_sbx_fpath/_sbx ]] || _sbx_fpath=$_sbx_share:h:h/completions
	[[ -n ${fpath[(re)$_sbx_fpath]-} ]] && _sbx_fpath= || fpath+=$_sbx_fpath
	if [[ -n ${functions[compdef]-} && ${_comps[sbx]-} != _sbx ]]; then
		_sbx_completed=(- - ${(kv)_comps[(I)sbx|sbxctl|sandbox-exec]})
		\builtin autoload -Uz _sbx
		compdef _sbx sbx sbxctl sandbox-exec
		compdef -P _sbx 'sbx-*'
	fi
}

# Before each prompt; sbx-rc.zsh has another one. An .sbxrc that has been written here is met by its name.
function _sbx_prompt {
	_sbx_line=
	[[ -z $_sbx_aside ]] || _sbx_step_back
	if [[ "$PWD:${SBX-}" != "$_sbx_seen" || -e .sbxrc ]]; then
		_sbx_look prompt
	fi
	\builtin return 0
}

# Before a typed line is run; $3 is its text, without aliases.
function _sbx_typed {
	_sbx_line=$3
	[[ -z $_sbx_aside ]] || _sbx_step_back
	[[ $3 != *sbx* ]] || _sbx_step_aside "$3"
	[[ -z $_sbx_rc ]] || _sbx_wrap_line "$3"
}

# Finds the directories from here upwards to which an .sbxrc or a trusted copy belongs, also as a work
# tree: the program tells what applies. It is asked only if these are others than before. Called also
# when the directory has changed: in the middle of a line, or else there is a prompt that looks.
function _sbx_look {
	\builtin emulate -L zsh
	[[ -n $_sbx_line$1 ]] || return 0
	\builtin local directory=${PWD:A} found=
	\builtin local store=${${(M)${XDG_STATE_HOME-}:#/*}:-${HOME-}/.local/state}/sbx/trust
	_sbx_seen=$PWD:${SBX-}
	directory=${directory%/}
	while [[ ${SBX-} != off ]]; do
		if [[ -e $directory/.sbxrc || -f $store$directory/.sbxrc || ( -e $directory/.git &&
			( -f $directory/.git || -f $store$directory/.git/worktrees/.all/.sbxrc ) ) ]]; then
			found+=$directory/$'\0'
		fi
		[[ -n $directory ]] || break
		directory=${directory%/*}
	done
	[[ -z $found$_sbx_rc ]] || _sbx_enter "$found" "$store"
}

# Those that the other files define anew.
function _sbx_prefix {
	_sbx_read && _sbx_prefix "$@"
}

function _sbx_step_aside {
	_sbx_read && _sbx_step_aside "$@"
}

function _sbx_bypass {
	_sbx_read && _sbx_bypass "$@"
}

function _sbx_enter {
	_sbx_read sbx-rc.zsh && _sbx_enter "$@"
}

function _sbx_undo {
	_sbx_read && _sbx_undo "$@"
}

function _sbx_read {
	\builtin emulate -L zsh
	\builtin setopt no_aliases
	\builtin source "$_sbx_share/sbx/shell/${1-sbx-run.zsh}"
}

_sbx_load
\builtin unset -f _sbx_load
