# .sbxrc: what its lines say, where it is found, and what comes of it for a command.
# shellcheck disable=SC2154 # run sets status and output

load helper

# put FILE...: without setting times, which presets deny also where files may be written.
setup() {
	sbx_setup
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/sh\nfor file; do echo text >"$file" || exit 1; done\n' >"$BATS_TEST_TMPDIR/bin/put"
	chmod +x "$BATS_TEST_TMPDIR/bin/put"
	PATH=$PATH:$BATS_TEST_TMPDIR/bin
}

# rc: standard input becomes the .sbxrc of the directory, which is then trusted.
rc() {
	local directory=${1:-.}
	mkdir -p "$directory"
	cat >"$directory/.sbxrc"
	sbxctl trust --yes "$directory" >/dev/null
}

# bad TEXT MESSAGE: nobody can trust such a file, and it is said why.
bad() {
	printf '%b' "$1" >.sbxrc
	run -2 sbxctl trust --yes
	if ! grep -qF -e "$2" <<<"$output"; then
		explain "expected: $2"
	fi
	run -0 sbxctl status --shell
	grep '^file untrusted ' <<<"$output"
}

@test "a line is an option, with its value behind a blank or an equals sign" {
	rc <<-'END'
		allow-all
		env-set A=one
		env-set=B=two
		env-set 'C=three  words'
		env-set "D=a \"quoted\" \\ one" # a comment
		env-set E=a\ blank
		env-set F=\#no-comment#either
	END
	run -0 sbx sh -c 'echo "$A|$B|$C|$D|$E|$F"'
	[ "$output" = 'one|two|three  words|a "quoted" \ one|a blank|#no-comment#either' ]
}

@test "a list is one word with commas, or several words" {
	mkdir a b c
	rc <<-'END'
		preset no-write
		allow-file-write a b,c
	END
	control touch d
	run -0 sbx put a/x b/x c/x
	refused sbx put x
}

@test "paths are those of the file's directory, ~ is the home directory" {
	mkdir -p out sub "$HOME/out"
	rc <<-'END'
		preset no-write
		allow-file-write ./out ~/out
	END
	cd sub
	control touch x
	run -0 sbx put ../out/x "$HOME/out/x"
	refused sbx put ./out
	refused sbx put "$HOME/x"
}

@test "a name that begins with a dollar sign is an error" {
	bad 'allow-file-write $HOME\n' '.sbxrc:1:18: variables are not expanded here'
	bad 'profile $HOME/x.sb\n' '.sbxrc:1:9: variables are not expanded here'
}

@test "an unknown option is an error with its place and a suggestion" {
	bad 'preset no-network\nalow-file-read /tmp\n' \
		".sbxrc:2:1: unknown option 'alow-file-read' (did you mean 'allow-file-read'?)"
	bad 'aut make\n' "(did you mean 'auto'?)"
	bad '--preset no-network\n' 'options stand here without their dashes'
	bad 'preset no-netwrk\n' ".sbxrc:1:1: no preset is named 'no-netwrk'"
}

@test "what is for one call only is an error" {
	local name
	for name in dry-run no-rc help version; do
		bad "$name\n" "--$name is for the command line"
	done
	bad 'define IMPORT_DIR=.\n' 'IMPORT_DIR is for the command line'
}

@test "values that do not fit are errors" {
	bad 'allow-all yes\n' "'allow-all' takes no value"
	bad 'preset\n' "'preset' needs"
	bad 'env-set A=1 B=2\n' "'env-set' takes one value"
	bad 'env-set A\n' "'A' is not KEY=VALUE"
	bad 'keep-fd x\n' "is not a descriptor's number"
	bad 'auto\n' "'auto' needs NAME..."
	bad 'expr "(allow nonsense*)"\n' 'nonsense'
	bad 'profile missing.sb\n' '.sbxrc:1:9: profile missing.sb: No such file or directory'
}

@test "what is no line of words is an error" {
	bad 'preset "no-network\n' '.sbxrc:1:8: the quote is not closed in this line'
	bad 'preset no-network \\\n' 'a line cannot go on in the next one'
	bad '  preset no-network\n' 'the line is indented, and there is no for NAME...: above it'
	bad 'preset no\0network\n' 'a NUL byte'
}

@test "for blocks that are not what they should be are errors" {
	bad 'for make\n  preset no-network\n' 'a colon must end it'
	bad 'for :\n  preset no-network\n' 'it names no program'
	bad 'for a:\n  for b:\n' 'a for block cannot stand in another'
	bad 'for a:\n  auto b\n' "'auto' cannot stand in a for block"
	bad 'for a:\n  nonsense\n' "unknown option 'nonsense'"
}

@test "a for block is for its commands only, by the name they are called by" {
	rc <<-'END'
		allow-all
		for cat gr*:
		    deny-file-read ./secret
		env-set SEEN=1
	END
	echo secret >secret
	control cat secret
	run sbx head secret
	echo "$output"
	[ "$status" -eq 0 ]
	refused sbx cat secret
	refused sbx grep secret secret
	refused sbx /bin/cat secret
	run -0 sbx sh -c 'echo $SEEN'
	[ "$output" = 1 ]
}

