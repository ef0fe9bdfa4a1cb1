# shell/sbx.bash, sbx.zsh and sbx.fish do the same: what can be compared, each against one table.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	shells=(bash zsh fish)
	# An installation whose program prints the words that it gets, its own path as PROGRAM.
	mkdir -p prefix/bin prefix/share
	ln -s "$SBX_BIN_DIR/../share/sbx" prefix/share/sbx
	cat >prefix/bin/sbx <<-'END'
	#!/bin/sh
	for word; do
	    [ "$word" != "$0" ] || word=PROGRAM
	    printf '[%s]' "$word"
	done
	echo
	END
	chmod +x prefix/bin/sbx
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; kind: restrict\n;; alias: other, an-other\n(deny file-mknod)\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	printf ';; kind: restrict\n(deny file-mknod)\n' >"$XDG_CONFIG_HOME/sbx/presets/o d;d.sb"
	printf ';; summary: no preset\n(deny file-mknod)\n' >"$XDG_CONFIG_HOME/sbx/presets/library.sb"
}

# in_shell SHELL TEXT: after the functions are there, and their program is the one that prints.
in_shell() {
	local set="_sbx_program=$PWD/prefix/bin/sbx"
	[ "$1" != fish ] || set="set -g _sbx_program '$PWD/prefix/bin/sbx'"
	printf '%s\n' "$set" ". '$root/shell/sbx.$1'" "$2" >"script.$1"
	case $1 in
	bash) run bash --noprofile --norc "script.$1" ;;
	zsh) run zsh -f "script.$1" ;;
	fish) run fish --no-config "script.$1" ;;
	esac
}

names() {
	case $1 in
	bash) in_shell bash 'compgen -A function sbx' ;;
	zsh) in_shell zsh 'print -rl -- ${(k)functions[(I)sbx*]}' ;;
	fish) in_shell fish "functions -an | string match 'sbx*'" ;;
	esac
}

@test "the functions have the same names in each shell" {
	local shell
	for shell in "${shells[@]}"; do
		names "$shell"
		LC_ALL=C sort <<<"$output" >"names.$shell"
	done
	grep -x sbx names.bash
	grep -x sbx-net-off names.bash
	grep -x sbx-an-other names.bash
	run ! grep -E 'library|;' names.bash
	for shell in zsh fish; do
		diff names.bash "names.$shell"
	done
}

@test "the words that the program gets are the same in each shell" {
	local typed expected shell
	while IFS='>' read -r typed expected; do
		typed=${typed%" ="} expected=${expected# }
		for shell in "${shells[@]}"; do
			in_shell "$shell" "$typed"
			[ "$output" = "$expected" ] || explain "$shell: $typed should give $expected"
		done
	done <<-'END'
	sbx cat x => [cat][x]
	sbx-net-off cat -v 'a b' => [-p][net-off][cat][-v][a b]
	sbx-mine -v /bin/cat => [-p][mine][-v][/bin/cat]
	sbx-net-off sbx-mine cat => [-p][net-off][PROGRAM][-p][mine][cat]
	sbx-net-off sbx -q cat => [-p][net-off][PROGRAM][-q][cat]
	sbx -p audio -- sbx-other -- cat => [-p][audio][--][PROGRAM][-p][other][--][cat]
	sbx -qp sbx-mine cat => [-qp][sbx-mine][cat]
	sbx -psbx-mine sbx-mine cat => [-psbx-mine][PROGRAM][-p][mine][cat]
	sbx --preset=x sbx-mine cat => [--preset=x][PROGRAM][-p][mine][cat]
	sbx --allow-network sbx-mine cat => [--allow-network][sbx-mine][cat]
	sbx --allow-network -v sbx-mine cat => [--allow-network][-v][PROGRAM][-p][mine][cat]
	sbx --allow-file= sbx-mine cat => [--allow-file=][PROGRAM][-p][mine][cat]
	sbx cat sbx-mine cat => [cat][sbx-mine][cat]
	sbx-net-off sbx-unknown cat => [-p][net-off][sbx-unknown][cat]
	sbx-net-off -p => [-p][net-off][-p]
	sbx-net-off => [-p][net-off]
	sbx-net-off '' => [-p][net-off][]
	END
}

# The value of every option of the table, or what follows an option without one, is a prefix's name.
@test "each option takes in each shell what it takes in the program" {
	local letter name value rest shell
	"$PYTHON" "$root/tests/completion.py" options "$root/src/cli/options.c" >table
	[ "$(wc -l <table)" -gt 40 ]
	while read -r letter name value rest; do
		case $value in
		-)
			echo "sbx --$name sbx-mine cat"
			echo "[--$name][PROGRAM][-p][mine][cat]" >>expected
			;;
		*)
			echo "sbx --$name sbx-mine cat"
			echo "sbx --$name=x sbx-mine cat"
			printf '[--%s]%s\n' "$name" '[sbx-mine][cat]' "$name=x" '[PROGRAM][-p][mine][cat]' >>expected
			;;
		esac
		[ "$letter" != - ] || continue
		echo "sbx -$letter sbx-mine cat"
		case $value in
		-) echo "[-$letter][PROGRAM][-p][mine][cat]" >>expected ;;
		*) echo "[-$letter][sbx-mine][cat]" >>expected ;;
		esac
	done <table >lines
	for shell in "${shells[@]}"; do
		in_shell "$shell" "$(cat lines)"
		diff expected - <<<"$output"
	done
}

@test "what sourcing and use leave in each shell begins with _sbx or sbx, or is nosbx" {
	local text
	in_shell bash 'sbx-net-off cat >/dev/null; compgen -v >after; compgen -A function >>after'
	bash --noprofile --norc -c 'compgen -v; compgen -A function' >before
	run ! grep -vxFf before <(grep -vE '^((_|no)?sbx|PIPESTATUS$|COLUMNS$|LINES$|BASH_EXECUTION|_$)' after)
	text='print -rl -- ${(k)parameters} ${(k)functions}'
	in_shell zsh "sbx-net-off cat >/dev/null; $text >after"
	zsh -f -c "zmodload zsh/parameter; $text" >before
	run ! grep -vxFf before <(grep -vE '^((_|no)?sbx|ZSH_SCRIPT$)' after)
	in_shell fish 'sbx-net-off cat >/dev/null; set -n >after; functions -an >>after'
	fish --no-config -c 'set -n; functions -an' >before
	run ! grep -vxFf before <(grep -vE '^((_|no)?sbx|fish_complete_path$)' after)
}
