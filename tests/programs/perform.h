/* The calls themselves, by their numbers: what a C library makes of them is not tested. */
#ifndef PERFORM_H
#define PERFORM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file-calls.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* Newer architectures have only the calls that take a directory. */
#ifdef SYS_open
#define OLD_OR_NEW(old, new) old
#else
#define OLD_OR_NEW(old, new) new
#endif

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * 1099511628211u;
	return hash;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
	return hash_bytes(hash, &number, sizeof(number));
}

static int at_of(const struct call *call, int operand)
{
	return call->operands[operand].at[0] ? DIRECTORY_FD + operand : AT_FDCWD;
}

static long open_one(const struct call *call)
{
	const char *path = call->operands[0].path;
	int at = at_of(call, 0);
	struct {
		uint64_t flags, mode, resolve;
	} how = {call->flags, call->mode, call->variant == 3 ? 0x04 : 0};

	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_open, path, call->flags, call->mode),
			syscall(SYS_openat, AT_FDCWD, path, call->flags, call->mode));
	case 1:
		return syscall(SYS_openat, at, path, call->flags, call->mode);
	case 4:
		return OLD_OR_NEW(syscall(SYS_creat, path, call->mode),
			syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC,
				call->mode));
	default:
		return syscall(SYS_openat2, at, path, &how, sizeof(how));
	}
}

/* The names in it, in any order. */
static uint64_t hash_directory(int fd)
{
	struct entry {
		uint64_t number;
		int64_t offset;
		unsigned short length;
		unsigned char type;
		char name[];
	};
	_Alignas(8) char bytes[4096];
	uint64_t sum = 0;
	long length;

	while ((length = syscall(SYS_getdents64, fd, bytes, sizeof(bytes))) > 0) {
		for (long at = 0; at < length;) {
			const struct entry *entry = (const void *)(bytes + at);

			sum += hash_bytes(1, entry->name, strlen(entry->name));
			at += entry->length;
		}
	}
	return hash_number(sum, length < 0 ? (uint64_t)errno : 0);
}

/* What the descriptor is, and that it does what it was opened for. */
static long try_open(const struct call *call, uint64_t *digest)
{
	int lowest = dup(0);
	char bytes[64];

	close(lowest);
	long fd = open_one(call);

	if (fd < 0)
		return fd;
	*digest = hash_number(*digest, fd == lowest);
	/* How the name was looked up is no matter of the file's. */
	*digest = hash_number(*digest, (uint64_t)(fcntl((int)fd, F_GETFL) & ~O_NOFOLLOW));
	*digest = hash_number(*digest, (uint64_t)fcntl((int)fd, F_GETFD));
	*digest = hash_number(*digest, (uint64_t)lseek((int)fd, 0, SEEK_CUR));
	*digest = hash_number(*digest, hash_directory((int)fd));
	ssize_t length = pread((int)fd, bytes, sizeof(bytes), 0);

	*digest = length < 0 ? hash_number(*digest, (uint64_t)errno)
			     : hash_bytes(*digest, bytes, (size_t)length);
	length = pwrite((int)fd, "X", 1, 0);
	*digest = hash_number(*digest, length < 0 ? (uint64_t)errno : 0);
	close((int)fd);
	return 0;
}

static uint64_t hash_status(uint64_t digest, const struct stat *status)
{
	digest = hash_number(digest, status->st_ino);
	digest = hash_number(digest, status->st_mode);
	digest = hash_number(digest, status->st_nlink);
	digest = hash_number(digest, status->st_uid);
	digest = hash_number(digest, status->st_gid);
	digest = hash_number(digest, (uint64_t)status->st_size);
	return hash_number(digest, (uint64_t)status->st_mtim.tv_nsec);
}

