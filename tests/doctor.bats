# sbxctl doctor: what it says is what this host, or one that lacks something, does.

load helper
load enforce

setup() {
	enforce_setup
}

teardown() {
	sbx_teardown
}

# state NAME: what the last output says of it, "ok", "MISSING" or "n/a".
state() {
	awk -v name="$1" '
		/^$/ { on = 1 }
		on && substr($0, 12, length(name) + 1) == name " " { print $1; exit }
		on && substr($0, 12) == name { print $1; exit }' <<<"$output"
}

# says STATE NAME...: of all of these.
says() {
	local name
	for name in "${@:2}"; do
		[ "$(state "$name")" = "$1" ] || explain "expected $1 for '$name'"
	done
}

# line NAME TEXT: what is said of it contains the text.
line() {
	grep -E -e "^  [A-Za-z/]+ +$1 " <<<"$output" | grep -qF -e "$2" ||
		explain "expected of '$1': $2"
}

files=(read write create remove truncate execute 'ioctl on devices')
brokered=(mode times 'TCP by host and port' 'unix sockets by path')

@test "on a host that has everything, everything is ok" {
	sbx -q -p pure-computation true || skip_or_fail 'no Landlock ABI 6 (Linux 6.12)'
	run sbxctl doctor
	[ "$status" -eq 0 ] || explain 'expected status 0'
	says ok "${files[@]}" "${brokered[@]}" move 'all sockets' 'TCP by port' 'look into others' \
		'signal others' 'start processes' 'gain privileges' 'use inherited descriptors' \
		'sandbox in a sandbox' audio no-internet no-network no-write \
		no-write-except-temporary pure-computation write-cwd-only
	[ "$(grep -c '^  ok ' <<<"$output")" -ge 28 ]
	[[ $output == *$'\n\nAll that the presets need is enforced here.' ]]
	run ! grep -E '^  MISSING ' <<<"$output"
}

@test "it leaves nothing behind: no file, no process" {
	mkdir tmp
	TMPDIR=$PWD/tmp MARK=$PWD/tmp run sbxctl doctor
	[ "$(ls -A tmp)" = '' ]
	run ! grep -lzxF "MARK=$PWD/tmp" /proc/[0-9]*/environ
	run ! grep -v 'Permission denied\|No such' <<<"$output"
}

@test "the facts are those of the host" {
	run sbxctl doctor
	grep -qxF "sbx: $(sbx --version | cut -d ' ' -f 2)" <<<"$output"
	grep -qxF "kernel: $(uname -srm)" <<<"$output"
	grep -qE '^Landlock: ABI [1-9]' <<<"$output"
	grep -qE '^seccomp: ' <<<"$output"
	grep -qxF 'broker: no other is in the way' <<<"$output"
	grep -qE '^user namespaces: (possible|refused: )' <<<"$output"
	grep -qE '^kernel.yama.ptrace_scope: ' <<<"$output"
	grep -qxF "presets, 1: $XDG_CONFIG_HOME/sbx/presets (not there)" <<<"$output"
	grep -qxF "presets, 3: ${SBX_BIN_DIR%/bin}/share/sbx/presets" <<<"$output"
	grep -qxF 'sandbox around this one: none known' <<<"$output"
}

@test "--json says the same" {
	run sbxctl doctor
	grep -E '^  (ok|MISSING|n/a) ' <<<"$output" | sed 's/^  //; s/  *$//' |
		tr '[:upper:]' '[:lower:]' | awk '{ print $1, substr($0, 10, 26) }' | sed 's/ *$//' >text
	sbxctl doctor --json | "$PYTHON" -I -S -c '
import json, sys
found = json.load(sys.stdin)
assert found["complete"] is True or found["complete"] is False
assert found["facts"]["sbx"] and found["facts"]["kernel"].startswith("Linux ")
for finding in found["findings"]:
    assert set(finding) >= {"group", "name", "state", "text", "lost", "advice"}
    if finding["group"] != "presets":
        assert finding["mechanism"] and finding["needed"] in (True, False)
    print(finding["state"], finding["name"].lower())' >json
	diff text json
}

