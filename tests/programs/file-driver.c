/*
 * file-driver ROOT COMMAND...: what calls on files do without a sandbox, and what they do in one.
 *
 * Makes a tree of files in ROOT, starts COMMAND there (file-calls in a sandbox) and reads calls.
 * Each is made here first, then in the sandbox, both times in the same tree: what it has changed is
 * undone. Names in lines are escaped as %XX; "-" is none.
 *
 *     file TYPE MODE PATH TARGET NAMED      for the tree; NAMED: a rule of the profile names it
 *     call KIND VARIANT FLAGS MODE AT1 PATH1 AT2 PATH2 OBJECT OBJECT-FLAGS FOLLOW1 FOLLOW2
 *
 * Answers a line per call: errno, digest and effect (0: none) of the call here, the same in the
 * sandbox, what the operands are, and the object:
 *
 *     STATE TYPE NAME LINKS    e exists, m missing, x neither; its canonical name; the symlinks on
 *                              the way, with commas between
 *
 * Ends with 3 and the line "end STATUS" if COMMAND has ended, with 4 if it hangs.
 */
#include <dirent.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "perform.h"

enum { FILES_MAX = 256, LINKS_MAX = 40, REPLY_TIMEOUT = 20000, FIRST_KEPT_FD = 100 };

struct file {
	char type; /* d, f, l, h, p, s */
	mode_t mode;
	bool is_named;
	char path[NAME_ROOM]; /* from the root */
	char target[NAME_ROOM];
	int fd;             /* keeps an eye on it */
	struct stat status; /* as the driver left it */
};

struct place {
	char state; /* e, m, x */
	char type;
	char name[PATH_MAX];
	char links[LINKS_MAX * 256];
	ino_t number;
};

static const char *root;
static int root_fd;
static struct file files[FILES_MAX];
static int file_count;
static char **command;
static pid_t child;
static int channel = -1;
static bool is_stale; /* the sandbox may hold a file that has been made anew */
static unsigned long restarts;

