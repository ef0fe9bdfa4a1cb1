/*
 * Invariants: a link that leads to what only a process's own rights reach (procfs) MUST be the
 * caller's own; what the policy asks of an object and nobody knows MUST NOT allow anything.
 */
#include "enforce/linux/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "enforce/linux/process_info.h"

enum { PROCFS = 0x9fa0 };

/* The name that the kernel has for what is behind the link. */
static int read_name(int directory, const char *link, char *name, size_t size)
{
	ssize_t length = readlinkat(directory, link, name, size);

	if (length <= 0)
		return EPERM;
	if ((size_t)length >= size)
		return ENAMETOOLONG;
	name[length] = '\0';
	return 0;
}

/* By hand: this is done for each request. */
static void name_link(struct object *object)
{
	static const char directory[] = "/proc/self/fd/";
	char *at = object->link + sizeof(object->link);
	unsigned rest = (unsigned)object->fd;

	*--at = '\0';
	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	object->number = memmove(object->link + sizeof(directory) - 1, at, strlen(at) + 1);
	memcpy(object->link, directory, sizeof(directory) - 1);
}

int object_open(const struct request *request, int fd, const char *path, struct object *object)
{
	object->fd = fd;
	object->is_descriptor = false;
	name_link(object);
	/* By number: as the kernel has it, whatever the library makes of it. */
	if (syscall(SYS_fstat, fd, &object->status) != 0)
		return errno;
	if (path) {
		strcpy(object->path, path);
		return 0;
	}
	int error = read_name(
		request->shared->descriptors, object->number, object->path, sizeof(object->path));

	if (error)
		return error;
	if (object->path[0] == '(')
		return EPERM; /* "(unreachable)" */
	/* Memory files are named after nothing, and were never linked. */
	if (object->path[0] != '/' ||
		(object->status.st_nlink == 0 && strncmp(object->path, "/memfd:", 7) == 0))
		object->path[0] = '\0';
	return 0;
}

static long vnode_type(mode_t mode)
{
	/* The numbers of macOS: regular file, directory, block, character, symlink, socket, FIFO.
	 */
	static const mode_t types[] = {
		0, S_IFREG, S_IFDIR, S_IFBLK, S_IFCHR, S_IFLNK, S_IFSOCK, S_IFIFO};

	for (size_t i = 1; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((mode & S_IFMT) == types[i])
			return (long)i;
	}
	return 0;
}

static struct outcomes ask(const struct request *request, enum operation operation,
	const char *path, mode_t mode, const char *xattr)
{
	/* What is not known of the object stays open, and must not matter. */
	struct query query = {.operation = operation, .partial = true};

	query.texts[TEXT_PATH] = path;
	query.texts[TEXT_XATTR] = xattr;
	query_set_number(&query, NUMBER_VNODE_TYPE, vnode_type(mode));
	query_set_number(&query, NUMBER_FILE_MODE, (long)(mode & 07777));
	return index_read(&request->shared->index, &query);
}

static bool is_filtered(const struct decision *decision)
{
	return decision->rule && decision->rule->filter;
}

/* Both come from filtered rules. True when the first one's is asked before the other's. */
static bool is_first(
	const struct policy *policy, const struct decision *one, const struct decision *other)
{
	const struct rule_link *link = policy->operations[one->operation].filtered;

	if (one->operation != other->operation)
		return operation_is_within(one->operation, other->operation);
	while (link && link->rule != one->rule && link->rule != other->rule)
		link = link->next;
	return link && link->rule == one->rule;
}

/* Files of the caller's own process, which rules can only name /proc/self. NULL for all others. */
static const char *self_name(const struct request *request, const char *path, char *name)
{
	char own[32];

	if (strncmp(path, "/proc/", strlen("/proc/")) != 0)
		return NULL;
	int length = snprintf(own, sizeof(own), "/proc/%d", (int)request_process(request));

	if (strncmp(path, own, (size_t)length) != 0 || (path[length] && path[length] != '/'))
		return NULL;
	snprintf(name, PATH_MAX, "/proc/self%s", path + length);
	return name;
}

/* The file has two names, and a rule for either is a rule for the file. */
static bool is_allowed_as_self(const struct policy *policy, const struct outcomes *outcomes,
	const struct outcomes *as_self)
{
	const struct decision *one = outcomes->may_deny ? &outcomes->deny : &outcomes->allow;
	const struct decision *other = as_self->may_deny ? &as_self->deny : &as_self->allow;

	if (is_filtered(one) && (!is_filtered(other) || is_first(policy, one, other)))
		return !outcomes->may_deny;
	return !as_self->may_deny;
}

