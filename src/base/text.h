#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"

/* A text that grows in an arena; bytes is NUL-terminated once something was added. */
struct text {
	struct arena *arena;
	char *bytes;
	size_t length, capacity;
};

struct text text_make(struct arena *arena);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t length);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What comes from outside, for a terminal: bytes that it would obey are written as \xHH. */
void text_add_visible(struct text *text, const char *bytes, size_t length);

/* The length of the UTF-8 character that begins there, 0 for anything else. */
size_t text_character(const char *bytes, size_t length);

/*
 * The length of the character that begins there when a terminal shows it where it stands; 0 for
 * control characters, for those that turn, hide or rearrange others, and for what is no UTF-8.
 */
size_t text_visible(const char *bytes, size_t length);

/* A formatted string that lives as long as the arena. */
char *text_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Levenshtein distance: how far apart two words are, for suggestions. */
unsigned text_distance(const char *a, const char *b);

/* Cuts the next word off *rest at any of the separators; false at the end. Empty words are kept. */
bool text_split(const char **rest, const char *separators, const char **word, size_t *length);

bool text_starts_with(const char *string, const char *start);

/* strcmp() == 0 for walks over tables: most names differ in a byte that needs no call. */
static inline bool text_is(const char *a, const char *b)
{
	return a[0] == b[0] && strcmp(a, b) == 0;
}

#endif
