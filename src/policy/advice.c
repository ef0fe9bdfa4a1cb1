#include "policy/advice.h"

#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "policy/overlap.h"

/* Comparing each rule with each other one takes a second at most. */
enum { STEPS = 50 * 1000 * 1000, ADVICE_MAX = 1000 };

/* One rule of one operation, in the operation's own order. */
struct told {
	const struct rule *rule;
	unsigned long order; /* in the profile */
	const struct told *next;
};

struct adviser {
	struct arena *arena;
	struct told *lists[OPERATION_COUNT]; /* the latest first */
	const struct told *telling;          /* the rule that is being looked at */
	unsigned long steps;
	unsigned count;
	struct advice *first, **end;
};

/* What a rule says about several operations is said once. */
static bool is_known(const struct adviser *adviser, const char *kind, const struct rule *rule,
	const struct rule *other)
{
	for (const struct advice *at = adviser->first; at; at = at->next) {
		if (at->rule == rule && at->other == other && strcmp(at->kind, kind) == 0)
			return true;
	}
	return false;
}

static void add(struct adviser *adviser, const char *kind, const struct rule *rule,
	const struct rule *other, const char *text)
{
	if (adviser->count >= ADVICE_MAX || is_known(adviser, kind, rule, other))
		return;
	struct advice *advice = ARENA_NEW(adviser->arena, struct advice);

	*advice = (struct advice){kind, text, rule, other, NULL};
	*adviser->end = advice;
	adviser->end = &advice->next;
	adviser->count++;
}

static const char *action_word(const struct rule *rule)
{
	return rule->action == ACTION_ALLOW ? "allow" : "deny";
}

/* An unfiltered rule behind filtered ones that say the opposite. */
static void check_default(struct adviser *adviser, enum operation operation)
{
	const struct rule *rule = adviser->telling->rule;

	for (const struct told *at = adviser->telling->next; at && !rule->filter; at = at->next) {
		if (!at->rule->filter) {
			add(adviser, "replaced", at->rule, rule,
				text_format(adviser->arena,
					"it is without effect on %s: the later rule without filter"
					" takes its place",
					operation_name(operation)));
			return;
		}
		if (at->rule->action != rule->action) {
			add(adviser, "not-overriding", rule, at->rule,
				text_format(adviser->arena,
					"it does not override the filtered %s of %s before it:"
					" a rule without filter is only the default",
					action_word(at->rule), operation_name(operation)));
			return;
		}
	}
}

/* A filtered rule that a later one of the same operation covers. */
static void check_covered(struct adviser *adviser, enum operation operation)
{
	const struct rule *rule = adviser->telling->rule;

	for (const struct told *at = adviser->telling->next; at && rule->filter; at = at->next) {
		if (!adviser->steps || !adviser->steps--)
			return;
		if (!at->rule->filter ||
			!filter_covers(rule->filter, at->rule->filter, &adviser->steps))
			continue;
		bool is_same = at->rule->action == rule->action &&
			       filter_is_same(rule->filter, at->rule->filter, &adviser->steps);

		if (is_same)
			add(adviser, "duplicate", rule, at->rule, "it repeats an earlier rule");
		else
			add(adviser, "never-wins", at->rule, rule,
				text_format(adviser->arena,
					"it never decides about %s: a later rule matches all that"
					" it matches",
					operation_name(operation)));
	}
}

/* What an imported file opens is meant to stay open behind a general default. */
static bool is_idiom(const struct rule *rule, const struct rule *specific)
{
	return !rule->filter && specific->origin.source != rule->origin.source;
}

/* A rule behind one on a more specific operation that says the opposite. */
static void check_outranked(struct adviser *adviser, enum operation operation)
{
	const struct told *telling = adviser->telling;

	if (operation == OP_DEFAULT && !telling->rule->filter)
		return; /* that is what a default is for */
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		enum operation specific = (enum operation)i;

		if (specific == operation || !adviser->lists[i] ||
			!operation_is_within(specific, operation))
			continue;
		for (const struct told *at = adviser->lists[i]; at; at = at->next) {
			if (!adviser->steps || !adviser->steps--)
				return;
			if (at->order > telling->order ||
				at->rule->action == telling->rule->action ||
				is_idiom(telling->rule, at->rule) ||
				!filters_meet(
					at->rule->filter, telling->rule->filter, &adviser->steps))
				continue;
			add(adviser, "outranked", telling->rule, at->rule,
				text_format(adviser->arena,
					"it does not override the earlier %s of %s, which is more"
					" specific than %s",
					action_word(at->rule), operation_name(specific),
					operation_name(operation)));
			break;
		}
	}
}

/* One that alone makes the filter match. */
static bool has_local(const struct filter *filter)
{
	if (filter->kind == FILTER_LOCAL)
		return !(filter->endpoint.protocol & PROTOCOL_UNIX);
	for (size_t i = 0; filter->kind == FILTER_ANY && i < filter->group.count; i++) {
		if (has_local(filter->group.items[i]))
			return true;
	}
	return false;
}

static void check_local(struct adviser *adviser, enum operation operation)
{
	const struct rule *rule = adviser->telling->rule;

	if ((operation == OP_NETWORK_OUTBOUND || operation == OP_NETWORK_ALL) &&
		rule->action == ACTION_ALLOW && rule->filter && has_local(rule->filter))
		add(adviser, "local-outbound", rule, NULL,
			"it opens connections to everywhere: (local ...) looks at the own address,"
			" which is not chosen yet when a program connects");
}

