# The documentation says what the program does: pages, README, --help and sources agree, and every
# example of the README is run.

load helper

setup() {
	sbx_setup
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	readme=$root/README.md
}

# The names, or the letters and names, in the option table.
table_options() {
	awk -F '"' '/option_table\[\] = / { on = 1 } /^};/ { on = 0 }
		on && /^\t\{/ && $2 { print "--" $2 }' "$root/src/cli/options.c"
}

table_letters() {
	awk -F '"' '/option_table\[\] = / { on = 1 } /^};/ { on = 0 }
		on && /^\t\{\047/ { print "-" substr($0, 4, 1) ", --" $2 }' "$root/src/cli/options.c"
}

# A page as plain text, its lines not broken.
page() {
	mandoc -Tascii -Owidth=500 "$root/man/$1" | sed "s/.$(printf '\b')//g"
}

# Long options in a text; --allow-OP and its like stand for others.
long_options() {
	grep -oE -e '--[a-z][A-Za-z-]*' | grep -v OP | sort -u
}

same() {
	diff <(sort -u <<<"$1") <(sort -u <<<"$2")
}

# Each preset as a line: file, name, aliases, kind, summary, separated by tabs.
presets() {
	local file
	for file in "$root"/presets/*.sb; do
		if grep -q '^;; kind: ' "$file"; then
			printf '%s\t%s\t%s\t%s\t%s\n' "$file" "$(basename "$file" .sb)" \
				"$(header alias "$file" | tr -s ' ,\t' ' ')" "$(header kind "$file")" \
				"$(header summary "$file")"
		fi
	done
}

header() {
	sed -n "s/^;; $1: //p" "$2"
}

# The part of the README below a heading, without the parts at the same level after it.
section() {
	awk -v heading="$1" '/^## / { on = ($0 == "## " heading) } on' "$readme"
}

@test "mandoc has nothing to say about the pages" {
	local name
	for name in sbx.1 sbxctl.1 sbxrc.5 sandbox-exec.1; do
		run -0 mandoc -Tlint "$root/man/$name"
		[ -z "$output" ]
		run -0 mandoc -Tlint -Wall "$root/man/$name"
		[ -z "$output" ]
	done
}

@test "sbx.1 has every option of the table and no other" {
	[ "$(table_options | wc -l)" -gt 40 ]
	same "$(table_options)" "$(page sbx.1 | long_options)"
	same "$(table_letters)" "$(page sbx.1 | grep -oE -e '-[A-Za-z], --[a-z-]+')"
}

@test "sbx --help has every option of the table; the -all forms share one line" {
	run -0 sbx --help
	same "$(table_options | grep -vE -e '-(file|read|write|network|bind|inbound|outbound|exec)-all$')" \
		"$(long_options <<<"$output")"
	same "$(table_letters)" "$(grep -oE -e '-[A-Za-z], --[a-z-]+' <<<"$output")"
	grep -q -e '--allow-OP-all, --deny-OP-all' <<<"$output"
}

@test "sbxctl.1 and sbxctl help have every verb and no other" {
	local verbs
	verbs=$(awk -F '"' '/verbs\[\] = / { on = 1 } /^};/ { on = 0 } on && /^\t\{/ { print $2 }' \
		"$root/src/cli/ctl.c")
	[ "$(wc -l <<<"$verbs")" -ge 3 ]
	same "$verbs" "$(sed -n 's/^\.It Cm \([^ ]*\).*/\1/p' "$root/man/sbxctl.1")"
	run -0 sbxctl help
	same "$verbs" "$(sed -n 's/^  \([a-z]*\).*/\1/p' <<<"$output")"
}

@test "sbxctl.1 has every option of the verbs" {
	local option
	awk -F '"' '/ctl_options\[\] = / { on = 1 } /^};/ { on = 0 }
		on && /^\t\{/ && $2 { print $2 }' "$root/src/cli/options.c" >options
	[ "$(wc -l <options)" -ge 5 ]
	while read -r option; do
		grep "^\.It Fl -$option" "$root/man/sbxctl.1"
	done <options
}

@test "the examples of sbxctl.1 run" {
	local example status
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\.Dl \$ //p' "$root/man/sbxctl.1" |
		sed "s/\\\\(aq/'/g; s/\\\\-/-/g" >examples
	[ "$(wc -l <examples)" -ge 6 ]
	while read -r example; do
		status=0
		sh -c "$example" >printed 2>errors </dev/null || status=$?
		echo "$example: $status"
		[ "$status" -le 1 ]
		[ -s printed ]
		[ ! -s errors ]
	done <examples
}

@test "the README's table has every preset with its aliases and no other" {
	local expected='' name aliases kind summary
	while IFS=$'\t' read -r name aliases kind summary; do
		[ "$aliases" = - ] && aliases='' || aliases=" \`${aliases// /\`, \`}\`"
		expected+="| \`$name\` |$aliases | $kind | $summary |"$'\n'
	done < <(presets | cut -f 2- | awk -F '\t' -v OFS='\t' '$2 == "" { $2 = "-" } { print }')
	[ -n "$expected" ]
	same "${expected%$'\n'}" "$(section Presets | grep '^| `')"
}

@test "sbx.1 names no preset that there isn't" {
	local name
	for name in $(page sbx.1 | grep -oE 'sbx-[a-z-]+' | sort -u | cut -c 5-); do
		run -0 sbxctl show "$name"
	done
}

@test "each preset's needs are the parameters that it uses" {
	local file name used needs
	while IFS=$'\t' read -r file name; do
		used=$(grep -v '^;' "$file" | grep -oE '\(param "[A-Z_]+"\)' | cut -d '"' -f 2 |
			sed 's/^PYTHON_.*/PYTHON_PREFIX/' |
			grep -vxE 'CWD|HOME|TMPDIR|UID|SYSTEM|COMMAND' || :)
		needs=$(header needs "$file" | tr -s ' ,' '\n')
		echo "$name needs: $needs; uses: $used"
		same "$used" "$needs"
	done < <(presets | cut -f 1,2)
}

@test "links inside the README lead somewhere" {
	local links link headings
	headings=$(sed -n 's/^##* //p' "$readme" | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9\n-')
	links=$(grep -oE '\]\([^)]*\)' "$readme" | sed 's/^](//;s/)$//')
	[ -n "$links" ]
	for link in $links; do
		case $link in
		*://*) ;;
		'#'*) grep -qx -e "${link#?}" <<<"$headings" ;;
		*) [ -e "$root/${link%%#*}" ] ;;
		esac
	done
}

@test "the messages that sbx.1 explains are in the source" {
	local texts part parts
	texts=$(find "$root/src" -name '*.c' -exec cat {} + | tr -s '\n\t ' ' ' | sed 's/" "//g')
	parts=$(sed -n '/^\.Sh DIAGNOSTICS/,/^\.El/s/^\.It //p' "$root/man/sbx.1" |
		sed -E 's/^warning: //; s/[A-Z]{4,}|X/\n/g' | grep -E '.{8}')
	[ "$(wc -l <<<"$parts")" -ge 6 ]
	while IFS= read -r part; do
		echo "$part"
		grep -qF -e "$part" <<<"$texts"
	done <<<"$parts"
}

@test "the README's example of a preset can be enforced" {
	mkdir -p "$XDG_CONFIG_HOME/sbx/presets"
	awk '/^    ;; summary: / { on = 1 } on && !/^    / { exit } on { print substr($0, 5) }' \
		"$readme" >"$XDG_CONFIG_HOME/sbx/presets/example.sb"
	run -0 sbxctl list
	grep '^example  *restrict ' <<<"$output"
	run -0 sbx -n -p example true
	[ "$(grep -c '^(deny ' <<<"$output")" -eq 2 ]
	run ! grep '^gap: ' <<<"$output"
}

# Turns the README's blocks of commands into directories with the commands (script) and what a
# terminal shows (expected).
split_examples() {
	awk '
		/^```$/ { on = 0 }
		on && /^\$ / {
			command = substr($0, 3)
			quoted = $0
			gsub(/\047/, "\047\\\047\047", quoted)
			print "status=$?; echo \047" quoted "\047; (exit $status)\n" command >script
		}
		on { print >expected }
		/^```console$/ {
			on = 1
			directory = "example" ++count
			system("mkdir " directory)
			script = directory "/script"
			expected = directory "/expected"
		}' "$readme"
}

# The number of refused system calls depends on the machine.
normal() {
	sed -E 's/refuses [0-9]+ system calls/refuses N system calls/' "$1"
}

@test "the examples of the README print what it says" {
	local example
	sbx -q -p python-eval true || skip_or_fail 'no Landlock ABI 6 (Linux 6.12)'
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir run
	split_examples
	[ -d example8 ]
	for example in example*; do
		mkdir "$example/project" "$example/other"
		echo secret >"$example/secret"
		sed -n 's/^    //p' "$readme" | grep -A 1 '^hello:' >"$example/project/Makefile"
		echo 'int main(void) { return 0; }' >"$example/project/hello.c"
		(cd "$example/project" && sh ../script >../printed 2>&1) || :
		diff <(normal "$example/expected") <(normal "$example/printed")
	done
}
