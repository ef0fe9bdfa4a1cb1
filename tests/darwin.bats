# The macOS back end, whole, on Linux: sbx's own sandbox-exec stands where macOS has Apple's.

load helper

# SANDBOX_EXEC is a place that tests may put something else into.
setup_file() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	export SANDBOX_EXEC=$BATS_FILE_TMPDIR/stand-in/sandbox-exec
	export DARWIN=$BATS_FILE_TMPDIR/build/bin
	make -s -j2 -C "$root" BACKEND=darwin SANDBOX_EXEC="$SANDBOX_EXEC" CFLAGS=-O0 \
		BUILD="$BATS_FILE_TMPDIR/build"
	[ ! -e "$DARWIN/sandbox-exec" ]
	mkdir "$BATS_FILE_TMPDIR/stand-in"
}

setup() {
	sbx_setup
	ln -sf "$SBX_BIN_DIR/sandbox-exec" "$SANDBOX_EXEC"
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	PATH=$DARWIN:/usr/local/bin:/usr/bin:/bin
	echo secret >"$BATS_TEST_TMPDIR/secret"
}

# Puts a program in sandbox-exec's place that writes its words, each ended by a NUL, to ./words.
record() {
	rm "$SANDBOX_EXEC"
	printf '#!/bin/sh\nprintf "%%s\\0" "$@" >"%s"\n' "$PWD/words" >"$SANDBOX_EXEC"
	chmod +x "$SANDBOX_EXEC"
}

# word N: the Nth recorded word.
word() {
	tr '\n\0' '\1\n' <words | sed -n "$1p" | tr '\1' '\n'
}

# denied PRESET COMMAND...: works outside, is refused inside, by the command and not by sandbox-exec.
denied() {
	control "${@:2}"
	refused sbx -q -p "$@"
	[ "$status" -ne 71 ] || explain 'sandbox-exec refused it: that is no denial'
}

connect='import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()'

@test "no-network and no-internet: commands run, connections fail" {
	local preset
	tcp_listener
	for preset in no-network no-internet; do
		run -0 sbx -p "$preset" sh -c 'echo x >file; cat file'
		[ "$output" = x ]
		denied "$preset" "$PYTHON" -I -S -c "$connect" "$PORT"
	done
	logged 2 # the controls
}

@test "no-write: commands run, writing fails" {
	run -0 sbx -p no-write sh -c 'echo x >/dev/null; ls /'
	denied no-write touch file
	rm file
	refused sbx -q -p no-write touch file
	[ ! -e file ]
}

@test "no-write-except-temporary: temporary files are written, others not" {
	mkdir tmp
	export TMPDIR=$PWD/tmp
	# The profile names /tmp, below which these tests stand.
	cd /
	run -0 sbx -q -p no-write-except-temporary sh -c 'echo x >"$TMPDIR/file"'
	[ -e "$TMPDIR/file" ]
	refused sbx -q -p no-write-except-temporary mkdir "/sbx-test-$$"
	[ ! -e "/sbx-test-$$" ]
}

@test "write-cwd-only: the directory is written, others not, or sandbox-exec says why" {
	run sbx -q -p write-cwd-only touch file
	if [ "$status" -eq 71 ]; then
		[[ $output == 'sandbox-exec: sandbox_apply: cannot enforce file-write-mode, '* ]]
		[ ! -e file ]
		# The same where nothing but contents and names is at stake.
		[[ $("$SBX_BIN_DIR/sbx" -n -p write-cwd-only) == *'gap: file-write-mode: '* ]]
		return
	fi
	[ -e file ]
	denied write-cwd-only touch "$BATS_TEST_TMPDIR/stray"
}

@test "pure-computation: computing works, reading doesn't" {
	[ "$(echo 6 7 | sbx -p pure-computation awk '{ print $1 * $2 }')" = 42 ]
	denied pure-computation cat "$BATS_TEST_TMPDIR/secret"
	[[ $output != secret ]]
}

@test "python-eval: Python works, reads here, reads and writes nowhere else" {
	echo here >file
	run -0 sbx -p python-eval "$PYTHON" -c 'import ssl, json; print(6 * 7, open("file").read())'
	[[ $output == '42 here'* ]]
	denied python-eval "$PYTHON" -c 'open("../secret").read()'
	denied python-eval "$PYTHON" -c 'open("new", "w")'
	run -0 sbx -p python-eval "$PYTHON" -c 'import tempfile; tempfile.TemporaryFile().write(b"x")'
}

