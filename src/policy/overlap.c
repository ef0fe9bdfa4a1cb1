#include "policy/overlap.h"

#include <string.h>

#include "base/path.h"

/* Counts one step; false when there are none left. */
static bool step(unsigned long *budget)
{
	return *budget && (*budget)--;
}

static bool texts_are_same(const struct filter *a, const struct filter *b)
{
	return a->text.attribute == b->text.attribute && a->text.pattern == b->text.pattern &&
	       a->text.length == b->text.length &&
	       memcmp(a->text.bytes, b->text.bytes, a->text.length) == 0;
}

static bool endpoints_are_same(const struct endpoint *a, const struct endpoint *b)
{
	return a->protocol == b->protocol && a->localhost == b->localhost && a->port == b->port;
}

static bool groups_are_same(const struct filter *a, const struct filter *b, unsigned long *budget)
{
	if (a->group.count != b->group.count || a->size != b->size)
		return false;
	for (size_t i = 0; i < a->group.count; i++) {
		if (!filter_is_same(a->group.items[i], b->group.items[i], budget))
			return false;
	}
	return true;
}

bool filter_is_same(const struct filter *a, const struct filter *b, unsigned long *budget)
{
	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind || !step(budget))
		return false;
	switch (a->kind) {
	case FILTER_TEXT:
		return texts_are_same(a, b);
	case FILTER_NUMBER:
		return a->number.attribute == b->number.attribute &&
		       a->number.value == b->number.value;
	case FILTER_REMOTE:
	case FILTER_LOCAL:
		return endpoints_are_same(&a->endpoint, &b->endpoint);
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		return groups_are_same(a, b, budget);
	default:
		return false;
	}
}

static bool text_covers(const struct filter *outer, const struct filter *inner)
{
	const char *bytes = inner->text.bytes;

	if (outer->text.attribute != inner->text.attribute)
		return false;
	switch (outer->text.pattern) {
	case PATTERN_SUBPATH:
		return (inner->text.pattern == PATTERN_LITERAL ||
			       inner->text.pattern == PATTERN_SUBPATH) &&
		       path_is_within(
			       bytes, inner->text.length, outer->text.bytes, outer->text.length);
	case PATTERN_PREFIX:
		return inner->text.pattern != PATTERN_REGEX &&
		       inner->text.length >= outer->text.length &&
		       memcmp(bytes, outer->text.bytes, outer->text.length) == 0;
	default:
		return texts_are_same(outer, inner);
	}
}

static bool endpoint_covers(const struct endpoint *outer, const struct endpoint *inner)
{
	return !(inner->protocol & ~outer->protocol) && (!outer->localhost || inner->localhost) &&
	       (outer->port == PORT_ANY || outer->port == inner->port);
}

static bool atom_covers(
	const struct filter *outer, const struct filter *inner, unsigned long *budget)
{
	if (outer->kind != inner->kind)
		return false;
	switch (outer->kind) {
	case FILTER_TEXT:
		return text_covers(outer, inner);
	case FILTER_REMOTE:
	case FILTER_LOCAL:
		return endpoint_covers(&outer->endpoint, &inner->endpoint);
	case FILTER_NEVER:
		return false;
	default:
		return filter_is_same(outer, inner, budget);
	}
}

bool filter_covers(const struct filter *outer, const struct filter *inner, unsigned long *budget)
{
	bool covered = inner && inner->kind == FILTER_ANY;

	if (!outer || !inner)
		return !outer;
	if (!step(budget))
		return false;
	if (inner->kind == FILTER_ANY) {
		for (size_t i = 0; covered && i < inner->group.count; i++)
			covered = filter_covers(outer, inner->group.items[i], budget);
		return covered || filter_is_same(outer, inner, budget);
	}
	if (outer->kind != FILTER_ANY)
		return atom_covers(outer, inner, budget);
	for (size_t i = 0; !covered && i < outer->group.count; i++)
		covered = filter_covers(outer->group.items[i], inner, budget);
	return covered;
}

bool filters_meet(const struct filter *a, const struct filter *b, unsigned long *budget)
{
	const struct filter *group = a && a->kind == FILTER_ANY ? a : b;
	const struct filter *other = group == a ? b : a;
	bool meet = false;

	if (!a || !b)
		return true;
	if (!step(budget))
		return false;
	if (group->kind != FILTER_ANY)
		return filter_covers(a, b, budget) || filter_covers(b, a, budget);
	for (size_t i = 0; !meet && i < group->group.count; i++)
		meet = filters_meet(group->group.items[i], other, budget);
	return meet;
}
