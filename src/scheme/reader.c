#include "scheme/reader.h"

#include <string.h>

#include "scheme/builtins.h"
#include "scheme/number.h"

enum { NESTING_MAX = 1000 };

/* The text from start on is where the cell comes from. */
static void set_span(const struct reader *reader, struct cell *cell, size_t start)
{
	enum { LONGEST = 0xffffff };
	size_t length = reader->at - start;

	cell->source = reader->source;
	cell->start = (uint32_t)start;
	cell->length = (length < LONGEST ? (uint32_t)length : LONGEST) & LONGEST;
}

static void *fail(struct reader *reader, size_t start, const char *what)
{
	struct origin origin = {reader->source, (uint32_t)start, 1};

	/* What is half read is not caught: no rule after it would be there. */
	return scheme_end(reader->scheme, &origin, "%s", what);
}

static inline int peek(const struct reader *reader)
{
	if (reader->at >= reader->source->length)
		return -1;
	return (unsigned char)reader->source->text[reader->at];
}

static int peek_second(const struct reader *reader)
{
	if (reader->at + 1 >= reader->source->length)
		return -1;
	return (unsigned char)reader->source->text[reader->at + 1];
}

enum { SPACE = 1, DELIMITER = 2 };

static const unsigned char classes[256] = {
	[' '] = SPACE | DELIMITER,
	['\t'] = SPACE | DELIMITER,
	['\n'] = SPACE | DELIMITER,
	['\v'] = SPACE | DELIMITER,
	['\f'] = SPACE | DELIMITER,
	['\r'] = SPACE | DELIMITER,
	['('] = DELIMITER,
	[')'] = DELIMITER,
	['"'] = DELIMITER,
	[';'] = DELIMITER,
};

static bool is_delimiter(int c)
{
	return c < 0 || classes[c] & DELIMITER;
}

static void skip_line(struct reader *reader)
{
	const char *start = reader->source->text + reader->at;
	size_t rest = reader->source->length - reader->at;
	const char *end = memchr(start, '\n', rest);

	reader->at += end ? (size_t)(end - start) : rest;
}

static void skip_blanks(struct reader *reader)
{
	for (;;) {
		int c = peek(reader);

		if (c >= 0 && classes[c] & SPACE)
			reader->at++;
		else if (c == ';' || (c == '#' && peek_second(reader) == '!'))
			skip_line(reader);
		else
			return;
	}
}

static int digit_value(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Up to most digits; the number of digits read. */
static int read_digits(struct reader *reader, int base, int most, int *value)
{
	int count = 0;

	*value = 0;
	while (count < most && digit_value(peek(reader)) < base) {
		*value = *value * base + digit_value(peek(reader));
		reader->at++;
		count++;
	}
	return count;
}

/* After the backslash. -1: bad. */
static int read_escape(struct reader *reader)
{
	int c = peek(reader);
	int value;

	if (c >= '0' && c <= '7') {
		read_digits(reader, 8, 3, &value);
		return value & 0xff;
	}
	reader->at++;
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'x':
		return read_digits(reader, 16, 2, &value) == 2 ? value : -1;
	default:
		return c;
	}
}

/* Where the string that begins at reader->at ends, or the end of the text. */
static size_t find_quote(const struct reader *reader, bool raw)
{
	const char *text = reader->source->text;
	size_t at = reader->at, length = reader->source->length;

	while (at < length && text[at] != '"')
		at += text[at] == '\\' && !raw ? 2 : 1;
	return at < length ? at : length;
}

/* The bytes up to end with escapes replaced: they never get more. */
static char *read_bytes(struct reader *reader, size_t end, size_t *length)
{
	char *bytes = arena_alloc(reader->scheme->arena, end - reader->at + 1);

	*length = 0;
	while (reader->at < end) {
		int c = peek(reader);
		size_t escape = reader->at++;

		if (c == '\\')
			c = read_escape(reader);
		if (c < 0)
			return fail(reader, escape, "bad escape in string");
		bytes[(*length)++] = (char)c;
	}
	return bytes;
}

