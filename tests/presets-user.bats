# Presets of the user and of the system: where they are found, what belongs to them, how one begins,
# what is checked, which variables they pass on; and what is mandatory for everyone.

load helper
load enforce

setup() {
	enforce_setup
	mine=$XDG_CONFIG_HOME/sbx/presets
	mkdir -p "$mine"
	mkdir secret
	echo SECRET >secret/file
}

teardown() {
	sbx_teardown
}

# preset NAME LINE...: a preset of the user's.
preset() {
	local name=$1
	shift
	printf '%s\n' "$@" >"$mine/$name.sb"
}

# check_says STATUS TEXT LINE...: sbxctl check of these lines ends so and says that.
check_says() {
	local expected=$1 text=$2
	shift 2
	printf '%s\n' "$@" >checked.sb
	run sbxctl check checked.sb
	[ "$status" -eq "$expected" ] || explain "expected status $expected"
	grep -qF -e "$text" <<<"$output" || explain "should say: $text"
}

# with_etc COMMAND...: in a mount namespace with a copy of /etc, in which $etc is its own.
with_etc() {
	unshare -rm sh -c 'mount --bind "$0" /etc && exec "$@"' "$etc" "$@"
}

copy_etc() {
	etc=$PWD/etc
	cp -R /etc etc 2>/dev/null || :
	rm -rf etc/sbx
	mkdir -p etc/sbx/presets
	with_etc true || skip_or_fail 'no user namespaces'
}

# mandatory LINE...
mandatory() {
	rm -rf "$etc/sbx/mandatory.sb"
	printf '%s\n' "$@" >"$etc/sbx/mandatory.sb"
}

@test "user presets: found by name and alias, listed, shown, combined" {
	preset mine ';; summary: my own' ';; kind: restrict' ';; alias: my-own, own' \
		'(deny file-read-data (subpath (string-append (param "CWD") "/secret")))'
	for name in mine my-own own; do
		denied "$name" cat secret/file
		run -0 sbxctl show "$name"
		[[ $output == *"$mine/mine.sb"* ]]
	done
	run -0 sbxctl list
	grep -E '^mine, my-own, own +restrict +my own$' <<<"$output"
	refused sbx -qp no-network,own cat secret/file
	refused sbx -qp own,python-eval cat secret/file
	control sbx -qp python-eval cat secret/file
	ln -s "$SBX_BIN_DIR/sbx" sbx-own
	refused ./sbx-own -q cat secret/file
}

@test "user presets: includes, each once, in circles too, and left out by name" {
	listen
	preset one ';; kind: restrict' ';; includes: two, no-network' \
		'(deny file-read-data (literal "/nowhere"))'
	preset two ';; kind: restrict' ';; includes: one three' \
		'(deny file-read-data (subpath (string-append (param "CWD") "/secret")))'
	preset three ';; kind: restrict' ';; alias: tres' '(deny file-write-create (subpath "/"))'
	denied one cat secret/file
	denied one sockets tcp4 "$TCP4"
	control probe create new
	rm new
	refused sbx -qp one probe create new
	control sbx -qp one,-tres probe create new
	control sbx -qp one,-no-network sockets tcp4 "$TCP4"
	control sbx -qp one,-two cat secret/file
	run -0 sbx -n -p one,two,three true
	[ "$(grep -c '/two.sb$' <<<"$output")" -eq 1 ]
	sbx_failed sbx -p one,-nothing true
	preset one ';; kind: restrict' ';; includes: nothing' '(deny file-read-data (literal "/nowhere"))'
	sbx_failed sbx -p one true
	[[ $output == *nothing* ]]
}

@test "user presets: /etc/sbx/presets comes after the user's and before sbx's own" {
	copy_etc
	printf ';; summary: of the system\n;; kind: restrict\n(deny file-read-data (subpath "%s"))\n' \
		"$PWD/secret" >"$etc/sbx/presets/site.sb"
	cp "$etc/sbx/presets/site.sb" "$etc/sbx/presets/no-network.sb"
	control with_etc sbx -qA cat secret/file
	refused with_etc sbx -qp site cat secret/file
	refused with_etc sbx -qp no-network cat secret/file
	run -0 with_etc sbxctl show no-network
	[[ $output == *'/etc/sbx/presets/no-network.sb'* ]]
	preset site ';; kind: restrict' '(deny signal (target others))'
	control with_etc sbx -qp site cat secret/file
}

