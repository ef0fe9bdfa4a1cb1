/*
 * Property: whatever a trie says of a region holds for every path in it. Random profiles over a
 * small alphabet of paths are asked about random files; policy_decide is the reference.
 *
 * usage: unit-regions [POLICIES]. SBX_TEST_SEED repeats a run; a failure prints profile and query.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "enforce/linux/plan.h"
#include "profile/sbpl.h"

#include "random.h"

enum { POLICIES = 3000, QUERIES = 30, OPERATIONS = 6, SHOWN = 20 };

static char buffer[8 * 1024 * 1024];
static struct arena arena;
static unsigned long passed, failed;

static const char *const rule_operations[] = {"default", "file*", "file*", "file-read*",
	"file-read*", "file-read-data", "file-read-metadata", "file-read-xattr", "file-write*",
	"file-write*", "file-write-data", "file-write-create", "file-write-unlink",
	"file-write-mode", "file-write-xattr", "file-ioctl", "file-link", "file-map-executable",
	"process-exec*", "process-exec-interpreter"};

static const enum operation asked_operations[] = {OP_FILE_READ_DATA, OP_FILE_READ_METADATA,
	OP_FILE_READ_XATTR, OP_FILE_WRITE_DATA, OP_FILE_WRITE_CREATE, OP_FILE_WRITE_UNLINK,
	OP_FILE_WRITE_MODE, OP_FILE_WRITE_XATTR, OP_FILE_IOCTL, OP_FILE_MKNOD, OP_FILE_LINK,
	OP_FILE_MAP_EXECUTABLE, OP_PROCESS_EXEC_ALL, OP_PROCESS_EXEC_INTERPRETER,
	OP_FILE_WRITE_SETUGID, OP_QTN_USER};

static const char *const types[] = {"REGULAR-FILE", "DIRECTORY", "SYMLINK", "TTY"};
static const long type_numbers[] = {1, 2, 5, 65535, 7};
static const char *const attributes[] = {"user.a", "user.b"};
static const char *const expressions[] = {"b", "^/a/", "/ab$", "^/[ab]+$", "(b|c)/a"};

/* "/", "/a", "/ab/c/a"... */
static char *random_path(void)
{
	static const char *const names[] = {"a", "b", "ab", "c"};
	struct text path = text_make(&arena);
	unsigned depth = below(5);

	if (!depth)
		text_add(&path, "/");
	while (depth--)
		text_addf(&path, "/%s", PICK(names));
	return path.bytes;
}

/* Whether every filter of the profile is one that a trie decides exactly. */
struct draft {
	struct text text;
	bool exact;
};

static void add_path_filter(struct draft *draft)
{
	char *path = random_path();
	unsigned kind = below(10);

	if (kind < 4) {
		text_addf(&draft->text, "(subpath \"%s%s\")", path, one_in(8) ? "/" : "");
	} else if (kind < 7) {
		text_addf(&draft->text, "(literal \"%s%s\")", path, one_in(16) ? "/" : "");
	} else if (kind < 8) {
		text_addf(&draft->text, "(path-ancestors \"%s\")", path);
	} else if (kind < 9) {
		text_addf(&draft->text, "(prefix \"%s%s\")", path, path[1] ? "/" : "");
	} else {
		/* Cut anywhere: half a name as a rule. */
		path[1 + below((unsigned)strlen(path))] = '\0';
		text_addf(&draft->text, "(prefix \"%s%s\")", path, one_in(4) ? "/" : "");
		draft->exact = false;
	}
}

static void add_other_filter(struct draft *draft)
{
	draft->exact = false;
	switch (below(7)) {
	case 0:
	case 1:
		text_addf(&draft->text, "(vnode-type %s %s)", PICK(types), PICK(types));
		return;
	case 2:
		text_addf(&draft->text, "(file-mode #o%o)", 1u << below(9));
		return;
	case 3:
		text_addf(&draft->text, "(xattr \"%s\")", PICK(attributes));
		return;
	case 4:
		text_addf(&draft->text, "(regex \"%s\")", PICK(expressions));
		return;
	case 5:
		text_add(&draft->text, "(extension \"none\")");
		return;
	default:
		text_add(&draft->text, one_in(2) ? "(global-name \"a\")" : "(remote tcp)");
		return;
	}
}

