#ifndef CLI_TRUST_H
#define CLI_TRUST_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/source.h"

/*
 * What the user trusts: for a directory, a copy of its .sbxrc and of the profiles that this names,
 * in $XDG_STATE_HOME/sbx/trust/DIRECTORY/.sbxrc (else ~/.local/state). A copy counts only for the
 * path that it was made for.
 */

/* One file of a copy. */
struct trusted {
	const char *name; /* ".sbxrc", or a profile's as it is written there */
	const struct source *source;
	struct trusted *next;
};

/* Absolute, links in it not resolved; NULL where neither $XDG_STATE_HOME nor $HOME says where. */
const char *trust_store(struct arena *arena);

/* .sbxrc first; NULL when the directory has no copy. Dies when there is one that is not the user's
 * alone, or not whole. directory is absolute and canonical. */
const struct trusted *trust_read(struct arena *arena, const char *directory);

/* Replaces the directory's copy at once. Dies with the reason. */
void trust_write(struct arena *arena, const char *directory, const struct trusted *files);

/* False when there was no copy. Dies with the reason. */
bool trust_remove(struct arena *arena, const char *directory);

#endif
