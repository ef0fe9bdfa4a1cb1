# sbx in interactive zsh: a function for each preset, and completion. eval "$(sbxctl init zsh)" or
# source this file, before compinit or after it; once more reads the names anew. Loading starts no
# process.
#
# The options and aliases of the user are in force where this is read and called: names of builtins
# are quoted, and what does more than to call something else begins with emulate.

# What every new shell reads. Arguments: the path of this file, and whether it is a file that is read.
(( ${+_sbx_part} )) || () {
	(( ! ${+_sbx_names} )) || _sbx_undo keep
	\builtin emulate -L zsh
	\builtin setopt extended_glob no_aliases
	\builtin local IFS=$' \t\n' share name file line MATCH MBEGIN MEND
	\builtin local -a names directories texts

	if [[ -z ${_sbx_program-} ]]; then
		# Where it is installed, in the source tree, or elsewhere.
		_sbx_program=$1:A:h:h:h:h/bin/sbx
		[[ -x $_sbx_program ]] || _sbx_program=$1:A:h:h/build/bin/sbx
		[[ -x $_sbx_program ]] || _sbx_program=${commands[sbx]-}
	fi
	if [[ -z $_sbx_program ]]; then
		\builtin unset _sbx_program
		return 0
	fi

	share=$_sbx_program:A:h:h/share
	directories=(${${(M)${XDG_CONFIG_HOME-}:#/*}:-${HOME-}/.config}/sbx/presets /etc/sbx/presets)
	if [[ -r $share/sbx/names ]]; then
		names=($(<$share/sbx/names))
	else
		directories+=$share/sbx/presets
	fi
	# A file without ";; kind:" is no preset: it is there for others to import.
	for file in $^directories/*.sb(N); do
		[[ -r $file ]] || continue
		texts=() name=
		for line in ${(f)"$(<$file)"}; do
			case $line in
			(';; kind:'*) name=$file:t:r ;;
			(';; alias:'*) texts+=(${=${line#*alias:}//,/ }) ;;
			([^\;]*) break ;;
			esac
		done
		[[ -z $name ]] || names+=($name $texts)
	done
	names=(sbx sbx-${(u)^${(M)names:#[a-zA-Z0-9_][a-zA-Z0-9._-]#}})

	\builtin typeset -gA _sbx_saved _sbx_completed
	_sbx_names=($names) _sbx_saved=() _sbx_completed=() _sbx_fpath=
	for name in $names; do
		(( ! ${+functions[$name]} )) || _sbx_saved[$name]=$functions[$name]
	done
	# The blank at the end makes the next word an alias too, if it is one.
	texts=(${(k)aliases})
	_sbx_aliases=(${names:|texts})
	texts=(${_sbx_aliases/(#m)*/$MATCH=$MATCH })
	(( ! $#texts )) || \builtin alias -- $texts
	\builtin eval "function $names {
		_sbx_prefix \"\${(%):-%N}\" \"\$@\"
	}"

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

	[[ $2 = file* ]] || return 0
	_sbx_file=$1:A
	\builtin eval 'function _sbx_prefix { _sbx_read && _sbx_prefix "$@"; }
		function _sbx_undo { _sbx_read && _sbx_undo "$@"; }'
	function _sbx_read {
		\builtin local _sbx_part=rest
		\builtin unset -f _sbx_prefix _sbx_undo
		\builtin source "$_sbx_file"
	}
} "${(%):-%x}" "${ZSH_EVAL_CONTEXT##*:}"

# The rest of a file is read when it is needed first. What eval reads is read as a whole.
[[ -n ${_sbx_part-} || ${ZSH_EVAL_CONTEXT##*:} != file* ]] || \builtin return 0

# Arguments: the name that was called, and the words behind it. The program comes last, and nothing
# behind it, so that a job of it stops and goes on.
function _sbx_prefix {
	\builtin local -a _sbx_words _sbx_command
	\builtin local _sbx_expand= _sbx_ended= _sbx_call= _sbx_aliasing=
	\builtin local _sbx_separators=$'[] \t\n;&|()<>`${}"\'\\=[]'
	_sbx_take_options "$@"
	_sbx_resolve || _sbx_carry "${(@kv)options[@]}"
	"$_sbx_program" "${_sbx_words[@]}"
}

# Walks over the options as options_parse does. Sets _sbx_words to them, with each sbx-NAME among them
# replaced by the program; _sbx_command to the command; _sbx_expand if an alias there has not been
# expanded, because an option precedes it; and _sbx_ended after --.
function _sbx_take_options {
	\builtin emulate -L zsh
	\builtin setopt extended_glob
	\builtin local -i count

	[[ $1 = sbx ]] || _sbx_words=(-p ${1#sbx-})
	shift
	while (( $# )); do
		if [[ -z $_sbx_ended && $1 = -?* ]]; then
			count=1
			case $1 in
			(--) _sbx_ended=yes ;;
			(--*=*|--*-all) ;;
			(--(preset|profile|expr|define|env-keep|env-drop|env-set|keep-fd)) count=2 ;;
			(--(allow|deny)-*) [[ $# -eq 1 || $2 = -* ]] || count=2 ;;
			(--*) ;;
			(-[^pfeD]#[pfeD]) count=2 ;;
			esac
			_sbx_expand=yes
			_sbx_words+=("${(@)argv[1,count]}")
			shift $(( count < $# ? count : $# ))
		elif [[ -n ${_sbx_names[(re)$1]-} && ${functions[$1]-} = *_sbx_prefix* ]]; then
			_sbx_words+=($_sbx_program)
			[[ $1 = sbx ]] || _sbx_words+=(-p ${1#sbx-})
			_sbx_ended=
			shift
		else
			break
		fi
	done
	_sbx_command=("$@")
}

# Adds the command to _sbx_words if it is a program. If not, fails: then a shell must run the text
# _sbx_call, with _sbx_command as its arguments and the aliases that _sbx_aliasing defines.
function _sbx_resolve {
	\builtin emulate -L zsh
	\builtin local IFS=$' \t\n' word head=
	\builtin local -A used

	while (( $#_sbx_command )); do
		word=$_sbx_command[1]
		if _sbx_expand_alias; then
			[[ -n $_sbx_call ]] || continue
			_sbx_call=$head$_sbx_call
			return 1
		fi
		shift _sbx_command
		if [[ $word = (time|!) ]]; then
			head+="$word "
			_sbx_expand=yes
		elif [[ $word = nocorrect ]]; then
			_sbx_expand=yes
		elif (( ${+functions[$word]} )); then
			_sbx_call=$head${(q)word}
			return 1
		elif [[ $word = noglob ]]; then
			_sbx_expand=
		elif [[ $word = command && ${_sbx_command[1]--} != -* ]]; then
			break
		elif (( ${+builtins[$word]} )); then
			_sbx_call=$head$word
			return 1
		else
			_sbx_command=("$word" "${(@)_sbx_command}")
			break
		fi
	done
	if [[ -n $head ]]; then
		_sbx_call="$head${(j: :)${(@q-)_sbx_command}}"
		_sbx_command=()
		return 1
	fi
	[[ -n $_sbx_ended || ${_sbx_command[1]-} != -* ]] || _sbx_words+=(--)
	_sbx_words+=("${(@)_sbx_command}")
}

# Replaces the first word of _sbx_command if it is an alias: by words if the alias is plain words, else
# it becomes _sbx_call. Fails if it is none, or has been one.
function _sbx_expand_alias {
	\builtin emulate -L zsh
	\builtin setopt extended_glob
	\builtin local word=$_sbx_command[1] text= plain='[a-zA-Z0-9_./,:+@%-]'

	if [[ -n $_sbx_expand && -n ${aliases[$word]-} && -z ${used[$word]-} ]]; then
		# A blank at the end has the next word expanded too.
		while true; do
			text+=$aliases[$word]
			used[$word]=yes
			shift _sbx_command
			word=${_sbx_command[1]-}
			[[ $text = *[[:blank:]] && -n ${aliases[$word]-} && -z ${used[$word]-} ]] || break
		done
	elif [[ $word = ?*.?* && -n ${saliases[${word##*.}]-} && -z ${used[.${word##*.}]-} ]]; then
		text=$saliases[${word##*.}]
		used[.${word##*.}]=yes
	else
		return 1
	fi

	if [[ $text = [[:blank:]]#$~plain##([[:blank:]]##$~plain($~plain|=)#)#[[:blank:]]# ]]; then
		_sbx_command=(${=text} "${(@)_sbx_command}")
		_sbx_expand=yes
	else
		_sbx_call=$text
		_sbx_define_aliases $text
	fi
}

# Adds the aliases that the words of the text $1 are, and those in their texts, to _sbx_aliasing.
function _sbx_define_aliases {
	\builtin emulate -L zsh
	\builtin local word
	for word in ${=1//$~_sbx_separators/ }; do
		[[ -z ${used[$word]-} ]] || continue
		if (( ${+aliases[$word]} )); then
			used[$word]=yes
			_sbx_aliasing+="builtin alias -- ${(q)word}=${(qq)aliases[$word]}"$'\n'
			_sbx_define_aliases $aliases[$word]
		elif (( ${+galiases[$word]} )); then
			used[$word]=yes
			_sbx_aliasing+="builtin alias -g -- ${(q)word}=${(qq)galiases[$word]}"$'\n'
			_sbx_define_aliases $galiases[$word]
		fi
	done
}

# Adds to _sbx_words a shell that runs _sbx_call. Arguments: the user's options, names and values. The
# text comes in pieces because the kernel bounds the length of an argument; it counts them first.
function _sbx_carry {
	\builtin emulate -L zsh
	\builtin setopt extended_glob
	\builtin local IFS=$' \t\n' text definitions= shell=/proc/$$/exe
	\builtin local -a pieces
	\builtin local -A user
	user=("$@")
	# What belongs to an interactive shell, what can't be set, and what would show this text.
	user=("${(@kv)user[(I)^(emacs|exec|globalrcs|interactive|login|monitor|onecmd|privileged|rcs|restricted|shinstdin|singlecommand|stdin|verbose|vi|xtrace|zle)]}")

	_sbx_collect_functions
	(( ! $#_sbx_command )) || _sbx_call+=' "$@"'
	text="builtin setopt ${(k)user[(R)on]}
builtin unsetopt ${(k)user[(R)off]}
fpath=(${(qq)fpath})
${definitions:+builtin eval ${(qq)definitions}
}${_sbx_aliasing}builtin eval ${(qq)_sbx_call}"
	while [[ -n $text ]]; do
		pieces+=("$text[1,30000]")
		text=${text[30001,-1]}
	done

	shell=$shell:A
	[[ $shell = */zsh* && -x $shell ]] || shell=${commands[zsh]-/bin/zsh}
	_sbx_words+=($shell -f -c 'builtin eval "builtin shift $(( $1 + 1 ))
${(j::)@[2,$1+1]}"' zsh $#pieces "${(@)pieces}" "${(@)_sbx_command}")
}

# Sets definitions to the functions that _sbx_call, the aliases or the arguments name, and those that
# they name in turn. Our own come with what they need.
function _sbx_collect_functions {
	\builtin emulate -L zsh
	\builtin local word text
	\builtin local -a names
	\builtin local -A seen

	text="$_sbx_call $_sbx_aliasing"
	[[ $_sbx_call != *eval ]] || text+=" $_sbx_command"
	names=(${=text//$~_sbx_separators/ } "${(@)_sbx_command}")
	while (( $#names )); do
		word=$names[1]
		shift names
		[[ -n $word && -z ${seen[$word]-} ]] && (( ${+functions[$word]} )) || continue
		seen[$word]=yes
		if [[ $functions[$word] = 'builtin autoload -X'* ]]; then
			\builtin autoload +X -- $word || continue
		fi
		text=$functions[$word]
		definitions+="function ${(q)word} {
$text
}
"
		names+=(${(u)=text//$~_sbx_separators/ })
	done
	[[ -z ${seen[_sbx_prefix]-} ]] ||
		definitions+="_sbx_program=${(q)_sbx_program} _sbx_names=($_sbx_names)"
}

# Takes all of it away and restores what was there before. Argument: keep, if it comes again.
function _sbx_undo {
	\builtin emulate -L zsh
	\builtin local name program=${_sbx_program-}

	for name in $_sbx_names; do
		[[ ${functions[$name]-} = *_sbx_prefix* ]] || continue
		\builtin unset -f -- $name
		(( ! ${+_sbx_saved[$name]} )) || functions[$name]=$_sbx_saved[$name]
	done
	for name in $_sbx_aliases; do
		[[ ${aliases[$name]-} != "$name " ]] || \builtin unalias -- $name
	done

	if [[ -n $_sbx_fpath ]]; then
		fpath=("${(@)fpath:#$_sbx_fpath}")
	fi
	if [[ -n $_sbx_fpath$_sbx_completed ]] && (( ${+_comps} )); then
		for name in ${(k)_comps[(Re)_sbx]}; do
			\builtin unset "_comps[$name]"
		done
		for name in ${(k)_sbx_completed}; do
			[[ -z $_sbx_completed[$name] ]] || _comps[$name]=$_sbx_completed[$name]
		done
		\builtin unset '_postpatcomps[sbx-*]'
	fi
	\builtin unset -f -- ${(k)functions[(I)_sbx|_sbx_*]}
	[[ ${_comps[sbx]-} != _sbx ]] || \builtin autoload -Uz _sbx
	\builtin unset -- ${(k)parameters[(I)_sbx_*]}
	[[ ${1-} != keep ]] || \builtin typeset -g _sbx_program=$program
}
