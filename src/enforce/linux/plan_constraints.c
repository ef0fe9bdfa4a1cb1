/*
 * Files that are objects of other operations: shared memory, kernel settings, terminals. Such a
 * file is asked for under that operation; where no rule speaks of it, as the file it is.
 */
#include <string.h>

#include "base/path.h"
#include "enforce/linux/plan.h"

struct constraint {
	const char *path;
	uint64_t rights;
	enum operation operation;
};

static const struct constraint constraints[CONSTRAINTS] = {
	{"/dev/shm", FS_READ_FILE, OP_IPC_POSIX_SHM_READ_DATA},
	{"/dev/shm", FS_WRITE_FILE, OP_IPC_POSIX_SHM_WRITE_DATA},
	{"/dev/shm", FS_MAKE_REG, OP_IPC_POSIX_SHM_WRITE_CREATE},
	{"/dev/shm", FS_REMOVE_FILE, OP_IPC_POSIX_SHM_WRITE_UNLINK},
	{"/dev/shm", FS_READ_FILE | FS_WRITE_FILE, OP_IPC_POSIX_SEM_OPEN},
	{"/dev/shm", FS_MAKE_REG, OP_IPC_POSIX_SEM_CREATE},
	{"/dev/shm", FS_REMOVE_FILE, OP_IPC_POSIX_SEM_UNLINK},
	{"/proc/sys", FS_READ_FILE, OP_SYSCTL_READ},
	{"/proc/sys", FS_WRITE_FILE, OP_SYSCTL_WRITE},
	{"/dev/ptmx", FS_READ_FILE | FS_WRITE_FILE, OP_PSEUDO_TTY},
};

static bool covers(const struct path_grant *grant, const char *path, size_t length)
{
	return !grant->exact && path_is_within(path, length, grant->path, grant->length);
}

/* A rule that speaks of the operation itself or its group, not of everything. */
static bool is_explicit(bool flag, struct decision decision)
{
	return flag && decision.operation != OP_DEFAULT && decision.rule;
}

static void constrain(
	struct plan *plan, const struct constraint *constraint, const struct outcomes *denied)
{
	const char *path = constraint->path;
	size_t length = strlen(path);
	bool everywhere = constraint->rights & ~plan->handled_fs;

	for (struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		if (!(grant->rights & constraint->rights))
			continue;
		if (covers(grant, path, length) && grant->length != length)
			everywhere = true;
		else if (path_is_within(grant->path, grant->length, path, length))
			grant->rights &= ~constraint->rights;
	}
	if (everywhere && (denied->may_allow || plan->host->has_listener))
		plan_add_gap(plan, constraint->operation, denied,
			text_format(plan->arena,
				"Landlock cannot deny %s inside a tree that is allowed", path));
	else if (everywhere)
		plan->brokered_fs |= constraint->rights;
}

static bool is_denied_in(const struct trie_node *node, const char *path)
{
	if (path_is_within(node->path, node->length, path, strlen(path)) &&
		(is_explicit(node->exact.may_deny, node->exact.deny) ||
			is_explicit(node->below.may_deny, node->below.deny)))
		return true;
	for (const struct trie_node *child = node->child; child; child = child->sibling) {
		if (is_denied_in(child, path))
			return true;
	}
	return false;
}

/* A rule on files denies the path or something below it. */
static bool is_denied_within(const struct trie_node *root, const char *path)
{
	bool exact;
	const struct trie_node *node = trie_find(root, path, &exact);
	const struct outcomes *outcomes = exact ? &node->exact : &node->below;

	return is_explicit(outcomes->may_deny, outcomes->deny) || is_denied_in(root, path);
}

/* Grants the object's rights, unless a rule on files denies them there. */
static void extend(struct plan *plan, const struct constraint *constraint)
{
	uint64_t rights = constraint->rights & plan->handled_fs;

	for (size_t i = 0; i < FILE_RIGHTS; i++) {
		if (rights & file_rights[i].rights &&
			is_denied_within(
				plan_regions(plan, file_rights[i].operation), constraint->path))
			rights &= ~file_rights[i].rights;
	}
	struct path_grant *grant = rights ? plan_add_grant(plan, constraint->path, false) : NULL;

	if (grant)
		grant->rights |= grant->is_directory ? rights : rights & FS_OF_FILES;
}

void plan_constraints(struct plan *plan)
{
	for (size_t i = 0; i < CONSTRAINTS; i++) {
		struct outcomes outcomes = plan_ask(plan, constraints[i].operation);

		if (is_explicit(outcomes.may_deny, outcomes.deny)) {
			plan->rulings[i] = RULING_DENY;
			constrain(plan, &constraints[i], &outcomes);
		} else if (is_explicit(outcomes.may_allow, outcomes.allow) && !outcomes.may_deny) {
			plan->rulings[i] = RULING_ALLOW;
			extend(plan, &constraints[i]);
		}
	}
}

enum ruling plan_ruling(const struct plan *plan, enum operation operation, const char *path)
{
	enum ruling ruling = RULING_NONE;
	uint64_t rights = 0;

	for (size_t i = 0; i < FILE_RIGHTS; i++) {
		if (file_rights[i].operation == operation)
			rights = file_rights[i].rights;
	}
	for (size_t i = 0; rights && i < CONSTRAINTS; i++) {
		if (!plan->rulings[i] || !(constraints[i].rights & rights) ||
			!path_is_within(path, strlen(path), constraints[i].path,
				strlen(constraints[i].path)))
			continue;
		if (plan->rulings[i] == RULING_DENY)
			return RULING_DENY;
		ruling = RULING_ALLOW;
	}
	return ruling;
}