static long try_statx(const struct call *call, uint64_t *digest)
{
	const unsigned flags[] = {[4] = 0, [5] = AT_SYMLINK_NOFOLLOW};
	struct statx status;
	long result = syscall(SYS_statx, at_of(call, 0), call->operands[0].path,
		flags[call->variant], STATX_BASIC_STATS, &status);

	if (result == 0) {
		*digest = hash_number(*digest, status.stx_ino);
		*digest = hash_number(*digest, status.stx_mode);
		*digest = hash_number(*digest, status.stx_size);
	}
	return result;
}

static long try_stat(const struct call *call, uint64_t *digest)
{
	const char *path = call->operands[0].path;
	struct stat status;
	int at = at_of(call, 0);
	long result;

	switch (call->variant) {
	case 0:
		result = OLD_OR_NEW(
			syscall(SYS_stat, path, &status), fstatat(AT_FDCWD, path, &status, 0));
		break;
	case 1:
		result = OLD_OR_NEW(syscall(SYS_lstat, path, &status),
			fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW));
		break;
	case 2:
		result = syscall(SYS_newfstatat, at, path, &status, 0);
		break;
	case 3:
		result = syscall(SYS_newfstatat, at, path, &status, AT_SYMLINK_NOFOLLOW);
		break;
	case 6:
		result = syscall(SYS_fstat, OBJECT_FD, &status);
		break;
	case 7:
		result = syscall(SYS_newfstatat, OBJECT_FD, "", &status, AT_EMPTY_PATH);
		break;
	default:
		return try_statx(call, digest);
	}
	if (result == 0)
		*digest = hash_status(*digest, &status);
	return result;
}

static long try_access(const struct call *call)
{
	const char *path = call->operands[0].path;

	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_access, path, call->mode),
			syscall(SYS_faccessat, AT_FDCWD, path, call->mode));
	case 1:
		return syscall(SYS_faccessat, at_of(call, 0), path, call->mode);
	default:
		return syscall(SYS_faccessat2, at_of(call, 0), path, call->mode, call->flags);
	}
}

static long try_readlink(const struct call *call, uint64_t *digest)
{
	const char *path = call->operands[0].path;
	char target[512];
	long length =
		call->variant == 0
			? OLD_OR_NEW(syscall(SYS_readlink, path, target, sizeof(target)),
				  syscall(SYS_readlinkat, AT_FDCWD, path, target, sizeof(target)))
			: syscall(SYS_readlinkat, at_of(call, 0), path, target, sizeof(target));

	if (length > 0)
		*digest = hash_bytes(*digest, target, (size_t)length);
	return length;
}

static long try_get_xattr(const struct call *call, uint64_t *digest)
{
	static const int numbers[] = {SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr,
		SYS_llistxattr, SYS_flistxattr};
	const char *path = call->operands[0].path;
	char bytes[256];
	bool lists = call->variant >= 3;
	long number = numbers[call->variant];
	uintptr_t object = call->variant % 3 == 2 ? OBJECT_FD : (uintptr_t)path;
	long length = lists ? syscall(number, object, bytes, sizeof(bytes))
			    : syscall(number, object, "user.t", bytes, sizeof(bytes));

	if (length > 0)
		*digest = hash_bytes(*digest, bytes, (size_t)length);
	return length;
}

static long try_chmod(const struct call *call)
{
	const char *path = call->operands[0].path;

	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_chmod, path, call->mode),
			syscall(SYS_fchmodat, AT_FDCWD, path, call->mode));
	case 1:
		return syscall(SYS_fchmodat, at_of(call, 0), path, call->mode);
	case 2:
		return syscall(SYS_fchmodat2, at_of(call, 0), path, call->mode, 0);
	case 3:
		return syscall(
			SYS_fchmodat2, at_of(call, 0), path, call->mode, AT_SYMLINK_NOFOLLOW);
	default:
		return syscall(SYS_fchmod, OBJECT_FD, call->mode);
	}
}

