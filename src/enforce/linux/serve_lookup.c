/*
 * Calls that tell what is written about a file, not in it.
 * Invariant: what is told MUST be of the descriptor that was decided on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "enforce/linux/existence.h"
#include "enforce/linux/serve.h"

enum {
	STATX_ROOM = 256,
	STATFS_ROOM = 256,
	STATFS_SIZE = 120,   /* struct statfs, on 64-bit architectures */
	SYNC_FLAGS = 0x6000, /* AT_STATX_SYNC_TYPE */
	MOUNT_FLAG = 0x800,  /* AT_NO_AUTOMOUNT */
	FLAGS_OF_ALL = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
	XATTR_NAME_ROOM = 256,
	XATTR_ROOM = 65536,
};

/* number, directory, path, the rest, whether links are followed, flags, those known */
static const struct place places[] = {
	{SYS_stat, -1, 0, 1, true, -1, 0, false},
	{SYS_lstat, -1, 0, 1, false, -1, 0, false},
	{SYS_fstat, 0, -1, 1, true, -1, 0, false},
	{SYS_newfstatat, 0, 1, 2, true, 3, FLAGS_OF_ALL | MOUNT_FLAG, false},
	{SYS_statx, 0, 1, 3, true, 2, FLAGS_OF_ALL | MOUNT_FLAG | SYNC_FLAGS, false},
	{SYS_access, -1, 0, 1, true, -1, 0, false},
	{SYS_faccessat, 0, 1, 2, true, -1, 0, false},
	{NR_faccessat2, 0, 1, 2, true, 3, FLAGS_OF_ALL | AT_EACCESS, false},
	{SYS_readlink, -1, 0, 1, false, -1, 0, false},
	{SYS_readlinkat, 0, 1, 2, false, -1, 0, false, true},
	{SYS_getxattr, -1, 0, 1, true, -1, 0, false},
	{SYS_lgetxattr, -1, 0, 1, false, -1, 0, false},
	{SYS_fgetxattr, 0, -1, 1, true, -1, 0, false},
	{SYS_listxattr, -1, 0, 1, true, -1, 0, false},
	{SYS_llistxattr, -1, 0, 1, false, -1, 0, false},
	{SYS_flistxattr, 0, -1, 1, true, -1, 0, false},
	{SYS_statfs, -1, 0, 1, true, -1, 0, false},
};

static unsigned flags_of(const struct request *request, const struct place *place)
{
	return place->flags < 0 ? 0 : (unsigned)request->notification->arguments[place->flags];
}

static int take_metadata(struct request *request, struct object *object, const uint64_t **rest)
{
	const struct place *place = place_find(places, request);
	int error = resolve_place(request, place, object);

	*rest = request->notification->arguments + place->rest;
	return error ? error : object_decide(request, OP_FILE_READ_METADATA, object, NULL);
}

static int serve_stat(struct request *request)
{
	struct object object;
	const uint64_t *rest;
	int error = take_metadata(request, &object, &rest);

	if (error)
		return error;
	return request_write(request, rest[0], &object.status, sizeof(object.status));
}

static int serve_statx(struct request *request)
{
	unsigned flags = (unsigned)request->notification->arguments[2] & SYNC_FLAGS;
	struct object object;
	char status[STATX_ROOM];
	const uint64_t *rest;
	int error = take_metadata(request, &object, &rest);

	if (error)
		return error;
	if (syscall(SYS_statx, object.fd, "", AT_EMPTY_PATH | flags, (unsigned)rest[0], status) !=
		0)
		return errno;
	return request_write(request, rest[1], status, sizeof(status));
}

static int serve_access(struct request *request)
{
	const struct place *place = place_find(places, request);
	unsigned flags = flags_of(request, place) & AT_EACCESS;
	int mode = (int)request->notification->arguments[place->rest];
	struct object object;
	int error = resolve_place(request, place, &object);

	if (!error)
		error = mode == F_OK ? existence_decide(request, &object)
				     : object_decide(request, OP_FILE_READ_METADATA, &object, NULL);
	if (error)
		return error;
	return syscall(NR_faccessat2, object.fd, "", mode, AT_EMPTY_PATH | flags) == 0 ? 0 : errno;
}

