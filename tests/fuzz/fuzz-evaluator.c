/*
 * Any text is a policy or an error. The policy's index and the regions of its tries agree with
 * policy_decide, on paths that the rules name and on others near them; a plan can be made of it for
 * any kernel, and printed.
 */
#include "harness.h"

#include <string.h>

#include "../unit/random.h"
#include "base/message.h"
#include "base/path.h"
#include "enforce/linux/plan.h"
#include "policy/index.h"
#include "profile/sbpl.h"

enum { PATHS_MAX = 64, QUERIES = 24, FILTERS_MAX = 20000, RULES_MAX = 2000 };

struct paths {
	const char *items[PATHS_MAX];
	unsigned count, filters, rules;
};

static const char library[] = ";; a file to import\n"
			      "(define (home-subpath p) (subpath (string-append \"/home\" p)))\n"
			      "(allow file-read* (home-subpath \"/lib\"))\n";

static void find_paths(const struct filter *filter, struct paths *paths)
{
	if (paths->filters++ > FILTERS_MAX)
		return;
	if (filter->kind == FILTER_TEXT && paths->count < PATHS_MAX)
		paths->items[paths->count++] = filter->text.bytes;
	if (filter->kind != FILTER_ALL && filter->kind != FILTER_ANY && filter->kind != FILTER_NOT)
		return;
	for (size_t i = 0; i < filter->group.count && paths->filters <= FILTERS_MAX; i++)
		find_paths(filter->group.items[i], paths);
}

static void find_all_paths(const struct policy *policy, struct paths *paths)
{
	paths->items[paths->count++] = "/";
	paths->items[paths->count++] = "/usr/lib/x";
	for (unsigned i = 0; i < OPERATION_COUNT; i++) {
		const struct rule_link *link = policy->operations[i].filtered;

		for (; link; link = link->next, paths->rules++)
			find_paths(link->rule->filter, paths);
	}
}

/* A path of the policy as it is, cut, or with something behind it. */
static const char *near_path(struct arena *arena, const struct paths *paths)
{
	static const char *const tails[] = {"/", "/x", "x", "/a/b", ""};
	const char *path = paths->items[below(paths->count)];
	size_t length = strlen(path);
	struct text text = text_make(arena);

	if (one_in(3))
		length = below((unsigned)length + 1);
	text_add_bytes(&text, path, length);
	if (one_in(2))
		text_add(&text, PICK(tails));
	return text.bytes;
}

/* Operations with rules are asked more often, by asking those below them. */
static enum operation any_operation(const struct policy *policy)
{
	enum operation operation = OP_DEFAULT;

	for (int tries = 0; tries < 8; tries++) {
		operation = (enum operation)below(OPERATION_COUNT);
		if (policy_has_rules(policy, operation))
			return operation;
	}
	return operation;
}

static struct query any_query(
	struct arena *arena, const struct policy *policy, const struct paths *paths)
{
	struct query query = {.operation = any_operation(policy)};

	for (unsigned i = 0; i < TEXT_COUNT; i++)
		query.texts[i] = i == TEXT_PATH || one_in(4) ? near_path(arena, paths) : NULL;
	for (unsigned i = 0; i < NUMBER_COUNT; i++) {
		if (one_in(3))
			query_set_number(&query, (enum number_attribute)i, (long)below(8));
	}
	query.remote = (struct endpoint){PROTOCOL_TCP | PROTOCOL_IP4, one_in(2), true, 80};
	query.local = (struct endpoint){PROTOCOL_TCP | PROTOCOL_IP4, one_in(2), one_in(2), 80};
	return query;
}

static bool is_same(const struct decision *a, const struct decision *b)
{
	return a->action == b->action && a->rule == b->rule && a->operation == b->operation;
}

static void check_outcomes(struct index *index, const struct query *query)
{
	struct outcomes expected = policy_outcomes(index->policy, query);
	struct outcomes outcomes = index_outcomes(index, query);

	FUZZ_CHECK(expected.may_allow == outcomes.may_allow);
	FUZZ_CHECK(expected.may_deny == outcomes.may_deny);
	FUZZ_CHECK(!expected.may_allow || is_same(&expected.allow, &outcomes.allow));
	FUZZ_CHECK(!expected.may_deny || is_same(&expected.deny, &outcomes.deny));
}

static void check_region(struct index *index, const struct query *query)
{
	struct query question = {.operation = query->operation};
	struct decision decision = policy_decide(index->policy, query);
	bool exact;

	if (!path_is_normal(query->texts[TEXT_PATH], strlen(query->texts[TEXT_PATH])))
		return;
	const struct trie_node *root = trie_build(index, &question);
	const struct trie_node *node = trie_find(root, query->texts[TEXT_PATH], &exact);
	const struct outcomes *region = exact ? &node->exact : &node->below;

	FUZZ_CHECK(decision.action == ACTION_ALLOW ? region->may_allow : region->may_deny);
}

static void check_policy(
	struct arena *arena, const struct policy *policy, const struct paths *paths)
{
	struct index index = {.policy = policy, .arena = arena};

	for (int i = 0; i < QUERIES; i++) {
		struct query query = any_query(arena, policy, paths);
		struct decision decision = policy_decide(policy, &query);
		struct decision indexed = index_decide(&index, &query);

		FUZZ_CHECK(is_same(&decision, &indexed));
		check_outcomes(&index, &query);
		if (i % 8 == 0)
			check_region(&index, &query);
		query.partial = one_in(2);
		query.below = one_in(2);
		check_outcomes(&index, &query);
	}
}

static void check_plan(struct arena *arena, const struct policy *policy)
{
	struct host host = {.landlock_abi = (int)below(9)};
	struct text text = text_make(arena);
	struct plan *plan = plan_make(arena, policy, &host, one_in(2) ? "/bin/sh" : NULL);

	plan_print(&text, plan);
	for (const struct gap *gap = plan_gaps(plan); gap; gap = gap->next)
		warn_at(gap->origin, "%s: %s", operation_name(gap->operation), gap->reason);
	for (const struct limit *limit = plan_limits(plan); limit; limit = limit->next)
		warn_at(limit->origin, "%s", limit->text);
}

static void evaluate(struct arena *arena, const char *bytes, size_t length)
{
	struct policy *policy = ARENA_NEW(arena, struct policy);
	struct source source = {"input", bytes, length};
	struct scheme_error error;
	struct profile profile;
	struct paths paths = {.count = 0};

	fuzz_add_file("/library/lib.sb", library, sizeof(library) - 1);
	fuzz_add_file("/library/system.sb", library, sizeof(library) - 1);
	fuzz_add_file("/library/self.sb", bytes, length);
	profile_init(&profile, "/library");
	profile_set(&profile, arena, "HOME", "/home/user");
	profile_set(&profile, arena, "CWD", "/home/user/a b\"c");
	profile_add(&profile, arena, PART_PLAIN, &source);
	if (!sbpl_evaluate(&profile, arena, policy, &error))
		die_at(error.origin, "%s", error.text);
	find_all_paths(policy, &paths);
	if (paths.filters > FILTERS_MAX || paths.rules > RULES_MAX)
		return; /* correct, but too slow to ask so often */
	check_policy(arena, policy, &paths);
	check_plan(arena, policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	state = 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < length; i++)
		state = (state ^ bytes[i]) * 0x100000001b3u;
	state |= 1;
	return fuzz_run(evaluate, bytes, length);
}
