#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include "cli/options.h"

/*
 * The command's environment: that of sbx, less what presets and options drop, plus what they set.
 * A base preset keeps a few. A variable that --env-keep names stays even where a preset would drop
 * it. Set are SBX_ACTIVE (the
 * presets in force), and TMPDIR and TMPPREFIX when the project has a private directory.
 */
char **environment_make(struct arena *arena, const struct options *options,
	const struct request *request, const char *private_tmpdir);

/* True when one of the patterns, which the separators part, matches the variable's name. */
bool environment_matches(
	struct arena *arena, const char *globs, const char *separators, const char *name);

/* One line with the names of the variables that the command does not get; never their values. */
void environment_print(
	struct text *text, const struct options *options, const struct request *request);

#endif
