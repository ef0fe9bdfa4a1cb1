/*
 * The spine: argv -> options -> fragments -> profile -> policy -> plan -> apply -> exec.
 * Invariant: the command MUST NOT be started unless everything that the policy denies is enforced,
 * or the user (--best-effort) or the preset itself accepts what is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "base/program.h"
#include "cli/cli.h"
#include "cli/composition.h"
#include "cli/environment.h"
#include "cli/flatten.h"
#include "cli/rc_apply.h"
#include "enforce/enforce.h"

/* As execvp would find it; NULL where no command is given. */
static const char *find_command(struct arena *arena, const struct options *options)
{
	const char *name = options->command[0];
	const char *found;
	struct stat status;

	if (!name)
		return NULL;
	const char *path = program_search(arena, name, &found);

	if (!path && !found)
		path = flatten_find(arena, name);
	if (path)
		return path;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		found = name;
	if (!found)
		die_status(EXIT_NOT_FOUND, "%s: command not found", name);
	if (stat(found, &status) == 0 && S_ISDIR(status.st_mode))
		die_status(EXIT_NOT_EXECUTABLE, "%s: is a directory", found);
	die_status(EXIT_NOT_EXECUTABLE, "%s: permission denied", found);
}

/* One message for all operations that a rule and a reason have in common. */
static void report_gap(
	struct arena *arena, const struct plan *plan, const struct gap *gap, const char *kind)
{
	const char *operations = gap_operations(arena, plan, gap);

	if (operations)
		warn_at(gap->origin, "%scannot enforce %s: %s", kind, operations, gap->reason);
}

/* Presets name what may be there on some machines: what is missing of it is no news. */
static void report_limits(
	const struct options *options, const struct profile *profile, const struct plan *plan)
{
	for (const struct limit *limit = plan_limits(plan); limit; limit = limit->next) {
		const struct part *part = profile_part_of(profile, limit->origin.source);
		bool is_preset = part && part->kind != PART_PLAIN;

		if (options->verbose || (!options->quiet && !is_preset))
			warn_at(limit->origin, "warning: %s", limit->text);
	}
}

/* What is denied and stays possible: fatal, unless the user or the preset accepts it. */
static void report_gaps(struct arena *arena, const struct options *options,
	const struct profile *profile, const struct plan *plan)
{
	struct text tolerated = text_make(arena);
	bool fatal = false;

	for (const struct gap *gap = plan_gaps(plan); gap; gap = gap->next) {
		if (composition_tolerates(profile, gap)) {
			text_addf(&tolerated, "%s%s", tolerated.length ? ", " : "",
				operation_name(gap->operation));
			continue;
		}
		fatal = true;
		if (!options->best_effort || !options->quiet)
			report_gap(arena, plan, gap, options->best_effort ? "warning: " : "");
		if (gap->operation == OP_DEFAULT && !options->best_effort)
			break; /* the others follow from it */
	}
	if (fatal && !options->best_effort)
		die("the command was not started; --best-effort runs it without what is named "
		    "above");
	if (tolerated.length && !options->quiet)
		warn("warning: not stopped outside the directories that may be written: %s",
			tolerated.bytes);
	report_limits(options, profile, plan);
}

/* Before any file is opened here: a number that is free must not become one of ours. */
static void check_kept(const struct options *options)
{
	for (const struct kept_fd *kept = options->kept_fds; kept; kept = kept->next) {
		if (fcntl(kept->fd, F_GETFD) < 0)
			die_errno("--keep-fd=%d", kept->fd);
	}
}

/* Nothing but stdin, stdout, stderr and what the user asked for reaches the command. */
static void close_descriptors(const struct options *options)
{
	if (!file_close_on_exec(STDERR_FILENO + 1))
		die_errno("cannot close inherited descriptors");
	for (const struct kept_fd *kept = options->kept_fds; kept; kept = kept->next) {
		int flags = fcntl(kept->fd, F_GETFD);

		if (flags < 0 || fcntl(kept->fd, F_SETFD, flags & ~FD_CLOEXEC) < 0)
			die_errno("--keep-fd=%d", kept->fd);
	}
}

_Noreturn static void execute(struct arena *arena, const struct start *start)
{
	start_exec(arena, start);
	die_status(EXIT_NOT_EXECUTABLE, "%s: %s", start->path,
		errno == ENOENT ? "its interpreter is missing" : strerror(errno));
}

/* A clear answer instead of the kernel's "permission denied". */
static void check_command(struct arena *arena, const struct policy *policy, struct profile *profile)
{
	struct query query = {.operation = OP_PROCESS_EXEC_ALL, .partial = true};

	if (!policy_outcomes(policy, &query).may_deny)
		return; /* whatever its path may be */
	const char *path = profile_parameter(profile, arena, "COMMAND");

	query.partial = false;
	query.texts[TEXT_PATH] = path;
	struct decision decision = policy_decide(policy, &query);

	if (decision.action == ACTION_ALLOW)
		return;
	if (decision.rule)
		warn_at(decision.rule->origin, "process-exec* of %s is denied by this rule", path);
	die_status(EXIT_NOT_EXECUTABLE, "%s: the sandbox does not let it be executed", path);
}

