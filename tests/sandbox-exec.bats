# sandbox-exec, called as on macOS: its command line, messages, exit statuses, and what it enforces.

load helper

ALLOW='(version 1)(allow default)'
USAGE='Usage: sandbox-exec [options] command [args]
Options:
  -f profile-file     Read profile from file.
  -n profile-name     Use pre-defined profile.
  -p profile-string   Specify a profile on the command line.
  -D key=value        Define a profile parameter.
Exactly one of -f, -n, -p must be specified.'

# answers STATUS OUTPUT WORD...: sandbox-exec MUST end so, and MUST NOT start the command, which
# every call here has as its last word.
answers() {
	local expected=$1 text=$2
	shift 2
	run sandbox-exec "$@" touch started
	[ "$status" -eq "$expected" ] || explain "expected status $expected"
	[ "$output" = "$text" ] || explain "expected: $text"
	[ ! -e started ]
}

# denied WORD...: the command MUST start, and fail by itself.
denied() {
	refused sandbox-exec "$@"
	case $status in
	64 | 65 | 71) explain 'sandbox-exec itself failed: that is no denial' ;;
	esac
}

# cannot_enforce: the last call was refused because of what this host cannot enforce, each reason
# with its operations and the place of its rule.
cannot_enforce() {
	[ "$status" -eq 71 ] || return 1
	local line form='^sandbox-exec: sandbox_apply: cannot enforce [a-z*-]+(, [a-z*-]+)*: .*\(.+:[0-9]+:[0-9]+\)$'
	while read -r line; do
		[[ $line =~ $form ]] || return 1
	done <<<"$output"
}

connect_to() {
	"$PYTHON" -I -S -c '
import socket, sys
kind, address = sys.argv[1:]
if kind == "unix":
    socket.socket(socket.AF_UNIX).connect(address)
else:
    socket.create_connection(("127.0.0.1", int(address)), 5).close()' "$@"
}

### the command line

@test "without exactly one profile and a command it prints the usage and exits with 64" {
	local words
	for words in '' '-p x' '-D a=b' 'true' '-p x -p x true' '-p x -n no-network true' \
		'-p x -D novalue true' '-p x -D =value true' '-p x --'; do
		# shellcheck disable=SC2086 # a list of words
		run sandbox-exec $words
		[ "$status" -eq 64 ] || explain "$words"
		[ "$output" = "$USAGE" ] || explain "$words"
	done
}

