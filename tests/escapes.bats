# Attempts to break out of a sandbox. Each works outside, which shows that it would be an escape.

load helper
load enforce

setup() {
	enforce_setup
}

every_preset='no-network no-internet no-write no-write-except-temporary write-cwd-only python-eval'

# What was done to the victim since it started, in one line.
harm() {
	sleep 0.1
	tail -n +2 "$BATS_TEST_TMPDIR/victim" | paste -s -d ' ' -
}

# answers PRESETS ERROR COMMAND...: outside, the error is another one or none; inside it is ERROR.
answers() {
	local presets=$1 error=$2
	shift 2
	run "$@"
	if [ "$status" -eq 99 ] || [ "$output" = "$error" ]; then
		explain "the control should not have ended with $error"
	fi
	refused sbx -qp "$presets" "$@"
	[ "$output" = "$error" ] || explain "expected $error inside"
}

@test "a process outside is not traced, read or written, under any preset" {
	local preset
	victim
	control processes attach "$VICTIM"
	control processes seize "$VICTIM"
	control processes vm-read "$VICTIM" "$ADDRESS"
	control processes vm-write "$VICTIM" "$ADDRESS"
	[ "$(harm)" = memory ]
	control processes mem "$VICTIM" "$ADDRESS"
	[ "$(harm)" = 'memory memory' ]
	control processes getfd "$VICTIM" "$DESCRIPTOR"
	[ "$(harm)" = 'memory memory descriptor' ]
	for preset in $every_preset; do
		refused sbx -qp "$preset" processes attach "$VICTIM"
		refused sbx -qp "$preset" processes seize "$VICTIM"
		refused sbx -qp "$preset" processes vm-read "$VICTIM" "$ADDRESS"
		refused sbx -qp "$preset" processes vm-write "$VICTIM" "$ADDRESS"
		refused sbx -qp "$preset" processes mem "$VICTIM" "$ADDRESS"
		refused sbx -qp "$preset" processes getfd "$VICTIM" "$DESCRIPTOR"
	done
	[ "$(harm)" = 'memory memory descriptor' ]
}

@test "nor is it reached through /proc" {
	local preset
	victim
	denied no-network ls "/proc/$VICTIM/root/"
	denied no-network ls "/proc/$VICTIM/cwd/"
	denied no-network cat "/proc/$VICTIM/fd/$DESCRIPTOR"
	if ! is_root; then # the kernel lets root's CAP_PERFMON read these
		denied no-network cat "/proc/$VICTIM/environ"
		denied no-network cat "/proc/$VICTIM/maps"
	fi
	# shellcheck disable=SC2153 # enforce_setup sets it
	: >"$OUTSIDE/new"
	for preset in write-cwd-only no-write; do
		denied "$preset" sh -c 'echo x >"$0"' "/proc/$VICTIM/root$OUTSIDE/new"
		denied "$preset" sh -c 'echo x >"$0"' "/proc/$VICTIM/fd/$DESCRIPTOR"
	done
}

@test "own children can be traced and killed" {
	local preset
	control processes own-child
	for preset in $every_preset; do
		control sbx -qp "$preset" processes own-child
	done
}

@test "python-eval: no signal of any kind reaches a process outside" {
	local way count=0 before
	setsid -f processes victim "$BATS_TEST_TMPDIR/victim" 3>&-
	wait_for "$BATS_TEST_TMPDIR/victim"
	read -r VICTIM _ <"$BATS_TEST_TMPDIR/victim"
	listeners+=("$VICTIM")
	for way in kill group tkill tgkill queue tgqueue pidfd; do
		control processes signal "$VICTIM" "$way"
		count=$((count + 1))
		[ "$(harm | wc -w)" -eq "$count" ]
		refused sbx -qp python-eval processes signal "$VICTIM" "$way"
	done
	control processes pipe-signal "$VICTIM"
	before=$(harm)
	[ "$(wc -w <<<"$before")" -gt "$count" ]
	run sbx -qp python-eval processes pipe-signal "$VICTIM"
	[ "$(harm)" = "$before" ]
}

@test "python-eval: the limits of a process outside stay: they can kill it" {
	victim
	control processes limit "$VICTIM"
	[ "$(harm)" = limit ]
	run sbx -qp python-eval processes limit "$VICTIM"
	[ "$(harm)" = limit ] || explain 'prlimit changed a process outside'
	control sbx -qp python-eval "$PYTHON" -c '
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))'
}

