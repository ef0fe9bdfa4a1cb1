# sbx in interactive zsh: a function for each preset, and completion. eval "$(sbxctl init zsh)" or
# source this file, before compinit or after it; once more reads the names anew. _sbx_undo takes it all
# away. Each shell that starts pays for this file, which starts no process: what can wait is in
# sbx-run.zsh.
#
# The options and aliases of the user are in force where this is read: builtins are named as such.

# The argument is the path of this file.
() {
	(( ! ${+_sbx_names} )) || _sbx_undo keep
	\builtin emulate -L zsh
	\builtin setopt extended_glob null_glob no_aliases
	\builtin local IFS=$' \t\n' share name file line MATCH MBEGIN MEND
	\builtin local -a names directories texts

	if [[ -z ${_sbx_program-} ]]; then
		# Where it is installed, in the source tree, or elsewhere.
		_sbx_program=$1:A:h:h:h:h/bin/sbx
		[[ -x $_sbx_program ]] || _sbx_program=$1:A:h:h/build/bin/sbx
		[[ -x $_sbx_program ]] || _sbx_program=${commands[sbx]-}
	fi
	share=$_sbx_program:A:h:h/share
	if [[ ! -r $share/sbx/shell/sbx-run.zsh ]]; then
		\builtin unset _sbx_program
		return 0
	fi

	directories=(${${(M)${XDG_CONFIG_HOME-}:#/*}:-${HOME-}/.config}/sbx/presets /etc/sbx/presets)
	if [[ -r $share/sbx/names ]]; then
		names=($(<$share/sbx/names))
	else
		directories+=$share/sbx/presets
	fi
	# A file without ";; kind:" is no preset: it is there for others to import.
	for file in $^directories/*.sb; do
		[[ -r $file ]] || continue
		texts=() name=
		for line in ${(f)"$(<$file)"}; do
			case $line in
			';; kind:'*) name=$file:t:r ;;
			';; alias:'*) texts+=(${=${line#*alias:}//,/ }) ;;
			[^\;]*) break ;;
			esac
		done
		[[ -z $name ]] || names+=($name $texts)
	done
	names=(sbx sbx-${(u)^${(M)names:#[a-zA-Z0-9_][a-zA-Z0-9._-]#}})

	\builtin typeset -gA _sbx_saved _sbx_completed
	_sbx_names=($names) _sbx_saved=() _sbx_completed=() _sbx_fpath= _sbx_share=$share/sbx
	for name in $names; do
		(( ! ${+functions[$name]} )) || _sbx_saved[$name]=$functions[$name]
	done
	# The blank at the end makes the next word an alias too, if it is one.
	texts=(${(k)aliases})
	_sbx_aliases=(${names:|texts})
	texts=(${_sbx_aliases/(#m)*/$MATCH=$MATCH })
	(( ! $#texts )) || \builtin alias -- $texts
	\builtin eval "function $names"' { _sbx_prefix "${(%):-%N}" "$@"; }'

	for file in $share/zsh/site-functions ${share:h:h}/completions; do
		[[ -r $file/_sbx ]] || continue
		if (( ! ${fpath[(Ie)$file]} )); then
			_sbx_fpath=$file
			fpath+=$file
		fi
		if (( ${+functions[compdef]} )) && [[ ${_comps[sbx]-} != _sbx ]]; then
			for name in sbx sbxctl sandbox-exec; do
				_sbx_completed[$name]=${_comps[$name]-}
			done
			\builtin autoload -Uz _sbx
			compdef _sbx sbx sbxctl sandbox-exec
			compdef -P _sbx 'sbx-*'
		fi
		break
	done
} "${(%):-%x}"

# Each is replaced by what the file defines.
function _sbx_prefix {
	_sbx_read && _sbx_prefix "$@"
}

function _sbx_undo {
	_sbx_read && _sbx_undo "$@"
}

function _sbx_read {
	\builtin emulate -L zsh
	\builtin setopt no_aliases
	\builtin unset -f _sbx_prefix _sbx_undo
	\builtin source "$_sbx_share/shell/sbx-run.zsh"
}
