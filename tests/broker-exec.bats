# Programs that may be executed, told apart by path, type and rule; and what a broker that opens
# files must not do for anybody.

load helper
load enforce

setup() {
	enforce_setup
	PATH=$PATH:$BATS_TEST_TMPDIR/bin
	mkdir "$BATS_TEST_TMPDIR/bin"
	ALLOW='(version 1)(allow default)'
	cp "$(type -P true)" yes
	cp "$(type -P true)" no
	printf '#!%s/yes\n' "$PWD" >script
	printf '#!%s/no\n' "$PWD" >bad-script
	printf '#!/bin/sh\necho ran\n' >told
	chmod +x script bad-script told
	# Nothing that ends in "no" or is told.
	NO="$ALLOW(deny process-exec* (regex #\"/no\$\") (literal \"$PWD/told\"))"
	export PYTHON
}

# is_denied COMMAND...: it is not executed, and can be outside.
is_denied() {
	control "$@"
	refused sandbox-exec -p "$NO" "$@"
}

@test "what may not be executed is not, by whatever path and call" {
	local way
	ln -s no link
	is_denied ./no
	is_denied env ./no
	is_denied ./link
	is_denied "$PWD/../$(basename "$PWD")//no"
	is_denied sh -c './no'
	is_denied env -C / "$PWD/no"
	is_denied ./bad-script
	is_denied sh -c 'exec ./told'
	for way in 'os.execv("no", ["yes"])' 'os.execve(os.open("no", os.O_RDONLY), ["no"], {})' \
		'os.execve(os.open("no", os.O_PATH), ["no"], {})' \
		'os.chdir("/proc/self/cwd"); os.execv("no", ["no"])' \
		'sys.exit(os.waitpid(os.posix_spawn("no", ["no"], {}), 0)[1])' \
		'subprocess.run(["./no"], check=True)'; do
		is_denied "$PYTHON" -c "import os, subprocess, sys; $way"
	done
	# A thread that is not the first executes it.
	is_denied "$PYTHON" -c 'import os, sys, threading
thread = threading.Thread(target=lambda: os.execv("no", ["no"]))
thread.start()
thread.join()
sys.exit("still here")'
}