# What a command types with TIOCSTI, the next reader of the terminal would get as its input.
@test "nothing is typed into the terminal, whatever the upper half of the argument" {
	local preset high
	run calls on-terminal calls sti
	[ "$output" != EPERM ] || explain 'the control failed'
	for preset in $every_preset; do
		for high in 0 1 0xffffffff; do
			run calls on-terminal sbx -qp "$preset" calls sti "$high"
			[ "$status" -eq 1 ]
			[[ $output == EPERM* ]]
			run calls on-terminal sbx -qp "$preset" calls ioctl "$(((high << 32) | 0x541c))"
			[ "$status" -eq 1 ]
			[[ $output == EPERM* ]]
		done
	done
	run calls on-terminal calls ioctl 0x541c
	[[ $output != EPERM* ]]
	control calls on-terminal sbx -qp no-network stty -a
	control calls on-terminal sbx -qp no-network bash -ic 'sleep 0 & wait'
}

@test "io_uring is missing" {
	local preset
	answers no-network ENOSYS calls io-uring
	for preset in $every_preset; do
		refused sbx -qp "$preset" calls io-uring
		[ "$output" = ENOSYS ]
	done
}

# native_only COMMAND: ends without success, by the sandbox's signal or an error.
native_only() {
	run sbx -qp "$1" "${@:2}"
	case $status in
	0 | 99 | 125 | 126 | 127) explain 'should have been refused' ;;
	esac
}

@test "no call gets through as i386 or x32 code" {
	[ "$(uname -m)" = x86_64 ] || return 0 # other machines have no such calls
	local preset
	run calls int80 creat "$OUTSIDE/control"
	[ "$status" -ne 99 ]
	echo "int80 outside: $status $output"
	for preset in write-cwd-only no-write python-eval; do
		native_only "$preset" calls int80 creat "$OUTSIDE/new"
		native_only "$preset" calls int80 creat "$PWD/new"
		native_only "$preset" calls x32 open "$OUTSIDE/new"
		native_only "$preset" calls x32 getpid -
	done
	for preset in no-network no-internet python-eval; do
		native_only "$preset" calls int80 socket -
		native_only "$preset" calls x32 socket -
	done
	[ ! -e "$OUTSIDE/new" ]
	[ ! -e new ]
}

@test "calls that change the kernel or its mounts are refused" {
	local call preset
	for preset in no-network write-cwd-only python-eval; do
		for call in fsopen fspick open_tree move_mount mount_setattr; do
			refused sbx -qp "$preset" calls harmless "$call"
			[ "$output" = EPERM ]
		done
		for call in kexec_load kexec_file_load init_module finit_module delete_module bpf iopl \
			ioperm; do
			[ "$(uname -m)" = x86_64 ] || [[ $call != io* ]] || continue
			refused sbx -qp "$preset" calls harmless "$call"
			[ "$output" = EPERM ] || explain "$call"
		done
	done
	is_root || return 0 # others are refused by the kernel itself
	for call in fsopen fspick open_tree move_mount mount_setattr bpf delete_module; do
		answers no-network EPERM calls harmless "$call"
	done
}

@test "files are not opened by handle" {
	is_root || return 0 # others need a capability
	echo secret >"$OUTSIDE/file"
	local preset
	for preset in $every_preset; do
		denied "$preset" calls handle "$OUTSIDE/file"
	done
}

@test "a pair of datagram sockets reaches no other socket" {
	local type way target preset controls=0
	listen
	for type in 2 3; do
		for way in sendto sendmsg sendmmsg connect; do
			for target in "$DGRAM" "$ADGRAM"; do
				control sockets pair "$type" "$way" "$target"
				controls=$((controls + 1))
				for preset in no-network python-eval; do
					run sbx -qp "$preset" sockets pair "$type" "$way" "$target"
					[ "$status" -ne 125 ]
					[ "$status" -ne 99 ]
					[ "$status" -ne 0 ] || echo "$preset: type $type, $way, $target"
				done
			done
		done
	done
	contacts "$controls"
}

@test "nor does one where one TCP port is granted" {
	local type way target controls=0 presets
	listen
	local grant='(allow network-outbound (remote tcp "*:'$TCP4'"))'
	for type in 2 3; do
		for way in sendto sendmsg sendmmsg connect; do
			for target in "$DGRAM" "$ADGRAM"; do
				for presets in no-network python-eval; do
					run sbx -qp "$presets" -e "$grant" sockets pair "$type" "$way" "$target"
					[ "$status" -ne 125 ]
					[ "$status" -ne 0 ] || echo "$presets: type $type, $way, $target"
				done
			done
		done
	done
	contacts "$controls"
}

