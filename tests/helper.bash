# What every .bats file loads: a fresh place for each test, listeners that count who reaches them,
# and checks in which a failure of sbx itself never passes for a denial.
# shellcheck disable=SC2154 # run sets status and output

bats_require_minimum_version 1.5.0

# For the files that define none of their own; those that do call sbx_setup and sbx_teardown.
setup() {
	sbx_setup
}

teardown() {
	sbx_teardown
}

# Nothing of the user's takes part: HOME, the configuration, the trust store and the current
# directory are new and empty. All are canonical paths, as the kernel sees them.
sbx_setup() {
	local root home work
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	export SBX_BIN_DIR=${SBX_BIN_DIR:-$root/build/bin}
	export SBX_TEST_PROGRAMS=${SBX_TEST_PROGRAMS:-$root/build/tests}
	export PATH=$SBX_BIN_DIR:$PATH
	# The one that comes first in PATH may be a version manager's.
	export PYTHON=/usr/bin/python3
	unset SBX SBX_ACTIVE TMPDIR XDG_CACHE_HOME XDG_CONFIG_DIRS XDG_DATA_DIRS XDG_DATA_HOME
	unset XDG_RUNTIME_DIR MAKEFLAGS MFLAGS MAKEOVERRIDES GNUMAKEFLAGS MAKELEVEL

	home=$BATS_TEST_TMPDIR/home
	work=$BATS_TEST_TMPDIR/work
	mkdir -p "$home/.config" "$home/.local/state" "$work"
	HOME=$(cd "$home" && pwd -P)
	export HOME XDG_CONFIG_HOME=$HOME/.config XDG_STATE_HOME=$HOME/.local/state
	cd "$(cd "$work" && pwd -P)" || return
	listeners=()
}

sbx_teardown() {
	local pid
	for pid in ${listeners[@]+"${listeners[@]}"}; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	listeners=()
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# skip_or_fail REASON: skips the test, or fails it where everything must be enforced. The reason
# names the feature that the kernel lacks.
skip_or_fail() {
	if [ "${SBX_MUST_ENFORCE:-}" = 1 ]; then
		echo "cannot be skipped here (SBX_MUST_ENFORCE=1): $1"
		return 1
	fi
	skip "$1"
}

# control COMMAND...: what a denial is compared with; outside the sandbox it MUST succeed.
control() {
	run "$@"
	[ "$status" -eq 0 ] || explain 'the control should have succeeded'
}

# refused COMMAND...: the command MUST start and fail by itself. Any other end proves no denial.
refused() {
	run "$@"
	case $status in
	0) explain 'should have been refused' ;;
	99) explain 'a sanitizer ended it: that is no denial' ;;
	125) explain 'sbx itself failed: that is no denial' ;;
	127) explain 'the command was not found: that is no denial' ;;
	129 | 1[3-8][0-9] | 19[0-2]) explain 'a signal ended it: that is no denial' ;;
	esac
}

# sbx_failed COMMAND...: sbx MUST refuse to run the command, and say why.
sbx_failed() {
	run "$@"
	if [ "$status" -ne 125 ]; then
		explain 'sbx should have failed with status 125'
	elif ! grep -q '^sbx: ' <<<"$output"; then
		explain 'sbx should have said why'
	fi
}

# Fails, showing what the last command did.
explain() {
	printf '%s\nstatus: %s\noutput:\n%s\n' "$1" "$status" "$output"
	return 1
}

# A listener serves whoever comes, for 30 s at most, and adds a line to the file $LOG for each
# connection or datagram. To a connection it answers as a web server would.
# tcp_listener, udp_listener: on 127.0.0.1 and the port $PORT, which the kernel chose.
tcp_listener() {
	start_listener tcp 0 || return
	export PORT=$LISTENER_ADDRESS
}

udp_listener() {
	start_listener udp 0 || return
	export PORT=$LISTENER_ADDRESS
}

# unix_listener PATH [stream|dgram]: on the socket $SOCKET; a PATH of @NAME is an abstract one.
unix_listener() {
	start_listener "${2:-stream}" "$1" || return
	export SOCKET=$LISTENER_ADDRESS
}

# logged COUNT: the listener started last MUST have counted exactly that many.
logged() {
	local count
	if ! "$PYTHON" -I -S -c "$listener_program" ask "$LISTENER_KIND" "$LISTENER_ADDRESS"; then
		echo "the listener does not answer"
		return 1
	fi
	count=$(grep -c . "$LOG") || :
	if [ "$count" -ne "$1" ]; then
		printf 'the listener counted %s, expected %s:\n' "$count" "$1"
		cat "$LOG"
		return 1
	fi
}

start_listener() {
	local ready tries=0
	LOG=$(mktemp "$BATS_TEST_TMPDIR/log.XXXXXX")
	export LOG
	ready=$LOG.ready
	"$PYTHON" -I -S -c "$listener_program" serve "$1" "$2" "$LOG" \
		>"$ready" 2>"$LOG.errors" 3>&- &
	listeners+=("$!")
	until [ -s "$ready" ]; do
		tries=$((tries + 1))
		if [ "$tries" -gt 200 ] || ! kill -0 "$!" 2>/dev/null; then
			cat "$LOG.errors"
			echo "the listener did not start: $1 $2"
			return 1
		fi
		sleep 0.05
	done
	LISTENER_KIND=$1
	LISTENER_ADDRESS=$(cat "$ready")
}

# When the kernel has accepted a connection it needn't be in the log yet. So one can ask: a question
# is not logged, and answered only after all who came before it are.
listener_program='
import signal, socket, sys

QUESTION = b"question"
ANSWER = b"HTTP/1.0 200 OK\r\n\r\nhello\n"
KINDS = {
    "tcp": (socket.AF_INET, socket.SOCK_STREAM),
    "udp": (socket.AF_INET, socket.SOCK_DGRAM),
    "stream": (socket.AF_UNIX, socket.SOCK_STREAM),
    "dgram": (socket.AF_UNIX, socket.SOCK_DGRAM),
}

def parse(kind, address):
    if kind in ("tcp", "udp"):
        return "127.0.0.1", int(address)
    return "\0" + address[1:] if address.startswith("@") else address

def answer(peer):
    peer.settimeout(0.2)
    data = b""
    try:
        data = peer.recv(4096)
        peer.sendall(ANSWER)
    except OSError:
        pass  # one that says nothing, or has gone
    peer.close()
    return data

def serve(kind, address, log):
    signal.alarm(30)
    server = socket.socket(*KINDS[kind])
    server.bind(parse(kind, address))
    is_stream = server.type == socket.SOCK_STREAM
    if is_stream:
        server.listen(128)
    if kind in ("tcp", "udp"):
        address = server.getsockname()[1]
    print(address, flush=True)
    while True:
        if is_stream:
            data = answer(server.accept()[0])
        else:
            data, sender = server.recvfrom(65536)
            if data == QUESTION:
                server.sendto(ANSWER, sender)
        if data != QUESTION:
            with open(log, "a") as file:
                print(repr(data[:80]), file=file)

def ask(kind, address):
    asker = socket.socket(*KINDS[kind])
    asker.settimeout(5)
    if kind == "dgram":
        asker.bind("")
    asker.connect(parse(kind, address))
    asker.send(QUESTION)
    asker.recv(4096)

{"serve": serve, "ask": ask}[sys.argv[1]](*sys.argv[2:])
'
