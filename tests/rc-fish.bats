# shell/sbx-rc.fish in a real fish on a pty: what a person sees who changes to a directory with an
# .sbxrc, and what becomes of the commands that are typed there.
# shellcheck disable=SC2154 # run sets status and output

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	top=$PWD
	store=$XDG_STATE_HOME/sbx/trust
	cat >rc.fish <<-END
	source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'
	END
	# show WORD...: says whether it is in a sandbox.
	mkdir bin p
	cat >bin/show <<-'END'
	#!/bin/sh
	echo "<${SBX_ACTIVE:-outside}> $*"
	END
	cp bin/show bin/tool
	cp bin/show p/configure
	chmod +x bin/* p/configure
	PATH=$PATH:$PWD/bin
}

# rc DIRECTORY: standard input becomes its .sbxrc, which is trusted.
rc() {
	cat >"$1/.sbxrc"
	sbxctl trust --yes "$1" >/dev/null
}

# play: the steps on standard input, by a person at a fish that has read rc.fish.
play() {
	run "$PYTHON" "$root/tests/session.py" fish rc.fish
	[ "$status" -eq 0 ] || explain 'fish, played'
}

@test "fish: entering and leaving a trusted directory says so, and puts its commands in a sandbox" {
	printf 'preset no-network write-cwd-only\nauto show tool\n' | rc p
	play <<-END
	start show 1
	see \n<outside> 1
	prompt
	start cd p
	see sbx: in force here: no-network, write-cwd-only \(show tool\)\n
	prompt
	start show 2
	see \n<no-network,write-cwd-only> 2
	prompt
	start mkdir -p sub/deep; cd sub/deep; show 3
	see \n<no-network,write-cwd-only> 3
	unseen sbx:
	prompt
	start echo [\$SBX_ACTIVE]
	see \[no-network,write-cwd-only\]
	prompt
	start cd ../../..
	see sbx: left $top/p\n
	prompt
	start show "4[\$SBX_ACTIVE]"
	see \n<outside> 4\[\]
	prompt
	start cd p; and show 5; cd ..; show 6
	see \nsbx: in force here.*\n<no-network,write-cwd-only> 5\n<outside> 6\n
	prompt
	END
}

@test "fish: SBX_QUIET, SBX=off and nosbx" {
	printf 'preset no-network\nauto show\n' | rc p
	play <<-'END'
	run set -g SBX_QUIET 1
	start cd p; show 1
	see \n<no-network> 1
	unseen sbx:
	prompt
	start nosbx show 2; SBX=off show 3; show 4
	see \n<outside> 2\n<outside> 3\n<no-network> 4
	prompt
	start nosbx show 5 | cat
	see \n<outside> 5
	prompt
	run set -gx SBX off
	start show 6 | cat; show 7
	see \n<outside> 6\n<outside> 7
	prompt
	END
}

@test "fish: pipelines, lists, loops, blocks and substitutions that are typed" {
	printf 'preset no-network\nauto show tool\n' | rc p
	play <<-'END'
	run cd p
	start show 1 | cat
	see \n<no-network> 1
	prompt
	start echo x | show 2 2>&1 | tool 3
	see \n<no-network> 3
	prompt
	start false; or show 4 && tool 5
	see \n<no-network> 4\n<no-network> 5
	prompt
	start for i in 6 7; show $i; end
	see \n<no-network> 6\n<no-network> 7
	prompt
	start echo (show 8) "$(show 9)"
	see \n<no-network> 8 <no-network> 9
	prompt
	start begin; show 10; end | cat
	see \n<no-network> 10
	prompt
	start env | grep -c '\.fish/' | show 11 (env | grep -c SBX_ACTIVE); env | grep '\.fish' | show 12
	see \n<no-network> 11 0\n<no-network> 12\n
	prompt
	END
}

@test "fish: job control of what is wrapped" {
	cat >job.py <<-'END'
	import os, sys, time
	number = 0
	while True:
	    number += 1
	    print("tick", number, os.environ.get("SBX_ACTIVE"), flush=True)
	    time.sleep(0.2)
	END
	printf 'preset no-network\nauto python3 show\n' | rc p
	play <<-'END'
	run cd p
	start python3 ../job.py
	see tick 1 no-network
	stop
	run jobs
	see stopped\s+python3 ../job.py
	start fg
	see \ntick \d
	type ^C
	prompt
	start python3 ../job.py
	see tick 1 no-network
	type ^C
	prompt
	status 130
	start python3 ../job.py | cat
	see tick 1 no-network
	see tick 2 no-network
	stop
	start fg
	see \ntick \d
	type ^C
	prompt
	start python3 ../job.py | show x
	see \n<no-network> x
	prompt
	run python3 ../job.py >../out &
	run jobs
	see running\s+python3 ../job.py >../out &
	run while not grep -q tick ../out; sleep 0.05; end
	run kill $last_pid
	start nosbx python3 ../job.py | cat
	see tick 2 None
	type ^C
	prompt
	run _sbx_undo
	END
	grep no-network out
	[ ! -e "$store/.fish" ] || [ -z "$(ls -A "$store/.fish")" ]
}

@test "fish: auto * wraps every program, with ./x in front of everyone's eyes, and skip wins" {
	printf 'preset no-network\nauto *\nskip tool\n' | rc p
	mkdir p/directory p/dir
	cp bin/show p/dir/run
	cp bin/show "$HOME/mine"
	cat >>rc.fish <<-'END'
	alias shown 'show alias'
	function both; show one; tool two; end
	END
	play <<-'END'
	run cd p
	start show 1; tool 2
	see \n<no-network> 1\n<outside> 2
	prompt
	start ./configure --3 | cat; and dir/run 4
	see sbx ./configure --3 \| cat; and sbx dir/run 4
	see \n<no-network> --3\n<no-network> 4
	prompt
	start cd dir; echo (../configure 5) >out; cat out; cd ..
	see \n<no-network> 5
	prompt
	start ~/mine 6; "$HOME"/mine 7; set -g it ./configure; $it 8
	see \n<no-network> 6\n<no-network> 7\n
	prompt
	start $it 9; set -g it cd; $it .; nosbx ./configure 10; SBX=off ./configure 11; command ./configure 12
	see \n<no-network> 9\n<outside> 10\n<outside> 11\n<outside> 12
	prompt
	start ./directory; pwd; ..; pwd
	see /p/directory\n
	see /p\n
	prompt
	start shown 13; both; ls -d .
	see \n<no-network> alias 13\n<no-network> one\n<outside> two\n\./?\n
	prompt
	start for i in 14; "show" $i; sh -c 'show 15' | cat; end
	see \n<no-network> 14\n<no-network> 15
	prompt
	start show 16 | show 17 | cat
	see \n<no-network> 17
	prompt
	start test a = a; and type show; functions -q show; or echo none
	see none
	prompt
	start cd ..; ./p/configure 18; show 19; p/configure 20
	see \n<outside> 19
	prompt
	start p/configure 21
	see \n<outside> 21
	prompt
	END
}

@test "fish: what is typed stands in the history" {
	printf 'preset no-network\nauto show tool\n' | rc p
	play <<-'END'
	run cd p
	run show 1 | tool 2
	run nosbx show 3 &
	type \e[A
	tab  => nosbx show 3 &
	type \e[A\e[A
	tab  => show 1 | tool 2
	END
}

@test "fish: a function and an alias of the user's keep working, sandboxed, and come back" {
	printf 'preset no-network\nauto show tool\n' | rc p
	cat >>rc.fish <<-'END'
	function show; echo mine; command show $argv; end
	END
	play <<-'END'
	start cd p; show 1
	see \nmine\n<no-network> 1
	prompt
	start show 2 | cat; sbx-write-cwd show 3
	see \nmine\n<no-network> 2\nmine\n<no-network,write-cwd-only> 3
	prompt
	start nosbx show 4
	see \nmine\n<outside> 4
	prompt
	run function tool; echo new; command tool $argv; end
	start tool 5
	see \nnew\n<no-network> 5
	prompt
	run alias show 'command show alias'
	start show 6
	see \n<no-network> alias 6
	prompt
	run cd ..
	start show 7; tool 8; functions -an | string match '_sbx_own*' | count
	see \n<outside> alias 7\nnew\n<outside> 8\n0
	prompt
	END
}

@test "fish: nested projects, edits, deletion, trust and distrust elsewhere" {
	mkdir p/in
	printf 'preset no-network\nauto show\n' | rc p
	printf 'preset audio\nauto tool\n' >p/in/.sbxrc
	play <<-END
	start cd p/in
	see sbx: .*p/in/.sbxrc does not apply: it was never trusted
	see sbx: in force here: no-network \(show\)
	prompt
	start tool 1; show 2
	see \n<outside> 1\n(sbx: .*\n)?<no-network> 2
	prompt
	# the other terminal is sh here
	start sh -c 'sbxctl trust --yes . >/dev/null'
	see sbx: in force here: no-network, audio \(show tool\)
	prompt
	start tool 3; show 4
	see \n<no-network,audio> 3\n<no-network,audio> 4
	prompt
	start sh -c 'sleep 0.01; echo "auto put" >>.sbxrc'
	see sbx: .*p/in/.sbxrc, or a profile that it names, has changed
	prompt
	start sh -c 'sbxctl trust --yes . >/dev/null'
	see sbx: in force here: no-network, audio \(show tool put\)
	prompt
	start rm .sbxrc
	see sbx: .*p/in/.sbxrc is gone
	prompt
	start tool 5
	see \n<no-network,audio> 5
	unseen sbx: (?!warning)
	prompt
	start sh -c 'sbxctl distrust . >/dev/null'
	see sbx: in force here: no-network \(show\)
	prompt
	start tool 6; cd ..
	see \n<outside> 6
	unseen sbx:
	prompt
	start sh -c 'sbxctl distrust . >/dev/null'
	see sbx: .*p/.sbxrc does not apply
	see sbx: left $top/p
	prompt
	start show 7
	see \n<outside> 7
	prompt
	END
}

@test "fish: pushd, functions, links, odd names, and directories that are gone" {
	local odd=$'p/a b[x]*?\n(c) \'d\' "$HOME" -x'
	mkdir -p "$odd"
	ln -s p link
	printf 'preset no-network\nauto show\n' | rc p
	printf 'preset audio\nauto tool\n' | rc "$odd"
	cat >>rc.fish <<-'END'
	function into; cd $argv; end
	set -g odd (printf 'p/a b[x]*?\n(c) \'d\' "$HOME" -x' | string collect)
	set -g CDPATH . ..
	END
	play <<-'END'
	start pushd p; show 1; popd; show 2
	see \n<no-network> 1\n<outside> 2
	prompt
	start into p; show 3; builtin cd ..; show 4; link/; show 5; cd ..
	see \n<no-network> 3\n<outside> 4\n<no-network> 5
	prompt
	start cd p; and ../link/../; show 6; cd link
	see \n<outside> 6
	prompt
	start ../; show 7 | cat
	see \n<outside> 7
	prompt
	start cd bin; cd p; show 6; cd ../link; show 7
	see \n<no-network> 6\n<no-network> 7
	prompt
	start cd ..; cd $odd; show 8 | cat; tool 9
	see \n<no-network(,audio)?> 8\n<outside> 9
	prompt
	start mkdir gone; cd gone; rmdir ../gone; echo (pwd; show 10)
	see 10
	prompt
	start cd /; show 11
	see \n<outside> 11
	prompt
	END
}

@test "fish: no process at an unchanged prompt, nor for cd between plain directories" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	printf 'preset no-network\nauto show\n' | rc p
	mkdir plain p/sub
	cat >prompts.fish <<-'END'
	function turns
	    for turn in 1 2 3
	        emit fish_prompt
	    end
	    builtin cd ../plain
	    builtin cd ..
	    builtin cd plain
	    emit fish_prompt
	    cd ..
	end
	END
	# Interactive, but nothing is typed: what is run stands in the command.
	for text in 'cd plain; emit fish_prompt' 'cd p; emit fish_prompt'; do
		strace -f -o trace -e 'trace=?clone,?clone3,?fork,?vfork,?execve' \
			fish --no-config -i -c "source rc.fish; source prompts.fish; $text; command show MARK; turns" 2>said
		sed -n '/MARK/,$p' trace | grep -c 'execve(' >count || :
		[ "$(cat count)" -eq 1 ] || explain "$(cat trace)"
	done
	grep 'in force here' said
}

@test "fish: undo, also inside, gives everything back" {
	printf 'preset no-network\nauto *\n' | rc p
	cat >state.fish <<-'END'
	function state
	    functions -a | string match -v state
	    functions show | string match -v '# Defined*'
	    functions --handlers | string match -v '*not_found*'
	    bind; bind -M insert
	    complete | string match '*nosbx*'
	    set -g | string match -vr '^(pipe)?status |^history|^_ |^fish_kill|^last_pid|^PWD|OLDPWD|dirprev|^argv|^CMD_DUR|generation'
	end
	END
	cat >rc.fish <<-END
	source state.fish
	function show; echo mine; end
	bind \\r 'commandline -f execute'
	END
	play <<-END
	run cd p; functions ls | count; complete -C 'nosbx sh' | count
	run state >../before
	run source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'
	start show 1 | cat
	see \nmine
	prompt
	run ./configure 2 | sbx-mine cat; nosbx show 3
	run function show; echo mine; end
	run _sbx_undo
	run state >../after
	END
	diff before after
	[ ! -e "$store/.fish" ] || [ -z "$(ls -A "$store/.fish")" ]
}

@test "fish: a cloned hostile repository: make does what it did, once it is trusted without the network" {
	tcp_listener
	mkdir hostile
	sed 's/^	*> /\t/' >hostile/Makefile <<-'END'
	all:
	> @if bash -c 'exec 3<>/dev/tcp/127.0.0.1/$(PORT)' 2>/dev/null; then echo net-yes; else echo net-no; fi
	> @if touch $(HOME)/outside 2>/dev/null; then echo write-yes; else echo write-no; fi
	> @echo built >built
	END
	cat >hostile/.sbxrc <<-'END'
	preset no-network write-cwd-only
	auto make $(touch,/tmp/x) ;touch fish_prompt cd sbx _sbx_run nosbx
	auto 'a b' "$(touch evil)" '(touch evil)' '[' '$x' '*;touch evil' echo
	END
	(cd hostile && git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm x)
	export PORT
	play <<-'END'
	start git clone -q hostile cloned; cd cloned
	see sbx: .*/cloned/.sbxrc does not apply: it was never trusted
	prompt
	start make
	see net-yes\nwrite-yes
	unseen sbx:
	prompt
	run rm ~/outside
	start sbxctl trust --yes >/dev/null; make | cat
	see net-yes
	see sbx: in force here
	prompt
	run rm -f ~/outside built
	start make
	see net-no\nwrite-no
	prompt
	start make 2>&1 | cat
	see net-no\nwrite-no
	prompt
	start echo ok; cd ..
	see \nok
	prompt
	END
	[ -e cloned/built ]
	[ ! -e "$HOME/outside" ]
	[ ! -e cloned/evil ] && [ ! -e evil ]
}

