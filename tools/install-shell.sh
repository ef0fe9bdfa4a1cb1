#!/bin/sh
# install-shell.sh PROGRAM SHELLDIR BASHDIR ZSHDIR FISHDIR LINK...: installs what interactive shells
# read: the functions, and the completions of PROGRAM and each LINK. In their texts the program is
# sbx; here it gets its name.
set -eu
program=$1 shelldir=$2 bashdir=$3 zshdir=$4 fishdir=$5
shift 5

# text FILE TARGET
text() {
	rm -f "$2"
	sed "s/sbx/$program/g" "$1" >"$2"
	chmod 644 "$2"
}

mkdir -p "$shelldir" "$bashdir" "$zshdir" "$fishdir"
for shell in bash zsh fish; do
	text "shell/sbx.$shell" "$shelldir/$program.$shell"
done
text shell/sbx-run.bash "$shelldir/$program-run.bash"
for part in run rc line; do
	text "shell/sbx-$part.fish" "$shelldir/$program-$part.fish"
done
text completions/sbx.bash "$bashdir/$program"
text completions/_sbx "$zshdir/_$program"
text completions/sbx.fish "$fishdir/$program.fish"
for link in "$@"; do
	ln -sf "$program" "$bashdir/$link"
	ln -sf "$program.fish" "$fishdir/$link.fish"
done
