#include "scheme/builtins.h"

#include <string.h>

#include "base/text.h"

static const struct primitive *const tables[] = {builtin_lists, builtin_numbers, builtin_strings};

enum { TABLES = sizeof(tables) / sizeof(tables[0]) };

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
	for (const struct form *form = builtin_forms; form->name; form++) {
		if (text_is(form->name, name))
			return builtin_form(scheme, form);
	}
	for (int i = 0; i < TABLES; i++) {
		for (const struct primitive *entry = tables[i]; entry->name; entry++) {
			if (text_is(entry->name, name))
				return builtin_primitive(scheme, entry);
		}
	}
	return NULL;
}

const char *builtin_nearest(const char *name)
{
	const char *nearest = NULL;
	unsigned best = (unsigned)strlen(name) / 3 + 1;

	for (const struct form *form = builtin_forms; form->name; form++) {
		if (text_distance(name, form->name) < best) {
			best = text_distance(name, form->name);
			nearest = form->name;
		}
	}
	for (int i = 0; i < TABLES; i++) {
		for (const struct primitive *entry = tables[i]; entry->name; entry++) {
			if (text_distance(name, entry->name) < best) {
				best = text_distance(name, entry->name);
				nearest = entry->name;
			}
		}
	}
	return nearest;
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
