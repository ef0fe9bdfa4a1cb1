/* Paths that Landlock grants: what is open on them, and the rights. */
#include <errno.h>
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

static struct path_grant *find(struct plan *plan, const char *path, size_t length)
{
	struct path_grant *grant = *grant_bucket(plan, path, length);

	while (grant && (grant->length != length || memcmp(grant->path, path, length) != 0))
		grant = grant->next_in_bucket;
	return grant;
}

struct path_grant *plan_find_grant(struct plan *plan, const char *path, size_t length, bool exact)
{
	struct path_grant *grant = find(plan, path, length);

	while (grant && (grant->exact != exact || grant->error || grant->length != length ||
				memcmp(grant->path, path, length) != 0))
		grant = grant->next_in_bucket;
	return grant;
}

int plan_open_grant(const struct plan *plan, const struct path_grant *grant)
{
	return plan_open(real_name(plan->arena, grant->path));
}

/* Looks at what is there. It is remembered, for the other kind of grant and other rights. */
static void look(const struct plan *plan, struct path_grant *grant)
{
	struct stat status;

	grant->fd = plan_open_grant(plan, grant);
	if (grant->fd < 0) {
		grant->error = errno;
		return;
	}
	if (fstat(grant->fd, &status) == 0)
		grant->is_directory = S_ISDIR(status.st_mode);
	/* The process that will be restricted may be another one, which has another directory. */
	if (grant->fd < KEPT_FDS && real_name(plan->arena, grant->path) == grant->path)
		return;
	close(grant->fd);
	grant->fd = -1;
}

struct path_grant *plan_add_grant(struct plan *plan, const char *path, bool exact)
{
	size_t length = strlen(path);
	struct path_grant *known = find(plan, path, length);
	struct path_grant *grant = plan_find_grant(plan, path, length, exact);

	errno = known ? known->error : 0;
	if (grant || errno)
		return grant;
	grant = ARENA_NEW(plan->arena, struct path_grant);
	struct path_grant **bucket = grant_bucket(plan, path, length);

	*grant = known ? *known : (struct path_grant){.path = path, .length = length};
	if (!known)
		look(plan, grant);
	grant->exact = exact;
	grant->rights = 0;
	grant->next_in_bucket = *bucket;
	*bucket = grant;
	errno = grant->error;
	if (errno)
		return NULL;
	grant->next = plan->grants;
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
