/*
 * sbxctl init: prints the functions of sbx for an interactive shell. What is printed depends on
 * nothing but what was installed and where.
 */
#include <string.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "cli/ctl.h"
#include "profile/fragment.h"

struct shell {
	const char *name;
	const char *assignment; /* what stands before the quoted path */
	const char *specials;   /* the bytes that a backslash must precede in single quotes */
	const char *undo;       /* nothing happens where the function is not defined */
};

/* bash's line is also a command of every other shell: there it does nothing. */
static const struct shell shells[] = {
	{"zsh", "_" PROGRAM_NAME "_program=", NULL,
		"if (( ${+functions[_" PROGRAM_NAME "_undo]} )); then _" PROGRAM_NAME
		"_undo; fi\n"},
	{"bash", "_" PROGRAM_NAME "_program=", NULL,
		"if \\builtin declare -F _" PROGRAM_NAME
		"_undo >/dev/null 2>&1; then _" PROGRAM_NAME "_undo; fi\n"},
	{"fish", "set -g _" PROGRAM_NAME "_program ", "\\'",
		"if functions -q _" PROGRAM_NAME "_undo; _" PROGRAM_NAME "_undo; end\n"},
};

static const struct shell *find_shell(const char *name)
{
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].name, name) == 0)
			return &shells[i];
	}
	die("init knows zsh, bash and fish, not '%s'", name);
}

/* In single quotes. Where no backslash counts inside of them, a quote ends and begins them anew. */
static void add_quoted(struct text *text, const struct shell *shell, const char *value)
{
	text_add(text, "'");
	for (const char *at = value; *at; at++) {
		if (shell->specials && strchr(shell->specials, *at))
			text_add(text, "\\");
		if (!shell->specials && *at == '\'')
			text_add(text, "'\\'");
		text_add_bytes(text, at, 1);
	}
	text_add(text, "'");
}

/* The file stands beside the presets. */
static const struct source *read_functions(struct arena *arena, const struct shell *shell)
{
	struct preset_path path = preset_path(arena);
	const char *data = path_parent(arena, path.directories[PRESET_DIRECTORIES - 1]);
	const char *file = path_join(
		arena, data, text_format(arena, "shell/" PROGRAM_NAME ".%s", shell->name));
	const struct source *source = file_read(arena, file);

	if (!source)
		die_errno("%s", file);
	return source;
}

_Noreturn void ctl_init(struct arena *arena, struct options *options)
{
	char **words = options->command;
	struct text text = text_make(arena);

	if (!words[0] || words[1])
		die("init takes the name of one shell: zsh, bash or fish");
	const struct shell *shell = find_shell(words[0]);

	if (options->undo) {
		text_add(&text, shell->undo);
		print_and_exit(&text);
	}
	const char *program = file_own_executable(arena);
	const struct source *functions = read_functions(arena, shell);

	if (!program)
		die_errno("cannot find the program's own path");
	text_add(&text, shell->assignment);
	add_quoted(&text, shell, program);
	text_add(&text, "\n");
	text_add_bytes(&text, functions->text, functions->length);
	print_and_exit(&text);
}
