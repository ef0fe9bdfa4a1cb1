#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* True when path is root or lies below it. Both absolute and without trailing slash. */
bool path_is_within(const char *path, size_t length, const char *root, size_t root_length);

/*
 * <0, 0 or >0. '/' sorts first: a directory comes right before all that is below it, and what has a
 * common beginning is together.
 */
int path_order(const char *a, size_t a_length, const char *b, size_t b_length);

/* True for an absolute path without empty, "." or ".." parts: what the kernel could name a file. */
bool path_is_normal(const char *path, size_t length);

/* directory + "/" + name, or name itself when it is absolute. */
char *path_join(struct arena *arena, const char *directory, const char *name);

/* The parent's path ("/" for "/x"). */
char *path_parent(struct arena *arena, const char *path);

const char *path_last(const char *path);

/*
 * As the kernel would name it: absolute, symlinks resolved, no ".", ".." or "//". The part that
 * does not exist (yet) is kept as it stands. NULL with errno where the path cannot be resolved
 * (ELOOP, EACCES, ENAMETOOLONG, or ".." below something missing).
 */
char *path_canonical(struct arena *arena, const char *path);

/* The kernel's name of the current directory; NULL with errno when it was removed. */
char *path_current(struct arena *arena);

#endif
