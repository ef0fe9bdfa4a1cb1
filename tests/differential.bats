# What calls on files do in a sandbox, against what the rules say: see differential.py.
# SBX_TEST_SEED and SBX_TEST_CALLS repeat or extend it: 10000000 calls take an hour or two.

load helper

# compare SANDBOX-EXEC CALLS SEED
compare() {
	run "$PYTHON" "$BATS_TEST_DIRNAME/differential.py" "$1" "$SBX_BIN_DIR/sbxctl" \
		"$SBX_TEST_PROGRAMS" "$2" "$3"
	echo "$output"
}

# Something that says it is sandbox-exec: fake NAME COMMAND...
fake() {
	printf '#!/bin/sh\nshift 2\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

@test "calls on files are answered as random profiles say" {
	local calls=60000
	is_root || calls=40000
	compare "$SBX_BIN_DIR/sandbox-exec" "${SBX_TEST_CALLS:-$calls}" "${SBX_TEST_SEED:-1}"
	[ "$status" -eq 0 ]
	# With time limits in mind: how fast it was.
	echo "# $(grep '^seed' <<<"$output")" >&3
}

@test "the comparison notices a sandbox that allows too much" {
	fake lax 'exec "$@"'
	compare "$PWD/lax" 2400 1
	[ "$status" -eq 1 ]
	[[ $output == *ESCAPE* ]]
	[[ $output != *blocked* ]]
}

@test "the comparison notices a sandbox that allows too little" {
	fake strict 'exec sandbox-exec -p "(version 1)(allow default)(deny file-write*)" "$@"'
	compare "$PWD/strict" 2400 1
	[ "$status" -eq 1 ]
	[[ $output == *blocked* ]]
}

@test "the comparison notices a sandbox that refuses to run" {
	fake refusing 'exit 125'
	compare "$PWD/refusing" 1200 1
	[ "$status" -eq 1 ]
	[[ $output == *'too many profiles are refused'* ]]
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
