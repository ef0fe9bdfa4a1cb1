# The network through the broker: hosts, single ports, UDP, unix sockets by path, listening.

load helper

OPEN='(version 1)(allow default)'

# as RULES PROGRAM [ARG]...: runs Python code under rules that follow (allow default).
as() {
	local rules=$1
	shift
	sandbox-exec -p "$OPEN$rules" "$PYTHON" -I -S -c "$@"
}

# denied RULES PROGRAM [ARG]...: outside it works, inside the sandbox refuses it.
denied() {
	control "$PYTHON" -I -S -c "${@:2}"
	refused as "$@"
	[ "$status" -eq 1 ] || explain 'it failed by something else'
	[[ $output == *PermissionError* ]] || explain 'not refused with EPERM'
}

# allowed RULES PROGRAM [ARG]...
allowed() {
	run as "$@"
	[ "$status" -eq 0 ] || explain 'should have been allowed'
}

CONNECT='
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
socket.socket(family).connect((sys.argv[1], int(sys.argv[2])))'

# Each way of sending a datagram to a host and port; the answer comes back.
DATAGRAM='
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
way, to = sys.argv[1], (sys.argv[2], int(sys.argv[3]))
if way == "connect":
    s.connect(to)
    s.send(b"question")
elif way == "sendto":
    s.sendto(b"question", to)
else:
    s.sendmsg([b"ques", b"tion"], [], 0, to)
assert s.recv(100)'

