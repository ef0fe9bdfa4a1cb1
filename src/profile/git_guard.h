#ifndef PROFILE_GIT_GUARD_H
#define PROFILE_GIT_GUARD_H

#include "base/arena.h"

/*
 * What makes git run programs the next time that somebody calls it in a directory or above it.
 * Lists of canonical paths, one a line, NULL when empty; they need not exist.
 */
struct git_guard {
	const char *names; /* by which git finds a repository, or would find another one */
	/*
	 * Hooks and configuration of the repository, of its submodules and work trees, and what
	 * they lead to: each with all that is below it.
	 */
	const char *trees;
};

/* Of the directory (canonical). Dies on a path with a line feed. */
struct git_guard git_guard(struct arena *arena, const char *directory);

#endif
