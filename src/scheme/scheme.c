#include "scheme/scheme.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "scheme/builtins.h"
#include "scheme/environment.h"
#include "scheme/print.h"
#include "scheme/reader.h"

/* Arguments and environment may take a quarter of the stack, and functions of libc need some. */
static const char *stack_limit(void)
{
	enum { STACK_MOST = 16 * 1024 * 1024, RESERVE = 256 * 1024 };
	struct rlimit limit;
	size_t size = STACK_MOST;

	if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < STACK_MOST)
		size = (size_t)limit.rlim_cur;
	size_t reserve = size / 4 < RESERVE ? size / 4 : RESERVE;

	return (const char *)__builtin_frame_address(0) - (size - size / 4 - reserve);
}

void scheme_init(struct scheme *scheme, struct arena *arena, void *host)
{
	enum { SYMBOLS = 64 };

	*scheme = (struct scheme){
		.arena = arena,
		.host = host,
		.lookup = builtin_lookup,
		.steps_left = SCHEME_STEPS,
		.memory_limit = arena->used + SCHEME_MEMORY,
		.stack_limit = stack_limit(),
		.symbols = {.buckets = ARENA_ARRAY(arena, struct symbol *, SYMBOLS),
			.size = SYMBOLS},
		.nil = {.type = CELL_NIL},
		.true_value = {.type = CELL_BOOLEAN, .boolean = true},
		.false_value = {.type = CELL_BOOLEAN},
		.unspecified = {.type = CELL_UNSPECIFIED},
		.end = {.type = CELL_END},
		.zero = {.type = CELL_INTEGER},
		.one = {.type = CELL_INTEGER, .integer = 1},
	};
}

__attribute__((format(printf, 4, 0))) static void *fail(struct scheme *scheme,
	enum unwinding unwinding, const struct origin *origin, const char *format,
	va_list arguments)
{
	char text[512];

	if (scheme->error.text)
		return NULL;
	vsnprintf(text, sizeof(text), format, arguments);
	scheme->error.text = arena_copy(scheme->arena, text, strlen(text));
	scheme->error.origin = origin ? *origin : scheme->place;
	scheme->unwinding = unwinding;
	return NULL;
}

void *scheme_fail(struct scheme *scheme, const struct origin *origin, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fail(scheme, UNWINDING_ERROR, origin, format, arguments);
	va_end(arguments);
	return NULL;
}

void *scheme_end(struct scheme *scheme, const struct origin *origin, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fail(scheme, UNWINDING_END, origin, format, arguments);
	va_end(arguments);
	return NULL;
}

bool scheme_recover(struct scheme *scheme)
{
	if (!scheme->error.text || scheme->unwinding != UNWINDING_ERROR)
		return false;
	scheme->error.text = NULL;
	return true;
}

bool scheme_overspent(struct scheme *scheme)
{
	scheme->steps_left = 0;
	return scheme_end(scheme, NULL, "the profile does not come to an end") != NULL;
}

bool scheme_has_room(struct scheme *scheme, size_t bytes)
{
	if (scheme->arena->used <= scheme->memory_limit &&
		bytes <= scheme->memory_limit - scheme->arena->used)
		return true;
	return scheme_end(scheme, NULL, "the profile needs too much memory") != NULL;
}

bool scheme_has_stack(struct scheme *scheme)
{
	if ((const char *)__builtin_frame_address(0) > scheme->stack_limit)
		return true;
	return scheme_end(scheme, NULL, "the profile calls itself too deeply") != NULL;
}

bool scheme_is_confined(const struct scheme *scheme)
{
	return scheme->confined || (scheme->place.source && scheme->place.source->confined);
}

bool scheme_load(struct scheme *scheme, const struct source *source)
{
	struct reader reader = {.scheme = scheme, .source = source};
	struct cell *form = NULL;

	if (scheme->loads >= SCHEME_LOADS)
		return scheme_fail(scheme, NULL, "files are loaded by each other too deeply") !=
		       NULL;
	scheme->loads++;
	while ((form = reader_next(&reader)) != NULL) {
		scheme->place = (struct origin){
			source, (uint32_t)reader.start, (uint32_t)(reader.at - reader.start)};
		if (!scheme_eval(scheme, form, NULL))
			break;
	}
	scheme->loads--;
	if (scheme->loads == 0)
		print_end_line(scheme);
	return !scheme->error.text;
}

struct cell *scheme_new(struct scheme *scheme, enum cell_type type)
{
	struct cell *cell = ARENA_NEW(scheme->arena, struct cell);

	/* Loops look for the error; until then there is room for one more cell. */
	if (scheme->arena->used > scheme->memory_limit)
		scheme_has_room(scheme, 0);
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

struct cell *scheme_string(struct scheme *scheme, const char *bytes, size_t length)
{
	struct cell *cell = scheme_new(scheme, CELL_STRING);

	if (!scheme_has_room(scheme, length))
		return NULL;
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

struct cell *scheme_real(struct scheme *scheme, double value)
{
	struct cell *cell = scheme_new(scheme, CELL_REAL);

	cell->real = value;
	return cell;
}

struct cell *scheme_character(struct scheme *scheme, unsigned char value)
{
	struct cell *cell = scheme_new(scheme, CELL_CHARACTER);

	cell->character = value;
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

struct cell *scheme_vector(struct scheme *scheme, size_t length)
{
	struct cell *cell = scheme_new(scheme, CELL_VECTOR);

	if (length > SCHEME_MEMORY || !scheme_has_room(scheme, length * sizeof(struct cell *)))
		return scheme_end(scheme, NULL, "the profile needs too much memory");
	cell->vector.items = ARENA_ARRAY(scheme->arena, struct cell *, length);
	cell->vector.length = length;
	for (size_t i = 0; i < length; i++)
		cell->vector.items[i] = &scheme->unspecified;
	return cell;
}

const void *scheme_object(const struct cell *cell, const struct foreign_type *type)
{
	return cell->type == CELL_FOREIGN && cell->foreign.type == type ? cell->foreign.object
									: NULL;
}

int scheme_measure(const struct cell *list, size_t *seen)
{
	const struct cell *mark = list;

	*seen = 0;
	/* The mark stays where it is for twice as long each time: a cycle comes back to it. */
	for (size_t next = 16; list->type == CELL_PAIR; ++*seen) {
		list = list->pair.tail;
		if (list == mark)
			return -1;
		if (*seen == next) {
			mark = list;
			next *= 2;
		}
	}
	return list->type == CELL_NIL ? (int)*seen : -1;
}

int scheme_length(const struct cell *list)
{
	size_t seen;

	return scheme_measure(list, &seen);
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
	static const char *const names[] = {
		[CELL_NIL] = "empty list",
		[CELL_BOOLEAN] = "boolean",
		[CELL_INTEGER] = "integer",
		[CELL_STRING] = "string",
		[CELL_CHARACTER] = "character",
		[CELL_SYMBOL] = "symbol",
		[CELL_PAIR] = "list",
		[CELL_PRIMITIVE] = "procedure",
		[CELL_FORM] = "special form",
		[CELL_CLOSURE] = "procedure",
		[CELL_UNSPECIFIED] = "unspecified value",
		[CELL_REAL] = "real number",
		[CELL_VECTOR] = "vector",
		[CELL_MACRO] = "macro",
		[CELL_PROMISE] = "promise",
		[CELL_CONTINUATION] = "continuation",
		[CELL_ENVIRONMENT] = "environment",
		[CELL_PORT] = "port",
		[CELL_END] = "end of file",
	};

	return cell->type == CELL_FOREIGN ? cell->foreign.type->name : names[cell->type];
}
