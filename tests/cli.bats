# The command lines of sbx, sbx-NAME and sbxctl.

load helper

setup() {
	sbx_setup
	TREE=$BATS_TEST_DIRNAME/..
}

teardown() {
	sbx_teardown
}

# Option names of the table in the source: "letter name argument value", "-" for what is missing.
option_table() {
	"$PYTHON" - "$TREE/src/cli/options.c" <<-'END'
	import re, sys
	source = open(sys.argv[1]).read()
	table = re.search(r"option_table\[\] = \{(.*?)\n\};", source, re.S).group(1)
	entry = re.compile(r'\{\s*(0|\'.\'),\s*"([^"]+)",\s*ARGUMENT_(\w+),\s*(NULL|"[^"]*")', re.S)
	for letter, name, argument, value in entry.findall(table):
	    print(letter[1] if letter != "0" else "-", name, argument.lower(),
	          value.strip('"') if value != "NULL" else "-")
	END
}

# The options that --help lists, in the same form; the -all forms, which share a line, written out.
option_help() {
	sbx --help | "$PYTHON" -c '
import re, sys
listed = []
for line in sys.stdin:
    match = re.match(r"  (?:-(.), |    )--([a-z][a-z-]*)(?:=(\S+)|\[=(\S+)\])?  +\S", line)
    if match:
        letter, name, required, optional = match.groups()
        argument = "required" if required else "optional" if optional else "none"
        listed.append((letter or "-", name, argument, required or optional or "-"))
    elif re.match(r"      --allow-OP-all, --deny-OP-all  +\S", line):
        operations = [name for _, name, argument, _ in listed if argument == "optional"]
        listed += [("-", name + "-all", "none", "-") for name in operations]
for option in listed:
    print(*option)'
}

# The profile and the plan for some options.
plan_of() {
	sbx "$@" -n
}

connect_to() {
	"$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()' "$1"
}