@test "mcp: a server reads its package, writes its state, and nothing else" {
	mkdir package
	cp "$BATS_TEST_TMPDIR/secret" package/package.json
	echo 'import sys; print(open(sys.argv[1]).read())' >package/server.py
	run -0 sbx -p mcp "$PYTHON" package/server.py package/package.json
	[[ $output == *secret* ]]
	denied mcp "$PYTHON" package/server.py "$BATS_TEST_TMPDIR/secret"
	denied mcp "$PYTHON" -c 'open("new", "w")'
	run -0 sbx -p mcp "$PYTHON" -c 'import os; open(os.environ["SBX_STATE"] + "/file", "w")'
}

@test "audio: a grant alone denies the rest" {
	echo here >file
	run -0 sbx -q -p audio cat file
	[ "$output" = here ]
	denied audio cat "$BATS_TEST_TMPDIR/secret"
}

@test "display dns git-config localhost ssh-agent trustd tty: each grant alone denies the rest" {
	local preset
	echo here >file
	for preset in display dns git-config localhost ssh-agent trustd tty; do
		run -0 sbx -q -p "$preset" cat file
		[ "$output" = here ]
		denied "$preset" cat "$BATS_TEST_TMPDIR/secret"
	done
}

@test "cache-cargo cache-ccache cache-go cache-gradle cache-npm cache-pip: likewise" {
	local preset
	echo here >file
	for preset in cache-cargo cache-ccache cache-go cache-gradle cache-npm cache-pip; do
		run -0 sbx -q -p "$preset" cat file
		[ "$output" = here ]
		denied "$preset" cat "$BATS_TEST_TMPDIR/secret"
	done
}

@test "secrets and workspace: keys are not read, the rest is" {
	local preset
	mkdir "$HOME/.ssh"
	echo key >"$HOME/.ssh/id_ed25519"
	echo key >.env
	echo here >file
	for preset in secrets workspace; do
		run -0 sbx -q -p "$preset" sh -c 'echo here >new; cat file'
		[ "$output" = here ]
		denied "$preset" cat "$HOME/.ssh/id_ed25519"
		denied "$preset" cat .env
	done
}

@test "protect-persistence: files are written, what runs later is not" {
	run -0 sbx -q -p protect-persistence touch file
	denied protect-persistence touch "$HOME/.bashrc"
	denied protect-persistence touch .envrc
}

@test "every preset that is installed has its test here" {
	local preset
	for preset in $(sbxctl list | sed 's/[, ].*//'); do
		grep -q "^@test \"[a-z -]*\\b$preset\\b" "$BATS_TEST_FILENAME" || explain "$preset"
	done
}

@test "an installation for macOS leaves sandbox-exec and its page to macOS" {
	make -s -C "$BATS_TEST_DIRNAME/.." BACKEND=darwin SANDBOX_EXEC="$SANDBOX_EXEC" CFLAGS=-O0 \
		BUILD="${DARWIN%/bin}" DESTDIR="$PWD/root" PREFIX=/usr install
	[ -L root/usr/bin/sbxctl ]
	[ ! -e root/usr/bin/sandbox-exec ]
	[ -e root/usr/share/man/man1/sbx.1 ]
	[ ! -e root/usr/share/man/man1/sandbox-exec.1 ]
}

@test "options, presets and text are one profile; parameters go as -D, canonical" {
	record
	mkdir real
	ln -s real link
	cd link || return
	sbx -p net-off,write-cwd -D "KEY=a 'b' = c" --deny-file-read=. \
		-e '(if (param "KEY") (deny file-read-data (literal (param "CWD"))))' cat -p x
	cd .. || return
	[ "$(word 1)" = -p ]
	word 2 >profile
	head -n 2 profile | diff - <(printf '(version 1)\n(allow default)\n')
	grep -q '^(deny network-outbound network-inbound network-bind' profile
	grep -qF "(deny file-read-data file-read-metadata file-read-xattr (subpath \"$PWD/real\"))" profile
	grep -qF '(if (param "KEY") (deny file-read-data (literal (param "CWD"))))' profile
	tr '\n\0' '\1\n' <words | sed -n '3,/^--$/p' | paste -d' ' - - | sort >parameters
	grep -qxF -- "-D CWD=$PWD/real" parameters
	grep -qxF -- "-D KEY=a 'b' = c" parameters
	[ "$(grep -c -- '^-D CWD=' parameters)" -eq 1 ]
	tr '\n\0' '\1\n' <words | sed -n '/^--$/,$p' | diff - <(printf '%s\n' -- "$(command -v cat)" -p x)
}

