# Trust: the verbs that give and take it, what a project, a neighbour or a sandboxed program may try
# to get it, and what no sandbox may write.
# shellcheck disable=SC2103,SC2154 # tests walk about; run sets status and output

load helper

setup() {
	sbx_setup
	store=$XDG_STATE_HOME/sbx/trust
	answer=$(cd "$BATS_TEST_DIRNAME" && pwd -P)/trust.py
}

# A trusted project in $PWD/project, where its tests then run; what it says shows in $RC.
project() {
	mkdir project
	cd project || return
	trusted "${1-env-set RC=trusted}"
}

trusted() {
	printf 'allow-all\n%s\n' "$1" >.sbxrc
	sbxctl trust --yes >/dev/null
}

applies() {
	run sbx --quiet sh -c 'echo "RC is ${RC-}"'
	[ "$output" = "RC is $1" ] || explain "expected: $1"
}

# The state of each file in force, without paths.
states() {
	sbxctl status --shell | sed -n 's/^file \([a-z]*\) .*/\1/p' | tr '\n' ' '
}

state() {
	[ "$(states)" = "$1 " ] || explain "state: $(states), expected: $1"
}

# Nothing is trusted here.
untrusted() {
	state untrusted
	sbx_failed sbx true
}

@test "trust shows the text, what it allows and denies, and stores the bytes" {
	printf 'preset no-network\nauto make\nfor cat:\n\tdeny-file-read ./secret\n' >.sbxrc
	untrusted
	run -0 sbxctl trust --yes
	grep -F "    preset no-network" <<<"$output"
	grep -F "$(printf '    \tdeny-file-read ./secret')" <<<"$output"
	grep -x 'Everything is allowed but what presets deny, and what this .sbxrc says:' <<<"$output"
	grep -x '  says auto make' <<<"$output"
	grep -xF '  denies connecting to, listening on and binding *:* (IP)' <<<"$output"
	grep -xF "  for cat: denies reading below $PWD/secret" <<<"$output"
	grep -xF "$PWD/.sbxrc is trusted" <<<"$output"
	state trusted
	run -0 sbxctl trust
	grep 'is trusted already' <<<"$output"
	tail -c +"$(($(head -n 2 "$store$PWD/.sbxrc" | wc -c) + 1))" "$store$PWD/.sbxrc" |
		head -c "$(wc -c <.sbxrc)" | cmp - .sbxrc
	[ "$(stat -c %a "$store")" = 700 ]
	[ "$(stat -c %a "$store$PWD/.sbxrc")" = 600 ]
}

@test "trust says what a policy from nothing allows" {
	printf 'allow-file-read ./in\nallow-network *:443,localhost:80\nallow-process-exec /bin/ls\n' >.sbxrc
	run -0 sbxctl trust --yes
	grep -x 'Nothing is allowed but what every command needs, and what this .sbxrc says:' <<<"$output"
	grep -xF "  allows reading below $PWD/in" <<<"$output"
	grep -xF '  allows connecting to localhost:80,443 (TCP)' <<<"$output"
	grep -xF '  allows connecting to other hosts:443 (TCP)' <<<"$output"
	grep -F '  allows executing ' <<<"$output"
}

@test "without a terminal nothing is trusted unasked" {
	echo allow-all >.sbxrc
	run -2 sbxctl trust </dev/null
	grep -e '--yes trusts it' <<<"$output"
	untrusted
}

@test "on a terminal trust asks, and only yes is yes" {
	echo allow-all >.sbxrc
	run -1 "$PYTHON" "$answer" ask '' : sbxctl trust
	grep 'is not trusted' <<<"$output"
	run -1 "$PYTHON" "$answer" ask n : sbxctl trust
	run -1 "$PYTHON" "$answer" ask yesno : sbxctl trust
	run -1 "$PYTHON" "$answer" ask-early y : sbxctl trust
	untrusted
	run -0 "$PYTHON" "$answer" ask y : sbxctl trust
	grep 'allow-all' <<<"$output"
	state trusted
}

@test "what was shown is stored, whatever the file is by then" {
	printf 'allow-all\nenv-set RC=shown\n' >.sbxrc
	run -0 "$PYTHON" "$answer" ask y \
		'printf "allow-all\nenv-set RC=swapped\n" >new; mv new .sbxrc' sbxctl trust
	state changed
	applies shown
}

