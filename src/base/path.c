#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool path_is_within(const char *path, size_t length, const char *root, size_t root_length)
{
	if (root_length == 1 && root[0] == '/')
		return length > 0 && path[0] == '/';
	return length >= root_length && memcmp(path, root, root_length) == 0 &&
	       (length == root_length || path[root_length] == '/');
}

int path_order(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t shorter = a_length < b_length ? a_length : b_length, i = 0;

	while (i < shorter && a[i] == b[i])
		i++;
	if (i == shorter)
		return (a_length > b_length) - (a_length < b_length);
	return (a[i] == '/' ? -1 : (unsigned char)a[i]) - (b[i] == '/' ? -1 : (unsigned char)b[i]);
}

bool path_is_normal(const char *path, size_t length)
{
	if (length == 0 || path[0] != '/')
		return false;
	for (size_t start = 1; start < length;) {
		const char *slash = memchr(path + start, '/', length - start);
		size_t end = slash ? (size_t)(slash - path) : length;

		if (end == start ||
			memcmp(path + start, "..", end - start < 2 ? end - start : 2) == 0)
			if (end - start <= 2)
				return false;
		start = end + 1;
	}
	return length == 1 || path[length - 1] != '/';
}

char *path_join(struct arena *arena, const char *directory, const char *name)
{
	if (name[0] == '/')
		return arena_copy(arena, name, strlen(name));
	size_t length = strlen(directory), name_length = strlen(name);
	size_t start = length + !(length && directory[length - 1] == '/');
	char *path = arena_alloc(arena, start + name_length + 1);

	memcpy(path, directory, length);
	path[start - 1] = '/';
	memcpy(path + start, name, name_length);
	return path;
}

char *path_parent(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_copy(arena, ".", 1);
	return arena_copy(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

const char *path_last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *without_trailing_slashes(struct arena *arena, const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return arena_copy(arena, path, length);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || name[0] == '\0';
}

char *path_canonical(struct arena *arena, const char *path)
{
	char resolved[PATH_MAX];
	char *trimmed = without_trailing_slashes(arena, path);

	if (realpath(trimmed, resolved))
		return arena_copy(arena, resolved, strlen(resolved));
	if (errno != ENOENT || is_dots(path_last(trimmed)))
		return NULL;

	/* A dangling symlink is not "missing": what it points to decides. */
	char target[PATH_MAX];
	ssize_t length = readlink(trimmed, target, sizeof(target) - 1);
	char *parent = path_parent(arena, trimmed);

	if (length >= 0) {
		target[length] = '\0';
		return path_canonical(arena, path_join(arena, parent, target));
	}
	parent = path_canonical(arena, parent);
	return parent ? path_join(arena, parent, path_last(trimmed)) : NULL;
}

char *path_current(struct arena *arena)
{
	char path[PATH_MAX];

	/* The kernel prefixes "(unreachable)" when the directory lies outside the root. */
	if (!getcwd(path, sizeof(path)))
		return NULL;
	if (path[0] != '/') {
		errno = ENOENT;
		return NULL;
	}
	return arena_copy(arena, path, strlen(path));
}
