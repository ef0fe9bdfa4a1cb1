# sbx-a sbx-b COMMAND is one sandbox, but only where that allows no more than the two would.

load helper
load enforce

setup() {
	enforce_setup
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	printf ';; summary: nothing below /srv\n;; kind: restrict\n;; alias: no-srv\n%s\n' \
		'(deny file-read-data (subpath "/srv"))' >"$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	ln -s "$SBX_BIN_DIR/sbx" other-name
	cat >connect.py <<-'END'
	import os, socket, sys
	try:
	    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)
	except OSError:
	    sys.exit(7)
	END
	connect=("$PYTHON" -I -S connect.py)
}

# What stands on both sides of the arrow MUST print the same, and something.
same() {
	local line
	while IFS= read -r line; do
		echo "$line"
		eval "${line%% => *}" >nested 2>&1
		eval "${line##* => }" >one 2>&1
		grep '^(version 1)' one
		diff one nested
	done
}

@test "nested forms print the profile and the plan of one sandbox" {
	same <<-'END'
	sbx-net-off sbx-write-cwd -n true => sbx -n -p net-off,write-cwd true
	sbx-net-off -n sbx-write-cwd true => sbx -n -p net-off,write-cwd true
	sbx-net-off sbx-no-write sbx -n -p no-internet true => sbx -n -p net-off,no-write,no-internet true
	sbx -n -p net-off -- sbx -p no-write -- true => sbx -n -p net-off,no-write true
	sbx-net-off sbx -n -p audio --deny-file-read=/srv true => sbx -n -p net-off,audio --deny-file-read=/srv true
	sbx-net-off "$SBX_BIN_DIR/sbx" -n -p no-write true => sbx -n -p net-off,no-write true
	sbx-net-off "$SBX_BIN_DIR/sbx-no-write" -n true => sbx -n -p net-off,no-write true
	sbx-net-off ./other-name -n -p no-write true => sbx -n -p net-off,no-write true
	sbx-net-off sbx-mine -n true => sbx -n -p net-off,mine true
	sbx-net-off sbx-no-srv -n true => sbx -n -p net-off,mine true
	sbx-python sbx-net-off -n true => sbx -n -p python,net-off true
	sbx-audio sbx-write-cwd -n true => sbx -n -p audio,write-cwd true
	sbx-net-off sbx-python -n true => sbx -n -p net-off,python true
	sbx -A sbx-net-off -n true => sbx -n -A -p net-off true
	sbx-net-off --deny-file-read /srv sbx-no-write --deny-file-write /opt --deny-file-read /usr/local -n true => sbx -n -p net-off,no-write --deny-file-read=/srv --deny-file-write=/opt --deny-file-read=/usr/local true
	sbx-net-off sbx-no-write -n => sbx -n -p net-off,no-write
	END
}

@test "what could be looser as one sandbox is not made one" {
	local outer inner
	while IFS='|' read -r outer inner; do
		echo "$outer | $inner"
		# A sandbox without a preset is never joined: with it comes the plan of the outer one.
		eval "sbx -n $outer sbx true" >expected
		eval "sbx -n $outer sbx $inner true" >actual
		diff expected actual
	done <<-'END'
	-p net-off|-A
	-p net-off|--deny-file-read=/srv
	-p net-off|-A -p no-write
	-p net-off|-p no-write --allow-network-all
	-p net-off|-p no-write --allow-file-read=/srv
	-p net-off|-p no-write -e '(deny file-read*)'
	-p net-off|-p no-write -f /nowhere
	-p net-off|-p no-write -D CWD=/
	-p net-off|-p no-write --best-effort
	-p net-off|-p no-write --keep-fd=1
	-p net-off|-p no-write --env-keep=A
	-p net-off --allow-network-all|-p no-write
	-p net-off -e '(deny file-read* (subpath "/srv"))'|-p no-write
	-p net-off -D CWD=/|-p write-cwd
	-p net-off --best-effort|-p no-write
	-p net-off --keep-fd=1|-p no-write
	-p net-off --env-keep=A|-p no-write
	-p net-off --env-clear|-p no-write
	-p net-off --env-set=A=1|-p no-write
	-p net-off --env-drop='H*'|-p no-write
	-p python|-p audio
	-p audio|-p python
	-p python|-p python
	-p net-off,audio|-p python
	-A|-p python
	--deny-file-read=/srv|-p net-off
	--allow-file-read=/srv|-p net-off
	END
}

