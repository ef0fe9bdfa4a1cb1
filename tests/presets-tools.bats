# What real tools do under the presets for work, and what each preset keeps from them.

load helper
load enforce

setup() {
	enforce_setup
	# Version managers put programs of their own first.
	PATH=$SBX_BIN_DIR:/usr/local/bin:/usr/bin:/bin:/usr/games:$SBX_TEST_PROGRAMS
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c
	export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c
	export CARGO_NET_OFFLINE=true GOFLAGS=-mod=mod GOPROXY=off GOSUMDB=off GOTOOLCHAIN=local
	export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false
	REMOVE_AFTERWARDS=
}

teardown() {
	sbx_teardown
	[ -z "$REMOVE_AFTERWARDS" ] || rm -rf "$REMOVE_AFTERWARDS"
}

# works PRESETS COMMAND...: and without a word of sbx.
works() {
	local presets=$1
	shift
	control sbx -qp "$presets" "$@"
	[[ $output != *'sbx: '* ]] || explain 'sbx should have been silent'
}

# table PRESETS LACKING: lines of "+ COMMAND" work under the presets; lines of "- COMMAND" work without a
# sandbox and fail in it; lines of "? COMMAND" work, but not with LACKING in place of the presets.
table() {
	local presets=$1 lacking=${2-} verdict command
	while read -r verdict command; do
		case $verdict in
		'') ;;
		+) works "$presets" bash -e -o pipefail -c "$command" ;;
		-) denied "$presets" bash -e -o pipefail -c "$command" ;;
		\?)
			refused sbx -qp "$lacking" bash -e -o pipefail -c "$command"
			works "$presets" bash -e -o pipefail -c "$command"
			;;
		*) explain "a line that begins with '$verdict'" ;;
		esac
	done
}

# Programs of the tests, where presets let them be read.
bring() {
	cp "$SBX_TEST_PROGRAMS/$1" .
	PATH=$PWD:$PATH
}

# A home and a directory that are not temporary, where this user can have them.
settle() {
	settled_place || return
	export HOME=$OUTSIDE/home
	mkdir -p "$HOME" "$OUTSIDE/project"
	unset XDG_CONFIG_HOME XDG_STATE_HOME
	cd "$OUTSIDE/project" || return
}

# Everything that the presets are for, small.
make_projects() {
	printf 'int main(void) { return 0; }\n' >main.c
	printf 'main: main.c\n\tcc -o main main.c\n' >Makefile
	printf 'cmake_minimum_required(VERSION 3.0)\nproject(a C)\nadd_executable(a main.c)\n' >CMakeLists.txt
	mkdir -p src go tree/sub package app
	printf '[package]\nname = "crate"\nversion = "0.1.0"\nedition = "2021"\n' >Cargo.toml
	printf 'fn main() { println!("rust"); }\n' >src/main.rs
	printf 'module example.com/a\n\ngo 1.19\n' >go/go.mod
	printf 'package main\n\nfunc main() { println("go") }\n' >go/main.go
	echo text >tree/sub/file
	touch -d 2001-01-01 tree/sub/file
	chmod 640 tree/sub/file
	printf '{"name":"made","version":"1.0.0","scripts":{"install":"node install.js"}}\n' \
		>package/package.json
	echo 'require("fs").writeFileSync("installed", "yes")' >package/install.js
	tar -czf made.tgz package
	echo '{"name":"app","version":"1.0.0"}' >app/package.json
	export LC_ALL=C
}

build_tools='
	+ make && ./main
	+ cmake -S . -B out >log && cmake --build out >log && out/a
	+ tar -cf tree.tar tree && mkdir copy && tar -xpf tree.tar -C copy
	+ [ "$(stat -c "%a %Y" copy/tree/sub/file)" = "$(stat -c "%a %Y" tree/sub/file)" ]
	+ rsync -a tree/ synced && [ "$(stat -c %Y synced/sub/file)" = "$(stat -c %Y tree/sub/file)" ]
	+ sqlite3 a.db "pragma journal_mode=wal; create table t (a); insert into t values (1)" >log
	+ git init -q repository && cd repository && echo 1 >a && git add a && git commit -qm 1 && git gc -q
	+ node -e "require(\"fs\").writeFileSync(\"node\", String(require(\"os\").cpus().length))"
	+ /usr/bin/python3 -c "import sqlite3, ssl, subprocess, multiprocessing; multiprocessing.Lock()"
	+ f=$(mktemp) && echo x >"$f" && rm "$f"'

