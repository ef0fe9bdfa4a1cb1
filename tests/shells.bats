# What shells get from the binary and from make install: sbxctl init, the names, the links, and all of it
# under another name. The functions themselves are tested in shell-*.bats.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	share=${SBX_BIN_DIR%/bin}/share
	cat >connect.py <<-'END'
	import os, socket, sys
	try:
	    socket.create_connection(("127.0.0.1", int(os.environ["PORT"])), 5)
	except OSError:
	    print("refused")
	END
}

# install_it [VARIABLE=VALUE]...: what is built already, below $PWD/root/usr.
install_it() {
	make -s -C "$root" -o all BUILD="${SBX_BIN_DIR%/bin}" DESTDIR="$PWD/root" PREFIX=/usr "$@"
}

# An installation in a directory of that name, whose files for shells do nothing.
installation() {
	local shell
	mkdir -p "$1/bin" "$1/share/sbx/shell"
	cp "$SBX_BIN_DIR/sbx" "$1/bin"
	ln -s sbx "$1/bin/sbxctl"
	for shell in zsh bash fish; do
		echo : >"$1/share/sbx/shell/sbx.$shell"
	done
}

# prints_program SHELL: the path that the shell has after what $ctl printed for it was evaluated.
prints_program() {
	case $1 in
	fish) fish --no-config -c '$argv[1] init fish | source; printf "%s\n" $_sbx_program' "$ctl" ;;
	zsh) zsh -f -c 'setopt rc_quotes; eval "$($1 init zsh)"; printf "%s\n" $_sbx_program' - "$ctl" ;;
	*) "$1" -c 'eval "$("$1" init bash)"; printf "%s\n" "$_sbx_program"' - "$ctl" ;;
	esac
}

@test "init prints the path of sbx, then the file of that shell" {
	local shell line
	for shell in zsh bash fish; do
		line="_sbx_program='$SBX_BIN_DIR/sbx'"
		[ "$shell" != fish ] || line="set -g _sbx_program '$SBX_BIN_DIR/sbx'"
		{
			echo "$line"
			cat "$share/sbx/shell/sbx.$shell"
		} >expected
		sbxctl init "$shell" >printed
		cmp expected printed
		cmp "$root/shell/sbx.$shell" "$share/sbx/shell/sbx.$shell"
	done
}

@test "init prints the same wherever and however it is called" {
	local shell
	mkdir -p elsewhere "$XDG_CONFIG_HOME/sbx/presets"
	for shell in zsh bash fish; do
		sbxctl init "$shell" >printed
		cp "$share/sbx/presets/audio.sb" "$XDG_CONFIG_HOME/sbx/presets/mine.sb"
		echo 'deny-network-all' >elsewhere/.sbxrc
		(cd elsewhere && env -i "$SBX_BIN_DIR/sbxctl" init "$shell") >again
		cmp printed again
		ln -sf "$SBX_BIN_DIR/sbxctl" sbxctl
		./sbxctl init "$shell" >again
		cmp printed again
		rm "$XDG_CONFIG_HOME/sbx/presets/mine.sb"
	done
}

@test "init opens nothing but its own file" {
	local shell
	for shell in zsh bash fish; do
		run -0 strace -f -qq -e trace=open,openat,execve,connect,fork,vfork,clone -o trace \
			sbxctl init "$shell"
		grep -vE 'execve\(|/dev/null|ENOENT|\+\+\+|---' trace | sed -n 's/.*"\(.*\)".*/\1/p' |
			grep -v '^/\(lib\|usr/lib\|etc/ld\|proc/self\)' >opened || :
		cat opened
		[ "$(cat opened)" = "$share/sbx/shell/sbx.$shell" ]
		[ "$(grep -cE 'execve|fork|clone' trace)" -eq 1 ]
	done
}

@test "a path with blanks, quotes and worse is the shell's again" {
	local name shell
	# shellcheck disable=SC1003 # a backslash
	for name in 'two words' "it's" "'quoted'" "''" 'a"b$HOME`id`!x' 'back\slash\' "\\'" $'new\nline' \
		$'\xff\xfe' '*' '~'; do
		rm -rf "$PWD/top"
		installation "$PWD/top/$name"
		ctl=$PWD/top/$name/bin/sbxctl
		for shell in bash zsh dash sh fish; do
			[ "$(prints_program "$shell")" = "$PWD/top/$name/bin/sbx" ] || {
				printf '%s: %q\n' "$shell" "$name"
				return 1
			}
		done
	done
}

