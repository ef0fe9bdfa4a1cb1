# The preset python-eval with each way in which Pythons are installed, and pip from an index to the
# import of a package that does harm.

load helper
load enforce

setup() {
	enforce_setup
	unset VIRTUAL_ENV PYENV_VERSION PYENV_ROOT CONDA_PREFIX
	version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
	cat >works.py <<-'END'
		import ctypes, multiprocessing, os, sqlite3, ssl, subprocess, sys, tempfile, threading
		with multiprocessing.Lock():
		    pass
		queue = multiprocessing.Queue()
		process = multiprocessing.Process(target=queue.put, args=(7,))
		process.start()
		assert queue.get(timeout=60) == 7
		process.join()
		thread = threading.Thread(target=lambda: None)
		thread.start()
		thread.join()
		with tempfile.NamedTemporaryFile(suffix=".db") as file:
		    database = sqlite3.connect(file.name)
		    database.execute("create table t (a)")
		    database.commit()
		ssl.create_default_context()
		again = [sys.executable, "-c", "import sys; print(sys.prefix)"]
		assert subprocess.check_output(again, text=True).strip() == sys.prefix
		subprocess.run("ls /usr/bin >/dev/null", shell=True, check=True)
		print(os.path.realpath(sys.prefix))
	END
	mkdir -m 700 "$HOME/.ssh"
	echo SECRET >"$HOME/.ssh/id"
	echo SECRET >"$HOME/notes"
}

# A Python with a library of its own, as standalone builds and conda have it.
standalone() {
	mkdir -p "$1/bin" "$1/lib"
	cp "$(readlink -f "$PYTHON")" "$1/bin/python$version"
	ln -s "python$version" "$1/bin/python3"
	ln -s "python$version" "$1/bin/python"
	tar -C /usr/lib -cf - --exclude=__pycache__ --exclude='config-*' --exclude=test \
		--exclude=idlelib --exclude=lib2to3 --exclude=sitecustomize.py "python$version" | tar -C "$1/lib" -xf -
}

# evaluates PREFIX COMMAND...: it works in the sandbox with that prefix, and the home is closed.
evaluates() {
	local prefix=$1
	shift
	control "$@" works.py
	control sbx -qp python-eval "$@" works.py
	[ "$output" = "$prefix" ] || explain "expected the prefix $prefix"
	denied python-eval "$@" -c 'import os; open(os.environ["HOME"] + "/.ssh/id").read()'
	denied python-eval "$@" -c 'import os; open(os.environ["HOME"] + "/notes").read()'
}

# Writes of a program that would do harm to what it runs from.
keeps() {
	local prefix=$1
	shift
	refused sbx -qp python-eval "$@" -c 'import sys; open(sys.prefix + "/new", "w")'
	[ ! -e "$prefix/new" ]
	refused sbx -qp python-eval "$@" -c 'open("new", "w")'
	[ ! -e new ]
}

@test "python-eval: the system's Python" {
	evaluates /usr "$PYTHON"
	evaluates /usr /usr/bin/env "${PYTHON##*/}"
	keeps /usr "$PYTHON"
}

@test "python-eval: venv, with links and with copies, in the home directory" {
	local how venv
	for how in symlinks copies; do
		venv=$HOME/code/$how
		"$PYTHON" -m venv --without-pip --$how "$venv"
		evaluates "$venv" "$venv/bin/python"
		keeps "$venv" "$venv/bin/python"
		PATH=$venv/bin:$PATH VIRTUAL_ENV=$venv evaluates "$venv" python
	done
	[ ! -L "$venv/bin/python" ]
}

@test "python-eval: virtualenv, with links and with copies" {
	local how venv
	for how in --symlinks --copies; do
		venv=$HOME/.virtualenvs/env$how
		virtualenv -q --no-download --no-seed -p "$PYTHON" $how "$venv"
		evaluates "$venv" "$venv/bin/python"
		keeps "$venv" "$venv/bin/python"
	done
}

