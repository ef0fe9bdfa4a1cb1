/* Numbers as text. */
#include "scheme/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheme/builtins.h"

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

static struct cell *too_large(struct scheme *scheme)
{
	return scheme_fail(scheme, NULL, "number is too large");
}

static size_t skip_digits(const char *bytes, size_t length, size_t at)
{
	while (at < length && digit_of(bytes[at]) < 10)
		at++;
	return at;
}

/* [digits][.digits][e[sign]digits] with a digit in front of the exponent. */
static bool is_real(const char *bytes, size_t length)
{
	size_t at = skip_digits(bytes, length, 0);
	size_t digits = at;

	if (at < length && bytes[at] == '.') {
		size_t end = skip_digits(bytes, length, at + 1);

		digits += end - at - 1;
		at = end;
	}
	if (digits == 0)
		return false;
	if (at == length)
		return true;
	if (bytes[at] != 'e' && bytes[at] != 'E')
		return false;
	at++;
	if (at < length && (bytes[at] == '+' || bytes[at] == '-'))
		at++;
	return at < length && skip_digits(bytes, length, at) == length;
}

static struct cell *parse_real(
	struct scheme *scheme, const char *bytes, size_t length, bool negative)
{
	if (!is_real(bytes, length))
		return NULL;
	/* strtod needs an end. */
	double value = strtod(arena_copy(scheme->arena, bytes, length), NULL);

	if (!isfinite(value))
		return too_large(scheme);
	return scheme_real(scheme, negative ? -value : value);
}

struct cell *number_parse(struct scheme *scheme, const char *bytes, size_t length, int base)
{
	bool negative = length > 0 && bytes[0] == '-';
	bool overflow = false;
	long value = 0;

	if (length > 0 && (negative || bytes[0] == '+')) {
		bytes++;
		length--;
	}
	if (length == 0)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		int digit = digit_of(bytes[i]);

		if (digit >= base)
			return base == 10 ? parse_real(scheme, bytes, length, negative) : NULL;
		overflow |= __builtin_mul_overflow(value, base, &value) ||
			    __builtin_sub_overflow(value, digit, &value);
	}
	/* Counted downwards, as there is one more negative number. */
	if (!negative)
		overflow |= __builtin_sub_overflow(0, value, &value);
	return overflow ? too_large(scheme) : scheme_integer(scheme, value);
}

static void print_integer(struct text *text, long value, int base)
{
	char digits[8 * sizeof(value) + 1];
	size_t at = sizeof(digits);
	unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;

	do
		digits[--at] = "0123456789abcdef"[rest % (unsigned)base];
	while (rest /= (unsigned)base);
	if (value < 0)
		digits[--at] = '-';
	text_add_bytes(text, digits + at, sizeof(digits) - at);
}

void number_print(struct text *text, const struct cell *number, int base)
{
	char digits[32];

	if (number->type == CELL_INTEGER) {
		print_integer(text, number->integer, base);
		return;
	}
	snprintf(digits, sizeof(digits), "%.10g", number->real);
	text_add(text, digits);
	/* What is not exact shows it. */
	if (isfinite(number->real) && !strpbrk(digits, ".e"))
		text_add(text, ".0");
}

double number_real(const struct cell *number)
{
	return number->type == CELL_REAL ? number->real : (double)number->integer;
}

struct cell *argument_number(struct scheme *scheme, struct cell *rest, int index)
{
	struct cell *argument = rest->pair.head;

	if (builtin_is_number(argument))
		return argument;
	return scheme_fail(scheme, NULL, "%s: argument %d must be number, got %s",
		scheme->calling->name, index + 1, scheme_type_name(argument));
}
