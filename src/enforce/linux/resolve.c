/*
 * Invariants: "/" MUST be the same for the caller and the broker; symlinks MUST be followed as the
 * kernel would for the caller, and never by the broker's own rights.
 */
#include "enforce/linux/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

enum {
	LINKS_MAX = 40,                  /* as in the kernel */
	MOUNT_WITHOUT_SYMLINKS = 0x2000, /* ST_NOSYMFOLLOW */
};

/* A walk along a path, component by component: only here symlinks are followed by hand. */
struct walk {
	struct request *request;
	int at; /* O_PATH, owned */
	unsigned links;
	const char *rest;
	char room[2 * PATH_MAX]; /* the rest stands at its end */
};

/* Sets what is left of the path: a link's target, and what came after the link. */
static int prepend(struct walk *walk, const char *target)
{
	size_t length = strlen(target), rest = strlen(walk->rest);
	size_t separator = rest != 0;

	if (length == 0)
		return ENOENT;
	if (length + separator + rest >= sizeof(walk->room))
		return ENAMETOOLONG;
	char *start = walk->room + sizeof(walk->room) - 1 - rest - separator - length;

	memmove(start + length + separator, walk->rest, rest + 1);
	if (separator)
		start[length] = '/';
	memcpy(start, target, length);
	walk->rest = start;
	return 0;
}

static void move_to(struct walk *walk, int fd)
{
	close(walk->at);
	walk->at = fd;
}

static int move_to_root(struct walk *walk)
{
	int root = open("/", O_PATH | O_CLOEXEC);

	if (root < 0)
		return errno;
	move_to(walk, root);
	return 0;
}

/* In a sticky directory that all may write, only links of its owner or one's own are followed. */
static bool is_trap(int directory, const struct stat *link)
{
	const mode_t open_to_all = S_ISVTX | S_IWOTH;
	struct stat status;

	return link->st_uid != geteuid() &&
	       (fstat(directory, &status) != 0 || ((status.st_mode & open_to_all) == open_to_all &&
							  status.st_uid != link->st_uid));
}

