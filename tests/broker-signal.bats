# Signals through the broker: each relation and number, allowed and denied, by every way to send one.

load helper
load enforce

setup() {
	enforce_setup
}

OPEN='(version 1)(allow default)'
# Every signal is for the broker to decide on, and all but those to the first process are allowed.
DECIDED='(deny signal (target initproc))'
ways='kill tkill tgkill queue tgqueue pidfd group'

# as RULES COMMAND...: under rules that follow (allow default).
as() {
	sandbox-exec -p "$OPEN$1" "${@:2}"
}

# only TARGETS: a rule that allows signals to these alone, and those that a process sends to itself.
only() {
	echo "(deny signal)(allow signal (target $1))"
}

# denied RULES COMMAND...: outside it works, inside the sandbox refuses it.
denied() {
	control "${@:2}"
	refused as "$@"
	[ "$status" -eq 1 ] || explain 'it failed by something else'
}

# allowed RULES COMMAND...
allowed() {
	run as "$@"
	[ "$status" -eq 0 ] || explain 'should have been allowed'
}

# alike COMMAND...: prints the same inside as outside.
alike() {
	local expected
	control "$@"
	expected=$output
	allowed "$DECIDED" "$@"
	[ "$output" = "$expected" ] || {
		diff <(echo "$expected") <(echo "$output")
		explain 'not as outside'
	}
}

# outsider [setsid -f]: a process $OUTSIDER outside, of this process group unless setsid makes one.
outsider() {
	local file
	file=$(mktemp "$BATS_TEST_TMPDIR/outsider.XXXXXX")
	"$@" "$SBX_TEST_PROGRAMS/processes" victim "$file" 3>&- &
	wait_for "$file"
	read -r OUTSIDER _ <"$file"
	listeners+=("$OUTSIDER")
	SIGNALS=$file
}

# got COUNT: so many signals came to the outsider.
got() {
	sleep 0.1
	[ "$(grep -c signal "$SIGNALS")" -eq "$1" ] || {
		cat "$SIGNALS"
		return 1
	}
}

@test "children: by every way, and nobody else" {
	local way
	for way in $ways; do
		denied '(deny signal (target children))' signals send "$way" child
		allowed "$(only children)" signals send "$way" child
		denied "$(only children)" signals send "$way" grandchild
		allowed '(deny signal (target children))' signals send "$way" grandchild
	done
}

@test "others: a parent and a grandchild are, a child and the process itself are not" {
	local way
	for way in $ways; do
		denied '(deny signal (target others))' signals send "$way" parent
		denied '(deny signal (target others))' signals send "$way" grandchild
		allowed '(deny signal (target others))' signals send "$way" child
		allowed "$(only others)" signals send "$way" parent
	done
}

@test "the process group: those in it, of any kin" {
	local way
	for way in kill tkill tgkill queue tgqueue pidfd; do
		denied '(deny signal (target pgrp))' signals send "$way" near-child
		denied '(deny signal (target pgrp))' signals send "$way" near-grandchild
		allowed '(deny signal (target pgrp))' signals send "$way" child
		allowed "$(only pgrp)" signals send "$way" near-grandchild
		denied "$(only pgrp)" signals send "$way" child
	done
}

@test "the same sandbox: nobody outside, by any way" {
	local way count=0
	outsider setsid -f
	for way in $ways; do
		denied "$(only same-sandbox)" signals send "$way" "$OUTSIDER"
		got $((++count))
		allowed "$(only same-sandbox)" signals send "$way" grandchild
		denied '(deny signal (target same-sandbox))' signals send "$way" child
		allowed '(deny signal (target same-sandbox))' signals send "$way" "$OUTSIDER"
		got $((++count))
	done
}

@test "outside: told apart by process group" {
	outsider
	local near=$OUTSIDER
	denied '(deny signal (target pgrp))' signals send kill "$near"
	allowed "$(only pgrp)" signals send kill "$near"
	got 2
	outsider setsid -f
	allowed '(deny signal (target pgrp))' signals send kill "$OUTSIDER"
	denied "$(only pgrp)" signals send kill "$OUTSIDER"
	got 2
}

