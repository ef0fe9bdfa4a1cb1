/*
 * Invariants: the broker's own files in /proc MUST NOT be opened for anybody; a device whose
 * ioctls the policy denies MUST be opened by a thread that has no right to them.
 */
#include "enforce/linux/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "enforce/linux/kinship.h"

enum {
	PROCFS = 0x9fa0,
	WAKE_SIGNAL = SIGALRM,
	MAJOR_MEMORY = 1,
	MAJOR_TTY = 4,
	MAJOR_OWN_TTY = 5,
	MAJOR_PTS = 136,
};

/* What anybody may read of any process, and needs no right to trace it. */
static bool is_public(const char *name)
{
	static const char *const names[] = {
		"stat", "statm", "status", "cmdline", "comm", "cgroup", "task"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* Others than the command's processes are guarded by the kernel (landlock_guard_others). */
bool opener_guards(const struct object *object, int flags)
{
	static const char root[] = "/proc/";
	const char *process = object->path + strlen(root);
	struct statfs system;

	if (major(object->status.st_dev) != 0)
		return false; /* a disk: procfs has no device */
	if (fstatfs(object->fd, &system) != 0)
		return true;
	if (system.f_type != PROCFS || strcmp(object->path, "/proc") == 0)
		return false;
	if (strncmp(object->path, root, strlen(root)) != 0)
		return true; /* mounted elsewhere */
	if (!object_is_of_broker(object))
		return false;
	size_t length = strspn(process, "0123456789");

	return (flags & O_ACCMODE) != O_RDONLY ||
	       (process[length] && !is_public(strrchr(object->path, '/') + 1));
}

/* By number: libraries add calls for kernels that do not know O_CLOEXEC. */
static int open_as_kernel(int directory, const char *path, int flags)
{
	return (int)syscall(SYS_openat, directory, path, flags | O_LARGEFILE);
}

/* Opening in a thread of its own: it may wait, and it may give up rights first. */
struct detour {
	int directory; /* where the path starts unless it is absolute */
	const char *path;
	int flags;
	bool is_device; /* gets no ioctls */
	int fd, error;
	atomic_bool is_done;
	int done; /* eventfd(2) */
	const struct request *request;
	pthread_t thread;
	struct detour *next; /* see shared->detours */
};

/* A Landlock domain of one thread: what it opens has no ioctls of devices for good. */
static bool give_up_ioctls(void)
{
	struct landlock_ruleset attributes = {.handled_access_fs = FS_IOCTL_DEV};
	int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0);
	bool is_done = ruleset >= 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;

	if (ruleset >= 0)
		close(ruleset);
	return is_done;
}

static void *take_detour(void *argument)
{
	const uint64_t unblocked = UINT64_C(1) << (WAKE_SIGNAL - 1);
	struct detour *detour = argument;

	detour->fd = -1;
	detour->error = EPERM;
	syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &unblocked, NULL, sizeof(unblocked));
	if (!detour->is_device || give_up_ioctls()) {
		detour->fd = open_as_kernel(detour->directory, detour->path, detour->flags);
		detour->error = errno;
	}
	atomic_store(&detour->is_done, true);
	eventfd_write(detour->done, 1);
	return NULL;
}

static void wake(int number)
{
	(void)number;
}

/* Interrupts the opening when the caller is gone, so that nobody else's end of a FIFO meets it. */
static void watch(struct request *request, const struct detour *detour)
{
	enum { SOON = 1, LATER = 50 }; /* ms */
	int pidfd = request_take_pidfd(request);
	int patience = LATER;

	while (!atomic_load(&detour->is_done)) {
		struct pollfd polled[] = {{.fd = detour->done, .events = POLLIN},
			{.fd = patience == LATER ? pidfd : -1, .events = POLLIN}};

		poll(polled, 2, patience);
		if (atomic_load(&detour->is_done) || request_is_alive(request))
			continue;
		patience = SOON;
		pthread_kill(detour->thread, WAKE_SIGNAL);
	}
}

/* Not for who is gone by now, and whom await_ghosts could not know of. */
static bool start_detour(struct shared *shared, struct detour *detour)
{
	pthread_mutex_lock(&shared->opening);
	bool is_started = request_is_alive(detour->request) &&
			  pthread_create(&detour->thread, NULL, take_detour, detour) == 0;

	if (is_started) {
		detour->next = shared->detours;
		shared->detours = detour;
	}
	pthread_mutex_unlock(&shared->opening);
	return is_started;
}

