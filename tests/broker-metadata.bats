# Modes, owners, times, flags and attributes of files: changed where the profile allows it, and
# nowhere else, through every system call and every kind of path; and so for looking at them.

load helper

setup() {
	sbx_setup
	PATH=$PATH:$SBX_TEST_PROGRAMS
	mkdir "$BATS_TEST_TMPDIR/outside"
	OUTSIDE=$(cd "$BATS_TEST_TMPDIR/outside" && pwd -P)
	make_file "$OUTSIDE/file"
	make_file file
	# Writing is denied, but for what is below the current directory.
	HERE="(version 1)(allow default)(deny file-write*)
		(allow file-write* (subpath \"$PWD\") (literal \"/dev/null\"))"
	export OUTSIDE
}

make_file() {
	rm -f "$1"
	echo text >"$1"
	chmod 640 "$1"
	metadata set user.gone "$1"
	touch -d 2001-01-01 "$1"
}

state() {
	stat -c '%a %u %g %x %y %z' "$1"
	metadata xattrs "$1"
	lsattr "$1" 2>/dev/null || :
}

# here COMMAND...: under the profile.
here() {
	sandbox-exec -p "$HERE" "$@"
}

@test "each call works on a file that may be changed, and fails on another" {
	local call before
	for call in $(metadata list); do
		# Not every file system has flags.
		run metadata "$call" "$OUTSIDE/file"
		[ "$status" -ne 2 ] || continue
		[ "$status" -eq 0 ] || explain "the control, $call"
		make_file "$OUTSIDE/file"
		make_file file
		before=$(state "$OUTSIDE/file")
		control here metadata "$call" "$PWD/file"
		refused here metadata "$call" "$OUTSIDE/file"
		[ "$output" = EPERM ]
		[ "$(state "$OUTSIDE/file")" = "$before" ] || explain "$call changed the file"
	done
}

@test "the forms of (deny default), of sbx and of write-cwd-only" {
	local before
	before=$(state "$OUTSIDE/file")
	run --separate-stderr sbx -p write-cwd-only chmod 600 file
	# shellcheck disable=SC2154 # run sets it
	[ "$status-$output-$stderr" = 0-- ]
	[ "$(stat -c %a file)" = 600 ]
	refused sbx -p write-cwd-only chmod 600 "$OUTSIDE/file"
	control sandbox-exec -p "(version 1)(deny default)(allow file-read* process* signal)
		(allow file-write* (subpath \"$PWD\"))" chmod 644 "$PWD/file"
	[ "$(stat -c %a file)" = 644 ]
	refused sandbox-exec -p "(version 1)(deny default)(allow file-read* process* signal)
		(allow file-write* (subpath \"$PWD\"))" chmod 600 "$OUTSIDE/file"
	[ "$(state "$OUTSIDE/file")" = "$before" ]
}

@test "errors are those of the kernel" {
	mkdir work
	cd work
	make_file file
	ln -s nowhere dangling
	ln -s loop loop
	ln -s file link
	ln -s . here
	run -0 metadata odd
	local outside=$output
	run -0 sandbox-exec -p "$HERE (allow file-write* (subpath \"/proc\"))" metadata odd
	diff <(echo "$outside") <(echo "$output")
	[ "${#lines[@]}" -gt 50 ]
}

@test "symlinks lead to what is decided on" {
	ln -s "$OUTSIDE/file" out
	ln -s "$OUTSIDE" directory
	ln -s out twice
	ln -s "$PWD/file" "$OUTSIDE/in"
	local before path
	before=$(state "$OUTSIDE/file")
	for path in out directory/file twice directory/../outside/file ./../outside/file \
		"/proc/self/cwd/out" /proc/self/root"$OUTSIDE/file"; do
		control test -e "$path"
		refused here chmod 777 "$path"
	done
	[ "$(state "$OUTSIDE/file")" = "$before" ]
	control here chmod 611 "$OUTSIDE/in"
	[ "$(stat -c %a file)" = 611 ]
	control here chown -h "$(id -u)" out
	refused here chown -h "$(id -u)" "$OUTSIDE/in"
}

@test "descriptors are decided by what they are open on" {
	control here "$PYTHON" -c '
import os, sys
fd = os.open("file", os.O_RDONLY)
os.fchmod(fd, 0o600)
for name in "/proc/self/fd/%d", "/dev/fd/%d", "/proc/thread-self/fd/%d":
	os.chmod(name % fd, 0o604)
os.rename("file", "renamed")
os.fchmod(fd, 0o606)
os.unlink("renamed")
os.fchmod(fd, 0o600)
for fd in os.pipe() + (os.memfd_create("x"),):
	os.fchmod(fd, 0o600)
fd = os.open(os.environ["OUTSIDE"] + "/file", os.O_RDONLY)
for call in (lambda: os.fchmod(fd, 0o777), lambda: os.utime(fd), lambda: os.fchown(fd, -1, os.getgid()),
		lambda: os.setxattr(fd, "user.a", b"x"), lambda: os.chmod("/proc/self/fd/%d" % fd, 0o777)):
	try:
		call()
	except PermissionError:
		continue
	sys.exit("not refused")
'
	[ "$(stat -c '%a' "$OUTSIDE/file")" = 640 ]
}

@test "a file whose name ends in (deleted) is no deleted one" {
	make_file 'x (deleted)'
	local profile="(version 1)(allow default)(deny file-write-mode (literal \"$PWD/x\"))"
	make_file x
	control sandbox-exec -p "$profile" chmod 600 file
	refused sandbox-exec -p "$profile" chmod 600 x
	# Its other name being denied, it is too: nobody can tell.
	refused sandbox-exec -p "$profile" chmod 600 'x (deleted)'
	ln x y
	refused sandbox-exec -p "$profile" "$PYTHON" -c '
import os
fd = os.open("x", os.O_RDONLY)
os.unlink("x")
os.fchmod(fd, 0o777)'
	[ "$(stat -c %a y)" = 640 ]
}

@test "links of other processes lead nowhere" {
	mkdir in
	sleep 30 &
	listeners+=($!)
	control sh -c "chmod 755 /proc/$!/cwd/in"
	refused here chmod 700 "/proc/$!/cwd/in"
	[ "$(stat -c %a in)" = 755 ]
	refused here chmod 700 "/proc/$!/root$PWD/in"
}

@test "a path that changes while it is decided on leads to no other file" {
	run -0 metadata race "$PWD/file" "$OUTSIDE/file"
	[ "$(stat -c %a "$OUTSIDE/file")" = 711 ]
	chmod 640 "$OUTSIDE/file"
	run -0 here metadata race "$PWD/file" "$OUTSIDE/file"
	[ "$(stat -c %a "$OUTSIDE/file")" = 640 ]
}

@test "a symlink that changes while it is decided on leads to no other file" {
	ln -s file link
	control here "$PYTHON" -c '
import os, threading
stop = False
def flip():
	while not stop:
		for target in os.environ["OUTSIDE"] + "/file", "file":
			os.symlink(target, "next")
			os.rename("next", "link")
thread = threading.Thread(target=flip)
thread.start()
made = 0
for i in range(3000):
	try:
		os.chmod("link", 0o711)
		made += 1
	except OSError:
		pass
stop = True
thread.join()
assert made
'
	[ "$(stat -c %a "$OUTSIDE/file")" = 640 ]
}

@test "many threads at once" {
	control here "$PYTHON" -c '
import os, threading
def work(n):
	name = "file%d" % n
	open(name, "w").close()
	for i in range(200):
		os.chmod(name, 0o600 + i % 64)
		assert os.stat(name).st_mode & 0o777 == 0o600 + i % 64
threads = [threading.Thread(target=work, args=(n,)) for n in range(16)]
[t.start() for t in threads]
[t.join() for t in threads]'
}

@test "another root: no mode is changed" {
	is_root || return 0 # only root can change it
	mkdir root
	make_file root/file
	control here "$PYTHON" -c 'import os; os.chmod("root/file", 0o600)'
	refused here "$PYTHON" -c 'import os; os.chroot("root"); os.chmod("/file", 0o777)'
	[ "$(stat -c %a root/file)" = 600 ]
	refused here "$PYTHON" -c 'import os; os.setgid(65534); os.setuid(65534); os.chmod("file", 0o777)'
}

@test "inside a sandbox with a broker, modes change nowhere, and the rest works" {
	control sbx -p write-cwd-only,-protect-persistence env sbx -p write-cwd-only,-protect-persistence sh -c 'echo x >new && mv new newer'
	refused sbx -p write-cwd-only,-protect-persistence env sbx -p write-cwd-only,-protect-persistence chmod 600 file
	[ "$(stat -c %a file)" = 640 ]
	run -0 sbx -qp write-cwd-only,-protect-persistence env sbx -vp write-cwd-only,-protect-persistence true
	[[ $output == *'file-write-mode is refused everywhere'* ]]
	control sbx -p write-cwd-only,-protect-persistence env sbx -p no-network chmod 600 file
	# What would leave nothing to work with is not started.
	run -125 sbx -p write-cwd-only,-protect-persistence sbx -A -e '(deny file-read-metadata (subpath "/opt"))' true
}

@test "attributes by name, modes by file, and setuid where it is allowed" {
	local rules='(version 1)(allow default)'
	control sandbox-exec -p "$rules(deny file-write-xattr (xattr \"user.a\"))" metadata set user.b file
	refused sandbox-exec -p "$rules(deny file-write-xattr (xattr \"user.a\"))" metadata set user.a file
	control sandbox-exec -p "$rules(deny file-write-mode (regex #\"[.]so\$\"))" chmod 600 file
	cp file file.so
	refused sandbox-exec -p "$rules(deny file-write-mode (regex #\"[.]so\$\"))" chmod 600 file.so
	rules+="(allow file-write-setugid (literal \"$PWD/file\"))"
	control sandbox-exec -p "$rules" chmod 4755 file
	[ "$(stat -c %a file)" = 4755 ]
	refused sandbox-exec -p "$rules" chmod 4755 file.so
	control sandbox-exec -p "$rules" chmod 755 file.so
	refused here chmod 4755 file
}

@test "a broker that is killed allows nothing" {
	sandbox-exec -p "$HERE" sh -c 'echo started >started; while [ ! -e go ]; do sleep 0.05; done
		chmod 777 file' &
	local waiter=$! tries=0 broker
	until [ -e started ] || [ $((++tries)) -gt 100 ]; do sleep 0.05; done
	broker=$(ps -o pid= --ppid "$waiter" | tr -d ' ')
	[ -n "$broker" ]
	kill -9 "$broker"
	: >go
	wait "$waiter" || :
	[ "$(stat -c %a file)" = 640 ]
}

@test "programs work: cp -a, tar, git, make, python, patch" {
	control here bash -e -c '
		mkdir a && echo x >a/f && cp -a a b && cp -p a/f c
		tar -cf t.tar a && mkdir d && tar -xpf t.tar -C d
		install -m 755 a/f e && touch -r a/f e
		git init -q g && cd g && echo 1 >f && git add f &&
			git -c user.name=x -c user.email=x@y commit -qm x && git status --porcelain'
	[ "$(stat -c %a e)" = 755 ]
}

# Reading is denied but for the system and what is below the current directory.
looking() {
	sandbox-exec -p "(version 1)(allow default)(deny file*)(allow file-read*
		(subpath \"/usr\") (subpath \"/bin\") (subpath \"/lib\") (subpath \"/lib64\") (literal \"/\")
		(subpath \"/proc\") (literal \"/etc/ld.so.cache\") (subpath \"$SBX_TEST_PROGRAMS\")
		(subpath \"$PWD\"))(allow file-write* file-read-data file-read-xattr (literal \"/dev/null\"))
		$RULES" "$@"
}

@test "each call that looks works on a file that may be looked at, and fails on another" {
	local call
	ln -s file "$OUTSIDE/file.link"
	ln -s file file.link
	# What is denied can be opened, so that descriptors are tried too.
	RULES="(allow file-read-data (subpath \"$OUTSIDE\"))"
	for call in $(metadata lookups); do
		control metadata "$call" "$OUTSIDE/file"
		control looking metadata "$call" "$PWD/file"
		refused looking metadata "$call" "$OUTSIDE/file"
		[ "$output" = EPERM ] || explain "$call"
	done
}

@test "what is missing is missing, and what exists exists" {
	refused looking cat "$OUTSIDE/missing"
	run looking "$PYTHON" -c '
import errno, os, sys
for name, wanted in ("/missing", errno.ENOENT), ("/file", errno.EPERM), ("/file/x", errno.ENOTDIR):
	try:
		os.stat(os.environ["OUTSIDE"] + name)
	except OSError as e:
		assert e.errno == wanted, (name, e)
assert os.access(os.environ["OUTSIDE"] + "/file", os.F_OK)
os.fstat(os.pipe()[0])'
	[ "$status-$output" = 0- ]
}

@test "results and errors of looking are those of the kernel" {
	mkdir work
	cd work
	make_file file
	metadata set user.long file
	ln -s nowhere dangling
	ln -s loop loop
	ln -s file link
	ln -s . here
	run -0 metadata odd-lookups
	local outside=$output
	run -0 looking metadata odd-lookups
	diff <(echo "$outside") <(echo "$output")
	[ "${#lines[@]}" -gt 40 ]
}

@test "a symlink on the way needs its own metadata" {
	ln -s "$PWD/file" "$OUTSIDE/in"
	ln -s "$PWD/file" in
	control looking stat in
	refused looking stat "$OUTSIDE/in"
	refused looking stat -L "$OUTSIDE/in"
	RULES="(allow file-read-metadata (literal \"$OUTSIDE/in\"))" control looking stat -L "$OUTSIDE/in"
}

@test "looking through links of other processes leads nowhere" {
	sleep 30 &
	listeners+=($!)
	control readlink "/proc/$!/cwd"
	refused looking readlink "/proc/$!/cwd"
	refused looking stat -L "/proc/$!/cwd"
	control looking readlink /proc/self/cwd
	[ "$output" = "$PWD" ]
}

@test "programs work where metadata is denied: sh, ls, python, cc, git" {
	git init -q g
	printf 'int main(void) { return 0; }' >main.c
	RULES='(allow file-read* file-write* (subpath "/tmp") (subpath "/etc"))' \
		control looking bash -e -c '
		ls -la . >/dev/null
		test -f file
		"$PYTHON" -c "import json, os; os.listdir()"
		cc -o /dev/null -fsyntax-only main.c
		cd g && git status --porcelain'
}

@test "/proc/self is that of the command, which the broker starts" {
	run -0 sbx -qp python-eval "$PYTHON" -I -S -c 'print(open("/proc/self/comm").read())'
	run -0 sbx -qp python-eval,write-cwd-only "$PYTHON" -I -S -c 'print(open("/proc/self/comm").read())'
}
