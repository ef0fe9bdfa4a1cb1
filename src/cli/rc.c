/* What the .sbxrc files of the current directory add to a command. */
#include <errno.h>

#include "base/message.h"
#include "base/path.h"
#include "cli/rc_apply.h"

static void say(const struct options *options, const struct rc_file *file)
{
	const char *path = file->path, *directory = file->directory;

	if (options->quiet)
		return;
	if (file->refused)
		warn("warning: %s is refused: %s%s", path, file->refused,
			file->copies ? "; the copy that was trusted applies" : "");
	else if (file->state == RC_UNTRUSTED)
		warn("warning: %s does not apply, as it was never trusted ('sbxctl trust %s' shows"
		     " what it says, and trusts it)",
			path, directory);
	else if (file->state == RC_CHANGED)
		warn("warning: %s, or a profile that it names, has changed since it was trusted:"
		     " the trusted copy applies ('sbxctl diff %s' shows what is new)",
			path, directory);
	else if (file->state == RC_DELETED)
		warn("warning: %s is gone: the copy that was trusted applies ('sbxctl distrust %s'"
		     " ends that)",
			path, directory);
}

static bool says_nothing(const struct options *options)
{
	return !options->preset_names && !options->accesses && !options->texts &&
	       !options->allow_all;
}

void rc_apply_all(struct arena *arena, const char *program, struct options *options)
{
	const char *directory = options->no_rc ? NULL : path_current(arena);
	const struct rc_file *files = directory ? rc_find(arena, directory) : NULL;
	const struct rc_file *without_trust = NULL;
	struct options rc = {.color = NULL};
	bool applies = !says_nothing(options);

	for (const struct rc_file *file = files; file; file = file->next) {
		if (file->state != RC_TRUSTED)
			say(options, file);
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
