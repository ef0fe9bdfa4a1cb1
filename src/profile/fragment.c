#include "profile/fragment.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"

#ifndef SBX_DATADIR
#define SBX_DATADIR "/usr/local/share/" PROGRAM_NAME
#endif

static const char *const kind_names[] = {"library", "restrict", "grant", "base"};

const char *fragment_kind_name(enum fragment_kind kind)
{
	return kind_names[kind];
}

/* BIN/sbx finds BIN/../share/sbx, so that a tree can be moved and the build tree works as it is. */
static const char *installed_presets(struct arena *arena)
{
	const char *program = file_own_executable(arena);

	if (!program)
		return SBX_DATADIR "/presets";
	const char *prefix = path_parent(arena, path_parent(arena, program));

	return path_join(arena, prefix, "share/" PROGRAM_NAME "/presets");
}

struct preset_path preset_path(struct arena *arena)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	struct preset_path path = {{NULL, "/etc/" PROGRAM_NAME "/presets", NULL}};

	if (config && config[0] == '/')
		path.directories[0] = path_join(arena, config, PROGRAM_NAME "/presets");
	else if (home && home[0] == '/')
		path.directories[0] = path_join(arena, home, ".config/" PROGRAM_NAME "/presets");
	path.directories[2] = installed_presets(arena);
	return path;
}

bool fragment_kind(const char *word, enum fragment_kind *kind)
{
	for (unsigned i = FRAGMENT_RESTRICT; i <= FRAGMENT_BASE; i++) {
		if (strcmp(kind_names[i], word) == 0) {
			*kind = (enum fragment_kind)i;
			return true;
		}
	}
	return false;
}

bool fragment_has_key(const char *key)
{
	return fragment_has_word(
		"summary kind alias includes needs param writes tolerates env-drop env-keep", key);
}

bool fragment_next_header(
	struct arena *arena, const struct source *source, const char **rest, struct header *header)
{
	const char *line;
	size_t length;

	while (text_split(rest, "\n", &line, &length) && (length == 0 || line[0] == ';')) {
		const char *colon = length > 3 && memcmp(line, ";; ", 3) == 0
					    ? memchr(line, ':', length)
					    : NULL;
		const char *end = line + length;

		if (!colon)
			continue;
		header->key = arena_copy(arena, line + 3, (size_t)(colon - line) - 3);
		for (colon++; colon < end && *colon == ' '; colon++)
			;
		header->value = arena_copy(arena, colon, (size_t)(end - colon));
		header->origin = (struct origin){source, (uint32_t)(colon - source->text), 1};
		return true;
	}
	return false;
}

/* A key can be repeated: its lists are one. */
static const char *join(struct arena *arena, const char *words, const char *more)
{
	return words[0] ? text_format(arena, "%s %s", words, more) : more;
}

static void take_header(struct arena *arena, struct fragment *fragment, const struct header *header)
{
	const struct {
		const char *key, **words;
	} lists[] = {{"alias", &fragment->aliases}, {"includes", &fragment->includes},
		{"env-drop", &fragment->env_drop}, {"env-keep", &fragment->env_keep},
		{"writes", &fragment->writes}, {"tolerates", &fragment->tolerates}};

	if (strcmp(header->key, "summary") == 0)
		fragment->summary = header->value;
	if (strcmp(header->key, "kind") == 0 && !fragment_kind(header->value, &fragment->kind))
		die_at(header->origin, "unknown kind %s (there are restrict, grant and base)",
			header->value);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strcmp(header->key, lists[i].key) == 0)
			*lists[i].words = join(arena, *lists[i].words, header->value);
	}
}

/* What a link NAME.sb -> PRESET.sb calls the preset itself. */
static const char *linked_name(struct arena *arena, const char *path, const char *name)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);

	if (length <= 3)
		return name;
	target[length - 3] = '\0';
	name = path_last(target);
	return arena_copy(arena, name, strlen(name));
}

static const struct fragment *parse(
	struct arena *arena, const char *name, const char *path, const struct source *source)
{
	struct fragment *fragment = ARENA_NEW(arena, struct fragment);
	const char *rest = source->text;
	struct header header;

	*fragment = (struct fragment){.name = name,
		.source = source,
		.summary = "",
		.aliases = "",
		.includes = "",
		.env_drop = "",
		.env_keep = "",
		.writes = "",
		.tolerates = ""};
	while (fragment_next_header(arena, source, &rest, &header))
		take_header(arena, fragment, &header);
	if (fragment_has_word(fragment->aliases, name))
		fragment->name = linked_name(arena, path, name);
	return fragment;
}

