/*
 * One trial: a child first does what the profile will deny, as the control; enters the sandbox the
 * way every command does; then does what is allowed, and once more what is denied.
 * Invariant: "ok" MUST mean that the denied thing worked outside and was refused inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "cli/composition.h"
#include "cli/doctor.h"
#include "profile/sbpl.h"

enum { PATIENCE = 20, REASON_MAX = 400, MECHANISM_MAX = 64, UNTRIED = -1 };

/* Shared with the child, which may become several: only the one in the sandbox writes last. */
struct trial {
	int control, allowed, denied; /* 0, errno or UNTRIED */
	char reason[REASON_MAX];      /* why the plan is incomplete */
	char mechanism[MECHANISM_MAX];
};

static struct trial *trial_make(void)
{
	struct trial *trial = mmap(
		NULL, sizeof(*trial), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (trial == MAP_FAILED)
		die_errno("no memory to share");
	*trial = (struct trial){UNTRIED, UNTRIED, UNTRIED, "", ""};
	return trial;
}

static void note(struct trial *trial, const char *reason)
{
	if (!trial->reason[0])
		strncpy(trial->reason, reason, REASON_MAX - 1);
}

/* What the child says on stderr until its end, without the program's name. */
static const char *listen_to(struct arena *arena, int fd)
{
	char *said = ARENA_ARRAY(arena, char, REASON_MAX);
	size_t length = 0;

	for (;;) {
		char rest[64];
		bool is_full = length == REASON_MAX - 1;
		ssize_t count = read(fd, is_full ? rest : said + length,
			is_full ? sizeof(rest) : REASON_MAX - 1 - length);

		if (count == 0 || (count < 0 && errno != EINTR))
			break;
		length += is_full || count < 0 ? 0 : (size_t)count;
	}
	close(fd);
	said[strcspn(said, "\n")] = '\0';
	return text_starts_with(said, PROGRAM_NAME ": ") ? said + strlen(PROGRAM_NAME ": ") : said;
}

/* A child with its stderr for us to read; 0 in the child, which ends soon or is ended. */
static pid_t start_child(int *errors)
{
	int channel[2];

	if (pipe(channel) != 0)
		die_errno("cannot make a pipe");
	pid_t child = fork();

	if (child < 0)
		die_errno("cannot start a process");
	if (child == 0) {
		close(channel[0]);
		dup2(channel[1], STDERR_FILENO);
		close(channel[1]);
		alarm(PATIENCE);
		return 0;
	}
	close(channel[1]);
	*errors = channel[0];
	return child;
}

/* How it ended, when that is not with 0; else NULL. */
static const char *await_child(struct arena *arena, pid_t child, int errors)
{
	const char *said = listen_to(arena, errors);
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return NULL;
	if (said[0])
		return said;
	if (WIFSIGNALED(status))
		return text_format(
			arena, "a signal ended the trial: %s", strsignal(WTERMSIG(status)));
	return text_format(arena, "the trial ended with status %d", WEXITSTATUS(status));
}

static void add_text(struct profile *profile, struct arena *arena, const char *bytes)
{
	struct text text = text_make(arena);

	text_add(&text, bytes);
	profile_add_text(profile, arena, "<doctor>", text);
}

static const struct policy *evaluate(
	struct arena *arena, const struct stage *stage, const char *bytes)
{
	struct policy *policy = ARENA_NEW(arena, struct policy);
	struct profile *profile = ARENA_NEW(arena, struct profile);
	struct scheme_error error;

	profile_init(profile, NULL);
	add_text(profile, arena, bytes);
	profile_set(profile, arena, "ALLOWED", stage->directories[SIDE_ALLOWED]);
	profile_set(profile, arena, "DENIED", stage->directories[SIDE_DENIED]);
	profile_set(profile, arena, "ALLOWED_PORT",
		text_format(arena, "%u", stage->ports[SIDE_ALLOWED]));
	profile_set(
		profile, arena, "DENIED_PORT", text_format(arena, "%u", stage->ports[SIDE_DENIED]));
	if (!sbpl_evaluate(profile, arena, policy, &error))
		die_at(error.origin, "%s", error.text);
	return policy;
}

/* What cannot be planned is left out, as with --best-effort: what comes of it is tried as well. */
static struct plan *enter(
	struct arena *arena, const struct stage *stage, struct trial *trial, const char *text)
{
	struct plan *plan = plan_make(
		arena, evaluate(arena, stage, text), host_probe(arena), file_own_executable(arena));

	for (const struct gap *gap = plan_gaps(plan); gap; gap = gap->next) {
		if (gap->operation != OP_DEFAULT) /* no Landlock: the advice says all about it */
			note(trial, gap->reason);
	}
	for (const struct limit *limit = plan_limits(plan); limit; limit = limit->next)
		note(trial, limit->text);
	if (!file_close_on_exec(STDERR_FILENO + 1))
		die_errno("cannot close inherited descriptors");
	plan_apply(plan);
	return plan;
}

static void note_mechanism(
	struct trial *trial, struct plan *plan, const struct protection *protection)
{
	struct enforcement enforcement = plan_enforcement(plan, protection->operation);

