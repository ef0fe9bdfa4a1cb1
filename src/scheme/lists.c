#include <string.h>

#include "scheme/builtins.h"

static struct cell *primitive_car(struct scheme *scheme, struct cell *arguments)
{
	struct cell *pair = argument_of(scheme, arguments, 0, CELL_PAIR);

	return pair ? pair->pair.head : NULL;
}

static struct cell *primitive_cdr(struct scheme *scheme, struct cell *arguments)
{
	struct cell *pair = argument_of(scheme, arguments, 0, CELL_PAIR);

	return pair ? pair->pair.tail : NULL;
}

static struct cell *primitive_cons(struct scheme *scheme, struct cell *arguments)
{
	return scheme_cons(scheme, list_at(arguments, 0), list_at(arguments, 1));
}

static struct cell *primitive_list(struct scheme *scheme, struct cell *arguments)
{
	(void)scheme;
	return arguments;
}

static struct cell *argument_list(struct scheme *scheme, struct cell *arguments, int index)
{
	struct cell *list = list_at(arguments, index);

	if (scheme_length(list) >= 0)
		return list;
	return scheme_fail(scheme, NULL, "argument %d must be a list, got %s", index + 1,
		scheme_type_name(list));
}

static struct cell *primitive_append(struct scheme *scheme, struct cell *arguments)
{
	struct cell *result = &scheme->nil, **end = &result;

	for (; arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		struct cell *list = argument_list(scheme, arguments, 0);

		if (!list)
			return NULL;
		for (; list->type == CELL_PAIR && !scheme->error.text; list = list->pair.tail) {
			*end = scheme_cons(scheme, list->pair.head, &scheme->nil);
			end = &(*end)->pair.tail;
		}
	}
	return result;
}

static struct cell *primitive_reverse(struct scheme *scheme, struct cell *arguments)
{
	struct cell *result = &scheme->nil;
	struct cell *list = argument_list(scheme, arguments, 0);

	if (!list)
		return NULL;
	for (; list->type == CELL_PAIR; list = list->pair.tail)
		result = scheme_cons(scheme, list->pair.head, result);
	return result;
}

static struct cell *primitive_length(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments, 0);

	return list ? scheme_integer(scheme, scheme_length(list)) : NULL;
}

/* Calls the procedure with the nth elements of all lists, to the end of the shortest. */
static struct cell *map(struct scheme *scheme, struct cell *arguments)
{
	struct cell *procedure = arguments->pair.head;
	struct cell *result = &scheme->nil, **end = &result;

	/* The lists are walked in place: a copy of the spine keeps the caller's intact. */
	struct cell *lists =
		primitive_append(scheme, scheme_cons(scheme, arguments->pair.tail, &scheme->nil));

	for (struct cell *at = lists; at->type == CELL_PAIR; at = at->pair.tail) {
		if (scheme_length(at->pair.head) < 0)
			return scheme_fail(scheme, NULL, "%s: expected a list, got %s",
				scheme->calling->name, scheme_type_name(at->pair.head));
	}
	while (!scheme->error.text) {
		struct cell *row = &scheme->nil, **row_end = &row;

		for (struct cell *at = lists; at->type == CELL_PAIR; at = at->pair.tail) {
			struct cell *list = at->pair.head;

			if (list->type != CELL_PAIR)
				return result;
			*row_end = scheme_cons(scheme, list->pair.head, &scheme->nil);
			row_end = &(*row_end)->pair.tail;
			at->pair.head = list->pair.tail;
		}
		struct cell *value = scheme_apply(scheme, procedure, row);

		if (!value)
			return NULL;
		*end = scheme_cons(scheme, value, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	return NULL;
}

static struct cell *primitive_for_each(struct scheme *scheme, struct cell *arguments)
{
	return map(scheme, arguments) ? &scheme->unspecified : NULL;
}

static struct cell *primitive_apply(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = &scheme->nil, **end = &list;
	struct cell *rest = arguments->pair.tail;

	for (; rest->pair.tail->type == CELL_PAIR; rest = rest->pair.tail) {
		*end = scheme_cons(scheme, rest->pair.head, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	*end = argument_list(scheme, rest, 0);
	return *end ? scheme_apply(scheme, arguments->pair.head, list) : NULL;
}

static bool same(const struct cell *a, const struct cell *b)
{
	if (a == b)
		return true;
	if (a->type != b->type)
		return false;
	if (a->type == CELL_INTEGER)
		return a->integer == b->integer;
	if (a->type == CELL_CHARACTER)
		return a->character == b->character;
	if (a->type == CELL_BOOLEAN)
		return a->boolean == b->boolean;
	return a->type == CELL_NIL;
}

/* False, with an error, for lists that are nested deeper than any profile needs. */
static bool equal(struct scheme *scheme, const struct cell *a, const struct cell *b)
{
	bool result = true;

	if (scheme->depth >= SCHEME_DEPTH)
		return scheme_fail(scheme, NULL, "lists are nested too deeply") != NULL;
	scheme->depth++;
	while (result && a->type == CELL_PAIR && b->type == CELL_PAIR) {
		result = equal(scheme, a->pair.head, b->pair.head);
		a = a->pair.tail;
		b = b->pair.tail;
	}
	scheme->depth--;
	if (!result)
		return false;
	if (a->type == CELL_STRING && b->type == CELL_STRING)
		return a->string.length == b->string.length &&
		       memcmp(a->string.bytes, b->string.bytes, a->string.length) == 0;
	return same(a, b);
}

static struct cell *primitive_same(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, same(list_at(arguments, 0), list_at(arguments, 1)));
}

static struct cell *primitive_equal(struct scheme *scheme, struct cell *arguments)
{
	bool result = equal(scheme, list_at(arguments, 0), list_at(arguments, 1));

	return scheme->error.text ? NULL : scheme_boolean(scheme, result);
}

static struct cell *primitive_member(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments, 1);

	for (; list && list->type == CELL_PAIR; list = list->pair.tail) {
		if (equal(scheme, arguments->pair.head, list->pair.head))
			return list;
		if (scheme->error.text)
			return NULL;
	}
	return list ? &scheme->false_value : NULL;
}

static struct cell *primitive_not(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, !scheme_is_true(arguments->pair.head));
}

static struct cell *has_type(struct scheme *scheme, struct cell *arguments, enum cell_type type)
{
	return scheme_boolean(scheme, arguments->pair.head->type == type);
}

static struct cell *primitive_is_null(struct scheme *scheme, struct cell *arguments)
{
	return has_type(scheme, arguments, CELL_NIL);
}

static struct cell *primitive_is_pair(struct scheme *scheme, struct cell *arguments)
{
	return has_type(scheme, arguments, CELL_PAIR);
}

static struct cell *primitive_is_list(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, scheme_length(arguments->pair.head) >= 0);
}