bool object_path_is_allowed(const struct request *request, enum operation operation,
	const char *path, mode_t mode, const char *xattr)
{
	const struct plan *plan = request->plan;
	enum ruling ruling = S_ISDIR(mode) ? RULING_NONE : plan_ruling(plan, operation, path);
	struct outcomes outcomes = ask(request, operation, path, mode, xattr);
	char name[PATH_MAX];

	bool is_shown = operation == OP_FILE_READ_DATA ||
			(operation == OP_FILE_READ_METADATA && S_ISLNK(mode));

	if (ruling == RULING_DENY || (is_shown && !process_info_is_allowed(request, path, mode)))
		return false;
	if (ruling == RULING_ALLOW && outcomes.deny.operation == OP_DEFAULT)
		return true;
	if (self_name(request, path, name)) {
		struct outcomes as_self = ask(request, operation, name, mode, xattr);

		return is_allowed_as_self(plan->policy, &outcomes, &as_self);
	}
	return !outcomes.may_deny;
}

int object_decide(const struct request *request, enum operation operation,
	const struct object *object, const char *xattr)
{
	static const char mark[] = " (deleted)";
	size_t length = strlen(object->path);
	mode_t mode = object->status.st_mode;
	char former[PATH_MAX];

	if (!length)
		return 0;
	if (!object_path_is_allowed(request, operation, object->path, mode, xattr))
		return EPERM;
	if (length <= sizeof(mark) || strcmp(object->path + length + 1 - sizeof(mark), mark) != 0)
		return 0;
	/* Removed, or called so: it had the other name, or has not; so both must be allowed. */
	memcpy(former, object->path, length);
	former[length + 1 - sizeof(mark)] = '\0';
	return object_path_is_allowed(request, operation, former, mode, xattr) ? 0 : EPERM;
}

static bool is_number(const char *digits, size_t length, long number)
{
	char text[24];

	return (size_t)snprintf(text, sizeof(text), "%ld", number) == length &&
	       memcmp(digits, text, length) == 0;
}

enum owner { OWNER_UNKNOWN = 0, OWNER_CALLER, OWNER_NOBODY };

static bool is_thread_of_broker(const char *number, size_t length)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%.*s", (int)length, number);
	return access(path, F_OK) == 0;
}

/*
 * Whose a link is: outside of procfs it is as plain as in the directory of no process there. A
 * broker that opens files can look into no process outside of the sandbox but itself
 * (landlock_guard_others): so all others' are as good as the caller's.
 */
static enum owner link_owner(const struct request *request, const struct object *object)
{
	const char *process = object->path + strlen("/proc/");
	struct statfs system;

	if (fstatfs(object->fd, &system) != 0)
		return OWNER_UNKNOWN;
	if (system.f_type != PROCFS)
		return OWNER_NOBODY;
	if (strncmp(object->path, "/proc/", strlen("/proc/")) != 0)
		return OWNER_UNKNOWN; /* mounted elsewhere */
	size_t length = strspn(process, "0123456789");

	if (length == 0)
		return OWNER_NOBODY;
	if (process[length] == '/' &&
		(is_number(process, length, request_process(request)) ||
			is_number(process, length, (long)request->notification->pid)))
		return OWNER_CALLER;
	return request->plan->brokered_fs && !is_thread_of_broker(process, length) ? OWNER_CALLER
										   : OWNER_UNKNOWN;
}

bool object_is_own_link(const struct request *request, const struct object *object)
{
	return link_owner(request, object) == OWNER_CALLER;
}

bool object_is_of_broker(const struct object *object)
{
	static const char root[] = "/proc/";
	size_t length = strspn(object->path + strlen(root), "0123456789");

	return length && is_thread_of_broker(object->path + strlen(root), length);
}

/* "self" and "thread-self" mean whoever looks: here it is the caller who does. */
static int read_self(const struct request *request, const char *path, char *target, size_t size)
{
	if (strtol(target, NULL, 10) != getpid())
		return EACCES; /* it counts processes in another way */
	if (strcmp(path, "/proc/self") == 0)
		snprintf(target, size, "%d", request_process(request));
	else
		snprintf(target, size, "%d/task/%u", request_process(request),
			request->notification->pid);
	return 0;
}

int object_target(
	const struct request *request, const struct object *object, char *target, size_t size)
{
	if (link_owner(request, object) == OWNER_UNKNOWN)
		return EACCES;
	ssize_t length = readlinkat(object->fd, "", target, size);

	if (length < 0)
		return errno;
	if ((size_t)length >= size)
		return ENAMETOOLONG;
	target[length] = '\0';
	if (strcmp(object->path, "/proc/self") == 0 ||
		strcmp(object->path, "/proc/thread-self") == 0)
		return read_self(request, object->path, target, size);
	return 0;
}