static void fail(const char *what)
{
	fprintf(stderr, "file-driver: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Escaped names. */

static void print_escaped(FILE *stream, const char *name)
{
	if (!*name)
		fputc('-', stream);
	for (; *name; name++) {
		unsigned char byte = (unsigned char)*name;

		if (byte > ' ' && byte < 127 && !strchr("%,-", byte))
			fputc(byte, stream);
		else
			fprintf(stream, "%%%02X", byte);
	}
}

static void take_word(char **rest, char *word, size_t size)
{
	char *from = strsep(rest, " \n");
	size_t length = 0;

	if (!from)
		fail("a line is too short");
	if (strcmp(from, "-") == 0)
		from = "";
	while (*from && length + 1 < size) {
		unsigned byte;

		if (*from == '%' && sscanf(from + 1, "%2x", &byte) == 1) {
			word[length++] = (char)byte;
			from += 3;
		} else {
			word[length++] = *from++;
		}
	}
	word[length] = '\0';
}

static long take_number(char **rest)
{
	char word[32];

	take_word(rest, word, sizeof(word));
	return strtol(word, NULL, 0);
}

/* The tree. */

static void make_content(const struct file *file, char *content, size_t size)
{
	snprintf(content, size, "content of %s\n", file->path);
}

static void write_content(const struct file *file)
{
	char content[2 * NAME_ROOM];
	/* Some file systems wait for the disk after O_TRUNC. */
	int fd = openat(root_fd, file->path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
	struct stat status;

	make_content(file, content, sizeof(content));
	off_t length = (off_t)strlen(content);

	if (fd < 0 || write(fd, content, (size_t)length) < 0 || fstat(fd, &status) != 0 ||
		(status.st_size > length && ftruncate(fd, length) != 0))
		fail(file->path);
	close(fd);
}

static bool has_content(const struct file *file)
{
	char content[2 * NAME_ROOM], bytes[2 * NAME_ROOM];
	int fd = openat(root_fd, file->path, O_RDONLY | O_NOFOLLOW);

	make_content(file, content, sizeof(content));
	ssize_t length = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	close(fd);
	return length == (ssize_t)strlen(content) && memcmp(bytes, content, (size_t)length) == 0;
}

static void full_name(const struct file *file, char name[static PATH_MAX])
{
	snprintf(name, PATH_MAX, "%s%s%s", root, file->path[0] ? "/" : "", file->path);
}

/* The attributes that are expected there: where they can be set without rights of root's. */
static void set_xattrs(const struct file *file)
{
	char name[PATH_MAX];

	if (!strchr("dfh", file->type))
		return;
	full_name(file, name);
	lremovexattr(name, "user.new");
	if (lsetxattr(name, "user.t", "1", 1, 0) != 0)
		fail("setxattr");
}

static mode_t file_type(char type)
{
	switch (type) {
	case 'd':
		return S_IFDIR;
	case 'l':
		return S_IFLNK;
	case 'p':
		return S_IFIFO;
	case 's':
		return S_IFSOCK;
	default:
		return S_IFREG;
	}
}

static void make_file(const struct file *file)
{
	int result = 0;

	switch (file->type) {
	case 'd':
		result = mkdirat(root_fd, file->path, 0700);
		break;
	case 'f':
		write_content(file);
		break;
	case 'l':
		result = symlinkat(file->target, root_fd, file->path);
		break;
	case 'h':
		result = linkat(root_fd, file->target, root_fd, file->path, 0);
		break;
	default:
		result = mknodat(root_fd, file->path, file_type(file->type) | 0600, 0);
		break;
	}
	if (result != 0)
		fail(file->path);
}

static int find_file(const char *path)
{
	for (int i = 0; i < file_count; i++) {
		if (strcmp(files[i].path, path) == 0)
			return i;
	}
	return -1;
}

/* The first of the files that has, or had, this inode. */
static int find_number(ino_t number)
{
	for (int i = 0; i < file_count; i++) {
		if (files[i].status.st_ino == number)
			return i;
	}
	return -1;
}

static bool look_at(const struct file *file, struct stat *status)
{
	return fstatat(root_fd, file->path, status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mode == b->st_mode && a->st_nlink == b->st_nlink &&
	       a->st_uid == b->st_uid && a->st_gid == b->st_gid && a->st_size == b->st_size &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* A change of names is one of their directory's. */
static bool is_untouched(const struct file *file)
{
	struct stat status;

	return fstat(file->fd, &status) == 0 && is_same(&status, &file->status);
}

static bool is_pristine(void)
{
	for (int i = 0; i < file_count; i++) {
		if (!is_untouched(&files[i]))
			return false;
	}
	return true;
}

static void take_status(struct file *file)
{
	int fd = openat(root_fd, file->path[0] ? file->path : ".", O_PATH | O_NOFOLLOW);

	if (file->fd)
		close(file->fd);
	file->fd = fcntl(fd, F_DUPFD, FIRST_KEPT_FD);
	close(fd);
	if (fstat(file->fd, &file->status) != 0)
		fail(file->path);
}

static void remove_tree(const char *path)
{
	struct dirent *entry;

	if (unlinkat(root_fd, path, 0) == 0 || errno == ENOENT)
		return;
	fchmodat(root_fd, path, 0700, 0);
	int fd = openat(root_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (!directory)
		fail(path);
	while ((entry = readdir(directory)) != NULL) {
		char below[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		remove_tree(below);
	}
	closedir(directory);
	if (unlinkat(root_fd, path, AT_REMOVEDIR) != 0)
		fail(path);
}

/* Calls what for each name in the directory that the tree doesn't have; sums what it returns. */
static uint64_t each_extra(const struct file *directory, uint64_t what(const char *path))
{
	int fd = openat(root_fd, directory->path[0] ? directory->path : ".",
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t sum = 0;

	if (!stream)
		return 0;
	while ((entry = readdir(stream)) != NULL) {
		char path[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(path, sizeof(path), "%s%s%s", directory->path,
			directory->path[0] ? "/" : "", entry->d_name);
		if (find_file(path) < 0)
			sum += what(path);
	}
	closedir(stream);
	return sum;
}

static uint64_t remove_extra(const char *path)
{
	remove_tree(path);
	return 1;
}

/* Undone changes leave what rules hold: inodes that a profile names must stay. */
static void restore(struct file *file)
{
	struct stat status;
	bool is_there = look_at(file, &status);

	if (is_there && is_same(&status, &file->status))
		return;
	const struct file *source = file->type == 'h' ? &files[find_file(file->target)] : file;
	bool is_anew = file->path[0] && (!is_there || status.st_ino != source->status.st_ino);

	if (is_anew) {
		if (is_there)
			remove_tree(file->path);
		make_file(file);
		is_stale |= file->is_named || file->type == 'd';
		look_at(file, &status);
		file->status.st_ino = status.st_ino;
	}
	utimensat(root_fd, file->path, NULL, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	if (status.st_uid != geteuid() || status.st_gid != getegid())
		fchownat(root_fd, file->path, geteuid(), getegid(),
			AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	if (file->type == 'l')
		return;
	char name[PATH_MAX];

	full_name(file, name);
	if (strchr("fh", file->type)) {
		chmod(name, 0600);
		if (!has_content(source))
			write_content(source);
	}
	chmod(name, 0700);
	set_xattrs(file);
	if (chmod(name, file->mode) != 0)
		fail(name);
}

static void restore_all(void)
{
	struct stat status;

	for (int i = 0; i < file_count; i++) {
		struct file *file = &files[i];

		if (file->type == 'd' && !is_untouched(file) && look_at(file, &status) &&
			S_ISDIR(status.st_mode)) {
			if ((status.st_mode & 0700) != 0700)
				fchmodat(root_fd, file->path[0] ? file->path : ".", 0700, 0);
			each_extra(file, remove_extra);
		}
	}
	for (int i = 0; i < file_count; i++)
		restore(&files[i]);
	for (int i = 0; i < file_count; i++) {
		if (!is_untouched(&files[i]))
			take_status(&files[i]);
	}
}

static uint64_t hash_change(const char *path, const struct stat *status)
{
	char name[PATH_MAX], bytes[1024];
	uint64_t hash = hash_bytes(1, path, strlen(path));
	ssize_t length;

	hash = hash_number(hash, status->st_mode);
	hash = hash_number(hash, status->st_uid);
	hash = hash_number(hash, status->st_gid);
	hash = hash_number(hash, (uint64_t)find_number(status->st_ino));
	if (status->st_mtim.tv_sec < 200000000)
		hash = hash_number(hash, (uint64_t)status->st_mtim.tv_sec);
	if (status->st_atim.tv_sec < 200000000)
		hash = hash_number(hash, (uint64_t)status->st_atim.tv_sec);
	snprintf(name, sizeof(name), "%s/%s", root, path);
	if (S_ISLNK(status->st_mode)) {
		length = readlink(name, bytes, sizeof(bytes));
		return hash_bytes(hash, bytes, length > 0 ? (size_t)length : 0);
	}
	length = llistxattr(name, bytes, sizeof(bytes));
	hash = hash_bytes(hash, bytes, length > 0 ? (size_t)length : 0);
	length = lgetxattr(name, "user.t", bytes, sizeof(bytes));
	hash = hash_bytes(hash, bytes, length > 0 ? (size_t)length : 0);
	if (S_ISDIR(status->st_mode))
		return hash;
	hash = hash_number(hash, status->st_nlink);
	hash = hash_number(hash, (uint64_t)status->st_size);
	if (!S_ISREG(status->st_mode))
		return hash;
	int fd = openat(root_fd, path, O_RDONLY | O_NOFOLLOW);

	length = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));
	close(fd);
	return hash_bytes(hash, bytes, length > 0 ? (size_t)length : 0);
}

static uint64_t hash_extra(const char *path)
{
	struct stat status;

	if (fstatat(root_fd, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return 1;
	return hash_change(path, &status);
}

/* How the tree differs from what it should be: 0, not at all. */
static uint64_t examine(void)
{
	uint64_t sum = 0;

	if (is_pristine())
		return 0;
	for (int i = 0; i < file_count; i++) {
		const struct file *file = &files[i];
		struct stat status;

		if (!look_at(file, &status)) {
			sum += hash_number(2, (uint64_t)i);
			continue;
		}
		if (is_same(&status, &file->status))
			continue;
		sum += hash_change(file->path, &status);
		if (S_ISDIR(status.st_mode) && file->type == 'd')
			sum += each_extra(file, hash_extra);
	}
	return sum;
}

/* Where a path leads: as the kernel walks it, step by step, and compared with where that ends. */

static bool name_of(int fd, char name[static PATH_MAX])
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, name, PATH_MAX - 1);

	if (length < 0)
		return false;
	name[length] = '\0';
	return true;
}

static char type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return 'd';
	case S_IFREG:
		return 'f';
	case S_IFLNK:
		return 'l';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return 'o';
	}
}

struct walk {
	int at;
	int links;
	char rest[3 * PATH_MAX];
	struct place *place;
};

static void note_link(struct walk *walk, const char *name)
{
	FILE *stream =
		fmemopen(walk->place->links, sizeof(walk->place->links), walk->links ? "a" : "w");

	if (walk->links)
		fputc(',', stream);
	print_escaped(stream, name);
	fclose(stream);
}

/* False at an error. */
static bool follow(struct walk *walk, int fd, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX], rest[3 * PATH_MAX];
	ssize_t length = readlinkat(fd, "", target, sizeof(target) - 1);

	if (length <= 0 || walk->links >= LINKS_MAX || !name_of(fd, path))
		return false;
	note_link(walk, path);
	walk->links++;
	target[length] = '\0';
	if (strncmp(path, "/proc/", 6) == 0 && strcmp(path, "/proc/self") != 0) {
		int next = openat(walk->at, name, O_PATH);

		close(walk->at);
		walk->at = next;
		return next >= 0;
	}
	if (snprintf(rest, sizeof(rest), "%s%s%s", target, walk->rest[0] ? "/" : "", walk->rest) >=
		(int)sizeof(rest))
		return false;
	strcpy(walk->rest, rest);
	if (target[0] == '/') {
		close(walk->at);
		walk->at = open("/", O_PATH);
	}
	return true;
}

/* The last name is not there: where it would be. */
static bool end_missing(struct walk *walk, const char *name)
{
	char directory[PATH_MAX];

	if (errno != ENOENT || walk->rest[strspn(walk->rest, "/")] || !name_of(walk->at, directory))
		return false;
	if (snprintf(walk->place->name, PATH_MAX, "%s%s%s", directory, directory[1] ? "/" : "",
		    name) >= PATH_MAX)
		return false;
	walk->place->state = 'm';
	walk->place->type = '-';
	return false;
}

/* Takes one name off the path; false at the end or at an error. */
static bool step(struct walk *walk, bool follows)
{
	char name[PATH_MAX];
	struct stat status;
	size_t length = strcspn(walk->rest, "/");
	bool has_slash = walk->rest[length] == '/';

	memcpy(name, walk->rest, length);
	name[length] = '\0';
	length += strspn(walk->rest + length, "/");
	memmove(walk->rest, walk->rest + length, strlen(walk->rest + length) + 1);
	if (!name[0])
		return walk->rest[0];
	int fd = openat(walk->at, name, O_PATH | O_NOFOLLOW);

	if (fd < 0)
		return end_missing(walk, name);
	if (fstat(fd, &status) != 0)
		fail(name);
	if (S_ISLNK(status.st_mode) && (follows || has_slash)) {
		if (has_slash && !walk->rest[0])
			strcpy(walk->rest, "/"); /* it must lead to a directory */
		bool goes_on = follow(walk, fd, name);

		close(fd);
		if (goes_on && !walk->rest[0])
			walk->place->state = 'e';
		return goes_on && walk->rest[0];
	}
	close(walk->at);
	walk->at = fd;
	if (has_slash && !S_ISDIR(status.st_mode))
		return false;
	if (!walk->rest[0])
		walk->place->state = 'e';
	return walk->rest[0];
}

static void check_place(int at, const char *path, bool follows, const struct place *place)
{
	struct stat status;
	int fd = openat(at, path, O_PATH | (follows ? 0 : O_NOFOLLOW));
	bool is_there = fd >= 0 && fstat(fd, &status) == 0;

	if (is_there != (place->state == 'e') || (is_there && status.st_ino != place->number) ||
		(!is_there && place->state == 'm' && errno != ENOENT)) {
		fprintf(stderr, "file-driver: %s was found in another way: %c %s\n", path,
			place->state, place->name);
		exit(1);
	}
	close(fd);
}

static void find_place(int at, const char *path, bool follows, struct place *place)
{
	struct walk walk = {
		.place = place, .at = path[0] == '/' ? open("/", O_PATH) : openat(at, ".", O_PATH)};
	struct stat status;

	*place = (struct place){.state = 'x', .type = '-'};
	if (!path[0] || walk.at < 0 || strlen(path) >= sizeof(walk.rest)) {
		close(walk.at);
		return;
	}
	strcpy(walk.rest, path + strspn(path, "/"));
	if (!walk.rest[0])
		place->state = 'e';
	while (step(&walk, follows))
		;
	if (place->state == 'e') {
		if (!name_of(walk.at, place->name) || fstat(walk.at, &status) != 0)
			fail(path);
		place->type = type_of(status.st_mode);
		place->number = status.st_ino;
	}
	close(walk.at);
	check_place(at, path, follows, place);
}

static void print_place(const struct place *place)
{
	printf(" %c %c ", place->state, place->type);
	print_escaped(stdout, place->name);
	printf(" %s", place->links[0] ? place->links : "-");
}

/* The sandbox. */

static void start(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		fail("socketpair");
	fflush(stdout);
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		dup2(ends[1], 0);
		dup2(ends[1], 1);
		execvp(command[0], command);
		_exit(127);
	}
	close(ends[1]);
	channel = ends[0];
}

static void stop(void)
{
	if (channel < 0)
		return;
	close(channel);
	channel = -1;
	waitpid(child, NULL, 0);
}

static void end_early(void)
{
	int status = 0;

	close(channel);
	waitpid(child, &status, 0);
	printf("end %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	exit(3);
}

static struct outcome ask(const struct call *call, const int *fds)
{
	struct {
		struct call call;
		int count, places[1 + OPERANDS];
	} order = {.call = *call};
	struct outcome outcome;
	struct iovec data = {&order, sizeof(order)};
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int) * (1 + OPERANDS))] = {0};
	int sent[1 + OPERANDS];

	for (int i = 0; i < 1 + OPERANDS; i++) {
		if (fds[i] < 0)
			continue;
		order.places[order.count] = OBJECT_FD + i;
		sent[order.count++] = fds[i];
	}
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	if (order.count) {
		size_t size = sizeof(int) * (size_t)order.count;

		message.msg_control = room;
		message.msg_controllen = CMSG_SPACE(size);
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(size)};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), sent, size);
	}
	if (sendmsg(channel, &message, MSG_NOSIGNAL) < 0)
		end_early();
	struct pollfd wait = {.fd = channel, .events = POLLIN};

	if (poll(&wait, 1, REPLY_TIMEOUT) != 1) {
		kill(child, SIGKILL);
		exit(4);
	}
	if (read(channel, &outcome, sizeof(outcome)) != (ssize_t)sizeof(outcome))
		end_early();
	return outcome;
}

