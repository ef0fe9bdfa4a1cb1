# sbxctl check, explain and tree: what policies say, without running anything in them.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	unset NO_COLOR
	export LANG=C.UTF-8 TERM=xterm
	unset LC_ALL LC_CTYPE
}

# bare TEXT WORD...: the answer of the profile TEXT alone.
bare() {
	sbxctl explain --bare -e "(version 1)$1" "${@:2}"
}

# answers STATUS FIRST-LINE: what the last command printed.
answers() {
	[ "$status" -eq "$1" ] || explain "expected status $1"
	[ "${lines[0]}" = "$2" ] || explain "expected $2"
}

# fails TEXT: the last command MUST have failed as sbxctl's verbs do, with this in its message.
fails() {
	[ "$status" -eq 2 ] || explain 'expected status 2'
	grep -qF -e "$1" <<<"$output" || explain "expected: $1"
}

# json EXPRESSION: of the last output as j, MUST be true.
json() {
	"$PYTHON" -I -S -c 'import json, sys
j = json.load(sys.stdin)
sys.exit(not eval(sys.argv[1]))' "$1" <<<"$output" || explain "not true: $1"
}

# golden FILE: its rows through --batch.
golden() {
	awk -F '\t' 'NR > 1 && $1 { print $1 "\t" $2 }' "$1" >questions
	awk -F '\t' 'NR > 1 && $1 { print $3 }' "$1" >expected
	sbxctl explain --batch <questions >answers
	diff expected answers
}

@test "explain --batch answers the golden rows" {
	[ "$(wc -l <"$root/tests/golden/order.tsv")" -eq 59 ]
	golden "$root/tests/golden/order.tsv"
	golden "$root/tests/golden/decisions.tsv"
	[ "$(grep -c deny answers)" -gt 100 ]
}

@test "explain --batch answers 10,000 different profiles in seconds and little memory" {
	"$PYTHON" -I -S -c 'for i in range(10000):
    print("(version 1)\\n(deny default)(allow file-read* (regex #\"^/a%d/\") (subpath \"/b%d\"))"
        "\tfile-read-data path=/%s%d/x" % (i, i, "ac"[i % 2], i))' >questions
	"$PYTHON" -I -S -c 'import resource, subprocess
subprocess.run(["sbxctl", "explain", "--batch"], timeout=30, check=True,
    stdin=open("questions"), stdout=open("answers", "w"))
assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 300000'
	[ "$(wc -l <answers)" -eq 10000 ]
	[ "$(sort answers | uniq -c | tr -s ' \n' ' ')" = ' 5000 allow 5000 deny ' ]
	[ "$(sed -n 9999,10000p answers | tr '\n' ' ')" = 'allow deny ' ]
}

@test "explain --batch goes on after an error and tells its line" {
	printf '%s\n' nothing '' $'(version 1)\tfoo' $'bad(\tsignal' \
		$'(version 1)(let loop () (loop))\tsignal' \
		$'(version 1)(allow default)\tsignal target=nobody' \
		$'(version 1)(allow default)\tfile-read-data path=/x' >questions
	printf $'(version 1)\tfile-read-data path=/x' >>questions
	run sbxctl explain --batch <questions
	fails 'line 1: not PROFILE'
	fails 'line 2: not PROFILE'
	fails "line 3: unknown operation 'foo'"
	fails 'line 4: '
	fails 'line 5: the profile does not come to an end'
	fails 'line 6: target is n'
	[ "$(grep -v '^sbx: ' <<<"$output" | tr '\n' ' ')" = \
		'error error error error error error allow deny ' ]
}

@test "explain --batch takes no line for two, however they come and however long" {
	# In two halves; newlines and backslashes in the text; tabs in it.
	(
		printf '(version 1)\\n; a comment\\n(allow file-read* (literal "/\\\\n"))\t'
		sleep 0.2
		printf 'file-read-data path=/\\n\n(version 1)\t(allow\tdefault)\tsignal target=others\n'
	) | sbxctl explain --batch >answers
	[ "$(tr '\n' ' ' <answers)" = 'allow allow ' ]
	{
		head -c 9000000 /dev/zero | tr '\0' x
		printf '\n(version 1)\tsignal target=self\n'
	} >long
	run sbxctl explain --batch <long
	fails 'line 1: the line is too long'
	[ "$(grep -v '^sbx: ' <<<"$output" | tr '\n' ' ')" = 'error allow ' ]
	sbxctl explain --batch </dev/null
	run sbxctl explain --batch -p no-network </dev/null
	fails 'takes its profiles and questions from standard input'
	echo $'(version 1)(allow file-read* (subpath (param "A")))\tfile-read-data path=/a/b' >questions
	[ "$(sbxctl explain --batch -D A=/a <questions)" = allow ]
}

