/*
 * File operations: from the regions of an operation's trie to Landlock rights.
 * Invariants: a region that the policy denies MUST NOT lie below a granted path unless a gap says
 * so; a right that is denied anywhere MUST be handled by the ruleset.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/program.h"
#include "enforce/linux/plan.h"

const struct file_right file_rights[FILE_RIGHTS] = {
	{OP_FILE_READ_DATA, FS_READ_FILE | FS_READ_DIR, false},
	{OP_FILE_WRITE_DATA, FS_WRITE_FILE | FS_TRUNCATE, false},
	{OP_FILE_WRITE_CREATE,
		FS_MAKE_REG | FS_MAKE_DIR | FS_MAKE_SYM | FS_MAKE_FIFO | FS_MAKE_SOCK, true},
	{OP_FILE_WRITE_UNLINK, FS_REMOVE_FILE | FS_REMOVE_DIR, true},
	{OP_FILE_MKNOD, FS_MAKE_CHAR | FS_MAKE_BLOCK, true},
	{OP_FILE_IOCTL, FS_IOCTL_DEV, false},
	{OP_PROCESS_EXEC_ALL, FS_EXECUTE, false},
};

/* A path that the policy grants and that is not there: does anybody miss it? */
static void note_missing(struct plan *plan, const struct file_right *right, const char *path,
	const struct rule *rule)
{
	struct stat status;

	if (errno != ENOENT || right->operation != OP_FILE_WRITE_DATA)
		return;
	if (stat(path_parent(plan->arena, path), &status) == 0)
		plan_add_limit(plan, rule,
			"%s does not exist and cannot be created inside: create it first", path);
}

/* A grant that ends at the node itself: exact for files; of a directory only the listing matters.
 */
static void grant_exact(
	struct plan *plan, const struct file_right *right, const struct trie_node *node)
{
	if (right->of_parent)
		return; /* creating and removing the path itself is for its directory to grant */
	struct path_grant *grant = plan_add_grant(plan, node->path, true);

	if (!grant) {
		note_missing(plan, right, node->path, node->exact.allow.rule);
		return;
	}
	if (!grant->is_directory)
		grant->rights |= right->rights & FS_OF_FILES;
	else if (right->rights & FS_READ_DIR)
		plan_add_limit(plan, node->exact.allow.rule,
			"%s cannot be listed: that would open all that is below it", node->path);
}

static void grant_below(
	struct plan *plan, const struct file_right *right, const struct trie_node *node)
{
	struct path_grant *grant = plan_add_grant(plan, node->path, false);

	if (!grant) {
		note_missing(plan, right, node->path, node->below.allow.rule);
		return;
	}
	if (!grant->is_directory) {
		/* Nothing lies below it: what holds for the path itself counts. */
		if (!node->exact.may_deny)
			grant->rights |= right->rights & FS_OF_FILES;
		else if (node->exact.may_allow)
			plan_add_gap(plan, right->operation, &node->exact,
				"the answer depends on more than the path");
		return;
	}
	grant->rights |= right->rights;
	if (node->exact.may_deny && right->rights & FS_READ_DIR)
		plan_add_gap(plan, right->operation, &node->exact,
			"Landlock cannot refuse the listing of a directory whose contents it "
			"grants");
}

static void walk(struct plan *plan, const struct file_right *right, const struct trie_node *node,
	bool granted)
{
	if (granted) {
		const struct outcomes *denied = node->exact.may_deny   ? &node->exact
						: node->below.may_deny ? &node->below
								       : NULL;

		if (denied) {
			plan_add_gap(plan, right->operation, denied,
				text_format(plan->arena,
					"Landlock cannot deny %s inside a tree that is allowed",
					node->path));
			return;
		}
	} else if (node->below.may_allow && node->below.may_deny) {
		plan_add_gap(plan, right->operation, &node->below,
			text_format(plan->arena,
				"below %s the answer depends on more than directories",
				node->path));
		return;
	} else if (node->below.may_allow) {
		grant_below(plan, right, node);
		granted = true;
	} else if (node->exact.may_allow && node->exact.may_deny) {
		plan_add_gap(plan, right->operation, &node->exact,
			text_format(plan->arena, "at %s the answer depends on more than the path",
				node->path));
	} else if (node->exact.may_allow) {
		grant_exact(plan, right, node);
	}
	for (const struct trie_node *child = node->child; child; child = child->sibling)
		walk(plan, right, child, granted);
}

