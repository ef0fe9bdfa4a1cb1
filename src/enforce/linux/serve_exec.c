/*
 * execve(2): only the caller itself can do it, and it reads the path once more.
 * Invariants: a program MUST NOT run an instruction before it is known to be the one that was
 * decided on, or one that may be executed too; when the broker is killed meanwhile, so is the
 * caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforce/linux/existence.h"
#include "enforce/linux/serve.h"
#include "enforce/linux/traced.h"

enum {
	HEAD = 256,           /* what the kernel reads of a script's first line */
	INTERPRETERS_MAX = 5, /* of interpreters */
	CHECK_ONLY = 0x10000, /* AT_EXECVE_CHECK (Linux 6.14) */
	AUXILIARY_MAX = 64,
};

/* What was decided on: as the kernel will tell of it. */
struct expected {
	char name[PATH_MAX + 32];
	struct stat status; /* of the program, or of a script's interpreter */
};

/* The path in a #! line, NUL-terminated; false when there is none. */
static bool read_interpreter(const struct object *object, char line[static HEAD + 1])
{
	int fd = open(object->link, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = fd < 0 ? -1 : read(fd, line, HEAD);

	if (fd >= 0)
		close(fd);
	line[length > 0 ? length : 0] = '\0';
	if (strncmp(line, "#!", 2) != 0)
		return false;
	char *path = line + 2 + strspn(line + 2, " \t");
	size_t end = strcspn(path, " \t\n");

	memmove(line, path, end);
	line[end] = '\0';
	return true;
}

/* Where the kernel's own word does not reach the caller: see check. */
static int check_mode(const struct request *request, const struct object *object)
{
	if (!request->plan->checks_existence ||
		syscall(NR_faccessat2, object->fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) == 0)
		return 0;
	return errno;
}

/* Goes on from a script to its interpreter, until that is a program of its own. */
static int follow_interpreters(struct request *request, struct object *object)
{
	char line[HEAD + 1];

	for (int i = 0; i < INTERPRETERS_MAX; i++) {
		struct route route = {.directory = -1};

		if (!read_interpreter(object, line))
			return 0;
		if (!line[0])
			return ENOEXEC;
		strcpy(route.path, line);
		int error = line[0] == '/'
				    ? 0
				    : request_take_directory(request, AT_FDCWD, &route.directory);

		if (!error)
			error = resolve_object(request, &route, true, object);
		if (!error)
			error = object_decide(request, OP_PROCESS_EXEC_INTERPRETER, object, NULL);
		if (error)
			return error;
	}
	return ELOOP;
}

/* The path that the kernel has read: it stands in the new memory (getauxval(3), AT_EXECFN). */
static bool has_read(pid_t process, const char *expected)
{
	uint64_t vector[2 * AUXILIARY_MAX];
	char path[64], name[sizeof(((struct expected *)NULL)->name)];
	size_t size = strlen(expected) + 1;
	struct iovec own = {name, size}, other = {NULL, size};

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)process);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, vector, sizeof(vector));

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i + 1 < length / (ssize_t)sizeof(vector[0]); i += 2) {
		if (vector[i] == AT_EXECFN)
			other.iov_base = (void *)(uintptr_t)vector[i + 1];
	}
	return other.iov_base &&
	       process_vm_readv(process, &own, 1, &other, 1, 0) == (ssize_t)size &&
	       memcmp(name, expected, size) == 0;
}

/* What it has become: the program that was decided on, or another that may be executed. */
static bool is_rightful(
	const struct request *request, pid_t process, const struct expected *expected)
{
	struct object program;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)process);
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return false;
	bool is_right =
		has_read(process, expected->name) && object_open(request, fd, NULL, &program) == 0;
	bool is_same = is_right && program.status.st_dev == expected->status.st_dev &&
		       program.status.st_ino == expected->status.st_ino;

	if (is_right && !is_same)
		is_right = program.path[0] &&
			   object_decide(request, OP_PROCESS_EXEC_ALL, &program, NULL) == 0;
	close(fd);
	return is_right;
}

static bool tells_existence(long result)
{
	return result == -ENOENT || result == -ENOTDIR || result == -EACCES || result == -ELOOP ||
	       result == -ENAMETOOLONG || result == -EISDIR || result == -ELIBBAD;
}

static bool check(struct request *request, pid_t process, bool has_executed, const void *expected)
{
	long result;

	if (has_executed)
		return is_rightful(request, process, expected);
	/* It may have been of another path, or of a loader that the program names. */
	if (request->plan->checks_existence && traced_get_result(process, &result) &&
		tells_existence(result))
		return traced_set_result(process, -EPERM);
	return true;
}

/* As the kernel calls a program that is not found by its path alone (execveat(2)). */
static void name_program(int directory, const char *path, struct expected *expected)
{
	size_t size = sizeof(expected->name);

	if (directory == AT_FDCWD || path[0] == '/')
		snprintf(expected->name, size, "%s", path);
	else
		snprintf(expected->name, size, "/dev/fd/%d%s%s", directory, path[0] ? "/" : "",
			path);
}

/* execve(path, words, environment), execveat(directory, path, words, environment, flags) */
static int serve_exec(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	int at = request->notification->number == SYS_execveat;
	unsigned flags = at ? (unsigned)arguments[4] : 0;
	struct route route = {.resolve = 0};
	struct expected expected;
	struct object object;

	if (flags & ~(unsigned)(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | CHECK_ONLY))
		return EINVAL;
	int directory = at ? (int)arguments[0] : AT_FDCWD;
	int error = resolve_route(request, directory, arguments[at], &route);

	if (!error && !route.path[0] && flags & AT_EMPTY_PATH)
		error = resolve_descriptor(request, directory, &object);
	else if (!error)
		error = resolve_object(request, &route, !(flags & AT_SYMLINK_NOFOLLOW), &object);
	bool is_found = !error;

	if (!error && S_ISLNK(object.status.st_mode))
		error = ELOOP;
	if (!error && (!S_ISREG(object.status.st_mode) || !object.path[0]))
		error = EACCES;
	if (is_found && existence_decide(request, &object) != 0)
		error = error ? EPERM : 0;
	if (!error)
		error = object_decide(request, OP_PROCESS_EXEC_ALL, &object, NULL);
	if (!error)
		error = check_mode(request, &object);
	if (!error)
		error = follow_interpreters(request, &object);
	if (!error)
		error = check_mode(request, &object);
	if (error)
		return error;
	name_program(directory, route.path, &expected);
	expected.status = object.status;
	return traced_continue(request, check, &expected);
}

const struct served_call serve_exec_calls[] = {
	{SYS_execve, serve_exec},
	{SYS_execveat, serve_exec},
	{0, NULL},
};
