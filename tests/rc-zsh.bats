# shell/sbx-rc.zsh: what an .sbxrc does in an interactive zsh.

load helper

# ./net says whether it reached the listener; ./put writes; make does both.
setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	export OUTSIDE=$BATS_TEST_TMPDIR/outside PLACE=$PWD
	mkdir -p "$OUTSIDE" p/sub plain
	cat >p/net <<-END
	#!$PYTHON -IS
	import os, socket, sys
	try:
	    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)
	    print("net is open", *sys.argv[1:])
	except PermissionError:
	    print("net is shut", *sys.argv[1:])
	    sys.exit(7)
	END
	cat >p/put <<-'END'
	#!/bin/sh
	if (: >"$OUTSIDE/file") 2>/dev/null; then echo wrote; rm "$OUTSIDE/file"; else echo kept out; fi
	END
	chmod +x p/net p/put
	printf 'all:\n\t@./net $(WORDS) || :\n\t@./put\n' >p/Makefile
	echo ". '$SBX_BIN_DIR/../share/sbx/shell/sbx.zsh'" >rc.zsh
	tcp_listener
}

# Plays the steps of standard input; see session.py.
play() {
	run "$PYTHON" "$root/tests/session.py" zsh rc.zsh
	[ "$status" -eq 0 ] || explain 'not what a person should see'
}

# rc [DIRECTORY]: standard input becomes the .sbxrc there, and is trusted.
rc() {
	cat >"${1-p}/.sbxrc"
	sbxctl trust --yes "${1-p}" >/dev/null
}

@test "zsh: make is in the sandbox in a trusted project and below, and nowhere else" {
	rc <<-'END'
	preset no-network write-cwd-only
	auto make ./net
	END
	play <<-'END'
	run make -C p
	see net is open\nwrote\n
	start cd p
	see \nsbx: in force here: no-network, write-cwd-only \(make ./net\)\n
	prompt
	run make WORDS=one
	see net is shut one\nkept out\n
	run echo "<$SBX_ACTIVE>"; env | grep -c SBX_ACTIVE
	see <no-network,write-cwd-only>\n0\n
	run cd sub; make -C .. WORDS=two | cat
	see net is shut two\nkept out\n
	unseen sbx:
	run cd; make -C $PLACE/p WORDS=three
	see sbx: left .*/p\n
	see net is open three\nwrote\n
	run echo "<${SBX_ACTIVE-none}>" ${+functions[make]}
	see <none> 0\n
	END
	logged 2
}

@test "zsh: wherever in a line a command stands" {
	rc <<-'END'
	preset no-network
	auto net
	END
	play <<-'END'
	run p/net control
	see net is open control\n
	run cd p && ./net 1
	see net is shut 1\n
	run ./net 2 | cat; print $pipestatus
	see net is shut 2\n7 0\n
	run for i in 3 4; do ./net $i; done
	see net is shut 3\nnet is shut 4\n
	run x=$(./net 5); print -r "<$x>"; print "`./net 6`"
	see <net is shut 5>\nnet is shut 6\n
	run true && ! ./net 7 && { ./net 8 }; (./net 9)
	see net is shut 7\nnet is shut 8\nnet is shut 9\n
	run cat <(./net 10); if ./net 11; then; elif ./net 12; then; fi
	see net is shut 10\nnet is shut 11\nnet is shut 12\n
	run c=./net; $c 13; eval ./net 14; noglob ./net *; "./net" 15; ${c} 16
	see net is shut 13\nnet is shut 14\nnet is shut \*\nnet is shut 15\nnet is shut 16\n
	run f() { cd $PLACE/p/sub; ../net 17; cd $PLACE; $PLACE/p/net 18; cd p }; f; ./net 19
	see net is shut 17\n
	see net is open 18\n
	see net is shut 19\n
	run (cd $PLACE; p/net 20; cd p; ./net 21); pushd sub >/dev/null; ../net 22; popd >/dev/null
	see \nnet is open 20\nnet is shut 21\nnet is shut 22\n
	run ./net 23 >file; cat file; ./net 24 & wait $!; print "waited $?"
	see net is shut 23\n
	see net is shut 24\n
	see waited 7
	run cd $PLACE; (cd p && ./net 25); p/net 26
	see net is shut 25\n
	see net is open 26\n
	run setopt auto_cd
	run p
	run ./net 27
	see net is shut 27\n
	status 7
	END
	logged 4
}

