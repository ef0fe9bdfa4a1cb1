#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/source.h"
#include "base/text.h"

/* A profile: texts in the order in which they are evaluated, and the values of (param ...). */

enum part_kind {
	PART_PLAIN = 0, /* may allow and deny */
	PART_RESTRICT,  /* a restriction: an allow in it is an error */
	PART_GRANT,     /* a grant: a deny in it is an error */
	PART_MANDATORY, /* a restriction that no rule of another part outranks */
};

struct part {
	const struct source *source;
	enum part_kind kind;
	/* Operations (words) that this host may leave unenforced with a warning, or NULL. */
	const char *tolerates;
	struct part *next;
};

struct parameter {
	const char *name, *value;
	struct parameter *next;
};

struct profile {
	struct part *first, **end;
	struct parameter *parameters;
	const char *library; /* directory that (import "x.sb") searches */
	/* Finds the value of a parameter that nobody set, or returns NULL; may be NULL. */
	const char *(*supply)(struct profile *profile, struct arena *arena, const char *name);
	const void *supply_from;
	const char *supplied; /* the names (words) that supply knows, or NULL */
};

void profile_init(struct profile *profile, const char *library);

struct part *profile_add(struct profile *profile, struct arena *arena, enum part_kind kind,
	const struct source *source);

/* A part whose text sbx itself makes; name is what messages call it. */
struct part *profile_add_text(
	struct profile *profile, struct arena *arena, const char *name, struct text text);

/* A later value replaces an earlier one. */
void profile_set(struct profile *profile, struct arena *arena, const char *name, const char *value);

/* NULL when not set so far. */
const char *profile_get(const struct profile *profile, const char *name);

/* The value of (param "name"), supplied when it is first asked for; NULL when there is none. */
const char *profile_parameter(struct profile *profile, struct arena *arena, const char *name);

/* string as an SBPL string literal, quotes included. */
void profile_quote(struct text *text, const char *string);

/* The part that source belongs to, or NULL. */
const struct part *profile_part_of(const struct profile *profile, const struct source *source);

#endif
