# The preset mcp: servers in node and Python answer JSON-RPC over stdio, read their package, keep
# their state, and get at nothing else.

load helper
load enforce

setup() {
	enforce_setup
	unset XDG_DATA_HOME
	package=$HOME/servers/echo
	mkdir -p "$package/src" "$package/node_modules/helper"
	echo '{"name": "echo"}' >"$package/package.json"
	echo 'module.exports = 7;' >"$package/node_modules/helper/index.js"
	echo 'value = 7' >"$package/src/helper.py"
	node_server >"$package/src/server.js"
	python_server >"$package/src/server.py"
	mkdir -m 700 "$HOME/.ssh"
	echo SECRET >"$HOME/.ssh/id"
	echo SECRET >"$HOME/servers/other"
	echo SECRET >here
	export A_TOKEN=SECRET EXAMPLE=SECRET
}

# Both have the same methods; each answer is {"id": ..., "result": ...} or {"id": ..., "error": ...}.
node_server() {
	cat <<-'END'
		const fs = require('fs'), net = require('net'), path = require('path');
		const { execFileSync } = require('child_process');
		const methods = {
		  echo: (text) => text,
		  helper: () => require('helper'),
		  read: (name) => fs.readFileSync(name, 'utf8'),
		  write: (name, text) => (fs.writeFileSync(name, text), fs.chmodSync(name, 0o600), 'written'),
		  state: () => process.env.SBX_STATE,
		  temporary: () => require('os').tmpdir(),
		  package: () => path.dirname(__dirname),
		  variable: (name) => process.env[name] || '',
		  run: (name) => execFileSync(name, { encoding: 'utf8' }),
		  again: () => execFileSync(process.execPath, ['-e', 'console.log(7)'], { encoding: 'utf8' }).trim(),
		  kill: (pid) => process.kill(pid, 'SIGUSR1'),
		  connect: (port) => new Promise((resolve, reject) => {
		    const socket = net.connect(port, '127.0.0.1', () => { socket.end(); resolve('connected'); });
		    socket.on('error', reject);
		  }),
		};
		require('readline').createInterface({ input: process.stdin }).on('line', async (line) => {
		  const { id, method, params } = JSON.parse(line);
		  let answer;
		  try {
		    answer = { result: await methods[method](...params) };
		  } catch (error) {
		    answer = { error: String(error.code || error) };
		  }
		  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
		});
	END
}

python_server() {
	cat <<-'END'
		import json, os, signal, socket, subprocess, sys, tempfile
		def read(name):
		    with open(name) as file:
		        return file.read()
		def write(name, text):
		    with open(name, "w") as file:
		        file.write(text)
		    os.chmod(name, 0o600)
		    return "written"
		def helper():
		    import helper
		    return helper.value
		methods = {
		    "echo": lambda text: text,
		    "helper": helper,
		    "read": read,
		    "write": write,
		    "state": lambda: os.environ["SBX_STATE"],
		    "temporary": tempfile.gettempdir,
		    "package": lambda: os.path.dirname(os.path.dirname(os.path.realpath(__file__))),
		    "variable": lambda name: os.environ.get(name, ""),
		    "run": lambda name: subprocess.check_output([name], text=True),
		    "again": lambda: subprocess.check_output([sys.executable, "-c", "print(7)"], text=True).strip(),
		    "kill": lambda pid: os.kill(pid, signal.SIGUSR1),
		    "connect": lambda port: socket.create_connection(("127.0.0.1", port), 5) and "connected",
		}
		for line in sys.stdin:
		    request = json.loads(line)
		    try:
		        answer = {"result": methods[request["method"]](*request["params"])}
		    except Exception as error:
		        answer = {"error": repr(error)}
		    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer}), flush=True)
	END
}