@test "zsh: auto * is every program, but for what skip names and the shell does itself" {
	printf '#!/bin/sh\n./net configured\n' >p/configure
	chmod +x p/configure
	rc <<-'END'
	allow-all
	preset no-network
	auto *
	skip skip* git
	END
	ln p/net p/skipped
	play <<-'END'
	run cd p && ./configure
	see net is shut configured\n
	run ./net 1; ./skipped 2; $PLACE/p/net 3; ~+/net 4
	see net is shut 1\nnet is open 2\nnet is shut 3\nnet is shut 4\n
	run env ./net 5 | cat; python3 net 6
	see net is shut 5\nnet is shut 6\n
	run own() { ./net own; python3 ./net own }; own
	see net is shut own\nnet is shut own\n
	run own
	see net is shut own\nnet is shut own\n
	run alias n=./net; print set
	run n 7; sub; pwd
	see net is shut 7\n
	run cp net sub/fresh && cd sub && ./fresh 8
	see net is shut 8\n
	run nosuchprogram
	see nosuchprogram: command not found
	status 127
	run sbxctl status; sbx --version
	see trusted
	run cd; $PLACE/p/net 9
	see net is open 9\n
	END
	logged 2
}

@test "zsh: the user's functions and aliases of the names work, in the sandbox" {
	rc <<-'END'
	preset no-network
	auto one two three four five
	END
	cat >>rc.zsh <<-'END'
	PATH=$PLACE/p:$PATH
	cp $PLACE/p/net $PLACE/p/one; cp $PLACE/p/net $PLACE/p/three
	function one { net "my one" "$@"; command one "$@"; return 4 }
	alias two='net "an alias"' three='three added' four='net before; net'
	END
	play <<-'END'
	run one x; two y; three z
	see net is open my one x\nnet is open x\nnet is open an alias y\nnet is open added z\n
	run cd p
	run one x
	see net is shut my one x\nnet is shut x\n
	status 4
	run two y
	see net is shut an alias y\n
	run three z
	see net is shut added z\n
	run four 4
	see net is shut before\nnet is shut 4\n
	run function five { net five }; one 5 | cat
	see net is shut my one 5\n
	run five; one
	see net is shut five\nnet is shut my one\n
	run nosbx one n; nosbx two n; one m
	see net is open my one n\nnet is open n\nnet is open an alias n\nnet is shut my one m\n
	run alias one='net late'; print
	run one 6
	see net is shut late 6\n
	run cd; unalias one
	run one x; two y; three z; five
	see net is open my one x\nnet is open x\nnet is open an alias y\nnet is open added z\nnet is open five\n
	run alias two three; functions one
	see two='net "an alias"'\nthree='three added'\none \(\) \{\n\s+net "my one" "\$@"
	END
}

@test "zsh: nosbx and SBX=off do without, and the history holds what was typed" {
	rc <<-'END'
	preset no-network
	auto net make
	END
	play <<-'END'
	run cd p; ./net 1
	see net is shut 1\n
	run nosbx ./net 2; ./net 3; SBX=off ./net 4 | cat; ./net 5; \nosbx ./net 6
	see net is open 2\nnet is shut 3\nnet is open 4\nnet is shut 5\nnet is open 6\n
	run nosbx ./net 7
	see net is open 7\n
	run SBX=off ./net 8
	see net is open 8\n
	run make -s WORDS=9
	see net is shut 9
	run fc -ln -3
	see \nnosbx ./net 7\nSBX=off ./net 8\nmake -s WORDS=9\n
	run export SBX=off
	see sbx: left
	run ./net 10; print "<${SBX_ACTIVE-none}>"
	see net is open 10\n<none>\n
	run unset SBX
	see sbx: in force here
	run ./net 11
	see net is shut 11\n
	END
	logged 6
}

@test "zsh: a single program in a wrapper is a job like others" {
	rc <<-'END'
	preset no-network
	auto reader killed
	END
	printf '#!/bin/sh\necho ready; while read -r x; do echo "<$x>"; done\n./net; exit 3\n' >p/reader
	printf '#!/bin/sh\n./net\nkill -9 $$\n' >p/killed
	chmod +x p/reader p/killed
	play <<-'END'
	run cd p
	start ./reader
	see \nready
	stop
	run jobs
	see suspended  sbx ./reader\n
	start fg
	see continued
	type one\r
	see <one>
	type \x04
	see net is shut\n
	prompt
	status 3
	run ./killed; print "is $?"
	see net is shut\n
	see is 137\n
	run ./killed | cat; print "are $pipestatus"
	see net is shut\n
	see are 137 0\n
	run time ./reader </dev/null
	see net is shut\n
	see reader .*total
	run ./reader </dev/null & p=$!; wait $p; print "waited $?"
	see net is shut\n
	see waited 3\n
	run alias; hash
	unseen sbx ./
	unseen sbx=/
	END
	logged 0
}

@test "zsh: never trusted, nothing but one notice in each shell" {
	cat >p/.sbxrc <<-'END'
	preset no-network
	auto * make
	END
	play <<-'END'
	run typeset +m '^(_*|RANDOM|SECONDS|*TTYIDLE|EPOCH*|LINENO|*pipestatus|status|history*|*PWD|options|param*|funct*|alias*|dis*|*stack|userdirs|nameddirs|job*|HISTCMD|commands|ZLE*)' >$HOME/one
	start cd p
	see sbx: .*/p/.sbxrc does not apply: it was never trusted \('sbxctl trust
	prompt
	unseen in force
	run make WORDS=1; ./net 2
	see net is open 1\nwrote\nnet is open 2\n
	unseen sbx:
	run print "<${SBX_ACTIVE-none}>" ${+functions[make]} ${+widgets[zle-line-finish]}
	see <none> 0 0\n
	run cd ..; cd p; cd sub
	unseen sbx:
	END
}

@test "zsh: a cloned hostile project does nothing that was not allowed" {
	mkdir origin
	cp -p p/* origin 2>/dev/null || :
	cat >origin/.sbxrc <<-'END'
	preset no-network
	auto make '$(touch $OUTSIDE/pwned)' '`touch $OUTSIDE/pwned`' 'x;touch $OUTSIDE/pwned' '*(e:touch $OUTSIDE/pwned:)'
	auto 'a[$(touch $OUTSIDE/pwned)]' '[a' '\' '%F{red}' '~nobody' '=ls' 'cd' 'builtin' '_sbx_auto' 'sbx' 'sbxctl' 'print'
	skip '[b' '$(touch $OUTSIDE/pwned)' '(e:touch $OUTSIDE/pwned:)'
	END
	(cd origin && git init -q && git add . && git -c user.name=x -c user.email=x@x commit -qm x)
	play <<-'END'
	run git clone -q $PLACE/origin cloned; cd cloned
	see never trusted
	run make WORDS=1
	see net is open 1\nwrote\n
	unseen sbx:
	run sbxctl trust --yes >/dev/null
	see in force here: no-network \(make
	run make WORDS=2
	see net is shut 2\nwrote\n
	run ./net 3; cd .; builtin print -r four; print five
	see net is open 3\nfour\nfive\n
	run 'x;touch $OUTSIDE/pwned'; '$(touch $OUTSIDE/pwned)'; 'a[$(touch $OUTSIDE/pwned)]'
	run sbxctl distrust >/dev/null
	see left
	run make WORDS=6
	see net is open 6\nwrote\n
	END
	[ ! -e "$OUTSIDE/pwned" ]
	logged 3
}

@test "zsh: edits, deletion, trust and distrust are noticed at the next prompt" {
	rc <<-'END'
	preset no-network
	auto make
	END
	play <<-'END'
	run cd p
	see in force here: no-network \(make\)
	run print '# more' >>.sbxrc
	see has changed since it was trusted
	run make
	see net is shut
	run sbxctl trust --yes >/dev/null; print
	unseen sbx:
	run print 'auto net' >>.sbxrc; sbxctl trust --yes >/dev/null
	see in force here: no-network \(make net\)
	run ./net 1
	see net is shut 1
	run rm .sbxrc
	see is gone
	run ./net 2
	see net is shut 2
	run (cd .. && sbxctl distrust p >/dev/null)
	see left .*/p\n
	run ./net 3
	see net is open 3
	run print 'auto net' >.sbxrc
	see never trusted
	run sbxctl trust --yes >/dev/null
	see in force here: .*/p/.sbxrc \(net\)
	run ./net 4
	see no preset and no rule given
	run SBX_QUIET=1; cd; cd -
	unseen sbx:
	END
	logged 1
}

@test "zsh: what is no longer trusted when a wrapper runs does not run outside" {
	rc <<-'END'
	preset no-network
	auto make net
	END
	play <<-'END'
	run cd p; ./net 1
	see net is shut 1
	run sbxctl distrust >/dev/null; ./net 2; make WORDS=3 | cat
	see sbx: the command was not started
	unseen net is open
	END
	logged 0
}

@test "zsh: nested projects, and a project beside another" {
	mkdir -p p/inner q
	rc <<-'END'
	preset no-network
	auto net
	END
	rc p/inner <<-'END'
	preset write-cwd-only
	auto put
	END
	rc q <<-'END'
	preset write-cwd-only
	auto put
	END
	play <<-'END'
	run cd p/inner
	see in force here: no-network, write-cwd-only \(net put\)
	run ../net 1; ../put
	see net is shut 1\nkept out\n
	run cd ..
	see in force here: no-network \(net\)
	run ./net 2; ./put
	see net is shut 2\nwrote\n
	run cd ../q
	see in force here: write-cwd-only \(put\)
	run ../p/net 3; ../p/put; cd; $PLACE/p/put
	see net is open 3\nkept out\n
	see left
	see wrote\n
	END
	logged 1
}

@test "zsh: odd directories: blanks, globs, newlines, links, removed, unreadable, CDPATH" {
	local odd=$'a  b*[c]\n$(touch pwned)'
	mkdir -p "$odd/sub" removed/below closed/below
	cp p/net "$odd"
	rc "$odd" <<-'END'
	preset no-network
	auto net
	END
	rc p <<-'END'
	preset no-network
	auto net
	END
	ln -s "$PWD/p/sub" link
	play <<-'END'
	run cd a*; ./net 1; cd sub; ../net 2
	see net is (open|shut) 1\nnet is (open|shut) 2\n
	run cd $PLACE/link; ../net 3; $PLACE/p/net 4; "$PLACE/p/net" 5
	see in force here
	see net is shut 4\nnet is shut 5\n
	run CDPATH=$PLACE; cd; cd p; ./net 5
	see net is shut 5\n
	run cd $PLACE/removed/below; rm -r ../../removed; print gone
	see gone
	run print "still here"
	see still here\n
	run cd $PLACE/closed/below; chmod 0 ..; print $?
	run print 6; chmod 755 ..; cd; $PLACE/p/net 7
	see \n6\n
	see net is open 7\n
	END
	[ ! -e pwned ]
}

@test "zsh: in a shell that is in a sandbox, both are named" {
	rc <<-'END'
	preset write-cwd-only
	auto put
	END
	cat >>rc.zsh <<-'END'
	export SBX_ACTIVE=no-network
	END
	play <<-'END'
	run cd p; print "<$SBX_ACTIVE>"
	see <no-network,write-cwd-only>\n
	run ./put; ./put | cat
	see kept out\nkept out\n
	run auto() { env }; sbx-net-local sh -c 'echo "<$SBX_ACTIVE>"'
	see <no-network,write-cwd-only,net-local|<no-network,
	run cd; print "<$SBX_ACTIVE>"; env | grep SBX_A
	see <no-network>\nSBX_ACTIVE=no-network\n
	END
}

@test "zsh: prefixes in a project, with functions too" {
	rc <<-'END'
	preset no-network
	auto make net
	END
	cat >>rc.zsh <<-'END'
	function build { make "$@" }
	function make { command make WORDS="my own" }
	END
	play <<-'END'
	run cd p; sbx-write-cwd make; sbx-write-cwd build
	see net is shut my own\nkept out\nnet is shut my own\nkept out\n
	run sbx-write-cwd -q ./net 1
	see net is shut 1\n
	run build
	see net is shut my own\nwrote\n
	run sbx-write-cwd build | cat
	see net is shut my own\nkept out\n
	END
	logged 0
}

@test "zsh: what makes other shells stumble makes no difference to the hooks" {
	local settings
	rc <<-'END'
	preset no-network
	auto make net
	END
	for settings in 'set -u' 'IFS=x' 'setopt ksh_arrays sh_word_split' 'setopt ksh_glob sh_glob' \
		'alias local=false emulate=false print=false unset=false eval=false alias=false hash=false' \
		'alias command=false builtin=false typeset=false zle=false zstat=false' \
		'setopt no_clobber pipe_fail err_return' 'setopt warn_create_global all_export' 'setopt no_glob' \
		'setopt no_prompt_percent no_bare_glob_qual extended_glob glob_subst' 'setopt csh_null_glob rc_quotes' \
		'setopt posix_builtins posix_identifiers no_function_argzero' 'setopt no_short_loops null_glob' \
		'setopt no_aliases' 'setopt no_hash_cmds no_hash_dirs' 'setopt path_dirs auto_cd correct' \
		'alias -g names=a word=b found=c' 'zle-line-finish() { : }; zle -N zle-line-finish' \
		'autoload -Uz add-zle-hook-widget; g() { : }; zle -N g; add-zle-hook-widget zle-line-finish g' \
		'autoload -Uz compinit; compinit -u -D' 'autoload -Uz add-zsh-hook; f() { : }; add-zsh-hook precmd f'; do
		printf '%s\n' "$settings" ". '$SBX_BIN_DIR/../share/sbx/shell/sbx.zsh'" >rc.zsh
		play <<-'END' || { echo "after: $settings"; return 1; }
		run cd p
		see in force here: no-network \(make net\)\n
		run ./net 1
		see \nnet is shut 1\n
		run ./net 2 | cat
		see \nnet is shut 2\n
		run [[ -z $functions[add-zle-hook-widget] ]] || { g2() { : }; zle -N g2; add-zle-hook-widget zle-line-finish g2 }
		run cd ..
		see left
		run cd p
		run ./net again
		see \nnet is shut again\n
		run cd ..
		run p/net 3
		see \nnet is open 3\n
		run _sbx_undo
		END
	done
}

# What an interactive shell holds but for what changes by itself.
state='state() {
	set | grep -av "^\(_\|?\|RANDOM\|SECONDS\|LINENO\|TTYIDLE\|EPOCH.*\|status\|pipestatus\|ZSH_SUBSHELL\|PPID\|HISTCMD\|OLDPWD\|history.*\|!\|jobstates\|_sbx_line\)="
	alias -L; functions; setopt; hash; bindkey; zle -la; print -rl -- $fpath
}
'

@test "zsh: undone in a project, the hooks have left nothing" {
	rc <<-'END'
	preset no-network
	auto make ./n*
	END
	cat >rc.zsh <<-END
	$state
	HISTFILE=; HISTSIZE=0
	make() { print my make }
	alias net=x
	zmodload -F zsh/stat b:zstat
	END
	play <<-END
	run cd p; state >\$HOME/before; state >\$HOME/before
	run . $SBX_BIN_DIR/../share/sbx/shell/sbx.zsh
	see in force here
	run ./net 1; make
	see net is shut 1
	run _sbx_undo
	run state >\$HOME/after
	run ./net 2
	see net is open 2
	END
	diff "$HOME/before" "$HOME/after"
}

@test "zsh: an unchanged prompt and a cd between plain directories start no process" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	rc <<-'END'
	preset no-network
	auto make
	END
	mkdir bin
	printf '#!/bin/sh\nexec strace -f -o %s -e trace=?clone,?clone3,?fork,?vfork,execve %s "$@"\n' \
		"$PWD/trace" "$(command -v zsh)" >bin/zsh
	chmod +x bin/zsh
	PATH=$PWD/bin:$PATH play <<-'END'
	run cd plain
	run
	run cd ..
	run
	run /bin/echo one
	see one
	run cd p
	see in force here
	run /bin/echo two
	see two
	run
	run :
	run cd sub
	run
	run cd ..
	run print 3
	END
	# The shell and strace's own; one, the question what is in force, two.
	[ "$(grep -c 'fork(\|clone3\?(' trace)" -eq 3 ] || { cat trace; return 1; }
	[ "$(grep -c 'execve(' trace)" -eq 4 ] || { cat trace; return 1; }
}
