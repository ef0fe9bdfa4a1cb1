#include "scheme/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NESTING_MAX = 1000, TOKEN_MAX = 1024 };

static struct origin span(const struct reader *reader, size_t start)
{
	return (struct origin){reader->source, (uint32_t)start, (uint32_t)(reader->at - start)};
}

static struct cell *fail(struct reader *reader, size_t start, const char *what)
{
	struct origin origin = {reader->source, (uint32_t)start, 1};

	return scheme_fail(reader->scheme, &origin, "%s", what);
}

static int peek(const struct reader *reader)
{
	if (reader->at >= reader->source->length)
		return -1;
	return (unsigned char)reader->source->text[reader->at];
}

static bool is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_delimiter(int c)
{
	return c < 0 || is_space(c) || c == '(' || c == ')' || c == '"' || c == ';' || c == '\'';
}

static void skip_line(struct reader *reader)
{
	while (peek(reader) >= 0 && peek(reader) != '\n')
		reader->at++;
}

static void skip_blanks(struct reader *reader)
{
	for (;;) {
		int c = peek(reader);

		if (c == ';' || (c == '#' && reader->at + 1 < reader->source->length &&
					reader->source->text[reader->at + 1] == '!'))
			skip_line(reader);
		else if (is_space(c))
			reader->at++;
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

static struct cell *read_string(struct reader *reader, size_t start, bool raw)
{
	struct text text = text_make(reader->scheme->arena);

	reader->at++;
	for (;;) {
		int c = peek(reader);

		if (c < 0)
			return fail(reader, start, "string is not closed: expecting '\"'");
		if (c == '"')
			break;
		if (c == '\\' && !raw) {
			size_t escape = reader->at++;

			c = read_escape(reader);
			if (c < 0)
				return fail(reader, escape, "bad escape in string");
		} else {
			reader->at++;
		}
		text_add_bytes(&text, &(char){(char)c}, 1);
		if (text.length >= TOKEN_MAX)
			return fail(reader, start, "string is longer than 1023 bytes");
	}
	reader->at++;
	struct cell *cell = scheme_string(reader->scheme, text.bytes, text.length);

	cell->origin = span(reader, start);
	return cell;
}

static struct cell *parse_integer(struct reader *reader, const char *digits, int base)
{
	char *end;

	errno = 0;
	long value = strtol(digits, &end, base);

	if (*end || end == digits || errno)
		return NULL;
	return scheme_integer(reader->scheme, value);
}

static struct cell *read_character(struct reader *reader, const char *name, size_t start)
{
	static const struct {
		const char *name;
		unsigned char value;
	} names[] = {{"space", ' '}, {"newline", '\n'}, {"tab", '\t'}, {"return", '\r'}};
	struct cell *cell = scheme_new(reader->scheme, CELL_CHARACTER);

	if (!name[0])
		cell->character = (unsigned char)reader->source->text[reader->at++];
	else
		cell->character = (unsigned char)name[0];
	if (strlen(name) < 2)
		return cell;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, name) == 0) {
			cell->character = names[i].value;
			return cell;
		}
	}
	return fail(reader, start, "unknown character name");
}

/* A token that begins with '#', without the '#'. */
static struct cell *read_hash(struct reader *reader, const char *token, size_t start)
{
	struct cell *cell = NULL;

	if (strcmp(token, "t") == 0 || strcmp(token, "f") == 0)
		return scheme_boolean(reader->scheme, token[0] == 't');
	if (token[0] == '\\' && (token[1] || peek(reader) >= 0))
		return read_character(reader, token + 1, start);
	if (token[0] == 'x')
		cell = parse_integer(reader, token + 1, 16);
	else if (token[0] == 'd')
		cell = parse_integer(reader, token + 1, 10);
	else if (token[0] == 'o')
		cell = parse_integer(reader, token + 1, 8);
	else if (token[0] == 'b')
		cell = parse_integer(reader, token + 1, 2);
	return cell ? cell : fail(reader, start, "undefined sharp expression");
}

static struct cell *read_atom(struct reader *reader)
{
	size_t start = reader->at;

	while (!is_delimiter(peek(reader)))
		reader->at++;
	size_t length = reader->at - start;

	if (length >= TOKEN_MAX)
		return fail(reader, start, "name is longer than 1023 bytes");
	char *token = arena_copy(reader->scheme->arena, reader->source->text + start, length);

	if (strlen(token) != length)
		return fail(reader, start, "NUL byte in the text");
	if (token[0] == '#')
		return read_hash(reader, token + 1, start);
	struct cell *number = parse_integer(reader, token, 10);

	if (number)
		return number;
	return scheme_symbol(reader->scheme, token, length);
}

static struct cell *read_datum(struct reader *reader);

static struct cell *read_list(struct reader *reader)
{
	size_t start = reader->at++;
	struct cell *list = &reader->scheme->nil;
	struct cell **end = &list;

	for (;;) {
		skip_blanks(reader);
		int c = peek(reader);
		size_t at = reader->at;

		if (c < 0)
			return fail(reader, start, "syntax error: expecting ')'");
		if (c == ')')
			break;
		bool dot = c == '.' && at + 1 < reader->source->length &&
			   is_delimiter((unsigned char)reader->source->text[at + 1]);

		if (dot)
			reader->at++;
		struct cell *datum = read_datum(reader);

		if (!datum)
			return NULL;
		if (dot) {
			*end = datum;
			skip_blanks(reader);
			if (peek(reader) != ')' || end == &list)
				return fail(reader, at, "syntax error: illegal dot expression");
			break;
		}
		struct cell *pair = scheme_cons(reader->scheme, datum, &reader->scheme->nil);

		pair->origin =
			(struct origin){reader->source, (uint32_t)at, (uint32_t)(reader->at - at)};
		*end = pair;
		end = &pair->pair.tail;
	}
	reader->at++;
	if (list->type == CELL_PAIR)
		list->origin = span(reader, start);
	return list;
}

static struct cell *read_quoted(struct reader *reader, const char *name, size_t start)
{
	struct scheme *scheme = reader->scheme;
	struct cell *datum = read_datum(reader);

	if (!datum)
		return NULL;
	struct cell *form = scheme_cons(scheme, scheme_symbol(scheme, name, strlen(name)),
		scheme_cons(scheme, datum, &scheme->nil));

	form->origin = span(reader, start);
	return form;
}

static struct cell *read_datum(struct reader *reader)
{
	struct cell *result;

	skip_blanks(reader);
	size_t start = reader->at;
	int c = peek(reader);

	if (c < 0)
		return fail(reader, start, "syntax error: the text ends too early");
	if (++reader->depth > NESTING_MAX)
		return fail(reader, start, "nested too deeply");
	if (c == '(') {
		result = read_list(reader);
	} else if (c == ')') {
		result = fail(reader, start, "syntax error: ')' without '('");
	} else if (c == '"') {
		result = read_string(reader, start, false);
	} else if (c == '#' && start + 1 < reader->source->length &&
		   reader->source->text[start + 1] == '"') {
		reader->at++;
		result = read_string(reader, start, true);
	} else if (c == '\'') {
		reader->at++;
		result = read_quoted(reader, "quote", start);
	} else {
		result = read_atom(reader);
	}
	reader->depth--;
	return result;
}

struct cell *reader_next(struct reader *reader)
{
	skip_blanks(reader);
	if (peek(reader) < 0 || reader->scheme->error.text)
		return NULL;
	return read_datum(reader);
}
