#!/bin/sh
# Unpacks the upstream source of a Debian package, for tests that need a real project to build.
#
# usage: fetch-source.sh PACKAGE DIR
# Uses the machine's own package sources and changes nothing of apt's: the list of sources, the
# indexes and the downloads are private. The tarball is kept in $SBX_TEST_CACHE
# (default: ~/.cache/sbx-tests), so that only the first run needs the network.
set -eu

die() {
	printf 'fetch-source: %s\n' "$1" >&2
	exit 1
}

cached_tarball() {
	for tarball in "$cache/${package}_"*.orig.tar.*; do
		case $tarball in
		*.asc) continue ;;
		esac
		[ ! -f "$tarball" ] || printf '%s\n' "$tarball"
	done | tail -n 1
}

# The distribution's own suites: other people's repositories need not carry sources.
own_suites() {
	VERSION_CODENAME=
	# shellcheck source=/dev/null
	[ ! -r /etc/os-release ] || . /etc/os-release
	for suite in $VERSION_CODENAME stable testing unstable sid; do
		printf '%s %s-updates %s-security %s/updates ' "$suite" "$suite" "$suite" "$suite"
	done
}

# Turns one-line entries ("deb [options] URI SUITE COMPONENT...") into entries for sources.
convert_lists() {
	awk -v own_suites="$suites" -v own_components="$components" '
	BEGIN {
		count = split(own_suites, word)
		for (i = 1; i <= count; i++)
			is_own_suite[word[i]] = 1
		count = split(own_components, word)
		for (i = 1; i <= count; i++)
			is_own_component[word[i]] = 1
	}
	/^[ \t]*deb[ \t]/ {
		sub(/#.*/, "")
		sub(/^[ \t]*deb[ \t]+/, "")
		options = ""
		if (match($0, /^\[[^]]*\]/)) {
			options = substr($0, 1, RLENGTH) " "
			$0 = substr($0, RLENGTH + 1)
		}
		if ($1 ~ /^cdrom:/ || !($2 in is_own_suite))
			next
		chosen = ""
		for (i = 3; i <= NF; i++)
			if ($i in is_own_component)
				chosen = chosen " " $i
		if (chosen)
			print "deb-src " options $1 " " $2 chosen
	}' "$@"
}

# The same for stanzas of "Field: value" lines, which may be continued and have comments inside.
convert_stanzas() {
	awk -v own_suites="$suites" -v own_components="$components" '
	function keep_own(text, own,    i, j, count, words, mine, word, kept) {
		words = split(own, mine)
		count = split(text, word)
		for (i = 1; i <= count; i++)
			for (j = 1; j <= words; j++)
				if (word[i] == mine[j] && (" " kept " ") !~ (" " word[i] " "))
					kept = kept " " word[i]
		return kept
	}
	function end_stanza(    name, suites, components) {
		suites = keep_own(value["suites"], own_suites)
		components = keep_own(value["components"], own_components)
		if ((value["types"] " ") ~ /[ \t\n]deb[ \t\n]/ && suites && components &&
		    tolower(value["enabled"]) !~ /^[ \t]*(no|false|without|off|disable|0)[ \t]*$/) {
			print "Types: deb-src\nURIs:" value["uris"]
			print "Suites:" suites "\nComponents:" components
			for (name in value)
				if (name ~ /^(signed-by|trusted|check-valid-until|valid-until-max)$/)
					print name ":" value[name]
			print ""
		}
		for (name in value)
			delete value[name]
	}
	FNR == 1 { end_stanza() }
	/^#/ { next }
	/^[ \t]*$/ { end_stanza(); next }
	/^[ \t]/ { value[field] = value[field] "\n" $0; next }
	{
		field = tolower(substr($0, 1, index($0, ":") - 1))
		value[field] = " " substr($0, index($0, ":") + 1)
	}
	END { end_stanza() }' "$@"
}

private_configuration() {
	mkdir -p "$private/state/lists/partial" "$private/cache/archives/partial" \
		"$private/sources.list.d" "$private/download"
	suites=$(own_suites)
	components='main universe'
	source_list=
	source_parts=
	eval "$(apt-config shell source_list Dir::Etc::sourcelist/f \
		source_parts Dir::Etc::sourceparts/d)"
	# The file /dev/null keeps awk from reading stdin where no other file is.
	set -- /dev/null
	for file in "$source_list" "$source_parts"/*.list; do
		[ ! -r "$file" ] || set -- "$@" "$file"
	done
	convert_lists "$@" >"$private/sources.list"
	set -- /dev/null
	for file in "$source_parts"/*.sources; do
		[ ! -r "$file" ] || set -- "$@" "$file"
	done
	convert_stanzas "$@" >"$private/sources.list.d/own.sources"
	[ -s "$private/sources.list" ] || [ -s "$private/sources.list.d/own.sources" ] ||
		die "this machine's apt has no package sources of the distribution itself"
	# The machine's hooks are for the machine's own indexes: some clean up system directories.
	cat >"$private/apt.conf" <<END
Dir::State "$private/state";
Dir::Cache "$private/cache";
Dir::Etc::sourcelist "$private/sources.list";
Dir::Etc::sourceparts "$private/sources.list.d";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# What apt complained of first, as a part of our own line: the later ones only follow from it.
complaint() {
	sed -n -e 's/^W: Failed to fetch //p' -e 's/^E: //p' "$private/log" | head -n 1
}

# An index that can't be had is not fatal yet: another one may know the package.
download() {
	command -v apt-get >/dev/null || die "no apt-get here to get the source of $package with"
	private=$(mktemp -d "${TMPDIR:-/tmp}/sbx-fetch.XXXXXX")
	trap 'rm -rf "$private"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	# apt downloads as a user of its own when root calls it
	chmod 755 "$private"
	private_configuration
	apt-get -q -c "$private/apt.conf" update >"$private/log" 2>&1 </dev/null || :
	(cd "$private/download" &&
		apt-get -q -c "$private/apt.conf" source --download-only --only-source "$package") \
		>>"$private/log" 2>&1 </dev/null ||
		die "cannot download the source of $package: $(complaint)"
	mkdir -p "$cache"
	for tarball in "$private/download/${package}_"*.orig.tar.*; do
		[ -f "$tarball" ] || die "the source of $package has no upstream tarball"
		cp "$tarball" "$cache/.incomplete.$$"
		mv "$cache/.incomplete.$$" "$cache/${tarball##*/}"
	done
}

[ $# -eq 2 ] || die "usage: fetch-source.sh PACKAGE DIR"
package=$1
target=$2
cache=${SBX_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sbx-tests}

tarball=$(cached_tarball)
if [ -z "$tarball" ]; then
	download
	tarball=$(cached_tarball)
fi
mkdir -p "$target"
tar -xf "$tarball" -C "$target" --strip-components=1 --no-same-owner ||
	die "cannot unpack $tarball: remove it to download it again"
