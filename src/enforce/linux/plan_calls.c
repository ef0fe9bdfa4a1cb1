/*
 * System calls that are decided by their number or by one plain argument: what is refused in every
 * sandbox, and operations that the policy allows or denies as a whole.
 */
#include <stddef.h>

#include "enforce/linux/plan.h"

/* Calls that some architectures do not have. */
#ifndef SYS_open
#define SYS_open      -1
#define SYS_creat     -1
#define SYS_mknod     -1
#define SYS_chmod     -1
#define SYS_chown     -1
#define SYS_lchown    -1
#define SYS_utime     -1
#define SYS_utimes    -1
#define SYS_futimesat -1
#define SYS_link      -1
#define SYS_fork      -1
#define SYS_vfork     -1
#define SYS_iopl      -1
#define SYS_ioperm    -1
#endif

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

enum { CALLS_MAX = 12 };

/* An operation without mechanism for single objects: all of it or nothing. */
struct whole_operation {
	enum operation operation;
	long calls[CALLS_MAX]; /* ends with 0, which is read(2) and never among them */
};

static const struct whole_operation whole_operations[] = {
	{OP_FILE_WRITE_MODE, {SYS_chmod, SYS_fchmod, SYS_fchmodat, NR_fchmodat2}},
	{OP_FILE_WRITE_OWNER, {SYS_chown, SYS_fchown, SYS_lchown, SYS_fchownat}},
	{OP_FILE_WRITE_TIMES, {SYS_utime, SYS_utimes, SYS_futimesat, SYS_utimensat}},
	{OP_FILE_WRITE_FLAGS, {NR_file_setattr}}, /* and ioctl, see seccomp.c */
	{OP_FILE_WRITE_XATTR,
		{SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr,
			SYS_fremovexattr, NR_setxattrat, NR_removexattrat}},
	{OP_FILE_READ_XATTR,
		{SYS_getxattr, SYS_lgetxattr, SYS_fgetxattr, SYS_listxattr, SYS_llistxattr,
			SYS_flistxattr, NR_getxattrat, NR_listxattrat}},
	{OP_FILE_LINK, {SYS_link, SYS_linkat}},
	{OP_FILE_CHROOT, {SYS_chroot, SYS_pivot_root}},
	{OP_FILE_MOUNT, {SYS_mount}},
	{OP_FILE_UNMOUNT, {SYS_umount2}},
	{OP_IPC_SYSV_MSG, {SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl}},
	{OP_IPC_SYSV_SEM, {SYS_semget, SYS_semop, SYS_semtimedop, SYS_semctl}},
	{OP_IPC_SYSV_SHM, {SYS_shmget, SYS_shmat, SYS_shmdt, SYS_shmctl}},
	{OP_SYSTEM_ACCT, {SYS_acct}},
	{OP_SYSTEM_REBOOT, {SYS_reboot}},
	{OP_SYSTEM_SCHED, {SYS_setpriority, SYS_sched_setscheduler, SYS_sched_setparam,
				  SYS_sched_setattr, SYS_ioprio_set}},
	{OP_SYSTEM_SET_TIME,
		{SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime}},
	{OP_SYSTEM_SWAP, {SYS_swapon, SYS_swapoff}},
};

/* Operations that nothing here can deny, for one object or for all. */
static const enum operation unenforced[] = {OP_DYNAMIC_CODE_GENERATION, OP_FILE_CLONE, OP_FILE_LOCK,
	OP_FILE_READ_METADATA, OP_FILE_TEST_EXISTENCE, OP_PROCESS_INFO_ALL, OP_PROCESS_INFO_PIDINFO,
	OP_PROCESS_INFO_LISTPIDS, OP_PROCESS_INFO_PIDFDINFO, OP_SOCKET_IOCTL, OP_SOCKET_OPTION_GET,
	OP_SOCKET_OPTION_SET};

static void refuse_if_present(struct plan *plan, long number, enum verdict verdict)
{
	if (number >= 0)
		plan_refuse(plan, number, verdict);
}

static void plan_whole(struct plan *plan, const struct whole_operation *whole)
{
	struct outcomes outcomes = plan_ask(plan, whole->operation);

	if (!outcomes.may_deny)
		return;
	if (outcomes.may_allow) {
		plan_add_gap(plan, whole->operation, &outcomes,
			"no mechanism here tells its objects apart: it can be allowed or denied "
			"only"
			" as a whole");
		return;
	}
	for (int i = 0; i < CALLS_MAX && whole->calls[i]; i++)
		refuse_if_present(plan, whole->calls[i], VERDICT_EPERM);
	if (whole->operation == OP_FILE_WRITE_FLAGS)
		plan->may_set_flags = false;
}

/* Setuid and setgid files are denied unless a rule allows them (SBPL.md section 2). */
static void plan_set_id(struct plan *plan)
{
	struct outcomes outcomes = plan_ask(plan, OP_FILE_WRITE_SETUGID);

	if (!outcomes.may_deny)
		return;
	plan->may_set_id = false;
	if (outcomes.may_allow)
		plan_add_limit(plan, outcomes.allow.rule,
			"setuid and setgid modes are refused everywhere: no mechanism"
			" here tells files apart");
}

void plan_arguments(struct plan *plan)
{
	refuse_if_present(plan, SYS_ioctl, VERDICT_IOCTL);
	if (plan->may_set_id && plan->may_truncate)
		return;
	refuse_if_present(plan, SYS_open, VERDICT_OPEN);
	refuse_if_present(plan, SYS_openat, VERDICT_OPENAT);
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
	OP_DEVICE_MICROPHONE, OP_FILE_MOUNT_UPDATE, OP_IPC_POSIX_SEM_POST,
	OP_PROCESS_EXEC_INTERPRETER, OP_PROCESS_IOPOLICY_ALL};

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
	struct outcomes lists = plan_ask(plan, OP_FILE_WRITE_ACL);

	/* Access control lists are extended attributes. */
	if (lists.may_deny && !plan_ask(plan, OP_FILE_WRITE_XATTR).may_deny)
		plan_add_gap(plan, OP_FILE_WRITE_ACL, &lists,
			"it can be denied only together with file-write-xattr");
}

void plan_calls(struct plan *plan)
{
	plan->may_set_flags = true;
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
}
