/*
 * System calls that are decided by their number or by one plain argument: what is refused in every
 * sandbox, and operations that the policy allows or denies as a whole.
 */
#include <stddef.h>

#include "enforce/linux/plan.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Ways around the sandbox or into the kernel; no ordinary program needs them. */
static const long always_refused[] = {
	NR_open_tree,
	NR_open_tree_attr,
	NR_move_mount,
	NR_fsopen,
	NR_fsconfig,
	NR_fsmount,
	NR_fspick,
	NR_mount_setattr,      /* mounts that Landlock sees too late */
	SYS_open_by_handle_at, /* files without a path */
	SYS_kexec_load,
	SYS_kexec_file_load,
	SYS_bpf, /* code for the kernel */
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_iopl,
	SYS_ioperm,
};

/* Requests in shared memory that no filter sees; programs fall back on ENOSYS. */
static const long always_missing[] = {
	SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register};

enum { CALLS_MAX = 14 };

/* An operation that seccomp allows or denies as a whole; the broker tells some by their objects. */
struct whole_operation {
	enum operation operation;
	bool has_broker;
	long calls[CALLS_MAX]; /* ends with 0, which is read(2) and never among them */
};

static const struct whole_operation whole_operations[] = {
	{OP_FILE_WRITE_MODE, true, {SYS_chmod, SYS_fchmod, SYS_fchmodat, NR_fchmodat2}},
	{OP_FILE_WRITE_OWNER, true, {SYS_chown, SYS_fchown, SYS_lchown, SYS_fchownat}},
	{OP_FILE_WRITE_TIMES, true, {SYS_utime, SYS_utimes, SYS_futimesat, SYS_utimensat}},
	{OP_FILE_WRITE_FLAGS, true, {NR_file_setattr}}, /* and ioctl, see seccomp.c */
	{OP_FILE_WRITE_XATTR, true,
		{SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr,
			SYS_fremovexattr, NR_setxattrat, NR_removexattrat}},
	{OP_FILE_READ_XATTR, true,
		{SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr,
			SYS_flistxattr, NR_getxattrat, NR_listxattrat}},
	{OP_FILE_READ_METADATA, true,
		{SYS_stat, SYS_lstat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_access,
			SYS_faccessat, NR_faccessat2, SYS_readlink, SYS_readlinkat, NR_file_getattr,
			SYS_chdir, SYS_fchdir}},
	{OP_FILE_LINK, true, {SYS_link, SYS_linkat}},
	{OP_FILE_CHROOT, false, {SYS_chroot, SYS_pivot_root}},
	{OP_FILE_MOUNT, false, {SYS_mount}},
	{OP_FILE_UNMOUNT, false, {SYS_umount2}},
	{OP_IPC_SYSV_MSG, false, {SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl}},
	{OP_IPC_SYSV_SEM, false, {SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl}},
	{OP_IPC_SYSV_SHM, false, {SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl}},
	{OP_SYSTEM_ACCT, false, {SYS_acct}},
	{OP_SYSTEM_REBOOT, false, {SYS_reboot}},
	{OP_SYSTEM_SCHED, false,
		{SYS_setpriority, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr,
			SYS_ioprio_set}},
	{OP_SYSTEM_SET_TIME, false,
		{SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime}},
	{OP_SYSTEM_SWAP, false, {SYS_swapon, SYS_swapoff}},
};

/* Operations that nothing here can deny, for one object or for all. */
static const enum operation unenforced[] = {OP_DYNAMIC_CODE_GENERATION, OP_FILE_CLONE, OP_FILE_LOCK,
	OP_SOCKET_IOCTL, OP_SOCKET_OPTION_GET, OP_SOCKET_OPTION_SET};

static void refuse_if_present(struct plan *plan, long number, enum verdict verdict)
{
	if (number >= 0)
		plan_refuse(plan, number, verdict);
}

/* Newer forms, which the broker leaves out: programs fall back on the older ones. */
static bool is_left_out(long number)
{
	static const long newer[] = {NR_setxattrat, NR_getxattrat, NR_listxattrat, NR_removexattrat,
		NR_file_getattr, NR_file_setattr};

	for (size_t i = 0; i < COUNT(newer); i++) {
		if (number == newer[i])
			return true;
	}
	return false;
}

