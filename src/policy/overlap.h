#ifndef POLICY_OVERLAP_H
#define POLICY_OVERLAP_H

#include "policy/filter.h"

/*
 * What can be told about two filters by looking at them, without any object. NULL is everything.
 * The budget is of steps; without any left, nothing is certain any more.
 */

/* True when some object certainly matches both. */
bool filters_meet(const struct filter *a, const struct filter *b, unsigned long *budget);

/* True when everything that inner matches is certainly matched by outer too. */
bool filter_covers(const struct filter *outer, const struct filter *inner, unsigned long *budget);

/* True when both say the same. */
bool filter_is_same(const struct filter *a, const struct filter *b, unsigned long *budget);

#endif
