/* What kind of value something is; symbols. */
#include <string.h>

#include "scheme/builtins.h"

/* The types that a predicate answers #t for, as bits. */
static struct cell *has_type(struct scheme *scheme, struct cell *arguments)
{
	const uint32_t *types = scheme->calling->datum;

	return scheme_boolean(scheme, *types >> arguments->pair.head->type & 1);
}

bool builtin_is_number(const struct cell *cell)
{
	return cell->type == CELL_INTEGER || cell->type == CELL_REAL;
}

static struct cell *primitive_is_list(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, builtin_length(scheme, arguments->pair.head) >= 0);
}

static struct cell *primitive_is_atom(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, arguments->pair.head->type != CELL_PAIR);
}

static struct cell *primitive_not(struct scheme *scheme, struct cell *arguments)
{
	return scheme_boolean(scheme, !scheme_is_true(arguments->pair.head));
}

static struct cell *symbol_to_string(struct scheme *scheme, struct cell *arguments)
{
	const struct cell *symbol = argument_of(scheme, arguments, 0, CELL_SYMBOL);

	return symbol ? scheme_string(scheme, symbol->symbol.name, strlen(symbol->symbol.name))
		      : NULL;
}

static struct cell *string_to_symbol(struct scheme *scheme, struct cell *arguments)
{
	enum { PER_STEP = 8 };
	const char *name = argument_text(scheme, arguments, 0);
	size_t length = name ? strlen(name) : 0;

	if (!name || !scheme_spend(scheme, length / PER_STEP) || !scheme_has_room(scheme, length))
		return NULL;
	return scheme_symbol(scheme, name, length);
}

/* A symbol that no text can name. */
static struct cell *primitive_gensym(struct scheme *scheme, struct cell *arguments)
{
	struct cell *symbol = scheme_new(scheme, CELL_SYMBOL);

	(void)arguments;
	symbol->symbol.name = text_format(scheme->arena, "gensym-%lu", ++scheme->generated);
	return symbol;
}

#define TYPE(a)     (&(const uint32_t){1u << (a)})
#define TYPES(a, b) (&(const uint32_t){1u << (a) | 1u << (b)})
#define PROCEDURES                                                                                 \
	(&(const uint32_t){1u << CELL_PRIMITIVE | 1u << CELL_CLOSURE | 1u << CELL_CONTINUATION})

const struct primitive builtin_types[] = {
	{"atom?", primitive_is_atom, 1, 1, NULL},
	{"boolean?", has_type, 1, 1, TYPE(CELL_BOOLEAN)},
	{"char?", has_type, 1, 1, TYPE(CELL_CHARACTER)},
	{"closure?", has_type, 1, 1, TYPE(CELL_CLOSURE)},
	{"complex?", has_type, 1, 1, TYPES(CELL_INTEGER, CELL_REAL)},
	{"environment?", has_type, 1, 1, TYPE(CELL_ENVIRONMENT)},
	{"eof-object?", has_type, 1, 1, TYPE(CELL_END)},
	{"exact?", has_type, 1, 1, TYPE(CELL_INTEGER)},
	{"gensym", primitive_gensym, 0, 0, NULL},
	{"inexact?", has_type, 1, 1, TYPE(CELL_REAL)},
	{"list?", primitive_is_list, 1, 1, NULL},
	{"macro?", has_type, 1, 1, TYPE(CELL_MACRO)},
	{"not", primitive_not, 1, 1, NULL},
	{"null?", has_type, 1, 1, TYPE(CELL_NIL)},
	{"number?", has_type, 1, 1, TYPES(CELL_INTEGER, CELL_REAL)},
	{"pair?", has_type, 1, 1, TYPE(CELL_PAIR)},
	{"port?", has_type, 1, 1, TYPE(CELL_PORT)},
	{"procedure?", has_type, 1, 1, PROCEDURES},
	{"promise?", has_type, 1, 1, TYPE(CELL_PROMISE)},
	{"rational?", has_type, 1, 1, TYPES(CELL_INTEGER, CELL_REAL)},
	{"real?", has_type, 1, 1, TYPES(CELL_INTEGER, CELL_REAL)},
	{"string->symbol", string_to_symbol, 1, 1, NULL},
	{"string?", has_type, 1, 1, TYPE(CELL_STRING)},
	{"symbol->string", symbol_to_string, 1, 1, NULL},
	{"symbol?", has_type, 1, 1, TYPE(CELL_SYMBOL)},
	{"vector?", has_type, 1, 1, TYPE(CELL_VECTOR)},
	{NULL, NULL, 0, 0, NULL},
};
