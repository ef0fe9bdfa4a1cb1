#!/bin/sh
# Measures what sandboxes cost real programs, side by side with no sandbox and bubblewrap, and
# compares it with the project's goals. Prints Markdown.
#
# usage: tests/bench/workloads.sh
#
# Environment: SBX (default $BUILD/bin/sbx), BUILD (default build), CC, CFLAGS, TMPDIR, BENCH_DIR
# (where the workloads lie: by default in memory, as a slow disk would hide what a sandbox adds), and
# BENCH_QUICK=1 for smaller workloads and fewer rounds: meant to take two minutes, not a quarter of an hour.
# BENCH_SECONDS (45, or 2 when quick) is for the rounds of one workload, four times that for make; three
# are made in any case.
# Needs git, make, python3, tar and a C compiler; a workload without its program is left out.
#
# A column is timed only after something that it denies was tried: it works outside of the sandbox,
# and not inside. Goals are reported, never enforced: on a shared machine a time proves nothing.

set -eu
export LC_ALL=C

columns='none a b c d e f k bwrap'
hidden='kb' # of unpacking, for the goal of (b): what (b) gives to the broker

die() {
	printf 'workloads: %s\n' "$*" >&2
	exit 1
}

say() {
	printf 'workloads: %s\n' "$*" >&2
}

