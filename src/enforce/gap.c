/* Gaps for messages: one for all operations that a rule and a reason have in common. */
#include <string.h>

#include "enforce/enforce.h"

static bool is_same(const struct gap *a, const struct gap *b)
{
	return a->origin.source == b->origin.source && a->origin.start == b->origin.start &&
	       strcmp(a->reason, b->reason) == 0;
}

const char *gap_operations(struct arena *arena, const struct plan *plan, const struct gap *gap)
{
	struct text names = text_make(arena);

	for (const struct gap *at = plan_gaps(plan); at; at = at->next) {
		if (!is_same(at, gap))
			continue;
		if (at != gap && !names.length)
			return NULL;
		text_addf(&names, "%s%s", names.length ? ", " : "", operation_name(at->operation));
	}
	return names.bytes;
}
