#ifndef CLI_WORKTREE_H
#define CLI_WORKTREE_H

#include "base/arena.h"

/*
 * The repository that the top directory of a git work tree belongs to: the canonical path of its
 * common directory (gitrepository-layout(5)). NULL when it is no work tree's, or when the
 * repository does not know of it. git is not run.
 */
const char *worktree_repository(struct arena *arena, const char *directory);

#endif
