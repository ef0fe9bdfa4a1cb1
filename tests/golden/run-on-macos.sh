#!/bin/bash
# Compares the golden rows with what the sandbox of this Mac decides. Needs macOS and its compiler, no
# root. Prints each row that differs or cannot be asked, and the sums; fails when one differs.
# Rows with several keys, other processes, files of some type or kernel objects cannot be asked by
# their name; they are listed as skipped.
#
# usage: tests/golden/run-on-macos.sh [FILE.tsv]...
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
if [ "$(uname -s)" != Darwin ]; then
	echo "run-on-macos.sh: this is not macOS: there is no Seatbelt to ask" >&2
	exit 2
fi
if ! command -v cc >/dev/null; then
	echo "run-on-macos.sh: there is no compiler: xcode-select --install" >&2
	exit 2
fi

tmp=$(mktemp -d "${TMPDIR:-/tmp}/sbx-golden.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cc -std=c11 -Wall -Wextra -O1 -o "$tmp/macos-probe" "$here/macos-probe.c"
if [ $# -eq 0 ]; then
	presets=$(cd "$here/../../presets" && pwd -P)
	sed "s|@PRESETS@|$presets|g" "$here/presets.tsv" >"$tmp/presets.tsv"
	set -- "$here/order.tsv" "$here/decisions.tsv" "$tmp/presets.tsv"
fi
sw_vers 2>/dev/null || :
"$tmp/macos-probe" "$@"
