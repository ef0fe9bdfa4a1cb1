/*
 * Invariant: a file .git, which anybody may have written, MUST NOT make a directory pass for a part
 * of the work tree's repository unless that directory names the work tree in turn.
 */
#include "profile/worktree.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "profile/git_config.h"

const char *worktree_line(struct arena *arena, const char *path, const char *prefix)
{
	const struct source *source = file_read_regular(arena, path);

	if (!source || !text_starts_with(source->text, prefix))
		return NULL;
	size_t length = strlen(prefix);

	return arena_copy(arena, source->text + length, strcspn(source->text + length, "\r\n"));
}

/* What the line names, relative to the directory that the file is about. */
static const char *follow_line(
	struct arena *arena, const char *path, const char *prefix, const char *directory)
{
	const char *line = worktree_line(arena, path, prefix);

	return line && line[0] ? path_canonical(arena, path_join(arena, directory, line)) : NULL;
}

const char *worktree_common(struct arena *arena, const char *git_directory)
{
	const char *common =
		follow_line(arena, path_join(arena, git_directory, "commondir"), "", git_directory);

	return common ? common : git_directory;
}

static bool is_directory(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool worktree_is_git_directory(struct arena *arena, const char *directory)
{
	const char *common = worktree_common(arena, directory);
	struct stat status;

	return lstat(path_join(arena, directory, "HEAD"), &status) == 0 &&
	       is_directory(path_join(arena, common, "objects")) &&
	       is_directory(path_join(arena, common, "refs"));
}

static bool is_own(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
}

struct search {
	struct arena *arena;
	const char *directory, *worktree;
};

static void note_worktree(void *context, const struct git_setting *setting)
{
	struct search *search = context;

	if (text_is(setting->section, "core") && text_is(setting->key, "worktree"))
		search->worktree = path_canonical(
			search->arena, path_join(search->arena, search->directory, setting->value));
}

/* The work tree that a submodule's git directory belongs to. */
static const char *configured_worktree(struct arena *arena, const char *directory)
{
	struct search search = {arena, directory, NULL};

	git_config_read(arena, path_join(arena, directory, "config"), note_worktree, &search);
	git_config_read(
		arena, path_join(arena, directory, "config.worktree"), note_worktree, &search);
	return search.worktree;
}

/* .git is a file: linked work trees are named in their directory, submodules in their config. */
static bool is_named_back(struct arena *arena, const struct worktree *tree, const char *git)
{
	if (strcmp(tree->directory, tree->common) == 0) {
		const char *named = configured_worktree(arena, tree->directory);

		return named && strcmp(named, tree->top) == 0;
	}
	const char *back = follow_line(
		arena, path_join(arena, tree->directory, "gitdir"), "", tree->directory);

	return back && strcmp(back, git) == 0;
}

/* A shared directory knows those who share it by their place in it. */
static bool is_mutual(struct arena *arena, const struct worktree *tree, mode_t mode)
{
	const char *git = tree->top ? path_join(arena, tree->top, ".git") : tree->directory;
	bool is_linked = strcmp(tree->directory, tree->common) != 0;

	if (!is_own(tree->directory) || !is_own(tree->common))
		return false;
	if (is_linked && strcmp(path_parent(arena, tree->directory),
				 path_join(arena, tree->common, "worktrees")) != 0)
		return false;
	if (S_ISREG(mode))
		return is_named_back(arena, tree, git);
	return S_ISDIR(mode) && !is_linked;
}

/* True when git would find a repository by what the directory holds. */
static bool look_at(struct arena *arena, const char *directory, struct worktree *found)
{
	const char *git = path_join(arena, directory, ".git");
	struct stat status = {.st_mode = S_IFDIR};

	*found = (struct worktree){.top = directory};
	if (lstat(git, &status) != 0) {
		found->top = NULL;
		found->directory = directory;
	} else if (S_ISREG(status.st_mode)) {
		found->directory = follow_line(arena, git, "gitdir: ", directory);
	} else {
		found->directory = path_canonical(arena, git);
	}
	if (!found->directory || !worktree_is_git_directory(arena, found->directory))
		return false;
	found->common = worktree_common(arena, found->directory);
	found->is_mutual = is_mutual(arena, found, status.st_mode);
	return true;
}

bool worktree_find(struct arena *arena, const char *directory, struct worktree *found)
{
	while (!look_at(arena, directory, found)) {
		if (!directory[1])
			return false;
		directory = path_parent(arena, directory);
	}
	return true;
}

const char *worktree_repository(struct arena *arena, const char *directory)
{
	const char *git = path_join(arena, directory, ".git");
	struct stat status;

	if (lstat(git, &status) != 0)
		return NULL;
	if (S_ISDIR(status.st_mode))
		return git;
	const char *administration =
		S_ISREG(status.st_mode) ? follow_line(arena, git, "gitdir: ", directory) : NULL;

	if (!administration)
		return NULL;
	const char *common = follow_line(
		arena, path_join(arena, administration, "commondir"), "", administration);
	const char *back =
		follow_line(arena, path_join(arena, administration, "gitdir"), "", administration);

	/* Anybody can say that he belongs to a repository; it must say so as well. */
	return common && back && strcmp(back, git) == 0 ? common : NULL;
}
