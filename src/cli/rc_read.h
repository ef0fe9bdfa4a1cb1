#ifndef CLI_RC_READ_H
#define CLI_RC_READ_H

#include "base/arena.h"
#include "base/source.h"

/* The lines of an .sbxrc file (sbxrc(5)): words, and the programs that they are for. */

struct rc_word {
	const char *text;
	struct origin origin;
	struct rc_word *next;
};

struct rc_line {
	const struct rc_word *words;    /* one at least: an option's name, auto or skip */
	const struct rc_word *programs; /* of the for block that it stands in; NULL: for all */
	struct rc_line *next;
};

/* Dies, saying where, on what is no line of words. */
const struct rc_line *rc_read(struct arena *arena, const struct source *source);

#endif
