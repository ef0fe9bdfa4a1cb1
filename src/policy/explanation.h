#ifndef POLICY_EXPLANATION_H
#define POLICY_EXPLANATION_H

#include "policy/policy.h"

/* A decision, and what stood behind it: the rules that match too or would have decided next. */

enum standing {
	STANDING_DECIDES,
	STANDING_EARLIER,  /* matches, but a later rule of the same operation does too */
	STANDING_DEFAULT,  /* its operation's own default: filtered rules come first */
	STANDING_ANCESTOR, /* on an ancestor, which is asked only when nothing has answered */
};

struct contender {
	const struct rule *rule; /* NULL: built in */
	enum action action;
	enum operation operation; /* whose list it is in */
	enum standing standing;
	struct contender *next;
};

/*
 * All of them in SBPL's order; the first is what policy_decide answers. The query MUST be neither
 * partial nor a region.
 */
struct contender *explain(
	struct arena *arena, const struct policy *policy, const struct query *query);

/* Why it did not decide, in words; deciding is the first contender. */
const char *contender_reason(
	struct arena *arena, const struct contender *contender, const struct contender *deciding);

#endif
