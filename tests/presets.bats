# What each preset lets real programs do, and what it keeps from them.

load helper
load enforce

setup() {
	enforce_setup
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
}

teardown() {
	sbx_teardown
	[ -z "${REMOVE_AFTERWARDS:-}" ] || rm -rf "$REMOVE_AFTERWARDS"
}

# allowed PRESETS COMMAND...
allowed() {
	local presets=$1
	shift
	control sbx -qp "$presets" "$@"
}

# not_made PRESETS DOMAIN TYPE PROTOCOL: sbx refuses this socket, and not for want of support.
not_made() {
	run sockets socket "$2" "$3" "$4"
	[ "$output" != 'socket: Operation not permitted' ] || return 0 # not for this user
	refused sbx -qp "$1" sockets socket "$2" "$3" "$4"
	[ "$output" = 'socket: Operation not permitted' ] || explain 'not refused by sbx'
}

python() {
	"$PYTHON" -c "$@"
}

# Everything about the files in $OUTSIDE but their times.
snapshot() {
	find "$OUTSIDE" -printf '%P %y %m %s %l\n' | sort
	find "$OUTSIDE" -type f -exec cat {} + </dev/null
}

# The same files at every call: $OUTSIDE/{file,empty,full/file}, here inside and links out of here.
fresh_files() {
	rm -rf "$OUTSIDE" ./* ../run
	mkdir -p "$OUTSIDE/empty" "$OUTSIDE/full" sub
	mkdir -m 700 ../run
	echo content >"$OUTSIDE/file"
	echo other >"$OUTSIDE/full/file"
	echo inside >inside
	ln -s "$OUTSIDE" link
	ln -s "$OUTSIDE/file" filelink
	ln -s "$OUTSIDE/new" newlink
}

# kept_out PRESETS OPERATION ARG...: works outside the sandbox; in it, fails and changes nothing.
kept_out() {
	local presets=$1 before
	shift
	fresh_files
	control probe "$@"
	fresh_files
	before=$(snapshot)
	refused sbx -qp "$presets" probe "$@"
	[ "$(snapshot)" = "$before" ] || {
		echo "$presets: $* was refused, and yet changed something"
		diff <(echo "$before") <(snapshot)
	}
}

writes_outside() {
	local presets=$1 attempt
	while read -ra attempt; do
		kept_out "$presets" "${attempt[@]}"
	done <<-END
		create $OUTSIDE/new
		create $OUTSIDE/full/new
		write $OUTSIDE/file
		append $OUTSIDE/file
		trunc $OUTSIDE/file
		truncate $OUTSIDE/file
		read-trunc $OUTSIDE/file
		unlink $OUTSIDE/file
		rmdir $OUTSIDE/empty
		mkdir $OUTSIDE/new
		fifo $OUTSIDE/new
		bind $OUTSIDE/new
		symlink target $OUTSIDE/new
		tmpfile $OUTSIDE
		link-tmpfile $OUTSIDE $OUTSIDE/new
		rename $OUTSIDE/file $OUTSIDE/new
		rename $OUTSIDE/file $OUTSIDE/full/file
		rename $OUTSIDE/full $OUTSIDE/empty
		link $OUTSIDE/file $OUTSIDE/new
	END
}

# What was done to the victim since it started, one word a line.
harm() {
	sleep 0.1
	tail -n +2 "$BATS_TEST_TMPDIR/victim"
}

small_project() {
	echo 'int main(void) { return 0; }' >main.c
	printf 'main: main.c\n\tgcc -O1 -o main main.c\n' >Makefile
}

git_commits() {
	git init -q repository
	git -C repository config gc.auto 0
	echo text >repository/file
	git -C repository add file
	git -C repository commit -qm first
	echo more >>repository/file
	git -C repository stash -q
	git -C repository stash pop -q
	git -C repository status --short
}
export -f git_commits

@test "no-network: no listener is reached: TCP, UDP, IPv6, unix, abstract" {
	local attempt count=0
	listen
	while read -ra attempt; do
		denied no-network sockets "${attempt[@]}"
		count=$((count + 1))
	done <<-END
		tcp4 $TCP4
		tcp6 $TCP6
		udp4 $UDP4
		udp6 $UDP6
		stream $STREAM
		dgram $DGRAM
		stream $ASTREAM
		dgram $ADGRAM
	END
	contacts "$count"
}

@test "no-network: nothing listens" {
	denied no-network sockets bind4 0
	denied no-network sockets bind6 0
	denied no-network sockets listen
	control sockets bind-path "$PWD/socket"
	rm socket
	refused sbx -qp no-network sockets bind-path "$PWD/socket"
	[ ! -e socket ]
}

@test "no-network: no socket of any family" {
	control sockets socket 16 3 0
	not_made no-network 16 3 0  # netlink
	not_made no-network 16 2 15 # kernel events
	not_made no-network 40 1 0  # vsock
	not_made no-network 38 5 0  # kernel cryptography
	not_made no-network 1 1 0
	not_made no-network 2 1 0
	not_made no-network 10 2 0
	not_made no-network 2 2 1 # ping
	if is_root; then
		denied no-network sockets socket 17 3 768 # packet
		denied no-network sockets socket 2 3 1    # raw
		denied no-network sockets socket 10 3 58
	fi
}

@test "no-network: pipes and pairs of stream sockets work" {
	allowed no-network sockets works 1
	allowed no-network sockets works 5
	allowed no-network bash -c 'seq 1000 | sort -rn | head -n 1'
	[ "$output" = 1000 ]
	allowed no-network "$PYTHON" -c '
import asyncio
async def main():
    p = await asyncio.create_subprocess_exec("echo", "hello", stdout=asyncio.subprocess.PIPE)
    print((await p.communicate())[0].decode().strip())
asyncio.run(main())'
	[ "$output" = hello ]
}

@test "no-network: a connection that is inherited as stdin works" {
	listen
	control bash -c 'exec sbx -qp no-network bash -c "echo hello >&0" 0<>/dev/tcp/127.0.0.1/'"$TCP4"
	contacts 1
	grep -q hello "$CONTACTS"
}

@test "no-network: names do not resolve, without a hang" {
	local start=$SECONDS
	refused sbx -qp no-network timeout 20 sockets lookup example.com
	[ "$status" -eq 1 ]
	[[ $output == getaddrinfo:* ]]
	refused sbx -qp no-network "$PYTHON" -c 'import socket; socket.getaddrinfo("example.com", 80)'
	[ $((SECONDS - start)) -lt 20 ]
}

@test "no-network: gcc, make, git, tar and python work" {
	small_project
	allowed no-network make
	./main
	allowed no-network bash -e -c git_commits
	[ "$(git -C repository log --oneline | wc -l)" -eq 1 ]
	allowed no-network tar -czf a.tar.gz main.c Makefile
	allowed no-network "$PYTHON" -c '
import multiprocessing, sqlite3, ssl, tempfile
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
sqlite3.connect("a.db").execute("create table t (a)")'
	[ -s a.db ]
}

@test "no-network: an explicit grant opens one port and nothing else" {
	listen
	local grant='(allow network-outbound (remote tcp "*:'$TCP4'"))'
	control sbx -qp no-network -e "$grant" sockets tcp4 "$TCP4"
	refused sbx -qp no-network -e "$grant" sockets tcp4 "$OTHER"
	refused sbx -qp no-network -e "$grant" sockets tcp6 "$TCP6"
	refused sbx -qp no-network -e "$grant" sockets udp4 "$UDP4"
	refused sbx -qp no-network -e "$grant" sockets stream "$STREAM"
	contacts 1
}

@test "no-internet: IP is out of reach" {
	listen
	denied no-internet sockets tcp4 "$TCP4"
	denied no-internet sockets tcp6 "$TCP6"
	denied no-internet sockets udp4 "$UDP4"
	denied no-internet sockets udp6 "$UDP6"
	contacts 4
	denied no-internet sockets bind4 0
	denied no-internet sockets bind6 0
	denied no-internet sockets listen
}

@test "no-internet: unix sockets work" {
	listen
	allowed no-internet sockets stream "$STREAM"
	allowed no-internet sockets dgram "$DGRAM"
	allowed no-internet sockets stream "$ASTREAM"
	allowed no-internet sockets dgram "$ADGRAM"
	contacts 4
	allowed no-internet sockets bind-path "$PWD/socket"
	[ -S socket ]
	allowed no-internet sockets works 1
	allowed no-internet sockets works 2
}

@test "no-internet: interfaces can be listed, raw and packet sockets not made" {
	control sockets interfaces
	allowed no-internet sockets interfaces
	not_made no-internet 16 3 9 # audit
	not_made no-internet 40 1 0
	not_made no-internet 38 5 0
	not_made no-internet 2 2 1
	if is_root; then
		denied no-internet sockets socket 17 3 768
		denied no-internet sockets socket 2 3 1
		denied no-internet sockets socket 10 3 58
	fi
}

@test "no-internet: an explicit grant opens one port, or sbx says what it cannot enforce" {
	listen
	local grant='(allow network-outbound (remote tcp "*:'$TCP4'"))'
	run sbx -qp no-internet -e "$grant" sockets tcp4 "$TCP4"
	if [ "$status" -eq 125 ]; then
		[[ $output == *'cannot enforce network-inbound'* ]]
		contacts 0
		return
	fi
	[ "$status" -eq 0 ]
	refused sbx -qp no-internet -e "$grant" sockets tcp4 "$OTHER"
	control sbx -qp no-internet -e "$grant" sockets stream "$STREAM"
	contacts 2
}

@test "no-internet: gcc, make and git work" {
	small_project
	allowed no-internet make
	allowed no-internet bash -e -c git_commits
}

@test "write-cwd-only: below the current directory, everything works" {
	mkdir a b
	echo 1 >a/old
	allowed write-cwd-only probe create new create a/new write a/old append a/old trunc a/old \
		read-trunc a/old truncate a/old mkdir d mkdir d/e rename a/old b/old rename d b/d \
		link b/old a/hard symlink old b/soft fifo b/fifo bind socket tmpfile b \
		link-tmpfile a b/made exchange a/new b/old unlink a/hard rmdir b/d/e rmdir b/d \
		unlink b/soft create "$PWD/absolute" append /proc/self/cwd/absolute
	[ "$(sort -u <<<"$output")" = yes ]
	[ -e b/made ]
	[ ! -e a/old ]
}

@test "write-cwd-only: nothing outside is created, changed or removed" {
	writes_outside write-cwd-only
}

@test "write-cwd-only: no way leads out of the current directory" {
	local attempt
	while read -ra attempt; do
		kept_out write-cwd-only "${attempt[@]}"
	done <<-END
		rename inside $OUTSIDE/new
		rename inside $OUTSIDE/file
		rename $OUTSIDE/file taken
		rename $OUTSIDE/full taken
		exchange inside $OUTSIDE/file
		link $OUTSIDE/file taken
		link inside $OUTSIDE/new
		link-tmpfile . $OUTSIDE/new
		create link/new
		append filelink
		trunc filelink
		truncate filelink
		read-trunc filelink
		unlink link/file
		mkdir link/new
		rename inside link/new
		create ../outside/new
		append sub/../../outside/file
		bind ../outside/new
		fifo link/new
		create /proc/self/cwd/../outside/new
		append /proc/self/root$OUTSIDE/file
		create /proc/self/cwd/link/new
		append /proc/thread-self/root$OUTSIDE/file
	END
}

@test "write-cwd-only: a file that is open for reading is not truncated through its descriptor's name" {
	fresh_files
	control "$BASH" -c ': >/dev/fd/3' 3<"$OUTSIDE/file"
	fresh_files
	refused sbx -qp write-cwd-only --keep-fd=3 "$BASH" -c ': >/dev/fd/3' 3<"$OUTSIDE/file"
	[ "$(cat "$OUTSIDE/file")" = content ]
}

@test "write-cwd-only: the current directory itself stays where it is" {
	mkdir project
	cd project
	refused sbx -qp write-cwd-only probe rename "$PWD" "$OUTSIDE/project"
	refused sbx -qp write-cwd-only probe rename "$PWD" "${PWD%/*}/other"
	refused sbx -qp write-cwd-only probe rmdir "$PWD"
	[ -d "$BATS_TEST_TMPDIR/work/project" ]
	control probe rename "$PWD" "$OUTSIDE/project"
}

@test "write-cwd-only: a crash leaves no core outside" {
	local pattern
	pattern=$(cat /proc/sys/kernel/core_pattern)
	[[ $pattern == core* ]] || return 0 # cores go elsewhere
	local crash='ulimit -c unlimited; cd "$OUTSIDE"; sh -c "kill -SEGV \$\$"'
	run bash -c "$crash"
	rm "$OUTSIDE"/core*
	run sbx -qp write-cwd-only bash -c "$crash"
	[ -z "$(ls "$OUTSIDE")" ]
}

@test "write-cwd-only: a device made here would be a way to write elsewhere" {
	is_root || return 0 # only root makes devices
	control mknod device b 7 200
	rm device
	refused sbx -qp write-cwd-only mknod device b 7 200
	[ ! -e device ]
	refused sbx -qp write-cwd-only mknod device c 1 1
	[ ! -e device ]
}

@test "write-cwd-only: TMPDIR is private, of the project, the same again" {
	local show='echo "$TMPDIR $(stat -c "%a %u" "$TMPDIR")"' first
	allowed write-cwd-only sh -c "$show"
	[[ $output == "$XDG_RUNTIME_DIR"/*\ 700\ "$(id -u)" ]]
	first=$output
	allowed write-cwd-only sh -c 'f=$(mktemp) && echo kept >"$f" && mv "$f" "$TMPDIR/kept"'
	allowed write-cwd-only sh -c "$show"
	[ "$output" = "$first" ]
	allowed write-cwd-only "$PYTHON" -c '
import os, tempfile
assert tempfile.gettempdir() == os.environ["TMPDIR"]
tempfile.TemporaryFile()
print(open(os.environ["TMPDIR"] + "/kept").read())'
	[ "$output" = kept ]
	mkdir other
	cd other
	allowed write-cwd-only sh -c "$show"
	[ "$output" != "$first" ]
	refused sbx -qp write-cwd-only sh -c '>"$0/new"' "${first%% *}"
	[ ! -e "${first%% *}/new" ]
}

# Another user, so that nobody's /tmp/sbx-UID is touched.
prepare_stranger() {
	STRANGER=61234
	[ ! -e "/tmp/sbx-$STRANGER" ]
	REMOVE_AFTERWARDS="/tmp/sbx-$STRANGER $(mktemp -d /tmp/sbx-stranger.XXXXXX)"
	PLACE=${REMOVE_AFTERWARDS##* }
	REMOVE_AFTERWARDS=$PLACE
	mkdir -p "$PLACE/build/bin" "$PLACE/work"
	cp "$SBX_BIN_DIR/sbx" "$PLACE/build/bin"
	cp -R "$SBX_BIN_DIR/../share" "$PLACE/build"
	chown "$STRANGER" "$PLACE/work"
	chmod -R a+rX "$PLACE"
	cd "$PLACE/work" || return
	unset XDG_RUNTIME_DIR
}

as_stranger() {
	setpriv --reuid="$STRANGER" --regid="$STRANGER" --clear-groups \
		env HOME="$PLACE/work" XDG_CONFIG_HOME="$PLACE/work" "$@"
}

# The sandbox runs without the hostile directory, or not at all.
avoids_hostile_directory() {
	local program=$PLACE/build/bin/sbx
	run as_stranger "$program" -qp write-cwd-only sh -c 'echo "$TMPDIR"; : >"$TMPDIR/secret"'
	rm -rf "/tmp/sbx-$STRANGER"
	if [ "$status" -ne 125 ]; then
		[ "$status" -eq 0 ]
		[[ $output != /tmp/sbx-* ]]
	else
		[[ $output == sbx:* ]]
	fi
	[ -z "$(find "$PLACE/trap" -name secret)" ]
}

@test "write-cwd-only: a hostile /tmp/sbx-UID is not used" {
	is_root || return 0 # only root can be two users
	prepare_stranger
	control as_stranger "$PLACE/build/bin/sbx" -qp write-cwd-only printenv TMPDIR
	[[ $output == /tmp/sbx-$STRANGER/* ]]
	rm -rf "/tmp/sbx-$STRANGER"

	mkdir "$PLACE/trap"
	chmod 777 "$PLACE/trap"
	ln -s "$PLACE/trap" "/tmp/sbx-$STRANGER"
	avoids_hostile_directory
	mkdir -m 700 "$PLACE/trap/own"
	chown "$STRANGER" "$PLACE/trap/own"
	ln -s "$PLACE/trap/own" "/tmp/sbx-$STRANGER"
	avoids_hostile_directory
	mkdir -m 777 "/tmp/sbx-$STRANGER"
	chmod 777 "/tmp/sbx-$STRANGER"
	avoids_hostile_directory
	mkdir -m 777 "/tmp/sbx-$STRANGER"
	chmod 777 "/tmp/sbx-$STRANGER"
	chown "$STRANGER" "/tmp/sbx-$STRANGER"
	avoids_hostile_directory
	: >"/tmp/sbx-$STRANGER"
	avoids_hostile_directory
}

@test "write-cwd-only: a symlink in place of the project's directory is not followed" {
	allowed write-cwd-only printenv TMPDIR
	local directory=$output
	rmdir "$directory"
	ln -s "$OUTSIDE" "$directory"
	chmod 700 "$OUTSIDE"
	run sbx -qp write-cwd-only sh -c ': >"$TMPDIR/new"'
	[ -z "$(ls "$OUTSIDE")" ]
}

@test "write-cwd-only: make, gcc, git, tar, cp, sqlite, find, sort, awk work" {
	small_project
	allowed write-cwd-only make
	./main
	allowed write-cwd-only bash -e -c git_commits
	[ "$(git -C repository log --oneline | wc -l)" -eq 1 ]
	allowed write-cwd-only bash -e -c '
		mkdir tree copy && touch -d 2001-01-01 tree/file && chmod 640 tree/file
		tar -cf tree.tar tree && tar -xpf tree.tar -C copy
		cp -p tree/file copied
		[ "$(stat -c "%a %Y" copied)" = "$(stat -c "%a %Y" copy/tree/file)" ]
		seq 20000 | sort -S 64k -rn >sorted
		find . -name sorted -exec awk "{ n += \$1 } END { print n }" {} + >sum
		[ "$(cat sum)" = 200010000 ]
		cat <<<"a here-string" >here'
	allowed write-cwd-only "$PYTHON" -c '
import sqlite3
db = sqlite3.connect("a.db")
db.execute("pragma journal_mode=wal")
db.execute("create table t (a)")
db.execute("insert into t values (1)")
db.commit()'
	[ -s a.db ]
}

@test "write-cwd-only: semaphores and shared memory work" {
	allowed write-cwd-only "$PYTHON" -c '
import multiprocessing
from multiprocessing import shared_memory
lock = multiprocessing.Lock()
with lock:
    memory = shared_memory.SharedMemory(create=True, size=16)
    memory.buf[0] = 1
    memory.close()
    memory.unlink()
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, 2]) == [1, 2]'
}

@test "write-cwd-only: /dev/null and the terminal can be written" {
	allowed write-cwd-only sh -c 'echo x >/dev/null; echo y >/dev/zero; head -c 1 /dev/urandom >/dev/null'
	control calls on-terminal sbx -qp write-cwd-only sh -c 'echo typed >/dev/tty'
	[[ $output == typed* ]]
	control calls on-terminal sbx -qp write-cwd-only calls on-terminal sh -c 'echo nested >/dev/tty'
	[[ $output == nested* ]]
}

@test "no-write: no file is written, here or elsewhere" {
	writes_outside no-write
	kept_out no-write create link/new
	kept_out no-write append filelink
	OUTSIDE=$PWD/here
	writes_outside no-write
}

@test "no-write: modes, owners, times and attributes stay" {
	local before
	denied_change() {
		rm -f file
		echo text >file
		chmod 600 file
		touch -d 2001-01-01 file
		before=$(stat -c '%a %u %g %Y' file)
		control "$@"
		rm -f file
		echo text >file
		chmod 600 file
		touch -d 2001-01-01 file
		refused sbx -qp no-write "$@"
		[ "$(stat -c '%a %u %g %Y' file)" = "$before" ]
	}
	denied_change chmod 644 file
	denied_change touch file
	denied_change touch -d 2002-02-02 file
	denied_change chown "$(id -u)" file
	denied_change "$PYTHON" -c 'import os; os.setxattr("file", "user.a", b"b")'
	refused sbx -qp no-write "$PYTHON" -c '
import fcntl, os, struct
f = os.open("file", os.O_RDONLY)
fcntl.ioctl(f, 0x40086602, struct.pack("l", 0x40))'
	[[ $output == *'Operation not permitted'* ]]
}

@test "no-write: what only reads works" {
	small_project
	git_commits
	allowed no-write git -C repository log --oneline
	allowed no-write sh -c 'find . -type f | sort | awk "END { print NR }" >/dev/null'
	allowed no-write tar -cf - main.c
	allowed no-write "$PYTHON" -c 'import json, ssl; print(open("main.c").read())'
	allowed no-write bash -c 'echo hello | cat 2>/dev/null'
	[ "$output" = hello ]
	refused sbx -qp no-write make
	[ ! -e main ]
	control calls on-terminal sbx -qp no-write sh -c 'echo typed >/dev/tty'
	[[ $output == typed* ]]
}

@test "no-write: an explicit grant opens one directory" {
	mkdir open
	control sbx -qp no-write --allow-file-write="$PWD/open" sh -c ': >open/new'
	refused sbx -qp no-write --allow-file-write="$PWD/open" sh -c ': >new'
	[ -e open/new ]
	[ ! -e new ]
}

@test "no-write-except-temporary: no other file is written" {
	settled_place || return 0
	writes_outside no-write-except-temporary
}

@test "no-write-except-temporary: nor by an ordinary user" {
	is_root || return 0 # root prepares it
	settled_place
	cp "$SBX_TEST_PROGRAMS/probe" "$SBX_BIN_DIR/sbx" "$OUTSIDE"
	mkdir -m 777 "$OUTSIDE/open"
	chmod 777 "$OUTSIDE/open"
	chmod 755 "$OUTSIDE"
	cd /
	as_nobody() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	}
	control as_nobody "$OUTSIDE/probe" create "$OUTSIDE/open/control"
	rm "$OUTSIDE/open/control"
	refused as_nobody "$OUTSIDE/sbx" -q -f "$SBX_BIN_DIR/../share/sbx/presets/no-write-except-temporary.sb" \
		-A "$OUTSIDE/probe" create "$OUTSIDE/open/new"
	[ ! -e "$OUTSIDE/open/new" ]
}

@test "no-write-except-temporary: temporary files work" {
	local place
	REMOVE_AFTERWARDS=$(mktemp -d /var/tmp/sbx-test.XXXXXX)
	for place in "$REMOVE_AFTERWARDS" "$BATS_TEST_TMPDIR"; do
		case $place in
		/tmp/* | /var/tmp/*) ;;
		*) continue ;;
		esac
		allowed no-write-except-temporary sh -c ': >"$0/new" && mkdir "$0/d" && mv "$0/new" "$0/d"' \
			"$place"
		[ -e "$place/d/new" ]
	done
	allowed no-write-except-temporary sh -c 'f=$(mktemp) && echo x >"$f" && rm "$f"'
	allowed no-write-except-temporary "$PYTHON" -c 'import tempfile; tempfile.TemporaryFile()'
	control env TMPDIR="$REMOVE_AFTERWARDS" sbx -qp no-write-except-temporary mktemp
	[[ $output == "$REMOVE_AFTERWARDS"/* ]]
	allowed no-write-except-temporary bash -c 'cat <<<hello >/dev/null; seq 9 | sort -S 1k -r | tail -n 1'
}

@test "no-write-except-temporary: a device made in a temporary directory is refused" {
	is_root || return 0 # only root makes devices
	REMOVE_AFTERWARDS=$(mktemp -d /var/tmp/sbx-test.XXXXXX)
	control mknod "$REMOVE_AFTERWARDS/control" b 7 200
	refused sbx -qp no-write-except-temporary mknod "$REMOVE_AFTERWARDS/device" b 7 200
	[ ! -e "$REMOVE_AFTERWARDS/device" ]
}

@test "python-eval: the standard library works" {
	echo 'value = 42' >module.py
	allowed python-eval "$PYTHON" -c '
import asyncio, concurrent.futures, ctypes, decimal, json, multiprocessing, os, re, sqlite3, ssl
import subprocess, sys, tempfile, threading, urllib.request, zoneinfo
sys.path.insert(0, ".")
import module
assert module.value == 42
sqlite3.connect(":memory:").execute("create table t (a)")
with tempfile.NamedTemporaryFile("w+") as f:
    f.write("x")
with tempfile.TemporaryDirectory() as d:
    os.rename(open(d + "/a", "w").name, d + "/b")
t = threading.Thread(target=print, args=("thread",)); t.start(); t.join()
assert subprocess.run(["ls", "/usr"], capture_output=True, check=True).stdout
assert subprocess.check_output("echo $((6 * 7)) | cat", shell=True) == b"42\n"
with multiprocessing.Pool(2) as pool:
    assert pool.map(abs, [-1, 2]) == [1, 2]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    assert list(pool.map(abs, [-1])) == [1]
ssl.create_default_context()
print(subprocess.check_output([sys.executable, "-c", "print(7)"], text=True))'
	[[ $output == *thread*7 ]]
}

@test "python-eval: a script, input and output" {
	printf '#!%s\nimport sys\nprint(sys.stdin.read().upper(), sys.argv[1])\n' "$PYTHON" >script.py
	chmod +x script.py
	control bash -c 'echo hello | sbx -qp python-eval ./script.py word'
	[[ $output == *HELLO*word* ]]
	control bash -c 'echo hello | sbx -qp python-eval "$PYTHON" script.py word'
	[[ $output == *HELLO*word* ]]
}

@test "python-eval: the home directory and secrets are closed" {
	local file
	mkdir -m 700 "$HOME/.ssh"
	echo KEY >"$HOME/.ssh/id"
	echo RC >"$HOME/.bashrc"
	echo HERE >here
	for file in "$HOME/.ssh/id" "$HOME/.bashrc" "$OUTSIDE/file"; do
		echo SECRET >"$OUTSIDE/file"
		denied python-eval "$PYTHON" -c 'import sys; print(open(sys.argv[1]).read())' "$file"
		denied python-eval cat "$file"
		denied python-eval "$PYTHON" -c 'import os, sys; os.listdir(sys.argv[1])' "${file%/*}"
	done
	if is_root; then
		denied python-eval "$PYTHON" -c 'open("/etc/shadow").read()'
	fi
	victim
	denied python-eval "$PYTHON" -c 'import sys; open(f"/proc/{sys.argv[1]}/environ").read()' "$VICTIM"
	denied python-eval "$PYTHON" -c 'import sys; open(f"/proc/{sys.argv[1]}/maps").read()' "$VICTIM"
	allowed python-eval "$PYTHON" -c 'print(open("here").read())'
	control sbx -qp python-eval --allow-file-read="$OUTSIDE" cat "$OUTSIDE/file"
}

@test "python-eval: nothing is written but temporary files" {
	writes_outside python-eval
	kept_out python-eval create new
	kept_out python-eval append inside
	kept_out python-eval unlink inside
	kept_out python-eval rename inside sub/inside
	kept_out python-eval symlink a new
	[ -e inside ]
}

@test "python-eval: no network" {
	local attempt count=0
	listen
	while read -ra attempt; do
		denied python-eval sockets "${attempt[@]}"
		count=$((count + 1))
	done <<-END
		tcp4 $TCP4
		tcp6 $TCP6
		udp4 $UDP4
		stream $STREAM
		dgram $DGRAM
		stream $ASTREAM
		dgram $ADGRAM
	END
	contacts "$count"
	refused sbx -qp python-eval "$PYTHON" -c '
import sys, urllib.request
urllib.request.urlopen("http://127.0.0.1:" + sys.argv[1])' "$TCP4"
	denied python-eval sockets bind4 0
	contacts "$count"
}

@test "python-eval: other processes are not killed, children are" {
	victim
	control "$PYTHON" -c 'import os, sys; os.kill(int(sys.argv[1]), 10)' "$VICTIM"
	[ "$(harm)" = signal ]
	refused sbx -qp python-eval "$PYTHON" -c 'import os, sys; os.kill(int(sys.argv[1]), 10)' "$VICTIM"
	[[ $output == *PermissionError* ]]
	[ "$(harm)" = signal ]
	allowed python-eval "$PYTHON" -c '
import subprocess
p = subprocess.Popen(["sleep", "30"])
p.terminate()
assert p.wait() == -15'
}

@test "python-eval: a venv here and one elsewhere work" {
	local place
	for place in "$PWD/venv" "$OUTSIDE/venv"; do
		"$PYTHON" -m venv --without-pip "$place"
		echo 'value = 7' >"$(echo "$place"/lib/python*/site-packages)/extra.py"
		allowed python-eval "$place/bin/python" -c '
