#include "base/path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

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

/* directory, and the parts of rest below it. */
static char *append_parts(struct arena *arena, const char *directory, const char *rest)
{
	struct text path = text_make(arena);
	const char *part;
	size_t length;

	text_add(&path, directory);
	while (text_split(&rest, "/", &part, &length)) {
		if (!length)
			continue;
		if (path.bytes[path.length - 1] != '/')
			text_add(&path, "/");
		text_add_bytes(&path, part, length);
	}
	return path.bytes;
}

/* A dangling symlink is not "missing": what it points to decides. */
static char *follow_dangling(struct arena *arena, const char *link)
{
	char target[PATH_MAX];
	ssize_t length = readlink(link, target, sizeof(target) - 1);

	if (length < 0)
		return NULL;
	target[length] = '\0';
	return path_join(arena, path_parent(arena, link), target);
}

char *path_canonical(struct arena *arena, const char *path)
{
	const char *whole = without_trailing_slashes(arena, path);
	char *head = arena_copy(arena, whole, strlen(whole));
	const char *rest = whole + strlen(whole); /* what is missing below head */
	char resolved[PATH_MAX];

	while (!realpath(head, resolved)) {
		if (errno != ENOENT || is_dots(path_last(head)))
			return NULL;
		const char *link = follow_dangling(arena, head);
		const char *real = link ? path_canonical(arena, link) : NULL;

		if (link)
			return real ? append_parts(arena, real, rest) : NULL;
		bool has_parent = strchr(head, '/');

		head = without_trailing_slashes(arena, path_parent(arena, head));
		rest = whole + (has_parent ? strlen(head) : 0);
	}
	return append_parts(arena, resolved, rest);
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