@test "a file that is swapped all the time applies as it was trusted or not at all" {
	local i
	project
	cp .sbxrc good
	printf 'allow-all\nenv-set RC=evil\n' >evil
	while :; do
		cp evil draft && mv draft .sbxrc
		cp good draft && mv draft .sbxrc
	done 3>&- &
	listeners+=("$!")
	for ((i = 0; i < 60; i++)); do
		applies trusted
		case $(states) in
		'trusted ' | 'changed ') ;;
		*) explain "state: $(states)" ;;
		esac
	done
}

@test "a parent that is swapped for a symlink all the time gains nothing" {
	local i
	mkdir -p good/project evil/project
	cd good/project
	trusted 'env-set RC=good'
	applies good
	cd ../..
	printf 'allow-all\nenv-set RC=evil\n' >evil/project/.sbxrc
	while :; do
		mv good away && ln -s evil good
		rm good && mv away good
	done 3>&- 2>/dev/null &
	listeners+=("$!")
	for ((i = 0; i < 60; i++)); do
		run sh -c 'cd good/project && exec sbx --quiet sh -c "echo RC is \$RC"'
		[ "$output" != 'RC is evil' ] || explain 'it gained trust'
	done
}

@test "a directory swapped for another while trust asks gives that one nothing" {
	mkdir a b
	printf 'allow-all\nenv-set RC=a\n' >a/.sbxrc
	printf 'allow-all\nenv-set RC=b\n' >b/.sbxrc
	run -0 "$PYTHON" "$answer" ask y 'mv a c; mv b a' sbxctl trust a
	cd a
	state changed
	applies a
	cd ../c
	untrusted
}

@test "what is wrong is said with its place, and nothing is stored" {
	printf 'allow-all\nexpr "(allow nonsense)"\n' >.sbxrc
	run -2 sbxctl trust --yes
	grep nonsense <<<"$output"
	printf 'allow-all\nfor x:\n profile bad.sb\n' >.sbxrc
	echo '(allow file-read* (subpath' >bad.sb
	run -2 sbxctl trust --yes
	grep -F "$PWD/bad.sb:1:" <<<"$output"
	[ ! -e "$store$PWD" ]
	untrusted
	rm .sbxrc
	run -2 sbxctl trust --yes
	grep 'there is no .sbxrc in' <<<"$output"
	run -2 sbxctl trust --yes no/such/directory
	run -2 sbxctl trust --yes a b
}

@test "a changed file: the trusted copy applies, with a warning, and diff tells in words" {
	project 'env-set RC=old'
	printf 'allow-all\nenv-set RC=new\ndeny-file-write ~/x\n' >.sbxrc
	state changed
	applies old
	run -0 sbx true
	grep -F "has changed since it was trusted: the trusted copy applies ('sbxctl diff $PWD'" <<<"$output"
	run -1 sbxctl diff
	grep -xF "  now denies writing below $HOME/x" <<<"$output"
	grep -xF '  no longer says env-set RC=old' <<<"$output"
	grep -xF '  + deny-file-write ~/x' <<<"$output"
	run -1 sbxctl status
	run -0 sbxctl trust --yes
	grep -x 'Since it was trusted last:' <<<"$output"
	grep -xF "  now denies writing below $HOME/x" <<<"$output"
	applies new
	run -0 sbxctl diff
	[ -z "$output" ]
	run -0 sbxctl status
}

@test "diff speaks of the policy: both ways, the topmost place, the network, programs" {
	printf 'preset no-write\nallow-file-write ./a\nallow-network-outbound *:80\nfor make:\n deny-network\n' >.sbxrc
	sbxctl trust --yes >/dev/null
	printf 'preset no-write no-network\nallow-file-write ./a/b ./c\nallow-network *:443\nfor make:\n allow-file-write .\n' >.sbxrc
	run -1 sbxctl diff
	echo "$output"
	grep -xF "  no longer allows writing below $PWD/a, but not below $PWD/a/b" <<<"$output" ||
		grep -F "no longer allows" <<<"$output" | grep -F "below $PWD/a, but not below $PWD/a/b"
	grep -F "now also allows" <<<"$output" | grep -F "below $PWD/c"
	grep -F 'no longer allows connecting to *:* (TCP), but not for port 443' <<<"$output"
	grep -F "for make: now also allows" <<<"$output" | grep -F "below $PWD"
}

