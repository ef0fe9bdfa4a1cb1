#!/bin/sh
# Checks how the tree is written: every check runs, and tells where something is wrong and what to do.
#
# usage: tests/lint.sh
set -eu

# Functions of more than 60 lines, as "FILE NAME REASON".
long_functions=''

# check ADVICE COMMAND...: what the command prints is wrong, and so is its failure.
check() {
	advice=$1
	shift
	status=0
	found=$("$@" 2>&1) || status=$?
	if [ -n "$found" ] || [ "$status" -ne 0 ]; then
		printf '%s\nlint.sh: %s: %s\n\n' "$found" "$1" "$advice"
		failed=$((failed + 1))
	fi
}

# find_files TEST...: in the tree, without what is built.
find_files() {
	find . \( -name .git -o -path ./build -o -path './build-*' \) -prune -o -type f "$@"
}

# The first difference in each file is enough.
formatting() {
	find src tests -name '*.[ch]' | sort | while read -r file; do
		line=$(clang-format "$file" | diff "$file" - | sed -n '1s/[^0-9].*//p')
		[ -z "$line" ] || echo "$file:$line: not formatted"
	done
}

shell_scripts() {
	find_files \( -name '*.sh' -o -path ./.ci/run \) -exec shellcheck -x -f gcc {} +
	find_files -name '*.bash' ! -name helper.bash -exec shellcheck -x -f gcc -s bash {} +
}

# bats runs each test in a subshell, in which what it sets may be lost (SC2030, SC2031). Many a
# variable is for the shell in the sandbox to expand (SC2016).
bats_files() {
	shellcheck -x -f gcc -s bats -e SC2016,SC2030,SC2031 tests/helper.bash tests/enforce.bash tests/*.bats
}

# Without _Noreturn, which cppcheck 2.10 doesn't know, a call of die() would seem to return.
c_sources() {
	cppcheck --enable=warning,portability,performance --error-exitcode=1 --inline-suppr -q \
		--std=c11 -D__linux__ -D__x86_64__ '-D_Noreturn=__attribute__((noreturn))' -Isrc src
}

layers() {
	find src -name '*.[ch]' -exec awk '
		BEGIN {
			may["scheme"] = may["policy"] = "base"
			may["profile"] = "base scheme policy"
			may["enforce"] = "base policy"
			may["cli"] = "base scheme policy profile enforce"
		}
		/^[ \t]*#[ \t]*include[ \t]*"[^"]*\// {
			split(FILENAME, path, "/")
			split($0, quoted, "\"")
			split(quoted[2], target, "/")
			layer = path[2]
			if (target[1] != layer && !index(" " may[layer] " ", " " target[1] " "))
				print FILENAME ":" FNR ": " layer " includes " target[1]
		}' {} +
}

file_lengths() {
	find src -name '*.[ch]' -exec awk '
		FNR == 501 { print FILENAME ":501: more than 500 lines" }' {} +
}

function_lengths() {
	find src -name '*.c' -exec awk -v allowed="$long_functions" '
		function body_ended(length_of_body) {
			if (length_of_body > 60 && !index("\n" allowed, "\n" FILENAME " " name " "))
				print FILENAME ":" line ": " name " has " length_of_body " lines"
		}
		/^[A-Za-z_].*\(/ {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[^A-Za-z0-9_]/, "", name)
			line = FNR
		}
		/^{/ { start = FNR }
		/^}/ && start { body_ended(FNR - start - 1); start = 0 }' {} +
}

# In the middle of a test bats does not see that such a line failed.
negations() {
	grep -nE '^[[:space:]]*![[:space:]]' /dev/null tests/*.bats || :
}

loose_ends() {
	find_files -exec grep -nwIE 'TO[D]O|FIX[M]E|X[X]X' /dev/null {} + | sed 's|^\./||'
}

cd "$(dirname "$0")/.."
tests/install-tools.sh lint
failed=0
check 'run clang-format -i on these files' formatting
check 'correct them, or disable a warning in place with the reason' shell_scripts
check 'correct them, or disable a warning in place with the reason' bats_files
check 'correct them, or suppress a false warning in place: // cppcheck-suppress ID' c_sources
check 'includes point left only (base, scheme, policy, profile, enforce, cli): move the code' layers
check 'split the file in two that have one purpose each' file_lengths
check 'split the function, or list it in tests/lint.sh with the reason' function_lengths
check "write 'run ! command' or 'refused command'" negations
check 'do it now, or file an issue' loose_ends
[ "$failed" -eq 0 ] || {
	echo "lint.sh: $failed checks failed"
	exit 1
}
