#!/bin/sh
# Replays what is in tests/fuzz/corpus, then looks for more, with each libFuzzer target in $BUILD/fuzz
# (make fuzz builds them). The last line is a sum: a target passes when it finds nothing.
#
# usage: [BUILD=build] [FUZZ_SECONDS=60] tests/fuzz/run.sh [TARGET]...
#
# What is found stays in $BUILD/fuzz/findings; $BUILD/fuzz/corpus grows from run to run. Inputs that
# take more than 10 s or 1 GiB are findings. FUZZ_SECONDS=0 replays only.
set -eu

# Every word that the source compares with something: operations, filters, forms, modifiers.
make_dictionary() {
	grep -ohE '"[^" ]+"' "$root"/src/policy/*.def "$root"/src/profile/*.c "$root"/src/scheme/*.c |
		grep -E '^"[a-zA-Z=<>+*/-][]a-zA-Z0-9*?!<>=/+:-]*"$' | sort -u
	printf '"%s"\n' ';; kind: ' ';; tolerates: ' 'restrict' 'grant' '(version 1)' ',@' '#\"' \
		'--- allow ' '--- deny ' '--- preset' '--- expr' '--- param ' '\x0a--- ' '\\x41'
}

# Seeds come from the corpus, from the presets and from the golden decisions.
gather_seeds() {
	mkdir -p "$fuzz/corpus/$1" "$tmp/seeds/$1"
	cp "$root/tests/fuzz/corpus/$1"/* "$tmp/seeds/$1"
	[ "$1" != compose ] || return 0
	cp "$root"/presets/*.sb "$tmp/seeds/$1"
	cut -f 1 "$root"/tests/golden/*.tsv | sort -u | split -a 3 -l 1 - "$tmp/seeds/$1/golden-"
}

fuzz_target() {
	gather_seeds "$1"
	set -- "$1" -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=512 -print_final_stats=1 \
		-verbosity=1 -artifact_prefix="$findings/$1-" -dict="$tmp/dictionary"
	target=$1
	shift
	echo "== fuzz-$target: replay"
	"$fuzz/fuzz-$target" "$@" -runs=0 "$tmp/seeds/$target" || return 1
	[ "$seconds" -gt 0 ] || return 0
	echo "== fuzz-$target: $seconds seconds"
	"$fuzz/fuzz-$target" "$@" -max_total_time="$seconds" -max_len=4096 -reload=0 \
		"$fuzz/corpus/$target" "$tmp/seeds/$target"
}

# What a run prints is only of interest when it fails.
summarize() {
	if [ "$1" -eq 0 ]; then
		grep -E '^== |^Done|exec/s:.*(DONE|INITED)|^stat::(number_of_exec|slowest|peak_rss)' "$2"
	else
		cat "$2"
	fi
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
fuzz=${BUILD:-$root/build}/fuzz
findings=$fuzz/findings
seconds=${FUZZ_SECONDS:-60}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The arena is never freed while sbx runs, and what C libraries keep is theirs.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0:quarantine_size_mb=16"
export UBSAN_OPTIONS=print_stacktrace=1
[ $# -gt 0 ] || set -- reader evaluator compose
mkdir -p "$findings"
make_dictionary >"$tmp/dictionary"
passed=0 failed=0
for target in "$@"; do
	status=0
	fuzz_target "$target" >"$tmp/log" 2>&1 || status=$?
	summarize "$status" "$tmp/log"
	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "run.sh: fuzz-$target found something: the input is in $findings"
	fi
done
echo
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
