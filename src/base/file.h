#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/source.h"

enum { SOURCE_MAX = 4 * 1024 * 1024 }; /* bytes; more is refused with EFBIG */

/*
 * Reads all of a file, once. The source's name is the path. NULL with errno (EISDIR for a
 * directory, EFBIG for more than SOURCE_MAX). Pipes are read to their end.
 */
const struct source *file_read(struct arena *arena, const char *path);

/*
 * The same of what is a regular file once it is open, without waiting for anybody: EINVAL for
 * anything else.
 */
const struct source *file_read_regular(struct arena *arena, const char *path);

/* The same of an open file, which stays open; path is only its name. */
const struct source *file_read_open(struct arena *arena, int fd, const char *path);

/* The absolute path of the running program, for finding what was installed with it. NULL if
 * unknown. */
char *file_own_executable(struct arena *arena);

/* True when the path leads to the running program, whatever it is called there. */
bool file_is_own_executable(struct arena *arena, const char *path);

/* Marks all descriptors from first on to be closed by exec. False with errno. */
bool file_close_on_exec(int first);

#endif
