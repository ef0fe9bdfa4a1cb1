# .sbxrc files in interactive bash: what is in force where the shell is, and whose commands run there.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	echo ". '$SBX_BIN_DIR/../share/sbx/shell/sbx.bash'" >rc
	OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir "$OUTSIDE" plain
	export OUTSIDE
}

# Plays the steps of standard input to a bash that reads ./rc.
session() {
	run "$PYTHON" "$root/tests/session.py" bash rc
	[ "$status" -eq 0 ] || explain 'the session failed'
}

# project DIRECTORY [LINE]...: trusted, with a Makefile and a program that tell where they run.
project() {
	untrusted "$@"
	(cd "$1" && sbxctl trust --yes >/dev/null)
}

untrusted() {
	local directory=$1
	shift
	mkdir -p "$directory"
	printf '%s\n' "$@" >"$directory/.sbxrc"
	printf 'all:\n\t@echo "made in [$$SBX_ACTIVE]"; touch $$OUTSIDE/$(NAME) 2>/dev/null || echo refused\n' \
		>"$directory/Makefile"
	printf '#!/bin/sh\necho "ran in [$SBX_ACTIVE] $*"\n' >"$directory/program"
	chmod +x "$directory/program"
	cp "$directory/Makefile" plain/Makefile
	cp "$directory/program" plain/program
}

