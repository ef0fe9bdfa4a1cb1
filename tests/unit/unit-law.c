/*
 * The law of composition (DESIGN.md section 3), for all shipped presets and random grants: an
 * operation is allowed if the default or some chosen grant allows it, and no chosen restriction
 * denies it; the order of presets never matters; adding a restriction never allows more; adding a
 * grant never allows what a restriction denies. Every pair of presets is tried, and random choices.
 *
 * usage: unit-law [ROUNDS]. SBX_TEST_SEED repeats a run; a failure names presets, grants and query.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/compose.h"
#include "profile/sbpl.h"

#include "random.h"

enum { ROUNDS = 1000, QUERIES = 100, CHOSEN_MAX = 16, PRESETS_MAX = 64, SHOWN = 10 };

static char kept_buffer[4 * 1024 * 1024], round_buffer[16 * 1024 * 1024];
static struct arena kept, arena;
static unsigned long passed, failed;

/* A fragment, and what it says when it is alone. */
struct word {
	const struct fragment *fragment;
	const struct policy *alone;
};

static struct word presets[PRESETS_MAX];
static unsigned preset_count;
static const char *preset_directory;

static const char *find_presets(void)
{
	const char *directory = getenv("SBX_SOURCE_DIR");
	const char *program = file_own_executable(&kept);

	if (directory)
		return path_join(&kept, directory, "presets");
	if (!program)
		return "presets";
	/* BUILD/tests/unit-law stands beside BUILD/share. */
	return path_join(
		&kept, path_parent(&kept, path_parent(&kept, program)), "share/sbx/presets");
}

/* Every parameter has a value that no other one has. */
static const char *supply(struct profile *profile, struct arena *use, const char *name)
{
	static const char *const values[][2] = {{"CWD", "/home/u/project"}, {"HOME", "/home/u"},
		{"TMPDIR", "/tmp"}, {"PRIVATE_TMPDIR", "/tmp/sbx-1000/project"}, {"UID", "1000"},
		{"XDG_RUNTIME_DIR", "/run/user/1000"}, {"PYTHON_PREFIX", "/home/u/project/venv"},
		{"PYTHON_BASE_PREFIX", "/opt/python"}, {"PYTHON_LAUNCHER", "/home/u/.pyenv"},
		{"COMMAND", "/usr/bin/true"}, {"GIT_DIR", "/home/u/repository/.git/worktrees/w"},
		{"GIT_COMMON_DIR", "/home/u/repository/.git"}, {"GIT_WORK_TREE", "/home/u/project"},
		{"GIT_NAMES", "/home/u/project/.git"},
		{"GIT_TREES", "/home/u/repository/.git/hooks\n/home/u/repository/.git/config"}};

	(void)profile;
	for (size_t i = 0; i < COUNT(values); i++) {
		if (strcmp(values[i][0], name) == 0)
			return values[i][1];
	}
	return text_format(use, "/parameter/%s", name);
}

/* Files in, at and outside of what presets speak of. */
static const char *random_path(void)
{
	static const char *const roots[] = {"", "/home/u/project", "/home/u/project/.git",
		"/home/u/repository/.git", "/home/u/repository/.git/hooks",
		"/home/u/project/.vscode", "/home/u/.bashrc", "/home/u/.cache/pip", "/home/u/.npm",
		"/home/u", "/home/u/.ssh", "/home/u/.config/pulse", "/tmp", "/tmp/sbx-1000",
		"/tmp/sbx-1000/project", "/var/tmp", "/private/var/tmp", "/dev", "/dev/null",
		"/dev/tty", "/dev/pts", "/dev/shm", "/dev/snd", "/dev/sda", "/etc", "/etc/passwd",
		"/etc/shadow", "/usr/bin", "/usr/lib", "/usr/bin/true", "/opt/python",
		"/home/u/.pyenv", "/home/u/project/venv", "/parameter/PACKAGE", "/parameter/STATE",
		"/proc/self", "/proc/sys", "/sys", "/run/user/1000", "/run/user/1000/pulse/native",
		"/run/user/1000/pipewire-0", "/home", "/home/user"};
	static const char *const names[] = {"", "", "/x", "/bin/python3", "/0", "/a/b"};
	const char *path = text_format(&arena, "%s%s", PICK(roots), PICK(names));

	return path[0] ? path : "/";
}

