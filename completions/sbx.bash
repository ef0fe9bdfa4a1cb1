# shellcheck shell=bash
# Completion of sbx, sbx-NAME and sbxctl in bash, 3.2 included. It needs no other file; where the
# bash-completion package is loaded, that one completes the wrapped command.

# LETTER NAME VALUE HELP: the option table of src/cli/options.c; a test compares them. VALUE is what
# to complete: presets, file and text MUST follow, paths and hosts may, "-" is for no value.
_sbx_options=(
	'p preset presets apply presets, by name or alias'
	'f profile file append the SBPL text of FILE'
	'e expr text append SBPL text'
	'D define text set a parameter of the profile'
	'A allow-all - start from (allow default)'
	'- allow-file paths allow reading and writing below PATH'
	'- allow-file-read paths allow reading below PATH'
	'- allow-file-write paths allow writing below PATH'
	'- allow-network hosts allow connecting to it'
	'- allow-network-inbound hosts allow listening there'
	'- allow-network-outbound hosts allow connecting to it'
	'- allow-network-bind hosts allow binding to it'
	'- allow-process-exec paths allow executing PATH'
	'- deny-file paths deny reading and writing below PATH'
	'- deny-file-read paths deny reading below PATH'
	'- deny-file-write paths deny writing below PATH'
	'- deny-network hosts deny connecting and listening'
	'- deny-network-inbound hosts deny listening there'
	'- deny-network-outbound hosts deny connecting to it'
	'- deny-network-bind hosts deny binding to it'
	'- deny-process-exec paths deny executing PATH'
	'- allow-file-all - the same for everything'
	'- allow-file-read-all - the same for everything'
	'- allow-file-write-all - the same for everything'
	'- allow-network-all - the same for everything'
	'- allow-network-inbound-all - the same for everything'
	'- allow-network-outbound-all - the same for everything'
	'- allow-network-bind-all - the same for everything'
	'- allow-process-exec-all - the same for everything'
	'- deny-file-all - the same for everything'
	'- deny-file-read-all - the same for everything'
	'- deny-file-write-all - the same for everything'
	'- deny-network-all - the same for everything'
	'- deny-network-inbound-all - the same for everything'
	'- deny-network-outbound-all - the same for everything'
	'- deny-network-bind-all - the same for everything'
	'- deny-process-exec-all - the same for everything'
	'- env-clear - start with an empty environment'
	'- env-keep text keep only the variables that match'
	'- env-drop text drop the variables that match'
	'- env-set text set a variable'
	'- keep-fd text leave descriptor N open for the command'
	'n dry-run - print the profile and the plan; run nothing'
	'- best-effort - go on where a rule cannot be enforced here'
	'- no-rc - ignore .sbxrc files'
	'q quiet - no warnings'
	'v verbose - say what is granted less than asked'
	'h help - print this help'
	'V version - print the version'
)

# VERB HELP: the table of src/cli/ctl.c.
_sbx_verbs=(
	'list list the presets: names, kind, what they do'
	'show print the text of a preset and where it stands'
	'check check profiles: what they say, and what comes of it here'
	'explain say what a policy answers, and which rule'
	'tree draw what a policy gives: files, network, the rest'
	'trust let the .sbxrc of a directory apply, after showing it'
	'distrust let it no longer apply'
	'status list the .sbxrc files in force here'
	'diff compare an .sbxrc with the copy that is trusted'
	'doctor try out what this host enforces, and by what'
	'init print the functions for a shell: zsh, bash or fish'
	'help print this help'
)

# VERB OPTION...: those that a verb takes; policy is for all that say what a policy is.
_sbx_verb_takes=(
	'check define json strict'
	'explain policy bare batch json'
	'tree policy bare color'
	'trust worktrees yes'
	'distrust help'
	'status json shell'
	'diff help'
	'doctor json'
	'init undo'
)

# The same as _sbx_options, of ctl_options; when is always, never or auto.
_sbx_verb_options=(
	'- bare - evaluate the text of -f and -e alone, as sandbox-exec'
	'- batch - answer lines PROFILE<TAB>QUESTION of standard input'
	'- json - print JSON'
	'- shell - print lines for the functions of a shell'
	'- strict - exit with 1 after a warning or a gap'
	'- undo - print what takes it all away again'
	'- worktrees - for all work trees of the git repository'
	'- yes - do not ask'
	'- color when use colours: always, never or auto'
)

