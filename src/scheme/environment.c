#include "scheme/environment.h"

struct environment *environment_new(struct scheme *scheme, struct environment *outer)
{
	struct environment *environment = ARENA_NEW(scheme->arena, struct environment);

	environment->outer = outer;
	return environment;
}

static struct binding *find(struct environment *environment, const struct cell *symbol)
{
	for (struct binding *binding = environment->bindings; binding; binding = binding->next) {
		if (binding->symbol == symbol)
			return binding;
	}
	return NULL;
}

static struct binding *find_outward(struct environment *environment, const struct cell *symbol)
{
	for (; environment; environment = environment->outer) {
		struct binding *binding = find(environment, symbol);

		if (binding)
			return binding;
	}
	return NULL;
}

void environment_define(struct scheme *scheme, struct environment *environment, struct cell *symbol,
	struct cell *value)
{
	if (!environment) {
		symbol->symbol.value = value;
		return;
	}
	struct binding *binding = find(environment, symbol);

	if (!binding) {
		binding = ARENA_NEW(scheme->arena, struct binding);
		binding->symbol = symbol;
		binding->next = environment->bindings;
		environment->bindings = binding;
	}
	binding->value = value;
}

static struct cell *fail_unbound(struct scheme *scheme, const struct cell *symbol)
{
	const char *name = symbol->symbol.name;
	const char *near = scheme->suggest ? scheme->suggest(scheme, name) : NULL;

	if (near)
		return scheme_fail(
			scheme, NULL, "unbound variable: %s (did you mean %s?)", name, near);
	return scheme_fail(scheme, NULL, "unbound variable: %s", name);
}

struct cell *environment_get(
	struct scheme *scheme, struct environment *environment, struct cell *symbol)
{
	struct binding *binding = find_outward(environment, symbol);
	struct cell *value = binding ? binding->value : symbol->symbol.value;

	if (!value && !binding)
		value = scheme->lookup(scheme, symbol->symbol.name);
	return value ? value : fail_unbound(scheme, symbol);
}

bool environment_set(struct scheme *scheme, struct environment *environment, struct cell *symbol,
	struct cell *value)
{
	struct binding *binding = find_outward(environment, symbol);

	if (!environment_get(scheme, environment, symbol))
		return false;
	if (binding)
		binding->value = value;
	else
		symbol->symbol.value = value;
	return true;
}
