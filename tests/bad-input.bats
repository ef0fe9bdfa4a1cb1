# What sbx does with mistakes: one clear message, the right status, and the command is not started.

load helper

setup() {
	sbx_setup
	SBX=$(command -v sbx)
	STARTED=$PWD/started
	# The control of all tests: what must not be started would leave a trace.
	control sbx -A touch "$STARTED"
	rm "$STARTED"
}

teardown() {
	sbx_teardown
	[ -z "${PUBLIC:-}" ] || rm -rf "$PUBLIC"
}

# ends STATUS COMMAND [ARG]...: runs it, keeps what it prints in $OUT and $ERR, and compares the status.
ends() {
	local expected=$1 status=0
	shift
	OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err
	"$@" >"$OUT" 2>"$ERR" || status=$?
	[ "$status" -eq "$expected" ] && return
	printf 'status %s, not %s: %s\n' "$status" "$expected" "$*"
	cat "$ERR"
	return 1
}

# fails STATUS COMMAND [ARG]...: one line of sbx, nothing on stdout, nothing started.
fails() {
	ends "$@"
	[ ! -s "$OUT" ]
	[ ! -e "$STARTED" ]
	one_line
}

one_line() {
	[ "$(wc -l <"$ERR")" -eq 1 ] && [ "$(head -c 5 "$ERR")" = "sbx: " ] && return
	echo "not one line of sbx:"
	cat "$ERR"
	return 1
}