@test "explain names the rule that decides, and the others in order" {
	cat >p.sb <<-'END'
	(version 1)
	(deny default)
	(allow file-read* (subpath "/a"))
	(deny file-read*   ; not this one
		(subpath "/a/b"))
	(allow file* (subpath "/a"))
	END
	run sbxctl explain --bare -f p.sb file-read-data /a/b/x
	[ "$status" -eq 1 ]
	diff - <(echo "$output") <<-'END'
	deny: file-read-data /a/b/x
	  p.sb:4:1 on file-read*
	      (deny file-read* (subpath "/a/b"))

	Without it:
	  allow  p.sb:3:1 on file-read*: a later rule of the same operation matches too
	      (allow file-read* (subpath "/a"))
	  allow  p.sb:6:1 on file*: file* is asked only if nothing answers for file-read*
	      (allow file* (subpath "/a"))
	  deny   p.sb:2:1 on default: default is asked only if nothing answers for file-read*
	      (deny default)
	END
	run sbxctl explain --bare -f p.sb file-read-data /a/x
	answers 0 'allow: file-read-data /a/x'
	run sbxctl explain --bare -f p.sb file-link /a
	answers 0 'allow: file-link /a'
	grep -F 'no rule matches: file-link answers so by itself' <<<"$output"
	run bare '(deny file-read*)(allow file-read* (literal "/x"))' file-read-data /x
	answers 0 'allow: file-read-data /x'
	grep -F 'without a filter it is only the default of its operation' <<<"$output"
}

@test "explain takes the options of sbx and composes as sbx does" {
	run sbxctl explain -p no-network network-outbound example.com:443
	answers 1 'deny: network-outbound example.com:443'
	grep -F 'no-network.sb:7:1 on network-outbound' <<<"$output"
	run sbxctl explain network-outbound example.com:443 -p no-network --allow-network=*:443
	[ "$status" -eq 0 ]
	grep -F '<options>:1:1' <<<"$output"
	run sbxctl explain --allow-file-read=. file-read-data x/y
	answers 0 'allow: file-read-data x/y'
	grep -F "as the kernel sees it: $PWD/x/y" <<<"$output"
	run sbxctl explain file-read-data "$PWD"
	[ "$status" -eq 1 ]
	run sbxctl explain -A -e '(deny file-read* (subpath (param "X")))' -D X=/x -- file-read-data /x
	[ "$status" -eq 1 ]
	# Nothing is made: the private directory least of all.
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir run
	sbxctl explain -p write-cwd file-write-data x
	sbxctl tree -p write-cwd | grep -q Files
	[ -z "$(ls -A run)" ]
}

@test "explain asks for the place that a path leads to" {
	mkdir -p real/inside
	ln -s real/inside link
	run sbxctl explain -A --deny-file-read=real file-read-data link/new
	[ "$status" -eq 1 ]
	grep -F "as the kernel sees it: $PWD/real/inside/new (a symbolic link leads there)" <<<"$output"
	run sbxctl explain -A --deny-file-read=real file-read-data "path=$PWD/link/new"
	[ "$status" -eq 0 ]
	ln -s loop loop
	run sbxctl explain -A file-read-data loop/x
	fails 'loop/x: '
}

