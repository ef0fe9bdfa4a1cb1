#include "cli/rc_apply.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/path.h"
#include "cli/composition.h"

/* Words of an .sbxrc that are no options of sbx. */
static const char *const own_words[] = {"auto", "skip", "for"};

/* What is said for each call, not once for a directory. */
static const char *const of_calls[] = {"dry-run", "no-rc", "help", "version"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool rc_is_for_shells(const struct rc_line *line)
{
	return strcmp(line->words->text, "auto") == 0 || strcmp(line->words->text, "skip") == 0;
}

_Noreturn static void die_unknown(const struct rc_word *word)
{
	const char *nearest = NULL;
	unsigned best = 4;

	for (const struct option_entry *entry = option_table; entry->name; entry++) {
		unsigned distance = text_distance(word->text, entry->name);

		if (distance < best) {
			best = distance;
			nearest = entry->name;
		}
	}
	for (size_t i = 0; i < COUNT(own_words); i++) {
		unsigned distance = text_distance(word->text, own_words[i]);

		if (distance < best) {
			best = distance;
			nearest = own_words[i];
		}
	}
	if (word->text[0] == '-')
		die_at(word->origin, "options stand here without their dashes");
	if (nearest)
		die_at(word->origin, "unknown option '%s' (did you mean '%s'?)", word->text,
			nearest);
	die_at(word->origin, "unknown option '%s' (man sbxrc lists them)", word->text);
}

static const struct option_entry *find_entry(const struct rc_word *word)
{
	for (size_t i = 0; i < COUNT(of_calls); i++) {
		if (strcmp(of_calls[i], word->text) == 0)
			die_at(word->origin, "--%s is for the command line", word->text);
	}
	for (const struct option_entry *entry = option_table; entry->name; entry++) {
		if (strcmp(entry->name, word->text) == 0)
			return entry;
	}
	die_unknown(word);
}

/* Relative to the file's directory; ~ is the home directory. */
static const char *resolve_path(
	struct arena *arena, const char *directory, const struct rc_word *word, const char *path)
{
	const char *home = getenv("HOME");

	if (path[0] == '$')
		die_at(word->origin,
			"variables are not expanded here (write ./%s for a file of"
			" that name, ~ for the home directory)",
			path);
	if (path[0] != '~' || (path[1] && path[1] != '/'))
		return path_join(arena, directory, path);
	if (!home || home[0] != '/')
		die_at(word->origin, "$HOME is not set");
	return path[1] ? path_join(arena, home, path + 2) : home;
}

static void add_paths(
	struct arena *arena, const char *directory, const struct rc_word *word, struct text *list)
{
	const char *rest = word->text, *item;
	size_t length;

	while (text_split(&rest, ",", &item, &length)) {
		const char *path = arena_copy(arena, item, length);

		if (list->length)
			text_add(list, ",");
		if (length) /* else the option itself says what is wrong */
			text_add(list, resolve_path(arena, directory, word, path));
	}
}

/* The words after the option: a list may be several, or none where that means all. */
static const char *join_value(struct arena *arena, const struct rc_file *file,
	const struct rc_line *line, const struct option_entry *entry)
{
	const struct rc_word *name = line->words, *word = name->next;
	bool is_list = entry->value && strstr(entry->value, ",");
	bool has_paths = entry->value && text_starts_with(entry->value, "PATH");
	struct text list = text_make(arena);

	if (entry->argument == ARGUMENT_NONE && word)
		die_at(word->origin, "'%s' takes no value", name->text);
	if (entry->argument == ARGUMENT_REQUIRED && !word)
		die_at(name->origin, "'%s' needs %s", name->text, entry->value);
	if (word && word->next && !is_list)
		die_at(word->next->origin, "'%s' takes one value (quote it when it has blanks)",
			name->text);
	if (!word)
		return NULL;
	for (; word; word = word->next) {
		if (has_paths) {
			add_paths(arena, file->directory, word, &list);
			continue;
		}
		text_addf(&list, "%s%s", list.length ? "," : "", word->text);
	}
	return list.bytes;
}

/* Of a profile too, it is the copy that applies. */
static void add_profile(struct arena *arena, const struct rc_file *file, const struct rc_word *word,
	struct options *options)
{
	const struct trusted *copy = file->copies;
	struct profile_text *text = ARENA_NEW(arena, struct profile_text), **end = &options->texts;

	while (copy && strcmp(copy->name, word->text) != 0)
		copy = copy->next;
	if (!copy)
		die_at(word->origin, "no copy of this profile is trusted");
	while (*end)
		end = &(*end)->next;
	text->source = copy->source;
	*end = text;
}

static void take_line(struct arena *arena, const struct rc_file *file, const struct rc_line *line,
	struct options *options)
{
	const struct rc_word *name = line->words;

	if (rc_is_for_shells(line)) {
		if (line->programs)
			die_at(name->origin, "'%s' cannot stand in a for block", name->text);
		if (!name->next)
			die_at(name->origin, "'%s' needs NAME...", name->text);
		return;
	}
	const struct option_entry *entry = find_entry(name);
	const char *value = join_value(arena, file, line, entry);

	if (strcmp(entry->name, "profile") == 0) {
		add_profile(arena, file, name->next, options);
		return;
	}
	/* Whence sbx's own library comes is not for a project to say. */
	if (strcmp(entry->name, "define") == 0 && text_starts_with(value, "IMPORT_DIR="))
		die_at(name->next->origin, "IMPORT_DIR is for the command line");
	options_take(arena, options, entry, value, name->origin);
}

static bool is_for(const struct rc_line *line, const char *program)
{
	for (const struct rc_word *word = line->programs; word; word = word->next) {
		if (program &&
			(strcmp(word->text, program) == 0 || fnmatch(word->text, program, 0) == 0))
			return true;
	}
	return !line->programs;
}

static void add_layer(struct arena *arena, struct options *options)
{
	struct layer **end = &options->rc_layers;

	while (*end)
		end = &(*end)->next;
	*end = ARENA_NEW(arena, struct layer);
	**end = (struct layer){options->accesses, composition_read(arena, options->texts), NULL};
	options->accesses = NULL;
	options->texts = NULL;
}

void rc_apply(struct arena *arena, const struct rc_file *file, const char *program,
	struct options *options)
{
	struct options of_others = {.color = NULL};
	const struct rc_line *line = rc_read(arena, file->copies->source);

	for (; line; line = line->next)
		take_line(arena, file, line, is_for(line, program) ? options : &of_others);
	add_layer(arena, options);
}
