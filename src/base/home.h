#ifndef BASE_HOME_H
#define BASE_HOME_H

#include "base/arena.h"

/* The user's home directory, canonical: $HOME, or what passwd(5) has. NULL when there is none. */
const char *home_directory(struct arena *arena);

#endif
