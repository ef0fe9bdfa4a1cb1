#ifndef PROFILE_TMPDIR_H
#define PROFILE_TMPDIR_H

#include <stdbool.h>

#include "base/arena.h"

/*
 * The canonical path of a directory for the temporary files of one project (the canonical path of
 * its directory): owned by the user, mode 0700, under $XDG_RUNTIME_DIR, /tmp or $TMPDIR, made when
 * it is missing. Dies when there is none to be had. Without make, only tells which it would be.
 */
const char *tmpdir_of_project(struct arena *arena, const char *project, bool make);

/*
 * The canonical path of base/NAME/NAME...: names, ended by NULL, of directories that are the user's
 * alone. NULL with errno when one cannot be had. Without make, only tells the path.
 */
const char *tmpdir_below(
	struct arena *arena, const char *base, const char *const *names, bool make);

/* A name for what belongs to a path: its last part, and what keeps it apart from others. */
char *tmpdir_name(struct arena *arena, const char *project);

#endif
