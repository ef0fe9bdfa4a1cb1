/*
 * Invariant: what is read MUST have been written by trust_write for that directory, whole: the
 * store is the user's alone, links in it are not followed, and a copy replaces the last one at
 * once.
 */
#include "cli/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/path.h"
#include "base/text.h"

static const char heading[] = "sbx trust 1\n";
static const char copy_name[] = ".sbxrc";

const char *trust_store(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && state[0] == '/')
		return path_join(arena, state, "sbx/trust");
	return home && home[0] == '/' ? path_join(arena, home, ".local/state/sbx/trust") : NULL;
}

static bool is_directory(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_private(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
	       (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int require_private(int fd, const char *store, const char *name)
{
	if (fd >= 0 && !is_private(fd))
		die("%s: %s belongs to another user, or others may write it: what is kept there is"
		    " not trusted",
			store, name);
	return fd;
}

/* Makes all directories of a path that are missing, for the user alone. */
static void make_directories(struct arena *arena, const char *path)
{
	char *part = arena_copy(arena, path, strlen(path));

	for (char *slash = part; slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			die_errno("cannot make %s", part);
		if (slash)
			*slash = '/';
	}
}

/*
 * The directory of the store that stands for another one, which may have a longer path than the
 * kernel takes at once. -1 with errno, also where nothing is to be made and it is not there.
 */
static int open_place(struct arena *arena, const char *directory, bool make)
{
	enum { FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	const char *store = trust_store(arena), *rest = directory + 1, *part;
	size_t length;

	if (!store) {
		errno = ENOENT;
		return -1;
	}
	if (make)
		make_directories(arena, store);
	int fd = require_private(open(store, FLAGS), store, "it");

	while (fd >= 0 && directory[1] && text_split(&rest, "/", &part, &length)) {
		const char *name = arena_copy(arena, part, length);

		if (make && mkdirat(fd, name, 0700) != 0 && errno != EEXIST)
			die_errno("%s: cannot make %s", store, name);
		int inner = require_private(openat(fd, name, FLAGS), store, name);
		int error = errno;

		close(fd);
		fd = inner;
		errno = error;
	}
	return fd;
}

/* How messages call a copy. */
static const char *copy_path(struct arena *arena, const char *directory)
{
	const char *store = trust_store(arena);

	return text_format(
		arena, "%s%s/%s", store ? store : "", directory[1] ? directory : "", copy_name);
}

/* LENGTH NAME\n, the bytes, \n: what write_file has written. NULL at the end. */
static struct trusted *parse_file(
	struct arena *arena, const struct source *copy, size_t *at, const char *path)
{
	const char *text = copy->text + *at;
	size_t left = copy->length - *at;
	const char *newline = memchr(text, '\n', left);
	char *name;

	if (left == 0)
		return NULL;
	errno = 0;
	unsigned long length = strtoul(text, &name, 10);
	size_t head = newline ? (size_t)(newline - text) + 1 : left;

	if (!newline || errno || name == text || *name != ' ' || left - head <= length ||
		text[head + length] != '\n')
		die("%s is damaged: sbxctl distrust removes it", path);
	struct trusted *file = ARENA_NEW(arena, struct trusted);
	struct source *source = ARENA_NEW(arena, struct source);

	file->name = arena_copy(arena, name + 1, (size_t)(newline - name - 1));
	*source = (struct source){
		.name = file->name,
		.text = arena_copy(arena, text + head, length),
		.length = length,
		.confined = true,
	};
	file->source = source;
	*at += head + length + 1;
	return file;
}

static const struct trusted *parse(struct arena *arena, const struct source *copy, const char *path)
{
	struct trusted *first = NULL, **end = &first;
	size_t at = sizeof(heading) - 1;

	if (copy->length < at || memcmp(copy->text, heading, at) != 0)
		die("%s is not of this version of sbx: trust the directory again", path);
	while ((*end = parse_file(arena, copy, &at, path)))
		end = &(*end)->next;
	if (!first || strcmp(first->name, copy_name) != 0)
		die("%s is damaged: sbxctl distrust removes it", path);
	return first;
}

const struct trusted *trust_read(struct arena *arena, const char *directory)
{
	int place = open_place(arena, directory, false);
	int fd = place < 0
			 ? -1
			 : openat(place, copy_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			die_errno("%s", copy_path(arena, directory));
		if (place >= 0)
			close(place);
		return NULL;
	}
	const char *path = copy_path(arena, directory);

	close(place);
	if (is_directory(fd)) { /* it stands for a directory that is called .sbxrc */
		close(fd);
		return NULL;
	}
	require_private(fd, path, "it");
	const struct source *copy = file_read_open(arena, fd, path);

	if (!copy)
		die_errno("%s", path);
	close(fd);
	return parse(arena, copy, path);
}

static void write_all(int fd, const char *bytes, size_t length, const char *path)
{
	while (length) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno != EINTR)
			die_errno("cannot write %s", path);
		if (count > 0) {
			bytes += count;
			length -= (size_t)count;
		}
	}
}

static void replace(
	struct arena *arena, int place, const char *path, const char *bytes, size_t length)
{
	const char *draft = text_format(arena, "%s.%ld", copy_name, (long)getpid());
	int fd = openat(place, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		die_errno("cannot write %s", path);
	write_all(fd, bytes, length, path);
	if (fsync(fd) != 0 || close(fd) != 0 || renameat(place, draft, place, copy_name) != 0) {
		int error = errno;

		unlinkat(place, draft, 0);
		errno = error;
		die_errno("cannot write %s", path);
	}
}

void trust_write(struct arena *arena, const char *directory, const struct trusted *files)
{
	struct text text = text_make(arena);

	if (!trust_store(arena))
		die("no place to keep what is trusted: neither $XDG_STATE_HOME nor $HOME is set");
	text_add(&text, heading);
	for (const struct trusted *file = files; file; file = file->next) {
		if (strchr(file->name, '\n'))
			die("a profile's name has a line break: %s", file->name);
		text_addf(&text, "%zu %s\n", file->source->length, file->name);
		text_add_bytes(&text, file->source->text, file->source->length);
		text_add(&text, "\n");
	}
	if (text.length > SOURCE_MAX)
		die("%s: it is too long, with the profiles that it names", directory);
	const char *path = copy_path(arena, directory);
	int place = open_place(arena, directory, true);

	if (place < 0)
		die_errno("cannot make %s", path);
	replace(arena, place, path, text.bytes, text.length);
	close(place);
}

/* Directories of the store that stand for nothing any more; others are not empty. */
static void remove_empty(struct arena *arena, const char *directory)
{
	while (directory[1]) {
		const char *name = path_last(directory);

		directory = path_parent(arena, directory);
		int parent = open_place(arena, directory, false);

		if (parent < 0)
			return;
		bool is_done = unlinkat(parent, name, AT_REMOVEDIR) == 0;

		close(parent);
		if (!is_done)
			return;
	}
}

bool trust_remove(struct arena *arena, const char *directory)
{
	int place = open_place(arena, directory, false);

	if (place < 0 || unlinkat(place, copy_name, 0) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			die_errno("cannot remove %s", copy_path(arena, directory));
		if (place >= 0)
			close(place);
		return false;
	}
	close(place);
	remove_empty(arena, directory);
	return true;
}