static int serve_readlink(struct request *request)
{
	struct object object;
	char target[PATH_MAX];
	const uint64_t *rest;
	int error = take_metadata(request, &object, &rest);

	if (error)
		return error;
	if ((int)rest[1] <= 0 || !S_ISLNK(object.status.st_mode))
		return EINVAL;
	error = object_target(request, &object, target, sizeof(target));
	if (error)
		return error;
	size_t length = strlen(target), room = (size_t)(int)rest[1];

	request->value = (long)(length < room ? length : room);
	return request_write(request, rest[0], target, (size_t)request->value);
}

/* statfs(path, status): what it tells of the file is that it is there. */
static int serve_statfs(struct request *request)
{
	struct object object;
	char status[STATFS_ROOM];
	int error = resolve_place(request, place_find(places, request), &object);

	if (!error)
		error = existence_decide(request, &object);
	if (error)
		return error;
	if (syscall(SYS_fstatfs, object.fd, status) != 0)
		return errno;
	return request_write(request, request->notification->arguments[1], status, STATFS_SIZE);
}

/* The result of asking for an attribute or their list; a size of 0 asks for the size. */
static int hand_over(
	struct request *request, uint64_t address, size_t room, const char *bytes, ssize_t size)
{
	if (size < 0)
		return errno == ERANGE && room > XATTR_ROOM ? E2BIG : errno;
	request->value = size;
	return room && size ? request_write(request, address, bytes, (size_t)size) : 0;
}

static int get_xattr(struct request *request, const struct object *object, const char *name,
	const uint64_t *value)
{
	char bytes[XATTR_ROOM];
	size_t room = value[1], most = room < sizeof(bytes) ? room : sizeof(bytes);
	ssize_t size = object->is_descriptor ? fgetxattr(object->fd, name, bytes, most)
					     : getxattr(object->link, name, bytes, most);

	return hand_over(request, value[0], room, bytes, size);
}

static int serve_get_xattr(struct request *request)
{
	const struct place *place = place_find(places, request);
	const uint64_t *rest = request->notification->arguments + place->rest;
	struct object object;
	char name[XATTR_NAME_ROOM];
	int error = request_read_path(request, rest[0], name, sizeof(name));

	if (error)
		return error == ENAMETOOLONG ? ERANGE : error;
	error = resolve_place(request, place, &object);
	if (!error)
		error = object_decide(request, OP_FILE_READ_XATTR, &object, name);
	return error ? error : get_xattr(request, &object, name, rest + 1);
}

static int list_xattr(struct request *request, const struct object *object, const uint64_t *list)
{
	char bytes[XATTR_ROOM];
	size_t room = list[1], most = room < sizeof(bytes) ? room : sizeof(bytes);
	ssize_t size = object->is_descriptor ? flistxattr(object->fd, bytes, most)
					     : listxattr(object->link, bytes, most);

	return hand_over(request, list[0], room, bytes, size);
}

static int serve_list_xattr(struct request *request)
{
	const struct place *place = place_find(places, request);
	struct object object;
	int error = resolve_place(request, place, &object);

	if (!error)
		error = object_decide(request, OP_FILE_READ_XATTR, &object, NULL);
	return error ? error
		     : list_xattr(request, &object, request->notification->arguments + place->rest);
}

const struct served_call serve_lookup_calls[] = {
	{SYS_stat, serve_stat},
	{SYS_lstat, serve_stat},
	{SYS_fstat, serve_stat},
	{SYS_newfstatat, serve_stat},
	{SYS_statx, serve_statx},
	{SYS_access, serve_access},
	{SYS_faccessat, serve_access},
	{NR_faccessat2, serve_access},
	{SYS_readlink, serve_readlink},
	{SYS_readlinkat, serve_readlink},
	{SYS_getxattr, serve_get_xattr},
	{SYS_lgetxattr, serve_get_xattr},
	{SYS_fgetxattr, serve_get_xattr},
	{SYS_listxattr, serve_list_xattr},
	{SYS_llistxattr, serve_list_xattr},
	{SYS_flistxattr, serve_list_xattr},
	{SYS_statfs, serve_statfs},
	{0, NULL},
};