@test "diff: 443 is now allowed, a hole is no longer" {
	project 'deny-network
deny-file-write ~/x'
	printf 'allow-all\ndeny-network\nallow-network *:443\n' >.sbxrc
	run -1 sbxctl diff
	grep -xF '  now also allows connecting to *:443 (TCP)' <<<"$output"
	grep -xF "  no longer denies writing below $HOME/x" <<<"$output"
}

@test "diff: what depends on patterns is not passed over" {
	project 'expr "(deny file-read* (regex #\"a+\"))"'
	printf 'allow-all\nexpr "(deny file-read* (regex #\\"b+\\"))"\n' >.sbxrc
	run -1 sbxctl diff
	grep -F 'changes rules that depend on more than a place or an address, on: file-read*' <<<"$output"
	echo '# a comment' >>.sbxrc
	sbxctl trust --yes >/dev/null
	echo '# another' >>.sbxrc
	run -1 sbxctl diff
	grep -x '  the policy is the same' <<<"$output"
}

@test "diff: a block for a pattern is told of, however it is written" {
	project ''
	printf 'allow-all\nfor [m]ake:\n deny-file-read ~/x\n' >.sbxrc
	run -1 sbxctl diff
	grep -xF "  for [m]ake: now denies reading below $HOME/x" <<<"$output"
}

@test "diff without anything to compare, or with what cannot be read" {
	run -2 sbxctl diff
	echo allow-all >.sbxrc
	run -2 sbxctl diff
	sbxctl trust --yes
	echo nonsense >.sbxrc
	run -2 sbxctl diff
	grep -F '.sbxrc:1:1: unknown option' <<<"$output"
	rm .sbxrc
	run -1 sbxctl diff
	grep -F 'is gone' <<<"$output"
}

@test "a deleted file: the trusted copy applies until it is distrusted" {
	project
	rm .sbxrc
	state deleted
	applies trusted
	run -0 sbx true
	grep -F "is gone: the copy that was trusted applies ('sbxctl distrust $PWD' ends that)" <<<"$output"
	run -2 sbxctl trust --yes
	run -0 sbxctl distrust
	[ -z "$(states)" ]
	run -1 sbxctl distrust
	[ ! -e "$store$PWD" ]
	[ -d "$store" ]
}

@test "distrust works from elsewhere, and when the directory is gone" {
	project
	cd ..
	rm -r project
	run -0 sbxctl distrust project
	[ ! -e "$store$PWD/project" ]
	run -2 sbxctl distrust a b
}

@test "a profile in the home directory is that of the user who trusts it" {
	echo '(deny file-read* (subpath (param "HOME")))' >"$HOME/x.sb"
	echo text >"$HOME/text"
	printf 'allow-all\nprofile ~/x.sb\n' >.sbxrc
	run -0 sbxctl trust --yes
	grep -xF "$HOME/x.sb:" <<<"$output"
	control cat "$HOME/text"
	refused sbx -q cat "$HOME/text"
	echo >"$HOME/x.sb"
	state changed
	refused sbx -q cat "$HOME/text"
}

@test "a profile that changed counts as a change; its trusted copy applies" {
	echo '(deny file-read* (subpath (param "HOME")))' >x.sb
	printf 'allow-all\nprofile x.sb\n' >.sbxrc
	echo text >"$HOME/text"
	sbxctl trust --yes >/dev/null
	control cat "$HOME/text"
	refused sbx -q cat "$HOME/text"
	echo >x.sb
	state changed
	refused sbx -q cat "$HOME/text"
	run -1 sbxctl diff
	grep -F "no longer denies reading below $HOME" <<<"$output"
	rm x.sb
	state changed
	refused sbx -q cat "$HOME/text"
	run -2 sbxctl diff
}

