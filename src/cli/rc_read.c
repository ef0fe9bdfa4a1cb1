#include "cli/rc_read.h"

#include <stdbool.h>
#include <string.h>

#include "base/message.h"
#include "base/text.h"

struct reader {
	struct arena *arena;
	const struct source *source;
	size_t at;
};

static bool at_end(const struct reader *reader)
{
	return reader->at == reader->source->length;
}

static char next(const struct reader *reader)
{
	return at_end(reader) ? '\n' : reader->source->text[reader->at];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct origin origin_from(const struct reader *reader, size_t start)
{
	return (struct origin){reader->source, (uint32_t)start, (uint32_t)(reader->at - start)};
}

static size_t skip_blanks(struct reader *reader)
{
	size_t start = reader->at;

	while (!at_end(reader) && is_blank(next(reader)))
		reader->at++;
	return reader->at - start;
}

static char take(struct reader *reader)
{
	char c = next(reader);

	if (c == '\0' && !at_end(reader)) {
		reader->at++;
		die_at(origin_from(reader, reader->at - 1), "a NUL byte");
	}
	reader->at++;
	return c;
}

/* Up to the closing quote; between double ones \" and \\ stand for " and \. */
static void read_quoted(struct reader *reader, struct text *text, char quote)
{
	size_t start = reader->at - 1;

	while (next(reader) != quote) {
		if (next(reader) == '\n')
			die_at(origin_from(reader, start), "the quote is not closed in this line");
		char c = take(reader);

		if (quote == '"' && c == '\\' && (next(reader) == '"' || next(reader) == '\\'))
			c = take(reader);
		text_add_bytes(text, &c, 1);
	}
	reader->at++;
}

/* A word ends at a blank; with is_name at "=" too, which separates an option from its value. */
static struct rc_word *read_word(struct reader *reader, bool is_name)
{
	struct rc_word *word = ARENA_NEW(reader->arena, struct rc_word);
	struct text text = text_make(reader->arena);
	size_t start = reader->at;

	text_add(&text, "");
	while (next(reader) != '\n' && !is_blank(next(reader))) {
		char c = take(reader);

		if (c == '"' || c == '\'') {
			read_quoted(reader, &text, c);
			continue;
		}
		if (is_name && c == '=' && text.length)
			break;
		if (c == '\\') {
			if (next(reader) == '\n')
				die_at(origin_from(reader, reader->at - 1),
					"a line cannot go on in the next one");
			c = take(reader);
		}
		text_add_bytes(&text, &c, 1);
	}
	word->text = text.bytes;
	word->origin = origin_from(reader, start);
	return word;
}

static struct rc_word *read_words(struct reader *reader)
{
	struct rc_word *first = NULL, **end = &first;

	skip_blanks(reader);
	while (next(reader) != '\n' && next(reader) != '#') {
		*end = read_word(reader, !first);
		end = &(*end)->next;
		skip_blanks(reader);
	}
	while (next(reader) != '\n')
		reader->at++;
	reader->at += !at_end(reader);
	return first;
}

/* for NAME...: without the colon. */
static const struct rc_word *take_programs(struct arena *arena, const struct rc_word *words)
{
	struct rc_word *last = words->next;

	while (last && last->next)
		last = last->next;
	size_t length = last ? strlen(last->text) : 0;

	if (length == 0 || last->text[length - 1] != ':')
		die_at((last ? last : words)->origin, "a colon must end it: for NAME...:");
	last->text = arena_copy(arena, last->text, length - 1);
	if (!words->next->text[0])
		die_at(words->origin, "it names no program: for NAME...:");
	if (length == 1) { /* the colon stood alone */
		struct rc_word *before = words->next;

		while (before->next != last)
			before = before->next;
		before->next = NULL;
	}
	return words->next;
}

const struct rc_line *rc_read(struct arena *arena, const struct source *source)
{
	struct reader reader = {.arena = arena, .source = source};
	struct rc_line *first = NULL, **end = &first;
	const struct rc_word *block = NULL, *programs = NULL;

	while (!at_end(&reader)) {
		bool is_indented = skip_blanks(&reader) > 0;
		const struct rc_word *words = read_words(&reader);

		if (!words)
			continue;
		if (!is_indented)
			block = programs = NULL;
		else if (!block)
			die_at(words->origin, "the line is indented, and there is no for NAME...:"
					      " above it");
		if (strcmp(words->text, "for") == 0) {
			if (block)
				die_at(words->origin, "a for block cannot stand in another");
			block = words;
			programs = take_programs(arena, words);
			continue;
		}
		*end = ARENA_NEW(arena, struct rc_line);
		**end = (struct rc_line){.words = words, .programs = programs};
		end = &(*end)->next;
	}
	return first;
}