# sendmmsg(2): one message to each port; prints how many were sent.
SENDMMSG='
import ctypes, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
data = ctypes.create_string_buffer(b"many", 4)
piece = ctypes.create_string_buffer(struct.pack("QQ", ctypes.addressof(data), 4))
kept, messages = [], b""
for port in sys.argv[1:]:
    name = ctypes.create_string_buffer(
        struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8x", int(port), bytes([127, 0, 0, 1])))
    kept.append(name)
    messages += struct.pack("QIIQQQQIIII", ctypes.addressof(name), 16, 0,
        ctypes.addressof(piece), 1, 0, 0, 0, 0, 0, 0)
buffer = ctypes.create_string_buffer(messages)
count = libc.sendmmsg(s.fileno(), buffer, len(kept), 0)
if count < 0:
    raise PermissionError(ctypes.get_errno(), "sendmmsg")
print(count, struct.unpack_from("I", buffer.raw, 56)[0])'

@test "localhost is 127.0.0.1 and ::1, and no other address" {
	tcp_listener
	local rules="(deny network*)(allow network-outbound (remote ip \"localhost:$PORT\"))"
	allowed "$rules" "$CONNECT" 127.0.0.1 "$PORT"
	denied "$rules" "$CONNECT" 0.0.0.0 "$PORT"
	run ! as "$rules" "$CONNECT" 127.0.0.2 "$PORT"
	[[ $output == *PermissionError* ]]
	denied "$rules" "$CONNECT" ::ffff:127.0.0.1 "$PORT"
	# Nobody listens there, but the sandbox lets it through.
	run as "$rules" "$CONNECT" ::1 "$PORT"
	[[ $output == *ConnectionRefusedError* ]]
	local other=$PORT
	tcp_listener
	denied "$rules" "$CONNECT" 127.0.0.1 "$PORT"
	[ "$other" != "$PORT" ]
}

@test "what localhost stands for is denied in all its spellings" {
	tcp_listener
	local address
	for address in 127.0.0.1 0.0.0.0 ::ffff:127.0.0.1 ::ffff:0.0.0.0; do
		denied '(deny network-outbound (remote ip "localhost:*"))' "$CONNECT" "$address" "$PORT"
	done
	for address in 127.0.0.2 ::1 ::; do
		run ! as '(deny network-outbound (remote ip "localhost:*"))' "$CONNECT" "$address" "$PORT"
		[[ $output == *PermissionError* ]] || explain "$address"
	done
}

@test "one port is denied to both versions of IP, and to addresses of one inside the other" {
	tcp_listener
	local rule="(deny network-outbound (remote tcp4 \"*:$PORT\"))"
	denied "$rule" "$CONNECT" 127.0.0.1 "$PORT"
	denied "$rule" "$CONNECT" ::ffff:127.0.0.1 "$PORT"
	denied "(deny network-outbound (remote tcp6 \"*:$PORT\"))" "$CONNECT" ::ffff:127.0.0.1 "$PORT"
	allowed "(deny network-outbound (remote tcp6 \"*:$PORT\"))" "$CONNECT" 127.0.0.1 "$PORT"
	allowed "(deny network-outbound (remote udp \"*:$PORT\"))" "$CONNECT" 127.0.0.1 "$PORT"
}

@test "datagrams: each way of sending, to each port" {
	udp_listener
	local other=$PORT way rules
	udp_listener
	rules="(deny network-outbound (remote ip))(allow network-outbound (remote udp \"*:$PORT\"))"
	for way in connect sendto sendmsg; do
		allowed "$rules" "$DATAGRAM" "$way" 127.0.0.1 "$PORT"
		denied "$rules" "$DATAGRAM" "$way" 127.0.0.1 "$other"
	done
	run -0 as "$rules" "$SENDMMSG" "$PORT" "$PORT" "$other" "$PORT"
	[ "$output" = '2 4' ]
	logged 2
	denied "$rules" "$SENDMMSG" "$other"
}

@test "an unconnected socket sends to no address that a family of 0 hides" {
	udp_listener
	local send='
import ctypes, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
name = struct.pack("=H", 0) + struct.pack(">H4s8x", int(sys.argv[1]), bytes([127, 0, 0, 1]))
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(libc.sendto(s.fileno(), b"hidden", 6, 0, name, 16) != 6)'
	control "$PYTHON" -I -S -c "$send" "$PORT"
	logged 1
	refused as "(deny network-outbound (remote udp \"*:$PORT\"))" "$send" "$PORT"
	logged 1
}

@test "binding and listening: by port, by host, and without binding" {
	local bind='
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
if sys.argv[2] != "-":
    s.bind((sys.argv[2], int(sys.argv[1])))
if len(sys.argv) > 3:
    s.listen()'
	tcp_listener
	local free=$PORT
	sbx_teardown
	denied "(deny network-bind (local ip \"*:$free\"))" "$bind" "$free" 127.0.0.1
	allowed "(deny network-bind (local ip \"*:1\"))" "$bind" "$free" 127.0.0.1 listen
	local rules='(deny network-bind)(allow network-bind (local ip "localhost:*"))'
	allowed "$rules" "$bind" "$free" 127.0.0.1 listen
	denied "$rules" "$bind" "$free" 0.0.0.0
	rules="(deny network-inbound)(allow network-bind)(allow network-inbound (local tcp \"localhost:$free\"))"
	allowed "$rules" "$bind" "$free" 127.0.0.1 listen
	denied "$rules" "$bind" 0 127.0.0.1 listen
	denied "$rules" "$bind" 0 - listen
	denied '(deny network-inbound)' "$bind" 0 - listen
}

@test "unix sockets: paths beside TCP, whatever leads there" {
	unix_listener "$PWD/a"
	local allowed=$SOCKET rules
	unix_listener "$PWD/b"
	ln -s b link
	ln -s a other
	local connect='
import socket, sys
socket.socket(socket.AF_UNIX).connect(sys.argv[1])'
	rules="(deny network-outbound (literal \"$PWD/b\"))"
	allowed "$rules" "$connect" "$allowed"
	allowed "$rules" "$connect" other
	denied "$rules" "$connect" "$PWD/b"
	denied "$rules" "$connect" link
	denied "$rules" "$connect" "../${PWD##*/}//b"
	tcp_listener
	allowed "$rules" "$CONNECT" 127.0.0.1 "$PORT"
}

@test "unix sockets: bound where the policy says, with the umask, and listened on" {
	local serve='
import os, socket, sys, threading
os.umask(0o027)
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
def ask():
    c = socket.socket(socket.AF_UNIX)
    c.connect(sys.argv[1])
    c.sendall(b"hello")
thread = threading.Thread(target=ask)
thread.start()
assert s.accept()[0].recv(5) == b"hello"'
	mkdir in out
	local rules="(deny network*)(allow network* (subpath \"$PWD/in\"))"
	allowed "$rules" "$serve" in/s
	[ "$(stat -c %a in/s)" = 750 ]
	allowed "$rules" "$serve" "$PWD/in/t"
	rm -f in/?
	control "$PYTHON" -c "$serve" out/s
	rm out/s
	refused as "$rules" "$serve" out/s
	[ ! -e out/s ]
	# A file is made: that has to be allowed too.
	refused as "$rules(deny file-write* (require-not (literal \"/dev/null\")))" "$serve" in/u
	[ ! -e in/u ]
}

@test "descriptors are passed between processes, and streams carry much" {
	udp_listener
	allowed "(deny network-outbound (remote udp \"*:$PORT\"))" '
import array, os, socket
a, b = socket.socketpair()
r, w = os.pipe()
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [w]))])
data, control, flags, address = b.recvmsg(1, 100)
passed = array.array("i", control[0][2])[0]
os.write(passed, b"through")
assert os.read(r, 10) == b"through"
a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
assert a.sendmsg([b"x" * 100000]) <= 65536'
}