static void add_filter(struct draft *draft, unsigned depth)
{
	static const char *const groups[] = {"require-any", "require-all"};

	if (depth && one_in(4)) {
		text_add(&draft->text, "(require-not ");
		add_filter(draft, depth - 1);
		text_add(&draft->text, ")");
	} else if (depth && one_in(4)) {
		text_addf(&draft->text, "(%s ", PICK(groups));
		for (unsigned count = 1 + below(3); count; count--)
			add_filter(draft, depth - 1);
		text_add(&draft->text, ")");
	} else if (one_in(6)) {
		add_other_filter(draft);
	} else {
		add_path_filter(draft);
	}
}

static struct draft random_profile(void)
{
	struct draft draft = {.text = text_make(&arena), .exact = true};

	text_add(&draft.text, "(version 1)");
	if (!one_in(8))
		text_add(&draft.text, one_in(2) ? "(allow default)" : "(deny default)");
	for (unsigned rules = 1 + below(8); rules; rules--) {
		text_add(&draft.text, one_in(2) ? "(allow" : "(deny");
		for (unsigned names = 1 + below(3); names; names--)
			text_addf(&draft.text, " %s", PICK(rule_operations));
		for (unsigned filters = one_in(6) ? 0 : 1 + below(2); filters; filters--) {
			text_add(&draft.text, " ");
			add_filter(&draft, 2);
		}
		text_add(&draft.text, ")");
	}
	return draft;
}

static struct query random_query(enum operation operation)
{
	struct query query = {.operation = operation};

	query.texts[TEXT_PATH] = random_path();
	if (operation_takes(operation, TAKES_XATTR) && !one_in(4))
		query.texts[TEXT_XATTR] = PICK(attributes);
	if (operation_takes(operation, TAKES_VNODE_TYPE) && !one_in(4))
		query_set_number(&query, NUMBER_VNODE_TYPE, PICK(type_numbers));
	if (operation_takes(operation, TAKES_FILE_MODE) && !one_in(4))
		query_set_number(&query, NUMBER_FILE_MODE, (long)below(512));
	return query;
}

/* The first failure of each kind is enough to see. */
static bool is_new(const char *what)
{
	static const char *shown[SHOWN];
	int i = 0;

	while (i < SHOWN && shown[i] && strcmp(shown[i], what) != 0)
		i++;
	if (i == SHOWN || shown[i])
		return false;
	shown[i] = what;
	return true;
}

static void fail(const char *what, const struct draft *draft, const struct query *query)
{
	const char *attribute = query->texts[TEXT_XATTR];

	failed++;
	if (!is_new(what))
		return;
	printf("%s\n    %s\n    %s path=%s", what, draft->text.bytes,
		operation_name(query->operation), query->texts[TEXT_PATH]);
	if (query->numbers_known & UINT64_C(1) << NUMBER_VNODE_TYPE)
		printf(" vnode-type=%ld", query->numbers[NUMBER_VNODE_TYPE]);
	if (query->numbers_known & UINT64_C(1) << NUMBER_FILE_MODE)
		printf(" file-mode=%lo", (unsigned long)query->numbers[NUMBER_FILE_MODE]);
	printf("%s%s\n", attribute ? " xattr=" : "", attribute ? attribute : "");
}

static void check(
	bool holds, const char *what, const struct draft *draft, const struct query *query)
{
	if (holds)
		passed++;
	else
		fail(what, draft, query);
}

/* What is unanimous and holds the decision equals it. */
static bool includes(const struct outcomes *outcomes, struct decision decision)
{
	return decision.action == ACTION_ALLOW ? outcomes->may_allow : outcomes->may_deny;
}

static const struct outcomes *region_of(
	const struct trie_node *root, const char *path, const struct trie_node **node)
{
	bool exact;

	*node = trie_find(root, path, &exact);
	return exact ? &(*node)->exact : &(*node)->below;
}

static bool is_deepest(const struct trie_node *node, const char *path)
{
	const struct trie_node *child = node->child;

	while (child && (strncmp(child->path, path, child->length) != 0 ||
				(path[child->length] && path[child->length] != '/')))
		child = child->sibling;
	return !child;
}

