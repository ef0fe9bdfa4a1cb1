/*
 * sbxctl trust, distrust, diff.
 * Invariant: what is stored MUST be the bytes that were shown, whatever the files are by then.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/message.h"
#include "base/path.h"
#include "cli/ctl.h"
#include "cli/rc_draft.h"
#include "cli/rc_state.h"
#include "cli/rc_tell.h"
#include "cli/worktree.h"

/* DIR, or the current directory, as the kernel names it. */
static const char *directory_of(struct arena *arena, const struct options *options)
{
	char **words = options->command;
	const char *current = path_current(arena);

	if (words[0] && words[1])
		die("one directory at a time: '%s'", words[1]);
	if (!current && !(words[0] && words[0][0] == '/'))
		die_errno("the current directory has no path");
	if (!words[0])
		return current;
	const char *path = path_canonical(
		arena, words[0][0] == '/' ? words[0] : path_join(arena, current, words[0]));

	if (!path)
		die_errno("%s", words[0]);
	return path;
}

/* The policies are composed where they apply. */
static void enter(const char *directory)
{
	if (chdir(directory) != 0)
		die_errno("%s", directory);
}

struct search {
	struct arena *arena;
	const char *directory;
	struct rc_file *file;
};

static void search(void *argument)
{
	struct search *search = argument;

	search->file = rc_find_at(search->arena, search->directory);
}

/* The file, with its copy when that can be used. */
static struct rc_file *find_file(struct arena *arena, const char *directory)
{
	struct search found = {arena, directory, NULL};
	const char *reason;

	if (!message_try(arena, search, &found, &reason)) {
		warn("warning: %s", reason);
		found.file = rc_look_at(arena, directory);
	}
	if (found.file && found.file->refused)
		die("%s is refused: %s", found.file->path, found.file->refused);
	if (!found.file || !found.file->found)
		die("there is no .sbxrc in %s%s", directory,
			found.file && found.file->copies ? " any more: the copy that was trusted"
							   " applies (sbxctl distrust ends that)"
							 : "");
	return found.file;
}

/* Another version of what a copy may have needed, say a preset, must not keep anybody from going
 * on. */
struct comparison {
	struct text *text;
	const struct rc_file *file;
	const struct trusted *draft;
};

static void compare(void *argument)
{
	struct comparison *comparison = argument;

	rc_tell_change(
		comparison->text, comparison->file, comparison->file->copies, comparison->draft);
}

static void show_change(struct text *text, const struct rc_file *file, const struct trusted *draft)
{
	struct text change = text_make(text->arena);
	struct comparison comparison = {&change, file, draft};
	const char *reason;

	text_add(text, "\nSince it was trusted last:\n");
	if (message_try(text->arena, compare, &comparison, &reason)) {
		text_add_bytes(text, change.bytes, change.length);
		return;
	}
	text_add(text, "  the copy that was trusted cannot be compared: ");
	text_add_visible(text, reason, strcspn(reason, "\n"));
	text_add(text, "\n");
}

/* What was typed before the question was there is no answer to it. */
static bool ask(void)
{
	char answer[64];
	ssize_t length = -1;

	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		die("there is no terminal to ask on: --yes trusts it without a question");
	tcflush(STDIN_FILENO, TCIFLUSH);
	message_ask("Trust it? [y/N] ");
	while (length < 0) {
		length = read(STDIN_FILENO, answer, sizeof(answer) - 1);
		if (length < 0 && errno != EINTR)
			die_errno("no answer");
	}
	answer[length] = '\0';
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcmp(answer, "y") == 0 || strcmp(answer, "Y") == 0 || strcmp(answer, "yes") == 0;
}

static void store(struct arena *arena, const struct rc_file *file, const char *repository,
	const struct trusted *draft)
{
	if (!repository) {
		trust_write(arena, file->directory, draft);
		return;
	}
	trust_write(arena, rc_worktrees(arena, repository), draft);
	trust_remove(arena, file->directory); /* it would stand before the common one */
}

static void say_done(struct arena *arena, const char *path, const char *repository, const char *how)
{
	struct text text = text_make(arena);

	text_add_visible(&text, path, strlen(path));
	text_addf(&text, " %s", how);
	if (repository) {
		text_add(&text, " in all work trees of ");
		text_add_visible(&text, repository, strlen(repository));
	}
	text_add(&text, "\n");
	print(&text);
}

_Noreturn void ctl_trust(struct arena *arena, struct options *options)
{
	const char *directory = directory_of(arena, options);
	const char *repository = NULL;
	struct text text = text_make(arena);

	enter(directory);
	if (options->worktrees && !(repository = worktree_repository(arena, directory)))
		die("--worktrees: %s is not the top of a work tree that its repository knows of",
			directory);
	struct rc_file *file = find_file(arena, directory);

	if (file->state == RC_TRUSTED && (!repository || file->repository)) {
		say_done(arena, file->path, file->repository, "is trusted already");
		_exit(CTL_YES);
	}
	struct trusted *draft = rc_draft(arena, file);

	rc_tell(&text, file, draft);
	if (file->copies)
		show_change(&text, file, draft);
	text_add(&text, "\n");
	print(&text);
	if (!options->yes && !ask()) {
		say_done(arena, file->path, NULL, "is not trusted");
		_exit(CTL_NO);
	}
	store(arena, file, repository, draft);
	say_done(arena, file->path, repository, "is trusted");
	_exit(CTL_YES);
}

_Noreturn void ctl_distrust(struct arena *arena, struct options *options)
{
	const char *directory = directory_of(arena, options);
	const char *repository = worktree_repository(arena, directory);
	const char *path = path_join(arena, directory, ".sbxrc");
	bool was_trusted = trust_remove(arena, directory);
	bool were_trusted = repository && trust_remove(arena, rc_worktrees(arena, repository));

	if (was_trusted || were_trusted) {
		say_done(arena, path, were_trusted ? repository : NULL, "is no longer trusted");
		_exit(CTL_YES);
	}
	say_done(arena, path, NULL, "was not trusted");
	_exit(CTL_NO);
}

_Noreturn void ctl_diff(struct arena *arena, struct options *options)
{
	const char *directory = directory_of(arena, options);
	struct rc_file *file = rc_find_at(arena, directory);
	struct text text = text_make(arena);

	if (!file)
		die("there is no .sbxrc in %s", directory);
	if (file->refused || !file->copies)
		die("%s", rc_notice(arena, file));
	if (file->state == RC_TRUSTED)
		_exit(CTL_YES);
	if (!file->found) {
		const char *notice = rc_notice(arena, file);

		text_add_visible(&text, notice, strlen(notice));
		text_add(&text, "\n");
		print(&text);
		_exit(CTL_NO);
	}
	enter(directory);
	rc_tell_change(&text, file, file->copies, rc_draft(arena, file));
	print(&text);
	_exit(CTL_NO);
}
