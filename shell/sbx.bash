# shellcheck shell=bash
# sbx in interactive bash, 3.2 included: completion, and aliases after the prefix (sbx-net-off ll).
# Source it from .bashrc; once more changes nothing. It starts one process, sbxctl list.

_sbx_load() {
	local IFS=$' \t\n' list='' words word name file _sbx_commands=sbx

	if type -P sbxctl >/dev/null; then
		list=$(\exec sbxctl list 2>/dev/null) || list=
	fi
	while read -r -a words; do
		# NAME[, ALIAS]... KIND SUMMARY
		name=
		for word in ${words[@]+"${words[@]}"}; do
			case $name:$word in
			?*:restrict | ?*:grant | ?*:base) break ;;
			esac
			name=sbx-${word%,}
			case $name in
			*[!a-zA-Z0-9._-]*) ;;
			*) _sbx_commands=$_sbx_commands$'\n'$name ;;
			esac
		done
	done <<<"$list"

	# In the source tree, and where it is installed.
	for file in "$1/../completions/sbx.bash" "$1/../../bash-completion/completions/sbx"; do
		if [ -r "$file" ]; then
			# shellcheck source=/dev/null
			\builtin . "$file"
			break
		fi
	done

	# The blank at the end makes the next word an alias too, if it is one. Not every preset has a
	# command of its name: the user's own have none.
	while read -r name; do
		word="$name "
		type -P "$name" >/dev/null || word="sbx -p ${name#sbx-} "
		[ "$name" != sbx ] || word='sbx '
		# shellcheck disable=SC2139 # expanded here on purpose
		\builtin alias "$name=$word"
	done <<<"$_sbx_commands"
}

case ${BASH_SOURCE[0]} in
*/*) _sbx_load "${BASH_SOURCE[0]%/*}" ;;
*) _sbx_load . ;;
esac
\builtin unset -f _sbx_load
