# sbx in interactive zsh: a function for each preset, and completion. eval "$(sbxctl init zsh)" or
# source this file, before compinit or after it; once more reads the names anew. _sbx_undo takes it all
# away. Each shell that starts pays for this file, which starts no process: what can wait is in
# sbx-run.zsh.
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
		\builtin unset -f _sbx_prefix _sbx_undo _sbx_read
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
	\builtin typeset -gA _sbx_saved _sbx_completed
	_sbx_saved=(- - ${(kv)functions[(I)sbx(|-*)]})
	\builtin eval "function $_sbx_names"' { _sbx_prefix "${(%):-%N}" "$@"; }'

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

# Those that the rest defines anew.
function _sbx_prefix {
	_sbx_read && _sbx_prefix "$@"
}

function _sbx_undo {
	_sbx_read && _sbx_undo "$@"
}

function _sbx_read {
	\builtin emulate -L zsh
	\builtin setopt no_aliases
	\builtin source "$_sbx_share/sbx/shell/sbx-run.zsh"
}

_sbx_load
\builtin unset -f _sbx_load
