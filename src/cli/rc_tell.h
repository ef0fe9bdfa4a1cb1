#ifndef CLI_RC_TELL_H
#define CLI_RC_TELL_H

#include "base/text.h"
#include "cli/rc_find.h"

/*
 * What a version of an .sbxrc means, in words. Each is composed on its own, without options of a
 * command line and without the .sbxrc files of other directories, in the current directory. Dies,
 * saying where, on what is wrong in it. Nothing in the texts is obeyed by a terminal.
 */

/* The bytes themselves, then what they allow and deny. */
void rc_tell(struct text *text, const struct rc_file *file, const struct trusted *copies);

/* What another version allows and denies that this one does not; then the lines that differ. */
void rc_tell_change(struct text *text, const struct rc_file *file, const struct trusted *before,
	const struct trusted *after);

#endif
