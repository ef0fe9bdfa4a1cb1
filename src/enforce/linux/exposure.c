/*
 * Invariant: whatever a directory holds MUST be compared, unless the rules treat all that can be
 * below both names alike.
 */
#include "enforce/linux/exposure.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "enforce/linux/object.h"

enum { DEPTH_MAX = 512 };

struct move {
	const struct request *request;
	char from[PATH_MAX], to[PATH_MAX];
	size_t from_length, to_length;
};

static bool exposes(const struct move *move, mode_t mode)
{
	const struct plan *plan = move->request->plan;

	for (size_t i = 0; i < plan->moved_count; i++) {
		enum operation operation = plan->moved[i].operation;

		if (!object_path_is_allowed(move->request, operation, move->from, mode, NULL) &&
			object_path_is_allowed(move->request, operation, move->to, mode, NULL))
			return true;
	}
	return false;
}

/* The one answer for everything below the path; false when there may be several. */
static bool is_uniform(const struct trie_node *root, const char *path, bool *is_allowed)
{
	bool exact;
	size_t length = strlen(path);
	const struct trie_node *node = trie_find(root, path, &exact);

	for (const struct trie_node *child = node->child; child; child = child->sibling) {
		if (exact || path_is_within(child->path, child->length, path, length))
			return false;
	}
	*is_allowed = node->below.may_allow;
	return node->below.may_allow != node->below.may_deny;
}

/* False when the rules alone tell that nothing below can be exposed. */
static bool may_expose(const struct move *move)
{
	const struct plan *plan = move->request->plan;

	for (size_t i = 0; i < plan->moved_count; i++) {
		const struct trie_node *root = plan->moved[i].root;
		bool was_allowed, is_allowed;

		if (!is_uniform(root, move->from, &was_allowed) ||
			!is_uniform(root, move->to, &is_allowed) || (!was_allowed && is_allowed))
			return true;
	}
	return false;
}

static bool append(char *path, size_t *length, const char *name)
{
	size_t added = strlen(name) + 1;

	if (*length + added >= PATH_MAX)
		return false;
	path[(*length)++] = '/';
	memcpy(path + *length, name, added);
	*length += added - 1;
	return true;
}

static bool exposes_below(struct move *move, int directory, int depth);

static bool exposes_name(struct move *move, int directory, const char *name, int depth)
{
	size_t from_length = move->from_length, to_length = move->to_length;
	struct stat status;
	bool exposed = true;

	if (append(move->from, &move->from_length, name) &&
		append(move->to, &move->to_length, name) &&
		fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		exposed = exposes(move, status.st_mode) ||
			  (S_ISDIR(status.st_mode) &&
				  exposes_below(move,
					  openat(directory, name,
						  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
					  depth + 1));
	move->from[move->from_length = from_length] = '\0';
	move->to[move->to_length = to_length] = '\0';
	return exposed;
}

/* Takes charge of the directory's descriptor. */
static bool exposes_below(struct move *move, int directory, int depth)
{
	DIR *stream = directory < 0 || depth > DEPTH_MAX ? NULL : fdopendir(directory);
	const struct dirent *entry;
	bool exposed = !stream || !request_is_alive(move->request);

	if (!stream && directory >= 0)
		close(directory);
	while (!exposed && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			exposed = exposes_name(move, directory, entry->d_name, depth);
	}
	if (stream)
		closedir(stream);
	return exposed;
}

bool exposure_of_move(const struct request *request, int parent, const char *name, mode_t mode,
	const char *from, const char *to)
{
	struct move move = {.request = request};

	strcpy(move.from, from);
	strcpy(move.to, to);
	move.from_length = strlen(from);
	move.to_length = strlen(to);
	if (exposes(&move, mode))
		return true;
	if (!S_ISDIR(mode) || !may_expose(&move))
		return false;
	return exposes_below(
		&move, openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), 0);
}
