/* Vectors. */
#include "scheme/builtins.h"

struct cell *builtin_list_to_vector(struct scheme *scheme, struct cell *list)
{
	int length = builtin_length(scheme, list);
	struct cell *vector = length >= 0 ? scheme_vector(scheme, (size_t)length) : NULL;

	for (size_t i = 0; vector && list->type == CELL_PAIR; list = list->pair.tail)
		vector->vector.items[i++] = list->pair.head;
	return vector;
}

struct cell *builtin_vector_to_list(struct scheme *scheme, const struct cell *vector)
{
	struct cell *list = &scheme->nil;

	for (size_t i = vector->vector.length; i > 0 && !scheme->error.text; i--)
		list = scheme_cons(scheme, vector->vector.items[i - 1], list);
	return scheme->error.text ? NULL : list;
}

static struct cell *primitive_list_to_vector(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments, 0);

	return list ? builtin_list_to_vector(scheme, list) : NULL;
}

static struct cell *primitive_vector_to_list(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *vector = argument_of(scheme, arguments, 0, CELL_VECTOR);

	return vector ? builtin_vector_to_list(scheme, vector) : NULL;
}

static void fill(struct cell *vector, struct cell *value)
{
	for (size_t i = 0; i < vector->vector.length; i++)
		vector->vector.items[i] = value;
}

static struct cell *primitive_make_vector(struct scheme *scheme, struct cell *arguments)
{
	size_t length;

	if (!argument_index(scheme, arguments, 0, SIZE_MAX / 4, &length))
		return NULL;
	struct cell *vector = scheme_vector(scheme, length);

	if (vector)
		fill(vector, arguments->pair.tail->type == CELL_PAIR ? list_at(arguments, 1)
								     : &scheme->nil);
	return vector;
}

static struct cell *primitive_vector_length(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *vector = argument_of(scheme, arguments, 0, CELL_VECTOR);

	return vector ? scheme_integer(scheme, (long)vector->vector.length) : NULL;
}

/* Where the vector in the first argument has the item that the second one says. */
static struct cell **item_at(struct scheme *scheme, struct cell *arguments)
{
	struct cell *vector = argument_of(scheme, arguments, 0, CELL_VECTOR);
	size_t index;

	if (!vector)
		return NULL;
	if (vector->vector.length == 0)
		return scheme_fail(scheme, NULL, "%s: index is out of bounds: the vector is empty",
			scheme->calling->name);
	if (!argument_index(scheme, arguments, 1, vector->vector.length - 1, &index))
		return NULL;
	return &vector->vector.items[index];
}

static struct cell *primitive_vector_ref(struct scheme *scheme, struct cell *arguments)
{
	struct cell **item = item_at(scheme, arguments);

	return item ? *item : NULL;
}

static struct cell *primitive_vector_set(struct scheme *scheme, struct cell *arguments)
{
	struct cell **item = item_at(scheme, arguments);

	if (!item)
		return NULL;
	*item = list_at(arguments, 2);
	return arguments->pair.head;
}

static struct cell *primitive_vector_fill(struct scheme *scheme, struct cell *arguments)
{
	struct cell *vector = argument_of(scheme, arguments, 0, CELL_VECTOR);

	if (!vector || !scheme_spend(scheme, vector->vector.length))
		return NULL;
	fill(vector, list_at(arguments, 1));
	return vector;
}

const struct primitive builtin_vectors[] = {
	{"list->vector", primitive_list_to_vector, 1, 1, NULL},
	{"make-vector", primitive_make_vector, 1, 2, NULL},
	{"vector", builtin_list_to_vector, 0, -1, NULL},
	{"vector->list", primitive_vector_to_list, 1, 1, NULL},
	{"vector-fill!", primitive_vector_fill, 2, 2, NULL},
	{"vector-length", primitive_vector_length, 1, 1, NULL},
	{"vector-ref", primitive_vector_ref, 2, 2, NULL},
	{"vector-set!", primitive_vector_set, 3, 3, NULL},
	{NULL, NULL, 0, 0, NULL},
};
