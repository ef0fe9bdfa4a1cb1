# shellcheck shell=bash
# What sbx.bash leaves for later: it is read when a prefix is first used, at the first TAB behind one,
# by _sbx_undo, and when a shell starts only if the user has presets, or had something of these names.

# As in sbx.bash, which may be what reads this.
_sbx_later=:
! \builtin shopt -q expand_aliases || _sbx_later='builtin shopt -s expand_aliases'
\builtin shopt -u expand_aliases
case $- in
*a*) _sbx_later="$_sbx_later; set -a" ;;
esac
\set +a

# The function of a preset, and that of sbx, calls this one with its own name and its words. What runs
# comes last: were it stopped, what stood behind it would go on without it.
_sbx_run() {
	_sbx_prepare "$@"
	builtin eval "$_sbx_line"
}

# Sets _sbx_line: prefixes with their options, then the command. One sandbox is made of them by sbx
# itself, where that is no looser. The line is what a person might have typed, because jobs shows it.
_sbx_prepare() {
	local IFS=$' \t\n' kind value expanded=" ${_sbx_called-} "
	case ${_sbx_aliased-} in
	*"$expanded"*) expanded=' ' ;;
	esac
	_sbx_line='' _sbx_text=''
	while [ $# -gt 0 ]; do
		if _sbx_is_prefix "$1"; then
			_sbx_count=0
			_sbx_add_prefix "$@"
			shift "$_sbx_count"
			continue
		fi
		_sbx_find_kind "$1"
		_sbx_is_plain_alias "$1" || break
		expanded="$expanded$1 "
		shift
		# shellcheck disable=SC2086 # words, and nothing that a shell would expand
		set -- $value ${1+"$@"}
	done
	[ $# -eq 0 ] || _sbx_add_command "$@"
	_sbx_line=${_sbx_line# }
	# What this shell added is not what it runs in.
	case ${_sbx_shown:+${_sbx_outer-}} in
	'' | *[!a-zA-Z0-9._,-]*) ;;
	*) _sbx_line="SBX_ACTIVE=$_sbx_outer $_sbx_line" ;;
	esac
	case $- in
	*a*) builtin export -n _sbx_line _sbx_text _sbx_count _sbx_words ;;
	esac
}

_sbx_is_prefix() {
	case $1 in
	'' | *[!a-zA-Z0-9._-]*) return 1 ;;
	esac
	case " $_sbx_names " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# Adds words to the line, quoted where they need it.
_sbx_add() {
	local quote="'" quoted="'\"'\"'" word
	for word in ${1+"$@"}; do
		case $word in
		'' | *[!a-zA-Z0-9_./:=,@%+-]*) _sbx_line="$_sbx_line '${word//$quote/$quoted}'" ;;
		*) _sbx_line="$_sbx_line $word" ;;
		esac
	done
}