@test "blocking connections stall nobody" {
	tcp_listener
	allowed "(deny network-outbound (remote tcp \"*:1\"))" '
import os, socket, sys, threading, time
full = socket.socket(socket.AF_UNIX)
full.bind("full")
full.listen(0)
def wait():
    socket.socket(socket.AF_UNIX).connect("full")
for i in range(20):
    threading.Thread(target=wait, daemon=True).start()
time.sleep(0.3)
start = time.monotonic()
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
assert time.monotonic() - start < 2
os._exit(0)' "$PORT"
}

@test "non-blocking connections, and AF_UNSPEC that ends one" {
	tcp_listener
	allowed "(deny network-outbound (remote tcp \"*:1\"))" '
import ctypes, errno, select, socket, sys
s = socket.socket()
s.setblocking(False)
assert s.connect_ex(("127.0.0.1", int(sys.argv[1]))) in (0, errno.EINPROGRESS)
select.select([], [s], [], 5)
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
libc = ctypes.CDLL(None, use_errno=True)
assert libc.connect(s.fileno(), bytes(16), 16) == 0
assert s.connect_ex(("127.0.0.1", int(sys.argv[1]))) in (0, errno.EINPROGRESS)
for address, length, error in ((8, 16, errno.EFAULT), (bytes(200), 200, errno.EINVAL), (b"", 0, errno.EINVAL)):
    assert libc.connect(s.fileno(), ctypes.c_char_p(address) if isinstance(address, bytes) else ctypes.c_void_p(address), length) == -1
    assert ctypes.get_errno() == error, (length, ctypes.get_errno())
assert libc.connect(99, bytes(16), 16) == -1 and ctypes.get_errno() == errno.EBADF' "$PORT"
}

@test "no socket of another protocol, no fast open, no source route" {
	tcp_listener
	local rules="(deny network-outbound (remote tcp \"*:1\"))"
	denied "$rules" 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)'
	denied "$rules" '
import socket, sys
s = socket.socket()
s.sendto(b"x", 0x20000000, ("127.0.0.1", int(sys.argv[1])))' "$PORT"
	# Outside that takes a privilege.
	local check=(refused as)
	if is_root; then
		check=(denied)
	fi
	"${check[@]}" "$rules" '
import socket
socket.socket().setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([131, 7, 4, 127, 0, 0, 2, 0]))'
}

@test "an address that changes while it is decided on reaches no denied port" {
	tcp_listener
	local good=$PORT
	tcp_listener
	control "$SBX_TEST_PROGRAMS/address-race" "$good" "$PORT"
	run ! logged 0 # outside, the race is won
	: >"$LOG"
	control sandbox-exec -p "$OPEN(deny network-outbound (remote tcp \"*:$PORT\"))" \
		"$SBX_TEST_PROGRAMS/address-race" "$good" "$PORT"
	logged 0
	udp_listener
	good=$PORT
	udp_listener
	control "$SBX_TEST_PROGRAMS/address-race" "$good" "$PORT" send
	run ! logged 0
	: >"$LOG"
	control sandbox-exec -p "$OPEN(deny network-outbound (remote udp \"*:$PORT\"))" \
		"$SBX_TEST_PROGRAMS/address-race" "$good" "$PORT" send
	logged 0
}

@test "no-network and one address: exactly that" {
	tcp_listener
	local other=$PORT
	tcp_listener
	local curl=(curl -sS -m 5 --noproxy '*')
	run -0 sbx -qp no-network --allow-network="localhost:$PORT" "${curl[@]}" "http://127.0.0.1:$PORT"
	[ "$output" = hello ]
	refused sbx -qp no-network --allow-network="localhost:$PORT" "${curl[@]}" "http://127.0.0.1:$other"
	run -0 sbx -n -p no-network --allow-network='*:443' true
	[[ $output == *'port 443: connect'* ]]
	[[ $output != *broker:* ]]
}
