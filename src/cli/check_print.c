/* What sbxctl check prints: each operation that has rules, with what comes of them here. */
#include <string.h>

#include "base/path.h"
#include "cli/check.h"
#include "cli/rule_text.h"

enum { RULE_WIDTH = 120, NAMES_WIDTH = 84 };

static bool has_rules(const struct checked *checked, enum operation operation)
{
	const struct operation_rules *rules = &checked->policy->operations[operation];

	return rules->filtered || rules->unfiltered;
}

static unsigned count_rules(const struct checked *checked)
{
	const struct rule *last = NULL;
	unsigned count = 0;

	for (const struct history_entry *at = checked->policy->history->first; at; at = at->next) {
		count += at->rule != last && at->rule->origin.source;
		last = at->rule;
	}
	return count;
}

static unsigned count_advice(const struct checked *checked)
{
	unsigned count = 0;

	for (const struct advice *at = checked->advice; at; at = at->next)
		count++;
	return count;
}

static unsigned count_gaps(const struct checked *checked)
{
	unsigned count = 0;

	for (const struct gap *at = plan_gaps(checked->plan); at; at = at->next)
		count++;
	return count;
}

/* What follows where no rule of the operation's own matches. */
static const char *last_word(enum operation operation)
{
	if (operation_builtin(operation) == BUILTIN_ALLOW)
		return "allow (built in)";
	if (operation_builtin(operation) == BUILTIN_DENY || operation == OP_DEFAULT)
		return "deny (built in)";
	return operation_name(operation_parent(operation));
}

/* LINE:COLUMN in the file itself, FILE:LINE:COLUMN in those that it imports. */
static const char *short_place(
	struct arena *arena, const struct checked *checked, const struct rule *rule)
{
	if (!rule->origin.source)
		return "built in";
	struct position position = origin_position(rule->origin);
	bool is_own = rule->origin.source == checked->source;

	return text_format(arena, "%s%s%u:%u", is_own ? "" : path_last(rule->origin.source->name),
		is_own ? "" : ":", position.line, position.column);
}

static void print_rule(
	struct text *text, const struct checked *checked, const struct rule *rule, const char *when)
{
	text_addf(text, "    %-6s %-9s %s%s\n", action_name(rule->action),
		short_place(text->arena, checked, rule), when,
		rule_text(text->arena, rule, RULE_WIDTH));
}

static void print_rules(struct text *text, const struct checked *checked, enum operation operation)
{
	const struct operation_rules *rules = &checked->policy->operations[operation];

	for (const struct rule_link *link = rules->filtered; link; link = link->next)
		print_rule(text, checked, link->rule, "");
	if (rules->unfiltered)
		print_rule(text, checked, rules->unfiltered, rules->filtered ? "else " : "");
	else
		text_addf(text, "    else   %s\n", last_word(operation));
}

static bool has_children(enum operation operation)
{
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (operation_parent((enum operation)i) == operation)
			return true;
	}
	return false;
}

/* One that no system call asks for itself. process-exec* is what programs are executed under. */
static bool is_group(enum operation operation)
{
	const char *name = operation_name(operation);

	return operation == OP_DEFAULT ||
	       (name[strlen(name) - 1] == '*' && operation != OP_PROCESS_EXEC_ALL &&
		       has_children(operation));
}

static bool is_asked_in(enum operation operation, enum operation group)
{
	return operation_is_within(operation, group) && !is_group(operation) &&
	       (operation == group || is_group(group) || group == OP_PROCESS_EXEC_ALL);
}

static const char *prefix_of(enum enforcement_kind kind)
{
	return kind == ENFORCEMENT_GAP ? "gap: " : "";
}

static bool is_same_enforcement(struct enforcement a, struct enforcement b)
{
	return a.kind == b.kind && strcmp(a.text, b.text) == 0;
}

struct enforcement_group {
	struct enforcement enforcement;
	struct text names;
	unsigned left_out;
	struct enforcement_group *next;
};

static void add_name(struct arena *arena, struct enforcement_group **groups,
	struct enforcement enforcement, const char *name)
{
	while (*groups && !is_same_enforcement((*groups)->enforcement, enforcement))
		groups = &(*groups)->next;
	if (!*groups) {
		*groups = ARENA_NEW(arena, struct enforcement_group);
		(*groups)->enforcement = enforcement;
		(*groups)->names = text_make(arena);
	}
	if ((*groups)->names.length + strlen(name) > NAMES_WIDTH)
		(*groups)->left_out++;
	else
		text_addf(&(*groups)->names, "%s%s", (*groups)->names.length ? ", " : "", name);
}

static void print_enforcement(
	struct text *text, const struct checked *checked, enum operation group)
{
	struct enforcement_group *groups = NULL;

	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		enum operation operation = (enum operation)i;

