#ifndef POLICY_INDEX_H
#define POLICY_INDEX_H

#include "policy/policy.h"

/*
 * Answers as policy_decide and policy_outcomes do, without walking all rules: a query's path is
 * looked up among those that the rules name. What each operation was told is indexed when it is
 * first asked for; the policy must be complete by then.
 */
struct index {
	const struct policy *policy;
	struct arena *arena;
	const struct index_list *lists[OPERATION_COUNT]; /* NULL: not asked for yet */
};

/* The query is about one object: neither partial nor a region. */
struct decision index_decide(struct index *index, const struct query *query);

struct outcomes index_outcomes(struct index *index, const struct query *query);

/* Indexes all operations at once. */
void index_complete(struct index *index);

/* The outcomes from a complete index, which stays as it is: threads may share it. */
struct outcomes index_read(const struct index *index, const struct query *query);

#endif
