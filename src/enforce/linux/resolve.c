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

#include "base/path.h"
#include "enforce/linux/existence.h"

enum {
	LINKS_MAX = 40,                  /* as in the kernel */
	MOUNT_WITHOUT_SYMLINKS = 0x2000, /* ST_NOSYMFOLLOW */
};

/* A walk along a path, component by component: only here symlinks are followed by hand. */
struct walk {
	struct request *request;
	int at; /* O_PATH, owned */
	unsigned links;
	unsigned depth;    /* how many directories down by name */
	char *last;        /* NULL, or where the last name goes instead of being walked to */
	bool follow;       /* a symlink at the end */
	bool has_followed; /* just now: the rest may have no further symlinks */
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
	int error = object_open(walk->request, fd, NULL, &link);

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
	walk->has_followed = true;
	return !error && target[0] == '/' ? move_to_root(walk) : error;
}

/* Takes the next name off the rest. */
static int take_name(struct walk *walk, char name[static NAME_MAX + 1])
{
	size_t length = strcspn(walk->rest, "/");

	size_t taken = length > NAME_MAX ? NAME_MAX : length;

	memcpy(name, walk->rest, taken);
	name[taken] = '\0';
	walk->rest += taken;
	return taken < length ? ENAMETOOLONG : 0;
}

/* Going up again tells that there is the directory. */
static int count_step(struct walk *walk, const char *name)
{
	struct object object;

	if (!walk->request->plan->checks_existence || strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") != 0) {
		walk->depth++;
		return 0;
	}
	if (!walk->depth)
		return 0;
	walk->depth--;
	int error = object_open(walk->request, walk->at, NULL, &object);

	return error ? error : existence_decide(walk->request, &object);
}

static int take_step(struct walk *walk, const char *name)
{
	struct stat status;
	int error = count_step(walk, name);

	if (error)
		return error;
	int fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno;
	if (fstat(fd, &status) != 0) {
		error = errno;
	} else if (S_ISLNK(status.st_mode) && (walk->follow || walk->rest[0])) {
		error = follow_link(walk, fd, name);
	} else {
		move_to(walk, fd);
		return 0;
	}
	close(fd);
	return error;
}

static bool is_link(int directory, const char *name)
{
	struct stat status;

	return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(status.st_mode);
}

/* True when only one more name is left, and the walk ends before it: it goes to walk->last. */
static bool ends_here(struct walk *walk)
{
	size_t length = strcspn(walk->rest, "/");
	const char *after = walk->rest + length + strspn(walk->rest + length, "/");

	if (!walk->last || *after || length > NAME_MAX)
		return false;
	memcpy(walk->last, walk->rest, length);
	walk->last[length] = '\0';
	if (walk->follow && is_link(walk->at, walk->last))
		return false;
	if (walk->rest[length])
		strcat(walk->last, "/");
	return true;
}

/* Takes the rest in one step when no symlink is on it. */
static bool leap(struct walk *walk)
{
	struct openat2_how how = {.flags = O_PATH | O_CLOEXEC | (walk->follow ? 0 : O_NOFOLLOW),
		.resolve = OPENAT2_NO_SYMLINKS | OPENAT2_NO_MAGICLINKS};
	bool may_leap = walk->has_followed && !walk->last && !walk->request->plan->checks_existence;

	walk->has_followed = false;
	int fd = may_leap ? (int)syscall(NR_openat2, walk->at, walk->rest, &how, sizeof(how)) : -1;

	if (fd >= 0)
		move_to(walk, fd);
	return fd >= 0;
}

static int take_steps(struct walk *walk)
{
	for (;;) {
		size_t slashes = strspn(walk->rest, "/");
		char name[NAME_MAX + 1] = "";
		struct stat status;

		walk->rest += slashes;
		if (slashes && (fstat(walk->at, &status) != 0 || !S_ISDIR(status.st_mode)))
			return existence_error(walk->request, walk->at, "", ENOTDIR);
		if (!walk->rest[0])
			return 0;
		if (ends_here(walk) || leap(walk))
			return 0;
		int error = take_name(walk, name);

		if (!error)
			error = take_step(walk, name);
		if (error)
			return existence_error(walk->request, walk->at, name, error);
	}
}

/* Where the path leads; with last, where its last name stands: "" when a link leads elsewhere. */
static int walk_path(
	struct request *request, const struct route *route, bool follow, char *last, int *fd)
{
	int start = route->path[0] == '/' ? open("/", O_PATH | O_CLOEXEC)
					  : fcntl(route->directory, F_DUPFD_CLOEXEC, 0);
	struct walk walk = {.request = request, .at = start, .last = last, .follow = follow};

	if (start < 0)
		return errno;
	walk.rest = walk.room + sizeof(walk.room) - 1;
	int error = prepend(&walk, route->path);

	if (last)
		last[0] = '\0';
	if (!error)
		error = take_steps(&walk);
	if (error)
		close(walk.at);
	else
		*fd = request_keep(request, walk.at);
	return !error && *fd < 0 ? errno : error;
}

/*
 * Without symlinks, which are asked for where they are walked through. What openat2(2) is asked to
 * watch over, the kernel does: then symlinks are its own, but magic links lead to what is the
 * broker's.
 */
