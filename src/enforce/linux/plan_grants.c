/* Paths that Landlock grants: what is open on them, and the rights. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "enforce/linux/plan.h"

enum { KEPT_FDS = 512 };

/* Only the target's own directory is meant; it has another name in each process. */
static const char *real_name(struct arena *arena, const char *path)
{
	static const char self[] = "/proc/self";
	char pid[32];

	if (strncmp(path, self, sizeof(self) - 1) != 0 ||
		(path[sizeof(self) - 1] && path[sizeof(self) - 1] != '/'))
		return path;
	ssize_t length = readlink(self, pid, sizeof(pid) - 1);

	if (length <= 0)
		return path;
	pid[length] = '\0';
	return text_format(arena, "/proc/%s%s", pid, path + sizeof(self) - 1);
}

static struct path_grant **grant_bucket(struct plan *plan, const char *path, size_t length)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)path[i]) * 16777619u;
	return &plan->grants_by_path[hash % GRANT_BUCKETS];
}

struct path_grant *plan_find_grant(struct plan *plan, const char *path, size_t length, bool exact)
{
	struct path_grant *grant = *grant_bucket(plan, path, length);

	while (grant && (grant->exact != exact || grant->length != length ||
				memcmp(grant->path, path, length) != 0))
		grant = grant->next_in_bucket;
	return grant;
}

struct path_grant *plan_add_grant(struct plan *plan, const char *path, bool exact)
{
	size_t length = strlen(path);
	struct path_grant *grant = plan_find_grant(plan, path, length, exact);
	struct stat status;

	if (grant)
		return grant;
	int fd = plan_open(real_name(plan->arena, path));

	if (fd < 0)
		return NULL;
	grant = ARENA_NEW(plan->arena, struct path_grant);
	struct path_grant **bucket = grant_bucket(plan, path, length);

	*grant = (struct path_grant){.path = path,
		.length = length,
		.exact = exact,
		.fd = fd,
		.next = plan->grants,
		.next_in_bucket = *bucket};
	*bucket = grant;
	if (fstat(fd, &status) == 0)
		grant->is_directory = S_ISDIR(status.st_mode);
	if (fd >= KEPT_FDS) {
		close(fd);
		grant->fd = -1;
	}
	plan->grants = grant;
	return grant;
}

uint64_t plan_rights_at(struct plan *plan, const char *path)
{
	const struct path_grant *grant = plan_find_grant(plan, "/", 1, false);
	uint64_t rights = grant ? grant->rights : 0;

	for (size_t length = 1; path[length - 1]; length++) {
		if (path[length] && path[length] != '/')
			continue;
		grant = plan_find_grant(plan, path, length, false);
		rights |= grant ? grant->rights : 0;
	}
	return rights;
}
