/* Forking and signals. */
#include "enforce/linux/plan.h"

#include <stddef.h>

/* The ways in which another process can stand to the one that signals it. */
static const struct {
	long target; /* enum target */
	bool inside; /* in the sandbox, so that Landlock's scope allows it */
} relations[] = {
	{TARGET_SELF | TARGET_PGRP | TARGET_SAME_SANDBOX, true},
	{TARGET_CHILDREN | TARGET_SAME_SANDBOX, true},
	{TARGET_CHILDREN | TARGET_PGRP | TARGET_SAME_SANDBOX, true},
	{TARGET_OTHERS | TARGET_SAME_SANDBOX, true},
	{TARGET_OTHERS | TARGET_PGRP | TARGET_SAME_SANDBOX, true},
	{TARGET_OTHERS, false},
	{TARGET_OTHERS | TARGET_PGRP, false},
	{TARGET_OTHERS | TARGET_INITPROC, false},
};

static bool plan_fork(struct plan *plan)
{
	struct outcomes outcomes = plan_ask(plan, OP_PROCESS_FORK);

	if (!outcomes.may_deny)
		return true;
	if (outcomes.may_allow) {
		plan_add_gap(plan, OP_PROCESS_FORK, &outcomes,
			"it can be allowed or denied only as a whole");
		return true;
	}
#ifdef SYS_fork
	plan_refuse(plan, SYS_fork, VERDICT_EPERM);
	plan_refuse(plan, SYS_vfork, VERDICT_EPERM);
#endif
	plan_refuse(plan, SYS_clone, VERDICT_CLONE);
	plan_refuse(plan, NR_clone3, VERDICT_ENOSYS); /* its flags are in memory */
	return false;
}

/* Landlock's scope allows signals inside the sandbox and denies them to the outside. */
static void plan_signals(struct plan *plan, bool may_fork)
{
	struct outcomes inside = {.may_allow = false}, outside = {.may_allow = false};

	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		struct query query = {.operation = OP_SIGNAL, .partial = true};

		if (relations[i].inside && !may_fork && !(relations[i].target & TARGET_SELF))
			continue; /* alone in its sandbox, there is nobody else */
		query_set_number(&query, NUMBER_TARGET, relations[i].target);
		struct outcomes outcomes = policy_outcomes(plan->policy, &query);

		outcomes_merge(relations[i].inside ? &inside : &outside, &outcomes);
	}
	if (inside.may_deny)
		plan_add_gap(plan, OP_SIGNAL, &inside,
			"signals among the command's own processes cannot be denied"
			" ((allow signal (target same-sandbox)) allows them)");
	if (!outside.may_deny)
		return;
	if (outside.may_allow)
		plan_add_gap(plan, OP_SIGNAL, &outside,
			"signals to other processes can be denied only as a whole");
	else if (plan->host->landlock_abi < ABI_SCOPE && plan->host->landlock_abi > 0)
		plan_add_gap(plan, OP_SIGNAL, &outside,
			"denying signals to other processes needs Landlock ABI 6 (Linux 6.12)");
	else if (plan->host->landlock_abi >= ABI_SCOPE)
		plan->scoped |= SCOPE_SIGNAL;
	/* A limit on processor time, set from here, would be a signal. */
	plan_refuse(plan, SYS_prlimit64, VERDICT_PRLIMIT);
}

void plan_processes(struct plan *plan)
{
	plan_signals(plan, plan_fork(plan));
}
