/*
 * File operations: from the regions of an operation's trie to Landlock rights.
 * Invariants: a region that the policy denies MUST NOT lie below a granted path unless a gap says
 * so; a right that is denied anywhere MUST be handled by the ruleset.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/program.h"
#include "enforce/linux/plan.h"

enum { KEPT_FDS = 512 };

struct right {
	enum operation operation;
	uint64_t rights;
	/* The rights act on a file below the granted directory, never on the directory's own node.
	 */
	bool of_parent;
};

static const struct right file_rights[] = {
	{OP_FILE_READ_DATA, FS_READ_FILE | FS_READ_DIR, false},
	{OP_FILE_WRITE_DATA, FS_WRITE_FILE | FS_TRUNCATE, false},
	{OP_FILE_WRITE_CREATE,
		FS_MAKE_REG | FS_MAKE_DIR | FS_MAKE_SYM | FS_MAKE_FIFO | FS_MAKE_SOCK, true},
	{OP_FILE_WRITE_UNLINK, FS_REMOVE_FILE | FS_REMOVE_DIR, true},
	{OP_FILE_MKNOD, FS_MAKE_CHAR | FS_MAKE_BLOCK, true},
	{OP_FILE_IOCTL, FS_IOCTL_DEV, false},
	{OP_PROCESS_EXEC_ALL, FS_EXECUTE, false},
};

/* Files that are objects of other operations. */
struct constraint {
	const char *path;
	uint64_t rights;
	enum operation operation;
};

