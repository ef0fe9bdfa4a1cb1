/* sbxctl status: the .sbxrc files in force. */
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/message.h"
#include "base/path.h"
#include "cli/ctl.h"
#include "cli/rc_apply.h"
#include "cli/rc_state.h"

struct word {
	const char *text;
	struct word *next;
};

/* One directory, and what its copy says; reason: why that, or the file, cannot be used. */
struct entry {
	struct arena *arena;
	const char *directory, *path, *reason;
	struct rc_file *file;
	struct word *presets, *automatic, *skipped;
	struct entry *next;
};

static void add_word(struct arena *arena, struct word **end, const char *text)
{
	while (*end) {
		if (strcmp((*end)->text, text) == 0)
			return;
		end = &(*end)->next;
	}
	*end = ARENA_NEW(arena, struct word);
	(*end)->text = text;
}

static void find(void *argument)
{
	struct entry *entry = argument;

	entry->file = rc_find_at(entry->arena, entry->directory);
}

static void read_copy(void *argument)
{
	struct entry *entry = argument;
	struct arena *arena = entry->arena;
	struct options options = {.color = NULL};
	const struct rc_line *line = rc_read(arena, entry->file->copies->source);

	rc_apply(arena, entry->file, NULL, &options);
	for (const struct preset_name *at = options.preset_names; at; at = at->next)
		add_word(arena, &entry->presets, at->name);
	for (; line; line = line->next) {
		bool is_auto = strcmp(line->words->text, "auto") == 0;

		if (!rc_is_for_shells(line))
			continue;
		for (const struct rc_word *word = line->words->next; word; word = word->next)
			add_word(arena, is_auto ? &entry->automatic : &entry->skipped, word->text);
	}
}

/* NULL: the directory has neither a file nor a copy. */
static struct entry *look(struct arena *arena, const char *directory)
{
	struct entry *entry = ARENA_NEW(arena, struct entry);

	entry->arena = arena;
	entry->directory = directory;
	entry->path = path_join(arena, directory, ".sbxrc");
	if (!message_try(arena, find, entry, &entry->reason))
		return entry;
	if (!entry->file)
		return NULL;
	if (entry->file->copies && !message_try(arena, read_copy, entry, &entry->reason))
		entry->presets = entry->automatic = entry->skipped = NULL;
	return entry;
}

/* The outermost first. */
static struct entry *look_upwards(struct arena *arena, const char *directory)
{
	struct entry *first = NULL;

	for (;;) {
		struct entry *entry = look(arena, directory);
		bool is_said = entry && entry->reason && first && first->reason &&
			       strcmp(entry->reason, first->reason) == 0;

		if (entry && !is_said) { /* all directories have a bad store in common */
			entry->next = first;
			first = entry;
		}
		if (!directory[1])
			return first;
		directory = path_parent(arena, directory);
	}
}

static const char *state_of(const struct entry *entry)
{
	return entry->reason ? "refused" : rc_state_word(entry->file);
}

/* One line, or NULL when there is nothing to tell. */
static const char *notice_of(const struct entry *entry)
{
	if (!entry->reason)
		return rc_notice(entry->arena, entry->file);
	return text_format(entry->arena, "%s cannot be used: %.*s", entry->path,
		(int)strcspn(entry->reason, "\n"), entry->reason);
}

static bool is_visible(const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0, character; i < length; i += character) {
		character = text_visible(word + i, length - i);
		if (!character)
			return false;
	}
	return true;
}

static bool are_visible(const struct word *words)
{
	while (words && is_visible(words->text))
		words = words->next;
	return !words;
}

static bool can_be_told(const struct entry *entry)
{
	return is_visible(entry->path) && are_visible(entry->presets) &&
	       are_visible(entry->automatic) && are_visible(entry->skipped);
}

static void add_visible(struct text *text, const char *head, const char *string)
{
	text_add(text, head);
	text_add_visible(text, string, strlen(string));
	text_add(text, "\n");
}