@test "python-eval: uv's standalone Python, itself and behind a venv" {
	local share=$HOME/.local/share/uv/python full how
	full=$share/cpython-$version.9-linux-x86_64-gnu
	standalone "$full"
	ln -s "$full" "$share/cpython-$version-linux-x86_64-gnu"
	echo SECRET >"$HOME/.local/share/history"
	evaluates "$full" "$full/bin/python3"
	mkdir -p "$HOME/.local/bin"
	ln -s "$full/bin/python$version" "$HOME/.local/bin/python$version"
	evaluates "$full" "$HOME/.local/bin/python$version"
	for how in symlinks copies; do
		# As uv writes it: the directory without the third number.
		"$share/cpython-$version-linux-x86_64-gnu/bin/python3" -m venv --without-pip --$how .venv-$how
		evaluates "$PWD/.venv-$how" .venv-$how/bin/python
	done
	denied python-eval .venv-symlinks/bin/python -c \
		'import os; open(os.environ["HOME"] + "/.local/share/history").read()'
	PATH=$HOME/.local/bin:$PATH evaluates "$full" "python$version"
	keeps "$full" "$full/bin/python3"
}

@test "python-eval: conda's base and environments" {
	local conda=$HOME/miniconda3
	mkdir -p "$conda/conda-meta" "$conda/envs/science/conda-meta"
	standalone "$conda"
	standalone "$conda/envs/science"
	touch "$conda/conda-meta/history" "$conda/envs/science/conda-meta/history"
	evaluates "$conda" "$conda/bin/python"
	evaluates "$conda/envs/science" "$conda/envs/science/bin/python"
	export CONDA_PREFIX=$conda/envs/science PATH=$conda/envs/science/bin:$PATH
	evaluates "$conda/envs/science" python3
	control sbx -qp python-eval python -c 'import os; print(os.environ["CONDA_PREFIX"])'
	[ "$output" = "$CONDA_PREFIX" ]
}

# pyenv's own shims, and as much of pyenv as they need.
imitate_pyenv() {
	export PYENV_ROOT=$HOME/.pyenv
	mkdir -p "$PYENV_ROOT/shims" "$PYENV_ROOT/libexec" "$PYENV_ROOT/versions"
	standalone "$PYENV_ROOT/versions/$version.9"
	echo "$version.9" >"$PYENV_ROOT/version"
	cat >"$PYENV_ROOT/shims/python" <<-END
		#!/usr/bin/env bash
		set -e
		[ -n "\$PYENV_DEBUG" ] && set -x
		program="\${0##*/}"
		export PYENV_ROOT="$PYENV_ROOT"
		exec "$PYENV_ROOT/libexec/pyenv" exec "\$program" "\$@"
	END
	cat >"$PYENV_ROOT/libexec/pyenv" <<-'END'
		#!/usr/bin/env bash
		set -e
		shift
		version=$PYENV_VERSION
		for file in "$PWD/.python-version" "$PYENV_ROOT/version"; do
			if [ -z "$version" ] && [ -e "$file" ]; then version=$(cat "$file"); fi
		done
		for candidate in "$PYENV_ROOT/versions/$version" "$PYENV_ROOT/versions/$version".*; do
			if [ -x "$candidate/bin/$1" ]; then break; fi
		done
		program=$candidate/bin/$1
		[ "$version" != system ] || program=/usr/bin/python3
		shift
		exec "$program" "$@"
	END
	chmod +x "$PYENV_ROOT/shims/python" "$PYENV_ROOT/libexec/pyenv"
	cp "$PYENV_ROOT/shims/python" "$PYENV_ROOT/shims/python3"
	full=$PYENV_ROOT/versions/$version.9
}

@test "python-eval: pyenv, its versions and its shims" {
	imitate_pyenv
	evaluates "$full" "$full/bin/python3"
	evaluates "$full" "$PYENV_ROOT/shims/python3"
	PATH=$PYENV_ROOT/shims:$PATH evaluates "$full" python
	echo "$version" >.python-version
	evaluates "$full" "$PYENV_ROOT/shims/python3"
	PYENV_VERSION=system evaluates /usr "$PYENV_ROOT/shims/python3"
	rm .python-version
	"$full/bin/python3" -m venv --without-pip venv
	evaluates "$PWD/venv" venv/bin/python
	ln -s "$PWD/venv" "$PYENV_ROOT/versions/project"
	PYENV_VERSION=project evaluates "$PWD/venv" "$PYENV_ROOT/shims/python"
}

