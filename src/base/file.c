#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#ifdef __APPLE__
#include <mach-o/dyld.h>
#include <stdlib.h>
#else
#include <sys/auxv.h>
#include <sys/syscall.h>
#endif

enum { LINKS_MAX = 4 };

static char *read_all(struct arena *arena, int fd, const struct stat *status, size_t *length)
{
	bool is_regular = S_ISREG(status->st_mode); /* short reads end it */
	size_t capacity = (size_t)status->st_size + 1;
	char *bytes = arena_alloc(arena, capacity + 1);

	*length = 0;
	for (;;) {
		ssize_t count = read(fd, bytes + *length, capacity - *length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return NULL;
		if (count == 0)
			return bytes;
		*length += (size_t)count;
		if (*length > SOURCE_MAX) {
			errno = EFBIG;
			return NULL;
		}
		if (is_regular && *length < capacity)
			return bytes;
		if (*length == capacity) {
			char *larger = arena_alloc(arena, capacity * 2 + 4097);

			memcpy(larger, bytes, *length);
			bytes = larger;
			capacity = capacity * 2 + 4096;
		}
	}
}

const struct source *file_read_open(struct arena *arena, int fd, const char *path)
{
	struct source *source = ARENA_NEW(arena, struct source);
	struct stat status;

	if (fstat(fd, &status) != 0)
		return NULL;
	if (S_ISDIR(status.st_mode))
		errno = EISDIR;
	else if (status.st_size > SOURCE_MAX)
		errno = EFBIG;
	else
		source->text = read_all(arena, fd, &status, &source->length);
	if (!source->text)
		return NULL;
	source->name = arena_copy(arena, path, strlen(path));
	return source;
}

static const struct source *read_path(
	struct arena *arena, const char *path, int flags, bool only_regular)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	const struct source *source = NULL;
	struct stat status;

	if (fd < 0)
		return NULL;
	if (only_regular && fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		errno = EINVAL;
	else
		source = file_read_open(arena, fd, path);
	int error = errno;

	close(fd);
	errno = error;
	return source;
}

const struct source *file_read(struct arena *arena, const char *path)
{
	return read_path(arena, path, 0, false);
}

const struct source *file_read_regular(struct arena *arena, const char *path)
{
	return read_path(arena, path, O_NONBLOCK, true);
}

#ifdef __APPLE__
char *file_own_executable(struct arena *arena)
{
	char path[PATH_MAX];
	char link[PATH_MAX];
	uint32_t size = sizeof(link);

	if (_NSGetExecutablePath(link, &size) != 0 || !realpath(link, path))
		return NULL;
	return arena_copy(arena, path, strlen(path));
}
#else
/*
 * The file that execve(2) was given, when it is sure where that stands: its directory is none but
 * in name, and the file at most a link to a neighbour. Asking /proc takes five times as long.
 */
static char *started_file(struct arena *arena)
{
	const char *name = (const char *)getauxval(AT_EXECFN);
	char target[PATH_MAX];

	if (!name || !path_is_normal(name, strlen(name)))
		return NULL;
	const char *directory = path_parent(arena, name);

	if (readlink(directory, target, sizeof(target)) >= 0 || errno != EINVAL)
		return NULL;
	char *path = arena_copy(arena, name, strlen(name));

	for (int links = 0; links < LINKS_MAX; links++) {
		ssize_t length = readlink(path, target, sizeof(target));

		if (length < 0)
			return errno == EINVAL ? path : NULL;
		if ((size_t)length == sizeof(target) || memchr(target, '/', (size_t)length))
			return NULL;
		path = path_join(arena, directory, arena_copy(arena, target, (size_t)length));
	}
	return NULL;
}

char *file_own_executable(struct arena *arena)
{
	char path[PATH_MAX];
	char *started = started_file(arena);

	if (started)
		return started;
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

	if (length <= 0 || (size_t)length >= sizeof(path))
		return NULL;
	return arena_copy(arena, path, (size_t)length);
}
#endif

bool file_close_on_exec(int first)
{
#ifdef __APPLE__
	for (int fd = first, limit = getdtablesize(); fd < limit; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return true;
#else
	enum { CLOSE_RANGE = 436, ON_EXEC = 4 }; /* close_range(2), newer than some C libraries */

	return syscall(CLOSE_RANGE, first, ~0u, ON_EXEC) == 0;
#endif
}

bool file_is_own_executable(struct arena *arena, const char *path)
{
	const char *own = file_own_executable(arena);
	struct stat running, other;

	return own && stat(own, &running) == 0 && stat(path, &other) == 0 &&
	       running.st_dev == other.st_dev && running.st_ino == other.st_ino;
}
