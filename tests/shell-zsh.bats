# shell/sbx.zsh: what a person types in an interactive zsh, and what is left behind.

load helper

# The listener tells who reached it; ./net says by itself whether it did. ./touch-outside writes.
setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	export ROOT=$root OUTSIDE=$BATS_TEST_TMPDIR/outside
	mkdir -p "$OUTSIDE" sub
	cat >net <<-END
	#!$PYTHON -IS
	import os, socket, sys
	try:
	    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)
	    print("net is open", *sys.argv[1:])
	except PermissionError:
	    print("net is shut", *sys.argv[1:])
	    sys.exit(7)
	END
	cat >words <<-END
	#!$PYTHON -IS
	import os, sys
	for word in sys.argv[1:]:
	    print("word", ascii(os.fsencode(word)))
	END
	chmod +x net words
	echo ". '$root/shell/sbx.zsh'" >rc.zsh
}

# Plays the steps of standard input; see session.py.
play() {
	run "$PYTHON" "$root/tests/session.py" zsh rc.zsh
	[ "$status" -eq 0 ] || explain 'not what a person should see'
}

# script TEXT: a zsh that is not interactive has read the file and runs the text.
script() {
	run zsh -f -c ". '$root/shell/sbx.zsh'"$'\n'"$1"
}

@test "zsh: programs, with statuses, pipelines, redirections, lists and jobs" {
	tcp_listener
	cat >configure <<-'END'
	#!/bin/sh
	./net "$@"
	exit 0
	END
	chmod +x configure
	play <<-'END'
	run ./net; sbx-net-off true
	see net is open\n
	run sbx-net-off ./net
	see net is shut\n
	status 7
	run sbx-net-off ./configure one && sbx-write-cwd ./configure two
	see net is shut one\n
	see net is open two\n
	run sbx-net-off ./net | sbx-net-off tr a-z A-Z | cat; echo "statuses $pipestatus"
	see NET IS SHUT\n
	see statuses 7 0 0\n
	run sbx-net-off yes | head -n 1; echo "statuses $pipestatus"
	see statuses 141 0\n
	run false | sbx-net-off sh -c 'exit 4'; echo "statuses $pipestatus"
	see statuses 1 4\n
	run sbx-net-off ./net >file 2>&1; sbx-net-off cat <file
	see net is shut\n
	run FOO=bar sbx-net-off sh -c 'echo "FOO is $FOO"'; echo "and <$FOO>"
	see FOO is bar\n
	see and <>\n
	run sbx-net-off ./net &; wait $!; echo "waited $?"
	see net is shut\n
	see waited 7\n
	run sbx-net-off sh -c 'kill -9 $$'
	status 137
	run sbx-net-off nosuch
	see sbx: nosuch: command not found\n
	status 127
	run x=$(sbx-net-off ./net); echo "got <$x>"
	see got <net is shut>\n
	run (sbx-net-off ./net; echo after)
	see net is shut\nafter\n
	END
	logged 2
}

@test "zsh: arguments arrive byte for byte, in programs and in functions" {
	cat >>rc.zsh <<-'END'
	function carry { ./words "$@" }
	END
	printf 'word b%s\n' "'a  b'" "'*'" "'c\\nd'" "'\\xff\\xfe'" "''" "\"'\"" "'\$x \`y\`'" "'-v'" \
		"'\\\\'" "'\$(touch pwned)'" "']\$(touch pwned)'" >expected
	words="'a  b' '*' \$'c\\nd' \$'\\xff\\xfe' '' \"'\" '\$x \`y\`' -v '\\' '\$(touch pwned)' ']\$(touch pwned)'"
	play <<-END
	run sbx-net-off ./words $words >program
	run sbx-net-off carry $words >function
	run sbx-net-off -v -- carry $words >options
	run sbx-net-off print -rl -- $words | grep -c touch
	see \\n2
	run sbx-net-off '\$(touch pwned)' ']\$(touch pwned)'
	status 127
	END
	diff expected program
	diff expected function
	diff expected options
	[ ! -e pwned ]
}