@test "python-eval: scripts that name their Python in a roundabout way" {
	local venv
	venv=$PWD/$(printf 'long%.0s' {1..40})/venv
	"$PYTHON" -m venv --without-pip "$venv"
	echo 'value = 7' >"$(echo "$venv"/lib/python*/site-packages)/extra.py"
	printf '#!/bin/sh\n'\'\'\''exec'\'' %s "$0" "$@"\n'\'' '\'\'\''\nimport extra\nprint(extra.value)\n' \
		"$venv/bin/python3" >quoted
	sed 's/exec. \([^ ]*\)/exec'\'' "\1"/' quoted >unquoted
	printf '#!/usr/bin/env python3\nimport extra\nprint(extra.value)\n' >by-env
	chmod +x quoted unquoted by-env
	cd / # not to be read as the current directory
	for script in quoted unquoted; do
		control sbx -qp python-eval "$OLDPWD/$script"
		[ "$output" = 7 ]
	done
	control env PATH="$venv/bin:$PATH" sbx -qp python-eval "$OLDPWD/by-env"
	[ "$output" = 7 ]
}

@test "python-eval: a copied interpreter opens no more than its own library" {
	local home
	"$PYTHON" -m venv --without-pip --copies venv
	for home in "$HOME/.ssh" "$HOME/bin" "$HOME" /; do
		sed -i "s|^home *=.*|home = $home|" venv/pyvenv.cfg
		run sbx -qp python-eval venv/bin/python -S -c '
import os; print(open(os.environ["HOME"] + "/.ssh/id").read())'
		[ "$status" -ne 0 ]
		[[ $output != *SECRET* ]] || explain "home = $home"
	done
}

@test "python-eval: variables that Python needs are kept, others and secrets are not" {
	local name
	export VIRTUAL_ENV=a PYTHONUTF8=1 CONDA_PREFIX=a SSL_CERT_FILE=a LC_ALL=C.UTF-8
	export EXAMPLE=a PIP_INDEX_URL=https://user:password@localhost/ PYTHON_TOKEN=a AWS_ACCESS_KEY_ID=a
	export LD_LIBRARY_PATH=/nowhere SSH_AUTH_SOCK=/nowhere
	control sbx -qp python-eval env
	for name in VIRTUAL_ENV PYTHONUTF8 CONDA_PREFIX SSL_CERT_FILE LC_ALL HOME PATH; do
		grep "^$name=" <<<"$output"
	done
	for name in EXAMPLE PIP_INDEX_URL PYTHON_TOKEN AWS_ACCESS_KEY_ID LD_LIBRARY_PATH SSH_AUTH_SOCK; do
		run ! grep "^$name=" <<<"$output"
	done
	control sbx -qp python-eval --env-keep=EXAMPLE,PYTHON_TOKEN env
	grep '^EXAMPLE=a' <<<"$output"
	grep '^PYTHON_TOKEN=a' <<<"$output"
	grep '^PATH=' <<<"$output"
	run ! grep PIP_INDEX_URL <<<"$output"
}

