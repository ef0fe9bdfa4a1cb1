# shellcheck shell=bash
# sbx in interactive bash, 3.2 included: a function for sbx and for each preset, and completion. Source
# it, or eval what sbxctl init bash prints; once more changes nothing. _sbx_undo takes it all away.
# Each shell that starts pays for this file: what can wait is in sbx-run.bash. Other shells MUST be
# able to parse it, since eval reads on after the message: no array in parentheses, no "function".

# No alias is expanded in what follows, and none of it is exported.
case ${BASH_VERSION:+bash}:${SHELLOPTS-}: in
bash*:posix:*) \echo 'sbx: no functions in POSIX mode, which refuses names like sbx-net-off' >&2 ;;
bash*)
	case ${_sbx_names-} in
	?*) _sbx_undo "$_sbx_program" ;;
	esac
	_sbx_restore=:
	! \builtin shopt -q expand_aliases || _sbx_restore='builtin shopt -s expand_aliases'
	\builtin shopt -u expand_aliases
	case $- in
	*a*) _sbx_restore="$_sbx_restore; set -a" ;;
	esac
	\set +a
	;;
*) \echo 'sbx: these functions are for bash, which this shell is not' >&2 ;;
esac

case ${_sbx_restore-} in
?*)
	_sbx_more() {
		builtin . "${_sbx_program%/*}/../share/sbx/shell/sbx-run.bash"
	}

	_sbx_run() {
		_sbx_more && _sbx_run "$@"
	}

	_sbx_undo() {
		_sbx_more && _sbx_undo ${1+"$1"}
	}

	_sbx_first_tab() {
		_sbx_more && _sbx_first_tab "$@"
	}

	_sbx_more_rc() {
		builtin . "${_sbx_program%/*}/../share/sbx/shell/sbx-rc.bash"
	}

	_sbx_check() {
		_sbx_more_rc && _sbx_check
	}

	_sbx_list_all() {
		_sbx_more_rc && _sbx_list_all
	}

	# The last of PROMPT_COMMAND: it looks where the shell is now. Each prompt pays for it.
	_sbx_prompt() {
		[[ $PWD = "$_sbx_pwd" ]] || _sbx_walk
		[[ -z $_sbx_list$_sbx_loaded && ! -e .sbxrc ]] || _sbx_check
	}

	# Sets _sbx_list to the directories from here up that have an .sbxrc, or a copy that is trusted.
	_sbx_walk() {
		local directory=$PWD store=${HOME-}/.local/state
		case ${XDG_STATE_HOME-} in
		/*) store=$XDG_STATE_HOME ;;
		esac
		_sbx_pwd=$PWD _sbx_list='' _sbx_store=$store/sbx/trust
		while [[ ! -e $directory/.sbxrc && ! -e $_sbx_store$directory/.sbxrc && ! -L $directory &&
			$directory ]]; do
			directory=${directory%/*}
		done
		[[ -z $directory && ! -e /.sbxrc && ! -e $_sbx_store/.sbxrc ]] || _sbx_list_all
		case $- in
		*a*) builtin export -n _sbx_pwd _sbx_list _sbx_store ;;
		esac
	}

	# From the place of this file: where it is installed, and in the source tree.
	_sbx_find() {
		local directory=$PWD
		case $1 in
		/*) directory=${1%/*} ;;
		*/*) directory=$PWD/${1%/*} ;;
		esac
		_sbx_program=${directory%/share/sbx/shell}/bin/sbx
		[ -x "$_sbx_program" ] || _sbx_program=${directory%/*}/build/bin/sbx
		[ -x "$_sbx_program" ] || _sbx_program=$(\builtin type -P sbx)
	}

	_sbx_load() {
		local IFS=$' \t\n' names='' had='' presets=${HOME-}/.config name
		# shellcheck disable=SC2016 # for the function to expand
		local body=' { _sbx_run "$FUNCNAME" "$@"; }'
		name=${_sbx_program%/*}
		name=${name%/*}/share/sbx/names
		[ ! -r "$name" ] || IFS= builtin read -r -d '' names <"$name" || names=" ${names%?}"
		names=${names//$'\n'/ }
		_sbx_names=sbx${names// / sbx-} _sbx_saved='' _sbx_pwd='' _sbx_list='' _sbx_loaded='' _sbx_then=''
		case ${XDG_CONFIG_HOME-} in
		/*) presets=$XDG_CONFIG_HOME ;;
		esac
		if [ -z "$names" ] || [ -d "$presets/sbx/presets" ] || [ -d /etc/sbx/presets ]; then
			_sbx_more && _sbx_find_presets "$presets/sbx/presets" /etc/sbx/presets
		fi
		# What has one of the names already, _sbx_undo gives back.
		{
			! builtin compgen -A function sbx || had=yes
			! builtin declare -F nosbx || had=yes
			for name in $_sbx_names sbxctl sandbox-exec nosbx; do
				! builtin complete -p -- "$name" || had=yes
			done
		} >/dev/null 2>&1
		[ -z "$had" ] || { _sbx_more && _sbx_save; }
		builtin eval 'function nosbx { _sbx_more_rc && nosbx ${1+"$@"}; }'
		builtin eval "function ${_sbx_names// /"$body"$'\n'function }$body"
		# shellcheck disable=SC2086 # a list of words
		builtin complete -o default -F _sbx_first_tab $_sbx_names sbxctl sandbox-exec nosbx
		case $- in
		*i*) _sbx_hook ;;
		esac
	}

	# What runs there finds what it would find without us. A trap can be set only outside of functions.
	_sbx_hook() {
		_sbx_had_prompt=${PROMPT_COMMAND+yes}
		PROMPT_COMMAND=${PROMPT_COMMAND-}${PROMPT_COMMAND:+$'\n'}'_sbx_prompt; \builtin eval "$_sbx_then"'
	}

	# shellcheck disable=SC2128 # this file
	case ${_sbx_program-} in
	/*) _sbx_load ;;
	*) ! _sbx_find "$BASH_SOURCE" || _sbx_load ;;
	esac
	builtin eval "$_sbx_restore"
	unset -v _sbx_restore
	;;
esac
