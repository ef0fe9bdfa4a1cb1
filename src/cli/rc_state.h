#ifndef CLI_RC_STATE_H
#define CLI_RC_STATE_H

#include "cli/rc_find.h"

/* What people and shells are told of an .sbxrc. */

/* One word: trusted, changed, deleted, untrusted, refused. */
const char *rc_state_word(const struct rc_file *file);

/* What is not as it should be, with the command that helps; NULL when it is trusted. */
const char *rc_notice(struct arena *arena, const struct rc_file *file);

/* A word as a shell reads it, for commands to copy; control characters stay as they are. */
const char *rc_shell_word(struct arena *arena, const char *word);

#endif
