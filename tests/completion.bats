# The completion files and shell/sbx.*, in real shells.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	completion=$root/tests/completion.py
	completions=("$root/completions/sbx.bash" "$root/completions/_sbx" "$root/completions/sbx.fish")
	touch profile.sb
	mkdir -p sub/inner
	: >sub/first.sb
	rc "$root/shell"
}

# rc DIRECTORY: what each shell reads first, the file that DIRECTORY has for it.
rc() {
	cat >rc.bash <<-END
	. '$1/sbx.bash'
	_tool() { COMPREPLY=(\$(compgen -W 'alpha beta' -- "\$2")); }
	complete -F _tool tool
	END
	cat >rc.zsh <<-END
	autoload -Uz compinit
	compinit -u -D
	. '$1/sbx.zsh'
	_tool() { compadd alpha beta }
	compdef _tool tool
	END
	cat >rc.fish <<-END
	source '$1/sbx.fish'
	complete -c tool -f -a 'alpha beta'
	END
}

# type_into SHELL STEP...: as completion.py has it.
type_into() {
	run "$PYTHON" "$completion" type "$1" "rc.$1" "${@:2}"
	[ "$status" -eq 0 ] || explain "typing into $1 failed"
}

# tab SHELL: reads lines "TYPED => EXPECTED"; after TAB, TYPED MUST be EXPECTED. A space at the end
# does not count, and neither does the comma that zsh proposes.
tab() {
	local typed expected shown i=0
	local -a steps expectations
	while IFS='>' read -r typed expected; do
		steps+=(line "${typed%" ="}\\t")
		expectations+=("${expected# }")
	done
	type_into "$1" "${steps[@]}"
	while IFS= read -r shown; do
		shown=${shown%" "}
		[ "$1" != zsh ] || shown=${shown%,}
		[ "$shown" = "${expectations[i]}" ] ||
			explain "$1: ${steps[i * 2 + 1]} should have become ${expectations[i]}, not $shown"
		i=$((i + 1))
	done <<<"$output"
	[ "$i" -eq "${#expectations[@]}" ]
}

# What every shell completes alike.
completes_options() {
	tab "$1" <<-'END'
	sbx-net-o => sbx-net-off
	sbx -p no-n => sbx -p no-network
	sbx --preset=no-n => sbx --preset=no-network
	sbx -pno-n => sbx -pno-network
	sbx -p no-network,aud => sbx -p no-network,audio
	sbx --preset=no-network,aud => sbx --preset=no-network,audio
	sbx -nqp aud => sbx -nqp audio
	sbx --allow-file-r => sbx --allow-file-read
	sbx-net-off --best => sbx-net-off --best-effort
	sbx --best-effort --deny-file-w => sbx --best-effort --deny-file-write
	sbx --allow-network --deny-file-w => sbx --allow-network --deny-file-write
	sbx -f prof => sbx -f profile.sb
	sbx --profile=prof => sbx --profile=profile.sb
	sbx --deny-file-read su => sbx --deny-file-read sub/
	sbx --deny-file-read=su => sbx --deny-file-read=sub/
	sbx --deny-file-read=sub,prof => sbx --deny-file-read=sub,profile.sb
	sbx --deny-file-read sub/first.sb,su => sbx --deny-file-read sub/first.sb,sub/
	sbx -e prof => sbx -e prof
	sbx --allow-network prof => sbx --allow-network prof
	FOO=1 sbx -p aud => FOO=1 sbx -p audio
	END
}

completes_commands() {
	tab "$1" <<-'END'
	sbx sbxct => sbx sbxctl
	sbx-net-off -- sbxct => sbx-net-off -- sbxctl
	sbx -p audio ./su => sbx -p audio ./sub/
	sbx-net-off tool al => sbx-net-off tool alpha
	sbx -D A=1 --allow-file sub -- tool al => sbx -D A=1 --allow-file sub -- tool alpha
	sbx tool --best => sbx tool --best
	sbx-net-off sbx-write-cwd -p aud => sbx-net-off sbx-write-cwd -p audio
	sbx-net-off sbx-write-cwd tool al => sbx-net-off sbx-write-cwd tool alpha
	sbxctl sh => sbxctl show
	sbxctl show aud => sbxctl show audio
	sbxctl list aud => sbxctl list aud
	sbxctl --ver => sbxctl --version
	END
}