@test "explain understands every kind of object" {
	local addresses='(remote tcp "localhost:80") (remote udp "localhost:53")'
	bare "(allow network-outbound $addresses)" network-outbound localhost:80
	bare "(allow network-outbound $addresses)" network-outbound remote=tcp:127.0.0.1:80
	bare "(allow network-outbound $addresses)" network-outbound remote=udp:::1:53
	bare "(allow network-outbound $addresses)" network-outbound 'remote=udp:[::1]:53'
	run -1 bare "(allow network-outbound $addresses)" network-outbound remote=tcp:::1:53
	run -1 bare "(allow network-outbound $addresses)" network-outbound 127.0.0.2:80
	bare '(allow network-bind (local tcp "*:80"))' network-bind 10.0.0.1:80
	bare '(allow network-outbound (literal "/run/s"))' network-outbound remote=unix:/run/s
	bare '(allow network-outbound (subpath "/nowhere"))' network-outbound /nowhere/s
	bare '(allow signal (target children))' signal children,pgrp
	bare '(allow signal (signal-number SIGTERM))' signal target=others signal-number=15
	bare '(allow sysctl-read (sysctl-name "kern.x"))' sysctl-read kern.x
	bare '(allow mach-lookup (global-name "a.b"))' mach-lookup name=a.b
	bare '(allow mach-lookup (local-name "a.b"))' mach-lookup local-name=a.b
	bare '(allow ipc-posix-shm* (ipc-posix-name "/s"))' ipc-posix-shm-read-data /s
	bare '(allow file-read-xattr (xattr "user.a"))' file-read-xattr /x xattr=user.a
	bare '(allow file-read* (vnode-type REGULAR-FILE))' file-read-data /x
	run -1 bare '(allow file-read* (vnode-type REGULAR-FILE))' file-read-data /x vnode-type=DIRECTORY
	bare '(allow file-write* (file-mode #o700))' file-write-mode /x file-mode=755
	bare '(allow process-exec (literal "/bin/ps"))' process-exec path=/bin/ps
}

@test "explain says what is wrong with a question" {
	run sbxctl explain
	fails 'explain needs an operation'
	run sbxctl explain -A file-red-data /x
	fails "unknown operation 'file-red-data' (did you mean file-read-data?)"
	run sbxctl explain -A file-read-data pth=/x
	fails "unknown key 'pth' (did you mean path?)"
	run sbxctl explain -A file-read-data /x /y
	fails "more than one object: '/y'"
	run sbxctl explain -A process-fork /x
	fails "process-fork has no name: '/x'"
	run sbxctl explain -A file-read-data /x vnode-type=PIPE
	fails "vnode-type is neither a number nor a known name: 'PIPE'"
	local address
	for address in tcp:1 tcp:a:b tcp::80 tcp:1.2.3.4:65536 tcp:1.2.3.4:-1 foo:1.2.3.4:80 tcp:a:b:80; do
		run sbxctl explain -A network-outbound "remote=$address"
		fails 'remote is neither PROTOCOL:ADDRESS:PORT'
	done
	run sbxctl explain --env-clear file-read-data /x
	fails 'option --env-clear makes no sense with sbxctl explain'
	run sbxctl explain --jsn
	fails 'unknown option --jsn (did you mean --json?)'
	run sbxctl explain --bare file-read-data /x
	fails '--bare needs a profile'
	run sbxctl explain --bare -p no-network -e '(version 1)' file-read-data /x
	fails '--bare takes only what -f, -e and -D give'
	run sbxctl explain --bare -e '(version 1)(allow file-read* (subpath (param "HOME")))' signal
	fails 'parameter HOME is not set'
	run sbxctl explain --bare -e '(version 1)(allow bogus)' signal
	fails '<expr>:1:19: unbound variable: bogus'
}

@test "explain --json is JSON, whatever the words" {
	local name
	name=$(printf '/a"\\\t\001\377\303\244')
	run bare "(allow file-read* (subpath \"/\"))" --json file-read-data "path=$name"
	[ "$status" -eq 0 ]
	json 'j["decision"] == "allow" and j["path"] == "/a\"\\\t\x01\ufffd\u00e4"'
	json 'j["rule"]["file"] == "<expr>" and (j["rule"]["line"], j["rule"]["column"]) == (1, 12)'
	json 'j["rule"]["text"] == "(allow file-read* (subpath \"/\"))" and not j["rule"]["builtin"]'
	json '[r["operation"] for r in j["runners_up"]] == ["default"] and j["runners_up"][0]["builtin"]'
	run bare "(allow file-read* (subpath \"/\"))" file-read-data "path=$name"
	grep -F '\x01\xffä' <<<"$output"
}