static void end_detour(struct shared *shared, struct detour *detour)
{
	struct detour **link = &shared->detours;

	pthread_mutex_lock(&shared->opening);
	while (*link != detour)
		link = &(*link)->next;
	*link = detour->next;
	pthread_mutex_unlock(&shared->opening);
	pthread_join(detour->thread, NULL);
}

/* Wakes the openings that wait for callers which are gone. True when there are any. */
static bool wake_ghosts(struct shared *shared)
{
	bool has_ghosts = false;

	pthread_mutex_lock(&shared->opening);
	for (const struct detour *detour = shared->detours; detour; detour = detour->next) {
		if (atomic_load(&detour->is_done) || request_is_alive(detour->request))
			continue;
		pthread_kill(detour->thread, WAKE_SIGNAL);
		has_ghosts = true;
	}
	pthread_mutex_unlock(&shared->opening);
	return has_ghosts;
}

/*
 * Who has been killed, as its killer knows by now, has no end of a FIFO any more. What cannot be
 * interrupted is no FIFO, and not waited for.
 */
static void await_ghosts(struct shared *shared)
{
	const struct timespec moment = {0, 100000};

	for (int i = 0; i < 1000 && wake_ghosts(shared); i++)
		nanosleep(&moment, NULL);
}

static int open_by_detour(struct request *request, const char *path, int flags, bool is_device)
{
	struct sigaction action = {.sa_handler = wake};
	struct detour detour = {.directory = request->shared->descriptors,
		.path = path,
		.flags = flags,
		.is_device = is_device,
		.request = request};

	detour.done = request_keep(request, eventfd(0, EFD_CLOEXEC));
	if (detour.done < 0)
		return -1;
	sigaction(WAKE_SIGNAL, &action, NULL);
	errno = EAGAIN;
	if (!start_detour(request->shared, &detour))
		return -1;
	watch(request, &detour);
	end_detour(request->shared, &detour);
	errno = detour.error;
	return detour.fd;
}

/* The device behind /dev/tty: field 7 of /proc/PID/stat, 0 where there is none. */
static dev_t terminal_of(pid_t process)
{
	char text[1024];

	process_read(process, "stat", text, sizeof(text));
	const char *field = strrchr(text, ')'); /* the end of field 2 */

	for (int i = 2; field && i < 7; i++)
		field = strchr(field + 1, ' ');
	unsigned number = field ? (unsigned)strtol(field, NULL, 10) : 0;

	return makedev(number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xfff00));
}

/* The caller may have another terminal than the broker, whose own /dev/tty would mean. */
static bool name_terminal(const struct request *request, char *path, size_t size)
{
	dev_t terminal = terminal_of(request_process(request));
	struct stat status;

	if (major(terminal) == MAJOR_PTS)
		snprintf(path, size, "/dev/pts/%u", minor(terminal));
	else if (major(terminal) == MAJOR_TTY && minor(terminal) < 64)
		snprintf(path, size, "/dev/tty%u", minor(terminal));
	else
		return false;
	return stat(path, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == terminal;
}

int opener_open(struct request *request, const struct object *object, int flags)
{
	mode_t mode = object->status.st_mode;
	dev_t device = object->status.st_rdev;
	bool is_device = S_ISCHR(mode) || S_ISBLK(mode);
	bool may_wait = S_ISFIFO(mode) || (S_ISCHR(mode) && major(device) != MAJOR_MEMORY);
	const char *path = object->number;
	char terminal[64];

	if (opener_guards(object, flags)) {
		errno = EACCES;
		return -1;
	}
	flags |= O_NOCTTY | O_CLOEXEC;
	if (S_ISFIFO(mode))
		await_ghosts(request->shared);
	if (S_ISCHR(mode) && device == makedev(MAJOR_OWN_TTY, 0)) {
		if (!name_terminal(request, terminal, sizeof(terminal))) {
			errno = ENXIO;
			return -1;
		}
		path = terminal;
	}
	if (is_device)
		is_device = object_decide(request, OP_FILE_IOCTL, object, NULL) != 0;
	if (is_device || (may_wait && !(flags & O_NONBLOCK)))
		return open_by_detour(request, path, flags, is_device);
	return open_as_kernel(request->shared->descriptors, path, flags);
}
