#ifndef SCHEME_EVAL_H
#define SCHEME_EVAL_H

#include "scheme/scheme.h"

/* For special forms, which decide themselves what is evaluated. */

/* Where a continuation leads, while the call/cc that made it has not ended. */
struct escape {
	struct cell *value;
	bool live;
};

/* Whether form is a list of at least so many parts and at most so many (-1: any). */
bool eval_form_has(const struct cell *form, int least, int most);

/* A syntax error that names the form; NULL. */
void *eval_bad_syntax(struct scheme *scheme, const struct cell *form);

/* The value of the head of a part of a form; an error has its place there. */
struct cell *eval_part(struct scheme *scheme, struct cell *part, struct environment *environment);

/* Leaves the head of a part as what remains to be evaluated; returns NULL. */
struct cell *eval_leave(struct scheme *scheme, struct cell *part, struct tail *tail);

/* Evaluates a sequence but for its last expression, which it leaves; an empty one has no value. */
struct cell *eval_sequence(struct scheme *scheme, struct cell *body, struct tail *tail);

/* A procedure from (parameters . body). */
struct cell *eval_closure(
	struct scheme *scheme, struct cell *text, struct environment *environment);

#endif