absolute() {
	case $1 in
	/*) printf '%s\n' "$1" ;;
	*) printf '%s/%s\n' "$PWD" "$1" ;;
	esac
}

# compile PROGRAM [FLAG]... Renamed into place, so that a second run beside this one never meets half
# a program.
compile() {
	program=$1
	shift
	cc=${CC:-cc}
	if command -v musl-gcc >/dev/null; then
		cc=musl-gcc
	fi
	mkdir -p "$bin" || die "cannot write $bin, set BUILD"
	# shellcheck disable=SC2086 # CFLAGS is a list of words
	"$cc" -static ${CFLAGS:--O2} "$@" -o "$bin/$program.$$" "$here/$program.c" ||
		die "cannot build $program"
	mv -f "$bin/$program.$$" "$bin/$program"
}

works() {
	status=0
	"$@" </dev/null >"$tmp/out" 2>"$tmp/err" || status=$?
	[ "$status" -eq 0 ]
}

# Why the last call of works failed, in one line.
reason() {
	tr '\t' ' ' <"$tmp/err" | grep . | tail -n 1 | grep . || printf 'exit status %s\n' "$status"
}

# A line for the program bench.
list() {
	{
		printf '%s\t%s' "$workload" "$column"
		printf '\t%s' "$@"
		printf '\n'
	} >>"$tmp/commands"
}

# How the command gets into python-eval: to build and to unpack it has to write here, modes and times
# included, and a compiler reads headers; a program from elsewhere is named.
in_python_eval() {
	action=$1
	shift
	case $workload in
	tar | make)
		"$action" "$sbx" -q -p python-eval --allow-file-read=/usr/include \
			-e "(allow file-write* (subpath \"$PWD\"))" "$@"
		;;
	opens*)
		"$action" "$sbx" -q -p python-eval "--allow-file-read=$bin/opens" \
			"--allow-process-exec=$bin/opens" "$@"
		;;
	*) "$action" "$sbx" -q -p python-eval "$@" ;;
	esac
}

# in_column ACTION COMMAND [ARG]...: does the action with the command as $column runs it. The
# directory of each workload has what is denied: private/, .env and the program private/program.
in_column() {
	action=$1
	shift
	case $column in
	none) "$action" "$@" ;;
	a) "$action" "$sbx" -q -p no-network "$@" ;;
	b) "$action" "$sbx" -q -p write-cwd-only "$@" ;;
	c) in_python_eval "$action" "$@" ;;
	d) "$action" "$sbx" -q -A -e "(deny file-read* (subpath \"$PWD/private\"))" "$@" ;;
	e) "$action" "$sbx" -q -A -e '(deny file-read* (regex #"/\.env$"))' "$@" ;;
	f)
		"$action" "$sbx" -q -A -e "(deny file* (subpath \"$PWD/private\"))" \
			-e "(deny process-exec* (literal \"$PWD/private/program\"))" "$@"
		;;
	k) "$action" "$bin/broker-only" -- "$@" ;;
	kb)
		"$action" "$bin/broker-only" chmod fchmod fchmodat chown lchown fchown fchownat \
			utimensat -- "$@"
		;;
	bwrap)
		"$action" bwrap --unshare-net --ro-bind / / --dev /dev --proc /proc \
			--bind "$PWD" "$PWD" "$@"
		;;
	esac
}

# The command works outside of the sandbox of $column, and fails in it. From 125 on it isn't the
# command that failed but sbx that couldn't run it.
denied() {
	works "$@" || die "cannot tell whether $column is in force: $* fails outside: $(reason)"
	! in_column works "$@" || die "the sandbox of $column is not in force: $* works in it"
	[ "$status" -lt 125 ] || die "the sandbox of $column did not start: $(reason)"
}

prove_in_force() {
	case $column in
	a) denied "$python" -c 'import socket; socket.socket()' ;;
	b | bwrap) denied touch "$tmp/stray" ;;
	c) denied cat "$tmp/stray" ;;
	d) denied cat private/file ;;
	e) denied cat .env ;;
	f)
		denied cat private/file
		denied touch private/file
		denied stat private/file
		denied sh -c 'private/program || exit 1'
		;;
	k)
		works "$bin/broker-only" -c -- cat .env || die "the broker alone fails: $(reason)"
		grep -q '^answered [1-9]' "$tmp/err" || die 'the broker alone was not asked'
		;;
	esac
}

# Lists the workload's command for the column if it works there and does what it is for.
consider() {
	column=$1
	shift
	[ "$column" != bwrap ] || command -v bwrap >/dev/null || return 0
	sh -c "$prepare"
	if ! in_column works "$@"; then
		echo "$workload under $column fails here: $(reason)" >>"$tmp/notes"
	elif ! sh -c "$verify"; then
		echo "$workload under $column does not do its work" >>"$tmp/notes"
	else
		prove_in_force
		in_column list "$@"
	fi
}

run_bench() {
	[ "$(wc -l <"$tmp/commands")" -ge 2 ] || return 0
	# The pin is one for bench and all that it starts.
	# shellcheck disable=SC2086 # words, or nothing
	$pin "$bin/bench" -w "$warmup" -r "$1" -t "$2" -s "$prepare" "$tmp/commands" >"$tmp/measured"
}

# measure ROUNDS SECONDS COMMAND [ARG]...: in all columns. bubblewrap leaves the kernel namespaces
# to clean up, which slows whatever runs next: it gets rounds of its own, beside no sandbox.
measure() {
	rounds=$1
	seconds=$2
	shift 2
	: >"$tmp/commands"
	for column in $columns $hidden; do
		case $workload,$column in
		*,bwrap) ;;
		tar,* | *,[!k]* | *,k) consider "$column" "$@" ;;
		esac
	done
	say "$workload"
	run_bench "$rounds" "$seconds"
	cat "$tmp/measured" >>"$tmp/results"
	: >"$tmp/commands"
	: >"$tmp/measured"
	consider none "$@"
	consider bwrap "$@"
	run_bench "$rounds" $((seconds / 4))
	awk -F '\t' '$2 == "bwrap"' "$tmp/measured" >>"$tmp/results"
	cd /
	rm -rf "${work:?}/$workload"
}

# enter WORKLOAD DESCRIPTION: begins a workload in a directory of its own.
enter() {
	workload=$1
	prepare=:
	verify=:
	pin=
	warmup=${quick:+0}
	warmup=${warmup:-1}
	printf '%s\t%s\n' "$1" "$2" >>"$tmp/order"
	mkdir -p "$work/$1/private"
	cd "$work/$1"
	echo x >private/file
	echo x >.env
	printf '#!/bin/sh\n' >private/program
	chmod 755 private/program
}

# make_files COUNT: in directories of 100.
make_files() {
	awk -v count="$1" 'BEGIN {
		for (i = 0; i < count; i++) {
			if (i % 100 == 0) {
				directory = sprintf("directory%03d", i / 100)
				system("mkdir " directory)
			}
			file = sprintf("%s/file%02d", directory, i % 100)
			for (line = 0; line < 20; line++)
				print "line", line, "of file", i >file
			close(file)
		}
	}'
}

# As old as a tree usually is: git reads again what is as new as its index.
measure_git() {
	enter git "\`git status\`, 20,000 files"
	make_files 20000
	find . -exec touch -d 2020-01-01 {} +
	git init -q .
	printf 'private\n.env\n' >.git/info/exclude
	git add .
	git -c user.name=bench -c user.email=bench@localhost commit -qm files
	verify="! [ -s '$tmp/out' ] && ! [ -s '$tmp/err' ]"
	measure "$many" "$seconds_each" git status --porcelain
}

measure_tar() {
	enter tar "\`tar -xf\`, 10,000 files"
	mkdir from
	(cd from && make_files 10000)
	tar -cf files.tar -C from .
	rm -rf from
	prepare='rm -rf to && mkdir to'
	# shellcheck disable=SC2016 # for the shell that verifies
	verify='[ "$(find to -type f | wc -l)" -eq 10000 ]'
	measure "$many" "$seconds_each" tar -xf files.tar -C to
}

# Lua, where its source is to be had, or else sbx. Of Lua a part when it is to be quick.
measure_make() {
	enter make "\`make -j2\` of ${quick:+a part of }$1"
	if [ "$1" = Lua ]; then
		mv "$tmp/lua" from
		set -- -C tree linux
		verify='[ -x tree/src/lua ]'
		if [ -n "$quick" ]; then
			set -- -C tree/src lapi.o lauxlib.o lcode.o ldo.o lgc.o linit.o lstring.o lundump.o
			verify='[ -f tree/src/lundump.o ]'
		fi
	else
		mkdir from
		cp -R "$root/Makefile" "$root/src" "$root/presets" "$root/tools" "$root/man" from
		set -- -C tree BUILD=out out/bin/sbx
		verify='[ -x tree/out/bin/sbx ]'
	fi
	prepare='rm -rf tree && cp -R from tree'
	warmup=0 # each has been run once, to see that it works
	[ -z "$quick" ] || set -- "$@" CFLAGS=-O0
	measure "$many" $((seconds_each * 4)) make -j2 "$@"
}

modules='abc argparse array ast asyncio base64 bisect calendar cmath codecs collections configparser
	contextlib copy csv dataclasses datetime decimal difflib dis email.message enum fileinput fnmatch
	fractions functools getopt gettext glob gzip hashlib heapq hmac html http.client inspect ipaddress
	itertools json locale logging.config mimetypes multiprocessing optparse pathlib pickle platform
	pprint queue random shlex shutil socket statistics string subprocess tarfile tempfile
	unittest.mock xml.etree.ElementTree'

measure_imports() {
	enter imports "$python_name, 60 imports"
	# shellcheck disable=SC2086 # a list of words
	measure "$many" "$seconds_each" "$python" -I -B -c "$(printf 'import %s;' $modules)"
}

# measure_opens WORKLOAD DESCRIPTION PROCESSES [PREFIX-WORD]...
measure_opens() {
	enter "$1" "$2"
	processes=$3
	shift 3
	pin=$*
	echo x >file
	measure 10 "$seconds_each" "$bin/opens" "$opens" "$processes" file
}

# A row for each workload, in order; one that could not be measured has none.
tabulate_results() {
	echo '| workload | no sandbox, ms | (a) no-network | (b) write-cwd-only | (c) python-eval' \
		'| (d) a read hole | (e) a regex hole | (f) all brokered | (k) a broker alone' \
		'| bubblewrap | rounds |'
	echo '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
	awk -F '\t' -v columns="$columns" '
		NR == FNR {
			ms[$1, $2] = $3
			ratio[$1, $2] = $10
			if ($2 != "bwrap")
				rounds[$1] = $13
			next
		}
		($1, "none") in ms {
			line = sprintf("| %s | %.1f", $2, ms[$1, "none"])
			count = split(columns, column, " ")
			for (i = 2; i <= count; i++)
				line = line (($1, column[i]) in ratio ? \
					sprintf(" | %.3f", ratio[$1, column[i]]) : " | -")
			print line " | " rounds[$1] " |"
		}
	' "$tmp/results" "$tmp/order"
}

# Where the limit lies inside the interval, the run does not tell. The third column is what a broker
# that decides nothing reaches: where that misses the goal, so does any that decides.
tabulate_goals() {
	echo '| goal | reached | (k) a broker alone | met |'
	echo '|---|---|---|---|'
	awk -F '\t' -v opens="$opens" '
		function within(column, workload, limit,    key, alone, goal, share) {
			key = workload FS column
			goal = "(" column ") " name[workload] ": at most " limit " times no sandbox"
			alone = workload FS (column ~ /[def]/ ? "k" : "k" column)
			share = alone in ratio ? sprintf("%.3f", ratio[alone]) : "-"
			if (key in ratio)
				printf("| %s | %.3f (%s: %.3f to %.3f) | %s | %s |\n", goal, ratio[key],
					rounds[key] < 6 ? rounds[key] " rounds" : "95 %",
					low[key], high[key], share, high[key] <= limit + 0 ? "yes" : \
					low[key] > limit + 0 ? "no" : "unclear")
			else
				printf("| %s | - | %s | not measured |\n", goal, share)
		}

		# What one open and close takes.
		function each(workload, column,    key) {
			key = workload FS column
			return key in ms ? sprintf("%.1f us", ms[key] * 1000 / opens) : "-"
		}

		function an_open(workload, where, limit,    key) {
			key = workload FS "d"
			printf("| (d) a brokered open and close, %s: under %s us | %s (no sandbox: %s) | %s | %s |\n",
				where, limit, each(workload, "d"), each(workload, "none"),
				each(workload, "k"), !(key in ms) ? "not measured" : \
				ms[key] * 1000 / opens < limit + 0 ? "yes" : "no")
		}

		NR == FNR {
			key = $1 FS $2
			ms[key] = $3
			ratio[key] = $10
			low[key] = $11
			high[key] = $12
			rounds[key] = $13
			next
		}
		{ name[$1] = $2; workloads[++count] = $1 }
		END {
			for (i = 1; i <= count; i++)
				within("a", workloads[i], "1.01")
			within("b", "git", "1.07")
			within("c", "git", "1.07")
			within("b", "tar", "1.20")
			within("b", "make", "1.02")
			within("c", "make", "1.02")
			within("b", "imports", "1.02")
			within("c", "imports", "1.02")
			within("d", "make", "1.15")
			within("e", "make", "1.30")
			within("f", "make", "1.40")
			within("f", "git", "1.70")
			an_open("opens-shared", "all on one CPU", "6")
			an_open("opens", "on any CPU", "6")
		}
	' "$tmp/results" "$tmp/order"
}

load_average() {
	cut -d ' ' -f 1 /proc/loadavg
}

describe() {
	user='an ordinary user'
	[ "$(id -u)" -ne 0 ] || user=root
	printf 'Printed by \140tests/bench/workloads.sh\140: %s, %s CPUs, as %s, files on %s%s. Interleaved rounds; the columns after the first are medians of ' \
		"$(uname -srm)" "$(getconf _NPROCESSORS_ONLN)" "$user" \
		"$(df -PT "$work" | awk 'NR == 2 { print $2 }')" "${quick:+, quick mode}"
	printf 'the ratios to no sandbox in the same round. An open is one with its close. '
	printf 'Load average %s at the start, %s at the end.\n' "$load" "$(load_average)"
}

report() {
	echo '### Real programs'
	echo
	describe
	echo
	tabulate_results
	if [ -s "$tmp/notes" ]; then
		echo
		sort -u "$tmp/notes" | sed 's/^/- /'
	fi
	echo
	echo '### Goals for real programs'
	echo
	tabulate_goals
}

# Room for 40,000 files, and where programs can be executed.
is_fit() {
	[ -w "$1" ] && [ "$(df -Pk "$1" | awk 'NR == 2 { print $4 }')" -ge 524288 ] || return 1
	probe=$(mktemp "$1/sbx-bench.XXXXXX") || return 1
	printf '#!/bin/sh\n' >"$probe"
	chmod 700 "$probe"
	works "$probe" && fit=0 || fit=1
	rm -f "$probe"
	return "$fit"
}

has() {
	command -v "$1" >/dev/null || {
		echo "no $1 here: not measured" >>"$tmp/notes"
		return 1
	}
}

measure_all() {
	! has git || measure_git
	! has tar || measure_tar
	if has make; then
		if "$root/tests/lib/fetch-source.sh" lua5.4 "$tmp/lua" >"$tmp/fetch" 2>&1; then
			measure_make Lua
		else
			measure_make sbx
		fi
	fi
	measure_imports
	measure_opens opens "$opens_text opens" 1
	measure_opens opens-two "$opens_text opens, two processes" 2
	! has taskset ||
		measure_opens opens-shared "$opens_text opens, one CPU for all" 1 taskset -c "$cpu"
}

[ $# -eq 0 ] || die 'usage: workloads.sh'
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${here%/tests/bench}
build=$(absolute "${BUILD:-$root/build}")
bin=$build/bench
sbx=$(absolute "${SBX:-$build/bin/sbx}")
[ -x "$sbx" ] || die "$sbx is not there: build it first or set SBX"
command -v python3 >/dev/null || die 'needs python3'

quick=
many=100
seconds_each=45
opens=50000 # a round; ten of them
if [ "${BENCH_QUICK:-}" = 1 ]; then
	quick=1
	many=6
	seconds_each=2
	opens=10000
fi
seconds_each=${BENCH_SECONDS:-$seconds_each}

opens_text=${opens%000},000

tmp=$(CDPATH='' cd -- "$(mktemp -d)" && pwd -P)
work=
trap 'cd /; rm -rf "$tmp" "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the user's own: neither git's configuration nor make's flags.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES GNUMAKEFLAGS MAKELEVEL
export SBX_TEST_CACHE="${SBX_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sbx-tests}"
export HOME="$tmp/home" GIT_CONFIG_NOSYSTEM=1
# The interpreter itself: what stands first in the path may be a script that looks for it.
python=$(python3 -c 'import sys; print(sys.executable)')
python_name=$("$python" -c 'import sys; print("Python %d.%d" % sys.version_info[:2])')
cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)

place=${BENCH_DIR:-/dev/shm}
is_fit "$place" || place=$tmp
work=$(CDPATH='' cd -- "$(mktemp -d "$place/sbx-bench.XXXXXX")" && pwd -P)
load=$(load_average)
mkdir "$HOME"
touch "$tmp/notes" "$tmp/stray" "$tmp/results" "$tmp/measured"
compile bench
compile opens
# Kernel headers stand beside those of the C library, which come first.
compile broker-only -pthread -idirafter /usr/include -idirafter "/usr/include/$(cc -dumpmachine)"
measure_all
report
