/*
 * Invariant: what is read MUST have been written by trust_write for that directory, whole: the
 * store is the user's alone, links in it are not followed, and a copy replaces the last one at
 * once.
 */
#include "cli/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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

/* The directory of the store that stands for another one. */
static char *place_of(struct arena *arena, const char *directory)
{
	const char *store = trust_store(arena);

	if (!store)
		return NULL;
	return path_join(arena, store, directory[1] ? directory + 1 : ".");
}

static bool is_private(int fd, const char *path)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		die_errno("%s", path);
	return status.st_uid == geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
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
	const char *place = place_of(arena, directory);

	if (!place)
		return NULL;
	const char *path = path_join(arena, place, copy_name);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
			return NULL;
		die_errno("%s", path);
	}
	if (!is_private(fd, path))
		die("%s belongs to another user, or others may write it: what it says is not"
		    " trusted",
			path);
	const struct source *copy = file_read_open(arena, fd, path);

	if (!copy)
		die_errno("%s", path);
	close(fd);
	return parse(arena, copy, path);
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

void trust_write(struct arena *arena, const char *directory, const struct trusted *files)
{
	const char *place = place_of(arena, directory);
	struct text text = text_make(arena);

	if (!place)
		die("no place to keep what is trusted: neither $XDG_STATE_HOME nor $HOME is set");
	text_add(&text, heading);
	for (const struct trusted *file = files; file; file = file->next) {
		if (strchr(file->name, '\n'))
			die("a profile's name has a line break: %s", file->name);
		text_addf(&text, "%zu %s\n", file->source->length, file->name);
		text_add_bytes(&text, file->source->text, file->source->length);
		text_add(&text, "\n");
	}
	make_directories(arena, place);
	const char *path = path_join(arena, place, copy_name);
	const char *draft = text_format(arena, "%s.%ld", path, (long)getpid());
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		die_errno("cannot make %s", draft);
	write_all(fd, text.bytes, text.length, draft);
	if (fsync(fd) != 0 || close(fd) != 0 || rename(draft, path) != 0) {
		int error = errno;

		unlink(draft);
		errno = error;
		die_errno("cannot write %s", path);
	}
}

bool trust_remove(struct arena *arena, const char *directory)
{
	const char *place = place_of(arena, directory);

	if (!place)
		return false;
	const char *store = trust_store(arena), *path = path_join(arena, place, copy_name);

	if (unlink(path) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return false;
		die_errno("cannot remove %s", path);
	}
	/* Directories that stand for nothing any more; others are not empty. */
	for (char *at = path_parent(arena, path); strlen(at) > strlen(store);
		at = path_parent(arena, at)) {
		if (rmdir(at) != 0)
			break;
	}
	return true;
}
