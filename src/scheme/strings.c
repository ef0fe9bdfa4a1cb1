#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "scheme/builtins.h"

static struct cell *primitive_string_append(struct scheme *scheme, struct cell *arguments)
{
	struct text text = text_make(scheme->arena);

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		struct cell *string = argument_at(scheme, arguments, i, CELL_STRING);

		if (!string)
			return NULL;
		text_add_bytes(&text, string->string.bytes, string->string.length);
		if (scheme->arena->used > scheme->memory_limit)
			return scheme_fail(scheme, NULL, "the profile needs too much memory");
	}
	return scheme_string(scheme, text.bytes, text.length);
}

static struct cell *primitive_string_length(struct scheme *scheme, struct cell *arguments)
{
	struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);

	return string ? scheme_integer(scheme, (long)string->string.length) : NULL;
}

static struct cell *primitive_substring(struct scheme *scheme, struct cell *arguments)
{
	struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	struct cell *from = string ? argument_of(scheme, arguments, 1, CELL_INTEGER) : NULL;

	if (!from)
		return NULL;
	long length = (long)string->string.length, end = length;

	if (scheme_length(arguments) == 3) {
		struct cell *to = argument_of(scheme, arguments, 2, CELL_INTEGER);

		if (!to)
			return NULL;
		end = to->integer;
	}
	if (from->integer < 0 || end > length || from->integer > end)
		return scheme_fail(scheme, NULL, "substring: out of bounds");
	return scheme_string(
		scheme, string->string.bytes + from->integer, (size_t)(end - from->integer));
}

static struct cell *primitive_string_equal(struct scheme *scheme, struct cell *arguments)
{
	struct cell *a = argument_of(scheme, arguments, 0, CELL_STRING);
	struct cell *b = a ? argument_of(scheme, arguments, 1, CELL_STRING) : NULL;

	if (!b)
		return NULL;
	return scheme_boolean(
		scheme, a->string.length == b->string.length &&
				memcmp(a->string.bytes, b->string.bytes, a->string.length) == 0);
}

static struct cell *primitive_symbol_to_string(struct scheme *scheme, struct cell *arguments)
{
	struct cell *symbol = argument_of(scheme, arguments, 0, CELL_SYMBOL);

	return symbol ? scheme_string(scheme, symbol->symbol.name, strlen(symbol->symbol.name))
		      : NULL;
}

static struct cell *primitive_string_to_symbol(struct scheme *scheme, struct cell *arguments)
{
	struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);

	return string ? scheme_symbol(scheme, string->string.bytes, strlen(string->string.bytes))
		      : NULL;
}

static struct cell *primitive_number_to_string(struct scheme *scheme, struct cell *arguments)
{
	struct cell *number = argument_of(scheme, arguments, 0, CELL_INTEGER);

	if (!number)
		return NULL;
	char *digits = text_format(scheme->arena, "%ld", number->integer);

	return scheme_string(scheme, digits, strlen(digits));
}

static struct cell *primitive_string_to_number(struct scheme *scheme, struct cell *arguments)
{
	struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	char *end;

	if (!string)
		return NULL;
	long value = strtol(string->string.bytes, &end, 10);

	if (*end || end == string->string.bytes)
		return &scheme->false_value;
	return scheme_integer(scheme, value);
}

static struct cell *primitive_error(struct scheme *scheme, struct cell *arguments)
{
	struct cell *message = argument_of(scheme, arguments, 0, CELL_STRING);
	struct text text = text_make(scheme->arena);

	if (!message)
		return NULL;
	text_add(&text, message->string.bytes);
	while ((arguments = arguments->pair.tail)->type == CELL_PAIR && text.length < 400) {
		struct cell *detail = arguments->pair.head;

		if (detail->type == CELL_STRING)
			text_addf(&text, " %s", detail->string.bytes);
		else if (detail->type == CELL_SYMBOL)
			text_addf(&text, " %s", detail->symbol.name);
		else if (detail->type == CELL_INTEGER)
			text_addf(&text, " %ld", detail->integer);
	}
	return scheme_fail(scheme, NULL, "%s", text.bytes);
}

const struct primitive builtin_strings[] = {
	{"string-append", primitive_string_append, 0, -1, NULL},
	{"string-length", primitive_string_length, 1, 1, NULL},
	{"substring", primitive_substring, 2, 3, NULL},
	{"string=?", primitive_string_equal, 2, 2, NULL},
	{"symbol->string", primitive_symbol_to_string, 1, 1, NULL},
	{"string->symbol", primitive_string_to_symbol, 1, 1, NULL},
	{"number->string", primitive_number_to_string, 1, 1, NULL},
	{"string->number", primitive_string_to_number, 1, 1, NULL},
	{"error", primitive_error, 1, -1, NULL},
	{NULL, NULL, 0, 0, NULL},
};
