/*
 * Calls that change what is written about a file, not in it.
 * Invariant: what is decided on MUST be what is changed: a descriptor, and values read once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "enforce/linux/existence.h"
#include "enforce/linux/serve.h"

enum {
	SET_ID_BITS = 06000,
	XATTR_NAME_ROOM = 256,
	XATTR_VALUE_ROOM = 65536,
	FS_IOC_SETFLAGS_SIZE = 4,
	FS_IOC_FSSETXATTR_SIZE = 28,
	FLAGS_OF_ALL = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH,
};

/* number, directory, path, the rest, whether links are followed, flags, those known */
static const struct place places[] = {
	{SYS_chmod, -1, 0, 1, true, -1, 0, false},
	{SYS_fchmod, 0, -1, 1, true, -1, 0, false},
	{SYS_fchmodat, 0, 1, 2, true, -1, 0, false},
	{NR_fchmodat2, 0, 1, 2, true, 3, FLAGS_OF_ALL, false},
	{SYS_chown, -1, 0, 1, true, -1, 0, false},
	{SYS_lchown, -1, 0, 1, false, -1, 0, false},
	{SYS_fchown, 0, -1, 1, true, -1, 0, false},
	{SYS_fchownat, 0, 1, 2, true, 4, FLAGS_OF_ALL, false},
	{SYS_utime, -1, 0, 1, true, -1, 0, false},
	{SYS_utimes, -1, 0, 1, true, -1, 0, false},
	{SYS_futimesat, 0, 1, 2, true, -1, 0, true},
	{SYS_utimensat, 0, 1, 2, true, 3, FLAGS_OF_ALL, true},
	{SYS_setxattr, -1, 0, 1, true, -1, 0, false},
	{SYS_lsetxattr, -1, 0, 1, false, -1, 0, false},
	{SYS_fsetxattr, 0, -1, 1, true, -1, 0, false},
	{SYS_removexattr, -1, 0, 1, true, -1, 0, false},
	{SYS_lremovexattr, -1, 0, 1, false, -1, 0, false},
	{SYS_fremovexattr, 0, -1, 1, true, -1, 0, false},
	{SYS_ioctl, 0, -1, 1, true, -1, 0, false},
};

/* What a system call returns, as an errno. Libraries try other ways where the kernel refuses. */
static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

/* Resolves the call's object; *rest are the arguments after those that name it. */
static int take_object(struct request *request, struct object *object, const uint64_t **rest)
{
	const struct place *place = place_find(places, request);

	*rest = request->notification->arguments + place->rest;
	return resolve_place(request, place, object);
}

static int serve_mode(struct request *request)
{
	struct object object;
	const uint64_t *rest;
	int error = take_object(request, &object, &rest);
	mode_t mode = error ? 0 : (mode_t)rest[0] & 07777;

	if (!error)
		error = object_decide(request, OP_FILE_WRITE_MODE, &object, NULL);
	if (!error && mode & SET_ID_BITS && !request->plan->may_set_id)
		error = object_decide(request, OP_FILE_WRITE_SETUGID, &object, NULL);
	if (error)
		return error;
	return outcome(object.is_descriptor ? syscall(SYS_fchmod, object.fd, mode)
					    : syscall(SYS_fchmodat, AT_FDCWD, object.link, mode));
}

static int serve_owner(struct request *request)
{
	struct object object;
	const uint64_t *rest;
	int error = take_object(request, &object, &rest);

	if (!error)
		error = object_decide(request, OP_FILE_WRITE_OWNER, &object, NULL);
	if (error)
		return error;
	uid_t user = (uid_t)rest[0];
	gid_t group = (gid_t)rest[1];

	return outcome(object.is_descriptor ? syscall(SYS_fchown, object.fd, user, group)
					    : fchownat(AT_FDCWD, object.link, user, group, 0));
}

/* As the kernel has them: the seconds and the nanoseconds of access, and of change. */
struct times {
	int64_t numbers[4];
};

/* Each call has times of its own form, all of 64-bit numbers. */
static int read_times(const struct request *request, uint64_t address, struct times *times)
{
	bool is_utime = request->notification->number == SYS_utime;
	int64_t *numbers = times->numbers;
	int error = request_read(request, address, numbers, is_utime ? 16 : sizeof(*times));

	if (error || request->notification->number == SYS_utimensat)
		return error;
	if (is_utime) {
		*times = (struct times){{numbers[0], 0, numbers[1], 0}};
		return 0;
	}
	for (int i = 1; i < 4; i += 2) {
		if (numbers[i] < 0 || numbers[i] >= 1000000)
			return EINVAL;
		numbers[i] *= 1000;
	}
	return 0;
}

