/*
 * Invariants: a caller with other rights than the broker's MUST NOT borrow them; memory MUST be
 * read once, and what was read be decided on and used; descriptors MUST be duplicates.
 */
#include "enforce/linux/request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "enforce/linux/kinship.h"

/* What a process may do, from /proc/PID/status: comparable, not readable. */
struct rights {
	bool is_known;
	uint64_t digest;
};

static void digest_line(uint64_t *digest, const char *line)
{
	for (; *line && *line != '\n'; line++)
		*digest = (*digest ^ (unsigned char)*line) * 1099511628211u;
}

static struct rights read_rights(pid_t thread)
{
	static const char *const compared[] = {"Uid:", "Gid:", "Groups:", "CapEff:"};
	struct rights rights = {.is_known = false};
	char text[8192];

	rights.is_known = process_read(thread, "status", text, sizeof(text));
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		for (size_t i = 0; i < sizeof(compared) / sizeof(compared[0]); i++) {
			if (strncmp(line, compared[i], strlen(compared[i])) == 0)
				digest_line(&rights.digest, line);
		}
	}
	return rights;
}

int request_begin(struct request *request)
{
	if (!atomic_load(&request->shared->varies))
		return 0;
	struct rights own = read_rights((pid_t)syscall(SYS_gettid));
	struct rights other = read_rights((pid_t)request->notification->pid);

	return own.is_known && other.is_known && own.digest == other.digest ? 0 : EPERM;
}

/* A number of the status of the caller's thread, or -1. */
static long status_number(const struct request *request, const char *key, int base)
{
	char text[4096];
	bool is_read =
		process_read((pid_t)request->notification->pid, "status", text, sizeof(text));
	const char *found = is_read ? strstr(text, key) : NULL;

	return found ? strtol(found + strlen(key), NULL, base) : -1;
}

pid_t request_process(const struct request *request)
{
	long process = status_number(request, "\nTgid:", 10);

	return process > 0 ? (pid_t)process : 0;
}

int request_take_umask(struct request *request)
{
	long mask = status_number(request, "\nUmask:", 8);

	if (mask < 0)
		return EPERM;
	request->umask = (mode_t)mask;
	umask(request->umask); /* of no other thread: see broker.c */
	return 0;
}

void request_end(struct request *request)
{
	request_drop(request, 0);
}

void request_drop(struct request *request, unsigned count)
{
	while (request->fd_count > count)
		close(request->fds[--request->fd_count]);
}

int request_keep(struct request *request, int fd)
{
	const unsigned most = sizeof(request->fds) / sizeof(request->fds[0]);

	if (fd < 0)
		return fd;
	if (request->fd_count == most) {
		close(fd);
		errno = EMFILE;
		return -1;
	}
	return request->fds[request->fd_count++] = fd;
}

/* A process may be refused (ptrace(2)): then its calls fail. */
static int memory_error(ssize_t count)
{
	return count >= 0 || errno == EFAULT ? EFAULT : EPERM;
}

int request_read(const struct request *request, uint64_t address, void *bytes, size_t size)
{
	struct iovec own = {bytes, size};
	struct iovec other = {(void *)(uintptr_t)address, size};
	ssize_t count = process_vm_readv((pid_t)request->notification->pid, &own, 1, &other, 1, 0);

	return count == (ssize_t)size ? 0 : memory_error(count);
}

int request_read_pieces(const struct request *request, const struct iovec *pieces, size_t count,
	void *bytes, size_t size)
{
	struct iovec own = {bytes, size};
	ssize_t got = size ? process_vm_readv(
				     (pid_t)request->notification->pid, &own, 1, pieces, count, 0)
			   : 0;

	return got == (ssize_t)size ? 0 : memory_error(got);
}

int request_write(const struct request *request, uint64_t address, const void *bytes, size_t size)
{
	struct iovec own = {(void *)(uintptr_t)bytes, size};
	struct iovec other = {(void *)(uintptr_t)address, size};
	ssize_t count = process_vm_writev((pid_t)request->notification->pid, &own, 1, &other, 1, 0);

	return count == (ssize_t)size ? 0 : memory_error(count);
}

/*
 * Page by page: the next one may not be there, and the path may not need it. Few paths are longer
 * than the first piece.
 */
int request_read_path(const struct request *request, uint64_t address, char *path, size_t size)
{
	enum { PAGE = 4096, FIRST = 256 };
	size_t length = 0;

	while (length < size) {
		size_t part = PAGE - (address + length) % PAGE;
		size_t most = length ? size - length : FIRST;

		if (part > most)
			part = most;
		int error = request_read(request, address + length, path + length, part);

		if (error)
			return error;
		if (memchr(path + length, '\0', part))
			return 0;
		length += part;
	}
	return ENAMETOOLONG;
}