# A verb's options, before and behind its other words.
completes_verbs() {
	tab "$1" <<-'END'
	sbxctl expl => sbxctl explain
	sbxctl explain --bar => sbxctl explain --bare
	sbxctl explain -p aud => sbxctl explain -p audio
	sbxctl explain --preset=no-n => sbxctl explain --preset=no-network
	sbxctl explain --deny-file-w => sbxctl explain --deny-file-write
	sbxctl explain file-read-data prof => sbxctl explain file-read-data profile.sb
	sbxctl explain file-read-data -f prof => sbxctl explain file-read-data -f profile.sb
	sbxctl explain file-read-data --js => sbxctl explain file-read-data --json
	sbxctl explain --env-c => sbxctl explain --env-c
	sbxctl check prof => sbxctl check profile.sb
	sbxctl check profile.sb --stri => sbxctl check profile.sb --strict
	sbxctl check --pre => sbxctl check --pre
	sbxctl tree --color alw => sbxctl tree --color always
	sbxctl tree -p aud => sbxctl tree -p audio
	sbxctl doc => sbxctl doctor
	sbxctl doctor --js => sbxctl doctor --json
	sbxctl doctor --stri => sbxctl doctor --stri
	sbxctl trust --wor => sbxctl trust --worktrees
	sbxctl trust su => sbxctl trust sub/
	sbxctl status --she => sbxctl status --shell
	END
}

shows_help() {
	type_into "$1" shown 'sbx-net-\t\t' sbx-net-local \
		shown 'sbx -p no-network,\t\t' 'play and record sound' \
		shown 'sbx --env-\t\t' 'start with an empty environment' \
		shown 'sbxctl \t\t' 'print the text of a preset'
}

# A preset of the user's has no command of its name.
completes_own_preset() {
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: a base of mine\n;; kind: restrict\n;; alias: other\n(deny file-mknod)\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	tab "$1" <<-'END'
	sbx -p min => sbx -p mine
	sbxctl show oth => sbxctl show other
	END
}

# Every option is walked over as options_parse does: a word is its value, and not the command, or
# the other way round. zzz would be a command after which sbx completes nothing.
walks_over_options() {
	local letter name value rest line=sbx
	"$PYTHON" "$completion" options "$root/src/cli/options.c" >table
	while read -r letter name value rest; do
		case $value in
		-)
			line+=" --$name -e zzz"
			echo "sbx --$name tool al => sbx --$name tool alpha"
			;;
		paths | hosts) line+=" --$name --$name=zzz --$name zzz" ;;
		*)
			line+=" --$name=zzz --$name zzz"
			[ "$letter" = - ] || line+=" -$letter zzz -${letter}zzz -n$letter zzz -nA${letter}zzz"
			;;
		esac
	done <table >lines
	echo "$line --best-e => $line --best-effort" >>lines
	tab "$1" <lines
}

# The alias runs outside and connects; after the prefix it runs too, and can't.
runs_alias_in_sandbox() {
	tcp_listener
	cat >connect.py <<-'END'
	import os, socket, sys
	try:
	    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)
	except PermissionError:
	    sys.exit(7)
	END
	printf "alias ll='%s -I -S connect.py'\n" "$PYTHON" >>"rc.$1"
	type_into "$1" run "ll; echo \$? >outside" run "sbx-net-off ll; echo \$? >inside" \
		run "sbx -q --allow-all --deny-network-all ll; echo \$? >not-an-alias"
	[ "$(cat outside)" = 0 ]
	[ "$(cat inside)" = 7 ]
	[ "$(cat not-an-alias)" = 127 ]
	logged 1
}

@test "options and verbs in the completion files are those of the tables" {
	local what source file
	for what in options verbs verb_options; do
		source=$root/src/cli/options.c
		[ "$what" != verbs ] || source=$root/src/cli/ctl.c
		"$PYTHON" "$completion" "$what" "$source" >expected
		[ "$(wc -l <expected)" -ge 3 ]
		for file in "${completions[@]}"; do
			"$PYTHON" "$completion" "$what" "$file" >actual
			diff expected actual
		done
	done
	"$PYTHON" "$completion" options "$root/src/cli/options.c" | grep -x 'p preset presets .*'
	sbxctl help | grep '^  show NAME  *print the text of a preset'
}

@test "every name in sbx --help is in the table that the test reads" {
	"$PYTHON" "$completion" options "$root/src/cli/options.c" >table
	sbx --help | sed -n 's/^  [-, a-zA-Z]* *--\([a-z-]*\)[[ =].*/\1/p' >names
	grep -x allow-file-read names
	while read -r name; do
		grep "^. $name " table
	done <names
}

@test "the bash files use nothing newer than bash 3.2" {
	local newer='(declare|local|typeset) -[aA-Z]*[An]|mapfile|readarray|coproc|&>>|\|&|;;?&$'
	newer+='|\$\{[^}]*(,,|\^\^|@[A-Z])|\[-[0-9]+\]|:-?[0-9]+:-|read [^|;]*-[iN]|\$EPOCH|BASH_ALIASES'
	echo 'x=${y,,}' | grep -E "$newer"
	run -1 grep -nE "$newer" "$root/completions/sbx.bash" "$root/shell/sbx.bash"
}