@test "a pair of seqpacket sockets works and reaches no other socket" {
	listen
	control sbx -qp no-network sockets works 5
	local way
	for way in sendto sendmsg sendmmsg connect; do
		run sbx -qp no-network sockets pair 5 "$way" "$DGRAM"
		run sbx -qp no-network sockets pair 1 "$way" "$STREAM"
	done
	contacts 0
}

@test "bits that the kernel ignores do not hide a socket" {
	local type domain
	for type in 1 0x80001 0x801 0x80801 0x100000001 0xf00000000080801; do
		for domain in 2 0x100000002 10 0xffffffff0000000a 1 0x8000000000000001; do
			control sockets socket "$domain" "$type" 0
			refused sbx -qp no-network sockets socket "$domain" "$type" 0
			refused sbx -qp python-eval sockets socket "$domain" "$type" 0
			case $domain in
			1 | *1) control sbx -qp no-internet sockets socket "$domain" "$type" 0 ;;
			*) refused sbx -qp no-internet sockets socket "$domain" "$type" 0 ;;
			esac
		done
	done
}

one_port() {
	local mode=$1 grant='(allow network-outbound (remote tcp "*:'$TCP4'"))'
	shift
	case $mode in
	default) sbx -q -e "$grant" "$@" ;;
	preset) sbx -qp no-network -e "$grant" "$@" ;;
	base) sbx -qp python-eval -e "$grant" "$@" ;;
	esac
}

@test "where one TCP port is granted, only TCP sockets are made" {
	local mode protocol
	listen
	for mode in default preset base; do
		control one_port "$mode" sockets socket 2 1 0
		control one_port "$mode" sockets socket 2 1 6
		control one_port "$mode" sockets socket 10 0x80801 0
		for protocol in '2 1 262' '2 1 132' '2 5 132' '2 2 0' '2 2 1' '2 2 17' '2 2 136' '2 3 1' \
			'10 1 262' '10 2 58' '1 1 0' '1 2 0' '16 3 0' '17 3 768' '40 1 0' '2 6 33' \
			'2 1 0x100000106' '43 1 0' '30 1 0'; do
			# shellcheck disable=SC2086 # three words
			refused one_port "$mode" sockets socket $protocol
		done
	done
	control sockets socket 2 2 0
	run sockets socket 2 1 262
	echo "MPTCP outside: $output"
	contacts 0
}

@test "where one TCP port is granted, no other is reached" {
	local mode way controls=0
	listen
	for way in sendto sendmsg sendmmsg connect; do
		control sockets fastopen "$way" "$OTHER"
		controls=$((controls + 1))
	done
	control sockets tcp4 "$OTHER"
	control sockets tcp6 "$TCP6"
	controls=$((controls + 2))
	for mode in default preset base; do
		control one_port "$mode" sockets tcp4 "$TCP4"
		controls=$((controls + 1))
		refused one_port "$mode" sockets tcp4 "$OTHER"
		refused one_port "$mode" sockets tcp6 "$TCP6"
		for way in sendto sendmsg sendmmsg connect; do
			refused one_port "$mode" sockets fastopen "$way" "$OTHER"
		done
		refused one_port "$mode" sockets bind4 0
		refused one_port "$mode" sockets listen
		refused one_port "$mode" sockets stream "$STREAM"
		refused one_port "$mode" sockets udp4 "$UDP4"
	done
	contacts "$controls"
}

# A policy that lets one unix socket be connected to: $STREAM.
one_socket() {
	sbx -q -e "(allow network-outbound (literal \"$STREAM\"))" \
		-e '(allow process-exec*) (allow process-fork) (allow signal (target same-sandbox))' \
		--allow-file-read=/ "$@"
}

@test "where one unix socket is granted, no other is reached" {
	local second=$BATS_TEST_TMPDIR/second
	listen
	listen_in "$second"
	control sockets stream "$second/stream"
	control sockets dgram "$second/dgram"
	ln -s "$second/stream" here
	ln -s "$STREAM" there
	control one_socket sockets stream "$STREAM"
	control one_socket sockets stream there
	control one_socket sh -c 'cd "${0%/*}" && sockets stream "${0##*/}"' "$STREAM"
	contacts 3
	refused one_socket sockets stream "$second/stream"
	refused one_socket sockets stream here
	refused one_socket sockets stream "${STREAM%/*}/../second/stream"
	refused one_socket sockets stream "/proc/self/root$second/stream"
	refused one_socket sockets stream "$ASTREAM"
	refused one_socket sockets dgram "$ADGRAM"
	refused one_socket sockets dgram "$second/dgram"
	refused one_socket sockets tcp4 "$TCP4"
	refused one_socket sockets bind-path "$PWD/new"
	refused one_socket sockets socket 1 2 0
	refused one_socket sockets socket 1 3 0
	refused one_socket sockets socket 16 3 0
	contacts 3
	[ "$(wc -l <"$second/log")" -eq 2 ]
}