@test "for blocks of all forms: the colon alone, blank lines, comments" {
	rc <<-'END'
		allow-all
		for cat :

		    # of cat
		    env-set A=1

		    env-set B=2
		env-set C=3
	END
	run -0 sbx sh -c 'echo "$A$B$C"'
	[ "$output" = 3 ]
	run -0 sbx cat /proc/self/environ
	tr '\0' '\n' <<<"$output" | grep -c '[ABC]=[123]'
}

@test "an .sbxrc is found upwards, all of them apply" {
	rc . <<<'preset no-network'
	rc inner <<<'deny-file-read ~/secret'
	mkdir -p inner/deep/er
	echo secret >"$HOME/secret"
	tcp_listener
	cd inner/deep/er
	control cat "$HOME/secret"
	control bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	refused sbx cat "$HOME/secret"
	refused sbx bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	cd ../../..
	run -0 sbx cat "$HOME/secret"
}

@test "an inner .sbxrc overrides an outer one, but only when it is trusted" {
	rc . <<-'END'
		preset no-write
		allow-file-write ./out
	END
	mkdir -p inner out
	echo 'allow-file-write .' >inner/.sbxrc
	cd inner
	control touch x
	refused sbx put x
	run -0 sbx put ../out/x
	sbxctl trust --yes >/dev/null
	run -0 sbx put x
	sbxctl distrust >/dev/null
	refused sbx put x
}

@test "an outer .sbxrc does not override an inner one" {
	mkdir inner
	rc . <<<'allow-file-write ./inner'
	rc inner <<-'END'
		allow-all
		deny-file-write .
	END
	cd inner
	control touch x
	refused sbx put x
}

@test "options of the command line come last" {
	rc <<-'END'
		allow-all
		deny-file-write .
		env-set A=rc
	END
	control touch x
	refused sbx put x
	run -0 sbx --allow-file-write . put x
	run -0 sbx -e "(allow file-write-data file-write-create (subpath \"$PWD\"))" put x
	run -0 sbx -q --env-set A=me sh -c 'echo $A'
	[ "$output" = me ] || explain
}

@test "presets of the command line add to those of .sbxrc" {
	rc <<<'preset no-write'
	tcp_listener
	control bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	run -0 sbx bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	refused sbx -p no-network bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT"
	refused sbx-no-network touch x
	run -0 sbx-no-network sh -c 'echo $SBX_ACTIVE'
	grep no-write <<<"$output"
	grep no-network <<<"$output"
}

@test "--no-rc ignores them all" {
	rc <<<'preset no-write'
	refused sbx put x
	run -0 sbx --no-rc -p no-network touch x
	echo nonsense >.sbxrc
	run -0 sbx --no-rc -p no-network true
	[ -z "$output" ]
}

@test "a profile that a line names applies, in its order" {
	mkdir sb
	echo '(deny file-read* (subpath (param "SECRETS")))' >sb/deny.sb
	echo '(allow file-read* (literal (string-append (param "SECRETS") "/open")))' >sb/allow.sb
	mkdir secrets
	echo text | tee secrets/open >secrets/closed
	rc <<-END
		allow-all
		define SECRETS=$PWD/secrets
		profile sb/deny.sb
		profile=sb/allow.sb
		profile sb/deny.sb
		profile sb/allow.sb
	END
	control cat secrets/closed
	refused sbx cat secrets/closed
	run -0 sbx cat secrets/open
}

@test "a file that was never trusted does not apply: a warning, and 125 when nothing else does" {
	echo 'allow-all' >.sbxrc
	sbx_failed sbx true
	grep -F "$PWD/.sbxrc does not apply: it was never trusted ('sbxctl trust $PWD'" <<<"$output"
	grep -F 'is all that could say what it may do (--no-rc ignores the file)' <<<"$output"
	run -0 sbx -p no-network true
	grep 'was never trusted' <<<"$output"
	run -0 sbx -qp no-network true
	[ -z "$output" ]
	run -0 sbx --no-rc -p no-network true
	[ -z "$output" ]
}

@test "the word to copy from a warning is quoted as the shell needs it" {
	mkdir "a b; touch bad 'x'"
	cd "a b; touch bad 'x'"
	echo 'allow-all' >.sbxrc
	run sbx true
	grep -F "sbxctl trust '${PWD//\'/\'\\\'\'}'" <<<"$output"
}

@test "keep-fd of an .sbxrc must be open" {
	rc <<-'END'
		allow-all
		keep-fd 9
	END
	sbx_failed sbx true
	run -0 sbx sh -c 'cat <&9' 9<<<kept
	[ "$output" = kept ]
}

@test "in a directory that was removed no .sbxrc can be looked for" {
	mkdir gone
	cd gone
	rmdir ../gone
	sbx_failed sbx true
	grep 'no .sbxrc can be looked for' <<<"$output"
	run -0 sbx --no-rc -p no-network true
}

@test "Windows line ends and a missing last one do no harm" {
	printf 'allow-all\r\nenv-set A=1\r\nenv-set B=2' >.sbxrc
	sbxctl trust --yes >/dev/null
	run -0 sbx sh -c 'echo "$A$B"'
	[ "$output" = 12 ]
}
