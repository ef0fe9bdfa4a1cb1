# A real project, the Lua interpreter, builds to the same bytes in a sandbox as outside.

bats_require_minimum_version 1.5.0

setup_file() {
	local root=$BATS_TEST_DIRNAME/..
	local bin=${SBX_BIN_DIR:-$root/build/bin}
	export LUA_TREE=$BATS_FILE_TMPDIR/lua LUA_PLAIN=$BATS_FILE_TMPDIR/plain
	unset MAKEFLAGS MFLAGS MAKEOVERRIDES GNUMAKEFLAGS MAKELEVEL SBX

	[ -x "$bin/sbx-net-off" ]
	[ -x "$bin/sbx-write-cwd" ]
	bin=$(cd "$bin" && pwd)
	PATH=$bin:$PATH
	fetch_lua "$root"
	[ -z "$LUA_MISSING" ] || return 0
	export HOME=$BATS_FILE_TMPDIR/home
	mkdir "$HOME"
	build
	mv "$LUA_TREE" "$LUA_PLAIN"
}

# Without the source there is nothing to test. bats 1.8 can't skip in setup_file: setup does it.
setup() {
	[ -z "$LUA_MISSING" ] || skip "$LUA_MISSING"
}

fetch_lua() {
	local problem
	export LUA_MISSING=
	problem=$("$1/tests/lib/fetch-source.sh" lua5.4 "$BATS_FILE_TMPDIR/source" 2>&1) && return
	LUA_MISSING=$problem
	echo "$problem"
	[ "${SBX_MUST_ENFORCE:-}" != 1 ]
}

# Always in the same directory, so that paths in the binaries agree. "$@" is put before make.
build() {
	rm -rf "$LUA_TREE"
	cp -R "$BATS_FILE_TMPDIR/source" "$LUA_TREE"
	cd "$LUA_TREE" || return
	"$@" make -j"$(getconf _NPROCESSORS_ONLN)" "$(make_target)" >../make.log 2>&1 || {
		tail -n 20 ../make.log
		return 1
	}
}

# A target that doesn't need readline.
make_target() {
	case $(uname) in
	Darwin) echo posix ;;
	*) echo linux ;;
	esac
}

# Runs the interpreter in the tree: closures, strings, tables, files and the compiled form.
use_lua() {
	cat >"$BATS_FILE_TMPDIR/use.lua" <<-'END'
	local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
	local words = {}
	for word in ("the quick brown fox"):gmatch("%a+") do words[#words + 1] = word:upper() end
	table.sort(words)
	local file <close> = assert(io.open("use.out", "w"))
	file:write(fib(20), " ", table.concat(words, ","), "\n")
	END
	cd "$LUA_TREE" || return
	"$@" src/luac -o use.luac "$BATS_FILE_TMPDIR/use.lua"
	"$@" src/lua use.luac
	[ "$(cat use.out)" = '6765 BROWN,FOX,QUICK,THE' ]
}

same_as_plain() {
	cmp "$LUA_PLAIN/src/lua" "$LUA_TREE/src/lua"
	cmp "$LUA_PLAIN/src/luac" "$LUA_TREE/src/luac"
}

@test "Lua is a real project: at least 10,000 lines of C" {
	local lines
	lines=$(find "$BATS_FILE_TMPDIR/source" -name '*.[ch]' -exec cat {} + | wc -l)
	echo "$lines lines"
	[ "$lines" -ge 10000 ]
}

@test "Lua built twice without a sandbox is the same: the comparison means something" {
	build
	same_as_plain
	use_lua
}

@test "Lua built under sbx-net-off is the same and works" {
	build sbx-net-off
	same_as_plain
	use_lua
	use_lua sbx-net-off
}

@test "Lua built under sbx-write-cwd is the same and works" {
	build sbx-write-cwd
	same_as_plain
	use_lua
	use_lua sbx-write-cwd
}

@test "Lua built under sbx-write-cwd cannot write outside its tree" {
	cd "$LUA_PLAIN"
	echo 'assert(io.open("../stray", "w"))' >stray.lua
	src/lua stray.lua
	rm ../stray
	run -1 sbx-write-cwd src/lua stray.lua
	grep 'stray: ' <<<"$output"
	[ ! -e ../stray ]
}