/* The directories that are made for the command, which are missing now. */
static void print_limits(struct text *text, const struct profile *profile, const struct plan *plan)
{
	const char *made[] = {
		profile_get(profile, "PRIVATE_TMPDIR"), profile_get(profile, "STATE")};

	for (size_t i = 0; i < 2; i++) {
		if (made[i] && access(made[i], F_OK) != 0)
			text_addf(text, "%s: made and granted when the command runs\n", made[i]);
	}
	for (const struct limit *limit = plan_limits(plan); limit; limit = limit->next) {
		if (!(made[0] && text_starts_with(limit->text, made[0])) &&
			!(made[1] && text_starts_with(limit->text, made[1])))
			text_addf(text, "limit: %s\n", limit->text);
	}
}

static void print_plan(struct arena *arena, const struct options *options,
	const struct request *request, const struct profile *profile, const struct plan *plan,
	const struct start *start)
{
	struct text text = text_make(arena);

	compose_print(&text, profile);
	for (const struct parameter *at = profile->parameters; at; at = at->next) {
		text_addf(&text, ";;; parameter %s=", at->name);
		text_add_visible(&text, at->value, strlen(at->value));
		text_add(&text, "\n");
	}
	text_add(&text, "\n");
	plan_print(&text, plan);
	start_print(&text, start);
	environment_print(&text, options, request);
	for (const struct gap *gap = plan_gaps(plan); gap; gap = gap->next)
		text_addf(&text, "gap: %s: %s\n", operation_name(gap->operation), gap->reason);
	print_limits(&text, profile, plan);
	print_and_exit(&text);
}

static void handle_help(struct arena *arena, const struct options *options)
{
	struct text text = text_make(arena);

	if (options->help)
		options_help(&text);
	else if (options->version)
		text_add(&text, PROGRAM_NAME " " SBX_VERSION "\n");
	else
		return;
	print_and_exit(&text);
}

/* Where projects lie side by side, what is meant for one of them reaches all. */
static void warn_of_home(struct arena *arena, const struct options *options,
	const struct request *request, struct profile *profile)
{
	const char *directory = options->quiet ? NULL : profile_get(profile, "CWD");
	const char *home = directory ? profile_parameter(profile, arena, "HOME") : NULL;
	bool is_root = directory && !directory[1];

	if (!is_root && !(home && strcmp(directory, home) == 0))
		return;
	for (const struct preset_use *use = request->presets; use; use = use->next) {
		if (!fragment_has_word(use->fragment->writes, "CWD"))
			continue;
		warn("warning: %s may change everything below %s, %s: run it in a project's "
		     "directory",
			use->fragment->name, directory,
			is_root ? "the whole system" : "your home directory itself");
		return;
	}
}

static struct start make_start(struct arena *arena, const struct options *options, const char *path,
	const struct profile *profile)
{
	struct start start = {.path = path, .words = options->command};

	if (start_takes_profile) {
		start.profile = compose_text(arena, profile);
		start.parameters = compose_parameters(arena, profile);
	}
	return start;
}

_Noreturn void run(struct arena *arena, char **argv)
{
	struct options options = options_parse(arena, argv);

	handle_help(arena, &options);
	const char *command = find_command(arena, &options);
	const struct host *host = host_probe(arena);
	struct composition composed;

	while (command && flatten(arena, &options, command))
		command = find_command(arena, &options);
	if (!command && !options.dry_run)
		die("no command given (" PROGRAM_NAME " --help tells how)");
	rc_apply_all(arena, command ? path_last(options.command[0]) : NULL, &options);
	check_kept(&options);
	/* The sandbox around this one protects, and has the only broker that there can be. */
	options.unprotected = host_is_supervised(host) && getenv("SBX_ACTIVE");
	composition_make(arena, &options, command, &composed);
	struct profile *profile = &composed.profile;
	const struct request *request = &composed.request;
	struct plan *plan = plan_make(arena, composed.policy, host, request->command);
	struct start start = make_start(arena, &options, command, profile);

	if (options.dry_run)
		print_plan(arena, &options, request, profile, plan, &start);
	report_gaps(arena, &options, profile, plan);
	check_command(arena, composed.policy, profile);
	if (request_is_empty(request) && !options.quiet)
		warn("no preset and no rule given: %s may read system libraries only"
		     " (--allow-file-read=. lets it read here, " PROGRAM_NAME
		     "ctl list shows presets)",
			options.command[0]);
	warn_of_home(arena, &options, request, profile);
	start.environment = environment_make(arena, &options, request, profile);

	close_descriptors(&options);
	plan_apply(plan);
	execute(arena, &start);
}
