#ifndef ENFORCE_LINUX_OBJECT_H
#define ENFORCE_LINUX_OBJECT_H

#include <limits.h>
#include <sys/stat.h>

#include "enforce/linux/request.h"

/* What a call of the command's is about: a file, or what a descriptor leads to. */
struct object {
	int fd;              /* O_PATH, or a duplicate of the caller's descriptor: the request's */
	bool is_descriptor;  /* the call names a descriptor and no path */
	struct stat status;  /* as the caller would get it */
	char link[32];       /* "/proc/self/fd/N": leads to the object and to nothing else */
	const char *number;  /* the N: of shared->descriptors, it is the same link, found sooner */
	char path[PATH_MAX]; /* canonical; "" for what has none: pipes, sockets, memory */
};

/*
 * Describes what a descriptor of the request's leads to. The path may be given where it is
 * canonical; else it is NULL, and the kernel's name is taken.
 */
int object_open(const struct request *request, int fd, const char *path, struct object *object);

/* EPERM unless the policy allows the operation on the object. The xattr's name may be NULL. */
int object_decide(const struct request *request, enum operation operation,
	const struct object *object, const char *xattr);

/*
 * True when the policy allows the operation on a file of this path and mode: as an object of other
 * operations, if it is one (plan_ruling), or under either name, if it is the caller's in /proc.
 */
bool object_path_is_allowed(const struct request *request, enum operation operation,
	const char *path, mode_t mode, const char *xattr);

/*
 * True for links in procfs that lead to what a process has open, and that the kernel lets the
 * broker follow in the place of the caller.
 */
bool object_is_own_link(const struct request *request, const struct object *object);

/* True for a path in /proc that is the broker's own. The path begins with "/proc/". */
bool object_is_of_broker(const struct object *object);

/* Where a symlink points, as its caller reads it. */
int object_target(
	const struct request *request, const struct object *object, char *target, size_t size);

#endif
