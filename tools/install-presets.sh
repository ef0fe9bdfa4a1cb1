#!/bin/sh
# install-presets.sh DATADIR FILE...: copies presets to DATADIR/presets, and links each alias to its
# preset, so that sbx finds an alias by opening one file. DATADIR/names has a line for each preset, its
# name and its aliases: what shells read.
set -eu
directory=$1/presets
names=$1/names
shift
mkdir -p "$directory"
for file in "$@"; do
	name=${file##*/}
	cp "$file" "$directory/$name"
	chmod 644 "$directory/$name"
	grep -q '^;; kind:' "$file" || continue
	line=${name%.sb}
	for alias in $(sed -n 's/^;; alias: //p' "$file" | tr ',' ' '); do
		ln -sf "$name" "$directory/$alias.sb"
		line="$line $alias"
	done
	echo "$line"
done >"$names.new"
chmod 644 "$names.new"
mv "$names.new" "$names"
