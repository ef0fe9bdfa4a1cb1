#ifndef PROFILE_PYTHON_H
#define PROFILE_PYTHON_H

#include "base/arena.h"

/* The directories that a Python interpreter needs to read. */
struct python {
	const char *prefix;      /* of the virtual environment, or the same as base_prefix */
	const char *base_prefix; /* where the interpreter and its library are installed */
	const char *launcher;    /* what a wrapper (pyenv) needs in addition, or NULL */
};

/*
 * For the interpreter that command is, that its #! line names, or that stands first in PATH. It is
 * found by the files around it; only an unknown wrapper script is asked, inside a sandbox without
 * network and writing. Dies when no Python is found or when the answer would open up the home
 * directory.
 */
struct python python_find(struct arena *arena, const char *command);

/* The interpreter that command is or that its first lines name; NULL when that is no Python. */
const char *python_behind(struct arena *arena, const char *command);

#endif