preset_files() {
	grep -l '^;; kind:' "$TREE"/presets/*.sb
}

# All names and aliases of the presets that come with sbx.
preset_names() {
	local file
	for file in $(preset_files); do
		basename "$file" .sb
		sed -n 's/^;; alias: //p' "$file"
	done | tr -s ' ,' '\n'
}

### --help and --version

@test "--help lists every option of the table, and none else" {
	option_table | sort >table
	option_help | sort >help
	[ "$(wc -l <table)" -ge 40 ]
	diff table help
}

@test "the table has no letter and no name twice" {
	[ -z "$(option_table | cut -d' ' -f2 | sort | uniq -d)" ]
	[ -z "$(option_table | cut -d' ' -f1 | grep -v '^-$' | sort | uniq -d)" ]
}

@test "--help and -h print the same, to stdout, with status 0" {
	run --separate-stderr sbx --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	local help=$output
	run --separate-stderr sbx -h
	[ "$status" -eq 0 ]
	[ "$output" = "$help" ]
}

@test "--help says what the exit statuses mean" {
	run sbx --help
	for code in 125 126 127; do
		grep -q "\b$code\b" <<<"$output"
	done
}

@test "--help fits into 100 columns" {
	run ! grep -E '^.{101}' <(sbx --help | expand)
}

@test "-V and --version print the name and the version" {
	local version
	version=$(sed -n 's/^#define SBX_VERSION "\(.*\)"$/\1/p' "$TREE/src/cli/cli.h")
	[ -n "$version" ]
	[ "$(sbx -V)" = "sbx $version" ]
	[ "$(sbx --version)" = "sbx $version" ]
	[ "$(sbxctl --version)" = "sbx $version" ]
}

@test "--help and --version run nothing" {
	run -0 sbx -A --help touch side-effect
	run -0 sbx -A --version touch side-effect
	[ ! -e side-effect ]
}

### How options are read

@test "a value may follow =, the letter, or be the next word" {
	local expected
	expected=$(plan_of --preset=no-network)
	[ "$(plan_of --preset no-network)" = "$expected" ]
	[ "$(plan_of -pno-network)" = "$expected" ]
	[ "$(plan_of -p no-network)" = "$expected" ]
}

@test "a required value may begin with a dash or hold =" {
	run -0 sbx -A --env-set --X=-v=w printenv -- --X
	[ "$output" = "-v=w" ]
}

@test "letters can be clustered, with a value at the end" {
	local expected
	expected=$(sbx --dry-run --quiet --allow-all --preset=no-network)
	[ "$(sbx -nqA -p no-network)" = "$expected" ]
	[ "$(sbx -nqAp no-network)" = "$expected" ]
	[ "$(sbx -nqApno-network)" = "$expected" ]
}

@test "every letter means its long option" {
	echo '(deny file-write* (literal "/x"))' >extra.sb
	[ "$(plan_of -p no-network)" = "$(plan_of --preset no-network)" ]
	[ "$(plan_of -f extra.sb)" = "$(plan_of --profile extra.sb)" ]
	[ "$(plan_of -e '(allow signal)')" = "$(plan_of --expr '(allow signal)')" ]
	[ "$(plan_of -D KEY=VALUE)" = "$(plan_of --define KEY=VALUE)" ]
	[ "$(plan_of -A)" = "$(plan_of --allow-all)" ]
	[ "$(sbx -n)" = "$(sbx --dry-run)" ]
}

@test "options stop at the first word that is none" {
	run -0 sbx -A printf '%s\n' -p --version -n -- x
	[ "$output" = $'-p\n--version\n-n\n--\nx' ]
}

@test "options stop at --" {
	run -0 sbx -A -- printf '%s\n' -- -n
	[ "$output" = $'--\n-n' ]
}

@test "after -- the command may begin with a dash" {
	mkdir bin
	printf '#!/bin/sh\necho "dashed $*"\n' >bin/-n
	chmod +x bin/-n
	PATH=$PWD/bin:$PATH run -0 sbx -A -- -n a b
	[ "$output" = "dashed a b" ]
}

@test "a single dash is a command's name" {
	mkdir bin
	printf '#!/bin/sh\necho single\n' >bin/-
	chmod +x bin/-
	PATH=$PWD/bin:$PATH run -0 sbx -A -
	[ "$output" = single ]
}

@test "the optional list of --allow-OP is the next word, unless that looks like an option" {
	[ "$(sbx --allow-file-read . -n)" = "$(sbx --allow-file-read=. -n)" ]
	[ "$(sbx --allow-file-read -n)" = "$(sbx --allow-file-read-all -n)" ]
	[ "$(sbx --allow-file-read -- true 2>&1)" = "$(sbx --allow-file-read-all true 2>&1)" ]
}

@test "an unknown option is refused, and the nearest one is named" {
	run --separate-stderr -125 sbx --allow-file-raed=. true
	[ "$stderr" = "sbx: unknown option --allow-file-raed (did you mean --allow-file-read?)" ]
	run --separate-stderr -125 sbx --presett=no-network true
	[ "$stderr" = "sbx: unknown option --presett (did you mean --preset?)" ]
}

@test "an unknown option that is near to none refers to --help" {
	run --separate-stderr -125 sbx --qwertyuiop true
	[ "$stderr" = "sbx: unknown option --qwertyuiop (sbx --help lists them)" ]
	run --separate-stderr -125 sbx -nZ true
	[ "$stderr" = "sbx: unknown option -Z (sbx --help lists them)" ]
}

@test "options that sbx does not have yet are unknown, with and without value" {
	local option
	for option in --why --why=report --learn=out.sb; do
		rm -f side-effect
		run --separate-stderr -125 sbx -A "$option" touch side-effect
		grep -q "^sbx: unknown option ${option%%=*} " <<<"$stderr"
		[ "$(wc -l <<<"$stderr")" -eq 1 ]
		[ ! -e side-effect ]
	done
}

@test "a long option is not abbreviated" {
	run --separate-stderr -125 sbx --pre no-network true
	grep -q '^sbx: unknown option --pre ' <<<"$stderr"
}

### --dry-run

@test "-n prints profile and plan and runs nothing" {
	control sbx -A touch ran
	run --separate-stderr sbx -A -n touch side-effect
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	grep -qx '(version 1)' <<<"$output"
	grep -qx '(allow default)' <<<"$output"
	grep -q '^seccomp: ' <<<"$output"
	[ ! -e side-effect ]
}

@test "-n shows presets, parameters, options and extra text, in the order in which they apply" {
	echo '(allow signal)' >extra.sb
	run -0 sbx -f extra.sb --allow-file-write=. -D KEY=VALUE -p no-network,audio -n true
	diff - <(grep '^;;; ' <<<"$output" | sed 's:/.*/::' | grep -v 'parameter [^K]') <<-'END'
	;;; <defaults>
	;;; audio.sb
	;;; no-network.sb
	;;; <options>
	;;; extra.sb
	;;; <protections>
	;;; parameter KEY=VALUE
	END
}

@test "-n names gaps, and is no failure" {
	run -0 sbx -A -e '(deny file-lock)' -n touch side-effect
	grep -q '^gap: file-lock: ' <<<"$output"
	[ ! -e side-effect ]
}

@test "-n shows a profile that can be given back with -f" {
	sbx -A --deny-network-all --deny-file-write=/srv/x -n >printed
	sed '/^$/,$d' printed >profile.sb
	run -0 sbx -A -f profile.sb -n
	[ "$(sed '1,/^$/d' <<<"$output")" = "$(sed '1,/^$/d' printed)" ]
}

