#ifndef SCHEME_CELL_H
#define SCHEME_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"

enum cell_type {
	CELL_NIL = 0,
	CELL_BOOLEAN,
	CELL_INTEGER,
	CELL_STRING,
	CELL_CHARACTER,
	CELL_SYMBOL,
	CELL_PAIR,
	CELL_PRIMITIVE, /* a procedure written in C: arguments are evaluated */
	CELL_FORM,      /* a special form: gets its text as it stands */
	CELL_CLOSURE,
	CELL_FOREIGN, /* an object of the embedding program */
	CELL_UNSPECIFIED,
	CELL_REAL,
	CELL_VECTOR,
	CELL_MACRO,   /* a procedure that gets a form's text and makes the form to be evaluated */
	CELL_PROMISE, /* of delay */
	CELL_CONTINUATION,
	CELL_ENVIRONMENT,
	CELL_PORT,
	CELL_END, /* of a port */
};

struct scheme;
struct environment;
struct cell;

/* What a special form leaves to be evaluated in its place (so that loops need no stack). */
struct tail {
	struct cell *expression;
	struct environment *environment;
};

/* Arguments are a proper list. NULL after scheme_fail. */
typedef struct cell *primitive_function(struct scheme *scheme, struct cell *arguments);

/* NULL after scheme_fail, or with tail->expression set. */
typedef struct cell *form_function(struct scheme *scheme, struct cell *form, struct tail *tail);

struct primitive {
	const char *name;
	primitive_function *function;
	int least, most;   /* number of arguments; most -1: any */
	const void *datum; /* for functions that serve several names */
};

struct form {
	const char *name;
	form_function *function;
};

struct closure {
	struct cell *text; /* (parameters . body): a list of symbols, may end in a rest symbol */
	struct environment *environment;
};

struct promise {
	struct cell *expression; /* NULL once there is a value */
	union {
		struct environment *environment;
		struct cell *value;
	};
};

struct macro {
	struct cell *procedure;
	bool gets_arguments; /* define-macro: the form's arguments; macro: the form */
};

struct escape;
struct port;

/* Tells one kind of foreign object from another: compared by address. */
struct foreign_type {
	const char *name; /* for messages: "filter" */
};

/* Small on purpose: what a profile costs is for the most part the memory that it touches. */
struct cell {
	const struct source *source; /* where it was read; NULL for computed values */
	uint32_t start;
	uint32_t length : 24; /* SOURCE_MAX fits */
	enum cell_type type : 8;
	union {
		bool boolean;
		long integer;
		double real;
		unsigned char character;
		struct {
			const char *bytes; /* NUL-terminated; never written to, as others keep it */
			size_t length;
		} string;
		struct {
			const char *name;
			struct cell *value; /* at top level; NULL: unbound so far */
		} symbol;
		struct {
			struct cell *head, *tail;
		} pair;
		struct {
			struct cell **items;
			size_t length;
		} vector;
		const struct primitive *primitive;
		const struct form *form;
		struct closure closure;
		struct macro macro;
		struct promise promise;
		struct escape *escape;
		struct environment *environment;
		struct port *port;
		struct {
			const struct foreign_type *type;
			const void *object;
		} foreign;
	};
};

static inline struct origin cell_origin(const struct cell *cell)
{
	return (struct origin){cell->source, cell->start, cell->length};
}

#endif
