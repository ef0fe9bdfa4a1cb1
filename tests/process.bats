# A command in a sandbox is the process that it would be without: the same pid, signals, descriptors,
# arguments and terminal.

# shellcheck disable=SC2086 # $sandbox is a list of options

load helper

# Options of three kinds of sandbox: seccomp alone, Landlock too, and those with a broker, which is
# the command's parent.
WITHOUT_BROKER=('-p no-network')
SANDBOXES=('-p no-network' '-p write-cwd-only' '-p audio --allow-file-read-all')

setup_file() {
	export TOOLS=$BATS_FILE_TMPDIR
	cp "$BATS_TEST_DIRNAME/lib/terminal.py" "$TOOLS"
	write_echo >"$TOOLS/echo.py"
}

setup() {
	sbx_setup
}

teardown() {
	sbx_teardown
}

# Says what it gets: lines, the continuation after a stop, the end.
write_echo() {
	cat <<-'END'
	import signal, sys
	signal.signal(signal.SIGCONT, lambda *_: print("woken", flush=True))
	print("ready", flush=True)
	for line in sys.stdin:
	    print("got", line, end="", flush=True)
	print("finished", flush=True)
	END
}

# Python with the terminal at hand, from stdin; arguments are in sys.argv[1:].
python() {
	PYTHONPATH=$TOOLS TERM=dumb "$PYTHON" - "$@"
}

# same COMMAND...: in each sandbox it prints what it prints without sbx.
same() {
	local sandbox expected actual
	expected=$("$@")
	[ -n "$expected" ]
	for sandbox in "${SANDBOXES[@]}"; do
		actual=$(sbx -q $sandbox "$@")
		[ "$actual" = "$expected" ] || {
			printf 'sbx %s: %s\nnot:\n%s\n' "$sandbox" "$actual" "$expected"
			return 1
		}
	done
}

### The process

@test "exec in place: the command has the pid of sbx, and its parent is the caller" {
	python "${WITHOUT_BROKER[@]}" <<-'END'
	import os, subprocess, sys
	for sandbox in sys.argv[1:]:
	    process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sh", "-c", "echo $$ $PPID"],
	                               stdout=subprocess.PIPE, text=True)
	    output, _ = process.communicate()
	    assert output.split() == [str(process.pid), str(os.getpid())], (sandbox, output, process.pid)
	END
}

@test "with a broker: the caller's child waits, the broker is the command's parent" {
	python '-p audio --allow-file-read-all' <<-'END'
	import os, subprocess, sys
	for sandbox in sys.argv[1:]:
	    process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sh", "-c",
	                                "echo $$ $PPID; cat /proc/$PPID/stat; read line"],
	                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	    command, broker = process.stdout.readline().split()
	    stat = process.stdout.readline()
	    assert "(sbxbroker)" in stat and stat.split()[3] == str(process.pid), stat
	    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
	        assert file.read().split() == [broker]
	    with open(f"/proc/{broker}/task/{broker}/children") as file:
	        assert file.read().split() == [command]
	    assert os.getpgid(int(command)) == os.getpgid(int(broker)) == os.getpgid(process.pid)
	    process.communicate("\n")
	    assert process.returncode == 0
	END
}

@test "no other process below the caller or the command, and one thread" {
	python "${WITHOUT_BROKER[@]}" <<-'END'
	import os, subprocess, sys, time
	def children(pid):
	    with open(f"/proc/{pid}/task/{pid}/children") as file:
	        return [int(word) for word in file.read().split()]
	for sandbox in sys.argv[1:]:
	    process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sleep", "60"])
	    try:
	        end = time.monotonic() + 10
	        while open(f"/proc/{process.pid}/comm").read() != "sleep\n":
	            assert time.monotonic() < end
	            time.sleep(0.01)
	        assert children(os.getpid()) == [process.pid], sandbox
	        assert children(process.pid) == [], sandbox
	        assert os.listdir(f"/proc/{process.pid}/task") == [str(process.pid)], sandbox
	    finally:
	        process.kill()
	        process.wait()
	END
}

@test "nothing of sbx is left when the command has ended, even by SIGKILL" {
	local sandbox number=0 mark pid tries
	for sandbox in "${SANDBOXES[@]}"; do
		number=$((number + 1))
		mark=mark-$$-$number
		echo text >"$mark"
		sbx -q $sandbox tail -f "$mark" >out 3>&- &
		pid=$!
		until [ -s out ]; do sleep 0.05; done
		pgrep -f "$mark"
		kill -KILL "$pid"
		wait "$pid" || [ "$?" -eq 137 ]
		tries=0
		while pgrep -f "$mark"; do
			tries=$((tries + 1))
			[ "$tries" -lt 100 ]
			sleep 0.05
		done
		: >out
	done
}