/* Grants all that the policy may allow below: the broker decides in there. */
static void walk_roughly(
	struct plan *plan, const struct file_right *right, const struct trie_node *node)
{
	bool whole = node->below.may_allow;

	if (whole || (node->exact.may_allow && !right->of_parent)) {
		struct path_grant *grant = plan_add_grant(plan, node->path, !whole);

		if (grant)
			grant->rights |= grant->is_directory && whole ? right->rights
								      : right->rights & FS_OF_FILES;
	}
	for (const struct trie_node *child = node->child; child && !whole; child = child->sibling)
		walk_roughly(plan, right, child);
}

static bool may_broker(const struct plan *plan, const struct file_right *right)
{
	return !plan->host->has_listener && !plan_is_beyond_broker(plan, right->operation);
}

/* By Landlock, if its grants can say exactly what the policy does. */
static void grant_regions(struct plan *plan, const struct file_right *right)
{
	const struct trie_node *root = plan_regions(plan, right->operation);
	struct gap **gaps_end = plan->gaps_end;
	struct limit **limits_end = plan->limits_end;

	walk(plan, right, root, false);
	if (plan->gaps_end == gaps_end || !may_broker(plan, right))
		return;
	*gaps_end = NULL;
	plan->gaps_end = gaps_end;
	*limits_end = NULL;
	plan->limits_end = limits_end;
	plan->brokered_fs |= right->rights;
	walk_roughly(plan, right, root);
}

/* The rights that this kernel can handle; what it lacks and the policy denies is a gap. */
static uint64_t rights_of_abi(int abi)
{
	uint64_t rights = (FS_IOCTL_DEV << 1) - 1;

	if (abi < ABI_IOCTL_DEV)
		rights &= ~(uint64_t)FS_IOCTL_DEV; /* device ioctls cannot be held back */
	if (abi < ABI_TRUNCATE)
		rights &= ~(uint64_t)FS_TRUNCATE; /* truncate(2) and O_TRUNC cannot be held back */
	if (abi < ABI_REFER)
		rights &= ~(uint64_t)FS_REFER; /* renaming to another directory always fails */
	if (abi < 1)
		rights = 0;
	return rights;
}

static void check_abi(
	struct plan *plan, const struct file_right *right, const struct outcomes *denied)
{
	uint64_t lacking = right->rights & ~rights_of_abi(plan->host->landlock_abi);

	if (!lacking || plan->host->landlock_abi == 0)
		return;
	if (lacking & FS_IOCTL_DEV)
		plan_add_gap(plan, right->operation, denied,
			"holding back ioctl on devices needs Landlock ABI 5 (Linux 6.10)");
	if (lacking & FS_TRUNCATE && !(plan->brokered_fs & FS_WRITE_FILE)) {
		plan->may_truncate = false;
		plan_refuse(plan, SYS_truncate, VERDICT_EPERM);
		plan_add_limit(plan, NULL,
			"truncate(2) is refused everywhere: telling files apart needs"
			" Landlock ABI 3 (Linux 6.2)");
	}
}

static void grant_loader(struct plan *plan, const char *program)
{
	struct program inspected;

	for (int depth = 0; program && depth < 4; depth++) {
		const char *real = path_canonical(plan->arena, program);

		if (depth && real) {
			struct path_grant *grant = plan_add_grant(plan, real, true);

			if (grant && !grant->is_directory)
				grant->rights |= FS_EXECUTE;
		}
		if (!real || !program_inspect(plan->arena, real, &inspected) ||
			inspected.kind != PROGRAM_NATIVE)
			return;
		program = inspected.interpreter;
	}
}