@test "where one unix socket is granted, swapping its name reaches no other" {
	listen
	local second=$BATS_TEST_TMPDIR/second
	listen_in "$second"
	mkdir sub
	ln -s "$STREAM" sub/a
	ln -s "$second/stream" sub/b
	control one_socket -e "(allow file-write-create file-write-unlink (subpath \"$PWD\"))" \
		"$PYTHON" -c '
import ctypes, socket, threading, time
libc = ctypes.CDLL(None, use_errno=True)
end = time.monotonic() + 1.5
address = ctypes.create_string_buffer(b"\1\0sub/a\0", 16)
def swap():
    while time.monotonic() < end:
        libc.renameat2(-100, b"sub/a", -100, b"sub/b", 2)
def flip():
    while time.monotonic() < end:
        address[6] = b"b"
        address[6] = b"a"
threading.Thread(target=swap).start()
threading.Thread(target=flip).start()
made = refused = 0
while time.monotonic() < end:
    s = socket.socket(socket.AF_UNIX)
    if libc.connect(s.fileno(), address, 16) == 0:
        made += 1
    else:
        refused += 1
    s.close()
print(made, refused)
assert made > 10 and refused > 10'
	sleep 0.1
	[ ! -s "$second/log" ]
}

@test "nothing is left of the broker when the command has ended" {
	listen
	local word=sbx_broker_test-$BATS_TEST_NUMBER-$$ tries=0
	control one_socket sh -c 'sockets stream "$0"; : "$1"' "$STREAM" "$word"
	until ! pgrep -f "$word" >/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ]
		sleep 0.02
	done
	run one_socket sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	run one_socket sh -c 'exit 42'
	[ "$status" -eq 42 ]
}

@test "where one unix socket is granted, another user inside does not borrow the right" {
	is_root || return 0 # only root can become another user
	listen
	chmod 600 "$STREAM"
	control one_socket sockets stream "$STREAM"
	run setpriv --reuid=65534 --clear-groups sockets stream "$STREAM"
	[ "$status" -eq 1 ]
	refused one_socket setpriv --reuid=65534 --clear-groups sockets stream "$STREAM"
	contacts 1
}

calls_with_mode='open openat creat mknod mknodat tmpfile openat2 chmod fchmod fchmodat fchmodat2'

# try_mode CALL MODE: makes or changes the file here.
try_mode() {
	rm -f here
	case $1 in
	*chmod*) : >here && chmod 600 here ;;
	esac
	"${@:3}" calls mode "$1" "$PWD/here" "$2"
}

@test "where writing is restricted, no file becomes setuid or setgid" {
	local call mode preset
	for call in $calls_with_mode; do
		for mode in 4755 2755 6755; do
			control try_mode "$call" "$mode"
			[ "$(stat -c %a here)" = "$mode" ]
			for preset in write-cwd-only no-write-except-temporary no-write python-eval; do
				run try_mode "$call" "$mode" sbx -qp "$preset"
				[ "$status" -ne 125 ]
				[ ! -u here ] || explain "$preset: $call made it setuid"
				[ ! -g here ] || explain "$preset: $call made it setgid"
				[ "$status" -ne 0 ] || explain "$preset: $call $mode was not refused"
			done
		done
		for preset in no-network write-cwd-only; do
			[ "$call" != openat2 ] || continue # missing in some: programs use openat
			control try_mode "$call" 1755 sbx -qp "$preset"
			control try_mode "$call" 644 sbx -qp "$preset"
			[ "$(stat -c %a here)" = 644 ]
		done
	done
	rm -f here
	control sbx -qp write-cwd-only sh -c 'umask 022; : >here; chmod 755 here; chmod g+w here'
	[ "$(stat -c %a here)" = 775 ]
}