static long try_chown(const struct call *call)
{
	const char *path = call->operands[0].path;
	unsigned owner = call->flags, group = call->mode;

	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_chown, path, owner, group),
			syscall(SYS_fchownat, AT_FDCWD, path, owner, group, 0));
	case 1:
		return OLD_OR_NEW(syscall(SYS_lchown, path, owner, group),
			syscall(SYS_fchownat, AT_FDCWD, path, owner, group, AT_SYMLINK_NOFOLLOW));
	case 2:
		return syscall(SYS_fchownat, at_of(call, 0), path, owner, group, 0);
	case 3:
		return syscall(
			SYS_fchownat, at_of(call, 0), path, owner, group, AT_SYMLINK_NOFOLLOW);
	case 4:
		return syscall(SYS_fchown, OBJECT_FD, owner, group);
	default:
		return syscall(SYS_fchownat, OBJECT_FD, "", owner, group, AT_EMPTY_PATH);
	}
}

/* Long ago, or now. */
static long try_times(const struct call *call)
{
	const long then[] = {100000000, 0, 100000001, 0};
	const long *times = call->mode ? then : NULL;
	const long seconds[] = {then[0], then[2]};
	const char *path = call->operands[0].path;
	int at = at_of(call, 0);

	(void)seconds;
	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_utime, path, times ? seconds : NULL),
			syscall(SYS_utimensat, AT_FDCWD, path, times, 0));
	case 1:
		return OLD_OR_NEW(syscall(SYS_utimes, path, times),
			syscall(SYS_utimensat, AT_FDCWD, path, times, 0));
	case 2:
		return OLD_OR_NEW(syscall(SYS_futimesat, at, path, times),
			syscall(SYS_utimensat, at, path, times, 0));
	case 3:
		return syscall(SYS_utimensat, at, path, times, 0);
	case 4:
		return syscall(SYS_utimensat, at, path, times, AT_SYMLINK_NOFOLLOW);
	default:
		return syscall(SYS_utimensat, OBJECT_FD, NULL, times, 0);
	}
}

static long try_set_xattr(const struct call *call)
{
	static const int numbers[] = {SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
		SYS_lremovexattr, SYS_fremovexattr};
	const char *path = call->operands[0].path;
	uintptr_t object = call->variant % 3 == 2 ? OBJECT_FD : (uintptr_t)path;
	const char *name = call->mode ? "user.new" : "user.t";
	long number = numbers[call->variant];

	if (call->variant >= 3)
		return syscall(number, object, "user.t");
	return syscall(number, object, name, "22", 2, 0);
}

static long try_bind(const struct call *call)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = call->operands[0].path;
	size_t length = strlen(path);

	if (length >= sizeof(address.sun_path))
		return errno = ENAMETOOLONG, -1;
	memcpy(address.sun_path, path, length);
	int fd = socket(AF_UNIX, (int)call->flags, 0);
	int result = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
	int error = errno;

	close(fd);
	errno = error;
	return result;
}

static long try_make(const struct call *call)
{
	const char *path = call->operands[0].path;
	const char *target = call->operands[1].path;
	dev_t device = makedev(1, 3);
	int at = at_of(call, 0);

	if (call->kind == KIND_MKDIR)
		return call->variant ? syscall(SYS_mkdirat, at, path, call->mode)
				     : OLD_OR_NEW(syscall(SYS_mkdir, path, call->mode),
					       mkdirat(AT_FDCWD, path, call->mode));
	if (call->kind == KIND_SYMLINK)
		return call->variant ? syscall(SYS_symlinkat, target, at, path)
				     : OLD_OR_NEW(syscall(SYS_symlink, target, path),
					       symlinkat(target, AT_FDCWD, path));
	return call->variant ? syscall(SYS_mknodat, at, path, call->mode, device)
			     : OLD_OR_NEW(syscall(SYS_mknod, path, call->mode, device),
				       mknodat(AT_FDCWD, path, call->mode, device));
}

static long try_remove(const struct call *call)
{
	const char *path = call->operands[0].path;
	unsigned flags = call->kind == KIND_RMDIR ? AT_REMOVEDIR : 0;

	if (call->variant)
		return syscall(SYS_unlinkat, at_of(call, 0), path, flags);
	return flags ? OLD_OR_NEW(syscall(SYS_rmdir, path), unlinkat(AT_FDCWD, path, flags))
		     : OLD_OR_NEW(syscall(SYS_unlink, path), unlinkat(AT_FDCWD, path, 0));
}

