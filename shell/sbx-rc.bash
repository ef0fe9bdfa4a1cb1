# shellcheck shell=bash
# What .sbxrc files bring to a shell; sbx.bash reads this when the first one is met. MUSTs: what such a
# file says is compared and printed, never evaluated; only a name made of plain characters becomes the
# name of a function. A function that stands for a command decides nothing: it calls sbx, which reads
# anew what is trusted.
# shellcheck disable=SC2154 # variables of sbx.bash and sbx-run.bash

# As in sbx.bash, which may be what reads this.
_sbx_later=:
! \builtin shopt -q expand_aliases || _sbx_later='builtin shopt -s expand_aliases'
\builtin shopt -u expand_aliases
case $- in
*a*) _sbx_later="$_sbx_later; set -a" ;;
esac
\set +a

# _sbx_wrapped: the names that functions of ours have; the first _sbx_fixed of them are named in a file,
# the others are typed and meet a pattern, and go at the next prompt. _sbx_had: for each, the text that
# gives back what the user had. _sbx_auto, _sbx_patterns and _sbx_skip: what the files say.
_sbx_fixed=0 _sbx_aliased='' _sbx_bared='' _sbx_state='' _sbx_stamp='' _sbx_said='' _sbx_told=''
_sbx_directories='' _sbx_outer='' _sbx_shown='' _sbx_link='' _sbx_target=''
_sbx_trap='' _sbx_refused='' _sbx_typed='' _sbx_traced='' _sbx_chained='' _sbx_current=''
builtin eval '_sbx_watch=() _sbx_wrapped=() _sbx_had=() _sbx_auto=() _sbx_patterns=() _sbx_skip=()'

