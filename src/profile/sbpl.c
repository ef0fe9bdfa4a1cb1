/* Evaluating a profile: what its names mean, and the rules that every profile ends with. */
#include "profile/sbpl.h"

#include <string.h>

#include "base/text.h"
#include "scheme/builtins.h"
#include "scheme/environment.h"

void sbpl_charge(struct scheme *scheme, size_t steps)
{
	scheme->steps_left -= steps < scheme->steps_left ? steps : scheme->steps_left;
}

static struct cell *find_primitive(
	struct scheme *scheme, const struct primitive *table, const char *name)
{
	for (; table->name; table++) {
		if (text_is(table->name, name))
			return builtin_primitive(scheme, table);
	}
	return NULL;
}

static struct cell *find_form(struct scheme *scheme, const char *name)
{
	for (const struct form *form = sbpl_forms; form->name; form++) {
		if (text_is(form->name, name))
			return builtin_form(scheme, form);
	}
	return NULL;
}

static struct cell *find_directive(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;

	if (sbpl->version != 3 && strcmp(name, "disable-syscall-inference") == 0)
		return NULL;
	return find_primitive(scheme, sbpl_directive_primitives, name);
}

static struct cell *find_operation(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;
	bool ignored;
	enum operation operation = operation_find(name, &ignored);

	if (operation == OP_NONE && !ignored)
		return NULL;
	if (sbpl->version == 3 && operation_is_legacy(name))
		return NULL;
	enum operation *object = ARENA_NEW(scheme->arena, enum operation);

	*object = operation;
	return scheme_foreign(scheme, &sbpl_operation_type, object);
}

/* The value of a name of SBPL, or NULL. */
static struct cell *find_name(struct scheme *scheme, const char *name)
{
	/* No two of them have a name in common: those that are asked for most come first. */
	struct cell *cell = find_primitive(scheme, sbpl_rule_primitives, name);

	if (!cell)
		cell = find_operation(scheme, name);
	if (!cell)
		cell = sbpl_filter(scheme, name);
	if (!cell)
		cell = find_directive(scheme, name);
	if (!cell)
		cell = find_form(scheme, name);
	if (!cell)
		cell = sbpl_modifier_name(scheme, name);
	return cell ? cell : sbpl_constant(scheme, name);
}

/* Until (version ...) runs, no other name of SBPL exists. */
static struct cell *lookup(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;
	struct cell *cell = sbpl->version                  ? find_name(scheme, name)
			    : strcmp(name, "version") == 0 ? find_directive(scheme, name)
							   : NULL;

	return cell ? cell : builtin_lookup(scheme, name);
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	unsigned distance = text_distance(nearest->name, candidate);

	/* The same name may be one that the version does not have. */
	if (distance && distance < nearest->distance) {
		nearest->distance = distance;
		nearest->near = candidate;
	}
}

static void try_primitives(struct nearest *nearest, const struct primitive *table)
{
	for (; table->name; table++)
		nearest_try(nearest, table->name);
}

static void try_operations(struct nearest *nearest, int version)
{
	const char *name;

	for (unsigned i = 0; (name = operation_spelling(i)) != NULL; i++) {
		if (version != 3 || !operation_is_legacy(name))
			nearest_try(nearest, name);
	}
}

static bool exists_with_version(struct scheme *scheme, const char *name)
{
	struct sbpl *sbpl = scheme->host;

	sbpl->version = 1;
	bool exists = find_name(scheme, name) != NULL;

	sbpl->version = 0;
	/* What was found must not stay as the symbol's value. */
	environment_define(scheme, NULL, scheme_symbol(scheme, name, strlen(name)), NULL);
	return exists;
}

/* Called for a name that nobody knows, which ends the evaluation: it may take its time. */
static const char *suggest(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;
	struct nearest nearest = {name, NULL, (unsigned)strlen(name) / 3 + 1};

	if (!sbpl->version)
		return exists_with_version(scheme, name)
			       ? scheme_fail(scheme, NULL,
					 "no version specified: (version 1) comes first")
			       : NULL;
	try_primitives(&nearest, sbpl_rule_primitives);
	try_primitives(&nearest, sbpl_directive_primitives);
	sbpl_filters_near(scheme->arena, &nearest);
	try_operations(&nearest, sbpl->version);
	sbpl_constants_near(scheme->arena, &nearest);
	sbpl_modifiers_near(&nearest);
	for (const struct form *form = sbpl_forms; form->name; form++)
		nearest_try(&nearest, form->name);
	return nearest.near ? nearest.near : builtin_nearest(name);
}

/*
 * Under (version 3), a denying default also covers what is otherwise allowed by itself, and a
 * profile without a default denies.
 */
static void add_version_3_rules(struct sbpl *sbpl)
{
	static const struct rule deny = {.action = ACTION_DENY};
	const struct rule *rule = sbpl->policy->operations[OP_DEFAULT].unfiltered;

	if (sbpl->version != 3 || (rule && rule->action == ACTION_ALLOW))
		return;
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (operation_builtin((enum operation)i) == BUILTIN_ALLOW &&
			!sbpl->policy->operations[i].unfiltered)
			policy_add(
				sbpl->policy, sbpl->arena, (enum operation)i, rule ? rule : &deny);
	}
}

/* What Apple appends to every profile (SBPL.md section 5). */
static void add_implicit_rules(struct sbpl *sbpl)
{
	static const struct filter self = {.kind = FILTER_NUMBER,
		.kinds = UINT64_C(1) << TAKES_TARGET,
		.number = {NUMBER_TARGET, TARGET_SELF}};
	static const struct rule rule = {.action = ACTION_ALLOW, .filter = &self};
	static const enum operation operations[] = {
		OP_SIGNAL, OP_MACH_TASK_NAME, OP_MACH_TASK_INSPECT, OP_MACH_TASK_READ};

	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		policy_add(sbpl->policy, sbpl->arena, operations[i], &rule);
}

static void start_scheme(struct sbpl *sbpl)
{
	scheme_init(&sbpl->scheme, sbpl->arena, sbpl);
	sbpl->scheme.lookup = lookup;
	sbpl->scheme.suggest = suggest;
}

static bool load(struct sbpl *sbpl, const struct part *part, struct scheme_error *error)
{
	sbpl->part_kind = part->kind;
	sbpl->scheme.confined = part->source->confined;
	sbpl->scheme.place = (struct origin){part->source, 0, 0};
	bool is_loaded = scheme_load(&sbpl->scheme, part->source);

	if (!is_loaded)
		*error = sbpl->scheme.error;
	return is_loaded;
}

bool sbpl_evaluate(struct profile *profile, struct arena *arena, struct policy *policy,
	struct scheme_error *error)
{
	struct sbpl *sbpl = ARENA_NEW(arena, struct sbpl);

	*sbpl = (struct sbpl){.arena = arena, .policy = policy, .profile = profile};
	start_scheme(sbpl);
	for (const struct part *part = profile->first; part; part = part->next) {
		if (!load(sbpl, part, error))
			return false;
	}
	if (!sbpl->version) {
		*error = (struct scheme_error){.text = "no version specified"};
		return false;
	}
	add_version_3_rules(sbpl);
	add_implicit_rules(sbpl);
	return true;
}

bool sbpl_append(struct profile *profile, const struct part *part, struct arena *arena,
	struct policy *policy, struct scheme_error *error)
{
	struct sbpl *sbpl = ARENA_NEW(arena, struct sbpl);

	*sbpl = (struct sbpl){.arena = arena, .policy = policy, .profile = profile, .version = 1};
	start_scheme(sbpl);
	return load(sbpl, part, error);
}
