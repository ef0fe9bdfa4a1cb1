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
	source '$root/shell/sbx.fish'
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
	run kill $last_pid
	start nosbx python3 ../job.py | cat
	see tick 2 None
	type ^C
	prompt
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
