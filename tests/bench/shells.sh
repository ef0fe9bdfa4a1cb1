#!/bin/sh
# Measures what sbx costs interactive shells: their start, each prompt, and going to another
# directory, side by side with none and with direnv's hook where that is installed. Prints Markdown.
#
# usage: tests/bench/shells.sh
#
# Environment: SBX (default $BUILD/bin/sbx), BUILD (default build), CC, CFLAGS, TMPDIR and
# BENCH_QUICK=1 for fewer rounds. Shells that are not installed are left out. Goals are reported,
# never enforced: on a shared machine a time proves nothing.
set -eu
export LC_ALL=C

die() {
	printf 'shells: %s\n' "$*" >&2
	exit 1
}

absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s/%s\n' "$PWD" "$1" ;;
	esac
}

has() {
	command -v "$1" >/dev/null
}

# The shell without any file of the user's or the system's that it need not read.
clean() {
	case $1 in
	bash) echo 'bash --norc' ;;
	zsh) echo 'zsh -f' ;;
	fish) echo 'fish --no-config' ;;
	esac
}

# What a start-up file would say: a file for each setup.
write_setups() {
	shell=$1
	: >"$tmp/none.$shell"
	printf '. "%s"\n' "$share/shell/sbx.$shell" >"$tmp/file.$shell"
	case $shell in
	fish)
		printf '"%s" init fish | source\n' "$ctl" >"$tmp/eval.$shell"
		printf 'direnv hook fish | source\n' >"$tmp/direnv.$shell"
		;;
	*)
		printf "eval \"\$('%s' init %s)\"\n" "$ctl" "$shell" >"$tmp/eval.$shell"
		printf "eval \"\$(direnv hook %s)\"\n" "$shell" >"$tmp/direnv.$shell"
		;;
	esac
}

# Lines for the program bench: the first two of a group are what the others are compared with.
list_starts() {
	shell=$1
	for setup in none none file eval direnv; do
		[ "$setup" != direnv ] || has direnv || continue
		printf '%s\t%s' "$shell" "$setup"
		# shellcheck disable=SC2046 # the words of a command
		printf '\t%s' $(clean "$shell") -c ". $tmp/$setup.$shell"
		printf '\n'
	done >>"$tmp/starts"
}

# time_prompt SHELL SETUP [DIRECTORY]...: ns, of one process.
time_prompt() {
	shell=$1
	setup=$2
	shift 2
	# shellcheck disable=SC2046 # the words of a command
	(cd "$tmp/plain/a" && $(clean "$shell") -i "$here/prompt.$shell" "$tmp/$setup.$shell" \
		"$count" "$@" </dev/null 2>"$tmp/prompt-err" | tail -n 1)
}

median() {
	sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# What a setup adds, in us: the median of the differences in each round.
added() {
	shell=$1
	setup=$2
	shift 2
	i=0
	while [ "$i" -lt "$rounds" ]; do
		none=$(time_prompt "$shell" none "$@")
		other=$(time_prompt "$shell" "$setup" "$@")
		if [ -z "$none" ] || [ -z "$other" ]; then
			die "$shell with $setup: $(cat "$tmp/prompt-err")"
		fi
		echo $((other - none))
		i=$((i + 1))
	done | median | awk '{ printf "%.1f", $1 / 1000 }'
}

# The project is trusted by sbx and allowed by direnv.
make_directories() {
	mkdir -p "$tmp/plain/a/b/c" "$tmp/plain/d/e/f" "$tmp/project"
	printf 'preset no-network\nauto make\n' >"$tmp/project/.sbxrc"
	chmod 644 "$tmp/project/.sbxrc"
	"$ctl" trust --yes "$tmp/project" >/dev/null </dev/null
	! has direnv || {
		echo 'export FOO=bar' >"$tmp/project/.envrc"
		direnv allow "$tmp/project/.envrc" 2>/dev/null
	}
}

report_prompts() {
	printf '\nWhat is added to each prompt, and to each change of directory with its prompt, in'
	printf ' us (median of %s rounds of %s, direnv: %s):\n\n' "$rounds" "$many" "$few"
	printf '| shell | hook | prompt | prompt in a project | cd between plain directories |'
	printf ' cd into a project and out, each |\n|---|---|---:|---:|---:|---:|\n'
	for shell in $shells; do
		for setup in file direnv; do
			[ "$setup" != direnv ] || has direnv || continue
			name=sbx
			[ "$setup" = file ] || name=direnv
			count=$few
			[ "$setup" = direnv ] || count=$many
			printf '| %s | %s | %s | %s | %s | %s |\n' "$shell" "$name" \
				"$(added "$shell" "$setup")" \
				"$(added "$shell" "$setup" "$tmp/project")" \
				"$(added "$shell" "$setup" "$tmp/plain/a/b/c" "$tmp/plain/d/e/f")" \
				"$(count=$few && added "$shell" "$setup" "$tmp/project" "$tmp/plain/a")"
		done
	done
}

report_starts() {
	printf 'What is added to the start of a shell without any other file of its own, in ms'
	printf ' (median of the differences in %s rounds; "least" is between the fastest):\n\n' "$starts"
	printf '| shell | its start file says | ms | added | added, least |\n|---|---|---:|---:|---:|\n'
	awk -F '\t' '
		BEGIN {
			text["none"] = "nothing"
			text["file"] = "source the installed file"
			text["eval"] = "eval what sbxctl init prints"
			text["direnv"] = "eval what direnv hook prints"
		}
		$2 == "none" { least[$1] = $4; if (seen[$1]++) next }
		{
			printf "| %s | %s | %s | %s | %s |\n", $1, text[$2], $3, $2 == "none" ? "-" : $5,
				$2 == "none" ? "-" : sprintf("%+.3f", $4 - least[$1])
		}
	' "$tmp/results"
}

compile() {
	cc=${CC:-cc}
	# shellcheck disable=SC2086 # CFLAGS is a list of words
	"$cc" ${CFLAGS:--O2} -o "$tmp/bench" "$here/bench.c" || die 'cannot build bench'
}

[ $# -eq 0 ] || die 'usage: shells.sh'
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${here%/tests/bench}
build=$(absolute "${BUILD:-$root/build}")
sbx=$(absolute "${SBX:-$build/bin/sbx}")
ctl=${sbx}ctl
share=$build/share/sbx
[ -x "$ctl" ] || die "$ctl is not there: build it first or set SBX"

starts=300 rounds=9 many=400 few=20
if [ "${BENCH_QUICK:-}" = 1 ]; then
	starts=40 rounds=3 many=100 few=5
fi
tmp=$(CDPATH='' cd -- "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir "$tmp/home"
export HOME="$tmp/home" XDG_STATE_HOME="$tmp/home/state" XDG_CONFIG_HOME="$tmp/home/config" SBX_QUIET=1
export XDG_DATA_HOME="$tmp/home/data" DIRENV_LOG_FORMAT=
unset PROMPT_COMMAND SBX SBX_ACTIVE

shells=
for shell in bash zsh fish; do
	has "$shell" || continue
	shells="$shells $shell"
	write_setups "$shell"
	list_starts "$shell"
done
[ -n "$shells" ] || die 'no shell to measure'
compile
"$tmp/bench" -r "$starts" "$tmp/starts" >"$tmp/results"
printf '### Shells\n\n'
report_starts
make_directories
report_prompts
