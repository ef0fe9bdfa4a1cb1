# Every preset on every Landlock since the first: it is enforced, or refused with the reason. A second
# sbx, built for this, takes the version from $SBX_TEST_ABI (tests/lib/old-abi.c).

load helper
load enforce

setup() {
	enforce_setup
	REMOVE_AFTERWARDS=
	local version
	version=$(sbxctl doctor | sed -n 's/^Landlock: ABI //p') || :
	[ "${version:-0}" -ge 6 ] || skip_or_fail 'no Landlock ABI 6 (Linux 6.12)'
}

teardown() {
	sbx_teardown
	[ -z "$REMOVE_AFTERWARDS" ] || rm -rf "$REMOVE_AFTERWARDS"
}

# Found as a command by the helpers, too.
sbx() {
	"$SBX_TEST_PROGRAMS/old-abi/bin/sbx" "$@"
}

sbxctl() {
	"$SBX_TEST_PROGRAMS/old-abi/bin/sbxctl" "$@"
}

# each FIRST LAST COMMAND...: with each of these versions.
each() {
	local abi
	for ((abi = $1; abi <= $2; abi++)); do
		echo "ABI $abi: ${*:3}"
		SBX_TEST_ABI=$abi "${@:3}"
	done
}

# writes DIRECTORY: attempts there, each of which changes something; probe has a line for each.
writes() {
	printf '%s\n' create "$1/new" write "$1/file" append "$1/file" trunc "$1/file" \
		truncate "$1/file" read-trunc "$1/file" mkdir "$1/directory" fifo "$1/fifo" \
		symlink target "$1/symlink" tmpfile "$1" link "$1/file" "$1/link" \
		rename "$1/file" "$1/moved" rename "$1/full/file" "$1/full/file2" \
		rename "$1/full/file2" "$1/empty/file3" unlink "$1/empty/file3" rmdir "$1/empty"
}

