#!/bin/sh
# presets-page.sh: writes the list of presets in man/sbx-presets.7, between its two marks, from the
# headers of presets/*.sb. With --print it only prints that list.
set -eu
cd "$(dirname "$0")/.."
page=man/sbx-presets.7

# header KEY FILE: what all lines of that key say.
header() {
	sed -n "/^[^;]/q; s/^;; $1: *//p" "$2" | tr -s ', \t\n' ' ' | sed 's/ $//'
}

# paragraph TEXT: as lines of mdoc that are short and no macros.
paragraph() {
	printf '%s\n' "$1" | fold -s -w 76 | sed 's/ *$//; s/^[.'\'']/\\\&&/'
}

# words LABEL TEXT: a sentence with a list, if there is anything in it.
words() {
	[ -z "$2" ] || paragraph "$1: $2."
}

list() {
	echo '.Bl -tag -width Ds'
	for file in presets/*.sb; do
		kind=$(header kind "$file")
		[ "$kind" ] || continue
		names=$(basename "$file" .sb)
		for alias in $(header alias "$file"); do
			names="$names , $alias"
		done
		echo ".It Cm $names"
		paragraph "$kind: $(sed -n 's/^;; summary: *//p' "$file")."
		words Includes "$(header includes "$file")"
		words Parameters "$(header needs "$file")"
		words 'Keeps of the environment, besides what every base keeps' "$(header env-keep "$file")"
		words 'Drops of the environment' "$(header env-drop "$file")"
		words 'Accepts that it may not be enforced' "$(header tolerates "$file")"
	done
	echo '.El'
}

if [ "${1-}" = --print ]; then
	list
	exit
fi
list >"$page.list"
awk -v list="$page.list" '
	/^\.\\" presets: end/ { skip = 0 }
	!skip
	/^\.\\" presets: begin/ { skip = 1; while ((getline line <list) > 0) print line }' \
	"$page" >"$page.new"
rm "$page.list"
mv "$page.new" "$page"
