#include "scheme/builtins.h"

#include <string.h>

static const struct form *const form_tables[] = {
	builtin_forms,
	builtin_binding_forms,
	builtin_macro_forms,
	builtin_control_forms,
};

static const struct primitive *const primitive_tables[] = {
	builtin_lists,
	builtin_accessors,
	builtin_searches,
	builtin_mappings,
	builtin_types,
	builtin_strings,
	builtin_comparisons,
	builtin_characters,
	builtin_numbers,
	builtin_mathematics,
	builtin_vectors,
	builtin_control,
	builtin_input,
	builtin_output,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct cell *builtin_primitive(struct scheme *scheme, const struct primitive *primitive)
{
	struct cell *cell = scheme_new(scheme, CELL_PRIMITIVE);

	cell->primitive = primitive;
	scheme_symbol(scheme, primitive->name, strlen(primitive->name))->symbol.value = cell;
	return cell;
}

struct cell *builtin_form(struct scheme *scheme, const struct form *form)
{
	struct cell *cell = scheme_new(scheme, CELL_FORM);

	cell->form = form;
	scheme_symbol(scheme, form->name, strlen(form->name))->symbol.value = cell;
	return cell;
}

struct cell *builtin_lookup(struct scheme *scheme, const char *name)
{
	for (size_t i = 0; i < COUNT(form_tables); i++) {
		for (const struct form *form = form_tables[i]; form->name; form++) {
			if (text_is(form->name, name))
				return builtin_form(scheme, form);
		}
	}
	for (size_t i = 0; i < COUNT(primitive_tables); i++) {
		for (const struct primitive *entry = primitive_tables[i]; entry->name; entry++) {
			if (text_is(entry->name, name))
				return builtin_primitive(scheme, entry);
		}
	}
	/* A clause (else ...) of cond is one whose test is true. */
	return text_is(name, "else") ? &scheme->true_value : NULL;
}

struct nearest {
	const char *name;
	unsigned distance;
};

static void consider(struct nearest *nearest, const char *candidate, const char *name)
{
	unsigned distance = text_distance(name, candidate);

	if (distance < nearest->distance)
		*nearest = (struct nearest){candidate, distance};
}

const char *builtin_nearest(const char *name)
{
	struct nearest nearest = {.distance = (unsigned)strlen(name) / 3 + 1};

	for (size_t i = 0; i < COUNT(form_tables); i++) {
		for (const struct form *form = form_tables[i]; form->name; form++)
			consider(&nearest, form->name, name);
	}
	for (size_t i = 0; i < COUNT(primitive_tables); i++) {
		for (const struct primitive *entry = primitive_tables[i]; entry->name; entry++)
			consider(&nearest, entry->name, name);
	}
	return nearest.name;
}

struct cell *argument_at(struct scheme *scheme, struct cell *rest, int index, enum cell_type type)
{
	struct cell *argument = rest->pair.head;
	struct cell wanted = {.type = type};

	if (argument->type == type)
		return argument;
	return scheme_fail(scheme, NULL, "%s: argument %d must be %s, got %s",
		scheme->calling->name, index + 1, scheme_type_name(&wanted),
		scheme_type_name(argument));
}

struct cell *argument_of(
	struct scheme *scheme, struct cell *arguments, int index, enum cell_type type)
{
	for (int i = 0; i < index; i++)
		arguments = arguments->pair.tail;
	return argument_at(scheme, arguments, index, type);
}

int builtin_length(struct scheme *scheme, const struct cell *list)
{
	enum { PER_STEP = 4 };
	size_t seen;
	int length = scheme_measure(list, &seen);

	return scheme_spend(scheme, seen / PER_STEP) ? length : -1;
}

struct cell *argument_list(struct scheme *scheme, struct cell *rest, int index)
{
	struct cell *list = rest->pair.head;

	if (builtin_length(scheme, list) >= 0)
		return list;
	return scheme_fail(scheme, NULL, "%s: argument %d must be list, got %s",
		scheme->calling->name, index + 1,
		list->type == CELL_PAIR ? "improper list" : scheme_type_name(list));
}

bool argument_index(
	struct scheme *scheme, struct cell *arguments, int index, size_t most, size_t *value)
{
	const struct cell *integer = argument_of(scheme, arguments, index, CELL_INTEGER);

	if (!integer)
		return false;
	if (integer->integer < 0 || (size_t)integer->integer > most)
		return scheme_fail(scheme, NULL, "%s: argument %d is out of bounds: %ld",
			       scheme->calling->name, index + 1, integer->integer) != NULL;
	*value = (size_t)integer->integer;
	return true;
}

const char *argument_text(struct scheme *scheme, struct cell *arguments, int index)
{
	enum { PER_STEP = 64 };
	const struct cell *string = argument_of(scheme, arguments, index, CELL_STRING);

	if (!string || !scheme_spend(scheme, string->string.length / PER_STEP))
		return NULL;
	if (strlen(string->string.bytes) == string->string.length)
		return string->string.bytes;
	return scheme_fail(scheme, NULL, "%s: argument %d must not have a NUL byte",
		scheme->calling->name, index + 1);
}
