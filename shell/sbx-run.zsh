# What the functions of sbx.zsh do. They read this file when they are called first, with zsh's own
# options and without aliases; a function here may be called with any.

# Arguments: the name that was called, and the words behind it. The program comes last, and nothing
# behind it, so that a job of it stops and goes on.
function _sbx_prefix {
	builtin local -a _sbx_words _sbx_command
	builtin local _sbx_expand= _sbx_ended= _sbx_call= _sbx_aliasing=
	builtin local _sbx_separators=$'[] \t\n;&|()<>`${}"\'\\=[]'
	_sbx_take_options "$@"
	if [[ -n $_sbx_rc ]]; then
		_sbx_resolve_own "${(@kv)options[@]}"
	else
		_sbx_resolve || _sbx_carry "${(@kv)options[@]}"
	fi
	[[ -z ${_sbx_outer-} ]] || builtin local -x SBX_ACTIVE=$_sbx_outer
	"$_sbx_program" "${_sbx_words[@]}"
}

# Walks over the options as options_parse does. Sets _sbx_words to them, with each sbx-NAME among them
# replaced by the program; _sbx_command to the command; _sbx_expand if an alias there has not been
# expanded, because an option precedes it; and _sbx_ended after --.
function _sbx_take_options {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local -i count

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
# _sbx_call, followed by the words that _sbx_command is then, with the aliases that _sbx_aliasing
# defines.
function _sbx_resolve {
	builtin emulate -L zsh
	builtin local IFS=$' \t\n' word head=
	builtin local -A used

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
		_sbx_call=${head% }
		return 1
	fi
	[[ -n $_sbx_ended || ${_sbx_command[1]-} != -* ]] || _sbx_words+=(--)
	_sbx_words+=("${(@)_sbx_command}")
}

# Replaces the first word of _sbx_command if it is an alias: by words if the alias is plain words, else
# it becomes _sbx_call. Fails if it is none, or has been one.
function _sbx_expand_alias {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local word=$_sbx_command[1] text= plain='[a-zA-Z0-9_./,:+@%-]'

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
	builtin emulate -L zsh
	builtin local word
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

# In zsh nothing that a function runs is a job like others: jobs does not show its words, and what fg
# returns is lost. So if the typed line $1 has programs alone behind the prefixes, the functions step
# aside until the next prompt: zsh then finds the program under their names, which it knows its own by.
function _sbx_step_aside {
	builtin emulate -L zsh
	builtin local -aU aside
	builtin local name
	[[ -z ${_sbx_outer-} ]] || return 0
	_sbx_each_command _sbx_may_step_aside "$1" && (( $#aside )) || return 0
	for name in $aside; do
		builtin disable -f -- $name
		builtin hash -- "$name=$_sbx_program"
	done
	_sbx_aside=($aside)
}

function _sbx_step_back {
	builtin emulate -L zsh
	builtin local name
	for name in $_sbx_aside; do
		builtin enable -f -- $name
		[[ ${commands[$name]-} != $_sbx_program ]] || builtin unhash -- $name
	done
	_sbx_aside=()
}

# Calls the function $1 with the words of each command in the line $2. Fails where it fails, and where
# the line is more than commands and what is between them.
function _sbx_each_command {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local word call=$1 file=
	builtin local -a words

	for word in "${(@z)2}" ';'; do
		if [[ $word = *[\`\(]* && $word != (\'[^\']#\'|\"[^\"\\\$\`]#\") ]]; then
			return 1
		elif [[ $word = (';'|'|'|'|&'|'&'|'&&'|'||'|'&|'|'&!') ]]; then
			[[ -z $words ]] || $call "${(@)words}" || return 1
			words=() file=
		elif [[ $word = (<->|)('<<'|'<<-') || $word = \{*\} && -z $words ]]; then
			return 1
		elif [[ $word = (<->|)([\<\>]|'&>')[\<\>\&\|!]# ]]; then
			file=yes
		elif [[ -n $file ]]; then
			file=
		elif [[ -n $words ]]; then
			words+=("$word")
		elif [[ $word = (PATH|path|SBX|SBX_ACTIVE|ARGV0)(+|)=* ]]; then
			return 1
		elif [[ $word != (time|!|noglob|nocorrect|[a-zA-Z_][a-zA-Z0-9_]#(+|)=*) ]]; then
			_sbx_is_plain "$word" || return 1
			words=("$word")
		fi
	done
}

# What stands for itself, whatever the options of the shell are.
function _sbx_is_plain {
	builtin emulate -L zsh
	builtin setopt extended_glob
	[[ $1 = [a-zA-Z0-9_./,:+@%-][a-zA-Z0-9_./,:+@%=-]# ]]
}

# No function, and nothing of the shell itself that may call one or change what is found.
function _sbx_is_harmless {
	builtin emulate -L zsh
	(( ! ${+functions[$1]} && ! ${reswords[(Ie)$1]} )) || return 1
	(( ! ${+builtins[$1]} )) ||
		[[ $1 = (:|'['|bg|cd|dirs|disown|echo|false|fg|jobs|kill|popd|print|printf|pushd|pwd|read|test|true|wait) ]]
}

# The words of one command. Adds a prefix to aside.
function _sbx_may_step_aside {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local -a _sbx_words _sbx_command
	builtin local _sbx_expand= _sbx_ended= word

	if [[ -z ${_sbx_names[(re)$1]-} || ${functions[$1]-} != *_sbx_prefix* ]]; then
		_sbx_is_harmless $1
		return
	fi
	_sbx_take_options "$@"
	for word in "${(@)argv[2,ARGC-$#_sbx_command]}"; do
		_sbx_is_plain "$word" || [[ $word = (\'[^\']#\'|\"[^\"\\\$\`!]#\") ]] || return 1
		# The program would look for another one in PATH.
		[[ -z ${_sbx_names[(re)$word]-} || $word:c = $word || $word:c:A = $_sbx_program:A ]] || return 1
	done
	word=${_sbx_command[1]-}
	_sbx_is_plain "$word" || return 1
	(( ! ${+functions[$word]} && ! ${+builtins[$word]} && ! ${reswords[(Ie)$word]} )) || return 1
	[[ $word != noglob && ( -z $_sbx_expand || -z ${aliases[$word]-} ) ]] || return 1
	[[ $word != ?*.?* || -z ${saliases[${word##*.}]-} ]] || return 1
	aside+=$1
}

# Adds to _sbx_words a shell that runs _sbx_call. Arguments: the user's options, names and values. The
# shell's arguments are pieces of one text, since the kernel bounds the length of each.
function _sbx_carry {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local IFS=$' \t\n' text definitions= shell=/proc/$$/exe
	builtin local -a pieces
	builtin local -A user
	user=("$@")
	# What belongs to an interactive shell, what can't be set, and what would show this text.
	user=("${(@kv)user[(I)^(emacs|exec|globalrcs|interactive|login|monitor|onecmd|privileged|rcs|restricted|shinstdin|singlecommand|stdin|verbose|vi|xtrace|zle)]}")

	_sbx_collect_functions
	# As it was typed, for time to show; but no alias may be expanded there.
	if [[ -n $_sbx_aliasing ]]; then
		_sbx_call+=" ${(j: :)${(@qq)_sbx_command}}"
	else
		_sbx_call+=" ${(j: :)${(@q-)_sbx_command}}"
	fi
	text="builtin setopt ${(k)user[(R)on]}
builtin unsetopt ${(k)user[(R)off]}
fpath=(${(qq)fpath})
${definitions:+builtin eval ${(qq)definitions}
}${_sbx_aliasing}builtin eval ${(qq)_sbx_call}"
	builtin setopt no_multibyte
	while [[ -n $text ]]; do
		pieces+=("$text[1,100000]")
		text=${text[100001,-1]}
	done

	shell=$shell:A
	[[ $shell = */zsh* && -x $shell ]] || shell=${commands[zsh]-/bin/zsh}
	_sbx_words+=($shell -f -c 'builtin eval "builtin shift $#
${(j::)@}"' zsh "${(@)pieces}")
}

# Sets definitions to the functions that _sbx_call, the aliases or the arguments name, and those that
# they name in turn. Our own come with what they need.
function _sbx_collect_functions {
	builtin emulate -L zsh
	builtin local word text
	builtin local -a names found
	builtin local -A seen

	text="$_sbx_call $_sbx_aliasing"
	[[ $_sbx_call != *eval ]] || text+=" $_sbx_command"
	names=(${=text//$~_sbx_separators/ } "${(@)_sbx_command}")
	while (( $#names )); do
		found=()
		for word in $names; do
			[[ -z ${seen[$word]-} ]] && (( ${+functions[$word]} )) || continue
			seen[$word]=yes
			if [[ $functions[$word] = 'builtin autoload -X'* ]]; then
				builtin autoload +X -- $word || continue
			fi
			text=$functions[$word]
			definitions+="function ${(q)word} {"$'\n'"$text"$'\n}\n'
			found+=(${(u)=text//$~_sbx_separators/ })
		done
		names=($found)
	done
	[[ -z ${seen[_sbx_prefix]-} ]] ||
		definitions+="_sbx_program=${(q)_sbx_program} _sbx_names=($_sbx_names)"
}

# Adds the names of the user's presets and their aliases to names, which may be empty: then those of the
# shipped presets too.
function _sbx_find_presets {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local IFS=$' \t\n' file line
	builtin local -a directories found

	directories=($presets /etc/sbx/presets)
	[[ -n $names ]] || directories+=$_sbx_share/sbx/presets
	for file in $^directories/*.sb(Nr); do
		found=()
		for line in ${(f)"$(<$file)"}; do
			case $line in
			# A file without a kind is no preset: it is there for others to import.
			(';; kind:'*) found+=$file:t:r ;;
			(';; alias:'*) found+=(${=${line#*alias:}//,/ }) ;;
			([^\;]*) break ;;
			esac
		done
		[[ -z ${found[(re)$file:t:r]-} ]] || names+=($found)
	done
	names=(${(M)names:#[a-zA-Z0-9_][a-zA-Z0-9._-]#})
}

# What nosbx is where no alias is expanded.
function _sbx_bypass {
	builtin local -x SBX=off
	"$@"
}

# Takes all of it away and restores what was there before. Argument: keep, if it comes again.
function _sbx_undo {
	builtin emulate -L zsh
	builtin local name program=${_sbx_program-}

	[[ -z $_sbx_aside ]] || _sbx_step_back
	[[ -z $_sbx_rc ]] || _sbx_leave
	for name in precmd preexec chpwd; do
		name+=_functions
		builtin set -A $name ${(P)name:#_sbx_(prompt|typed|look)}
		(( ${(P)#name} )) || builtin unset $name
	done
	for name in $_sbx_names nosbx; do
		[[ ${functions[$name]-} = *(_sbx_prefix|_sbx_bypass)* ]] || continue
		builtin unset -f -- $name
		(( ! ${+_sbx_saved[$name]} )) || functions[$name]=$_sbx_saved[$name]
	done
	for name in $_sbx_aliases; do
		[[ ${aliases[$name]-} != "$name " ]] || builtin unalias -- $name
	done

	[[ ${aliases[nosbx]-} != 'SBX=off ' ]] || builtin unalias nosbx

	if [[ -n $_sbx_fpath ]]; then
		fpath=("${(@)fpath:#$_sbx_fpath}")
	fi
	if [[ -n $_sbx_fpath$_sbx_completed ]] && (( ${+_comps} )); then
		for name in ${(k)_comps[(Re)_sbx]}; do
			builtin unset "_comps[$name]"
		done
		for name in ${(k)_sbx_completed:#-}; do
			_comps[$name]=$_sbx_completed[$name]
		done
		builtin unset '_postpatcomps[sbx-*]'
	fi
	builtin unset -f -- ${(k)functions[(I)_sbx|_sbx_*]}
	[[ ${_comps[sbx]-} != _sbx ]] || builtin autoload -Uz _sbx
	builtin unset -- ${(k)parameters[(I)_sbx_*]}
	[[ ${1-} != keep ]] || builtin typeset -g _sbx_program=$program
}