import extra, json, sys
assert sys.prefix != sys.base_prefix
print(extra.value)'
		[ "$output" = 7 ]
		printf '#!%s\nimport extra\nprint(extra.value)\n' "$place/bin/python3" >"$place/bin/tool"
		chmod +x "$place/bin/tool"
		allowed python-eval "$place/bin/tool"
		[ "$output" = 7 ]
		control env PATH="$place/bin:$PATH" sbx -qp python-eval python -c 'import extra'
	done
}

# closed_home COMMAND...: the sandbox does not start, or the home directory's files stay closed.
closed_home() {
	run sbx -qp python-eval "$@"
	if [ "$status" -eq 0 ] || [[ $output == *SECRET* ]]; then
		explain 'a project made the home directory readable'
	fi
}

# A project in the home directory, beside a secret.
hostile_project() {
	mkdir -p "$HOME/.ssh" "$HOME/code/project/bin" "$HOME/code/other"
	for file in "$HOME/.ssh/id" "$HOME/top" "$HOME/code/other/file"; do
		echo SECRET >"$file"
	done
	cd "$HOME/code/project" || return
	cat >steal.py <<-'END'
		import os, sys
		home = os.environ["HOME"]
		for path in ".ssh/id", "top", "code/other/file":
		    try:
		        print(open(home + "/" + path).read())
		    except OSError as error:
		        sys.stderr.write(str(error) + "\n")
		sys.exit(3)
	END
	run "$PYTHON" steal.py
	[ "$status" -eq 3 ]
	[ "$(grep -c SECRET <<<"$output")" -eq 3 ]
}

