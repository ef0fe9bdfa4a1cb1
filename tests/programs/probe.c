/*
 * Attempts one file operation after the other: probe OPERATION PATH [PATH2] ... with a line of
 * output for each, "yes" or the error's name. The exit status is that of the last: 0, 1 refused, 99
 * failed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SETUP_FAILED = 99 };

static int opened(int fd)
{
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int list(const char *path)
{
	DIR *stream = opendir(path);

	return stream ? closedir(stream) : -1;
}

static int append(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND);

	if (fd < 0 || write(fd, "x", 1) != 1)
		return -1;
	return close(fd);
}

static int bind_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

/* A file without name, linked into the directory afterwards. */
static int link_tmpfile(const char *directory, const char *path)
{
	char name[64];
	int fd = open(directory, O_TMPFILE | O_RDWR, 0600);

	if (fd < 0)
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

static int exchange(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

static const struct {
	const char *name;
	int (*one)(const char *path);
	int flags; /* of open, when there is no function */
} single[] = {
	{"read", NULL, O_RDONLY | O_NONBLOCK},
	{"write", NULL, O_WRONLY | O_NONBLOCK},
	{"trunc", NULL, O_WRONLY | O_TRUNC},
	{"read-trunc", NULL, O_RDONLY | O_TRUNC},
	{"create", NULL, O_WRONLY | O_CREAT | O_EXCL},
	{"tmpfile", NULL, O_RDWR | O_TMPFILE},
	{"append", append, 0},
	{"list", list, 0},
	{"unlink", unlink, 0},
	{"rmdir", rmdir, 0},
	{"bind", bind_socket, 0},
};

static const struct {
	const char *name;
	int (*two)(const char *from, const char *to);
} pairs[] = {
	{"rename", rename},
	{"exchange", exchange},
	{"link", link},
	{"symlink", symlink},
	{"link-tmpfile", link_tmpfile},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* How many words it took, or 0 for no such operation; *result is -1 with errno when refused. */
static int attempt(char **words, int left, int *result)
{
	for (size_t i = 0; left >= 2 && i < COUNT(single); i++) {
		if (strcmp(words[0], single[i].name) != 0)
			continue;
		*result = single[i].one ? single[i].one(words[1])
					: opened(open(words[1], single[i].flags, 0644));
		return 2;
	}
	for (size_t i = 0; left >= 3 && i < COUNT(pairs); i++) {
		if (strcmp(words[0], pairs[i].name) != 0)
			continue;
		*result = pairs[i].two(words[1], words[2]);
		return 3;
	}
	if (left >= 2 && strcmp(words[0], "mkdir") == 0)
		*result = mkdir(words[1], 0755);
	else if (left >= 2 && strcmp(words[0], "fifo") == 0)
		*result = mkfifo(words[1], 0644);
	else if (left >= 2 && strcmp(words[0], "truncate") == 0)
		*result = truncate(words[1], 0);
	else
		return 0;
	return 2;
}

int main(int argc, char **argv)
{
	int result = 0;

	for (int i = 1; i < argc;) {
		int taken = attempt(argv + i, argc - i, &result);

		if (!taken) {
			fprintf(stderr, "probe: bad operation: %s\n", argv[i]);
			return SETUP_FAILED;
		}
		printf("%s\n", result == 0 ? "yes" : strerrorname_np(errno));
		i += taken;
	}
	return result == 0 ? 0 : 1;
}
