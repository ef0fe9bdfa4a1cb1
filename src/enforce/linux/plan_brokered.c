/*
 * Files that the broker opens, makes, moves and removes, because Landlock cannot hold the rules.
 * Invariant: while the broker decides anything by a file's path, no call MUST give the file another
 * path behind its back.
 */
#include <limits.h>
#include <string.h>

#include "enforce/linux/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { CALLS_MAX = 8 };

/* What the broker answers when it holds one of the rights; open(2) apart. */
static const struct {
	uint64_t rights; /* enum landlock_fs */
	long calls[CALLS_MAX];
} brokered_calls[] = {
	{FS_READ_FILE | FS_READ_DIR, {SYS_inotify_add_watch}},
	{FS_WRITE_FILE, {SYS_truncate, SYS_creat}},
	{FS_MAKE_REG, {SYS_creat, SYS_mkdir, SYS_mkdirat, SYS_symlink, SYS_symlinkat, SYS_mknod,
			      SYS_mknodat, SYS_bind}},
	{FS_MAKE_CHAR, {SYS_mknod, SYS_mknodat}},
	{FS_EXECUTE, {SYS_execve, SYS_execveat}},
	{FS_REMOVE_FILE, {SYS_unlink, SYS_unlinkat, SYS_rmdir}},
};

/* They give a file another name, and with it other rules. */
static const long moves[] = {SYS_rename, SYS_renameat, SYS_renameat2, SYS_link, SYS_linkat};

/* What is decided by a file's path, by the broker alone. */
static const enum operation by_path[] = {OP_FILE_WRITE_MODE, OP_FILE_WRITE_OWNER,
	OP_FILE_WRITE_TIMES, OP_FILE_WRITE_FLAGS, OP_FILE_WRITE_XATTR, OP_FILE_READ_XATTR,
	OP_FILE_READ_METADATA};

static const struct outcomes *outcomes_at(
	const struct trie_node *root, const char *path, bool of_all_below)
{
	bool exact;
	const struct trie_node *node = trie_find(root, path, &exact);

	return exact && !of_all_below ? &node->exact : &node->below;
}

/* The directory above, in place: false at the root. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

/* Landlock grants names to make or to remove by the directories that they stand in. */
static bool is_granted(const struct trie_node *root, const char *path)
{
	char directory[PATH_MAX];

	if (strlen(path) >= sizeof(directory))
		return true;
	strcpy(directory, path);
	return go_up(directory) && outcomes_at(root, directory, true)->may_allow;
}

/* The path, or a directory that it lies in, can be renamed. */
static bool can_move(const struct trie_node *removal, const char *path)
{
	char directory[PATH_MAX];

	if (strlen(path) >= sizeof(directory))
		return true;
	strcpy(directory, path);
	do {
		if (is_granted(removal, directory))
			return true;
	} while (go_up(directory));
	return false;
}

/* A file that is denied at the node or below it can be given another name by Landlock's rules. */
static bool can_escape(const struct trie_node *removal, const struct trie_node *creation,
	const struct trie_node *node)
{
	const char *path = node->path;
	bool denied = node->exact.may_deny || node->below.may_deny;

	if (denied && (can_move(removal, path) || is_granted(creation, path)))
		return true;
	if (node->below.may_deny && (outcomes_at(removal, path, true)->may_allow ||
					    outcomes_at(creation, path, true)->may_allow))
		return true;
	for (const struct trie_node *child = node->child; child; child = child->sibling) {
		if (can_escape(removal, creation, child))
			return true;
	}
	return false;
}

/* A place below one where the operation is denied, and where names can be made or removed. */
static bool meets(
	const struct trie_node *denied, const struct trie_node *root, const struct trie_node *node)
{
	if ((is_granted(root, node->path) && outcomes_at(denied, node->path, false)->may_deny) ||
		(node->below.may_allow && outcomes_at(denied, node->path, true)->may_deny))
		return true;
	for (const struct trie_node *child = node->child; child; child = child->sibling) {
		if (meets(denied, root, child))
			return true;
	}
	return false;
}

static bool is_escapable(struct plan *plan, enum operation operation)
{
	if (!plan_is_brokered(plan, operation))
		return false;
	if (!plan_ask(plan, OP_FILE_WRITE_UNLINK).may_allow &&
		!plan_ask(plan, OP_FILE_WRITE_CREATE).may_allow)
		return false;
	const struct trie_node *removal = plan_regions(plan, OP_FILE_WRITE_UNLINK);
	const struct trie_node *creation = plan_regions(plan, OP_FILE_WRITE_CREATE);
	const struct trie_node *denied = plan_regions(plan, operation);

	return can_escape(removal, creation, denied) || meets(denied, removal, removal) ||
	       meets(denied, creation, creation);
}

static bool needs_moves(struct plan *plan)
{
	if (plan->brokered_fs)
		return true;
	for (size_t i = 0; plan->has_broker && i < COUNT(by_path); i++) {
		if (is_escapable(plan, by_path[i]))
			return true;
	}
	return false;
}

/* New files are nobody's: only what is there can be exposed. */
static void note_moved(struct plan *plan)
{
	static const enum operation operations[MOVED_MAX] = {OP_FILE_READ_DATA,
		OP_FILE_READ_METADATA, OP_FILE_READ_XATTR, OP_FILE_WRITE_DATA, OP_FILE_WRITE_UNLINK,
		OP_FILE_WRITE_MODE, OP_FILE_WRITE_OWNER, OP_FILE_WRITE_TIMES, OP_FILE_WRITE_FLAGS,
		OP_FILE_WRITE_XATTR, OP_FILE_WRITE_ACL, OP_FILE_IOCTL, OP_PROCESS_EXEC_ALL};

	for (size_t i = 0; i < MOVED_MAX && operations[i]; i++) {
		struct outcomes all = plan_ask(plan, operations[i]);

		if (all.may_deny && all.may_allow)
			plan->moved[plan->moved_count++] = (struct moved_operation){
				operations[i], plan_regions(plan, operations[i])};
	}
}

static void broker_opens(struct plan *plan)
{
	if (plan->brokered_fs & (FS_READ_FILE | FS_READ_DIR | FS_IOCTL_DEV))
		plan->opens = OPENS_ALL;
	else if (plan->brokered_fs & (FS_WRITE_FILE | FS_MAKE_REG))
		plan->opens = OPENS_WRITING;
	else
		return;
	plan_broker(plan, NR_openat2);
	plan_broker(plan, SYS_creat);
}

void plan_brokered_files(struct plan *plan)
{
	if (!needs_moves(plan))
		return;
	for (size_t i = 0; i < COUNT(moves); i++)
		plan_broker(plan, moves[i]);
	note_moved(plan);
	broker_opens(plan);
	for (size_t i = 0; i < COUNT(brokered_calls); i++) {
		for (int j = 0; plan->brokered_fs & brokered_calls[i].rights && j < CALLS_MAX;
			j++) {
			if (brokered_calls[i].calls[j])
				plan_broker(plan, brokered_calls[i].calls[j]);
		}
	}
	/* Whom it opens files for has no Landlock domain of its own that it would know of. */
	if (plan->brokered_fs)
		plan_refuse(plan, SYS_landlock_create_ruleset, VERDICT_ENOSYS);
	/* It reports what others open, and hands out descriptors of it. */
	if (plan->brokered_fs)
		plan_refuse(plan, SYS_fanotify_init, VERDICT_EPERM);
	/* The kernel itself opens a file for writing. */
	if (plan->brokered_fs & FS_WRITE_FILE)
		plan_refuse(plan, SYS_acct, VERDICT_EPERM);
}
