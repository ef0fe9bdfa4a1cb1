#ifndef CLI_PAINT_H
#define CLI_PAINT_H

#include <stdbool.h>

#include "base/text.h"

/* Colours, and characters for lines, as the terminal has them. */

enum color {
	COLOR_PLAIN = 0,
	COLOR_DIM,
	COLOR_BOLD,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_BLUE,
	COLOR_MAGENTA,
	COLOR_CYAN,
};

struct paint {
	bool has_colors, has_lines;
};

/*
 * when is the value of --color, or NULL for auto: colours on a terminal unless NO_COLOR is set.
 * Dies on anything else.
 */
struct paint paint_make(const char *when);

void paint_add(const struct paint *paint, struct text *text, enum color color, const char *string);

#endif
