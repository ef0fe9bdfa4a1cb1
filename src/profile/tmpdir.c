/*
 * Invariant: the directory that is returned MUST be a real directory that belongs to the user and
 * that nobody else may enter, however hostile the other users of /tmp are.
 */
#include "profile/tmpdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "base/text.h"

/* A directory of ours alone at parent/name, made if missing; -1 with errno. */
static int open_private(int parent, const char *name)
{
	struct stat status;

	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		return -1;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 077) == 0)
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static char *project_name(struct arena *arena, const char *project)
{
	uint64_t hash = 14695981039346656037u;

	for (const char *at = project; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 1099511628211u;
	return text_format(arena, "%.40s-%016llx", path_last(project), (unsigned long long)hash);
}

static const char *find_below(struct arena *arena, const char *base, const char *project, bool make)
{
	const char *canonical = base && base[0] == '/' ? path_canonical(arena, base) : NULL;
	int parent = canonical ? open(canonical, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (parent < 0)
		return NULL;
	const char *user = text_format(arena, PROGRAM_NAME "-%u", (unsigned)geteuid());
	const char *name = project_name(arena, project);
	if (!make) {
		close(parent);
		return text_format(arena, "%s/%s/%s", canonical[1] ? canonical : "", user, name);
	}
	int own = open_private(parent, user);
	int fd = own < 0 ? -1 : open_private(own, name);

	close(parent);
	if (own >= 0)
		close(own);
	if (fd < 0)
		return NULL;
	close(fd);
	return text_format(arena, "%s/%s/%s", canonical[1] ? canonical : "", user, name);
}

const char *tmpdir_of_project(struct arena *arena, const char *project, bool make)
{
	const char *bases[] = {getenv("XDG_RUNTIME_DIR"), "/tmp", getenv("TMPDIR")};

	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		const char *path = find_below(arena, bases[i], project, make);

		if (path)
			return path;
	}
	die("no private directory for temporary files: none of $XDG_RUNTIME_DIR, /tmp and $TMPDIR"
	    " can hold " PROGRAM_NAME "-%u with mode 0700",
		(unsigned)geteuid());
}