fresh() {
	rm -rf "${1:?}"/*
	mkdir -p "$1/full" "$1/empty"
	echo content >"$1/file"
	echo other >"$1/full/file"
}

snapshot() {
	find "$1" -printf '%P %y %m %s %l\n' | sort
	cat "$1/file" "$1/full/file"
}

# keeps_out PRESET DIRECTORY: what works outside is refused, all of it, and changes nothing.
keeps_out() {
	local list before
	mapfile -t list < <(writes "$2")
	fresh "$2"
	run -0 probe "${list[@]}"
	run ! grep -vx yes <<<"$output"
	fresh "$2"
	before=$(snapshot "$2")
	run -1 sbx -qp "$1" probe "${list[@]}"
	[ "${#lines[@]}" -eq 16 ]
	run ! grep -nx yes <<<"$output"
	[ "$(snapshot "$2")" = "$before" ] || explain 'it was refused, and yet changed something'
}

@test "sbx itself knows no older Landlock than the kernel's" {
	grep -qa SBX_TEST_ABI "$SBX_TEST_PROGRAMS/old-abi/bin/sbx"
	run ! grep -qa SBX_TEST_ABI "$SBX_BIN_DIR/sbx"
	SBX_TEST_ABI=1 run -0 "$SBX_BIN_DIR/sbx" -n -p no-write
	run ! grep '^gap: ' <<<"$output"
	SBX_TEST_ABI=1 run -0 sbx -n -p no-write
	grep '^gap: file-ioctl: ' <<<"$output"
}

@test "no-network on ABI 1 to 7: nobody is reached" {
	local address
	listen
	for address in "tcp4 $TCP4" "udp4 $UDP4" "stream $STREAM" "dgram $DGRAM" "stream $ASTREAM"; do
		# shellcheck disable=SC2086 # two words
		each 1 7 denied no-network sockets $address
	done
	contacts 35
}

@test "no-internet on ABI 1 to 7: no address is reached, unix sockets are" {
	local address
	listen
	for address in "tcp4 $TCP4" "tcp6 $TCP6" "udp4 $UDP4" "udp6 $UDP6"; do
		# shellcheck disable=SC2086 # two words
		each 1 7 denied no-internet sockets $address
	done
	each 1 7 control sbx -qp no-internet sockets stream "$STREAM"
	contacts 35
}

@test "no-write on ABI 1 to 7: nothing is written; before ABI 5, ioctl is left with a warning" {
	each 1 7 keeps_out no-write "$OUTSIDE"
	each 1 4 run -0 sbx -p no-write true
	[[ $output == 'sbx: warning: not stopped '*': file-ioctl' ]]
	each 1 7 denied no-write chmod 600 "$OUTSIDE/file"
	SBX_TEST_ABI=5 run -0 sbx -p no-write true
	[ -z "$output" ]
}

@test "no-write-except-temporary on ABI 1 to 7: other files are not written, temporary ones are" {
	settled_place || return 0
	each 1 7 keeps_out no-write-except-temporary "$OUTSIDE"
	each 1 7 control sbx -qp no-write-except-temporary sh -c 'f=$(mktemp) && echo x >"$f" && rm "$f"'
}

@test "write-cwd-only on ABI 1 to 7: nothing is written outside" {
	each 1 7 keeps_out write-cwd-only "$OUTSIDE"
	each 1 7 denied write-cwd-only chmod 600 "$OUTSIDE/file"
}

# All that is written inside on this version: what it lacks is refused, never let through. With the
# protections of a repository, the broker writes.
writes_inside() {
	local list expected
	mapfile -t list < <(writes .)
	expected=$(probe "${list[@]}" | sort | uniq -c)
	fresh .
	run sbx -qp write-cwd-only,-protect-persistence probe "${list[@]}"
	case $SBX_TEST_ABI in
	1) # truncate(2), O_TRUNC for reading, and the two between directories, which others need
		[ "$(grep -cx yes <<<"$output")" -eq 12 ] || explain 'expected 12'
		;;
	2) [ "$(grep -cx yes <<<"$output")" -eq 14 ] || explain 'expected 14' ;;
	*) [ "$(sort <<<"$output" | uniq -c)" = "$expected" ] || explain 'expected all' ;;
	esac
	fresh .
	run sbx -qp write-cwd-only probe "${list[@]}"
	[ "$(grep -cx yes <<<"$output")" -ge 12 ] || explain 'expected at least 12'
	[ "$SBX_TEST_ABI" -lt 3 ] || [ "$(sort <<<"$output" | uniq -c)" = "$expected" ] || explain 'expected all'
	fresh .
	echo x >'a file'
	control sbx -qp write-cwd-only sh -c 'chmod 600 "a file" && touch -d @0 "a file" && mv "a file" b'
}

@test "write-cwd-only on ABI 1 to 7: here everything is written that the version can tell apart" {
	local abi
	for abi in 1 2 3 4 5 6 7; do
		fresh .
		SBX_TEST_ABI=$abi writes_inside
	done
}

@test "python-eval on ABI 1 to 7: nothing else is read, nobody outside signalled" {
	victim
	fresh "$OUTSIDE"
	each 1 7 denied python-eval "$PYTHON" -I -S -c "open('$OUTSIDE/file').read()"
	each 1 7 denied python-eval "$PYTHON" -I -S -c "import os; os.kill($VICTIM, 0)"
	each 1 7 control sbx -qp python-eval "$PYTHON" -I -S -c 'import os; os.kill(os.getpid(), 0)'
	SBX_TEST_ABI=5 run -0 sbx -n -p python-eval
	grep '^broker: decides on kill' <<<"$output"
	SBX_TEST_ABI=6 run -0 sbx -n -p python-eval
	run ! grep '^broker: ' <<<"$output"
}

@test "mcp on ABI 1 to 7: nothing else is read, only the state is written" {
	fresh "$OUTSIDE"
	each 1 7 denied mcp "$PYTHON" -I -S -c "open('$OUTSIDE/file').read()"
	each 1 7 denied mcp "$PYTHON" -I -S -c "open('$OUTSIDE/file', 'a')"
	each 1 7 control sbx -qp mcp "$PYTHON" -I -S -c \
		'import os; open(os.environ["SBX_STATE"] + "/file", "w").write("x")'
}

@test "pure-computation and audio on ABI 1 to 7: nothing else is read" {
	fresh "$OUTSIDE"
	each 1 7 denied pure-computation cat "$OUTSIDE/file"
	each 1 7 denied audio cat "$OUTSIDE/file"
	each 1 7 control sbx -qp pure-computation true
}

@test "protect-persistence and secrets on ABI 1 to 7: both hold" {
	echo SECRET >.env
	each 1 7 denied secrets cat .env
	each 1 7 denied secrets,no-network cat .env
	each 1 7 denied protect-persistence touch .envrc
	each 1 7 control sbx -qp protect-persistence,secrets touch other
}

@test "workspace on ABI 1 to 7: writes here, reads no secrets, has no network" {
	listen
	echo SECRET >.env
	each 1 7 control sbx -qp workspace sh -c 'echo x >new && mkdir -p d && mv new d/new && cat d/new'
	each 1 7 denied workspace cat .env
	each 1 7 denied workspace sockets tcp4 "$TCP4"
	each 1 7 denied workspace sockets stream "$STREAM"
}

@test "cache-cargo cache-ccache cache-go cache-gradle cache-npm cache-pip display dns git-config localhost ssh-agent trustd tty on ABI 1 to 7: nothing else is read" {
	local preset
	fresh "$OUTSIDE"
	for preset in cache-cargo cache-ccache cache-go cache-gradle cache-npm cache-pip display dns \
		git-config localhost ssh-agent trustd tty; do
		each 1 7 denied "$preset" cat "$OUTSIDE/file"
		each 1 7 control sbx -qp "$preset" true
	done
}

@test "no preset on ABI 1 to 7: nothing else is read" {
	fresh "$OUTSIDE"
	control cat "$OUTSIDE/file"
	each 1 7 refused sbx -q cat "$OUTSIDE/file"
	each 1 7 control sbx -q true
}

@test "--best-effort runs on every version, says what is lost, and enforces the rest" {
	fresh "$OUTSIDE"
	each 1 4 run -0 sbx --best-effort -A -e '(deny file-ioctl)' "$PYTHON" -I -S -c 'print(6 * 7)'
	[[ $output == *'warning: cannot enforce file-ioctl: '*42 ]]
	each 1 7 refused sbx -q --best-effort -p python-eval "$PYTHON" -I -S -c "open('$OUTSIDE/file')"
}

@test "no Landlock: every preset is refused, with the reason" {
	local preset
	for preset in $("$SBX_BIN_DIR/sbxctl" list | sed 's/[, ].*//'); do
		SBX_TEST_ABI=0 sbx_failed sbx -p "$preset" touch "$PWD/started"
		[[ $output == *'this kernel has no Landlock'* ]] || explain "$preset"
	done
	[ ! -e started ]
}