@test "-n makes no directory for temporary files" {
	mkdir -m 700 run
	export XDG_RUNTIME_DIR=$PWD/run
	run -0 sbx-write-cwd -n
	[ -z "$(ls run)" ]
	run -0 sbx-write-cwd -q true
	[ -n "$(ls run)" ]
}

@test "-n needs no command" {
	run -0 sbx -n
	run -0 sbx-net-off -n
}

### Without presets: as syumai/sbx

@test "sbx ls . fails, warns and names an option that helps" {
	touch file
	control ls .
	refused sbx ls .
	run --separate-stderr sbx ls .
	[ -z "$output" ]
	grep -q '^sbx: .*--allow-file-read=\.' <<<"$stderr"
	[ "$(sbx --allow-file-read=. ls .)" = "$(ls .)" ]
}

@test "-q takes the warning of sbx ls . away" {
	run --separate-stderr sbx -q ls .
	[ "$status" -ne 0 ]
	run ! grep '^sbx: ' <<<"$stderr"
}

@test "sbx --allow-file-read . ls . lists, without a word of sbx" {
	touch file
	run --separate-stderr sbx --allow-file-read . ls .
	[ "$status" -eq 0 ]
	[ "$output" = file ]
	[ -z "$stderr" ]
}

@test "sbx --allow-file-read=. ls . and -- ls -l . list" {
	touch file
	[ "$(sbx --allow-file-read=. ls .)" = "$(ls .)" ]
	[ "$(sbx --allow-file-read='.' -- ls -l .)" = "$(ls -l .)" ]
}

@test "--allow-file-read opens its directory for reading, not for writing, and no other" {
	mkdir in out
	echo in >in/file
	echo out >out/file
	control cat in/file out/file
	[ "$(sbx --allow-file-read=in cat in/file)" = in ]
	refused sbx --allow-file-read=in cat out/file
	control sh -c 'echo >>in/file'
	refused sbx --allow-file-read=in sh -c 'echo more >>in/file'
	[ "$(cat in/file)" = in ]
}

@test "--allow-file-write lets a file be written in a directory, and nowhere else" {
	mkdir in out
	control sh -c 'echo >in/a && echo >out/a && rm in/a out/a'
	run -0 sbx --allow-file-write=in sh -c 'echo new >in/file'
	[ "$(cat in/file)" = new ]
	refused sbx --allow-file-write=in sh -c 'echo new >out/file'
	refused sbx --allow-file-write=in sh -c 'echo new >file'
	refused sbx --allow-file-write=in sh -c 'echo new >in/../file'
	[ ! -e out/file ]
	[ ! -e file ]
}

@test "--allow-file-write does not follow a symlink out of its directory" {
	mkdir in out
	echo old >out/file
	ln -s ../out/file in/link
	control sh -c 'echo old >in/link'
	refused sbx --allow-file-write=in sh -c 'echo new >in/link'
	[ "$(cat out/file)" = old ]
}

@test "--allow-file-write does not open what it writes for reading" {
	mkdir in
	echo secret >in/file
	control cat in/file
	refused sbx --allow-file-write=in cat in/file
}

@test "--allow-file is reading and writing" {
	mkdir in
	run -0 sbx --allow-file=in sh -c 'echo new >in/file && read -r line <in/file && echo "$line"'
	[ "$output" = new ]
	refused sbx --allow-file=in sh -c 'echo new >file'
	[ ! -e file ]
}

@test "--allow-OP without a list is --allow-OP-all: everything" {
	echo text >file
	[ "$(sbx --allow-file-read -- cat file)" = text ]
	[ "$(sbx --allow-file-read-all cat file)" = text ]
	run -0 sbx --allow-file-write-all sh -c 'echo new >file'
	[ "$(cat file)" = new ]
}

@test "no option, no other program: the command itself only" {
	control sh -c 'exec id -u'
	refused sbx --allow-file-read-all sh -c 'exec id -u'
}

@test "--allow-process-exec lets the program be executed that it names" {
	local id
	id=$(command -v id)
	control sh -c "exec $id -u"
	refused sbx --allow-file-read-all sh -c "exec $id -u"
	run -0 sbx --allow-file-read-all --allow-process-exec="$id" sh -c "exec $id -u"
	[ "$output" = "$(id -u)" ]
	refused sbx --allow-file-read-all --allow-process-exec="$id" sh -c 'exec date'
}

@test "--allow-process-exec suffices to execute a program: no reading has to be allowed" {
	run -0 sbx --allow-process-exec="$(command -v id)" sh -c "exec $(command -v id) -u"
	[ "$output" = "$(id -u)" ]
}

@test "--allow-process-exec-all suffices to execute any program" {
	run -0 sbx --allow-process-exec-all sh -c "exec $(command -v id) -u"
	[ "$output" = "$(id -u)" ]
}

