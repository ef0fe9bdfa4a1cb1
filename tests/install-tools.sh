#!/bin/sh
# Installs what a group of checks needs and this machine lacks; silent when nothing is missing.
#
# usage: install-tools.sh check|lint|ci
# check: for the tests; lint: for the lints; ci: for both, with every compiler that CI builds with.
set -eu

programs_of() {
	case $1 in
	check)
		echo bash-completion bats cargo cc ccache cmake curl fish git go less make mandoc node npm
		echo pip python3 rsync sqlite3 ssh-agent tmux vim xz zsh
		;;
	lint) echo clang-format cppcheck shellcheck ;;
	ci) echo "$(programs_of check) $(programs_of lint) clang sanitizers file" ;;
	*) return 1 ;;
	esac
	case $system-$1 in
	Linux-check)
		echo setpriv strace python3-venv virtualenv
		echo pulseaudio pactl pipewire pipewire-pulse pw-play wireplumber dbus-daemon dbus-send
		;;
	Linux-ci) echo musl-gcc ;;
	esac
}

# The tests use the system's python3 and cargo: others that come first in PATH may be version managers'.
have() {
	case $1 in
	python3 | cargo) [ -x "/usr/bin/$1" ] ;;
	python3-venv) /usr/bin/python3 -c 'import ensurepip' 2>/dev/null ;;
	pip) /usr/bin/python3 -c 'import pip' 2>/dev/null ;;
	bash-completion) [ -r /usr/share/bash-completion/bash_completion ] || [ "$system" = Darwin ] ;;
	sanitizers) can_sanitize ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

# Only a compiler that links tells whether its runtime is there.
can_sanitize() {
	echo 'int main(void) { return 0; }' >"$tmp/empty.c"
	clang -fsanitize=address,undefined -o "$tmp/empty" "$tmp/empty.c" >/dev/null 2>&1
}

find_missing() {
	missing=
	packages=
	for program in $programs; do
		have "$program" || missing="$missing $program" packages="$packages $(package_of "$program")"
	done
	[ -n "$missing" ]
}

package_of() {
	case $system-$1 in
	Darwin-bats) echo bats-core ;;
	Darwin-cc | Darwin-clang) echo llvm ;;
	Darwin-cargo) echo rust ;;
	Darwin-ssh-agent) echo openssh ;;
	Darwin-*) echo "$1" ;;
	*-cc) echo gcc libc6-dev ;;
	*-go) echo golang-go ;;
	*-musl-gcc) echo musl-tools ;;
	*-node) echo nodejs ;;
	*-pip) echo python3-pip ;;
	*-sanitizers) echo libclang-rt-dev ;;
	*-dbus-send) echo dbus-bin ;;
	*-pactl) echo pulseaudio-utils ;;
	*-pw-play) echo pipewire-bin ;;
	*-setpriv) echo util-linux ;;
	*-ssh-agent) echo openssh-client ;;
	*-xz) echo xz-utils ;;
	*) echo "$1" ;;
	esac
}

# Installs what it can without asking for a password.
install_packages() {
	case $system in
	Darwin) brew install "$@" ;;
	*) apt update && apt install --no-install-recommends "$@" ;;
	esac
}

apt() {
	set -- env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o DPkg::Lock::Timeout=120 "$@"
	[ "$(id -u)" -eq 0 ] || set -- sudo -n "$@"
	"$@"
}

system=$(uname -s)
programs=$(programs_of "${1-}") || {
	echo 'usage: install-tools.sh check|lint|ci' >&2
	exit 2
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

find_missing || exit 0
# shellcheck disable=SC2086 # a list of words
install_packages $packages >"$tmp/log" 2>&1 </dev/null || :
find_missing || exit 0
complaint=$(sed -n -e 's|[a-z]*://[^ ]*/||' -e '/^[Ee]: /p' -e '/^Error/p' "$tmp/log" | head -n 1)
printf 'install-tools: missing:%s; install the packages:%s%s\n' \
	"$missing" "$packages" "${complaint:+ (tried: $complaint)}" >&2
exit 1
