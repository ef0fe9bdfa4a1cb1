/*
 * sandbox-exec(1): the command line, messages and exit statuses of macOS.
 * Invariants: the profile MUST be the whole policy, with nothing composed around it; the command
 * MUST NOT be started unless all that the profile denies is enforced.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/path.h"
#include "base/program.h"
#include "cli/cli.h"
#include "cli/composition.h"
#include "enforce/enforce.h"
#include "profile/compose.h"
#include "profile/sbpl.h"

extern char **environ;

static const char usage[] = "Usage: sandbox-exec [options] command [args]\n"
			    "Options:\n"
			    "  -f profile-file     Read profile from file.\n"
			    "  -n profile-name     Use pre-defined profile.\n"
			    "  -p profile-string   Specify a profile on the command line.\n"
			    "  -D key=value        Define a profile parameter.\n"
			    "Exactly one of -f, -n, -p must be specified.";

/*
 * The profiles of -n (SBPL.md section 9). Where files may be written, contents and names may
 * change, but no modes, owners or times: Linux cannot tell files apart for those.
 */
static const struct {
	const char *name, *text;
} predefined[] = {
	{"no-internet", "(version 1)(allow default)(deny network* (remote ip) (local ip))"},
	{"no-network", "(version 1)(allow default)(deny network*)"},
	{"no-write", "(version 1)(allow default)(deny file-write*)"},
	{"no-write-except-temporary", "(version 1)(allow default)(deny file-write*)"
				      "(allow file-write-data file-write-create file-write-unlink"
				      " (subpath \"/var/tmp\") (subpath \"/private/var/tmp\"))"
				      "(if (param \"TMPDIR\")"
				      " (allow file-write-data file-write-create file-write-unlink"
				      " (subpath (param \"TMPDIR\"))))"},
	{"pure-computation", "(version 1)(deny default)"},
};

struct invocation {
	struct arena *arena;
	char **argv;
	char option; /* that of f, n and p which was given */
	const char *value;
	struct profile profile;
	char **command;
};

static void define(struct invocation *invocation, const char *definition)
{
	const char *equals = strchr(definition, '=');

	if (!equals || equals == definition)
		die_usage(NULL, usage);
	profile_set(&invocation->profile, invocation->arena,
		arena_copy(invocation->arena, definition, (size_t)(equals - definition)),
		equals + 1);
}

static void take(struct invocation *invocation, char letter, const char *value)
{
	if (letter == 'D') {
		define(invocation, value);
	} else if (invocation->option) {
		die_usage(NULL, usage);
	} else {
		invocation->option = letter;
		invocation->value = value;
	}
}

/* As getopt(3) of macOS words it. */
_Noreturn static void refuse_option(
	const struct invocation *invocation, const char *reason, char letter)
{
	die_usage(
		text_format(invocation->arena, "%s: %s -- %c", invocation->argv[0], reason, letter),
		usage);
}

static void parse(struct invocation *invocation)
{
	char **words = invocation->argv + 1;

	while (*words && words[0][0] == '-' && words[0][1]) {
		const char *option = *words++ + 1;

		if (strcmp(option, "-") == 0)
			break;
		const char *value = option[1] ? option + 1 : *words;

		if (!strchr("fnpD", option[0]))
			refuse_option(invocation, "illegal option", option[0]);
		if (!value)
			refuse_option(invocation, "option requires an argument", option[0]);
		words += !option[1];
		take(invocation, option[0], value);
	}
	if (!invocation->option || !*words)
		die_usage(NULL, usage);
	invocation->command = words;
}

static const struct source *make_source(
	const struct invocation *invocation, const char *name, const char *text)
{
	struct source *source = ARENA_NEW(invocation->arena, struct source);

	*source = (struct source){name, text, strlen(text)};
	return source;
}

static const struct source *find_predefined(struct invocation *invocation)
{
	const char *tmpdir = getenv("TMPDIR");

	tmpdir = path_canonical(invocation->arena, tmpdir && tmpdir[0] == '/' ? tmpdir : "/tmp");
	if (tmpdir)
		profile_set(&invocation->profile, invocation->arena, "TMPDIR", tmpdir);
	for (size_t i = 0; i < sizeof(predefined) / sizeof(predefined[0]); i++) {
		if (strcmp(predefined[i].name, invocation->value) == 0)
			return make_source(invocation, predefined[i].name, predefined[i].text);
	}
	die_status(EXIT_PROFILE, "%s: profile not found", invocation->value);
}

