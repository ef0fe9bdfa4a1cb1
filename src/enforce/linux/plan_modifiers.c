/*
 * Modifiers that make an allowing rule allow less on macOS: here nothing does what they ask for.
 * Those of denying rules are about more than the denial, which stands without them.
 */
#include <stddef.h>

#include "enforce/linux/plan.h"

struct demand {
	unsigned modifiers;
	const char *reason;
};

static const struct demand demands[] = {
	{MODIFIER_NO_TIMES, "nothing here hides the times of files"},
	{MODIFIER_DEFAULT_SANDBOX, "nothing here starts a program in another profile"},
	{MODIFIER_SIGNAL, "nothing here sends a signal with the decision"},
	{MODIFIER_USER_APPROVAL, "nobody here asks the user for approval"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What only macOS has comes to nothing, whoever approves of it. */
static bool is_foreign(enum operation operation)
{
	static const enum operation foreign[] = {OP_MACH_ALL, OP_IOKIT_ALL, OP_APPLEEVENT_SEND,
		OP_USER_PREFERENCE_ALL, OP_AUTHORIZATION_RIGHT_OBTAIN};

	for (size_t i = 0; i < COUNT(foreign); i++) {
		if (operation_is_within(operation, foreign[i]))
			return true;
	}
	return false;
}

static void check_rule(struct plan *plan, enum operation operation, const struct rule *rule)
{
	/* The rule is the one to name. */
	struct outcomes outcomes = {.may_deny = true, .deny = {ACTION_DENY, rule, operation}};

	if (!rule || rule->action != ACTION_ALLOW)
		return;
	for (size_t i = 0; i < COUNT(demands); i++) {
		if (rule->modifiers & demands[i].modifiers)
			plan_add_gap(plan, operation, &outcomes, demands[i].reason);
	}
}

void plan_modifiers(struct plan *plan)
{
	unsigned wanted = 0;

	for (size_t i = 0; i < COUNT(demands); i++)
		wanted |= demands[i].modifiers;
	for (unsigned i = 0; plan->policy->modifiers & wanted && i < OPERATION_COUNT; i++) {
		const struct operation_rules *rules = &plan->policy->operations[i];
		const struct rule_link *link = rules->filtered;

		if (is_foreign((enum operation)i))
			continue;
		check_rule(plan, (enum operation)i, rules->unfiltered);
		for (; link; link = link->next)
			check_rule(plan, (enum operation)i, link->rule);
	}
}
