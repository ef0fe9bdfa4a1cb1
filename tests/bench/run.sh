#!/bin/sh
# Measures what putting sbx in front of a command costs, and compares it with the project's goals.
#
# usage: tests/bench/run.sh [--markdown]
#
# Environment: SBX (default $BUILD/bin/sbx), BUILD (default build), BENCH_ROUNDS (default 500, or 50
# with BENCH_QUICK=1), CC, CFLAGS. Goals are reported, never enforced: on a shared machine a time proves nothing.

set -eu
export LC_ALL=C

tab=$(printf '\t')

die() {
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s/%s\n' "$PWD" "$1" ;;
	esac
}

# Renamed into place, so that a second run beside this one never meets half a program.
compile() {
	out=$1
	source=$2
	shift 2
	# shellcheck disable=SC2086 # CFLAGS is a list of words
	"$@" ${CFLAGS:--O2} -o "$out.$$" "$here/$source" && mv -f "$out.$$" "$out"
}

build_programs() {
	cc=${CC:-cc}
	static_cc=$cc
	if command -v musl-gcc >/dev/null; then
		static_cc=musl-gcc
	fi
	mkdir -p "$bin" || die "cannot write $bin, set BUILD"
	compile "$bin/bench" bench.c "$static_cc" -static || die "cannot build bench"
	compile "$bin/exec-only" exec-only.c "$static_cc" -static || die "cannot build exec-only"
	# Kernel headers stand beside those of the C library, which come first.
	compile "$bin/kernel-only" kernel-only.c "$static_cc" -static -idirafter /usr/include \
		-idirafter "/usr/include/$(cc -dumpmachine)" || die "cannot build kernel-only"
	compile "$bin/true-static" true.c "$static_cc" -static || die "cannot build true-static"
	compile "$bin/true-dynamic" true.c "$cc" || die "cannot build true-dynamic"
}

works() {
	status=0
	"$@" </dev/null >/dev/null 2>"$tmp/err" || status=$?
	[ "$status" -eq 0 ]
}

# Why the last call of works failed, in one line without tabs.
reason() {
	tr '\t' ' ' <"$tmp/err" | grep . | tail -n 1 | grep . || printf 'exit status %s\n' "$status"
}

# consider SET GROUP LABEL COMMAND [ARG]...: lists the command for measuring if it works here.
consider() {
	set_file=$1
	printf '%s\t%s\n' "$2" "$3" >>"$tmp/order"
	group_label=$2$tab$3
	shift 3
	if works "$@"; then
		{
			printf '%s' "$group_label"
			printf '\t%s' "$@"
			printf '\n'
		} >>"$set_file"
	else
		printf '%s: fails here: %s\n' "$group_label" "$(reason)" | tr '\t' ' ' \
			>>"$tmp/notes"
	fi
}

# A sandbox that denies by default may not know the command; then the user would name it.
consider_python() {
	group=$1
	command=$2
	if works "$sbx" -p python-eval "$command"; then
		set --
	elif works "$sbx" -p python-eval "--allow-file-read=$command" \
		"--allow-process-exec=$command" "$command"; then
		set -- "--allow-file-read=$command" "--allow-process-exec=$command"
		echo "$group: sbx -p python-eval was told to allow the command" >>"$tmp/notes"
	else
		set --
	fi
	consider "$tmp/prefixes" "$group" 'sbx -p python-eval' \
		"$sbx" -p python-eval "$@" "$command"
	consider_kernel "$group" python-eval "$command" -p python-eval "$@"
}

# What the kernel takes for a sandbox of the same size, whoever asks for it: as many instructions
# for seccomp, the same paths for Landlock, a broker if there is one, and no thought about which.
consider_kernel() {
	group=$1
	label=$2
	command=$3
	shift 3
	"$sbx" -q -n "$@" "$command" >"$tmp/plan" 2>/dev/null || return 0
	instructions=$(sed -n 's/^seccomp: .*(\([0-9]*\) instructions)$/\1/p' "$tmp/plan")
	set -- "$bin/kernel-only" "$instructions"
	! grep -q '^broker:' "$tmp/plan" || set -- "$bin/kernel-only" -b "$instructions"
	while read -r path; do
		[ -z "$path" ] || set -- "$@" "$path"
	done <<-EOF
		$(sed -n -e 's,^  /proc/self/,  /proc/,' -e 's,^  \(/[^:]*\): .*,\1,p' "$tmp/plan")
	EOF
	consider "$tmp/prefixes" "$group" "the kernel alone, $label" "$@" -- "$command"
}

