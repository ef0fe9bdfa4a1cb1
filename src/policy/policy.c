/*
 * Invariants: the latest matching filtered rule of an operation MUST win over earlier ones and over
 * the operation's unfiltered rule; an operation without answer MUST go on in its parent; default
 * without rules MUST deny.
 */
#include "policy/policy.h"

static void remember(struct history *history, struct arena *arena, enum operation operation,
	const struct rule *rule)
{
	struct history_entry *entry = ARENA_NEW(arena, struct history_entry);

	*entry = (struct history_entry){.operation = operation, .rule = rule};
	*(history->first ? &history->last->next : &history->first) = entry;
	history->last = entry;
}

void policy_add(struct policy *policy, struct arena *arena, enum operation operation,
	const struct rule *rule)
{
	struct operation_rules *rules = &policy->operations[operation];

	if (policy->history)
		remember(policy->history, arena, operation, rule);
	policy->modifiers |= rule->modifiers;
	if (!rule->filter) {
		rules->unfiltered = rule;
		return;
	}
	struct rule_link *link = ARENA_NEW(arena, struct rule_link);

	*link = (struct rule_link){.rule = rule, .next = rules->filtered};
	rules->filtered = link;
}

bool policy_default(
	const struct policy *policy, enum operation operation, struct decision *decision)
{
	const struct rule *rule = policy->operations[operation].unfiltered;
	enum builtin builtin = operation_builtin(operation);

	*decision = (struct decision){ACTION_DENY, rule, operation};
	if (rule)
		decision->action = rule->action;
	else if (builtin == BUILTIN_ALLOW)
		decision->action = ACTION_ALLOW;
	return rule || builtin != BUILTIN_INHERIT || operation_parent(operation) == OP_NONE;
}

struct decision policy_decide(const struct policy *policy, const struct query *query)
{
	enum operation operation = query->operation;
	struct decision decision;

	for (;; operation = operation_parent(operation)) {
		const struct rule_link *link = policy->operations[operation].filtered;

		for (; link; link = link->next) {
			if (filter_match(link->rule->filter, link->rule->action, query) ==
				MATCH_YES)
				return (struct decision){link->rule->action, link->rule, operation};
		}
		if (policy_default(policy, operation, &decision))
			return decision;
	}
}

void policy_remark(struct policy *policy, struct arena *arena, const struct remark *remark)
{
	struct remark *copy = ARENA_NEW(arena, struct remark);

	*copy = *remark;
	*(policy->remarks ? &policy->last_remark->next : &policy->remarks) = copy;
	policy->last_remark = copy;
}

void outcomes_add(struct outcomes *outcomes, struct decision decision)
{
	if (decision.action == ACTION_ALLOW && !outcomes->may_allow) {
		outcomes->may_allow = true;
		outcomes->allow = decision;
	} else if (decision.action == ACTION_DENY && !outcomes->may_deny) {
		outcomes->may_deny = true;
		outcomes->deny = decision;
	}
}

struct outcomes policy_outcomes(const struct policy *policy, const struct query *query)
{
	struct outcomes outcomes = {0};
	enum operation operation = query->operation;
	struct decision decision;

	for (;; operation = operation_parent(operation)) {
		const struct rule_link *link = policy->operations[operation].filtered;

		for (; link; link = link->next) {
			enum match match =
				filter_match(link->rule->filter, link->rule->action, query);

			if (match != MATCH_NO)
				outcomes_add(&outcomes, (struct decision){link->rule->action,
								link->rule, operation});
			if (match == MATCH_YES)
				return outcomes;
		}
		if (policy_default(policy, operation, &decision)) {
			outcomes_add(&outcomes, decision);
			return outcomes;
		}
	}
}

void outcomes_merge(struct outcomes *all, const struct outcomes *outcomes)
{
	if (outcomes->may_allow)
		outcomes_add(all, outcomes->allow);
	if (outcomes->may_deny)
		outcomes_add(all, outcomes->deny);
}

/* The first operation from here on that has rules or an answer of its own. */
static enum operation effective(const struct policy *policy, enum operation operation)
{
	for (;;) {
		const struct operation_rules *rules = &policy->operations[operation];

		if (rules->filtered || rules->unfiltered ||
			operation_builtin(operation) != BUILTIN_INHERIT ||
			operation_parent(operation) == OP_NONE)
			return operation;
		operation = operation_parent(operation);
	}
}

static bool has_same_rules(const struct operation_rules *a, const struct operation_rules *b)
{
	const struct rule_link *left = a->filtered, *right = b->filtered;

	while (left && right && left->rule == right->rule) {
		left = left->next;
		right = right->next;
	}
	return !left && !right && a->unfiltered == b->unfiltered;
}

bool policy_is_alike(const struct policy *policy, enum operation a, enum operation b)
{
	if (!operation_takes_alike(a, b))
		return false; /* the same filter can mean different things */
	while (a != OP_NONE && b != OP_NONE) {
		a = effective(policy, a);
		b = effective(policy, b);
		if (a == b)
			return true;
		if (operation_builtin(a) != operation_builtin(b) ||
			!has_same_rules(&policy->operations[a], &policy->operations[b]))
			return false;
		if (policy->operations[a].unfiltered)
			return true;
		a = operation_parent(a);
		b = operation_parent(b);
	}
	return a == b;
}

bool policy_has_rules(const struct policy *policy, enum operation operation)
{
	return effective(policy, operation) != OP_DEFAULT;
}
