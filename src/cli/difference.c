#include "cli/difference.h"

#include <string.h>

#include "cli/network.h"
#include "policy/filter.h"

enum change change_of(enum answer before, enum answer after)
{
	if (before == after)
		return CHANGE_NONE;
	if (after == ANSWER_SOME)
		return before == ANSWER_DENY ? CHANGE_MORE_SOME : CHANGE_LESS_SOME;
	return after == ANSWER_ALLOW ? CHANGE_MORE : CHANGE_LESS;
}

const char *difference_verb(const struct difference *difference, enum change change,
	enum answer before_around, enum answer after_around)
{
	bool is_more = change == CHANGE_MORE || change == CHANGE_MORE_SOME;
	bool is_some = change == CHANGE_MORE_SOME || change == CHANGE_LESS_SOME;
	const char *verb = is_more ? "allows" : "denies";

	if (difference->telling == TELL_CHANGE) {
		if (is_more)
			verb = before_around == ANSWER_ALLOW ? "no longer denies"
							     : "now also allows";
		else
			verb = after_around == ANSWER_ALLOW ? "now denies" : "no longer allows";
	}
	return is_some ? text_format(difference->arena, "%s some", verb) : verb;
}

void difference_add(struct difference *difference, const char *text)
{
	struct statement *statement = ARENA_NEW(difference->arena, struct statement);

	statement->text = text;
	*difference->end = statement;
	difference->end = &statement->next;
}

/* What stands below "Other" in the tree, one statement for each kind of change. */
static void add_others(struct difference *difference)
{
	struct text lists[CHANGE_LESS_SOME + 1];

	for (int change = 0; change <= CHANGE_LESS_SOME; change++)
		lists[change] = text_make(difference->arena);
	for (int i = 0; tree_other(i); i++) {
		struct text *list = &lists[change_of(tree_ask_other(&difference->before, i),
			tree_ask_other(&difference->after, i))];

		text_addf(list, "%s%s", list->length ? ", " : "", tree_other(i));
	}
	for (int change = CHANGE_MORE; change <= CHANGE_LESS_SOME; change++) {
		const char *verb =
			difference_verb(difference, (enum change)change, ANSWER_DENY, ANSWER_DENY);

		if (lists[change].length)
			difference_add(difference, text_format(difference->arena, "%s: %s", verb,
							   lists[change].bytes));
	}
}

/* What a place or an address alone does not settle: a pattern, a kind of file, a name. */
static bool is_beyond_places(const struct filter *filter)
{
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++) {
			if (is_beyond_places(filter->group.items[i]))
				return true;
		}
		return false;
	case FILTER_TEXT:
		return filter->text.attribute != TEXT_PATH ||
		       filter->text.pattern == PATTERN_REGEX ||
		       filter->text.pattern == PATTERN_PREFIX;
	case FILTER_NUMBER:
		return true;
	default:
		return false;
	}
}

static bool are_same(const struct filter *a, const struct filter *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		if (a->group.count != b->group.count)
			return false;
		for (size_t i = 0; i < a->group.count; i++) {
			if (!are_same(a->group.items[i], b->group.items[i]))
				return false;
		}
		return true;
	case FILTER_TEXT:
		return a->text.attribute == b->text.attribute &&
		       a->text.pattern == b->text.pattern && a->text.length == b->text.length &&
		       memcmp(a->text.bytes, b->text.bytes, a->text.length) == 0;
	case FILTER_NUMBER:
		return a->number.attribute == b->number.attribute &&
		       a->number.value == b->number.value;
	case FILTER_REMOTE:
	case FILTER_LOCAL:
		return a->endpoint.protocol == b->endpoint.protocol &&
		       a->endpoint.localhost == b->endpoint.localhost &&
		       a->endpoint.port == b->endpoint.port;
	default:
		return true;
	}
}

static const struct rule_link *next_beyond(const struct rule_link *link)
{
	while (link && !is_beyond_places(link->rule->filter))
		link = link->next;
	return link;
}

static bool are_patterns_same(const struct rule_link *a, const struct rule_link *b)
{
	for (a = next_beyond(a), b = next_beyond(b); a && b;
		a = next_beyond(a->next), b = next_beyond(b->next)) {
		if (a->rule->action != b->rule->action ||
			!are_same(a->rule->filter, b->rule->filter))
			return false;
	}
	return !a && !b;
}

/* Operations whose defaults the other statements are about. */
static bool is_told(enum operation operation)
{
	static const enum operation of_files[] = {OP_FILE_READ_DATA, OP_FILE_READ_METADATA,
		OP_FILE_WRITE_DATA, OP_FILE_WRITE_CREATE, OP_FILE_WRITE_UNLINK,
		OP_PROCESS_EXEC_ALL};

	for (size_t i = 0; i < sizeof(of_files) / sizeof(of_files[0]); i++) {
		if (operation_is_within(of_files[i], operation))
			return true;
	}
	for (int way = 0; way < WAYS; way++) {
		if (operation_is_within(network_operation(way), operation))
			return true;
	}
	for (int i = 0; tree_other(i); i++) {
		if (operation_is_within(tree_other_operation(i), operation))
			return true;
	}
	return false;
}

static bool is_default_same(const struct operation_rules *a, const struct operation_rules *b)
{
	if (!a->unfiltered || !b->unfiltered)
		return a->unfiltered == b->unfiltered;
	return a->unfiltered->action == b->unfiltered->action;
}

/* So that no rule stays unsaid: what changed in a way for which there are no words. */
void difference_rest(struct difference *difference)
{
	struct text names = text_make(difference->arena);
	const char *verb = difference->telling == TELL_ALL ? "has" : "changes";

	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		const struct operation_rules *before = &difference->before.policy->operations[i],
					     *after = &difference->after.policy->operations[i];
		bool is_same = are_patterns_same(before->filtered, after->filtered) &&
			       (is_default_same(before, after) || is_told((enum operation)i));

		if (!is_same)
			text_addf(&names, "%s%s", names.length ? ", " : "",
				operation_name((enum operation)i));
	}
	if (names.length)
		difference_add(difference,
			text_format(difference->arena,
				"%s rules that depend on more than a place or an address, on: %s",
				verb, names.bytes));
}

struct statement *difference_make(struct arena *arena, const struct policy *before,
	const struct policy *after, enum telling telling)
{
	struct difference difference = {
		.arena = arena,
		.telling = telling,
		.before = {.policy = before, .arena = arena},
		.after = {.policy = after, .arena = arena},
	};

	difference.end = &difference.first;
	difference_places(&difference);
	difference_network(&difference);
	add_others(&difference);
	difference_rest(&difference);
	return difference.first;
}