/* What macOS keeps in /private. */
static bool is_in_private(const char *path, size_t length)
{
	static const char *const links[] = {"/tmp", "/var", "/etc"};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		if (path_is_within(path, length, links[i], strlen(links[i])))
			return true;
	}
	return false;
}

/* Somewhere in the filter, the same path with /private in front. */
static bool has_twin(const struct filter *filter, const struct filter *path, unsigned long *steps)
{
	static const char private[] = "/private";
	const size_t length = sizeof(private) - 1;

	if (!*steps || !(*steps)--)
		return false;
	if (filter->kind == FILTER_TEXT)
		return filter->text.attribute == TEXT_PATH &&
		       filter->text.length == path->text.length + length &&
		       memcmp(filter->text.bytes, private, length) == 0 &&
		       memcmp(filter->text.bytes + length, path->text.bytes, path->text.length) ==
			       0;
	bool is_group = filter->kind == FILTER_ALL || filter->kind == FILTER_ANY ||
			filter->kind == FILTER_NOT;

	for (size_t i = 0; is_group && i < filter->group.count; i++) {
		if (has_twin(filter->group.items[i], path, steps))
			return true;
	}
	return false;
}

/* Written there, and not the value of a parameter: that one is right for the system it comes from.
 */
static bool is_written(const struct rule *rule, const struct filter *path)
{
	const struct source *source = rule->origin.source;

	return memmem(source->text, source->length, path->text.bytes, path->text.length) != NULL;
}

static const char *why_never(const struct filter *path)
{
	const char *bytes = path->text.bytes;
	size_t length = path->text.length;

	if (path->text.pattern == PATTERN_REGEX || path_is_normal(bytes, length))
		return NULL;
	if (bytes[0] != '/')
		return "paths begin with a /";
	if (path->text.pattern == PATTERN_PREFIX)
		return NULL;
	if (bytes[length - 1] == '/')
		return "no path ends in a /";
	return "the paths that are compared have no \".\", \"..\" or \"//\"";
}

static void check_path(struct adviser *adviser, const struct rule *rule, const struct filter *path)
{
	const char *never = why_never(path);

	if (never)
		add(adviser, "never-matches", rule, NULL,
			text_format(adviser->arena, "\"%s\" never matches: %s", path->text.bytes,
				never));
	else if (path->text.pattern != PATTERN_REGEX &&
		 is_in_private(path->text.bytes, path->text.length) && is_written(rule, path) &&
		 !has_twin(rule->filter, path, &adviser->steps))
		add(adviser, "macos-symlink", rule, NULL,
			text_format(adviser->arena,
				"on macOS \"%s\" never matches: files there are in /private%s",
				path->text.bytes, path->text.bytes));
}

static void check_paths(
	struct adviser *adviser, const struct rule *rule, const struct filter *filter)
{
	if (!adviser->steps || !adviser->steps--)
		return;
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++)
			check_paths(adviser, rule, filter->group.items[i]);
		return;
	case FILTER_TEXT:
		if (filter->text.attribute == TEXT_PATH)
			check_path(adviser, rule, filter);
		return;
	default:
		return;
	}
}

static const char *remark_text(struct arena *arena, const struct remark *remark)
{
	switch (remark->kind) {
	case REMARK_INAPPLICABLE:
		return text_format(arena, "the filter %s does not apply to %s and never matches",
			remark->subject, operation_name(remark->operation));
	case REMARK_TRAILING_SLASH:
		return text_format(
			arena, "the slash at the end of \"%s\" is ignored", remark->subject);
	case REMARK_REGEX:
		return text_format(
			arena, "regular expression %s: %s", remark->subject, remark->reason);
	}
	return "";
}

/* What was noted where it was read. */
static void add_remarks(struct adviser *adviser, const struct remark *remark)
{
	static const char *const kinds[] = {[REMARK_INAPPLICABLE] = "inapplicable",
		[REMARK_TRAILING_SLASH] = "trailing-slash",
		[REMARK_REGEX] = "regex"};

	for (; remark; remark = remark->next) {
		struct rule *place = ARENA_NEW(adviser->arena, struct rule);

		place->origin = remark->origin;
		add(adviser, kinds[remark->kind], place, NULL, remark_text(adviser->arena, remark));
	}
}

struct advice *advise(struct arena *arena, const struct policy *policy)
{
	struct adviser *adviser = ARENA_NEW(arena, struct adviser);
	unsigned long order = 0;

	*adviser = (struct adviser){.arena = arena, .steps = STEPS};
	adviser->end = &adviser->first;
	for (const struct history_entry *at = policy->history->first; at; at = at->next) {
		struct told *told = ARENA_NEW(arena, struct told);

		*told = (struct told){at->rule, order++, adviser->lists[at->operation]};
		adviser->lists[at->operation] = told;
		adviser->telling = told;
		if (!at->rule->origin.source)
			continue; /* what every profile has at its end */
		check_default(adviser, at->operation);
		check_covered(adviser, at->operation);
		check_outranked(adviser, at->operation);
		check_local(adviser, at->operation);
		if (at->rule->filter)
			check_paths(adviser, at->rule, at->rule->filter);
	}
	add_remarks(adviser, policy->remarks);
	return adviser->first;
}