static int open_route(const struct route *route, const char *path, unsigned flags)
{
	struct openat2_how how = {.flags = O_PATH | O_CLOEXEC | flags,
		.resolve = route->resolve | OPENAT2_NO_MAGICLINKS};

	if (!route->resolve)
		how.resolve |= OPENAT2_NO_SYMLINKS;
	return (int)syscall(NR_openat2, route->directory, path, &how, sizeof(how));
}

static bool has_step_up(const char *path)
{
	for (; *path; path += strspn(path, "/")) {
		size_t length = strcspn(path, "/");

		if (length == 2 && strncmp(path, "..", 2) == 0)
			return true;
		path += length;
	}
	return false;
}

/* Whether the path is walked step by step, after an error of the kernel's: 0 for none. */
static bool needs_walk(const struct request *request, const struct route *route, int error)
{
	if (route->resolve || !route->path[0])
		return false;
	if (request->plan->checks_existence)
		return error || has_step_up(route->path);
	return error == ELOOP || error == ENOSYS;
}

static int resolve_path(
	struct request *request, const struct route *route, bool follow, struct object *object)
{
	int fd = request_keep(
		request, open_route(route, route->path, follow ? 0 : (unsigned)O_NOFOLLOW));
	bool walks = needs_walk(request, route, fd < 0 ? errno : 0);

	if (fd < 0 && !walks)
		return errno;
	bool is_plain =
		!walks && !route->resolve && path_is_normal(route->path, strlen(route->path));
	int error = walks ? walk_path(request, route, follow, NULL, &fd) : 0;

	return error ? error : object_open(request, fd, is_plain ? route->path : NULL, object);
}

/* Opens what the path has before its last name. ELOOP where symlinks are on the way. */
static int open_parent(struct request *request, const struct route *route, char *last, int *fd)
{
	const char *path = route->path;
	size_t length = strlen(path), end = length;
	char parent[PATH_MAX];

	while (end && path[end - 1] == '/')
		end--;
	size_t start = end;

	while (start && path[start - 1] != '/')
		start--;
	if (end - start > NAME_MAX)
		return ENAMETOOLONG;
	memcpy(last, path + start, end - start);
	memcpy(last + (end - start), "/", 2);
	if (end == length)
		last[end - start] = '\0';
	memcpy(parent, start || path[0] == '/' ? path : ".", start ? start : 1);
	parent[start ? start : 1] = '\0';
	*fd = request_keep(request, open_route(route, parent, O_DIRECTORY));
	return *fd < 0 ? errno : 0;
}

/* The bare last name, and the path that it makes. */
static int name_entry(struct entry *entry)
{
	const char *directory = entry->parent.path;
	size_t length = strcspn(entry->name, "/");
	bool is_special = !length || strncmp(entry->name, ".", length) == 0 ||
			  (length == 2 && strncmp(entry->name, "..", 2) == 0);

	entry->is_special = is_special;
	if (!directory[0])
		return EPERM;
	int written = snprintf(entry->path, sizeof(entry->path), "%s%s%.*s",
		directory[1] ? directory : "", "/", (int)length, entry->name);

	return written < (int)sizeof(entry->path) ? 0 : ENAMETOOLONG;
}

int resolve_route(struct request *request, int directory, uint64_t address, struct route *route)
{
	int error = request_read_path(request, address, route->path, sizeof(route->path));

	route->directory = -1;
	if (!error && route->path[0] && (route->path[0] != '/' || route->resolve))
		error = request_take_directory(request, directory, &route->directory);
	if (!error && route->path[0] && !request_shares_view(request))
		error = EPERM;
	return error;
}

int resolve_object(
	struct request *request, const struct route *route, bool follow, struct object *object)
{
	return route->path[0] ? resolve_path(request, route, follow, object) : ENOENT;
}

int resolve_entry(
	struct request *request, const struct route *route, bool follow, struct entry *entry)
{
	int parent = -1;
	int error = route->path[0] ? open_parent(request, route, entry->name, &parent) : ENOENT;
	bool is_linked = !error && follow && is_link(parent, entry->name);

	if (route->resolve && is_linked)
		return ELOOP;
	if (needs_walk(request, route, error) || is_linked)
		error = walk_path(request, route, follow, entry->name, &parent);
	if (!error)
		error = object_open(request, parent, NULL, &entry->parent);
	return error ? error : name_entry(entry);
}

int entry_look(struct entry *entry)
{
	char name[NAME_MAX + 1];
	size_t length = strcspn(entry->name, "/");

	memcpy(name, entry->name, length);
	name[length] = '\0';
	return fstatat(entry->parent.fd, name, &entry->status, AT_SYMLINK_NOFOLLOW) == 0 ? 0
											 : errno;
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
		error = object_open(request, fd, NULL, object);
	object->is_descriptor = true;
	return error;
}

int resolve_descriptor(struct request *request, int number, struct object *object)
{
	int fd;
	int error = request_take_directory(request, number, &fd);

	return error ? error : object_open(request, fd, NULL, object);
}

static int take_path(struct request *request, int directory, uint64_t address, unsigned flags,
	bool follow, struct object *object)
{
	struct route route = {.resolve = 0};
	int error = resolve_route(request, directory, address, &route);

	if (!error && !route.path[0] && flags & AT_EMPTY_PATH)
		return resolve_descriptor(request, directory, object);
	return error ? error : resolve_object(request, &route, follow, object);
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
