#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "base/text.h"

#define SBX_VERSION "0.1.0"

/* Runs a command in a sandbox. */
_Noreturn void run(struct arena *arena, char **argv);

/* sandbox-exec, as on macOS: runs a command under one profile and nothing else. */
_Noreturn void sandbox_exec(struct arena *arena, char **argv);

/* sbxctl: manages presets. */
_Noreturn void ctl(struct arena *arena, char **argv);

/* Writes to stdout; dies when that fails. */
void print(const struct text *text);

/* The same, and exits with 0. */
_Noreturn void print_and_exit(const struct text *text);

#endif
