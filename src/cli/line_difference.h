#ifndef CLI_LINE_DIFFERENCE_H
#define CLI_LINE_DIFFERENCE_H

#include "base/source.h"
#include "base/text.h"

/*
 * The lines that a text lost ("- ") and got ("+ "), indented. Nothing in them is obeyed by a
 * terminal. NULL: there is no such text.
 */
void line_difference(struct text *text, const struct source *before, const struct source *after);

/* All its lines, indented. */
void line_list(struct text *text, const struct source *source);

#endif
