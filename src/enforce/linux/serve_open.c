/*
 * open(2) and its like: the broker opens, and gives the caller the descriptor.
 * Invariants: what is decided on MUST be the very file that is opened; nothing MUST be truncated or
 * made for a caller that no longer waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "enforce/linux/existence.h"
#include "enforce/linux/opener.h"
#include "enforce/linux/serve.h"
#include "enforce/linux/serve_own.h"

enum {
	SET_ID_BITS = 06000,
	MODE_BITS = 07777,
	PLAIN_TMPFILE = 020000000, /* __O_TMPFILE, which O_TMPFILE adds O_DIRECTORY to */
	RETRIES = 16,
};

/* What the caller asks for. */
struct opening {
	int directory;
	uint64_t path;
	struct openat2_how how;
};

static int read_how(const struct request *request, struct openat2_how *how)
{
	const uint64_t *arguments = request->notification->arguments;
	struct {
		struct openat2_how how;
		char more[4096 - sizeof(struct openat2_how)];
	} given = {.more = {0}};
	size_t size = arguments[3];

	if (size < sizeof(*how))
		return EINVAL;
	if (size > sizeof(given))
		return E2BIG;
	int error = request_read(request, arguments[2], &given, size);

	for (size_t i = 0; !error && i < sizeof(given.more); i++) {
		if (given.more[i])
			return E2BIG;
	}
	*how = given.how;
	return error;
}

/* The kernel's own word on the flags: only a descriptor that is none is in its way. */
static int check_how(const struct opening *opening, bool is_strict)
{
	const struct openat2_how *how = &opening->how;
	long result = is_strict ? syscall(NR_openat2, -1, "x", how, sizeof(*how))
				: syscall(SYS_openat, -1, "x", (int)how->flags, (int)how->mode);

	return result < 0 && errno != EBADF ? errno : 0;
}

static int read_opening(const struct request *request, struct opening *opening)
{
	const uint64_t *arguments = request->notification->arguments;
	long number = request->notification->number;
	struct openat2_how *how = &opening->how;
	int at = number == SYS_openat || number == NR_openat2;

	*opening = (struct opening){
		.directory = at ? (int)arguments[0] : AT_FDCWD, .path = arguments[at]};
	if (number == NR_openat2) {
		int error = read_how(request, how);

		/* Nobody can give such a descriptor away; openat(2) makes it without the broker. */
		if (!error && how->flags & O_PATH)
			return ENOSYS;

		return error ? error : check_how(opening, true);
	}
	if (number == SYS_creat)
		*how = (struct openat2_how){
			O_CREAT | O_WRONLY | O_TRUNC, arguments[1] & MODE_BITS, 0};
	else
		*how = (struct openat2_how){
			(uint32_t)arguments[at + 1], arguments[at + 2] & MODE_BITS, 0};
	return how->flags & (O_CREAT | PLAIN_TMPFILE) ? check_how(opening, false) : 0;
}

/* The operations that opening asks for, but for making the file. */
static int decide_access(
	const struct request *request, const struct opening *opening, const struct object *object)
{
	uint64_t access = opening->how.flags & O_ACCMODE;
	int error = 0;

	if (access != O_WRONLY)
		error = object_decide(request, OP_FILE_READ_DATA, object, NULL);
	if (!error && (access != O_RDONLY || opening->how.flags & O_TRUNC))
		error = object_decide(request, OP_FILE_WRITE_DATA, object, NULL);
	return error;
}

static int give(struct request *request, const struct opening *opening, mode_t mode, int fd)
{
	bool may_linger =
		(opening->how.flags & O_ACCMODE) == O_RDONLY && (S_ISREG(mode) || S_ISDIR(mode));

	if (request_keep(request, fd) < 0)
		return errno;
	return request_give_fd(request, fd, opening->how.flags & O_CLOEXEC, may_linger);
}

/* What is there cannot be opened like that. */
static int check_type(uint64_t flags, mode_t mode)
{
	if (flags & O_CREAT && flags & O_EXCL)
		return EEXIST;
	if (flags & O_DIRECTORY && !S_ISDIR(mode))
		return ENOTDIR;
	if (S_ISLNK(mode))
		return ELOOP;
	return flags & O_CREAT && S_ISDIR(mode) ? EISDIR : 0;
}

static int decide_existing(
	const struct request *request, const struct opening *opening, const struct object *object)
{
	int error = check_type(opening->how.flags, object->status.st_mode);

	if (error == EEXIST)
		return existence_settle(request, OP_FILE_WRITE_CREATE, object, error);
	if (error && existence_decide(request, object) == 0)
		return error;
	int refusal = decide_access(request, opening, object);

	return refusal ? refusal : error;
}