# fails_at PLACE COMMAND [ARG]...: "sbx: PLACE: reason", the line of source and a caret under the place.
fails_at() {
	local place=$1 column=${1##*:}
	shift
	ends 125 "$@"
	[ ! -s "$OUT" ]
	[ ! -e "$STARTED" ]
	if [ "$(wc -l <"$ERR")" -eq 3 ] && head -n 1 "$ERR" | grep -qF "sbx: $place: "; then
		[ "$(sed -n 3p "$ERR" | tr -d '\t ')" = '^' ]
		[ "$(sed -n 3p "$ERR" | wc -c)" -eq $((4 + column + 1)) ]
		return
	fi
	echo "not one message at $place:"
	cat "$ERR"
	return 1
}

says() {
	grep -qF -- "$1" "$ERR" && return
	echo "nothing says: $1"
	cat "$ERR"
	return 1
}

user_preset() {
	export XDG_CONFIG_HOME=$HOME/config
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	cat >"$XDG_CONFIG_HOME/sbx/presets/$1.sb"
}

# Without control characters, in messages: 8-bit ones included, as bytes and in UTF-8.
no_control_characters() {
	"$PYTHON" - "$ERR" <<-'END'
	import sys
	data = open(sys.argv[1], "rb").read()
	text = data.decode("utf-8", "surrogateescape").replace("\n", "").replace("\t", "")
	bad = [c for c in text if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xDC80 <= ord(c) < 0xDCA0]
	sys.exit(f"control characters {bad} in {data}" if bad else 0)
	END
}

### Names and options

@test "an unknown preset: the nearest names are shown" {
	fails 125 sbx -p no-netwrok touch "$STARTED"
	says "no preset is named 'no-netwrok' (near: no-network; sbxctl list shows all)"
	fails 125 sbx -p write touch "$STARTED"
	says write-cwd
	says no-write
}

@test "an unknown preset that is near to none: the way to the list is shown" {
	fails 125 sbx -p qqqqqqqqqqqqqqq touch "$STARTED"
	says "no preset is named 'qqqqqqqqqqqqqqq' (sbxctl list shows all)"
}

@test "one unknown preset in a list of good ones stops everything" {
	fails 125 sbx -p no-network,nosuch,read-only touch "$STARTED"
	says "'nosuch'"
	fails 125 sbx -p no-network, touch "$STARTED"
	fails 125 sbx-net-off -p nosuch touch "$STARTED"
}

@test "a preset's name is no path" {
	mkdir presets
	printf ';; kind: grant\n(allow default)\n' >presets/own.sb
	fails 125 sbx -p "$PWD/presets/own" touch "$STARTED"
	fails 125 sbx -p ./presets/own touch "$STARTED"
	fails 125 sbx -p ../presets/no-network touch "$STARTED"
	fails 125 sbx -p system touch "$STARTED"
}

@test "an unknown option" {
	fails 125 sbx -A --no-such-option touch "$STARTED"
	says "unknown option --no-such-option"
	fails 125 sbx -A -x touch "$STARTED"
	says "unknown option -x"
	fails 125 sbx -A -- sbx --no-such-option touch "$STARTED"
}

@test "a missing value" {
	local option
	for option in --preset --profile --expr --define --env-keep --env-drop --env-set --keep-fd; do
		fails 125 sbx "$option"
		says "option $option needs "
	done
	fails 125 sbx -Ap
	says "option --preset needs "
}

@test "a value for an option that takes none" {
	fails 125 sbx --allow-all=yes touch "$STARTED"
	says "option --allow-all takes no value"
	fails 125 sbx --allow-file-read-all=. touch "$STARTED"
	fails 125 sbx --env-clear=x touch "$STARTED"
}

@test "-D and --env-set without =" {
	fails 125 sbx -A -D KEY touch "$STARTED"
	says "--define: 'KEY' is not KEY=VALUE"
	fails 125 sbx -A -D =VALUE touch "$STARTED"
	fails 125 sbx -A --env-set=KEY touch "$STARTED"
	says "--env-set: 'KEY' is not KEY=VALUE"
	fails 125 sbx -A --env-set==VALUE touch "$STARTED"
}

@test "--keep-fd with what is no open descriptor" {
	local value
	for value in x 3x -1 99999999999999999999 0x3; do
		fails 125 sbx -A --keep-fd="$value" touch "$STARTED"
		says "--keep-fd: '$value' is not a descriptor's number"
	done
	fails 125 sbx -A --keep-fd=999 touch "$STARTED"
	says "--keep-fd=999: Bad file descriptor"
}

@test "a list of addresses that is none" {
	fails 125 sbx -A --deny-network=nonsense touch "$STARTED"
	says "--deny-network: 'nonsense' is not HOST:PORT"
}

@test "empty strings as values" {
	fails 125 sbx -p '' touch "$STARTED"
	fails 125 sbx -A -f '' touch "$STARTED"
	fails 125 sbx -A -D '' touch "$STARTED"
	fails 125 sbx -A --env-set '' touch "$STARTED"
	fails 125 sbx -A --env-set= touch "$STARTED"
	fails 125 sbx -A --keep-fd '' touch "$STARTED"
	fails 125 sbx --allow-file-read= touch "$STARTED"
	fails 125 sbx --allow-file-read '' touch "$STARTED"
	fails 125 sbx --allow-file-read=., touch "$STARTED"
	fails 125 sbx -A --deny-network= touch "$STARTED"
	fails 125 sbxctl ''
	fails 125 sbxctl show ''
}

@test "no command" {
	fails 125 sbx
	says "no command given"
	fails 125 sbx -A
	fails 125 sbx -A --
	fails 125 sbx-net-off
}

### Profiles

@test "an unclosed parenthesis: the place where it opens" {
	printf '(version 1)\n\n  (allow file-read*\n' >profile.sb
	fails_at profile.sb:3:3 sbx -A -f profile.sb touch "$STARTED"
	says "expecting ')'"
	fails_at '<expr>:1:1' sbx -A -e '(allow' touch "$STARTED"
}

@test "a parenthesis too many, an unclosed string" {
	fails_at '<expr>:1:15' sbx -A -e '(allow signal))' touch "$STARTED"
	fails_at '<expr>:1:28' sbx -A -e '(allow file-read* (literal "/a))' touch "$STARTED"
}

@test "an unknown operation, filter or function: the nearest name is suggested" {
	printf '(version 1)\n\t(allow file-raed*)\n' >profile.sb
	fails_at profile.sb:2:9 sbx -A -f profile.sb touch "$STARTED"
	says "unbound variable: file-raed* (did you mean file-read*?)"
	fails_at '<expr>:1:19' sbx -A -e '(allow file-read* (subpth "/"))' touch "$STARTED"
	says "unbound variable: subpth (did you mean subpath?)"
	fails_at '<expr>:1:1' sbx -A -e '(alow signal)' touch "$STARTED"
	says "unbound variable: alow (did you mean allow?)"
}

@test "an unknown name that is near to none" {
	fails_at '<expr>:1:8' sbx -A -e '(allow qqqqqqqqqqqq)' touch "$STARTED"
	says "unbound variable: qqqqqqqqqqqq"
	run ! grep 'did you mean' "$ERR"
}

@test "a bad regular expression" {
	fails_at '<expr>:1:19' sbx -A -e '(allow file-read* (regex #"^/a["))' touch "$STARTED"
	says "bad regular expression ^/a["
}

@test "bad network addresses" {
	fails_at '<expr>:1:25' sbx -A -e '(allow network-outbound (remote ip "10.0.0.1:80"))' touch "$STARTED"
	says "host must be * or localhost in network address"
	fails_at '<expr>:1:25' sbx -A -e '(allow network-outbound (remote ip "*"))' touch "$STARTED"
	says "port missing in network address"
	local number
	for number in x 65536 -1 1-2 ''; do
		fails_at '<expr>:1:25' sbx -A -e "(allow network-outbound (remote ip \"*:$number\"))" \
			touch "$STARTED"
		says "invalid port in network address"
	done
	fails_at '<options>:1:25' sbx --allow-network-outbound=10.0.0.1:80 touch "$STARTED"
}

@test "versions: a second one, an unsupported one, no number" {
	fails_at '<expr>:1:1' sbx -A -e '(version 2)' touch "$STARTED"
	says "only one version may be specified"
	fails_at '<expr>:1:1' sbx -A -e '(version "1")' touch "$STARTED"
	fails_at '<expr>:1:1' sbx -A -e '(version)' touch "$STARTED"
	ends 0 sbx -A -e '(version 1)' true
}

@test "a NUL byte in a profile, in code and in a string" {
	printf '(allow\0 file-read*)' >profile.sb
	fails_at profile.sb:1:2 sbx -A -f profile.sb touch "$STARTED"
	says NUL
	printf '(allow file-read*\n (literal "/\0"))' >profile.sb
	fails_at profile.sb:2:2 sbx -A -f profile.sb touch "$STARTED"
	says NUL
}

@test "a missing parameter is named" {
	fails_at '<expr>:1:19' sbx -A -e '(allow file-read* (subpath (param "NOWHERE")))' touch "$STARTED"
	says NOWHERE
	says "-D NOWHERE=VALUE"
}

@test "an import that is not there" {
	fails_at '<expr>:1:1' sbx -A -e '(import "no-such.sb")' touch "$STARTED"
	says 'unable to open "no-such.sb": not found'
	fails_at '<expr>:1:1' sbx -A -e '(import "/no/such.sb")' touch "$STARTED"
}

@test "a cyclic import" {
	echo "(import \"$PWD/b.sb\")" >a.sb
	echo "(import \"$PWD/a.sb\")" >b.sb
	echo "(import \"$PWD/self.sb\")" >self.sb
	ends 125 sbx -A -f a.sb touch "$STARTED"
	says "imports are nested too deeply"
	says "    imported by $PWD/a.sb:1:1"
	says "    and so on"
	[ "$(wc -l <"$ERR")" -eq 8 ]
	ends 125 sbx -A -f self.sb touch "$STARTED"
	says "imports are nested too deeply"
	[ ! -e "$STARTED" ]
}

@test "a profile that does not end, recurses without end, or wants all memory" {
	local text
	for text in '(define (f) (f)) (f)' '(define (f) (+ 1 (f))) (f)' \
		'(define (f x) (f (append x x))) (f (list 1 2))' \
		'(define (f s) (f (string-append s s))) (f "abc")'; do
		ends 125 timeout 60 sbx -A -e "$text" touch "$STARTED"
		[ ! -e "$STARTED" ]
		[ "$(wc -l <"$ERR")" -eq 3 ]
		says "sbx: <expr>:1:"
	done
}

@test "a profile nested too deeply" {
	head -c 200000 /dev/zero | tr '\0' '(' >profile.sb
	ends 125 sbx -A -f profile.sb touch "$STARTED"
	says "nested too deeply"
	head -c 200000 /dev/zero | tr '\0' "'" >profile.sb
	ends 125 sbx -A -f profile.sb touch "$STARTED"
	says "nested too deeply"
	[ ! -e "$STARTED" ]
}

@test "filters nested too deeply, whatever nests them" {
	local filter
	for filter in '(require-not f)' '(require-all f)' '(remote unix-socket f)'; do
		ends 125 sbx -A -e "(define (nest n f) (if (= n 0) f (nest (- n 1) $filter)))" \
			-e '(deny network-outbound (nest 100000 (literal "/a")))' touch "$STARTED"
		says "nested too deeply"
		[ ! -e "$STARTED" ]
	done
}

@test "many rules that share a large filter" {
	ends 125 timeout 60 sbx -A -e '(define f (literal "/a"))
		(define (double n) (if (> n 0) (begin (set! f (require-any f f)) (double (- n 1)))))
		(define (repeat n) (if (> n 0) (begin (deny file-read* f) (repeat (- n 1)))))' \
		-e '(double 12) (repeat 300)' touch "$STARTED"
	says "too many"
	[ ! -e "$STARTED" ]
}

@test "a path of two thousand missing directories" {
	local path
	path=$(printf '/x%.0s' $(seq 2000))
	ends 0 sbx -n --allow-file-write="$path" true
	ends 0 env TMPDIR="$path" sbx -q -A -e '(allow file-read* (subpath (param "TMPDIR")))' true
	[ ! -e "$STARTED" ]
}

@test "the error of a profile itself" {
	fails_at '<expr>:1:1' sbx -A -e '(error "not on this machine" 7)' touch "$STARTED"
	says "not on this machine"
}

@test "an error that a profile throws, catches, or must not catch" {
	fails_at '<expr>:1:1' sbx -A -e "(throw \"broken:\" '(a \"b\"))" touch "$STARTED"
	says "broken: (a b)"
	ends 0 sbx -A -e '(catch #t (throw "broken"))' -e '(catch #t (car (quote ())))' true
	fails_at '<expr>:1:11' sbx -A -e '(catch #t (error "broken"))' touch "$STARTED"
	ends 125 timeout 60 sbx -A -e '(catch #t (let endless () (endless)))' touch "$STARTED"
	[ ! -e "$STARTED" ]
	says "does not come to an end"
}

@test "an error in what a macro makes is told at its use" {
	printf '(define-macro (twice x)\n  `(list ,x ,x))\n\n (twice (car 5))\n' >profile.sb
	fails_at profile.sb:4:9 sbx -A -f profile.sb touch "$STARTED"
	says "car: argument 1 must be list, got integer"
	printf '(define-macro (wrong x)\n  `(car ,x))\n\n (wrong 5)\n' >profile.sb
	fails_at profile.sb:4:2 sbx -A -f profile.sb touch "$STARTED"
}

@test "what a profile displays is a message, not output of the command" {
	ends 0 sbx -A -e '(display "one") (newline) (write (list "two" #\a))' echo three
	[ "$(cat "$OUT")" = three ]
	[ "$(cat "$ERR")" = 'sbx: one
sbx: ("two" #\a)' ]
	fails_at '<expr>:1:1' sbx -A -e '(open-output-file "written")' touch "$STARTED"
	says "a profile cannot write to files"
	[ ! -e written ]
	ends 125 timeout 60 sbx -A -e '(let loop () (display "much") (loop))' touch "$STARTED"
	says "displays too much"
	[ ! -e "$STARTED" ]
}

@test "a name can be asked for before the version is given" {
	printf "(if (defined? 'allow) (error \"too early\"))\n(version 1)\n(if (defined? 'allow)" \
		>profile.sb
	printf " (allow default))\n" >>profile.sb
	ends 0 sandbox-exec -f profile.sb true
}

@test "a small stack is an error, not a crash" {
	local limit
	for limit in 128 256 1024; do
		(
			ulimit -s "$limit"
			ends 125 sbx -A -e '(define (f x) (list (f x))) (f 1)' touch "$STARTED"
			says "calls itself too deeply"
			ends 125 sbx -A -e "$(head -c 5000 /dev/zero | tr '\0' '(')" touch "$STARTED"
		)
	done
	[ ! -e "$STARTED" ]
}

@test "a profile file that is huge: as a file, as a pipe, without end" {
	head -c 5000000 /dev/zero | tr '\0' ' ' >profile.sb
	fails 125 sbx -A -f profile.sb touch "$STARTED"
	says "profile profile.sb: File too large"
	fails 125 sbx -A -f <(cat profile.sb) touch "$STARTED"
	says "File too large"
	fails 125 sbx -A -f /dev/zero touch "$STARTED"
	says "profile /dev/zero: File too large"
}

@test "a profile file that is large but not huge works" {
	{
		head -c 3000000 /dev/zero | tr '\0' ' '
		echo '(deny network-outbound (remote ip))'
	} >profile.sb
	ends 0 sbx -p no-network -f profile.sb true
}

@test "a profile of two thousand rules works, in a few seconds" {
	local i
	for ((i = 0; i < 2000; i++)); do
		echo "(allow file-read* file-write-data (subpath \"/no/such/$i\"))"
	done >profile.sb
	ends 0 timeout 20 sbx -q -f profile.sb -e '(allow file-read* (subpath "/"))' true
}

@test "a long line is cut where it is shown, and the message remains one" {
	{
		echo '(allow qqqqqqqqqqqq)'
		head -c 100000 /dev/zero | tr '\0' ' '
		echo '(allow qqqqqqqqqqqq)'
	} >profile.sb
	fails_at profile.sb:1:8 sbx -A -f profile.sb touch "$STARTED"
	sed -i 1d profile.sb
	ends 125 sbx -A -f profile.sb touch "$STARTED"
	says "sbx: profile.sb:1:100008: unbound variable: qqqqqqqqqqqq"
	[ "$(wc -c <"$ERR")" -le 1000 ]
}

@test "a profile file that is not there, is a directory, or cannot be read" {
	fails 125 sbx -A -f no-such.sb touch "$STARTED"
	says "profile no-such.sb: No such file or directory"
	fails 125 sbx -A -f . touch "$STARTED"
	says "profile .: Is a directory"
	fails 125 sbx -A -f <(:)/x touch "$STARTED"
	is_root && return
	echo '(allow signal)' >closed.sb
	chmod 0 closed.sb
	fails 125 sbx -A -f closed.sb touch "$STARTED"
	says "profile closed.sb: Permission denied"
}

@test "any file as a profile is a message, nothing worse" {
	local file
	for file in "$(readlink -f /bin/sh)" "$(command -v ls)" "$BATS_TEST_DIRNAME/helper.bash"; do
		ends 125 sbx -A -f "$file" touch "$STARTED"
		[ ! -e "$STARTED" ]
		says "sbx: $file"
		[ "$(wc -l <"$ERR")" -le 3 ]
	done
}

@test "an empty profile file, an empty -e: nothing is added" {
	: >empty.sb
	ends 0 sbx -p no-network -f empty.sb -e '' true
	ends 0 sbx -p no-network -f /dev/null true
}

### Presets of the user

@test "a preset of unknown kind: the place of the kind" {
	user_preset odd <<-'END'
	;; summary: odd
	;; kind: magic
	(allow default)
	END
	fails_at "$XDG_CONFIG_HOME/sbx/presets/odd.sb:2:10" sbx -p odd touch "$STARTED"
	says "unknown kind magic (there are restrict, grant and base)"
}

@test "a preset without a kind is none" {
	user_preset odd <<-'END'
	;; summary: odd
	(deny default)
	END
	fails 125 sbx -p odd touch "$STARTED"
	says "no preset is named 'odd'"
}

@test "a restrict preset that allows, a grant preset that denies: the place of the rule" {
	user_preset loose <<-'END'
	;; summary: loose
	;; kind: restrict
	(deny network-outbound (remote ip))
	(allow file-read* (subpath "/"))
	END
	fails_at "$XDG_CONFIG_HOME/sbx/presets/loose.sb:4:1" sbx -p loose touch "$STARTED"
	says "restrict must not allow"
	user_preset strict <<-'END'
	;; kind: grant
	(deny file-read* (subpath "/"))
	END
	fails_at "$XDG_CONFIG_HOME/sbx/presets/strict.sb:2:1" sbx -p strict touch "$STARTED"
	says "must not deny"
}

@test "a restrict preset does not allow by an import, a function or a modifier either" {
	echo '(allow default)' >open.sb
	local rule
	for rule in "(import \"$PWD/open.sb\")" '(define (f) (allow default)) (f)' \
		'(map allow (list default))' '(with-filter (subpath "/") (allow file-read*))' \
		'(allow default (with report))' '(import "system.sb")'; do
		user_preset loose <<<";; kind: restrict
$rule"
		ends 125 sbx -p loose touch "$STARTED"
		[ ! -e "$STARTED" ]
		says "sbx: "
	done
}

@test "a preset with a cyclic import" {
	user_preset circle <<-END
	;; kind: restrict
	(import "$HOME/config/sbx/presets/circle.sb")
	END
	ends 125 sbx -p circle touch "$STARTED"
	[ ! -e "$STARTED" ]
	says "imports are nested too deeply"
}

@test "a broken preset does not stop those that are good" {
	user_preset broken <<<'(((('
	user_preset odd <<<';; kind: magic'
	ends 0 sbx -p no-network true
	ends 0 sbx-net-off true
	ends 125 sbx -p odd true
}

@test "a preset that is a directory, or too large" {
	user_preset odd <<<';; kind: restrict'
	mkdir "$XDG_CONFIG_HOME/sbx/presets/directory.sb"
	fails 125 sbx -p directory touch "$STARTED"
	says "directory.sb: Is a directory"
	head -c 5000000 /dev/zero >"$XDG_CONFIG_HOME/sbx/presets/large.sb"
	fails 125 sbx -p large touch "$STARTED"
	says "large.sb: File too large"
}

### Commands

@test "a command that is not there: 127" {
	fails 127 sbx -p no-network no-such-command
	says "no-such-command: command not found"
	fails 127 sbx -p no-network ./no-such-command
	fails 127 sbx -p no-network /no/such/command
	fails 127 sbx -p no-network no-such-command -p
	fails 127 sbx -p no-network ''
	echo >file
	fails 127 sbx -p no-network ./file/below
}

@test "a directory as a command: 126" {
	mkdir directory
	fails 126 sbx -p no-network ./directory
	says "./directory: is a directory"
	fails 126 sbx -p no-network /
	fails 126 sbx -p no-network .
	says "is a directory"
}

@test "a file that is not executable as a command: 126" {
	printf '#!/bin/sh\ntouch "%s"\n' "$STARTED" >script
	fails 126 sbx -p no-network ./script
	says "./script: permission denied"
	chmod +x script
	ends 0 sbx -p no-network ./script
	[ -e "$STARTED" ]
}

@test "a file in PATH that is not executable: 126" {
	mkdir bin
	echo >bin/my-command
	PATH=$PWD/bin:$PATH fails 126 sbx -p no-network my-command
	says "bin/my-command: permission denied"
}

@test "a device, a FIFO or a socket as a command: 126" {
	mkfifo -m 777 fifo
	fails 126 sbx -p no-network ./fifo
	fails 126 sbx -p no-network /dev/null
}

@test "a script whose interpreter is missing: 126" {
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	fails 126 sbx -p no-network ./script
	says "script: its interpreter is missing"
	printf '#!/bin/sh\r\ntouch "%s"\n' "$STARTED" >script
	fails 126 sbx -p no-network ./script
}

@test "a script whose interpreter is missing: 126 when the default is deny, too" {
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	ends 126 sbx --allow-file-read-all ./script
	says "sbx: "
	run ! grep -v '^sbx: ' "$ERR"
}

@test "a script whose interpreter cannot be executed: 126" {
	echo >interpreter
	printf '#!%s/interpreter\n' "$PWD" >script
	chmod +x script
	fails 126 sbx -p no-network ./script
	mkdir directory
	printf '#!%s/directory\n' "$PWD" >script
	fails 126 sbx -p no-network ./script
}

@test "a program whose loader is missing: 126" {
	"$PYTHON" - "$(type -P true)" program <<-'END'
	import re, sys
	data = open(sys.argv[1], "rb").read()
	open(sys.argv[2], "wb").write(re.sub(rb"/ld-([^\0]*)\0", rb"/no-\1\0", data, 1))
	END
	chmod +x program
	run ! ./program
	fails 126 sbx -p no-network ./program
	says "program: its interpreter is missing"
}

@test "a command that is a symlink in a circle, or longer than a path may be" {
	ln -s circle circle
	ends 126 sbx -p no-network ./circle || ends 127 sbx -p no-network ./circle
	one_line
	local long
	long=/$(head -c 5000 /dev/zero | tr '\0' x)
	ends 126 sbx -p no-network "$long" || ends 127 sbx -p no-network "$long"
}

@test "a command that the sandbox itself forbids: 126, and the rule is named" {
	ends 126 sbx -A -e '(deny process-exec* (subpath "/"))' touch "$STARTED"
	[ ! -e "$STARTED" ]
	says "sbx: <expr>:1:1: "
	says "process-exec"
}

### Descriptors

# show_fds CLOSED [COMMAND...]: with some of 0, 1 and 2 closed, the descriptors that are open in a
# program, which COMMAND starts.
show_fds() {
	local closed=$1 status=0
	shift
	(
		exec <input >printed 2>errors
		case $closed in *0*) exec <&- ;; esac
		case $closed in *1*) exec >&- ;; esac
		case $closed in *2*) exec 2>&- ;; esac
		exec "$@" "$SBX_TEST_PROGRAMS/show-fds" fds
	) || status=$?
	echo "status $status"
	cat fds
	rm fds
}