@test "python-eval: a project's pyvenv.cfg does not open the home directory" {
	local home
	hostile_project
	for home in "$HOME" "$HOME/.ssh" "$HOME/code" "$HOME/code/project" / /usr/bin; do
		printf 'home = %s\nversion = 3.11\n' "$home" >pyvenv.cfg
		ln -sf "$PYTHON" bin/python
		ln -sf "$PYTHON" python
		closed_home bin/python steal.py
		closed_home "$PWD/bin/python" steal.py
		closed_home ./python steal.py
		closed_home "$PWD/python" steal.py
		run env PATH="$PWD:$PATH" sbx -qp python-eval python steal.py
		[ "$status" -ne 0 ]
		[[ $output != *SECRET* ]] || explain 'a python in PATH'
		mv pyvenv.cfg bin
		closed_home bin/python steal.py
		closed_home "$PWD/bin/python" steal.py
	done
}

@test "python-eval: a project's own python that names a prefix does not open the home directory" {
	local prefix base
	hostile_project
	for prefix in "$HOME/.ssh" "$HOME/code" "$HOME" "$HOME/code/other" "$HOME/code/../.ssh" /; do
		for base in /usr "$HOME" "$HOME/.ssh"; do
			cat >bin/python <<-END
				#!/bin/sh
				case "\$*" in
				*sys.prefix*) echo $prefix; echo $base; exit ;;
				esac
				exec $PYTHON "\$@"
			END
			chmod +x bin/python
			closed_home bin/python steal.py
			run env PATH="$PWD/bin:$PATH" sbx -qp python-eval python steal.py
			[ "$status" -ne 0 ]
			[[ $output != *SECRET* ]] || explain "prefix $prefix, base prefix $base"
		done
	done
}

