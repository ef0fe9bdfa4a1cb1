/*
 * Invariant: where existence is denied, a call MUST answer the same whether or not there is
 * anything of the name, unless another rule allows it what tells.
 */
#include "enforce/linux/existence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_asked(const struct request *request)
{
	return request->plan->checks_existence;
}

int existence_decide(const struct request *request, const struct object *object)
{
	return is_asked(request) ? object_decide(request, OP_FILE_TEST_EXISTENCE, object, NULL) : 0;
}

static bool is_known(const struct request *request, const char *path, mode_t mode)
{
	return object_path_is_allowed(request, OP_FILE_TEST_EXISTENCE, path, mode, NULL);
}

/* The canonical path of a name in the directory, shortened to what fits. */
static bool name_path(
	const struct request *request, int directory, const char *name, char path[static PATH_MAX])
{
	struct object parent;

	if (object_open(request, directory, NULL, &parent) != 0 || !parent.path[0])
		return false;
	size_t length = strlen(parent.path);

	memcpy(path, parent.path, length + 1);
	if (name[0])
		snprintf(path + length, PATH_MAX - length, "%s%s", length > 1 ? "/" : "", name);
	return true;
}

int existence_error(struct request *request, int directory, const char *name, int error)
{
	char path[PATH_MAX];
	struct stat status = {.st_mode = 0};

	if (!is_asked(request) || error == EPERM)
		return error;
	if (strcmp(name, ".") == 0)
		name = "";
	fstatat(directory, name, &status, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
	if (name_path(request, directory, name, path) && is_known(request, path, status.st_mode))
		return error;
	request->hidden = error;
	return EPERM;
}

int existence_error_entry(struct request *request, const struct entry *entry, int error)
{
	if (!is_asked(request) || is_known(request, entry->path, 0))
		return error;
	request->hidden = error;
	return EPERM;
}

int existence_settle(const struct request *request, enum operation operation,
	const struct object *object, int error)
{
	if (!error || existence_decide(request, object) == 0 ||
		object_decide(request, operation, object, NULL) == 0)
		return error;
	return EPERM;
}

int existence_settle_entry(const struct request *request, enum operation operation,
	const struct entry *entry, int error)
{
	mode_t mode = entry->status.st_mode;

	if (!is_asked(request))
		return error;
	/* What is no name of its own tells of the directory that it stands in. */
	if (entry->is_special)
		return existence_decide(request, &entry->parent) ? EPERM : error;
	if (is_known(request, entry->path, mode) ||
		object_path_is_allowed(request, operation, entry->path, mode, NULL))
		return error;
	return EPERM;
}
