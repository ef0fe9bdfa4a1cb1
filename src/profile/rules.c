/* allow, deny and what surrounds them (SBPL.md sections 1 and 4). */
#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/sbpl.h"
#include "scheme/builtins.h"

enum { IMPORTS_MAX = 16, OPERATIONS_MAX = 256, MODIFIERS_MAX = 16 };

const struct foreign_type sbpl_operation_type = {"operation"};
const struct foreign_type sbpl_modifier_type = {"modifier"};

struct modifier_use {
	enum modifier modifier;
	const char *message;
};

struct modifier_name {
	const char *name;
	enum modifier modifier;
	bool on_allow, on_deny;
};

static const struct modifier_name modifier_names[] = {
	{"no-log", MODIFIER_NO_LOG, false, true},
	{"no-report", MODIFIER_NO_LOG, false, true},
	{"report", MODIFIER_REPORT, true, false},
	{"message", MODIFIER_OTHER, true, true},
	{"send-signal", MODIFIER_OTHER, true, true},
	{"termination", MODIFIER_KILL, false, true},
	{"no-sandbox", MODIFIER_NO_SANDBOX, true, false},
	{"no-profile", MODIFIER_NO_SANDBOX, true, false},
	{"no-callout", MODIFIER_OTHER, true, true},
	{"partial-symbolication", MODIFIER_OTHER, true, true},
};

struct modifier_object {
	const struct modifier_name *name;
	const char *message;
};

static const struct foreign_type modifier_name_type = {"name of a modifier"};

/* The rule being put together from the arguments of allow or deny. */
struct draft {
	struct rule *rule;
	enum operation operations[OPERATIONS_MAX];
	int count;
	const struct modifier_name *modifiers[MODIFIERS_MAX];
	int modifier_count;
	bool ignored; /* an operation that is accepted without effect was named */
	struct cell *filters;
};

static bool add_modifier(
	struct scheme *scheme, struct draft *draft, const struct modifier_object *modifier)
{
	bool allow = draft->rule->action == ACTION_ALLOW;

	if (allow ? !modifier->name->on_allow : !modifier->name->on_deny)
		return scheme_fail(scheme, NULL, "%s modifier does not apply to %s action",
			       modifier->name->name, allow ? "allow" : "deny") != NULL;
	for (int i = 0; i < draft->modifier_count; i++) {
		if (draft->modifiers[i] == modifier->name)
			return scheme_fail(scheme, NULL,
				       "%s modifier can only appear once per rule",
				       modifier->name->name) != NULL;
	}
	if (draft->modifier_count < MODIFIERS_MAX)
		draft->modifiers[draft->modifier_count++] = modifier->name;
	draft->rule->modifiers |= modifier->name->modifier;
	if (modifier->message)
		draft->rule->message = modifier->message;
	return true;
}

static bool add_argument(struct scheme *scheme, struct draft *draft, struct cell *argument)
{
	const enum operation *operation = scheme_object(argument, &sbpl_operation_type);
	const struct modifier_object *modifier = scheme_object(argument, &sbpl_modifier_type);

	if (modifier)
		return add_modifier(scheme, draft, modifier);
	if (operation && *operation == OP_NONE) {
		draft->ignored = true;
		return true;
	}
	if (operation && draft->count < OPERATIONS_MAX) {
		draft->operations[draft->count++] = *operation;
		return true;
	}
	if (!scheme_object(argument, &sbpl_filter_type))
		return scheme_fail(scheme, NULL, "%s: illegal argument: %s", scheme->calling->name,
			       scheme_type_name(argument)) != NULL;
	draft->filters = scheme_cons(scheme, argument, draft->filters);
	return true;
}

/* Many rules can share one large filter: what walks over all of them has to come to an end. */
static bool spend_filters(struct scheme *scheme, const struct draft *draft)
{
	struct sbpl *sbpl = scheme->host;

	sbpl->filters += (draft->rule->filter->size + 1ul) * (unsigned long)draft->count;
	return sbpl->filters <= FILTER_SIZE_MAX ||
	       scheme_fail(scheme, NULL, "the filters of all rules are too many") != NULL;
}

static struct cell *make_rule(struct scheme *scheme, struct cell *arguments, enum action action)
{
	struct sbpl *sbpl = scheme->host;
	struct draft draft = {.filters = &scheme->nil};

