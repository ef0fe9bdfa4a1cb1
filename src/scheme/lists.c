/* Lists. */
#include <string.h>

#include "scheme/builtins.h"

/* car, cdr and their compositions: the letters are followed from right to left. */
static struct cell *access_parts(struct scheme *scheme, struct cell *arguments)
{
	const char *name = scheme->calling->name;
	struct cell *cell = arguments->pair.head;

	for (size_t at = strlen(name) - 2; at > 0; at--) {
		if (cell->type != CELL_PAIR)
			return scheme_fail(scheme, NULL, "%s: argument 1 must be list, got %s",
				name, scheme_type_name(arguments->pair.head));
		cell = name[at] == 'a' ? cell->pair.head : cell->pair.tail;
	}
	return cell;
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

/* (list* 1 2 '(3)) is (1 2 3). */
static struct cell *primitive_list_star(struct scheme *scheme, struct cell *arguments)
{
	struct cell *result = arguments->pair.head, **end = &result;

	for (; arguments->pair.tail->type == CELL_PAIR; arguments = arguments->pair.tail) {
		*end = scheme_cons(scheme, arguments->pair.head, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	*end = arguments->pair.head;
	return result;
}

static struct cell *primitive_set_car(struct scheme *scheme, struct cell *arguments)
{
	struct cell *pair = argument_of(scheme, arguments, 0, CELL_PAIR);

	if (pair)
		pair->pair.head = list_at(arguments, 1);
	return pair;
}

static struct cell *primitive_set_cdr(struct scheme *scheme, struct cell *arguments)
{
	struct cell *pair = argument_of(scheme, arguments, 0, CELL_PAIR);

	if (pair)
		pair->pair.tail = list_at(arguments, 1);
	return pair;
}

/* All but the last argument are copied; that may be anything. */
struct cell *builtin_append(struct scheme *scheme, struct cell *arguments)
{
	struct cell *result = &scheme->nil, **end = &result;

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		if (arguments->pair.tail->type == CELL_NIL) {
			*end = arguments->pair.head;
			break;
		}
		struct cell *list = argument_list(scheme, arguments, i);

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
	for (; list->type == CELL_PAIR && !scheme->error.text; list = list->pair.tail)
		result = scheme_cons(scheme, list->pair.head, result);
	return result;
}

static struct cell *primitive_length(struct scheme *scheme, struct cell *arguments)
{
	int length = builtin_length(scheme, arguments->pair.head);

	if (length < 0)
		return argument_list(scheme, arguments, 0);
	return scheme_integer(scheme, length);
}

/* What follows the first elements, as many as the second argument says. */
static struct cell *primitive_list_tail(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = arguments->pair.head;
	size_t count;

	if (!argument_index(scheme, arguments, 1, SCHEME_STEPS, &count) ||
		!scheme_spend(scheme, count))
		return NULL;
	for (; count > 0; count--) {
		if (list->type != CELL_PAIR)
			return scheme_fail(
				scheme, NULL, "%s: the list is too short", scheme->calling->name);
		list = list->pair.tail;
	}
	return list;
}

static struct cell *primitive_list_ref(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *rest = primitive_list_tail(scheme, arguments);

	if (rest && rest->type != CELL_PAIR)
		return scheme_fail(scheme, NULL, "list-ref: the list is too short");
	return rest ? rest->pair.head : NULL;
}

static struct cell *primitive_take(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = arguments->pair.head;
	const struct cell *rest = primitive_list_tail(scheme, arguments);
	struct cell *result = &scheme->nil, **end = &result;

	if (!rest)
		return NULL;
	/* Counted, as the rest may be part of a cycle. */
	for (long count = list_at(arguments, 1)->integer; count > 0 && !scheme->error.text;
		count--) {
		*end = scheme_cons(scheme, list->pair.head, &scheme->nil);
		end = &(*end)->pair.tail;
		list = list->pair.tail;
	}
	return result;
}

static struct cell *primitive_last_pair(struct scheme *scheme, struct cell *arguments)
{
	struct cell *pair = argument_of(scheme, arguments, 0, CELL_PAIR);

	while (pair && pair->pair.tail->type == CELL_PAIR)
		pair = scheme_spend(scheme, 1) ? pair->pair.tail : NULL;
	return pair;
}

static bool flatten(struct scheme *scheme, struct cell *list, struct cell ***end)
{
	if (!scheme_has_stack(scheme))
		return false;
	for (; list->type == CELL_PAIR; list = list->pair.tail) {
		struct cell *item = list->pair.head;

		if (!scheme_spend(scheme, 1))
			return false;
		if (item->type == CELL_PAIR) {
			if (!flatten(scheme, item, end))
				return false;
		} else if (item->type != CELL_NIL) {
			**end = scheme_cons(scheme, item, &scheme->nil);
			*end = &(**end)->pair.tail;
		}
	}
	return !scheme->error.text;
}

static struct cell *primitive_flatten(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments, 0);
	struct cell *result = &scheme->nil, **end = &result;

	return list && flatten(scheme, list, &end) ? result : NULL;
}

static struct cell *primitive_acons(struct scheme *scheme, struct cell *arguments)
{
	return scheme_cons(scheme,
		scheme_cons(scheme, list_at(arguments, 0), list_at(arguments, 1)),
		list_at(arguments, 2));
}

#define ACCESSOR(name)                                                                             \
	{                                                                                          \
		name, access_parts, 1, 1, NULL                                                     \
	}

const struct primitive builtin_accessors[] = {
	ACCESSOR("caaaar"),
	ACCESSOR("caaadr"),
	ACCESSOR("caaar"),
	ACCESSOR("caadar"),
	ACCESSOR("caaddr"),
	ACCESSOR("caadr"),
	ACCESSOR("caar"),
	ACCESSOR("cadaar"),
	ACCESSOR("cadadr"),
	ACCESSOR("cadar"),
	ACCESSOR("caddar"),
	ACCESSOR("cadddr"),
	ACCESSOR("caddr"),
	ACCESSOR("cadr"),
	ACCESSOR("car"),
	ACCESSOR("cdaaar"),
	ACCESSOR("cdaadr"),
	ACCESSOR("cdaar"),
	ACCESSOR("cdadar"),
	ACCESSOR("cdaddr"),
	ACCESSOR("cdadr"),
	ACCESSOR("cdar"),
	ACCESSOR("cddaar"),
	ACCESSOR("cddadr"),
	ACCESSOR("cddar"),
	ACCESSOR("cdddar"),
	ACCESSOR("cddddr"),
	ACCESSOR("cdddr"),
	ACCESSOR("cddr"),
	ACCESSOR("cdr"),
	{NULL, NULL, 0, 0, NULL},
};

const struct primitive builtin_lists[] = {
	{"acons", primitive_acons, 3, 3, NULL},
	{"append", builtin_append, 0, -1, NULL},
	{"cons", primitive_cons, 2, 2, NULL},
	{"cons*", primitive_list_star, 1, -1, NULL},
	{"drop", primitive_list_tail, 2, 2, NULL},
	{"flatten", primitive_flatten, 1, 1, NULL},
	{"last-pair", primitive_last_pair, 1, 1, NULL},
	{"length", primitive_length, 1, 1, NULL},
	{"list", primitive_list, 0, -1, NULL},
	{"list*", primitive_list_star, 1, -1, NULL},
	{"list-ref", primitive_list_ref, 2, 2, NULL},
	{"list-tail", primitive_list_tail, 2, 2, NULL},
	{"reverse", primitive_reverse, 1, 1, NULL},
	{"set-car!", primitive_set_car, 2, 2, NULL},
	{"set-cdr!", primitive_set_cdr, 2, 2, NULL},
	{"take", primitive_take, 2, 2, NULL},
	{NULL, NULL, 0, 0, NULL},
};