@test "sbxctl new writes a preset that can be used, and never changes one" {
	rm -rf "$XDG_CONFIG_HOME"
	run -0 --separate-stderr sbxctl new my-preset_2
	local file=$mine/my-preset_2.sb name
	[ "$output" = "$file" ]
	[ "$(stat -c %a "$file")" = 644 ]
	control sbxctl check --strict "$file"
	control sbx -qp my-preset_2 true
	# Its examples mean what they say.
	sed -E 's/^; (\(deny|\t)/\1/; s/^;\t/\t/' "$file" >"$mine/examples.sb"
	[ "$(grep -c '^(deny' "$mine/examples.sb")" -eq 3 ]
	control sbxctl check --strict "$mine/examples.sb"
	mkdir "$HOME/private"
	echo a | tee "$HOME/private/file" >secrets.json
	listen
	denied examples cat "$HOME/private/file"
	denied examples cat secrets.json
	control sbx -qp examples sockets tcp4 "$TCP4"

	echo changed >"$mine/my-preset_2.sb"
	for name in my-preset_2 net-off python-eval ../x a/b .x -x '' 'a b' 'a"b'; do
		sbx_failed sbxctl new "$name"
	done
	[ "$(cat "$mine/my-preset_2.sb")" = changed ]
	ln -s "$PWD/target" "$mine/link.sb"
	sbx_failed sbxctl new link
	[ ! -e target ]
	sbx_failed sbxctl new
	sbx_failed sbxctl new a b
	sbx_failed env -u HOME -u XDG_CONFIG_HOME sbxctl new a
}

@test "sbxctl check: each kind keeps to what it may say" {
	check_says 2 'must not allow' ';; kind: restrict' '(allow signal (target self))'
	check_says 2 'must not deny' ';; kind: grant' '(deny signal (target self))'
	check_says 2 'must not deny' ';; kind: base' '(deny signal (target self))'
	check_says 2 'unknown kind restrictive' ';; kind: restrictive' '(deny signal (target self))'
	check_says 2 'includes nothing' ';; kind: restrict' ';; includes: no-write nothing' \
		'(deny signal (target others))'
	check_says 0 'unknown key sumary' ';; sumary: a' ';; kind: grant' '(allow signal (target self))'
	check_says 0 'this is no preset' ';; alias: a' '(version 1)' '(deny signal (target self))'
	check_says 0 'a grant of file-read-data outranks it' ';; kind: restrict' \
		'(deny file-read* (subpath "/x"))'
	check_says 0 'a grant with any filter outranks it' ';; kind: restrict' '(deny signal)'
	check_says 0 '0 warnings' ';; summary: a' ';; kind: restrict' ';; includes: no-write' \
		';; env-drop: A*' ';; env-drop: B' '(deny signal (target others))'
	run -1 sbxctl check --strict <(printf ';; kind: restrict\n(deny signal)\n')
	run -0 sbxctl check --json <(printf ';; kind: restrict\n;; odd: a\n(deny signal)\n')
	"$PYTHON" -c '
import json, sys
warnings = json.loads(sys.argv[1])[0]["warnings"]
assert [(w["kind"], w["line"]) for w in warnings] == [("header", 2), ("weak", 3)], warnings
' "$output"
}

