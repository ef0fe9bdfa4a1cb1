# shell/sbx.bash, in real interactive shells and in scripts.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	echo ". '$root/shell/sbx.bash'" >rc
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
	export OUTSIDE
}

# Plays the steps of standard input to a bash that reads ./rc.
session() {
	run "$PYTHON" "$root/tests/session.py" bash rc
	[ "$status" -eq 0 ] || explain 'the session failed'
}

# A script, standard input, in a bash that has read ./rc.
in_bash() {
	{ cat rc && cat; } >script
	run timeout 60 bash --norc --noprofile ./script
}

# write is a function that can write outside; in the sandbox it can't.
define_write() {
	cat >>rc <<-'END'
	write() { local _w=$1; shift; reach "$_w" && printf '<%s>' "$@"; }
	reach() { { : >"$OUTSIDE/$1"; } 2>/dev/null && echo reached || { echo refused; return 3; }; }
	END
}

@test "bash: a function, those that it calls and its arguments are carried into the sandbox" {
	define_write
	session <<-'END'
	run write control 'a b'
	see reached\n<a b>
	run sbx-write-cwd write inside 'a b'
	see refused
	status 3
	run sbx-write-cwd -q --env-set A=1 write inside 'a b'
	see refused
	run sbx-net-off sbx-write-cwd -v -- write inside
	see refused
	run sbx -p audio,write-cwd --allow-all write inside
	see refused
	END
	[ -e "$OUTSIDE/control" ]
	[ ! -e "$OUTSIDE/inside" ]
}

@test "bash: an alias runs in the sandbox as a whole, also one of several commands" {
	cat >>rc <<-'END'
	alias w='touch'
	alias ww='true && touch'
	alias www='ww '
	alias next="$OUTSIDE/next"
	alias off='sbx-write-cwd'
	alias touch='touch -c -m'
	unalias touch
	END
	session <<-'END'
	run w $OUTSIDE/control; ww $OUTSIDE/control2
	status 0
	run sbx-write-cwd w $OUTSIDE/inside
	status 1
	run sbx-write-cwd -q ww $OUTSIDE/inside
	status 1
	run sbx-write-cwd www next
	status 1
	run off w $OUTSIDE/inside
	status 1
	run sbx-net-off off ww $OUTSIDE/inside
	status 1
	run sbx-write-cwd w here && sbx-write-cwd ww here2
	status 0
	END
	[ -e "$OUTSIDE/control" ] && [ -e "$OUTSIDE/control2" ] && [ -e here ] && [ -e here2 ]
	[ ! -e "$OUTSIDE/inside" ] && [ ! -e "$OUTSIDE/next" ]
}

@test "bash: builtins and keywords run in the sandbox" {
	define_write
	echo 'write sourced' >file.sh
	session <<-'END'
	run source file.sh
	see reached
	run sbx-write-cwd eval 'write inside; echo eval-$?'
	see refused\neval-3
	run sbx-write-cwd time write inside
	see refused\n+real
	run sbx-write-cwd source /dev/null
	status 0
	run sbx-write-cwd test -f file.sh
	status 0
	run sbx-write-cwd [[ abc == a?? ]]
	status 0
	run sbx-write-cwd [[ abc == b* ]]
	status 1
	run sbx-write-cwd printf '%s|' 'a  b' '*'; echo
	see \na  b\|\*\|
	run time sbx-write-cwd write inside
	see refused\n+real
	run sbx-write-cwd exec sh -c 'exit 7'
	status 7
	END
	[ -e "$OUTSIDE/sourced" ]
	[ ! -e "$OUTSIDE/inside" ]
}