@test "check lists rules in their order, with what holds them" {
	cat >p.sb <<-'END'
	(version 1)
	(deny default)
	(allow file-read* (subpath "/a"))
	(deny file-read* (subpath "/a/b"))
	(allow process-fork)
	(deny mach-lookup)
	(deny dynamic-code-generation)
	END
	run -0 sbxctl check p.sb
	answers 0 "$(grep '^p.sb: valid; 6 rules, 0 warnings, [0-9]* gaps*$' <<<"$output")"
	grep -A 4 '^  file-read\*$' <<<"$output" | grep -F '(Landlock, seccomp, broker: file-read-data)'
	[ "$(grep -oE '^    (deny   4:1|allow  3:1) ' <<<"$output" | tr -s ' \n' ' ')" = \
		' deny 4:1 allow 3:1 ' ]
	grep -F '  process-fork (nothing is denied)' <<<"$output"
	grep -F '  mach-lookup (nothing to enforce on Linux)' <<<"$output"
	run -0 sbxctl check --json p.sb
	json 'j[0]["valid"] and j[0]["rules"] == 6 and not j[0]["warnings"]'
	json '[r["line"] for o in j[0]["operations"] if o["operation"] == "file-read*" for r in o["rules"]] == [4, 3]'
	json 'any(g["operation"] == "dynamic-code-generation" and g["line"] == 7 for g in j[0]["gaps"])'
	run -1 sbxctl check --strict p.sb
}

@test "check knows the mechanism of each operation" {
	echo '(version 1)(deny default)(allow file-read*)(deny file-write-mode)
	(deny process-fork)(allow network-outbound (remote tcp "*:443"))(allow signal (target same-sandbox))' >p.sb
	run -0 sbxctl check --json p.sb
	json '{e["operation"]: e["text"] for o in j[0]["operations"] for e in o["enforcement"]}.items() >= {
		"file-write-data": "Landlock", "file-write-mode": "seccomp", "process-fork": "seccomp",
		"file-read-data": "nothing is denied", "mach-lookup": "nothing to enforce on Linux",
		"ipc-sysv-shm": "seccomp"}.items()'
}

# warns KIND LINE TEXT: the profile TEXT (its own lines) MUST get that warning and no other.
warns() {
	printf '(version 1)\n%s\n' "$3" >p.sb
	run -0 sbxctl check --json p.sb
	json "[(w['kind'], w['line']) for w in j[0]['warnings']] == [('$1', $2)]"
	run -0 sbxctl check p.sb
	grep -q "^sbx: p.sb:$2:[0-9]*: warning: " <<<"$output" || explain 'no warning in words'
}

@test "check warns of rules that cannot do what they seem to say" {
	warns not-overriding 3 $'(deny network-outbound (remote tcp "*:22"))\n(allow network-outbound)'
	warns not-overriding 3 $'(allow file-write* (subpath "/w"))\n(deny file-write*)'
	warns outranked 3 $'(allow file-read-data (subpath "/"))\n(deny file-read* (subpath "/s"))'
	warns outranked 3 $'(allow network-outbound)\n(deny network* (remote tcp "*:22"))'
	warns replaced 2 $'(deny file-read*)\n(allow file-read*)'
	warns never-wins 2 $'(allow file-read* (literal "/a/k") (subpath "/a/j"))\n(deny file-read* (subpath "/a"))'
	warns never-wins 2 $'(deny network-outbound (remote tcp "localhost:22"))\n(allow network-outbound (remote ip "*:22"))'
	warns duplicate 3 $'(allow file-read* (subpath "/a"))\n(allow file-read* (subpath "/a"))'
	warns local-outbound 2 '(allow network-outbound (local ip "*:*"))'
	warns never-matches 2 '(allow file-read* (literal "/a/"))'
	warns never-matches 2 '(allow file-read* (subpath "~/x"))'
	warns never-matches 2 '(allow file-read* (subpath "/a/../b"))'
	warns inapplicable 2 '(allow file-read* (global-name "a"))'
	warns trailing-slash 2 '(allow file-read* (subpath "/x/"))'
	warns regex 2 '(allow file-read* (regex #"^/(?:a)"))'
	warns macos-symlink 2 '(allow file-read* (subpath "/tmp/x"))'
}

