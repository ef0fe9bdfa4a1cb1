#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct origin;

/* A text that rules come from: a fragment, a file given with -f, the text of an option. */
struct source {
	const char *name; /* as messages show it */
	const char *text; /* NUL-terminated; may hold further NULs */
	size_t length;
	const struct origin *importer; /* what asked for it, or NULL */
	bool confined;                 /* it MUST NOT make files be read but the library's */
};

/* A place in a source: the bytes [start, start + length). */
struct origin {
	const struct source *source; /* NULL: nowhere, for built-in things */
	uint32_t start;
	uint32_t length;
};

struct position {
	unsigned line, column; /* from 1; columns count bytes */
	const char *line_text; /* not terminated */
	size_t line_length;
};

struct position origin_position(struct origin origin);

#endif
