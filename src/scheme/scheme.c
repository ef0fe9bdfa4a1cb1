#include "scheme/scheme.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scheme/builtins.h"
#include "scheme/environment.h"
#include "scheme/reader.h"

void scheme_init(struct scheme *scheme, struct arena *arena, void *host)
{
	*scheme = (struct scheme){
		.arena = arena,
		.host = host,
		.lookup = builtin_lookup,
		.steps_left = SCHEME_STEPS,
		.memory_limit = arena->used + SCHEME_MEMORY,
		.nil = {.type = CELL_NIL},
		.true_value = {.type = CELL_BOOLEAN, .boolean = true},
		.false_value = {.type = CELL_BOOLEAN},
		.unspecified = {.type = CELL_UNSPECIFIED},
	};
}

void *scheme_fail(struct scheme *scheme, const struct origin *origin, const char *format, ...)
{
	char text[512];
	va_list arguments;

	if (scheme->error.text)
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	scheme->error.text = arena_copy(scheme->arena, text, strlen(text));
	scheme->error.origin = origin ? *origin : scheme->place;
	return NULL;
}

bool scheme_load(struct scheme *scheme, const struct source *source)
{
	struct reader reader = {.scheme = scheme, .source = source};
	struct cell *form;

	while ((form = reader_next(&reader)) != NULL) {
		if (!scheme_eval(scheme, form, NULL))
			return false;
	}
	return !scheme->error.text;
}

struct cell *scheme_new(struct scheme *scheme, enum cell_type type)
{
	struct cell *cell = ARENA_NEW(scheme->arena, struct cell);

	/* Loops look for the error; until then there is room for one more cell. */
	if (scheme->arena->used > scheme->memory_limit)
		scheme_fail(scheme, NULL, "the profile needs too much memory");
	cell->type = type;
	return cell;
}

struct cell *scheme_cons(struct scheme *scheme, struct cell *head, struct cell *tail)
{
	struct cell *cell = scheme_new(scheme, CELL_PAIR);

	cell->pair.head = head;
	cell->pair.tail = tail;
	return cell;
}

struct cell *scheme_symbol(struct scheme *scheme, const char *name, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	struct cell **bucket = &scheme->symbols[hash % SYMBOL_BUCKETS];

	for (struct cell *symbol = *bucket; symbol; symbol = symbol->symbol.next) {
		scheme->steps_left -= scheme->steps_left > 0;
		if (strncmp(symbol->symbol.name, name, length) == 0 && !symbol->symbol.name[length])
			return symbol;
	}
	struct cell *symbol = scheme_new(scheme, CELL_SYMBOL);

	symbol->symbol.name = arena_copy(scheme->arena, name, length);
	symbol->symbol.next = *bucket;
	*bucket = symbol;
	return symbol;
}

struct cell *scheme_string(struct scheme *scheme, const char *bytes, size_t length)
{
	struct cell *cell = scheme_new(scheme, CELL_STRING);

	cell->string.bytes = arena_copy(scheme->arena, bytes, length);
	cell->string.length = length;
	return cell;
}

struct cell *scheme_integer(struct scheme *scheme, long value)
{
	struct cell *cell = scheme_new(scheme, CELL_INTEGER);

	cell->integer = value;
	return cell;
}

struct cell *scheme_foreign(
	struct scheme *scheme, const struct foreign_type *type, const void *object)
{
	struct cell *cell = scheme_new(scheme, CELL_FOREIGN);

	cell->foreign.type = type;
	cell->foreign.object = object;
	return cell;
}

struct cell *scheme_boolean(struct scheme *scheme, bool value)
{
	return value ? &scheme->true_value : &scheme->false_value;
}

const void *scheme_object(const struct cell *cell, const struct foreign_type *type)
{
	return cell->type == CELL_FOREIGN && cell->foreign.type == type ? cell->foreign.object
									: NULL;
}

int scheme_length(const struct cell *list)
{
	int length = 0;

	for (; list->type == CELL_PAIR; list = list->pair.tail)
		length++;
	return list->type == CELL_NIL ? length : -1;
}

struct cell *list_at(struct cell *list, int index)
{
	while (index-- > 0)
		list = list->pair.tail;
	return list->pair.head;
}

bool scheme_is_true(const struct cell *cell)
{
	return cell->type != CELL_BOOLEAN || cell->boolean;
}

const char *scheme_type_name(const struct cell *cell)
{
	switch (cell->type) {
	case CELL_NIL:
		return "empty list";
	case CELL_BOOLEAN:
		return "boolean";
	case CELL_INTEGER:
		return "integer";
	case CELL_STRING:
		return "string";
	case CELL_CHARACTER:
		return "character";
	case CELL_SYMBOL:
		return "symbol";
	case CELL_PAIR:
		return "list";
	case CELL_PRIMITIVE:
	case CELL_CLOSURE:
		return "procedure";
	case CELL_FORM:
		return "special form";
	case CELL_FOREIGN:
		return cell->foreign.type->name;
	case CELL_UNSPECIFIED:
		return "unspecified value";
	}
	return "value";
}