@test "a grant preset lets the command start other programs" {
	[ "$(sbx-audio sh -c 'id -u; :')" = "$(id -u)" ]
}

@test "--allow-process-exec does not name what lies below: it is no directory's option" {
	mkdir in
	cp "$(command -v id)" in/id
	control in/id -u
	refused sbx --allow-file-read-all --allow-process-exec=in sh -c 'exec in/id -u'
}

@test "without network options there is no network" {
	tcp_listener
	control connect_to "$PORT"
	refused sbx --allow-file-read-all "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
}

@test "--allow-network-all opens the network" {
	tcp_listener
	control connect_to "$PORT"
	run -0 sbx --allow-file-read-all --allow-network-all "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
}

### -A, --deny-OP and how options combine

@test "-A starts from (allow default): reading, writing, programs, network" {
	tcp_listener
	run -0 sbx -A sh -c 'echo text >file && cat file && id -u'
	[ "$output" = "text
$(id -u)" ]
	sbx -A "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
}

@test "-A with a restriction is the restriction" {
	control sh -c 'echo >file && rm file'
	refused sbx -A -p read-only sh -c 'echo >file'
	[ ! -e file ]
}

@test "--deny-file-write-all denies writing everywhere, and leaves reading and programs alone" {
	echo old >file
	control sh -c 'echo old >file'
	refused sbx -A --deny-file-write-all sh -c 'echo new >file'
	refused sbx -A --deny-file-write-all touch other
	refused sbx -A --deny-file-write-all rm file
	[ "$(sbx -A --deny-file-write-all cat file)" = old ]
	[ ! -e other ]
}

@test "--deny-network-all denies the network, and leaves files alone" {
	tcp_listener
	control connect_to "$PORT"
	refused sbx -A --deny-network-all "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
	run -0 sbx -A --deny-network-all sh -c 'echo new >file && cat file'
	[ "$output" = new ]
}

@test "--deny-file-write of a directory denies it, not one whose name begins the same" {
	mkdir out outer
	control sh -c 'echo >out/a && echo >outer/a && rm out/a outer/a'
	run -0 sbx --allow-file-write=out,outer --deny-file-write=out sh -c 'echo new >outer/file'
	[ "$(cat outer/file)" = new ]
	refused sbx --allow-file-write=out,outer --deny-file-write=out sh -c 'echo new >out/file'
	[ ! -e out/file ]
}

@test "--deny-file-write leaves reading of the same directory alone" {
	mkdir in
	echo text >in/file
	[ "$(sbx --allow-file=in --deny-file-write=in cat in/file)" = text ]
	control sh -c 'echo >in/other && rm in/other'
	refused sbx --allow-file=in --deny-file-write=in sh -c 'echo >in/other'
	[ ! -e in/other ]
}

@test "the later of two options wins" {
	mkdir in
	run -0 sbx --deny-file-write=in --allow-file-write=in sh -c 'echo new >in/file'
	[ -e in/file ]
	refused sbx --allow-file-write=in --deny-file-write=in sh -c 'echo new >in/other'
	[ ! -e in/other ]
	run -0 sbx --deny-file-write-all --allow-file-write=in sh -c 'echo new >in/third'
	[ -e in/third ]
	refused sbx --allow-file-write=in --deny-file-write-all sh -c 'echo new >in/fourth'
	[ ! -e in/fourth ]
}

@test "a deny that this kernel cannot enforce is refused, never ignored" {
	mkdir in
	run --separate-stderr sbx --allow-file-write=. --deny-file-write=in sh -c 'echo new >in/file'
	[ "$status" -ne 0 ]
	[ -n "$stderr" ]
	[ ! -e in/file ]
}

@test "--best-effort says what it leaves out, and runs the command" {
	sbx_failed sbx -A -e '(deny file-lock)' touch side-effect
	[ ! -e side-effect ]
	run --separate-stderr -0 sbx --best-effort -A -e '(deny file-lock)' sh -c 'echo ran'
	[ "$output" = ran ]
	grep -q '^sbx: <expr>:1:1: warning: cannot enforce file-lock: ' <<<"$stderr"
}

@test "an option overrides a preset's restriction on writing, for its directory only" {
	mkdir in out
	control sh -c 'echo >in/a && echo >out/a && rm in/a out/a'
	refused sbx -p read-only sh -c 'echo new >in/file'
	[ ! -e in/file ]
	run -0 sbx -p read-only --allow-file-write=in sh -c 'echo new >in/file'
	[ "$(cat in/file)" = new ]
	refused sbx -p read-only --allow-file-write=in sh -c 'echo new >out/file'
	[ ! -e out/file ]
}

@test "an option overrides write-cwd-only, for its directory only" {
	mkdir here in out
	cd here
	control sh -c 'echo >../in/a && echo >../out/a && rm ../in/a ../out/a'
	refused sbx-write-cwd sh -c 'echo new >../in/file'
	[ ! -e ../in/file ]
	run -0 sbx-write-cwd --allow-file-write=../in sh -c 'echo new >../in/file'
	[ "$(cat ../in/file)" = new ]
	refused sbx-write-cwd --allow-file-write=../in sh -c 'echo new >../out/file'
	[ ! -e ../out/file ]
}

@test "an option before the preset overrides it just the same" {
	mkdir here in
	cd here
	run -0 sbx --allow-file-write=../in -p write-cwd sh -c 'echo new >../in/file'
	[ "$(cat ../in/file)" = new ]
}

@test "an option overrides no-network" {
	tcp_listener
	control connect_to "$PORT"
	local client='
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)'
	refused sbx-net-off "$PYTHON" -c "$client" "$PORT"
	run -0 sbx-net-off --allow-network-all "$PYTHON" -c "$client" "$PORT"
}