static struct cell *read_string(struct reader *reader, size_t start, bool raw)
{
	struct cell *cell = scheme_new(reader->scheme, CELL_STRING);

	reader->at++;
	const char *bytes = reader->source->text + reader->at;
	size_t end = find_quote(reader, raw), length = end - reader->at;

	if (end == reader->source->length)
		return fail(reader, start, "string is not closed: expecting '\"'");
	if (!scheme_has_room(reader->scheme, length))
		return NULL;
	if (raw || !memchr(bytes, '\\', length))
		bytes = arena_copy(reader->scheme->arena, bytes, length);
	else
		bytes = read_bytes(reader, end, &length);
	if (!bytes)
		return NULL;
	cell->string.bytes = bytes;
	cell->string.length = length;
	reader->at = end + 1;
	set_span(reader, cell, start);
	return cell;
}

/* The number that a token is, or NULL; an error has its place there. */
static struct cell *read_number(
	struct reader *reader, const char *token, size_t length, int base, size_t start)
{
	struct origin place = reader->scheme->place;

	reader->scheme->place = (struct origin){reader->source, (uint32_t)start, 1};
	struct cell *number = number_parse(reader->scheme, token, length, base);

	reader->scheme->place = place;
	return number;
}

/* A token that begins with #\, without that. */
static struct cell *read_character(
	struct reader *reader, const char *name, size_t length, size_t start)
{
	int value = -1, digits = 0;

	if (length == 0 && peek(reader) >= 0)
		return scheme_character(
			reader->scheme, (unsigned char)reader->source->text[reader->at++]);
	if (length == 1)
		return scheme_character(reader->scheme, (unsigned char)name[0]);
	if (length >= 2 && length <= 3 && name[0] == 'x') {
		for (value = 0; digits + 1 < (int)length; digits++) {
			int digit = digit_value((unsigned char)name[digits + 1]);

			if (digit >= 16)
				break;
			value = value * 16 + digit;
		}
	}
	if (digits == 0 || digits + 1 < (int)length)
		value = builtin_character_named(name, length);
	if (value < 0)
		return fail(reader, start, "unknown character name");
	return scheme_character(reader->scheme, (unsigned char)value);
}

/* A token that begins with '#', without the '#'. */
static struct cell *read_hash(struct reader *reader, const char *token, size_t length, size_t start)
{
	static const struct {
		char letter;
		int base;
	} bases[] = {{'b', 2}, {'o', 8}, {'d', 10}, {'x', 16}};
	struct cell *cell = NULL;

	if (length == 1 && (token[0] == 't' || token[0] == 'f'))
		return scheme_boolean(reader->scheme, token[0] == 't');
	if (length > 0 && token[0] == '\\')
		return read_character(reader, token + 1, length - 1, start);
	for (size_t i = 0; length > 1 && i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (token[0] == bases[i].letter)
			cell = read_number(reader, token + 1, length - 1, bases[i].base, start);
	}
	return cell ? cell : fail(reader, start, "undefined sharp expression");
}

static bool may_be_number(const char *token, size_t length)
{
	return digit_value((unsigned char)token[0]) < 10 ||
	       (length > 1 && (token[0] == '+' || token[0] == '-' || token[0] == '.'));
}

static struct cell *read_atom(struct reader *reader)
{
	size_t start = reader->at;
	const char *token = reader->source->text + start;

	size_t length = 0, most = reader->source->length - start;

	while (length < most && !(classes[(unsigned char)token[length]] & DELIMITER))
		length++;
	reader->at += length;
	if (memchr(token, '\0', length))
		return fail(reader, start, "NUL byte in the text");
	if (token[0] == '#')
		return read_hash(reader, token + 1, length - 1, start);
	struct cell *number =
		may_be_number(token, length) ? read_number(reader, token, length, 10, start) : NULL;

