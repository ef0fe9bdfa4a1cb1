/*
 * Invariants: a rule MUST be considered wherever filter_match could answer MAYBE or YES for it, and
 * the latest rule MUST win; policy_decide is the reference.
 *
 * A rule's filter is taken apart into branches, each of which suffices. A branch can match only
 * where one of its guards does: literals, subpaths, prefixes. Their texts are sorted: those that a
 * path begins with are the chain of one key, and those that begin with a path are one range.
 */
#include "policy/index.h"

#include <limits.h>
#include <string.h>

#include "base/path.h"
#include "base/sort.h"

enum { NO_RANK = INT_MAX };

struct entry {
	const struct filter *guard;  /* NULL: the branch has none */
	const struct filter *branch; /* what has to match; it may be the guard itself */
	unsigned rank;               /* of the rule, the latest is 0 */
};

struct entries {
	struct entry *items;
	size_t count, capacity;
};

/* A text that guards share. */
struct key {
	const char *bytes;
	size_t length;
	long parent; /* the longest other key that this one begins with, or -1 */
	size_t first, count;
};

struct index_list {
	const struct rule **rules; /* by rank */
	struct key *keys;
	size_t key_count;
	bool has_prefixes; /* the one kind that may match below a path that it is longer than */
	struct entries guarded, others; /* by key, then by rank; by rank */
};

/* The first ranks found so far that match for certain, and that may match and allow, or deny. */
struct best {
	unsigned yes, allow, deny;
};

static void add_entry(struct arena *arena, struct entries *entries, struct entry entry)
{
	if (entries->count == entries->capacity) {
		size_t capacity = entries->capacity * 2 + 4;
		struct entry *items = ARENA_ARRAY(arena, struct entry, capacity);

		if (entries->count)
			memcpy(items, entries->items, entries->count * sizeof(items[0]));
		entries->items = items;
		entries->capacity = capacity;
	}
	entries->items[entries->count++] = entry;
}

/* Adds the entry under every guard that filter, a part of its branch, has. False: it has none. */
static bool add_guards(struct arena *arena, struct entries *entries, const struct filter *filter,
	struct entry entry)
{
	size_t before = entries->count;

	if (filter->kind == FILTER_TEXT && filter->text.attribute == TEXT_PATH &&
		filter->text.pattern != PATTERN_REGEX) {
		entry.guard = filter;
		add_entry(arena, entries, entry);
		return true;
	}
	if (filter->kind != FILTER_ANY && filter->kind != FILTER_ALL)
		return filter->kind == FILTER_NEVER;

	/* All alternatives need guards; of what must hold together, one is enough. */
	bool enough = filter->kind == FILTER_ALL;

	for (size_t i = 0; i < filter->group.count; i++) {
		if (add_guards(arena, entries, filter->group.items[i], entry) == enough)
			return enough;
		if (enough)
			entries->count = before;
	}
	return !enough;
}

static void add_branches(
	struct arena *arena, struct index_list *list, const struct filter *filter, unsigned rank)
{
	struct entry entry = {.branch = filter, .rank = rank};
	size_t before = list->guarded.count;

	for (size_t i = 0; filter->kind == FILTER_ANY && i < filter->group.count; i++)
		add_branches(arena, list, filter->group.items[i], rank);
	if (filter->kind != FILTER_ANY && !add_guards(arena, &list->guarded, filter, entry)) {
		list->guarded.count = before;
		add_entry(arena, &list->others, entry);
	}
}

