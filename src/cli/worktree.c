#include "cli/worktree.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

/* The first line of a file that git keeps, after a prefix. NULL when it looks otherwise. */
static const char *read_line(struct arena *arena, const char *path, const char *prefix)
{
	const struct source *source = file_read_regular(arena, path);

	if (!source || !text_starts_with(source->text, prefix))
		return NULL;
	size_t length = strlen(prefix);

	return arena_copy(arena, source->text + length, strcspn(source->text + length, "\r\n"));
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
		S_ISREG(status.st_mode) ? read_line(arena, git, "gitdir: ") : NULL;

	if (!administration)
		return NULL;
	administration = path_join(arena, directory, administration);
	const char *common = read_line(arena, path_join(arena, administration, "commondir"), "");
	const char *back = read_line(arena, path_join(arena, administration, "gitdir"), "");

	if (!common || !back)
		return NULL;
	/* Anybody can say that he belongs to a repository; it must say so as well. */
	back = path_canonical(arena, path_join(arena, administration, back));
	if (!back || strcmp(back, git) != 0)
		return NULL;
	return path_canonical(arena, path_join(arena, administration, common));
}
