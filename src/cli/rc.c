/* What the .sbxrc files of the current directory add to a command. */
#include <errno.h>

#include "base/message.h"
#include "base/path.h"
#include "cli/rc_apply.h"
#include "cli/rc_state.h"

static bool says_nothing(const struct options *options)
{
	return !options->preset_names && !options->accesses && !options->texts &&
	       !options->allow_all;
}

/* Where the directory was removed, or its path is too long. */
static void cannot_look(const struct options *options, bool is_said)
{
	if (errno != ENOENT || !is_said)
		die_errno("the current directory has no path, so that no .sbxrc can be looked for"
			  " (--no-rc does without)");
	if (!options->quiet)
		warn("warning: the current directory was removed: no .sbxrc applies");
}

void rc_apply_all(struct arena *arena, const char *program, struct options *options)
{
	const char *directory = options->no_rc ? NULL : path_current(arena);
	const struct rc_file *files = directory ? rc_find(arena, directory) : NULL;
	const struct rc_file *without_trust = NULL;
	struct options rc = {.color = NULL};
	bool applies = !says_nothing(options);

	if (!directory && !options->no_rc)
		cannot_look(options, applies);
	for (const struct rc_file *file = files; file; file = file->next) {
		const char *notice = rc_notice(arena, file);

		if (notice && !options->quiet)
			warn("warning: %s", notice);
		if (!file->copies) {
			without_trust = file;
			continue;
		}
		rc_apply(arena, file, program, &rc);
		applies = true;
	}
	if (without_trust && !applies)
		die("the command was not started: %s is all that could say what it may do"
		    " (--no-rc ignores the file)",
			without_trust->path);
	rc.rc_files = files;
	options_append(&rc, options);
	*options = rc;
}
