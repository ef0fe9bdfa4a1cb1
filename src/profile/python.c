/*
 * Invariants: no program MUST be run here outside a sandbox, since a project may bring its own
 * "python"; a prefix MUST hold a Python library, and MUST NOT be the home directory or lie above
 * it.
 */
#include "profile/python.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/home.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "base/program.h"
#include "base/text.h"

static bool is_python(const char *path)
{
	const char *name = path ? path_last(path) : "";

	return text_starts_with(name, "python") || text_starts_with(name, "pypy");
}

static bool exists(struct arena *arena, const char *directory, const char *name)
{
	return access(path_join(arena, directory, name), F_OK) == 0;
}

/* PREFIX/lib/pythonX.Y/os.py (or lib64, or pypyX.Y) is what makes a directory a prefix. */
static bool search_library(struct arena *arena, const char *library)
{
	DIR *stream = opendir(library);
	const struct dirent *entry;
	bool found = false;

	if (!stream)
		return false;
	while (!found && (entry = readdir(stream)) != NULL) {
		if (is_python(entry->d_name))
			found = exists(arena, path_join(arena, library, entry->d_name), "os.py");
	}
	closedir(stream);
	return found;
}

static bool has_library(struct arena *arena, const char *prefix, const char *python)
{
	static const char *const places[] = {"lib", "lib64"};
	const char *name = path_last(python);

	for (size_t i = 0; i < 2; i++) {
		const char *library = path_join(arena, prefix, places[i]);

		/* /usr/bin/python3.11 has /usr/lib/python3.11 as a rule. */
		if (exists(arena, path_join(arena, library, name), "os.py") ||
			search_library(arena, library))
			return true;
	}
	return false;
}

static void check_directory(const char *directory, const char *home, const char *python)
{
	if (strcmp(directory, "/") == 0 ||
		(home && path_is_within(home, strlen(home), directory, strlen(directory))))
		die("%s: it needs %s, which holds the home directory that python-eval keeps closed",
			python, directory);
}

/*
 * A virtual environment may hold a copy of the interpreter: "home = DIRECTORY" in its pyvenv.cfg
 * says where the library is. NULL when no library is there. A project can write that line; a
 * directory with a Python library is all that it can name.
 */
static char *prefix_of_copy(struct arena *arena, const char *environment, const char *python)
{
	const struct source *file = file_read(arena, path_join(arena, environment, "pyvenv.cfg"));
	const char *rest = file ? file->text : NULL;
	const char *line;
	size_t length;

	while (text_split(&rest, "\n", &line, &length)) {
		const char *text = arena_copy(arena, line, length);

		if (!text_starts_with(text, "home"))
			continue;
		text += 4 + strspn(text + 4, " ");
		if (text[0] != '=')
			continue;
		text += 1 + strspn(text + 1, " ");
		char *home = text[0] == '/' ? path_canonical(arena, text) : NULL;
		char *prefix = home ? path_parent(arena, home) : NULL;

		return prefix && has_library(arena, prefix, python) ? prefix : NULL;
	}
	return NULL;
}

static bool find_by_files(struct arena *arena, const char *python, struct python *result)
{
	const char *directory = path_parent(arena, python);
	const char *parent = path_parent(arena, directory);

	/* The directory of pyvenv.cfg is the prefix, beside or above the interpreter. */
	if (exists(arena, parent, "pyvenv.cfg"))
		result->prefix = path_canonical(arena, parent);
	else if (exists(arena, directory, "pyvenv.cfg"))
		result->prefix = path_canonical(arena, directory);

	char *real = path_canonical(arena, python);
	struct program program;

	if (!real || !program_inspect(arena, real, &program) || program.kind != PROGRAM_NATIVE)
		return false;
	result->base_prefix = path_parent(arena, path_parent(arena, real));
	if (result->prefix && strcmp(result->prefix, result->base_prefix) == 0) {
		char *base = prefix_of_copy(arena, result->prefix, real);

		if (base)
			result->base_prefix = base;
	}
	if (!result->prefix)
		result->prefix = result->base_prefix;
	/* macOS's /usr/bin/python3 starts the one of the developer tools. */
	return has_library(arena, result->base_prefix, real);
}

/* The first version in a list like that of ~/.pyenv/version; names with a slash are no versions. */
static const char *first_version(struct arena *arena, const char *text)
{
	size_t length = text ? strcspn(text, ": \t\r\n") : 0;
	const char *version = length ? arena_copy(arena, text, length) : NULL;

	return version && !strchr(version, '/') && version[0] != '.' ? version : NULL;
}

/* $PYENV_VERSION, else .python-version here or above, else ~/.pyenv/version: as pyenv decides. */
static const char *pyenv_version(struct arena *arena, const char *root)
{
	const char *version = first_version(arena, getenv("PYENV_VERSION"));
	const char *directory = path_current(arena);

	while (!version && directory) {
		const struct source *file =
			file_read(arena, path_join(arena, directory, ".python-version"));

		if (file)
			return first_version(arena, file->text);
		if (!directory[1])
			break;
		directory = path_parent(arena, directory);
	}
	if (version)
		return version;
	const struct source *file = file_read(arena, path_join(arena, root, "version"));

	return file ? first_version(arena, file->text) : NULL;
}

/* ROOT/shims/python3 is a script of pyenv; it runs ROOT/versions/VERSION/bin/python3. */
static bool find_by_pyenv(struct arena *arena, const char *python, struct python *result)
{
	const char *shims = path_parent(arena, python);
	const char *root = path_parent(arena, shims);
	const char *version =
		strcmp(path_last(shims), "shims") == 0 ? pyenv_version(arena, root) : NULL;

	if (!version)
		return false;
	const char *prefix = text_format(arena, "%s/versions/%s", root, version);

	if (!exists(arena, prefix, "bin/python"))
		return false;
	result->launcher = path_canonical(arena, root);
	return find_by_files(arena, path_join(arena, prefix, "bin/python"), result);
}