static bool is_unknown(const struct filter *filter)
{
	switch (filter->kind) {
	case FILTER_ALL:
	case FILTER_ANY:
	case FILTER_NOT:
		for (size_t i = 0; i < filter->group.count; i++) {
			if (is_unknown(filter->group.items[i]))
				return true;
		}
		return false;
	case FILTER_TEXT:
		return filter->text.attribute == TEXT_MOUNT_RELATIVE_PATH ||
		       filter->text.attribute == TEXT_PROCESS_PATH ||
		       filter->text.attribute == TEXT_FILESYSTEM_NAME;
	case FILTER_NUMBER:
		return filter->number.attribute == NUMBER_FILE_ATTRIBUTE ||
		       filter->number.attribute == NUMBER_DEVICE_MAJOR ||
		       filter->number.attribute == NUMBER_DEVICE_MINOR ||
		       filter->number.attribute == NUMBER_IOCTL_COMMAND ||
		       filter->number.attribute == NUMBER_UID;
	default:
		return false;
	}
}

/* The broker knows an object's path, type and mode; rules that ask for more are beyond it. */
bool plan_is_beyond_broker(const struct plan *plan, enum operation operation)
{
	for (; operation != OP_NONE; operation = operation_parent(operation)) {
		const struct rule_link *link = plan->policy->operations[operation].filtered;

		for (; link; link = link->next) {
			if (is_unknown(link->rule->filter))
				return true;
		}
	}
	return false;
}

void plan_broker(struct plan *plan, long number)
{
	plan->has_broker = true;
	refuse_if_present(plan, number, VERDICT_BROKER);
}

static void ask_broker(struct plan *plan, const long *calls)
{
	for (int i = 0; i < CALLS_MAX && calls[i]; i++) {
		if (is_left_out(calls[i]))
			refuse_if_present(plan, calls[i], VERDICT_ENOSYS);
		else
			plan_broker(plan, calls[i]);
	}
}

void plan_broker_lookups(struct plan *plan)
{
	for (size_t i = 0; i < COUNT(whole_operations); i++) {
		if (whole_operations[i].has_broker)
			ask_broker(plan, whole_operations[i].calls);
	}
}

static struct outcomes ask_whole(struct plan *plan, enum operation operation)
{
	struct outcomes outcomes = plan_ask(plan, operation);

	if (operation == OP_FILE_WRITE_XATTR && outcomes.may_allow) {
		/* Access control lists are extended attributes: they go where none is allowed. */
		struct outcomes lists = plan_ask(plan, OP_FILE_WRITE_ACL);

		outcomes_merge(&outcomes, &lists);
	}
	return outcomes;
}

/* Programs can go without it: so a sandbox without a broker is better than none. */
static bool changes_files(enum operation operation)
{
	return operation_is_within(operation, OP_FILE_WRITE_ALL);
}

/*
 * Landlock refuses to mount as soon as it restricts any file, which every sandbox does in the end;
 * and in another root the broker serves nobody.
 */
static bool is_refused_anyway(enum operation operation)
{
	return operation == OP_FILE_MOUNT || operation == OP_FILE_UNMOUNT ||
	       operation == OP_FILE_CHROOT;
}