# The operations of src/policy/operations.def; a test compares them.
_sbx_operations=(
	default appleevent-send authorization-right-obtain boot-arg-set device* device-camera
	device-microphone darwin-notification-post distributed-notification-post
	dynamic-code-generation file* file-chroot file-clone file-ioctl file-issue-extension
	file-link file-map-executable file-mknod file-mount file-mount-update file-read*
	file-read-data file-read-metadata file-read-xattr file-revoke file-search
	file-test-existence file-unmount file-write* file-write-acl file-write-create
	file-write-data file-write-finderinfo file-write-flags file-write-mode file-write-owner
	file-write-setugid file-write-times file-write-unlink file-write-xattr fs-rename
	fs-snapshot* fs-snapshot-create fs-snapshot-delete fs-snapshot-revert
	generic-issue-extension qtn-user hid-control iokit* iokit-issue-extension iokit-open
	iokit-set-properties iokit-get-properties ipc* ipc-posix* ipc-posix-issue-extension
	ipc-posix-sem* ipc-posix-sem-create ipc-posix-sem-open ipc-posix-sem-post
	ipc-posix-sem-unlink ipc-posix-sem-wait ipc-posix-shm* ipc-posix-shm-read-data
	ipc-posix-shm-write* ipc-posix-shm-write-create ipc-posix-shm-write-data
	ipc-posix-shm-write-unlink ipc-sysv* ipc-sysv-msg ipc-sysv-sem ipc-sysv-shm job-creation
	load-unsigned-code lsopen mach* mach-cross-domain-lookup mach-host*
	mach-host-exception-port-set mach-host-special-port-set mach-issue-extension mach-lookup
	mach-priv* mach-priv-host-port mach-priv-task-port mach-register mach-task-name network*
	network-inbound network-bind network-outbound nvram* nvram-delete nvram-get nvram-set
	opendirectory-user-modify process* process-codesigning-status*
	process-codesigning-status-set process-codesigning-status-get process-exec*
	process-exec-interpreter process-fork process-info* process-info-codesignature
	process-info-dirtycontrol process-info-listpids process-info-rusage process-info-pidinfo
	process-info-pidfdinfo process-info-pidfileportinfo process-info-setcontrol pseudo-tty
	signal socket-ioctl sysctl* sysctl-read sysctl-write system* system-acct system-audit
	system-automount system-debug system-fsctl system-info system-kext* system-kext-load
	system-kext-unload system-kext-query system-mac-label system-nfssvc system-package-check
	system-privilege system-reboot system-sched system-set-time system-socket
	system-suspend-resume system-swap user-preference* user-preference-read
	managed-preference-read user-preference-write syscall-unix storage-class-map file-lock
	fs-quota* fs-quota-get fs-quota-on fs-quota-off fs-quota-set* fs-quota-set-limits
	fs-quota-set-usage fs-quota-stat fs-quota-sync fs-snapshot-mount iokit-open*
	iokit-open-user-client iokit-open-service mach-bootstrap mach-derive-port
	mach-kernel-endpoint mach-task* mach-task-inspect mach-task-read mach-task-special-port*
	mach-task-special-port-get mach-task-special-port-set necp-client-open process-codesigning
	process-legacy-codesigning* process-legacy-codesigning-blob-get
	process-legacy-codesigning-cdhash-get process-legacy-codesigning-entitlements-blob-get
	process-legacy-codesigning-entitlements-der-blob-get
	process-legacy-codesigning-identity-get process-legacy-codesigning-status*
	process-legacy-codesigning-teamid-get process-legacy-codesigning-text-offset-get
	process-legacy-codesigning-status-get process-legacy-codesigning-status-set
	process-exec-update-label process-info-ledger socket-option* socket-option-get
	socket-option-set syscall* syscall-mach syscall-mig system-fcntl system-kas-info
	system-mac* system-mac-syscall system-memorystatus-control system-necp-client-action
	default-message-filter iokit-async-external-method iokit-external-method
	iokit-external-trap mach-message-send xpc-message-send process-info-sandbox-container
	process-iopolicy* process-iopolicy-get process-iopolicy-set sandbox-check
	exception-entitlement isp-command-send
)

# bash 3.2 has no compopt: there, what completes nothing completes files.
if type compopt >/dev/null 2>&1; then
	_sbx_default=()
	_sbx_compopt() {
		compopt "$@" 2>/dev/null || :
	}
else
	_sbx_default=(-o default)
	_sbx_compopt() {
		:
	}
fi

# The functions below share the locals of _sbx and _sbx_ctl: words, indices, tails, last and
# current, which _sbx_split sets; kind and option, what the current word is the value of; found,
# helps and count, the candidates.