@test "python-eval: a project's own python, when asked for its prefix, writes and reaches nothing" {
	listen
	cat >python <<-END
		#!/bin/sh
		: >$OUTSIDE/new
		: >$PWD/here
		: >\${XDG_RUNTIME_DIR}/new
		$SBX_TEST_PROGRAMS/sockets tcp4 $TCP4
		$SBX_TEST_PROGRAMS/sockets stream $STREAM
		echo /usr
		echo /usr
	END
	chmod +x python
	control ./python
	[ -e "$OUTSIDE/new" ]
	rm "$OUTSIDE/new" here "$XDG_RUNTIME_DIR/new"
	run sbx -qp python-eval ./python -c 1
	[ ! -e "$OUTSIDE/new" ]
	[ ! -e here ]
	[ ! -e "$XDG_RUNTIME_DIR/new" ]
	contacts 2
}

@test "python-eval: a project's own python, when asked for its prefix, harms no process" {
	victim
	printf '#!/bin/sh\nkill -USR1 %s\necho /usr\necho /usr\n' "$VICTIM" >python
	chmod +x python
	control ./python
	[ "$(harm)" = signal ]
	run sbx -qp python-eval ./python -c 1
	[ "$(harm)" = signal ] || {
		echo 'the process outside got a signal'
		return 1
	}
}