@test "an option for one kind of access opens no other that a preset restricts" {
	tcp_listener
	control connect_to "$PORT"
	refused sbx-net-off --allow-file-all "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
}

### -e, -f, -D

@test "-e has the last word over presets and options" {
	mkdir in
	run -0 sbx --deny-file-write=in \
		-e '(allow file-write-data file-write-create (subpath (param "IN")))' -D IN="$PWD/in" \
		sh -c 'echo new >in/file'
	[ "$(cat in/file)" = new ]
	control sh -c 'echo >in/a'
	refused sbx -e '(deny file-write-data file-write-create (subpath (param "IN")))' \
		-D IN="$PWD/in" --allow-file-write=in sh -c 'echo new >in/other'
	[ ! -e in/other ]
}

@test "-f has the last word over presets" {
	tcp_listener
	control connect_to "$PORT"
	echo '(allow network-outbound network-inbound network-bind
		(require-any (remote ip) (require-not (remote ip))))' >extra.sb
	local client='
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)'
	refused sbx-net-off "$PYTHON" -c "$client" "$PORT"
	run -0 sbx -f extra.sb -p net-off "$PYTHON" -c "$client" "$PORT"
}

@test "-e and -f apply in the order given" {
	mkdir in
	echo '(deny file-write-data file-write-create (subpath (param "IN")))' >deny.sb
	local allow='(allow file-write-data file-write-create (subpath (param "IN")))'
	control sh -c 'echo >in/a'
	run -0 sbx -D IN="$PWD/in" -f deny.sb -e "$allow" sh -c 'echo >in/file'
	refused sbx -D IN="$PWD/in" -e "$allow" -f deny.sb sh -c 'echo >in/other'
	[ -e in/file ]
	[ ! -e in/other ]
}

@test "definitions of one -e are there in the next" {
	[ "$(sbx -e '(define here (param "CWD"))' -e '(allow file-read* (subpath here))' ls . 2>&1)" = "" ]
	run -125 sbx -e '(allow file-read* (subpath here))' ls .
}

@test "-f reads a pipe" {
	touch file
	run -0 sbx -f <(echo '(allow file-read* (subpath (param "CWD")))') ls .
	[ "$output" = file ]
}

@test "-f reads standard input by name, and takes it from the command" {
	run -0 sbx -A -f /dev/stdin cat <<<'(allow signal)'
	[ -z "$output" ]
}

@test "-f takes a whole profile of macOS, with version and import" {
	cat >profile.sb <<-'END'
	(version 1)
	(deny default)
	(import "system.sb")
	(allow process-exec* file-read* (subpath "/usr") (subpath "/bin"))
	(allow file-read* (subpath (param "CWD")))
	END
	echo text >file
	[ "$(sbx -f profile.sb cat file)" = text ]
	control sh -c 'echo >other && rm other'
	refused sbx -f profile.sb sh -c 'echo new >other'
	[ ! -e other ]
}

@test "-D sets a parameter, the last of one name counts, and a value may be empty or hold =" {
	grep -qx ';;; parameter A=1=2' <(sbx -D A=1=2 -n)
	grep -qx ';;; parameter A=' <(sbx -D A= -n)
	mkdir one two
	run -0 sbx -D DIR="$PWD/one" -D DIR="$PWD/two" \
		-e '(allow file-write-data file-write-create (subpath (param "DIR")))' \
		sh -c 'echo >two/file'
	[ -e two/file ]
}