static const struct fragment *load(struct arena *arena, const char *directory, const char *name)
{
	const char *path = text_format(arena, "%s/%s.sb", directory, name);
	const struct source *source = file_read(arena, path);

	if (source)
		return parse(arena, name, path, source);
	if (errno != ENOENT && errno != ENOTDIR)
		die_errno("preset %s", path);
	return NULL;
}

static bool is_preset_name(const char *name)
{
	return name[0] && name[0] != '.' && name[0] != '-' && !strchr(name, '/');
}

bool fragment_has_word(const char *words, const char *word)
{
	const char *at;
	size_t length;

	while (text_split(&words, " ,\t", &at, &length)) {
		if (length == strlen(word) && length && memcmp(at, word, length) == 0)
			return true;
	}
	return false;
}

const struct fragment *fragment_find(
	struct arena *arena, const struct preset_path *path, const char *name)
{
	size_t count;

	if (!is_preset_name(name))
		return NULL;
	/* Aliases of installed presets are links, so that the common case reads one file. */
	for (int i = 0; i < PRESET_DIRECTORIES; i++) {
		if (!path->directories[i])
			continue;
		const struct fragment *fragment = load(arena, path->directories[i], name);

		if (fragment && fragment->kind != FRAGMENT_LIBRARY)
			return fragment;
	}
	const struct fragment **all = fragment_list(arena, path, &count);

	for (size_t i = 0; i < count; i++) {
		if (fragment_has_word(all[i]->aliases, name))
			return all[i];
	}
	return NULL;
}

static int compare_names(const void *a, const void *b)
{
	const struct fragment *const *left = a;
	const struct fragment *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

struct fragment_set {
	const struct fragment **items;
	size_t count, capacity;
};

static void add_fragment(
	struct arena *arena, struct fragment_set *set, const struct fragment *fragment)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->items[i]->name, fragment->name) == 0)
			return;
	}
	if (set->count == set->capacity) {
		size_t capacity = set->capacity * 2 + 32;
		const struct fragment **items =
			ARENA_ARRAY(arena, const struct fragment *, capacity);

		if (set->count)
			memcpy(items, set->items, set->count * sizeof(items[0]));
		set->items = items;
		set->capacity = capacity;
	}
	set->items[set->count++] = fragment;
}

static void list_directory(struct arena *arena, struct fragment_set *set, const char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;

	if (!stream)
		return;
	while ((entry = readdir(stream)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length <= 3 || strcmp(entry->d_name + length - 3, ".sb") != 0)
			continue;
		const char *name = arena_copy(arena, entry->d_name, length - 3);
		const struct fragment *fragment =
			is_preset_name(name) ? load(arena, directory, name) : NULL;

		/* A link to another preset is its alias, listed there. */
		if (fragment && fragment->kind != FRAGMENT_LIBRARY &&
			strcmp(fragment->name, name) == 0)
			add_fragment(arena, set, fragment);
	}
	closedir(stream);
}

const struct fragment **fragment_list(
	struct arena *arena, const struct preset_path *path, size_t *count)
{
	struct fragment_set set = {0};

	for (int i = 0; i < PRESET_DIRECTORIES; i++) {
		if (path->directories[i])
			list_directory(arena, &set, path->directories[i]);
	}
	if (set.count)
		qsort(set.items, set.count, sizeof(set.items[0]), compare_names);
	*count = set.count;
	return set.items;
}

static void add_near(struct text *text, const char *name, const char *wanted)
{
	if (text_distance(wanted, name) > strlen(wanted) / 3 + 1 &&
		!(wanted[0] && strstr(name, wanted)))
		return;
	if (text->length)
		text_add(text, ", ");
	text_add(text, name);
}

static const char *nearest_names(
	struct arena *arena, const struct preset_path *path, const char *name)
{
	struct text near = text_make(arena);
	size_t count;
	const struct fragment **all = fragment_list(arena, path, &count);

	for (size_t i = 0; i < count; i++) {
		const char *rest = all[i]->aliases;
		const char *word;
		size_t length;

		add_near(&near, all[i]->name, name);
		while (text_split(&rest, " ,\t", &word, &length)) {
			if (length)
				add_near(&near, arena_copy(arena, word, length), name);
		}
	}
	return near.length ? near.bytes : NULL;
}

const struct fragment *fragment_require(
	struct arena *arena, const struct preset_path *path, const char *name, struct origin origin)
{
	const struct fragment *fragment = fragment_find(arena, path, name);
	const char *nearest = fragment ? NULL : nearest_names(arena, path, name);

	if (nearest)
		die_at(origin,
			"no preset is named '%s' (near: %s; " PROGRAM_NAME "ctl list shows all)",
			name, nearest);
	if (!fragment)
		die_at(origin, "no preset is named '%s' (" PROGRAM_NAME "ctl list shows all)",
			name);
	return fragment;
}
