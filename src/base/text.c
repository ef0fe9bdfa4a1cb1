#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/message.h"

struct text text_make(struct arena *arena)
{
	return (struct text){.arena = arena, .bytes = arena_alloc(arena, 1)};
}

static void reserve(struct text *text, size_t extra)
{
	size_t needed = text->length + extra + 1;

	if (needed <= text->capacity)
		return;
	size_t capacity = text->capacity * 2 > needed ? text->capacity * 2 : needed + 64;
	char *bytes = arena_alloc(text->arena, capacity);

	memcpy(bytes, text->bytes, text->length);
	text->bytes = bytes;
	text->capacity = capacity;
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
	reserve(text, length);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

__attribute__((format(printf, 2, 0))) static void add_formatted(
	struct text *text, const char *format, va_list arguments)
{
	va_list again;

	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, format, again);

	va_end(again);
	if (length < 0)
		die("message cannot be formatted");
	reserve(text, (size_t)length);
	vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
	text->length += (size_t)length;
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_formatted(text, format, arguments);
	va_end(arguments);
}

char *text_format(struct arena *arena, const char *format, ...)
{
	struct text text = text_make(arena);
	va_list arguments;

	va_start(arguments, format);
	add_formatted(&text, format, arguments);
	va_end(arguments);
	return text.bytes;
}

unsigned text_distance(const char *a, const char *b)
{
	enum { LONGEST = 63 };
	unsigned row[LONGEST + 1];
	size_t width = strlen(b);

	if (width > LONGEST)
		return (unsigned)width;
	for (unsigned j = 0; j <= width; j++)
		row[j] = j;
	for (unsigned i = 0; a[i]; i++) {
		unsigned diagonal = row[0];

		row[0] = i + 1;
		for (unsigned j = 1; j <= width; j++) {
			unsigned best = diagonal + (a[i] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[width];
}

bool text_split(const char **rest, const char *separators, const char **word, size_t *length)
{
	if (!*rest)
		return false;
	*word = *rest;
	*length = strcspn(*rest, separators);
	*rest = (*rest)[*length] ? *rest + *length + 1 : NULL;
	return true;
}

bool text_starts_with(const char *string, const char *start)
{
	return strncmp(string, start, strlen(start)) == 0;
}

size_t text_character(const char *start, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)start;
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char second_first, second_last;
		size_t length;
	} forms[] = {
		/* Unicode 15, table 3-7 */
		{0x00, 0x7f, 0x80, 0xbf, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, /* no surrogates */
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (bytes[0] < forms[i].first || bytes[0] > forms[i].last)
			continue;
		if (forms[i].length > length)
			return 0;
		for (size_t at = 1; at < forms[i].length; at++) {
			unsigned char low = at == 1 ? forms[i].second_first : 0x80;
			unsigned char high = at == 1 ? forms[i].second_last : 0xbf;

			if (bytes[at] < low || bytes[at] > high)
				return 0;
		}
		return forms[i].length;
	}
	return 0;
}

/* Marks of direction, joiners and their like: U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F,
 * U+061C, U+FEFF. */
static bool is_deceptive(const unsigned char *bytes, size_t length)
{
	if (length == 2)
		return bytes[0] == 0xd8 && bytes[1] == 0x9c;
	if (length != 3)
		return false;
	if (bytes[0] == 0xef)
		return bytes[1] == 0xbb && bytes[2] == 0xbf;
	if (bytes[0] != 0xe2)
		return false;
	if (bytes[1] == 0x80)
		return (bytes[2] >= 0x8b && bytes[2] <= 0x8f) ||
		       (bytes[2] >= 0xa8 && bytes[2] <= 0xae);
	return bytes[1] == 0x81 && bytes[2] >= 0xa0 && bytes[2] <= 0xaf;
}

size_t text_visible(const char *start, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)start;
	size_t character = text_character(start, length);

	if (character == 1)
		return bytes[0] >= ' ' && bytes[0] != 0x7f;
	if (character == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0)
		return 0;
	return is_deceptive(bytes, character) ? 0 : character;
}

void text_add_visible(struct text *text, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t character = text_visible(bytes + i, length - i);

		if (character)
			text_add_bytes(text, bytes + i, character);
		else
			text_addf(text, "\\x%02x", (unsigned char)bytes[i]);
		i += character ? character : 1;
	}
}