	if (action == ACTION_ALLOW && sbpl->part_kind == PART_RESTRICT)
		return scheme_fail(scheme, NULL, "a fragment of kind restrict must not allow");
	if (action == ACTION_DENY && sbpl->part_kind == PART_GRANT)
		return scheme_fail(scheme, NULL, "a fragment of kind grant or base must not deny");
	draft.rule = ARENA_NEW(scheme->arena, struct rule);
	draft.rule->action = action;
	draft.rule->origin = scheme->place;
	for (; arguments->type == CELL_PAIR; arguments = arguments->pair.tail) {
		if (!add_argument(scheme, &draft, arguments->pair.head))
			return NULL;
	}
	if (draft.count == 0 && !draft.ignored)
		return scheme_fail(
			scheme, NULL, "%s: at least one operation required", scheme->calling->name);
	if (draft.filters->type == CELL_PAIR) {
		draft.rule->filter = sbpl_any(scheme, draft.filters);
		if (!draft.rule->filter || !spend_filters(scheme, &draft))
			return NULL;
	}
	for (int i = 0; i < draft.count; i++)
		policy_add(sbpl->policy, scheme->arena, draft.operations[i], draft.rule);
	return &scheme->unspecified;
}

static struct cell *allow(struct scheme *scheme, struct cell *arguments)
{
	return make_rule(scheme, arguments, ACTION_ALLOW);
}

static struct cell *deny(struct scheme *scheme, struct cell *arguments)
{
	return make_rule(scheme, arguments, ACTION_DENY);
}

static struct cell *with(struct scheme *scheme, struct cell *arguments)
{
	const struct modifier_name *name = scheme_object(arguments->pair.head, &modifier_name_type);
	struct modifier_object *modifier = ARENA_NEW(scheme->arena, struct modifier_object);

	if (!name)
		return scheme_fail(scheme, NULL, "with: expected a modifier, got %s",
			scheme_type_name(arguments->pair.head));
	modifier->name = name;
	if (strcmp(name->name, "message") == 0) {
		if (scheme_length(arguments) != 2)
			return scheme_fail(scheme, NULL, "message modifier requires a string");
		struct cell *message = argument_of(scheme, arguments, 1, CELL_STRING);

		if (!message)
			return NULL;
		modifier->message = message->string.bytes;
	}
	return scheme_foreign(scheme, &sbpl_modifier_type, modifier);
}

static struct cell *version(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;
	struct cell *number = argument_of(scheme, arguments, 0, CELL_INTEGER);

	if (!number)
		return NULL;
	if (number->integer < 1 || number->integer > 3)
		return scheme_fail(scheme, NULL, "unsupported version: %ld", number->integer);
	if (sbpl->version && sbpl->version != number->integer)
		return scheme_fail(scheme, NULL, "only one version may be specified");
	sbpl->version = (int)number->integer;
	return &scheme->unspecified;
}

static struct cell *param(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;
	struct cell *name = argument_of(scheme, arguments, 0, CELL_STRING);

	if (!name)
		return NULL;
	const char *value = profile_parameter(sbpl->profile, scheme->arena, name->string.bytes);

	if (value)
		return scheme_string(scheme, value, strlen(value));
	sbpl->missing_param = name->string.bytes;
	return &scheme->false_value;
}

static struct cell *import(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;
	struct cell *name = argument_of(scheme, arguments, 0, CELL_STRING);
	const char *directory = profile_get(sbpl->profile, "IMPORT_DIR");
	struct origin place = scheme->place;

	if (!name)
		return NULL;
	if (sbpl->imports >= IMPORTS_MAX)
		return scheme_fail(scheme, NULL, "imports are nested too deeply");
	const char *path = path_join(
		scheme->arena, directory ? directory : sbpl->profile->library, name->string.bytes);
	const struct source *source = file_read(scheme->arena, path);

	if (!source)
		return scheme_fail(scheme, NULL, "unable to open \"%s\": %s", name->string.bytes,
			errno == ENOENT ? "not found" : strerror(errno));
	sbpl->imports++;
	bool loaded = scheme_load(scheme, source);

	sbpl->imports--;
	scheme->place = place;
	return loaded ? &scheme->unspecified : NULL;
}

/* Accepted as on macOS, where it has had no effect since 10.13. */
static struct cell *trace(struct scheme *scheme, struct cell *arguments)
{
	struct sbpl *sbpl = scheme->host;

	if (arguments->pair.head->type != CELL_STRING)
		return scheme_fail(scheme, NULL, "argument to trace must be a string");
	if (sbpl->has_trace)
		return scheme_fail(scheme, NULL, "only one trace path may be specified");
	sbpl->has_trace = true;
	return &scheme->unspecified;
}

const struct primitive sbpl_rule_primitives[] = {
	{"version", version, 1, 1, NULL},
	{"allow", allow, 0, -1, NULL},
	{"deny", deny, 0, -1, NULL},
	{"with", with, 1, 2, NULL},
	{"param", param, 1, 1, NULL},
	{"import", import, 1, 1, NULL},
	{"trace", trace, 1, 1, NULL},
	{NULL, NULL, 0, 0, NULL},
};

static struct cell *ignored_debug(struct scheme *scheme, struct cell *form, struct tail *tail)
{
	(void)form;
	(void)tail;
	return &scheme->unspecified;
}

static const struct form debug_form = {"debug", ignored_debug};