# Behind each directory of a list stands "//", which no path has. The paths are the kernel's, as sbx sees them.
_sbx_list_all() {
	local directory=$PWD
	while [[ $directory && ! -L $directory ]]; do
		directory=${directory%/*}
	done
	if [[ $directory ]]; then
		_sbx_resolve "$directory"
	else
		directory=${PWD%/}
	fi
	while :; do
		if [[ -e $directory/.sbxrc || -e $_sbx_store$directory/.sbxrc ]]; then
			_sbx_list=$_sbx_list$directory//
		fi
		[[ $directory ]] || break
		directory=${directory%/*}
	done
}

# Sets directory to where we are, behind the link $1. Where that leads is asked once, and checked.
_sbx_resolve() {
	local rest=${PWD#"$1"}
	if [[ $1 = "$_sbx_link" && $_sbx_target$rest -ef . ]]; then
		directory=$_sbx_target$rest
		return
	fi
	directory=$(\builtin pwd -P 2>/dev/null) || directory=$PWD
	directory=${directory%/} _sbx_link=''
	case $directory in
	*"$rest") _sbx_link=$1 _sbx_target=${directory%"$rest"} ;;
	esac
}

# Sets state to what can be seen of the files without reading them.
_sbx_see() {
	local file
	state=
	for file in ${_sbx_watch[@]+"${_sbx_watch[@]}"}; do
		if [[ $file -nt $_sbx_stamp ]]; then
			state=${state}n
		elif [[ -e $file ]]; then
			state=${state}e
		else
			state=${state}-
		fi
	done
}

# At a prompt, and before a command behind a cd.
_sbx_check() {
	local state
	if [[ ${SBX-} = off ]]; then
		_sbx_list='' _sbx_pwd=''
	elif [[ -z $_sbx_list ]]; then
		_sbx_walk
	fi
	_sbx_see
	[[ $_sbx_list = "$_sbx_loaded" && $state = "$_sbx_state" ]] || _sbx_reload
	[[ -z $_sbx_bared && ${#_sbx_wrapped[@]} -eq $_sbx_fixed ]] || _sbx_forget
	[[ -z $_sbx_trap ]] || _sbx_keep_trap
}

# Sets restore to what gives the user's settings back after those that we need.
_sbx_settle() {
	restore=:
	! builtin shopt -q expand_aliases || restore='builtin shopt -s expand_aliases'
	builtin shopt -u expand_aliases
	case $- in
	*a*) restore="$restore; set -a" ;;
	esac
	case $- in
	*f*) ;;
	*) restore="$restore; set +f" ;;
	esac
	set +a -f
}

# Asks sbx what is in force here, and makes it so.
_sbx_reload() {
	local IFS=$' \t\n' restore text='' directories='' names='' active='' notices=''
	_sbx_settle
	_sbx_touch
	if [[ $_sbx_list ]] && ! text=$(builtin exec -a sbxctl "$_sbx_program" status --shell); then
		_sbx_say 'what is in force here cannot be told: nothing changes'
	else
		_sbx_unwrap_all
		_sbx_read "$text"
		_sbx_wrap_all
		[[ ${#_sbx_patterns[@]} -eq 0 && -z $_sbx_trap ]] || _sbx_choose_trap
		_sbx_show
		_sbx_tell
		_sbx_find_watch
	fi
	_sbx_loaded=$_sbx_list
	_sbx_see
	_sbx_state=$state
	builtin eval "$restore"
}

# What changes later is newer than this file, which is this shell's alone.
_sbx_touch() {
	[[ $BASH_SUBSHELL -eq 0 ]] || return 0
	[[ $_sbx_stamp ]] || _sbx_find_stamp
	[[ -z $_sbx_stamp ]] || { : >|"$_sbx_stamp"; } 2>/dev/null || :
}

# In a directory that is the user's alone. Shells that ended without _sbx_undo have left theirs.
_sbx_find_stamp() {
	local directory file dead='' failglob=:
	for directory in "${XDG_RUNTIME_DIR-}" "${_sbx_store%/trust}"; do
		[[ $directory = /* && -d $directory && -O $directory && -w $directory ]] || continue
		_sbx_stamp=$directory/sbx-shell.$$
		! builtin shopt -q failglob || failglob='builtin shopt -s failglob'
		builtin shopt -u failglob
		set +f
		for file in "$directory"/sbx-shell.*; do
			[[ ! -f $file ]] || builtin kill -0 "${file##*.}" || dead="$dead ${file##*.}"
		done 2>/dev/null
		set -f
		builtin eval "$failglob"
		for file in $dead; do
			\command rm -f -- "$directory/sbx-shell.$file"
		done
		return
	done
}

# Sets directories, names, active, notices and the arrays from what sbxctl says.
_sbx_read() {
	local IFS=$'\n' line value
	builtin eval '_sbx_auto=() _sbx_patterns=() _sbx_skip=()'
	for line in $1; do
		value=${line#* }
		case $line in
		'file trusted '* | 'file changed '* | 'file deleted '*)
			value=${value#* }
			directories=$directories${value%/.sbxrc}//
			;;
		'auto '*)
			[[ " $names " = *" $value "* ]] || names="$names $value"
			case $value in
			[!a-zA-Z0-9_]* | *[!a-zA-Z0-9_.+-]*) _sbx_patterns[${#_sbx_patterns[@]}]=$value ;;
			*) _sbx_auto[${#_sbx_auto[@]}]=$value ;;
			esac
			;;
		'skip '*) _sbx_skip[${#_sbx_skip[@]}]=$value ;;
		'active '*) active=$active${active:+,}$value ;;
		'notice '*) notices=$notices$value$'\n' ;;
		esac
	done
}

# Whether the word, as it is typed, meets a word of skip.
_sbx_is_skipped() {
	local pattern
	for pattern in ${_sbx_skip[@]+"${_sbx_skip[@]}"}; do
		# shellcheck disable=SC2053 # a pattern
		[[ $1 != $pattern ]] || return 0
	done
	return 1
}

# Whether the name is never wrapped: what the shell itself does, and sbx.
_sbx_is_exempt() {
	case $1 in
	nosbx | sbxctl | _sbx*) return 0 ;;
	if | then | else | elif | fi | 'case' | 'esac' | for | 'select' | while | until | do | done | in | \
		function | time | co[p]roc | . | : | [][{}!]*) return 0 ;;
	*/*)
		[[ $1 -ef $_sbx_program ]]
		return
		;;
	*[!a-z]*) ;;
	*) ! builtin compgen -A enabled -X "!$1" "$1" >/dev/null 2>&1 || return 0 ;;
	esac
	[[ " $_sbx_names " = *" $1 "* ]]
}

