#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/arena.h"
#include "base/text.h"

#define SBX_VERSION "0.1.0"

/* Runs a command in a sandbox. The preset (or NULL) comes from the program's name, sbx-NAME. */
_Noreturn void run(struct arena *arena, char **argv, const char *preset);

/* sandbox-exec, as on macOS: runs a command under one profile and nothing else. */
_Noreturn void sandbox_exec(struct arena *arena, char **argv);

/* sbxctl: manages presets. */
_Noreturn void ctl(struct arena *arena, char **argv);

/* Writes to stdout; dies when that fails. */
void print(const struct text *text);

/* The same, and exits with 0. */
_Noreturn void print_and_exit(const struct text *text);

#endif
