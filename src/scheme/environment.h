#ifndef SCHEME_ENVIRONMENT_H
#define SCHEME_ENVIRONMENT_H

#include "scheme/scheme.h"

/* Local variables; the top level (NULL) keeps its values in the symbols. */
struct binding {
	const struct cell *symbol;
	struct cell *value; /* NULL while a letrec is being set up */
	struct binding *next;
};

struct environment {
	struct binding *bindings;
	struct environment *outer;
};

struct environment *environment_new(struct scheme *scheme, struct environment *outer);

/* Adds a variable to a local environment that has none of the name. */
void environment_add(struct scheme *scheme, struct environment *environment,
	const struct cell *symbol, struct cell *value);

/* Adds or replaces the variable in this environment. */
void environment_define(struct scheme *scheme, struct environment *environment, struct cell *symbol,
	struct cell *value);

/* The variable's value, or NULL after scheme_fail. */
struct cell *environment_get(
	struct scheme *scheme, struct environment *environment, struct cell *symbol);

/* The value of a variable that has one so far, or NULL: that is no failure. */
struct cell *environment_find(
	struct scheme *scheme, struct environment *environment, const struct cell *symbol);

/* Changes a variable that exists; false after scheme_fail. */
bool environment_set(struct scheme *scheme, struct environment *environment, struct cell *symbol,
	struct cell *value);

/* Whether the variable has a value. */
bool environment_has(struct scheme *scheme, struct environment *environment, struct cell *symbol);

#endif