static void plan_whole(struct plan *plan, const struct whole_operation *whole)
{
	struct outcomes outcomes = ask_whole(plan, whole->operation);
	/* Of what has no path, and of what is not there, metadata can always be asked for. */
	bool is_mixed = outcomes.may_allow || whole->operation == OP_FILE_READ_METADATA;
	bool is_lost = is_mixed && plan->host->has_listener && changes_files(whole->operation);

	if (!outcomes.may_deny)
		return;
	if (is_mixed && is_refused_anyway(whole->operation))
		is_mixed = false;
	if (is_mixed && !whole->has_broker) {
		plan_add_gap(plan, whole->operation, &outcomes,
			"no mechanism here tells its objects apart: it can be allowed or denied "
			"only"
			" as a whole");
		return;
	}
	if (is_mixed && plan_is_beyond_broker(plan, whole->operation)) {
		plan_add_gap(plan, whole->operation, &outcomes,
			"the broker tells files apart by path, type and mode alone");
		return;
	}
	if (is_lost) {
		plan_add_limit(plan, outcomes.allow.rule,
			"%s is refused everywhere: the sandbox around this one has the only broker "
			"there can be",
			operation_name(whole->operation));
		is_mixed = false;
	}
	if (whole->operation == OP_FILE_WRITE_FLAGS)
		plan->setting_flags = is_mixed ? VERDICT_BROKER : VERDICT_EPERM;
	if (whole->operation == OP_FILE_READ_METADATA)
		plan->checks_metadata = true;
	if (is_mixed) {
		ask_broker(plan, whole->calls);
		return;
	}
	for (int i = 0; i < CALLS_MAX && whole->calls[i]; i++)
		refuse_if_present(plan, whole->calls[i], VERDICT_EPERM);
}

/* Setuid and setgid files are denied unless a rule allows them (SBPL.md section 2). */
static void plan_set_id(struct plan *plan)
{
	static const long calls[CALLS_MAX] = {SYS_chmod, SYS_fchmod, SYS_fchmodat, NR_fchmodat2};
	struct outcomes outcomes = plan_ask(plan, OP_FILE_WRITE_SETUGID);

	if (!outcomes.may_deny)
		return;
	plan->may_set_id = false;
	if (!outcomes.may_allow)
		return;
	if (plan->host->has_listener) {
		plan_add_limit(plan, outcomes.allow.rule,
			"setuid and setgid modes are refused everywhere: the sandbox around this "
			"one has the only broker there can be");
		return;
	}
	ask_broker(plan, calls);
	plan_add_limit(plan, outcomes.allow.rule,
		"files cannot be made setuid or setgid at once, only by changing their mode");
}

bool plan_is_brokered(const struct plan *plan, enum operation operation)
{
	if (operation == OP_FILE_WRITE_FLAGS)
		return plan->setting_flags == VERDICT_BROKER;
	if (operation == OP_FILE_WRITE_ACL)
		operation = OP_FILE_WRITE_XATTR;
	if (operation == OP_FILE_WRITE_SETUGID)
		operation = OP_FILE_WRITE_MODE;
	for (size_t i = 0; i < COUNT(whole_operations); i++) {
		for (int j = 0; whole_operations[i].operation == operation && j < CALLS_MAX; j++) {
			long number = whole_operations[i].calls[j];

			if (number > 0 && plan->verdicts[number] == VERDICT_BROKER)
				return true;
		}
	}
	return false;
}

/* As long as nobody made any of these calls, all processes have the broker's rights. */
void plan_rights(struct plan *plan)
{
	static const long calls[] = {SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid,
		SYS_setresuid, SYS_setresgid, SYS_setfsuid, SYS_setfsgid, SYS_setgroups, SYS_capset,
		SYS_chroot, SYS_pivot_root, SYS_setns};

	if (!plan->has_broker)
		return;
	plan->brokers_network = plan->verdicts[SYS_connect] == VERDICT_BROKER ||
				plan->verdicts[SYS_bind] == VERDICT_BROKER;
	if (plan->brokers_network)
		plan_refuse(plan, SYS_landlock_create_ruleset, VERDICT_BROKER);
	for (size_t i = 0; i < COUNT(calls); i++)
		plan_refuse(plan, calls[i], VERDICT_RIGHTS);
	plan_refuse(plan, SYS_prctl, VERDICT_PRCTL);
	plan_refuse(plan, SYS_unshare, VERDICT_NEW_VIEW);
	if (plan->verdicts[SYS_clone] == VERDICT_ALLOW)
		plan_refuse(plan, SYS_clone, VERDICT_NEW_VIEW);
	plan_refuse(plan, NR_clone3, VERDICT_ENOSYS); /* its flags are in memory */
}