@test "closed stdin, stdout, stderr: the command finds them closed, and nothing of sbx in their place" {
	local closed preset
	echo text >input
	for closed in '' 0 1 2 01 02 12 012; do
		show_fds "$closed" | grep -E '^(status|[012]) ' >outside
		grep -qx 'status 0' outside
		[ "$(wc -l <outside)" -eq $((4 - ${#closed})) ]
		for preset in no-network write-cwd-only; do
			show_fds "$closed" sbx -q -p "$preset" >inside
			diff outside inside
		done
	done
}

@test "closed stdin, stdout, stderr: a mistake still ends with 125, 126 or 127" {
	local arguments status
	for arguments in "125 -p nosuch true" "125 -A -f nosuch true" "126 -A /" "127 -A nosuch"; do
		status=0
		# shellcheck disable=SC2086 # a list of words
		sbx ${arguments#* } <&- >&- 2>&- || status=$?
		[ "$status" -eq "${arguments%% *}" ]
	done
}

@test "a message with closed stderr ends up in no file" {
	echo '(alow signal)' >profile.sb
	ln profile.sb copy.sb
	run -125 sbx -A -f profile.sb touch "$STARTED" 2>&-
	[ "$(cat profile.sb)" = '(alow signal)' ]
	[ ! -e "$STARTED" ]
}

@test "a command that prints fails as without sbx when stdout is closed or full" {
	local plain=0 inside=0
	sh -c 'echo text' >&- 2>&- || plain=$?
	sbx -p no-network sh -c 'echo text' >&- 2>&- || inside=$?
	[ "$plain" -ne 0 ]
	[ "$inside" -eq "$plain" ]
	plain=0 inside=0
	sh -c 'echo text' >/dev/full 2>&- || plain=$?
	sbx -p no-network sh -c 'echo text' >/dev/full 2>&- || inside=$?
	[ "$plain" -ne 0 ]
	[ "$inside" -eq "$plain" ]
}

# full COMMAND...: what is printed does not fit, and that is a failure.
full() {
	local status=0
	"$@" >/dev/full 2>err || status=$?
	[ "$status" -eq 125 ]
	[ "$(cat err)" = "sbx: cannot write to standard output: No space left on device" ]
}

@test "sbxctl list and all that prints fail when stdout is full" {
	full sbxctl list
	full sbxctl show no-network
	full sbxctl help
	full sbxctl --version
	full sbx --help
	full sbx -V
	full sbx -n
}

# closed COMMAND...: there is no stdout to print to, and that is a failure.
closed() {
	local status=0
	"$@" >&- 2>err || status=$?
	[ "$status" -eq 125 ] || echo "status $status: $*"
	[ "$status" -eq 125 ]
	[ "$(cat err)" = "sbx: cannot write to standard output: Bad file descriptor" ]
}

@test "sbxctl list and all that prints fail when stdout is closed" {
	closed sbxctl list
	closed sbxctl show no-network
	closed sbxctl help
	closed sbx --help
	closed sbx -V
	closed sbx -n
}

@test "sbxctl list into a pipe that nobody reads dies as others do" {
	"$PYTHON" -c '
import os, signal, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
status = subprocess.run(["sbxctl", "list"], stdout=writer, stderr=subprocess.DEVNULL).returncode
sys.exit(0 if status in (-signal.SIGPIPE, 125) else f"status {status}")'
}

### Surroundings

@test "without HOME, with an empty one, with a relative one" {
	local preset
	for preset in no-network write-cwd-only no-network,audio; do
		ends 0 env -u HOME sbx -q -p "$preset" true
		ends 0 env HOME= sbx -q -p "$preset" true
		ends 0 env HOME=relative sbx -q -p "$preset" true
		ends 0 env HOME=/no/such/home sbx -q -p "$preset" true
	done
	ends 0 env -u HOME sbxctl list
	[ -s "$OUT" ]
}

@test "a relative HOME or XDG_CONFIG_HOME brings no presets from the current directory" {
	mkdir -p .config/sbx/presets sbx/presets
	printf ';; kind: grant\n(allow default)\n' | tee .config/sbx/presets/planted.sb >sbx/presets/planted.sb
	fails 125 env HOME=. XDG_CONFIG_HOME=. sbx -p planted touch "$STARTED"
	fails 125 env -u XDG_CONFIG_HOME HOME=. sbx -p planted touch "$STARTED"
	fails 125 env -u XDG_CONFIG_HOME HOME= sbx -p planted touch "$STARTED"
}

@test "without PATH commands are found where systems have them" {
	ends 0 env -u PATH "$SBX" -p no-network true
	ends 127 env -u PATH "$SBX" -p no-network no-such-command
}

@test "with an empty environment" {
	ends 0 env -i "$SBX" -p no-network "$(command -v true)"
	ends 0 env -i "$SBX" -q -p write-cwd-only "$(command -v true)"
	ends 0 env -i "$SBX" --allow-file-read=. "$(command -v ls)"
}

@test "with an empty argv, the kernel's or none, nothing is started" {
	"$PYTHON" - "$SBX" <<-'END'
	import ctypes, os, sys
	libc = ctypes.CDLL(None, use_errno=True)
	pid = os.fork()
	if pid == 0:
	    arguments = (ctypes.c_char_p * 1)(None)
	    libc.execve(sys.argv[1].encode(), arguments, arguments)
	    os._exit(1)
	status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
	sys.exit(0 if status == 125 else f"status {status}")
	END
}

@test "in a removed directory: 125 where the profile needs its path, otherwise as without sbx" {
	mkdir gone
	cd gone
	rmdir ../gone
	control touch "$STARTED"
	rm "$STARTED"
	fails 125 sbx -qp write-cwd-only touch "$STARTED"
	says "the current directory"
	fails 125 sbx -q --allow-file-read=. touch "$STARTED"
	ends 0 sbx -p no-network touch "$STARTED"
	ends 0 sbxctl list
}

@test "sbxctl list needs no presets of the user" {
	export XDG_CONFIG_HOME=$HOME/no/such
	ends 0 sbxctl list
	XDG_CONFIG_HOME=/dev/null
	ends 0 sbxctl list
	ends 0 sbx -p no-network true
}

@test "a private directory that is a symlink or open to others is not used" {
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir run elsewhere
	chmod 700 elsewhere
	ln -s ../elsewhere "run/sbx-$(id -u)"
	run -0 sbx-write-cwd -q printenv TMPDIR
	[[ $output != "$PWD/"* ]]
	[ -z "$(ls elsewhere)" ]
	rm "run/sbx-$(id -u)"
	mkdir -m 755 "run/sbx-$(id -u)"
	run -0 sbx-write-cwd -q printenv TMPDIR
	[[ $output != "$PWD/"* ]]
}

### Terminals

@test "control characters in names are escaped in messages" {
	local name=$'a\e[31mb\ac\x7fd\re'
	fails 125 sbx -p "$name" touch "$STARTED"
	no_control_characters
	says 'a\x1b[31mb\x07c\x7fd\x0de'
	fails 127 sbx -A "$name"
	no_control_characters
	fails 125 sbx "--$name" touch "$STARTED"
	no_control_characters
	fails 125 sbx -A -f "$name" touch "$STARTED"
	no_control_characters
	fails 125 sbx -A -D "$name" touch "$STARTED"
	no_control_characters
	fails 125 sbx -A --keep-fd="$name" touch "$STARTED"
	no_control_characters
	fails 125 sbx -A --deny-network="$name" touch "$STARTED"
	no_control_characters
	fails 125 sbxctl "$name"
	no_control_characters
	fails 125 sbxctl show "$name"
	no_control_characters
}

@test "an option of one control character is escaped" {
	fails 125 sbx -$'\e' touch "$STARTED"
	no_control_characters
}

@test "control characters in a profile's text and name are escaped in messages" {
	printf '(allow \033[31mfile)' >$'pro\e[31mfile.sb'
	ends 125 sbx -A -f $'pro\e[31mfile.sb' touch "$STARTED"
	no_control_characters
	says 'pro\x1b[31mfile.sb:1:8: '
	says '(allow \x1b[31mfile)'
	ends 125 sbx -A -e $'(error "\e]0;title\a")' touch "$STARTED"
	no_control_characters
}

@test "control characters in a preset's kind are escaped in messages" {
	user_preset odd <<<$';; kind: \e[31mred'
	ends 125 sbx -p odd touch "$STARTED"
	no_control_characters
}

@test "a newline in a name does not make a second line, which might pass for a message of its own" {
	fails 125 sbx -p $'a\nsbx: all is well' touch "$STARTED"
	fails 127 sbx -A $'a\nsbx: all is well'
	fails 125 sbx $'--a\nsbx: all is well' touch "$STARTED"
	fails 125 sbx -A -f $'a\nsbx: all is well' touch "$STARTED"
	fails 125 sbxctl $'a\nsbx: all is well'
}

@test "8-bit control characters (CSI in one byte, or two in UTF-8) are escaped in messages" {
	fails 127 sbx -A $'a\xc2\x9b31mb'
	no_control_characters
	fails 127 sbx -A $'a\x9b31mb'
	no_control_characters
	ends 125 sbx -A -e $'(allow \x9b31mb)' touch "$STARTED"
	no_control_characters
}

@test "letters beyond ASCII are shown as they are" {
	fails 127 sbx -A 'größe-日本'
	says 'größe-日本: command not found'
}

@test "a very long name makes a message of bounded length" {
	fails 125 sbx -p "$(head -c 100000 /dev/zero | tr '\0' x)" touch "$STARTED"
	[ "$(wc -c <"$ERR")" -le 8192 ]
}

### A kernel without Landlock

# without_landlock ENOSYS|EOPNOTSUPP COMMAND...: as on a kernel that was built or booted without it.
without_landlock() {
	"$SBX_TEST_PROGRAMS/no-landlock" "$@"
}

@test "without Landlock no-network and write-cwd-only refuse to run" {
	local error preset
	for error in ENOSYS EOPNOTSUPP; do
		control without_landlock "$error" touch "$STARTED"
		rm "$STARTED"
		for preset in no-network write-cwd-only; do
			ends 125 without_landlock "$error" sbx -p "$preset" touch "$STARTED"
			[ ! -e "$STARTED" ]
			says "this kernel has no Landlock"
			says "the command was not started; --best-effort "
			run ! grep -v '^sbx: ' "$ERR"
		done
	done
}

@test "without Landlock --best-effort goes on, warns, and still refuses sockets" {
	local error client='
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)'
	tcp_listener
	for error in ENOSYS EOPNOTSUPP; do
		control without_landlock "$error" "$PYTHON" -c "$client" "$PORT"
		ends 0 without_landlock "$error" sbx --best-effort -p no-network touch "$STARTED"
		[ -e "$STARTED" ]
		says "sbx: warning: cannot enforce "
		says "this kernel has no Landlock"
		refused without_landlock "$error" sbx --best-effort -p no-network "$PYTHON" -c "$client" "$PORT"
		refused without_landlock "$error" sbx --best-effort -p no-network \
			"$PYTHON" -c 'import socket; socket.socket(socket.AF_UNIX)'
	done
}

@test "without Landlock --best-effort warns of writing, and -q takes the warning away" {
	ends 0 without_landlock ENOSYS sbx --best-effort -p write-cwd-only touch "$STARTED"
	says "this kernel has no Landlock"
	ends 0 without_landlock ENOSYS sbx -q --best-effort -p write-cwd-only touch "$STARTED"
	[ ! -s "$ERR" ]
}

@test "without Landlock no warning speaks of renames that in fact work" {
	mkdir a b
	echo >a/file
	ends 0 without_landlock ENOSYS sbx --best-effort -p no-network mv a/file b/file
	[ -e b/file ]
	run ! grep 'cannot be renamed' "$ERR"
}

@test "without Landlock -n shows the gap" {
	ends 0 without_landlock ENOSYS sbx -p no-network -n
	grep -q '^gap: .*Landlock' "$OUT"
}

### Setuid

@test "a setuid or setgid copy of sbx refuses to run" {
	if ! is_root; then
		# Only root can make a program setuid for somebody else; one's own changes nothing.
		mkdir copy
		cp "$SBX" copy/sbx
		chmod 4755 copy/sbx
		run -0 copy/sbx -A true
		return 0
	fi
	PUBLIC=$(mktemp -d /tmp/sbx-setuid.XXXXXX)
	chmod 755 "$PUBLIC"
	cp "$(command -v id)" "$SBX" "$PUBLIC"
	chown 65534:65534 "$PUBLIC/id" "$PUBLIC/sbx"
	cd /

	chmod 4755 "$PUBLIC/id" "$PUBLIC/sbx"
	[ "$(setpriv --reuid=1234 --regid=1234 --clear-groups "$PUBLIC/id" -u)" -eq 65534 ] ||
		skip_or_fail "/tmp is mounted nosuid"
	fails 125 setpriv --reuid=1234 --regid=1234 --clear-groups "$PUBLIC/sbx" -A true
	says "refusing to run setuid or setgid"
	fails 125 "$PUBLIC/sbx" -A touch "$STARTED"

	chmod 2755 "$PUBLIC/id" "$PUBLIC/sbx"
	[ "$(setpriv --reuid=1234 --regid=1234 --clear-groups "$PUBLIC/id" -g)" -eq 65534 ]
	fails 125 setpriv --reuid=1234 --regid=1234 --clear-groups "$PUBLIC/sbx" -A true
	says "refusing to run setuid or setgid"

	chmod 755 "$PUBLIC/sbx"
	setpriv --reuid=1234 --regid=1234 --clear-groups "$PUBLIC/sbx" -A true
}
