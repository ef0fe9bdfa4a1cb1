# What the tests of enforcement share: places to write to, listeners of every kind, a process to harm.

enforce_setup() {
	sbx_setup
	PATH=$PATH:$SBX_TEST_PROGRAMS
	export OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE"
	# Where presets put the private temporary directory: not into the /tmp that others use.
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 "$XDG_RUNTIME_DIR"
}

# Listeners of every kind: $TCP4, $TCP6, $UDP4, $UDP6 are ports; $STREAM, $DGRAM, $ASTREAM and $ADGRAM
# unix sockets.
listen() {
	local directory=$BATS_TEST_TMPDIR/sockets
	listen_in "$directory"
	# shellcheck disable=SC1091
	. "$directory/ready"
	CONTACTS=$directory/log
}

listen_in() {
	mkdir "$1"
	listener "$1" 3>&- &
	listeners+=("$!")
	wait_for "$1/ready"
}

# contacts COUNT: so many have reached the listeners. They answer in order, so those who came before
# the question are in the log when it is.
contacts() {
	local count tries=0
	sockets sync "$ADGRAM"
	until grep -q 'sync!' "$CONTACTS"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ]
		sleep 0.01
	done
	count=$(grep -vc 'sync!' "$CONTACTS") || :
	[ "$count" -eq "$1" ] || {
		echo "expected $1 contacts, got $count:"
		cat "$CONTACTS"
		return 1
	}
}

wait_for() {
	local tries=0
	until [ -s "$1" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 500 ] || {
			echo "$1 did not appear"
			return 1
		}
		sleep 0.01
	done
}

# denied PRESETS COMMAND...: works outside, is refused inside.
denied() {
	local presets=$1
	shift
	control "$@"
	refused sbx -qp "$presets" "$@"
}

victim() {
	rm -f "$BATS_TEST_TMPDIR/victim"
	processes victim "$BATS_TEST_TMPDIR/victim" 3>&- &
	listeners+=("$!")
	wait_for "$BATS_TEST_TMPDIR/victim"
	# shellcheck disable=SC2034 # for the tests
	read -r VICTIM ADDRESS DESCRIPTOR <"$BATS_TEST_TMPDIR/victim"
}

# A directory that is not temporary, if this user can write to one. Sets REMOVE_AFTERWARDS to it.
settled_place() {
	local parent
	for parent in "${SBX_TEST_PROGRAMS%/*}" /srv /opt /root; do
		case $parent in
		/tmp/* | /var/tmp/*) continue ;;
		esac
		[ -w "$parent" ] || continue
		OUTSIDE=$(mktemp -d "$parent/sbx-test.XXXXXX")
		# shellcheck disable=SC2034 # for the teardown
		REMOVE_AFTERWARDS=$OUTSIDE
		return
	done
	return 1
}
