#ifndef PROFILE_GIT_CONFIG_H
#define PROFILE_GIT_CONFIG_H

#include <stdbool.h>

#include "base/arena.h"

/* Configuration files of git (git-config(1), "SYNTAX"), read without running it. */

struct git_setting {
	const char *section; /* lower case, without the part in quotes */
	const char *key;     /* lower case */
	const char *value;   /* unquoted; "" where there is none */
};

typedef void git_setting_function(void *context, const struct git_setting *setting);

/*
 * Calls the function for each setting in the file's order, and stops where git would find a
 * mistake. False when there is no such file, or none that may be read. Includes are settings like
 * others.
 */
bool git_config_read(
	struct arena *arena, const char *path, git_setting_function *function, void *context);

#endif
