#include "scheme/environment.h"

#include <string.h>

struct environment *environment_new(struct scheme *scheme, struct environment *outer)
{
	struct environment *environment = ARENA_NEW(scheme->arena, struct environment);

	environment->outer = outer;
	return environment;
}

/* From this environment outward, up to another one. Many variables take their time. */
static struct binding *find(struct scheme *scheme, const struct environment *environment,
	const struct environment *end, const struct cell *symbol)
{
	enum { FOR_FREE = 16, PER_STEP = 4 };
	unsigned long seen = 0;
	struct binding *binding = NULL;

	for (; environment != end && !binding; environment = environment->outer) {
		binding = environment->bindings;
		for (seen++; binding && binding->symbol != symbol; binding = binding->next)
			seen++;
	}
	if (seen > FOR_FREE)
		scheme_spend(scheme, seen / PER_STEP);
	return binding;
}

void environment_add(struct scheme *scheme, struct environment *environment,
	const struct cell *symbol, struct cell *value)
{
	struct binding *binding = ARENA_NEW(scheme->arena, struct binding);

	*binding = (struct binding){symbol, value, environment->bindings};
	environment->bindings = binding;
	if (scheme->arena->used > scheme->memory_limit)
		scheme_has_room(scheme, 0);
}

void environment_define(struct scheme *scheme, struct environment *environment, struct cell *symbol,
	struct cell *value)
{
	struct binding *binding =
		environment ? find(scheme, environment, environment->outer, symbol) : NULL;

	if (!environment)
		symbol->symbol.value = value;
	else if (binding)
		binding->value = value;
	else
		environment_add(scheme, environment, symbol, value);
}

static struct cell *fail_unbound(struct scheme *scheme, const struct cell *symbol)
{
	enum { LONGEST = 64, COMPARISONS = 10000 }; /* to look through all names takes its time */
	const char *name = symbol->symbol.name;
	const char *near = NULL;

	if (scheme->error.text || !scheme_spend(scheme, COMPARISONS))
		return NULL;
	if (scheme->suggest && strlen(name) < LONGEST)
		near = scheme->suggest(scheme, name);
	if (near)
		return scheme_fail(
			scheme, NULL, "unbound variable: %s (did you mean %s?)", name, near);
	return scheme_fail(scheme, NULL, "unbound variable: %s", name);
}

/* The value at top level, or NULL. */
static struct cell *global(struct scheme *scheme, struct cell *symbol)
{
	enum { COMPARISONS = 50 };

	if (!symbol->symbol.value && scheme_spend(scheme, COMPARISONS))
		symbol->symbol.value = scheme->lookup(scheme, symbol->symbol.name);
	return symbol->symbol.value;
}

struct cell *environment_get(
	struct scheme *scheme, struct environment *environment, struct cell *symbol)
{
	struct binding *binding = find(scheme, environment, NULL, symbol);
	struct cell *value = binding ? binding->value : global(scheme, symbol);

	return value ? value : fail_unbound(scheme, symbol);
}

struct cell *environment_find(
	struct scheme *scheme, struct environment *environment, const struct cell *symbol)
{
	const struct binding *binding = find(scheme, environment, NULL, symbol);

	return binding ? binding->value : symbol->symbol.value;
}

bool environment_set(struct scheme *scheme, struct environment *environment, struct cell *symbol,
	struct cell *value)
{
	struct binding *binding = find(scheme, environment, NULL, symbol);

	if (!environment_get(scheme, environment, symbol))
		return false;
	if (binding)
		binding->value = value;
	else
		symbol->symbol.value = value;
	return true;
}

bool environment_has(struct scheme *scheme, struct environment *environment, struct cell *symbol)
{
	struct binding *binding = find(scheme, environment, NULL, symbol);
	bool has = binding ? binding->value != NULL : global(scheme, symbol) != NULL;

	/* A name may be known and refused for now: then it isn't defined yet. */
	scheme_recover(scheme);
	return has;
}