# A prefix and its options, as options_parse walks over them. Sets _sbx_count to how many words.
_sbx_add_prefix() {
	local all=$# name=${1#sbx} value
	_sbx_add "$_sbx_program"
	[ -z "$name" ] || _sbx_add -p "${name#-}"
	shift
	while [ $# -gt 0 ]; do
		value=
		case $1 in
		--)
			_sbx_add --
			shift
			break
			;;
		--*=* | --*-all) ;;
		--allow-* | --deny-*)
			case ${2--} in
			-*) ;;
			*) value=yes ;;
			esac
			;;
		--preset | --profile | --expr | --define | --env-keep | --env-drop | --env-set | --keep-fd)
			value=yes
			;;
		--*) ;;
		-*[pfeD]*)
			# The value is the rest of the word, or the next one.
			value=${1#"${1%%[pfeD]*}"}
			[ "${#value}" -eq 1 ] || value=
			;;
		-?*) ;;
		*) break ;;
		esac
		_sbx_add "$1"
		shift
		if [ -n "$value" ] && [ $# -gt 0 ]; then
			_sbx_add "$1"
			shift
		fi
	done
	_sbx_count=$((all - $#))
}

# Sets kind to what a command's name means here: program (or nothing), alias, keyword, function or
# builtin. A function that wraps the program of its name means that, when it calls us.
_sbx_find_kind() {
	kind=program
	case $1 in
	'' | */*) return 0 ;;
	esac
	if [ -n "${_sbx_fixed-}" ] && _sbx_is_wrapped "$1"; then
		_sbx_find_hidden "$1"
		return 0
	fi
	{
		if builtin shopt -q expand_aliases && builtin alias -- "$1"; then
			kind='alias'
			case $expanded in
			*" $1 "*) kind=program ;;
			*) return 0 ;;
			esac
		fi
		case $1 in
		time | ! | '[[')
			kind=keyword
			return 0
			;;
		esac
		if builtin declare -F -- "$1"; then
			kind=function
			case " ${FUNCNAME[*]} " in
			*" $1 "*) ! builtin type -P -- "$1" || kind=program ;;
			esac
			return 0
		fi
		case $1 in
		. | : | '[') kind=builtin ;;
		*[!a-z]*) ;;
		*) ! builtin compgen -A enabled -X "!$1" "$1" || kind=builtin ;;
		esac
	} >/dev/null 2>&1
}

# Whether the word is an alias for mere words, which then are the value.
_sbx_is_plain_alias() {
	[ "$kind" = alias ] || return 1
	value=$(
		[ -z "${_sbx_fixed-}" ] || _sbx_unwrap 0
		builtin alias -- "$1"
	)
	builtin eval "value=${value#*=}"
	case $value in
	'' | *[[:space:]] | [[:space:]]* | *[!a-zA-Z0-9_./:=,@%+[:blank:]-]*) return 1 ;;
	esac
	case ${value%%[[:blank:]]*} in
	*=*) return 1 ;;
	esac
}

# Programs are run as they are. For everything else a child shell is the command: its text makes it
# know what this shell knows of the words.
_sbx_add_command() {
	local at=0 size=30000 chunks='' options=$SHELLOPTS
	if [ "$kind" != program ]; then
		_sbx_text=$(_sbx_carry "$@") || :
		[ -z "${BASH_ENV+set}" ] || _sbx_line=" BASH_ENV=$_sbx_line"
		_sbx_add "${BASH:-bash}" -c
		# What one argument can hold is limited: this many characters always fit.
		if [ "${#_sbx_text}" -le "$size" ]; then
			_sbx_line="$_sbx_line \"\$_sbx_text\" bash"
		else
			while [ "$at" -lt "${#_sbx_text}" ]; do
				chunks="$chunks \"\${_sbx_text:$at:$size}\""
				at=$((at + size))
			done
			at=$((at / size))
			_sbx_add "_sbx_text=; while [ \${_sbx_at=$at} -gt 0 ]; do
_sbx_text=\$_sbx_text\$1 _sbx_at=\$((_sbx_at - 1)); shift; done
eval \"unset _sbx_text _sbx_at
\$_sbx_text\""
			_sbx_line="$_sbx_line bash$chunks"
		fi
	fi
	if [ $# -le 20 ]; then
		_sbx_add "$@"
	else
		builtin eval '_sbx_words=("$@")'
		_sbx_line="$_sbx_line \"\${_sbx_words[@]}\""
	fi
}

# Prints what the child shell shall do, with the words as its arguments. It runs in a subshell.
_sbx_carry() {
	local bare=0 aliases='' functions='' texts='' line='' final='' first=$1
	# shellcheck disable=SC2016 # characters
	local prefixes='' again='' separators=$' \t\n'';&|()<>`"\${}'"'"
	set +eu -f
	[ -z "${_sbx_fixed-}" ] || _sbx_unwrap 0
	{
		case $kind in
		alias | keyword) _sbx_carry_start "$@" ;;
		function) texts=$1 ;;
		*) texts=$* ;;
		esac
		[ "$kind" = function ] || texts="$texts $*"
		_sbx_carry_functions "$texts"
		texts=$(_sbx_carry_settings)
	} >/dev/null 2>&1
	[ -z "$prefixes" ] || functions=$functions$'\n'$(_sbx_carry_prefixes)
	for line in "$texts" "$functions" "$aliases"; do
		[ -z "$line" ] || builtin printf '%s\n' "$line"
	done
	if [ "$first" = '[[' ] && [ "$kind" = keyword ]; then
		_sbx_carry_test "$@"
	else
		[ "$bare" -eq 0 ] || builtin printf 'shift %s\n' "$bare"
		builtin printf '%s "$@"\n' "${final# }"
	fi
}

# Words that a shell must read as they are: those that are aliases, or stand where an alias or a
# keyword may. Sets final to them and bare to their number; aliases and texts to what they bring.
_sbx_carry_start() {
	local next=yes word
	while [ $# -gt 0 ] && [ -n "$next" ]; do
		case $1 in
		time | !) ;;
		*)
			case $1 in
			'' | *[!a-zA-Z0-9_.:,@%+~-]*) return ;;
			esac
			builtin alias -- "$1" || return
			_sbx_carry_aliases "$1"
			value=$(\builtin alias -- "$1")
			case $value in
			*[[:blank:]]\') ;;
			*) next= ;;
			esac
			;;
		esac
		final="$final $1" bare=$((bare + 1))
		shift
	done
}

# The aliases in a text, and those in theirs.
_sbx_carry_aliases() {
	local IFS=$separators word
	for word in $1; do
		case $'\n'$aliases in
		*$'\n'"alias $word="*) continue ;;
		esac
		builtin alias -- "$word" || continue
		line=$(\builtin alias -- "$word")
		[ -n "$aliases" ] || aliases='shopt -s expand_aliases'
		aliases=$aliases$'\n'$line
		texts=$texts$'\n'$line
		_sbx_carry_aliases "${line#*=}"
	done
}

# The functions in a text, and those in theirs. Ours are not carried: the child calls sbx itself.
_sbx_carry_functions() {
	local IFS="$separators=" text=$1 seen=' ' found word
	while [ -n "$text" ]; do
		found=
		for word in $text; do
			builtin declare -F -- "$word" || continue
			case $seen in
			*" $word "*) continue ;;
			esac
			seen="$seen$word "
			case $word in
			_sbx*) ;;
			*) _sbx_carry_prefix "$word" || found="$found $word" ;;
			esac
		done
		[ -n "$found" ] || break
		IFS=' '
		# shellcheck disable=SC2086 # a list of words
		text=$(\builtin declare -f -- $found)
		IFS=$separators=
		functions=$functions${functions:+$'\n'}$text
	done
}

# A function may use a prefix. Where the child can read this file, functions behind that are found too.
_sbx_carry_prefix() {
	local _sbx_line='' IFS=$' \t\n' name=${1#sbx}
	_sbx_is_prefix "$1" || return
	_sbx_add "$_sbx_program"
	[ -z "$name" ] || _sbx_add -p "${name#-}"
	prefixes="${prefixes}function $1 {$_sbx_line \"\$@\"; }"$'\n'
	again="${again}function $1 { _sbx_run $1 \"\$@\"; }"$'\n'
}

_sbx_carry_prefixes() {
	local _sbx_line=''
	_sbx_add "_sbx_program=$_sbx_program" "_sbx_names=$_sbx_names"
	builtin printf '%sdeclare%s\n' "$prefixes" "$_sbx_line"
	_sbx_line=
	_sbx_add "${_sbx_program%/*}/../share/sbx/shell/sbx-run.bash"
	builtin printf 'if [ -r%s ]; then\n.%s\n%sfi\n' "$_sbx_line" "$_sbx_line" "$again"
}

# The options of this shell that tell how a text is read and what it does.
_sbx_carry_settings() {
	local word name
	if [ -n "${BASH_ENV+set}" ]; then
		case $(\builtin declare -p BASH_ENV) in
		'declare -'*x*' '*) builtin printf 'BASH_ENV=%q\n' "$BASH_ENV" ;;
		*) echo 'unset BASH_ENV' ;;
		esac
	fi
	for name in extglob globstar nullglob failglob dotglob nocaseglob nocasematch xpg_echo; do
		! builtin shopt -q "$name" || builtin printf 'shopt -s %s\n' "$name"
	done
	for name in errexit noclobber noglob nounset pipefail; do
		case :$options: in
		*":$name:"*) builtin printf 'set -o %s\n' "$name" ;;
		esac
	done
}

# The words of [[ stand as they are typed only where they are operators.
_sbx_carry_test() {
	local number=0 word
	for word in "$@"; do
		number=$((number + 1))
		# shellcheck disable=SC2016 # for the child to expand
		case $word in
		'[[' | ']]' | -[a-zA-Z] | -[a-z][a-z] | '=' | '==' | '!=' | '=~' | '!')
			builtin printf '%s ' "$word"
			;;
		*) builtin printf '${%s} ' "$number" ;;
		esac
	done
	echo
}

_sbx_add_names() {
	local name
	for name in ${1+"$@"}; do
		case $name in
		[!a-zA-Z0-9_]* | *[!a-zA-Z0-9._-]*) continue ;;
		esac
		case " $_sbx_names " in
		*" sbx-$name "*) ;;
		*) _sbx_names="$_sbx_names sbx-$name" ;;
		esac
	done
}

# Adds the names of the presets in some directories; and in that of sbx itself, if there is no list of
# them.
_sbx_find_presets() {
	local noglob='' failglob='' directory
	case $- in
	*f*) noglob=yes ;;
	esac
	set +f
	! builtin shopt -q failglob || failglob=yes
	builtin shopt -u failglob
	[ "$_sbx_names" != sbx ] || _sbx_add_presets "${_sbx_program%/*}/../share/sbx/presets"
	for directory in "$@"; do
		_sbx_add_presets "$directory"
	done
	[ -z "$failglob" ] || builtin shopt -s failglob
	[ -z "$noglob" ] || set -f
}

# A preset's header ends where the comments end.
_sbx_add_presets() {
	local file line names is_preset
	[ -d "$1" ] || return 0
	for file in "$1"/*.sb; do
		{ [ -f "$file" ] && [ -r "$file" ]; } || continue
		names='' is_preset=''
		while IFS= builtin read -r line || [ -n "$line" ]; do
			case $line in
			';; kind:'*) is_preset=yes ;;
			';; alias:'*) names=${line#*:} ;;
			'' | ';'*) ;;
			*) break ;;
			esac
		done <"$file"
		line=${file##*/}
		# shellcheck disable=SC2086 # a list of words
		[ -z "$is_preset" ] || _sbx_add_names "${line%.sb}" ${names//,/ }
	done
}

# Keeps the functions and completions that have one of the names already.
_sbx_save() {
	local name functions='' specs=''
	{
		for name in $_sbx_names sbxctl sandbox-exec nosbx; do
			! builtin declare -F -- "$name" || functions="$functions $name"
			! builtin complete -p -- "$name" || specs="$specs $name"
		done
	} >/dev/null 2>&1
	# shellcheck disable=SC2086 # lists of words
	{
		[ -z "$functions" ] || _sbx_saved=$(\builtin declare -f -- $functions)
		[ -z "$specs" ] || _sbx_saved=$_sbx_saved$'\n'$(\builtin complete -p -- $specs)
	}
}

# Where it is installed, and in the source tree. The file itself completes the words from then on.
_sbx_first_tab() {
	local file prefix=${_sbx_program%/*} aliases=: _sbx_commands=${_sbx_names// /$'\n'}$'\n'nosbx
	prefix=${prefix%/*}
	file=$prefix/share/bash-completion/completions/sbx
	[ -r "$file" ] || file=$prefix/../completions/sbx.bash
	! builtin shopt -q expand_aliases || aliases='builtin shopt -s expand_aliases'
	builtin shopt -u expand_aliases
	# shellcheck source=/dev/null
	builtin . "$file"
	builtin eval "$aliases"
	case $1 in
	sbxctl) _sbx_ctl ;;
	sandbox-exec) _sbx_exec ;;
	*) _sbx ;;
	esac
}

# shellcheck disable=SC2016 # as it is in sbx.bash
_sbx_unhook() {
	local hook='_sbx_prompt; \builtin eval "$_sbx_then"'
	case ${PROMPT_COMMAND-} in
	*"$hook"*) ;;
	*) return 0 ;;
	esac
	PROMPT_COMMAND=${PROMPT_COMMAND/$'\n'"$hook"/}
	PROMPT_COMMAND=${PROMPT_COMMAND/"$hook"/}
	[ -n "$PROMPT_COMMAND$_sbx_had_prompt" ] || unset -v PROMPT_COMMAND
}

# Takes all of it away and gives back what it replaced. What is then loaded anew is told the program.
_sbx_undo() {
	local IFS=$' \t\n' name saved=${_sbx_saved-}
	[ -z "${_sbx_fixed-}" ] || _sbx_end
	_sbx_unhook
	# shellcheck disable=SC2046,SC2086 # lists of words
	{
		builtin complete -r $_sbx_names sbxctl sandbox-exec nosbx
		unset -f nosbx $_sbx_names $(\builtin compgen -A function _sbx)
		for name in $(\builtin compgen -v _sbx); do
			unset -v "$name"
		done
	} >/dev/null 2>&1
	[ -z "$saved" ] || builtin eval "$saved"
	[ -z "${1-}" ] || _sbx_program=$1
}

builtin eval "$_sbx_later"
unset -v _sbx_later