@test "the first process of the system" {
	is_root && control kill -0 1
	run as "$DECIDED" sh -c 'kill -0 1'
	[[ $output == *'not permitted'* ]]
	is_root || return 0
	allowed '(deny signal (target children))' sh -c 'kill -0 1'
}

@test "to itself: always, whatever else is denied" {
	local way
	for way in kill tkill tgkill queue tgqueue pidfd; do
		allowed '(deny signal)' signals send "$way" self
		allowed '(deny signal (target others pgrp children))' signals send "$way" self
	done
}

@test "one number is denied, others are not" {
	local kill='(deny signal (signal-number SIGUSR1))'
	denied "$kill" signals send kill child 10
	denied "$kill" signals send group child 10
	denied "$kill" signals send tgqueue child 10
	denied "$kill" signals send pidfd child 10
	allowed "$kill" signals send kill child 12
	allowed "$kill" signals send pidfd child 30
	allowed "$kill" signals send queue child 34
	allowed "$kill" signals send kill self 10
	denied '(deny signal)(allow signal (signal-number SIGTERM))' signals send kill child 10
	allowed '(deny signal)(allow signal (signal-number SIGTERM))' signals send kill child 15
}

@test "the numbers of rules are those of macOS" {
	# SIGBUS, SIGCHLD, SIGSYS and SIGURG, which have other numbers here; 16 has no name there.
	denied '(deny signal (signal-number SIGBUS))' signals send kill child 7
	denied '(deny signal (signal-number SIGCHLD))' signals send kill child 17
	denied '(deny signal (signal-number SIGSYS))' signals send kill child 31
	denied '(deny signal (signal-number SIGURG))' signals send kill child 23
	allowed '(deny signal (signal-number SIGURG))' signals send kill child 16
}

@test "a number and a relation together" {
	local rule='(deny signal (require-all (signal-number SIGUSR1) (target others)))'
	denied "$rule" signals send kill grandchild 10
	allowed "$rule" signals send kill grandchild 12
	allowed "$rule" signals send kill child 10
}

@test "whether a process is there is a signal too" {
	outsider
	denied '(deny signal (target others))' sh -c 'kill -0 "$1"' sh "$OUTSIDER"
	allowed "$(only others)" sh -c 'kill -0 "$1"' sh "$OUTSIDER"
}

@test "raise, abort, threads and blocked signals: as without a sandbox" {
	alike signals own
}

@test "what the calls answer to mistakes: as without a sandbox" {
	alike signals errors
}

@test "process groups: as without a sandbox" {
	alike signals crowd
}

@test "of a group, those who are denied it are left out" {
	run -0 as "$(only children)" signals crowd
	[ "${lines[0]}" = 'own group: sent; caller 1 near child 1 others 2' ]
	[ "${lines[2]}" = "the child's group: sent; child 1" ]
	[ "${lines[3]}" = "the grandchild's group: Operation not permitted;" ]
	run -0 as "$(only pgrp)" signals crowd
	[ "${lines[0]}" = 'own group: sent; caller 1 near child 1 near grandchild 1 others 2' ]
	[ "${lines[2]}" = "the child's group: Operation not permitted;" ]
}

@test "everybody is everybody who is allowed" {
	run -0 as "$(only children)" signals crowd all
	[ "$output" = 'everybody: sent; near child 1 child 1 others 2' ]
	run -0 as '(deny signal)' signals crowd all
	[ "$output" = 'everybody: sent;' ]
}

@test "kill 0 in a script reaches the command once, and its status is the caller's" {
	# In a session of its own: the signal goes to the whole process group.
	local rules=$OPEN$DECIDED
	run setsid -w sandbox-exec -p "$rules" sh -c 'trap "echo got" TERM; kill -TERM 0; echo done'
	[ "$output" = $'got\ndone' ] || explain 'not once'
	run setsid -w sh -c 'trap : TERM; sandbox-exec -p "$1" sh -c "kill -TERM 0; sleep 5"; echo "$?"' sh "$rules"
	[ "${lines[-1]}" -eq 143 ] || explain 'the status'
}

@test "a handler sees who sent the signal" {
	local program='
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
parent = os.getpid()
child = os.fork()
if child == 0:
    info = signal.sigwaitinfo({signal.SIGUSR1})
    os._exit(0 if (info.si_pid, info.si_uid) == (parent, os.getuid()) else 1)
os.kill(child, signal.SIGUSR1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))'
	control "$PYTHON" -I -S -c "$program"
	allowed "$DECIDED" "$PYTHON" -I -S -c "$program"
}