static int open_existing(
	struct request *request, const struct opening *opening, const struct object *object)
{
	const uint64_t done = O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	uint64_t flags = opening->how.flags;
	mode_t mode = object->status.st_mode;
	int error = decide_existing(request, opening, object);

	/* Who does not wait gets no descriptor. */
	if (!error && flags & O_TRUNC && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	int fd = opener_open(request, object, (int)(flags & ~done));

	return fd < 0 ? errno : give(request, opening, mode, fd);
}

static bool is_same_file(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
	       one->st_mode == other->st_mode;
}

/* What the path names, if it can have no other name and opening it neither waits nor acts. */
static bool look_by_name(const struct route *route, struct object *object)
{
	size_t length = strlen(route->path);

	if (route->resolve || !path_is_normal(route->path, length) ||
		strncmp(route->path, "/proc/", strlen("/proc/")) == 0 ||
		fstatat(AT_FDCWD, route->path, &object->status, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	memcpy(object->path, route->path, length + 1);
	return S_ISREG(object->status.st_mode) || S_ISDIR(object->status.st_mode);
}

/*
 * The short way of most openings: looked at, decided on, opened, all by the name that the path is
 * when no symlink is on it. Another file that has got the name in between is not given. False:
 * nothing has happened, and open_existing has the answer.
 */
static bool open_by_name(
	struct request *request, const struct opening *opening, const struct route *route)
{
	const uint64_t known =
		O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | OPEN_LARGE;
	struct openat2_how how = {.flags = opening->how.flags | O_CLOEXEC | OPEN_LARGE,
		.resolve = OPENAT2_NO_SYMLINKS | OPENAT2_NO_MAGICLINKS};
	struct object object;
	struct stat status;

	if (opening->how.flags & ~known || !look_by_name(route, &object) ||
		decide_access(request, opening, &object) != 0)
		return false;
	object.fd = request_keep(
		request, (int)syscall(NR_openat2, AT_FDCWD, route->path, &how, sizeof(how)));
	if (object.fd < 0 || fstat(object.fd, &status) != 0 ||
		!is_same_file(&status, &object.status) || opener_guards(&object, O_RDONLY))
		return false;
	return request_give_fd(request, object.fd, opening->how.flags & O_CLOEXEC, true) == 0;
}

/* A file that is there, but not in any directory: it has a name all the same. */
static int open_nameless(
	struct request *request, const struct opening *opening, const struct object *directory)
{
	struct object object;

	if (request_take_umask(request) != 0 || !request_is_alive(request))
		return EPERM;
	int fd =
		open(directory->link, (int)(opening->how.flags & ~(uint64_t)O_NOFOLLOW) | O_CLOEXEC,
			(mode_t)opening->how.mode);

	if (request_keep(request, fd) < 0)
		return existence_settle(request, OP_FILE_WRITE_CREATE, directory, errno);
	int error = object_open(request, fd, NULL, &object);

	if (!error)
		error = object_decide(request, OP_FILE_WRITE_CREATE, &object, NULL);
	if (!error && opening->how.mode & SET_ID_BITS)
		error = object_decide(request, OP_FILE_WRITE_SETUGID, &object, NULL);
	if (!error)
		error = decide_access(request, opening, &object);
	return error ? error : request_give_fd(request, fd, opening->how.flags & O_CLOEXEC, false);
}

static int make(struct request *request, const struct opening *opening, struct entry *entry)
{
	struct object made = {.fd = -1, .status = {.st_mode = S_IFREG}};

	if (entry_look(entry) == 0)
		return opening->how.flags & O_EXCL ? existence_settle_entry(request,
							     OP_FILE_WRITE_CREATE, entry, EEXIST)
						   : EEXIST;
	made.status.st_mode |= (mode_t)opening->how.mode & ~request->umask;
	memcpy(made.path, entry->path, sizeof(made.path));
	int error = object_decide(request, OP_FILE_WRITE_CREATE, &made, NULL);

	if (!error && opening->how.mode & SET_ID_BITS)
		error = object_decide(request, OP_FILE_WRITE_SETUGID, &made, NULL);
	if (!error)
		error = decide_access(request, opening, &made);
	if (!error && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	int fd = openat(entry->parent.fd, entry->name,
		(int)opening->how.flags | O_EXCL | O_CLOEXEC | O_NOCTTY, (mode_t)opening->how.mode);

	return fd < 0 ? errno : give(request, opening, S_IFREG, fd);
}

/* EEXIST when something has the name by now. */
static int open_new(
	struct request *request, const struct opening *opening, const struct route *route)
{
	struct entry entry;
	bool follow = !(opening->how.flags & (O_EXCL | O_NOFOLLOW));
	int error = resolve_entry(request, route, follow, &entry);

	if (!error && entry.is_special)
		error = existence_settle_entry(request, OP_FILE_WRITE_CREATE, &entry, EEXIST);
	if (!error)
		error = request_take_umask(request);
	if (error)
		return error;
	pthread_mutex_lock(&request->shared->changes);
	error = make(request, opening, &entry);
	pthread_mutex_unlock(&request->shared->changes);
	return error;
}

/* Only directories have names that end in a slash, and those are not made by opening. */
static bool is_for_directory(struct request *request, const struct route *route, int *error)
{
	size_t length = strlen(route->path);
	struct entry entry;

	if (!length || route->path[length - 1] != '/')
		return false;
	*error = resolve_entry(request, route, false, &entry);
	if (!*error && entry.is_special)
		return false;
	*error = *error ? *error : existence_error_entry(request, &entry, EISDIR);
	return true;
}

static int serve_open(struct request *request)
{
	struct opening opening;
	struct route route = {.resolve = 0};
	struct object object;
	int error = read_opening(request, &opening);
	uint64_t flags = opening.how.flags;
	bool follow = !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);

	route.resolve = opening.how.resolve;
	if (!error)
		error = resolve_route(request, opening.directory, opening.path, &route);
	if (error)
		return error;
	if (flags & O_PATH)
		return own_open(request, (unsigned)flags);
	/* Of what the kernel shall watch over, nobody could tell what an error is about. */
	if (route.resolve && request->plan->checks_existence)
		return ENOSYS;
	if (open_by_name(request, &opening, &route))
		return 0;
	if (flags & O_CREAT && is_for_directory(request, &route, &error))
		return error;
	for (int i = 0; i < RETRIES; i++) {
		unsigned count = request->fd_count;

		request->hidden = 0;
		error = resolve_object(request, &route, follow, &object);
		if (!error && flags & PLAIN_TMPFILE)
			return open_nameless(request, &opening, &object);
		if (!error)
			return open_existing(request, &opening, &object);
		if (error == EPERM && request->hidden == ENOENT)
			error = flags & O_CREAT ? ENOENT : EPERM;
		if (error != ENOENT || !(flags & O_CREAT))
			return error;
		error = open_new(request, &opening, &route);
		if (error != EEXIST || flags & O_EXCL)
			return error;
		request_drop(request, count);
	}
	return error;
}

/* truncate(path, length) */
static int serve_truncate(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct route route = {.resolve = 0};
	struct object object;
	int error = resolve_route(request, AT_FDCWD, arguments[0], &route);

	if ((int64_t)arguments[1] < 0)
		return EINVAL;
	if (!error)
		error = resolve_object(request, &route, true, &object);
	if (error)
		return error;
	if (S_ISDIR(object.status.st_mode))
		error = EISDIR;
	else if (!S_ISREG(object.status.st_mode))
		error = EINVAL;
	error = existence_settle(request, OP_FILE_WRITE_DATA, &object, error);
	if (!error)
		error = object_decide(request, OP_FILE_WRITE_DATA, &object, NULL);
	if (!error && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	return truncate(object.link, (off_t)arguments[1]) == 0 ? 0 : errno;
}

/* inotify_add_watch(fd, path, mask): it tells the names in a directory. */
static int serve_watch(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	uint32_t mask = (uint32_t)arguments[2];
	struct route route = {.resolve = 0};
	struct object object;
	int fd;
	int error = request_take_fd(request, (int)arguments[0], &fd);

	if (!error)
		error = resolve_route(request, AT_FDCWD, arguments[1], &route);
	if (!error)
		error = resolve_object(request, &route, !(mask & IN_DONT_FOLLOW), &object);
	if (!error)
		error = object_decide(request, OP_FILE_READ_DATA, &object, NULL);
	if (!error && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	request->value = inotify_add_watch(fd, object.link, mask & ~(uint32_t)IN_DONT_FOLLOW);
	return request->value < 0 ? errno : 0;
}

const struct served_call serve_open_calls[] = {
	{SYS_openat, serve_open},
	{SYS_open, serve_open},
	{SYS_creat, serve_open},
	{NR_openat2, serve_open},
	{SYS_truncate, serve_truncate},
	{SYS_inotify_add_watch, serve_watch},
	{0, NULL},
};