@test "fish: hostile settings break no hook" {
	local settings
	printf 'preset no-network\nauto show too?\nskip t[!o]ol\n' | rc p
	for settings in 'set -g IFS x' 'set -g IFS' 'alias grep=false; function cd; builtin cd $argv; end' \
		'function contains; end; function realpath; end; function path; end; function isatty; end' \
		'set -g place 1; set -g found 2; set -gx name 3; set -gx text 4; set -gx auto 5; set -gx word 6'; do
		echo "$settings"
		{
			echo "$settings"
			echo "builtin source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'"
		} >rc.fish
		play <<-'END'
		start cd p
		see sbx: in force here: no-network \(show too\?\)
		prompt
		start show 1 | cat; tool 2
		see \n<no-network> 1\n<no-network> 2
		prompt
		start cd ..; show 3
		see \n<outside> 3
		prompt
		END
	done
}

@test "fish: a shell inside of a sandbox, and one that ends" {
	printf 'preset no-network\nauto show\n' | rc p
	play <<-'END'
	run set -gx SBX_ACTIVE outer
	start cd p; show 1; echo "[$SBX_ACTIVE]"
	see \n<outer,no-network> 1\n\[outer,no-network\]
	prompt
	start cd ..; show 2
	see \n<outer> 2
	prompt
	END
	cat >rc.fish <<-END
	source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'
	cd p
	emit fish_prompt
	emit fish_preexec 'show 1 | cat'
	show 1 | cat
	emit fish_postexec 'show 1 | cat'
	END
	run fish --no-config -i -c 'source rc.fish'
	[[ $output == *'<no-network> 1'* ]]
	[ -z "$(ls -A "$store/.fish")" ]
}
