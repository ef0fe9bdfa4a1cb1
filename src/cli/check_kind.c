/* What is wrong with a preset as one of its kind: in its header lines, and in its rules. */
#include <string.h>

#include "base/name.h"
#include "cli/check.h"

static void add_advice(struct arena *arena, struct checked *checked, const char *kind,
	const char *text, const struct rule *rule)
{
	struct advice **end = &checked->advice;

	while (*end)
		end = &(*end)->next;
	*end = ARENA_NEW(arena, struct advice);
	**end = (struct advice){.kind = kind, .text = text, .rule = rule};
}

static void advise_on(
	struct arena *arena, struct checked *checked, const struct header *header, const char *text)
{
	struct rule *place = ARENA_NEW(arena, struct rule);

	place->origin = header->origin;
	add_advice(arena, checked, "header", text, place);
}

static bool fail(struct checked *checked, const struct header *header, const char *text)
{
	checked->error = (struct scheme_error){.text = text, .origin = header->origin};
	return false;
}

static bool check_includes(struct arena *arena, const struct preset_path *path,
	struct checked *checked, const struct header *header)
{
	const char *rest = header->value, *word;
	size_t length;

	while (text_split(&rest, " ,\t", &word, &length)) {
		const char *name = arena_copy(arena, word, length);

		if (length && !fragment_find(arena, path, name))
			return fail(checked, header,
				text_format(arena,
					"it includes %s, which is no preset (" PROGRAM_NAME
					"ctl list shows all)",
					name));
	}
	return true;
}

bool check_header(struct arena *arena, const struct preset_path *path, struct checked *checked)
{
	const char *rest = checked->source->text;
	struct header header;
	bool has_kind = false, wants_kind = false;

	while (fragment_next_header(arena, checked->source, &rest, &header)) {
		bool is_kind = strcmp(header.key, "kind") == 0;

		has_kind |= is_kind;
		wants_kind |= fragment_has_word("alias includes env-drop env-keep", header.key);
		if (is_kind && !fragment_kind(header.value, &checked->kind))
			return fail(checked, &header,
				text_format(arena,
					"unknown kind %s (there are restrict, grant and base)",
					header.value));
		if (strcmp(header.key, "includes") == 0 &&
			!check_includes(arena, path, checked, &header))
			return false;
		if (!fragment_has_key(header.key))
			advise_on(arena, checked, &header,
				text_format(arena, "unknown key %s: it says nothing", header.key));
	}
	header.origin = (struct origin){checked->source, 0, 1};
	if (wants_kind && !has_kind)
		advise_on(arena, checked, &header,
			"no line \";; kind: restrict\", grant or base: this is no preset");
	return true;
}

static bool has_rule(
	const struct history *history, const struct rule *rule, enum operation operation)
{
	for (const struct history_entry *at = history->first; at; at = at->next) {
		if (at->rule == rule && at->operation == operation)
			return true;
	}
	return false;
}

/* What a grant could name, and so outrank a rule that says less; OP_NONE when there is nothing. */
static enum operation find_weakness(
	const struct history *history, const struct history_entry *entry)
{
	if (!entry->rule->filter)
		return entry->operation;
	for (enum operation at = (enum operation)0; at < OP_NONE; at++) {
		if (at != entry->operation && operation_is_within(at, entry->operation) &&
			operation_builtin(at) != BUILTIN_ALLOW &&
			!has_rule(history, entry->rule, at))
			return at;
	}
	return OP_NONE;
}

void check_restriction(struct arena *arena, struct checked *checked)
{
	const struct history *history = checked->policy->history;
	const struct rule *last = NULL;

	for (const struct history_entry *at = history->first; at; at = at->next) {
		enum operation weak;

		if (at->rule == last || at->rule->origin.source != checked->source ||
			(weak = find_weakness(history, at)) == OP_NONE)
			continue;
		last = at->rule;
		add_advice(arena, checked, "weak",
			at->rule->filter
				? text_format(arena,
					  "a grant of %s outranks it: name that operation, too",
					  operation_name(weak))
				: "a grant with any filter outranks it: give it a filter, such as"
				  " (subpath \"/\")",
			at->rule);
	}
}
