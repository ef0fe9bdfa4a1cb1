#ifndef PROFILE_PARAMETERS_H
#define PROFILE_PARAMETERS_H

#include "profile/compose.h"

/*
 * Supplies the values that fragments ask for with (param "NAME"), all canonical paths:
 * always CWD, HOME, TMPDIR, UID, COMMAND; when a chosen preset's "needs" names them PRIVATE_TMPDIR (a
 * directory of the project's own, made here), XDG_RUNTIME_DIR, PYTHON_PREFIX, PYTHON_BASE_PREFIX,
 * PYTHON_LAUNCHER. Definitions of the request come last and win. What the environment does not have
 * is left unset. Dies when a value that is needed cannot be had.
 */
void parameters_supply(struct arena *arena, const struct request *request, struct profile *profile);

#endif
