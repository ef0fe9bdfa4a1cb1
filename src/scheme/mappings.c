/* Procedures that call another one for each element of a list or vector. */
#include "scheme/builtins.h"

static struct cell *call_with(struct scheme *scheme, struct cell *procedure, struct cell *argument)
{
	return scheme_apply(scheme, procedure, scheme_cons(scheme, argument, &scheme->nil));
}

/* A copy of the list of lists, to walk along all of them without changing the caller's. */
static struct cell *copy_lists(struct scheme *scheme, struct cell *rest)
{
	struct cell *result = &scheme->nil, **end = &result;

	for (int i = 1; rest->type == CELL_PAIR; i++, rest = rest->pair.tail) {
		struct cell *list = argument_list(scheme, rest, i);

		if (!list)
			return NULL;
		*end = scheme_cons(scheme, list, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	return result;
}

/* The next element of each list; NULL at the end of the shortest. */
static struct cell *next_row(struct scheme *scheme, struct cell *lists)
{
	struct cell *row = &scheme->nil, **end = &row;

	for (; lists->type == CELL_PAIR; lists = lists->pair.tail) {
		const struct cell *list = lists->pair.head;

		if (list->type != CELL_PAIR || !scheme_spend(scheme, 1))
			return NULL;
		*end = scheme_cons(scheme, list->pair.head, &scheme->nil);
		end = &(*end)->pair.tail;
		lists->pair.head = list->pair.tail;
	}
	return row;
}

enum kept { KEPT_VALUES, KEPT_NOTHING };

static struct cell *map(struct scheme *scheme, struct cell *arguments, enum kept kept)
{
	struct cell *lists = copy_lists(scheme, arguments->pair.tail);
	struct cell *result = &scheme->nil, **end = &result, *row;

	while (lists && (row = next_row(scheme, lists)) != NULL) {
		struct cell *value = scheme_apply(scheme, arguments->pair.head, row);

		if (!value)
			return NULL;
		if (kept == KEPT_NOTHING)
			continue;
		*end = scheme_cons(scheme, value, &scheme->nil);
		end = &(*end)->pair.tail;
	}
	return lists && !scheme->error.text ? result : NULL;
}

static struct cell *primitive_map(struct scheme *scheme, struct cell *arguments)
{
	return map(scheme, arguments, KEPT_VALUES);
}

static struct cell *primitive_for_each(struct scheme *scheme, struct cell *arguments)
{
	return map(scheme, arguments, KEPT_NOTHING) ? &scheme->unspecified : NULL;
}

/* map, whose lists are appended. */
static struct cell *primitive_mappend(struct scheme *scheme, struct cell *arguments)
{
	struct cell *lists = map(scheme, arguments, KEPT_VALUES);

	return lists ? builtin_append(scheme, lists) : NULL;
}

struct split {
	struct cell *in, *out;
	struct cell **in_end, **out_end;
};

static void append_to(struct scheme *scheme, struct cell ***end, struct cell *item)
{
	**end = scheme_cons(scheme, item, &scheme->nil);
	*end = &(**end)->pair.tail;
}

/* Parts a list by what the predicate says of its elements. */
static bool split(struct scheme *scheme, struct cell *arguments, struct split *split)
{
	struct cell *list = argument_list(scheme, arguments->pair.tail, 1);

	split->in = split->out = &scheme->nil;
	split->in_end = &split->in;
	split->out_end = &split->out;
	for (struct cell *next; list && list->type == CELL_PAIR; list = next) {
		struct cell *item = list->pair.head;
		const struct cell *answer;

		next = list->pair.tail;
		answer = call_with(scheme, arguments->pair.head, item);
		if (!answer)
			return false;
		append_to(scheme, scheme_is_true(answer) ? &split->in_end : &split->out_end, item);
	}
	return list != NULL;
}

static struct cell *primitive_filter(struct scheme *scheme, struct cell *arguments)
{
	struct split parts;

	return split(scheme, arguments, &parts) ? parts.in : NULL;
}

static struct cell *primitive_partition(struct scheme *scheme, struct cell *arguments)
{
	struct split parts;

	if (!split(scheme, arguments, &parts))
		return NULL;
	return scheme_cons(scheme, parts.in, scheme_cons(scheme, parts.out, &scheme->nil));
}

/* From the left, (f so-far element), in spite of the name: as in TinyScheme. */
static struct cell *primitive_foldr(struct scheme *scheme, struct cell *arguments)
{
	struct cell *value = list_at(arguments, 1);
	struct cell *list = argument_list(scheme, arguments->pair.tail->pair.tail, 2);

	for (struct cell *next; list && value && list->type == CELL_PAIR; list = next) {
		next = list->pair.tail;
		value = scheme_apply(scheme, arguments->pair.head,
			scheme_cons(
				scheme, value, scheme_cons(scheme, list->pair.head, &scheme->nil)));
	}
	return list ? value : NULL;
}

static struct cell *vector_map(struct scheme *scheme, struct cell *arguments, enum kept kept)
{
	const struct cell *from = argument_of(scheme, arguments, 1, CELL_VECTOR);
	size_t length = from ? from->vector.length : 0;
	struct cell *to = from ? scheme_vector(scheme, kept == KEPT_VALUES ? length : 0) : NULL;

	for (size_t i = 0; to && i < length; i++) {
		struct cell *value = call_with(scheme, arguments->pair.head, from->vector.items[i]);

		if (!value)
			return NULL;
		if (kept == KEPT_VALUES)
			to->vector.items[i] = value;
	}
	return to;
}

static struct cell *primitive_vector_map(struct scheme *scheme, struct cell *arguments)
{
	return vector_map(scheme, arguments, KEPT_VALUES);
}

static struct cell *primitive_vector_for_each(struct scheme *scheme, struct cell *arguments)
{
	return vector_map(scheme, arguments, KEPT_NOTHING) ? &scheme->unspecified : NULL;
}

const struct primitive builtin_mappings[] = {
	{"filter", primitive_filter, 2, 2, NULL},
	{"foldr", primitive_foldr, 3, 3, NULL},
	{"for-each", primitive_for_each, 2, -1, NULL},
	{"map", primitive_map, 2, -1, NULL},
	{"mappend", primitive_mappend, 2, -1, NULL},
	{"partition", primitive_partition, 2, 2, NULL},
	{"vector-for-each", primitive_vector_for_each, 2, 2, NULL},
	{"vector-map", primitive_vector_map, 2, 2, NULL},
	{NULL, NULL, 0, 0, NULL},
};
