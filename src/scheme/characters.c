/* Characters are bytes; only ASCII ones have a class or a case. */
#include <string.h>
#include <strings.h>

#include "scheme/builtins.h"
#include "scheme/number.h"

/* The first name of a character is the one that is written. */
static const struct {
	const char *name;
	unsigned char value;
} names[] = {
	{"space", ' '},
	{"newline", '\n'},
	{"return", '\r'},
	{"tab", '\t'},
	{"nul", 0},
	{"soh", 1},
	{"stx", 2},
	{"etx", 3},
	{"eot", 4},
	{"enq", 5},
	{"ack", 6},
	{"bel", 7},
	{"bs", 8},
	{"ht", 9},
	{"lf", 10},
	{"vt", 11},
	{"ff", 12},
	{"cr", 13},
	{"so", 14},
	{"si", 15},
	{"dle", 16},
	{"dc1", 17},
	{"dc2", 18},
	{"dc3", 19},
	{"dc4", 20},
	{"nak", 21},
	{"syn", 22},
	{"etb", 23},
	{"can", 24},
	{"em", 25},
	{"sub", 26},
	{"esc", 27},
	{"fs", 28},
	{"gs", 29},
	{"rs", 30},
	{"us", 31},
	{"del", 127},
};

enum { NAMES = sizeof(names) / sizeof(names[0]) };

int builtin_character_named(const char *name, size_t length)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (strlen(names[i].name) == length &&
			strncasecmp(names[i].name, name, length) == 0)
			return names[i].value;
	}
	return -1;
}

const char *builtin_character_name(unsigned char character)
{
	for (size_t i = 0; i < NAMES; i++) {
		if (names[i].value == character)
			return names[i].name;
	}
	return NULL;
}

static bool is_upper(unsigned char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(unsigned char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_letter(unsigned char c)
{
	return is_upper(c) || is_lower(c);
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct class
{
	bool (*has)(unsigned char c);
};

static struct cell *is_in_class(struct scheme *scheme, struct cell *arguments)
{
	const struct class *class = scheme->calling->datum;
	const struct cell *character = argument_of(scheme, arguments, 0, CELL_CHARACTER);

	return character ? scheme_boolean(scheme, class->has(character->character)) : NULL;
}

static struct cell *upcase(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *character = argument_of(scheme, arguments, 0, CELL_CHARACTER);

	if (!character)
		return NULL;
	unsigned char c = character->character;

	return scheme_character(scheme, is_lower(c) ? (unsigned char)(c - 'a' + 'A') : c);
}

static struct cell *downcase(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *character = argument_of(scheme, arguments, 0, CELL_CHARACTER);

	if (!character)
		return NULL;
	unsigned char c = character->character;

	return scheme_character(scheme, is_upper(c) ? (unsigned char)(c - 'A' + 'a') : c);
}

static struct cell *to_integer(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *character = argument_of(scheme, arguments, 0, CELL_CHARACTER);

	return character ? scheme_integer(scheme, character->character) : NULL;
}

static struct cell *from_integer(struct scheme *scheme, struct cell *arguments)
{
	size_t value;

	if (!argument_index(scheme, arguments, 0, 255, &value))
		return NULL;
	return scheme_character(scheme, (unsigned char)value);
}

#define CLASS(name) (&(const struct class){name})

const struct primitive builtin_characters[] = {
	{"char->integer", to_integer, 1, 1, NULL},
	{"char-alphabetic?", is_in_class, 1, 1, CLASS(is_letter)},
	{"char-downcase", downcase, 1, 1, NULL},
	{"char-lower-case?", is_in_class, 1, 1, CLASS(is_lower)},
	{"char-numeric?", is_in_class, 1, 1, CLASS(is_digit)},
	{"char-upcase", upcase, 1, 1, NULL},
	{"char-upper-case?", is_in_class, 1, 1, CLASS(is_upper)},
	{"char-whitespace?", is_in_class, 1, 1, CLASS(is_space)},
	{"integer->char", from_integer, 1, 1, NULL},
	{NULL, NULL, 0, 0, NULL},
};
