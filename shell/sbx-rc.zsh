# What sbx.zsh needs where an .sbxrc is: read when the first one is met. Nothing that such a file says is
# ever run: its words are compared, and shown.

# What is in force changes. $1: the directories that have to do with it, innermost first, each with a
# slash and a zero byte behind it; $2: where the trusted copies are.
function _sbx_enter {
	builtin emulate -L zsh
	builtin local file here=${${PWD:A}%/}/ stamps
	builtin local -a found present absent times
	builtin local -aU files

	found=(${(ps:\0:)1})
	files=(${^found}.sbxrc $2${^found}.sbxrc ${here}.sbxrc)
	for file in $found; do
		[[ ! -d ${file}.git ]] || files+=($2${file}.git/worktrees/.all/.sbxrc)
	done
	for file in $files; do
		[[ -e $file ]] && present+=("$file") || absent+=("$file")
	done
	(( ! $#present )) || zstat -A times -F '%s%9.' -s +ctime -- $present
	stamps=${(pj:\0:)present}${(pj:\0:)times}
	if [[ -z $1 ]]; then
		_sbx_leave
	elif [[ $1 != $_sbx_rc || $stamps != $_sbx_stamps ]]; then
		_sbx_rc=$1 _sbx_stamps=$stamps
		_sbx_load_rc
		[[ -z $_sbx_line ]] || _sbx_wrap_line "$_sbx_line"
	fi
	_sbx_present=($present) _sbx_absent=($absent) _sbx_times=($times)
	_sbx_tell
}

# In place of that in sbx.zsh: the line has ended, and in the same directory as before the files may be
# others, however that came.
function _sbx_prompt {
	builtin emulate -L zsh
	builtin local name
	builtin local -a times
	_sbx_line=
	(( ! $#_sbx_aside )) || _sbx_step_back
	if [[ -n $_sbx_rc ]]; then
		(( ! $#_sbx_wrapped && ! $#_sbx_replacing )) || _sbx_unwrap
		for name in $_sbx_present; do
			[[ -e $name ]] || _sbx_seen=
		done
		for name in $_sbx_absent; do
			[[ ! -e $name ]] || _sbx_seen=
		done
		if [[ -n $_sbx_seen ]] && (( $#_sbx_present )); then
			zstat -A times -F '%s%9.' -s +ctime -- $_sbx_present
			[[ $times = $_sbx_times && -n $_sbx_stamps ]] || _sbx_seen=
		fi
	fi
	if [[ $PWD:${SBX-} != $_sbx_seen || ( -z $_sbx_rc && -e .sbxrc ) ]]; then
		_sbx_look prompt
	fi
	for name in $_sbx_literals; do
		(( ! ${+aliases[$name]} )) || _sbx_hide_aliases
	done
	[[ -z $_sbx_untold ]] || _sbx_tell
	return 0
}

# Asks the program. What it says are lines: a word, a blank, and the rest.
function _sbx_load_rc {
	builtin emulate -L zsh
	builtin local line rest state= applies= REPLY
	builtin local -a lines names told notices

	lines=(${(f)"$($_sbx_program:h/sbxctl status --shell </dev/null)"})
	if (( $? )); then
		# As it was, and once more at the next prompt.
		_sbx_stamps=
		return
	fi
	_sbx_forget
	for line in $lines; do
		rest=${line#* }
		case ${line%% *} in
		(file)
			state=${rest%% *}
			[[ $state != (trusted|changed|deleted) ]] || applies=${rest#* }
			;;
		(auto) _sbx_autos+=("$rest") ;;
		(skip) _sbx_skips+=("$rest") ;;
		(active) names+=("$rest") ;;
		(notice)
			# What was never trusted is told of once in each shell, the rest on each entering.
			notices+=("$rest")
			[[ -n ${_sbx_told[(re)$rest]-} || -n ${_sbx_notices[(re)$rest]-} ]] || _sbx_untold+=$rest$'\n'
			[[ $state = (changed|deleted) ]] || _sbx_told+=("$rest")
			;;
		esac
	done
	_sbx_notices=("${(@)notices}")
	_sbx_join $_sbx_autos
	_sbx_auto=$REPLY
	_sbx_join $_sbx_skips
	_sbx_skip=$REPLY
	for line in $_sbx_autos; do
		if [[ $line != *[*?\\[]* ]] && _sbx_is_auto "$line"; then
			_sbx_literals+=("$line")
		fi
	done

	_sbx_force=
	if [[ -n $names$_sbx_autos$applies ]]; then
		_sbx_activate ${(j:,:)names:-sbx}
		_sbx_force="in force here: ${(j:, :)names:-$applies}${_sbx_autos:+ (${(j: :)_sbx_autos})}"
		_sbx_place=${applies%/.sbxrc}
	fi
	if (( $#_sbx_autos )); then
		_sbx_hide_aliases
		_sbx_watch_lines
	fi
}

# $SBX_ACTIVE is for prompts: what a command finds there is what is in force for the command.
function _sbx_activate {
	builtin emulate -L zsh
	if [[ -v SBX_ACTIVE ]]; then
		_sbx_outer=$SBX_ACTIVE
		_sbx_outer_type=${(t)SBX_ACTIVE}
	fi
	builtin typeset -g +x SBX_ACTIVE=${_sbx_outer:+$_sbx_outer,}$1
	_sbx_activated=yes
}

# Says what has changed, unless that would be in the middle of something.
function _sbx_tell {
	builtin emulate -L zsh
	(( ! ZSH_SUBSHELL )) && [[ -z ${WIDGET-} ]] || return 0
	if [[ $_sbx_force != $_sbx_shown && -z ${SBX_QUIET-} ]]; then
		if [[ -n $_sbx_force ]]; then
			builtin print -r -u2 -- "sbx: $_sbx_force"
		else
			builtin print -r -u2 -- "sbx: left ${(V)_sbx_place:-/}"
		fi
	fi
	_sbx_shown=$_sbx_force
	[[ -z $_sbx_untold ]] || builtin print -r -u2 -- "sbx: ${${_sbx_untold%$'\n'}//$'\n'/$'\n'sbx: }"
	_sbx_untold=
}

# No .sbxrc is here any more.
function _sbx_leave {
	builtin emulate -L zsh
	_sbx_forget
	_sbx_rc= _sbx_auto= _sbx_skip= _sbx_stamps= _sbx_force= _sbx_notices=()
}

# As if nothing had been read, but for what has been told.
function _sbx_forget {
	builtin emulate -L zsh
	_sbx_unwrap
	_sbx_show_aliases
	_sbx_unwatch_lines
	_sbx_autos=() _sbx_skips=() _sbx_literals=() _sbx_auto= _sbx_skip=
	[[ -n $_sbx_activated ]] || return 0
	if [[ $_sbx_outer_type = *export* ]]; then
		builtin typeset -gx SBX_ACTIVE=$_sbx_outer
	elif [[ -n $_sbx_outer_type ]]; then
		builtin typeset -g SBX_ACTIVE=$_sbx_outer
	else
		builtin unset SBX_ACTIVE
	fi
	_sbx_activated= _sbx_outer= _sbx_outer_type=
}

# Sets REPLY to one pattern for what the arguments match, as case does in sh, without what zsh has more.
function _sbx_join {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local MATCH MBEGIN MEND word
	builtin local -a texts
	for word; do
		{
			texts+=(${word//(#m)[\(\)|<>~^#=]/\\$MATCH})
			[[ a = ${~texts[-1]} && a = b || $word != *\\ ]] || texts[-1]=${(b)word}
		} always {
			# No pattern at all.
			(( ! TRY_BLOCK_ERROR )) || texts[-1]=${(b)word}
			TRY_BLOCK_ERROR=0
		} 2>/dev/null
	done
	REPLY="(${(j:|:)texts})"
}

# Is this what an auto line names, and no skip line, by what was typed or the last part of it? Never
# what the shell does itself, nor sbx.
function _sbx_is_auto {
	builtin emulate -L zsh
	builtin local name=${1##*/}
	[[ $1 = ${~_sbx_auto} || $name = ${~_sbx_auto} ]] || return 1
	[[ $1 != ${~_sbx_skip} && $name != ${~_sbx_skip} ]] || return 1
	[[ $name != (|no)sbx && $name != (sbx-*|sbxctl|sandbox-exec) ]] || return 1
	[[ $1 = */* ]] || (( ! ${+builtins[$1]} && ! ${reswords[(Ie)$1]} )) || return 1
	[[ $1 != */* || $1:A != $_sbx_program:A ]]
}

# Is there such a program? Then the sandbox finds it too.
function _sbx_is_program {
	builtin emulate -L zsh
	if [[ $1 = */* ]]; then
		[[ -x $1 && ! -d $1 ]]
	else
		builtin whence -p -- $1 >/dev/null
	fi
}

# Before the line $1 is run, or when it has come here: wrappers for what is named, and for what matches
# a pattern. A name that comes first in a command needn't be there yet.
function _sbx_wrap_line {
	builtin emulate -L zsh
	builtin setopt extended_glob
	builtin local IFS=$' \t\n' word first=yes
	builtin local -a words
	builtin local -A seen

	_sbx_drop_aliases
	(( $#_sbx_autos )) && [[ ${SBX-} != off ]] || return 0
	# SBX=off make, as one command: without a function it is a job like others.
	[[ $1 != 'SBX=off '* || $1 = *[\;\&\|\(\`$'\n']* ]] || return 0
	_sbx_wrap $_sbx_literals
	words=("${(@z)1}")
	while (( $#words )); do
		word=$words[1]
		shift words
		case $word in
		(*[\`\(]*)
			# What is inside may be commands.
			[[ $word = \'* ]] || words+=(';' ${(z)${word//[\`\(\)\"\$\{\}]/ ; }})
			;|
		(';'|'|'|'|&'|'&'|'&&'|'||'|'&|'|'&!'|'{'|'}'|'('|')'|'!'|\
			do|then|else|elif|if|while|until|time|noglob|nocorrect)
			first=yes
			continue
			;;
		([a-zA-Z_][a-zA-Z0-9_]#(+|)=*) [[ -z $first ]] || continue ;|
		(*\$*)
			# Names alone: an expansion may also run something.
			word=${(Q)word}
			if [[ $word = ([^\$\`\[\(\{]|\$[a-zA-Z_][a-zA-Z0-9_]#|\$\{[a-zA-Z_][a-zA-Z0-9_]#\})# ]]; then
				word=${(e)word}
				[[ $word != *[[:blank:]]* ]] || words=(${=word} $words)
			fi
			;;
		(\~*) word=${~word} ;;
		(\=[a-zA-Z0-9]*) word=${${word#\=}:c} ;;
		esac
		_sbx_wrap_word "${(Q)word}" "$first"
		first=
	done
}

# $2: it is the first of a command.
function _sbx_wrap_word {
	builtin emulate -L zsh
	builtin local text
	if (( ${+functions[$1]} )) && ! _sbx_is_program "$1"; then
		_sbx_wrap_body "$1"
	elif [[ -n $1 && ! -d $1 ]] && _sbx_is_auto "$1" && { [[ -n $2 ]] || _sbx_is_program "$1" }; then
		_sbx_wrap "$1"
	fi
}

# Of a function that is no program's name, the programs in it.
function _sbx_wrap_body {
	builtin emulate -L zsh
	builtin local word separators=$'[] \t\n;&|()<>`${}"\'\\=[]'
	[[ -z ${seen[$1]-} && ${functions[$1]} != *_sbx_* ]] || return 0
	seen[$1]=yes
	for word in ${(u)=functions[$1]//$~separators/ }; do
		_sbx_wrap_word "$word" ''
	done
}

# A user's function of the name waits until the next prompt.
function _sbx_wrap {
	builtin emulate -L zsh
	builtin local name
	for name; do
		[[ ${functions[$name]-} != *_sbx_auto* ]] || continue
		if (( ${+functions[$name]} )); then
			_sbx_kept[$name]=$functions[$name]
		fi
		functions[$name]='_sbx_auto "${(%):-%N}" "$@"'
		_sbx_wrapped+=("$name")
	done
}

# What the user has defined in the meantime stays.
function _sbx_unwrap {
	builtin emulate -L zsh
	builtin local name
	_sbx_drop_aliases
	for name in $_sbx_wrapped; do
		[[ ${functions[$name]-} = *_sbx_auto* ]] || continue
		if (( ${+_sbx_kept[$name]} )); then
			functions[$name]=$_sbx_kept[$name]
		else
			builtin unset -f -- $name
		fi
	done
	_sbx_wrapped=() _sbx_kept=()
}

# A wrapper's name and the words behind it. As in _sbx_prefix, the program comes last.
function _sbx_auto {
	builtin local -a _sbx_words _sbx_command
	builtin local _sbx_expand= _sbx_ended= _sbx_call= _sbx_aliasing=
	builtin local _sbx_separators=$'[] \t\n;&|()<>`${}"\'\\=[]'
	if [[ ${SBX-} = off ]]; then
		if (( ${+_sbx_kept[$1]} )); then
			functions[_sbx_own]=$_sbx_kept[$1]
			shift
			_sbx_own "$@"
		elif [[ -n ${_sbx_hidden[(re)$1]-} ]]; then
			builtin eval "${dis_aliases[$1]} ${(j: :)${(@qq)@[2,-1]}}"
		else
			command "$@"
		fi
		return
	fi
	if (( ! ${+_sbx_kept[$1]} )) && [[ -z ${_sbx_hidden[(re)$1]-} ]]; then
		if [[ -n ${functions[command_not_found_handler]-} ]] && ! _sbx_is_program "$1"; then
			command_not_found_handler "$@"
			return
		fi
		_sbx_words=(-- "$@")
	else
		_sbx_take_options sbx -- "$@"
		_sbx_resolve_own "${(@kv)options[@]}"
	fi
	[[ -z $_sbx_outer ]] || builtin local -x SBX_ACTIVE=$_sbx_outer
	"$_sbx_program" "${_sbx_words[@]}"
}

# As _sbx_resolve and _sbx_carry, with the user's functions and aliases in place of the wrappers.
function _sbx_resolve_own {
	builtin emulate -L zsh
	builtin local -a wrapped
	wrapped=($_sbx_wrapped)
	_sbx_unwrap
	_sbx_show_aliases
	_sbx_resolve || _sbx_carry "$@"
	_sbx_hide_aliases
	_sbx_wrap $wrapped
}

# An alias of a wrapped name is expanded in the sandbox, unless it only adds words behind the name.
function _sbx_hide_aliases {
	builtin emulate -L zsh
	builtin local name
	for name in $_sbx_literals; do
		if (( ${+aliases[$name]} )) && ! _sbx_only_adds $name; then
			builtin disable -a -- $name
			_sbx_hidden+=("$name")
		fi
	done
}

function _sbx_only_adds {
	builtin emulate -L zsh
	builtin setopt extended_glob
	[[ $aliases[$1] = [[:blank:]]#${(b)1}([[:blank:]]##[a-zA-Z0-9_./,:+@%=-]##)# ]]
}

function _sbx_show_aliases {
	builtin emulate -L zsh
	builtin local name
	for name in $_sbx_hidden; do
		(( ! ${+dis_aliases[$name]} )) || builtin enable -a -- $name
	done
	_sbx_hidden=()
}

# A wrapper is a function, and what it runs no job like others. So before zsh takes a typed line apart
# that has programs alone in it, the names there become aliases of sbx and the name, until it has been
# taken apart; then the function sbx steps aside. The chained one may call this again.
function _sbx_finish_line {
	builtin local _sbx_call=$_sbx_chained _sbx_chained=
	[[ -z $_sbx_call ]] || $_sbx_call "$@"
	[[ $CONTEXT != start || -o no_aliases ]] || _sbx_alias_line "$BUFFER"
	builtin return 0
}

function _sbx_alias_line {
	builtin emulate -L zsh
	builtin local name
	builtin local -aU heads

	_sbx_drop_aliases
	[[ ${SBX-} != off && -z $_sbx_outer && ${aliases[sbx]-} = 'sbx ' ]] || return 0
	[[ ${1//\$!} != *[\!^\\$'\n']* ]] && _sbx_each_command _sbx_may_alias "$1" || return 0
	for name in $heads; do
		if (( ${+aliases[$name]} )); then
			_sbx_replaced[$name]=$aliases[$name]
			builtin alias -- "$name=sbx ${aliases[$name]##[[:blank:]]#}"
		else
			builtin alias -- "$name=sbx $name"
		fi
		_sbx_replacing+=("$name")
	done
}

# The words of one command. Adds the first to heads, if it becomes an alias.
function _sbx_may_alias {
	builtin emulate -L zsh
	[[ -z ${_sbx_names[(re)$1]-} ]] || return 0
	_sbx_is_harmless "$1" && [[ $1 != (cd|pushd|popd) && ! -d $1 ]] || return 1
	[[ $1 != ?*.?* || -z ${saliases[${1##*.}]-} ]] || return 1
	(( ! ${+aliases[$1]} )) || _sbx_only_adds "$1" || return 1
	if [[ -z ${_sbx_hidden[(re)$1]-} && $1 != -* ]] && _sbx_is_auto "$1" && _sbx_is_program "$1"; then
		heads+=("$1")
	fi
}

function _sbx_drop_aliases {
	builtin emulate -L zsh
	builtin local name
	for name in $_sbx_replacing; do
		if (( ${+_sbx_replaced[$name]} )); then
			builtin alias -- "$name=$_sbx_replaced[$name]"
		else
			builtin unalias -- $name
		fi
	done
	_sbx_replacing=() _sbx_replaced=()
}

# A widget of the user's that has the same task is called first.
function _sbx_watch_lines {
	builtin emulate -L zsh
	[[ -o zle && ${widgets[zle-line-finish]-} != user:_sbx_finish_line ]] || return 0
	_sbx_chained=${${(M)widgets[zle-line-finish]:#user:*}#user:}
	zle -N zle-line-finish _sbx_finish_line
}

function _sbx_unwatch_lines {
	builtin emulate -L zsh
	[[ -o zle && ${widgets[zle-line-finish]-} = user:_sbx_finish_line ]] || return 0
	if [[ -n $_sbx_chained ]]; then
		zle -N zle-line-finish $_sbx_chained
	else
		zle -D zle-line-finish
	fi
	_sbx_chained=
}

builtin zmodload -F zsh/stat b:zstat
builtin typeset -g _sbx_stamps= _sbx_force= _sbx_shown= _sbx_place= _sbx_untold= _sbx_activated=
builtin typeset -g _sbx_outer= _sbx_outer_type= _sbx_chained=
builtin typeset -g _sbx_auto= _sbx_skip=
builtin typeset -ga _sbx_present _sbx_absent _sbx_times _sbx_autos _sbx_skips _sbx_literals
builtin typeset -ga _sbx_notices _sbx_told _sbx_wrapped _sbx_hidden _sbx_replacing
builtin typeset -gA _sbx_kept _sbx_replaced
(( ${+functions[_sbx_resolve]} )) || _sbx_read