static const struct constraint constraints[] = {
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

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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

static struct path_grant *find_grant(struct plan *plan, const char *path, size_t length, bool exact)
{
	struct path_grant *grant = *grant_bucket(plan, path, length);

	while (grant && (grant->exact != exact || grant->length != length ||
				memcmp(grant->path, path, length) != 0))
		grant = grant->next_in_bucket;
	return grant;
}

static struct path_grant *add_grant(struct plan *plan, const char *path, bool exact)
{
	size_t length = strlen(path);
	struct path_grant *grant = find_grant(plan, path, length, exact);
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

/* A path that the policy grants and that is not there: does anybody miss it? */
static void note_missing(
	struct plan *plan, const struct right *right, const char *path, const struct rule *rule)
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
static void grant_exact(struct plan *plan, const struct right *right, const struct trie_node *node)
{
	if (right->of_parent)
		return; /* creating and removing the path itself is for its directory to grant */
	struct path_grant *grant = add_grant(plan, node->path, true);

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

static void grant_below(struct plan *plan, const struct right *right, const struct trie_node *node)
{
	struct path_grant *grant = add_grant(plan, node->path, false);

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

static void walk(
	struct plan *plan, const struct right *right, const struct trie_node *node, bool granted)
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

static void check_abi(struct plan *plan, const struct right *right, const struct outcomes *denied)
{
	uint64_t lacking = right->rights & ~rights_of_abi(plan->host->landlock_abi);

	if (!lacking || plan->host->landlock_abi == 0)
		return;
	if (lacking & FS_IOCTL_DEV)
		plan_add_gap(plan, right->operation, denied,
			"holding back ioctl on devices needs Landlock ABI 5 (Linux 6.10)");
	if (lacking & FS_TRUNCATE) {
		plan->may_truncate = false;
		plan_refuse(plan, SYS_truncate, VERDICT_EPERM);
		plan_add_limit(plan, NULL,
			"truncate(2) is refused everywhere: telling files apart needs"
			" Landlock ABI 3 (Linux 6.2)");
	}
}

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
	if (everywhere)
		plan_add_gap(plan, constraint->operation, denied,
			text_format(plan->arena,
				"Landlock cannot deny %s inside a tree that is allowed", path));
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

	for (size_t i = 0; i < COUNT(file_rights); i++) {
		if (rights & file_rights[i].rights &&
			is_denied_within(
				plan_regions(plan, file_rights[i].operation), constraint->path))
			rights &= ~file_rights[i].rights;
	}
	struct path_grant *grant = rights ? add_grant(plan, constraint->path, false) : NULL;

	if (grant)
		grant->rights |= grant->is_directory ? rights : rights & FS_OF_FILES;
}

/*
 * The object is asked for under its own operation; where no rule speaks of that, as the file it is.
 */
static void apply_constraint(struct plan *plan, const struct constraint *constraint)
{
	struct outcomes outcomes = plan_ask(plan, constraint->operation);

	if (is_explicit(outcomes.may_deny, outcomes.deny))
		constrain(plan, constraint, &outcomes);
	else if (is_explicit(outcomes.may_allow, outcomes.allow) && !outcomes.may_deny)
		extend(plan, constraint);
}

static void grant_loader(struct plan *plan, const char *program)
{
	struct program inspected;

	for (int depth = 0; program && depth < 4; depth++) {
		const char *real = path_canonical(plan->arena, program);

		if (depth && real) {
			struct path_grant *grant = add_grant(plan, real, true);

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

/* What all grants of the path and of the directories above it come to. */
static uint64_t rights_at(struct plan *plan, const char *path)
{
	const struct path_grant *grant = find_grant(plan, "/", 1, false);
	uint64_t rights = grant ? grant->rights : 0;

	for (size_t length = 1; path[length - 1]; length++) {
		if (path[length] && path[length] != '/')
			continue;
		grant = find_grant(plan, path, length, false);
		rights |= grant ? grant->rights : 0;
	}
	return rights;
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
		struct path_grant *root = add_grant(plan, "/", false);

		if (root)
			root->rights |= FS_REFER;
	}
	for (struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		uint64_t rights = grant->is_directory ? rights_at(plan, grant->path) : 0;

		if (grant->is_directory && (rights & both) == (plan->handled_fs & both))
			grant->rights |= FS_REFER;
	}
}

/* Handles a right that is granted everywhere. */
static void keep_mounts(struct plan *plan)
{
	struct path_grant *root = add_grant(plan, "/", false);

	plan->handled_fs = FS_MAKE_BLOCK;
	if (root)
		root->rights |= FS_MAKE_BLOCK;
}

/*
 * Every sandbox is a Landlock domain, even one that restricts no file: only a domain keeps its
 * processes from controlling others (ptrace, /proc/PID/mem).
 */
static void make_domain(struct plan *plan)
{
	if (plan->host->landlock_abi == 0)
		return; /* a gap already */
	/* What the broker resolves must not move by mounts: only a right on files forbids them. */
	if (plan->handled_fs || (!plan->has_broker && (plan->handled_net || plan->scoped)))
		return;
	if (plan->has_broker)
		keep_mounts(plan);
	else if (plan->host->landlock_abi >= ABI_SCOPE && plan->holds_sockets &&
		 !(plan->sockets & SOCKETS_UNIX)) {
		plan->scoped = SCOPE_ABSTRACT_UNIX_SOCKET; /* there are none to lose */
	} else if (plan->host->landlock_abi >= ABI_NET && plan->holds_sockets &&
		   !(plan->sockets & SOCKETS_TCP)) {
		plan->handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
	} else {
		keep_mounts(plan);
	}
}

void plan_files(struct plan *plan, const char *command)
{
	uint64_t possible = rights_of_abi(plan->host->landlock_abi);

	for (size_t i = 0; i < COUNT(file_rights); i++) {
		const struct right *right = &file_rights[i];
		struct outcomes all = plan_ask(plan, right->operation);

		if (!all.may_deny)
			continue;
		plan->handled_fs |= right->rights & possible;
		check_abi(plan, right, &all);
		if (possible && all.may_allow)
			walk(plan, right, plan_regions(plan, right->operation), false);
	}
	for (size_t i = 0; i < COUNT(constraints); i++)
		apply_constraint(plan, &constraints[i]);
	grant_loaders(plan, command);
	make_domain(plan);
	if (plan->handled_fs)
		grant_refer(plan);
	for (struct path_grant *grant = plan->grants; grant; grant = grant->next)
		grant->rights &= plan->handled_fs;
}
