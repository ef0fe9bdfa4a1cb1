# shellcheck shell=bash
# The DEBUG trap of sbx-rc.bash, which reads this file when a word behind auto is a pattern. A command
# that a pattern may mean, and that cannot be told, MUST NOT run.
# shellcheck disable=SC2016,SC2154 # texts for others to expand; variables of sbx-rc.bash

# As in sbx.bash, which may be what reads this.
_sbx_later=:
! \builtin shopt -q expand_aliases || _sbx_later='builtin shopt -s expand_aliases'
\builtin shopt -u expand_aliases
case $- in
*a*) _sbx_later="$_sbx_later; set -a" ;;
esac
\set +a

# Patterns are met in a DEBUG trap: it makes the function just before the name is looked up. What stands
# in subshells is traced too, so functrace is on; a trap of the user's is called when it would have been.
# A trap can be set only outside of functions: _sbx_then is what the prompt evaluates there.
_sbx_choose_trap() {
	if [[ ${#_sbx_patterns[@]} -eq 0 ]]; then
		[[ -z $_sbx_trap ]] || _sbx_end_trap
	elif [[ -z $_sbx_trap ]]; then
		case $- in
		*T*) _sbx_trap=traced ;;
		*) _sbx_trap=plain ;;
		esac
		_sbx_ask_trap
	fi
}

_sbx_ask_trap() {
	_sbx_then='_sbx_current=$(\builtin trap -p DEBUG); _sbx_chain; \builtin trap -- "$_sbx_current" DEBUG; _sbx_then="set -T"; _sbx_hide; \set -T'
}

_sbx_end_trap() {
	_sbx_then='_sbx_current=$(\builtin trap -p DEBUG); _sbx_unchain; \builtin trap -- "$_sbx_current" DEBUG; _sbx_then=; _sbx_hide'
}

# With allexport, what is set outside of _sbx_settle is exported.
_sbx_hide() {
	case $- in
	*a*) builtin export -n _sbx_current _sbx_then _sbx_chained _sbx_typed _sbx_traced _sbx_refused ;;
	esac
}

# The prompt itself is traced, unless somebody has set another trap. PS0, from bash 4.4 on, tells that a
# line was typed; without it, what a prompt starts is taken for typed as well.
_sbx_keep_trap() {
	[[ $_sbx_traced || $_sbx_then != 'set -T' ]] || _sbx_ask_trap
	_sbx_traced=''
	_sbx_hide
	if [[ ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -lt 44 ]] || ! builtin shopt -q promptvars; then
		_sbx_typed=1
		return 0
	fi
	_sbx_typed=
	[[ ${PS0-} = *_sbx_typed=1* && $PROMPT_COMMAND = _sbx_begin* ]] || _sbx_mark_prompt
	_sbx_hide
}

_sbx_mark_prompt() {
	local restore
	_sbx_settle
	[[ ${PS0-} = *_sbx_typed=1* ]] || PS0='${PS0:$((_sbx_typed=1)):0}'${PS0-}
	[[ $PROMPT_COMMAND = _sbx_begin* ]] || PROMPT_COMMAND=_sbx_begin$'\n'$PROMPT_COMMAND
	builtin eval "$restore"
}

# The first of PROMPT_COMMAND, while there is a trap: what follows is not typed, and each command in our
# functions would pay for being traced.
_sbx_begin() {
	local status=$?
	[[ $_sbx_trap = traced ]] || set +T
	_sbx_begin_prompt
	return "$status"
}

_sbx_begin_prompt() {
	_sbx_traced=
	[[ -z $_sbx_refused ]] || _sbx_end_refusal
	[[ ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -lt 44 ]] || _sbx_typed=
	_sbx_hide
}

# Sets _sbx_current, what trap -p says, to the text of the trap with ours.
_sbx_chain() {
	local text=''
	if [[ $_sbx_current ]]; then
		builtin eval "set ${_sbx_current#trap}"
		text=$1
	fi
	if [[ $text = *_sbx_debug* ]]; then
		_sbx_current=$text
		return
	fi
	# What a prompt runs pays for little more than this; a trap of the user's MUST find $? as it was.
	_sbx_current='case $((_sbx_traced = 1)):$_sbx_typed in *:) ;; *) _sbx_debug "$@" "$_" ;; esac'
	_sbx_chained=
	[[ $text ]] || return 0
	_sbx_current='_sbx_debug "$@" "$_"' _sbx_chained=yes
	if [[ $_sbx_trap = traced ]]; then
		_sbx_current=$_sbx_current$'\n'$text$'\n_sbx_verdict "$?" "$_"'
	else
		_sbx_current=$_sbx_current$'\ncase ${#FUNCNAME[@]}:$BASH_SUBSHELL in\n0:0)\n'$text$'\n;;\nesac\n_sbx_verdict "$?" "$_"'
	fi
}