static void check_query(const struct policy *policy, const struct draft *draft,
	const struct trie_node *own, const struct trie_node *shared, struct query query)
{
	struct decision decision = policy_decide(policy, &query);
	const struct trie_node *node;
	const struct outcomes *region = region_of(own, query.texts[TEXT_PATH], &node);
	struct query partial = {.operation = query.operation, .partial = true};
	struct outcomes all = {.may_allow = false};

	check(includes(region, decision), "the region does not hold the decision", draft, &query);
	check(!draft->exact || !(region->may_allow && region->may_deny),
		"a region of literals, subpaths and whole names is mixed", draft, &query);
	check(is_deepest(node, query.texts[TEXT_PATH]), "not the deepest node", draft, &query);
	trie_outcomes(own, &all);
	check(includes(&all, decision), "trie_outcomes lacks the decision", draft, &query);
	check(includes(region_of(shared, query.texts[TEXT_PATH], &node), decision),
		"the region that plan_regions shares does not hold the decision", draft, &query);

	all = policy_outcomes(policy, &partial);
	check(includes(&all, decision), "a query about any object lacks the decision", draft,
		&query);
	partial.texts[TEXT_PATH] = query.texts[TEXT_PATH];
	all = policy_outcomes(policy, &partial);
	check(includes(&all, decision), "a query about the path lacks the decision", draft, &query);
	all = policy_outcomes(policy, &query);
	check(includes(&all, decision) && !(all.may_allow && all.may_deny),
		"policy_outcomes disagrees with policy_decide", draft, &query);
}

static void check_alike(
	const struct policy *policy, const struct draft *draft, enum operation a, enum operation b)
{
	if (!policy_is_alike(policy, a, b))
		return;
	for (int i = 0; i < 4; i++) {
		struct query query = random_query(a);
		struct decision first = policy_decide(policy, &query);

		query.operation = b;
		struct decision second = policy_decide(policy, &query);

		check(first.action == second.action && first.rule == second.rule,
			"policy_is_alike, but they decide differently", draft, &query);
	}
}

/* A question that leaves less open: the type of the file is known. */
static void check_narrow(
	const struct policy *policy, const struct draft *draft, enum operation operation)
{
	struct query question = {.operation = operation};

	if (!operation_takes(operation, TAKES_VNODE_TYPE))
		return;
	query_set_number(&question, NUMBER_VNODE_TYPE, PICK(type_numbers));
	struct index index = {.policy = policy, .arena = &arena};
	const struct trie_node *root = trie_build(&index, &question), *node;

	for (int i = 0; i < QUERIES / 4; i++) {
		struct query query = random_query(operation);

		query_set_number(&query, NUMBER_VNODE_TYPE, question.numbers[NUMBER_VNODE_TYPE]);
		check(includes(region_of(root, query.texts[TEXT_PATH], &node),
			      policy_decide(policy, &query)),
			"the region for this type does not hold the decision", draft, &query);
	}
}

static void check_policy(void)
{
	struct draft draft = random_profile();
	struct source source = {"random", draft.text.bytes, draft.text.length};
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct plan plan = {
		.arena = &arena, .policy = policy, .index = {.policy = policy, .arena = &arena}};
	struct scheme_error error;
	struct profile profile;

	profile_init(&profile, "/");
	profile_add(&profile, &arena, PART_PLAIN, &source);
	if (!sbpl_evaluate(&profile, &arena, policy, &error)) {
		printf("%s\n    %s\n", error.text, draft.text.bytes);
		failed++;
		return;
	}
	for (int i = 0; i < OPERATIONS; i++) {
		enum operation operation = PICK(asked_operations);
		struct query question = {.operation = operation};
		struct index index = {.policy = policy, .arena = &arena};
		const struct trie_node *own = trie_build(&index, &question);
		const struct trie_node *shared = plan_regions(&plan, operation);

		for (int j = 0; j < QUERIES; j++)
			check_query(policy, &draft, own, shared, random_query(operation));
		check_narrow(policy, &draft, operation);
		check_alike(policy, &draft, operation, PICK(asked_operations));
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
	for (unsigned long i = 0; i < policies; i++) {
		memset(buffer, 0, arena.used < sizeof(buffer) ? arena.used : sizeof(buffer));
		arena = arena_make(buffer, sizeof(buffer));
		check_policy();
	}
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed ? 1 : 0;
}