@test "rules on TCP ports hold on every version: by a broker before ABI 4, by Landlock since" {
	local rule
	listen
	rule="(deny network-outbound (require-all (remote tcp) (require-not (remote tcp \"*:$TCP6\"))))"
	control sockets tcp4 "$TCP4"
	each 1 7 refused sbx -A -e "$rule" sockets tcp4 "$TCP4"
	each 1 7 control sbx -A -e "$rule" sockets tcp6 "$TCP6"
	contacts 8
	SBX_TEST_ABI=3 run -0 sbx -n -A -e "$rule"
	grep '^broker: decides on connect' <<<"$output"
	SBX_TEST_ABI=4 run -0 sbx -n -A -e "$rule"
	run ! grep '^broker: ' <<<"$output"
}

@test "every preset that is installed has its test here" {
	local preset
	for preset in $("$SBX_BIN_DIR/sbxctl" list | sed 's/[, ].*//'); do
		grep -qE "^@test \"([a-z -]* )?$preset\\b" "$BATS_TEST_FILENAME" || explain "$preset"
	done
}

# missing NAME...: these and no others, among what doctor tries.
missing() {
	run sbxctl doctor
	diff <(printf '%s\n' "$@" | sed '/^$/d' | sort) \
		<(sed -n '/^files/,/^presets/s/^  MISSING  \(.\{26\}\).*/\1/p' <<<"$output" |
			sed 's/ *$//' | sort)
}

@test "sbxctl doctor finds on each version what it lacks, and exits with 1 where a preset misses it" {
	SBX_TEST_ABI=1 missing move truncate 'ioctl on devices'
	[ "$status" -eq 1 ]
	SBX_TEST_ABI=2 missing truncate 'ioctl on devices'
	each 3 4 missing 'ioctl on devices'
	[ "$status" -eq 1 ]
	each 5 7 missing ''
	[ "$status" -eq 0 ]
	grep -E '^  ok +audio$' <<<"$output"
	grep -E '^  ok +write-cwd-only$' <<<"$output"
	SBX_TEST_ABI=4 run sbxctl doctor
	grep -E '^  ok +write-cwd-only +file-ioctl: ' <<<"$output"
}