@test "what is handed on is what was evaluated: names of files are no part of it, NULs refused" {
	local name=$'a\n(allow default)\n'
	record
	echo '(deny file-write*)' >"$name"
	sbx -f "$name" true
	word 2 >profile
	grep -q '^(deny file-write\*)$' profile
	run ! grep '^(allow default)$' profile
	printf '(deny file-write*)\0(allow file-write*)\n' >nul.sb
	rm words
	run -125 sbx -f nul.sb true
	[ ! -e words ]
}

@test "the text has nothing that sbx alone knows" {
	record
	sbx -p audio,python-eval,no-network -D MARK=1 --allow-file=. --deny-network-all "$PYTHON"
	word 2 >profile
	# Apple's language as far as it is known (version 1), without what sbx adds for itself.
	run ! grep -E '^;;;|<(defaults|options|expr)>' profile
	"$SBX_BIN_DIR/sandbox-exec" -f profile -D CWD=/x -D COMMAND=/x -D PYTHON_PREFIX=/x \
		-D PYTHON_BASE_PREFIX=/x -D PYTHON_LAUNCHER=/x -D PRIVATE_TMPDIR=/x true || [ $? -eq 71 ]
}

@test "-n prints the profile and the command line, and starts nothing" {
	rm "$SANDBOX_EXEC"
	run -0 sbx -n -p no-network -D "A=b c" touch "it's"
	[[ $output == *'(deny network-outbound network-inbound network-bind'* ]]
	[ "${lines[${#lines[@]}-2]}" = "exec: $SANDBOX_EXEC -p \"\$PROFILE\" -D 'A=b c' -- $(command -v touch) 'it'\\''s'" ]
	[ "${lines[${#lines[@]}-1]}" = "gap: default: there is no $SANDBOX_EXEC here" ]
	[ ! -e "it's" ]
}

@test "sbxctl doctor says whether sandbox-exec is there" {
	run -0 sbxctl doctor
	[[ $output == *"Seatbelt: $SANDBOX_EXEC is there"* ]]
	rm "$SANDBOX_EXEC"
	run -1 sbxctl doctor
	[[ $output == *"MISSING  no-network "*"there is no $SANDBOX_EXEC here"* ]]
}

@test "without sandbox-exec nothing is started" {
	rm "$SANDBOX_EXEC"
	sbx_failed sbx -p no-network touch file
	[[ $output == *"there is no $SANDBOX_EXEC here"* ]]
	sbx_failed sbx --best-effort -p no-network touch file
	[ ! -e file ]
}

@test "inside a sandbox of sbx there is no second one, and the message says so" {
	sbx_failed sbx -p no-network sbx -A -p no-write touch file
	[ "$output" = 'sbx: already in a sandbox (SBX_ACTIVE=no-network), and macOS has no sandbox within a sandbox: apply all presets at once, or none here' ]
	SBX_ACTIVE='' run -0 sbx -p no-network true
	[ ! -e file ]
}

@test "nested calls are one sandbox, which macOS can do" {
	control touch file
	refused sbx -p no-network sbx -p no-write touch file2
	[ "$output" = "$(sbx -p no-network,no-write touch file2 2>&1)" ]
	[ "$(sbx -p no-network sbx-no-write printenv SBX_ACTIVE)" = no-network,no-write ]
	[ ! -e file2 ]
}

@test "exit statuses: sbx's own, and the command's" {
	sbx_failed sbx -e '(bogus)' true
	sbx_failed sbx -p no-such-preset true
	run -127 sbx -p no-network no-such-command
	echo x >file
	run -126 sbx -p no-network ./file
	run -126 sbx -A -e '(deny process-exec* (literal (param "COMMAND")))' true
	run -7 sbx -p no-network sh -c 'exit 7'
	run -0 sh -c 'sbx -p no-network sh -c "kill -9 \$\$"; test $? -eq 137'
	run -0 sh -c 'echo $$; exec sbx -p no-network sh -c "echo \$\$"'
	[ "${lines[0]}" = "${lines[1]}" ]
}

@test "the environment and the descriptors are those that sbx gives" {
	SECRET=x run -0 sbx -p no-network,no-write --env-drop=SECRET --env-set=A=b env
	[[ $output == *SBX_ACTIVE=no-network,no-write* ]]
	[[ $output == *A=b* ]]
	[[ $output != *SECRET* ]]
	"$SBX_TEST_PROGRAMS/show-fds" outside 8</dev/null
	sbx -p no-network "$SBX_TEST_PROGRAMS/show-fds" inside 8</dev/null
	grep -q '^8 ' outside
	run ! grep '^8 ' inside
}
