#ifndef CLI_FLATTEN_H
#define CLI_FLATTEN_H

#include "cli/options.h"

/*
 * sbx-a sbx-b COMMAND is one sandbox with both, where that allows no more than a sandbox in a
 * sandbox would. Takes the path of the command as it was found. True: the command's options have
 * joined the others, and what they end with is the command. False: nothing has changed.
 */
bool flatten(struct arena *arena, struct options *options, const char *path);

/*
 * The running program, for a name of it that no program in $PATH has: sbx, or sbx- and the name of
 * a preset. NULL for any other name.
 */
const char *flatten_find(struct arena *arena, const char *name);

#endif
