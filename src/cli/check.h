#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "base/json.h"
#include "enforce/enforce.h"
#include "policy/advice.h"
#include "profile/fragment.h"
#include "scheme/scheme.h"

/* What sbxctl check found out about one file, and how it is shown. */

struct checked {
	const char *name;
	const struct source *source; /* NULL: could not be read */
	enum fragment_kind kind;
	bool valid;
	struct scheme_error error; /* when it is not */
	struct policy *policy;
	struct advice *advice;
	struct plan *plan;
};

/* Reads the lines ";; key: value": sets kind and advice, or the error and returns false. */
bool check_header(struct arena *arena, const struct preset_path *path, struct checked *checked);

/* Adds advice about rules of a restriction that a grant would outrank. */
void check_restriction(struct arena *arena, struct checked *checked);

void check_print(struct text *text, const struct checked *checked);
void check_json(struct json *json, struct arena *arena, const struct checked *checked);

#endif
