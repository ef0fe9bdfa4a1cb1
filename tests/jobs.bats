# Job control: what a user sees of a command in a sandbox is what there is without, in each shell,
# with a broker and without. The scenarios, and what each does, are in jobs.py.

load helper
load enforce

setup() {
	enforce_setup
}

teardown() {
	sbx_teardown
}

# scenario NAME: in each shell, without a sandbox and in both kinds.
scenario() {
	local shell
	for shell in bash zsh dash; do
		command -v "$shell" >/dev/null || skip_or_fail "$shell is not installed"
		"$PYTHON" "$BATS_TEST_DIRNAME/jobs.py" "$1" "$shell"
	done
}

@test "Ctrl-C and Ctrl-\\ end the command and all of sbx; the shell sees the signal" {
	scenario interrupt
}

@test "Ctrl-Z stops the group, jobs lists it, fg continues it, again and again" {
	scenario stop
}

@test "bg continues a stopped job; jobs that run in the background or are stopped end by kill" {
	scenario background
}

@test "a changed window size reaches the command, also after it was stopped" {
	scenario window
}

@test "a pipeline of sandboxes stops, continues and ends as one; SIGPIPE ends what nobody reads" {
	scenario pipeline
}

@test "statuses in the shell are 128 and the signal's number, or the command's own" {
	scenario statuses
}

@test "a program in raw mode gets every key, stops its own group as vi does, and goes on" {
	scenario editor
}

@test "a shell in a sandbox has jobs, can be suspended and continued, and is hung up" {
	scenario inner
}

@test "what Ctrl-Z and fg send, one right after the other: none gets lost, none comes late" {
	"$PYTHON" - <<-'END'
	import os, signal, subprocess, time
	process = subprocess.Popen(["sbx", "-q", "-p", "write-cwd-only", "sh", "-c", "echo $$; exec sleep 600"],
	                           stdout=subprocess.PIPE, process_group=0)
	command = int(process.stdout.readline())
	def state(pid):
	    with open(f"/proc/{pid}/stat") as file:
	        return file.read().rsplit(")", 1)[1].split()[0]
	def wait(option, has_come):
	    status = os.waitpid(process.pid, option)[1]
	    assert has_come(status), status
	signal.alarm(60)
	for number in range(1000):
	    os.killpg(process.pid, signal.SIGTSTP)
	    wait(os.WUNTRACED, os.WIFSTOPPED)
	    end = time.monotonic() + 5
	    while state(command) != "T":
	        assert time.monotonic() < end, number
	    os.killpg(process.pid, signal.SIGCONT)
	    wait(os.WCONTINUED, os.WIFCONTINUED)
	    assert number % 20 or time.sleep(0.02) or state(command) == "S", number
	time.sleep(0.1)
	assert state(command) == state(process.pid) == "S", (state(command), state(process.pid))
	process.kill()
	process.wait()
	END
}

@test "a signal to the group ends it by that signal, every time" {
	"$PYTHON" - <<-'END'
	import os, signal, subprocess
	for number in [signal.SIGINT, signal.SIGTERM] * 150:
	    process = subprocess.Popen(["sbx", "-q", "-p", "write-cwd-only", "sh", "-c", "echo; exec sleep 60"],
	                               stdout=subprocess.PIPE, process_group=0)
	    process.stdout.readline()
	    os.killpg(process.pid, number)
	    assert process.wait(20) == -number, process.returncode
	END
}

# A process that outlives the command: it waits for ./go, does what its words say, and leaves ./answers.
write_daemon() {
	cat >daemon.py <<-'END'
	import os, socket, sys, time
	if os.fork():
	    os._exit(7)
	os.setsid()
	if os.fork():
	    os._exit(0)
	null = os.open("/dev/null", os.O_RDWR)
	for fd in 0, 1, 2:
	    os.dup2(null, fd)
	end = time.monotonic() + 20
	while not os.path.exists("go") and time.monotonic() < end:
	    time.sleep(0.01)
	def attempt(action, *words):
	    try:
	        action(*words)
	        return "yes"
	    except OSError as error:
	        return error.strerror
	answers = [str(os.getpid()), str(os.getppid()), attempt(os.chmod, "mine", 0o640),
	           attempt(os.chmod, os.environ["OUTSIDE"] + "/file", 0o640),
	           attempt(socket.create_connection, ("127.0.0.1", int(sys.argv[1])))]
	with open("answers.new", "w") as file:
	    file.write("\n".join(answers) + "\n")
	os.rename("answers.new", "answers")
	while os.path.exists("go") and time.monotonic() < end:
	    time.sleep(0.01)
	END
}