static struct cell *find_primitive(
	struct scheme *scheme, const struct primitive *table, const char *name)
{
	for (; table->name; table++) {
		if (text_is(table->name, name))
			return builtin_primitive(scheme, table);
	}
	return NULL;
}

static struct cell *find_operation(struct scheme *scheme, const char *name)
{
	bool ignored;
	enum operation operation = operation_find(name, &ignored);

	if (operation == OP_NONE && !ignored)
		return NULL;
	enum operation *object = ARENA_NEW(scheme->arena, enum operation);

	*object = operation;
	return scheme_foreign(scheme, &sbpl_operation_type, object);
}

static struct cell *find_modifier(struct scheme *scheme, const char *name)
{
	for (size_t i = 0; i < sizeof(modifier_names) / sizeof(modifier_names[0]); i++) {
		if (text_is(modifier_names[i].name, name))
			return scheme_foreign(scheme, &modifier_name_type, &modifier_names[i]);
	}
	return NULL;
}

static struct cell *lookup(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;
	struct cell *cell = find_primitive(scheme, sbpl_rule_primitives, name);

	/* Until (version ...) runs, no other name of SBPL exists. */
	if (cell && !sbpl->version && strcmp(name, "version") != 0)
		return scheme_fail(scheme, NULL, "no version specified: (version 1) comes first");
	if (!sbpl->version)
		return cell ? cell : builtin_lookup(scheme, name);
	if (!cell)
		cell = find_primitive(scheme, sbpl_filter_primitives, name);
	if (!cell)
		cell = find_operation(scheme, name);
	if (!cell)
		cell = sbpl_constant(scheme, name);
	if (!cell)
		cell = find_modifier(scheme, name);
	if (!cell && strcmp(name, "debug") == 0)
		cell = builtin_form(scheme, &debug_form);
	return cell ? cell : builtin_lookup(scheme, name);
}

static const char *nearest_primitive(
	const struct primitive *table, const char *name, unsigned *best)
{
	const char *near = NULL;

	for (; table->name; table++) {
		unsigned distance = text_distance(name, table->name);

		if (distance < *best) {
			*best = distance;
			near = table->name;
		}
	}
	return near;
}

static const char *suggest(struct scheme *scheme, const char *name)
{
	const struct sbpl *sbpl = scheme->host;
	unsigned best = (unsigned)strlen(name) / 3 + 1;
	const char *near = NULL;

	if (!sbpl->version)
		return NULL;
	near = nearest_primitive(sbpl_rule_primitives, name, &best);
	const char *filter = nearest_primitive(sbpl_filter_primitives, name, &best);

	near = filter ? filter : near;
	const char *operation = operation_nearest(name);

	if (operation && text_distance(name, operation) < best)
		return operation;
	return near ? near : builtin_nearest(name);
}

/* Under (version 3), (deny default) also covers what is otherwise built-in allow. */
static void add_version_3_rules(struct sbpl *sbpl)
{
	const struct rule *rule = sbpl->policy->operations[OP_DEFAULT].unfiltered;

	if (sbpl->version != 3 || !rule || rule->action != ACTION_DENY)
		return;
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (operation_builtin((enum operation)i) == BUILTIN_ALLOW &&
			!sbpl->policy->operations[i].unfiltered)
			policy_add(sbpl->policy, sbpl->arena, (enum operation)i, rule);
	}
}

/* What Apple appends to every profile (SBPL.md section 5). */
static void add_implicit_rules(struct sbpl *sbpl)
{
	static const struct filter self = {
		.kind = FILTER_NUMBER, .number = {NUMBER_TARGET, TARGET_SELF}};
	static const struct rule rule = {.action = ACTION_ALLOW, .filter = &self};

	policy_add(sbpl->policy, sbpl->arena, OP_SIGNAL, &rule);
	policy_add(sbpl->policy, sbpl->arena, OP_MACH_TASK_NAME, &rule);
}

bool sbpl_evaluate(struct profile *profile, struct arena *arena, struct policy *policy,
	struct scheme_error *error)
{
	struct sbpl *sbpl = ARENA_NEW(arena, struct sbpl);

	*sbpl = (struct sbpl){.arena = arena, .policy = policy, .profile = profile};
	scheme_init(&sbpl->scheme, arena, sbpl);
	sbpl->scheme.lookup = lookup;
	sbpl->scheme.suggest = suggest;
	for (const struct part *part = profile->first; part; part = part->next) {
		sbpl->part_kind = part->kind;
		sbpl->scheme.place = (struct origin){part->source, 0, 0};
		if (!scheme_load(&sbpl->scheme, part->source)) {
			*error = sbpl->scheme.error;
			return false;
		}
	}
	if (!sbpl->version) {
		*error = (struct scheme_error){.text = "no version specified"};
		return false;
	}
	add_version_3_rules(sbpl);
	add_implicit_rules(sbpl);
	return true;
}