static void ensure_started(void)
{
	static const struct call nothing;
	static const int none[1 + OPERANDS] = {-1, -1, -1};

	if (is_stale && channel >= 0) {
		stop();
		restarts++;
	}
	is_stale = false;
	if (channel < 0) {
		start();
		ask(&nothing, none);
	}
}

/* Calls. */

static bool may_change(const struct call *call)
{
	switch (call->kind) {
	case KIND_OPEN:
		return call->flags & (O_ACCMODE | O_CREAT | O_TRUNC) || call->variant == 4;
	case KIND_STAT:
	case KIND_ACCESS:
	case KIND_READLINK:
	case KIND_GET_XATTR:
	case KIND_CHDIR:
		return false;
	default:
		return true;
	}
}

/* Moves back, so that what has moved stays the same. */
static void undo(const struct call *call, const struct place *places)
{
	if (call->kind == KIND_RENAME && places[0].number != places[1].number)
		renameat2(AT_FDCWD, places[1].name, AT_FDCWD, places[0].name,
			call->variant == 2 ? call->flags & RENAME_EXCHANGE : 0);
	restore_all();
}

static int open_object(const char *path, int flags)
{
	if (!path[0])
		return -1;
	int fd = open(path, flags | O_NONBLOCK | O_NOFOLLOW);

	return fd >= 0 ? fd : open(path, O_PATH | O_NOFOLLOW);
}