@test "an orphan stays one of the sandbox" {
	local script='(sleep 20 >/dev/null 2>&1 & echo $! >pid); kill "$(cat pid)"'
	control sh -c "$script"
	allowed "$(only same-sandbox)(deny signal (target children))" sh -c "$script"
	denied '(deny signal (target same-sandbox))' sh -c "$script"
	kill "$(cat pid)"
}

@test "who gets the signals of a descriptor: the process itself, nobody else" {
	local who
	for who in self thread none; do
		control signals owner "$who"
		allowed "$DECIDED" signals owner "$who"
	done
	for who in child group old; do
		denied "$DECIDED" signals owner "$who"
	done
}

@test "a tracer can send signals: it attaches only where it may" {
	denied '(deny signal (target children))' signals attach child
	denied '(deny signal (target others))' signals attach grandchild
	allowed '(deny signal (target others))' signals attach child
	allowed '(deny signal (target children))' signals attach asked
}

@test "a process that gave up its rights signals whom it may, where nobody outside is allowed" {
	is_root || return 0
	local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	control "${nobody[@]}" signals send kill child
	allowed "$(only children)" "${nobody[@]}" signals send kill child
	denied "$(only children)" "${nobody[@]}" signals send kill grandchild
	allowed "$DECIDED" "${nobody[@]}" signals send kill self
}

@test "in a pid namespace of its own, a process signals itself alone" {
	is_root || return 0
	local unshared=(unshare --pid --fork sh -c)
	control "${unshared[@]}" 'sleep 1 & kill $! && kill -0 $$'
	allowed "$DECIDED" "${unshared[@]}" 'kill -0 $$'
	run as "$DECIDED" "${unshared[@]}" 'sh -c "kill -ABRT \$\$"'
	[ "$status" -eq 134 ] || explain 'it should have ended by the signal'
	refused as "$DECIDED" "${unshared[@]}" 'sleep 1 & kill $!'
}

@test "a sandbox inside is not helped over its own border" {
	local inner='(deny signal (require-not (target same-sandbox)))'
	local script='sleep 20 >/dev/null 2>&1 & sbx -q -A -e "$1" sh -c "kill -0 \$1" sh "$!"'
	control sh -c "$script" sh '(allow signal)'
	refused sh -c "$script" sh "$inner"
	allowed "(deny signal (target initproc))" sh -c "$script" sh '(deny network*)'
	refused as "$DECIDED" sh -c "$script" sh "$inner"
	refused as '(deny signal (target initproc others))(allow signal (target same-sandbox))' \
		sh -c "$script" sh "$inner"
	allowed "$(only children)" sbx -q -A -e "$inner" signals send kill child
}

@test "inside a sandbox with a broker there is no other: a gap" {
	control sbx -q -A -e "$DECIDED" true
	run as "$DECIDED" sbx -q -A -e "$DECIDED" true
	[ "$status" -eq 125 ]
	[[ $output == *'cannot enforce signal'*'the only one there can be'* ]]
}

@test "what Landlock's scope holds takes no broker" {
	run -0 sbx -n -A -e '(deny signal (require-not (target same-sandbox)))' true
	[[ $output == *'landlock: denies signals to processes outside'* && $output != *broker:* ]]
	run -0 sbx -n -A -e '(deny signal (target others))' true
	[[ $output == *'landlock: denies signals to processes outside'* ]]
	[[ $output == *'broker: decides on kill ptrace'* ]]
	run -0 sbx -n -A -e "$DECIDED" true
	[[ $output != *'landlock: denies signals'* && $output == *'broker: decides on kill'* ]]
}

@test "check names the mechanism" {
	local rule
	while IFS='|' read -r rule mechanism; do
		echo "$OPEN$rule" >p.sb
		run -0 sbxctl check --json p.sb
		[[ $output == *"\"$mechanism\""* ]] || explain "$rule"
	done <<-'END'
		(deny signal (target initproc))|seccomp, broker
		(deny signal (target others))|Landlock, seccomp, broker
		(deny signal (require-not (target same-sandbox)))|Landlock, seccomp
	END
}
