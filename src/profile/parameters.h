#ifndef PROFILE_PARAMETERS_H
#define PROFILE_PARAMETERS_H

#include "profile/compose.h"

/*
 * Lets the profile supply the values that fragments ask for with (param "NAME"), each when it is
 * first asked for: CWD, HOME, TMPDIR, XDG_RUNTIME_DIR, COMMAND (canonical paths), UID,
 * SYSTEM (Linux or Darwin), PRIVATE_TMPDIR (a directory of the project's own, made then),
 * PYTHON_PREFIX, PYTHON_BASE_PREFIX, PYTHON_LAUNCHER; RUNTIME, RUNTIME_PREFIX,
 * RUNTIME_BASE_PREFIX, RUNTIME_LAUNCHER, PACKAGE, STATE (profile/server.h); GIT_WORK_TREE (the
 * directory that has .git), GIT_DIR and GIT_COMMON_DIR (if the repository confirms them), GIT_NAMES
 * and GIT_TREES (of struct git_guard, relative to CWD), and places that environment variables of
 * the same name say, such as XDG_CACHE_HOME, SSH_AUTH_SOCK, GOPATH. The request's definitions win.
 * What the environment does not have is not set; dies when PRIVATE_TMPDIR or PYTHON_... cannot be
 * had. The request must outlive the profile.
 */
void parameters_supply(struct arena *arena, const struct request *request, struct profile *profile);

#endif
