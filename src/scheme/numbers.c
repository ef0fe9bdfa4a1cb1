/* Arithmetic: integers stay integers, or are an error when they get too large. */
#include <math.h>

#include "scheme/builtins.h"
#include "scheme/number.h"

static struct cell *too_large(struct scheme *scheme)
{
	return scheme_fail(scheme, NULL, "%s: number is too large", scheme->calling->name);
}

/* What becomes of two numbers, as integers (false: too large) and as real ones. */
struct operation {
	bool (*integers)(long a, long b, long *result);
	double (*reals)(double a, double b);
	bool starts_at_one; /* the result of no argument */
};

static bool add_integers(long a, long b, long *result)
{
	return !__builtin_add_overflow(a, b, result);
}

static double add_reals(double a, double b)
{
	return a + b;
}

static bool subtract_integers(long a, long b, long *result)
{
	return !__builtin_sub_overflow(a, b, result);
}

static double subtract_reals(double a, double b)
{
	return a - b;
}

static bool multiply_integers(long a, long b, long *result)
{
	return !__builtin_mul_overflow(a, b, result);
}

static double multiply_reals(double a, double b)
{
	return a * b;
}

static const struct operation addition = {add_integers, add_reals, false};
static const struct operation subtraction = {subtract_integers, subtract_reals, false};
static const struct operation multiplication = {multiply_integers, multiply_reals, true};

static struct cell *combine(struct scheme *scheme, const struct operation *operation,
	const struct cell *a, const struct cell *b)
{
	long result;

	if (a->type == CELL_REAL || b->type == CELL_REAL)
		return scheme_real(scheme, operation->reals(number_real(a), number_real(b)));
	if (!operation->integers(a->integer, b->integer, &result))
		return too_large(scheme);
	return scheme_integer(scheme, result);
}

/* a OP b OP c ..., with one argument START OP a. */
static struct cell *calculate(struct scheme *scheme, struct cell *arguments)
{
	const struct operation *operation = scheme->calling->datum;
	struct cell *result = operation->starts_at_one ? &scheme->one : &scheme->zero;
	int index = 0;

	if (arguments->type == CELL_PAIR && arguments->pair.tail->type == CELL_PAIR) {
		result = argument_number(scheme, arguments, index++);
		arguments = arguments->pair.tail;
	}
	for (; result && arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		const struct cell *number = argument_number(scheme, arguments, index++);

		result = number ? combine(scheme, operation, result, number) : NULL;
	}
	return result;
}

/* Exact when it can be. */
static struct cell *divide_two(struct scheme *scheme, const struct cell *a, const struct cell *b)
{
	bool integers = a->type == CELL_INTEGER && b->type == CELL_INTEGER;

	if (number_real(b) == 0)
		return scheme_fail(scheme, NULL, "/: division by zero");
	if (integers && b->integer == -1)
		return combine(scheme, &subtraction, &scheme->zero, a);
	if (integers && a->integer % b->integer == 0)
		return scheme_integer(scheme, a->integer / b->integer);
	return scheme_real(scheme, number_real(a) / number_real(b));
}

static struct cell *divide(struct scheme *scheme, struct cell *arguments)
{
	struct cell *result = &scheme->one;
	int index = 0;

	if (arguments->pair.tail->type == CELL_PAIR) {
		result = argument_number(scheme, arguments, index++);
		arguments = arguments->pair.tail;
	}
	for (; result && arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		const struct cell *number = argument_number(scheme, arguments, index++);

		result = number ? divide_two(scheme, result, number) : NULL;
	}
	return result;
}

/* Less, equal or greater, as bits of which a relation accepts some. */
enum order { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };

static enum order order_of(const struct cell *a, const struct cell *b)
{
	if (a->type == CELL_INTEGER && b->type == CELL_INTEGER)
		return a->integer < b->integer ? LESS : a->integer > b->integer ? GREATER : EQUAL;
	double x = number_real(a), y = number_real(b);

	return x < y ? LESS : x > y ? GREATER : x == y ? EQUAL : UNORDERED;
}

/* True when the relation holds between all neighbours. */
static struct cell *compare(struct scheme *scheme, struct cell *arguments)
{
	const unsigned *accepted = scheme->calling->datum;
	const struct cell *a = argument_number(scheme, arguments, 0);
	bool holds = true;

	for (int i = 1; a && (arguments = arguments->pair.tail)->type == CELL_PAIR; i++) {
		const struct cell *b = argument_number(scheme, arguments, i);

		if (b && !(order_of(a, b) & *accepted))
			holds = false;
		a = b;
	}
	return a ? scheme_boolean(scheme, holds) : NULL;
}

static struct cell *is_zero_compared(struct scheme *scheme, struct cell *arguments)
{
	const unsigned *accepted = scheme->calling->datum;
	const struct cell *number = argument_number(scheme, arguments, 0);

	return number ? scheme_boolean(scheme, order_of(number, &scheme->zero) & *accepted) : NULL;
}

/* The largest or smallest; inexact when one of the arguments is. */
static struct cell *choose(struct scheme *scheme, struct cell *arguments)
{
	const unsigned *accepted = scheme->calling->datum;
	struct cell *best = argument_number(scheme, arguments, 0);
	bool real = best && best->type == CELL_REAL;

	for (int i = 1; best && (arguments = arguments->pair.tail)->type == CELL_PAIR; i++) {
		struct cell *number = argument_number(scheme, arguments, i);

		if (!number)
			return NULL;
		real = real || number->type == CELL_REAL;
		if (order_of(number, best) & *accepted)
			best = number;
	}
	return best && real ? scheme_real(scheme, number_real(best)) : best;
}