@test "bash completes options and their values" {
	completes_options bash
}

@test "zsh completes options and their values" {
	completes_options zsh
}

@test "fish completes options and their values" {
	completes_options fish
}

@test "bash completes commands and what they complete, and sbxctl" {
	completes_commands bash
}

@test "zsh completes commands and what they complete, and sbxctl" {
	completes_commands zsh
}

@test "fish completes commands and what they complete, and sbxctl" {
	completes_commands fish
}

@test "bash completes the verbs of sbxctl and their options" {
	completes_verbs bash
}

@test "zsh completes the verbs of sbxctl and their options" {
	completes_verbs zsh
}

@test "fish completes the verbs of sbxctl and their options" {
	completes_verbs fish
}

@test "bash shows help and summaries" {
	shows_help bash
}

@test "zsh shows help and summaries" {
	shows_help zsh
}

@test "fish shows help and summaries" {
	shows_help fish
}

@test "bash, zsh and fish complete a preset of the user's" {
	completes_own_preset bash
	completes_own_preset zsh
	completes_own_preset fish
}

@test "bash walks over every option" {
	walks_over_options bash
}

@test "zsh walks over every option" {
	walks_over_options zsh
}

@test "fish walks over every option" {
	walks_over_options fish
}

@test "zsh runs an alias inside the sandbox" {
	runs_alias_in_sandbox zsh
}

@test "bash completes under set -eu, IFS=x and odd options" {
	printf 'set -euf; shopt -s failglob nullglob nocasematch; IFS=x\n' |
		cat - rc.bash >rc
	mv rc rc.bash
	completes_options bash
}

@test "bash completes without compopt, which 3.2 lacks" {
	echo 'enable -n compopt' | cat - rc.bash >rc
	mv rc rc.bash
	tab bash <<-'END'
	sbx --preset=no-n => sbx --preset=no-network
	sbx --allow-file-r => sbx --allow-file-read
	sbx -f prof => sbx -f profile.sb
	sbx --deny-file-read=sub,prof => sbx --deny-file-read=sub,profile.sb
	sbx-net-off -p audio tool al => sbx-net-off -p audio tool alpha
	sbx-net-off cat prof => sbx-net-off cat profile.sb
	sbxctl show aud => sbxctl show audio
	END
}

@test "bash completes paths where words don't break at =" {
	echo 'COMP_WORDBREAKS=" "' >>rc.bash
	tab bash <<-'END'
	sbx --preset=no-n => sbx --preset=no-network
	sbx --profile=prof => sbx --profile=profile.sb
	sbx --deny-file-read=sub,prof => sbx --deny-file-read=sub,profile.sb
	END
}

@test "bash hands the wrapped command to bash-completion where that is loaded" {
	cat >>rc.bash <<-'END'
	_command_offset() {
		COMPREPLY=("offset-$1-${COMP_WORDS[$1]}")
	}
	END
	tab bash <<-'END'
	sbx --preset=audio tool al => sbx --preset=audio tool offset-4-tool
	sbx -p no-n => sbx -p no-network
	END
}

@test "zsh completes under odd options, and with compinit after sbx.zsh" {
	cat >rc.zsh <<-END
	setopt ksh_arrays sh_word_split no_unset
	IFS=x
	. '$root/shell/sbx.zsh'
	autoload -Uz compinit
	compinit -u -D
	_tool() { compadd alpha beta }
	compdef _tool tool
	END
	completes_options zsh
}

# What sourcing leaves in a shell, and what it MUST leave as it was.
state() {
	case $1 in
	bash)
		printf '%s\n' '\alias; complete -p; declare -F' \
			'compgen -v | grep -v "^\(_$\|BASH\|PIPES\)"'
		;;
	zsh) printf '%s\n' '\alias -L; print -rl -- ${(ok)functions} ${(okM)parameters:#*sbx*} $fpath' ;;
	esac
}

kept() {
	case $1 in
	bash) printf '%s\n' 'set +o; shopt; trap; pwd; printf "%q\n" "$IFS" "$PATH" "$*"' ;;
	zsh) printf '%s\n' 'setopt; set -o; trap; pwd; print -r -- "${(q)IFS} $PATH $*"' ;;
	esac
}

