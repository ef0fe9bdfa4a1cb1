#ifndef CLI_RC_APPLY_H
#define CLI_RC_APPLY_H

#include "cli/options.h"
#include "cli/rc_find.h"
#include "cli/rc_read.h"

/*
 * Takes what an .sbxrc (its trusted copies) says for a program into the options: its layer goes
 * behind those that are there. program is the name as it was called, without directories (or a
 * pattern of a for block, as it stands there), or NULL for what applies to all. Dies, saying where,
 * on what is wrong anywhere in the file.
 */
void rc_apply(struct arena *arena, const struct rc_file *file, const char *program,
	struct options *options);

/* The lines that say which commands a shell puts in the sandbox by itself, or leaves out. */
bool rc_is_for_shells(const struct rc_line *line);

/*
 * Applies the .sbxrc files in force where sbx was called, which then stand before the options of
 * the command line; says which of them do not apply. Dies when no option, that of sbx-NAME
 * included, says what the policy is, and when a copy is damaged.
 */
void rc_apply_all(struct arena *arena, const char *program, struct options *options);

#endif