@test "zsh: aliases, behind the prefix and behind its options" {
	tcp_listener
	cat >>rc.zsh <<-'END'
	alias plain='./net plain' chain='plain chained' blank='env ' both='./net one; ./net'
	alias quoted='./net "a  b"' ls='ls -d' self='self -x' ..='cd ..; pwd; true'
	alias -g GG='| tr a-z A-Z'
	alias -s suffix='./net'
	END
	play <<-'END'
	run plain
	see net is open plain\n
	run sbx-net-off plain x
	see net is shut plain x\n
	run sbx-net-off -v plain x
	see net is shut plain x\n
	run sbx-net-off chain
	see net is shut plain chained\n
	run sbx-net-off -q chain
	see net is shut plain chained\n
	run sbx-net-off -q blank plain y
	see net is shut plain y\n
	run sbx-net-off both two
	see net is shut one\n
	see net is open two\n
	run sbx-net-off -q both two
	see net is shut one\n
	see net is shut two\n
	run sbx-net-off -q quoted 'c  d'
	see net is shut a  b c  d\n
	run sbx-net-off plain GG
	see NET IS SHUT PLAIN\n
	run sbx-net-off file.suffix
	see net is shut file.suffix\n
	run sbx-net-off -q ls sub
	see \nsub\n
	run sbx-net-off -q self
	see sbx: self: command not found\n
	run sbx-net-off time plain z
	see net is shut plain z\n
	run sbx-net-off -q ..
	status 0
	run sbx-net-off -q sbx-write-cwd plain n
	see net is shut plain n\n
	END
	logged 2
}