# Sets _sbx_current to the text without ours, which may be nothing; and takes away all else.
_sbx_unchain() {
	local text='-' restore
	_sbx_settle
	if [[ $_sbx_current ]]; then
		builtin eval "set ${_sbx_current#trap}"
		text=$1
	fi
	text=${text%$'\n_sbx_verdict "$?" "$_"'}
	case $text in
	*_sbx_debug*$'\n0:0)\n'*)
		text=${text#*$'\n0:0)\n'}
		text=${text%$'\n;;\nesac'}
		;;
	*_sbx_debug*$'\n'*) text=${text#*$'\n'} ;;
	*_sbx_debug*) text=- ;;
	esac
	_sbx_current=$text
	[[ $_sbx_trap = traced ]] || set +T
	PS0=${PS0-}
	PS0=${PS0/'${PS0:$((_sbx_typed=1)):0}'/}
	[[ $PS0 ]] || unset -v PS0
	PROMPT_COMMAND=${PROMPT_COMMAND#_sbx_begin$'\n'}
	_sbx_trap='' _sbx_chained='' _sbx_traced='' _sbx_typed=''
	builtin eval "$restore"
}

# The trap, of which _sbx_traced tells that it is there. Its words are those that "$@" has where the command is, then $_, which becomes that again.
_sbx_debug() {
	local _sbx_status=$?
	_sbx_traced=yes
	[[ -z $_sbx_refused || $_sbx_typed = 2 ]] || _sbx_end_refusal
	_sbx_hide
	case ${FUNCNAME[1]-}:$_sbx_typed:${COMP_LINE+completion}${SBX-} in
	_sbx* | *::* | *:completion* | *:off) ;;
	*) [[ $BASH_COMMAND = _sbx* ]] || _sbx_meet "${@:1:$#-1}" ;;
	esac
	[[ -z $_sbx_refused || $BASH_COMMAND = _sbx* || ${FUNCNAME[1]-} = _sbx* ]] || return 1
	[[ -z $_sbx_chained ]] || return "$_sbx_status"
}

# Behind the user's trap: its status, unless the command is refused.
_sbx_verdict() {
	[[ -z $_sbx_refused || $BASH_COMMAND = _sbx* || ${FUNCNAME[1]-} = _sbx* ]] || return 1
	return "$1"
}

# Makes a function for the command that is next, of which bash says words first, then redirections.
# What the user's words are expanded with MUST NOT be hidden by names of ours.
_sbx_meet() {
	local _sbx_rest=$BASH_COMMAND _sbx_word
	[[ $PWD = "$_sbx_pwd" ]] || {
		_sbx_walk
		_sbx_check
		[[ $_sbx_trap ]] || return 0
	}
	while [[ $_sbx_rest ]]; do
		_sbx_cut
		[[ $_sbx_word != SBX=off ]] || return 0
		_sbx_is_assignment "$_sbx_word" || ! _sbx_meet_word ${1+"$@"} || return 0
	done
}

_sbx_is_assignment() {
	local name=${1%%=*}
	[[ $1 = *=* ]] || return 1
	name=${name%+}
	case $name in
	[!a-zA-Z_]*) return 1 ;;
	*[!a-zA-Z0-9_]*) [[ $name = *\[*\] && ${name%%\[*} != *[!a-zA-Z0-9_]* ]] ;;
	esac
}

