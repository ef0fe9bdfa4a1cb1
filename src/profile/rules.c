/* allow and deny (SBPL.md section 1, "Rule form"). */
#include "profile/sbpl.h"
#include "scheme/builtins.h"

enum { OPERATIONS_MAX = 256, SERIALIZATION_MAX = 65535 };

const struct foreign_type sbpl_operation_type = {"operation"};

/* The rule being put together from the arguments of allow or deny. */
struct draft {
	struct rule *rule;
	enum operation operations[OPERATIONS_MAX];
	int count;
	bool ignored; /* an operation that is accepted without effect was named */
	struct cell *filters;
};

static bool add_argument(struct scheme *scheme, struct draft *draft, struct cell *argument)
{
	const enum operation *operation = scheme_object(argument, &sbpl_operation_type);

	if (scheme_object(argument, &sbpl_modifier_type))
		return sbpl_modify(scheme, draft->rule, argument);
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

/* The first pattern of which nobody knows what macOS makes of it. */
static const struct filter *find_doubtful(const struct filter *filter)
{
	if (filter->kind != FILTER_ALL && filter->kind != FILTER_ANY && filter->kind != FILTER_NOT)
		return filter->doubt ? filter : NULL;
	for (size_t i = 0; i < filter->group.count; i++) {
		if (filter->group.items[i]->doubt)
			return find_doubtful(filter->group.items[i]);
	}
	return NULL;
}

/* A pattern in doubt never matches: it must not be what keeps something from being allowed. */
static bool check_doubt(struct scheme *scheme, const struct rule *rule)
{
	bool allow = rule->action == ACTION_ALLOW;
	unsigned harmful = allow ? DOUBT_OVERDOES : DOUBT_MISSES;

	if (!(rule->filter->doubt & harmful))
		return true;
	return scheme_fail(scheme, NULL,
		       "%s: what the regular expression %s matches is unclear, and here that would"
		       " allow more (write it with . [ ] * + ? | ( ) { } ^ $ only)",
		       allow ? "allow" : "deny", find_doubtful(rule->filter)->text.bytes) != NULL;
}

/* Many rules can share one large filter: what walks over all of them has to come to an end. */
static bool spend_filters(struct scheme *scheme, const struct draft *draft)
{
	struct sbpl *sbpl = scheme->host;

	sbpl->filters += (draft->rule->filter->size + 1ul) * (unsigned long)draft->count;
	return sbpl->filters <= FILTER_SIZE_MAX ||
	       scheme_fail(scheme, NULL, "the filters of all rules are too many") != NULL;
}

static bool add_filter(struct scheme *scheme, struct draft *draft)
{
	struct rule *rule = draft->rule;

	if (draft->filters->type != CELL_PAIR)
		return true;
	rule->filter = sbpl_any(scheme, draft->filters);
	if (!rule->filter)
		return false;
	if (rule->filter->bytes > SERIALIZATION_MAX)
		return scheme_fail(scheme, NULL,
			       "pattern serialization length %u exceeds maximum (%d)",
			       rule->filter->bytes, SERIALIZATION_MAX) != NULL;
	return spend_filters(scheme, draft) && check_doubt(scheme, rule);
}

/* Accepted, and never matches; sbxctl check tells. */
static void note_misfit(struct sbpl *sbpl, const struct rule *rule, enum operation operation)
{
	const char *misfit = rule->filter ? filter_misfit(rule->filter, operation) : NULL;
	struct remark remark = {.kind = REMARK_INAPPLICABLE,
		.operation = operation,
		.subject = misfit,
		.origin = rule->origin};

	if (misfit)
		policy_remark(sbpl->policy, sbpl->arena, &remark);
}

/*
 * A rule for the operation and for all below it, each time as a filtered one: whatever stood there
 * before is outranked (SBPL.md section 5).
 */
static void add_everywhere(struct sbpl *sbpl, struct rule *rule, enum operation operation)
{
	static const struct filter never = {.kind = FILTER_NEVER, .size = 1};
	static const struct filter *items[] = {&never};
	static const struct filter always = {
		.kind = FILTER_NOT, .depth = 1, .size = 2, .group = {items, 1}};

	if (!rule->filter)
		rule->filter = &always;
	for (enum operation at = (enum operation)0; at < OP_NONE; at++) {
		if (operation_is_within(at, operation))
			policy_add(sbpl->policy, sbpl->arena, at, rule);
	}
}

static bool add_rule(struct scheme *scheme, const struct draft *draft)
{
	struct sbpl *sbpl = scheme->host;

	for (int i = 0; i < draft->count; i++) {
		if (!sbpl_check_modifiers(scheme, draft->rule, draft->operations[i]))
			return false;
	}
	for (int i = 0; i < draft->count; i++) {
		note_misfit(sbpl, draft->rule, draft->operations[i]);
		if (sbpl->part_kind == PART_MANDATORY)
			add_everywhere(sbpl, draft->rule, draft->operations[i]);
		else
			policy_add(sbpl->policy, scheme->arena, draft->operations[i], draft->rule);
	}
	return true;
}

static struct cell *make_rule(struct scheme *scheme, struct cell *arguments, enum action action)
{
	const struct sbpl *sbpl = scheme->host;
	struct draft draft;

	if (action == ACTION_ALLOW && sbpl->part_kind == PART_RESTRICT)
		return scheme_fail(scheme, NULL, "a fragment of kind restrict must not allow");
	if (action == ACTION_ALLOW && sbpl->part_kind == PART_MANDATORY)
		return scheme_fail(scheme, NULL, "what is mandatory must not allow");
	if (action == ACTION_DENY && sbpl->part_kind == PART_GRANT)
		return scheme_fail(scheme, NULL, "a fragment of kind grant or base must not deny");
	draft.count = 0;
	draft.ignored = false;
	draft.filters = &scheme->nil;
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
	return add_filter(scheme, &draft) && add_rule(scheme, &draft) ? &scheme->unspecified : NULL;
}

static struct cell *allow(struct scheme *scheme, struct cell *arguments)
{
	return make_rule(scheme, arguments, ACTION_ALLOW);
}

static struct cell *deny(struct scheme *scheme, struct cell *arguments)
{
	return make_rule(scheme, arguments, ACTION_DENY);
}

const struct primitive sbpl_rule_primitives[] = {
	{"allow", allow, 0, -1, NULL},
	{"deny", deny, 0, -1, NULL},
	{"with", sbpl_modifier, 1, 2, NULL},
	{NULL, NULL, 0, 0, NULL},
};
