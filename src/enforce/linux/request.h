#ifndef ENFORCE_LINUX_REQUEST_H
#define ENFORCE_LINUX_REQUEST_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "enforce/linux/plan.h"

struct detour; /* see opener.c */

/* Whose descriptors a thread of the broker has taken last. */
struct caller {
	unsigned thread; /* 0: nobody's */
	int pidfd;
};

/* What the requests of one sandbox share. */
struct shared {
	struct index index;      /* complete */
	int descriptors;         /* /proc/self/fd, opened with O_PATH */
	int processes;           /* /proc, likewise */
	pthread_mutex_t changes; /* held while names are made, moved and removed */
	pthread_mutex_t opening; /* held for the detours */
	struct detour *detours;
	/* Processes may have other rights, or see other files, than the broker and each other. */
	atomic_bool varies;
};

/*
 * One system call that the broker answers (seccomp user notification, seccomp_unotify(2)), and what
 * it takes from the caller to do so. The order is: read memory and take descriptors, make sure that
 * the caller is still the one (request_is_alive), decide, act on what was taken. Functions that
 * return int give 0 or an errno, with which the call fails.
 */
struct request {
	const struct plan *plan;
	struct shared *shared;
	int listener;
	const struct notification *notification;
	struct caller *caller;
	int pidfd;    /* see request_take_pidfd */
	mode_t umask; /* see request_take_umask */
	int hidden;   /* the error that existence_error has kept back */
	long value;   /* what the call returns when nothing fails */
	bool is_answered;
	/*
	 * The kernel shall make the call after all. Only for what no other thread can change:
	 * numbers in registers, and what they mean.
	 */
	bool continues;
	int fds[16];
	unsigned fd_count; /* closed at the end */
};

/* Everything but the caller's rights is left for later. EPERM when they are not the broker's. */
int request_begin(struct request *request);

/* The caller's thread group; 0 when it is gone. */
pid_t request_process(const struct request *request);

/* The umask of the caller's thread becomes this one's. EPERM. */
int request_take_umask(struct request *request);
void request_end(struct request *request);

/* Closes what was taken after the first count descriptors. */
void request_drop(struct request *request, unsigned count);

/* Takes charge of a descriptor; returns it. Negative ones are passed through. */
int request_keep(struct request *request, int fd);

/* The caller's memory. EFAULT where it has none. */
int request_read(const struct request *request, uint64_t address, void *bytes, size_t size);
/* Pieces of memory, one after the other. */
int request_read_pieces(const struct request *request, const struct iovec *pieces, size_t count,
	void *bytes, size_t size);
int request_write(const struct request *request, uint64_t address, const void *bytes, size_t size);

/* A path with its NUL; size is PATH_MAX at least. EFAULT, ENAMETOOLONG. */
int request_read_path(const struct request *request, uint64_t address, char *path, size_t size);

/* A pidfd of the caller, the request's own; -1 when it is gone. */
int request_take_pidfd(struct request *request);

/* A duplicate of the caller's descriptor. EBADF when it has none. */
int request_take_fd(struct request *request, int number, int *fd);

/* A descriptor for where a relative path of the caller starts: AT_FDCWD, or a directory's. */
int request_take_directory(struct request *request, int number, int *fd);

/*
 * Gives the caller a duplicate of the descriptor, as what its call returns. The broker's own may
 * linger for a moment after that, or it is closed before: a file that is open for writing cannot be
 * executed, a pipe has no end. EMFILE.
 */
int request_give_fd(struct request *request, int fd, bool close_on_exec, bool may_linger);

/* True when what was taken belongs to the caller that asked: it still waits for the answer. */
bool request_is_alive(const struct request *request);

/*
 * True when a path means the same file to the caller's thread as here: it has the same root, and
 * its rights are of the same user namespace.
 */
bool request_shares_view(const struct request *request);

#endif