int request_take_pidfd(struct request *request)
{
	pid_t thread = (pid_t)request->notification->pid;

	if (request->pidfd < 0)
		request->pidfd =
			request_keep(request, (int)syscall(NR_pidfd_open, thread, PIDFD_OF_THREAD));
	if (request->pidfd < 0) /* Linux before 6.9 knows processes only */
		request->pidfd = request_keep(
			request, (int)syscall(NR_pidfd_open, request_process(request), 0));
	return request->pidfd;
}

/*
 * A duplicate by a pidfd that is kept for the next request. It is the caller's as long as it finds
 * anybody: only then is there nobody else of the number. ESRCH, and EINVAL before Linux 6.9.
 */
static int duplicate(struct caller *caller, unsigned thread, int number)
{
	int fd = -1;

	errno = ESRCH;
	if (caller->thread == thread)
		fd = (int)syscall(NR_pidfd_getfd, caller->pidfd, number, 0);
	if (fd >= 0 || errno != ESRCH)
		return fd;
	if (caller->thread)
		close(caller->pidfd);
	caller->thread = 0;
	caller->pidfd = (int)syscall(NR_pidfd_open, thread, PIDFD_OF_THREAD);
	if (caller->pidfd < 0)
		return -1;
	caller->thread = thread;
	return (int)syscall(NR_pidfd_getfd, caller->pidfd, number, 0);
}

int request_take_fd(struct request *request, int number, int *fd)
{
	*fd = request_keep(request, duplicate(request->caller, request->notification->pid, number));
	if (*fd >= 0)
		return 0;
	if (errno == EBADF)
		return EBADF;
	if (request_take_pidfd(request) < 0)
		return EPERM;
	*fd = request_keep(request, (int)syscall(NR_pidfd_getfd, request->pidfd, number, 0));
	if (*fd >= 0)
		return 0;
	return errno == EBADF ? EBADF : EPERM;
}

int request_take_directory(struct request *request, int number, int *fd)
{
	unsigned thread = request->notification->pid;
	char path[64];

	*fd = number < 0 ? -1 : request_keep(request, duplicate(request->caller, thread, number));
	if (*fd >= 0)
		return 0;
	if (number >= 0 && errno == EBADF)
		return EBADF;
	/* Of the thread: it can have another one than its siblings (clone(2), CLONE_FS). */
	if (number == AT_FDCWD)
		snprintf(path, sizeof(path), "%u/cwd", thread);
	else if (number >= 0)
		snprintf(path, sizeof(path), "%u/fd/%d", thread, number);
	else
		return EBADF;
	*fd = request_keep(request, openat(request->shared->processes, path, O_PATH | O_CLOEXEC));
	if (*fd >= 0)
		return 0;
	if (errno == ENOENT)
		return number == AT_FDCWD ? ENOENT : EBADF;
	return EPERM;
}

/* Without its call returning, if it is not given at once. The caller's number for it, or -1. */
static long add_fd(const struct request *request, int fd, bool close_on_exec, bool at_once)
{
	struct notification_fd given = {.id = request->notification->id,
		.flags = at_once ? NOTIFICATION_FD_SEND : 0,
		.fd = (uint32_t)fd,
		.new_flags = close_on_exec ? O_CLOEXEC : 0};

	return syscall(SYS_ioctl, request->listener, NOTIFICATION_ADD_FD, &given);
}

int request_give_fd(struct request *request, int fd, bool close_on_exec, bool may_linger)
{
	/*
	 * In two steps only where signals wait (seccomp_apply): else the call could be repeated
	 * after the first one. Linux 5.19 has brought both that and ABI 2 of Landlock.
	 */
	bool at_once = may_linger || request->plan->host->landlock_abi < ABI_REFER;
	long number = add_fd(request, fd, close_on_exec, at_once);

	if (number < 0 && errno == EINVAL && at_once) {
		at_once = false; /* before Linux 5.14 */
		number = add_fd(request, fd, close_on_exec, at_once);
	}
	request->is_answered = at_once && number >= 0;
	request->value = number;
	return number < 0 ? errno : 0;
}

bool request_shares_view(const struct request *request)
{
	static const char *const compared[] = {"root", "ns/user"};
	struct stat own, other;
	char path[64];

	if (!atomic_load(&request->shared->varies))
		return true;
	for (size_t i = 0; i < sizeof(compared) / sizeof(compared[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/%s", compared[i]);
		if (stat(path, &own) != 0)
			return false;
		snprintf(
			path, sizeof(path), "/proc/%u/%s", request->notification->pid, compared[i]);
		if (stat(path, &other) != 0 || own.st_dev != other.st_dev ||
			own.st_ino != other.st_ino)
			return false;
	}
	return true;
}

bool request_is_alive(const struct request *request)
{
	/* ioctl(2), whose second parameter has another type in each C library. */
	return syscall(SYS_ioctl, request->listener, NOTIFICATION_ID_VALID,
		       &request->notification->id) == 0;
}
