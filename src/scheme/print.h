#ifndef SCHEME_PRINT_H
#define SCHEME_PRINT_H

#include "scheme/scheme.h"

enum print_style { PRINT_WRITE, PRINT_DISPLAY };

/* Adds a value as the reader takes it, or as people do. Stops when the text has limit bytes. */
void print_value(struct scheme *scheme, struct text *text, const struct cell *value,
	enum print_style style, size_t limit);

/* Says what was displayed without a newline after it. */
void print_end_line(struct scheme *scheme);

#endif