# bubblewrap leaves the kernel namespaces to clean up, which slows whatever runs next. So it gets
# rounds of its own, with its own bare command and floor beside it.
consider_bwrap() {
	group=$1
	command=$2
	set -- bwrap --unshare-net --ro-bind / / --dev /dev --proc /proc "$command"
	if ! command -v bwrap >/dev/null; then
		echo 'bubblewrap is not installed: not compared' >"$tmp/no-bwrap"
	elif ! works "$@"; then
		echo "bubblewrap cannot run here: not compared: $(reason)" >"$tmp/no-bwrap"
	else
		awk -F '\t' -v group="$group" '$1 == group && ++n <= 2' \
			"$tmp/prefixes" >>"$tmp/bwraps"
		consider "$tmp/bwraps" "$group" 'bwrap --unshare-net --ro-bind / /' "$@"
	fi
}

# Every other command is compared with the first two, so without them there is nothing to do.
consider_group() {
	works "$bin/exec-only" "$2" || die "cannot run $bin/exec-only $2: $(reason)"
	consider "$tmp/prefixes" "$1" bare "$2"
	consider "$tmp/prefixes" "$1" 'exec-only, the floor' "$bin/exec-only" "$2"
	for presets in no-network write-cwd-only no-network,write-cwd-only; do
		consider "$tmp/prefixes" "$1" "sbx -p $presets" "$sbx" -p "$presets" "$2"
		consider_kernel "$1" "$presets" "$2" -p "$presets"
	done
	consider_python "$1" "$2"
	consider_bwrap "$1" "$2"
}

# No loader, and the word for error 0 that only musl has.
is_static_musl() {
	! readelf -l "$1" 2>/dev/null | grep -q INTERP && grep -q 'No error information' "$1"
}

# Starting a glibc program costs several times what a musl one costs, even a static one.
consider_libc() {
	floor_fits=1
	if [ "$static_cc" != musl-gcc ] && is_static_musl "$sbx"; then
		floor_fits=0
		echo 'the floor lacks musl, which sbx has: it is too high' >>"$tmp/notes"
	elif [ "$static_cc" = musl-gcc ] && ! is_static_musl "$sbx"; then
		echo 'the floor has musl, which sbx lacks: sbx starts slower' >>"$tmp/notes"
	fi
}

measure() {
	"$bin/bench" -r "$rounds" "$tmp/prefixes" >"$tmp/results"
	[ -s "$tmp/bwraps" ] || return 0
	"$bin/bench" -r "$rounds" "$tmp/bwraps" >"$tmp/bwrap-results"
	grep "${tab}bwrap " "$tmp/bwrap-results" >>"$tmp/results"
}

# The lines for people: all commands in the order considered, with those that could not run.
tabulate_results() {
	printf 'true\tcommand\tmedian ms\tmin ms\tover bare\tover floor\tpeak RSS KiB\n'
	awk -F '\t' -v OFS='\t' '
		NR == FNR { result[$1 FS $2] = $3 FS $4 FS $5 FS $6 FS $9; next }
		!($0 in result) { print $0, "fails here", "-", "-", "-", "-"; next }
		{ $0 = $0 FS result[$0] }
		$2 == "bare" { $5 = "-" }
		$2 ~ /^exec-only/ { $6 = "-" }
		{ print }
	' "$tmp/results" "$tmp/order"
}