/* The kernel asks for EXECUTE on the dynamic loader of every program that may run. */
static void grant_loaders(struct plan *plan, const char *command)
{
	struct program program;

	if (!(plan->handled_fs & FS_EXECUTE))
		return;
	/* Landlock knows no files without a path. */
	plan_refuse(plan, SYS_memfd_create, VERDICT_MEMFD);
	if (command && program_inspect(plan->arena, command, &program)) {
		grant_loader(plan, command);
		if (program.kind == PROGRAM_SCRIPT)
			grant_loader(plan, program.interpreter);
	}
	grant_loader(plan, "/bin/sh");
}

/*
 * A device node is both made and a device: where either is restricted, it takes both rights. The
 * places that have both are the deeper ones of each pair.
 */
static void restrict_devices(struct plan *plan)
{
	const uint64_t devices = FS_MAKE_CHAR | FS_MAKE_BLOCK;
	bool may_anywhere = !(plan->handled_fs & devices);

	if (!(plan->handled_fs & FS_MAKE_REG))
		return;
	plan->handled_fs |= devices;
	for (struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		uint64_t rights = plan_rights_at(plan, grant->path);

		grant->has_both = rights & FS_MAKE_REG && (may_anywhere || rights & FS_MAKE_CHAR);
	}
	for (struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		grant->rights &= ~devices;
		if (grant->has_both && grant->is_directory && !grant->exact)
			grant->rights |= devices;
	}
}

/* Moving between directories asks for creating in one and removing from the other. */
static void grant_refer(struct plan *plan)
{
	const uint64_t both = FS_MAKE_REG | FS_REMOVE_FILE;

	plan->handled_fs |= FS_REFER & rights_of_abi(plan->host->landlock_abi);
	if (plan->host->landlock_abi == 0)
		return; /* a gap already, and nothing restricts it */
	if (!(plan->handled_fs & FS_REFER)) {
		plan_add_limit(plan, NULL,
			"files cannot be renamed to another directory: that needs"
			" Landlock ABI 2 (Linux 5.19)");
		return;
	}
	if (!(plan->handled_fs & both)) {
		struct path_grant *root = plan_add_grant(plan, "/", false);

		if (root)
			root->rights |= FS_REFER;
	}
	for (struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		uint64_t rights = grant->is_directory ? plan_rights_at(plan, grant->path) : 0;

		if (grant->is_directory && (rights & both) == (plan->handled_fs & both))
			grant->rights |= FS_REFER;
	}
}

/*
 * Every sandbox is a Landlock domain, even one that restricts no file: only a domain keeps its
 * processes from controlling others (ptrace, /proc/PID/mem). And it handles a right on files, which
 * is granted everywhere: then nothing can be mounted, and another sandbox inside can still grant
 * renaming to other directories, which every domain must (Landlock, FS_REFER).
 */
static void make_domain(struct plan *plan)
{
	if (plan->host->landlock_abi == 0 || plan->handled_fs)
		return; /* a gap already, or one that needs no help */
	struct path_grant *root = plan_add_grant(plan, "/", false);

	plan->handled_fs = FS_MAKE_BLOCK;
	if (root)
		root->rights |= FS_MAKE_BLOCK;
}

void plan_files(struct plan *plan, const char *command)
{
	uint64_t possible = rights_of_abi(plan->host->landlock_abi);

	for (size_t i = 0; i < FILE_RIGHTS; i++) {
		const struct file_right *right = &file_rights[i];
		struct outcomes all = plan_ask(plan, right->operation);

		if (!all.may_deny)
			continue;
		plan->handled_fs |= right->rights & possible;
		if (possible && all.may_allow)
			grant_regions(plan, right);
		check_abi(plan, right, &all);
	}
	plan_constraints(plan);
	restrict_devices(plan);
	grant_loaders(plan, command);
	plan_brokered_files(plan);
	make_domain(plan);
	if (plan->handled_fs)
		grant_refer(plan);
	for (struct path_grant *grant = plan->grants; grant; grant = grant->next)
		grant->rights &= plan->handled_fs;
}
