/*
 * What evaluating a profile and asking its policy cost, in this process: tables of tab-separated
 * cells, the first line is the header.
 *
 * usage: policy rules           profiles of 10 to 10,000 rules
 *        policy presets DIR     the presets in DIR
 *
 * Times are medians. Each evaluation starts with fresh memory, as a run of sbx does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "enforce/enforce.h"
#include "policy/index.h"
#include "profile/compose.h"
#include "profile/sbpl.h"

enum { MEMORY = 256 * 1024 * 1024, RUNS = 15, QUERIES = 64, NANOSECONDS = 1000 * 1000 * 1000 };

/* What is measured, so that no compiler leaves it out. */
static volatile unsigned long sum;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * NANOSECONDS + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static double median(double *times, size_t count)
{
	qsort(times, count, sizeof(times[0]), compare);
	return times[count / 2];
}

static struct arena open_arena(void **memory)
{
	*memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (*memory == MAP_FAILED) {
		perror("policy: mmap");
		exit(1);
	}
	return arena_make(*memory, MEMORY);
}

/* A rule in eight depends on more than the path, one in sixteen has a regular expression. */
static const char *profile_of(struct arena *arena, unsigned rules)
{
	struct text text = text_make(arena);

	text_add(&text, "(version 1)\n(deny default)\n");
	for (unsigned i = 0; i < rules; i++) {
		const char *action = i % 3 ? "allow" : "deny";

		if (i % 16 == 15 && i < 256)
			text_addf(&text, "(%s file-read* (regex #\"^/srv/x%u/[^/]+\\.log$\"))\n",
				action, i);
		else if (i % 8 == 7)
			text_addf(&text,
				"(%s file-read* (require-all (subpath \"/usr/share/app%u\")"
				" (vnode-type REGULAR-FILE)))\n",
				action, i);
		else
			text_addf(&text,
				"(%s file-read* (%s \"/home/user/project%u/lib/file%u\"))\n",
				action, i % 2 ? "subpath" : "literal", i % 50, i);
	}
	return text.bytes;
}

static void evaluate(
	struct arena *arena, struct profile *profile, const char *name, struct policy *policy)
{
	struct scheme_error error;

	if (sbpl_evaluate(profile, arena, policy, &error))
		return;
	fprintf(stderr, "policy: %s: %s\n", name, error.text);
	exit(1);
}

static struct policy *evaluate_text(struct arena *arena, const struct source *source)
{
	struct policy *policy = ARENA_NEW(arena, struct policy);
	struct profile profile;

	profile_init(&profile, "/nonexistent");
	profile_add(&profile, arena, PART_PLAIN, source);
	evaluate(arena, &profile, source->name, policy);
	return policy;
}

static struct query query_of(struct arena *arena, unsigned rules, unsigned number)
{
	struct query query = {.operation = OP_FILE_READ_DATA};
	unsigned i = number * 2654435761u % rules;

	query.texts[TEXT_PATH] = text_format(
		arena, "/home/user/project%u/lib/file%u%s", i % 50, i, number % 4 ? "" : "/x");
	query_set_number(&query, NUMBER_VNODE_TYPE, 1);
	return query;
}

/* Nanoseconds per decision: linear, and through an index that is built before. */
static void measure_decisions(
	struct arena *arena, const struct policy *policy, unsigned rules, double times[2])
{
	struct index index = {.policy = policy, .arena = arena};
	struct query queries[QUERIES];
	double runs[2][RUNS];

	for (unsigned i = 0; i < QUERIES; i++)
		queries[i] = query_of(arena, rules, i);
	sum += index_decide(&index, &queries[0]).action;
	for (int run = 0; run < RUNS; run++) {
		double start = now();

		for (unsigned i = 0; i < QUERIES; i++)
			sum += policy_decide(policy, &queries[i]).action;
		double middle = now();

		for (unsigned i = 0; i < QUERIES; i++)
			sum += index_decide(&index, &queries[i]).action;
		runs[0][run] = (middle - start) / QUERIES;
		runs[1][run] = (now() - middle) / QUERIES;
	}
	times[0] = median(runs[0], RUNS);
	times[1] = median(runs[1], RUNS);
}