@test "bash: pipelines, redirections, lists, statuses" {
	tcp_listener
	echo "try() { '$PYTHON' -I -S -c 'import os, socket; socket.create_connection((\"127.0.0.1\", int(os.environ[\"PORT\"])), 5)' 2>/dev/null; }" >>rc
	session <<-'END'
	run try; echo "control-$?"
	see \ncontrol-0
	run sbx-net-off try; echo "inside-$?"
	see \ninside-1
	run echo a | sbx-net-off tr a b | cat >out 2>&1
	run sbx-net-off sh -c 'exit 5' | sbx-net-off sh -c 'exit 6'; echo "${PIPESTATUS[*]}" >pipestatus
	run sbx-net-off yes | head -1 >/dev/null; echo "${PIPESTATUS[*]}" >pipe
	run sbx-net-off false && sbx-net-off touch wrong || sbx-net-off touch right
	run sbx-net-off sh -c 'kill -9 $$'
	status 137
	run FOO=bar sbx-net-off sh -c 'echo foo-$FOO'
	see foo-bar
	run f() { cat; }
	run echo fed | sbx-net-off f
	see \nfed
	run sbx-net-off sh -c 'echo $SBX_ACTIVE-' >active
	run sbx-net-off sleep 0 & wait $!; echo "waited-$?"
	see waited-0
	END
	[ "$(cat out)" = b ]
	[ "$(cat pipestatus)" = '5 6' ]
	[ "$(cat pipe)" = '141 0' ]
	[ -e right ] && [ ! -e wrong ]
	logged 1
}

@test "bash: Ctrl-Z, jobs, fg, bg and Ctrl-C, with a program and with a function" {
	echo "slow() { sh -c 'echo ready-\$((1 + 1)); exec cat'; }" >>rc
	session <<-'END'
	start sbx-net-off sh -c 'echo ready-$((1 + 1)); exec cat'
	see ready-2
	stop
	status 148
	run jobs
	see Stopped +/[^ ]*sbx -p net-off sh -c
	start fg
	see sbx -p net-off
	type one\r
	see one\n+one
	type ^C
	prompt
	status 130
	start sbx-write-cwd slow
	see ready-2
	stop
	status 148
	run jobs
	see Stopped +/[^ ]*sbx -p write-cwd /[^ ]*bash -c "\$_sbx_text" bash slow
	start fg
	see bash slow
	type two\r
	see two\n+two
	type ^D
	prompt
	status 0
	start sbx-net-off sh -c 'echo ready-$((1 + 1)); exec sleep 60'
	see ready-2
	stop
	run bg
	see sbx -p net-off .*&
	run jobs
	see Running +/[^ ]*sbx -p net-off sh -c
	run kill %1; wait %1
	status 143
	start sbx-net-off sh -c 'echo ready-$((1 + 1)); sleep 60' &
	see ready-2
	run kill %1; wait %1 2>/dev/null; jobs; echo none-left
	see none-left
	END
}

