# What a call is about changes while the broker decides on it: nothing that is denied is reached.
# SBX_TEST_RACES calls of each kind, instead of what takes a second or two.

load helper

setup() {
	sbx_setup
	make_files
	PROFILE="(version 1)(allow default)(deny file-read-data file-write* (subpath \"$PWD/d\"))"
}

make_files() {
	rm -rf a d link other-link
	mkdir a d
	echo allowed >a/file
	echo denied >d/file
	ln -s a link
	ln -s d other-link
}

# race CALL COUNT [MISSING]: outside of a sandbox it reaches what it must not, inside it never does.
race() {
	local turned worked reached
	rm -f "${3:-}"
	run "$SBX_TEST_PROGRAMS/open-race" "$1" 20000
	[ "$status" -eq 1 ] || explain 'the control, outside of a sandbox'
	make_files
	rm -f "${3:-}"
	run sandbox-exec -p "$PROFILE" "$SBX_TEST_PROGRAMS/open-race" "$1" "${SBX_TEST_RACES:-$2}"
	read -r turned worked reached <<<"$output"
	[ "$status" -eq 0 ] || explain "$1"
	echo "# $1: turned $turned times, worked $worked times, reached $reached times" >&3
	[ "$turned" -gt 1000 ]
}

# The victim, besides what the program itself sees of it.
unharmed() {
	[ "$(cat d/file)" = denied ]
	[ "$(ls d)" = file ]
}

@test "a path that turns in memory opens no denied file" {
	race open 60000
	unharmed
}

@test "a descriptor that turns opens no denied file" {
	race descriptor 60000
	unharmed
}

@test "a symlink that turns opens no denied file" {
	race symlink 30000
	unharmed
}

@test "a path that turns in memory writes to no denied file" {
	race write 20000
	race truncate 20000
	race chmod 20000
	unharmed
}

@test "a path that turns in memory removes and moves no denied file" {
	race unlink 15000
	race rename 15000
	race overwrite 15000
	race link 15000
	unharmed
}

@test "a path that turns in memory makes nothing where that is denied" {
	race create 15000 d/file
	race mkdir 15000 d/file
	race bind 15000
	[ ! -e d/socket ]
}