void plan_arguments(struct plan *plan)
{
	refuse_if_present(plan, SYS_ioctl, VERDICT_IOCTL);
	if (plan->may_set_id && plan->may_truncate && !plan->opens)
		return;
	refuse_if_present(plan, SYS_open, VERDICT_OPEN);
	refuse_if_present(plan, SYS_openat, VERDICT_OPENAT);
	if (!plan->opens)
		refuse_if_present(plan, NR_openat2, VERDICT_ENOSYS); /* its flags are in memory */
	if (plan->may_set_id)
		return;
	refuse_if_present(plan, SYS_chmod, VERDICT_MODE1);
	refuse_if_present(plan, SYS_fchmod, VERDICT_MODE1);
	refuse_if_present(plan, SYS_fchmodat, VERDICT_MODE2);
	refuse_if_present(plan, NR_fchmodat2, VERDICT_MODE2);
	refuse_if_present(plan, SYS_creat, VERDICT_MODE1);
	refuse_if_present(plan, SYS_mknod, VERDICT_MODE1);
	refuse_if_present(plan, SYS_mknodat, VERDICT_MODE2);
}

/* Denied by default they come to nothing, for want of an object; a rule of their own wants more. */
static const enum operation only_by_default[] = {OP_DEVICE_ALL, OP_DEVICE_CAMERA,
	OP_DEVICE_MICROPHONE, OP_FILE_MOUNT_UPDATE, OP_IPC_POSIX_SEM_POST, OP_PROCESS_IOPOLICY_ALL};

static void plan_interpreters(struct plan *plan)
{
	const enum operation operation = OP_PROCESS_EXEC_INTERPRETER;
	struct outcomes outcomes = plan_ask(plan, operation);

	/* What decides other programs alike is enforced with them. */
	if (!outcomes.may_deny || policy_is_alike(plan->policy, operation, OP_PROCESS_EXEC_ALL))
		return;
	if (plan->host->has_listener || plan_is_beyond_broker(plan, operation))
		plan_add_gap(plan, operation, &outcomes, "only a broker can tell interpreters");
	else
		plan->brokered_fs |= FS_EXECUTE;
}

static void plan_explicit(struct plan *plan)
{
	for (size_t i = 0; i < COUNT(only_by_default); i++) {
		enum operation operation = only_by_default[i];
		struct outcomes outcomes = plan_ask(plan, operation);
		enum operation parent = operation_parent(operation);

		/* What decides the parent alike is enforced there. */
		if (!outcomes.may_deny || !outcomes.deny.rule ||
			outcomes.deny.operation == OP_DEFAULT ||
			policy_is_alike(plan->policy, operation, parent))
			continue;
		plan_add_gap(plan, operation, &outcomes, "nothing here can deny it by itself");
	}
}

void plan_calls(struct plan *plan)
{
	plan->may_set_id = true;
	plan->may_truncate = true;
	for (size_t i = 0; i < COUNT(always_refused); i++)
		refuse_if_present(plan, always_refused[i], VERDICT_EPERM);
	for (size_t i = 0; i < COUNT(always_missing); i++)
		refuse_if_present(plan, always_missing[i], VERDICT_ENOSYS);
	for (size_t i = 0; i < COUNT(whole_operations); i++)
		plan_whole(plan, &whole_operations[i]);
	for (size_t i = 0; i < COUNT(unenforced); i++) {
		struct outcomes outcomes = plan_ask(plan, unenforced[i]);

		if (outcomes.may_deny)
			plan_add_gap(plan, unenforced[i], &outcomes, "nothing here can deny it");
	}
	/* Keyrings hold what keychains do. */
	if (plan_ask(plan, OP_AUTHORIZATION_RIGHT_OBTAIN).may_deny) {
		plan_refuse(plan, SYS_add_key, VERDICT_EPERM);
		plan_refuse(plan, SYS_request_key, VERDICT_EPERM);
		plan_refuse(plan, SYS_keyctl, VERDICT_EPERM);
	}
	plan_set_id(plan);
	plan_explicit(plan);
	plan_interpreters(plan);
}