@test "pure-computation: computes from its input" {
	allowed pure-computation awk 'BEGIN { print 6 * 7 }'
	[ "$output" = 42 ]
	control bash -c 'seq 1000 | sbx -qp pure-computation sort -rn | head -n 1'
	[ "$output" = 1000 ]
	echo text >input
	control bash -c 'sbx -qp pure-computation sha256sum <input'
	allowed pure-computation "$PYTHON" -I -c 'print(sum(range(10)))'
	[ "$output" = 45 ]
}

@test "pure-computation: no files, no network, no other program" {
	listen
	echo text >input
	denied pure-computation cat input
	denied pure-computation cat "$HOME/../work/input"
	denied pure-computation probe list /
	control probe create new
	rm new
	refused sbx -qp pure-computation probe create new
	[ ! -e new ]
	refused sbx -qp pure-computation probe create "$XDG_RUNTIME_DIR/new"
	refused sbx -qp pure-computation probe create /tmp/sbx-test-new
	[ ! -e /tmp/sbx-test-new ]
	denied pure-computation sockets tcp4 "$TCP4"
	denied pure-computation sockets stream "$STREAM"
	contacts 2
	denied pure-computation bash -c 'exec ls'
	denied pure-computation bash -c 'exec /bin/true'
	denied pure-computation processes fork
}