@test "write-cwd-only: compilers, build tools, archives, data bases" {
	make_projects
	table write-cwd-only <<<"$build_tools"
	GOCACHE=$PWD/cache table write-cwd-only <<-'END'
		+ /usr/bin/cargo build -q --offline && target/debug/crate
		+ cd go && go build -o program . && ./program
	END
}

@test "workspace: compilers, build tools, archives, data bases" {
	make_projects
	table workspace <<<"$build_tools"
	table workspace <<-'END'
		+ /usr/bin/cargo build -q --offline && target/debug/crate
		+ [ -r /etc/passwd ] && ls / >log && ps -ef >log
		+ exec 3<>/dev/ptmx
	END
}

@test "workspace: reads everything, writes here and temporary files only, no network" {
	settle || return 0
	listen
	mkdir other
	cd other
	echo data >"$OUTSIDE/data"
	# shellcheck disable=SC2153 # another socket than STREAM
	table workspace <<-END
		+ cat "$OUTSIDE/data" && echo >here && mkdir -p d && mv here d
		+ f=\$(mktemp /tmp/sbx-test.XXXXXX) && rm "\$f"
		- echo x >"$OUTSIDE/project/new"
		- echo x >"$HOME/new"
		- chmod 600 "$OUTSIDE/data"
		- sockets tcp4 $TCP4
		- sockets udp4 $UDP4
		- sockets stream $STREAM
		- sockets stream $ASTREAM
		- sockets bind4 0
	END
	contacts 4
	table workspace <<-'END'
		+ python3 -c 'import socket; s = socket.socket(1); s.bind("s"); s.listen(); socket.socket(1).connect("s")'
	END
}