# Takes the first word of _sbx_rest from it, quotes, expansions and all.
_sbx_cut() {
	local rest=$_sbx_rest open='' at=0 character two
	_sbx_word=${rest%%[[:space:]]*}
	case $_sbx_word in
	*[!a-zA-Z0-9_./,:+=@%-]*) ;;
	*)
		_sbx_rest=${rest#"$_sbx_word"}
		_sbx_rest=${_sbx_rest#[[:space:]]}
		return
		;;
	esac
	while [[ $at -lt ${#rest} ]]; do
		character=${rest:at:1} two=${rest:at:2}
		at=$((at + 1))
		case $open:$character in
		*\':\') open=${open%?} ;;
		*\':*) ;;
		*s:\\ | *:\\) at=$((at + 1)) ;;
		*s:\') open=${open%?} ;;
		*s:*) ;;
		*\":\" | *\`:\` | *\(:\) | *\{:\}) open=${open%?} ;;
		*:\`) open=$open\` ;;
		*:\$)
			case $two in
			'$(') open=$open'(' at=$((at + 1)) ;;
			'${') open=$open'{' at=$((at + 1)) ;;
			"\$'") [[ $open = *\" ]] || open=${open}s at=$((at + 1)) ;;
			esac
			;;
		*\":*) ;;
		*:\" | *:\' | *:\() open=$open$character ;;
		:[[:space:]])
			at=$((at - 1))
			break
			;;
		esac
	done
	_sbx_word=${rest:0:at}
	_sbx_rest=${rest:at}
	_sbx_rest=${_sbx_rest#[[:space:]]}
}

# The word that is the command, as it is written; fails if nothing comes of it, and the next one is it.
# What is only expanded can be expanded twice; what runs commands or counts cannot.
_sbx_meet_word() {
	case $_sbx_word in
	*[!a-zA-Z0-9_./,:+=@%-]*) ;;
	*)
		_sbx_meet_name "$_sbx_word"
		return 0
		;;
	esac
	case $_sbx_word in
	'(('* | '[[' | '[' | [\<\>] | [\<\>][!\(]* | [0-9]*[\<\>]* | '&>'* | '{'*'}'[\<\>]*) return 0 ;;
	*\`* | *\(* | *'$['* | *'${'*'++'* | *'${'*'--'* | *'${'*=* | *'${'*@[P]* | *'${'*\[*[!]@*0-9]*\]*)
		_sbx_refuse "$_sbx_word"
		return 0
		;;
	esac
	builtin eval "set -- $_sbx_word"
	[[ $# -gt 0 ]] && _sbx_meet_name "$1"
}

_sbx_meet_name() {
	local IFS=$' \t\n' last=${1##*/} pattern meets=''
	{ [[ $1 ]] && ! _sbx_is_wrapped "$1"; } || return 0
	for pattern in "${_sbx_patterns[@]}" ${_sbx_auto[@]+"${_sbx_auto[@]}"}; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $pattern && $last != $pattern ]] || meets=yes
	done
	if [[ -z $meets ]] || _sbx_is_exempt "$1" || _sbx_is_skipped "$1"; then
		return 0
	fi
	case $1 in
	*/*) [[ ! -d $1 ]] || return 0 ;;
	*) builtin type -P -- "$1" >/dev/null 2>&1 || return 0 ;;
	esac
	case $1 in
	*[]\'\"\\\$\`\|\&\;\<\>\(\)\{\}\*\?\!\#\~[[:space:][:cntrl:]]*)
		_sbx_refuse "$1"
		return
		;;
	esac
	_sbx_meet_plain "$1"
}

_sbx_meet_plain() {
	local restore
	_sbx_settle
	_sbx_add_wrapper "$1"
	builtin eval "$restore"
}

# Nothing of the line goes on: the signal ends it. Where that is trapped or ignored, extdebug lets the trap
# refuse each command that is left, until there is a prompt or, by PS0, another line.
_sbx_refuse() {
	builtin printf "sbx: %s: not started: no function can stand for this command (put 'sbx' or 'nosbx' in front)\n" "$1" >&2
	[[ $BASH_SUBSHELL -eq 0 ]] || exit 125
	[[ ${PS0-} != *_sbx_typed=1* ]] || _sbx_typed=2
	_sbx_refused=$-
	! builtin shopt -q extdebug || _sbx_refused=extdebug
	builtin shopt -s extdebug
	builtin kill -INT $$
}

# Switching extdebug off takes functrace and errtrace with it.
_sbx_end_refusal() {
	if [[ $_sbx_refused != extdebug ]]; then
		builtin shopt -u extdebug
		case $_sbx_refused in
		*E*) set -E ;;
		esac
		[[ ${FUNCNAME[1]} = _sbx_begin_prompt && $_sbx_trap = plain ]] || set -T
	fi
	_sbx_refused=
}

builtin eval "$_sbx_later"
unset -v _sbx_later