@test "-D reaches presets of the user" {
	export XDG_CONFIG_HOME=$HOME/config
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets" in
	echo text >in/file
	cat >"$XDG_CONFIG_HOME/sbx/presets/reader.sb" <<-'END'
	;; summary: read one directory
	;; kind: grant
	(allow file-read* (subpath (param "READER_DIRECTORY")))
	END
	mkdir away
	cd away
	[ "$(sbx -p reader -D READER_DIRECTORY="$(dirname "$PWD")/in" cat ../in/file)" = text ]
	control cat ../in/file
	refused sbx -p reader -D READER_DIRECTORY="$PWD" cat ../in/file
}

### Presets: lists, aliases, links

@test "a comma list of presets is each of them" {
	[ "$(plan_of -p no-network,read-only)" = "$(plan_of -p no-network -p read-only)" ]
	tcp_listener
	control connect_to "$PORT"
	refused sbx -p no-network,read-only "$PYTHON" -c '
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$PORT"
	control sh -c 'echo >file && rm file'
	refused sbx -p no-network,read-only sh -c 'echo new >file'
	[ ! -e file ]
}

@test "the order of presets makes no difference" {
	[ "$(sbx -p no-network,read-only,audio -n | sed '1,/^$/d' | sort)" \
		= "$(sbx -p audio,read-only,no-network -n | sed '1,/^$/d' | sort)" ]
}

@test "a comma list of paths is each of them" {
	mkdir a b c
	run -0 sbx --allow-file-write=a,b sh -c 'echo >a/file && echo >b/file'
	control sh -c 'echo >c/file && rm c/file'
	refused sbx --allow-file-write=a,b sh -c 'echo >c/file'
	[ ! -e c/file ]
}

@test "a path with a blank, a quote or a parenthesis is one path" {
	local name=$'a b"c(d)\\e'
	mkdir "$name"
	run -0 sbx --allow-file-write="$name" sh -c 'echo >"$0/file"' "$name"
	[ -e "$name/file" ]
	control sh -c 'echo >file && rm file'
	refused sbx --allow-file-write="$name" sh -c 'echo >file'
	[ ! -e file ]
}

@test "every alias is the preset it stands for" {
	local file alias name compared=0
	for file in $(preset_files); do
		name=$(basename "$file" .sb)
		for alias in $(sed -n 's/^;; alias: //p' "$file" | tr ',' ' '); do
			diff <(sbx -p "$name" -n | sed 's:^;;; /.*::') \
				<(sbx -p "$alias" -n | sed 's:^;;; /.*::')
			compared=$((compared + 1))
		done
	done
	[ "$compared" -ge 4 ]
}

@test "a preset named twice, by name or by alias, is there once" {
	[ "$(plan_of -p no-network -p no-network)" = "$(plan_of -p no-network)" ]
	[ "$(plan_of -p no-network,net-off)" = "$(plan_of -p no-network)" ]
	[ "$(sbx-net-off -p no-network -n)" = "$(sbx-net-off -n)" ]
	[ "$(sbx -p net-off,no-network printenv SBX_ACTIVE)" \
		= "$(sbx -p no-network printenv SBX_ACTIVE)" ] ||
		[ "$(sbx -p net-off,no-network printenv SBX_ACTIVE)" = net-off ]
}

@test "every preset and alias has a link, and it applies that preset" {
	local name seen=0
	for name in $(preset_names); do
		[ -x "$(command -v "sbx-$name")" ]
		[ "$("sbx-$name" -n)" = "$(sbx -p "$name" -n)" ]
		seen=$((seen + 1))
	done
	[ "$seen" -ge 12 ]
}

@test "a link takes further options" {
	mkdir here out
	cd here
	control sh -c 'echo >../out/a && rm ../out/a'
	run -0 sbx-net-off -q -p write-cwd sh -c 'echo >file'
	[ -e file ]
	refused sbx-net-off -q -p write-cwd sh -c 'echo >../out/file'
	[ ! -e ../out/file ]
	run -0 sbx-write-cwd --env-set=GREETING=hello -- printenv GREETING
	[ "${lines[-1]}" = hello ]
	[ "$(sbx-net-off -V)" = "$(sbx -V)" ]
}

@test "a link of the user's own in another directory works" {
	mkdir links
	ln -s "$(command -v sbx)" links/sbx-net-off
	ln -s "$(command -v sbx)" links/sbx-no-such-preset
	[ "$(links/sbx-net-off -n)" = "$(sbx-net-off -n)" ]
	run --separate-stderr -125 links/sbx-no-such-preset true
	grep -q "^sbx: no preset is named 'no-such-preset'" <<<"$stderr"
}

@test "a preset of the user hides the installed one of its name" {
	export XDG_CONFIG_HOME=$HOME/config
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: my own\n;; kind: restrict\n(deny network-outbound (remote ip))\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/no-network.sb"
	sbx -p no-network -n | grep -qxF ";;; $XDG_CONFIG_HOME/sbx/presets/no-network.sb"
	sbxctl list | grep -q '^no-network .* my own$'
	[ "$(sbxctl list | grep -c '^no-network\b')" -eq 1 ]
}

