/*
 * Golden decisions: each row of a file of tests/golden is a profile, a query and the answer that
 * SBPL.md gives; a fifth field has parameters.
 *
 * usage: unit-decide [FILE...]            check rows (default: the files of tests/golden)
 *        unit-decide decide PROFILE-FILE  answer the queries on stdin, allow or deny on each line
 *
 * A query is OPERATION KEY=VALUE..., as policy/query.h has it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "policy/query.h"
#include "profile/sbpl.h"

static struct arena arena;
static unsigned passed, failed;

/* FILE below the source tree: $SBX_SOURCE_DIR, else around this program, else the working
 * directory. */
static const char *source_path(const char *file)
{
	const char *directory = getenv("SBX_SOURCE_DIR");
	const char *program = file_own_executable(&arena);

	if (directory)
		return path_join(&arena, directory, file);
	if (!program)
		return file;
	const char *build = path_parent(&arena, path_parent(&arena, program));
	const char *path = path_join(&arena, path_parent(&arena, build), file);
	FILE *found = fopen(path, "re");

	if (!found)
		return file;
	fclose(found);
	return path;
}

/* The presets' directory in place of @PRESETS@, which only rows can know. */
static struct source place_presets(const char *text)
{
	static const char token[] = "@PRESETS@";
	struct text placed = text_make(&arena);
	const char *at;

	for (; (at = strstr(text, token)) != NULL; text = at + sizeof(token) - 1) {
		text_add_bytes(&placed, text, (size_t)(at - text));
		text_add(&placed, source_path("presets"));
	}
	text_add(&placed, text);
	return (struct source){.name = "profile", .text = placed.bytes, .length = placed.length};
}

/* Parameters are KEY=VALUE words, or NULL. */
static bool evaluate(const struct source *source, const char *parameters, struct policy *policy,
	struct scheme_error *error)
{
	struct profile profile;
	const char *word;
	size_t length;

	profile_init(&profile, source_path("presets"));
	while (text_split(&parameters, " ", &word, &length)) {
		size_t key = strcspn(word, "=");

		if (key < length)
			profile_set(&profile, &arena, arena_copy(&arena, word, key),
				arena_copy(&arena, word + key + 1, length - key - 1));
	}
	profile_add(&profile, &arena, PART_PLAIN, source);
	return sbpl_evaluate(&profile, &arena, policy, error);
}

static bool parse_query(const char *text, struct query *query, const char **error)
{
	struct question question = {.arena = &arena, .constant = sbpl_number};
	bool parsed = question_parse(&question, text);

	*query = question.query;
	*error = question.error;
	return parsed;
}

static void fail(
	const char *file, unsigned line, const char *profile, const char *query, const char *what)
{
	printf("%s:%u: %s\n    %s\n    %s\n", file, line, what, profile, query);
	failed++;
}

static void check_row(const char *file, unsigned line, char *const fields[5])
{
	struct source source = place_presets(fields[0]);
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error;
	struct query query;
	const char *reason;
	bool allow = strcmp(fields[2], "allow") == 0;

	if (!allow && strcmp(fields[2], "deny") != 0) {
		fail(file, line, fields[0], fields[1], "expected is neither allow nor deny");
		return;
	}
	if (!parse_query(fields[1], &query, &reason)) {
		fail(file, line, fields[0], fields[1], reason);
		return;
	}
	if (!evaluate(&source, fields[4], policy, &error)) {
		fail(file, line, fields[0], fields[1],
			text_format(&arena, "expected %s (%s), but the profile is refused: %s",
				fields[2], fields[3], error.text));
		return;
	}
	struct decision decision = policy_decide(policy, &query);

	if ((decision.action == ACTION_ALLOW) == allow)
		passed++;
	else
		fail(file, line, fields[0], fields[1],
			text_format(&arena, "expected %s (%s), but %s decides otherwise", fields[2],
				fields[3], operation_name(decision.operation)));
}

static void check_file(const char *path)
{
	const struct source *source = file_read(&arena, path);
	const char *rest = source ? source->text : NULL;
	const char *line;
	size_t length;
	unsigned rows = 0;

	for (unsigned number = 1; text_split(&rest, "\n", &line, &length); number++) {
		const char *cells = arena_copy(&arena, line, length);
		const char *cell;
		char *fields[5] = {NULL};

		for (int i = 0; i < 5 && text_split(&cells, "\t", &cell, &length); i++)
			fields[i] = arena_copy(&arena, cell, length);
		if (number == 1 || !line[0] || line[0] == '\n')
			continue; /* the header, and the end */
		if (fields[3])
			check_row(path, number, fields);
		else
			fail(path, number, "", "", "fewer than four fields");
		rows++;
	}
	if (!rows)
		fail(path, 0, "", "", source ? "no rows" : strerror(errno));
}

/* The answers of one profile, for tests in other languages. */
static int decide(const char *path)
{
	const struct source *source = file_read(&arena, path);
	struct policy *policy = ARENA_NEW(&arena, struct policy);
	struct scheme_error error;
	struct query query;
	const char *reason;
	char line[8192];

	if (!source) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	if (!evaluate(source, NULL, policy, &error)) {
		struct position at = {.line = 0};

		if (error.origin.source)
			at = origin_position(error.origin);
		fprintf(stderr, "%s:%u:%u: %s\n", path, at.line, at.column, error.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!parse_query(arena_copy(&arena, line, strlen(line)), &query, &reason)) {
			fprintf(stderr, "%s\n", reason);
			return 1;
		}
		puts(policy_decide(policy, &query).action == ACTION_ALLOW ? "allow" : "deny");
	}
	return 0;
}

int main(int argc, char **argv)
{
	static char buffer[1024 * 1024];

	arena = arena_make(buffer, sizeof(buffer));
	if (argc == 3 && strcmp(argv[1], "decide") == 0)
		return decide(argv[2]);
	for (int i = 1; i < argc; i++)
		check_file(argv[i]);
	if (argc == 1) {
		check_file(source_path("tests/golden/order.tsv"));
		check_file(source_path("tests/golden/decisions.tsv"));
		check_file(source_path("tests/golden/presets.tsv"));
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