@test "init --undo calls the function that is there, and does nothing where none is" {
	local define='_sbx_undo() { echo undone; }'
	for shell in bash dash sh; do
		run -0 "$shell" -eu -c 'eval "$(sbxctl init --undo bash)"; echo goes on'
		[ "$output" = 'goes on' ]
	done
	run -0 bash -eu -c "$define"$'\nset -o noclobber; IFS=x; eval "$(sbxctl init bash --undo)"; echo goes on'
	[ "$output" = $'undone\ngoes on' ]
	run -0 zsh -feu -c 'eval "$(sbxctl init zsh --undo)"; echo goes on'
	[ "$output" = 'goes on' ]
	run -0 zsh -feu -c "$define"$'\nsetopt ksh_arrays sh_word_split; eval "$(sbxctl init zsh --undo)"; echo goes on'
	[ "$output" = $'undone\ngoes on' ]
	run -0 fish --no-config -c 'sbxctl init fish --undo | source; echo goes on'
	[ "$output" = 'goes on' ]
	run -0 fish --no-config -c 'function _sbx_undo; echo undone; end; sbxctl init fish --undo | source; echo goes on'
	[ "$output" = $'undone\ngoes on' ]
}

@test "init fails with a reason" {
	sbx_failed sbxctl init
	sbx_failed sbxctl init zsh bash
	sbx_failed sbxctl init ksh
	[ "$output" = "sbx: init knows zsh, bash and fish, not 'ksh'" ]
	sbx_failed sbxctl init --json zsh
	installation "$PWD/top"
	rm top/share/sbx/shell/sbx.zsh
	sbx_failed top/bin/sbxctl init zsh
	[ "$output" = "sbx: $PWD/top/share/sbx/shell/sbx.zsh: No such file or directory" ]
	run -0 sbxctl init --help
	grep -q -e '--undo' <<<"$output"
}

@test "the file of names has every shipped preset with its aliases" {
	XDG_CONFIG_HOME=/nowhere sbxctl list | awk '{
		line = $1
		for (i = 2; line ~ /,$/ || $i !~ /^(restrict|grant|base)$/; i++)
			line = line " " $i
		gsub(",", "", line)
		print line
	}' | sort >expected
	sort "$share/sbx/names" | diff expected -
	grep -x 'no-network net-off' "$share/sbx/names"
}