static void add_filter(struct text *text, unsigned depth)
{
	static const char *const protocols[] = {
		"ip", "ip4", "ip6", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6"};
	static const char *const addresses[] = {
		"*:*", "*:80", "*:443", "localhost:*", "localhost:80"};
	static const char *const ways[] = {"remote", "local"};
	static const char *const paths[] = {"subpath", "subpath", "literal", "prefix"};
	static const char *const others[] = {"(target others)", "(target same-sandbox children)",
		"(signal-number SIGKILL)", "(socket-domain AF_INET)",
		"(socket-domain AF_INET6 AF_UNIX)", "(socket-type SOCK_RAW)",
		"(remote unix-socket)", "(vnode-type REGULAR-FILE)",
		"(vnode-type CHARACTER-DEVICE)", "(xattr \"user.a\")", "(global-name \"a\")",
		"(sysctl-name \"a\")", "(file-mode #o111)", "(regex #\"/\")"};

	if (depth && one_in(6)) {
		text_add(text, PICK(((const char *const[]){
				       "(require-all ", "(require-any ", "(require-not "})));
		add_filter(text, depth - 1);
		text_add(text, ")");
	} else if (one_in(3)) {
		text_addf(text, "(%s %s \"%s\")", PICK(ways), PICK(protocols), PICK(addresses));
	} else if (one_in(3)) {
		text_add(text, PICK(others));
	} else {
		text_addf(text, "(%s \"%s\")", PICK(paths), random_path());
	}
}

/* What presets and options speak of, often; everything else, too. */
static enum operation random_operation(void)
{
	static const enum operation usual[] = {OP_DEFAULT, OP_FILE_ALL, OP_FILE_READ_ALL,
		OP_FILE_READ_DATA, OP_FILE_READ_METADATA, OP_FILE_READ_XATTR, OP_FILE_WRITE_ALL,
		OP_FILE_WRITE_DATA, OP_FILE_WRITE_CREATE, OP_FILE_WRITE_UNLINK, OP_FILE_WRITE_MODE,
		OP_FILE_WRITE_OWNER, OP_FILE_WRITE_TIMES, OP_FILE_WRITE_XATTR,
		OP_FILE_WRITE_SETUGID, OP_FILE_IOCTL, OP_FILE_MKNOD, OP_FILE_LINK, OP_NETWORK_ALL,
		OP_NETWORK_OUTBOUND, OP_NETWORK_INBOUND, OP_NETWORK_BIND, OP_SYSTEM_ALL,
		OP_SYSTEM_SOCKET, OP_PROCESS_ALL, OP_PROCESS_EXEC_ALL, OP_PROCESS_EXEC_INTERPRETER,
		OP_PROCESS_FORK, OP_SIGNAL, OP_SYSCTL_READ, OP_IPC_POSIX_SHM_ALL};

	return one_in(3) ? (enum operation)below(OPERATION_COUNT) : PICK(usual);
}

static const struct fragment *random_grant(void)
{
	struct text text = text_make(&arena);
	struct source *source = ARENA_NEW(&arena, struct source);
	struct fragment *fragment = ARENA_NEW(&arena, struct fragment);

	for (unsigned rules = 1 + below(3); rules; rules--) {
		text_add(&text, "(allow");
		for (unsigned names = 1 + below(3); names; names--)
			text_addf(&text, " %s", operation_name(random_operation()));
		for (unsigned filters = one_in(3) ? 0 : 1 + below(2); filters; filters--) {
			text_add(&text, " ");
			add_filter(&text, 1);
		}
		text_add(&text, ")");
	}
	*source = (struct source){text.bytes, text.bytes, text.length};
	*fragment = (struct fragment){.name = text.bytes,
		.source = source,
		.kind = FRAGMENT_GRANT,
		.summary = "",
		.aliases = "",
		.env_drop = "",
		.writes = "",
		.tolerates = ""};
	return fragment;
}

static const struct policy *evaluate(struct arena *use, struct profile *profile)
{
	struct policy *policy = ARENA_NEW(use, struct policy);
	struct scheme_error error;

	if (sbpl_evaluate(profile, use, policy, &error))
		return policy;
	printf("%s: %s\n0 passed, 1 failed\n",
		error.origin.source ? error.origin.source->name : "?", error.text);
	exit(1);
}

static void init_profile(struct profile *profile)
{
	profile_init(profile, preset_directory);
	profile->supply = supply;
}

static const struct source prologues[] = {{"<alone>", "(version 1)(deny default)", 25},
	{"<alone>", "(version 1)(allow default)", 26}};

static struct word make_word(struct arena *use, const struct fragment *fragment)
{
	struct profile profile;

	init_profile(&profile);
	profile_add(&profile, use, PART_PLAIN, &prologues[fragment->kind == FRAGMENT_RESTRICT]);
	profile_add(&profile, use, PART_PLAIN, fragment->source);
	return (struct word){fragment, evaluate(use, &profile)};
}

/* Whether a rule of the fragment itself decides so: a grant allows, a restriction denies. */
static bool word_speaks(const struct word *word, const struct query *query)
{
	struct decision decision = policy_decide(word->alone, query);
	enum action own = word->fragment->kind == FRAGMENT_RESTRICT ? ACTION_DENY : ACTION_ALLOW;
	const struct source *source = decision.rule ? decision.rule->origin.source : NULL;

	return decision.action == own && source && source != &prologues[0] &&
	       source != &prologues[1];
}

struct choice {
	struct word words[CHOSEN_MAX];
	unsigned count;
	bool allow_all;
};

/* A choice, composed; and its default on its own. */
struct composed {
	struct choice choice;
	const struct policy *policy, *fallback;
};

static struct composed compose_choice(const struct choice *choice)
{
	struct request request = {.allow_all = choice->allow_all, .command = "/bin/sh"};
	struct preset_use **end = &request.presets;
	struct composed composed = {.choice = *choice};
	struct profile profile, fallback;

	for (unsigned i = 0; i < choice->count; i++) {
		*end = ARENA_NEW(&arena, struct preset_use);
		(*end)->fragment = choice->words[i].fragment;
		end = &(*end)->next;
	}
	init_profile(&profile);
	compose(&arena, &request, &profile);
	composed.policy = evaluate(&arena, &profile);
	init_profile(&fallback);
	profile_add(&fallback, &arena, PART_PLAIN, profile.first->source);
	composed.fallback = evaluate(&arena, &fallback);
	return composed;
}

static void print_query(const struct query *query)
{
	const struct endpoint *endpoints[] = {&query->remote, &query->local};

	printf("    %s", operation_name(query->operation));
	for (int i = 0; i < TEXT_COUNT; i++) {
		if (query->texts[i])
			printf(" %s=%s", text_attribute_name((enum text_attribute)i),
				query->texts[i]);
	}
	for (int i = 0; i < NUMBER_COUNT; i++) {
		if (query->numbers_known & UINT64_C(1) << i)
			printf(" %s=%ld", number_attribute_name((enum number_attribute)i),
				query->numbers[i]);
	}
	for (int i = 0; i < 2; i++) {
		if (endpoints[i]->protocol && endpoints[i]->bound)
			printf(" %s=%u:%s:%d", i ? "local" : "remote", endpoints[i]->protocol,
				endpoints[i]->localhost ? "localhost" : "*", endpoints[i]->port);
	}
	printf("\n");
}

static void check(
	bool holds, const char *what, const struct composed *composed, const struct query *query)
{
	if (holds) {
		passed++;
		return;
	}
	if (failed++ >= SHOWN)
		return;
	printf("%s; chosen%s:\n", what, composed->choice.allow_all ? " with --allow-all" : "");
	for (unsigned i = 0; i < composed->choice.count; i++)
		printf("    %s %s\n", fragment_kind_name(composed->choice.words[i].fragment->kind),
			composed->choice.words[i].fragment->name);
	print_query(query);
	printf("    composed: %s by the rule \"",
		policy_decide(composed->policy, query).action ? "allowed" : "denied");
	const struct rule *rule = policy_decide(composed->policy, query).rule;

	if (rule && rule->origin.source)
		printf("%.*s", (int)rule->origin.length,
			rule->origin.source->text + rule->origin.start);
	printf("\"\n");
}

static bool allows(const struct policy *policy, const struct query *query)
{
	return policy_decide(policy, query).action == ACTION_ALLOW;
}

static bool is_denied(const struct choice *choice, const struct query *query)
{
	for (unsigned i = 0; i < choice->count; i++) {
		if (choice->words[i].fragment->kind == FRAGMENT_RESTRICT &&
			word_speaks(&choice->words[i], query))
			return true;
	}
	return false;
}

/* The law, from what each part says alone. */
static bool is_lawful(const struct composed *composed, const struct query *query)
{
	bool granted = allows(composed->fallback, query);

	for (unsigned i = 0; i < composed->choice.count; i++) {
		if (composed->choice.words[i].fragment->kind != FRAGMENT_RESTRICT)
			granted |= word_speaks(&composed->choice.words[i], query);
	}
	return granted && !is_denied(&composed->choice, query);
}

static struct endpoint random_endpoint(void)
{
	static const unsigned kinds[] = {PROTOCOL_TCP, PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_OTHER};
	static const unsigned versions[] = {PROTOCOL_IP4, PROTOCOL_IP6};
	static const int ports[] = {80, 443, 22, 8080};

	return (struct endpoint){
		PICK(kinds) | PICK(versions), one_in(2), true, PICK(ports), one_in(3)};
}

static void set_socket(struct query *query)
{
	struct endpoint *own =
		query->operation == OP_NETWORK_OUTBOUND ? &query->remote : &query->local;
	struct endpoint *other = own == &query->local ? &query->remote : &query->local;

	if (one_in(3)) {
		*own = (struct endpoint){.protocol = PROTOCOL_UNIX, .bound = true};
		if (!one_in(4)) /* else an abstract name */
			query->texts[TEXT_PATH] = random_path();
		query_set_number(query, NUMBER_SOCKET_DOMAIN, 1);
		return;
	}
	*own = random_endpoint();
	other->protocol = own->protocol;
	query_set_number(query, NUMBER_SOCKET_DOMAIN, own->protocol & PROTOCOL_IP4 ? 2 : 30);
	query_set_number(query, NUMBER_SOCKET_TYPE,
		own->protocol & PROTOCOL_TCP   ? 1
		: own->protocol & PROTOCOL_UDP ? 2
					       : 3);
}

static struct query random_query(void)
{
	static const long types[] = {1, 2, 4, 5}, domains[] = {1, 2, 17, 30, 32};
	static const long targets[] = {TARGET_SELF | TARGET_PGRP | TARGET_SAME_SANDBOX,
		TARGET_CHILDREN | TARGET_SAME_SANDBOX, TARGET_OTHERS,
		TARGET_OTHERS | TARGET_INITPROC};
	static const char *const names[] = {"a", "b"};
	struct query query = {.operation = random_operation()};
	enum operation operation = query.operation;

	if (operation_takes(operation, TAKES_NETWORK))
		set_socket(&query);
	else if (operation_takes(operation, TAKES_PATH))
		query.texts[TEXT_PATH] = random_path();
	if (operation_takes(operation, TAKES_VNODE_TYPE) && one_in(2))
		query_set_number(&query, NUMBER_VNODE_TYPE, PICK(types));
	if (operation_takes(operation, TAKES_FILE_MODE) && one_in(2))
		query_set_number(&query, NUMBER_FILE_MODE, one_in(2) ? 0755 : 0644);
	if (operation_takes(operation, TAKES_XATTR) && one_in(2))
		query.texts[TEXT_XATTR] = "user.a";
	if (operation_takes(operation, TAKES_TARGET))
		query_set_number(&query, NUMBER_TARGET, PICK(targets));
	if (operation_takes(operation, TAKES_SIGNAL))
		query_set_number(&query, NUMBER_SIGNAL, one_in(2) ? 9 : 15);
	if (operation == OP_SYSTEM_SOCKET) {
		query_set_number(&query, NUMBER_SOCKET_DOMAIN, PICK(domains));
		query_set_number(&query, NUMBER_SOCKET_TYPE, 1 + (long)below(3));
	}
	if (operation_takes(operation, TAKES_MACH))
		query.texts[TEXT_MACH_GLOBAL_NAME] = PICK(names);
	if (operation_takes(operation, TAKES_SYSCTL))
		query.texts[TEXT_SYSCTL_NAME] = PICK(names);
	return query;
}

static struct choice shuffle(struct choice choice)
{
	for (unsigned i = choice.count; i > 1; i--) {
		unsigned other = below(i);
		struct word word = choice.words[i - 1];

		choice.words[i - 1] = choice.words[other];
		choice.words[other] = word;
	}
	return choice;
}

static struct choice with(struct choice choice, struct word word)
{
	choice.words[choice.count++] = word;
	return shuffle(choice);
}

static struct choice random_choice(void)
{
	struct choice choice = {.allow_all = one_in(6)};

	for (unsigned i = 0; i < preset_count && choice.count < CHOSEN_MAX - 4; i++) {
		if (one_in(3))
			choice.words[choice.count++] = presets[i];
	}
	for (unsigned grants = below(3); grants; grants--)
		choice.words[choice.count++] = make_word(&arena, random_grant());
	return shuffle(choice);
}

static struct word random_restriction(void)
{
	for (;;) {
		struct word word = presets[below(preset_count)];

		if (word.fragment->kind == FRAGMENT_RESTRICT)
			return word;
	}
}

static void check_round(void)
{
	struct choice choice = random_choice();
	struct composed composed = compose_choice(&choice);
	struct choice other_order = shuffle(choice);
	struct composed reordered = compose_choice(&other_order);
	struct choice more_restricted = with(choice, random_restriction());
	struct composed restricted = compose_choice(&more_restricted);
	struct choice more_granted = with(choice, make_word(&arena, random_grant()));
	struct composed granted = compose_choice(&more_granted);

	for (int i = 0; i < QUERIES; i++) {
		struct query query = random_query();
		bool allowed = allows(composed.policy, &query);

		check(allows(reordered.policy, &query) == allowed, "the order matters", &reordered,
			&query);
		check(allowed == is_lawful(&composed, &query), "not what the parts say", &composed,
			&query);
		check(allows(restricted.policy, &query) == is_lawful(&restricted, &query),
			"not what the parts say", &restricted, &query);
		check(allows(granted.policy, &query) == is_lawful(&granted, &query),
			"not what the parts say", &granted, &query);
		if (choice.count) /* no preset at all means another default */
			check(allowed || !allows(restricted.policy, &query),
				"the last restriction allows more", &restricted, &query);
		if (is_denied(&choice, &query))
			check(!allows(granted.policy, &query),
				"a grant allows what a restriction denies", &granted, &query);
	}
}

static void forget_round(void)
{
	memset(round_buffer, 0,
		arena.used < sizeof(round_buffer) ? arena.used : sizeof(round_buffer));
	arena = arena_make(round_buffer, sizeof(round_buffer));
}

/* Two presets say together what they say alone, in both orders, and nothing else. */
static void check_pair(const struct word *first, const struct word *second, bool allow_all)
{
	struct choice one = {.words = {*first}, .count = 1, .allow_all = allow_all};
	struct choice both = {.words = {*first, *second}, .count = 2, .allow_all = allow_all};
	struct choice turned = {.words = {*second, *first}, .count = 2, .allow_all = allow_all};
	struct composed alone = compose_choice(&one);
	struct composed composed = compose_choice(&both), other = compose_choice(&turned);

	for (int i = 0; i < QUERIES; i++) {
		struct query query = random_query();
		bool allowed = allows(composed.policy, &query);

		check(allowed == allows(other.policy, &query), "the order matters", &composed,
			&query);
		check(allowed == is_lawful(&composed, &query), "not what the parts say", &composed,
			&query);
		if (second->fragment->kind == FRAGMENT_RESTRICT)
			check(!allowed || allows(alone.policy, &query),
				"the second restriction allows more", &composed, &query);
	}
}

static void check_pairs(void)
{
	for (unsigned i = 0; i < preset_count; i++) {
		for (unsigned j = 0; j < preset_count; j++) {
			forget_round();
			check_pair(&presets[i], &presets[j], one_in(4));
		}
	}
}

static void load_presets(void)
{
	struct preset_path path = {{preset_directory, NULL, NULL}};
	size_t count;
	const struct fragment **all = fragment_list(&kept, &path, &count);

	for (size_t i = 0; i < count && i < PRESETS_MAX; i++)
		presets[preset_count++] = make_word(&kept, all[i]);
	if (preset_count < 2) {
		printf("no presets in %s\n0 passed, 1 failed\n", preset_directory);
		exit(1);
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
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : ROUNDS;
	uint64_t seed = choose_seed();

	kept = arena_make(kept_buffer, sizeof(kept_buffer));
	preset_directory = find_presets();
	load_presets();
	printf("SBX_TEST_SEED=%llu, %u presets\n", (unsigned long long)seed, preset_count);
	state = seed * 0x9e3779b97f4a7c15u + 1;
	check_pairs();
	for (unsigned long i = 0; i < rounds; i++) {
		forget_round();
		check_round();
	}
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed ? 1 : 0;
}
