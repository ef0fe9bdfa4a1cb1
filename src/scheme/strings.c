/* Strings. Changing one gives it new bytes, as others may hold the old ones. */
#include <stdlib.h>
#include <string.h>

#include "scheme/builtins.h"
#include "scheme/number.h"
#include "scheme/print.h"

static struct cell *primitive_string_append(struct scheme *scheme, struct cell *arguments)
{
	struct text text = text_make(scheme->arena);

	for (int i = 0; arguments->type == CELL_PAIR; i++, arguments = arguments->pair.tail) {
		const struct cell *string = argument_at(scheme, arguments, i, CELL_STRING);

		if (!string || !scheme_has_room(scheme, string->string.length))
			return NULL;
		text_add_bytes(&text, string->string.bytes, string->string.length);
	}
	return scheme_string(scheme, text.bytes, text.length);
}

static struct cell *primitive_string_length(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);

	return string ? scheme_integer(scheme, (long)string->string.length) : NULL;
}

/* (substring string from [to]), and all of a string to copy it. */
static struct cell *primitive_substring(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	const struct cell *rest = string ? arguments->pair.tail : NULL;
	size_t from = 0, to = string ? string->string.length : 0;

	if (!string)
		return NULL;
	if (rest->type == CELL_PAIR && rest->pair.tail->type == CELL_PAIR &&
		!argument_index(scheme, arguments, 2, to, &to))
		return NULL;
	if (rest->type == CELL_PAIR && !argument_index(scheme, arguments, 1, to, &from))
		return NULL;
	return scheme_string(scheme, string->string.bytes + from, to - from);
}

/* The index of a byte of the string in the first argument. */
static struct cell *string_at(struct scheme *scheme, struct cell *arguments, size_t *index)
{
	struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);

	if (!string)
		return NULL;
	if (string->string.length == 0)
		return scheme_fail(scheme, NULL, "%s: index is out of bounds: the string is empty",
			scheme->calling->name);
	return argument_index(scheme, arguments, 1, string->string.length - 1, index) ? string
										      : NULL;
}

static struct cell *primitive_string_ref(struct scheme *scheme, struct cell *arguments)
{
	size_t index;
	const struct cell *string = string_at(scheme, arguments, &index);

	return string ? scheme_character(scheme, (unsigned char)string->string.bytes[index]) : NULL;
}

/* A copy of a string's bytes, or NULL after an error. */
static char *copy_bytes(struct scheme *scheme, const struct cell *string)
{
	if (!scheme_has_room(scheme, string->string.length))
		return NULL;
	return arena_copy(scheme->arena, string->string.bytes, string->string.length);
}

static struct cell *primitive_string_set(struct scheme *scheme, struct cell *arguments)
{
	size_t index;
	struct cell *string = string_at(scheme, arguments, &index);
	const struct cell *character =
		string ? argument_of(scheme, arguments, 2, CELL_CHARACTER) : NULL;
	char *bytes = character ? copy_bytes(scheme, string) : NULL;

	if (!bytes)
		return NULL;
	bytes[index] = (char)character->character;
	string->string.bytes = bytes;
	return string;
}

static struct cell *primitive_string_fill(struct scheme *scheme, struct cell *arguments)
{
	struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	const struct cell *character =
		string ? argument_of(scheme, arguments, 1, CELL_CHARACTER) : NULL;
	char *bytes = character ? copy_bytes(scheme, string) : NULL;

	if (!bytes)
		return NULL;
	memset(bytes, character->character, string->string.length);
	string->string.bytes = bytes;
	return string;
}

static struct cell *primitive_make_string(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *fill = NULL;
	struct cell *string = scheme_new(scheme, CELL_STRING);
	size_t length;

	if (!argument_index(scheme, arguments, 0, SIZE_MAX / 4, &length) ||
		!scheme_has_room(scheme, length))
		return NULL;
	if (arguments->pair.tail->type == CELL_PAIR) {
		fill = argument_of(scheme, arguments, 1, CELL_CHARACTER);
		if (!fill)
			return NULL;
	}
	char *bytes = arena_alloc(scheme->arena, length + 1);

	memset(bytes, fill ? fill->character : ' ', length);
	string->string.bytes = bytes;
	string->string.length = length;
	return string;
}