# COMP_WORDS is split at "=" and ":" too, except in bash 3.2. Here words are what the shell will
# see, up to the cursor, with their indices in COMP_WORDS and the line from each one on.
_sbx_split() {
	local i=0 rest=$COMP_LINE tail word start
	last=-1
	while [ "$i" -le "$COMP_CWORD" ]; do
		word=${COMP_WORDS[i]}
		tail=${rest#"${rest%%[![:space:]]*}"}
		if [ "$i" -eq "$COMP_CWORD" ]; then
			start=$((${#COMP_LINE} - ${#tail}))
			word=
			[ "$COMP_POINT" -le "$start" ] || word=${COMP_LINE:start:COMP_POINT-start}
		fi
		if [ "$last" -ge 0 ] && [ "$tail" = "$rest" ]; then
			words[last]=${words[last]}$word
		else
			last=$((last + 1))
			words[last]=$word indices[last]=$i tails[last]=$tail
		fi
		rest=${tail#"$word"}
		i=$((i + 1))
	done
	# readline keeps an opening quote to itself.
	current=${words[last]#[\"\']}
}

# Sets kind to what the option with this letter or name takes.
_sbx_kind_of() {
	local entry
	kind=-
	for entry in "${_sbx_options[@]}" "${_sbx_verb_options[@]}"; do
		case $entry in
		"$1 "* | ?" $1 "*)
			entry=${entry#* * }
			kind=${entry%% *}
			return
			;;
		esac
	done
}

# A candidate, if the current word is the beginning of it, and its help.
_sbx_offer() {
	case $1 in
	"$current"*) found[count]=$1 helps[count]=$2 count=$((count + 1)) ;;
	esac
}

# Whether the option named $1 may be given: to sbx, or to the verb that takes what $takes says.
_sbx_takes() {
	case " $takes :$1" in
	*:color | *:bare | *:batch | *:json | *:strict | *:undo) ;;
	*:shell | *:worktrees | *:yes) ;;
	" sbx "*) return 0 ;;
	esac
	case " $takes :$1" in
	*" $1 "*:* | *:help) return 0 ;;
	*" policy "*:preset | *" policy "*:profile | *" policy "*:expr | *" policy "*:define) return 0 ;;
	*" policy "*:allow-* | *" policy "*:deny-*) return 0 ;;
	esac
	return 1
}

_sbx_offer_options() {
	local entry name help
	for entry in "${_sbx_options[@]}" "${_sbx_verb_options[@]}"; do
		help=${entry#* * * }
		name=${entry#* }
		name=${name%% *}
		_sbx_takes "$name" || continue
		_sbx_offer "--$name" "$help"
		case $entry in
		[!-]*) _sbx_offer "-${entry%% *}" "$help" ;;
		esac
	done
}

# Presets after those of the list $1.
_sbx_offer_presets() {
	local listed line names name program=${_sbx_program-}
	[ -z "$program" ] || program=${program}ctl
	[ -x "$program" ] || program=sbxctl
	listed=$("$program" list 2>/dev/null) || return 0
	while read -r line; do
		# NAME[, ALIAS]... KIND SUMMARY
		names=
		while [ -n "$line" ]; do
			read -r name line <<<"$line"
			case $names:$name in
			?*:restrict | ?*:grant | ?*:base) break ;;
			esac
			names="$names ${name%,}"
		done
		while [ -n "$names" ]; do
			name=${names##* }
			names=${names% *}
			case ,$1 in
			*",$name,"*) ;;
			*) _sbx_offer "$option$1$name" "$line" ;;
			esac
		done
	done <<<"$listed"
}

# Paths after those of the list $1. One that readline sees as a word it completes better itself.
_sbx_offer_paths() {
	local path listed
	case $1:$option:$COMP_WORDBREAKS in
	::* | :*:*=*)
		_sbx_compopt -o default
		return
		;;
	esac
	_sbx_compopt -o nospace
	listed=$(compgen -f -- "${2//\\/}") || listed=
	while read -r path; do
		[ -n "$path" ] || continue
		[ ! -d "$path" ] || path=$path/
		printf -v path %q "$path"
		found[count]=$option$1$path helps[count]='' count=$((count + 1))
	done <<<"$listed"
}

# Words without help.
_sbx_offer_words() {
	local word
	for word in "$@"; do
		_sbx_offer "$option$word" ''
	done
}

# The value in the current word, which option may precede.
_sbx_offer_value() {
	local value=${current#"$option"} piece list
	piece=${value##*,}
	list=${value%"$piece"}
	case $kind in
	presets) _sbx_offer_presets "$list" ;;
	paths) _sbx_offer_paths "$list" "$piece" ;;
	when)
		_sbx_offer_words always never auto ;;
	hosts) _sbx_offer_hosts "$list" ;;
	file) _sbx_offer_paths '' "$value" ;;
	esac
}

