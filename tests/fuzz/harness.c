/* Replaces base/arena.c, and through --wrap what would leave the process (see the Makefile). */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "scheme/scheme.h"

/*
 * The evaluator's budgets are for a program that runs once. With these, an endless input ends in a
 * fraction of a second, sanitizers included.
 */
enum { STEPS = 500 * 1000, MEMORY = 32 * 1024 * 1024 };

enum { BYTES_MAX = 256 * 1024 * 1024, REGEXES_MAX = 4096, FILES_MAX = 16 };

struct block {
	struct block *previous;
	size_t size;
	max_align_t object[];
};

static struct {
	jmp_buf died;
	bool running;
	struct block *blocks;
	size_t bytes;
	regex_t *regexes[REGEXES_MAX];
	size_t regex_count;
	struct {
		const char *path, *bytes;
		size_t length;
	} files[FILES_MAX];
	size_t file_count;
	int fds[1024];
	size_t fd_count;
} run;

_Noreturn void __wrap__exit(int status);
_Noreturn void __real__exit(int status);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __real_write(int fd, const void *bytes, size_t length);
int __wrap_regcomp(regex_t *regex, const char *pattern, int flags);
int __real_regcomp(regex_t *regex, const char *pattern, int flags);
const struct source *__wrap_file_read(struct arena *arena, const char *path);
void __wrap_scheme_init(struct scheme *scheme, struct arena *arena, void *host);
void __real_scheme_init(struct scheme *scheme, struct arena *arena, void *host);
int __wrap_plan_open(const char *path);

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
	run.running = false;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

void __wrap__exit(int status)
{
	if (run.running)
		longjmp(run.died, 1);
	__real__exit(status);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
	if (run.running && fd == STDERR_FILENO)
		return (ssize_t)length;
	return __real_write(fd, bytes, length);
}

struct arena arena_make(void *buffer, size_t size)
{
	(void)buffer;
	(void)size;
	return (struct arena){.used = 0};
}

void *arena_alloc(struct arena *arena, size_t size)
{
	/* One place to see what takes it all: as in the real arena, there is no NULL. */
	if (size > BYTES_MAX || run.bytes + size > BYTES_MAX)
		die("out of memory");
	struct block *block = calloc(1, sizeof(struct block) + size);

	if (!block)
		die("out of memory");
	*block = (struct block){.previous = run.blocks, .size = size};
	run.blocks = block;
	run.bytes += size;
	arena->used += size;
	return block->object;
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, bytes, length);
	return copy;
}

void __wrap_scheme_init(struct scheme *scheme, struct arena *arena, void *host)
{
	__real_scheme_init(scheme, arena, host);
	scheme->steps_left = STEPS;
	scheme->memory_limit = arena->used + MEMORY;
}

int __wrap_regcomp(regex_t *regex, const char *pattern, int flags)
{
	int error;

	if (run.regex_count == REGEXES_MAX)
		return REG_ESPACE;
	error = __real_regcomp(regex, pattern, flags);
	if (error == 0)
		run.regexes[run.regex_count++] = regex;
	return error;
}

void fuzz_add_file(const char *path, const char *bytes, size_t length)
{
	if (run.file_count == FILES_MAX)
		return;
	run.files[run.file_count].path = path;
	run.files[run.file_count].bytes = bytes;
	run.files[run.file_count++].length = length;
}

const struct source *__wrap_file_read(struct arena *arena, const char *path)
{
	for (size_t i = 0; i < run.file_count; i++) {
		if (strcmp(run.files[i].path, path) != 0)
			continue;
		struct source *source = ARENA_NEW(arena, struct source);

		*source = (struct source){arena_copy(arena, path, strlen(path)),
			arena_copy(arena, run.files[i].bytes, run.files[i].length),
			run.files[i].length};
		return source;
	}
	errno = ENOENT;
	return NULL;
}

/* What a path is follows from its bytes: missing, a directory or a device. */
int __wrap_plan_open(const char *path)
{
	static const char *const kinds[] = {NULL, "/", "/", "/dev/null"};
	unsigned sum = 0;

	for (const char *at = path; *at; at++)
		sum = sum * 31 + (unsigned char)*at;
	const char *kind = path[1] ? kinds[sum % 4] : "/";

	errno = ENOENT;
	if (!kind || run.fd_count == sizeof(run.fds) / sizeof(run.fds[0]))
		return -1;
	int fd = open(kind, O_PATH | O_CLOEXEC);

	if (fd >= 0)
		run.fds[run.fd_count++] = fd;
	return fd;
}

static void release(void)
{
	while (run.regex_count)
		regfree(run.regexes[--run.regex_count]);
	while (run.fd_count)
		close(run.fds[--run.fd_count]);
	while (run.blocks) {
		struct block *block = run.blocks;

		run.blocks = block->previous;
		free(block);
	}
	run.bytes = 0;
	run.file_count = 0;
}

int fuzz_run(fuzz_function *function, const uint8_t *bytes, size_t length)
{
	struct arena arena = {.used = 0};

	run.running = true;
	if (setjmp(run.died) == 0) {
		/* A copy with an end of its own: texts are NUL-terminated. */
		char *copy = arena_copy(&arena, (const char *)bytes, length);

		function(&arena, copy, length);
	}
	run.running = false;
	release();
	return 0;
}
