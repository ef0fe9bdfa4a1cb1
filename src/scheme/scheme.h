#ifndef SCHEME_SCHEME_H
#define SCHEME_SCHEME_H

#include "base/arena.h"
#include "base/text.h"
#include "scheme/cell.h"

/*
 * A small Scheme: TinyScheme 1.38 as SBPL uses it (SBPL.md section 1). It knows no word of any
 * sandbox: the embedding program gives it further names through lookup. Nothing is ever freed.
 */

struct scheme_error {
	const char *text; /* NULL: none */
	struct origin origin;
};

/* Why evaluation is being abandoned, while error.text is set. */
enum unwinding {
	UNWINDING_ERROR = 0, /* (catch ...) may stop it */
	UNWINDING_END,       /* nothing stops it: (error ...), a budget that is used up */
	UNWINDING_ESCAPE,    /* to the call/cc that made the continuation */
};

struct symbol_table {
	struct symbol **buckets;
	size_t size, count; /* size is a power of two */
};

struct scheme {
	struct arena *arena;
	void *host;
	/* A value for a name that is not defined, or NULL; kept until the name is defined. */
	struct cell *(*lookup)(struct scheme *scheme, const char *name);
	/* A name like this one, for "did you mean"; may be NULL. */
	const char *(*suggest)(struct scheme *scheme, const char *name);
	/* Takes a line of what the text displays; NULL: a message on stderr. */
	void (*say)(struct scheme *scheme, const char *line);
	struct scheme_error error;
	enum unwinding unwinding;
	struct escape *escape;              /* where UNWINDING_ESCAPE ends */
	struct origin place;                /* of the form being evaluated */
	const struct primitive *calling;    /* for primitives that serve several names */
	bool confined;                      /* by what is being loaded: see scheme_is_confined */
	struct environment *environment;    /* of the call being made */
	struct cell *next, *next_arguments; /* left by scheme_tail_apply */
	unsigned long steps_left;
	size_t memory_limit;     /* of the arena's bytes */
	const char *stack_limit; /* the stack grows down to here */
	unsigned loads;          /* nested at this moment */
	struct text line;        /* displayed and not yet said */
	size_t displayed;        /* bytes, in all */
	unsigned long generated; /* symbols made by gensym */
	struct symbol_table symbols;
	struct cell nil, true_value, false_value, unspecified, end, zero, one;
};

/* Budgets: an endless or monstrous text ends with an error. */
enum {
	SCHEME_STEPS = 10 * 1000 * 1000,
	SCHEME_MEMORY = 160 * 1024 * 1024,
	SCHEME_LOADS = 32,
	SCHEME_OUTPUT = 64 * 1024,
};

void scheme_init(struct scheme *scheme, struct arena *arena, void *host);

/* Reads and evaluates every form of source. False after an error (scheme->error). */
bool scheme_load(struct scheme *scheme, const struct source *source);

/* Whether the text may not make files be read but the library's (base/source.h). */
bool scheme_is_confined(const struct scheme *scheme);

/* Records the first error, at the origin or (NULL) at the form being evaluated; returns NULL. */
void *scheme_fail(struct scheme *scheme, const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for errors that the text itself must not get past. */
void *scheme_end(struct scheme *scheme, const struct origin *origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Forgets an error that (catch ...) could stop; false when there is another one, or none. */
bool scheme_recover(struct scheme *scheme);

/* The error of a budget of steps that is used up; false. */
bool scheme_overspent(struct scheme *scheme);

/* Takes from the budget of steps; false (with an error) when it is used up. */
static inline bool scheme_spend(struct scheme *scheme, size_t steps)
{
	if (scheme->steps_left < steps)
		return scheme_overspent(scheme);
	scheme->steps_left -= steps;
	return true;
}

/* Whether this much more memory may be used; else an error. */
bool scheme_has_room(struct scheme *scheme, size_t bytes);

/* Whether a function that calls itself may do so once more; else an error. */
bool scheme_has_stack(struct scheme *scheme);

struct cell *scheme_eval(
	struct scheme *scheme, struct cell *expression, struct environment *environment);
struct cell *scheme_apply(struct scheme *scheme, struct cell *procedure, struct cell *arguments);

/* For the return statement of a primitive: the call is made in its place. Returns NULL. */
struct cell *scheme_tail_apply(
	struct scheme *scheme, struct cell *procedure, struct cell *arguments);

struct cell *scheme_new(struct scheme *scheme, enum cell_type type);
struct cell *scheme_cons(struct scheme *scheme, struct cell *head, struct cell *tail);
struct cell *scheme_symbol(struct scheme *scheme, const char *name, size_t length);
struct cell *scheme_string(struct scheme *scheme, const char *bytes, size_t length);
struct cell *scheme_integer(struct scheme *scheme, long value);
struct cell *scheme_real(struct scheme *scheme, double value);
struct cell *scheme_character(struct scheme *scheme, unsigned char value);
struct cell *scheme_foreign(
	struct scheme *scheme, const struct foreign_type *type, const void *object);
struct cell *scheme_boolean(struct scheme *scheme, bool value);

/* A vector of so many unspecified values; NULL after an error. */
struct cell *scheme_vector(struct scheme *scheme, size_t length);

/* The object of a foreign cell of this type, or NULL. */
const void *scheme_object(const struct cell *cell, const struct foreign_type *type);

/* Number of elements of a proper list, or -1. */
int scheme_length(const struct cell *list);

/* The same, and how many elements were looked at. */
int scheme_measure(const struct cell *list, size_t *seen);

bool scheme_is_true(const struct cell *cell);

/* "string", "integer", ...: what a message calls the value. */
const char *scheme_type_name(const struct cell *cell);

struct cell *list_at(struct cell *list, int index);

#endif