@test "what outlives the command stays in the sandbox, and the broker ends after it" {
	local sandbox daemon parent answers tries
	tcp_listener
	write_daemon
	echo x >mine
	echo x >"$OUTSIDE/file"
	for sandbox in '' no-network write-cwd-only no-network,write-cwd-only; do
		rm -f go answers
		chmod 600 mine "$OUTSIDE/file"
		# The command's own status, at once, although the daemon still runs.
		run -7 timeout 10 ${sandbox:+sbx -qp "$sandbox"} "$PYTHON" -I -S daemon.py "$PORT" 3>&-
		[ ! -e answers ]
		touch go
		wait_for answers
		mapfile -t answers <answers
		daemon=${answers[0]} parent=${answers[1]}
		echo "$sandbox: ${answers[*]}"
		[ "${answers[2]}" = yes ]
		case $sandbox in
		*write-cwd-only)
			[ "${answers[3]}" = 'Operation not permitted' ]
			[ "$(stat -c %a "$OUTSIDE/file")" = 600 ]
			[ "$(cat "/proc/$parent/comm")" = sbxbroker ]
			;;
		*) [ "${answers[3]}" = yes ] ;;
		esac
		case $sandbox in
		no-network*) [ "${answers[4]}" = 'Operation not permitted' ] ;;
		*) [ "${answers[4]}" = yes ] ;;
		esac
		rm go
		tries=0
		while kill -0 "$daemon" 2>/dev/null ||
			{ [[ $sandbox == *write-cwd-only ]] && [ -e "/proc/$parent" ]; }; do
			tries=$((tries + 1))
			[ "$tries" -lt 500 ] || explain "still there: $daemon or $parent"
			sleep 0.01
		done
	done
	logged 2
}

@test "500 pipelines while SIGCHLD comes all the time: none hangs, all give their answer" {
	local sandbox
	cat >pipelines.sh <<-'END'
	i=0
	while [ $i -lt 500 ]; do
	    i=$((i + 1))
	    sh -c 'echo $1 | cat | wc -l' - $i
	done
	END
	for sandbox in '' no-network write-cwd-only; do
		# shellcheck disable=SC2086 # no word, or three
		timeout 120 "$PYTHON" - ${sandbox:+sbx -qp $sandbox} sh pipelines.sh <<-'END'
		import os, signal, subprocess, sys, threading, time
		process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, process_group=0)
		def storm():
		    while process.returncode is None:
		        try:
		            os.killpg(process.pid, signal.SIGCHLD)
		        except (ProcessLookupError, PermissionError):
		            pass
		        time.sleep(0.0005)
		thread = threading.Thread(target=storm)
		thread.start()
		output = process.communicate()[0]
		thread.join()
		assert process.returncode == 0, process.returncode
		assert output == b"1\n" * 500, len(output)
		END
	done
}

@test "100 sandboxes start and end while SIGCHLD, SIGCONT and SIGWINCH come all the time" {
	timeout 120 "$PYTHON" - <<-'END'
	import os, signal, subprocess, threading, time
	for number in range(100):
	    process = subprocess.Popen(["sbx", "-q", "-p", "write-cwd-only", "sh", "-c", "echo a | cat | cat; exit 3"],
	                               stdout=subprocess.PIPE, process_group=0)
	    def storm():
	        while process.returncode is None:
	            for sent in signal.SIGCHLD, signal.SIGCONT, signal.SIGWINCH:
	                try:
	                    os.killpg(process.pid, sent)
	                except (ProcessLookupError, PermissionError):
	                    pass
	    thread = threading.Thread(target=storm)
	    thread.start()
	    assert process.communicate()[0] == b"a\n"
	    thread.join()
	    assert process.returncode == 3, process.returncode
	END
}

@test "a program with threads and many signals makes 100,000 calls, and none fails" {
	local kind sandbox
	echo x >file
	for kind in profile preempt; do
		for sandbox in '' no-network write-cwd-only; do
			run timeout 120 ${sandbox:+sbx -qp "$sandbox"} signal-storm "$kind" 50000 file
			[ "$status" -eq 0 ] || explain "$kind in '$sandbox'"
			[[ $output == '100000 calls, '*' signals, 0 failures' ]]
			[[ $output != *', 0 signals'* ]]
		done
	done
}