@test "what is trusted reads no file of the project that is not trusted itself" {
	local call
	echo '(allow file-write*)' >live.sb
	mkdir "$HOME/lib"
	for call in "import \"$PWD/live.sb\"" 'import "live.sb"' 'import "./live.sb"' \
		"import \"../../../../../../../..$PWD/live.sb\"" "load \"$PWD/live.sb\"" \
		"open-input-file \"$PWD/live.sb\"" "eval (quote (import \"$PWD/live.sb\"))" \
		"apply load (list \"$PWD/live.sb\")"; do
		control sbxctl explain -A -e "($call)" file-write-data /x || [ "$call" != "${call#*live}" ]
		echo "($call)" >x.sb
		printf 'allow-all\nprofile x.sb\n' >.sbxrc
		run -2 sbxctl trust --yes
		printf "allow-all\nexpr '(%s)'\n" "$call" >.sbxrc
		run -2 sbxctl trust --yes
		untrusted
	done
	echo '(import "system.sb")' >x.sb
	printf 'allow-all\nprofile x.sb\n' >.sbxrc
	run -0 sbxctl trust --yes
	cp x.sb "$HOME/lib/system.sb"
	echo "(define LIVE 1)" >system.sb
	run -0 sbx true
	printf 'allow-all\nprofile x.sb\ndefine IMPORT_DIR=.\n' >.sbxrc
	run -2 sbxctl trust --yes
}