# The names that this shell knows for its own completion; a port is left to type.
_sbx_offer_hosts() {
	local host listed
	_sbx_compopt -o nospace
	listed=$(compgen -A hostname) || listed=
	while read -r host; do
		case ,$1 in
		*",$host:"*) ;;
		*) [ -z "$host" ] || _sbx_offer "$option$1$host:" '' ;;
		esac
	done <<<"$listed"$'\n'localhost
}

_sbx_offer_commands() {
	local name listed
	case $current in
	*/*) _sbx_compopt -o filenames ;;
	esac
	listed=$(compgen -c -- "$current") || listed=
	while read -r name; do
		[ -z "$name" ] || { found[count]=$name helps[count]='' count=$((count + 1)); }
	done <<<"$listed"
}

# Candidates become replies: without what readline keeps because the word breaks there, and with
# their help where they are only shown.
_sbx_reply() {
	local i=0 width=0 kept='' mark head word show=
	for mark in = :; do
		head=${current%"${current##*"$mark"}"}
		case $COMP_WORDBREAKS in
		*"$mark"*) [ "${#head}" -le "${#kept}" ] || kept=$head ;;
		esac
	done
	case ${COMP_TYPE:-9} in
	63 | 33 | 64) [ "$count" -le 1 ] || show=yes ;;
	esac
	while [ -n "$show" ] && [ "$i" -lt "$count" ]; do
		word=${found[i]#"$kept"}
		[ "${#word}" -le "$width" ] || width=${#word}
		i=$((i + 1))
	done
	i=0
	while [ "$i" -lt "$count" ]; do
		word=${found[i]#"$kept"}
		if [ -n "$show" ] && [ -n "${helps[i]}" ]; then
			printf -v word '%-*s  %s' "$width" "$word" "${helps[i]}"
		fi
		COMPREPLY[i]=$word
		i=$((i + 1))
	done
}

# The wrapped command's own completion; its name is in words[$1].
_sbx_wrapped() {
	local offset=${indices[$1]} name i=0 spec function='' previous
	for name in _comp_command_offset _command_offset; do
		if declare -F "$name" >/dev/null; then
			"$name" "$offset" || :
			return 0
		fi
	done

	COMP_POINT=$((COMP_POINT - ${#COMP_LINE} + ${#tails[$1]}))
	COMP_LINE=${tails[$1]}
	COMP_WORDS=("${COMP_WORDS[@]:offset}")
	COMP_CWORD=$((COMP_CWORD - offset))
	name=${COMP_WORDS[0]}
	spec=$(complete -p -- "$name" 2>/dev/null) ||
		spec=$(complete -p -- "${name##*/}" 2>/dev/null) || spec='-o default'
	read -r -a words <<<"$spec"
	while [ "$i" -lt "${#words[@]}" ]; do
		case ${words[i]} in
		-F) function=${words[i + 1]} ;;
		-o) _sbx_compopt -o "${words[i + 1]}" ;;
		esac
		i=$((i + 1))
	done
	if [ -n "$function" ]; then
		previous=${COMP_WORDS[COMP_CWORD - 1]}
		"$function" "$name" "${COMP_WORDS[COMP_CWORD]}" "$previous" || :
	else
		_sbx_compopt -o default
	fi
}

# Walks over the options as options_parse does. Sets command to the index of the command's name, or
# to nothing; and kind to what the current word is the value of, if it is one. A verb's options may
# stand behind its other words.
_sbx_walk() {
	local i=1 word
	[ -z "${verb-}" ] || i=2
	command='' kind=-
	while [ "$i" -lt "$last" ]; do
		word=${words[i]}
		i=$((i + 1))
		kind=-
		case $word in
		--)
			command=$i
			return
			;;
		--*=*) ;;
		--*) _sbx_kind_of "${word#--}" ;;
		-*[pfeD]*)
			# The value is the rest of the word, or the next one.
			word=${word#"${word%%[pfeD]*}"}
			[ "${#word}" -ne 1 ] || _sbx_kind_of "$word"
			;;
		-?*) ;;
		*)
			[ -z "${verb-}" ] || continue
			command=$((i - 1))
			return
			;;
		esac
		case $kind:${words[i]} in
		-:* | paths:-* | hosts:-*) kind=- ;;
		*) [ "$i" -eq "$last" ] || i=$((i + 1)) kind=- ;;
		esac
	done
}