@test "bash: arguments arrive byte for byte, with a program and with a function" {
	cat >>rc <<-'END'
	words=()
	for ((i = 1; i < 256; i++)); do printf -v c "\\x$(printf %x $i)"; words+=("$c" "a${c}b"); done
	words+=('' ' ' $'new\nline' '*' '~' '-n' "it's" '"' '$HOME' '`id`' 'a\' $'\xff\xfe' '&' '!' '{a,b}' '#')
	show() { /usr/bin/printf '%s\0' "$@"; }
	show "${words[@]}" >expected
	some=("${words[@]:510}")
	END
	local locale
	for locale in C C.UTF-8; do
		in_bash <<-END
		LC_ALL=$locale
		sbx-net-off printf '%s\0' "\${words[@]}" >builtin
		sbx-net-off /usr/bin/printf '%s\0' "\${words[@]}" >program
		sbx-net-off show "\${words[@]}" >function
		: >few
		for ((i = 0; i < \${#words[@]}; i += 9)); do
			sbx-net-off -q /usr/bin/printf '%s\0' "\${words[@]:i:9}" >>few
		done
		END
		[ "$status" -eq 0 ] && [ -z "$output" ]
		cmp expected builtin
		cmp expected program
		cmp expected function
		cmp expected few
	done
}

@test "bash: a large function, extended globs, odd names and recursion are carried" {
	{
		echo 'shopt -s extglob'
		echo 'big() { : "'
		head -c 200000 /dev/zero | tr '\0' x
		echo '"; echo big-$1; }'
		echo 'glob() { case $1 in @(a|b)) echo glob-$1 ;; esac; }'
		echo 'odd-name:1() { glob "$1"; [ "$1" = b ] || odd-name:1 b; }'
		echo 'cat() { sbx-write-cwd cat "$@"; }'
		echo 'outer() { sbx-write-cwd reach x; cat rc-line; }'
		echo 'reach() { { : >"$OUTSIDE/x"; } 2>/dev/null && echo reached || echo refused; }'
	} >>rc
	echo line >rc-line
	in_bash <<-'END'
	sbx-net-off big 1
	sbx-net-off odd-name:1 a
	cat rc-line
	sbx-net-off outer
	END
	[ "$output" = $'big-1\nglob-a\nglob-b\nline\nrefused\nline' ] || explain 'not as expected'
}

@test "bash: no rc file is read, and BASH_ENV stays what it is" {
	echo 'echo from BASH_ENV' >env.sh
	in_bash <<-'END'
	export BASH_ENV=$PWD/env.sh
	f() { echo "f $BASH_ENV"; env | grep -c '^BASH_ENV='; }
	sbx-net-off f
	export -n BASH_ENV
	f() { echo "f ${BASH_ENV-unset}"; }
	sbx-net-off f
	END
	[ "$output" = "f $PWD/env.sh"$'\n1\nf unset' ] || explain 'not as expected'
}

@test "bash: options are walked over as in the table" {
	local letter name value rest
	define_write
	: >profile
	"$PYTHON" "$root/tests/completion.py" options "$root/src/cli/options.c" >table
	{
		echo '_sbx_more'
		echo '_sbx_find_kind() { kind=program; seen=$1; }'
		echo '_sbx_is_plain_alias() { return 1; }'
		echo 'walks() { local kind; seen=; _sbx_prepare "$@"; [ "$seen" = cmd ] || echo "wrong: $* ($seen)"; }'
		while read -r letter name value rest; do
			case $value in
			-) echo "walks sbx --$name cmd" ;;
			paths | hosts) echo "walks sbx --$name zzz cmd; walks sbx --$name=zzz cmd; walks sbx --$name -q cmd" ;;
			*)
				echo "walks sbx --$name zzz cmd; walks sbx-net-off --$name=zzz cmd; walks sbx --$name -- cmd"
				[ "$letter" = - ] ||
					echo "walks sbx -$letter zzz cmd; walks sbx -${letter}zzz cmd; walks sbx -n$letter zzz cmd"
				;;
			esac
		done <table
		echo 'walks sbx -- cmd; walks sbx -q sbx-net-off -v cmd; walks sbx -- sbx-net-off cmd'
	} >walks
	[ "$(wc -l <walks)" -gt 40 ]
	in_bash <walks
	[ -z "$output" ] || explain 'not as options_parse does'
}

@test "bash: the user's presets have functions, and odd names none" {
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: mine\n;; alias: other, third\n;; kind: restrict\n(deny file-write*)\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	cp "$XDG_CONFIG_HOME/sbx/presets/mine.sb" "$XDG_CONFIG_HOME/sbx/presets/a;b c.sb"
	echo '(allow default)' >"$XDG_CONFIG_HOME/sbx/presets/library.sb"
	in_bash <<-'END'
	declare -F sbx-mine sbx-other sbx-third sbx-net-off
	declare -F | grep -c 'library\|;'
	sbx-other touch x 2>/dev/null || echo refused
	END
	[ "$output" = $'sbx-mine\nsbx-other\nsbx-third\nsbx-net-off\n0\nrefused' ] || explain 'not as expected'
}

# hostile SETTINGS: loading, using, loading again and undoing MUST work and leave nothing changed.
hostile() {
	echo "settings: $1"
	cat >state <<-'END'
	set +o; \builtin shopt; trap; \alias; \builtin declare -F; \builtin declare -f; \builtin complete -p
	printf '%q\n' "$IFS" "${PROMPT_COMMAND[@]-}"
	\builtin compgen -v | \grep -v '^BASH\|^FUNC\|^PIPE\|^_$'
	END
	cat >script <<-END
	$1
	f() { /bin/echo "f-\$1"; }
	{ \builtin . ./state; } >before
	. '$root/shell/sbx.bash'
	\builtin declare -F >once
	. '$root/shell/sbx.bash'
	\builtin declare -F >twice
	\sbx-net-off f 'a  b' >output
	_sbx_undo
	{ \builtin . ./state; } >after
	END
	rm -f before once twice output after
	run timeout 60 bash --norc --noprofile script
	[ "$status" -eq 0 ] || explain "after: $1"
	[ -z "$output" ] || explain "not silent after: $1"
	[ "$(cat output)" = 'f-a  b' ]
	diff once twice
	grep 'sbx-net-off$' once
	diff before after
}

@test "bash: hostile settings, loading twice, and undo leaves the state as it was" {
	local settings
	for settings in : 'set -eu' 'IFS=x' 'set -f' 'set -a' 'shopt -s failglob nullglob extglob' \
		'set -o noclobber -o pipefail; shopt -s nocasematch' 'unset HOME XDG_CONFIG_HOME PS1; set -eu' \
		'shopt -s expand_aliases; alias sbx=false sbx-net-off=false alias=false local=false command=false grep=false cd=false builtin=false shopt=false set=false declare=false eval=false' \
		'PROMPT_COMMAND="echo no"' 'PROMPT_COMMAND=(one two)' 'cd() { false; }; command() { false; }' \
		'set -o functrace -o errtrace; trap "echo ERR" ERR' 'sbx-net-off() { echo mine; }; sbx() { echo mine; }; nosbx() { echo mine; }' \
		'complete -W "a b" sbx-net-off; complete -F _mine sbx; complete -W c sbxctl'; do
		hostile "$settings"
	done
}

@test "bash: what sbxctl init prints does the same, and --undo takes it away" {
	echo 'eval "$(sbxctl init bash)"' >rc
	session <<-'END'
	run sbx-net-off echo hello | tr a-z A-Z
	see HELLO
	run eval "$(sbxctl init bash)"
	run compgen -A function sbx >functions
	run eval "$(sbxctl init bash --undo)"; compgen -A function _sbx; compgen -v _sbx; complete -p sbx; echo gone
	see complete: sbx: no completion specification\ngone
	run eval "$(sbxctl init bash --undo)"; echo "undo-$?"
	see undo-0
	END
	grep -x sbx-net-off functions
	[ "$(sbxctl init bash | cksum)" = "$(cd / && HOME=/x sbxctl init bash | cksum)" ]
}

@test "bash: POSIX mode and other shells say that they can't, and go on" {
	local shell
	for shell in dash 'bash --posix' zsh; do
		# shellcheck disable=SC2086 # a command and its options
		run $shell -c ". '$root/shell/sbx.bash'; eval \"\$(cat '$root/shell/sbx.bash')\"; echo on; set | grep '^_*sbx'"
		[ "${#lines[@]}" -eq 3 ] && [ "${lines[2]}" = on ] || explain "in $shell"
		[[ ${lines[0]} == 'sbx: '* ]]
	done
	dash -n "$root/shell/sbx.bash"
}

@test "bash: all names that loading and using leave begin with sbx or _sbx" {
	: >rc
	in_bash <<-END
	compgen -v >before; compgen -A function >>before
	. '$root/shell/sbx.bash'
	f() { :; }
	sbx-net-off f
	unset -f f
	compgen -v >after; compgen -A function >>after
	grep -vxFf before after | grep -v '^_*sbx\|^nosbx$\|^PIPESTATUS'
	END
	[ -z "$output" ]
	grep -x _sbx_run after
}

@test "bash: loading starts no process" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	run strace -f -qq -e trace=process -e signal=none bash --norc --noprofile -c ". '$root/shell/sbx.bash'; :"
	run grep -c 'clone\|fork' <<<"$output"
	[ "$output" = 0 ]
}

