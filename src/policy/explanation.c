/*
 * Invariant: the first contender MUST be the decision of policy_decide.
 */
#include "policy/explanation.h"

#include "base/text.h"

struct list {
	struct arena *arena;
	struct contender *first, **end;
};

static void add(
	struct list *list, const struct rule *rule, enum action action, enum operation operation)
{
	struct contender *contender = ARENA_NEW(list->arena, struct contender);
	const struct contender *deciding = list->first;

	*contender = (struct contender){.rule = rule, .action = action, .operation = operation};
	if (!deciding)
		contender->standing = STANDING_DECIDES;
	else if (deciding->operation != operation)
		contender->standing = STANDING_ANCESTOR;
	else
		contender->standing = rule && rule->filter ? STANDING_EARLIER : STANDING_DEFAULT;
	*list->end = contender;
	list->end = &contender->next;
}

/* The operation's own answer, if it has one. */
static void add_default(struct list *list, const struct policy *policy, enum operation operation)
{
	const struct rule *rule = policy->operations[operation].unfiltered;
	enum builtin builtin = operation_builtin(operation);

	if (rule)
		add(list, rule, rule->action, operation);
	else if (builtin != BUILTIN_INHERIT)
		add(list, NULL, builtin == BUILTIN_ALLOW ? ACTION_ALLOW : ACTION_DENY, operation);
	else if (operation == OP_DEFAULT)
		add(list, NULL, ACTION_DENY, operation);
}

struct contender *explain(
	struct arena *arena, const struct policy *policy, const struct query *query)
{
	struct list list = {.arena = arena};
	enum operation operation = query->operation;

	list.end = &list.first;
	for (; operation != OP_NONE; operation = operation_parent(operation)) {
		const struct rule_link *link = policy->operations[operation].filtered;

		for (; link; link = link->next) {
			if (filter_match(link->rule->filter, link->rule->action, query) ==
				MATCH_YES)
				add(&list, link->rule, link->rule->action, operation);
		}
		add_default(&list, policy, operation);
		if (operation_builtin(operation) != BUILTIN_INHERIT)
			break; /* no ancestor is ever asked */
	}
	return list.first;
}

const char *contender_reason(
	struct arena *arena, const struct contender *contender, const struct contender *deciding)
{
	switch (contender->standing) {
	case STANDING_DECIDES:
		return "it decides";
	case STANDING_EARLIER:
		return "a later rule of the same operation matches too";
	case STANDING_DEFAULT:
		return contender->rule ? "without a filter it is only the default of its operation"
				       : "built in: it counts where no rule matches";
	case STANDING_ANCESTOR:
		return text_format(arena, "%s is asked only if nothing answers for %s",
			operation_name(contender->operation), operation_name(deciding->operation));
	}
	return "";
}
