#include "scheme/builtins.h"

static struct cell *overflow(struct scheme *scheme)
{
	return scheme_fail(scheme, NULL, "number is too large");
}

static struct cell *primitive_add(struct scheme *scheme, struct cell *arguments)
{
	long sum = 0;

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		struct cell *number = argument_at(scheme, arguments, i, CELL_INTEGER);

		if (!number)
			return NULL;
		if (__builtin_add_overflow(sum, number->integer, &sum))
			return overflow(scheme);
	}
	return scheme_integer(scheme, sum);
}

static struct cell *primitive_subtract(struct scheme *scheme, struct cell *arguments)
{
	struct cell *first = argument_of(scheme, arguments, 0, CELL_INTEGER);

	if (!first)
		return NULL;
	bool negate = arguments->pair.tail->type == CELL_NIL;
	long difference = negate ? 0 : first->integer;

	if (!negate)
		arguments = arguments->pair.tail;
	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		struct cell *number = argument_at(scheme, arguments, i, CELL_INTEGER);

		if (!number)
			return NULL;
		if (__builtin_sub_overflow(difference, number->integer, &difference))
			return overflow(scheme);
	}
	return scheme_integer(scheme, difference);
}

static struct cell *primitive_multiply(struct scheme *scheme, struct cell *arguments)
{
	long product = 1;

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		struct cell *number = argument_at(scheme, arguments, i, CELL_INTEGER);

		if (!number)
			return NULL;
		if (__builtin_mul_overflow(product, number->integer, &product))
			return overflow(scheme);
	}
	return scheme_integer(scheme, product);
}

typedef bool relation(long a, long b);

/* True when the relation holds between all neighbours. */
static struct cell *compare(struct scheme *scheme, struct cell *arguments, relation *holds)
{
	for (int i = 0; arguments->pair.tail->type == CELL_PAIR; i++) {
		struct cell *a = argument_at(scheme, arguments, i, CELL_INTEGER);

		arguments = arguments->pair.tail;
		struct cell *b = a ? argument_at(scheme, arguments, i + 1, CELL_INTEGER) : NULL;

		if (!b)
			return NULL;
		if (!holds(a->integer, b->integer))
			return &scheme->false_value;
	}
	return &scheme->true_value;
}

static bool is_equal(long a, long b)
{
	return a == b;
}

static bool is_less(long a, long b)
{
	return a < b;
}

static bool is_greater(long a, long b)
{
	return a > b;
}

static bool is_at_most(long a, long b)
{
	return a <= b;
}

static bool is_at_least(long a, long b)
{
	return a >= b;
}

static struct cell *primitive_equal(struct scheme *scheme, struct cell *arguments)
{
	return compare(scheme, arguments, is_equal);
}

static struct cell *primitive_less(struct scheme *scheme, struct cell *arguments)
{
	return compare(scheme, arguments, is_less);
}

static struct cell *primitive_greater(struct scheme *scheme, struct cell *arguments)
{
	return compare(scheme, arguments, is_greater);
}

static struct cell *primitive_at_most(struct scheme *scheme, struct cell *arguments)
{
	return compare(scheme, arguments, is_at_most);
}

static struct cell *primitive_at_least(struct scheme *scheme, struct cell *arguments)
{
	return compare(scheme, arguments, is_at_least);
}

const struct primitive builtin_numbers[] = {
	{"+", primitive_add, 0, -1, NULL},
	{"-", primitive_subtract, 1, -1, NULL},
	{"*", primitive_multiply, 0, -1, NULL},
	{"=", primitive_equal, 2, -1, NULL},
	{"<", primitive_less, 2, -1, NULL},
	{">", primitive_greater, 2, -1, NULL},
	{"<=", primitive_at_most, 2, -1, NULL},
	{">=", primitive_at_least, 2, -1, NULL},
	{NULL, NULL, 0, 0, NULL},
};