# sources SHELL SETTINGS: after them the file is sourced twice. It MUST print nothing, keep what is
# the shell's, do the same the second time as the first, and make the aliases.
sources() {
	local command=("$1" --noprofile --norc)
	[ "$1" != zsh ] || command=(zsh -f)
	cat >script <<-END
	compdef() { :; }
	$2
	{ $(kept "$1"); } >kept.before
	. '$root/shell/sbx.$1' >output.1 2>&1
	echo \$? >status
	{ $(kept "$1"); } >kept.after
	{ $(state "$1"); } >state.once
	. '$root/shell/sbx.$1' >output.2 2>&1
	{ $(state "$1"); } >state.twice
	\\alias sbx >aliases
	\\alias sbx-net-off >>aliases
	echo end >end
	END
	rm -f end status aliases kept.* output.* state.*
	run "${command[@]}" ./script one two
	[ -e end ] || explain "$1 did not come to the end, after: $2"
	[ -z "$output" ] || explain "$1 should have been silent, after: $2"
	[ "$(cat status)" = 0 ]
	cat output.1 output.2
	[ ! -s output.1 ] && [ ! -s output.2 ]
	diff kept.before kept.after
	diff state.once state.twice
	diff <(sed 's/^alias //' aliases) - <<-END
	sbx='sbx '
	sbx-net-off='sbx-net-off '
	END
}

@test "zsh sources the file twice and under any settings alike" {
	local settings
	for settings in : 'set -eu' 'IFS=x' 'setopt ksh_arrays sh_word_split' 'setopt ksh_glob' \
		'alias sbx=false sbx-net-off=false sbxctl=false alias=false local=false emulate=false' \
		'setopt no_clobber pipe_fail err_return' 'setopt warn_create_global' 'setopt no_glob' \
		'setopt no_prompt_percent no_bare_glob_qual extended_glob glob_subst' \
		'setopt csh_null_glob' 'setopt rc_expand_param' 'command_not_found_handler() { echo $1; }'; do
		echo "$settings"
		sources zsh "$settings"
	done
}

@test "fish sources the file twice alike and silently" {
	cat >script <<-END
	source '$root/shell/sbx.fish'
	complete | sort >state.once
	functions -an >>state.once
	set -n >>state.once
	source '$root/shell/sbx.fish'
	complete | sort >state.twice
	functions -an >>state.twice
	set -n >>state.twice
	END
	run fish --no-config script
	[ "$status" -eq 0 ] && [ -z "$output" ]
	diff state.once state.twice
	grep 'complete sbx-net-off' state.once
}

@test "without sbx in PATH the files are sourced silently" {
	local shell PATH=/usr/bin:/bin
	for shell in bash zsh fish; do
		run "$shell" -c ". '$root/shell/sbx.$shell'"
		[ "$status" -eq 0 ] && [ -z "$output" ]
	done
}

@test "the alias of a preset without a command of its name is sbx -p" {
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: mine\n;; kind: restrict\n(deny file-mknod)\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	cp "$XDG_CONFIG_HOME/sbx/presets/mine.sb" "$XDG_CONFIG_HOME/sbx/presets/a;b c.sb"
	sources zsh 'set -eu'
	grep -Fx "alias sbx-mine='sbx -p mine '" state.once
}

@test "sourcing starts one process in zsh, none in fish" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	[ "$(processes zsh -f -c ". '$root/shell/sbx.zsh'; :")" -eq 1 ]
	[ "$(processes fish --no-config -c "source '$root/shell/sbx.fish'")" -eq \
		"$(processes fish --no-config -c :)" ]
}

processes() {
	strace -f -o trace -e 'trace=?clone,?clone3,?fork,?vfork' "$@"
	grep -E '(clone3?|fork)\(' trace | grep -vc CLONE_THREAD || :
}

@test "all works from where it is installed" {
	local prefix=$PWD/prefix name
	mkdir -p prefix/share/sbx prefix/share/bash-completion/completions \
		prefix/share/zsh/site-functions prefix/share/fish/vendor_completions.d
	cp -R "$root/shell" prefix/share/sbx
	cp "$root/completions/sbx.bash" prefix/share/bash-completion/completions/sbx
	cp "$root/completions/_sbx" prefix/share/zsh/site-functions
	cp "$root/completions/sbx.fish" prefix/share/fish/vendor_completions.d
	for name in sbxctl sbx-net-off; do
		ln -s sbx "prefix/share/bash-completion/completions/$name"
		ln -s sbx.fish "prefix/share/fish/vendor_completions.d/$name.fish"
	done
	rc "$prefix/share/sbx/shell"
	completes_commands bash
	completes_commands zsh
	completes_commands fish
	# By themselves: bash-completion sources the file of the command's name, fish likewise.
	run bash -c '. "$1"; complete -p sbx-net-off sbxctl' - \
		"$prefix/share/bash-completion/completions/sbx-net-off"
	[ "$output" = $'complete -F _sbx sbx-net-off\ncomplete -F _sbx_ctl sbxctl' ]
	run fish -c "set -p fish_complete_path '$prefix/share/fish/vendor_completions.d'
		complete -C 'sbx-net-off -p aud'; complete -C 'sbxctl sho'"
	[[ "$output" = audio*$'\n'show* ]]
}