# The third column is what the kernel alone reaches: where that misses the goal, so does anybody.
judge_times() {
	awk -F '\t' -v OFS='\t' -v floor_fits="$floor_fits" '
		function judge(met) { return met ? "yes" : "no" }

		function interval(key) {
			return (rounds[key] < 6 ? rounds[key] " rounds: " : "95 %: ") low[key] \
				" to " high[key]
		}

		function near_floor(label, limit, group,    key, kernel, goal, share) {
			key = group FS "sbx -p " label
			kernel = group FS "the kernel alone, " label
			goal = label " (" group "): at most " limit " ms over the floor"
			share = kernel in floor ? floor[kernel] : "-"
			if (!(key in floor))
				print goal, "fails here", share, "no"
			else
				print goal, floor[key] " (" interval(key) ")", share,
					floor_fits ? judge(floor[key] <= limit + 0) : "not measured"
		}

		function times_less(key, other) {
			return bare[key] > 0 ? sprintf("%.1f times less", bare[other] / bare[key]) : \
				"adds nothing measurable"
		}

		function below_bwrap(label, group,    key, other, kernel, goal, share) {
			key = group FS "sbx -p " label
			other = group FS "bwrap --unshare-net --ro-bind / /"
			kernel = group FS "the kernel alone, " label
			goal = label " (" group "): adds 15 times less than bubblewrap"
			share = other in bare && kernel in bare ? times_less(kernel, other) : "-"
			if (!(key in bare))
				print goal, "fails here", share, "no"
			else if (!(other in bare))
				print goal, "bubblewrap was not compared", share, "not measured"
			else
				print goal, times_less(key, other), share,
					judge(bare[key] * 15 <= bare[other])
		}

		{
			key = $1 FS $2
			bare[key] = $5 + 0
			floor[key] = $6
			low[key] = $7
			high[key] = $8
			rounds[key] = $13
		}
		$1 == "static" && $2 ~ /^sbx / { ran++; if (rss < $9 + 0) rss = $9 + 0 }

		END {
			both = "no-network,write-cwd-only"
			split("static dynamic", groups, " ")
			for (i = 1; i <= 2; i++) {
				near_floor("no-network", "0.05", groups[i])
				near_floor(both, "0.10", groups[i])
				near_floor("python-eval", "0.20", groups[i])
			}
			for (i = 1; i <= 2; i++) {
				below_bwrap("no-network", groups[i])
				below_bwrap(both, groups[i])
			}
			goal = "peak RSS (static, all presets): under 2048 KiB"
			if (ran)
				print goal, rss + 0 " KiB", "-", judge(rss < 2048)
			else
				print goal, "fails here", "-", "no"
		}
	' "$tmp/results"
}

# Evaluating and deciding, in a program of their own that make bench builds.
measure_policies() {
	if [ -x "$bin/policy" ]; then
		"$bin/policy" rules >"$tmp/rules"
		"$bin/policy" presets "$(dirname -- "$sbx")/../share/sbx/presets" >"$tmp/presets"
	else
		echo "profiles are not measured: make bench builds $bin/policy" >>"$tmp/notes"
	fi
}

judge_policies() {
	[ -s "$tmp/presets" ] || return 0
	awk -F '\t' -v OFS='\t' '
		function judge(met) { return met ? "yes" : "no" }
		FNR == 1 { next }
		FILENAME ~ /presets$/ { if (slowest + 0 <= $2 + 0) { slowest = $2; name = $1 }; next }
		$1 == 5000 { time = $2; memory = $4 }
		$1 == 10000 { times = $8 }
		END {
			print "a profile of 5,000 rules: evaluated in under 20 ms", time " ms", "-",
				judge(time < 20)
			print "a profile of 5,000 rules: under 16 MiB", memory " KiB", "-",
				judge(memory < 16384)
			print "each preset: evaluated in under 0.3 ms", slowest " ms (" name ")", "-",
				judge(slowest < 0.3)
			print "an index of 10,000 rules: decides 20 times faster", times " times", "-",
				judge(times >= 20)
		}
	' "$tmp/rules" "$tmp/presets"
}

# The number of processes of a sandboxed true, or nothing where strace cannot tell.
count_processes() {
	strace -f -e trace=process -o "$tmp/trace" "$sbx" -p no-network "$bin/true-static" \
		</dev/null >/dev/null 2>&1 || return 0
	awk '{ pids[$1] } END { n = 0; for (pid in pids) n++; print n }' "$tmp/trace"
}

judge_processes() {
	goal='no extra process (no-network)'
	# shellcheck disable=SC2016 # $$ is for the sandboxed shell
	"$sbx" -p no-network /bin/sh -c 'echo $$' >"$tmp/pid" 2>/dev/null &
	spawned=$!
	if ! wait "$spawned"; then
		printf '%s\tfails here\t-\tno\n' "$goal"
		return
	fi
	seen=$(cat "$tmp/pid")
	count=$(count_processes)
	if [ "$seen" != "$spawned" ]; then
		printf '%s\tthe command is a child of sbx\t-\tno\n' "$goal"
	elif [ "${count:-1}" -gt 1 ]; then
		printf '%s\tsame pid, but %s processes by strace\t-\tno\n' "$goal" "$count"
	else
		printf '%s\tsame pid%s\t-\tyes\n' "$goal" "${count:+, 1 process by strace}"
	fi
}