	if (number || reader->scheme->error.text || !scheme_has_room(reader->scheme, length))
		return number;
	return scheme_symbol(reader->scheme, token, length);
}

static struct cell *read_datum(struct reader *reader);

/* The datum after a dot, which ends the list. */
static struct cell *read_rest(struct reader *reader, size_t dot, bool first)
{
	reader->at++;
	struct cell *rest = read_datum(reader);

	if (!rest)
		return NULL;
	skip_blanks(reader);
	if (peek(reader) != ')' || first)
		return fail(reader, dot, "syntax error: illegal dot expression");
	return rest;
}

static struct cell *read_list(struct reader *reader, size_t start)
{
	struct cell *list = &reader->scheme->nil;
	struct cell **end = &list;

	reader->at++;
	for (;;) {
		skip_blanks(reader);
		int c = peek(reader);
		size_t at = reader->at;

		if (c < 0)
			return fail(reader, start, "syntax error: expecting ')'");
		if (c == ')')
			break;
		if (c == '.' && is_delimiter(peek_second(reader))) {
			*end = read_rest(reader, at, end == &list);
			if (!*end)
				return NULL;
			break;
		}
		struct cell *datum = read_datum(reader);

		if (!datum)
			return NULL;
		struct cell *pair = scheme_cons(reader->scheme, datum, &reader->scheme->nil);

		set_span(reader, pair, at);
		*end = pair;
		end = &pair->pair.tail;
	}
	reader->at++;
	if (list->type == CELL_PAIR)
		set_span(reader, list, start);
	return list;
}

static struct cell *read_vector(struct reader *reader, size_t start)
{
	reader->at++;
	struct cell *list = read_list(reader, start);

	if (!list)
		return NULL;
	if (scheme_length(list) < 0)
		return fail(reader, start, "syntax error: a vector has no dot");
	return builtin_list_to_vector(reader->scheme, list);
}

/* 'x is (quote x), and so on: what stands for the name has so many characters. */
static struct cell *read_quoted(
	struct reader *reader, const char *name, size_t characters, size_t start)
{
	struct scheme *scheme = reader->scheme;

	reader->at += characters;
	struct cell *datum = read_datum(reader);

	if (!datum)
		return NULL;
	struct cell *form = scheme_cons(scheme, scheme_symbol(scheme, name, strlen(name)),
		scheme_cons(scheme, datum, &scheme->nil));

	set_span(reader, form, start);
	return form;
}

static struct cell *read_by_first(struct reader *reader, size_t start)
{
	int second = peek_second(reader);

	switch (peek(reader)) {
	case '(':
		return read_list(reader, start);
	case ')':
		return fail(reader, start, "syntax error: ')' without '('");
	case '"':
		return read_string(reader, start, false);
	case '\'':
		return read_quoted(reader, "quote", 1, start);
	case '`':
		return read_quoted(reader, "quasiquote", 1, start);
	case ',':
		if (second == '@')
			return read_quoted(reader, "unquote-splicing", 2, start);
		return read_quoted(reader, "unquote", 1, start);
	case '#':
		if (second == '(')
			return read_vector(reader, start);
		if (second != '"')
			break;
		reader->at++;
		return read_string(reader, start, true);
	default:
		break;
	}
	return read_atom(reader);
}

static struct cell *read_datum(struct reader *reader)
{
	skip_blanks(reader);
	size_t start = reader->at;

	if (peek(reader) < 0)
		return fail(reader, start, "syntax error: the text ends too early");
	if (++reader->depth > NESTING_MAX)
		return fail(reader, start, "nested too deeply");
	struct cell *datum = scheme_has_stack(reader->scheme) ? read_by_first(reader, start) : NULL;

	reader->depth--;
	return datum;
}

struct cell *reader_next(struct reader *reader)
{
	skip_blanks(reader);
	reader->start = reader->at;
	if (peek(reader) < 0 || reader->scheme->error.text)
		return NULL;
	return read_datum(reader);
}
