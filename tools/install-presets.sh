#!/bin/sh
# install-presets.sh DIRECTORY FILE...: copies presets, and links each alias to its preset, so that sbx
# finds an alias by opening one file.
set -eu
directory=$1
shift
mkdir -p "$directory"
for file in "$@"; do
	name=${file##*/}
	cp "$file" "$directory/$name"
	chmod 644 "$directory/$name"
	for alias in $(sed -n 's/^;; alias: //p' "$file" | tr ',' ' '); do
		ln -sf "$name" "$directory/$alias.sb"
	done
done
