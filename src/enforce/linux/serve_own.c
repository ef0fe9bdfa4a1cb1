/*
 * chdir(2), and open(2) with O_PATH: only the caller itself can make them, and the kernel reads the
 * path once more.
 * Invariants: a directory that was entered, or a file that was opened, MUST be the one that was
 * decided on, or one that is allowed too, or the caller does not run on; an error of the kernel's
 * MUST NOT tell what the broker's own would not.
 */
#include "enforce/linux/serve_own.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforce/linux/existence.h"
#include "enforce/linux/serve.h"
#include "enforce/linux/traced.h"

enum {
	ERRORS = 4096,
	REPEATED = 512, /* errors from here on no caller sees: the call is made once more */
};

/* A call that leads to an object. */
struct own_call {
	/* Finds the object anew, and decides on it. */
	int (*find)(struct request *request, const struct own_call *call, struct object *object);
	unsigned flags;     /* of open(2) */
	struct stat status; /* of what was decided on */
};

static int decide_directory(struct request *request, const struct object *object)
{
	int error = 0;

	if (request->plan->checks_metadata)
		error = object_decide(request, OP_FILE_READ_METADATA, object, NULL);
	return error ? error : existence_decide(request, object);
}

/* As the kernel would have it, once it is allowed. */
static int check_directory(struct request *request, const struct object *object)
{
	int error = decide_directory(request, object);

	if (error)
		return error;
	if (!S_ISDIR(object->status.st_mode))
		return ENOTDIR;
	return syscall(NR_faccessat2, object->fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) == 0
		       ? 0
		       : errno;
}

/* chdir(path) */
static int find_directory(
	struct request *request, const struct own_call *call, struct object *object)
{
	struct route route = {.resolve = 0};
	int error = resolve_route(request, AT_FDCWD, request->notification->arguments[0], &route);

	(void)call;
	if (!error)
		error = resolve_object(request, &route, true, object);
	return error ? error : check_directory(request, object);
}

/* fchdir(fd) */
static int find_descriptor(
	struct request *request, const struct own_call *call, struct object *object)
{
	int number = (int)request->notification->arguments[0];
	int error = number < 0 ? EBADF : resolve_descriptor(request, number, object);

	(void)call;
	return error ? error : check_directory(request, object);
}

static int check_opened(
	struct request *request, const struct own_call *call, const struct object *object)
{
	int error = existence_decide(request, object);

	if (!error && call->flags & O_DIRECTORY && !S_ISDIR(object->status.st_mode))
		error = ENOTDIR;
	return error;
}

static int find_opened(struct request *request, const struct own_call *call, struct object *object)
{
	const uint64_t *arguments = request->notification->arguments;
	int at = request->notification->number == SYS_openat;
	struct route route = {.resolve = 0};
	int error =
		resolve_route(request, at ? (int)arguments[0] : AT_FDCWD, arguments[at], &route);

	if (!error)
		error = resolve_object(request, &route, !(call->flags & O_NOFOLLOW), object);
	return error ? error : check_opened(request, call, object);
}

/* Where a call that has not failed has led the thread. */
static int take_reached(
	struct request *request, const struct own_call *call, long result, struct object *object)
{
	int fd;
	int number = call->find == find_opened ? (int)result : AT_FDCWD;
	int error = request_take_directory(request, number, &fd);

	return error ? error : object_open(request, fd, NULL, object);
}

/* Another thread may have made a call as well: whatever is there must be allowed. */
static bool may_stay(struct request *request, const struct own_call *call, long result)
{
	struct object object;

	if (take_reached(request, call, result, &object) != 0)
		return false;
	if (object.status.st_dev == call->status.st_dev &&
		object.status.st_ino == call->status.st_ino)
		return true;
	return (call->find == find_opened ? existence_decide(request, &object)
					  : decide_directory(request, &object)) == 0;
}

/*
 * It should not have failed. The error stands if the broker would say the same by now. Where even
 * existence is denied, the caller ends as it would if it had reached what it must not.
 */
static bool may_fail(struct request *request, pid_t thread, const struct own_call *call, int error)
{
	struct object object;

	if (error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR ||
		call->find(request, call, &object) == error)
		return true;
	return !request->plan->checks_existence && traced_set_result(thread, -EPERM);
}

static bool check(struct request *request, pid_t thread, bool has_executed, const void *expected)
{
	const struct own_call *call = expected;
	long result;

	if (has_executed || !traced_get_result(thread, &result))
		return false;
	if (result >= 0 || result <= -ERRORS)
		return may_stay(request, call, result);
	return result <= -REPEATED || may_fail(request, thread, call, (int)-result);
}

static int make_call(struct request *request, struct own_call *call)
{
	struct object object;
	int error = call->find(request, call, &object);

	if (error)
		return error;
	call->status = object.status;
	return traced_continue(request, check, call);
}

static int serve_chdir(struct request *request)
{
	struct own_call call = {.find = find_directory};

	return make_call(request, &call);
}

static int serve_fchdir(struct request *request)
{
	struct own_call call = {.find = find_descriptor};

	return make_call(request, &call);
}

int own_open(struct request *request, unsigned flags)
{
	struct own_call call = {.find = find_opened, .flags = flags};

	return make_call(request, &call);
}

const struct served_call serve_own_calls[] = {
	{SYS_chdir, serve_chdir},
	{SYS_fchdir, serve_fchdir},
	{0, NULL},
};