@test "audio: the dry run shows its grants" {
	allowed audio -n true
	[[ $output == *'(subpath "/dev/snd")'* ]]
	[[ $output == *'/pulse/native'* ]]
	[[ $output == *'landlock: denies except where granted'* ]]
}

@test "audio: runs without any sound device or server" {
	echo here >here
	allowed audio cat here
	[ "$output" = here ]
	echo secret >"$OUTSIDE/file"
	denied audio cat "$OUTSIDE/file"
	control probe create new
	rm new
	refused sbx -qp audio probe create new
	[ ! -e new ]
}

@test "audio: the sound server is reached, or sbx says why it cannot grant it" {
	listen
	mkdir "$XDG_RUNTIME_DIR/pulse"
	mv "$STREAM" "$XDG_RUNTIME_DIR/pulse/native"
	control sockets stream "$XDG_RUNTIME_DIR/pulse/native"
	run sbx -p audio sockets stream "$XDG_RUNTIME_DIR/pulse/native"
	if [ "$status" -eq 125 ]; then
		[[ $output == *'network-outbound'* ]]
		contacts 1
	else
		[ "$status" -eq 0 ]
		contacts 2
	fi
}

# PipeWire refuses clients whose process it cannot look up.
@test "audio: the sound server finds a living process behind a connection" {
	mkdir -m 700 "$XDG_RUNTIME_DIR/pulse"
	timeout 20 "$PYTHON" -c '
import os, socket, struct, sys, time
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
connection, _ = server.accept()
pid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
time.sleep(0.3)
connection.send(b"alive" if os.path.exists("/proc/%d/root" % pid) else b"gone")
' "$XDG_RUNTIME_DIR/pulse/native" 3>&- &
	listeners+=("$!")
	until [ -S "$XDG_RUNTIME_DIR/pulse/native" ]; do sleep 0.05; done
	run sbx -qp audio "$PYTHON" -c '
import os, socket
client = socket.socket(socket.AF_UNIX)
client.connect(os.environ["XDG_RUNTIME_DIR"] + "/pulse/native")
print(client.recv(9).decode())'
	[ "$output" = alive ]
}

