#ifndef CLI_DIFFERENCE_H
#define CLI_DIFFERENCE_H

#include "cli/tree.h"

/* In which operations, and where, two policies answer differently: in words. */

enum telling {
	TELL_CHANGE, /* "now also allows ..." */
	TELL_ALL,    /* "allows ...": the first policy is what everything starts from */
};

struct statement {
	const char *text;
	struct statement *next;
};

struct difference {
	struct arena *arena;
	enum telling telling;
	struct index before, after;
	struct statement *first, **end;
};

/* NULL when they answer alike. Nothing in the texts is obeyed by a terminal. */
struct statement *difference_make(struct arena *arena, const struct policy *before,
	const struct policy *after, enum telling telling);

/* For the files of this module. */

enum change { CHANGE_NONE = 0, CHANGE_MORE, CHANGE_MORE_SOME, CHANGE_LESS, CHANGE_LESS_SOME };

enum change change_of(enum answer before, enum answer after);

/* "now also allows", "no longer denies", ...; around: what the surroundings answer in both. */
const char *difference_verb(const struct difference *difference, enum change change,
	enum answer before_around, enum answer after_around);

void difference_add(struct difference *difference, const char *text);

void difference_places(struct difference *difference);
void difference_network(struct difference *difference);
void difference_rest(struct difference *difference);

#endif
