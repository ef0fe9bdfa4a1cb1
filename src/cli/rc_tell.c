#include "cli/rc_tell.h"

#include <string.h>

#include "cli/composition.h"
#include "cli/difference.h"
#include "cli/line_difference.h"
#include "cli/rc_apply.h"

/* A version that is being told of. */
struct version {
	const struct rc_file *file;
	const struct trusted *copies; /* NULL: it says nothing */
};

static const struct policy *compose_version(
	struct arena *arena, const struct version *version, const char *program, bool allow_all)
{
	struct rc_file *file = ARENA_NEW(arena, struct rc_file);
	struct composition *composition = ARENA_NEW(arena, struct composition);
	/* Looking makes no directory. */
	struct options options = {.dry_run = true, .allow_all = allow_all};

	*file = *version->file;
	file->copies = version->copies;
	if (file->copies)
		rc_apply(arena, file, program, &options);
	options.dry_run = options.unprotected = true;
	composition_make(arena, &options, NULL, composition);
	return composition->policy;
}

/* The patterns of for blocks, each once. */
static struct statement *find_programs(
	struct arena *arena, const struct version *version, struct statement *programs)
{
	const struct rc_line *line =
		version->copies ? rc_read(arena, version->copies->source) : NULL;

	for (; line; line = line->next) {
		for (const struct rc_word *word = line->programs; word; word = word->next) {
			struct statement **end = &programs;

			while (*end && strcmp((*end)->text, word->text) != 0)
				end = &(*end)->next;
			if (*end)
				continue;
			*end = ARENA_NEW(arena, struct statement);
			(*end)->text = word->text;
		}
	}
	return programs;
}

static bool has(const struct statement *statements, const char *text)
{
	for (; statements; statements = statements->next) {
		if (strcmp(statements->text, text) == 0)
			return true;
	}
	return false;
}

/* What a policy does not show: commands for shells, presets, the environment, how sbx runs. */
static struct statement *other_lines(struct arena *arena, const struct version *version)
{
	static const char *const of_policy[] = {"profile", "expr", "define"};
	struct statement *first = NULL, **end = &first;
	const struct rc_line *line =
		version->copies ? rc_read(arena, version->copies->source) : NULL;

	for (; line; line = line->next) {
		const char *name = line->words->text;
		struct text text = text_make(arena);
		bool is_policy =
			text_starts_with(name, "allow-") || text_starts_with(name, "deny-");

		for (size_t i = 0; i < sizeof(of_policy) / sizeof(of_policy[0]); i++)
			is_policy |= strcmp(name, of_policy[i]) == 0;
		if (is_policy && strcmp(name, "allow-all") != 0)
			continue;
		for (const struct rc_word *at = line->words; at; at = at->next) {
			text_add(&text, at == line->words ? "" : " ");
			text_add_visible(&text, at->text, strlen(at->text));
		}
		for (const struct rc_word *at = line->programs; at; at = at->next) {
			text_add(&text, at == line->programs ? " (for " : " ");
			text_add_visible(&text, at->text, strlen(at->text));
		}
		text_add(&text, line->programs ? ")" : "");
		if (has(first, text.bytes))
			continue;
		*end = ARENA_NEW(arena, struct statement);
		(*end)->text = text.bytes;
		end = &(*end)->next;
	}
	return first;
}

static void list(struct text *text, const char *head, const struct statement *statements,
	const struct statement *known)
{
	for (; statements; statements = statements->next) {
		if (!has(known, statements->text))
			text_addf(text, "  %s%s\n", head, statements->text);
	}
}

static const char *head_for(struct arena *arena, const char *program)
{
	struct text text = text_make(arena);

	text_add(&text, "for ");
	text_add_visible(&text, program, strlen(program));
	text_add(&text, ": ");
	return text.bytes;
}

static bool allows_by_default(const struct policy *policy)
{
	const struct rule *rule = policy->operations[OP_DEFAULT].unfiltered;

	return rule && rule->action == ACTION_ALLOW;
}

static void add_name(struct text *text, const struct rc_file *file, const struct trusted *copy)
{
	const char *path = rc_path(text->arena, file->directory, copy->name);

	text_add_visible(text, path, strlen(path));
}

void rc_tell(struct text *text, const struct rc_file *file, const struct trusted *copies)
{
	struct arena *arena = text->arena;
	struct version version = {file, copies}, nothing = {file, NULL};
	struct statement *programs = find_programs(arena, &version, NULL);
	const struct policy *general = compose_version(arena, &version, NULL, false);
	bool allows = allows_by_default(general);

	for (const struct trusted *copy = copies; copy; copy = copy->next) {
		add_name(text, file, copy);
		text_add(text, ":\n");
		line_list(text, copy->source);
	}
	text_addf(text, "\n%s, and what this .sbxrc says:\n",
		allows ? "Everything is allowed but what presets deny"
		       : "Nothing is allowed but what every command needs");
	list(text, "says ", other_lines(arena, &version), NULL);
	struct statement *said = difference_make(
		arena, compose_version(arena, &nothing, NULL, allows), general, TELL_ALL);

	list(text, "", said, NULL);
	for (; programs; programs = programs->next)
		list(text, head_for(arena, programs->text),
			difference_make(arena, general,
				compose_version(arena, &version, programs->text, false), TELL_ALL),
			NULL);
}

static const struct source *find_source(const struct trusted *copies, const char *name)
{
	while (copies && strcmp(copies->name, name) != 0)
		copies = copies->next;
	return copies ? copies->source : NULL;
}

static void tell_lines(struct text *text, const struct rc_file *file, const struct trusted *copy,
	const struct source *before, const struct source *after)
{
	struct text lines = text_make(text->arena);

	line_difference(&lines, before, after);
	if (!lines.length)
		return;
	add_name(text, file, copy);
	text_add(text, ":\n");
	text_add_bytes(text, lines.bytes, lines.length);
}

void rc_tell_change(struct text *text, const struct rc_file *file, const struct trusted *before,
	const struct trusted *after)
{
	struct arena *arena = text->arena;
	struct version old = {file, before}, new = {file, after};
	struct statement *programs = find_programs(arena, &new, find_programs(arena, &old, NULL));
	size_t start = text->length;
	struct statement *old_lines = other_lines(arena, &old);
	struct statement *new_lines = other_lines(arena, &new);
	struct statement *general =
		difference_make(arena, compose_version(arena, &old, NULL, false),
			compose_version(arena, &new, NULL, false), TELL_CHANGE);

	list(text, "", general, NULL);
	for (; programs; programs = programs->next)
		list(text, head_for(arena, programs->text),
			difference_make(arena, compose_version(arena, &old, programs->text, false),
				compose_version(arena, &new, programs->text, false), TELL_CHANGE),
			general);
	list(text, "no longer says ", old_lines, new_lines);
	list(text, "now says ", new_lines, old_lines);
	if (text->length == start)
		text_add(text, "  the policy is the same\n");
	for (const struct trusted *copy = before; copy; copy = copy->next)
		tell_lines(text, file, copy, copy->source, find_source(after, copy->name));
	for (const struct trusted *copy = after; copy; copy = copy->next) {
		if (!find_source(before, copy->name))
			tell_lines(text, file, copy, NULL, copy->source);
	}
}