@test "audio: other sockets are never reached" {
	local attempt count=0
	listen
	while read -ra attempt; do
		control sockets "${attempt[@]}"
		count=$((count + 1))
		run sbx -qp audio sockets "${attempt[@]}"
		[ "$status" -ne 0 ]
	done <<-END
		stream $STREAM
		dgram $DGRAM
		stream $ASTREAM
		dgram $ADGRAM
		tcp4 $TCP4
		udp4 $UDP4
	END
	contacts "$count"
}

@test "two presets: each restriction holds, in both orders" {
	local presets
	listen
	fresh_files
	for presets in no-network,write-cwd-only write-cwd-only,no-network; do
		refused sbx -qp "$presets" sockets tcp4 "$TCP4"
		refused sbx -qp "$presets" sockets stream "$STREAM"
		refused sbx -qp "$presets" probe append "$OUTSIDE/file"
		control sbx -qp "$presets" probe append inside
		rm -f main
		small_project
		control sbx -qp "$presets" make
	done
	for presets in no-internet,no-network no-network,no-internet; do
		refused sbx -qp "$presets" sockets stream "$STREAM"
		refused sbx -qp "$presets" sockets interfaces
	done
	for presets in no-write,write-cwd-only write-cwd-only,no-write; do
		refused sbx -qp "$presets" probe append inside
		refused sbx -qp "$presets" sh -c ': >"$TMPDIR/new"'
	done
	contacts 0
}