static void put_fds(int *fds, bool puts)
{
	for (int i = 0; i < 1 + OPERANDS; i++) {
		if (fds[i] >= 0 && puts)
			dup2(fds[i], OBJECT_FD + i);
		else if (fds[i] >= 0)
			close(OBJECT_FD + i);
	}
}

static void print_outcome(const struct outcome *outcome, uint64_t effect)
{
	printf("%d %llx %llx ", outcome->error, (unsigned long long)outcome->digest,
		(unsigned long long)effect);
}

static void make_call(struct call *call, int *fds, const char *follows)
{
	struct place places[1 + OPERANDS];

	put_fds(fds, true);
	for (int i = 0; i < OPERANDS; i++) {
		const struct operand *operand = &call->operands[i];

		if (follows[i] == 'n')
			places[i] = (struct place){.state = 'x', .type = '-'};
		else
			find_place(operand->at[0] ? DIRECTORY_FD + i : AT_FDCWD, operand->path,
				follows[i] == '1', &places[i]);
	}
	if (fds[0] >= 0)
		find_place(AT_FDCWD, "/proc/self/fd/50", true, &places[2]);
	else
		places[2] = (struct place){.state = 'x', .type = '-'};
	/* Nobody is at the other end. */
	if (call->kind == KIND_OPEN && places[0].type == 'p') {
		call->flags = (call->flags | O_NONBLOCK) & ~(unsigned)O_TRUNC;
		call->variant = call->variant == 4 ? 0 : call->variant; /* creat(2) has no flags */
	}
	ensure_started();
	struct outcome here = perform(call);
	bool changes = may_change(call);
	uint64_t effect = 0;

	if (changes && here.error == 0) {
		effect = examine();
		undo(call, places);
	}
	put_fds(fds, false);
	ensure_started();
	struct outcome inside = ask(call, fds);
	uint64_t effect_inside = examine();

	if (effect_inside) {
		if (inside.error == 0)
			undo(call, places);
		else
			restore_all();
	}
	print_outcome(&here, effect);
	print_outcome(&inside, effect_inside);
	for (int i = 0; i < 1 + OPERANDS; i++)
		print_place(&places[i]);
	putchar('\n');
}

