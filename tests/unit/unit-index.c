/*
 * Property: an index answers as policy_decide and policy_outcomes do, with the same rule. Random
 * policies over all operations and kinds of filter are asked about random objects and regions.
 *
 * usage: unit-index [POLICIES]. SBX_TEST_SEED repeats a run; a failure names the policy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "policy/index.h"

#include "random.h"

enum { POLICIES = 3000, QUERIES = 80, RULES = 24, USED = 3, REGEXES = 4, DEPTH = 4 };

static char buffer[2 * 1024 * 1024];
static struct arena arena;
static regex_t regexes[REGEXES];
static unsigned long passed, failed, filtered, mixed;

/* A policy's filters, so that groups and rules share some of them. */
static const struct filter *used[16];
static unsigned used_count;

/* "/", "/a", "/ab/a.b/a", "/a//b/"..., rarely something that is no path. */
static const char *random_path(void)
{
	static const char *const names[] = {"a", "b", "ab", "a-b", "a.b", "aa", "\xc3\xa4"};
	struct text path = text_make(&arena);
	unsigned depth = below(5);

	if (one_in(100))
		return one_in(2) ? "" : "a";
	if (!depth)
		text_add(&path, "/");
	while (depth--)
		text_addf(&path, "/%s%s", PICK(names), one_in(40) ? "/" : "");
	return path.bytes;
}

static void set_text(struct filter *filter)
{
	static const enum pattern patterns[] = {PATTERN_LITERAL, PATTERN_LITERAL, PATTERN_SUBPATH,
		PATTERN_SUBPATH, PATTERN_SUBPATH, PATTERN_PREFIX, PATTERN_PREFIX, PATTERN_REGEX};
	size_t length;

	filter->text.attribute = one_in(8) ? below(TEXT_COUNT) : TEXT_PATH;
	filter->text.pattern = PICK(patterns);
	filter->text.bytes = random_path();
	length = strlen(filter->text.bytes);
	if (filter->text.pattern == PATTERN_PREFIX && one_in(2))
		length = below((unsigned)length + 1); /* half a name */
	filter->text.bytes = arena_copy(&arena, filter->text.bytes, length);
	filter->text.length = length;
	filter->text.regex = &regexes[below(REGEXES)];
}

static struct endpoint random_endpoint(void)
{
	return (struct endpoint){.protocol = below(64),
		.localhost = one_in(2),
		.wildcard = one_in(3),
		.bound = !one_in(4),
		.port = one_in(2) ? PORT_ANY : (int)below(3)};
}

static const struct filter *random_filter(unsigned depth);

static void set_group(struct filter *filter, unsigned depth)
{
	filter->group.count = filter->kind == FILTER_NOT ? 1 : below(4);
	filter->group.items = ARENA_ARRAY(&arena, const struct filter *, filter->group.count);
	for (size_t i = 0; i < filter->group.count; i++)
		filter->group.items[i] = random_filter(depth - 1);
}

static const struct filter *random_filter(unsigned depth)
{
	static const enum filter_kind kinds[] = {FILTER_ALL, FILTER_ALL, FILTER_ANY, FILTER_ANY,
		FILTER_NOT, FILTER_NEVER, FILTER_NUMBER, FILTER_REMOTE, FILTER_LOCAL};
	struct filter *filter = ARENA_NEW(&arena, struct filter);

	if (used_count && one_in(8))
		return used[below(used_count)];
	filter->kind = one_in(3) ? PICK(kinds) : FILTER_TEXT;
	if (!depth && (filter->kind == FILTER_ALL || filter->kind == FILTER_ANY ||
			      filter->kind == FILTER_NOT))
		filter->kind = FILTER_TEXT;
	if (filter->kind == FILTER_TEXT) {
		set_text(filter);
	} else if (filter->kind == FILTER_NUMBER) {
		filter->number.attribute = below(NUMBER_COUNT);
		filter->number.value = (long)below(4);
	} else if (filter->kind == FILTER_REMOTE || filter->kind == FILTER_LOCAL) {
		filter->endpoint = random_endpoint();
	} else if (filter->kind != FILTER_NEVER) {
		set_group(filter, depth);
	}
	if (used_count < COUNT(used))
		used[used_count++] = filter;
	return filter;
}

/* Few operations have rules, so that many rules decide the same one; some are in the same line. */
static struct policy *random_policy(enum operation *asked, size_t count)
{
	struct policy *policy = ARENA_NEW(&arena, struct policy);

