/* Equality, and searching lists by it. */
#include <string.h>

#include "scheme/builtins.h"
#include "scheme/number.h"

bool builtin_same(const struct cell *a, const struct cell *b)
{
	if (a == b)
		return true;
	if (a->type != b->type)
		return false;
	if (a->type == CELL_INTEGER)
		return a->integer == b->integer;
	if (a->type == CELL_REAL)
		return a->real == b->real;
	if (a->type == CELL_CHARACTER)
		return a->character == b->character;
	if (a->type == CELL_BOOLEAN)
		return a->boolean == b->boolean;
	if (a->type == CELL_STRING)
		return a->string.length == 0 && b->string.length == 0;
	if (a->type == CELL_FOREIGN)
		return a->foreign.type == b->foreign.type && a->foreign.object == b->foreign.object;
	return a->type == CELL_NIL || a->type == CELL_END;
}

static bool equal_vectors(struct scheme *scheme, const struct cell *a, const struct cell *b)
{
	if (a->vector.length != b->vector.length)
		return false;
	for (size_t i = 0; i < a->vector.length; i++) {
		if (!builtin_equal(scheme, a->vector.items[i], b->vector.items[i]))
			return false;
	}
	return true;
}

static bool equal_strings(struct scheme *scheme, const struct cell *a, const struct cell *b)
{
	enum { PER_STEP = 64 };

	return a->string.length == b->string.length &&
	       scheme_spend(scheme, a->string.length / PER_STEP) &&
	       memcmp(a->string.bytes, b->string.bytes, a->string.length) == 0;
}

bool builtin_equal(struct scheme *scheme, const struct cell *a, const struct cell *b)
{
	if (!scheme_has_stack(scheme))
		return false;
	/* Cycles end with the budget. */
	while (a != b && a->type == CELL_PAIR && b->type == CELL_PAIR) {
		if (!scheme_spend(scheme, 1) || !builtin_equal(scheme, a->pair.head, b->pair.head))
			return false;
		a = a->pair.tail;
		b = b->pair.tail;
	}
	if (a == b || a->type != b->type)
		return a == b;
	if (a->type == CELL_STRING)
		return equal_strings(scheme, a, b);
	if (a->type == CELL_VECTOR)
		return scheme_spend(scheme, a->vector.length) && equal_vectors(scheme, a, b);
	return builtin_same(a, b);
}

static struct cell *primitive_same(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, builtin_same(list_at(arguments, 0), list_at(arguments, 1)));
}

static struct cell *primitive_equal(struct scheme *scheme, struct cell *arguments)
{
	bool result = builtin_equal(scheme, list_at(arguments, 0), list_at(arguments, 1));

	return scheme_boolean(scheme, result);
}

enum sameness { SAME, EQUAL };

static bool matches(struct scheme *scheme, const struct cell *a, const struct cell *b)
{
	const enum sameness *sameness = scheme->calling->datum;

	return *sameness == SAME ? builtin_same(a, b) : builtin_equal(scheme, a, b);
}

static struct cell *member(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments->pair.tail, 1);

	for (; list && list->type == CELL_PAIR; list = list->pair.tail) {
		if (matches(scheme, arguments->pair.head, list->pair.head))
			return list;
		if (scheme->error.text)
			return NULL;
	}
	return list ? &scheme->false_value : NULL;
}

static struct cell *assoc(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments->pair.tail, 1);

	for (; list && list->type == CELL_PAIR; list = list->pair.tail) {
		struct cell *entry = list->pair.head;

		if (entry->type != CELL_PAIR)
			return scheme_fail(scheme, NULL, "%s: expected a list of pairs, got %s",
				scheme->calling->name, scheme_type_name(entry));
		if (matches(scheme, arguments->pair.head, entry->pair.head))
			return entry;
		if (scheme->error.text)
			return NULL;
	}
	return list ? &scheme->false_value : NULL;
}

#define BY(kind) (&(const enum sameness){kind})

const struct primitive builtin_searches[] = {
	{"assoc", assoc, 2, 2, BY(EQUAL)},
	{"assq", assoc, 2, 2, BY(SAME)},
	{"assv", assoc, 2, 2, BY(SAME)},
	{"eq?", primitive_same, 2, 2, NULL},
	{"equal?", primitive_equal, 2, 2, NULL},
	{"eqv?", primitive_same, 2, 2, NULL},
	{"member", member, 2, 2, BY(EQUAL)},
	{"memq", member, 2, 2, BY(SAME)},
	{"memv", member, 2, 2, BY(SAME)},
	{NULL, NULL, 0, 0, NULL},
};