@test "doctor warns of other programs of these names, and of nothing else" {
	mkdir bin links
	printf '#!/bin/sh\n' | tee bin/sbx bin/sbx-net-off bin/sbx-python >/dev/null
	chmod +x bin/sbx bin/sbx-net-off
	ln -s "$SBX_BIN_DIR/sbx" links/sbx
	ln -s "$SBX_BIN_DIR/sbx" links/sbx-audio
	PATH=$PWD/links:$PATH run sbxctl doctor
	local usual=$status
	run ! grep '^warning' <<<"$output"
	PATH=$PATH:$PWD/bin run "$SBX_BIN_DIR/sbxctl" doctor
	run ! grep '^warning' <<<"$output"
	PATH=$PWD/bin:$PATH run "$SBX_BIN_DIR/sbxctl" doctor
	[ "$status" -eq "$usual" ]
	[ "$(grep '^warning' <<<"$output")" = "\
warning: sbx in \$PATH is another program: $PWD/bin/sbx
warning: sbx-net-off in \$PATH is another program: $PWD/bin/sbx-net-off" ]
	PATH=$PWD/bin:$PATH "$SBX_BIN_DIR/sbxctl" doctor --json >json || :
	"$PYTHON" -I -S -c 'import json, sys
warnings = json.load(open("json"))["warnings"]
assert len(warnings) == 2 and warnings[0].endswith("/bin/sbx"), warnings'
}

@test "installed links work behind xargs, find, make, sh, env and sudo" {
	install_it install
	tcp_listener
	export PATH=$PWD/root/usr/bin:/usr/bin:/bin
	local connect="$PYTHON -I -S $PWD/connect.py"
	# shellcheck disable=SC2086 # words
	control $connect
	[ -z "$output" ]
	# shellcheck disable=SC2086 # words
	run -0 xargs sbx-net-off <<<"$connect"
	[ "$output" = refused ]
	run -0 find connect.py -exec sbx-net-off "$PYTHON" -I -S {} \;
	[ "$output" = refused ]
	run -0 find connect.py -exec sbx-no-write sbx-net-off "$PYTHON" -I -S {} +
	[ "$output" = refused ]
	printf 'all:\n\t@sbx-net-off %s\n' "$connect" >Makefile
	run -0 make -s
	[ "$output" = refused ]
	run -0 sh -c "sbx-net-off $connect"
	[ "$output" = refused ]
	# shellcheck disable=SC2086 # words
	run -0 env -i PATH="$PATH" PORT="$PORT" sbx-net-off $connect
	[ "$output" = refused ]
	if sudo -n true 2>/dev/null; then
		# shellcheck disable=SC2086 # words
		run -0 sudo -n env PATH="$PATH" PORT="$PORT" sbx-net-off $connect
		[ "$output" = refused ]
	fi
	logged 1
}

@test "a command for each preset and alias is installed, and all is removed" {
	local name
	install_it install
	while read -r name; do
		[ "$(readlink "root/usr/bin/sbx-$name")" = sbx ]
		run -0 root/usr/bin/sbx-"$name" -n true
		[ -e "root/usr/share/bash-completion/completions/sbx-$name" ]
		[ -e "root/usr/share/fish/vendor_completions.d/sbx-$name.fish" ]
	done < <(tr ' ' '\n' <"$share/sbx/names")
	[ -e root/usr/share/zsh/site-functions/_sbx ]
	cmp root/usr/share/sbx/names "$share/sbx/names"
	# Once more changes nothing.
	find root ! -type d | sort >before
	install_it install
	find root ! -type d | sort | diff before -
	install_it uninstall
	run -0 find root ! -type d
	[ -z "$output" ]
}

# Everything under another name, built anew.
@test "with another PROGRAM everything goes by that name" {
	local make=(make -s -j2 -C "$root" CFLAGS=-O0 "BUILD=$BATS_TEST_TMPDIR/build" PROGRAM=sandbx
		"DESTDIR=$PWD/root" PREFIX=/usr)
	"${make[@]}" install
	run -1 grep -rIl --exclude='*.sb' sbx root
	run -0 find root -name '*sbx*'
	[ -z "$output" ]
	[ "$(readlink root/usr/bin/sandbx-net-off)" = sandbx ]
	[ -e root/usr/share/man/man1/sandbxctl.1 ]
	[ -e root/usr/share/zsh/site-functions/_sandbx ]
	export PATH=$PWD/root/usr/bin:/usr/bin:/bin
	[ "$(sandbx-net-off sandbx-write-cwd printenv SBX_ACTIVE)" = no-network,write-cwd-only ]
	[ "$(sandbx -A printenv SBX_ACTIVE)" = sandbx ]
	run -125 sandbx --no-such-option
	[ "$output" = 'sandbx: unknown option --no-such-option (sandbx --help lists them)' ]
	run -0 sandbx --help
	run ! grep -w sbx <<<"$output"
	run -0 sandbxctl list
	grep '^no-network, net-off ' <<<"$output"
	[ "$(sandbxctl init bash | head -n 1)" = "_sandbx_program='$PWD/root/usr/bin/sandbx'" ]
	# The functions and the completion are those of the name.
	run -0 bash -c 'eval "$(sandbxctl init bash)"; type sandbx-net-off'
	run ! grep _sbx <<<"$output"
	run -0 zsh -f -c 'eval "$(sandbxctl init zsh)"; whence -w sandbx-net-off'
	run -0 bash -c '. root/usr/share/bash-completion/completions/sandbx-net-off; complete -p sandbxctl'
	grep -qw sandbxctl <<<"$output"
	run -0 fish --no-config -c 'source root/usr/share/fish/vendor_completions.d/sandbxctl.fish
		complete -C "sandbxctl sho"'
	[[ $output == show* ]]
	mkdir -p "$XDG_CONFIG_HOME/sandbx/presets"
	printf ';; kind: restrict\n' >"$XDG_CONFIG_HOME/sandbx/presets/mine.sb"
	[ "$(sandbx-net-off sandbx-mine printenv SBX_ACTIVE)" = no-network,mine ]
	"${make[@]}" uninstall
	run -0 find root ! -type d
	[ -z "$output" ]
	run ! make -C "$root" -n PROGRAM='a b'
	grep -q 'PROGRAM is part of' <<<"$output"
}
