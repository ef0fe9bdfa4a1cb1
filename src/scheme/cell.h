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
	struct cell *parameters; /* list of symbols, may end in a rest symbol */
	struct cell *body;
	struct environment *environment;
};

/* Tells one kind of foreign object from another: compared by address. */
struct foreign_type {
	const char *name; /* for messages: "filter" */
};

struct cell {
	enum cell_type type;
	struct origin origin; /* of what was read; nowhere for computed values */
	union {
		bool boolean;
		long integer;
		unsigned char character;
		struct {
			const char *bytes; /* NUL-terminated */
			size_t length;
		} string;
		struct {
			const char *name;
			struct cell *value; /* at top level; NULL: unbound so far */
			struct cell *next;  /* in the table of symbols */
		} symbol;
		struct {
			struct cell *head, *tail;
		} pair;
		const struct primitive *primitive;
		const struct form *form;
		struct closure closure;
		struct {
			const struct foreign_type *type;
			const void *object;
		} foreign;
	};
};

#endif