@test "without XDG_CONFIG_HOME the user's presets are below ~/.config" {
	unset XDG_CONFIG_HOME
	mkdir -p "$HOME/.config/sbx/presets"
	printf ';; summary: my own\n;; kind: restrict\n;; alias: mine-too\n(deny signal)\n' \
		>"$HOME/.config/sbx/presets/mine.sb"
	sbxctl list | grep -q '^mine, mine-too  *restrict  *my own$'
	sbx -p mine -n | grep -qx '(deny signal)'
	sbx -p mine-too -n | grep -qx '(deny signal)'
}

### sbxctl

@test "sbxctl list names every preset file with kind, aliases and summary, sorted" {
	local file name summary kind alias list=$PWD/list
	sbxctl list >"$list"
	for file in $(preset_files); do
		name=$(basename "$file" .sb)
		summary=$(sed -n 's/^;; summary: //p' "$file")
		kind=$(sed -n 's/^;; kind: //p' "$file")
		alias=$(sed -n 's/^;; alias: //p' "$file")
		grep -E "^$name(, $alias)? +$kind +" "$list" | grep -qF -- "$summary"
	done
	[ "$(wc -l <"$list")" -eq "$(preset_files | wc -l)" ]
	LC_ALL=C sort -c "$list"
}

@test "sbxctl list leaves files out that are no presets" {
	run ! grep -q '^system' <(sbxctl list)
}

@test "sbxctl show prints a preset's text and where it stands, by name and alias" {
	run -0 sbxctl show no-network
	diff <(sed 1d <<<"$output") "$TREE/presets/no-network.sb"
	[ -f "${lines[0]#;;; }" ]
	run -0 sbxctl show net-off
	diff <(sed 1d <<<"$output") "$TREE/presets/no-network.sb"
}

@test "sbxctl help, --help and -h print the verbs" {
	run -0 sbxctl help
	local help=$output verb
	for verb in list show help; do
		grep -q "^  $verb\b" <<<"$help"
	done
	[ "$(sbxctl --help)" = "$help" ]
	[ "$(sbxctl -h)" = "$help" ]
}

@test "sbxctl refuses an unknown verb, no verb, and arguments that a verb does not take" {
	run --separate-stderr -125 sbxctl lsit
	[ "$stderr" = "sbx: unknown verb 'lsit' (sbxctl --help lists them)" ]
	sbx_failed sbxctl
	sbx_failed sbxctl list extra
	sbx_failed sbxctl show
	sbx_failed sbxctl show no-network audio
	sbx_failed sbxctl show no-such-preset
}

@test "sbx has no verbs: list is a command" {
	mkdir bin
	printf '#!/bin/sh\necho my list\n' >bin/list
	chmod +x bin/list
	PATH=$PWD/bin:$PATH run -0 sbx -A list
	[ "$output" = "my list" ]
}

### The environment of the command

@test "--env-clear leaves SBX_ACTIVE only" {
	run -0 sbx -A --env-clear "$(command -v env)"
	[ "$output" = "SBX_ACTIVE=sbx" ]
}

@test "--env-keep keeps what its globs match, and nothing else" {
	export KEEP_ONE=1 KEEP_TWO=2 OTHER=3 LAST=4
	run -0 sbx -A --env-keep='KEEP_*,LAS?' "$(command -v env)"
	[ "$(sort <<<"$output")" = $'KEEP_ONE=1\nKEEP_TWO=2\nLAST=4\nSBX_ACTIVE=sbx' ]
}

@test "--env-keep given twice keeps both" {
	export KEEP_ONE=1 KEEP_TWO=2 OTHER=3
	run -0 sbx -A --env-keep=KEEP_ONE --env-keep=KEEP_TWO "$(command -v env)"
	[ "$(sort <<<"$output")" = $'KEEP_ONE=1\nKEEP_TWO=2\nSBX_ACTIVE=sbx' ]
}

@test "--env-clear with --env-keep keeps what is named" {
	export KEEP_ONE=1 OTHER=3
	run -0 sbx -A --env-clear --env-keep=KEEP_ONE "$(command -v env)"
	[ "$(sort <<<"$output")" = $'KEEP_ONE=1\nSBX_ACTIVE=sbx' ]
}

@test "--env-drop drops what its globs match, and nothing else" {
	export SECRET_TOKEN=1 API_KEY=2 KEYRING=3
	sbx -A --env-drop='*_TOKEN,*_KEY' "$(command -v env)" >inside
	grep -qx KEYRING=3 inside
	run ! grep -E '^(SECRET_TOKEN|API_KEY)=' inside
}