@test "workspace: an editor and a pager on a terminal" {
	seq 100 >numbers
	# on_terminal KEYS COMMAND...: types the keys when the program has drawn something.
	on_terminal() {
		TERM=xterm "$PYTHON" -c '
import os, pty, select, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
keys, drawn, end = sys.argv[1].encode().decode("unicode_escape"), b"", time.monotonic() + 20
while time.monotonic() < end:
    if select.select([terminal], [], [], 0.3)[0]:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        drawn += data
    elif keys and drawn:
        os.write(terminal, keys[0].encode())
        keys = keys[1:]
sys.stdout.write(drawn.decode("latin-1"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' "$@"
	}
	control on_terminal 'Gq' sbx -qp workspace less numbers
	[[ $output == *100* ]]
	control on_terminal 'x' sbx -qp workspace vim -u NONE -c 'normal itext' -c 'wq' written
	[ "$(cat written)" = text ]
}

# hidden_files: what secrets hides, and what it leaves.
make_secrets() {
	local file
	for file in .ssh/id_ed25519 .ssh/work .gnupg/secring .aws/credentials .config/gcloud/db .kube/config \
		.netrc .docker/config.json .mozilla/firefox/x/logins.json .config/google-chrome/Login \
		.config/chromium/Cookies .password-store/a.gpg .local/share/keyrings/login .npmrc .pypirc \
		.git-credentials .cargo/credentials.toml .config/gh/hosts.yml \
		.ssh/config .ssh/known_hosts .ssh/id_ed25519.pub .bashrc .docker/daemon.json .cargo/config; do
		mkdir -p "$(dirname "$HOME/$file")"
		echo content >"$HOME/$file"
	done
	mkdir -p sub/.env
	for file in .env .env.local sub/.envrc sub/.env.production sub/.env/python .env.example .environment.d; do
		echo content >"$file"
	done
}

@test "secrets: what is hidden and what is not" {
	make_secrets
	table secrets <<-'END'
		- cat ~/.ssh/id_ed25519
		- cat ~/.ssh/work
		- cat ~/.gnupg/secring
		- cat ~/.aws/credentials
		- cat ~/.config/gcloud/db
		- cat ~/.kube/config
		- cat ~/.netrc
		- cat ~/.docker/config.json
		- cat ~/.mozilla/firefox/x/logins.json
		- cat ~/.config/google-chrome/Login
		- cat ~/.config/chromium/Cookies
		- cat ~/.password-store/a.gpg
		- cat ~/.local/share/keyrings/login
		- cat ~/.npmrc ~/.pypirc
		- cat ~/.git-credentials
		- cat ~/.cargo/credentials.toml
		- cat ~/.config/gh/hosts.yml
		- cat .env
		- cat .env.local
		- cat sub/.envrc
		- cat sub/.env.production
		- ls ~/.aws
		- cp .env copied && rm copied
		- ln .env linked && cat linked && rm linked
		- mv .env moved && cat moved && mv moved .env
		- mv sub other && { cat other/.envrc && mv other sub || { mv other sub && false; }; }
		- echo x >sub/.env.new && cat sub/.env.new
		- exec 3<>.env
		- /usr/bin/python3 -c 'import os; os.open(os.open(".env", os.O_PATH), 0) if 0 else open("/proc/self/cwd/.env")'
		+ cat .env.example sub/.env/python ~/.ssh/config ~/.ssh/known_hosts ~/.ssh/id_ed25519.pub
		+ cat ~/.bashrc ~/.docker/daemon.json ~/.cargo/config && ls ~/.ssh ~/.config && ls -la . >/dev/null
		+ echo new >.env.later && [ -s .env.later ] && rm .env.later
	END
	is_root || return 0
	table secrets <<-'END'
		- cat /etc/shadow
	END
}

@test "secrets: the environment" {
	export GITHUB_TOKEN=t API_KEY=k AWS_PROFILE=p DB_PASSWORD=w CLIENT_SECRET_ID=s SSH_AUTH_SOCK=/sock
	export GOOGLE_APPLICATION_CREDENTIALS=c HARMLESS=h KEYBOARD=b AUTHOR=a
	for presets in secrets workspace; do
		works "$presets" env
		run -1 grep -E '^(GITHUB|API|AWS|DB_|CLIENT|GOOGLE)' <<<"$output"
		works "$presets" sh -c 'echo "$HARMLESS $KEYBOARD $AUTHOR $SSH_AUTH_SOCK"'
		[ "$output" = 'h b a /sock' ]
	done
	run -0 sbx -np secrets true
	[[ $output == *'environment: drops '*GITHUB_TOKEN* ]]
	control sbx -qp secrets --env-set=GITHUB_TOKEN=mine printenv GITHUB_TOKEN
}

@test "secrets: git, ssh with an agent, npm and pip work" {
	make_projects
	make_secrets
	rm -f "$HOME/.ssh"/* "$HOME/.npmrc" "$HOME/.pypirc"
	echo 'registry=http://127.0.0.1:1/' >"$HOME/.npmrc"
	start_agent
	table secrets <<-'END'
		+ git init -q r && cd r && echo 1 >a && git add a && git commit -qm 1 && git stash list
		+ cd app && npm install ../made.tgz >/dev/null
		+ /usr/bin/python3 -m pip --version >/dev/null && /usr/bin/python3 -m pip config list
		+ ssh-keygen -Y sign -f ~/.ssh/id.pub -n file main.c 2>/dev/null && rm main.c.sig
		+ ssh -G localhost >/dev/null
		- ssh-keygen -y -f ~/.ssh/id
	END
}

# An agent with a key; of the key only the public half can be read without it.
start_agent() {
	mkdir -p "$HOME/.ssh"
	chmod 700 "$HOME/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id"
	export SSH_AUTH_SOCK=$BATS_TEST_TMPDIR/agent
	ssh-agent -D -a "$SSH_AUTH_SOCK" >/dev/null 2>&1 3>&- &
	listeners+=("$!")
	local tries=0
	until ssh-add -q "$HOME/.ssh/id" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ]
		sleep 0.05
	done
}

@test "ssh-agent: signs with the agent's key, reaches nothing else" {
	listen
	start_agent
	cp "$HOME/.ssh/id.pub" .
	echo text >text
	control ssh-keygen -Y sign -f id.pub -n file text
	rm text.sig
	table ssh-agent,workspace workspace <<-END
		? ssh-keygen -Y sign -f id.pub -n file <text 2>/dev/null | grep -q SIGNATURE
		? ssh-add -l
		- sockets stream $STREAM
		- sockets tcp4 $TCP4
		- cat ~/.ssh/id
	END
	works ssh-agent ssh-add -l
	refused sbx -qp ssh-agent,no-network ssh-add -l
}

@test "git-config: the user's configuration, no credentials" {
	mkdir -p "$HOME/.config/git"
	git config --global user.name Somebody
	git config -f "$HOME/.config/git/config" core.excludesFile "$HOME/.config/git/ignore"
	echo secret | tee "$HOME/.git-credentials" >"$HOME/.config/git/credentials"
	echo x >"$HOME/.bashrc"
	control git config user.name
	table git-config,tty tty <<-'END'
		? [ "$(git config user.name)" = Somebody ]
		- cat ~/.git-credentials
		- cat ~/.config/git/credentials
		- cat ~/.bashrc
		- git config --global a.b c
	END
}

@test "localhost: this host, TCP and UDP, in and out; no unix socket, no other host" {
	listen
	bring sockets
	table localhost,tty tty <<-END
		? sockets tcp4 $TCP4
		? sockets tcp6 $TCP6
		? sockets udp4 $UDP4
		? sockets udp6 $UDP6
		- sockets stream $STREAM
		- sockets stream $ASTREAM
	END
	table localhost,workspace workspace <<-'END'
		? python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); socket.create_connection(s.getsockname())'
	END
	local connect='import socket, sys; s = socket.socket(2, 2); s.connect((sys.argv[1], 9))'
	works localhost,workspace "$PYTHON" -c "$connect" 127.0.0.1
	run "$PYTHON" -c "$connect" 192.0.2.1
	[ "$status" -eq 0 ] || return 0 # no route to try it with
	refused sbx -qp localhost,workspace "$PYTHON" -c "$connect" 192.0.2.1
	[[ $output == *'not permitted'* || $output == *'ermission denied'* ]]
}

# A name server on port 53 of this host, which a mount namespace makes the only one.
@test "dns: names are looked up, with glibc and without" {
	is_root || return 0 # port 53 and mounts are root's
	echo 'nameserver 127.0.0.53' >resolv.conf
	echo 'hosts: dns' >nsswitch.conf
	cat >server.py <<-'END'
		import os, socket, sys
		s = socket.socket(2, 2)
		s.bind(("127.0.0.53", 53))
		os.close(os.open("ready", os.O_CREAT | os.O_WRONLY))
		open("ready", "w").write("yes")
		while True:
		    q, a = s.recvfrom(512)
		    end = q.index(b"\0", 12) + 5
		    ip4 = q[end - 4:end - 2] == b"\0\1"
		    answer = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\1\2\3" if ip4 else b""
		    s.sendto(q[:2] + b"\x81\x80\0\1" + bytes([0, ip4]) + b"\0\0\0\0" + q[12:end] + answer, a)
	END
	"$PYTHON" server.py 3>&- &
	listeners+=("$!")
	wait_for ready
	resolving() {
		unshare -m bash -c 'mount --bind resolv.conf /etc/resolv.conf &&
			mount --bind nsswitch.conf /etc/nsswitch.conf && exec "$@"' - "$@"
	}
	run resolving getent ahostsv4 name.example
	[ "$status" -eq 0 ] || skip_or_fail 'no mount namespaces, or something else on 127.0.0.53'
	[[ $output == 127.1.2.3* ]]
	control resolving sbx -qp dns getent ahostsv4 name.example
	[[ $output == 127.1.2.3* ]]
	refused resolving sbx -qp tty getent ahostsv4 name.example
	control resolving sbx -qp workspace,dns "$PYTHON" -c 'import socket; print(socket.gethostbyname("name.example"))'
	control resolving sockets lookup name.example
	control resolving sbx -qp workspace,dns sockets lookup name.example
	refused resolving sbx -qp workspace sockets lookup name.example
	listen
	refused sbx -qp workspace,dns sockets udp4 "$UDP4"
	refused sbx -qp workspace,dns sockets tcp4 "$TCP4"
	contacts 0
}

@test "tty: a terminal can be opened, and its controlling one" {
	control calls on-terminal sbx -qp tty sh -c 'echo typed >/dev/tty'
	[[ $output == typed* ]]
	works tty "$PYTHON" -c 'import pty; pty.openpty()'
	refused sbx -qp display "$PYTHON" -c 'import pty; pty.openpty()'
	refused calls on-terminal sbx -qp display sh -c 'echo typed >/dev/tty'
}

@test "display: the sockets of X11 and Wayland, the authority, nothing beside them" {
	listen
	mkdir -p "$XDG_RUNTIME_DIR"
	mv "$STREAM" "$XDG_RUNTIME_DIR/wayland-0"
	STREAM=$XDG_RUNTIME_DIR/wayland-0
	echo cookie >"$HOME/.Xauthority"
	echo cookie >"$OUTSIDE/authority"
	bring sockets
	XAUTHORITY=$OUTSIDE/authority table display tty <<-END
		? sockets stream $STREAM
		? cat ~/.Xauthority
		? cat $OUTSIDE/authority
		- sockets dgram $DGRAM
		- sockets tcp4 $TCP4
	END
	ln -f "$STREAM" "$XDG_RUNTIME_DIR/bus"
	denied display sockets stream "$XDG_RUNTIME_DIR/bus"
	is_root || return 0 # nobody else's directory
	[ -d /tmp/.X11-unix ] || mkdir -m 1777 /tmp/.X11-unix
	REMOVE_AFTERWARDS=/tmp/.X11-unix/X4711
	ln "$STREAM" /tmp/.X11-unix/X4711 || return 0 # another file system
	works display sockets stream /tmp/.X11-unix/X4711
	refused sbx -qp tty sockets stream /tmp/.X11-unix/X4711
}

@test "trustd: for macOS; here it grants nothing" {
	works trustd true
	denied trustd touch new
}

@test "caches of package managers: the cache, never the credentials beside it" {
	settle || return 0
	make_projects
	local name
	for name in .npmrc .cargo/credentials.toml .config/pip/pip.conf .gradle/gradle.properties .pypirc \
		.gradle/init.d/a.gradle .cargo/config.toml; do
		mkdir -p "$(dirname "$HOME/$name")"
		echo "# content" >"$HOME/$name"
	done
	table workspace,cache-npm workspace <<-'END'
		? cd app && npm install ../made.tgz >log && [ -e node_modules/made ] && [ -d ~/.npm/_cacache ]
		- cat ~/.npmrc
		- echo x >~/.npmrc
		- ln -s /nowhere ~/.npm/new && rm ~/.npm/new
		- mkdir ~/.npm/_npx && rmdir ~/.npm/_npx
	END
	table workspace,cache-go workspace <<-'END'
		? cd go && go build -o program . && ./program && [ -d ~/.cache/go-build ]
		- echo x >~/.cache/other
	END
	table workspace,cache-cargo workspace <<-'END'
		? mkdir -p ~/.cargo/registry/index && echo x >~/.cargo/registry/index/x
		+ /usr/bin/cargo build -q --offline
		- cat ~/.cargo/credentials.toml
		- echo x >~/.cargo/config.toml
		- mkdir ~/.cargo/bin && rmdir ~/.cargo/bin
	END
	table workspace,cache-pip workspace <<-'END'
		? mkdir -p ~/.cache/pip/http && echo x >~/.cache/pip/http/x
		+ [ "$(/usr/bin/python3 -m pip cache dir)" = ~/.cache/pip ]
		- cat ~/.pypirc
		- echo x >~/.config/pip/pip.conf
	END
	table workspace,cache-gradle workspace <<-'END'
		? mkdir -p ~/.gradle/caches/jars && echo x >~/.gradle/caches/jars/x
		- echo x >~/.gradle/gradle.properties
		- echo x >~/.gradle/init.d/a.gradle
	END
	table workspace,cache-ccache workspace <<-'END'
		? ccache gcc -c -o main.o main.c && ccache gcc -c -o main.o main.c && [ -d ~/.cache/ccache ]
	END
	# Other presets do not see what the cache grants alone.
	table cache-npm,tty <<-'END'
		- cat ~/.npmrc
		+ ls ~/.npm/_cacache >/dev/null
	END
}