@test "without Landlock: what it would hold is missing, what seccomp holds is not" {
	local error
	for error in ENOSYS EOPNOTSUPP; do
		run no-landlock "$error" sbxctl doctor
		[ "$status" -eq 1 ] || explain 'expected status 1'
		says MISSING "${files[@]}" move 'look into others' audio no-network write-cwd-only
		# A broker holds what Landlock would.
		says ok 'signal others' 'all sockets' mode times 'start processes' 'use inherited descriptors'
		line read 'Landlock: it was not refused; lost: all files can be read; needed: '
		line no-network 'no Landlock'
		[[ $output == *'Not all that the presets need is enforced here.' ]]
	done
	line read 'add landlock to lsm='
	grep -qxF 'Landlock: none: this kernel was booted without it' <<<"$output"
}

@test "a Landlock that takes rules and enforces nothing does not pass for one" {
	run refuse landlock_restrict_self EPERM sbxctl doctor
	[ "$status" -eq 1 ] || explain 'expected status 1'
	says MISSING "${files[@]}" 'look into others' no-network
	line read 'Landlock refuses to restrict the command: Operation not permitted'
}

@test "without seccomp everything is missing, because nothing is started without it" {
	run refuse seccomp EINVAL sbxctl doctor
	[ "$status" -eq 1 ] || explain 'expected status 1'
	says MISSING read 'all sockets' "${brokered[@]}" no-network
	line 'all sockets' 'the kernel refuses the seccomp program: Invalid argument'
	line 'all sockets' 'CONFIG_SECCOMP_FILTER'
	run ! grep -E '^  ok ' <<<"$output"
}

@test "without what the broker needs: only what needs a broker is missing" {
	run refuse pidfd_getfd EPERM sbxctl doctor
	[ "$status" -eq 1 ] || explain 'expected status 1'
	says MISSING "${brokered[@]}" audio write-cwd-only
	says ok "${files[@]}" 'all sockets' 'TCP by port' 'look into others' no-network no-write
	line mode 'the broker did not start'
	# The broker starts, and can't read what it is asked.
	run refuse process_vm_readv EPERM sbxctl doctor
	says ok "${files[@]}" 'all sockets'
}

@test "what doesn't work outside either is not applicable, and nothing to worry about" {
	run refuse socket EACCES sbxctl doctor
	[ "$status" -eq 0 ] || explain 'expected status 0'
	says n/a 'all sockets' 'TCP by port' 'TCP by host and port' 'unix sockets by path'
	says ok "${files[@]}"
	line 'all sockets' 'refused here without sbx, too: Permission denied'
}

@test "inside a sandbox with a broker: what needs another one is missing, and why" {
	run sbx -q -p write-cwd-only,-protect-persistence sbxctl doctor
	[ "$status" -eq 1 ] || explain 'expected status 1'
	says ok "${files[@]:0:6}" 'all sockets' 'TCP by port' 'sandbox in a sandbox' no-network
	says MISSING "${brokered[@]}" audio
	says n/a 'type into the terminal' 'gain privileges'
	line mode 'name all presets in one call of sbx'
	grep -qxF 'sandbox around this one: SBX_ACTIVE=write-cwd-only' <<<"$output"
	grep -qE '^broker: none' <<<"$output"
}

@test "inside a sandbox without broker: what it denies is not applicable" {
	run sbx -q -p no-network sbxctl doctor
	says n/a 'all sockets' 'TCP by port' 'type into the terminal' 'gain privileges'
	says ok "${files[@]}" mode times 'start processes' 'sandbox in a sandbox'
}

@test "without a place to try in it fails, and says so" {
	run -125 sbx -q -p no-write sbxctl doctor
	[[ $output == 'sbx: cannot make a directory in /tmp to try things in (TMPDIR names another): '* ]]
	TMPDIR=/no/such run -125 sbxctl doctor
	run -125 sbxctl doctor --no-such-option
	run -125 sbxctl doctor word
}

@test "presets of the user's are examined too" {
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: x\n;; kind: restrict\n(deny file-read-data (subpath "/etc"))\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/holes.sb"
	printf ';; summary: x\n;; kind: restrict\n(deny (bogus))\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/broken.sb"
	run sbxctl doctor
	[ "$(state holes)" = MISSING ] || [ "$(state holes)" = ok ] # as this engine can do it
	says n/a broken
	line broken 'broken.sb:3:'
}

@test "it takes no time: 50 ms where nothing else runs" {
	"$PYTHON" -I -S -c 'import subprocess, time
start = time.monotonic()
subprocess.run(["sbxctl", "doctor"], stdout=subprocess.DEVNULL, timeout=20)
assert time.monotonic() - start < 5'
}
