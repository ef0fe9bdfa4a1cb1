#ifndef SCHEME_BUILTINS_H
#define SCHEME_BUILTINS_H

#include "scheme/scheme.h"

/* The value of a name of Scheme itself (form or procedure), or NULL. */
struct cell *builtin_lookup(struct scheme *scheme, const char *name);

/* A name of Scheme itself that is like this one, or NULL. */
const char *builtin_nearest(const char *name);

/* Tables of the parts, each ended by an entry without name. */
extern const struct form builtin_forms[];
extern const struct primitive builtin_lists[];
extern const struct primitive builtin_numbers[];
extern const struct primitive builtin_strings[];

/* A cell for an entry of a table; it becomes the symbol's value. */
struct cell *builtin_primitive(struct scheme *scheme, const struct primitive *primitive);
struct cell *builtin_form(struct scheme *scheme, const struct form *form);

/* The argument when it has the type; else fails, naming procedure and argument. */
/* The head of rest (the arguments from index on) when it has the type; else fails. */
struct cell *argument_at(struct scheme *scheme, struct cell *rest, int index, enum cell_type type);

struct cell *argument_of(
	struct scheme *scheme, struct cell *arguments, int index, enum cell_type type);

#endif