		if (is_asked_in(operation, group))
			add_name(text->arena, &groups, plan_enforcement(checked->plan, operation),
				operation_name(operation));
	}
	text_addf(text, "  %s", operation_name(group));
	if (groups && !groups->next) {
		text_addf(text, " (%s%s)\n", prefix_of(groups->enforcement.kind),
			groups->enforcement.text);
		return;
	}
	text_add(text, "\n");
	for (const struct enforcement_group *at = groups; at; at = at->next) {
		text_addf(text, "    (%s%s: %s", prefix_of(at->enforcement.kind),
			at->enforcement.text, at->names.bytes);
		if (at->left_out)
			text_addf(text, " and %u more", at->left_out);
		text_add(text, ")\n");
	}
}

static void print_count(struct text *text, const char *before, unsigned count, const char *what)
{
	text_addf(text, "%s%u %s%s", before, count, what, count == 1 ? "" : "s");
}

void check_print(struct text *text, const struct checked *checked)
{
	text_add_visible(text, checked->name, strlen(checked->name));
	if (!checked->valid) {
		text_add(text, ": not valid\n");
		return;
	}
	print_count(text, ": valid; ", count_rules(checked), "rule");
	print_count(text, ", ", count_advice(checked), "warning");
	print_count(text, ", ", count_gaps(checked), "gap");
	text_add(text, "\n");
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		enum operation operation = (enum operation)i;

		if (!has_rules(checked, operation))
			continue;
		print_enforcement(text, checked, operation);
		print_rules(text, checked, operation);
	}
}

static void json_rule(struct json *json, struct arena *arena, const struct rule *rule)
{
	json_object(json, NULL);
	json_string(json, "action", action_name(rule->action));
	json_boolean(json, "filtered", rule->filter != NULL);
	rule_json(json, arena, rule);
	json_end_object(json);
}

static void json_enforcement(struct json *json, const struct checked *checked, enum operation group)
{
	static const char *const kinds[] = {
		[ENFORCEMENT_GAP] = "gap",
		[ENFORCEMENT_MECHANISM] = "mechanism",
		[ENFORCEMENT_NEEDLESS] = "needless",
		[ENFORCEMENT_NOTHING] = "nothing",
	};

	json_array(json, "enforcement");
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		enum operation operation = (enum operation)i;

		if (!is_asked_in(operation, group))
			continue;
		struct enforcement enforcement = plan_enforcement(checked->plan, operation);

		json_object(json, NULL);
		json_string(json, "operation", operation_name(operation));
		json_string(json, "kind", kinds[enforcement.kind]);
		json_string(json, "text", enforcement.text);
		json_end_object(json);
	}
	json_end_array(json);
}

static void json_operation(struct json *json, struct arena *arena, const struct checked *checked,
	enum operation operation)
{
	const struct operation_rules *rules = &checked->policy->operations[operation];

	json_object(json, NULL);
	json_string(json, "operation", operation_name(operation));
	json_array(json, "rules");
	for (const struct rule_link *link = rules->filtered; link; link = link->next)
		json_rule(json, arena, link->rule);
	if (rules->unfiltered)
		json_rule(json, arena, rules->unfiltered);
	json_end_array(json);
	json_string(json, "else", rules->unfiltered ? NULL : last_word(operation));
	json_enforcement(json, checked, operation);
	json_end_object(json);
}

static void json_advice(struct json *json, struct arena *arena, const struct checked *checked)
{
	json_array(json, "warnings");
	for (const struct advice *at = checked->advice; at; at = at->next) {
		json_object(json, NULL);
		json_string(json, "kind", at->kind);
		json_string(json, "message", at->text);
		rule_json(json, arena, at->rule);
		if (at->other) {
			json_object(json, "other");
			rule_json(json, arena, at->other);
			json_end_object(json);
		}
		json_end_object(json);
	}
	json_end_array(json);
}

static void json_gaps(struct json *json, struct arena *arena, const struct checked *checked)
{
	json_array(json, "gaps");
	for (const struct gap *at = plan_gaps(checked->plan); at; at = at->next) {
		const struct rule rule = {.origin = at->origin};

		json_object(json, NULL);
		json_string(json, "operation", operation_name(at->operation));
		json_string(json, "reason", at->reason);
		rule_json(json, arena, &rule);
		json_end_object(json);
	}
	json_end_array(json);
}

static void json_error(struct json *json, const struct scheme_error *error)
{
	json_object(json, "error");
	json_string(json, "message", error->text);
	if (error->origin.source) {
		struct position position = origin_position(error->origin);

		json_string(json, "file", error->origin.source->name);
		json_number(json, "line", position.line);
		json_number(json, "column", position.column);
	}
	json_end_object(json);
}

void check_json(struct json *json, struct arena *arena, const struct checked *checked)
{
	json_object(json, NULL);
	json_string(json, "file", checked->name);
	json_boolean(json, "valid", checked->valid);
	if (!checked->valid) {
		json_error(json, &checked->error);
		json_end_object(json);
		return;
	}
	json_number(json, "rules", count_rules(checked));
	json_array(json, "operations");
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		if (has_rules(checked, (enum operation)i))
			json_operation(json, arena, checked, (enum operation)i);
	}
	json_end_array(json);
	json_advice(json, arena, checked);
	json_gaps(json, arena, checked);
	json_end_object(json);
}
