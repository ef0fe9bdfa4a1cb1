#ifndef SCHEME_SCHEME_H
#define SCHEME_SCHEME_H

#include "base/arena.h"
#include "scheme/cell.h"

/*
 * A small Scheme: TinyScheme 1.38 as SBPL uses it (SBPL.md section 1). It knows no word of any
 * sandbox: the embedding program gives it further names through lookup. Nothing is ever freed.
 */
enum { SYMBOL_BUCKETS = 256 };

struct scheme_error {
	const char *text; /* NULL: none */
	struct origin origin;
};

struct scheme {
	struct arena *arena;
	void *host;
	/* A value for a name that is not defined, or NULL. */
	struct cell *(*lookup)(struct scheme *scheme, const char *name);
	/* A name like this one, for "did you mean"; may be NULL. */
	const char *(*suggest)(struct scheme *scheme, const char *name);
	struct scheme_error error;
	struct origin place;             /* of the form being evaluated */
	const struct primitive *calling; /* for primitives that serve several names */
	unsigned long steps_left;
	size_t memory_limit; /* of the arena's bytes */
	unsigned depth;
	struct cell *symbols[SYMBOL_BUCKETS];
	struct cell nil, true_value, false_value, unspecified;
};

/* Budgets: an endless or monstrous text ends with an error. */
enum { SCHEME_STEPS = 10 * 1000 * 1000, SCHEME_DEPTH = 2000, SCHEME_MEMORY = 160 * 1024 * 1024 };

void scheme_init(struct scheme *scheme, struct arena *arena, void *host);

/* Reads and evaluates every form of source. False after an error (scheme->error). */
bool scheme_load(struct scheme *scheme, const struct source *source);

/* Records the first error, at the origin or (NULL) at the form being evaluated; returns NULL. */
void *scheme_fail(struct scheme *scheme, const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct cell *scheme_eval(
	struct scheme *scheme, struct cell *expression, struct environment *environment);
struct cell *scheme_apply(struct scheme *scheme, struct cell *procedure, struct cell *arguments);

struct cell *scheme_new(struct scheme *scheme, enum cell_type type);
struct cell *scheme_cons(struct scheme *scheme, struct cell *head, struct cell *tail);
struct cell *scheme_symbol(struct scheme *scheme, const char *name, size_t length);
struct cell *scheme_string(struct scheme *scheme, const char *bytes, size_t length);
struct cell *scheme_integer(struct scheme *scheme, long value);
struct cell *scheme_foreign(
	struct scheme *scheme, const struct foreign_type *type, const void *object);
struct cell *scheme_boolean(struct scheme *scheme, bool value);

/* The object of a foreign cell of this type, or NULL. */
const void *scheme_object(const struct cell *cell, const struct foreign_type *type);

/* Number of elements of a proper list, or -1. */
int scheme_length(const struct cell *list);

bool scheme_is_true(const struct cell *cell);

/* "string", "integer", ...: what a message calls the value. */
const char *scheme_type_name(const struct cell *cell);

struct cell *list_at(struct cell *list, int index);

#endif
