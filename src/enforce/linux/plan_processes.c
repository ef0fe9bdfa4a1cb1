/* Forking and signals. */
#include "enforce/linux/plan.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
	{TARGET_OTHERS | TARGET_PGRP | TARGET_INITPROC, false},
};

enum { ANY_SIGNAL = -1 };

/* What becomes of a signal, by where the other process is. */
struct reach {
	struct outcomes inside, outside;
	bool is_unclear; /* it takes more than the relation and the number to tell */
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

/* The same up to 15 but for SIGBUS; then in another order, and some of Linux alone. */
long plan_signal_number(int number)
{
	enum { LINUX_BUS = 7, LINUX_USR1 = 10, LINUX_USR2 = 12, FIRST = 16, NAMELESS = 256 };
	static const uint8_t others[] = {
		0, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 0, 12};

	if (number == LINUX_BUS)
		return 10;
	if (number == LINUX_USR1)
		return 30;
	if (number == LINUX_USR2)
		return 31;
	if (number < FIRST || number >= FIRST + (int)COUNT(others))
		return number;
	return others[number - FIRST] ? others[number - FIRST] : NAMELESS + number;
}

static struct reach ask_signal(const struct plan *plan, bool may_fork, int number)
{
	struct reach reach = {.is_unclear = false};

	for (size_t i = 0; i < COUNT(relations); i++) {
		struct query query = {.operation = OP_SIGNAL, .partial = true};

		if (relations[i].inside && !may_fork && !(relations[i].target & TARGET_SELF))
			continue; /* alone in its sandbox, there is nobody else */
		query_set_number(&query, NUMBER_TARGET, relations[i].target);
		if (number != ANY_SIGNAL)
			query_set_number(&query, NUMBER_SIGNAL, plan_signal_number(number));
		struct outcomes outcomes = policy_outcomes(plan->policy, &query);

		if (outcomes.may_allow && outcomes.may_deny)
			reach.is_unclear = true;
		outcomes_merge(relations[i].inside ? &reach.inside : &reach.outside, &outcomes);
	}
	return reach;
}

/* The broker sends them. A tracer could send them too, to a process that did not ask for it. */
static void ask_broker(struct plan *plan, bool is_denied_inside)
{
	static const long calls[] = {SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo, NR_pidfd_send_signal, SYS_landlock_create_ruleset};

	for (size_t i = 0; i < COUNT(calls); i++)
		plan_refuse(plan, calls[i], VERDICT_BROKER);
	plan_refuse(plan, SYS_fcntl, VERDICT_FCNTL);
	plan->has_broker = true;
	if (!is_denied_inside)
		return;
	plan_refuse(plan, SYS_ptrace, VERDICT_BROKER);
	plan_refuse(plan, SYS_perf_event_open, VERDICT_EPERM);
}

/* What Landlock's scope cannot hold, or this kernel's has not. */
static void broker_signals(struct plan *plan, bool may_fork, const struct reach *all)
{
	const struct outcomes *denied = all->inside.may_deny ? &all->inside : &all->outside;
	struct signal_plan *signals = ARENA_NEW(plan->arena, struct signal_plan);
	bool is_unclear = false;

	for (int number = 0; number <= SIGNAL_LAST; number++) {
		struct reach reach = ask_signal(plan, may_fork, number);

		is_unclear |= reach.is_unclear;
		signals->is_free[number] = !reach.inside.may_deny &&
					   (!reach.outside.may_deny || plan->scoped & SCOPE_SIGNAL);
	}
	if (is_unclear) {
		plan_add_gap(plan, OP_SIGNAL, denied,
			"the broker tells signals apart by target and signal-number alone");
	} else if (plan->host->has_listener) {
		plan_add_gap(plan, OP_SIGNAL, denied,
			"it takes a broker, and the sandbox around this one has the only one there "
			"can be");
	} else {
		plan->signals = signals;
		ask_broker(plan, all->inside.may_deny);
	}
}

/* Landlock's scope allows signals inside the sandbox and denies them to the outside. */
static void plan_signals(struct plan *plan, bool may_fork)
{
	struct reach all = ask_signal(plan, may_fork, ANY_SIGNAL);

	if (!all.inside.may_deny && !all.outside.may_deny)
		return;
	if (!all.outside.may_allow && plan->host->landlock_abi >= ABI_SCOPE)
		plan->scoped |= SCOPE_SIGNAL;
	if (all.inside.may_deny || !(plan->scoped & SCOPE_SIGNAL))
		broker_signals(plan, may_fork, &all);
	/* A limit on processor time, set from here, would be a signal. */
	plan_refuse(plan, SYS_prlimit64, VERDICT_PRLIMIT);
}

void plan_processes(struct plan *plan)
{
	plan_signals(plan, plan_fork(plan));
}