@test "--env-drop wins over --env-keep" {
	export KEEP_ONE=1 KEEP_TWO=2
	run -0 sbx -A --env-keep='KEEP_*' --env-drop=KEEP_TWO "$(command -v env)"
	[ "$(sort <<<"$output")" = $'KEEP_ONE=1\nSBX_ACTIVE=sbx' ]
}

@test "a glob matches names only, never values" {
	export NAME=VALUE
	sbx -A --env-drop='VALUE,*VALUE*' "$(command -v env)" >inside
	grep -qx NAME=VALUE inside
}

@test "--env-set sets, replaces, and stays when everything else is cleared" {
	export OLD=old
	[ "$(sbx -A --env-set=NEW=new printenv NEW)" = new ]
	[ "$(sbx -A --env-set=OLD=new printenv OLD)" = new ]
	[ "$(sbx -A --env-set=OLD= "$(command -v env)" | grep -cx OLD=)" -eq 1 ]
	run -0 sbx -A --env-clear --env-set=A=1 --env-set=B=x=y "$(command -v env)"
	[ "$(sort <<<"$output")" = $'A=1\nB=x=y\nSBX_ACTIVE=sbx' ]
}

@test "--env-set sets what --env-drop drops" {
	export NAME=old
	run -0 sbx -A --env-set=NAME=new --env-drop=NAME printenv NAME
	[ "$output" = new ]
}

@test "a preset drops variables by env-drop, and --env-keep brings one back" {
	export XDG_CONFIG_HOME=$HOME/config
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: no secrets\n;; kind: restrict\n;; env-drop: *_TOKEN, *_KEY\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/no-secrets.sb"
	export A_TOKEN=1 A_KEY=2 OTHER=3
	sbx -p no-secrets "$(command -v env)" >inside
	grep -qx OTHER=3 inside
	run ! grep -E '^A_(TOKEN|KEY)=' inside
	[ "$(sbx -p no-secrets --env-keep=A_KEY printenv A_KEY)" = 2 ]
}

@test "SBX_ACTIVE names the presets in force" {
	[ "$(sbx -A printenv SBX_ACTIVE)" = sbx ]
	[ "$(sbx -p no-network printenv SBX_ACTIVE)" = no-network ]
	[ "$(sbx -p no-network,read-only printenv SBX_ACTIVE | tr ',' '\n' | wc -l)" -eq 2 ]
}

@test "SBX_ACTIVE adds to what an outer sandbox has" {
	[ "$(sbx -q -p write-cwd-only,-protect-persistence sbx -p no-network printenv SBX_ACTIVE)" \
		= write-cwd-only,no-network ]
}

@test "write-cwd-only sets TMPDIR and TMPPREFIX to a private directory" {
	local tmpdir
	tmpdir=$(sbx-write-cwd -q printenv TMPDIR)
	[ -d "$tmpdir" ]
	[ "$(stat -c '%a %u' "$tmpdir")" = "700 $(id -u)" ]
	[ "$(sbx-write-cwd -q printenv TMPPREFIX)" = "$tmpdir/zsh" ]
	run -0 sbx-write-cwd -q sh -c 'echo text >"$(mktemp)"'
	run -0 sbx-write-cwd -q sh -c 'echo text >"$TMPPREFIX.x" && cat "$TMPPREFIX.x"'
	[ "$output" = text ]
}

@test "the private directory is the same in the next call, and another one for another project" {
	local first
	mkdir one two
	first=$(cd one && sbx-write-cwd -q printenv TMPDIR)
	[ "$(cd one && sbx-write-cwd -q printenv TMPDIR)" = "$first" ]
	[ "$(cd two && sbx-write-cwd -q printenv TMPDIR)" != "$first" ]
}

@test "under write-cwd-only the shared /tmp stays closed" {
	local file
	file=$(mktemp -u /tmp/sbx-test.XXXXXX)
	control sh -c "echo >$file && rm $file"
	refused sbx-write-cwd -q sh -c "echo >$file"
	[ ! -e "$file" ]
}

@test "presets without a private directory leave TMPDIR alone" {
	export TMPDIR=$PWD
	[ "$(sbx-net-off printenv TMPDIR)" = "$PWD" ]
	run ! sbx-net-off printenv TMPPREFIX
}

@test "--env-set has the last word over what sbx sets" {
	[ "$(sbx-write-cwd -q --env-set=TMPDIR=/elsewhere printenv TMPDIR)" = /elsewhere ]
}

### -q and -v

@test "-q takes warnings away, errors stay" {
	run --separate-stderr -0 sbx --best-effort -A -e '(deny file-lock)' true
	[ -n "$stderr" ]
	run --separate-stderr -0 sbx -q --best-effort -A -e '(deny file-lock)' true
	[ -z "$stderr" ]
	run --separate-stderr -125 sbx -q -p no-such-preset true
	grep -q '^sbx: ' <<<"$stderr"
}
