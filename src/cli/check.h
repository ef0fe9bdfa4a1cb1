#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "base/json.h"
#include "enforce/enforce.h"
#include "policy/advice.h"
#include "scheme/scheme.h"

/* What sbxctl check found out about one file, and how it is shown. */

struct checked {
	const char *name;
	const struct source *source; /* NULL: could not be read */
	bool valid;
	struct scheme_error error; /* when it is not */
	struct policy *policy;
	struct advice *advice;
	struct plan *plan;
};

void check_print(struct text *text, const struct checked *checked);
void check_json(struct json *json, struct arena *arena, const struct checked *checked);

#endif