static const struct source *find_source(struct invocation *invocation)
{
	if (invocation->option == 'n')
		return find_predefined(invocation);
	if (invocation->option == 'p')
		return make_source(invocation, "<input string>", invocation->value);
	const struct source *file = file_read(invocation->arena, invocation->value);

	if (!file)
		die_status(EXIT_PROFILE, "%s: %s", invocation->value, strerror(errno));
	return file;
}

/* In the forms that macOS uses: unbound variables with their place, bad text without any. */
_Noreturn static void report(struct arena *arena, const struct scheme_error *error)
{
	const char *hint = strstr(error->text, " (did you mean");

	if (text_starts_with(error->text, "string is not closed"))
		die_status(EXIT_PROFILE, "Error reading string");
	if (!error->origin.source || text_starts_with(error->text, "syntax error") ||
		text_starts_with(error->text, "no version specified"))
		die_status(EXIT_PROFILE, "%s", error->text);
	if (!text_starts_with(error->text, "unbound variable"))
		die_backtrace(error->origin, error->text);
	struct position position = origin_position(error->origin);
	size_t length = hint ? (size_t)(hint - error->text) : strlen(error->text);

	die_status(EXIT_PROFILE, "%s at %s, line %u, column %u%s",
		arena_copy(arena, error->text, length), error->origin.source->name, position.line,
		position.column, hint ? hint : "");
}

static void refuse_gaps(struct arena *arena, const struct plan *plan)
{
	const struct gap *gap = plan_gaps(plan);

	if (!gap)
		return;
	for (; gap; gap = gap->next) {
		const char *operations = gap_operations(arena, plan, gap);
		const char *place = "";

		if (!operations)
			continue;
		if (gap->origin.source) {
			struct position position = origin_position(gap->origin);

			place = text_format(arena, " (%s:%u:%u)", gap->origin.source->name,
				position.line, position.column);
		}
		warn("sandbox_apply: cannot enforce %s: %s%s", operations, gap->reason, place);
	}
	_exit(EXIT_RUN);
}

_Noreturn static void die_exec(const char *name, int error)
{
	die_status(EXIT_RUN, "execvp() of '%s' failed: %s", name, strerror(error));
}

/* Says so as macOS does, even where more than that is denied and could not be enforced. */
static void check_command(
	struct arena *arena, const struct policy *policy, const struct start *start)
{
	static const enum operation operations[] = {OP_PROCESS_EXEC_ALL, OP_FILE_READ_DATA};
	const char *path = start->path ? path_canonical(arena, start->path) : NULL;

	for (int i = 0; path && i < 2; i++) {
		struct query query = {.operation = operations[i], .partial = true};

		query.texts[TEXT_PATH] = path;
		if (!policy_outcomes(policy, &query).may_allow)
			die_exec(start->words[0], EPERM);
	}
}

_Noreturn void sandbox_exec(struct arena *arena, char **argv)
{
	struct invocation invocation = {.arena = arena, .argv = argv};
	struct profile *profile = &invocation.profile;
	struct policy *policy = ARENA_NEW(arena, struct policy);
	struct scheme_error error;
	const char *found;

	message_speak_as("sandbox-exec", EXIT_RUN);
	profile_init(profile, preset_path(arena).directories[PRESET_DIRECTORIES - 1]);
	parse(&invocation);
	profile_add(profile, arena, PART_PLAIN, find_source(&invocation));
	if (!sbpl_evaluate(profile, arena, policy, &error))
		report(arena, &error);
	composition_add_mandatory(arena, profile, policy);

	struct start start = {.words = invocation.command, .environment = environ};

	start.path = program_search(arena, start.words[0], &found);
	check_command(arena, policy, &start);
	struct plan *plan = plan_make(arena, policy, host_probe(arena), start.path);

	refuse_gaps(arena, plan);
	if (start_takes_profile) {
		start.profile = compose_text(arena, profile);
		start.parameters = compose_parameters(arena, profile);
	}
	if (!start.path)
		die_exec(start.words[0], found ? EACCES : ENOENT);
	plan_apply(plan);
	start_exec(arena, &start);
	/* What could be executed before is denied by the profile. */
	die_exec(start.words[0], errno == EACCES ? EPERM : errno);
}