@test "bash: the files use nothing newer than bash 3.2" {
	local newer='(declare|local|typeset) -[a-zA-Z]*[Ang]|mapfile|readarray|coproc|&>>|\|&|;;?&$'
	newer+='|\$\{[^}]*(,,|\^\^|@[A-Z])|\[-[0-9]+\]|\$EPOCH|BASH_ALIASES|BASHPID|printf .*%\(|local -$'
	echo 'x=${y,,}' | grep -E "$newer"
	echo 'declare -A x' | grep -E "$newer"
	run -1 grep -nE "$newer" "$root"/shell/*.bash "$root/completions/sbx.bash"
}

@test "bash: the prompt shows what is in force" {
	echo "PS1='\${SBX_ACTIVE:+[\$SBX_ACTIVE] }prompt> '" >>rc
	cp rc inner
	session <<-'END'
	run echo start
	start sbx-net-off bash --noprofile --rcfile inner -i
	see \[no-network\] prompt> |\[net-off\] prompt> 
	type exit\r
	prompt
	END
}

# Words of our own, then those of the wrapped command, with the bash-completion package and without.
completes() {
	cat >>rc <<-'END'
	_tool() { COMPREPLY=($(compgen -W 'alpha beta' -- "$2")); }
	complete -F _tool tool
	END
	git init -q .
	session <<-'END'
	tab sbx-net-o\t => sbx-net-off
	tab sbx-net-off --best\t => sbx-net-off --best-effort
	tab sbx -p no-network,aud\t => sbx -p no-network,audio
	tab sbx-net-off tool al\t => sbx-net-off tool alpha
	tab sbx-net-off sbx-write-cwd -v tool al\t => sbx-net-off sbx-write-cwd -v tool alpha
	tab sbx --allow-network localh\t => sbx --allow-network localhost:
	tab sbx --allow-network=example.org:80,localh\t => sbx --allow-network=example.org:80,localhost:
	tab sbxctl explain file-read-d\t => sbxctl explain file-read-data
	tab sbxctl init ba\t => sbxctl init bash
	tab sandbox-exec -f rc tool be\t => sandbox-exec -f rc tool beta
	tab sbx-net-off echo rc\t => sbx-net-off echo rc
	END
}

@test "bash: completion without the bash-completion package" {
	completes
}

@test "bash: completion with the bash-completion package, which knows git and make" {
	echo '. /usr/share/bash-completion/bash_completion' >>rc
	completes
	printf 'target-one:\n\ttrue\n' >Makefile
	session <<-'END'
	tab git cheh\t => git cheh
	tab make targ\t => make target-one
	tab sbx-net-off make targ\t => sbx-net-off make target-one
	tab sbx -p no-network -- make targ\t => sbx -p no-network -- make target-one
	tab sbx-net-off sbx-write-cwd make targ\t => sbx-net-off sbx-write-cwd make target-one
	END
}

@test "bash: the operations that are completed are those that there are" {
	diff <(sed -n 's/^OPERATION[A-Z_]*([A-Z0-9_]*, "\([^"]*\)".*/\1/p' "$root/src/policy/operations.def" | sort) \
		<(sed -n '/^_sbx_operations=(/,/^)/p' "$root/completions/sbx.bash" | sed '1d;$d' | tr -s '\t ' '\n' | grep . | sort)
}
