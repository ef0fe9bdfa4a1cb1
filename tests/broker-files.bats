# Holes: what is denied inside a tree that is allowed, and rules that ask for more than directories.
# The broker opens files, and makes, removes and moves names.

load helper

setup() {
	sbx_setup
	mkdir "$BATS_TEST_TMPDIR/bin"
	PATH=$PATH:$SBX_TEST_PROGRAMS:$BATS_TEST_TMPDIR/bin
	# py TEXT [WORD]...: a program, so that it can run in a sandbox.
	printf '#!/bin/sh\ntext=$1\nshift\nexec "$PYTHON" -c "import ctypes, os, sys\nlibc = ctypes.CDLL(None, use_errno=True)\n$text" "$@"\n' >"$BATS_TEST_TMPDIR/bin/py"
	chmod +x "$BATS_TEST_TMPDIR/bin/py"
	export PYTHON
	mkdir -p tree/secret/deep tree/open
	echo secret | tee tree/secret/key tree/secret/deep/key tree/.env tree/open/.env.local >tree/top
	echo text >tree/open/file
	ALLOW='(version 1)(allow default)'
	# Nothing below secret is read, and no .env anywhere.
	READ="$ALLOW(deny file-read* (subpath \"$PWD/tree/secret\")
		(regex #\"/\\.env(\\.[^/]*)?\$\"))"
	# Nothing below secret is written.
	WRITE="$ALLOW(deny file-write* (subpath \"$PWD/tree/secret\"))"
}

hidden() {
	sandbox-exec -p "$READ" "$@"
}

frozen() {
	sandbox-exec -p "$WRITE" "$@"
}

# is_hidden COMMAND...: outside it prints the secret; inside it fails and does not.
is_hidden() {
	control "$@"
	[[ $output == *secret* ]] || explain 'the control prints no secret'
	refused hidden "$@"
	[[ $output != *$'\n'secret* && $output != secret* ]] || explain 'the secret is out'
}

# is_frozen COMMAND...: fails inside and changes nothing; outside it works.
is_frozen() {
	local before
	before=$(picture)
	refused frozen "$@"
	[ "$(picture)" = "$before" ] || explain 'something changed'
	control "$@"
}

picture() {
	find tree -printf '%p %y %m %s %l\n' | sort
	find tree -type f -exec cat {} + 2>/dev/null | sort
}

@test "what is hidden is not read, by whatever path" {
	local path
	ln -s secret tree/link
	ln -s ../link/key tree/open/chain
	for path in tree/secret/key "$PWD/tree/secret/key" tree/open/../secret/key tree//secret///key \
		tree/./secret/./key tree/link/key tree/open/chain tree/secret/deep/../key \
		"/proc/self/cwd/tree/secret/key" "/proc/thread-self/cwd/tree/secret/key" \
		"/proc/self/root$PWD/tree/secret/key" tree/.env tree/open/.env.local; do
		is_hidden cat "$path"
	done
	is_hidden sh -c 'cd tree/secret && cat key'
	is_hidden sh -c 'exec 3<tree/secret; cat /proc/self/fd/3/key'
	is_hidden sh -c 'cat <tree/secret/key'
	is_hidden sh -c 'cd tree/secret/deep && cat ../key'
	(cd tree/secret/deep && is_hidden cat ../key)
	run -0 hidden cat tree/open/file tree/top
	[ "$output" = $'text\nsecret' ]
}

@test "nor by whatever call" {
	is_hidden py 'print(os.read(os.open("tree/secret/key", os.O_RDWR), 9))'
	is_hidden py 'd = os.open("tree/secret", os.O_PATH)
print(os.read(os.open("key", os.O_RDONLY, dir_fd=d), 9))'
	is_hidden py 'f = os.open("tree/secret/key", os.O_PATH)
print(os.read(os.open(f"/proc/self/fd/{f}", os.O_RDONLY), 9))'
	is_hidden py 'os.chdir("tree/secret"); print(os.read(os.open("key", os.O_RDONLY), 9))'
	is_hidden py 'import struct
path = ctypes.create_string_buffer(b"tree/secret/key")
how = ctypes.create_string_buffer(struct.pack("QQQ", 0, 0, int(sys.argv[1])))
fd = libc.syscall(437, -100, path, how, 24)
print(os.read(fd, 9))' 0
	is_hidden py 'import struct
path = ctypes.create_string_buffer(b"tree/secret/key")
how = ctypes.create_string_buffer(struct.pack("QQQ", 0, 0, 8))
fd = libc.syscall(437, -100, path, how, 24)
print(os.read(fd, 9))'
	mkdir tree/secret/secret
	is_hidden ls tree/secret
	is_hidden py 'print(os.listdir("tree/secret"))'
	refused hidden stat tree/secret/key
	refused hidden readlink tree/secret/deep
	refused hidden py 'watch = libc.inotify_add_watch(libc.inotify_init1(0), b"tree/secret", 0x100)
sys.exit(watch < 0)'
	run -0 hidden py 'watch = libc.inotify_add_watch(libc.inotify_init1(0), b"tree/open", 0x100)
sys.exit(watch < 0)'
}

@test "what comes later is hidden as well, and nothing is made to protect what is missing" {
	rm -r tree/secret tree/.env
	mkfifo go
	hidden sh -c 'cat go; cat tree/secret/key; cat tree/.env; cat tree/open/file' >out 2>&1 &
	listeners+=("$!")
	[ ! -e tree/secret ]
	mkdir elsewhere
	echo secret >elsewhere/key
	mv elsewhere tree/secret
	echo secret >new
	mv new tree/.env
	echo go >go
	wait "$!"
	[ "$(grep -c 'Operation not permitted' out)" -eq 2 ]
	grep -qx text out
	run ! grep -q 'secret$' out
	refused hidden sh -c 'rm -r tree/secret; mkdir tree/secret && echo secret >tree/secret/key && cat tree/secret/key'
}

@test "no other name opens a hole" {
	is_hidden sh -c 'mv tree/secret tree/other && cat tree/other/key; s=$?; mv tree/other tree/secret; exit $s'
	is_hidden sh -c 'mv tree/secret/key tree/key && cat tree/key; s=$?; mv tree/key tree/secret/; exit $s'
	is_hidden sh -c 'mv tree elsewhere && cat elsewhere/secret/key; s=$?; mv elsewhere tree; exit $s'
	is_hidden sh -c 'ln tree/secret/key tree/key && cat tree/key; s=$?; rm -f tree/key; exit $s'
	is_hidden sh -c 'mv tree/.env tree/env && cat tree/env; s=$?; mv tree/env tree/.env; exit $s'
	is_hidden py 'libc.renameat2(-100, b"tree/secret", -100, b"tree/open", 2)
print(open("tree/open/key").read())
libc.renameat2(-100, b"tree/secret", -100, b"tree/open", 2)'
	is_hidden py 'f = os.open("tree/secret/key", os.O_PATH)
assert not libc.linkat(-100, f"/proc/self/fd/{f}".encode(), -100, b"tree/key", 0x400)
try: print(open("tree/key").read())
finally: os.unlink("tree/key")'
	# What holds nothing hidden moves, and so does what is hidden there as well.
	mkdir -p tree/open/sub/dir
	run -0 hidden sh -c 'mv tree/open tree/moved && cat tree/moved/file && mv tree/moved/sub tree/'
	[ ! -e tree/open ] || explain "not moved"
	run -0 hidden mv tree/moved/.env.local tree/moved/.env.old
	run -0 hidden mv tree/secret/key tree/secret/key2
}

@test "what is frozen is not written, by whatever call" {
	local mode
	is_frozen sh -c 'echo more >>tree/secret/key'
	is_frozen sh -c 'echo more >tree/secret/key'
	is_frozen sh -c 'echo new >tree/secret/new'
	is_frozen truncate -s 1 tree/secret/key
	is_frozen py 'os.truncate("tree/secret/deep/key", 0)'
	for mode in O_WRONLY O_RDWR 'O_RDONLY|os.O_TRUNC' 'O_RDONLY|os.O_CREAT|os.O_TRUNC'; do
		is_frozen py "os.open('tree/secret/key', os.$mode)"
	done
	is_frozen py 'os.open("tree/secret/new2", os.O_CREAT | os.O_RDONLY)'
	is_frozen py 'f = os.open("tree/secret", os.O_TMPFILE | os.O_RDWR)'
	is_frozen mkdir tree/secret/dir
	is_frozen ln -s x tree/secret/link
	is_frozen mkfifo tree/secret/fifo
	is_frozen py 'import socket; socket.socket(socket.AF_UNIX).bind("tree/secret/socket")'
	is_frozen py 'os.mknod("tree/secret/node")'
	is_frozen cp tree/open/file tree/secret/copy
	is_frozen mv tree/open/file tree/secret/file
	is_frozen ln tree/open/.env.local tree/secret/hard
	is_frozen ln tree/secret/key tree/hard
	is_frozen mv tree/secret/copy tree/copy
	is_frozen mv tree/copy tree/secret/key
	is_frozen rm tree/secret/key
	is_frozen rmdir tree/secret/dir
	is_frozen py 'sys.exit(libc.renameat2(-100, b"tree/secret/deep", -100, b"tree/open", 2) != 0)'
	is_frozen mv tree/secret tree/other
}

@test "a link that leads into what is frozen does not help" {
	ln -s secret/new tree/dangling
	is_frozen sh -c 'echo text >tree/dangling'
	[ -f tree/secret/new ]
	ln -s ../secret tree/open/way
	is_frozen sh -c 'echo text >tree/open/way/other'
	run -0 frozen sh -c 'ln -s missing tree/open/to && echo text >tree/open/to'
	[ "$(cat tree/open/missing)" = text ]
}

@test "rules by type and mode are followed" {
	mkfifo tree/fifo
	is_frozen() {
		refused sandbox-exec -p "$ALLOW(deny file-read* (vnode-type FIFO))" "$@"
		control "$@"
	}
	is_frozen py 'os.open("tree/fifo", os.O_RDONLY | os.O_NONBLOCK)'
	chmod 600 tree/top
	is_frozen() {
		refused sandbox-exec -p "$ALLOW(deny file-read-data (require-all (subpath \"$PWD\") (file-mode #o100)))" "$@"
		control "$@"
	}
	chmod 700 tree/top
	is_frozen cat tree/top
	run -0 sandbox-exec -p "$ALLOW(deny file-read-data (require-all (subpath \"$PWD\") (file-mode #o100)))" cat tree/open/file
}

@test "regular expressions allow, too" {
	local profile='(version 1)(deny default)(import "system.sb")(allow process*)(allow signal)
		(allow file-read* (subpath "/usr") (subpath "/lib") (subpath "/lib64") (subpath "/bin"))
		(allow file-read-metadata file-ioctl)(allow file-read* file-write* (regex #"\.txt$"))'
	echo text >tree/a.txt
	run -0 sandbox-exec -p "$profile" sh -c 'cat tree/a.txt && echo more >>tree/a.txt && echo new >tree/b.txt'
	[ "$(cat tree/a.txt tree/b.txt)" = $'text\nmore\nnew' ]
	refused sandbox-exec -p "$profile" cat tree/open/file
	refused sandbox-exec -p "$profile" sh -c 'echo new >tree/c'
	refused sandbox-exec -p "$profile" mv tree/a.txt tree/a
	[ ! -e tree/c ]
}

@test "what /proc shows of other processes" {
	local profile="$ALLOW(deny process-info* (target others))"
	control cat /proc/1/comm
	control ls /proc
	refused sandbox-exec -p "$profile" cat /proc/1/comm
	refused sandbox-exec -p "$profile" cat /proc/1/task/1/comm
	refused sandbox-exec -p "$profile" sh -c 'sleep 5 & cat /proc/$!/cmdline; s=$?; kill $!; exit $s'
	run -0 sandbox-exec -p "$profile" sh -c 'cat /proc/self/comm; cat /proc/self/task/*/comm; ls /proc/self/fd'
	run -0 sandbox-exec -p "$profile" py 'pid = os.posix_spawn("/bin/sleep", ["sleep", "5"], {})
print(open(f"/proc/{pid}/comm").read(), os.listdir(f"/proc/{pid}/fd"))
os.kill(pid, 9)'
	profile="$ALLOW(deny process-info*)(allow process-info-pidinfo (target self))"
	run -0 sandbox-exec -p "$profile" cat /proc/self/comm
	refused sandbox-exec -p "$profile" ls /proc
	refused sandbox-exec -p "$profile" ls /proc/self/fd
	refused sandbox-exec -p "$profile" sh -c 'sleep 5 & readlink /proc/$!/exe; s=$?; kill $!; exit $s'
}

@test "all else is as without a sandbox: results, errors, modes, offsets" {
	cat >calls.py <<-'END'
	import ctypes, errno, fcntl, os, resource, stat, struct
	libc = ctypes.CDLL(None, use_errno=True)
	def attempt(what, *arguments, **named):
	    try:
	        result = what(*arguments, **named)
	    except OSError as error:
	        result = errno.errorcode[error.errno]
	    if what is os.open and isinstance(result, int):
	        # But for O_NOFOLLOW: the broker has no symlink left to follow.
	        flags, mode = fcntl.fcntl(result, fcntl.F_GETFL) & ~os.O_NOFOLLOW, os.fstat(result).st_mode
	        result = (result, oct(flags), oct(mode), os.get_inheritable(result))
	    print(what.__name__, [ascii(a)[:30] for a in arguments], result)
	def openat2(path, flags, mode, resolve, size=24):
	    how = struct.pack("QQQ", flags, mode, resolve) + bytes(max(0, size - 24))
	    fd = libc.syscall(437, -100, path.encode(), how, size)
	    if fd < 0:
	        raise OSError(ctypes.get_errno(), "openat2")
	    os.close(fd)
	    return True
	os.chdir("work")
	d = os.open(".", os.O_RDONLY)
	print("umask", os.umask(0o027))
	C, E, W, R, D, N, T, P = (os.O_CREAT, os.O_EXCL, os.O_WRONLY, os.O_RDWR, os.O_DIRECTORY,
	    os.O_NOFOLLOW, os.O_TRUNC, os.O_PATH)
	os.symlink("file", "link"); os.symlink("loop", "loop"); os.symlink("gone", "dangling")
	os.symlink("/proc/self/fd", "fds"); os.symlink("dir/", "todir")
	for path in ("file", "./file", "dir", "dir/", "file/", "missing", "missing/", "link", "link/",
	        "loop", "dangling", "dangling/", "todir", "todir/x", "", ".", "..", "/", "dir/..", "x" * 256,
	        "dir/" * 1100, "file/x", "missing/x", "unreadable", "nosearch/x", "fifo",
	        "dir/\udcff", "fds/0", "fds/99", "/proc/self/cwd/file", "/dev/null", "/dev/full",
	        "/proc/self/status", "/proc/self/comm", "/proc/1/environ", "/dev/tty"):
	    for flags in (0, W, R, W | T, C, C | W, C | E | W, D, N, N | C, P, P | N, P | D, C | D,
	            os.O_APPEND | W | C, os.O_TMPFILE | R, os.O_TMPFILE, os.O_NONBLOCK | R, 3):
	        if path == "fifo" and not flags & (P | D | os.O_NONBLOCK) and flags & 3 != 2:
	            continue
	        attempt(os.open, path, flags, 0o777, dir_fd=d)
	        for fd in range(d + 1, d + 3):
	            try: os.close(fd)
	            except OSError: pass
	        for made in ("missing", "gone", "dir/\udcff", "todir/x"):
	            try: os.unlink(made)
	            except OSError: pass
	for resolve in (0, 1, 2, 4, 8, 16, 32, 64, 128):
	    for path in ("file", "link", "../work/file", "/etc/passwd", "dir/../file", "todir", "fds/0", "dir/new"):
	        attempt(openat2, path, 0, 0, resolve)
	        attempt(openat2, path, C | W, 0o600, resolve)
	attempt(openat2, "file", 0, 0, 0, 16); attempt(openat2, "file", 0, 0, 0, 32)
	attempt(openat2, "file", 1 << 40, 0, 0); attempt(openat2, "file", 0, 0o600, 0)
	for call in (os.mkdir, os.rmdir, os.unlink, os.mkfifo):
	    for path in ("file", "dir", "dir/", ".", "..", "dir/.", "dir/..", "/", "", "new", "new2/", "missing/x",
	            "file/x", "loop", "loop/", "todir/", "dangling", "dangling/", "full", "x" * 256, "nosearch/x"):
	        attempt(call, path)
	for call in (os.rename, os.link, os.symlink):
	    for first in ("file", "dir", "missing", "link", "loop", ".", "dir/.", "", "file/", "dir/", "full"):
	        for second in ("other", "other/", "dir", "file", "dir/in", "missing/x", ".", "", "full", "dir/sub/x", "link"):
	            attempt(call, first, second)
	            print(sorted(os.listdir()), sorted(os.listdir("dir")) if os.path.isdir("dir") else "")
	for flags in (0, 1, 2, 3, 4, 8):
	    for first, second in (("a", "b"), ("a", "c"), ("b", "a"), ("a", "missing/x"), ("d1", "d1/x")):
	        os.makedirs("d1", exist_ok=True)
	        for name in "ab":
	            if not os.path.exists(name): open(name, "w").close()
	        result = libc.renameat2(-100, first.encode(), -100, second.encode(), flags)
	        print("renameat2", flags, first, second, result, result and ctypes.get_errno())
	print(oct(os.stat("a").st_mode), os.path.exists("c"))
	fd = os.open("append", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o666)
	os.write(fd, b"12345"); print(os.lseek(fd, 0, 1), oct(os.fstat(fd).st_mode))
	attempt(os.truncate, "append", 2); attempt(os.truncate, "dir", 2); attempt(os.truncate, "append", -1)
	attempt(os.truncate, "missing", 1); attempt(os.ftruncate, fd, 1); print(os.stat("append").st_size)
	t = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o640); os.write(t, b"made")
	libc.linkat(-100, f"/proc/self/fd/{t}".encode(), -100, b"linked", 0x400)
	print(open("linked").read(), os.stat("linked").st_nlink)
	resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))
	print([attempt(os.open, "linked", os.O_RDONLY) for _ in range(8)])
	END
	local where
	for where in outside inside; do
		mkdir -p work/dir/sub work/full work/nosearch
		touch work/full/x work/file
		mkfifo work/fifo
		echo x >work/unreadable
		chmod 0 work/unreadable work/nosearch
		if [ "$where" = outside ]; then
			run -0 "$PYTHON" calls.py
		else
			run -0 hidden "$PYTHON" calls.py
		fi
		echo "$output" >"$where"
		chmod 700 work/nosearch
		rm -rf work
	done
	[ "$(wc -l <outside)" -gt 1000 ]
	diff outside inside
}