judge_size() {
	goal='stripped static musl sbx: under 200 KiB'
	if ! is_static_musl "$sbx"; then
		printf '%s\tsbx is not a static musl build\t-\tnot measured\n' "$goal"
	elif ! strip -o "$tmp/stripped" "$sbx" 2>/dev/null; then
		printf '%s\tstrip fails here\t-\tnot measured\n' "$goal"
	else
		bytes=$(($(wc -c <"$tmp/stripped")))
		met=no
		[ "$bytes" -ge $((200 * 1024)) ] || met=yes
		printf '%s\t%s KiB\t-\t%s\n' "$goal" $(((bytes + 1023) / 1024)) "$met"
	fi
}

tabulate_goals() {
	printf 'goal\treached\tthe kernel alone\tmet\n'
	judge_times
	judge_processes
	judge_size
	judge_policies
}

# Reads a table of tab-separated cells whose first line is the header.
print_markdown() {
	awk -F '\t' '
		{
			line = "|"
			rule = "|"
			for (i = 1; i <= NF; i++) {
				gsub(/\|/, "\\|", $i)
				line = line " " ($i ~ /^(sbx|bwrap) / ? "`" $i "`" : $i) " |"
				rule = rule ($i ~ /ms$|KiB$|ns$|^over |^us |^times / ? "---:|" : "---|")
			}
			print line
			if (NR == 1)
				print rule
		}'
}

# The same for a terminal; what looks like a number is aligned to the right.
print_aligned() {
	awk -F '\t' '
		{
			for (i = 1; i <= NF; i++) {
				cell[NR, i] = $i
				if (width[i] < length($i))
					width[i] = length($i)
				if (NR > 1 && $i ~ /^[+-]?[0-9.]+$/)
					right[i] = 1
			}
			columns = NF
		}
		END {
			for (row = 1; row <= NR; row++) {
				line = ""
				for (i = 1; i <= columns; i++) {
					format = "%" (right[i] ? "" : "-") width[i] "s  "
					line = line sprintf(format, cell[row, i])
				}
				sub(/ +$/, "", line)
				print line
			}
		}'
}

describe() {
	user='an ordinary user'
	[ "$(id -u)" -ne 0 ] || user=root
	[ -z "$mark" ] || printf 'Printed by \140tests/bench/run.sh --markdown\140: '
	printf '%s, %s CPUs, as %s; %s interleaved rounds; ' \
		"$(uname -srm)" "$(getconf _NPROCESSORS_ONLN)" "$user" "$rounds"
	printf 'floor and static true built with %s.\n' "$static_cc -static"
	echo 'Times are medians; "over" is the median of the differences within each round, in ms.'
	echo '"The kernel alone" loads a seccomp program and a Landlock domain of the same size, has a broker'
	echo 'where sbx has one, which does nothing, and executes the command.'
	echo 'The kernel counts RSS in coarse steps: 0 means less than a few hundred KiB.'
}

headline() {
	printf '%s%s\n\n' "$mark" "$1"
}

report() {
	headline 'Starting a command'
	describe
	echo
	tabulate_results | "$print"
	if [ -s "$tmp/notes" ] || [ -s "$tmp/no-bwrap" ]; then
		echo
		sed 's/^/- /' "$tmp/notes" "$tmp/no-bwrap"
	fi
	if [ -s "$tmp/presets" ]; then
		echo
		headline 'Evaluating profiles'
		"$print" <"$tmp/rules"
		echo
		"$print" <"$tmp/presets"
	fi
	echo
	headline 'Goals for starting and evaluating'
	tabulate_goals | "$print"
}

print=print_aligned
mark=
case $#,${1-} in
0,) ;;
1,--markdown) print=print_markdown mark='### ' ;;
*) die 'usage: run.sh [--markdown]' ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$(absolute "${BUILD:-${here%/tests/bench}/build}")
bin=$build/bench
sbx=$(absolute "${SBX:-$build/bin/sbx}")
rounds=500
[ "${BENCH_QUICK:-}" != 1 ] || rounds=50
rounds=${BENCH_ROUNDS:-$rounds}
[ -x "$sbx" ] || die "$sbx is not there: build it first or set SBX"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# Whoever trusts an .sbxrc has something to be protected, which costs: nothing of the user's own.
export HOME="$tmp" XDG_STATE_HOME="$tmp/state" XDG_CONFIG_HOME="$tmp/config"

build_programs
mkdir "$tmp/cwd"
touch "$tmp/notes" "$tmp/no-bwrap" "$tmp/bwraps"
cd "$tmp/cwd"
consider_group static "$bin/true-static"
consider_group dynamic "$bin/true-dynamic"
consider_libc
measure
measure_policies
report
