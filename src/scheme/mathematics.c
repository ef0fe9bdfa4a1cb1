/* Functions of real numbers, and numbers from and to text. */
#include <math.h>

#include "scheme/builtins.h"
#include "scheme/number.h"

struct function {
	double (*of)(double x);
};

static struct cell *real_function(struct scheme *scheme, struct cell *arguments)
{
	const struct function *function = scheme->calling->datum;
	const struct cell *number = argument_number(scheme, arguments, 0);

	return number ? scheme_real(scheme, function->of(number_real(number))) : NULL;
}

/* floor and its kin: an integer is what it is. */
static struct cell *rounding(struct scheme *scheme, struct cell *arguments)
{
	const struct function *function = scheme->calling->datum;
	struct cell *number = argument_number(scheme, arguments, 0);

	if (!number || number->type == CELL_INTEGER)
		return number;
	return scheme_real(scheme, function->of(number->real));
}

static struct cell *arc_tangent(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *y = argument_number(scheme, arguments, 0);

	if (!y)
		return NULL;
	if (arguments->pair.tail->type == CELL_NIL)
		return scheme_real(scheme, atan(number_real(y)));
	const struct cell *x = argument_number(scheme, arguments->pair.tail, 1);

	return x ? scheme_real(scheme, atan2(number_real(y), number_real(x))) : NULL;
}

/* Whether a real number is a whole one that fits. */
static bool to_integer(double value, long *integer)
{
	const double limit = 9223372036854775808.0; /* LONG_MAX itself is no double */

	if (!(value >= -limit && value < limit) || value != trunc(value))
		return false;
	*integer = (long)value;
	return true;
}

static struct cell *to_exact(struct scheme *scheme, struct cell *arguments)
{
	struct cell *number = argument_number(scheme, arguments, 0);
	long integer;

	if (!number || number->type == CELL_INTEGER)
		return number;
	if (!to_integer(number->real, &integer))
		return scheme_fail(
			scheme, NULL, "%s: not integral, or too large", scheme->calling->name);
	return scheme_integer(scheme, integer);
}

static struct cell *to_inexact(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *number = argument_number(scheme, arguments, 0);

	return number ? scheme_real(scheme, number_real(number)) : NULL;
}

/* By squaring, so that the largest exponent takes no time; false when it gets too large. */
static bool power(long base, long exponent, long *result)
{
	*result = 1;
	for (; exponent > 0; exponent /= 2) {
		if (exponent % 2 != 0 && __builtin_mul_overflow(*result, base, result))
			return false;
		if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
			return false;
	}
	return true;
}

static struct cell *expt(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *base = argument_number(scheme, arguments, 0);
	const struct cell *exponent =
		base ? argument_number(scheme, arguments->pair.tail, 1) : NULL;
	long result;

	if (!exponent)
		return NULL;
	if (base->type == CELL_INTEGER && exponent->type == CELL_INTEGER &&
		exponent->integer >= 0 && power(base->integer, exponent->integer, &result))
		return scheme_integer(scheme, result);
	return scheme_real(scheme, pow(number_real(base), number_real(exponent)));
}

static struct cell *square_root(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *number = argument_number(scheme, arguments, 0);
	long root;

	if (!number)
		return NULL;
	double value = sqrt(number_real(number));

	if (number->type == CELL_INTEGER && to_integer(value, &root) && root <= 3037000499 &&
		root * root == number->integer)
		return scheme_integer(scheme, root);
	return scheme_real(scheme, value);
}

static bool radix(struct scheme *scheme, struct cell *arguments, int *base)
{
	struct cell *rest = arguments->pair.tail;

	*base = 10;
	if (rest->type == CELL_NIL)
		return true;
	const struct cell *given = argument_at(scheme, rest, 1, CELL_INTEGER);

	if (!given)
		return false;
	if (given->integer < 2 || given->integer > 16)
		return scheme_fail(scheme, NULL, "%s: the base must be from 2 to 16",
			       scheme->calling->name) != NULL;
	*base = (int)given->integer;
	return true;
}

static struct cell *number_to_string(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *number = argument_number(scheme, arguments, 0);
	struct text text = text_make(scheme->arena);
	int base;

	if (!number || !radix(scheme, arguments, &base))
		return NULL;
	number_print(&text, number, base);
	return scheme_string(scheme, text.bytes, text.length);
}

static struct cell *string_to_number(struct scheme *scheme, struct cell *arguments)
{
	enum { PER_STEP = 8 };
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	int base;

	if (!string || !radix(scheme, arguments, &base) ||
		!scheme_spend(scheme, string->string.length / PER_STEP))
		return NULL;
	struct cell *number =
		number_parse(scheme, string->string.bytes, string->string.length, base);

	return number || scheme->error.text ? number : &scheme->false_value;
}

static struct cell *is_integer(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *cell = arguments->pair.head;
	bool whole =
		cell->type == CELL_REAL && cell->real == trunc(cell->real) && isfinite(cell->real);

	return scheme_boolean(scheme, cell->type == CELL_INTEGER || whole);
}

#define FUNCTION(name) (&(const struct function){name})

const struct primitive builtin_mathematics[] = {
	{"acos", real_function, 1, 1, FUNCTION(acos)},
	{"asin", real_function, 1, 1, FUNCTION(asin)},
	{"atan", arc_tangent, 1, 2, NULL},
	{"ceiling", rounding, 1, 1, FUNCTION(ceil)},
	{"cos", real_function, 1, 1, FUNCTION(cos)},
	{"exact->inexact", to_inexact, 1, 1, NULL},
	{"exp", real_function, 1, 1, FUNCTION(exp)},
	{"expt", expt, 2, 2, NULL},
	{"floor", rounding, 1, 1, FUNCTION(floor)},
	{"inexact->exact", to_exact, 1, 1, NULL},
	{"integer?", is_integer, 1, 1, NULL},
	{"log", real_function, 1, 1, FUNCTION(log)},
	{"number->string", number_to_string, 1, 2, NULL},
	{"round", rounding, 1, 1, FUNCTION(rint)}, /* halves to the even number */
	{"sin", real_function, 1, 1, FUNCTION(sin)},
	{"sqrt", square_root, 1, 1, NULL},
	{"string->number", string_to_number, 1, 2, NULL},
	{"tan", real_function, 1, 1, FUNCTION(tan)},
	{"truncate", rounding, 1, 1, FUNCTION(trunc)},
	{NULL, NULL, 0, 0, NULL},
};