	used_count = 0;
	for (size_t i = 0; i < count; i++) {
		asked[i] = i && one_in(2) ? operation_parent(asked[i - 1])
					  : (enum operation)below(OPERATION_COUNT);
		if (asked[i] == OP_NONE)
			asked[i] = one_in(2) ? OP_FILE_READ_DATA : OP_DEFAULT;
	}
	for (unsigned rules = below(RULES); rules; rules--) {
		struct rule *rule = ARENA_NEW(&arena, struct rule);

		rule->action = one_in(2) ? ACTION_ALLOW : ACTION_DENY;
		if (!one_in(12))
			rule->filter = random_filter(one_in(3) ? DEPTH : 1);
		for (unsigned names = 1 + below(2); names; names--)
			policy_add(policy, &arena, asked[below((unsigned)count)], rule);
	}
	return policy;
}

static struct query random_query(enum operation operation)
{
	struct query query = {.operation = operation, .partial = one_in(3), .below = one_in(3)};

	if (!one_in(20))
		query.texts[TEXT_PATH] = random_path();
	for (unsigned i = TEXT_PATH + 1; i < TEXT_COUNT; i++)
		query.texts[i] = one_in(2) ? random_path() : NULL;
	for (unsigned i = 0; i < NUMBER_COUNT; i++) {
		if (one_in(2))
			query_set_number(&query, (enum number_attribute)i, (long)below(4));
	}
	query.pathless = !query.texts[TEXT_PATH] && one_in(2);
	query.remote = random_endpoint();
	query.local = random_endpoint();
	return query;
}

static bool is_same(struct decision a, struct decision b)
{
	return a.action == b.action && a.rule == b.rule && a.operation == b.operation;
}

static bool are_same(const struct outcomes *a, const struct outcomes *b)
{
	return a->may_allow == b->may_allow && a->may_deny == b->may_deny &&
	       (!a->may_allow || is_same(a->allow, b->allow)) &&
	       (!a->may_deny || is_same(a->deny, b->deny));
}

static void check(bool holds, const char *what, unsigned long number, const struct query *query)
{
	if (holds) {
		passed++;
	} else if (failed++ < 8) {
		printf("policy %lu: %s: %s path=%s%s%s\n", number, what,
			operation_name(query->operation),
			query->texts[TEXT_PATH] ? query->texts[TEXT_PATH] : "NULL",
			query->partial ? " partial" : "", query->below ? " below" : "");
	}
}

static void check_query(const struct policy *policy, struct index *index,
	const struct index *complete, unsigned long number, const struct query *query)
{
	struct outcomes expected = policy_outcomes(policy, query);
	struct outcomes outcomes = index_outcomes(index, query);
	struct outcomes of_complete = index_read(complete, query);

	check(are_same(&expected, &outcomes) && are_same(&expected, &of_complete),
		"outcomes differ", number, query);
	mixed += expected.may_allow && expected.may_deny;
	if (query->partial || query->below)
		return;
	struct decision decision = policy_decide(policy, query);

	check(is_same(decision, index_decide(index, query)), "decisions differ", number, query);
	filtered += decision.rule && decision.rule->filter;
}

static void check_policy(unsigned long number)
{
	enum operation asked[USED];
	struct policy *policy = random_policy(asked, COUNT(asked));
	struct index index = {.policy = policy, .arena = &arena}, complete = index;

	index_complete(&complete);
	for (int i = 0; i < QUERIES; i++) {
		struct query query = random_query(PICK(asked));

		check_query(policy, &index, &complete, number, &query);
	}
}

static void compile_regexes(void)
{
	static const char *const expressions[REGEXES] = {"b", "^/a", "/ab$", "a.b|//"};

	for (int i = 0; i < REGEXES; i++) {
		if (regcomp(&regexes[i], expressions[i], REG_EXTENDED | REG_NOSUB) != 0)
			abort();
	}
}

static uint64_t choose_seed(void)
{
	const char *seed = getenv("SBX_TEST_SEED");

	if (seed)
		return strtoull(seed, NULL, 10);
	return (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
}

int main(int argc, char **argv)
{
	unsigned long policies = argc > 1 ? strtoul(argv[1], NULL, 10) : POLICIES;
	uint64_t seed = choose_seed();

	printf("SBX_TEST_SEED=%llu\n", (unsigned long long)seed);
	state = seed * 0x9e3779b97f4a7c15u + 1;
	compile_regexes();
	for (unsigned long i = 1; i <= policies; i++) {
		arena = arena_make(buffer, sizeof(buffer));
		check_policy(i);
		memset(buffer, 0, arena.used < sizeof(buffer) ? arena.used : sizeof(buffer));
	}
	/* A run that never met what it is about proves nothing. */
	if (policies >= POLICIES && (filtered < passed / 10 || mixed < passed / 100)) {
		printf("too few decisions by filtered rules (%lu) or mixed outcomes (%lu)\n",
			filtered, mixed);
		failed++;
	}
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed ? 1 : 0;
}