enum division { QUOTIENT, REMAINDER, MODULO };

static struct cell *divide_integers(struct scheme *scheme, struct cell *arguments)
{
	const enum division *division = scheme->calling->datum;
	const struct cell *a = argument_of(scheme, arguments, 0, CELL_INTEGER);
	const struct cell *b = a ? argument_of(scheme, arguments, 1, CELL_INTEGER) : NULL;

	if (!b)
		return NULL;
	if (b->integer == 0)
		return scheme_fail(scheme, NULL, "%s: division by zero", scheme->calling->name);
	if (b->integer == -1 && *division == QUOTIENT)
		return combine(scheme, &subtraction, &scheme->zero, a);
	if (*division == QUOTIENT)
		return scheme_integer(scheme, a->integer / b->integer);
	long rest = b->integer == -1 ? 0 : a->integer % b->integer;

	if (*division == MODULO && rest != 0 && (rest < 0) != (b->integer < 0))
		rest += b->integer;
	return scheme_integer(scheme, rest);
}

static struct cell *is_odd_or_even(struct scheme *scheme, struct cell *arguments)
{
	const bool *odd = scheme->calling->datum;
	const struct cell *number = argument_of(scheme, arguments, 0, CELL_INTEGER);

	return number ? scheme_boolean(scheme, (number->integer % 2 != 0) == *odd) : NULL;
}

static struct cell *absolute(struct scheme *scheme, struct cell *arguments)
{
	struct cell *number = argument_number(scheme, arguments, 0);

	if (!number || order_of(number, &scheme->zero) != LESS)
		return number;
	return combine(scheme, &subtraction, &scheme->zero, number);
}

static struct cell *add_datum(struct scheme *scheme, struct cell *arguments)
{
	const long *step = scheme->calling->datum;
	const struct cell *number = argument_number(scheme, arguments, 0);

	return number ? combine(scheme, &addition, number, scheme_integer(scheme, *step)) : NULL;
}

/* Never too large for an unsigned number, unlike the absolute value of one that is signed. */
static unsigned long common_divisor(unsigned long a, unsigned long b)
{
	while (b != 0) {
		unsigned long rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static unsigned long magnitude(long value)
{
	return value < 0 ? -(unsigned long)value : (unsigned long)value;
}

static struct cell *from_magnitude(struct scheme *scheme, unsigned long value)
{
	return (long)value < 0 ? too_large(scheme) : scheme_integer(scheme, (long)value);
}

static struct cell *gcd(struct scheme *scheme, struct cell *arguments)
{
	unsigned long result = 0;

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		const struct cell *number = argument_at(scheme, arguments, i, CELL_INTEGER);

		if (!number)
			return NULL;
		result = common_divisor(result, magnitude(number->integer));
	}
	return from_magnitude(scheme, result);
}

static struct cell *lcm(struct scheme *scheme, struct cell *arguments)
{
	unsigned long result = 1;

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		const struct cell *number = argument_at(scheme, arguments, i, CELL_INTEGER);

		if (!number)
			return NULL;
		if (number->integer == 0)
			return scheme_integer(scheme, 0);
		unsigned long value = magnitude(number->integer);

		if (__builtin_mul_overflow(result / common_divisor(result, value), value, &result))
			return too_large(scheme);
	}
	return from_magnitude(scheme, result);
}

#define ACCEPTED(bits) (&(const unsigned){bits})

const struct primitive builtin_numbers[] = {
	{"*", calculate, 0, -1, &multiplication},
	{"+", calculate, 0, -1, &addition},
	{"-", calculate, 1, -1, &subtraction},
	{"/", divide, 1, -1, NULL},
	{"<", compare, 1, -1, ACCEPTED(LESS)},
	{"<=", compare, 1, -1, ACCEPTED(LESS | EQUAL)},
	{"<>", compare, 2, 2, ACCEPTED(LESS | GREATER)},
	{"=", compare, 1, -1, ACCEPTED(EQUAL)},
	{">", compare, 1, -1, ACCEPTED(GREATER)},
	{">=", compare, 1, -1, ACCEPTED(GREATER | EQUAL)},
	{"abs", absolute, 1, 1, NULL},
	{"even?", is_odd_or_even, 1, 1, &(const bool){false}},
	{"gcd", gcd, 0, -1, NULL},
	{"lcm", lcm, 0, -1, NULL},
	{"max", choose, 1, -1, ACCEPTED(GREATER)},
	{"min", choose, 1, -1, ACCEPTED(LESS)},
	{"modulo", divide_integers, 2, 2, &(const enum division){MODULO}},
	{"negative?", is_zero_compared, 1, 1, ACCEPTED(LESS)},
	{"odd?", is_odd_or_even, 1, 1, &(const bool){true}},
	{"positive?", is_zero_compared, 1, 1, ACCEPTED(GREATER)},
	{"pred", add_datum, 1, 1, &(const long){-1}},
	{"quotient", divide_integers, 2, 2, &(const enum division){QUOTIENT}},
	{"remainder", divide_integers, 2, 2, &(const enum division){REMAINDER}},
	{"succ", add_datum, 1, 1, &(const long){1}},
	{"zero?", is_zero_compared, 1, 1, ACCEPTED(EQUAL)},
	{NULL, NULL, 0, 0, NULL},
};
