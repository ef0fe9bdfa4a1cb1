#ifndef PROFILE_WORKTREE_H
#define PROFILE_WORKTREE_H

#include <stdbool.h>

#include "base/arena.h"

/* Git work trees (gitrepository-layout(5)), from what is on disk: git is never run. */

struct worktree {
	const char *top;       /* the directory that has .git; NULL inside a git directory */
	const char *directory; /* where .git leads: canonical */
	const char *common;    /* what all work trees of the repository share; or the same */
	/*
	 * Both are git directories of this user, and the repository says in turn that the work tree
	 * belongs to it. Else anybody who can write a file .git may have written it.
	 */
	bool is_mutual;
};

/* The work tree that directory (canonical) lies in; false when it lies in none. */
bool worktree_find(struct arena *arena, const char *directory, struct worktree *found);

/* What a git directory shares with others, canonical: itself, as a rule. */
const char *worktree_common(struct arena *arena, const char *git_directory);

/* The first line of a file that git keeps, after a prefix. NULL when it looks otherwise. */
const char *worktree_line(struct arena *arena, const char *path, const char *prefix);

/* Whether it has what git demands of a git directory. */
bool worktree_is_git_directory(struct arena *arena, const char *directory);

/*
 * The repository that the top directory of a git work tree belongs to: the canonical path of its
 * common directory. NULL when it is no work tree's, or when the repository does not know of it.
 */
const char *worktree_repository(struct arena *arena, const char *directory);

#endif