# ask METHOD PARAMETERS: sends the request, the parameters as JSON, to "${server[@]}". $answer is its
# result; 1 for an error, which $answer is then.
ask() {
	printf '{"jsonrpc": "2.0", "id": 1, "method": "%s", "params": [%s]}\n' "$1" "${2:-}" >request
	run -0 --separate-stderr "${server[@]}" <request
	answer=$("$PYTHON" -c '
import json, sys
answer = json.loads(sys.argv[1])
assert answer["id"] == 1
print(answer["result"] if "result" in answer else answer["error"])
sys.exit("error" in answer)' "$output")
}

# answers EXPECTED METHOD PARAMETERS
answers() {
	local expected=$1
	shift
	ask "$@" || {
		echo "$*: $answer"
		return 1
	}
	[ "$answer" = "$expected" ] || {
		echo "$*: got $answer, expected $expected"
		return 1
	}
}

# fails_inside METHOD PARAMETERS: with "${plain[@]}", the same server, it works.
fails_inside() {
	local inside=("${server[@]}")
	server=("${plain[@]}")
	ask "$@" || {
		echo "the control should have succeeded: $*: $answer"
		return 1
	}
	server=("${inside[@]}")
	if ask "$@"; then
		echo "$*: should fail, got $answer"
		return 1
	fi
}

# What must work and what must not, for the server in plain=(...).
check_server() {
	server=(sbx -qp mcp "${plain[@]}")
	answers hello echo '"hello"'
	answers 7 helper
	answers 7 again
	ask package
	answers '{"name": "echo"}' read "\"$answer/package.json\""
	ask state
	state=$answer
	[[ $state == "$HOME/.local/share/sbx-mcp/"* ]]
	[ "$(stat -c %a "$state" "${state%/*}" | paste -s -d ' ')" = '700 700' ]
	answers written write "\"$state/note\", \"text\""
	answers text read "\"$state/note\""
	answers "$state/tmp" temporary
	answers written write "\"$state/tmp/note\", \"text\""

	listen
	victim
	touch "$package/src/new" # so that outside it can be written
	fails_inside read "\"$HOME/.ssh/id\""
	fails_inside read "\"$HOME/servers/other\""
	fails_inside read "\"$PWD/here\""
	fails_inside read "\"/proc/$VICTIM/environ\""
	fails_inside write "\"$package/src/new\", \"harm\""
	fails_inside write "\"$PWD/new\", \"harm\""
	fails_inside write "\"$HOME/.bashrc\", \"harm\""
	fails_inside write "\"$HOME/.local/share/new\", \"harm\""
	fails_inside connect "$TCP4"
	fails_inside run '"/bin/ls"'
	fails_inside kill "$VICTIM"
	contacts 1
	answers '' variable '"A_TOKEN"'
	answers '' variable '"EXAMPLE"'
}

@test "mcp: a server in node" {
	plain=(node "$package/src/server.js")
	check_server
}

@test "mcp: a server in Python" {
	plain=("$PYTHON" "$package/src/server.py")
	check_server
}

@test "mcp: a server in a venv in the home directory, as a module and as a script" {
	local venv=$package/.venv
	"$PYTHON" -m venv --without-pip "$venv"
	cp "$package/src/server.py" "$(echo "$venv"/lib/python*/site-packages)/server.py"
	cp "$package/src/helper.py" "$(echo "$venv"/lib/python*/site-packages)/helper.py"
	server=(sbx -qp mcp "$venv/bin/python" -m server)
	answers hello echo '"hello"'
	answers 7 helper
	answers 7 again
	if ask read "\"$HOME/servers/other\""; then false; fi
	(echo "#!$venv/bin/python" && cat "$package/src/server.py") >"$venv/bin/server"
	chmod +x "$venv/bin/server"
	server=(sbx -qp mcp "$venv/bin/server")
	answers hello echo '"hello"'
	answers 7 helper
	if ask read "\"$HOME/.ssh/id\""; then false; fi
}

@test "mcp: a script that names node, linked from a directory of programs" {
	local modules=$HOME/.npm/lib/node_modules
	mkdir -p "$modules/server" "$modules/helper" "$HOME/.local/bin"
	(echo '#!/usr/bin/env node' && cat "$package/src/server.js") >"$modules/server/server.js"
	chmod +x "$modules/server/server.js"
	cp "$package/node_modules/helper/index.js" "$modules/helper"
	ln -s "$modules/server/server.js" "$HOME/.local/bin/server"
	PATH=$PATH:$HOME/.local/bin
	server=(sbx -qp mcp server)
	answers hello echo '"hello"'
	answers 7 helper
	if ask read "\"$HOME/.ssh/id\""; then false; fi
}

@test "mcp: a runtime in the home directory opens no more than its own prefix" {
	local node=$HOME/.nvm/versions/node/v1/bin/node
	mkdir -p "${node%/*}" "$HOME/.local/bin" "$HOME/bin"
	cp "$(readlink -f "$(command -v node)")" "$node"
	cp "$node" "$HOME/.local/bin/node"
	cp "$node" "$HOME/bin/node"
	echo SECRET >"$HOME/.local/secret"
	for runtime in "$node" "$HOME/.local/bin/node" "$HOME/bin/node"; do
		server=(sbx -qp mcp "$runtime" "$package/src/server.js")
		answers hello echo '"hello"'
		answers 7 again
		for file in "$HOME/.local/secret" "$HOME/.ssh/id"; do
			if ask read "\"$file\""; then false; fi
		done
	done
}

@test "mcp: the package is the nearest directory that is one, never the home directory" {
	local file
	server=(sbx -n -p mcp node "$package/src/server.js")
	package_is() {
		run -0 "${server[@]}"
		grep -x ";;; parameter PACKAGE=$1" <<<"$output"
	}
	package_is "$package"
	touch "$package/src/pyproject.toml"
	package_is "$package/src"
	rm "$package/src/pyproject.toml" "$package/package.json"
	package_is "$package/src"
	mkdir "$HOME/servers/.git"
	package_is "$HOME/servers"
	rmdir "$HOME/servers/.git"
	# Dotfiles are kept so.
	mkdir "$HOME/.git"
	package_is "$package/src"
	cp "$package/src/server.js" "$HOME/server.js"
	server=(sbx -n -p mcp node "$HOME/server.js")
	package_is "$HOME/server.js"
	server=(sbx -qp mcp node "$HOME/server.js")
	answers hello echo '"hello"'
	if ask read "\"$HOME/.ssh/id\""; then false; fi
	# What is for the program, and no script.
	for words in "-m json.tool $HOME/servers" "-c 1 $HOME/servers" "missing.py $HOME/servers"; do
		# shellcheck disable=SC2086 # a list of words
		run -0 sbx -n -p mcp "$PYTHON" $words
		run ! grep '^;;; parameter PACKAGE' <<<"$output"
	done
	server=(sbx -n -p mcp "$PYTHON" -X utf8 "$package/src/server.py" "$HOME/servers")
	package_is "$package/src"
	# What everybody may write to decides nothing.
	mkdir -p open/src
	cp "$package/src/server.js" open/src
	touch open/package.json
	chmod 1777 open
	server=(sbx -n -p mcp node --no-warnings open/src/server.js --option)
	package_is "$PWD/open/src"
}

@test "mcp: what the user adds" {
	mkdir state more
	echo text >more/file
	server=(sbx -qp mcp -D STATE="$PWD/state" -D PACKAGE="$PWD" node "$package/src/server.js")
	if ask echo '"x"' 2>/dev/null; then false; fi # the script is not in the package
	cp -R "$package/src" .
	server=(sbx -qp mcp -D STATE="$PWD/state" -D PACKAGE="$PWD" node src/server.js)
	answers "$PWD/state" state
	answers written write "\"$PWD/state/note\", \"text\""
	answers SECRET read "\"$PWD/here\""
	tcp_listener
	server=(sbx -qp mcp --allow-network="localhost:$PORT" --env-keep=A_TOKEN
		--allow-process-exec=/bin/uname --allow-file-write=more node "$package/src/server.js")
	answers connected connect "$PORT"
	answers SECRET variable '"A_TOKEN"'
	answers Linux run '"/bin/uname"'
	answers written write "\"$PWD/more/file\", \"changed\""
	logged 1
}

@test "mcp: two servers do not share their state" {
	cp -R "$package" "$HOME/servers/second"
	server=(sbx -qp mcp node "$package/src/server.js")
	ask state
	local first=$answer
	answers written write "\"$first/note\", \"text\""
	answers written write "\"$first/tmp/note\", \"text\""
	server=(sbx -qp mcp node "$HOME/servers/second/src/server.js")
	ask state
	[ "$answer" != "$first" ]
	if ask read "\"$first/note\""; then false; fi
	if ask read "\"$first/tmp/note\""; then false; fi
	if ask write "\"$first/note\", \"harm\""; then false; fi
	[ "$(cat "$first/note")" = text ]
}

@test "mcp: a state that is not the user's alone is not used" {
	mkdir -p "$HOME/.local/share/sbx-mcp"
	chmod 755 "$HOME/.local/share/sbx-mcp"
	sbx_failed sbx -qp mcp node "$package/src/server.js"
	rmdir "$HOME/.local/share/sbx-mcp"
	ln -s "$OUTSIDE" "$HOME/.local/share/sbx-mcp"
	sbx_failed sbx -qp mcp node "$package/src/server.js"
	[ -z "$(ls "$OUTSIDE")" ]
}