@test "bash rc: commands are in the sandbox where an .sbxrc says so, and only there" {
	project p allow-all 'preset no-network write-cwd' 'auto make npm'
	mkdir p/sub
	session <<-'END'
	run make -s -C plain NAME=control
	see made in \[\]
	unseen refused
	run cd p
	see \nsbx: in force here: no-network, write-cwd-only \(make npm\)|\nsbx: in force here: no-network, write-cwd \(make npm\)
	run echo "active $SBX_ACTIVE"; env | grep -c ^SBX_ACTIVE
	see active no-network,write-cwd
	see \n0\n
	run make -s NAME=inside
	see made in \[no-network,write-cwd-only\]
	see refused
	run cd sub
	unseen sbx:
	run make -s -C .. | cat; for i in 1 2; do make -s -C ..; done && (make -s -C ..); x=$(make -s -C ..); echo "got $x"
	see made in \[no-network
	see made in \[no-network
	see made in \[no-network
	see made in \[no-network
	see got made in \[no-network
	unseen in \[\]
	run false || ! make -s -C .. nothing
	status 0
	run cd ../../plain
	see \nsbx: left /.*/p\n
	run make -s NAME=left; echo "active ${SBX_ACTIVE-none}"; type -t make
	see made in \[\]
	see active none\n+file
	run history | tail -n 3
	see make -s NAME=left
	unseen _sbx
	END
	[ -e "$OUTSIDE/control" ] && [ -e "$OUTSIDE/left" ]
	[ ! -e "$OUTSIDE/inside" ]
}

@test "bash rc: pushd, autocd, CDPATH, functions, links and odd names change the directory too" {
	project $'p q\t*' allow-all 'preset no-network' 'auto make'
	mkdir -p places
	ln -s $'../p q\t*' places/link
	mv $'p q\t*' odd
	project $'o d\'d*' allow-all 'preset no-network' 'auto make'
	project p allow-all 'preset no-network' 'auto make'
	ln -s ../p places/ln
	session <<-'END'
	run pushd p
	see in force here
	run popd; shopt -s autocd
	see left
	run p
	see in force here
	run cd ..
	see left
	run go() { cd p; }; go
	see in force here
	run make -s
	see in \[no-network\]
	run cd ..; CDPATH=$PWD/places
	see left
	run cd ln
	see in force here
	run make -s; cd ..
	see in \[no-network\]
	run cd; cd - >/dev/null; cd $OLDPWD/../work/"o d'd*"
	see in force here
	run make -s
	see in \[no-network\]
	run cd / && cd /tmp
	see left
	END
}

@test "bash rc: nested projects, and a cd within the line" {
	project p allow-all 'preset no-network' 'auto make'
	project p/in 'preset write-cwd' 'auto program make'
	untrusted p/in/un 'auto ls'
	session <<-'END'
	run cd p
	see in force here: no-network \(make\)
	run cd in
	see in force here: no-network, write-cwd.* \(make program\)
	run cd un
	see does not apply: it was never trusted
	run cd ..; cd un; type -t ls
	unseen never trusted
	see file
	run cd ../..
	see left .*/p/in\n
	see in force here: no-network \(make\)
	run (cd in; make -s); (cd ../plain; make -s); cd ../plain && make -s
	see in \[no-network,write-cwd
	see in \[\]
	see left
	see in \[\]
	END
}

@test "bash rc: edits, trust, distrust and deletion are noticed at the next prompt" {
	project p allow-all 'preset no-network' 'auto make'
	session <<-'END'
	run cd p
	see in force here: no-network \(make\)
	run echo 'auto ls' >>.sbxrc
	see has changed since it was trusted: the trusted copy applies
	run make -s; type -t ls
	see in \[no-network\]
	see \nfile
	run sbxctl trust --yes >/dev/null
	see in force here: no-network \(make ls\)
	run type -t ls make
	see function\n+function
	run mv .sbxrc old
	see is gone: the copy that was trusted applies
	run make -s
	see in \[no-network\]
	run sbxctl distrust >/dev/null
	see left
	run make -s; mv old .sbxrc
	see in \[\]
	see never trusted
	run cp .sbxrc x && rm -f .sbxrc
	run echo nothing
	unseen sbx:
	END
}

@test "bash rc: the user's functions and aliases run in the sandbox, and are there again" {
	cat >>rc <<-'END'
	make() { echo "mine $1"; command make "$@"; }
	alias npm='true && printenv SBX_ACTIVE #' cc='printenv' gcc='printenv'
	export -f make
	END
	project p allow-all 'preset no-network' 'auto make npm cc ls'
	session <<-'END'
	run alias npm; declare -f make; cd p
	see in force here
	run make -s
	see mine -s\n+made in \[no-network\]
	run npm install
	see \nno-network\n
	run cc SBX_ACTIVE
	see \nno-network\n
	run SBX=off make -s; nosbx make -s; sbx-write-cwd make -s
	see mine -s\n+made in \[\]
	see mine -s\n+made in \[\]
	see mine -s\n+made in \[no-network,write-cwd|mine -s\n+made in \[write-cwd
	run ls() { echo defined; }; cd ../plain
	see left
	run ls; make -s; alias npm cc; declare -F -p make
	see \ndefined
	see mine -s\n+made in \[\]
	see alias npm='true && printenv SBX_ACTIVE #'
	see alias cc='printenv'
	see declare -fx make
	END
}

@test "bash rc: auto * wraps every program as it is typed, and nothing else" {
	project p allow-all 'preset no-network' 'auto *' 'skip env git'
	cp p/program 'p/my program'
	echo 'pathed() { "$@"; }; ll() { command ls "$@"; }; ls() { command ls "$@"; echo "ls [$SBX_ACTIVE]"; }; name=./program; export word=x' >>rc
	session <<-'END'
	run cd p
	see in force here: no-network \(\*\)
	run ./program a 'b  c'; ../p/program rel; $PWD/program abs; ~+/program tilde
	see ran in \[no-network\] a b  c
	see ran in \[no-network\] rel
	see ran in \[no-network\] abs
	see ran in \[no-network\] tilde
	run (./program sub); x=$(./program com); echo "$x" `./program back`; cat <(./program process)
	see in \[no-network\] sub
	see in \[no-network\] com
	see in \[no-network\] back
	see in \[no-network\] process
	run true && ./program and | cat; while ./program loop; do break; done; A="x y" B=$(echo) ./program assigned; "./pro"'gram' quoted
	see in \[no-network\] and
	see in \[no-network\] loop
	see in \[no-network\] assigned
	see in \[no-network\] quoted
	run pathed ./program function; $name variable; c=(./program x); "${c[@]}"; ${none-} ./program empty
	see in \[no-network\] function
	see in \[no-network\] variable
	see in \[no-network\] x
	see in \[no-network\] empty
	run ls program; printenv SBX_ACTIVE
	see ls \[no-network\]
	see \nno-network\n
	run ./program background & wait
	see in \[no-network\] background
	run ((1)); [[ a = a ]]; { :; } 2>&1; >made; for ((i=0; i<1; i++)); do case x in x) ./program deep;; esac; done
	see in \[no-network\] deep
	unseen refused|not started
	run env ./program skipped; nosbx ./program nosbx; SBX=off ./program off
	see in \[\] skipped
	see in \[\] nosbx
	see in \[\] off
	run no-such-command; ./none; echo "status $?"
	see status 127
	run type -t ls printenv cd; echo "$(type -t program)"
	see function\n+file\n+builtin
	run history | tail -n 2
	see env|history
	run cd ../plain
	see left
	run ./program out; trap -p DEBUG; echo "<${PS0-none}> $-"
	see ran in \[\] out
	see <none> [^T]*\n
	unseen _sbx
	END
}

@test "bash rc: a command that cannot be told does not run under auto *" {
	project p allow-all 'preset no-network' 'auto *'
	cp p/program 'p/my program'
	session <<-'END'
	run cd p
	see in force
	run $(echo ./program) first; echo never
	see not started
	unseen ran in|\nnever
	run './my program' second && echo never
	see not started
	unseen ran in|\nnever
	run (./my\ program third; echo never); echo after
	see not started
	unseen ran in|\nnever
	run x=$('./my program' fourth); echo "<$x>"
	see not started
	see <>
	run sbx './my program' fifth; nosbx './my program' sixth
	see in \[no-network\] fifth
	see in \[\] sixth
	END
}

@test "bash rc: traps of the user's go on as they were, in auto * too" {
	project p allow-all 'preset no-network' 'auto *'
	cat >>rc <<-'END'
	trap 'traced="$traced<$BASH_COMMAND:$?:$_>"' DEBUG
	f() { true inside; }
	END
	session <<-'END'
	run cd p
	see in force
	run traced=; false last; f x; echo "$traced"
	see <false last:0:.*><f x:1:last><echo
	run trap - DEBUG
	run ./program again
	see in \[no-network\] again
	run trap 'other=$BASH_COMMAND' DEBUG
	run ./program other; echo "$other"
	see in \[no-network\] other
	run cd ../plain
	see left
	run trap -p DEBUG
	see \ntrap -- 'other=\$BASH_COMMAND' DEBUG
	END
}

@test "bash rc: SBX=off and SBX_QUIET in the environment" {
	project p allow-all 'preset no-network' 'auto make'
	session <<-'END'
	run SBX_QUIET=1; cd p
	unseen sbx:
	run make -s
	see in \[no-network\]
	run SBX=off
	run make -s; type -t make
	see in \[\]
	see file
	run unset SBX; SBX_QUIET=
	see in force here
	run make -s
	see in \[no-network\]
	END
}

@test "bash rc: a shell in a sandbox goes on telling what it is in" {
	project p allow-all 'preset no-write' 'auto make'
	cp rc inner
	echo "PS1='[\${SBX_ACTIVE-}] prompt> '" >>inner
	session <<-'END'
	start sbx-net-off bash --noprofile --rcfile inner -i
	see \[no-network\] prompt> 
	type cd p\r
	see in force
	see \[no-network,no-write\] prompt> 
	type echo "$SBX_ACTIVE"; _sbx_more; _sbx_prepare sbx make; echo "$_sbx_line"\r
	see \nno-network,no-write\nSBX_ACTIVE=no-network .*/sbx make\n
	type cd ..\r
	see \[no-network\] prompt> 
	type exit\r
	prompt
	END
}

@test "bash rc: an unchanged prompt starts no process" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	project p allow-all 'preset no-network' 'auto make'
	project s allow-all 'preset no-network' 'auto *'
	local directory
	for directory in plain p s; do
		cat >script <<-END
		set -o emacs
		. ./rc
		_sbx_hook
		cd $directory
		eval "\$PROMPT_COMMAND"
		eval "\$PROMPT_COMMAND"
		echo marker >&2
		for i in 1 2 3; do eval "\$PROMPT_COMMAND"; done
		echo marker >&2
		END
		run strace -f -qq -e trace=process,write -e signal=none bash --norc --noprofile script
		sed -n '/marker/,/marker/p' <<<"$output" >between
		grep -c marker between
		run ! grep -E 'clone|fork|exec' between
	done
}

@test "bash rc: undo takes all of it away, in a project too" {
	project p allow-all 'preset no-network' 'auto make' 'auto *'
	cat >>rc <<-'END'
	_sbx_undo
	make() { echo mine; }
	PROMPT_COMMAND='ls >/dev/null;'
	trap 'echo >/dev/null' DEBUG
	END
	cat >state <<-'END'
	set +o; shopt; trap; alias; declare -f; complete -p
	printf '%q\n' "$IFS" "${PROMPT_COMMAND[@]-}" "${PS0-none}"
	compgen -v | grep -v '^BASH\|^FUNC\|^PIPE\|^_$\|^completion_dump\|^READLINE'
	END
	echo ". '$SBX_BIN_DIR/../share/sbx/shell/sbx.bash'" >load
	session <<-'END'
	run cd p; cd ..; . ./state >before
	run . ./load
	run cd p
	see in force
	run ./program x; make
	see no-network
	run . ../load
	see in force|prompt
	run ./program x
	see no-network
	run _sbx_undo; cd ..
	run . ./state >after
	END
	diff before after
	run ! ls "$XDG_STATE_HOME"/sbx/sbx-shell.*
}

@test "bash rc: a directory that was removed or cannot be read breaks nothing" {
	project p allow-all 'preset no-network' 'auto make'
	mkdir -p p/gone p/closed
	session <<-'END'
	run cd p/gone
	see in force
	run rmdir ../gone
	run echo still-$((1 + 1))
	see still-2
	run cd ..
	run make -s
	see in \[no-network\]
	run cd closed; chmod 0 .
	run make -s -C $OUTSIDE/../work/p; echo on-$((1 + 1))
	see on-2
	run chmod 700 .
	END
}

@test "bash rc: hostile settings" {
	local settings
	project p allow-all 'preset no-network' 'auto make' 'auto prog*'
	for settings in 'set -u' 'IFS=x' 'set -f' 'set -a' 'shopt -s failglob nullglob extglob' 'set -C -o pipefail' \
		'shopt -s nocasematch' 'set -P' 'alias sbx=false printf=false set=false local=false builtin=false shopt=false declare=false eval=false unset=false trap=false' \
		'PROMPT_COMMAND="true;"' 'PROMPT_COMMAND=(true "true # comment")' 'trap "true ERR" ERR' \
		'set -T' 'shopt -s extdebug' 'trap "" INT' 'shopt -u promptvars' 'unset HOME'; do
		echo "settings: $settings"
		printf '%s\n' "HOME=$HOME" "$settings" ". '$SBX_BIN_DIR/../share/sbx/shell/sbx.bash'" >rc
		session <<-'END'
		run cd p
		see in force here: no-network
		run make -s; program 2>/dev/null; ./program typed
		see made in \[no-network\]
		see ran in \[no-network\] typed
		run env | grep -c '^_sbx'
		see \n0
		run $(echo ./program) refused; echo never
		see not started
		unseen ran in|\nnever
		run cd ../plain
		see left
		run make -s; ./program out
		see in \[\]
		see in \[\] out
		END
	done
}

@test "bash rc: a hostile project that was cloned does nothing, and a trusted one builds without network" {
	tcp_listener
	mkdir origin
	cat >origin/.sbxrc <<-'END'
	allow-all
	auto make $(touch${IFS}$OUTSIDE/auto) `touch $OUTSIDE/back` "; touch $OUTSIDE/semicolon;" "make() { touch x; }; x"
	auto "x;touch $OUTSIDE/name" cd sbxctl sbx nosbx echo _sbx_prompt "[[" "a[$(touch $OUTSIDE/index)]"
	skip "$(touch $OUTSIDE/skip)"
	env-set "X=$(touch $OUTSIDE/set)"
	END
	sed 's/^  /\t/' >origin/Makefile <<-'END'
	all:
	  @$(PYTHON) -I -S -c 'import os, socket; socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)' 2>/dev/null && echo connected || echo refused
	  @touch $(OUTSIDE)/made 2>/dev/null && echo wrote || echo kept
	END
	git -C origin init -q
	git -C origin add .
	git -C origin -c user.name=x -c user.email=x@y commit -qm x
	session <<-'END'
	run git clone -q origin clone; cd clone
	see never trusted
	run make -s
	see connected\n+wrote
	unseen sbx:
	run cd ..; cd clone; type -t make cd sbxctl
	unseen never trusted
	see file\n+builtin\n+f
	run rm $OUTSIDE/made; sbxctl trust --yes >/dev/null
	see in force here
	run echo x; cd .; type -t cd echo; make -s
	see builtin\n+builtin
	see connected\n+wrote
	run printf 'allow-all\npreset no-network write-cwd\nauto make\n' >.sbxrc; rm $OUTSIDE/made; sbxctl trust --yes >/dev/null
	see in force here: no-network
	run make -s
	see refused\n+kept
	END
	[ -z "$(ls "$OUTSIDE")" ]
	logged 2
}