static void tell_words(struct text *text, const char *head, const struct word *words)
{
	for (; words; words = words->next)
		add_visible(text, head, words->text);
}

/* Plain lines: a word, a blank, and what is behind it to the end. */
static void tell_shell(struct text *text, const struct entry *first)
{
	struct word *presets = NULL;

	for (const struct entry *entry = first; entry; entry = entry->next) {
		const char *notice = notice_of(entry);

		if (!can_be_told(entry)) {
			notice = text_format(text->arena,
				"%s is left out: its path, or a word in it, has control characters",
				entry->path);
		} else {
			text_addf(text, "file %s %s\n", state_of(entry), entry->path);
			tell_words(text, "auto ", entry->automatic);
			tell_words(text, "skip ", entry->skipped);
			for (const struct word *at = entry->presets; at; at = at->next)
				add_word(text->arena, &presets, at->text);
		}
		if (notice)
			add_visible(text, "notice ", notice);
	}
	tell_words(text, "active ", presets);
}

static void tell_list(struct text *text, const char *head, const struct word *words)
{
	if (!words)
		return;
	text_add(text, head);
	for (; words; words = words->next) {
		text_add(text, " ");
		text_add_visible(text, words->text, strlen(words->text));
	}
	text_add(text, "\n");
}

static void tell_people(struct text *text, const struct entry *entry)
{
	if (!entry)
		text_add(text, "no .sbxrc here or above\n");
	for (; entry; entry = entry->next) {
		const char *notice = notice_of(entry);

		text_add_visible(text, entry->path, strlen(entry->path));
		text_addf(text, ": %s", state_of(entry));
		if (!entry->reason && entry->file->repository) {
			text_add(text, ", for all work trees of ");
			text_add_visible(
				text, entry->file->repository, strlen(entry->file->repository));
		}
		text_add(text, "\n");
		if (notice)
			add_visible(text, "    ", notice);
		tell_list(text, "    presets:", entry->presets);
		tell_list(text, "    auto:", entry->automatic);
		tell_list(text, "    skip:", entry->skipped);
	}
}

static void json_words(struct json *json, const char *name, const struct word *words)
{
	json_array(json, name);
	for (; words; words = words->next)
		json_string(json, NULL, words->text);
	json_end_array(json);
}

static void tell_json(struct text *text, const char *directory, const struct entry *entry)
{
	struct json json = json_make(text);

	json_object(&json, NULL);
	json_string(&json, "directory", directory);
	json_array(&json, "files");
	for (; entry; entry = entry->next) {
		bool is_found = !entry->reason;

		json_object(&json, NULL);
		json_string(&json, "path", entry->path);
		json_string(&json, "state", state_of(entry));
		json_string(&json, "reason", notice_of(entry));
		json_boolean(&json, "applies", is_found && entry->file->copies);
		json_string(&json, "repository", is_found ? entry->file->repository : NULL);
		json_words(&json, "presets", entry->presets);
		json_words(&json, "auto", entry->automatic);
		json_words(&json, "skip", entry->skipped);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_end_object(&json);
	text_add(text, "\n");
}

_Noreturn void ctl_status(struct arena *arena, struct options *options)
{
	const char *directory = path_current(arena);
	struct text text = text_make(arena);
	bool all_trusted = true;

	if (options->command[0])
		die("status tells of the current directory: '%s'", options->command[0]);
	if (!directory && options->shell) {
		text_add(&text, "notice the current directory has no path: no .sbxrc applies\n");
		print_and_exit(&text);
	}
	if (!directory)
		die_errno("the current directory has no path");
	const struct entry *first = look_upwards(arena, directory);

	for (const struct entry *entry = first; entry; entry = entry->next)
		all_trusted &= strcmp(state_of(entry), "trusted") == 0;
	if (options->shell) {
		tell_shell(&text, first);
		print_and_exit(&text);
	}
	if (options->json)
		tell_json(&text, directory, first);
	else
		tell_people(&text, first);
	print(&text);
	_exit(all_trusted ? CTL_YES : CTL_NO);
}
