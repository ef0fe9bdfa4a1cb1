# What git may do under the presets that keep a command from writing, and what code in the sandbox
# cannot leave behind in a repository.

load helper
load enforce

setup() {
	enforce_setup
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
	git config --global init.defaultBranch main
	git config --global protocol.file.allow always
	git config --global gc.auto 0
}

# repository DIRECTORY: with one commit; enters it.
repository() {
	mkdir -p "$1"
	cd "$1" || return
	git init -q
	echo text >file
	git add file
	git commit -qm first
}

writes() {
	control sbx -qp write-cwd-only "$@"
}

# kept PATH COMMAND...: the command changes PATH outside of the sandbox, and not inside; without the
# protections it may.
kept() {
	local path=$1 before
	shift
	rm -rf "$BATS_TEST_TMPDIR/saved"
	cp -a "$PWD" "$BATS_TEST_TMPDIR/saved"
	before=$(look "$path")
	control "$@"
	[ "$(look "$path")" != "$before" ] || explain "$* should have changed $path"
	restore
	control sbx -qp write-cwd-only,-protect-persistence "$@"
	restore
	refused sbx -qp write-cwd-only "$@"
	[ "$(look "$path")" = "$before" ] || explain "$* changed $path"
	restore
}

restore() {
	find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
	cp -a "$BATS_TEST_TMPDIR/saved/." .
}

look() {
	stat -c '%A %h %u %g %s %Y' "$1" 2>/dev/null || :
	[ ! -d "$1" ] || ls -lAR --time-style=+ "$1"
	[ ! -f "$1" ] || cat "$1"
}

@test "write-cwd-only: commits, stashes, branches, merges and work trees" {
	repository project
	mkdir -p .git/hooks
	printf '#!/bin/sh\necho hooked >.git/hooked\n' >.git/hooks/pre-commit
	chmod 755 .git/hooks/pre-commit
	writes bash -e -c '
		echo 2 >>file; git commit -qam second; [ -e .git/hooked ]
		echo 3 >>file; git stash -q; git stash pop -q; git checkout -q file
		git checkout -qb side HEAD~1; echo other >other; git add other; git commit -qm third
		git checkout -q main; git merge -q side -m merged; git rebase -q side
		git tag -a v1 -m v1; git branch -D side; git gc -q; git fsck --no-progress
		git worktree add -q tree -b tree
		cd tree; echo 4 >>file; git commit -qnam fourth; cd ..
		git worktree remove tree; git clone -q . clone; git init -q sub/new; git status --short'
	[ "$(git log --oneline tree | wc -l)" -ge 4 ]
}

@test "protect-persistence: hooks, configuration and what leads to others stay" {
	repository project
	local attempt
	git config alias.x '!true'
	mkdir -p .git/hooks
	while read -r path attempt; do
		kept "$path" bash -c "$attempt"
	done <<-'END'
		.git/config git config core.fsmonitor ./evil
		.git/config echo x >>.git/config
		.git/config rm .git/config
		.git/config mv .git/config moved
		.git/config ln .git/config linked && echo x >>linked
		.git/config chmod 640 .git/config
		.git/config echo x >new && mv new .git/config
		.git/hooks echo x >.git/hooks/pre-commit
		.git/hooks mv .git/hooks moved
		.git/hooks rm -rf .git/hooks
		.git/hooks mv .git moved && echo x >moved/hooks/pre-commit && mv moved .git
		.git/commondir echo .. >.git/commondir
		.git/config.worktree echo x >.git/config.worktree
		.git mv .git moved && echo 'gitdir: moved' >.git
		.git/modules mkdir -p .git/modules/sub
		HEAD echo ref: refs/heads/main >HEAD
		.envrc echo x >.envrc
		.sbxrc echo x >.sbxrc
		.husky mkdir .husky
		.husky mkdir -p a/.. && mkdir new && mv new .husky
		.vscode mkdir -p .vscode && echo x >.vscode/tasks.json
	END
}

