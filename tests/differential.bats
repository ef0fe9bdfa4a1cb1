# Real enforcement against an independent evaluation of the same rules.
# SBX_TEST_SEED and SBX_TEST_PROFILES repeat or extend it.

load helper

compare() {
	run "$PYTHON" "$BATS_TEST_DIRNAME/differential.py" "$1" "$SBX_TEST_PROGRAMS/probe" "$2" "$3"
	echo "$output"
}

@test "random profiles are enforced as their rules say" {
	compare "$SBX_BIN_DIR/sbx" "${SBX_TEST_PROFILES:-60}" "${SBX_TEST_SEED:-1}"
	[ "$status" -eq 0 ]
}

@test "the comparison notices a sandbox that allows too much" {
	printf '#!/bin/sh\nshift 3\nexec "$@"\n' >lax
	chmod +x lax
	compare "$PWD/lax" 5 1
	[ "$status" -eq 1 ]
	[[ $output == *ESCAPE* ]]
	[[ $output != *blocked* ]]
}

@test "the comparison notices a sandbox that allows too little" {
	printf '#!/bin/sh\nshift 3\nexec sbx -q -e "(allow process-exec*)" "$@"\n' >strict
	chmod +x strict
	compare "$PWD/strict" 5 1
	[ "$status" -eq 1 ]
	[[ $output == *blocked* ]]
	[[ $output != *ESCAPE* ]]
}

@test "a file moves between directories whose rights come from several rules" {
	mkdir -p a/b c
	echo text >a/b/file
	control sbx -q --allow-file-read="$PWD" \
		-e "(allow file-write-unlink (subpath \"$PWD/a\"))" \
		-e "(allow file-write-create file-write-data (subpath \"$PWD/a/b\"))" \
		-e "(allow file-write-create file-write-data file-write-unlink (subpath \"$PWD/c\"))" \
		"$SBX_TEST_PROGRAMS/probe" rename a/b/file c/file
	[ -e c/file ]
}