@test "two presets: a restriction holds against a base preset, in both orders" {
	local presets
	listen
	for presets in python-eval,no-write no-write,python-eval; do
		refused sbx -qp "$presets" sh -c ': >"$TMPDIR/new"'
		control sbx -qp "$presets" "$PYTHON" -c 'import json'
	done
	for presets in python-eval,write-cwd-only write-cwd-only,python-eval; do
		refused sbx -qp "$presets" probe create new
		refused sbx -qp "$presets" sockets tcp4 "$TCP4"
		refused sbx -qp "$presets" cat "$BATS_TEST_FILENAME"
	done
	for presets in audio,no-network no-network,audio; do
		mkdir -p "$XDG_RUNTIME_DIR/pulse"
		[ ! -e "$STREAM" ] || mv "$STREAM" "$XDG_RUNTIME_DIR/pulse/native"
		refused sbx -qp "$presets" sockets stream "$XDG_RUNTIME_DIR/pulse/native"
		control sbx -qp "$presets" true
	done
	contacts 0
	settled_place || return 0
	cd "$OUTSIDE"
	for presets in no-write-except-temporary,write-cwd-only write-cwd-only,no-write-except-temporary; do
		refused sbx -qp "$presets" probe create new
		[ ! -e new ]
	done
	cd /
}

@test "two presets: a sandbox inside a sandbox only adds" {
	listen
	fresh_files
	control sbx -qp no-network sbx -qp write-cwd-only probe append inside
	refused sbx -qp no-network sbx -qp write-cwd-only sockets tcp4 "$TCP4"
	refused sbx -qp write-cwd-only,-protect-persistence sbx -qA probe append "$OUTSIDE/file"
	refused sbx -qp no-network sbx -qA sockets stream "$STREAM"
	contacts 0
}