@test "protect-persistence: no repository comes to be here" {
	kept .git git init -q
	kept .git bash -c 'mkdir evil && echo "gitdir: evil" >.git'
	kept .git bash -c 'git init -q evil && mv evil/.git .git'
	kept HEAD git init -q --bare .
	writes git init -q elsewhere
}

@test "protect-persistence: what core.hooksPath, includes and symlinks lead to" {
	repository project
	mkdir tools hooks scripts
	echo x >scripts/commit
	printf '[core]\n\tbare = false\n\thooksPath = "hooks" # here\n[include]\n\tpath = ../tools/config\n' \
		>>.git/config
	printf '[Core]\n\tHooksPath = \\\n~/more\n' >tools/config
	mkdir -p .git/hooks
	ln -s ../../scripts/commit .git/hooks/pre-commit
	# shellcheck disable=SC2088 # git expands it
	[ "$(git config core.hooksPath)" = '~/more' ]
	kept hooks bash -c 'echo x >hooks/pre-commit'
	kept tools/config bash -c 'echo x >>tools/config'
	kept scripts/commit bash -c 'echo y >scripts/commit'
	writes bash -c 'echo x >tools/other && echo x >scripts/other'
	mkdir -p "$HOME/more"
	cd "$HOME"
	git init -q .
	# shellcheck disable=SC2088 # git expands it
	git config --global core.hooksPath '~/more'
	kept more/pre-commit bash -c 'echo x >more/pre-commit'
	git config --global core.hooksPath /dev/null
	writes bash -c 'echo x >/dev/null'
}

# linked: a work tree of project in the directory linked, which it enters.
linked() {
	repository project
	git worktree add -q ../linked
	cd ../linked || return
}

@test "write-cwd-only: a linked work tree" {
	linked
	writes bash -e -c 'echo 2 >>file; git commit -qam second; git stash list; echo 3 >>file; git stash -q'
	[ "$(git log --oneline | wc -l)" -eq 2 ]
	git config extensions.worktreeConfig true
	local attempt
	while read -r attempt; do
		control bash -c "$attempt"
		refused sbx -qp write-cwd-only bash -c "$attempt"
	done <<-'END'
		echo x >>../project/file
		touch ../project/.git/config
		mkdir -p ../project/.git/hooks && echo x >../project/.git/hooks/post-commit
		git config a.b c
		git config --worktree a.b c
		cp -f ../project/.git/worktrees/linked/commondir x && cat x >../project/.git/worktrees/linked/commondir
		cat .git >x && cat x >.git
	END
}

@test "write-cwd-only: a subdirectory, a submodule and its own work tree" {
	repository library
	repository ../project
	git submodule -q add ../library sub
	git commit -qm sub
	mkdir deep
	cd deep
	writes bash -e -c 'echo 1 >new; git add new; git commit -qm deep'
	refused sbx -qp write-cwd-only bash -c 'echo x >../file'
	refused sbx -qp write-cwd-only bash -c 'echo x >../.git/hooks/pre-commit'
	cd ../sub
	writes bash -e -c 'echo 2 >>file; git commit -qam second; git checkout -qb side'
	refused sbx -qp write-cwd-only git config a.b c
	refused sbx -qp write-cwd-only bash -c 'echo x >../file'
	git worktree add -q ../../other
	cd ../../other
	writes bash -e -c 'echo 2 >other; git add other; git commit -qam third'
	cd ../project
	writes bash -e -c 'git -C sub checkout -q side; git -C sub status --short; git add sub; git commit -qm moved'
	refused sbx -qp write-cwd-only git submodule update
	kept .git/modules/sub/config bash -c 'echo x >>.git/modules/sub/config'
	kept .git/modules/sub/hooks bash -c 'mkdir -p .git/modules/sub/hooks; echo x >.git/modules/sub/hooks/a'
	kept sub/.git bash -c 'git init -q --bare evil; echo "gitdir: ../evil" >sub/.git'
	kept sub/.git bash -c 'mv sub old; git init -q sub'
}

