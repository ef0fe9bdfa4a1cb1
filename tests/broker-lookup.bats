# Where a process may go, and what it may know to be there: chdir and its like, which only the caller
# itself can make, and file-test-existence.

load helper

setup() {
	sbx_setup
	mkdir "$BATS_TEST_TMPDIR/bin"
	PATH=$PATH:$SBX_TEST_PROGRAMS:$BATS_TEST_TMPDIR/bin
	# py TEXT: a program, so that it can run in a sandbox.
	printf '#!/bin/sh\nexec "$PYTHON" -c "import errno, os, sys, threading\ndef errno_of(call, *words):\n\ttry:\n\t\tcall(*words)\n\texcept OSError as e:\n\t\treturn errno.errorcode[e.errno]\n$1"\n' >"$BATS_TEST_TMPDIR/bin/py"
	chmod +x "$BATS_TEST_TMPDIR/bin/py"
	mkdir -p tree/secret/deep tree/open/deep race/a/here race/a/none race/b/here
	echo text | tee tree/secret/file >tree/open/file
	ln -s ../open tree/secret/out
	ln -s secret tree/link
	ln -s deep tree/open/link
	cp -R tree/secret tree/guarded
	ALLOW='(version 1)(allow default)'
	# Nothing below secret is looked at.
	LOOK="$ALLOW(deny file-read-metadata (subpath \"$PWD/tree/secret\") (subpath \"$PWD/race/b\"))"
	# Nothing of what is below secret is known or done.
	KNOW="$ALLOW(deny file* file-test-existence process-exec*
		(subpath \"$PWD/tree/secret\") (subpath \"$PWD/race/b\"))"
	export PYTHON
}

looking() {
	sandbox-exec -p "$LOOK" "$@"
}

knowing() {
	sandbox-exec -p "$KNOW" "$@"
}

# no_entry COMMAND...: works outside; under either profile it is refused.
no_entry() {
	control "$@"
	refused looking "$@"
	refused knowing "$@"
}

@test "no shell enters what may not be looked at, by whatever path" {
	local path shell
	for shell in sh bash; do
		for path in tree/secret "$PWD/tree/secret" tree/secret/deep tree/./secret// \
			tree/open/../secret tree/link tree/link/deep /proc/self/cwd/tree/secret \
			"/proc/self/root$PWD/tree/secret/deep"; do
			no_entry "$shell" -c 'cd "$0"' "$path"
			no_entry "$shell" -c 'cd -P "$0"' "$path"
		done
	done
	no_entry bash -c 'pushd tree/secret && popd'
	no_entry sh -c 'cd tree/open && cd ../secret'
	no_entry py 'os.chdir("tree/secret")'
	no_entry py 'os.fchdir(os.open("tree/secret", os.O_RDONLY))'
	no_entry py 'os.fchdir(os.open("tree/secret", os.O_PATH))'
}

@test "what may be looked at is entered" {
	local profile
	for profile in "$LOOK" "$KNOW"; do
		run -0 sandbox-exec -p "$profile" bash -e -c 'cd tree/open/link && pwd -P
			cd .. && cd - >/dev/null && pushd / >/dev/null && popd >/dev/null && pwd -P
			(cd /proc/self && cd /tmp) && cd -P /proc/self/cwd/.. && pwd -P'
		[ "$output" = "$PWD/tree/open/deep"$'\n'"$PWD/tree/open/deep"$'\n'"$PWD/tree/open" ]
		control sandbox-exec -p "$profile" bash -c 'cd tree/open && exec find . -name file'
		control sandbox-exec -p "$profile" py 'os.fchdir(os.open("tree/open", os.O_RDONLY))
os.fchdir(os.open("deep", os.O_PATH))
assert os.getcwd().endswith("/open/deep")'
	done
}

@test "a process that starts inside leaves, and does not come back" {
	cd tree/secret
	control sh -c 'cd deep && cd .. && cd ../open && cd ../secret'
	refused looking sh -c 'cd deep'
	control looking sh -c 'cd ../open && cat file'
	refused looking sh -c 'cd ../open && cd ../secret'
	# The symlink is not looked at, either.
	control sh -c 'cd out'
	refused looking sh -c 'cd out'
	control knowing sh -c 'cd ../open && cat file'
}

@test "errors of chdir are those of the kernel" {
	cat >odd.py <<-'END'
	import ctypes, errno, os, sys
	libc = ctypes.CDLL(None, use_errno=True)
	home = os.open(".", os.O_RDONLY)
	closed = os.dup(home)
	os.close(closed)
	def tell(what, result):
	    print(what, "done" if result == 0 else errno.errorcode[ctypes.get_errno()], os.getcwd().replace(str(os.getpid()), "SELF"))
	    os.fchdir(home)
	for path in ("open", "open/", "open//deep/", "open/file", "open/file/", "open/file/x", "none", "none/", "none/x",
	        "", ".", "..", "../..", "loop", "loop/", "dangling", "dangling/x", "open/link", "open/link/..", "closed",
	        "closed/x", "x" * 255, "x" * 256, "x" * 5000, "open/" + "x" * 300, "/", "//", "/proc/self",
	        "/proc/self/fd", "/proc/self/fd/%d" % home, "/proc/self/exe", "/dev/null", "/dev/null/x", "fifo",
	        "./" * 2000 + "open", "./" * 2047, "./" * 2048, "unreadable"):
	    tell(("chdir", path[:40], len(path)), libc.chdir(path.encode()))
	for address in 0, 1, -1:
	    tell(("chdir", address), libc.chdir(ctypes.c_void_p(address)))
	pipe = os.pipe()
	for fd in (-1, 9999, -100, closed, home, os.open("open/file", os.O_RDONLY), os.open("fifo", os.O_PATH),
	        os.open("closed", os.O_PATH), os.open("open", os.O_PATH), os.open("open/link", os.O_PATH), pipe[0],
	        os.open("/", os.O_RDONLY), os.open("open/link", os.O_PATH | os.O_NOFOLLOW)):
	    tell(("fchdir", fd), libc.fchdir(fd))
	os.mkdir("gone")
	os.chdir("gone")
	os.rmdir("../gone")
	for path in b".", b"..", b"x", b"../open":
	    result = libc.chdir(path)
	    print("gone", path, "done" if result == 0 else errno.errorcode[ctypes.get_errno()])
	for flags in 0, os.O_DIRECTORY, os.O_NOFOLLOW, os.O_NOFOLLOW | os.O_DIRECTORY, os.O_CREAT | os.O_EXCL:
	    os.fchdir(home)
	    for path in ("open", "open/", "open/file", "open/file/", "none", "none/x", "", "loop", "dangling",
	            "open/link", "open/link/", "closed", "closed/x", "fifo", "/dev/null", "x" * 256):
	        fd = libc.open(path.encode(), os.O_PATH | flags, 0o600)
	        print("open", path[:40], flags, errno.errorcode[ctypes.get_errno()] if fd < 0 else os.fstat(fd).st_ino)
	        if fd >= 0:
	            os.close(fd)
	END
	cd tree
	ln -s loop loop
	ln -s nowhere dangling
	mkdir -m 0 closed
	mkdir -m 333 unreadable
	mkfifo fifo
	run -0 "$PYTHON" ../odd.py
	local outside=$output profile
	[ "${#lines[@]}" -gt 120 ]
	for profile in "$LOOK" "$KNOW"; do
		run -0 sandbox-exec -p "$profile" "$PYTHON" ../odd.py
		diff <(echo "$outside") <(echo "$output")
	done
}

@test "what is hidden is the same whether or not it is there, whatever the call" {
	cat >calls.py <<-'END'
	import ctypes, errno, os, sys
	libc = ctypes.CDLL(None, use_errno=True)
	paths = ["%s", "%s/", "%s/.", "%s/..", "%s/x", "%s/../x", "%s/x/..", "%s/../../open/file", "./../tree/%s",
	    "%s/" + "x" * 256, "link-to-%s"]
	def calls(p):
	    yield "access", lambda: libc.access(p, 0)
	    yield "access-r", lambda: libc.access(p, 4)
	    yield "faccessat2", lambda: libc.syscall(439, -100, p, 0, 0x100)
	    for flags in (0, 1, 2, os.O_PATH, os.O_PATH | os.O_DIRECTORY, os.O_PATH | os.O_NOFOLLOW, os.O_DIRECTORY,
	            os.O_NOFOLLOW, os.O_CREAT | os.O_WRONLY, os.O_CREAT | os.O_EXCL, os.O_TMPFILE | 2, os.O_TRUNC):
	        yield "open %o" % flags, lambda: libc.open(p, flags, 0o600)
	    yield "chdir", lambda: libc.chdir(p)
	    yield "stat", lambda: os.stat(p)
	    yield "lstat", lambda: os.lstat(p)
	    yield "statfs", lambda: libc.statfs(p, ctypes.create_string_buffer(512))
	    yield "readlink", lambda: os.readlink(p)
	    yield "listxattr", lambda: os.listxattr(p)
	    yield "getxattr", lambda: os.getxattr(p, "user.x")
	    yield "setxattr", lambda: os.setxattr(p, "user.x", b"")
	    yield "setxattr 0", lambda: libc.setxattr(p, None, p, 1, 0)
	    yield "chmod", lambda: os.chmod(p, 0o700)
	    yield "chown", lambda: os.chown(p, -1, -1)
	    yield "utime", lambda: os.utime(p)
	    yield "truncate", lambda: os.truncate(p, 0)
	    yield "mkdir", lambda: os.mkdir(p)
	    yield "rmdir", lambda: os.rmdir(p)
	    yield "unlink", lambda: os.unlink(p)
	    yield "symlink", lambda: os.symlink("x", p)
	    yield "mkfifo", lambda: os.mkfifo(p)
	    for other in b"open/file", b"open/new", b"none/x", b"open/deep", b".":
	        yield "rename to %s" % other, lambda: os.rename(p, other)
	        yield "rename from %s" % other, lambda: os.rename(other, p)
	        for flags in 1, 2:
	            yield "renameat2 to", lambda: libc.renameat2(-100, p, -100, other, flags)
	            yield "renameat2 from", lambda: libc.renameat2(-100, other, -100, p, flags)
	        yield "link to %s" % other, lambda: os.link(p, other)
	        yield "link from %s" % other, lambda: os.link(other, p)
	    yield "execve", lambda: os.execv(p, ["x"])
	    yield "chroot", lambda: libc.chroot(p)
	    yield "mount", lambda: libc.mount(b"none", p, b"tmpfs", 0, None)
	    yield "umount", lambda: libc.umount2(p, 0)
	    yield "swapon", lambda: libc.swapon(p, 0)
	    yield "acct", lambda: libc.acct(p)
	    yield "inotify", lambda: libc.inotify_add_watch(libc.inotify_init(), p, 2)
	    yield "handle", lambda: libc.name_to_handle_at(-100, p, ctypes.create_string_buffer(256),
	        ctypes.create_string_buffer(8), 0)
	def tell(call):
	    ctypes.set_errno(0)
	    try:
	        result = call()
	    except OSError as e:
	        return errno.errorcode[e.errno]
	    if isinstance(result, int) and result < 0:
	        return errno.errorcode[ctypes.get_errno()]
	    return "done"
	home = os.open(".", os.O_RDONLY)
	for path in paths:
	    for name, call in calls((path % sys.argv[1]).encode()):
	        print(path, name, tell(call))
	        os.fchdir(home)
	END
	cd tree
	mkdir secret/real
	echo text >secret/regular
	local name
	run -0 "$PYTHON" -c 'import os; os.stat("secret/real")'
	for name in real regular none real/none none/none regular/none; do
		knowing "$PYTHON" ../calls.py "secret/$name" >"../told-${name/\//-}"
	done
	run -0 sort -u ../told-none
	[ "${#lines[@]}" -gt 500 ]
	run -0 grep -v ' EPERM$' ../told-none
	# What leads nowhere near it has the errors of the kernel.
	if grep " done" ../told-none; then false; fi
	for name in real regular real-none none-none regular-none; do
		diff ../told-none "../told-$name"
	done
	[ "$(find secret | wc -l)" -eq 6 ]
}

@test "what is not hidden is as without a sandbox" {
	cat >known.py <<-'END'
	import errno, os
	for path in "open", "open/file", "none", "open/none", "open/file/x", "none/x", "open/link", "../tree/none", "":
	    for call in (lambda: os.stat(path).st_mode, lambda: os.access(path, os.F_OK), lambda: os.open(path, os.O_RDONLY) and 1,
	            lambda: os.readlink(path), lambda: os.listxattr(path), lambda: os.statvfs(path).f_namemax,
	            lambda: os.mkdir(path), lambda: os.unlink(path + "/none"), lambda: os.rmdir(path + "/.")):
	        try:
	            print(path, call())
	        except OSError as e:
	            print(path, errno.errorcode[e.errno])
	    if "none" in path and path != "none/x":
	        os.rmdir(path)
	END
	cd tree
	run -0 "$PYTHON" ../known.py
	local outside=$output
	run -0 knowing "$PYTHON" ../known.py
	diff <(echo "$outside") <(echo "$output")
}

@test "the calls that make what is denied to know still make it" {
	local rules="$ALLOW(deny file-test-existence (subpath \"$PWD/tree/secret\"))"
	control sandbox-exec -p "$rules" sh -c 'echo new >tree/secret/new && mkdir tree/secret/deep/deeper &&
		mv tree/secret/new tree/secret/newer && cat tree/secret/newer && rm tree/secret/newer'
	[ "$output" = new ]
	run sandbox-exec -p "$rules" cat tree/secret/none
	[[ $output == *'not permitted'* ]]
	refused sandbox-exec -p "$rules" sh -c 'cd tree/secret'
	control sh -c '[ -e tree/secret/file ]'
	# Its metadata tells, and may.
	control sandbox-exec -p "$rules" sh -c '[ -e tree/secret/file ] && [ ! -e tree/secret/none ]'
	refused sandbox-exec -p "$rules" py 'sys.exit(not os.access("tree/secret/file", os.F_OK))'
}

@test "existence denied everywhere, and by name, and by an explained rule" {
	control py 'sys.exit(os.access("none", os.F_OK) or not os.access("tree", os.F_OK))'
	control sandbox-exec -p "$ALLOW(deny file-test-existence)" cat tree/open/file
	run -0 sandbox-exec -p "$ALLOW(deny file-test-existence)" py 'print(errno_of(os.stat, "none"), os.access("tree", os.F_OK),
		errno_of(os.chdir, "tree"), errno_of(os.open, "tree", os.O_PATH), os.stat("tree").st_nlink > 1)'
	[ "$output" = 'EPERM False EPERM EPERM True' ]
	run -0 sandbox-exec -p "$ALLOW(deny file-test-existence (regex #\"/[.]env\$\"))" py '
print(errno_of(os.stat, ".env"), errno_of(os.stat, "tree/.env"), errno_of(os.stat, ".envy"))'
	[ "$output" = 'EPERM EPERM ENOENT' ]
}