@test "words that come from elsewhere do not open the network" {
	tcp_listener
	control "${connect[@]}"
	for words in '-A' '--allow-network-all' '-A --allow-network-all' '-A --best-effort' \
		'-f allow.sb' '-A -p audio' '-p audio' '-p python'; do
		echo '(allow default)(allow network*)' >allow.sb
		echo "$words"
		# shellcheck disable=SC2086 # words
		refused sbx-net-off sbx -q $words "${connect[@]}"
		# shellcheck disable=SC2086 # words
		refused sbx-net-off sbx-no-write sbx -q $words "${connect[@]}"
	done
	refused sbx-net-off sbx -q -A -e '(allow network*)' "${connect[@]}"
	refused sbx-net-off sbx -q -e '(allow default)(allow network*)' "${connect[@]}"
	# Nor do those outside what the command forbids itself.
	refused sbx -q -A --allow-network-all sbx-net-off "${connect[@]}"
	refused sbx -q -A -e '(allow network*)' sbx-net-off "${connect[@]}"
	refused sbx -q -A sbx-net-off "${connect[@]}"
	logged 1
}

@test "words that come from elsewhere do not open files" {
	echo secret >"$OUTSIDE/file"
	control cat "$OUTSIDE/file"
	sbx -q -p python-eval true || skip_or_fail 'no Landlock ABI 6 (Linux 6.12)'
	for words in 'sbx -A' 'sbx-audio' 'sbx -A -p audio' "sbx --allow-file-read=$OUTSIDE" \
		"sbx -p no-network --allow-file-read=$OUTSIDE" 'sbx -p net-off -D HOME=/' \
		'sbx-net-off sbx -A' 'sbx-net-off sbx-audio' 'sbx-net-off'; do
		echo "$words"
		# shellcheck disable=SC2086 # words
		run sbx-python $words cat "$OUTSIDE/file"
		[ "$status" -ne 0 ]
		[[ $output != *secret* ]]
	done
	# It is not for want of a sandbox in a sandbox.
	run -0 sbx-python sbx-net-off echo works
}

@test "a profile that the command names is read inside only" {
	mkdir secret
	echo '(bogus-secret)' >secret/profile
	run -125 sbx -p net-off sbx -p no-write -f secret/profile true
	[[ $output == *bogus-secret* ]]
	run -125 sbx -p net-off --deny-file-read="$PWD/secret" sbx -p no-write -f secret/profile true
	[[ $output == 'sbx: profile secret/profile: '*[dD]enied* || $output == *'not permitted' ]]
	run ! grep -F bogus <<<"$output"
}

@test "a variable that one sandbox drops is not kept by another" {
	export A_TOKEN=1
	[ "$(sbx -p net-off sbx -p no-write printenv A_TOKEN)" = 1 ]
	run -1 sbx -p net-off --env-drop=A_TOKEN sbx -p no-write printenv A_TOKEN
	run -1 sbx -p net-off --env-drop=A_TOKEN sbx -p no-write --env-keep='*' printenv A_TOKEN
	run -1 sbx -p net-off --env-keep=PATH sbx -p no-write --env-keep='*' printenv A_TOKEN
	run -1 sbx -p net-off sbx -p no-write --env-drop=A_TOKEN printenv A_TOKEN
	run -1 sbx -p net-off --env-keep=A_TOKEN sbx -p no-write --env-clear /usr/bin/printenv A_TOKEN
	[ "$(sbx -p net-off sbx -p no-write --env-set=B=2 printenv B)" = 2 ]
}

@test "both sandboxes hold" {
	tcp_listener
	control "${connect[@]}"
	control touch "$OUTSIDE/file"
	refused sbx-net-off sbx-write-cwd "${connect[@]}"
	refused sbx-net-off sbx-write-cwd touch "$OUTSIDE/new"
	refused sbx-write-cwd sbx-net-off "${connect[@]}"
	refused sbx-write-cwd sbx-net-off touch "$OUTSIDE/new"
	run -0 sbx-net-off sbx-write-cwd touch here
	[ -e here ]
	[ ! -e "$OUTSIDE/new" ]
	logged 1
}