static void measure_rules(unsigned rules)
{
	double evaluations[RUNS], plans[RUNS], decisions[2];
	size_t used = 0;
	void *memory;

	for (int run = 0; run < RUNS; run++) {
		struct arena arena = open_arena(&memory);
		const char *bytes = profile_of(&arena, rules);
		struct source source = {"bench", bytes, strlen(bytes)};
		size_t before = arena.used;
		double start = now();
		const struct policy *policy = evaluate_text(&arena, &source);
		double middle = now();

		used = arena.used - before;
		sum += plan_make(&arena, policy, host_probe(&arena), NULL) != NULL;
		evaluations[run] = middle - start;
		plans[run] = now() - middle;
		if (run == RUNS - 1)
			measure_decisions(&arena, policy, rules, decisions);
		munmap(memory, MEMORY);
	}
	double evaluation = median(evaluations, RUNS);

	printf("%u\t%.3f\t%.3f\t%zu\t%.3f\t%.0f\t%.0f\t%.1f\n", rules, evaluation / 1e6,
		evaluation / 1e3 / rules, used / 1024, median(plans, RUNS) / 1e6, decisions[0],
		decisions[1], decisions[0] / decisions[1]);
}

static void bench_rules(void)
{
	static const unsigned sizes[] = {10, 100, 1000, 5000, 10000};

	puts("rules\tevaluate ms\tus per rule\tmemory KiB\tplan ms\tlinear decision ns"
	     "\tindexed ns\ttimes faster");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		measure_rules(sizes[i]);
}

/* From the preset's text to the policy, with what it imports. */
static double compose_preset(
	struct arena *arena, const struct preset_path *path, const struct fragment *fragment)
{
	struct preset_use use = {.fragment = fragment};
	struct request request = {.presets = &use};
	struct policy *policy = ARENA_NEW(arena, struct policy);
	struct profile profile;
	static const char *const names[] = {"CWD", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "COMMAND",
		"PRIVATE_TMPDIR", "PYTHON_PREFIX", "PYTHON_BASE_PREFIX", "PYTHON_LAUNCHER",
		"RUNTIME", "RUNTIME_PREFIX", "RUNTIME_BASE_PREFIX", "RUNTIME_LAUNCHER", "PACKAGE",
		"STATE", "GIT_NAMES", "GIT_TREES", "GIT_WORK_TREE", "GIT_DIR", "GIT_COMMON_DIR",
		"SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "CARGO_HOME",
		"GOPATH", "XAUTHORITY"};
	double start = now();

	profile_init(&profile, path->directories[0]);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		profile_set(&profile, arena, names[i], "/home/user/project");
	profile_set(&profile, arena, "UID", "1000");
	compose(arena, &request, &profile);
	evaluate(arena, &profile, fragment->name, policy);
	return now() - start;
}

static void bench_presets(const char *directory)
{
	struct preset_path path = {{directory, NULL, NULL}};
	void *memory;
	struct arena outer = open_arena(&memory);
	size_t count;
	const struct fragment **fragments = fragment_list(&outer, &path, &count);

	puts("preset\tevaluate ms\tmemory KiB");
	for (size_t i = 0; i < count; i++) {
		double times[RUNS * 10];
		size_t used = 0;

		for (int run = 0; run < RUNS * 10; run++) {
			void *inner;
			struct arena arena = open_arena(&inner);

			times[run] = compose_preset(&arena, &path, fragments[i]);
			used = arena.used;
			munmap(inner, MEMORY);
		}
		printf("%s\t%.3f\t%zu\n", fragments[i]->name, median(times, RUNS * 10) / 1e6,
			used / 1024);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "rules") == 0) {
		bench_rules();
	} else if (argc == 3 && strcmp(argv[1], "presets") == 0) {
		bench_presets(argv[2]);
	} else {
		fputs("usage: policy rules | policy presets DIR\n", stderr);
		return 2;
	}
	return 0;
}