_sbx() {
	local IFS=$' \t\n' last current kind command option='' count=0 verb='' takes=sbx
	local -a words indices tails found helps
	words=() indices=() tails=() found=() helps=() COMPREPLY=()
	_sbx_split
	_sbx_walk
	if [ -n "$command" ] && [ "$command" -lt "$last" ]; then
		_sbx_wrapped "$command"
		return
	fi
	case $command:$kind:$current in
	[!:]* | :-:[!-]* | :-:) _sbx_offer_commands ;;
	*) _sbx_offer_option ;;
	esac
	_sbx_reply
}

# The current word is an option or the value of one.
_sbx_offer_option() {
	case $kind:$current in
	-:--*=*)
		option=${current%%=*}=
		_sbx_kind_of "${current:2:${#option}-3}"
		_sbx_offer_value
		;;
	-:-p?*)
		option=-p kind=presets
		_sbx_offer_value
		;;
	-:*) _sbx_offer_options ;;
	*) _sbx_offer_value ;;
	esac
}

# An operation, then what it is about.
_sbx_offer_question() {
	local word
	for word in "${words[@]:2:last-2}"; do
		case " ${_sbx_operations[*]} " in
		*" $word "*)
			_sbx_offer_paths '' "$current"
			return
			;;
		esac
	done
	_sbx_offer_words "${_sbx_operations[@]}"
}

# The words behind a verb with options.
_sbx_verb() {
	local command kind
	_sbx_walk
	case $kind:$current:$verb in
	-:-*:*) [ -n "$command" ] || _sbx_offer_option ;;
	-:*:init) _sbx_offer_words zsh bash fish ;;
	-:*:explain) _sbx_offer_question ;;
	-:*:check | -:*:trust | -:*:distrust | -:*:diff) _sbx_offer_paths '' "$current" ;;
	-:*) ;;
	*) _sbx_offer_value ;;
	esac
}

# The options are those of macOS.
_sbx_exec() {
	local IFS=$' \t\n' last current kind=- command='' option='' count=0 i=1
	local -a words indices tails found helps
	words=() indices=() tails=() found=() helps=() COMPREPLY=()
	_sbx_split
	while [ "$i" -lt "$last" ] && [ -z "$command" ]; do
		case ${words[i]} in
		--) command=$((i + 1)) ;;
		-f) kind='file' ;;
		-[npD]) kind='text' ;;
		-*) ;;
		*) command=$i ;;
		esac
		i=$((i + 1))
		case $kind in
		-) ;;
		*) [ "$i" -eq "$last" ] || i=$((i + 1)) kind=- ;;
		esac
	done
	if [ -n "$command" ] && [ "$command" -lt "$last" ]; then
		_sbx_wrapped "$command"
		return
	fi
	case $kind:$command:$current in
	file:*) _sbx_offer_paths '' "$current" ;;
	-::-*)
		_sbx_offer -f 'the profile is the text of FILE'
		_sbx_offer -n 'the profile is the one of that NAME'
		_sbx_offer -p 'the profile is this text'
		_sbx_offer -D 'set a parameter of the profile, KEY=VALUE'
		;;
	-:*) _sbx_offer_commands ;;
	esac
	_sbx_reply
}

_sbx_ctl() {
	local IFS=$' \t\n' last current option='' count=0 entry verb='' takes=''
	local -a words indices tails found helps
	words=() indices=() tails=() found=() helps=() COMPREPLY=()
	_sbx_split
	case $last:${words[1]-} in
	1:-*)
		_sbx_offer --help 'print this help'
		_sbx_offer --version 'print the version'
		;;
	1:*)
		for entry in "${_sbx_verbs[@]}"; do
			_sbx_offer "${entry%% *}" "${entry#* }"
		done
		;;
	2:show) _sbx_offer_presets '' ;;
	*)
		verb=${words[1]-}
		for entry in "${_sbx_verb_takes[@]}"; do
			[ "${entry%% *}" != "$verb" ] || takes=${entry#* }
		done
		[ -z "$takes" ] || _sbx_verb
		;;
	esac
	_sbx_reply
}

# The names of the presets are in the names of commands; who knows them already gives them.
_sbx_register() {
	local IFS=$' \t\n' name
	complete ${_sbx_default[@]+"${_sbx_default[@]}"} -F _sbx_ctl sbxctl
	complete ${_sbx_default[@]+"${_sbx_default[@]}"} -F _sbx_exec sandbox-exec
	complete ${_sbx_default[@]+"${_sbx_default[@]}"} -F _sbx sbx
	while read -r name; do
		[ -z "$name" ] || complete ${_sbx_default[@]+"${_sbx_default[@]}"} -F _sbx -- "$name"
	done <<<"${_sbx_commands-$(compgen -c sbx-)}"
}
_sbx_register