# closed_to COMMAND...: what an untrusted .git names is not open for writing.
closed_to() {
	control "$@"
	git -C "$OUTSIDE/victim" checkout -q . || :
	refused sbx -qp write-cwd-only "$@"
}

@test "write-cwd-only: a .git file opens nothing that does not name it in turn" {
	repository "$OUTSIDE/victim"
	git worktree add -q "$OUTSIDE/tree"
	cp .git/HEAD "$OUTSIDE/HEAD"
	mkdir -p "$OUTSIDE/objects" "$OUTSIDE/refs" "$BATS_TEST_TMPDIR/work/hostile"
	cd "$BATS_TEST_TMPDIR/work/hostile"
	local target
	for target in "$OUTSIDE" "$OUTSIDE/victim/.git" "$OUTSIDE/victim/.git/worktrees/tree" "$HOME" /; do
		echo "gitdir: $target" >.git
		closed_to bash -c ': >"$1"' - "$OUTSIDE/new"
		closed_to bash -c ': >"$1"' - "$OUTSIDE/victim/.git/objects/new"
		closed_to bash -c ': >"$1"' - "$OUTSIDE/victim/.git/worktrees/tree/new"
		rm "$OUTSIDE/new" "$OUTSIDE/victim/.git/objects/new" "$OUTSIDE/victim/.git/worktrees/tree/new"
	done
	# A directory of its own, which says that it shares another's.
	rm .git
	git init -q
	echo "$OUTSIDE/victim/.git" >.git/commondir
	closed_to bash -c ': >"$1"' - "$OUTSIDE/victim/.git/objects/new"
	rm -r .git
	ln -s "$OUTSIDE/victim/.git" .git
	closed_to bash -c ': >"$1"' - "$OUTSIDE/victim/.git/objects/other"
	# A git directory around the project.
	rm .git
	cp "$OUTSIDE/HEAD" ..
	mkdir ../objects ../refs
	closed_to bash -c ': >../new'
	control sbx -qp write-cwd-only sh -c ': >here'
}

@test "write-cwd-only: another user's repository is not opened" {
	is_root || return 0 # root alone can give files away
	linked
	chown -R 61234 ../project/.git
	git config --global safe.directory '*'
	closed_to_other() {
		control touch ../project/.git/new
		refused sbx -qp write-cwd-only touch ../project/.git/new
	}
	closed_to_other
}

@test "protect-persistence: start-up files in the home directory, one warning there" {
	local file
	cd "$HOME"
	run --separate-stderr sbx -p write-cwd-only true
	[ "$status" -eq 0 ]
	[[ $stderr == *"warning: write-cwd-only may change everything below $HOME"* ]]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	run --separate-stderr sbx -qp write-cwd-only true
	[ -z "$stderr" ]
	mkdir project .ssh
	for file in .bashrc .profile .zshenv .config/fish/config.fish .config/autostart/x.desktop \
		.config/systemd/user/x.service .ssh/config .ssh/authorized_keys .gitconfig .local/bin/ls; do
		control bash -c 'mkdir -p "${0%/*}" && echo >>"$0"' "./$file"
		rm "$file"
		refused sbx -qp write-cwd-only bash -c 'echo >>"$0"' "$file"
		[ ! -e "$file" ]
	done
	control sbx -qp write-cwd-only bash -c 'echo >.other; echo >project/.bashrc'
	cd project
	run --separate-stderr sbx -p write-cwd-only true
	[ -z "$stderr" ]
	cd /
	run --separate-stderr sbx -p write-cwd-only true
	[[ $stderr == *'everything below /, the whole system'* ]]
}

@test "no-write-except-temporary: hooks below a temporary directory stay" {
	case $PWD in
	/tmp/* | /var/tmp/*) ;;
	*) return 0 ;; # nothing here is temporary
	esac
	repository project
	control sbx -qp no-write-except-temporary,-protect-persistence sh -c ': >.git/hooks/new'
	rm .git/hooks/new
	refused sbx -qp no-write-except-temporary sh -c ': >.git/hooks/new'
	control sbx -qp no-write-except-temporary git tag new
}
