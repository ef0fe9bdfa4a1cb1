/*
 * Invariants: what is found MUST NOT be the home directory or lie above it; a directory that others
 * may write to MUST NOT decide how much of it is opened; the state is a directory of the user's
 * alone.
 */
#include "profile/server.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/home.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "base/program.h"
#include "base/text.h"
#include "profile/python.h"
#include "profile/tmpdir.h"

static bool is_within(const char *path, const char *root)
{
	return path_is_within(path, strlen(path), root, strlen(root));
}

/* The directory, or one in which it lies, is more than a program may see of itself. */
static bool holds_home(struct arena *arena, const char *directory)
{
	const char *home = home_directory(arena);

	return !directory[1] || (home && is_within(home, directory));
}

/* ~/.local, ~/.deno, ~/bin: such a directory holds more than one program. */
static bool is_directly_in_home(struct arena *arena, const char *directory)
{
	const char *home = home_directory(arena);

	return home && strcmp(path_parent(arena, directory), home) == 0;
}

static const char *prefix_of(struct arena *arena, const char *runtime)
{
	const char *directory = path_parent(arena, runtime);
	const char *prefix = path_parent(arena, directory);

	if (strcmp(path_last(directory), "bin") != 0 || holds_home(arena, prefix) ||
		is_directly_in_home(arena, prefix))
		return runtime;
	return prefix;
}

/* The program behind #!/usr/bin/env -S NAME ARG. */
static const char *behind_env(struct arena *arena, const char *argument)
{
	const char *word;
	size_t length;

	while (text_split(&argument, " \t", &word, &length)) {
		if (length && word[0] != '-' && !memchr(word, '=', length))
			return program_search(arena, arena_copy(arena, word, length), NULL);
	}
	return NULL;
}

static const char *runtime_of(struct arena *arena, const char *command)
{
	struct program program;

	if (!program_inspect(arena, command, &program) || program.kind != PROGRAM_SCRIPT)
		return command;
	if (strcmp(path_last(program.interpreter), "env") == 0)
		return behind_env(arena, program.argument);
	return program.interpreter;
}

/* ~/.tool for ~/.tool/shims/node, which is a script. */
static void find_launcher(struct arena *arena, struct server *server)
{
	const char *directory = path_parent(arena, server->runtime);
	const char *parent = path_parent(arena, directory);
	struct program program;

	if (program_inspect(arena, server->runtime, &program) && program.kind == PROGRAM_SCRIPT)
		server->launcher = holds_home(arena, parent) ? directory : parent;
}

static bool has(struct arena *arena, const char *directory, const char *name)
{
	return access(path_join(arena, directory, name), F_OK) == 0;
}

static bool is_package(struct arena *arena, const char *directory)
{
	return has(arena, directory, "package.json") || has(arena, directory, "pyproject.toml") ||
	       has(arena, directory, ".git");
}

static bool others_write(const char *directory)
{
	struct stat status;

	return stat(directory, &status) != 0 || (status.st_mode & S_IWOTH);
}

/* The outermost node_modules that a path leads through: what is installed beside it is needed too.
 */
static const char *node_modules(struct arena *arena, const char *path)
{
	static const char name[] = "/node_modules/";
	const char *at = strstr(path, name);

	return at ? arena_copy(arena, path, (size_t)(at - path) + sizeof(name) - 2) : NULL;
}

static const char *package_of(struct arena *arena, const char *script)
{
	const char *modules = node_modules(arena, script);
	struct stat status;

	if (modules)
		return modules;
	const char *own = stat(script, &status) == 0 && S_ISDIR(status.st_mode)
				  ? script
				  : path_parent(arena, script);

	for (const char *at = own; !holds_home(arena, at) && !others_write(at);
		at = path_parent(arena, at)) {
		if (is_package(arena, at))
			return at;
	}
	return holds_home(arena, own) || others_write(own) ? script : own;
}

static bool takes_no_script(const char *option)
{
	static const char *const options[] = {"-m", "-c", "-e", "-p", "--eval", "--print"};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(options[i], option) == 0)
			return true;
	}
	return false;
}

/*
 * What "node --flag server.js DIRECTORY" runs: the first word that is no option, nor the value of
 * one. What comes after it is for the program, and no package.
 */
static const char *script_of(struct arena *arena, const char *command, char *const *words)
{
	struct program program;
	bool after_option = false;

	if (program_inspect(arena, command, &program) && program.kind == PROGRAM_SCRIPT)
		return path_canonical(arena, command);
	for (words += words[0] != NULL; *words; words++) {
		bool is_option = words[0][0] == '-';

		if (is_option && takes_no_script(*words))
			return NULL;
		if (!is_option && access(*words, R_OK) == 0)
			return path_canonical(arena, *words);
		if (!is_option && !after_option && strcmp(*words, "run") != 0)
			return NULL;
		after_option = is_option;
	}
	return NULL;
}

struct server server_find(struct arena *arena, const char *command, char *const *words)
{
	struct server server = {0};
	const char *script = script_of(arena, command, words);
	const char *python = python_behind(arena, command);
	const char *runtime = python ? python : runtime_of(arena, command);

	server.package = script ? package_of(arena, script) : NULL;
	server.runtime = runtime ? path_canonical(arena, runtime) : NULL;
	if (!server.runtime)
		die("%s: what runs it is not there", command);
	if (python) {
		struct python found = python_find(arena, command);

		server.prefix = found.prefix;
		server.base_prefix = found.base_prefix;
		server.launcher = found.launcher;
		return server;
	}
	find_launcher(arena, &server);
	server.prefix = server.base_prefix = prefix_of(arena, server.runtime);
	return server;
}

const char *server_state(struct arena *arena, const char *package, bool make)
{
	const char *data = getenv("XDG_DATA_HOME");
	const char *home = getenv("HOME");

	if (!data || data[0] != '/')
		data = home && home[0] == '/' ? path_join(arena, home, ".local/share") : NULL;
	if (!data)
		die("no directory for the state of %s: HOME is not set (-D STATE=DIRECTORY names "
		    "one)",
			package);
	if (make && !file_make_directories(arena, data))
		die_errno("cannot make %s", data);
	const char *names[] = {PROGRAM_NAME "-mcp", tmpdir_name(arena, package), "tmp", NULL};
	const char *tmp = tmpdir_below(arena, data, names, make);

	if (!tmp)
		die_errno(
			"no directory for the state of %s below %s (-D STATE=DIRECTORY names one)",
			package, data);
	return path_parent(arena, tmp);
}