@test "zsh: functions travel into the sandbox, with those that they name" {
	tcp_listener
	mkdir functions
	echo './net autoloaded "$@"; print -r -- ${1##(a|b)#}' >functions/loaded
	cat >>rc.zsh <<-'END'
	fpath=($PWD/functions $fpath)
	autoload -Uz loaded
	setopt extended_glob
	unexported=no
	export exported=yes
	function outer { print "$0 $# ${unexported-gone} $exported"; inner "$@"; return 3 }
	function inner { ./net "$@"; read -r line && print "read $line" }
	function ls { print "my own ls"; command ls "$@" }
	function indirect { "$@" }
	function git-it:now { print strange name }
	function prefixed { sbx-write-cwd indirect ./net "$SBX_ACTIVE" }
	function wide { print ${#${(M)@:#(#i)x*}} }
	END
	play <<-'END'
	run echo in | outer 1
	see net is open 1\n
	run echo 'a line' | sbx-net-off outer 1 'two  three'
	see outer 2 gone yes\n
	see net is shut 1 two  three\n
	see read a line\n
	status 3
	run sbx-net-off loaded aab-c
	see net is shut autoloaded aab-c\n
	see -c\n
	run sbx-net-off -q ls -d sub
	see my own ls\nsub\n
	run sbx-net-off indirect outer 5 </dev/null
	see net is shut 5\n
	run sbx-net-off git-it:now
	see strange name\n
	run sbx-net-off prefixed
	see net is shut no-network\n
	run sbx-net-off wide Xa xb c
	see \n2\n
	run sbx-net-off outer 1 </dev/null | cat; echo "statuses $pipestatus"
	see statuses 3 0\n
	run sbx-net-off outer 1 </dev/null >file; cat file
	see net is shut 1\n
	run sbx-net-off -p no-write outer 2 </dev/null
	see net is shut 2\n
	run setopt ksh_arrays sh_word_split; IFS=x
	run function ksh { a=(one two); print "${a[1]} is two"; ./net }
	run sbx-net-off ksh
	see two is two\n
	see net is shut\n
	END
	logged 1
}

@test "zsh: builtins, keywords and precommand modifiers run in the sandbox" {
	tcp_listener
	echo './net sourced "$@"' >source-me
	cat >>rc.zsh <<-'END'
	function named { ./net named "$@" }
	END
	play <<-'END'
	run source ./source-me
	see net is open sourced\n
	run sbx-net-off source ./source-me 1 2
	see net is shut sourced 1 2\n
	run sbx-net-off . ./source-me
	see net is shut sourced\n
	run sbx-net-off test -f net
	status 0
	run sbx-net-off [ -f nosuch ]
	status 1
	run sbx-net-off print 'a\tb'
	see a\s+b\n
	run sbx-net-off eval 'named "$(print x)"; ./net two'
	see net is shut named x\n
	see net is shut two\n
	run sbx-net-off time named 1
	see net is shut named 1\n
	run sbx-net-off time ./net 2
	see net is shut 2\n
	see ./net 2 .*total
	run sbx-net-off noglob ./net 3
	see net is shut 3\n
	run sbx-net-off noglob named 3
	see net is shut named 3\n
	run sbx-net-off nocorrect named 4
	see net is shut named 4\n
	run sbx-net-off command ./net 5
	see net is shut 5\n
	run sbx-net-off command -v named
	see named\n
	run sbx-net-off exec ./net 6
	see net is shut 6\n
	run sbx-net-off - ./net 7
	see net is shut 7\n
	run sbx-net-off builtin print eight
	see eight\n
	run sbx-net-off ! ./net 9
	see net is shut 9\n
	status 0
	run noglob sbx-net-off ./net *
	see net is shut \*\n
	run sbx-net-off noglob --allow-all
	see sbx: --allow-all: command not found\n
	run sbx-net-off cd /; pwd
	see work\n
	END
	logged 1
}

@test "zsh: prefixes behind a prefix make one sandbox" {
	tcp_listener
	cat >>rc.zsh <<-'END'
	function both { ./net; : >$OUTSIDE/file && print wrote || print not written; print "<$SBX_ACTIVE>" }
	END
	play <<-'END'
	run both
	see net is open\nwrote\n<>\n
	run rm $OUTSIDE/file
	run sbx-net-off sbx-write-cwd both
	see net is shut\n
	see not written\n<no-network,write-cwd-only>\n
	run sbx-net-off -v sbx -q -p write-cwd both
	see not written\n<no-network,write-cwd-only>\n
	run sbx-net-off -- sbx-write-cwd -- sh -c 'echo "<$SBX_ACTIVE>"'
	see \n<no-network,write-cwd-only>\n
	run sbx -D sbx-write-cwd=1 -p net-off sh -c 'echo "<$SBX_ACTIVE>"'
	see \n<no-network>\n
	END
	[ ! -e "$OUTSIDE/file" ]
	logged 1
}

@test "zsh: Ctrl-C, Ctrl-Z, fg and bg, with a program and with a function" {
	cat >>rc.zsh <<-'END'
	function reader { print ready; while read -r x; do print "<$x>"; done; print finished }
	function sleeper { print ready; sleep 60 }
	END
	local command
	for command in "sh -c 'echo ready; while read -r x; do echo \"<\$x>\"; done; echo finished'" reader; do
		play <<-END
		start sbx-net-off $command
		see \\nready
		type one\\r
		see <one>
		stop
		run jobs
		see suspended
		start fg
		see continued
		type two\\r
		see <two>
		stop
		start fg
		see continued
		type \\x04
		see finished
		prompt
		run jobs | wc -l
		see \\n0
		END
	done
	for command in "sh -c 'echo ready; exec sleep 60'" sleeper; do
		play <<-END
		start sbx-net-off $command; echo next
		see \\nready
		type ^C
		prompt
		unseen \\nnext
		status 130
		start sbx-net-off $command
		see \\nready
		stop
		run bg
		see continued
		run jobs
		see running
		run kill %1; wait; jobs | wc -l
		see \\n0
		END
	done
}

@test "zsh: programs alone behind the prefixes are jobs like others, in the sandbox" {
	tcp_listener
	mkdir foreign
	printf '#!/bin/sh\necho foreign\n' >foreign/sbx-net-off
	cp foreign/sbx-net-off foreign/sbx
	chmod +x foreign/*
	printf '#!/bin/sh\necho ready; while read -r x; do echo "<$x>"; done; ./net; exit 3\n' >reader
	printf '#!/bin/sh\n./net; kill -9 $$\n' >killed
	chmod +x reader killed
	echo 'PATH=$PWD/foreign:$PATH' >>rc.zsh
	play <<-'END'
	run ./net control; \command sbx-net-off ./net
	see net is open control\nforeign\n
	start sbx-net-off -q ./reader
	see \nready
	stop
	run jobs
	see suspended  sbx-net-off -q ./reader\n
	start fg
	see continued
	type one\r
	see <one>
	type \x04
	see net is shut\n
	prompt
	status 3
	run FOO=bar sbx-net-off ./killed; echo "is $?"
	see net is shut\n
	see is 137\n
	run echo x | sbx-net-off ./killed | cat; echo "are $pipestatus"
	see net is shut\n
	see are 0 137 0\n
	run time sbx -p net-off -- ./reader </dev/null >file
	see sbx -p net-off -- ./reader .*total
	run sbx-net-off sbx-write-cwd ./reader </dev/null & p=$!; wait $p; echo "waited $?"
	see net is shut\n
	see waited 3\n
	run hash | grep sbx; print ${(k)dis_functions[(I)sbx*]} $_sbx_aside none
	see \nnone\n
	END
	grep 'net is shut' file
	logged 1
}

@test "zsh: where a line has more than programs the functions stay, and the sandbox" {
	local line
	tcp_listener
	cat >>rc.zsh <<-'END'
	function named { ./net "$@" }
	function both { sbx-net-off named "$@"; sbx-net-off ./net "$@" }
	alias aliased='./net'
	alias -s suffix='./net'
	END
	for line in 'sbx-net-off ./net 1; sbx-net-off named 2' 'sbx-net-off ./net 1 && both 2' \
		'sbx-net-off ./net 1; eval "sbx-net-off named 2"' 'sbx-net-off $(print ./net) 1 | sbx-net-off cat' \
		'sbx-net-off ./net 1; sbx-net-off -q aliased 2' 'x=./net; sbx-net-off $x 1; sbx-net-off "$x" 2' \
		'for i in 1 2; do sbx-net-off ./net $i; done' 'sbx-net-off {./net,1}; sbx-net-off "./net" 1' \
		'{ sbx-net-off ./net 1 }; (sbx-net-off ./net 2)' 'sbx-net-off file.suffix; sbx-net-off ./net 1' \
		'PATH=/nowhere; sbx-net-off ./net 1 || :' 'sbx-net-off time ./net 1' 'sbx-net-off <<<x ./net 1' \
		'sbx-net-off ./net "`print 1`"' 'sbx-net-off ./net ${x:-$(sbx-net-off named 1)}' \
		'f() sbx-net-off ./net 1; f' 'sbx-net-off ./net 1 &| sbx-net-off ./net 2' 'sbx-net-off >/dev/stderr ./net 1' \
		'unhash -m "sbx*"; sbx-net-off ./net 1' 'rehash; sbx-net-off ./net 1' 'noglob sbx-net-off ./net *'; do
		echo "$line"
		play <<-END
		run $line
		see net is shut
		unseen net is open
		unseen not found
		unseen foreign
		run sbx-net-off ./net again
		see \\nnet is shut again\\n
		END
	done
	logged 0
}

@test "zsh: the prompt shows what is in force" {
	cat >>rc.zsh <<-'END'
	export PS1='${SBX_ACTIVE:+[$SBX_ACTIVE] }prompt> '
	setopt prompt_subst
	END
	play <<-'END'
	start sbx-net-off zsh -f -o prompt_subst -o no_prompt_sp
	see \[no-network\] prompt>
	type exit\r
	prompt
	END
}

@test "zsh: what makes other shells stumble makes no difference" {
	local settings how
	tcp_listener
	cat >inner <<-'END'
	function named {
		./net "$1"
	}
	alias aliased='./net aliased'
	END
	for settings in : 'set -eu' 'IFS=x' 'setopt ksh_arrays sh_word_split' 'setopt ksh_glob sh_glob' \
		'alias local=false emulate=false setopt=false source=false print=false unset=false eval=false' \
		'alias command=false builtin=false typeset=false autoload=false grep=false cd=false' \
		'setopt no_clobber pipe_fail err_return err_exit' 'setopt warn_create_global' \
		'setopt no_glob' 'setopt no_prompt_percent no_bare_glob_qual extended_glob glob_subst' \
		'setopt csh_null_glob rc_expand_param csh_junkie_quotes' 'setopt no_function_argzero' \
		'setopt ignore_braces rc_quotes' 'setopt all_export posix_builtins posix_identifiers' \
		'setopt no_multi_func_def no_short_loops auto_cd null_glob' 'emulate sh' 'emulate ksh' \
		'command_not_found_handler() { echo "$1?"; }' 'alias -g names=a program=b' \
		'TRAPZERR() { echo "trapped"; }' 'unset HOME'; do
		echo "$settings"
		cat >program.zsh <<-END
		$settings
		if [ "\$1" = file ]; then
			. '$root/shell/sbx.zsh'
		else
			\\eval "\$(sbxctl init zsh)"
		fi
		. ./inner
		sbx-net-off ./net 1 || echo "status \$?"
		sbx-net-off -v named 2 || echo "status \$?"
		sbx-net-off -v aliased 3 || echo "status \$?"
		sbx-net-off sbx-write-cwd true
		END
		for how in file eval; do
			run zsh -f ./program.zsh "$how"
			[ "$output" = "net is shut 1
status 7
net is shut 2
status 7
net is shut aliased 3
status 7" ] || explain "$how, after: $settings"
			[ "$status" -eq 0 ]
		done
	done
	logged 0
}

# What a shell holds but for what changes by itself.
state='state() {
	set | grep -av "^\(_\|?\|RANDOM\|SECONDS\|LINENO\|TTYIDLE\|EPOCH.*\|status\|pipestatus\|ZSH_SUBSHELL\|PPID\)="
	alias -L; functions; setopt; set -o; trap; hash; bindkey 2>/dev/null
	print -rl -- $fpath ${(kv)_comps-} ${(kv)_patcomps-} ${(kv)_postpatcomps-}
}
zmodload zsh/parameter
'

@test "zsh: read twice is as read once, and undone it has left nothing" {
	local settings how source
	for settings in : 'autoload -Uz compinit; compinit -u -D' \
		'autoload -Uz compinit; compinit -u -D; compdef _gnu_generic sbx sbxctl' \
		'sbx-net-off() { print mine; }; function sbx { print "mine too"; }; alias sbx-python="x y "' \
		'setopt ksh_arrays nounset'; do
		for source in ". '$root/shell/sbx.zsh'" 'eval "$(sbxctl init zsh)"'; do
			for how in _sbx_undo 'eval "$(sbxctl init zsh --undo)"'; do
				cat >program.zsh <<-END
				$state
				$settings
				state >before; state >before
				$source
				state >once
				$source
				state >twice
				sbx-net-off true
				$how
				state >after
				END
				run -0 zsh -f ./program.zsh
				[ -z "$output" ] || explain "$settings, $source, $how"
				diff before after
				diff once twice
				[ "$(comm -13 <(sort before) <(sort once) | grep -c sbx)" -gt 10 ]
			done
		done
	done
}

@test "zsh: all names that are left but nosbx begin with sbx or _sbx" {
	script "print -rl -- \${(k)functions} \${(k)parameters} \${(k)aliases} >after"
	zsh -f -c 'print -rl -- ${(k)functions} ${(k)parameters} ${(k)aliases} >before'
	run grep -vxFf before after
	[ "${#lines[@]}" -gt 30 ]
	run grep -v '^\(_\|no\)\?sbx' <<<"$output"
	[ -z "$output" ]
}

@test "zsh: a user's alias of a prefix's name stays; the function is there" {
	tcp_listener
	cat >rc.zsh <<-END
	alias sbx-net-off='echo mine'
	. '$root/shell/sbx.zsh'
	END
	play <<-'END'
	run sbx-net-off ./net
	see mine ./net\n
	run \sbx-net-off ./net
	see net is shut\n
	run _sbx_undo
	run sbx-net-off ./net
	see mine ./net\n
	run \sbx-net-off ./net
	see net is shut\n
	END
	logged 0
}

@test "zsh: a function for each name of sbxctl list, the user's presets in new shells" {
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: mine\n;; kind: restrict\n;; alias: my-alias, second\n(deny file-mknod)\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	printf ';; summary: mine\n;; kind: restrict\n' >"$XDG_CONFIG_HOME/sbx/presets/a;b c.sb"
	echo '(deny file-mknod)' >"$XDG_CONFIG_HOME/sbx/presets/library.sb"
	script 'print -rl -- ${(k)functions} | grep "^sbx-" | sort'
	diff <(echo "$output") <(sbxctl list | grep -v 'a;b' | tr -d , |
		awk '{ for (i = 1; $i !~ /^(restrict|grant|base)$/; i++) print "sbx-" $i }' |
		sort -u) || explain 'other names than those of sbxctl list'
	grep -x sbx-my-alias <<<"$output"
	script 'sbx-my-alias sh -c "echo \$SBX_ACTIVE"'
	[ "$output" = mine ] || explain 'the preset is not in force'
	# Without the list of names: the presets themselves.
	mkdir top
	cp -R "$root/build/share" "$root/build/bin" top
	rm top/share/sbx/names
	run zsh -f -c ". top/share/sbx/shell/sbx.zsh; print -rl -- \${(ok)functions} | grep '^sbx-'"
	grep -x sbx-net-off <<<"$output"
	grep -x sbx-write-cwd-only <<<"$output"
	run -1 grep -x sbx-system <<<"$output"
}

@test "zsh: the program is called by its path, wherever the file is read from" {
	mkdir -p foreign prefix
	printf '#!/bin/sh\necho foreign\n' >foreign/sbx
	chmod +x foreign/sbx
	cp foreign/sbx foreign/sbx-net-off
	cp -R "$root/build/bin" "$root/build/share" prefix
	ln -s "$PWD/prefix/share/sbx/shell" linked
	local file
	for file in "$root/shell/sbx.zsh" prefix/share/sbx/shell/sbx.zsh linked/sbx.zsh; do
		PATH=$PWD/foreign:$PATH run -0 zsh -f -c ". $file; cd /; sbx-net-off sh -c 'echo \$SBX_ACTIVE'"
		[ "$output" = no-network ]
	done
	cp prefix/share/sbx/shell/sbx.zsh alone.zsh
	run -0 zsh -f -c '. ./alone.zsh; print $_sbx_program'
	[ "$output" = "$SBX_BIN_DIR/sbx" ]
	PATH=/usr/bin:/bin run -0 zsh -f -c '. ./alone.zsh; print ${(M)${(k)parameters}:#_sbx*}'
	[ -z "$output" ]
}

@test "zsh: nothing runs outside when the rest of the file has gone" {
	tcp_listener
	cp -R "$root/build/bin" "$root/build/share" .
	run -0 zsh -f -c '. share/sbx/shell/sbx.zsh; rm share/sbx/shell/sbx-run.zsh
		sbx-net-off ./net; echo $?; sbx-net-off ./net; echo $?'
	grep -x 127 <<<"$output"
	[[ $output != *net* || $output != *open* ]]
	logged 0
}

@test "zsh: a function of a megabyte travels too" {
	script 'functions[large]="print ${(l:1000000::x:)} | wc -c"; sbx-net-off large'
	[ "$output" -eq 1000001 ]
}

@test "zsh: reading the file starts no process" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	echo ';; kind: restrict' >"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	run -0 strace -f -o trace -e 'trace=?clone,?clone3,?fork,?vfork,execve' \
		zsh -f -c ". '$root/shell/sbx.zsh'; print \${+functions[sbx-mine]}"
	[ "$output" = 1 ]
	[ "$(grep -c '(' trace)" -eq 1 ]
}

# In the order of STEP; see session.py.
completes() {
	mkdir -p repository
	touch profile.sb
	printf 'alltargets:\n\techo\ncleanup:\n\techo\n' >Makefile
	cat >>rc.zsh <<-'END'
	_tool() { compadd alpha beta }
	compdef _tool tool
	function myfunction { : }
	alias myalias='ls -l'
	END
	play <<-'END'
	tab sbx-net-o\t => sbx-net-off
	tab sbx-net-off tool al\t => sbx-net-off tool alpha
	tab sbx-net-off git check-ig\t => sbx-net-off git check-ignore
	tab sbx -p no-network -- make all\t => sbx -p no-network -- make alltargets
	tab sbx-net-off sbx-write-cwd make clean\t => sbx-net-off sbx-write-cwd make cleanup
	tab sbx-net-off -q sbx-write-cwd -v tool al\t => sbx-net-off -q sbx-write-cwd -v tool alpha
	tab sbx-net-off -v myfu\t => sbx-net-off -v myfunction
	tab sbx-net-off myal\t => sbx-net-off myalias
	tab sbx-net-off sourc\t => sbx-net-off source
	tab sbxctl explain network-bi\t => sbxctl explain network-bind
	tab sbxctl explain -p audio file-write-cr\t => sbxctl explain -p audio file-write-create
	tab sbxctl explain file-read-data prof\t => sbxctl explain file-read-data profile.sb
	tab sbx --allow-network localho\t => sbx --allow-network localhost:
	tab sbx --deny-network=localhost:htt\t => sbx --deny-network=localhost:http
	tab sandbox-exec -f prof\t => sandbox-exec -f profile.sb
	tab sandbox-exec -n pure\t => sandbox-exec -n pure-computation
	tab sandbox-exec -D A=1 -p x make all\t => sandbox-exec -D A=1 -p x make alltargets
	type sbx-net-\t
	see sbx-net-local
	clear
	type sbx -p no-network,\t\t
	see play and record sound
	clear
	END
}

@test "zsh completes what stands behind prefixes; compinit before the file" {
	printf '%s\n' 'autoload -Uz compinit' 'compinit -u -D' ". '$root/shell/sbx.zsh'" >rc.zsh
	completes
}

@test "zsh completes what stands behind prefixes; compinit after it" {
	printf '%s\n' ". '$root/shell/sbx.zsh'" 'autoload -Uz compinit' 'compinit -u -D' >rc.zsh
	completes
}

@test "zsh completes what stands behind prefixes; through eval" {
	printf '%s\n' 'eval "$(sbxctl init zsh)"' 'autoload -Uz compinit' 'compinit -u -D' >rc.zsh
	completes
}

@test "zsh completes the operations and predefined profiles that there are" {
	sed -n 's/^\(OPERATION\|ALIAS\)([^"]*"\([^"]*\)".*/\2/p' "$root/src/policy/operations.def" |
		sort -u >expected
	[ "$(wc -l <expected)" -gt 100 ]
	sed -n '/local -a operations=/,/^	)/p' "$root/completions/_sbx" | sed '1d;$d' |
		tr -d "'" | tr -s '[:blank:]' '\n' | grep . | sort >actual
	diff expected actual
}