@test "profiles of macOS start, whether or not their paths are here" {
	local path
	for path in /Users /Volumes /private/var "$HOME"; do
		control sandbox-exec -p "$ALLOW(deny file-test-existence (subpath \"$path\"))" sh -c 'ls / >/dev/null && date'
		control sandbox-exec -p "(version 1)(allow default)
			(deny file-read* file-test-existence (subpath \"$path/x\"))" sh -c 'cat /etc/passwd'
	done
}

# race WAY NAME COMMAND...: in a directory of its own; the paths differ in one letter.
race() {
	local way=$1 name=$2
	shift 2
	(
		rm -rf race/work && mkdir race/work && cd race/work &&
			"$@" timeout 100 enter-race "$way" "${PWD%/work}/a/$name" "${PWD%/work}/b/$name" 4000
	)
}

# goes_astray WAY NAME COMMAND...: somewhere else, or no error but one.
goes_astray() {
	run -0 race "$@"
	[[ -e race/work/escapes || ($output != made && $output != 'made EPERM') ]]
}

@test "a path that changes while it is decided on leads nowhere else" {
	local way
	for way in path link fd open; do
		run -0 race "$way" here env
		[ -e race/work/escapes ] || explain "the control goes nowhere else: $way"
		run ! goes_astray "$way" here knowing
		# O_PATH tells no more than that it is there.
		[ "$way" = open ] || run ! goes_astray "$way" here looking
	done
	# Nor is it told that there is nothing.
	for way in path link open; do
		run ! goes_astray "$way" none knowing
	done
}

@test "threads that go to different places at once" {
	run -0 looking py '
def work(name):
	for i in range(400):
		os.chdir(name)
home = os.getcwd()
threads = [threading.Thread(target=work, args=(home + "/tree/open" + end,)) for end in ("", "/deep", "/link", "/..")]
[t.start() for t in threads]
[t.join() for t in threads]
print(os.getcwd().startswith(home + "/tree"))'
	[ "$output" = True ]
}

@test "signals and stops come through" {
	local child
	sandbox-exec -p "$LOOK" py '
import signal
seen = 0
def count(*_):
	global seen
	seen += 1
signal.signal(signal.SIGUSR1, count)
signal.siginterrupt(signal.SIGUSR1, False)
open("pid", "w").write(str(os.getpid()))
os.rename("pid", "ready")
home = os.getcwd()
while not os.path.exists(home + "/stop"):
	os.chdir(home + "/tree/open")
	os.chdir(home)
open("seen", "w").write(str(seen))' &
	listeners+=($!)
	local tries=0
	until [ -s ready ] || [ $((++tries)) -gt 100 ]; do sleep 0.05; done
	child=$(<ready)
	for ((tries = 0; tries < 100; tries++)); do
		kill -USR1 "$child"
		sleep 0.005
	done
	# The job stops with its process, and goes on with it.
	kill -STOP "$child"
	tries=0
	until grep -q '^State:.T' "/proc/$child/status" || [ $((++tries)) -gt 100 ]; do sleep 0.02; done
	grep -q '^State:.T (stopped)' "/proc/$child/status"
	: >stop
	tries=0
	while kill -0 "${listeners[-1]}" && [ $((++tries)) -lt 100 ]; do
		kill -CONT "$child" "${listeners[-1]}" || :
		sleep 0.05
	done
	wait "${listeners[-1]}"
	[ "$(<seen)" -gt 10 ]
}

@test "without its broker nothing is entered" {
	cat >orphan.py <<-'END'
	import os, signal, sys
	broker = os.getppid()
	assert open(f"/proc/{broker}/comm").read() == "sbxbroker\n"
	os.kill(broker, signal.SIGKILL)
	while os.getppid() == broker:
	    pass
	for call in (lambda: os.chdir("tree/open"), lambda: os.fchdir(0), lambda: os.access("tree", 0) or os.stat("tree")):
	    try:
	        call()
	    except OSError:
	        continue
	    sys.exit("done")
	END
	run -0 looking "$PYTHON" orphan.py
}

@test "who is traced enters nothing, where directories are told apart" {
	control strace -o log sh -c 'cd tree/open'
	refused looking strace -o log sh -c 'cd tree/open'
	control sbx-net-off strace -o log sh -c 'cd tree/open'
}

@test "without a broker, and with rules that it cannot know, existence is a gap" {
	run -125 sbx -p write-cwd-only,-protect-persistence sbx -A -e "(deny file-test-existence (subpath \"/opt\"))" true
	[[ $output == *'file-test-existence'*'only a broker'* ]]
	sbx_failed sandbox-exec -p "$ALLOW(deny file-test-existence (process-path \"/bin/sh\"))" true || :
	run sandbox-exec -p "$ALLOW(deny file-test-existence (process-path \"/bin/sh\"))" true
	[ "$status" -ne 0 ]
	[[ $output == *'by path, type and mode alone'* ]]
}

@test "executing tells nothing more, and goes on as before" {
	mkdir first second
	echo text >first/tool
	printf '#!/bin/sh\necho tool\n' >second/tool
	printf 'echo plain\n' >second/plain
	printf '#!%s/tree/secret/none\n' "$PWD" >second/missing
	printf '#!%s/tree/secret/file\n' "$PWD" >second/there
	chmod 755 second/*
	# shellcheck disable=SC2016 # for the shell inside
	local command='PATH=$PWD/none:$PWD/first:$PWD/second:$PATH; tool && plain && ! none-such'
	run -0 sh -c "$command"
	local outside=$output
	run -0 knowing sh -c "$command"
	[ "$output" = "$outside" ]
	[[ $output == tool$'\n'plain* ]]
	run knowing second/missing
	outside=${output//missing/there}
	[ "$status" -ne 0 ]
	run knowing second/there
	[ "$output" = "$outside" ]
}