@test "a pipe from the command ends when the command does" {
	local sandbox
	for sandbox in "${SANDBOXES[@]}"; do
		[ "$(timeout 10 sh -c 'sbx -q $0 echo text 2>&1 3>&1 | cat' "$sandbox")" = text ]
	done
}

@test "exit statuses 0 to 255 are passed through" {
	local sandbox status actual
	for sandbox in "${SANDBOXES[@]}"; do
		for status in {0..255}; do
			actual=0
			sbx -q $sandbox sh -c "exit $status" || actual=$?
			[ "$actual" -eq "$status" ]
		done
	done
}

@test "killed by a signal: the caller sees that signal" {
	ulimit -c 0
	python "${SANDBOXES[@]}" <<-'END'
	import signal, subprocess, sys
	harmless = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH,
	            signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU}
	for sandbox in sys.argv[1:]:
	    for number in sorted(signal.valid_signals() - harmless):
	        command = ["sbx", "-q", *sandbox.split(), "sh", "-c", f"kill -{int(number)} $$; sleep 9"]
	        status = subprocess.run(command, stderr=subprocess.DEVNULL).returncode
	        assert status == -number, (sandbox, number, status)
	END
}

@test "a signal sent to the pid reaches the command, which handles it" {
	python "${SANDBOXES[@]}" <<-'END'
	import signal, subprocess, sys
	script = 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.05; done'
	for sandbox in sys.argv[1:]:
	    process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sh", "-c", script],
	                               stdout=subprocess.PIPE, text=True)
	    assert process.stdout.readline() == "ready\n"
	    process.send_signal(signal.SIGTERM)
	    assert process.stdout.readline() == "caught\n", sandbox
	    assert process.wait(10) == 7, sandbox
	END
}

@test "a signal that nobody handles ends the command" {
	python "${SANDBOXES[@]}" <<-'END'
	import signal, subprocess, sys
	for sandbox in sys.argv[1:]:
	    for number in signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL:
	        process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sh", "-c", "echo ready; exec sleep 60"],
	                                   stdout=subprocess.PIPE, text=True)
	        assert process.stdout.readline() == "ready\n"
	        process.send_signal(number)
	        assert process.wait(10) == -number, (sandbox, number)
	END
}

@test "stopping and continuing by signals works" {
	python "${SANDBOXES[@]}" <<-'END'
	import os, signal, subprocess, sys
	for sandbox in sys.argv[1:]:
	    # In a group of its own: the kernel does not stop an orphaned one, as CI's may be.
	    process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sh", "-c", "echo ready; exec sleep 60"],
	                               stdout=subprocess.PIPE, text=True, preexec_fn=os.setpgrp)
	    assert process.stdout.readline() == "ready\n"
	    for number in signal.SIGSTOP, signal.SIGTSTP:
	        process.send_signal(number)
	        _, status = os.waitpid(process.pid, os.WUNTRACED)
	        assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == number, (sandbox, number)
	        process.send_signal(signal.SIGCONT)
	        _, status = os.waitpid(process.pid, os.WCONTINUED)
	        assert os.WIFCONTINUED(status), sandbox
	    process.kill()
	    assert process.wait(10) == -signal.SIGKILL
	END
}

@test "ignored signals, the mask and default handling are inherited as without sbx" {
	python "${SANDBOXES[@]}" <<-'END'
	import signal, subprocess, sys
	def prepare():
	    for number in signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGRTMAX:
	        signal.signal(number, signal.SIG_IGN)
	    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGTERM, signal.SIGRTMIN})
	def state(*prefix):
	    command = [*prefix, "grep", "^Sig[BI]", "/proc/self/status"]
	    return subprocess.run(command, preexec_fn=prepare, stdout=subprocess.PIPE, text=True).stdout
	plain = state()
	assert plain.startswith("SigBlk:") and "SigIgn:" in plain, plain
	assert "0000000000000000" not in plain, plain
	for sandbox in sys.argv[1:]:
	    assert state("sbx", "-q", *sandbox.split()) == plain, (sandbox, state("sbx", "-q", *sandbox.split()))
	END
}