/* The characters of a list as a string. */
static struct cell *from_list(struct scheme *scheme, struct cell *list)
{
	struct text text = text_make(scheme->arena);

	for (; list->type == CELL_PAIR; list = list->pair.tail) {
		const struct cell *character = list->pair.head;

		if (character->type != CELL_CHARACTER)
			return scheme_fail(scheme, NULL, "%s: expected a character, got %s",
				scheme->calling->name, scheme_type_name(character));
		char byte = (char)character->character;

		text_add_bytes(&text, &byte, 1);
	}
	return scheme_string(scheme, text.bytes, text.length);
}

static struct cell *primitive_list_to_string(struct scheme *scheme, struct cell *arguments)
{
	struct cell *list = argument_list(scheme, arguments, 0);

	return list ? from_list(scheme, list) : NULL;
}

static struct cell *primitive_string_to_list(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *string = argument_of(scheme, arguments, 0, CELL_STRING);
	struct cell *list = &scheme->nil;

	if (!string)
		return NULL;
	for (size_t i = string->string.length; i > 0 && !scheme->error.text; i--)
		list = scheme_cons(scheme,
			scheme_character(scheme, (unsigned char)string->string.bytes[i - 1]), list);
	return list;
}

static bool is_atom(const struct cell *cell)
{
	return builtin_is_number(cell) || cell->type == CELL_SYMBOL ||
	       cell->type == CELL_CHARACTER || cell->type == CELL_STRING ||
	       cell->type == CELL_BOOLEAN || cell->type == CELL_NIL;
}

static struct cell *primitive_atom_to_string(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *atom = arguments->pair.head;
	struct text text = text_make(scheme->arena);

	if (!is_atom(atom))
		return scheme_fail(scheme, NULL, "atom->string: argument 1 must be atom, got %s",
			scheme_type_name(atom));
	if (atom->type == CELL_STRING)
		return scheme_string(scheme, atom->string.bytes, atom->string.length);
	print_value(scheme, &text, atom, PRINT_DISPLAY, SCHEME_MEMORY);
	return scheme_string(scheme, text.bytes, text.length);
}

/* What the reader would make of it, but for lists and strings: a number or a symbol. */
static struct cell *primitive_string_to_atom(struct scheme *scheme, struct cell *arguments)
{
	enum { PER_STEP = 8 };
	const char *text = argument_text(scheme, arguments, 0);
	size_t length = text ? strlen(text) : 0;

	if (!text || !scheme_spend(scheme, length / PER_STEP) || !scheme_has_room(scheme, length))
		return NULL;
	struct cell *number = number_parse(scheme, text, length, 10);

	if (number || scheme->error.text)
		return number;
	if (text_is(text, "#t") || text_is(text, "#f"))
		return scheme_boolean(scheme, text[1] == 't');
	return scheme_symbol(scheme, text, length);
}

const struct primitive builtin_strings[] = {
	{"atom->string", primitive_atom_to_string, 1, 1, NULL},
	{"list->string", primitive_list_to_string, 1, 1, NULL},
	{"make-string", primitive_make_string, 1, 2, NULL},
	{"string", from_list, 0, -1, NULL},
	{"string->atom", primitive_string_to_atom, 1, 1, NULL},
	{"string->list", primitive_string_to_list, 1, 1, NULL},
	{"string-append", primitive_string_append, 0, -1, NULL},
	{"string-copy", primitive_substring, 1, 1, NULL},
	{"string-fill!", primitive_string_fill, 2, 2, NULL},
	{"string-length", primitive_string_length, 1, 1, NULL},
	{"string-ref", primitive_string_ref, 2, 2, NULL},
	{"string-set!", primitive_string_set, 3, 3, NULL},
	{"substring", primitive_substring, 2, 3, NULL},
	{NULL, NULL, 0, 0, NULL},
};
