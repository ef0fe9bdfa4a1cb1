/*
 * Invariants: a file is read once, and what was compared is what applies; a copy applies only where
 * it was made for, or in another work tree of the same repository if that was asked for.
 */
#include "cli/rc_find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/worktree.h"

static const char rc_name[] = ".sbxrc";

static const char *why_refused(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "it is no regular file";
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return "it belongs to another user";
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return "others than its owner may write it (chmod go-w)";
	return NULL;
}

/* Sets found or refused; neither when there is no file. */
static void read_found(struct arena *arena, struct rc_file *file)
{
	int fd = open(file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			file->refused = errno == ELOOP ? "it is a symbolic link" : strerror(errno);
		return;
	}
	file->refused = why_refused(fd);
	if (!file->refused) {
		file->found = file_read_open(arena, fd, file->path);
		if (!file->found)
			file->refused = strerror(errno);
	}
	close(fd);
}

const char *rc_path(struct arena *arena, const char *directory, const char *name)
{
	const char *home = getenv("HOME");

	if (text_starts_with(name, "~/") && home && home[0] == '/')
		return path_join(arena, home, name + 2);
	return path_join(arena, directory, name);
}

const struct source *rc_read_profile(struct arena *arena, const char *directory, const char *name)
{
	return file_read_regular(arena, rc_path(arena, directory, name));
}

static bool is_same(const struct source *a, const struct source *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static bool is_unchanged(struct arena *arena, const struct rc_file *file)
{
	const struct trusted *copy = file->copies;

	if (!file->found || !is_same(file->found, copy->source))
		return false;
	while ((copy = copy->next)) {
		const struct source *profile = rc_read_profile(arena, file->directory, copy->name);

		if (!profile || !is_same(profile, copy->source))
			return false;
	}
	return true;
}

const char *rc_worktrees(struct arena *arena, const char *repository)
{
	/* What git keeps of a work tree never has a name that begins with a dot. */
	return path_join(arena, repository, "worktrees/.all");
}

/* The copy that is trusted for the directory, or for all work trees of its repository. */
static const struct trusted *find_copies(struct arena *arena, struct rc_file *file)
{
	const char *store = trust_store(arena);

	if (!store || access(store, F_OK) != 0)
		return NULL;
	const struct trusted *copies = trust_read(arena, file->directory);
	const char *repository = copies ? NULL : worktree_repository(arena, file->directory);

	if (!repository)
		return copies;
	copies = trust_read(arena, rc_worktrees(arena, repository));
	file->repository = copies ? repository : NULL;
	return copies;
}

/* Messages name the project's files, not the copies. */
static void name_copies(struct arena *arena, struct rc_file *file)
{
	for (const struct trusted *copy = file->copies; copy; copy = copy->next)
		((struct source *)(uintptr_t)copy->source)->name =
			rc_path(arena, file->directory, copy->name);
}

struct rc_file *rc_look_at(struct arena *arena, const char *directory)
{
	struct rc_file *file = ARENA_NEW(arena, struct rc_file);

	file->directory = directory;
	file->path = path_join(arena, directory, rc_name);
	read_found(arena, file);
	return file;
}

struct rc_file *rc_find_at(struct arena *arena, const char *directory)
{
	struct rc_file *file = rc_look_at(arena, directory);

	file->copies = find_copies(arena, file);
	if (!file->copies)
		return file->found || file->refused ? file : NULL;
	name_copies(arena, file);
	if (is_unchanged(arena, file))
		file->state = RC_TRUSTED;
	else
		file->state = file->found || file->refused ? RC_CHANGED : RC_DELETED;
	return file;
}

struct rc_file *rc_find(struct arena *arena, const char *directory)
{
	struct rc_file *first = NULL;

	for (;;) {
		struct rc_file *file = rc_find_at(arena, directory);

		if (file) {
			file->next = first;
			first = file;
		}
		if (!directory[1])
			return first;
		directory = path_parent(arena, directory);
	}
}
