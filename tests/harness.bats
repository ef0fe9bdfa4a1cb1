# The tests of the tests: a harness that lets a failure pass would make all the others worthless.

load helper

setup() {
	sbx_setup
	unset SBX_MUST_ENFORCE SBX_TEST_SLOW
	mkdir -p tree/tests tree/build/bin tree/build/tests tree/src/base tree/src/cli
	cp "$BATS_TEST_DIRNAME/run.sh" "$BATS_TEST_DIRNAME/lint.sh" tree/tests
	printf '#!/bin/sh\n' >tree/tests/install-tools.sh
	chmod +x tree/tests/install-tools.sh
}

# A .bats file in the tree, from stdin. Its tests begin with "a_test": bats would take those that
# begin as usual for ours.
suite() {
	sed 's/a_test/@test/' >"tree/tests/$1"
}

# The tree's run.sh, with the PATH that our own was called with: bats puts its inner parts in front.
run_sh() {
	PATH=${PATH#*/bats-core:} tree/tests/run.sh "$@"
}

# As an ordinary user the tests run once, as root twice.
last_line_is() {
	local times=1 line=${lines[${#lines[@]} - 1]}
	if is_root; then times=2; fi
	[ "$line" = "$(($1 * times)) passed, $(($2 * times)) failed, $(($3 * times)) skipped" ] || {
		echo "$output"
		return 1
	}
}

@test "each test has a fresh HOME, configuration and current directory" {
	case $HOME,$XDG_CONFIG_HOME,$XDG_STATE_HOME,$PWD in
	"$BATS_TEST_TMPDIR/"*,"$HOME/"*,"$HOME/"*,"$BATS_TEST_TMPDIR/work") ;;
	*) false ;;
	esac
	[ "$PWD" = "$(pwd -P)" ]
	[ -z "${TMPDIR+set}${XDG_RUNTIME_DIR+set}${SBX+set}${SBX_ACTIVE+set}" ]
	[ -d "$XDG_CONFIG_HOME" ]
	[ -d "$XDG_STATE_HOME" ]
	[ "${PATH%%:*}" = "$SBX_BIN_DIR" ]
}

@test "refused: the command failed by itself" {
	refused false
	refused sh -c 'exit 13'
	refused sh -c 'exit 126'
	refused sh -c 'exit 255'
}

@test "refused: a success, a failure of sbx, a sanitizer's report and a signal are no denials" {
	local command
	for command in true 'exit 99' 'exit 125' 'kill $$' 'kill -KILL $$' 'kill -SYS $$'; do
		echo "$command"
		run -1 refused sh -c "$command"
		grep 'refused\|no denial' <<<"$output"
	done
}

@test "control fails, showing the output, unless the command succeeds" {
	control true
	run -1 control sh -c 'echo broken pipe dream; exit 3'
	grep 'broken pipe dream' <<<"$output"
	grep 'status: 3' <<<"$output"
}

@test "sbx_failed wants status 125 and a message" {
	sbx_failed sh -c 'echo sbx: no such preset >&2; exit 125'
	run -1 sbx_failed sh -c 'echo sbx: no such preset >&2; exit 1'
	run -1 sbx_failed sh -c 'echo no such preset; exit 125'
	run -1 sbx_failed true
}

@test "a denial that is none and a failed control fail the test, in its middle too" {
	cp "$BATS_TEST_DIRNAME/helper.bash" tree/tests
	suite a.bats <<-'END'
		load helper
		a_test "not found" { refused no-such-command-anywhere; true; }
		a_test "sbx failed" { refused sh -c 'exit 125'; true; }
		a_test "control" { control false; true; }
		a_test "listener" { tcp_listener; logged 1; true; }
		a_test "fine" { control true; refused false; }
	END
	run -1 run_sh a.bats
	last_line_is 1 4 0
}

@test "skip_or_fail fails where everything must be enforced" {
	SBX_MUST_ENFORCE=1 run -1 skip_or_fail 'no Landlock'
	grep 'no Landlock' <<<"$output"
	run -0 skip_or_fail 'no Landlock'
}

@test "tcp_listener counts connections, those that say nothing too" {
	tcp_listener
	logged 0
	control bash -c 'echo hello >"/dev/tcp/127.0.0.1/$0"' "$PORT"
	control bash -c '>"/dev/tcp/127.0.0.1/$0"' "$PORT"
	logged 2
	run -1 logged 0
	control curl -sS "http://127.0.0.1:$PORT/"
	[ "$output" = hello ]
	logged 3
	grep hello "$LOG"
}

@test "udp_listener counts datagrams" {
	udp_listener
	control bash -c 'printf hello >"/dev/udp/127.0.0.1/$0"' "$PORT"
	logged 1
}

@test "unix_listener counts on stream, datagram and abstract sockets" {
	local kind path
	local program='import socket, sys
s = socket.socket(socket.AF_UNIX, getattr(socket, "SOCK_" + sys.argv[1].upper()))
s.connect(sys.argv[2].replace("@", "\0"))
s.send(b"hello")'
	for kind in stream dgram; do
		for path in "$PWD/$kind" "@sbx-test-$kind-$$"; do
			unix_listener "$path" "$kind"
			[ "$SOCKET" = "$path" ]
			logged 0
			control "$PYTHON" -c "$program" "$kind" "$SOCKET"
			control "$PYTHON" -c "$program" "$kind" "$SOCKET"
			logged 2
		done
	done
}

@test "a listener that cannot start fails the test" {
	run -1 unix_listener "$PWD/missing/socket"
	grep 'did not start' <<<"$output"
}

@test "the teardown stops every listener" {
	tcp_listener
	local first=$PORT
	tcp_listener
	sbx_teardown
	run ! bash -c '>"/dev/tcp/127.0.0.1/$0"' "$first"
	run ! bash -c '>"/dev/tcp/127.0.0.1/$0"' "$PORT"
}

@test "run.sh adds up what passed, failed and was skipped" {
	suite a.bats <<-'END'
		a_test "works" { true; }
		a_test "works too" { true; }
		a_test "fails" { false; }
		a_test "depends" { skip "no Landlock"; }
	END
	run -1 run_sh
	last_line_is 2 1 1
}

@test "run.sh succeeds when nothing failed" {
	suite a.bats <<<'a_test "works" { true; }'
	suite b.bats <<<'a_test "depends" { skip "no Landlock"; }'
	run -0 run_sh
	last_line_is 1 0 1
	SBX_MUST_ENFORCE=1 run -1 run_sh
	last_line_is 1 1 0
}

@test "run.sh runs the files that it is told to" {
	suite a.bats <<<'a_test "works" { true; }'
	suite b.bats <<<'a_test "fails" { false; }'
	run -0 run_sh a.bats
	last_line_is 1 0 0
	run -1 run_sh tests/missing.bats
}

@test "run.sh: no test, a file that can't be read and a broken setup are failures" {
	run -1 run_sh
	grep 'no test ran' <<<"$output"
	suite a.bats <<<'a_test "unfinished" {'
	run -1 run_sh
	suite a.bats <<-'END'
		setup_file() { false; }
		a_test "works" { true; }
	END
	run -1 run_sh
}

@test "run.sh leaves out the slow files when told to" {
	suite a.bats <<<'a_test "works" { true; }'
	suite lua.bats <<<'a_test "slow" { true; }'
	SBX_TEST_SLOW=0 run -0 run_sh
	last_line_is 1 0 0
	run -0 run_sh lua.bats
	[ "${lines[${#lines[@]} - 1]}" = '1 passed, 0 failed, 0 skipped' ]
}

@test "run.sh runs the unit programs, and believes their status" {
	suite a.bats <<<'a_test "works" { true; }'
	printf '#!/bin/sh\necho 5000000 passed, 0 failed\n' >tree/build/tests/unit-a
	printf '#!/bin/sh\necho ok 1; echo ok 2\n' >tree/build/tests/unit-b
	chmod +x tree/build/tests/unit-*
	run -0 run_sh
	grep -E '^[34] passed, 0 failed, 0 skipped$' <<<"$output"

	printf 'exit 1\n' >>tree/build/tests/unit-b
	run -1 run_sh
	grep -E '^[23] passed, 1 failed, 0 skipped$' <<<"$output"
	printf '#!/bin/sh\nexit 0\n' >tree/build/tests/unit-b
	run -1 run_sh
	grep 'no test ran (unit-b)' <<<"$output"
	printf '#!/bin/sh\necho 5 passed, 2 failed\n' >tree/build/tests/unit-b
	run -1 run_sh
	grep -E '^[23] passed, 1 failed, 0 skipped$' <<<"$output"
}

@test "run.sh runs the tests in a fresh environment, by root also as an ordinary user" {
	export XDG_CACHE_HOME=/somewhere XDG_RUNTIME_DIR=/somewhere CFLAGS=-O9 MAKEFLAGS=-n
	chmod 700 tree
	mkdir tree/build/share
	suite a.bats <<-'END'
		a_test "environment" {
			id -u >&3
			[ -z "${XDG_CACHE_HOME-}${XDG_RUNTIME_DIR-}${CFLAGS-}${MAKEFLAGS-}" ]
			[ -d "$SBX_BIN_DIR" ]
			[ -d "$SBX_BIN_DIR/../share" ]
			[ -d "$SBX_TEST_PROGRAMS" ]
			[ -r tests/a.bats ]
			touch "$HOME/file"
		}
	END
	run -0 run_sh
	grep -x "$(id -u)" <<<"$output"
	grep -x 65534 <<<"$output"
	last_line_is 1 0 0
}

# lint.sh with tools that find nothing.
lint() {
	mkdir -p fake
	printf '#!/bin/sh\ncat "$@"\n' >fake/clang-format
	printf '#!/bin/sh\n' | tee fake/cppcheck >fake/shellcheck
	chmod +x fake/*
	PATH=$PWD/fake:$PATH tree/tests/lint.sh
}

@test "lint.sh passes a clean tree" {
	suite a.bats <<<'a_test "works" { run ! false; }'
	echo '#include "base/a.h"' >tree/src/cli/a.c
	run -0 lint
	[ -z "$output" ]
}

@test "lint.sh finds what each of its own checks is for, and says where" {
	local body
	body=$(printf '\t;%.0s\n' {1..61})
	printf '@test "no denial" {\n\t%s true\n}\n' '!' >tree/tests/a.bats
	echo '#include "cli/a.h"' >tree/src/base/a.c
	printf '\n%.0s' {1..501} >tree/src/base/b.c
	printf 'static int fits(void)\n{\n%s\n}\n' "${body#*;?}" >tree/src/base/c.c
	printf 'int main(\n\tvoid)\n{\n%s\n}\n' "$body" >>tree/src/base/c.c
	echo '// TO''DO: later' >tree/src/base/d.h
	run -1 lint
	echo "$output"
	grep -x 'tests/a.bats:2:.*' <<<"$output"
	grep -x 'src/base/a.c:1: base includes cli' <<<"$output"
	grep -x 'src/base/b.c:501: more than 500 lines' <<<"$output"
	grep -x 'src/base/c.c:64: main has 61 lines' <<<"$output"
	grep -x 'src/base/d.h:1:.*' <<<"$output"
	[ "${lines[${#lines[@]} - 1]}" = 'lint.sh: 5 checks failed' ]
	run ! grep fits <<<"$output"
}