@test "nohup works" {
	python <<-'END'
	import os, signal, subprocess
	process = subprocess.Popen(["nohup", "sbx-net-off", "sh", "-c", "echo ready; read line; echo $line"],
	                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	assert process.stdout.readline() == "ready\n"
	process.send_signal(signal.SIGHUP)
	assert process.communicate("still here\n", timeout=10)[0] == "still here\n"
	assert process.returncode == 0
	END
}

@test "timeout ends a command in a sandbox" {
	run -124 timeout 0.5 sbx-net-off sleep 60
	run -137 timeout -s KILL 0.5 sbx-write-cwd -q sleep 60
}

### What it inherits

@test "arguments arrive unchanged: blanks, newlines, empty ones, bytes that are no UTF-8" {
	# shellcheck disable=SC2016 # for the inner shell
	local script='cat /proc/$$/cmdline; :'
	set -- '' ' a  b ' $'line\nline\n' $'\xff\xfe\x80' $'\t\a\e[1m' '*' '$HOME' '"' "'" $'\\' -- --help -e ''
	sh -c "$script" "$@" | tr '\0' '|' >outside
	grep -q 'HOME' outside
	local sandbox
	for sandbox in "${SANDBOXES[@]}"; do
		sbx -q $sandbox sh -c "$script" "$@" | tr '\0' '|' >inside
		cmp outside inside
	done
	sbx-net-off -- sh -c "$script" "$@" | tr '\0' '|' >inside
	cmp outside inside
}

@test "many and long arguments arrive unchanged" {
	local long
	long=$(head -c 100000 /dev/zero | tr '\0' x)
	# shellcheck disable=SC2046 # a thousand words
	[ "$(sbx-net-off printf '%s\n' "$long" $(seq 1000) | cksum)" \
		= "$(printf '%s\n' "$long" $(seq 1000) | cksum)" ]
}

@test "argv[0] is the command as it was typed" {
	mkdir bin
	ln -s "$(type -P sh)" bin/my-shell
	# shellcheck disable=SC2016 # for the inner shell
	local script='tr "\0" "\n" </proc/$$/cmdline | head -n 1'
	PATH=$PWD/bin:$PATH
	[ "$(sbx-net-off my-shell -c "$script")" = my-shell ]
	[ "$(sbx-net-off bin/my-shell -c "$script")" = bin/my-shell ]
	[ "$(sbx-net-off ./bin//my-shell -c "$script")" = ./bin//my-shell ]
	[ "$(sbx-net-off "$PWD/bin/my-shell" -c "$script")" = "$PWD/bin/my-shell" ]
}

@test "a program that goes by its name still does: a symlink is executed under its own name" {
	printf '#!/bin/sh\necho "I am ${0##*/}"\n' >tool
	chmod +x tool
	ln -s tool other-name
	[ "$(sbx-net-off ./other-name)" = "I am other-name" ]
}

@test "the environment is unchanged but for what is documented" {
	export ODD=$'a\nb=\xff' EMPTY='' _LOWER_case=1
	env -0 | sort -z | grep -zv '^_=' >outside
	sbx -A env -0 | sort -z | grep -zv '^_=' >inside
	[ "$(comm -z -3 outside inside | tr '\0' '\n')" = $'\tSBX_ACTIVE=sbx' ]
	sbx-net-off env -0 | sort -z | grep -zv '^_=' >inside
	[ "$(comm -z -3 outside inside | tr '\0' '\n' | cut -d= -f1)" = $'\tSBX_ACTIVE' ]
	sbx-write-cwd -q env -0 | sort -z | grep -zv '^_=' >inside
	[ "$(comm -z -3 outside inside | tr '\0' '\n' | cut -d= -f1)" = $'\tSBX_ACTIVE\n\tTMPDIR\n\tTMPPREFIX' ]
}

@test "the order of the environment is unchanged" {
	env -i B=2 A=1 C=3 "$SBX_BIN_DIR/sbx" -A /usr/bin/env >inside
	[ "$(cat inside)" = $'B=2\nA=1\nC=3\nSBX_ACTIVE=sbx' ]
}

@test "umask, current directory, priority and limits are unchanged" {
	mkdir 'a directory'
	cd 'a directory'
	umask 027
	ulimit -n 200
	ulimit -S -c 0
	same sh -c 'umask; pwd -P; nice; cat /proc/$$/limits; cut -d" " -f18,19 /proc/$$/stat'
	same nice -n 5 sh -c 'nice'
	[ "$(nice -n 5 sbx-net-off nice)" = "$(nice -n 5 nice)" ]
}

@test "the current directory stays the one it was, by the path of PWD" {
	mkdir real
	ln -s real link
	cd link
	[ "$(sbx-net-off sh -c 'pwd -L')" = "$PWD" ]
	[ "$(sbx-write-cwd -q sh -c 'pwd -P')" = "$(pwd -P)" ]
	run -0 sbx-write-cwd -q sh -c 'echo text >file'
	[ -e ../real/file ]
}

# CAP_SETFCAP (bit 31) is given up by design where no setuid file may be made.
@test "user, groups and capabilities are unchanged" {
	same sh -c 'id; grep ^Cap /proc/$$/status | sed s/1ff7e/1fffe/'
}

@test "process group, session and controlling terminal are unchanged" {
	local script='cut -d" " -f5-8 /proc/$$/stat'
	same sh -c "$script"
	python "${SANDBOXES[@]}" <<-'END'
	import os, subprocess, sys
	for sandbox in sys.argv[1:]:
	    for arguments in {"start_new_session": True}, {"process_group": 0}, {}:
	        process = subprocess.Popen(["sbx", "-q", *sandbox.split(), "sh", "-c", "cat /proc/$$/stat"],
	                                   stdout=subprocess.PIPE, text=True, **arguments)
	        pgrp, session = map(int, process.communicate()[0].rsplit(")", 1)[1].split()[2:4])
	        own_group = process.pid if arguments else os.getpgrp()
	        own_session = process.pid if "start_new_session" in arguments else os.getsid(0)
	        assert (pgrp, session) == (own_group, own_session), (sandbox, arguments)
	END
}

### Descriptors

@test "descriptors above 2 are closed, stdin, stdout and stderr are kept" {
	exec 5</etc/passwd 9<>/dev/null 200</etc/passwd
	"$SBX_TEST_PROGRAMS/show-fds" outside
	grep -qx '5 /etc/passwd' outside
	grep -qx '200 /etc/passwd' outside
	local sandbox
	for sandbox in "${SANDBOXES[@]:0:2}"; do
		sbx -q $sandbox "$SBX_TEST_PROGRAMS/show-fds" inside
		diff <(grep '^[012] ' outside) inside
	done
}

@test "audio: descriptors above 2 are closed, those of the broker too" {
	exec 5</etc/passwd
	sbx-audio -q --allow-file-write=. "$SBX_TEST_PROGRAMS/show-fds" inside
	[ "$(cut -d' ' -f1 inside)" = $'0\n1\n2' ]
}

@test "--keep-fd keeps a descriptor, for reading and at its number, and no other" {
	echo text >file
	exec 5<file 6<file 7<file
	control sh -c 'cat <&6'
	refused sbx-net-off sh -c 'cat <&6'
	exec 6<file
	[ "$(sbx-net-off --keep-fd=6 sh -c 'cat <&6')" = text ]
	exec 6<file 7<file
	sbx-net-off --keep-fd=5 --keep-fd 7 "$SBX_TEST_PROGRAMS/show-fds" inside
	[ "$(cut -d' ' -f1 inside)" = $'0\n1\n2\n5\n7' ]
}

@test "a kept descriptor stays open through programs that the command starts" {
	echo text >file
	exec 6<file
	[ "$(sbx-net-off --keep-fd=6 sh -c 'sh -c "cat <&6"; :')" = text ]
}

@test "stdin, stdout and stderr may be pipes, and large" {
	local sandbox
	[ "$(echo text | sbx-net-off cat | sbx-write-cwd -q cat)" = text ]
	for sandbox in "${SANDBOXES[@]}"; do
		[ "$(head -c 3000000 /dev/zero | sbx -q $sandbox cat | wc -c)" -eq 3000000 ]
		[ "$(sbx -q $sandbox sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)" = err ]
	done
}

@test "a shared offset of stdin is not read ahead: what the command leaves, the next one reads" {
	printf 'one\ntwo\nthree\n' >file
	{
		sbx-net-off sh -c 'read -r line; echo "first $line"'
		sbx-write-cwd -q sh -c 'read -r line; echo "second $line"'
		cat
	} <file >out
	[ "$(cat out)" = $'first one\nsecond two\nthree' ]
}

@test "an inherited connection on stdin and stdout works under no-network, new sockets do not" {
	tcp_listener
	local client='
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)'
	control "$PYTHON" -c "$client" "$PORT"
	refused sbx-net-off "$PYTHON" -c "$client" "$PORT"
	python <<-'END'
	import socket, subprocess
	server = socket.create_server(("127.0.0.1", 0))
	inside = socket.create_connection(server.getsockname())
	outside, _ = server.accept()
	process = subprocess.Popen(["sbx-net-off", "cat"], stdin=inside, stdout=inside)
	inside.close()
	outside.settimeout(10)
	outside.sendall(b"through the sandbox")
	assert outside.recv(100) == b"through the sandbox"
	outside.shutdown(socket.SHUT_WR)
	assert outside.recv(100) == b""
	assert process.wait(10) == 0
	END
}

### Finding the command

@test "PATH search finds what the shell finds" {
	mkdir -p one two three/tool four here
	for directory in one two four here; do
		printf '#!/bin/sh\necho %s\n' "$directory" >"$directory/tool"
		chmod +x "$directory/tool"
	done
	chmod -x one/tool
	ln -s /no/such/file five
	cd here
	local path count=0
	for path in ../one:../two ../three:../two ../no-such:../two ../five:../two ../two: :../two \
		../one::../two ../two:../four ../four:../two: "$PWD/../four" ''; do
		# The standard tools come last.
		[ "$(PATH=$path "$SBX_BIN_DIR/sbx" -A tool)" = "$(PATH=$path /bin/sh -c tool)" ]
		count=$((count + 1))
	done
	[ "$count" -eq 11 ]
}

@test "a name with a slash is not searched for" {
	mkdir -p bin/sub
	printf '#!/bin/sh\necho found\n' >bin/sub/tool
	chmod +x bin/sub/tool
	PATH=$PWD/bin:$PATH run -127 sbx-net-off sub/tool
	PATH=$PWD/bin:$PATH run -0 sbx-net-off bin/sub/tool
}

@test "a script with #! runs, its interpreter gets the argument, and env finds one in PATH" {
	printf '#!/bin/sh -e\nfalse\necho not reached\n' >strict
	printf '#!/usr/bin/env sh\necho "env $1"\n' >through-env
	chmod +x strict through-env
	local sandbox
	for sandbox in "${SANDBOXES[@]}"; do
		run -1 sbx -q $sandbox ./strict
		[ -z "$output" ]
		[ "$(sbx -q $sandbox ./through-env word)" = "env word" ]
	done
}

@test "a script without #! runs, with its arguments, as in a shell" {
	printf 'echo "script $0 $# <$1>"\nexit 3\n' >script
	chmod +x script
	local sandbox
	run -3 sh -c './script "a b" c'
	[ "$output" = "script ./script 2 <a b>" ]
	for sandbox in "${SANDBOXES[@]}"; do
		run -3 sbx -q $sandbox ./script "a b" c
		[ "${output##*/}" = "script 2 <a b>" ]
	done
	: >empty
	chmod +x empty
	run -0 sbx-net-off ./empty
}

@test "a script, with #! and without, runs without any preset" {
	printf '#!/bin/sh\necho with\n' >with
	printf 'echo without\n' >without
	chmod +x with without
	[ "$(sbx --allow-file-read=. ./with)" = with ]
	[ "$(sbx --allow-file-read=. ./without)" = without ]
}

@test "\$0 of a script is the command as it was typed, as in a shell" {
	printf '#!/bin/sh\necho "$0"\n' >with
	printf 'echo "$0"\n' >without
	chmod +x with without
	mkdir below
	local script
	for script in with without; do
		[ "$(sh -c "./$script")" = "./$script" ]
		[ "$(sbx-net-off "./$script")" = "./$script" ]
		[ "$(cd below && sbx-net-off "../$script")" = "../$script" ]
		[ "$(sbx-write-cwd -q "$PWD/$script")" = "$PWD/$script" ]
	done
}

@test "a script whose interpreter is a script runs" {
	printf '#!/bin/sh\necho "outer $*"\n' >outer
	printf '#!%s/outer\n' "$PWD" >inner
	chmod +x outer inner
	[ "$(sbx-net-off "$PWD/inner" x)" = "outer $PWD/inner x" ]
	[ "$(sbx-write-cwd -q "$PWD/inner" x)" = "outer $PWD/inner x" ]
}

@test "a program that may be executed but not read runs" {
	# Root may read it, but the test holds just the same.
	cp "$(type -P true)" program
	chmod 111 program
	control ./program
	sbx-net-off ./program
	sbx-write-cwd -q ./program
}

### Starting sbx from other programs

@test "xargs runs a link" {
	[ "$(printf 'a\nb c\n' | xargs -I{} sbx-net-off echo '<{}>')" = $'<a>\n<b c>' ]
	[ "$(seq 20 | xargs -n 1 -P 4 sbx-write-cwd -q echo | sort -n | tail -n 1)" = 20 ]
}

@test "make runs links in recipes, also in parallel, and sees their failure" {
	printf '%s\n' 'all: one two three' "one two three: ; @sbx-net-off sh -c 'echo \$@ >\$@'" \
		"fail: ; @sbx-net-off sh -c 'exit 3'" >Makefile
	run -0 make -j3 all
	[ "$(cat one two three)" = $'one\ntwo\nthree' ]
	run -2 make fail
	grep -q 'Error 3' <<<"$output"
}

@test "make in a sandbox runs jobs in parallel" {
	printf 'all: one two three\none two three: ; @echo $@ >$@\n' >Makefile
	run -0 sbx-net-off sbx-write-cwd -q make -j3 all
	[ "$(cat one two three)" = $'one\ntwo\nthree' ]
}

@test "sh -c, env, find and command substitution run a link" {
	[ "$(sh -c 'sbx-net-off echo text')" = text ]
	[ "$(env sbx-net-off echo text)" = text ]
	touch file
	[ "$(find . -name file -exec sbx-net-off echo {} \;)" = ./file ]
	[ "$(sh -c 'echo "$(sbx-net-off echo text)"')" = text ]
	[ "$(sh -c 'sbx-net-off echo a && sbx-net-off false || sbx-net-off echo b')" = $'a\nb' ]
}

### On a terminal

@test "stdin, stdout and stderr are the terminal, of the same name and size" {
	python '' "${SANDBOXES[@]:0:2}" <<-'END'
	import sys
	from terminal import Terminal
	script = "test -t 0 && test -t 1 && test -t 2 && tty && stty size && : </dev/tty && echo done"
	for sandbox in sys.argv[1:]:
	    sbx = ["sbx", "-q", *sandbox.split()] if sandbox else []
	    terminal = Terminal(*sbx, "sh", "-c", script, rows=33, columns=101)
	    terminal.expect(r"/dev/pts/\d+\r\n33 101\r\ndone\r\n")
	    terminal.expect_end(0)
	END
}

@test "a program may change the terminal's modes and read single keys" {
	python "${SANDBOXES[@]:0:2}" <<-'END'
	import sys
	from terminal import Terminal
	script = 'old=$(stty -g); stty raw -echo; echo ready; dd bs=1 count=1 2>&-; stty "$old"; echo .; stty -a'
	for sandbox in sys.argv[1:]:
	    terminal = Terminal("sbx", "-q", *sandbox.split(), "sh", "-c", script)
	    terminal.expect("ready")
	    terminal.type("k")
	    terminal.expect(r"k\.\r\n.* icanon .* echo ")
	    terminal.expect_end(0)
	END
}

@test "Ctrl-C kills the command, Ctrl-\\ too, and a command may catch it" {
	python "${SANDBOXES[@]}" <<-'END'
	import signal, sys
	from terminal import Terminal
	for sandbox in sys.argv[1:]:
	    for key, number in ("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT):
	        terminal = Terminal("sbx", "-q", *sandbox.split(), "sh", "-c", "ulimit -c 0; echo ready; exec cat")
	        terminal.expect("ready")
	        terminal.type(key)
	        terminal.expect_end(-number)
	    terminal = Terminal("sbx", "-q", *sandbox.split(), "sh", "-c",
	                        "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done")
	    terminal.expect("ready")
	    terminal.type("\x03")
	    terminal.expect("caught")
	    terminal.expect_end(5)
	END
}

@test "closing the terminal hangs the command up" {
	python "${SANDBOXES[@]}" <<-'END'
	import os, signal, sys
	from terminal import Terminal
	for sandbox in sys.argv[1:]:
	    terminal = Terminal("sbx", "-q", *sandbox.split(), "sh", "-c", "echo ready; exec sleep 60")
	    terminal.expect("ready")
	    os.close(terminal.fd)
	    terminal.fd = os.open("/dev/null", os.O_RDWR)
	    terminal.expect_end(-signal.SIGHUP)
	END
}

@test "a changed window size delivers SIGWINCH, and stty shows the new size" {
	python "${SANDBOXES[@]:0:2}" <<-'END'
	import sys
	from terminal import Terminal
	script = "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done"
	for sandbox in sys.argv[1:]:
	    terminal = Terminal("sbx", "-q", *sandbox.split(), "sh", "-c", script)
	    terminal.expect("ready")
	    terminal.resize(40, 123)
	    terminal.expect("40 123")
	    terminal.expect_end(0)
	END
}

# job_control SHELL...: Ctrl-Z, a command of the shell, fg, more input, the end; then Ctrl-C.
job_control() {
	command -v "$1" >/dev/null || skip_or_fail "$1 is not installed"
	PS1='$ ' python "$@" <<-'END'
	import os, sys
	from terminal import Terminal
	tools = os.environ["TOOLS"]
	terminal = Terminal(*sys.argv[1:])
	for prefix in "", "sbx-net-off", "sbx-write-cwd -q":
	    # The first round, without sbx, is the control.
	    terminal.type(f"{prefix} /usr/bin/python3 {tools}/echo.py\n")
	    terminal.expect("ready")
	    terminal.type("one\n")
	    terminal.expect("got one")
	    terminal.type("\x1a")
	    terminal.expect("(?i)stopped|suspended")
	    terminal.type("echo shell-$((40 + 2))\n")
	    terminal.expect("shell-42")
	    terminal.type("fg\n")
	    terminal.expect("woken")
	    terminal.type("two\n")
	    terminal.expect("got two")
	    terminal.type("\x04")
	    terminal.expect("finished")
	    terminal.type("echo status-$?\n")
	    terminal.expect("status-0")

	    terminal.type(f"{prefix} sh -c 'echo re''ady; exec cat'\n")
	    terminal.expect("ready")
	    terminal.type("\x03")
	    terminal.expect(r"\^C.*[$#%] ")
	    terminal.type("echo status-$?\n")
	    terminal.expect("status-130")
	terminal.type("exit\n")
	terminal.expect_end(0)
	END
}

@test "bash: Ctrl-Z stops a command in a sandbox, fg continues it, Ctrl-C ends it" {
	job_control bash --norc --noprofile -i
}

@test "zsh: Ctrl-Z stops a command in a sandbox, fg continues it, Ctrl-C ends it" {
	job_control zsh -f -i
}

@test "dash: Ctrl-Z stops a command in a sandbox, fg continues it, Ctrl-C ends it" {
	job_control dash -i
}

@test "set -m in a script gives a command in a sandbox a process group of its own" {
	python <<-'END'
	from terminal import Terminal
	script = """
	set -m
	sbx-net-off sleep 60 &
	group=$(cut -d' ' -f5 /proc/$!/stat)
	[ "$group" = "$!" ] && echo own-group
	kill $!
	wait $!
	echo "status-$?"
	"""
	terminal = Terminal("bash", "--norc", "--noprofile", "-c", script)
	terminal.expect("own-group")
	terminal.expect("status-143")
	terminal.expect_end(0)
	END
}

@test "a command in the background that reads the terminal is stopped, as without sbx" {
	PS1='$ ' python <<-'END'
	from terminal import Terminal
	terminal = Terminal("bash", "--norc", "--noprofile", "-i")
	for prefix in "", "sbx-net-off", "sbx-write-cwd -q":
	    terminal.type(f"{prefix} cat &\n")
	    terminal.expect(r"\[1\] \d+")
	    terminal.type("sleep 0.5; jobs\n")
	    terminal.expect("Stopped.*cat")
	    terminal.type("kill %1; fg; wait; echo over-$((40 + 2))\n")
	    terminal.expect("over-42")
	terminal.type("exit\n")
	terminal.expect("exit")
	END
}

### Sandboxes in sandboxes

# connects_by COMMAND...: Python, started by it, connects to $PORT.
connects_by() {
	"$@" "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
}

# writes_out_by COMMAND...: a shell, started by it, writes outside of the current directory.
writes_out_by() {
	"$@" sh -c 'echo text >../outside/file'
}

# Where the protections need a broker that opens files, no other sandbox can be made inside, and there
# is one broker only: they are left out.
@test "no-network inside write-cwd-only, and the other way round: both hold" {
	tcp_listener
	mkdir here outside
	cd here
	control connects_by env
	control writes_out_by env
	rm ../outside/file
	local order
	for order in 'sbx-net-off sbx-write-cwd -q' 'sbx-write-cwd -qp -protect-persistence sbx-net-off' \
		'sbx-write-cwd -qp -protect-persistence env nice sbx-net-off'; do
		# shellcheck disable=SC2086 # a list of words
		refused connects_by $order
		# shellcheck disable=SC2086 # a list of words
		refused writes_out_by $order
		# shellcheck disable=SC2086 # a list of words
		run -0 $order sh -c 'echo text >file && cat file'
		[ "$output" = text ]
	done
	[ ! -e ../outside/file ]
	logged 1
}

@test "an inner sandbox cannot open what an outer one closed" {
	tcp_listener
	mkdir here outside
	cd here
	control connects_by env
	control writes_out_by env
	rm ../outside/file
	refused connects_by sbx-net-off sbx -A
	refused connects_by sbx-net-off sbx --allow-network-all --allow-file-all
	refused connects_by sbx-net-off sbx-net-off --allow-network-all
	refused writes_out_by sbx-write-cwd -qp -protect-persistence sbx -A
	refused writes_out_by sbx-write-cwd -qp -protect-persistence sbx-write-cwd -qp -protect-persistence --allow-file-write=../outside
	[ ! -e ../outside/file ]
	logged 1
}

@test "the same preset again, several times over, works" {
	mkdir here outside
	cd here
	run -0 sbx-write-cwd -qp -protect-persistence sbx-write-cwd -qp -protect-persistence sbx-write-cwd -qp -protect-persistence sh -c 'echo text >file'
	[ -e file ]
	control writes_out_by env
	rm ../outside/file
	refused writes_out_by sbx-write-cwd -qp -protect-persistence sbx-write-cwd -qp -protect-persistence
	run -0 sbx-net-off sbx-net-off sbx-net-off true
}

@test "an inner write-cwd-only for a directory below narrows further" {
	mkdir -p here/below
	cd here
	control sh -c 'cd below && echo text >../file'
	rm file
	refused sbx-write-cwd -qp -protect-persistence sh -c 'cd below && exec sbx-write-cwd -qp -protect-persistence sh -c "echo text >../file"'
	[ ! -e file ]
	run -0 sbx-write-cwd -qp -protect-persistence sh -c 'cd below && exec sbx-write-cwd -qp -protect-persistence sh -c "echo text >file"'
	[ -e below/file ]
}

@test "python-eval works in no-network, in write-cwd-only and in both" {
	run -0 sbx-net-off sbx-python -q "$PYTHON" -c 'print(6 * 7)'
	[ "$output" = 42 ]
	run -0 sbx-write-cwd -qp -protect-persistence sbx-python -q "$PYTHON" -c 'print(6 * 7)'
	[ "$output" = 42 ]
	run -0 sbx-write-cwd -qp -protect-persistence sbx-net-off sbx-python -q "$PYTHON" -c 'print(6 * 7)'
	[ "$output" = 42 ]
}

@test "a sandbox with a broker inside another one: a clear message, and nothing is started" {
	control sbx-audio --allow-file-read-all true
	run -125 sbx-audio --allow-file-read-all --allow-file-write=. sbx-audio --allow-file-all touch started
	[[ $output == "sbx: "*broker* ]]
	[ "${#lines[@]}" -eq 1 ]
	[ ! -e started ]
	run -0 sbx-audio --allow-file-read-all --allow-file-write=. sbx-net-off sh -c "echo >started"
	[ -e started ]
}

@test "more sandboxes inside each other than the kernel takes: a clear message, and nothing is started" {
	local depth=40 command=()
	while ((depth--)); do command+=(sbx-net-off); done
	if "${command[@]}" touch started 2>err; then
		[ -e started ]
		return
	fi
	[ ! -e started ]
	grep '^sbx: .*too many sandboxes inside each other' err
	[ "$(wc -l <err)" -eq 1 ]
	run -125 "${command[@]}" touch started
}

@test "a nested sandbox keeps exit statuses and signals" {
	run -42 sbx-net-off sbx-write-cwd -q sh -c 'exit 42'
	python <<-'END'
	import signal, subprocess
	command = ["sbx-net-off", "sbx-write-cwd", "-q", "sh", "-c", "kill -TERM $$; sleep 9"]
	assert subprocess.run(command).returncode == -signal.SIGTERM
	END
}
