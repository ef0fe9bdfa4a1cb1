#!/bin/sh
# Shows in a minute what sbx is for: a build that phones home is built without and with the
# network, and a stray write outside the project is stopped. Any deviation is an error.
#
# usage: [BUILD=build] [CC=cc] tests/demo/run.sh
# Writes only below a private temporary directory, which it removes. Needs a C compiler and make.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH='' cd -- "${BUILD:-$here/../../build}" 2>/dev/null && pwd) || {
	echo "demo: no build directory: run make first" >&2
	exit 1
}
tmp=
listener=
step=0

fail() {
	if [ "$step" -eq 0 ]; then
		printf 'demo: cannot start: %s\n' "$1" >&2
	else
		printf 'demo: step %s failed: %s\n' "$step" "$1" >&2
	fi
	exit 1
}

clean_up() {
	trap - EXIT
	if [ -n "$listener" ]; then
		kill "$listener" 2>/dev/null || :
		wait "$listener" 2>/dev/null || :
	fi
	cd /
	[ -z "$tmp" ] || rm -rf "$tmp"
}

# Cleans up, then dies by the signal, so that the caller sees what happened.
die_by() {
	clean_up
	trap - "$1"
	kill -s "$1" "$$"
}

step() {
	step=$((step + 1))
	printf '\n%s. %s\n' "$step" "$1"
}

# Shows the command as it would be typed, then what it printed. Its status is in $status.
run() {
	printf '   $ %s\n' "$1"
	status=0
	sh -c "$1" >"$tmp/output" 2>&1 </dev/null || status=$?
	sed 's/^/     /' "$tmp/output"
}

works() {
	run "$1"
	[ "$status" -eq 0 ] || fail "'$1' ended with status $status"
}

# From 125 on it isn't the command that failed but sbx that couldn't run it.
refused() {
	run "$1"
	[ "$status" -ne 0 ] || fail "'$1' should have been refused"
	[ "$status" -lt 125 ] || fail "'$1' could not be run (status $status)"
}

printed() {
	grep -q "$1" "$tmp/output" || fail "expected to read '$1' in the output of the last command"
}

connections() {
	grep -c '^connection ' "$tmp/listener.output" || :
}

counted() {
	heard=$(connections)
	[ "$heard" -eq "$1" ] || fail "the listener counted $heard connections, expected $1"
	printf '   (listener: %s so far)\n' "$1"
}

# The listener reads from a pipe that only this script holds open: it ends when the script does.
start_listener() {
	# shellcheck disable=SC2086 # CC may carry options
	$CC -std=c11 -o "$tmp/listener" "$here/listener.c" || fail "cannot compile the listener"
	mkfifo "$tmp/hold"
	: >"$tmp/listener.output"
	"$tmp/listener" <"$tmp/hold" >>"$tmp/listener.output" &
	listener=$!
	exec 3>"$tmp/hold"
	until grep -q '^port ' "$tmp/listener.output"; do
		kill -0 "$listener" 2>/dev/null || fail "the listener did not start"
		sleep 1
	done
	PORT=$(sed -n 's/^port //p' "$tmp/listener.output")
	export PORT
}

stop_listener() {
	exec 3>&-
	wait "$listener" || fail "the listener ended with status $?"
	listener=
	grep -qx "connections: $1" "$tmp/listener.output" ||
		fail "expected $1 connections in all, the listener had: $(tail -n 1 "$tmp/listener.output")"
}

prepare() {
	trap clean_up EXIT
	trap 'die_by INT' INT
	trap 'die_by TERM' TERM
	trap 'die_by HUP' HUP
	for command in sbx-net-off sbx-write-cwd; do
		[ -x "$build/bin/$command" ] || fail "no $build/bin/$command: run make first"
	done
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/sbx-demo.XXXXXX")
	tmp=$(cd "$tmp" && pwd -P)
	mkdir "$tmp/tmp" "$tmp/outside"
	cp -R "$here/project" "$tmp/project"
	cd "$tmp/project"

	# Neither the make that called us nor the user's settings take part.
	unset MAKEFLAGS MFLAGS MAKEOVERRIDES GNUMAKEFLAGS MAKELEVEL CFLAGS LDFLAGS SBX
	CC=${CC:-cc}
	TMPDIR=$tmp/tmp
	PATH=$build/bin:$PATH
	export CC TMPDIR PATH
	make -s clean
}

prepare
start_listener
printf 'The project: a calculator, %s lines of C. Building it also calls 127.0.0.1, port %s.\n' \
	"$(cat ./*.[ch] | wc -l | tr -d ' ')" "$PORT"

step 'Built as usual, it reaches the network.'
works 'make'
printed '^phone-home: network reached$'
counted 1
works "./calc '6 * 7'"
printed '^42$'

step 'With sbx-net-off in front it builds the same, but reaches nobody.'
works 'cp calc ../calc-built-as-usual'
works 'make clean'
works 'sbx-net-off make'
printed '^phone-home: network refused: '
counted 1
works "./calc '6 * 7'"
printed '^42$'
works 'cmp calc ../calc-built-as-usual'
works './phone-home # outside again: the listener was there all along'
printed '^phone-home: network reached$'
counted 2

step 'With sbx-write-cwd in front nothing is written outside the project.'
works "sh -c 'echo x > ../outside/file'"
works 'rm ../outside/file'
refused "sbx-write-cwd sh -c 'echo x > ../outside/file'"
[ ! -e ../outside/file ] || fail "../outside/file was written"
works "sbx-write-cwd sh -c 'echo x > file'"
[ "$(cat file)" = x ] || fail "./file was not written"
works 'sbx-write-cwd make check'

stop_listener 2
printf '\ndemo: passed: network refused, stray write refused, everything else as without sbx\n'
