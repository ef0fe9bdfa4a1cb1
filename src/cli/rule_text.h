#ifndef CLI_RULE_TEXT_H
#define CLI_RULE_TEXT_H

#include "base/json.h"
#include "policy/policy.h"

/* Rules as sbxctl shows them. */

/* "FILE:LINE:COLUMN", or "built in". */
const char *rule_place(struct arena *arena, const struct rule *rule);

/* The rule as it was written, on one line; cut at width characters unless that is 0. */
const char *rule_text(struct arena *arena, const struct rule *rule, size_t width);

/* Members file, line, column and text of the object being written; none for what is built in. */
void rule_json(struct json *json, struct arena *arena, const struct rule *rule);

const char *action_name(enum action action);

#endif