/* A process's own links in procfs lead to what it has, by no name. */
static int follow_own(struct walk *walk, const char *name)
{
	int fd = openat(walk->at, name, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno;
	move_to(walk, fd);
	return 0;
}

static int follow_link(struct walk *walk, int fd, const char *name)
{
	struct object link;
	struct statfs system;
	char target[PATH_MAX];
	int error = object_open(fd, &link);

	if (!error && walk->request->plan->checks_metadata)
		error = object_decide(walk->request, OP_FILE_READ_METADATA, &link, NULL);
	if (error)
		return error;
	if (++walk->links > LINKS_MAX || fstatfs(fd, &system) != 0 ||
		system.f_flags & MOUNT_WITHOUT_SYMLINKS)
		return ELOOP;
	if (is_trap(walk->at, &link.status))
		return EACCES;
	if (object_is_own_link(walk->request, &link))
		return follow_own(walk, name);
	error = object_target(walk->request, &link, target, sizeof(target));
	if (!error)
		error = prepend(walk, target);
	return !error && target[0] == '/' ? move_to_root(walk) : error;
}

/* Takes the next name off the rest. */
static int take_name(struct walk *walk, char name[static NAME_MAX + 1])
{
	size_t length = strcspn(walk->rest, "/");

	if (length > NAME_MAX)
		return ENAMETOOLONG;
	memcpy(name, walk->rest, length);
	name[length] = '\0';
	walk->rest += length;
	return 0;
}

static int take_step(struct walk *walk, bool follow)
{
	char name[NAME_MAX + 1];
	struct stat status;
	int error = take_name(walk, name);

	if (error)
		return error;
	int fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno;
	if (fstat(fd, &status) != 0) {
		error = errno;
	} else if (S_ISLNK(status.st_mode) && (follow || walk->rest[0])) {
		error = follow_link(walk, fd, name);
	} else {
		move_to(walk, fd);
		return 0;
	}
	close(fd);
	return error;
}

static int take_steps(struct walk *walk, bool follow)
{
	for (;;) {
		size_t slashes = strspn(walk->rest, "/");
		struct stat status;

		walk->rest += slashes;
		if (slashes && (fstat(walk->at, &status) != 0 || !S_ISDIR(status.st_mode)))
			return ENOTDIR;
		if (!walk->rest[0])
			return 0;
		int error = take_step(walk, follow);

		if (error)
			return error;
	}
}

static int walk_path(struct request *request, int directory, const char *path, bool follow, int *fd)
{
	int start = path[0] == '/' ? open("/", O_PATH | O_CLOEXEC)
				   : fcntl(directory, F_DUPFD_CLOEXEC, 0);
	struct walk walk = {.request = request, .at = start};

	if (start < 0)
		return errno;
	walk.rest = walk.room + sizeof(walk.room) - 1;
	int error = prepend(&walk, path);

	if (!error)
		error = take_steps(&walk, follow);
	if (error)
		close(walk.at);
	else
		*fd = request_keep(request, walk.at);
	return !error && *fd < 0 ? errno : error;
}

static int resolve_path(struct request *request, int directory, const char *path, bool follow,
	struct object *object)
{
	struct openat2_how how = {.resolve = OPENAT2_NO_SYMLINKS,
		.flags = O_PATH | O_CLOEXEC | (follow ? 0u : (unsigned)O_NOFOLLOW)};

	if (!request_shares_view(request))
		return EPERM;
	int fd =
		request_keep(request, (int)syscall(NR_openat2, directory, path, &how, sizeof(how)));

	if (fd < 0 && errno != ELOOP && errno != ENOSYS)
		return errno;
	int error = fd < 0 ? walk_path(request, directory, path, follow, &fd) : 0;

	return error ? error : object_open(fd, object);
}

const struct place *place_find(const struct place *places, const struct request *request)
{
	while (places->number != request->notification->number)
		places++;
	return places;
}

static int take_descriptor(struct request *request, int number, struct object *object)
{
	int fd;
	int error = request_take_fd(request, number, &fd);

	if (!error)
		error = object_open(fd, object);
	object->is_descriptor = true;
	return error;
}

/* AT_EMPTY_PATH: what the descriptor is open on, be it open for nothing at all. */
static int take_start(struct request *request, int number, struct object *object)
{
	int fd;
	int error = request_take_directory(request, number, &fd);

	return error ? error : object_open(fd, object);
}

static int take_path(struct request *request, int directory, uint64_t address, unsigned flags,
	bool follow, struct object *object)
{
	char path[PATH_MAX];
	int fd = -1;
	int error = request_read_path(request, address, path, sizeof(path));

	if (error)
		return error;
	if (!path[0])
		return flags & AT_EMPTY_PATH ? take_start(request, directory, object) : ENOENT;
	if (path[0] != '/')
		error = request_take_directory(request, directory, &fd);
	return error ? error : resolve_path(request, fd, path, follow, object);
}

int resolve_place(struct request *request, const struct place *place, struct object *object)
{
	const uint64_t *arguments = request->notification->arguments;
	int directory = place->directory < 0 ? AT_FDCWD : (int)arguments[place->directory];
	unsigned flags = place->flags < 0 ? 0 : (unsigned)arguments[place->flags];
	unsigned implied = place->may_be_empty ? AT_EMPTY_PATH : 0;
	bool follow = place->follow && !(flags & AT_SYMLINK_NOFOLLOW);
	uint64_t address = place->path < 0 ? 0 : arguments[place->path];
	int error = EINVAL;

	if (flags & ~place->known)
		return EINVAL;
	if (place->path < 0 || (!address && place->is_optional && directory != AT_FDCWD))
		error = flags ? EINVAL : take_descriptor(request, directory, object);
	else
		error = take_path(request, directory, address, flags | implied, follow, object);
	if (error)
		return error;
	return request_is_alive(request) ? 0 : EPERM;
}
