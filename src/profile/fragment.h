#ifndef PROFILE_FRAGMENT_H
#define PROFILE_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/source.h"

/* One .sb file with its header comments; a preset is a fragment that has a kind. */

enum fragment_kind { FRAGMENT_LIBRARY = 0, FRAGMENT_RESTRICT, FRAGMENT_GRANT, FRAGMENT_BASE };

struct fragment {
	const char *name; /* the file's name without .sb */
	const struct source *source;
	enum fragment_kind kind;
	const char *summary;
	/* Lists of words, "" when absent. */
	const char *aliases;
	const char *includes;  /* presets that come with it, unless they are left out by name */
	const char *env_drop;  /* patterns of environment variables that the command does not get */
	const char *env_keep;  /* and of those that it gets where a base keeps a few only */
	const char *writes;    /* parameters that name directories in which all may be changed */
	const char *tolerates; /* operations that may stay unenforced where the host cannot */
};

/* A line ";; key: value" at the top of a file, before anything that is not a comment. */
struct header {
	const char *key, *value;
	struct origin origin; /* of the value */
};

/* Cuts the next one off *rest, which begins as the source's text; false at the end of them. */
bool fragment_next_header(
	struct arena *arena, const struct source *source, const char **rest, struct header *header);

/* True for a key that sbx knows. */
bool fragment_has_key(const char *key);

/* The kind of that name; false when there is none. */
bool fragment_kind(const char *word, enum fragment_kind *kind);

enum { PRESET_DIRECTORIES = 3 };

/* Where presets are looked for, the first first; NULL entries are skipped. */
struct preset_path {
	const char *directories[PRESET_DIRECTORIES];
};

/* $XDG_CONFIG_HOME/sbx/presets, /etc/sbx/presets, then what was installed with the program. */
struct preset_path preset_path(struct arena *arena);

/* By name, else by alias; NULL when there is none. Dies on a file that cannot be read or parsed. */
const struct fragment *fragment_find(
	struct arena *arena, const struct preset_path *path, const char *name);

/* All presets, by name; an earlier directory hides the same name of a later one. */
const struct fragment **fragment_list(
	struct arena *arena, const struct preset_path *path, size_t *count);

/* The same; dies when there is none, naming the nearest. origin: where the name stands, or nowhere.
 */
const struct fragment *fragment_require(struct arena *arena, const struct preset_path *path,
	const char *name, struct origin origin);

bool fragment_has_word(const char *words, const char *word);

const char *fragment_kind_name(enum fragment_kind kind);

#endif
