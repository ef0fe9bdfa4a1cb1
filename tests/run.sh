#!/bin/sh
# Runs the tests: the unit programs, then the .bats files, by root once more as an ordinary user.
# The last line is the sum: N passed, N failed, N skipped.
#
# usage: [BUILD=build] tests/run.sh [FILE.bats]...
# SBX_MUST_ENFORCE=1: a skipped test is a failed one. SBX_TEST_SLOW=0: leave out the slow files.
set -eu

slow_files='lua.bats'
nobody=65534

# The counts in the output of tests: lines of TAP, and summaries in the form of our last line.
count() {
	awk '
		/^ok .*# skip/ { skipped++; next }
		/^ok( |$)/ { passed++ }
		/^not ok( |$)/ { failed++ }
		/^[0-9]+ passed, [0-9]+ failed/ { passed += $1; failed += $3; skipped += $5 }
		END { print passed + 0, failed + 0, skipped + 0 }'
}

# part NAME COMMAND [ARG]...: runs a part of the tests and sets $p, $f and $s to what it counts. To
# end badly without a failed test, or without any test, is a failure as well.
part() {
	name=$1
	shift
	printf '\n== %s\n' "$name"
	{
		status=0
		"$@" </dev/null 2>&1 || status=$?
		echo "$status" >"$results/status"
	} | tee "$results/output"
	status=$(cat "$results/status")
	count <"$results/output" >"$results/counts"
	read -r p f s <"$results/counts"
	if [ $((p + f + s)) -eq 0 ]; then
		echo "run.sh: no test ran ($name)"
		f=1
	elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "run.sh: ended with status $status although no test failed ($name)"
		f=1
	fi
}

add() {
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# The .bats files to run, given as arguments or all; the slow ones only if they are wanted.
choose_files() {
	[ $# -gt 0 ] || set -- "$root"/tests/*.bats
	files=
	for file in "$@"; do
		file=${file##*/}
		case " $slow_files ,${SBX_TEST_SLOW:-1}" in
		*" $file "*,0) ;;
		*) files="$files tests/$file" ;;
		esac
	done
}

# Each program is one test in the sum, although it may make a million comparisons.
run_units() {
	for program in "$SBX_TEST_PROGRAMS"/unit-*; do
		[ -x "$program" ] || continue
		part "${program##*/}" "$program"
		add $((f == 0)) $((f > 0)) 0
	done
}

# shellcheck disable=SC2086 # a list of words
run_bats() {
	choose_files "$@"
	cd "$root"
	[ -n "$files" ] || return 0
	part "as $(id -un)" bats --tap $files
	add "$p" "$f" "$s"
}

# The tree may be below a directory that the ordinary user can't enter: a copy serves always.
# It is below /tmp, not $TMPDIR, because everybody may enter that.
# shellcheck disable=SC2086 # a list of words
run_bats_as_nobody() {
	SBX_TEST_SLOW=0
	choose_files "$@"
	[ -n "$files" ] || return 0
	copy=$tmp/sbx
	mkdir -p "$copy/build" "$tmp/home" "$tmp/tmp"
	(cd "$root" && tar -cf - --exclude=./.git --exclude='./build*' .) | tar -xf - -C "$copy"
	for directory in bin share tests; do
		[ ! -e "$build/$directory" ] || cp -RP "$build/$directory" "$copy/build"
	done
	chmod -R a+rX "$copy"
	chmod 755 "$tmp"
	chown "$nobody:$nobody" "$tmp/home" "$tmp/tmp"
	cd "$copy"
	part "as user $nobody" \
		setpriv --reuid="$nobody" --regid="$nobody" --clear-groups \
		env --default-signal=INT,QUIT HOME="$tmp/home" TMPDIR="$tmp/tmp" USER=nobody LOGNAME=nobody \
		PATH="$copy/build/bin:$path" SBX_BIN_DIR="$copy/build/bin" \
		SBX_TEST_PROGRAMS="$copy/build/tests" bats --tap $files
	add "$p" "$f" "$s"
}

# Neither the make that calls nor the settings of the user take part.
clean_environment() {
	unset BUILD CC CFLAGS LDFLAGS STATIC MAKEFLAGS MFLAGS MAKEOVERRIDES GNUMAKEFLAGS MAKELEVEL
	unset SBX SBX_ACTIVE XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME
	unset XDG_CONFIG_DIRS XDG_DATA_DIRS XDG_RUNTIME_DIR
	# The shims of version managers are scripts that run whatever they find first.
	path=$(printf '%s' "$PATH" | tr ':' '\n' | grep -v '/shims/*$' | paste -s -d ':' -)
	SBX_BIN_DIR=$build/bin
	SBX_TEST_PROGRAMS=$build/tests
	PATH=$SBX_BIN_DIR:$path
	export PATH SBX_BIN_DIR SBX_TEST_PROGRAMS
}

# Side by side with root's, printed when it is complete. Shells start what runs beside them without
# the signals of the keyboard, which tests send.
start_nobody() {
	mkdir "$tmp/nobody"
	results=$tmp/nobody
	run_bats_as_nobody "$@" >"$tmp/nobody/log"
	echo "$passed $failed $skipped" >"$tmp/nobody/sum"
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
build=${BUILD:-$root/build}
build=$(CDPATH='' cd -- "$build" && pwd -P)
"$root/tests/install-tools.sh" check
passed=0 failed=0 skipped=0
tmp=$(mktemp -d /tmp/sbx-tests.XXXXXX)
results=$tmp
beside=
trap '[ -z "$beside" ] || kill "$beside" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
clean_environment

[ $# -gt 0 ] || run_units
if [ "$(id -u)" -eq 0 ] && [ "$(uname -s)" = Linux ]; then
	(passed=0 failed=0 skipped=0 start_nobody "$@") &
	beside=$!
fi
run_bats "$@"
if [ "$beside" ]; then
	wait "$beside" || failed=$((failed + 1))
	beside=
	cat "$tmp/nobody/log"
	read -r p f s <"$tmp/nobody/sum"
	add "$p" "$f" "$s"
fi

echo
if [ "${SBX_MUST_ENFORCE:-}" = 1 ] && [ "$skipped" -gt 0 ]; then
	echo "run.sh: $skipped skipped tests count as failed: here everything must be enforced"
	failed=$((failed + skipped)) skipped=0
fi
if [ $((passed + failed + skipped)) -eq 0 ]; then
	echo "run.sh: no test ran"
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