@test "what may be executed is" {
	run -0 sandbox-exec -p "$NO" ./yes
	run -0 sandbox-exec -p "$NO" ./script
	run -0 sandbox-exec -p "$NO" sh told
	[ "$output" = ran ]
	run -0 sandbox-exec -p "$NO" "$PYTHON" -c 'import os, subprocess, threading
for _ in range(50):
    subprocess.run(["./yes"], check=True)
    subprocess.run(["./script"], check=True, preexec_fn=lambda: None)
threads = [threading.Thread(target=lambda: [subprocess.run(["./yes"], check=True) for _ in range(20)])
    for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
thread = threading.Thread(target=lambda: os.execv("yes", ["yes"]))
thread.start()
thread.join()'
	# Errors are the kernel's.
	run -126 sandbox-exec -p "$NO" sh -c "exec $PWD"
	echo nothing >text
	run -126 sandbox-exec -p "$NO" sh -c 'exec ./text'
	chmod +x text
	run -127 sandbox-exec -p "$NO" sh -c 'exec ./missing'
	printf '#!/missing\n' >text
	run -127 sandbox-exec -p "$NO" sh -c 'exec ./text'
}

@test "only some programs, by regular expression" {
	local profile='(version 1)(deny default)(import "system.sb")(allow file-read*)(allow process-fork)
		(allow signal)(allow process-exec* (regex #"/(yes|dash|script)$"))(allow file-ioctl)'
	run -0 sandbox-exec -p "$profile" "$PWD/yes"
	run -0 sandbox-exec -p "$profile" sh -c './yes && ./script'
	refused sandbox-exec -p "$profile" sh -c './no'
	refused sandbox-exec -p "$profile" sh -c '/bin/ls'
}

@test "interpreters have an operation of their own" {
	local profile="$ALLOW(deny process-exec-interpreter (literal \"$PWD/yes\"))"
	control ./script
	refused sandbox-exec -p "$profile" ./script
	run -0 sandbox-exec -p "$profile" ./yes
	profile="$ALLOW(deny process-exec* (literal \"$PWD/no\"))(allow process-exec-interpreter)"
	run -0 sandbox-exec -p "$profile" ./bad-script
	refused sandbox-exec -p "$profile" ./no
}

@test "another path that takes the place of the one that was looked at does not run" {
	local way
	cp "$SBX_TEST_PROGRAMS/exec-race" no
	for way in '' link; do
		# shellcheck disable=SC2086 # no word, or one
		run -0 timeout 60 exec-race $way ./yes ./no 300
		[ -e escapes ] || explain 'the control executes nothing that is denied'
		rm escapes
		# shellcheck disable=SC2086
		run -0 timeout 60 sandbox-exec -p "$NO" exec-race $way ./yes ./no 1500
		[ ! -e escapes ]
	done
	# A script in the place of a program.
	printf '#!/bin/sh\n: >escapes\n' >no
	run -0 timeout 60 exec-race ./yes ./no 300
	[ -e escapes ] || explain 'the control executes nothing that is denied'
	rm escapes
	run -0 timeout 60 sandbox-exec -p "$NO" exec-race ./yes ./no 1500
	[ ! -e escapes ]
}

@test "the kernel tells how a killed one ended, and a stopped one" {
	run -143 sandbox-exec -p "$NO" sh -c 'kill -TERM $$'
	run -0 sandbox-exec -p "$NO" sh -c 'sleep 20 & kill -STOP $!; kill -KILL $!; wait $!; [ $? -eq 137 ]'
	run -0 sandbox-exec -p "$NO" sh -c 'for i in 1 2 3 4 5 6 7 8 9; do (./yes &) ; done; wait'
}

@test "who is traced does not execute, where programs are told apart" {
	control strace -o log ./yes
	refused sandbox-exec -p "$NO" strace -o log ./yes
	run -0 sbx-net-off strace -o log ./yes
}

@test "without its broker nothing is executed, opened or moved" {
	local profile="$ALLOW(deny file* (subpath \"$PWD/secret\"))(deny process-exec* (literal \"$PWD/no\"))"
	mkdir secret
	echo text >file
	cat >orphan.py <<-'END'
	import os, signal, sys
	broker = os.getppid()
	assert open(f"/proc/{broker}/comm").read() == "sbxbroker\n"
	open("file").close()
	os.kill(broker, signal.SIGKILL)
	worked = 0
	for attempt in (lambda: open("file"), lambda: os.open("file", os.O_WRONLY), lambda: os.stat("file"),
	        lambda: os.rename("file", "other"), lambda: os.mkdir("dir"), lambda: os.unlink("file"),
	        lambda: os.link("file", "other"), lambda: os.truncate("file", 0),
	        lambda: os.execv("yes", ["yes"]), lambda: os.chmod("file", 0o600)):
	    try:
	        attempt()
	        worked += 1
	    except OSError as error:
	        pass
	os._exit(10 + worked)
	END
	run -10 sandbox-exec -p "$profile" "$PYTHON" orphan.py
	[ "$(cat file)" = text ]
}

### What it must not do for anybody

# opens COMMAND...: under a broker that opens files.
opens() {
	sandbox-exec -p "$ALLOW(deny file-read* (subpath \"$PWD/secret\"))" "$@"
}

@test "the broker opens no memory, environment or descriptor of a process outside, nor its own" {
	local file
	victim
	mkdir secret
	# What else there is, root's capabilities open in any sandbox.
	local files=(mem fd/"$DESCRIPTOR" cwd/. root/.)
	is_root || files+=(environ maps auxv)
	for file in "${files[@]}"; do
		control "$PYTHON" -c "import os; os.open('/proc/$VICTIM/$file', os.O_RDONLY)"
		refused opens "$PYTHON" -c "import os; os.open('/proc/$VICTIM/$file', os.O_RDONLY)"
		refused opens "$PYTHON" -c "import os
broker = os.getppid()
assert open(f'/proc/{broker}/comm').read() == 'sbxbroker\n'
os.open(f'/proc/{broker}/$file'.replace('/$DESCRIPTOR', '/0'), os.O_RDONLY)"
	done
	refused opens "$PYTHON" -c 'import os; open(f"/proc/{os.getppid()}/comm", "w")'
	refused opens "$PYTHON" -c 'import os
broker = os.getppid()
d = os.open(f"/proc/{broker}", os.O_PATH)
os.open("environ", os.O_RDONLY, dir_fd=d)'
	refused opens "$PYTHON" -c 'import os
broker = os.getppid()
thread = os.listdir(f"/proc/{broker}/task")[-1]
os.open(f"/proc/{thread}/environ", os.O_RDONLY)'
	# What anybody may know of it stays known.
	run -0 opens sh -c 'cat /proc/$PPID/stat /proc/$PPID/cmdline >/dev/null; ps -e | grep -q sbxbroker'
	# And a process has its own.
	run -0 opens "$PYTHON" -c 'import os
os.open("/proc/self/mem", os.O_RDWR); os.open("/proc/self/environ", os.O_RDONLY)
os.listdir("/proc/self/fd"); os.open("/proc/thread-self/maps", os.O_RDONLY)'
}

@test "a process with other rights than the broker's is not helped to these" {
	mkdir secret private
	echo text >private/file
	if is_root; then
		chmod 700 private
		chmod 711 . .. "$BATS_TEST_TMPDIR" 2>/dev/null || :
		refused opens "$PYTHON" -c 'import os
os.setresuid(65534, 65534, 65534)
os.open("private/file", os.O_RDONLY)'
		refused opens "$PYTHON" -c 'import os
os.seteuid(65534)
os.open("private/file", os.O_RDONLY)'
		refused opens "$PYTHON" -c 'import os
os.chroot("private")
os.open("/file", os.O_RDONLY)'
	else
		chmod 0 private
		refused opens unshare -r "$PYTHON" -c 'import os; os.open("private/file", os.O_RDONLY)'
		refused opens unshare -Ur cat private/file
		chmod 700 private
	fi
}

@test "what make asks for before each program changes nothing" {
	mkdir secret
	run -0 opens "$PYTHON" -c 'import os
os.setresuid(-1, os.getuid(), -1); os.setresgid(-1, os.getgid(), -1); os.setuid(os.getuid())
os.open("yes", os.O_RDONLY)'
}

@test "ioctls of a device are denied although the broker opens it" {
	local code='import fcntl, os, struct
fd = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
print("opened")
fcntl.ioctl(fd, 0x80045430, struct.pack("i", 0))'
	mkdir secret
	control "$PYTHON" -c "$code"
	run -0 opens "$PYTHON" -c "$code"
	refused sandbox-exec -p "$ALLOW(deny file-read* (subpath \"$PWD/secret\"))
		(deny file-ioctl (literal \"/dev/ptmx\"))" "$PYTHON" -c "$code"
	[[ $output == opened* ]]
	refused sandbox-exec -p "$ALLOW(deny file-ioctl (literal \"/dev/ptmx\"))" "$PYTHON" -c "$code"
	[[ $output == opened* ]]
}

@test "shared memory and settings have operations of their own, in the broker as well" {
	local code='import os
fd = os.open("/dev/shm/sbx-test", os.O_CREAT | os.O_RDWR, 0o600)
os.unlink("/dev/shm/sbx-test")'
	mkdir secret
	control "$PYTHON" -c "$code"
	run -0 opens "$PYTHON" -c "$code"
	refused sandbox-exec -p "$ALLOW(deny ipc-posix-shm*)" "$PYTHON" -c "$code"
	[ ! -e /dev/shm/sbx-test ]
	control cat /proc/sys/kernel/ostype
	run -0 opens cat /proc/sys/kernel/ostype
	refused sandbox-exec -p "$ALLOW(deny sysctl-read)" cat /proc/sys/kernel/ostype
}

@test "a FIFO that nobody opens stalls its caller alone, and not for longer than it lives" {
	mkdir secret
	mkfifo fifo
	run -0 timeout 20 sandbox-exec -p "$ALLOW(deny file-read* (subpath \"$PWD/secret\"))" sh -c '
		for round in 1 2 3 4 5 6; do
			waiting=
			for i in 1 2 3 4 5 6 7 8; do cat fifo & waiting="$waiting $!"; done
			cat yes >/dev/null && kill $waiting && wait
			(echo text >fifo) & cat fifo
		done'
	[ "$output" = "$(printf 'text\n%.0s' 1 2 3 4 5 6)" ]
}

@test "another sandbox inside: refused where its files would be opened for it" {
	mkdir secret
	run -125 opens sbx-net-off true
	[[ $output == *'the sandbox around this one has a broker that opens files'* ]]
	# The broker of metadata opens nothing, and is in nobody's way.
	run -0 sbx-write-cwd -q sbx-net-off true
}

@test "an inner sandbox keeps what connections it restricts" {
	run -0 sbx -q -A -e '(deny network-outbound (remote tcp "*:25"))' \
		"$PYTHON" -c 'import ctypes
libc = ctypes.CDLL(None, use_errno=True)
assert libc.syscall(444, None, 0, 1) <= 3
attributes = (ctypes.c_uint64 * 3)(0, 2, 0)
assert libc.syscall(444, attributes, 24, 0) == -1
attributes = (ctypes.c_uint64 * 3)(1, 0, 0)
assert libc.syscall(444, attributes, 8, 0) > 0'
	# What has no ports is there, for one of sbx's own.
	local outer='(deny network-outbound (remote tcp "*:25"))'
	run -0 sbx -q -A -e "$outer" sbx -qp python-eval "$PYTHON" -I -S -c 'print(6 * 7)'
	run -125 sbx -q -A -e "$outer" sbx -q -A -e '(deny network-outbound (remote tcp))' \
		-e '(allow network-outbound (remote tcp "*:443"))' touch started
	[ ! -e started ]
}

@test "many threads, 100000 openings, and signals all the while" {
	mkdir secret
	run -0 opens "$PYTHON" -c 'import os, signal, threading
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
def work():
    for i in range(5000):
        os.close(os.open("yes", os.O_RDONLY))
threads = [threading.Thread(target=work) for _ in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
signal.setitimer(signal.ITIMER_REAL, 0)'
}