static int compare_guards(const struct entry *a, const struct entry *b)
{
	return path_order(a->guard->text.bytes, a->guard->text.length, b->guard->text.bytes,
		b->guard->text.length);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;
	int order = compare_guards(left, right);

	return order ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

static bool begins_with(const struct key *key, const char *bytes, size_t length)
{
	return key->length >= length && memcmp(key->bytes, bytes, length) == 0;
}

static void add_key(struct index_list *list, const struct entry *entry, size_t first)
{
	const struct filter *guard = entry->guard;
	long parent = (long)list->key_count - 1;
	struct key *key = &list->keys[list->key_count++];

	*key = (struct key){guard->text.bytes, guard->text.length, -1, first, 0};
	while (parent >= 0 &&
		!begins_with(key, list->keys[parent].bytes, list->keys[parent].length))
		parent = list->keys[parent].parent;
	key->parent = parent;
}

/* Of the same filter in several rules, the latest of each action hides the others. */
static void make_keys(struct arena *arena, struct index_list *list)
{
	struct entries *entries = &list->guarded;
	size_t kept = 0;
	unsigned seen = 0;

	if (entries->count)
		sort(entries->items, entries->count, sizeof(entries->items[0]), compare_entries);
	list->keys = ARENA_ARRAY(arena, struct key, entries->count);
	for (size_t i = 0; i < entries->count; i++) {
		struct entry entry = entries->items[i];
		unsigned action = list->rules[entry.rank]->action;
		unsigned same = 1u << (2 * entry.guard->text.pattern + action);

		if (i == 0 || compare_guards(&entries->items[kept - 1], &entry) != 0) {
			add_key(list, &entry, kept);
			seen = 0;
		}
		list->has_prefixes |= entry.guard->text.pattern == PATTERN_PREFIX;
		if (seen & same)
			continue;
		if (entry.guard == entry.branch)
			seen |= same;
		entries->items[kept++] = entry;
		list->keys[list->key_count - 1].count++;
	}
	entries->count = kept;
}

/* True when a rule of this rank can change nothing any more. */
static bool is_late(const struct best *best, unsigned rank)
{
	return rank >= best->yes || (rank >= best->allow && rank >= best->deny);
}

/* Entries in the order of their ranks. */
static void consider(const struct index_list *list, const struct entry *entries, size_t count,
	const struct query *query, struct best *best)
{
	for (size_t i = 0; i < count && !is_late(best, entries[i].rank); i++) {
		unsigned rank = entries[i].rank;
		enum action action = list->rules[rank]->action;
		enum match match = filter_match(entries[i].branch, action, query);
		unsigned *first = action == ACTION_ALLOW ? &best->allow : &best->deny;

		if (match != MATCH_NO && rank < *first)
			*first = rank;
		if (match == MATCH_YES)
			best->yes = rank;
	}
}

static void consider_key(const struct index_list *list, const struct key *key,
	const struct query *query, struct best *best)
{
	consider(list, list->guarded.items + key->first, key->count, query, best);
}

/* The last key that does not come after the path, or -1. */
static long find_key(const struct index_list *list, const char *path, size_t length)
{
	size_t low = 0, high = list->key_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct key *key = &list->keys[middle];

		if (path_order(key->bytes, key->length, path, length) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (long)low - 1;
}

static void consider_path(
	const struct index_list *list, const struct query *query, struct best *best)
{
	const char *path = query->texts[TEXT_PATH];
	size_t length = strlen(path);
	long last = find_key(list, path, length);

	for (long at = last; at >= 0; at = list->keys[at].parent)
		consider_key(list, &list->keys[at], query, best);
	if (!query->below || !list->has_prefixes)
		return;
	for (size_t at = (size_t)(last + 1); at < list->key_count; at++) {
		const struct key *key = &list->keys[at];

		if (!begins_with(key, path, length) || (length != 1 && key->bytes[length] != '/'))
			return;
		consider_key(list, key, query, best);
	}
}

/* Adds the answers of one operation's filtered rules; true when nothing can come after them. */
static bool add_best(const struct index_list *list, enum operation operation,
	const struct query *query, struct outcomes *outcomes)
{
	struct best best = {NO_RANK, NO_RANK, NO_RANK};

	consider_path(list, query, &best);
	consider(list, list->others.items, list->others.count, query, &best);
	/* What matches for certain leaves nothing to those behind it. */
	if (best.allow != NO_RANK && best.allow <= best.yes)
		outcomes_add(outcomes,
			(struct decision){ACTION_ALLOW, list->rules[best.allow], operation});
	if (best.deny != NO_RANK && best.deny <= best.yes)
		outcomes_add(outcomes,
			(struct decision){ACTION_DENY, list->rules[best.deny], operation});
	return best.yes != NO_RANK;
}

static void make_list(struct index *index, enum operation operation)
{
	const struct rule_link *links = index->policy->operations[operation].filtered, *link;
	struct index_list *list;
	unsigned rank = 0;

	if (!links || index->lists[operation])
		return;
	list = ARENA_NEW(index->arena, struct index_list);
	for (link = links; link; link = link->next)
		rank++;
	list->rules = ARENA_ARRAY(index->arena, const struct rule *, rank);
	for (link = links, rank = 0; link; link = link->next, rank++) {
		list->rules[rank] = link->rule;
		add_branches(index->arena, list, link->rule->filter, rank);
	}
	make_keys(index->arena, list);
	index->lists[operation] = list;
}

void index_complete(struct index *index)
{
	for (enum operation operation = 0; operation < OPERATION_COUNT; operation++)
		make_list(index, operation);
}

struct outcomes index_read(const struct index *index, const struct query *query)
{
	struct outcomes outcomes = {.may_allow = false};
	enum operation operation = query->operation;
	struct decision decision;

	if (!query->texts[TEXT_PATH])
		return policy_outcomes(index->policy, query);
	for (;; operation = operation_parent(operation)) {
		const struct index_list *list = index->lists[operation];

		if (list && add_best(list, operation, query, &outcomes))
			return outcomes;
		if (policy_default(index->policy, operation, &decision)) {
			outcomes_add(&outcomes, decision);
			return outcomes;
		}
	}
}

struct outcomes index_outcomes(struct index *index, const struct query *query)
{
	enum operation operation = query->operation;
	struct decision decision;

	make_list(index, operation);
	while (!policy_default(index->policy, operation, &decision)) {
		operation = operation_parent(operation);
		make_list(index, operation);
	}
	return index_read(index, query);
}

struct decision index_decide(struct index *index, const struct query *query)
{
	struct outcomes outcomes = index_outcomes(index, query);

	return outcomes.may_allow ? outcomes.allow : outcomes.deny;
}
