#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stdbool.h>

#include "base/arena.h"

/* What the kernel would make of a file that is to be executed. */
enum program_kind { PROGRAM_OTHER = 0, PROGRAM_NATIVE, PROGRAM_SCRIPT };

struct program {
	enum program_kind kind;
	const char *interpreter; /* the dynamic loader, or what a #! line names; NULL: none */
	const char *argument;    /* of a #! line, or NULL */
};

/* False with errno when the file cannot be read. */
bool program_inspect(struct arena *arena, const char *path, struct program *program);

/*
 * As execvp looks for it: a name with a slash as it is, others in $PATH. NULL when nothing is
 * found; *found (when not NULL) then holds what has the name but cannot be executed.
 */
const char *program_search(struct arena *arena, const char *name, const char **found);

/*
 * Executes the file in place of this process; a script without #! line by /bin/sh, as execvp does.
 * Returns only when that fails, with errno.
 */
void program_execute(
	struct arena *arena, const char *path, char *const *words, char *const *environment);

#endif