_sbx_is_wrapped() {
	local IFS=' '
	[[ ${#_sbx_wrapped[@]} -gt 0 && " ${_sbx_wrapped[*]} " = *" $1 "* ]]
}

# Adds a name, and keeps what the user has by it. Only for that a process is started.
_sbx_add_wrapper() {
	local at=${#_sbx_wrapped[@]} had=''
	if builtin alias -- "$1"; then
		_sbx_aliased="$_sbx_aliased $1 "
		had=$(\builtin alias -- "$1")$'\n'
		builtin unalias -- "$1"
	fi
	! builtin declare -F -- "$1" || had=$had$(_sbx_text_of "$1")
	_sbx_wrapped[at]=$1 _sbx_had[at]=$had
	_sbx_wrap "$1"
} >/dev/null 2>&1

# The text that makes a function again.
_sbx_text_of() {
	builtin declare -f -- "$1"
	case $'\n'$(\builtin declare -F)$'\n' in
	*$'\n'"declare -fx $1"$'\n'*) builtin printf 'export -f %s\n' "$1" ;;
	esac
}

# An exported function would pass that on to ours: it MUST be gone first.
_sbx_wrap() {
	# shellcheck disable=SC2016 # for the function to expand
	local body='{ _sbx_run_auto "$FUNCNAME" "$@"; }'
	unset -f -- "$1"
	builtin eval "function $1 $body"
}

_sbx_wrap_all() {
	local name
	for name in ${_sbx_auto[@]+"${_sbx_auto[@]}"}; do
		_sbx_is_exempt "$name" || _sbx_is_skipped "$name" || _sbx_is_wrapped "$name" ||
			_sbx_add_wrapper "$name"
	done
	_sbx_fixed=${#_sbx_wrapped[@]}
}

# Gives back what the user had by the names from number $1 on.
_sbx_unwrap() {
	local at=$1
	while [[ $at -lt ${#_sbx_wrapped[@]} ]]; do
		unset -f -- "${_sbx_wrapped[at]}"
		[[ -z ${_sbx_had[at]} ]] || builtin eval "${_sbx_had[at]}"
		at=$((at + 1))
	done
}

# What was defined here by one of the names stays.
_sbx_unwrap_all() {
	local at=0 name text
	if [[ ${#_sbx_wrapped[@]} -gt 0 ]]; then
		text=$'\n'$(\builtin declare -f -- "${_sbx_wrapped[@]}" 2>/dev/null)
		while [[ $at -lt ${#_sbx_wrapped[@]} ]]; do
			name=${_sbx_wrapped[at]}
			if [[ $text != *[[:space:]]"$name () "$'\n{ \n    _sbx_run_auto '* ]]; then
				_sbx_wrapped[at]=_sbx_nothing _sbx_had[at]=
			elif builtin alias -- "$name" >/dev/null 2>&1; then
				_sbx_had[at]=
			fi
			at=$((at + 1))
		done
		_sbx_unwrap 0
	fi
	builtin eval '_sbx_wrapped=() _sbx_had=()'
	_sbx_aliased='' _sbx_fixed=0
}

# Sets kind to what the user has by a name that ours hides.
# shellcheck disable=SC2034 # which its caller reads
_sbx_find_hidden() {
	local at=0
	kind=program
	case $_sbx_aliased:$expanded in
	*" $1 "*:*" $1 "*) ;;
	*" $1 "*:*)
		kind='alias'
		return
		;;
	esac
	while [[ ${_sbx_wrapped[at]} != "$1" ]]; do
		at=$((at + 1))
	done
	[[ $'\n'${_sbx_had[at]} != *[[:space:]]"$1 () "* ]] || kind=function
}

# At a prompt: names that patterns brought go, and what _sbx_bare took away for a while comes.
_sbx_forget() {
	local IFS=$' \t\n' restore
	_sbx_settle
	_sbx_unwrap "$_sbx_fixed"
	builtin eval '_sbx_wrapped=(${_sbx_wrapped[@]+"${_sbx_wrapped[@]:0:_sbx_fixed}"})
_sbx_had=(${_sbx_had[@]+"${_sbx_had[@]:0:_sbx_fixed}"})'
	[[ -z $_sbx_bared ]] || ! _sbx_is_wrapped "$_sbx_bared" || _sbx_wrap "$_sbx_bared"
	_sbx_bared=
	builtin eval "$restore"
}

# What a function of ours calls, with its own name and its words. What runs comes last, as in _sbx_run.
# Functions called from here are not traced, or each of their commands would be.
_sbx_run_auto() {
	local _sbx_called=$1 _sbx_traced_here=''
	case $- in
	*T*) _sbx_traced_here=yes ;;
	esac
	set +T
	[[ $PWD = "$_sbx_pwd" || ${SBX-} = off ]] || {
		_sbx_walk
		_sbx_check
	}
	if [[ ${SBX-} = off ]] || ! _sbx_is_wrapped "$1"; then
		_sbx_line='_sbx_bare "$@"'
	else
		_sbx_prepare_auto "$@"
	fi
	case $- in
	*a*) builtin export -n _sbx_line ;;
	esac
	[[ -z $_sbx_traced_here ]] || set -T
	builtin eval "$_sbx_line"
}

# What <(...) was typed for is open under the name that the command gets: it is left open.
_sbx_prepare_auto() {
	local IFS=$' \t\n' word keep=''
	for word in "$@"; do
		case $word in
		/dev/fd/*[!0-9]*) ;;
		/dev/fd/[1-9]*) keep="$keep --keep-fd=${word#/dev/fd/}" ;;
		esac
	done
	_sbx_line=
	builtin declare -F _sbx_prepare >/dev/null || _sbx_more
	# shellcheck disable=SC2086 # words
	_sbx_prepare sbx $keep "$@"
}

# The command as it would be without us. If it is interrupted, the next prompt puts things right.
_sbx_bare() {
	local _sbx_at=0 _sbx_status=0
	if _sbx_is_wrapped "$1"; then
		while [[ ${_sbx_wrapped[_sbx_at]} != "$1" ]]; do
			_sbx_at=$((_sbx_at + 1))
		done
		if [[ -z ${_sbx_had[_sbx_at]} ]]; then
			builtin command -- "$@"
			return
		fi
		_sbx_bared=$1
		unset -f -- "$1"
		builtin eval "${_sbx_had[_sbx_at]}"
		_sbx_call "$@" || _sbx_status=$?
		case $_sbx_aliased in
		*" $1 "*) builtin unalias -- "$1" ;;
		esac
		_sbx_wrap "$1"
		_sbx_bared=
		return "$_sbx_status"
	fi
	"$@"
}

# Runs words as if they were typed, where the first may be an alias.
_sbx_call() {
	case $1 in
	'' | *[!a-zA-Z0-9_.+-]*) ;;
	*)
		if builtin shopt -q expand_aliases && builtin alias -- "$1" >/dev/null 2>&1; then
			builtin eval "$1"' "${@:2}"'
			return
		fi
		;;
	esac
	"$@"
}

nosbx() {
	local SBX=off
	builtin export SBX
	[[ $# -eq 0 ]] || _sbx_call "$@"
}

# $SBX_ACTIVE is for prompts. What sbx itself put there was exported, and stays in front.
_sbx_show() {
	if [[ -z $_sbx_shown ]]; then
		[[ $active ]] || return 0
		_sbx_outer=${SBX_ACTIVE-}
	fi
	_sbx_shown=$active
	SBX_ACTIVE=$_sbx_outer${_sbx_outer:+${active:+,}}$active
	[[ $SBX_ACTIVE ]] || unset -v SBX_ACTIVE
}

_sbx_say() {
	[[ $BASH_SUBSHELL -gt 0 ]] || builtin printf 'sbx: %s\n' "$1" >&2
}

# Says what is new: where the shell has come to, what it has left, and each notice once.
_sbx_tell() {
	local IFS=$'\n' line='' rest=$_sbx_directories left='' directory
	while [[ $rest ]]; do
		directory=${rest%%//*}
		rest=${rest#"$directory//"}
		[[ $left || //$directories = *"//$directory//"* ]] || left=${directory:-/}
	done
	rest=$directories
	while [[ $rest ]]; do
		directory=${rest%%//*}
		rest=${rest#"$directory//"}
	done
	if [[ $directories ]]; then
		line=${active//,/, }
		[[ $line ]] || line=$directory/.sbxrc
		line="in force here: $line${names:+ (${names# })}"
	fi
	if [[ ${SBX_QUIET-} != 1 ]]; then
		[[ -z $left ]] || _sbx_say "left $left"
		[[ -z $line || $line = "$_sbx_told" ]] || _sbx_say "$line"
	fi
	_sbx_directories=$directories _sbx_told=$line
	for line in $notices; do
		[[ $'\n'$_sbx_said = *$'\n'"$line"$'\n'* ]] || _sbx_say "$line"
		_sbx_said=$_sbx_said$line$'\n'
	done
}

# Sets _sbx_watch to the files and the copies of the directories in the list.
_sbx_find_watch() {
	local rest=$_sbx_list directory line
	builtin eval '_sbx_watch=()'
	while [[ $rest ]]; do
		directory=${rest%%//*}
		rest=${rest#"$directory//"}
		_sbx_add_watch "$directory/.sbxrc" "$_sbx_store$directory/.sbxrc"
		line=$directory/.git/worktrees/x
		if [[ -f $directory/.git && -r $directory/.git ]]; then
			IFS= builtin read -r line <"$directory/.git" || :
			line=${line#gitdir: }
			[[ $line = /* ]] || line=$directory/$line
		fi
		[[ ! -e $directory/.git ]] || _sbx_add_watch "$_sbx_store${line%/*}/.all/.sbxrc"
	done
}

_sbx_add_watch() {
	local path
	for path in "$@"; do
		_sbx_watch[${#_sbx_watch[@]}]=$path
	done
}

# For _sbx_undo.
_sbx_end() {
	local active='' restore
	_sbx_settle
	_sbx_unwrap_all
	_sbx_show
	[[ -z $_sbx_trap ]] || {
		_sbx_current=$(\builtin trap -p DEBUG)
		_sbx_unchain
		builtin trap -- "$_sbx_current" DEBUG
	}
	[[ -z $_sbx_stamp ]] || \command rm -f -- "$_sbx_stamp"
	builtin eval "$restore"
}

_sbx_choose_trap() {
	builtin . "${_sbx_program%/*}/../share/sbx/shell/sbx-trap.bash" && _sbx_choose_trap
}

builtin eval "$_sbx_later"
unset -v _sbx_later