static int serve_times(struct request *request)
{
	const struct place *place = place_find(places, request);
	uint64_t address = request->notification->arguments[place->rest];
	struct times times = {{0}};
	struct object object;
	int error = address ? read_times(request, address, &times) : 0;

	if (!error)
		error = resolve_place(request, place, &object);
	if (!error)
		error = object_decide(request, OP_FILE_WRITE_TIMES, &object, NULL);
	if (error)
		return error;
	return outcome(syscall(SYS_utimensat, object.is_descriptor ? object.fd : AT_FDCWD,
		object.is_descriptor ? NULL : object.link, address ? &times : NULL, 0));
}

/* Lists of access rights are attributes with names of their own. */
static enum operation xattr_operation(const char *name)
{
	static const char *const lists[] = {"system.posix_acl_", "system.nfs4_acl"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (strncmp(name, lists[i], strlen(lists[i])) == 0)
			return OP_FILE_WRITE_ACL;
	}
	return OP_FILE_WRITE_XATTR;
}

static int set_xattr(const struct request *request, const struct object *object, const char *name,
	const uint64_t *value)
{
	char bytes[XATTR_VALUE_ROOM];
	size_t size = value[1];
	int flags = (int)value[2];

	if (size > sizeof(bytes))
		return E2BIG;
	int error = size ? request_read(request, value[0], bytes, size) : 0;

	if (!error && !request_is_alive(request))
		error = EPERM;
	if (error)
		return error;
	return outcome(object->is_descriptor ? fsetxattr(object->fd, name, bytes, size, flags)
					     : setxattr(object->link, name, bytes, size, flags));
}

static int remove_xattr(const struct object *object, const char *name)
{
	return outcome(object->is_descriptor ? fremovexattr(object->fd, name)
					     : removexattr(object->link, name));
}

/* The object, and the attribute's name. */
static int take_xattr(struct request *request, struct object *object,
	char name[static XATTR_NAME_ROOM], const uint64_t **rest)
{
	int error = take_object(request, object, rest);

	if (error)
		return error;
	error = request_read_path(request, (*rest)[0], name, XATTR_NAME_ROOM);
	if (error)
		return existence_settle(request, OP_FILE_WRITE_XATTR, object,
			error == ENAMETOOLONG ? ERANGE : error);
	if (!request_is_alive(request))
		return EPERM;
	return object_decide(request, xattr_operation(name), object, name);
}

static int serve_set_xattr(struct request *request)
{
	struct object object;
	char name[XATTR_NAME_ROOM];
	const uint64_t *rest;
	int error = take_xattr(request, &object, name, &rest);

	return error ? error : set_xattr(request, &object, name, rest + 1);
}

static int serve_remove_xattr(struct request *request)
{
	struct object object;
	char name[XATTR_NAME_ROOM];
	const uint64_t *rest;
	int error = take_xattr(request, &object, name, &rest);

	return error ? error : remove_xattr(&object, name);
}

/* ioctl(fd, FS_IOC_SETFLAGS or FS_IOC_FSSETXATTR, address): of files; devices have none. */
static int serve_flags(struct request *request)
{
	struct object object;
	const uint64_t *rest;
	char bytes[32] = {0};
	int error = take_object(request, &object, &rest);

	if (error)
		return error;
	uint32_t command = (uint32_t)rest[0];

	if (command != IOCTL_SET_FLAGS && command != IOCTL_SET_ATTRIBUTES)
		return EPERM;
	if (!S_ISREG(object.status.st_mode) && !S_ISDIR(object.status.st_mode))
		return ENOTTY;
	error = object_decide(request, OP_FILE_WRITE_FLAGS, &object, NULL);
	if (!error)
		error = request_read(request, rest[1], bytes,
			command == IOCTL_SET_FLAGS ? FS_IOC_SETFLAGS_SIZE : FS_IOC_FSSETXATTR_SIZE);
	if (!error && !request_is_alive(request))
		error = EPERM;
	return error ? error : outcome(syscall(SYS_ioctl, object.fd, command, bytes));
}

const struct served_call serve_metadata_calls[] = {
	{SYS_chmod, serve_mode},
	{SYS_fchmod, serve_mode},
	{SYS_fchmodat, serve_mode},
	{NR_fchmodat2, serve_mode},
	{SYS_chown, serve_owner},
	{SYS_lchown, serve_owner},
	{SYS_fchown, serve_owner},
	{SYS_fchownat, serve_owner},
	{SYS_utime, serve_times},
	{SYS_utimes, serve_times},
	{SYS_futimesat, serve_times},
	{SYS_utimensat, serve_times},
	{SYS_setxattr, serve_set_xattr},
	{SYS_lsetxattr, serve_set_xattr},
	{SYS_fsetxattr, serve_set_xattr},
	{SYS_removexattr, serve_remove_xattr},
	{SYS_lremovexattr, serve_remove_xattr},
	{SYS_fremovexattr, serve_remove_xattr},
	{SYS_ioctl, serve_flags},
	{0, NULL},
};