@test "check warns of nothing else" {
	cat >p.sb <<-'END'
	(version 1)
	(deny default)
	(import "system.sb")
	(deny file-write*)
	(allow file-write* (subpath "/w"))
	(deny file-write* (subpath "/w/x"))
	(allow file-write-data (literal "/w/x/y"))
	(allow file-read* (subpath "/tmp") (subpath "/private/tmp"))
	(allow file-read* (prefix "/tmp-") (regex #"^/var") (literal "/"))
	(allow network-outbound (remote tcp "*:443"))
	(allow network-bind (local ip "localhost:*"))
	(deny network-outbound (remote tcp "localhost:443"))
	(allow file-read* (subpath (param "T")))
	END
	run -0 sbxctl check --json -D T=/var/x p.sb
	json 'j[0]["warnings"] == []'
}

@test "check warns of filters that do not apply, slashes that are ignored, and odd regular expressions" {
	cat >p.sb <<-'END'
	(version 1)
	(allow mach-lookup (subpath "/a"))
	(allow file-read* (subpath "/usr/"))
	(allow file-write* (regex #"^/x/(?:a|b)$"))
	END
	run -0 sbxctl check p.sb
	grep -qF 'p.sb:2:1: warning: the filter path does not apply to mach-lookup and never matches' <<<"$output"
	grep -qF 'p.sb:3:19: warning: the slash at the end of "/usr/" is ignored' <<<"$output"
	grep -qF 'p.sb:4:20: warning: regular expression ^/x/(?:a|b)$: on macOS' <<<"$output"
	grep -qF '3 warnings' <<<"$output"
	run -0 sbxctl check --json p.sb
	json 'sorted(w["kind"] for w in j[0]["warnings"]) == ["inapplicable", "regex", "trailing-slash"]'
}

@test "check goes through all files, and each preset is valid" {
	echo '(version 1)(allow file-red*)' >bad.sb
	echo '(allow default)' >none.sb
	run sbxctl check bad.sb "$root"/presets/*.sb none.sb missing.sb
	fails 'bad.sb:1:19: unbound variable: file-red*'
	fails 'no version specified'
	fails 'missing.sb: No such file or directory'
	[ "$(grep -c ': valid; ' <<<"$output")" -eq "$(find "$root/presets" -name '*.sb' | wc -l)" ]
	[ "$(grep -c ': not valid$' <<<"$output")" -eq 3 ]
	run sbxctl check --json bad.sb missing.sb
	[ "$status" -eq 2 ]
	json '[f["valid"] for f in j] == [False, False] and j[0]["error"]["column"] == 19'
	echo '(version 1)(allow network-outbound (remote ip "1.2.3.4:80"))' >host.sb
	run sbxctl check host.sb
	fails 'host must be * or localhost in network address'
	run sbxctl check
	fails 'check needs a FILE'
	run sbxctl check -p no-network bad.sb
	fails 'unknown option -p'
}

# The policy of the golden drawing.
# shellcheck disable=SC2120 # only some tests give options
drawn() {
	cat >p.sb <<-'END'
	(version 1)
	(deny default)
	(allow file-read-metadata)
	(allow file-read* (subpath "/a") (literal "/dev/null") (literal "/"))
	(allow file-write* (subpath "/a/w"))
	(deny file-read-data (subpath "/a/very/secret"))
	(allow process-exec (regex #"^/a/bin/[a-z]+$") (subpath "/b"))
	(allow network-outbound (remote tcp "*:443") (literal "/run/s"))
	END
	sbxctl tree --bare -f p.sb "$@"
}

@test "tree draws places with what holds there, holes and the network" {
	run -0 drawn
	diff - <(echo "$output") <<-'END'
	Files
	  r---m  /
	  ---?m  ├── *
	  r--?m  ├── a/
	  ---?m  │   ├── very/secret/  (hole)
	  rwc?m  │   └── w/
	  ---xm  ├── b/
	  r--?m  └── dev/null
	  r read, w write, c create and remove, x execute, m look up (stat)
	  NAME/ it and all below it, NAME itself alone, * all else below it
	  ? depends on more than the place: a pattern, a kind of file
	  (hole) less is allowed than around it

	Network
	    connect  listen   bind
	    yes      -        -      TCP, any host, port 443
	    -        -        -      TCP, any host, other ports
	    -        -        -      UDP, any host
	    -        -        -      other IP, any host
	    yes      -        -      unix socket /run/s
	    -        -        -      other unix sockets

	Other
	  allowed   signal itself
	  some      change modes, change owners, change times, change attributes
	  denied    start processes, signal its processes, signal others,
	            set setuid bits, make devices, control devices, mount,
	            raw sockets, shared memory, semaphores, System V IPC,
	            pseudo terminals, read sysctls, write sysctls, set priorities,
	            set the time, look up Mach services
	END
	LANG=C run -0 drawn
	grep -F '|   |-- very/secret/  (hole)' <<<"$output"
	LC_ALL=C run -0 drawn
	grep -F '|   `-- w/' <<<"$output"
}

@test "tree tells hosts apart, and leaves out what is uniform" {
	run -0 sbxctl tree --bare -e '(version 1)(allow default)(deny network*)
		(allow network* (local ip "localhost:*"))(deny network-bind (local udp "*:53"))
		(deny file-write* (subpath "/a/b"))(allow file-write* (subpath "/a/b/c/d"))
		(deny file-write* (literal "/a/b/x"))'
	diff - <(head -5 <<<"$output") <<-'END'
	Files
	  rwcxm  /
	  r--xm  └── a/b/  (hole)
	  rwcxm      └── c/d/
	  r read, w write, c create and remove, x execute, m look up (stat)
	END
	grep -xF '    some     yes      -      UDP, this host, port 53' <<<"$output"
	grep -xF '    some     -        -      UDP, elsewhere' <<<"$output"
	grep -xF '    some     yes      yes    TCP, this host' <<<"$output"
	run -0 sbxctl tree -p no-network,no-write
	grep -xF '    -        -        -      IP, any host' <<<"$output"
	grep -xF '  r--xm  /' <<<"$output"
	grep -xE '  r(w|wc)xm  .* null' <<<"$output"
}

@test "tree uses colours when it should" {
	run -0 drawn --color=always
	grep -qF $'\e[32mr\e[0m' <<<"$output"
	run -0 drawn --color=never
	run ! grep -q $'\e' <<<"$output"
	run -0 drawn
	run ! grep -q $'\e' <<<"$output"
	drawn --color=auto >/dev/null
	script -qec 'sbxctl tree --bare -f p.sb' /dev/null >colored
	grep -qF $'\e[32mr' colored
	NO_COLOR=1 script -qec 'sbxctl tree --bare -f p.sb' /dev/null >plain
	run ! grep -q $'\e' plain
	TERM=dumb script -qec 'sbxctl tree --bare -f p.sb' /dev/null >plain
	run ! grep -q $'\e' plain
	run drawn --color=perhaps
	fails "--color: 'perhaps' is none of always, never, auto"
	run sbxctl tree file-read-data
	fails 'tree takes options only'
}

@test "what profiles name reaches the terminal with nothing that it obeys" {
	local name
	name=$(printf '/\033[31m\302\233')
	printf '(version 1)(deny default)(allow file-read* (subpath "%s"))(deny file-read* (literal "%s/"))' \
		"$name" "$name" >p.sb
	run -0 sbxctl tree --bare -f p.sb
	grep -qF '\x1b[31m\xc2\x9b/' <<<"$output"
	run -0 sbxctl check p.sb
	run ! grep -q $'\e' <<<"$output"
	run sbxctl explain --bare -f p.sb file-read-data "$name"
	[ "$status" -eq 0 ]
	run ! grep -q $'\e' <<<"$output"
}

@test "hostile profiles are drawn, explained and checked" {
	"$PYTHON" -I -S -c 'print("(version 1)(deny default)(allow file-read* (subpath \"" + "/a" * 500 + "\"))")' >deep.sb
	"$PYTHON" -I -S -c 'print("(version 1)(deny default)" + "".join("(allow file-read* (subpath \"" + "/a" * n + "\"))" for n in range(1, 500)))' >nested.sb
	"$PYTHON" -I -S -c 'print("(version 1)(allow network* " + " ".join("(remote tcp \"*:%d\")" % n for n in range(1, 300)) + ")")' >ports.sb
	printf '(version 1)(allow file-read* (regex "("))' >regex.sb
	printf '(version 1)\n(allow default' >open.sb
	local file
	for file in deep nested ports; do
		timeout 20 sbxctl tree --bare -f $file.sb >/dev/null
		timeout 20 sbxctl check $file.sb >/dev/null 2>&1
		sbxctl explain --bare -f $file.sb --json file-read-data /a >/dev/null || [ $? -eq 1 ]
	done
	for file in regex open; do
		run sbxctl tree --bare -f $file.sb
		fails "$file.sb"
		run sbxctl check $file.sb
		fails "$file.sb"
	done
}

@test "each verb has its own help" {
	local verb
	for verb in list show check explain tree help; do
		run -0 sbxctl $verb --help
		answers 0 "$(grep "^Usage: sbxctl" <<<"$output")"
	done
	run -0 sbxctl explain --help
	grep -q -e '--allow-file-read' <<<"$output"
	grep -q -e '--batch' <<<"$output"
	run ! grep -q -e '--env-clear' <<<"$output"
	run ! grep -q -e '--strict' <<<"$output"
	run -0 sbx --help
	run ! grep -q -e '--batch' <<<"$output"
	sbx_failed sbx --batch true
}