	if (protection->operation != OP_DEFAULT && enforcement.kind == ENFORCEMENT_MECHANISM)
		strncpy(trial->mechanism, enforcement.text, MECHANISM_MAX - 1);
}

_Noreturn static void run_trial(struct arena *arena, const struct stage *stage,
	const struct protection *protection, struct trial *trial)
{
	int error = protection->prepare ? protection->prepare(stage) : 0;

	trial->control = error ? error : protection->attempt(stage, SIDE_DENIED);
	if (trial->control)
		_exit(0);
	if (protection->outer)
		enter(arena, stage, trial, protection->outer);
	note_mechanism(trial, enter(arena, stage, trial, protection->profile), protection);
	trial->allowed = protection->attempt(stage, SIDE_ALLOWED);
	trial->denied = protection->attempt(stage, SIDE_DENIED);
	_exit(0);
}

static bool is_refusal(int error)
{
	return error == EPERM || error == EACCES;
}

/* What is wrong, in words; NULL when nothing is. */
static const char *judge(struct arena *arena, const struct trial *trial, const char *ended)
{
	if (ended)
		return ended;
	if (trial->denied == UNTRIED)
		return "the trial came to no end";
	if (trial->denied && !is_refusal(trial->denied))
		return text_format(
			arena, "it failed, but not for being refused: %s", strerror(trial->denied));
	if (trial->denied && !trial->allowed)
		return NULL;
	if (trial->reason[0])
		return arena_copy(arena, trial->reason, strlen(trial->reason));
	if (!trial->denied)
		return "it was not refused";
	return text_format(
		arena, "what is allowed was refused as well: %s", strerror(trial->allowed));
}

struct finding *doctor_try(struct arena *arena, const struct host *host, const struct stage *stage,
	const struct protection *protection)
{
	struct finding *finding = ARENA_NEW(arena, struct finding);
	struct trial *trial = trial_make();
	int errors;
	pid_t child = start_child(&errors);

	if (child == 0)
		run_trial(arena, stage, protection, trial);
	const char *ended = await_child(arena, child, errors);

	finding->protection = protection;
	finding->mechanism = protection->mechanism;
	if (!ended && trial->control > 0) {
		finding->state = FINDING_NOT_APPLICABLE;
		finding->text = text_format(arena,
			is_refusal(trial->control)
				? "refused here without " PROGRAM_NAME ", too: %s"
				: "does not work here without " PROGRAM_NAME " either: %s",
			strerror(trial->control));
		return finding;
	}
	finding->text = judge(arena, trial, ended);
	finding->state = finding->text ? FINDING_MISSING : FINDING_OK;
	if (finding->text)
		finding->advice = protection_advice(arena, host, protection);
	else
		finding->text = "";
	if (!finding->advice && trial->mechanism[0])
		finding->mechanism = arena_copy(arena, trial->mechanism, strlen(trial->mechanism));
	return finding;
}

/* Operation and reason, or the reason alone when it is about everything. */
static const char *describe(struct arena *arena, const struct gap *gap)
{
	if (gap->operation == OP_DEFAULT)
		return gap->reason;
	return text_format(arena, "%s: %s", operation_name(gap->operation), gap->reason);
}

/* What stands in the way is noted rather than what the preset puts up with. */
static void note_gaps(struct arena *arena, const struct composition *composed,
	const struct plan *plan, struct trial *trial)
{
	for (const struct gap *gap = plan_gaps(plan); gap; gap = gap->next) {
		if (composition_tolerates(&composed->profile, gap)) {
			note(trial, describe(arena, gap));
		} else if (!trial->denied) {
			trial->denied = EPERM;
			trial->reason[0] = '\0';
			note(trial, describe(arena, gap));
		}
	}
}

_Noreturn static void run_preset(
	struct arena *arena, const struct fragment *preset, struct trial *trial)
{
	struct preset_name name = {.name = preset->name};
	struct options options = {.preset_names = &name, .dry_run = true};
	struct composition composed;

	composition_make(arena, &options, NULL, &composed);
	const struct plan *plan = plan_make(arena, composed.policy, host_probe(arena), NULL);

	trial->control = trial->denied = 0;
	note_gaps(arena, &composed, plan, trial);
	if (!trial->denied && !start_takes_profile)
		plan_apply(plan);
	_exit(0);
}

struct finding *doctor_try_preset(struct arena *arena, const struct fragment *preset)
{
	struct finding *finding = ARENA_NEW(arena, struct finding);
	struct trial *trial = trial_make();
	int errors;
	pid_t child = start_child(&errors);

	if (child == 0)
		run_preset(arena, preset, trial);
	const char *ended = await_child(arena, child, errors);

	finding->preset = preset;
	finding->mechanism = "";
	finding->text = ended ? ended : arena_copy(arena, trial->reason, strlen(trial->reason));
	/* One that cannot be composed here, for want of Python for example. */
	if (trial->control == UNTRIED)
		finding->state = FINDING_NOT_APPLICABLE;
	else
		finding->state = ended || trial->denied ? FINDING_MISSING : FINDING_OK;
	return finding;
}