static struct cell *primitive_is_string(struct scheme *scheme, struct cell *arguments)
{
	return has_type(scheme, arguments, CELL_STRING);
}

static struct cell *primitive_is_symbol(struct scheme *scheme, struct cell *arguments)
{
	return has_type(scheme, arguments, CELL_SYMBOL);
}

static struct cell *primitive_is_number(struct scheme *scheme, struct cell *arguments)
{
	return has_type(scheme, arguments, CELL_INTEGER);
}

static struct cell *primitive_is_boolean(struct scheme *scheme, struct cell *arguments)
{
	return has_type(scheme, arguments, CELL_BOOLEAN);
}

static struct cell *primitive_is_procedure(struct scheme *scheme, struct cell *arguments)
{
	enum cell_type type = arguments->pair.head->type;

	return scheme_boolean(scheme, type == CELL_PRIMITIVE || type == CELL_CLOSURE);
}

/* How profiles test for a name that only newer systems have. */
static struct cell *primitive_is_defined(struct scheme *scheme, struct cell *arguments)
{
	struct cell *symbol = argument_of(scheme, arguments, 0, CELL_SYMBOL);

	if (!symbol)
		return NULL;
	return scheme_boolean(
		scheme, symbol->symbol.value || scheme->lookup(scheme, symbol->symbol.name));
}

const struct primitive builtin_lists[] = {
	{"car", primitive_car, 1, 1, NULL},
	{"cdr", primitive_cdr, 1, 1, NULL},
	{"cons", primitive_cons, 2, 2, NULL},
	{"list", primitive_list, 0, -1, NULL},
	{"append", primitive_append, 0, -1, NULL},
	{"reverse", primitive_reverse, 1, 1, NULL},
	{"length", primitive_length, 1, 1, NULL},
	{"map", map, 2, -1, NULL},
	{"for-each", primitive_for_each, 2, -1, NULL},
	{"apply", primitive_apply, 2, -1, NULL},
	{"member", primitive_member, 2, 2, NULL},
	{"eq?", primitive_same, 2, 2, NULL},
	{"eqv?", primitive_same, 2, 2, NULL},
	{"equal?", primitive_equal, 2, 2, NULL},
	{"not", primitive_not, 1, 1, NULL},
	{"null?", primitive_is_null, 1, 1, NULL},
	{"pair?", primitive_is_pair, 1, 1, NULL},
	{"list?", primitive_is_list, 1, 1, NULL},
	{"string?", primitive_is_string, 1, 1, NULL},
	{"symbol?", primitive_is_symbol, 1, 1, NULL},
	{"number?", primitive_is_number, 1, 1, NULL},
	{"boolean?", primitive_is_boolean, 1, 1, NULL},
	{"procedure?", primitive_is_procedure, 1, 1, NULL},
	{"defined?", primitive_is_defined, 1, 1, NULL},
	{NULL, NULL, 0, 0, NULL},
};
