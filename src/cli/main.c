#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "cli/cli.h"

enum { FIRST_MEMORY = 128 * 1024 };

/*
 * A descriptor below 3 that the caller closed must not become one of our files. The command finds
 * it closed again, as it would without sbx.
 */
static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		/* Opened the wrong way round: using it fails, as it should. */
		int flags = (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC;

		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", flags) < 0)
			_exit(EXIT_SBX_FAILED);
	}
}

void print(const struct text *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t count = write(STDOUT_FILENO, text->bytes + done, text->length - done);

		if (count < 0)
			die_errno("cannot write to standard output");
		done += (size_t)count;
	}
}

_Noreturn void print_and_exit(const struct text *text)
{
	print(text);
	_exit(0);
}

int main(int argc, char **argv)
{
	static _Alignas(16) char memory[FIRST_MEMORY];
	struct arena arena = arena_make(memory, sizeof(memory));

	fill_standard_descriptors();
	if (argc < 1)
		die("no program name");
	if (geteuid() != getuid() || getegid() != getgid())
		die("refusing to run setuid or setgid");
	const char *name = path_last(argv[0]);

	if (strcmp(name, PROGRAM_NAME "ctl") == 0)
		ctl(&arena, argv);
	if (strcmp(name, "sandbox-exec") == 0)
		sandbox_exec(&arena, argv);
	run(&arena, argv);
}
