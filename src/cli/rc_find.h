#ifndef CLI_RC_FIND_H
#define CLI_RC_FIND_H

#include "base/arena.h"
#include "cli/trust.h"

/* The .sbxrc files of a directory and of those above it, and which of them the user trusts. */

enum rc_state {
	RC_UNTRUSTED, /* does not apply */
	RC_TRUSTED,
	RC_CHANGED, /* it, or a profile that it names: the copy that is trusted goes on applying */
	RC_DELETED, /* likewise */
};

struct rc_file {
	const char *directory, *path;
	enum rc_state state;
	const char *refused;          /* why the file that is there is not read; NULL: it is */
	const struct source *found;   /* NULL: refused, or not there */
	const struct trusted *copies; /* what applies; NULL: nothing */
	const char *repository; /* whose work trees the copies are for; NULL: the directory's own */
	struct rc_file *next;
};

/* The outermost first. directory is absolute and canonical. Dies when the store can't be read. */
struct rc_file *rc_find(struct arena *arena, const char *directory);

/* The one in the directory itself; NULL when there is neither a file nor a copy. */
struct rc_file *rc_find_at(struct arena *arena, const char *directory);

/* What is there, without a look at what is trusted. */
struct rc_file *rc_look_at(struct arena *arena, const char *directory);

/* Where a file is that an .sbxrc in the directory names. */
const char *rc_path(struct arena *arena, const char *directory, const char *name);

/* A profile that an .sbxrc in the directory names; NULL with errno, EINVAL: no regular file. */
const struct source *rc_read_profile(struct arena *arena, const char *directory, const char *name);

/* What the copy for all work trees of a repository is kept for, instead of a directory. */
const char *rc_worktrees(struct arena *arena, const char *repository);

#endif
