#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"

/* The parts of elf(5) that are looked at; the same numbers on every system that has ELF. */
enum {
	ELF_HEADER = 64,
	ELF_PROGRAM_HEADER = 56,
	ELF_PT_INTERP = 3,
	HEAD = 4096,
};

static uint64_t number_at(const unsigned char *bytes, int size)
{
	uint64_t value = 0;

	for (int i = size - 1; i >= 0; i--)
		value = value << 8 | bytes[i];
	return value;
}

/* 64-bit little-endian only: others get no interpreter here and are refused by the sandbox anyway.
 */
static void inspect_elf(
	struct arena *arena, const unsigned char *head, size_t length, struct program *program)
{
	program->kind = PROGRAM_NATIVE;
	if (length < ELF_HEADER || head[4] != 2 || head[5] != 1)
		return;
	uint64_t offset = number_at(head + 32, 8);
	uint64_t count = number_at(head + 56, 2);

	for (uint64_t i = 0; i < count; i++, offset += ELF_PROGRAM_HEADER) {
		if (offset > length || length - offset < ELF_PROGRAM_HEADER)
			return;
		if (number_at(head + offset, 4) != ELF_PT_INTERP)
			continue;
		uint64_t start = number_at(head + offset + 8, 8);
		uint64_t size = number_at(head + offset + 32, 8);

		if (start < length && size > 1 && size < length - start)
			program->interpreter =
				arena_copy(arena, (const char *)head + start, (size_t)size - 1);
		return;
	}
}

/* macOS's own format, for one processor or (fat) for several; which one has no effect here. */
static bool is_mach_o(const unsigned char *head, size_t length)
{
	static const uint64_t magics[] = {
		0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xbebafeca, 0xbfbafeca};

	for (size_t i = 0; length > 4 && i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (number_at(head, 4) == magics[i])
			return true;
	}
	return false;
}

static void inspect_script(struct arena *arena, const char *line, struct program *program)
{
	size_t length = strcspn(line, "\n");
	char *text = arena_copy(arena, line, length);

	program->kind = PROGRAM_SCRIPT;
	text += strspn(text, " \t");
	size_t end = strcspn(text, " \t");

	program->interpreter = arena_copy(arena, text, end);
	text += end;
	text += strspn(text, " \t");
	if (*text)
		program->argument = text;
}

bool program_inspect(struct arena *arena, const char *path, struct program *program)
{
	char head[HEAD + 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*program = (struct program){.kind = PROGRAM_OTHER};
	if (fd < 0)
		return false;
	ssize_t length = read(fd, head, HEAD);
	int error = errno;

	close(fd);
	errno = error;
	if (length < 0)
		return false;
	head[length] = '\0';
	if (length > 4 && memcmp(head, "\177ELF", 4) == 0)
		inspect_elf(arena, (unsigned char *)head, (size_t)length, program);
	else if (length > 2 && head[0] == '#' && head[1] == '!')
		inspect_script(arena, head + 2, program);
	else if (is_mach_o((unsigned char *)head, (size_t)length))
		program->kind = PROGRAM_NATIVE;
	return true;
}

/* Directories that stand in $PATH by their name are passed over. */
static bool is_executable(const char *path, bool in_path, bool *is_there)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	*is_there = !in_path || !S_ISDIR(status.st_mode);
	return S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

const char *program_search(struct arena *arena, const char *name, const char **found)
{
	const char *rest = getenv("PATH");
	const char *directory;
	size_t length;
	bool is_there = false;

	if (found)
		*found = NULL;
	if (strchr(name, '/')) {
		if (is_executable(name, false, &is_there))
			return name;
		if (is_there && found)
			*found = name;
		return NULL;
	}
	if (!rest)
		rest = "/usr/local/bin:/usr/bin:/bin";
	while (name[0] && text_split(&rest, ":", &directory, &length)) {
		/* An empty entry of PATH is the current directory. */
		const char *path =
			path_join(arena, length ? arena_copy(arena, directory, length) : ".", name);

		is_there = false;
		if (is_executable(path, true, &is_there))
			return path;
		if (is_there && found && !*found)
			*found = path;
	}
	return NULL;
}

void program_execute(
	struct arena *arena, const char *path, char *const *words, char *const *environment)
{
	size_t count = 0;

	execve(path, words, environment);
	if (errno != ENOEXEC)
		return;
	while (words[count])
		count++;
	char **script = ARENA_ARRAY(arena, char *, count + 3);

	script[0] = words[0];
	script[1] = arena_copy(arena, path, strlen(path));
	memcpy(script + 2, words + 1, (count - 1) * sizeof(words[0]));
	execve("/bin/sh", script, environment);
}
