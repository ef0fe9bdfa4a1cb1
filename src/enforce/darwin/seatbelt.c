/*
 * macOS: the kernel's own sandbox enforces the profile, put in place by sandbox-exec(1), which then
 * executes the command. All that can be wrong with the profile is found before, by evaluating it:
 * what sandbox-exec itself answers (65, 71) could be taken for the command's own status.
 * Invariants: the text that sandbox-exec gets MUST be the one that was evaluated, all of it; the
 * command MUST NOT be started where a sandbox cannot be put in place.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "enforce/enforce.h"

#ifndef SANDBOX_EXEC
#define SANDBOX_EXEC "/usr/bin/sandbox-exec"
#endif

struct host {
	bool has_seatbelt;
};

struct plan {
	struct gap *gaps;
};

const bool start_takes_profile = true;

bool host_is_supervised(const struct host *host)
{
	(void)host;
	return false;
}

struct host *host_probe(struct arena *arena)
{
	struct host *host = ARENA_NEW(arena, struct host);

	host->has_seatbelt = access(SANDBOX_EXEC, X_OK) == 0;
	return host;
}

/* Seatbelt enforces whatever the language can say. */
struct plan *plan_make(struct arena *arena, const struct policy *policy, const struct host *host,
	const char *command)
{
	struct plan *plan = ARENA_NEW(arena, struct plan);

	(void)policy;
	(void)command;
	if (!host->has_seatbelt) {
		plan->gaps = ARENA_NEW(arena, struct gap);
		*plan->gaps = (struct gap){
			.operation = OP_DEFAULT, .reason = "there is no " SANDBOX_EXEC " here"};
	}
	return plan;
}

struct enforcement plan_enforcement(struct plan *plan, enum operation operation)
{
	(void)operation;
	if (plan->gaps)
		return (struct enforcement){ENFORCEMENT_GAP, plan->gaps->reason};
	return (struct enforcement){ENFORCEMENT_MECHANISM, "Seatbelt"};
}

const struct gap *plan_gaps(const struct plan *plan)
{
	return plan->gaps;
}

const struct limit *plan_limits(const struct plan *plan)
{
	(void)plan;
	return NULL;
}

void plan_print(struct text *text, const struct plan *plan)
{
	(void)plan;
	text_add(text, "seatbelt: enforces all of the profile\n");
}

/* A sandbox cannot be put into another one; that of sbx can be known by what sbx leaves there. */
void plan_apply(const struct plan *plan)
{
	const char *outer = getenv("SBX_ACTIVE");

	(void)plan;
	if (outer && outer[0])
		die("already in a sandbox (SBX_ACTIVE=%s), and macOS has no sandbox within a"
		    " sandbox: apply all presets at once, or none here",
			outer);
}

static size_t count_words(const char *const *words)
{
	size_t count = 0;

	while (words && words[count])
		count++;
	return count;
}

/* The command goes by its path, so that it is the one that the profile was made for. */
static const char **make_words(struct arena *arena, const struct start *start)
{
	const char *const *arguments = (const char *const *)start->words;
	size_t parameters = count_words(start->parameters), count = 0;
	const char **words =
		ARENA_ARRAY(arena, const char *, 2 * parameters + count_words(arguments) + 6);

	words[count++] = SANDBOX_EXEC;
	words[count++] = "-p";
	words[count++] = start->profile;
	for (size_t i = 0; i < parameters; i++) {
		words[count++] = "-D";
		words[count++] = start->parameters[i];
	}
	words[count++] = "--";
	words[count++] = start->path ? start->path : "COMMAND";
	while (start->path && *++arguments)
		words[count++] = *arguments;
	return words;
}

/* As the shell takes it for one word. */
static void add_word(struct text *text, const char *word)
{
	if (word[0] && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789_-+./,:=@%")]) {
		text_add(text, word);
		return;
	}
	text_add(text, "'");
	for (; *word; word++) {
		if (*word == '\'')
			text_add(text, "'\\''");
		else
			text_add_bytes(text, word, 1);
	}
	text_add(text, "'");
}

void start_print(struct text *text, const struct start *start)
{
	const char **words = make_words(text->arena, start);

	text_add(text, "exec:");
	for (size_t i = 0; words[i]; i++) {
		text_add(text, " ");
		if (words[i] == start->profile)
			text_add(text, "\"$PROFILE\""); /* the text above */
		else
			add_word(text, words[i]);
	}
	text_add(text, "\n");
}

void start_exec(struct arena *arena, const struct start *start)
{
	const char **words = make_words(arena, start);

	execve(SANDBOX_EXEC, (char *const *)words, start->environment);
	die_errno("cannot execute " SANDBOX_EXEC);
}