static char *read_answer(struct arena *arena, int fd)
{
	enum { ANSWER_MAX = 2 * PATH_MAX };
	char *answer = arena_alloc(arena, ANSWER_MAX + 1);
	size_t length = 0;
	ssize_t count;

	while (length < ANSWER_MAX &&
		((count = read(fd, answer + length, ANSWER_MAX - length)) > 0 ||
			(count < 0 && errno == EINTR)))
		length += count > 0 ? (size_t)count : 0;
	return answer;
}

/* Asks a wrapper what it runs. It gets no network, can write nothing and signal nobody. */
static char *ask(struct arena *arena, const char *python)
{
	const char *no_signals =
		"(deny signal (require-all (target others) (require-not (target same-sandbox))))";
	const char *self = file_own_executable(arena);
	const char *command[] = {PROGRAM_NAME, "-q", "-p", "no-network,no-write", "-e", no_signals,
		"--", python, "-I", "-S", "-c",
		"import sys; print(sys.prefix); print(sys.base_prefix)", NULL};
	int ends[2];
	int status;

	if (!self || pipe(ends) != 0)
		die_errno("cannot ask %s for its prefix", python);
	pid_t pid = fork();

	if (pid < 0)
		die_errno("cannot ask %s for its prefix", python);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(self, (char *const *)(uintptr_t)command);
		_exit(EXIT_SBX_FAILED);
	}
	close(ends[1]);
	char *answer = read_answer(arena, ends[0]);

	close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("%s, run without network and writing, does not tell its prefix", python);
	return answer;
}

static bool is_within(const char *path, const char *root)
{
	return path_is_within(path, strlen(path), root, strlen(root));
}

/* What a wrapper may need beside itself: the rest of ~/.tool for ~/.tool/shims/python3. */
static const char *launcher_of(struct arena *arena, const char *python)
{
	const char *real = path_canonical(arena, python);
	const char *directory = path_parent(arena, real ? real : python);
	const char *parent = path_parent(arena, directory);
	const char *home = home_directory(arena);

	return strcmp(parent, "/") == 0 || (home && is_within(home, parent)) ? directory : parent;
}

/* A wrapper can say anything: of the home directory it only opens what it stands in itself. */
static void check_answer(struct arena *arena, const struct python *answer, const char *python)
{
	const char *paths[] = {answer->prefix, answer->base_prefix};
	const char *home = home_directory(arena);

	for (size_t i = 0; i < 2; i++) {
		if (!paths[i])
			die("%s tells no prefix", python);
		if (home && is_within(paths[i], home) && !is_within(paths[i], answer->launcher))
			die("%s says that it needs %s, which is not its own", python, paths[i]);
		if (!has_library(arena, paths[i], python) && !exists(arena, paths[i], "pyvenv.cfg"))
			die("%s says that it needs %s, where no Python is", python, paths[i]);
	}
	if (!has_library(arena, answer->base_prefix, python))
		die("%s: no Python library under its prefix %s", python, answer->base_prefix);
}

static void find_by_asking(struct arena *arena, const char *python, struct python *result)
{
	const char *rest = ask(arena, python);
	const char *line;
	size_t length;

	if (text_split(&rest, "\n", &line, &length))
		result->prefix = path_canonical(arena, arena_copy(arena, line, length));
	if (text_split(&rest, "\n", &line, &length))
		result->base_prefix = path_canonical(arena, arena_copy(arena, line, length));
	result->launcher = launcher_of(arena, python);
	check_answer(arena, result, python);
}

/*
 * Where the path of the interpreter does not fit into a #! line, installers write a script that sh
 * reads first: #!/bin/sh, then '''exec' "PATH" "$0" "$@".
 */
static const char *interpreter_behind_sh(struct arena *arena, const char *command)
{
	static const char start[] = "\n'''exec' ";
	const struct source *file = file_read_regular(arena, command);
	const char *line = file ? memchr(file->text, '\n', file->length) : NULL;

	if (!line || !text_starts_with(line, start))
		return NULL;
	const char *path = line + strlen(start);
	size_t length = strcspn(path, " \n");

	if (path[0] == '"')
		length = strcspn(++path, "\"\n");
	path = arena_copy(arena, path, length);
	return path[0] == '/' && is_python(path) && access(path, X_OK) == 0 ? path : NULL;
}

const char *python_behind(struct arena *arena, const char *command)
{
	struct program program;

	if (!command || is_python(command))
		return command;
	if (!program_inspect(arena, command, &program) || program.kind != PROGRAM_SCRIPT)
		return NULL;
	if (is_python(program.interpreter))
		return program.interpreter;
	if (strcmp(path_last(program.interpreter), "env") == 0 && is_python(program.argument))
		return program_search(arena, program.argument, NULL);
	return interpreter_behind_sh(arena, command);
}

struct python python_find(struct arena *arena, const char *command)
{
	struct python result = {NULL, NULL, NULL};
	const char *python = python_behind(arena, command);

	if (!python)
		python = program_search(arena, "python3", NULL);
	if (!python)
		python = program_search(arena, "python", NULL);
	if (!python)
		die("no Python found: neither the command nor anything in PATH is one");
	if (!find_by_files(arena, python, &result) && !find_by_pyenv(arena, python, &result))
		find_by_asking(arena, python, &result);
	const char *home = home_directory(arena);

	check_directory(result.base_prefix, home, python);
	check_directory(result.prefix, home, python);
	if (result.launcher)
		check_directory(result.launcher, home, python);
	return result;
}
