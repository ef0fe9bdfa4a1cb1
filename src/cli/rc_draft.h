#ifndef CLI_RC_DRAFT_H
#define CLI_RC_DRAFT_H

#include "cli/rc_find.h"

/*
 * What would be trusted: the bytes of the .sbxrc that was found, and those of the profiles that its
 * lines name, each read once. Dies, saying where, on what is no line and on profiles that cannot
 * be read.
 */
struct trusted *rc_draft(struct arena *arena, const struct rc_file *file);

#endif