@test "status tells people, programs and shells the same" {
	mkdir -p inner/leaf
	printf 'preset no-network\nauto make "npm*"\nskip git\n' >.sbxrc
	sbxctl trust --yes >/dev/null
	printf 'preset no-write no-network\nauto make\nfor x:\n preset audio\n' >inner/.sbxrc
	sbxctl trust --yes inner >/dev/null
	echo allow-all >inner/leaf/.sbxrc
	cd inner/leaf
	run -1 sbxctl status
	grep -xF "${PWD%/*/*}/.sbxrc: trusted" <<<"$output"
	grep -xF '    presets: no-network' <<<"$output"
	grep -xF '    auto: make npm*' <<<"$output"
	grep -xF '    skip: git' <<<"$output"
	grep -xF "$PWD/.sbxrc: untrusted" <<<"$output"
	run -0 sbxctl status --shell
	diff - <(grep -v '^notice ' <<<"$output") <<-END
		file trusted ${PWD%/*/*}/.sbxrc
		auto make
		auto npm*
		skip git
		file trusted ${PWD%/*}/.sbxrc
		auto make
		file untrusted $PWD/.sbxrc
		active no-network
		active no-write
	END
	[ "$(grep -c '^notice ' <<<"$output")" -eq 1 ]
	grep -F "sbxctl trust $PWD" <<<"$output"
	run -1 sbxctl status --json
	"$PYTHON" -c '
import json, sys
files = json.loads(sys.argv[1])["files"]
assert [file["state"] for file in files] == ["trusted", "trusted", "untrusted"]
assert files[0]["auto"] == ["make", "npm*"] and files[0]["skip"] == ["git"]
assert files[1]["presets"] == ["no-write", "no-network"]
assert [file["applies"] for file in files] == [True, True, False]
assert files[0]["reason"] is None and "never trusted" in files[2]["reason"]
' "$output"
	cd /
	run -0 sbxctl status
	[ "$output" = 'no .sbxrc here or above' ]
	run -0 sbxctl status --shell
	[ -z "$output" ]
	run -2 sbxctl status x
}

@test "status --shell goes on whatever the files are" {
	mkdir -p a/b/c
	echo 'allow-all' >.sbxrc
	sbxctl trust --yes >/dev/null
	echo 'allow-all' >a/.sbxrc
	sbxctl trust --yes a >/dev/null
	echo damaged >"$store$PWD/a/.sbxrc"
	mkfifo a/b/.sbxrc
	echo 'auto make' >a/b/c/.sbxrc
	sbxctl trust --yes a/b/c >/dev/null
	printf 'sbx trust 1\n10 .sbxrc\nnonsense x\n' >"$store$PWD/a/b/c/.sbxrc"
	cd a/b/c
	run -0 sbxctl status --shell
	[ "$(states)" = 'trusted refused refused refused ' ]
	[ "$(grep -c '^notice ' <<<"$output")" -eq 3 ]
	grep "^notice .* is not of this version of sbx" <<<"$output"
	grep "^notice .* is refused: it is no regular file" <<<"$output"
	grep "^notice .* cannot be used: .*unknown option 'nonsense'" <<<"$output"
	run -1 sbxctl status
	sbx_failed sbx true
}

@test "a damaged copy can be replaced and removed" {
	project
	echo damaged >"$store$PWD/.sbxrc"
	sbx_failed sbx true
	run -0 sbxctl trust --yes
	applies trusted
	echo damaged >"$store$PWD/.sbxrc"
	run -0 sbxctl distrust
	untrusted
}

# Nothing in the output that a terminal obeys: control characters, marks of direction.
harmless() {
	if grep -q "$(printf '[\001-\010\013-\037]\|\342\200\256')" <<<"$output"; then
		explain 'a terminal would obey this'
	fi
}

@test "control characters in paths and words never reach the terminal or a shell" {
	local escape bidi
	escape=$(printf '\033]0;evil\007\033[2J')
	bidi=$(printf '\342\200\256')
	printf 'allow-all\nenv-set RC=%s%s\nauto "a%sb" c\n# %s\r\n' "$escape" "$bidi" "$escape" "$escape" >.sbxrc
	run -0 sbxctl trust --yes
	harmless
	grep -F 'RC=\x1b]0;evil\x07\x1b[2J\xe2\x80\xae' <<<"$output"
	run -0 sbxctl status --shell
	[ "$(wc -l <<<"$output")" -eq 1 ]
	grep '^notice .* is left out' <<<"$output"
	run -0 sbxctl status
	harmless
	printf 'allow-all\n%s\n' "$escape" >.sbxrc
	run -2 sbxctl diff
	harmless
	mkdir "x${escape}
auto evil"
	cd "x${escape}
auto evil"
	echo allow-all >.sbxrc
	run -0 sbxctl status --shell
	harmless
	[ "$(grep -c '^auto \|^file ' <<<"$output")" -eq 0 ]
	run -0 sbxctl trust --yes
	harmless
	run -0 sbx sh -c 'echo works'
	grep works <<<"$output"
}

@test "a renamed project, and what takes its place, are not trusted" {
	project
	cd ..
	mv project renamed
	cd renamed
	untrusted
	cd ..
	mkdir project
	cd project
	state deleted
	printf 'allow-all\nenv-set RC=other\n' >.sbxrc
	state changed
	applies trusted
}

@test "a copied project is not trusted, a hard link of its .sbxrc neither" {
	project
	cd ..
	cp -a project copied
	mkdir linked
	ln project/.sbxrc linked/.sbxrc
	cd copied
	untrusted
	cd ../linked
	untrusted
}

@test "a parent replaced by a symlink gains no trust" {
	mkdir -p real/project other/project
	cd real/project
	trusted 'env-set RC=real'
	cd ../..
	printf 'allow-all\nenv-set RC=other\n' >other/project/.sbxrc
	ln -s real link
	cd link/project
	applies real
	cd "$BATS_TEST_TMPDIR/work"
	mv real away
	ln -s other real
	cd real/project
	untrusted
	cd "$BATS_TEST_TMPDIR/work/away/project"
	untrusted
}

@test "a symlink, a FIFO, a directory or a socket for .sbxrc is refused; the trusted copy applies" {
	local kind
	project
	cp .sbxrc same
	for kind in 'ln -s same' mkfifo mkdir; do
		rm -rf .sbxrc
		$kind .sbxrc
		state refused
		applies trusted
		run -0 timeout 10 sbx true
		grep 'is refused: ' <<<"$output"
		run -2 timeout 10 sbxctl trust --yes
		run -2 timeout 10 sbxctl diff
		sbxctl status --json >/dev/null || [ $? -eq 1 ]
	done
	cd ..
	mkdir fresh
	cd fresh
	mkfifo .sbxrc
	state refused
	sbx_failed timeout 10 sbx true
}

@test "a file that others may write is refused; also one of another user" {
	project
	chmod g+w .sbxrc
	state refused
	applies trusted
	chmod 646 .sbxrc
	state refused
	run -2 sbxctl trust --yes
	grep 'others than its owner may write it' <<<"$output"
	chmod 644 .sbxrc
	state trusted
	if is_root; then
		chown 12345 .sbxrc
		state refused
		run -2 sbxctl trust --yes
		grep 'it belongs to another user' <<<"$output"
	fi
}

@test "a FIFO or a directory for a profile keeps nobody waiting" {
	echo '(deny file-read* (subpath "/nowhere"))' >x.sb
	printf 'allow-all\nprofile x.sb\n' >.sbxrc
	sbxctl trust --yes >/dev/null
	rm x.sb
	mkfifo x.sb
	run -0 timeout 10 sbxctl status --shell
	state changed
	run -2 timeout 10 sbxctl diff
	grep 'no regular file' <<<"$output"
	run -0 timeout 10 sbx -q true
	sbxctl distrust
	run -2 timeout 10 sbxctl trust --yes
	grep -F '.sbxrc:2:9: profile x.sb: it is no regular file' <<<"$output"
	rm x.sb
	mkdir x.sb
	run -2 timeout 10 sbxctl trust --yes
}

@test "paths with blanks, quotes and line breaks are kept apart" {
	local name
	for name in 'a b' "it's" 'new
line' '-dash' '*' 'a
b/.sbxrc'; do
		mkdir -p -- "$name"
		(
			cd -- "$name"
			trusted "env-set RC=\"$(echo "$name" | tr -d '\n')\""
			applies "$(echo "$name" | tr -d '\n')"
			state_now=$(sbxctl status --json | grep -c '"state":"trusted"')
			[ "$state_now" -eq 1 ]
		)
	done
}

@test "a path as long as the kernel has them, and longer ones" {
	local part
	part=$(printf '%0200d' 0)
	while [ "${#PWD}" -lt 3800 ]; do
		mkdir "$part"
		cd "$part"
	done
	trusted 'env-set RC=deep'
	applies deep
	state trusted
	run -0 sbxctl distrust
	untrusted
	mkdir "$part" && cd "$part"
	mkdir "$part" && cd "$part"
	sbx_failed sbx true
	grep 'no .sbxrc can be looked for' <<<"$output"
	sbx_failed sbx -p no-network true
	run -0 sbxctl status --shell
	grep '^notice ' <<<"$output"
	cd "$BATS_TEST_TMPDIR/work"
	rm -rf "$part"
}

@test "a store that others may write, at any level, is not believed" {
	local place
	project
	for place in "$store" "$store${PWD%/*}" "$store$PWD" "$store$PWD/.sbxrc"; do
		chmod g+w "$place"
		sbx_failed sbx -p no-network true
		grep 'not trusted' <<<"$output"
		state refused
		[ -f "$place" ] || run -2 sbxctl trust --yes
		chmod g-w "$place"
	done
	applies trusted
	mv "$store$PWD" "$BATS_TEST_TMPDIR/moved"
	ln -s "$BATS_TEST_TMPDIR/moved" "$store$PWD"
	untrusted
}

@test "what another user put into the store is not believed" {
	project
	if is_root; then
		chown 12345 "$store$PWD/.sbxrc"
		sbx_failed sbx -p no-network true
		chown 0 "$store$PWD/.sbxrc"
		chown 12345 "$store${PWD%/*}"
		sbx_failed sbx -p no-network true
		chown 0 "$store${PWD%/*}"
	fi
	applies trusted
}

@test "work trees of one repository are trusted together, for those that it knows of" {
	git init -q main
	cd main
	printf 'allow-all\nenv-set RC=tree\n' >.sbxrc
	git add .sbxrc
	git -c user.name=x -c user.email=x@x commit -qm x
	git worktree add -q ../tree
	run -0 sbxctl trust --yes --worktrees
	grep -F "is trusted in all work trees of $PWD/.git" <<<"$output"
	applies tree
	cd ../tree
	state trusted
	applies tree
	run -0 sbxctl status
	grep 'for all work trees of' <<<"$output"
	cp -a . ../copied
	cd ../copied
	untrusted
	cd ../main/.git
	[ "$(states)" = 'trusted ' ]
	mkdir -p worktrees && cd worktrees
	[ "$(states)" = 'trusted ' ]
	cd ../../../tree
	printf 'allow-all\nenv-set RC=new\n' >.sbxrc
	state changed
	applies tree
	run -0 sbxctl trust --yes --worktrees
	applies new
	cd ../main
	state changed
	applies new
	rm .sbxrc
	state deleted
	applies new
	cd ../tree
	run -0 sbxctl distrust
	untrusted
}

@test "trust of a directory's own comes before that of all work trees" {
	git init -q main
	cd main
	trusted 'env-set RC=own'
	run -0 sbxctl trust --yes --worktrees
	applies own
	[ ! -e "$store$PWD/.sbxrc" ]
	printf 'allow-all\nenv-set RC=mine\n' >.sbxrc
	run -0 sbxctl trust --yes
	applies mine
	cd ..
	mkdir plain
	cd plain
	echo allow-all >.sbxrc
	run -2 sbxctl trust --yes --worktrees
}

@test "who only says that he is a work tree is none; FIFOs for git's files keep nobody waiting" {
	git init -q main
	cd main
	printf 'allow-all\nenv-set RC=tree\n' >.sbxrc
	sbxctl trust --yes --worktrees >/dev/null
	mkdir -p .git/worktrees/evil ../evil
	cp .sbxrc ../evil
	echo "gitdir: $PWD/.git/worktrees/evil" >../evil/.git
	cd ../evil
	untrusted
	echo ../.. >../main/.git/worktrees/evil/commondir
	echo "$PWD/elsewhere/.git" >../main/.git/worktrees/evil/gitdir
	untrusted
	rm ../main/.git/worktrees/evil/commondir
	mkfifo ../main/.git/worktrees/evil/commondir
	run -0 timeout 10 sbxctl status --shell
	state untrusted
	rm .git
	ln -s ../main/.git .git
	untrusted
	rm .git
	mkfifo .git
	run -0 timeout 10 sbxctl status --shell
	state untrusted
	run -0 timeout 10 sbxctl trust --yes
}

# Everything that could write to what decides about sandboxes, from inside one.
attacks() {
	cat <<-'END'
		echo evil >>.sbxrc
		rm -f .sbxrc
		mv .sbxrc other
		echo evil >new; mv -f new .sbxrc
		ln .sbxrc link && echo evil >>link
		ln -sf new .sbxrc
		ln -f new .sbxrc
		ln -s . link; echo evil >link/.sbxrc
		echo evil >/proc/self/cwd/.sbxrc
		echo evil >"/proc/self/root$PWD/.sbxrc"
		chmod 666 .sbxrc
		mv ../project ../renamed
		mv "$HOME/.local" "$HOME/away"
		mv "$XDG_STATE_HOME/sbx" "$XDG_STATE_HOME/away"
		mkdir -p "$XDG_STATE_HOME/sbx/trust/evil"
		echo evil >"$STORE$PWD/.sbxrc"
		rm -rf "$XDG_STATE_HOME/sbx"
		mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
		ln -s "$PWD" "$XDG_CONFIG_HOME/sbx"
		mv "$XDG_CONFIG_HOME" "$HOME/away"
		cd "$XDG_CONFIG_HOME"; mkdir sbx; mkdir sbx/presets; echo evil >sbx/presets/evil.sb
		"$PYTHON" "$ANSWER" rename 2 "$HOME/empty" "$HOME/.local"
		"$PYTHON" "$ANSWER" rename 2 ../sibling ../project
		"$PYTHON" "$ANSWER" rename 2 new .sbxrc
		echo allow-all >sub/.sbxrc; cd sub; sbxctl trust --yes
		sbxctl distrust
		"$PYTHON" -c 'import os; os.truncate(".sbxrc", 0)'
	END
}

# A project with its home as they are before an attack.
lay_out() {
	cd "$BATS_TEST_TMPDIR/work" || return
	rm -rf "$BATS_TEST_TMPDIR"/work/* "$HOME"
	mkdir -p "$HOME/.local/state" "$HOME/.config" "$HOME/empty" sibling project/sub
	cd project || return
	echo new >new
	trusted 'env-set RC=trusted'
}

picture() {
	(cd "$BATS_TEST_TMPDIR" && find home/.local home/.config work/project/.sbxrc -print \
		-type f -exec cat {} + | sort) 2>&1
	stat -c %a "$BATS_TEST_TMPDIR/work/project/.sbxrc" 2>&1 || :
}

# withstands OPTION...: each attack works outside, and changes nothing in the sandbox.
withstands() {
	local attack before
	export STORE=$store ANSWER=$answer
	while IFS= read -r attack; do
		echo "attack: $attack"
		lay_out
		before=$(picture)
		sh -c "$attack" >/dev/null 2>&1 || :
		[ "$(picture)" != "$before" ] || explain 'the control should have changed something'
		lay_out
		before=$(picture)
		run sbx -q "$@" sh -c "$attack"
		[ "$status" -ne 125 ] || explain 'sbx itself failed'
		[ "$(picture)" = "$before" ] || diff <(echo "$before") <(picture)
	done < <(attacks)
}

@test "nothing in a sandbox writes what decides about it: all is allowed" {
	withstands -A
}

@test "nothing in a sandbox writes what decides about it: an expression allows all writing" {
	withstands -A -e '(allow file-write* (subpath "/")) (allow file-write-data file-write-create
		file-write-unlink file-write-mode (subpath "/")) (allow file-write-create (regex #"."))'
}

@test "nothing in a sandbox writes what decides about it: --allow-file-write / and -all" {
	withstands --allow-file-write / --allow-file-all --allow-process-exec-all --allow-file-read-all
}

@test "nothing in a sandbox writes what decides about it: words of the language redefined" {
	withstands -A -e '(allow file-write* (subpath "/")) (define (deny . rest) #t)
		(define deny allow) (define (literal . rest) #f) (define (subpath . rest) #f)'
}

@test "an .sbxrc that is absent cannot be made where its copy is in force" {
	project
	rm .sbxrc
	control sh -c 'echo x >.sbxrc && rm .sbxrc'
	refused sbx -q -A -e '(allow file-write* (subpath "/"))' sh -c 'echo x >.sbxrc'
	refused sbx -q -A ln -s /dev/null .sbxrc
	refused sbx -q -A mkdir .sbxrc
	[ ! -e .sbxrc ]
}

@test "a directory above an .sbxrc in force keeps its mode and times for the policy to decide" {
	project
	run -0 sbx -q sh -c 'chmod 750 . && touch . && touch x && rm x'
}

@test "a hostile clone does nothing before it is trusted" {
	mkdir clone
	cd clone
	cat >.sbxrc <<-END
		allow-all
		env-set LD_PRELOAD=$PWD/evil.so
		env-set PATH=$PWD
		auto *
		best-effort
		expr '(allow file-write* (subpath "/"))'
		keep-fd 0
	END
	untrusted
	run -0 sbxctl status --shell
	run ! grep -v '^file untrusted \|^notice ' <<<"$output"
	run -0 sbx -q -p no-network sh -c 'echo "${LD_PRELOAD-none}"'
	[ "$output" = none ]
}

@test "protections: a store that stands behind links is as safe, and so are the links" {
	local place
	mkdir -p "$HOME/.local" data/state
	rm -rf "$HOME/.local/state"
	ln -s ../first "$HOME/.local/state"
	ln -s "$PWD/data/state" "$HOME/first"
	unset XDG_STATE_HOME
	mkdir project
	printf 'preset no-network\n' >project/.sbxrc
	chmod 644 project/.sbxrc
	sbxctl trust --yes project
	cd project
	ln -s nothing link
	control sh -c 'mv link other && mv other link'
	for place in "$HOME/.local/state" "$HOME/first" "$OLDPWD/data/state" "$OLDPWD/data" "$HOME/.local"; do
		refused sbx -q mv "$place" "$place.old"
		refused sbx -q -A mv "$place" "$place.old"
		[ -e "$place/." ] && [ ! -e "$place.old" ]
	done
	refused sbx -q ln -sfn /nowhere/else "$HOME/first"
	refused sbx -q rm "$HOME/.local/state"
	refused sbx -q touch "$OLDPWD/data/state/sbx/trust/new"
	run -0 sbx -q sh -c 'mv link other && touch ../data/other'
}
