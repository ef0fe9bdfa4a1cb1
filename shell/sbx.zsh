# sbx in interactive zsh: completion, and aliases after the prefix (sbx-net-off ll). Source it from
# .zshrc, before compinit or after it; once more changes nothing. It starts one process, sbxctl
# list.

# The argument is the path of this file.
() {
	\builtin emulate -L zsh
	\builtin local IFS=$' \t\n' list line word name directory
	\builtin local -a names
	names=(sbx)

	if \builtin whence -p sbxctl >/dev/null; then
		list=$(\command sbxctl list 2>/dev/null) || list=
	fi
	for line in ${(f)list-}; do
		# NAME[, ALIAS]... KIND SUMMARY
		name=
		for word in ${=line}; do
			[[ -n $name && $word = (restrict|grant|base) ]] && break
			name=sbx-${word%,}
			[[ $name = *[^a-zA-Z0-9._-]* ]] || names+=($name)
		done
	done

	# In the source tree, and where it is installed.
	for directory in "${1:A:h}"/../completions "${1:A:h}"/../../zsh/site-functions; do
		[[ -r $directory/_sbx ]] || continue
		directory=${directory:A}
		(( ${fpath[(Ie)$directory]} )) || fpath+=($directory)
		if (( ${+functions[compdef]} )); then
			\builtin autoload -Uz _sbx
			compdef _sbx sbx sbxctl
			compdef -P _sbx 'sbx-*'
		fi
		break
	done

	# The blank at the end makes the next word an alias too, if it is one. Not every preset has a
	# command of its name: the user's own have none.
	for name in $names; do
		word="$name "
		\builtin whence -p $name >/dev/null || word="sbx -p ${name#sbx-} "
		[[ $name != sbx ]] || word='sbx '
		\builtin alias "$name=$word"
	done
} "${(%):-%x}"