static long try_rename(const struct call *call)
{
	const char *from = call->operands[0].path, *to = call->operands[1].path;
	int at = at_of(call, 0), target = at_of(call, 1);

	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_rename, from, to),
			syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
	case 1:
		return OLD_OR_NEW(syscall(SYS_renameat, at, from, target, to),
			syscall(SYS_renameat2, at, from, target, to, 0));
	default:
		return syscall(SYS_renameat2, at, from, target, to, call->flags);
	}
}

static long try_link(const struct call *call)
{
	const char *from = call->operands[0].path, *to = call->operands[1].path;
	int at = at_of(call, 0), target = at_of(call, 1);

	switch (call->variant) {
	case 0:
		return OLD_OR_NEW(syscall(SYS_link, from, to),
			syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
	case 1:
		return syscall(SYS_linkat, at, from, target, to, 0);
	case 2:
		return syscall(SYS_linkat, at, from, target, to, AT_SYMLINK_FOLLOW);
	default:
		return syscall(SYS_linkat, OBJECT_FD, "", target, to, AT_EMPTY_PATH);
	}
}

/* By a child: where it is then nobody else should be. */
static long try_chdir(const struct call *call, uint64_t *digest)
{
	struct {
		int error;
		char name[2048];
	} report = {.error = EPIPE};
	int ends[2];
	pid_t child = pipe(ends) == 0 ? fork() : -1;

	if (child == 0) {
		long result = call->variant ? syscall(SYS_fchdir, OBJECT_FD)
					    : syscall(SYS_chdir, call->operands[0].path);

		report.error = result == 0 ? 0 : errno;
		if (syscall(SYS_getcwd, report.name, sizeof(report.name)) < 0)
			report.name[0] = '\0';
		_exit(write(ends[1], &report, sizeof(report)) != sizeof(report));
	}
	if (child < 0)
		return -1;
	close(ends[1]);
	ssize_t length = read(ends[0], &report, sizeof(report));

	close(ends[0]);
	waitpid(child, NULL, 0);
	*digest = hash_bytes(*digest, report.name, strlen(report.name));
	errno = length == sizeof(report) ? report.error : EPIPE;
	return errno ? -1 : 0;
}

static long try_call(const struct call *call, uint64_t *digest)
{
	switch (call->kind) {
	case KIND_OPEN:
		return try_open(call, digest);
	case KIND_TRUNCATE:
		return syscall(SYS_truncate, call->operands[0].path, call->mode);
	case KIND_STAT:
		return try_stat(call, digest);
	case KIND_ACCESS:
		return try_access(call);
	case KIND_READLINK:
		return try_readlink(call, digest);
	case KIND_GET_XATTR:
		return try_get_xattr(call, digest);
	case KIND_CHMOD:
		return try_chmod(call);
	case KIND_CHOWN:
		return try_chown(call);
	case KIND_TIMES:
		return try_times(call);
	case KIND_SET_XATTR:
		return try_set_xattr(call);
	case KIND_MKDIR:
	case KIND_SYMLINK:
	case KIND_MKNOD:
		return try_make(call);
	case KIND_BIND:
		return try_bind(call);
	case KIND_UNLINK:
	case KIND_RMDIR:
		return try_remove(call);
	case KIND_RENAME:
		return try_rename(call);
	case KIND_LINK:
		return try_link(call);
	case KIND_CHDIR:
		return try_chdir(call, digest);
	default:
		return 0;
	}
}

static struct outcome perform(const struct call *call)
{
	struct outcome outcome = {0, 14695981039346656037u};
	long result = try_call(call, &outcome.digest);

	if (result < 0)
		outcome.error = errno;
	else
		outcome.digest = hash_number(outcome.digest, (uint64_t)result);
	return outcome;
}

#endif
