# What two articles on sandbox-exec and on a tool around it show, with the paths of Linux: one is on
# evaluating Python code on macOS, one on the sandbox of a coding agent.

load helper

# enforceable COMMAND...: whether this host can enforce what the words before the command ask for.
# Where it cannot, the command MUST NOT be started, and each reason be told.
enforceable() {
	run "$@"
	case $status-$output in
	71-'sandbox-exec: sandbox_apply: cannot enforce '* | 125-'sbx: '*' cannot enforce '*)
		echo "# not enforceable here: ${output%%$'\n'*}" >&3
		return 1
		;;
	esac
}

# fails COMMAND...: it starts, and the sandbox makes it fail.
fails() {
	refused "$@"
	case $status in
	64 | 65 | 71) explain 'sandbox-exec failed: that is no denial' ;;
	esac
}

fetch() {
	sandbox-exec -p "$1" curl -sS -m 5 --noproxy '*' "http://127.0.0.1:$2"
}

@test "deny one port: what goes there fails, what goes elsewhere works" {
	tcp_listener
	local denied=$PORT
	tcp_listener
	local profile="
	(version 1)
	(allow default)
	(deny network-outbound (remote ip \"*:$denied\"))
	"
	enforceable sandbox-exec -p "$profile" true || return 0
	run -0 fetch "$profile" "$PORT"
	[ "$output" = hello ]
	fails fetch "$profile" "$denied"
}

@test "deny file writes: touch fails" {
	control touch before
	fails sandbox-exec -p '
	(version 1)
	(allow default)
	(deny file-write*)
	' touch foo
	[[ $output == 'touch: '*foo* ]]
	[ ! -e foo ]
}

@test "only allow writes to the current directory" {
	local profile="
	(version 1)
	(allow default)
	(deny file-write*)
	(allow file-write*
		(subpath \"$PWD\")
	)
	"
	enforceable sandbox-exec -p "$profile" true || return 0
	sandbox-exec -p "$profile" touch foo
	[ -e foo ]
	fails sandbox-exec -p "$profile" touch ../foo
	[ ! -e ../foo ]
}

# The same for contents and names alone.
@test "only allow making and filling files in the current directory" {
	local profile="
	(version 1)
	(allow default)
	(deny file-write-data file-write-create file-write-unlink)
	(allow file-write-data file-write-create file-write-unlink (subpath \"$PWD\"))
	"
	sandbox-exec -p "$profile" sh -c 'echo x >foo'
	[ -e foo ]
	fails sandbox-exec -p "$profile" sh -c 'echo x >../foo'
	[ ! -e ../foo ]
}

@test "rules name files by their real path: a symlink in it never matches" {
	mkdir real
	ln -s real link
	write_to() {
		sandbox-exec -p "(version 1)(allow default)
			(deny file-write-data file-write-create)
			(allow file-write-data file-write-create (subpath \"$1\"))" sh -c 'echo x >link/foo'
	}
	fails write_to "$PWD/link"
	[ ! -e real/foo ]
	write_to "$PWD/real"
	[ -e real/foo ]
}

@test "programs need more than their own file to start: too little is an abort or a refusal" {
	mkdir asdf
	echo x >asdf/file
	local rules="(subpath \"/bin\") (subpath \"/usr/bin\") (subpath \"$PWD/asdf\")"
	local libraries='(subpath "/lib") (subpath "/lib64") (subpath "/usr/lib") (literal "/etc/ld.so.cache")'
	run ! sandbox-exec -p "(version 1)(allow default)(deny file*)(allow file-read* $rules)" \
		/bin/ls "$PWD/asdf"
	[[ $output != file* ]]
	local profile="(version 1)(allow default)(deny file*)
		(allow file-read* $rules $libraries (literal \"/\"))"
	enforceable sandbox-exec -p "$profile" /bin/ls "$PWD/asdf" || return 0
	run -0 sandbox-exec -p "$profile" /bin/ls "$PWD/asdf"
	[ "$output" = file ]
}

@test "Python reads its prefix and says hello" {
	local prefix
	prefix=$("$PYTHON" -c 'import sys; print(sys.base_prefix)')
	local profile="
	(version 1)
	(allow default)
	(deny file*)
	(allow file-read*
		(subpath \"$prefix\") (subpath \"/lib\") (subpath \"/lib64\") (literal \"/etc/ld.so.cache\")
		(literal \"/\")
	)
	"
	enforceable sandbox-exec -p "$profile" "$PYTHON" -c '' || return 0
	run -0 sandbox-exec -p "$profile" "$PYTHON" -c 'import sys; print("hello!")'
	[ "$output" = 'hello!' ]
	echo secret >file
	fails sandbox-exec -p "$profile" "$PYTHON" -c 'open("file")'
}

@test "Python: the same, what can be looked up being no secret" {
	local prefix
	prefix=$("$PYTHON" -c 'import sys; print(sys.base_prefix)')
	local profile="(version 1)(allow default)(deny file-read-data)
	(allow file-read-data (subpath \"$prefix\") (subpath \"/lib\") (subpath \"/lib64\") (literal \"/\")
		(literal \"/etc/ld.so.cache\"))"
	run -0 sandbox-exec -p "$profile" "$PYTHON" -c 'import sys; print("hello!")'
	[ "$output" = 'hello!' ]
	echo secret >file
	fails sandbox-exec -p "$profile" "$PYTHON" -c 'open("file")'
}

@test "a caching proxy of packages is within reach, nothing else" {
	tcp_listener
	local other=$PORT
	tcp_listener
	local profile="(version 1)(allow default)(deny network*)
		(allow network-outbound (remote ip \"localhost:$PORT\"))"
	enforceable sandbox-exec -p "$profile" true || return 0
	run -0 fetch "$profile" "$PORT"
	[ "$output" = hello ]
	fails fetch "$profile" "$other"
}

@test "all environment variables are passed on" {
	API_TOKEN=abc run -0 sandbox-exec -p '(version 1)(allow default)' sh -c 'echo $API_TOKEN'
	[ "$output" = abc ]
}

@test "-n no-internet: ls works, the internet doesn't" {
	run -0 sandbox-exec -n no-internet ls /
	[[ $output == *usr* ]]
	tcp_listener
	control curl -sS -m 5 --noproxy '*' "http://127.0.0.1:$PORT"
	fails sandbox-exec -n no-internet curl -sS -m 5 --noproxy '*' "http://127.0.0.1:$PORT"
	fails sandbox-exec -n no-internet "$PYTHON" -c '
import socket
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)'
}

@test "the profile of the tool: libraries, unix sockets, one port, one program" {
	tcp_listener
	local curl profile
	curl=$(readlink -f "$(command -v curl)")
	# Linux reads a program to execute it; curl reads these on its way.
	profile="(version 1)
		(import \"system.sb\")
		(deny default)
		(allow file-read* (subpath \"/opt/local/lib\") (subpath \"/usr/lib\") (subpath \"/usr/local/lib\")
			(literal \"$curl\") (subpath \"/etc/ssl\"))
		(allow network* (local unix-socket))
		(allow network* (remote ip \"*:$PORT\"))
		(allow process-exec (literal \"$curl\"))"
	run -71 sandbox-exec -p "$profile" ls
	enforceable sandbox-exec -p "$profile" "$curl" --version || return 0
	run -0 fetch "$profile" "$PORT"
	[ "$output" = hello ]
}

@test "(debug all) and (trace ...) are accepted and do nothing" {
	run -0 sandbox-exec -p '(version 1)(debug all)(import "system.sb")(trace "trace.sb")
		(allow default)' ls
	[ ! -e trace.sb ]
}

@test "the tool: ls fails until reading here is allowed, in each spelling" {
	echo x >file
	run ! sbx -q ls .
	[[ $output == 'ls: '* ]]
	local words
	for words in '--allow-file-read . ls .' '--allow-file-read=. ls .' '--allow-file-read=. -- ls .'; do
		# shellcheck disable=SC2086 # a list of words
		run -0 sbx $words
		[ "$output" = file ] || explain "$words"
	done
	run -0 sbx --allow-file-read='.' -- ls -l .
	[[ $output == *file ]]
}

@test "the tool: one host and port is within reach" {
	tcp_listener
	local words=(--allow-network="localhost:$PORT" --allow-file-read=/etc
		curl -sS -m 5 --noproxy '*' "http://localhost:$PORT")
	enforceable sbx -q "${words[@]}" || return 0
	run -0 sbx -q "${words[@]}"
	[ "$output" = hello ]
}

@test "the tool: -A starts from (allow default)" {
	run -0 sbx -A ls /
	[[ $output == *usr* ]]
}