@test "what was open for writing is free once it is closed: programs can be run, ends of pipes are gone" {
	cat >written.py <<-'END'
	import errno, os, subprocess
	program = open("/bin/true", "rb").read()
	for i in range(400):
	    fd = os.open("program", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755)
	    os.write(fd, program); os.close(fd)
	    subprocess.run(["./program"], close_fds=False, check=True) # vfork(2): soon
	os.mkfifo("fifo")
	for i in range(400):
	    reader = os.open("fifo", os.O_RDONLY | os.O_NONBLOCK); os.close(reader)
	    try:
	        os.open("fifo", os.O_WRONLY | os.O_NONBLOCK)
	        raise SystemExit("somebody reads")
	    except OSError as error:
	        assert error.errno == errno.ENXIO
	os.unlink("fifo")
	END
	control "$PYTHON" written.py
	run -0 hidden "$PYTHON" written.py
	run -0 frozen "$PYTHON" written.py
}

@test "hundreds of FIFOs that wait to be opened leave the broker free for others" {
	cat >fifos.py <<-'END'
	import os, subprocess, threading, time
	names = [f"fifo{i}" for i in range(400)]
	def wait(name): os.close(os.open(name, os.O_RDONLY))
	def let_go(name):
	    while True:
	        try: return os.close(os.open(name, os.O_WRONLY | os.O_NONBLOCK))
	        except OSError: time.sleep(0.01) # nobody waits yet
	for name in names: os.mkfifo(name)
	threads = [threading.Thread(target=wait, args=(name,)) for name in names]
	for thread in threads: thread.start()
	let_go(names[-1])
	subprocess.run(["cat", "tree/open/file"], check=True)
	for name in names[:-1]: let_go(name)
	for thread in threads: thread.join()
	for name in names: os.unlink(name)
	END
	control timeout 60 "$PYTHON" fifos.py
	run -0 hidden timeout 60 "$PYTHON" fifos.py
	# The broker's descriptors do not end where the command's did at first.
	ulimit -Sn 64
	run -0 hidden sh -c 'ulimit -Sn 1024; exec timeout 60 "$0" fifos.py' "$PYTHON"
}
