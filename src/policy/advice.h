#ifndef POLICY_ADVICE_H
#define POLICY_ADVICE_H

#include "policy/policy.h"

/* Rules that cannot do what they seem to say. */

struct advice {
	const char *kind; /* one word, for programs */
	const char *text;
	const struct rule *rule;  /* the one that it is about */
	const struct rule *other; /* the one that stands in its way, or NULL */
	struct advice *next;
};

/*
 * In the order of the rules. The policy MUST have kept its history. What takes too long to find out
 * about (thousands of rules for one operation) is left out.
 */
struct advice *advise(struct arena *arena, const struct policy *policy);

#endif