@test "sbxctl check has nothing against the kinds of the installed presets" {
	local file
	for file in "$SBX_BIN_DIR"/../share/sbx/presets/*.sb; do
		run -0 sbxctl check "$file"
		run ! grep -E 'unknown key|no preset|outranks' <<<"$output"
	done
}

@test "all pairs of installed presets make one sandbox, the same in both orders" {
	local names one two
	names=$(cut -d ' ' -f 1 "$SBX_BIN_DIR/../share/sbx/names")
	[ "$(wc -l <<<"$names")" -ge 8 ]
	plan() {
		sbx -n -p "$1" true | sed -n '/^landlock: \|^seccomp: /,$p' | sort
	}
	for one in $names; do
		for two in $names; do
			[[ $one < $two ]] || continue
			plan "$one,$two" >forwards
			plan "$two,$one" >backwards
			[ -s forwards ]
			diff forwards backwards || {
				echo "$one,$two depends on the order"
				return 1
			}
			run ! grep '^gap: ' forwards
		done
	done
}

@test "environment: restrictions drop what they name, bases keep what anyone names" {
	preset drops ';; kind: restrict' ';; env-drop: A_*' ';; env-drop: *_B, EXACT' \
		'(deny signal (target others))'
	preset keeps ';; kind: grant' ';; env-keep: KEPT_*' '(allow signal (target self))'
	export A_1=value X_B=value EXACT=value EXACTLY=value KEPT_1=value LD_LIBRARY_PATH=/nowhere
	control sbx -qp drops env
	for name in A_1 X_B EXACT; do run ! grep "^$name=" <<<"$output"; done
	control sbx -qp drops env
	grep '^EXACTLY=' <<<"$output"
	grep '^LD_LIBRARY_PATH=' <<<"$output"
	control sbx -qp drops --env-keep=A_1 env
	[[ $output == *A_1=value* ]]

	control sbx -qp keeps env # a grant alone drops nothing
	[[ $output == *EXACTLY=value* ]]
	control sbx -qp python-eval env
	[[ $output != *EXACT* ]]
	[[ $output != *KEPT_1* ]]
	[[ $output != *LD_LIBRARY_PATH* ]]
	control sbx -qp python-eval,keeps env
	[[ $output == *KEPT_1=value* ]]
	control sbx -qp python-eval,keeps --env-drop='KEPT*' --env-set=NEW=1 env
	[[ $output != *KEPT_1* ]]
	[[ $output == *NEW=1* ]]
}

@test "environment: options come on top of what a base keeps" {
	export EXACT=value EXACTLY=value TERM=xterm LC_TIME=C TZ=UTC NO_COLOR=1 COLORTERM=a
	control sbx -qp python-eval env
	for name in PATH HOME TERM LC_TIME TZ NO_COLOR COLORTERM TMPDIR; do
		grep "^$name=" <<<"$output"
	done
	control sbx -qp python-eval --env-keep=EXACT env
	grep '^EXACT=value$' <<<"$output"
	grep '^TERM=xterm$' <<<"$output"
	run ! grep EXACTLY <<<"$output"
	control sbx -qp python-eval --env-clear --env-keep=EXACT env
	run ! grep '^TERM=' <<<"$output"
	# Without a base, only those that are named stay.
	control sbx -qA --env-keep=EXACT,PATH env
	run ! grep '^TERM=' <<<"$output"
}

@test "environment: the dry run names what is dropped, and shows no value" {
	export EXAMPLE_TOKEN=hidden-value MULTI=$'one\nhidden-value'
	run -0 sbx -n -p python-eval true
	grep '^environment: drops .*EXAMPLE_TOKEN' <<<"$output"
	grep '^environment: drops .*MULTI' <<<"$output"
	[[ $output != *hidden-value* ]]
	run -0 sbx -n -p no-network true
	run ! grep '^environment:' <<<"$output"
	run -0 sbx -n -p no-network --env-drop='EXAMPLE*' true
	grep -x 'environment: drops EXAMPLE_TOKEN' <<<"$output"
}

# stays_closed COMMAND...: in a namespace with the mandatory policy the secret is not read.
stays_closed() {
	refused with_etc "$@"
	[[ $output != *SECRET* ]] || explain 'the secret was read'
}

@test "mandatory: nothing overrides it" {
	local secret=$PWD/secret cat allow
	cat=$(command -v cat)
	allow="(allow file-read* file-read-data (subpath \"$secret\"))"
	copy_etc
	mandatory "(deny file-read* (subpath \"$secret\"))"
	control with_etc cat secret/file
	control with_etc sbx -qA cat etc/passwd
	stays_closed sbx -qA cat secret/file
	stays_closed sbx -q --allow-file-read=. cat secret/file
	stays_closed sbx -q --allow-file-read="$secret/file" cat secret/file
	stays_closed sbx -qA --allow-file-all cat secret/file
	stays_closed sbx -qp no-network --allow-file-read-all cat secret/file
	stays_closed sbx -qA -e "$allow" cat secret/file
	stays_closed sbx -qA -e '(allow default)(allow file-read-data)' cat secret/file
	stays_closed sbx -qA -e '(define (deny . x) #f)' -e "$allow" cat secret/file
	stays_closed sbx -qA -e '(define deny allow)(define subpath literal)' cat secret/file
	stays_closed sbx -qA -e '(macro (deny form) (quote (version 1)))' cat secret/file
	echo "$allow" >allow.sb
	stays_closed sbx -qA -f allow.sb cat secret/file
	stays_closed sbx -q -e "$allow(allow process-exec* file-read-data (literal \"$cat\"))" cat secret/file
	# Where its broker opens files, no sandbox is made inside.
	run with_etc sbx -qA sh -c 'sbx -qA cat secret/file'
	[ "$status" -ne 0 ]
	[[ $output != *SECRET* ]]
	stays_closed sandbox-exec -p '(version 1)(allow default)' cat secret/file
	stays_closed sandbox-exec -p "(version 1)(allow default)(define (deny . x) #f)$allow" cat secret/file
	run with_etc sbxctl explain -A file-read-data "$secret/file"
	[ "$status" -eq 1 ]
	[[ $output == *mandatory.sb* ]]
}

@test "mandatory: an .sbxrc does not override it" {
	copy_etc
	mandatory "(deny file-read* (subpath \"$PWD/secret\"))"
	printf 'allow-all\nallow-file-read secret\nexpr "(allow file-read-data)"\n' >.sbxrc
	control with_etc sbxctl trust --yes
	control with_etc sbx cat etc/passwd
	stays_closed sbx -q cat secret/file
}

@test "mandatory: parameters are not those of -D" {
	mkdir "$HOME/private"
	echo SECRET >"$HOME/private/file"
	copy_etc
	mandatory '(deny file-read* (subpath (string-append (param "HOME") "/private")))'
	control with_etc cat "$HOME/private/file"
	stays_closed sbx -qA cat "$HOME/private/file"
	stays_closed sbx -qA -D HOME=/nowhere cat "$HOME/private/file"
	stays_closed sandbox-exec -D HOME=/nowhere -p '(version 1)(allow default)' cat "$HOME/private/file"
}

@test "mandatory: rules without filter, on groups, on the network hold as well" {
	listen
	copy_etc
	mandatory '(deny network*)' '(deny process-exec* (literal "/usr/bin/id"))'
	control with_etc sockets tcp4 "$TCP4"
	refused with_etc sbx -qA sockets tcp4 "$TCP4"
	refused with_etc sbx -qA --allow-network-all sockets tcp4 "$TCP4"
	refused with_etc sbx -qA -e '(allow network-outbound (remote ip "*:*"))' sockets tcp4 "$TCP4"
	refused with_etc sandbox-exec -p '(version 1)(allow default)' sockets tcp4 "$TCP4"
	control with_etc sbx -qA sh -c true
	refused with_etc sbx -qA sh -c /usr/bin/id
	contacts 1
}

@test "mandatory: a broken one stops every run" {
	local text
	copy_etc
	for text in '(deny file-read*' '(deny nothing)' '(allow signal)' '(error "no")' '(import "no.sb")' \
		'(deny file-read* (subpath (param "NOTHING")))'; do
		mandatory "$text"
		sbx_failed with_etc sbx touch started
		sbx_failed with_etc sbx -qA touch started
		sbx_failed with_etc sbx --best-effort -p no-network touch started
		run with_etc sandbox-exec -p '(version 1)(allow default)' touch started
		[ "$status" -eq 71 ]
		[ ! -e started ]
	done
	mandatory ''
	control with_etc sbx -qA touch started
}

@test "mandatory: one that cannot be read stops every run" {
	copy_etc
	mkdir "$etc/sbx/mandatory.sb"
	sbx_failed with_etc sbx -qA touch started
	rmdir "$etc/sbx/mandatory.sb"
	ln -s mandatory.sb "$etc/sbx/mandatory.sb"
	sbx_failed with_etc sbx -qA touch started
	rm "$etc/sbx/mandatory.sb"
	mandatory ''
	control with_etc unshare -U --map-user=1000 sbx -qA true
	chmod 0 "$etc/sbx/mandatory.sb"
	sbx_failed with_etc unshare -U --map-user=1000 sbx -qA touch started
	[[ $output == *'mandatory.sb: Permission denied'* ]]
	[ ! -e started ]
}