# A wheel of a package that tries, when it is imported, what it should not.
build_wheel() {
	"$PYTHON" - "$1" <<-'END'
		import sys, zipfile
		info = "suspect-1.0.dist-info/"
		files = {"suspect/__init__.py": r'''
		import os, socket

		def read(path):
		    with open(path, "rb") as file:
		        return file.read()

		def append(path):
		    with open(path, "a") as file:
		        file.write("echo harm\n")

		def connect(port):
		    socket.create_connection(("127.0.0.1", int(port)), 5).close()

		def secret():
		    return os.environ["A_TOKEN"], os.environ["AWS_SECRET_ACCESS_KEY"]

		home, other, parent = os.environ["HOME"], os.environ["LC_OTHER"], os.environ["LC_PARENT"]
		attempts = {
		    "ssh": lambda: read(home + "/.ssh/id"),
		    "bashrc": lambda: append(home + "/.bashrc"),
		    "connect": lambda: connect(other),
		    "secret": secret,
		    "parent": lambda: read("/proc/%s/environ" % parent),
		    "ancestor": lambda: read("/proc/%d/environ" % os.getppid()),
		}
		for name, attempt in attempts.items():
		    try:
		        attempt()
		        print(name, "succeeded")
		    except (OSError, KeyError) as error:
		        print(name, "failed:", repr(error))
		'''.replace("\n\t\t", "\n"),
		    "suspect/__main__.py": "print('runs')\n",
		    info + "METADATA": "Metadata-Version: 2.1\nName: suspect\nVersion: 1.0\n",
		    info + "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		    info + "entry_points.txt": "[console_scripts]\nsuspect = suspect:connect\n"}
		files[info + "RECORD"] = "".join(name + ",,\n" for name in files) + info + "RECORD,,\n"
		with zipfile.ZipFile(sys.argv[1] + "/suspect-1.0-py3-none-any.whl", "w") as wheel:
		    for name, text in files.items():
		        wheel.writestr(name, text)
	END
}

# start_index DIRECTORY: an index of the wheels there (PEP 503) on 127.0.0.1 and the port $INDEX.
start_index() {
	timeout 100 "$PYTHON" -u - "$1" >"$BATS_TEST_TMPDIR/index" 3>&- <<-'END' &
		import hashlib, http.server, os, sys

		class Handler(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        parts = self.path.strip("/").split("/")
		        wheels = sorted(os.listdir(sys.argv[1]))
		        kind, body = "text/html", None
		        if parts == ["simple"]:
		            body = "".join('<a href="/simple/%s/">%s</a>' % 2 * (w.split("-")[0],) for w in wheels)
		        elif parts[0] == "simple":
		            body = "".join('<a href="/files/%s#sha256=%s">%s</a>' % (w, self.digest(w), w)
		                           for w in wheels if w.split("-")[0] == parts[1])
		        elif parts[0] == "files" and parts[1] in wheels:
		            kind, body = "application/zip", self.load(parts[1])
		        body = body.encode() if isinstance(body, str) else body
		        self.send_response(200 if body else 404)
		        self.send_header("Content-Type", kind)
		        self.send_header("Content-Length", str(len(body or b"")))
		        self.end_headers()
		        self.wfile.write(body or b"")

		    def load(self, name):
		        with open(os.path.join(sys.argv[1], name), "rb") as file:
		            return file.read()

		    def digest(self, name):
		        return hashlib.sha256(self.load(name)).hexdigest()

		    def log_message(self, *words):
		        pass

		server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		print(server.server_port)
		server.serve_forever()
	END
	listeners+=("$!")
	wait_for "$BATS_TEST_TMPDIR/index"
	INDEX=$(cat "$BATS_TEST_TMPDIR/index")
}

# Python imports the package in a sandbox with these options: each of its attempts fails.
import_fails() {
	local name
	tcp_listener
	control env LC_OTHER="$PORT" sbx -qp python-eval "$@" venv/bin/python -c 'import suspect'
	for name in ssh bashrc connect secret parent ancestor; do
		grep "^$name failed:" <<<"$output"
	done
	run ! grep succeeded <<<"$output"
	[ "$(cat "$HOME/.bashrc")" = safe ]
	logged 0
}

@test "python-eval: pip installs from an index on localhost, and what it installed does no harm" {
	mkdir wheels
	build_wheel wheels
	start_index wheels
	export LC_PARENT=$$ A_TOKEN=token AWS_SECRET_ACCESS_KEY=key
	echo safe >"$HOME/.bashrc"
	"$PYTHON" -m venv venv
	local install=(venv/bin/pip install --disable-pip-version-check
		--index-url "http://127.0.0.1:$INDEX/simple" suspect)

	# Without the port, nothing is installed; without the directory neither.
	refused sbx -qp python-eval --allow-file-write=venv "${install[@]}" --retries 0
	refused sbx -qp python-eval --allow-network="localhost:$INDEX" "${install[@]}"
	[ ! -e "$(echo venv/lib/python*/site-packages)/suspect" ]

	control sbx -qp python-eval --allow-network="localhost:$INDEX" --allow-file-write=venv \
		"${install[@]}"
	[ -x venv/bin/suspect ]
	tcp_listener
	control env LC_OTHER="$PORT" venv/bin/python -c 'import suspect'
	[ "$(grep -c succeeded <<<"$output")" -eq 6 ]
	logged 1
	echo safe >"$HOME/.bashrc"
	import_fails
	import_fails --allow-network="localhost:$INDEX"
	import_fails --allow-network="localhost:$INDEX" --allow-file-write=venv
	control env LC_OTHER=1 sbx -qp python-eval venv/bin/python -m suspect
	[[ $output == *runs* ]]
	control sbx -qp python-eval --allow-network="localhost:$INDEX" --allow-file-write=venv \
		venv/bin/pip uninstall --disable-pip-version-check -y suspect
	[ ! -e venv/bin/suspect ]
}
