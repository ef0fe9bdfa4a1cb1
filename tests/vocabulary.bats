# What Linux makes of SBPL's vocabulary: a rule is enforced, or a gap says that it is not.

load helper

setup() {
	sbx_setup
}

teardown() {
	sbx_teardown
}

# gaps [OPTION]... TEXT: the operations that cannot be enforced, in order, each once.
gaps() {
	local text=${*: -1}
	set -- "${@:1:$#-1}"
	sbx -n "$@" -e "$text" | sed -n 's/^gap: \([^:]*\): .*/\1/p' | sort -u | paste -s -d ' ' -
}

# has_gap OPERATION [OPTION]... TEXT: the operation is among them, and nothing is started.
has_gap() {
	local operation=$1 text=${*: -1}
	shift
	if ! gaps "$@" | grep -qwF -- "$operation"; then
		echo "no gap for $operation: $text ($(gaps "$@"))"
		return 1
	fi
	set -- "${@:1:$#-1}"
	run -125 sbx "$@" -e "$text" touch started
	[ ! -e started ]
}

@test "a filter that no mechanism can ask for is a gap, on each operation that is enforced" {
	local filter
	for filter in '(file-attribute sip-protected)' '(filesystem-name "ext4")' '(device-major 3)' \
		'(mount-relative-literal "/x")' '(uid 0)' \
		'(process-path "/bin/sh")' '(require-not (uid 0))'; do
		has_gap file-read-data -A "(deny file-read* $filter)"
		has_gap file-write-data -A "(deny file-write* $filter)"
		has_gap file-read-data "(allow file-read* $filter)"
	done
}

@test "filters on what an operation is about beside its path are gaps" {
	has_gap file-ioctl -A '(deny file-ioctl (ioctl-command (_IO "t" 114)))'
	has_gap socket-option-set -A '(deny socket-option-set (socket-option-name SO_DEBUG))'
	has_gap socket-ioctl -A '(deny socket-ioctl (ioctl-command 1))'
	has_gap system-reboot -A '(deny system-reboot (reboot-flags RB_HALT))'
	has_gap signal -A '(deny signal (require-all (signal-number SIGKILL) (uid 0)))'
	has_gap process-fork -A '(deny process-fork (uid 0))'
	has_gap network-bind -A '(deny network-bind (require-all (local tcp "*:80") (uid 0)))'
	has_gap network-inbound -A '(deny network-inbound (require-all (local tcp "*:80") (uid 0)))'
	has_gap network-outbound -A '(deny network-outbound (require-all (remote tcp "*:25") (process-path "/x")))'
	has_gap network-outbound -A '(deny network-outbound (require-all (remote udp "*:53") (uid 0)))'
	has_gap ipc-posix-sem-open -A '(deny ipc-posix-sem* (semaphore-owner self))'
}

@test "a modifier that makes an allowing rule allow less is a gap" {
	has_gap file-read-metadata -A '(allow file-read-metadata (with no-times))'
	has_gap process-exec* -A '(allow process-exec* (with default-sandbox "x"))'
	has_gap file-read* -A '(allow file-read* (subpath "/") (with send-signal SIGKILL))'
	has_gap network-outbound -A '(allow network-outbound (with user-approval))'
	[ -z "$(gaps -A '(allow mach-lookup (with user-approval))')" ]
	[ -z "$(gaps -A '(allow process-exec* (literal "/bin/ps") (with no-sandbox))')" ]
	[ -z "$(gaps -A '(deny mach-lookup (with send-signal SIGKILL))')" ]
}

@test "what no object on Linux has is enforced by doing nothing" {
	local filter
	for filter in '(control-name "x")' '(signing-identifier "x")' '(extension "x")' \
		'(process-is-plugin)' '(system-attribute apple-internal)' '(debug-mode)' \
		'(csr CSR_ALLOW_UNRESTRICTED_FS)' '(require-entitlement "x")'; do
		[ -z "$(gaps -A "(deny network-outbound $filter)")" ]
		[ -z "$(gaps "(allow network-outbound $filter)")" ]
	done
	run -0 sbx -A -e '(deny file-read* (device-conforms-to "IOMedia") (storage-class "c"))' cat /dev/null
}

@test "its negation is enforced as what it is: always" {
	[ -z "$(gaps -A '(deny network* (require-not (control-name "x")))')" ]
	tcp_listener
	local client='
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)'
	control "$PYTHON" -c "$client" "$PORT"
	refused sbx -A -e '(deny network* (require-not (control-name "x")))' "$PYTHON" -c "$client" "$PORT"
	run -0 sbx -A -e '(deny network* (control-name "x"))' "$PYTHON" -c "$client" "$PORT"
}