@test "options that it doesn't have are named as getopt names them" {
	run -64 sandbox-exec -h
	[ "$output" = "sandbox-exec: illegal option -- h
$USAGE" ]
	run -64 "$SBX_BIN_DIR/sandbox-exec" --help
	[ "$output" = "$SBX_BIN_DIR/sandbox-exec: illegal option -- -
$USAGE" ]
	run -64 sandbox-exec -p
	[ "$output" = "sandbox-exec: option requires an argument -- p
$USAGE" ]
}

@test "the command gets all words after it, and -- ends the options" {
	run -0 sandbox-exec -p "$ALLOW" echo -p x -- -D
	[ "$output" = '-p x -- -D' ]
	run -0 sandbox-exec -p"$ALLOW" -- echo -n x
	[ "$output" = x ]
}

@test "the profile may come from a file, or from a pipe" {
	echo "$ALLOW(deny file-write*)" >deny.sb
	denied -f deny.sb touch file
	denied -fdeny.sb touch file
	denied -f <(cat deny.sb) touch file
	[ ! -e file ]
	echo "$ALLOW" >allow.sb
	sandbox-exec -f allow.sb touch file
	[ -e file ]
}

@test "parameters: -D K=V and -DK=V, empty values, values with =, unused ones; the last one counts" {
	local profile="$ALLOW(if (not (equal? (param \"K\") (param \"L\"))) (error \"differ\"))"
	sandbox-exec -p "$profile" -D K=a=b -DL=a=b true
	sandbox-exec -D K= -D L= -D unused=x -p "$profile" true
	sandbox-exec -D K=x -D K=y -D L=y -p "$profile" true
	run -65 sandbox-exec -D K=y -D K=x -D L=y -p "$profile" true
	# The environment sets none.
	CWD=x run -65 sandbox-exec -D K=x -p "$ALLOW(if (param \"CWD\") #t (error \"unset\"))" true
}

@test "it is installed where nothing has its name, and only then removed" {
	local root=$PWD/root
	make_it() {
		make -s -j2 -C "$BATS_TEST_DIRNAME/.." CFLAGS=-O0 BUILD="$BATS_TEST_TMPDIR/build" \
			DESTDIR="$root" PREFIX=/usr "$1"
	}
	make_it install
	[ "$(readlink root/usr/bin/sandbox-exec)" = sbx ]
	root/usr/bin/sandbox-exec -n no-network true
	make_it uninstall
	[ ! -L root/usr/bin/sandbox-exec ]
	[ ! -e root/usr/share/man/man1/sandbox-exec.1 ]
	echo mine >root/usr/bin/sandbox-exec
	make_it install
	make_it uninstall
	[ "$(cat root/usr/bin/sandbox-exec)" = mine ]
}

### messages

@test "a bad profile is told as on macOS, with status 65" {
	answers 65 'sandbox-exec: no version specified' -p ''
	answers 65 "sandbox-exec: syntax error: expecting ')'" -p '(version 1'
	answers 65 'sandbox-exec: Error reading string' -p "$ALLOW(deny file* (literal \"/x))"
	answers 65 'sandbox-exec: unbound variable: bogus-op at <input string>, line 2, column 9' \
		-p "$ALLOW
 (allow bogus-op)"
	answers 65 'sandbox-exec: unbound variable: file-raed* at <input string>, line 1, column 33 (did you mean file-read*?)' \
		-p "$ALLOW(deny file-raed*)"
	answers 65 'sandbox-exec: host must be * or localhost in network address

Backtrace:
<input string>:1:42:
	(remote ip "127.0.0.1:*")' -p "$ALLOW(deny network* (remote ip \"127.0.0.1:*\"))"
	answers 65 'sandbox-exec: /nope/does-not-exist.sb: No such file or directory' \
		-f /nope/does-not-exist.sb
	answers 65 'sandbox-exec: no-such-name: profile not found' -n no-such-name
	printf '%s\n\n(deny remote-host)\n' "$ALLOW" >bad.sb
	answers 65 'sandbox-exec: unbound variable: remote-host at bad.sb, line 3, column 7' -f bad.sb
}

@test "what is not found and what is not set begins as on macOS" {
	run -65 sandbox-exec -p '(version 1)(import "nope.sb")' true
	[ "${lines[0]}" = 'sandbox-exec: unable to open "nope.sb": not found' ]
	run -65 sandbox-exec -p "$ALLOW(deny file* (subpath (param \"X\")))" true
	[[ $output == 'sandbox-exec: invalid data type of path filter; expected pattern, got boolean'* ]]
}

@test "what cannot be executed is told as on macOS, with status 71" {
	run -71 sandbox-exec -p "$ALLOW" no-such-command
	[ "$output" = "sandbox-exec: execvp() of 'no-such-command' failed: No such file or directory" ]
	echo text >file
	run -71 sandbox-exec -p "$ALLOW" ./file
	[ "$output" = "sandbox-exec: execvp() of './file' failed: Permission denied" ]
	answers 71 "sandbox-exec: execvp() of 'touch' failed: Operation not permitted" \
		-p '(version 1)(deny default)'
	answers 71 "sandbox-exec: execvp() of 'touch' failed: Operation not permitted" \
		-p "$ALLOW(deny process-exec*)"
}

@test "what cannot be enforced is told with its place, and the command not started" {
	denied -p "$ALLOW(deny file-read-data (subpath \"$PWD\"))" ls
	# This will not be enforceable on Linux.
	run -71 sandbox-exec -p "$ALLOW
(deny dynamic-code-generation)" touch started
	[ "$output" = 'sandbox-exec: sandbox_apply: cannot enforce dynamic-code-generation: nothing here can deny it (<input string>:2:1)' ]
	[ ! -e started ]
}

@test "where the kernel refuses, sandbox-exec fails with status 71, and says so by its name" {
	run -71 "$SBX_TEST_PROGRAMS/no-landlock" ENOSYS sandbox-exec -p "$ALLOW" touch started
	[[ $output == 'sandbox-exec: sandbox_apply: cannot enforce default: this kernel has no Landlock'* ]]
	# Two of these would need two brokers.
	local profile="$ALLOW(deny network*)(allow network-outbound (literal \"/run/socket\"))"
	sandbox-exec -p "$profile" true
	run -71 sandbox-exec -p "$profile" sandbox-exec -p "$profile" touch started
	[[ $output == 'sandbox-exec: '*broker* ]]
	[ ! -e started ]
}

@test "messages show no control characters of a profile or a name" {
	run -65 sandbox-exec -p $'(version 1)(\e[31m)' true
	[[ $output != *$'\e'* ]]
	run -71 sandbox-exec -p "$ALLOW" $'no\e[31m'
	[[ $output == *'\x1b[31m'* ]]
}

### the command's process

@test "the command takes sandbox-exec's place: the same process, its own status, its own signal" {
	run -0 sh -c 'echo $$; exec sandbox-exec -p "$0" sh -c "echo \$\$"' "$ALLOW(deny network*)"
	[ "${lines[0]}" = "${lines[1]}" ]
	run -7 sandbox-exec -p "$ALLOW" sh -c 'exit 7'
	run -0 sh -c 'sandbox-exec -p "$0" sh -c "kill -9 \$\$"; test $? -eq 137' "$ALLOW"
}

@test "the environment and open descriptors reach the command" {
	echo text >file
	PROBE=kept run -0 sandbox-exec -p "$ALLOW(deny file-write*)" sh -c 'echo $PROBE; cat <&9' 9<file
	[ "$output" = $'kept\ntext' ]
	run -0 sandbox-exec -p "$ALLOW" env
	[[ $output != *SBX_ACTIVE* ]]
}

@test "no descriptor of its own reaches the command" {
	local program=$SBX_TEST_PROGRAMS/show-fds
	"$program" outside 8</dev/null
	sandbox-exec -p "$ALLOW(deny network*)" "$program" inside 8</dev/null
	sandbox-exec -p "$ALLOW(deny network*)(allow network-outbound (literal \"/run/x\"))" \
		"$program" brokered 8</dev/null
	diff outside inside
	diff outside brokered
}

@test "sandboxes stack: a second one takes more away, and gives nothing back" {
	denied -p "$ALLOW(deny file-write*)" sandbox-exec -p "$ALLOW" touch file
	sandbox-exec -p "$ALLOW(deny network*)" sandbox-exec -p "$ALLOW(deny network*)" touch file
	[ -e file ]
}

### what the profile says is the whole policy

@test "(deny default) denies what isn't named, and system.sb is what the import brings" {
	local start='(version 1)(deny default)(allow process-exec*)(allow signal)'
	echo text >file
	denied -p "$start(import \"system.sb\")(allow file-read* (subpath \"/bin\") (subpath \"/usr/bin\"))" \
		cat file
	[[ $output == *file* ]]
	run -0 sandbox-exec -p "$start(import \"system.sb\")(allow file-read* (subpath \"/bin\")
		(subpath \"/usr/bin\") (literal \"$PWD/file\"))" cat file
	[ "$output" = text ]
	# Without the import even the loader is out of reach.
	run -71 sandbox-exec -p "$start(allow file-read-metadata file-read-xattr)
		(allow file-read-data (subpath \"/bin\") (subpath \"/usr/bin\"))" /bin/cat file
	[ "$output" = "sandbox-exec: execvp() of '/bin/cat' failed: Operation not permitted" ]
}

@test "paths that only macOS has are accepted in silence" {
	run -0 sandbox-exec -p '(version 1)(deny default)(import "system.sb")
		(allow process*)(allow signal)
		(allow file-read* (subpath "/System/Library/Frameworks") (literal "/private/etc/hosts")
			(subpath "/Library/Apple") (subpath "/usr/bin") (subpath "/bin"))
		(allow file-write-data (literal "/private/tmp/no-such-file") (subpath "/private/var/folders"))
		(allow mach-lookup (global-name "com.apple.cfprefsd.daemon"))
		(allow network-outbound (literal "/private/var/run/mDNSResponder"))
		(allow iokit-open (iokit-user-client-class "RootDomainUserClient"))
		(allow user-preference-read (preference-domain "kCFPreferencesAnyApplication"))' true
	[ -z "$output" ]
}

### -n

@test "-n no-internet: unix sockets work, the internet doesn't" {
	tcp_listener
	control connect_to tcp "$PORT"
	export -f connect_to
	denied -n no-internet bash -c "connect_to tcp $PORT"
	logged 1
	unix_listener "$BATS_TEST_TMPDIR/socket"
	run -0 sandbox-exec -n no-internet bash -c "connect_to unix $SOCKET"
	logged 1
}

@test "-n no-network: no socket works" {
	export -f connect_to
	unix_listener "$BATS_TEST_TMPDIR/socket"
	denied -n no-network bash -c "connect_to unix $SOCKET"
	logged 0
}

@test "-n no-write: no file is written" {
	denied -n no-write touch file
	[ ! -e file ]
	run -0 sandbox-exec -n no-write ls /
}

@test "-n no-write-except-temporary: temporary files are written, no others" {
	mkdir tmp
	export TMPDIR=$PWD/tmp
	denied -n no-write-except-temporary touch file
	[ ! -e file ]
	run -0 sandbox-exec -n no-write-except-temporary \
		sh -c 'echo x >tmp/file && mkdir tmp/d && mv tmp/file tmp/d/ && rm -r tmp/d'
}

@test "-n pure-computation: the command itself is what it doesn't allow" {
	answers 71 "sandbox-exec: execvp() of 'touch' failed: Operation not permitted" -n pure-computation
}

### profiles of the kinds that others write: enforced, or refused with the reason

# writes_only_below DIRECTORY WORD...: with these words before it a command MUST write there only,
# or be refused.
writes_only_below() {
	local directory=$1
	shift
	mkdir -p "$directory"
	rm -f "$directory/file"
	run sandbox-exec "$@" sh -c 'echo x >"$0/file" && mkdir "$0/new" && rmdir "$0/new"' "$directory"
	if [ "$status" -ne 0 ]; then
		cannot_enforce || explain 'neither enforced nor refused'
		[ ! -e "$directory/file" ]
		return 0
	fi
	denied "$@" sh -c 'echo x >outside'
	[ ! -e outside ]
}

@test "the build tool's: writes below some trees, a tool without the sandbox, no network but local" {
	local files='(debug deny)
		(allow process-exec* (with no-sandbox) (literal "/bin/ps") (regex #"/sudo$"))
		(deny file-write*)
		(allow file-write* (subpath "/dev/null") (subpath "/private/var/tmp"))'
	writes_only_below "$PWD/out" -p "$ALLOW$files(allow file-write* (subpath \"$PWD/out\"))"
	writes_only_below "$PWD/out" -p "$ALLOW$files(allow file-write* (subpath \"$PWD/out\"))
		(deny network*)
		(allow network* (local ip \"localhost:*\") (remote ip \"localhost:*\") (remote unix-socket))"
}

@test "the package manager's: rules first, then the unfiltered deny, then the default" {
	cat >package.sb <<-END
		(version 1)
		(debug deny) ; log all denied operations
		(allow file-write* (literal "/dev/null") (literal "/dev/tty") (regex #"^/dev/fd/[0-9]+\$"))
		(allow file-write* (subpath (string-append (param "PREFIX") "/var")))
		(allow file-write* (subpath "$PWD/cellar") (subpath "/private/tmp"))
		(deny file-write-setugid (with no-log))
		(deny file-write*)
		(allow process-exec (literal "/bin/ps") (with no-sandbox))
		(allow default)
	END
	writes_only_below "$PWD/cellar" -f package.sb -D PREFIX="$PWD/prefix"
}

@test "the coding agent's: read everything, write below the project, no network" {
	local profile='(version 1)
		(deny default)
		(allow process-exec process-fork)
		(allow signal (target same-sandbox))
		(allow file-read*)
		(allow file-write-data (literal "/dev/null"))
		(allow sysctl-read ipc-posix-sem pseudo-tty)
		(define writable (list (param "ROOT0") (param "ROOT1")))
		(for-each (lambda (root) (if root (allow file-write* (subpath root)))) writable)'
	writes_only_below "$PWD/project" -p "$profile" -D ROOT0="$PWD/project"
	# The same, without what changes modes, times and owners.
	run -0 sandbox-exec -p "${profile/file-write\* (subpath root)/file-write-data file-write-create file-write-unlink (subpath root)}" \
		-D ROOT0="$PWD/project" sh -c 'echo x >project/file; cat project/file'
	[ "$output" = x ]
}

@test "the coding agent's other one: secrets are not read, hooks not written" {
	mkdir -p .git/hooks .ssh
	echo secret >.ssh/id
	echo secret >.env
	local profile="$ALLOW
		(deny file-read* (subpath \"$PWD/.ssh\") (regex #\"/\\.env(\\.[^/]+)?\$\")
			(with message \"tag_x\"))
		(deny file-write* (subpath \"$PWD/.git/hooks\") (with message \"tag_x\"))"
	run sandbox-exec -p "$profile" sh -c 'touch started; cat .ssh/id; cat .env; touch .git/hooks/new'
	cannot_enforce || [[ $output != *secret* ]]
	[ "$status" -ne 71 ] || [ ! -e started ]
	[ ! -e .git/hooks/new ]
}

@test "the browser's: deny by default, macros of its own, services of macOS, parameters" {
	cat >browser.sb <<-'END'
		(version 1)
		(deny default (with no-log))
		(define (param-true? name) (string=? (or (param name) "FALSE") "TRUE"))
		(define home (param "USER_HOMEDIR"))
		(define (home-subpath relative) (subpath (string-append home relative)))
		(import "system.sb")
		(if (param-true? "ENABLE_LOGGING")
			(allow file-write-data (literal (param "LOG"))))
		(allow process-exec* (regex #"^(/usr)?/bin/[^/]+$"))
		(allow signal (target self))
		(allow process-fork)
		(allow signal (target same-sandbox))
		(allow file-read-data file-read-metadata (subpath "/usr/bin") (subpath "/bin"))
		(allow file-read* (home-subpath "/fonts"))
		(allow mach-lookup
			(global-name "com.apple.windowserver.active")
			(global-name-regex #"^com\.apple\.distributed_notifications"))
		(allow iokit-open (iokit-registry-entry-class "IOSurfaceRootUserClient"))
		(if (defined? 'syscall-unix) (allow syscall-unix))
	END
	run sandbox-exec -f browser.sb -D USER_HOMEDIR="$HOME" -D LOG="$PWD/log" -D ENABLE_LOGGING=FALSE true
	[ "$status" -eq 0 ] || cannot_enforce || explain 'neither enforced nor refused'
}