static void take_call(char *rest)
{
	struct call call = {0};
	char object[NAME_ROOM], follows[OPERANDS + 1];
	int fds[1 + OPERANDS] = {-1, -1, -1};

	call.kind = (enum kind)take_number(&rest);
	call.variant = (int)take_number(&rest);
	call.flags = (unsigned)take_number(&rest);
	call.mode = (unsigned)take_number(&rest);
	for (int i = 0; i < OPERANDS; i++) {
		take_word(&rest, call.operands[i].at, NAME_ROOM);
		take_word(&rest, call.operands[i].path, NAME_ROOM);
		if (call.operands[i].at[0])
			fds[1 + i] = open(call.operands[i].at, O_PATH);
	}
	take_word(&rest, object, sizeof(object));
	fds[0] = open_object(object, (int)take_number(&rest));
	for (int i = 0; i < OPERANDS; i++)
		take_word(&rest, follows + i, 2);
	make_call(&call, fds, follows);
	for (int i = 0; i < 1 + OPERANDS; i++)
		close(fds[i]);
}

static void take_file(char *rest)
{
	struct file *file = &files[file_count++];
	char type[2];

	if (file_count > FILES_MAX)
		fail("too many files");
	take_word(&rest, type, sizeof(type));
	file->type = type[0];
	file->mode = (mode_t)take_number(&rest);
	take_word(&rest, file->path, NAME_ROOM);
	take_word(&rest, file->target, NAME_ROOM);
	file->is_named = take_number(&rest);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;

	if (argc < 3)
		return 1;
	root = argv[1];
	command = argv + 2;
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	if (chdir(root) != 0 || (root_fd = open(".", O_PATH)) < 0)
		fail(root);
	while (getline(&line, &size, stdin) > 0) {
		char *rest = line;
		const char *word = strsep(&rest, " ");

		if (strcmp(word, "file") == 0) {
			take_file(rest);
		} else if (strcmp(word, "make\n") == 0) {
			restore_all();
			is_stale = false;
		} else {
			take_call(rest);
		}
	}
	stop();
	printf("restarts %lu\n", restarts);
	return 0;
}