@test "where writing is restricted, no file gets capabilities" {
	is_root || return 0 # others may not give any
	local give='import os, struct, sys
os.setxattr(sys.argv[1], "security.capability", struct.pack("<IIIII", 0x02000001, 0x80, 0, 0, 0))'
	cp "$(type -P true)" program
	control "$PYTHON" -c "$give" program
	[ "$("$PYTHON" -c 'import os; print(os.listxattr("program"))')" != '[]' ]
	rm program
	cp "$(type -P true)" program
	run sbx -qp write-cwd-only "$PYTHON" -c "$give" program
	[ "$("$PYTHON" -c 'import os; print(os.listxattr("program"))')" = '[]' ] || {
		echo 'a program got the capability to become any user'
		return 1
	}
}

@test "a setuid program gains nothing" {
	is_root || return 0 # only root can make one
	local place
	place=$(mktemp -d /var/tmp/sbx-setuid.XXXXXX)
	cp "$(type -P id)" "$place/id"
	cp "$SBX_BIN_DIR/sbx" "$place/sbx"
	chmod 4755 "$place/id"
	chmod 755 "$place"
	cd /
	as_nobody() {
		setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/ XDG_CONFIG_HOME=/ \
			XDG_RUNTIME_DIR=/ "$@"
	}
	run as_nobody "$place/id" -u
	local outside=$output
	run as_nobody "$place/sbx" -qA "$place/id" -u
	local inside=$output
	chmod 4755 "$place/sbx"
	run as_nobody "$place/sbx" -qA "$place/id" -u
	rm -rf "$place"
	[ "$outside" = 0 ] # fails where the file system is mounted nosuid
	[ "$inside" = 65534 ]
	[ "$status" -eq 125 ]
	[[ $output == sbx:* ]]
}