@test "a filter that does not apply neither denies nor is a gap" {
	echo text >file
	[ -z "$(gaps -A '(deny file-read* (global-name "x") (remote ip) (sysctl-name "y"))')" ]
	run -0 sbx -A -e '(deny file-read* (global-name "x") (remote ip))' cat file
	[ "$output" = text ]
}

@test "with-filter is enforced as the rules it stands for" {
	mkdir tree tree/open
	echo text | tee tree/file tree/open/file >other
	local profile="(define (rules) (allow file-read* (subpath \"$PWD/tree\") (literal \"$PWD/other\")))
		(with-filter (subpath \"$PWD/tree/open\") (rules))
		(allow process-exec* process-fork) (allow signal (target same-sandbox))
		(allow file-read* (subpath \"/usr\") (subpath \"/bin\"))"
	control cat tree/file
	run -0 sbx -e "$profile" cat tree/open/file
	[ "$output" = text ]
	refused sbx -e "$profile" cat tree/file
	refused sbx -e "$profile" cat other
	run -0 sbx -e "$profile (rules)" cat tree/file other
}

@test "a regex that is unclear: nothing is allowed by it, and it denies nothing in silence" {
	echo text >file
	run -125 sbx -A -e '(deny file-read* (regex #"/fil\w$"))' cat file
	grep -qF 'what the regular expression /fil\w$ matches is unclear' <<<"$output"
	refused sbx -e '(allow process-exec* process-fork) (allow signal (target same-sandbox))(allow file-read* (subpath "/usr") (subpath "/bin"))
		(allow file-read* (regex #"/fil\w$"))' cat file
}

@test "system-graphics, system-network and bsd.sb: defined, and they open nothing" {
	local more='(allow process-exec* process-fork) (allow signal (target same-sandbox))'
	echo text >file
	run -0 sbx -q -e "$more (system-graphics) (system-network)" true
	refused sbx -q -e "$more (system-graphics) (system-network) (import \"bsd.sb\")" cat "$PWD/file"
	run -0 sbx -q -e "$more (import \"bsd.sb\")" true
	local same_rules
	same_rules=$(sbx -n -e "$more" | sed -n '/^landlock/,$p')
	[ "$(sbx -n -e "$more (system-graphics) (system-network)" | sed -n '/^landlock/,$p')" = "$same_rules" ]
}

@test "an import is searched in IMPORT_DIR alone when that is given, not beside the importing file" {
	mkdir here there
	echo '(error "here")' >here/x.sb
	echo '(error "there")' >there/x.sb
	echo '(import "x.sb")' >here/main.sb
	run -125 sbx -A -f here/main.sb true
	grep -qF 'unable to open "x.sb": not found' <<<"$output"
	run -125 sbx -A -D IMPORT_DIR="$PWD/there" -f here/main.sb true
	grep -qF 'there' <<<"${lines[0]}"
	run -125 sbx -A -D IMPORT_DIR="$PWD/there" -e '(import "system.sb")' true
	grep -qF 'unable to open "system.sb": not found' <<<"$output"
	run -125 sbx -A -e "(import \"$PWD/here/x.sb\")" true
	grep -qF ': here' <<<"${lines[0]}"
}

@test "an error in an imported file says which imports led there" {
	echo '(allow file-raed*)' >inner.sb
	printf '\n (import "%s")\n' "$PWD/inner.sb" >middle.sb
	run -125 sbx -A -e "(import \"$PWD/middle.sb\")" touch started
	[ ! -e started ]
	[ "${lines[0]}" = "sbx: $PWD/inner.sb:1:8: unbound variable: file-raed* (did you mean file-read*?)" ]
	[ "${lines[3]}" = "    imported by $PWD/middle.sb:2:2" ]
	[ "${lines[4]}" = "    imported by <expr>:1:1" ]
	[ "${#lines[@]}" -eq 5 ]
}

@test "imports that branch come to an end soon" {
	local i
	echo >16.sb
	for ((i = 15; i > 0; i--)); do
		printf '(import "%s")\n' "$PWD/$((i + 1)).sb" "$PWD/$((i + 1)).sb" "$PWD/$((i + 1)).sb" >$i.sb
	done
	run -125 timeout 20 sbx -A -f 1.sb true
	grep -qF 'the profile does not come to an end' <<<"$output"
}

@test "a misspelt parameter: those that there are, and the nearest" {
	run -125 sbx -A -D COLOUR=red -e '(deny file-read* (subpath (param "HOMME")))' true
	grep -qF 'parameter HOMME is not set (-D HOMME=VALUE sets it); did you mean HOME?;' <<<"$output"
	grep -q ' COLOUR' <<<"$output"
}
