#ifndef PROFILE_SERVER_H
#define PROFILE_SERVER_H

#include <stdbool.h>

#include "base/arena.h"

/* A program that is run by a runtime (node, python3, deno, ...): what it needs to read. */
struct server {
	const char *runtime; /* the program that is executed in the end, canonical */
	/* Where the runtime's library is; the runtime itself where that would open too much. */
	const char *prefix, *base_prefix;
	const char *launcher; /* what a wrapper around the runtime needs in addition, or NULL */
	const char *package;  /* the directory of the program's own files, or NULL */
};

/* words: the command line, the command first. Dies like python_find where that is a Python. */
struct server server_find(struct arena *arena, const char *command, char *const *words);

/*
 * The directory where the program of a package (or of a command) keeps its state, below
 * $XDG_DATA_HOME, with a directory tmp in it. make: they are made, for the user alone. Dies when
 * they cannot be had.
 */
const char *server_state(struct arena *arena, const char *package, bool make);

#endif