@test "one sandbox has one process at most beside the command" {
	# shellcheck disable=SC2016 # for the shell in the sandbox
	run -0 sh -c 'echo $$; sbx-net-off sbx-no-internet sh -c "echo \$PPID"; :'
	[ "${lines[0]}" = "${lines[1]}" ]
	# With a broker there are as many between the shell and the command as in one call.
	cat >chain.sh <<-'END'
	pid=$PPID
	while [ "$pid" != "$1" ] && [ "$pid" -gt 1 ]; do
	    cat "/proc/$pid/comm"
	    pid=$(cut -d ' ' -f 4 "/proc/$pid/stat")
	done
	END
	sbx -p write-cwd,no-internet sh chain.sh "$BASHPID" >one
	[ "$(grep -cx sbxbroker one)" -eq 1 ]
	sbx-write-cwd sbx-no-internet sh chain.sh "$BASHPID" >nested
	grep -x sbxbroker nested
	[ "$(wc -l <nested)" -eq "$(wc -l <one)" ]
	# Two brokers there cannot be.
	run -0 sbx-audio sbx-write-cwd sbx-net-off true
}

@test "the exit status and signals are the command's" {
	run -7 sbx-net-off sbx-write-cwd sh -c 'exit 7'
	run -143 sbx-net-off sbx-no-write sh -c 'kill -TERM $$'
	run -143 sbx-net-off sbx-write-cwd sh -c 'kill -TERM $$'
	run -127 sbx-net-off sbx-write-cwd no-such-command
	[ "$output" = 'sbx: no-such-command: command not found' ]
	run -126 sbx-net-off sbx-write-cwd ./connect.py
	run -127 sbx-net-off sbx-no-such-preset true
	[ "$output" = 'sbx: sbx-no-such-preset: command not found' ]
	sbx_failed sbx-net-off sbx-write-cwd
	[[ $output == *'no command given'* ]]
	sbx_failed sbx-net-off sbx -p no-such-preset true
	[[ $output == *"no preset is named 'no-such-preset'"* ]]
	sbx_failed sbx-net-off sbx -p no-write --no-such-option true
	run -0 sbx-net-off sbx-write-cwd --version
}

@test "words reach the command byte for byte" {
	local words=('a b' '' $'new\nline' $'\xff\xfe' '*' "'" '-x' --)
	printf '<%s>\n' "${words[@]}" >expected
	sbx-net-off sbx-no-write -- printf '<%s>\n' "${words[@]}" >actual
	cmp expected actual
}

@test "a foreign program of the name is run in the outer sandbox" {
	tcp_listener
	mkdir bin
	printf '#!/bin/sh\necho foreign "$@"\n%s -I -S connect.py || echo refused\n' "$PYTHON" >bin/sbx-net-off
	chmod +x bin/sbx-net-off
	PATH=$PWD/bin:$PATH
	control sbx-net-off -x
	[ "$output" = 'foreign -x' ]
	run -0 sbx-no-network sbx-net-off --allow-network-all
	[ "$output" = $'foreign --allow-network-all\nrefused' ]
	logged 1
}

@test "sbxctl and sandbox-exec are commands like others" {
	run -0 sbx-net-off sbxctl --version
	[[ $output == 'sbx '* ]]
	run -0 sbx-net-off sandbox-exec -p '(version 1)(allow default)' echo works
	[ "$output" = works ]
}

@test "sbx is found where PATH has it not" {
	run -0 env PATH=/usr/bin:/bin "$SBX_BIN_DIR/sbx-net-off" sbx-no-write printenv SBX_ACTIVE
	[ "$output" = no-network,no-write ]
	run -0 env PATH=/usr/bin:/bin "$SBX_BIN_DIR/sbx-net-off" sbx -p no-write printenv SBX_ACTIVE
	[ "$output" = no-network,no-write ]
	run -0 env PATH=/usr/bin:/bin "$SBX_BIN_DIR/sbx-net-off" sbx-mine -A printenv SBX_ACTIVE
	[ "$output" = no-network,mine ]
}

@test "SBX_ACTIVE names the presets in force, outer first" {
	[ "$(sbx-net-off sbx-write-cwd printenv SBX_ACTIVE)" = no-network,write-cwd-only ]
	[ "$(sbx-write-cwd sbx-net-off printenv SBX_ACTIVE)" = write-cwd-only,no-network ]
	[ "$(sbx -A sbx -A printenv SBX_ACTIVE)" = sbx,sbx ]
	[ "$(sbx-net-off sbx -A printenv SBX_ACTIVE)" = no-network,sbx ]
	[ "$(SBX_ACTIVE=outer sbx -A printenv SBX_ACTIVE)" = outer,sbx ]
	[ "$(SBX_ACTIVE=outer sbx-net-off sbx-mine printenv SBX_ACTIVE)" = outer,no-network,mine ]
	[ "$(SBX_ACTIVE='' sbx -A printenv SBX_ACTIVE)" = sbx ]
}
