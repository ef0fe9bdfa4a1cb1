# shell/sbx.fish in a real fish: what a person types after a prefix, and what undo leaves.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	program=$SBX_BIN_DIR/sbx
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets" "$XDG_CONFIG_HOME/fish/functions"
	printf ';; summary: mine\n;; kind: restrict\n;; alias: other, an-other\n(deny file-mknod)\n' \
		>"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	cat >rc.fish <<-END
	source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'
	END
	# 0: it could connect; 7: it was refused.
	cat >connect.py <<-'END'
	import os, socket, sys
	try:
	    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)
	except PermissionError:
	    sys.exit(7)
	END
	cat >show.py <<-'END'
	import os, sys
	print(*[os.fsencode(word) for word in sys.argv[1:]])
	END
}

# play: the steps on standard input, by a person at a fish that has read rc.fish.
play() {
	run "$PYTHON" "$root/tests/session.py" fish rc.fish
	[ "$status" -eq 0 ] || explain 'fish, played'
}

# fish_runs [TEXT]: what fish does with the text, or standard input, after rc.fish.
fish_runs() {
	{
		cat rc.fish
		if [ $# -gt 0 ]; then echo "$1"; else cat; fi
	} >script.fish
	run fish script.fish
}

@test "fish: a function for every name, alias and preset of the user's, from file and from init" {
	local names rc
	names=$(cat "$SBX_BIN_DIR/../share/sbx/names")
	{
		echo sbx
		# shellcheck disable=SC2086 # words
		printf 'sbx-%s\n' mine other an-other $names
	} >expected
	[ "$(wc -l <expected)" -ge 14 ]
	for rc in "set -g _sbx_program '$program'; source '$root/shell/sbx.fish'" 'sbxctl init fish | source' \
		"source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'"; do
		echo "$rc" >rc.fish
		fish_runs "functions -an | string match -r '^sbx.*' | command sort; cd /; echo \$_sbx_program"
		[ "$output" = "$(sort expected)"$'\n'"$program" ]
	done
}

@test "fish: the program of the functions is their own, whatever comes first in PATH" {
	mkdir bin
	printf '#!/bin/sh\necho foreign\n' >bin/sbx
	chmod +x bin/sbx
	ln -s sbx bin/sbx-net-off
	fish_runs 'set -x PATH $PWD/bin $PATH; command sbx-net-off x; sbx-net-off echo ours; sbx -p audio echo ours'
	[ "$output" = $'foreign\nours\nours' ]
	play <<-'END'
	run set -x PATH $PWD/bin $PATH
	start sbx-net-off echo ours-(math 1 + 1)
	see ours-2
	prompt
	start sbx-net-off echo ours
	see \nours
	unseen foreign
	END
}

@test "fish: programs, aliases, functions, builtins and keywords are run in the sandbox" {
	tcp_listener
	cat >>rc.fish <<-END
	set -g py '$PYTHON'
	alias conn '$PYTHON -I -S connect.py'
	function outer --on-event fish_prompt
	    count_me
	    inner \$argv
	end
	function inner -a word
	    $PYTHON -I -S connect.py; or return \$status
	    echo \$word
	end
	function count_me; end
	END
	echo "function lazy; $PYTHON -I -S connect.py; end" >"$XDG_CONFIG_HOME/fish/functions/lazy.fish"
	echo "$PYTHON -I -S connect.py" >text.fish
	fish_runs <<-'END'
	for words in "$py -I -S connect.py" conn 'outer word' lazy 'eval conn' 'source text.fish' \
	    'begin; conn; end' 'time conn' 'not not conn; or exit 7'
	    eval "$words" >outside 2>&1
	    set -l outside $status
	    switch $words
	        case 'begin*' 'not*'
	            continue
	    end
	    eval "sbx-net-off $words" >inside 2>&1
	    echo "$outside $status"
	    eval "sbx-net-off -v sbx-audio -- $words" >inside 2>&1
	    echo "$outside $status"
	end
	END
	# time has something to say as well.
	output=$(grep '^[0-9]' <<<"$output")
	[ "$(sort -u <<<"$output")" = '0 7' ] || explain 'outside it connects, inside it is refused'
	[ "$(wc -l <<<"$output")" -eq 14 ]
	logged 9
}

@test "fish: what comes with fish (ls, type, help of cd) works, and functions mentioned twice" {
	fish_runs <<-'END'
	sbx-net-off ls -d /
	sbx-net-off type -t cd
	sbx-net-off test a = b; echo $status
	sbx-net-off string upper abc
	function even; test $argv[1] = 0; and echo yes; or odd (math $argv[1] - 1); end
	function odd; test $argv[1] = 0; and echo no; or even (math $argv[1] - 1); end
	sbx-net-off even 5
	function uses; sbx-mine echo inner; end
	sbx-net-off uses
	function ls; echo mine; end
	function ll; ls; end
	sbx-net-off ll
	END
	[ "$output" = $'/\nfunction\n1\nABC\nno\ninner\nmine' ]
}

@test "fish: words arrive byte for byte, and standard input is the command's" {
	cat >>rc.fish <<-END
	function show; $PYTHON show.py \$argv; end
	set -g odd 'a b' '' '&' '>x' '~' '{a,b}' '#c' '%self' '\$HOME' '*' 'x;y' "q'q" 'd"d' 'b\\\\s' \\n 'l1
	l2' \\xff\\xfe 'ünï' '(pwd)' '-x' '--' '=' '!' '[' '^' '?'
	END
	fish_runs <<-END
	show \$odd
	$PYTHON show.py \$odd
	sbx-net-off show \$odd
	sbx-net-off $PYTHON show.py \$odd
	sbx-mine sbx-net-off -- $PYTHON show.py \$odd
	sbx-mine show \$odd
	END
	[ "${#lines[@]}" -eq 6 ]
	[ "$(sort -u <<<"$output" | wc -l)" -eq 1 ] || explain 'words differ'
	fish_runs 'function read_it; cat; end; echo in | sbx-net-off cat; echo in2 | sbx-net-off read_it
		sbx-net-off cat <rc.fish | count; sbx-net-off echo x >out; cat out'
	[ "${lines[*]}" = "in in2 $(wc -l <rc.fish) x" ]
}

@test "fish: status, pipestatus and exported variables are the command's" {
	fish_runs <<-'END'
	sbx-net-off sh -c 'exit 7'; echo $status
	sbx-net-off sh -c 'exit 7' | sbx-net-off sh -c 'exit 3'; echo $pipestatus
	function nine; return 9; end
	sbx-net-off nine; echo $status
	sbx-net-off no-such-program 2>/dev/null; echo $status
	set -gx words w; set -gx name n; set -gx prefix p; set -gx argv a; set -g hidden h
	sbx-net-off sh -c 'echo $words$name$prefix$hidden'
	ONE=1 sbx-net-off printenv ONE
	sbx-net-off sh -c 'exit 1'; and echo wrong; or echo right
	END
	[ "$output" = $'7\n7 3\n9\n127\nwnp\n1\nright' ]
}

@test "fish: prefixes behind prefixes are one sandbox" {
	fish_runs <<-'END'
	sbx-net-off sbx-write-cwd printenv SBX_ACTIVE
	sbx-net-off sbx -p no-write --deny-file-read=/x printenv SBX_ACTIVE
	function active; printenv SBX_ACTIVE; end
	sbx-net-off -q -- sbx-mine --allow-network --deny-file-write= active
	sbx-net-off sbx-other active
	END
	[ "${lines[0]}" = no-network,write-cwd-only ]
	[ "${lines[1]}" = no-network,no-write ]
	[ "${lines[3]}" = no-network,mine ]
}

@test "fish: Ctrl-C, Ctrl-Z, fg, bg, jobs and & with programs" {
	"$PYTHON" -c 'import re, sys
print(re.search(r"JOB = r\"\"\"\n(.*?)\"\"\"", open(sys.argv[1]).read(), re.S)[1])' \
		"$root/tests/jobs.py" >job.py
	echo "function work; $PYTHON job.py \$argv; end" >>rc.fish
	play <<-'END'
	start sbx-net-off python3 job.py tick
	see tick 1
	type ^C
	prompt
	status 130
	start sbx-net-off python3 job.py echo
	see ready
	stop
	run jobs
	see stopped\s+sbx-net-off python3 job.py echo
	start fg
	see continued
	type ^D
	see finished
	prompt
	start sbx-net-off python3 job.py tick
	see tick 1
	stop
	run bg
	run jobs
	see running
	start fg
	see to foreground
	see \ntick \d+
	type ^C
	prompt
	start sbx-net-off python3 job.py tick | sbx-net-off cat
	see tick 1
	stop
	start fg
	see \ntick \d+
	type ^C
	prompt
	run sbx-net-off python3 job.py tick >out &
	run jobs
	see running\s+sbx-net-off python3 job.py tick
	run kill $last_pid
	start sbx-net-off yes | sbx-net-off head -1
	see \ny\n
	prompt
	END
}

@test "fish: Ctrl-C, Ctrl-Z, fg, jobs and & with functions, and with presets of the user's" {
	"$PYTHON" -c 'import re, sys
print(re.search(r"JOB = r\"\"\"\n(.*?)\"\"\"", open(sys.argv[1]).read(), re.S)[1])' \
		"$root/tests/jobs.py" >job.py
	echo "function work; $PYTHON job.py \$argv; echo status-\$status; end" >>rc.fish
	play <<-'END'
	start sbx-net-off work tick
	see tick 1
	type ^C
	prompt
	status 130
	start sbx-net-off work echo
	see ready
	type ^Z
	prompt
	run jobs
	see stopped
	start fg
	see continued
	type x\r
	see got x
	type ^D
	see status-0
	prompt
	run sbx-net-off work tick >out &
	run jobs
	see running
	run kill $last_pid
	run sbx-mine python3 job.py tick >out &
	run jobs
	see running\s+command .*/sbx -p mine python3 job.py tick
	run kill $last_pid
	start sbx-mine python3 job.py echo
	see ready
	type ^Z
	prompt
	start fg
	see continued
	type ^D
	see finished
	prompt
	END
}

# state: what undo MUST give back.
state() {
	cat <<-'END'
	functions -a
	for name in (functions -an | string match 'sbx*'); functions $name | string match -v '# Defined*'; end
	set -g | string match -vr '^(pipe)?status '
	# Those of files are forgotten when fish_complete_path changes, and read again.
	complete | string match -vr '^complete \S+$| ls ' | sort
	functions --handlers
	END
}

@test "fish: undo gives everything back, after use too; sourcing twice changes nothing" {
	local rc
	for rc in "source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'" 'sbxctl init fish | source'; do
		cat >script.fish <<-END
		function sbx-net-off; echo mine \$argv; end
		alias sbx-audio 'echo alias'
		complete -c sbx-net-off -a user
		complete -c sbx -a user
		function before; $(state); end
		before >state.before
		$rc
		begin; set -n; functions -an; complete | string match -vr '^complete \\S+$' | sort; end >state.once
		$rc
		begin; set -n; functions -an; complete | string match -vr '^complete \\S+$' | sort; end >state.twice
		sbx-net-off echo x >/dev/null
		sbx-mine true
		function fn; end
		sbx-net-off fn
		functions -e fn
		emit fish_preexec 'sbx-net-off true'
		emit fish_postexec 'sbx-net-off true'
		complete -C 'sbx -p aud'
		complete -C 'sbx-mine -p aud'
		sbxctl init fish --undo | source
		before >state.after
		sbxctl init fish --undo | source
		sbx-net-off word
		END
		run fish script.fish
		[ "$status" -eq 0 ] || explain "$rc"
		[ "${lines[*]##*$'\t'}" != '' ]
		[ "${lines[${#lines[@]} - 1]}" = 'mine word' ]
		[[ ${lines[0]} = audio* && ${lines[1]} = audio* ]]
		diff state.before state.after
		diff state.once state.twice
	done
}

@test "fish: without the program nothing is defined, silently" {
	mkdir alone
	cp "$SBX_BIN_DIR/../share/sbx/shell/sbx.fish" alone
	PATH=/usr/bin:/bin run fish -c "set -n >before; functions -an >>before
		source alone/sbx.fish; set -n >after; functions -an >>after"
	[ "$status" -eq 0 ] && [ -z "$output" ]
	diff before after
}

@test "fish: hostile settings break nothing" {
	local settings
	for settings in 'set -g IFS x' 'set -g IFS' 'alias grep=false' 'function contains; end; function functions; end' \
		'function source; end; function complete; end; function realpath; end; function printf; end' \
		'alias sbx-net-off "echo theirs"' 'function cd; end; function count; end; function isatty; end' \
		'set -g names 1; set -g data 2; set -gx _x 3; set -g fish_function_path $fish_function_path /nowhere'; do
		echo "$settings"
		{
			echo "$settings"
			echo "builtin source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'"
			echo 'function two; string join " " two $argv; end'
		} >rc.fish
		fish_runs 'sbx-net-off echo one 1; sbx-net-off two 2; sbx-mine two 3; emit fish_preexec "sbx-audio cat 4"
			builtin functions -q sbx-audio; echo $status; emit fish_postexec; sbx-net-off sbx-audio printenv SBX_ACTIVE'
		[ "$output" = $'one 1\ntwo 2\ntwo 3\n1\nno-network,audio' ] ||
			explain "after: $settings"
	done
}

@test "fish: sourcing starts no process" {
	[ "$(uname -s)" = Linux ] || return 0 # strace is for Linux
	local text
	for text in ':' "source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'"; do
		strace -f -o trace -e 'trace=?clone,?clone3,?fork,?vfork' fish --no-config -c "$text"
		grep -E '(clone3?|fork)\(' trace | grep -vc CLONE_THREAD >"count.${#text}" || :
	done
	[ "$(cat count.* | sort -u | wc -l)" -eq 1 ]
}

@test "fish: all names that stay begin with _sbx or sbx" {
	run fish -c "set -n >before; functions -an >>before
		source '$SBX_BIN_DIR/../share/sbx/shell/sbx.fish'
		sbx-net-off true; complete -C 'sbx -p a' >/dev/null
		set -n >after; functions -an >>after
		string match -v -r '^_?sbx' <after | grep -vxFf before"
	[ -z "$output" ] || [ "$output" = fish_complete_path ]
}

@test "fish: TAB after a prefix" {
	cat >>rc.fish <<-'END'
	complete -c tool -f -a 'alpha beta'
	alias ll 'ls -l'
	complete -c conn -f -a 'left'
	END
	touch Makefile-file
	play <<-'END'
	tab sbx-min\t => sbx-mine
	tab sbx-an-o\t => sbx-an-other
	tab sbx-mine -p aud\t => sbx-mine -p audio
	tab sbx-net-off sbx-write-cwd tool al\t => sbx-net-off sbx-write-cwd tool alpha
	tab sbx -p mine -- tool al\t => sbx -p mine -- tool alpha
	tab sbx --deny-network loc\t => sbx --deny-network localhost:
	tab sbx --allow-network=localhost:22,loc\t => sbx --allow-network=localhost:22,localhost:
	tab sbxctl explain network-outb\t => sbxctl explain network-outbound
	tab sbxctl explain file-mknod Makef\t => sbxctl explain file-mknod Makefile-file
	tab sbxctl init fi\t => sbxctl init fish
	tab sandbox-exec -f Makef\t => sandbox-exec -f Makefile-file
	tab sandbox-exec -p x tool al\t => sandbox-exec -p x tool alpha
	END
}

@test "fish: the operations that are completed are those of the sources" {
	sed -n 's/^OPERATION([^,]*, "\([^"]*\)".*/\1/p' "$root/src/policy/operations.def" >expected
	[ "$(wc -l <expected)" -gt 100 ]
	fish -c "source '$root/completions/sbx.fish'; _sbx_operations" | diff expected -
}

@test "fish: the prompt shows what is in force" {
	cat >prompt.fish <<-'END'
	function fish_prompt
	    set -q SBX_ACTIVE; and printf '[%s] ' $SBX_ACTIVE
	    printf 'here> '
	end
	fish_prompt
	END
	run fish prompt.fish
	[ "$output" = 'here> ' ]
	run sbx-net-off sbx-write-cwd -q fish prompt.fish
	[ "$output" = '[no-network,write-cwd-only] here> ' ]
}