@test "a mount in a namespace of one's own opens no way to write" {
	local way preset
	mkdir here "$OUTSIDE.work"
	for way in bind tmpfs open-tree; do
		run calls mount "$way" "$OUTSIDE" "$PWD/here"
		echo "$way outside: $status $output"
		if [ "$status" -eq 0 ] && [ "$way" != tmpfs ]; then
			rm "$OUTSIDE/through-mount"
		fi
	done
	for way in bind tmpfs open-tree overlay; do
		for preset in write-cwd-only no-write no-write-except-temporary python-eval; do
			[ "$preset" != no-write-except-temporary ] || [[ $OUTSIDE != /tmp/* ]] || continue
			refused sbx -qp "$preset" calls mount "$way" "$OUTSIDE" "$PWD/here"
			[ -z "$(ls "$OUTSIDE")" ]
		done
	done
	[ -z "$(ls here)" ]
}

@test "root: another root directory opens no way to write or read" {
	is_root || return 0 # others need a namespace, see above
	local preset way
	control calls root chroot "$OUTSIDE" new
	rm "$OUTSIDE/new"
	for preset in write-cwd-only no-write python-eval; do
		for way in chroot pivot; do
			refused sbx -qp "$preset" calls root "$way" "$OUTSIDE" new
			[ ! -e "$OUTSIDE/new" ]
		done
		refused sbx -qp "$preset" mount -t tmpfs none "$OUTSIDE"
		refused sbx -qp "$preset" mount --bind "$OUTSIDE" "$PWD"
		refused sbx -qp "$preset" umount /proc
	done
	[ -e /proc/self ]
}

@test "root: devices give no way to the disk" {
	is_root || return 0 # others cannot make them
	local preset
	for preset in write-cwd-only no-write-except-temporary; do
		cd "$BATS_TEST_TMPDIR/work"
		control mknod device b 7 200
		rm device
		run sbx -qp "$preset" mknod device b 7 200
		[ ! -e device ] || explain "$preset: made a block device"
	done
}

@test "where one program is granted, no other is executed" {
	local only='--allow-file-read=/'
	control bash -c 'exec ls /'
	refused sbx -q "$only" bash -c 'exec ls /'
	printf '#!/bin/sh\necho script\n' >script
	chmod +x script
	refused sbx -q "$only" bash -c 'exec ./script'
	control sbx -q "$only" --allow-process-exec="$(type -P ls)" bash -c 'exec ls /'
}

@test "nor one without a path, in memory" {
	control processes memfd "$(type -P id)" id
	refused sbx -q --allow-file-read=/ processes memfd "$(type -P id)" id
	refused sbx -qp pure-computation processes memfd "$(type -P processes)" id
}

# The kernel wants the dynamic loader to be executable, and it starts whatever it can read.
@test "nor one that cannot be read, through the dynamic loader" {
	local loader
	loader=$("$PYTHON" -c '
import sys
data = open(sys.executable, "rb").read(4096)
print(data[data.index(b"/lib"):].split(b"\0")[0].decode())')
	control "$loader" "$(type -P id)"
	run -127 sbx -qp pure-computation bash -c 'exec "$@"' - "$loader" "$(type -P id)"
	[[ $output == *'Permission denied' ]]
}

@test "where forking is denied, threads work and no process is made" {
	local way
	control sbx -q --allow-file-read=/ processes thread
	control sbx -qp pure-computation "$PYTHON" -I -c '
import threading
t = threading.Thread(target=print, args=("thread",)); t.start(); t.join()'
	for way in fork old-fork vfork clone clone-vm clone3; do
		[ "$(uname -m)" = x86_64 ] || [[ $way != *fork || $way == fork ]] || continue
		control processes "$way"
		refused sbx -q --allow-file-read=/ processes "$way"
		refused sbx -qp pure-computation processes "$way"
	done
	refused sbx -q --allow-file-read=/ bash -c 'true | true; (exit 0)'
	control sbx -q --allow-file-read=/ -e '(allow process-fork) (allow signal)' processes fork
}

@test "a directory that is open as descriptor 3 or more is closed" {
	echo secret >"$OUTSIDE/file"
	control bash -c 'cat /proc/self/fd/7/file' 7<"$OUTSIDE"
	[ "$output" = secret ]
	refused sbx -qp no-network bash -c 'cat /proc/self/fd/7/file' 7<"$OUTSIDE"
	refused sbx -qp no-network bash -c 'echo x >&9' 9>"$OUTSIDE/new"
	[ ! -s "$OUTSIDE/new" ]
	refused sbx -qp no-network bash -c 'cat <&200' 200<"$OUTSIDE/file"
	control sbx -qp no-network ls /proc/self/fd
	[ "$(wc -w <<<"$output")" -eq 4 ] # the fourth is the directory that ls reads
}

@test "a descriptor that is kept works, and opens nothing else" {
	echo secret >"$OUTSIDE/file"
	control sbx -qp python-eval --keep-fd=7 bash -c 'cat <&7' 7<"$OUTSIDE/file"
	[ "$output" = secret ]
	control sbx -qp write-cwd-only --keep-fd=8 bash -c 'echo more >&8' 8>>"$OUTSIDE/file"
	grep -q more "$OUTSIDE/file"
	refused sbx -qp python-eval --keep-fd=7 bash -c 'cat /proc/self/fd/7/file' 7<"$OUTSIDE"
	refused sbx -qp write-cwd-only --keep-fd=7 bash -c ': >/proc/self/fd/7/new' 7<"$OUTSIDE"
	[ ! -e "$OUTSIDE/new" ]
	sbx_failed sbx -qp no-network --keep-fd=77 true
}

@test "a directory on standard input opens nothing" {
	echo secret >"$OUTSIDE/file"
	control bash -c ': >/proc/self/fd/0/control' <"$OUTSIDE"
	refused sbx -qp write-cwd-only bash -c ': >/proc/self/fd/0/new' <"$OUTSIDE"
	refused sbx -qp python-eval cat /proc/self/fd/0/file <"$OUTSIDE"
	refused sbx -qp write-cwd-only "$PYTHON" -c '
import os
os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=0)' <"$OUTSIDE"
	refused sbx -qp write-cwd-only "$PYTHON" -c '
import os
os.fchdir(0)
open("new", "w")' <"$OUTSIDE"
	[ ! -e "$OUTSIDE/new" ]
}

@test "a descriptor passed over an inherited socket works: who passes it grants it" {
	echo secret >"$OUTSIDE/file"
	control "$PYTHON" -c '
import os, socket, subprocess, sys
here, there = socket.socketpair()
child = subprocess.Popen(["sbx", "-qp", "python-eval", sys.executable, "-c", """
import os, socket
s = socket.socket(fileno=0)
data, fds, flags, address = socket.recv_fds(s, 10, 1)
print(os.read(fds[0], 100).decode())"""], stdin=there)
socket.send_fds(here, [b"x"], [os.open(sys.argv[1], os.O_RDONLY)])
sys.exit(child.wait())' "$OUTSIDE/file"
	[[ $output == secret* ]]
}

@test "write-cwd-only: swapping a directory and a symlink lets no write out" {
	mkdir real
	ln -s "$OUTSIDE" link
	control sh -c 'echo x >link/file && rm link/file'
	run sbx -qp write-cwd-only "$PYTHON" -c '
import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
end = time.monotonic() + 2
swaps = 0
def swap():
    global swaps
    while time.monotonic() < end:
        libc.renameat2(-100, b"real", -100, b"link", 2)
        swaps += 1
threading.Thread(target=swap).start()
written = refused = 0
inside = os.getcwd()
while time.monotonic() < end:
    for attempt in (lambda: open("real/file", "w").close(), lambda: os.mkdir("real/d"),
                    lambda: os.rename("real/file", "real/moved"),
                    lambda: os.link("inside", "real/hard"), lambda: os.symlink("x", "real/soft"),
                    lambda: os.rename("inside", "real/inside"),
                    lambda: os.unlink("real/inside")):
        try:
            attempt()
            written += 1
        except OSError as error:
            refused += 1
    for name in "d", "hard", "soft", "moved":
        try:
            (os.rmdir if name == "d" else os.unlink)("real/" + name)
        except OSError:
            pass
    if not os.path.exists("inside"):
        open("inside", "w").close()
print(swaps, written, refused)
assert swaps > 100 and written > 100 and refused > 100'
	[ "$status" -eq 0 ] || explain 'the race did not take place'
	[ -z "$(find "$OUTSIDE" -mindepth 1)" ] || {
		ls -l "$OUTSIDE"
		return 1
	}
}

@test "write-cwd-only: no race links or renames a file in or out" {
	echo secret >"$OUTSIDE/file"
	local before
	before=$(stat -c '%i %h %s' "$OUTSIDE/file")
	mkdir real
	: >real/file
	ln -s "$OUTSIDE" link
	run sbx -qp write-cwd-only "$PYTHON" -c '
import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
end = time.monotonic() + 2
def swap():
    while time.monotonic() < end:
        libc.renameat2(-100, b"real", -100, b"link", 2)
threading.Thread(target=swap).start()
count = 0
while time.monotonic() < end:
    for attempt in (lambda: os.link("real/file", "got"), lambda: os.rename("real/file", "got"),
                    lambda: open("real/file", "r+").write("changed"),
                    lambda: os.truncate("real/file", 0), lambda: os.unlink("real/file")):
        try:
            attempt()
            count += 1
        except OSError:
            pass
    try:
        if os.path.exists("got"):
            assert "secret" not in open("got").read(), "got it"
            os.unlink("got")
        open("real/file", "a").close()
    except OSError:
        pass
print(count)
assert count > 100'
	[ "$status" -eq 0 ] || explain 'the race did not take place, or was won'
	[ "$(stat -c '%i %h %s' "$OUTSIDE/file")" = "$before" ]
	[ "$(cat "$OUTSIDE/file")" = secret ]
	[ "$(ls "$OUTSIDE")" = file ]
}

@test "what was entered is never left" {
	listen
	control sockets tcp4 "$TCP4"
	refused sbx -qp no-network calls undo sockets tcp4 "$TCP4"
	refused sbx -qp no-network sbx -qA sockets tcp4 "$TCP4"
	refused sbx -qp no-network bash -c 'exec bash -c "exec sockets tcp4 $0"' "$TCP4"
	refused sbx -qp no-network setsid -w sockets tcp4 "$TCP4"
	contacts 1
	echo secret >"$OUTSIDE/file"
	control sh -c 'echo x >>"$OUTSIDE/file"'
	refused sbx -qp write-cwd-only calls undo sh -c 'echo x >>"$OUTSIDE/file"'
	refused sbx -qp write-cwd-only,-protect-persistence sbx -qA --allow-file-all sh -c 'echo x >>"$OUTSIDE/file"'
	refused sbx -qp write-cwd-only bash -c 'bash -c "echo x >>\"$OUTSIDE/file\"" & wait $!'
	[ "$(wc -l <"$OUTSIDE/file")" -eq 2 ]
}

@test "a daemon stays in the sandbox when its parents are gone" {
	listen
	control sbx -qp no-network bash -c '
		setsid -f bash -c "sleep 0.2; sockets tcp4 $0; echo \$? >result" >/dev/null 2>&1' "$TCP4"
	wait_for result
	[ "$(cat result)" = 1 ]
	contacts 0
}

@test "root: privileges give no way out" {
	is_root || return 0 # others have none
	refused sbx -qp write-cwd-only sh -c 'echo 0 >/proc/sys/kernel/printk_ratelimit'
	refused sbx -qp write-cwd-only sh -c 'echo x >/dev/kmsg'
	refused sbx -qp no-write sh -c 'exec 3<>/dev/vda'
	refused sbx -qp write-cwd-only sh -c 'exec 3<>/dev/vda'
	victim
	refused sbx -qp no-network nsenter -t "$VICTIM" -n true
	refused sbx -qp write-cwd-only nsenter -t "$VICTIM" -m sh -c ': >"$OUTSIDE/new"'
	refused sbx -qp write-cwd-only setpriv --reuid=65534 sh -c ': >"$OUTSIDE/new"'
	[ ! -e "$OUTSIDE/new" ]
}

# Two servers beside each other; the log of the second must stay empty under audio.
two_servers() {
	mkdir -m 700 "$XDG_RUNTIME_DIR/pulse"
	timeout 30 "$PYTHON" -c '
import os, socket, sys, threading
def serve(path, log):
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    while True:
        connection, _ = server.accept()
        if log:
            os.write(log, b"reached\n")
        connection.close()
log = os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT)
threading.Thread(target=serve, args=(sys.argv[2], log), daemon=True).start()
serve(sys.argv[1], 0)
' "$XDG_RUNTIME_DIR/pulse/native" "$XDG_RUNTIME_DIR/pulse/other" "$BATS_TEST_TMPDIR/other.log" 3>&- &
	listeners+=("$!")
	until [ -S "$XDG_RUNTIME_DIR/pulse/native" ] && [ -S "$XDG_RUNTIME_DIR/pulse/other" ]; do
		sleep 0.05
	done
}

@test "audio: an address that changes while the broker reads it reaches no other socket" {
	two_servers
	control connect-race "$XDG_RUNTIME_DIR/pulse/native" "$XDG_RUNTIME_DIR/pulse/other"
	sleep 0.3
	[ -s "$BATS_TEST_TMPDIR/other.log" ] # outside, the race is won
	: >"$BATS_TEST_TMPDIR/other.log"
	control sbx -qp audio --allow-file-read="$SBX_TEST_PROGRAMS" "$SBX_TEST_PROGRAMS/connect-race" \
		"$XDG_RUNTIME_DIR/pulse/native" "$XDG_RUNTIME_DIR/pulse/other"
	sleep 0.3
	[ ! -s "$BATS_TEST_TMPDIR/other.log" ]
}

@test "audio: connections fail when the broker is killed" {
	two_servers
	mkfifo step
	sbx -qp audio "$PYTHON" -c '
import socket, sys
def attempt():
    try:
        socket.socket(socket.AF_UNIX).connect(sys.argv[1])
        print("connected", flush=True)
    except OSError as error:
        print("refused", flush=True)
attempt()
open("step").read()
attempt()' "$XDG_RUNTIME_DIR/pulse/native" >out 3>&- &
	local command=$! process
	until grep -q connected out; do sleep 0.05; done
	# This one holds the profile of this test's directory.
	for process in $(pgrep -x sbxbroker -U "$(id -u)"); do
		if tr '\0' '\n' <"/proc/$process/cmdline" | grep -qxF "$XDG_RUNTIME_DIR/pulse/native"; then
			kill -9 "$process"
		fi
	done
	: >step
	wait "$command"
	[ "$(tail -n 1 out)" = refused ]
}

@test "audio: the command does not outlive the process that stands for it" {
	mkfifo step
	sbx -qp audio --allow-file-write=. "$PYTHON" -c '
print("started", flush=True)
open("step").read()' >out 3>&- &
	local waiter=$! command
	until grep -q started out; do sleep 0.05; done
	command=$(pgrep -P "$(pgrep -P "$waiter")")
	kill -0 "$command"
	kill -9 "$waiter"
	local status=0
	wait "$waiter" || status=$?
	[ "$status" -eq 137 ]
	for _ in {1..100}; do
		kill -0 "$command" 2>/dev/null || break
		sleep 0.05
	done
	run ! kill -0 "$command"
}

@test "audio: when the broker is killed, sbx still ends as the command does" {
	mkfifo step
	sbx -qp audio --allow-file-write=. "$PYTHON" -c '
import sys
print("started", flush=True)
open("step").read()
sys.exit(7)' >out 3>&- &
	local waiter=$!
	until grep -q started out; do sleep 0.05; done
	kill -9 "$(pgrep -P "$waiter")"
	sleep 0.2
	kill -0 "$waiter"
	: >step
	local status=0
	wait "$waiter" || status=$?
	[ "$status" -eq 7 ]
}
