/* Which mechanism holds which operation, in words: for sbxctl check. */
#include <stddef.h>

#include "enforce/linux/plan.h"

enum mechanism {
	MECHANISM_NOTHING = 0, /* Linux has no such thing */
	MECHANISM_LANDLOCK,
	MECHANISM_SECCOMP,
	MECHANISM_CALLS,
	MECHANISM_SIGNALS,
	MECHANISM_NETWORK,
	MECHANISM_PROCESSES,
	MECHANISM_LOOKUPS,
};

static const uint8_t mechanisms[OPERATION_COUNT] = {
	[OP_FILE_READ_DATA] = MECHANISM_LANDLOCK,
	[OP_FILE_WRITE_DATA] = MECHANISM_LANDLOCK,
	[OP_FILE_WRITE_CREATE] = MECHANISM_LANDLOCK,
	[OP_FILE_WRITE_UNLINK] = MECHANISM_LANDLOCK,
	[OP_FILE_MKNOD] = MECHANISM_LANDLOCK,
	[OP_FILE_IOCTL] = MECHANISM_LANDLOCK,
	[OP_PROCESS_EXEC_ALL] = MECHANISM_LANDLOCK,
	[OP_PROCESS_EXEC_INTERPRETER] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SHM_READ_DATA] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SHM_WRITE_DATA] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SHM_WRITE_CREATE] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SHM_WRITE_UNLINK] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SEM_OPEN] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SEM_CREATE] = MECHANISM_LANDLOCK,
	[OP_IPC_POSIX_SEM_UNLINK] = MECHANISM_LANDLOCK,
	[OP_SYSCTL_READ] = MECHANISM_LANDLOCK,
	[OP_SYSCTL_WRITE] = MECHANISM_LANDLOCK,
	[OP_PSEUDO_TTY] = MECHANISM_LANDLOCK,
	[OP_FILE_WRITE_MODE] = MECHANISM_CALLS,
	[OP_FILE_WRITE_OWNER] = MECHANISM_CALLS,
	[OP_FILE_WRITE_TIMES] = MECHANISM_CALLS,
	[OP_FILE_WRITE_FLAGS] = MECHANISM_CALLS,
	[OP_FILE_WRITE_XATTR] = MECHANISM_CALLS,
	[OP_FILE_WRITE_ACL] = MECHANISM_CALLS,
	[OP_FILE_WRITE_SETUGID] = MECHANISM_CALLS,
	[OP_FILE_READ_METADATA] = MECHANISM_CALLS,
	[OP_FILE_READ_XATTR] = MECHANISM_CALLS,
	[OP_FILE_LINK] = MECHANISM_CALLS,
	[OP_FILE_TEST_EXISTENCE] = MECHANISM_LOOKUPS,
	[OP_FILE_CHROOT] = MECHANISM_SECCOMP,
	[OP_FILE_MOUNT] = MECHANISM_SECCOMP,
	[OP_FILE_UNMOUNT] = MECHANISM_SECCOMP,
	[OP_IPC_SYSV_MSG] = MECHANISM_SECCOMP,
	[OP_IPC_SYSV_SEM] = MECHANISM_SECCOMP,
	[OP_IPC_SYSV_SHM] = MECHANISM_SECCOMP,
	[OP_SYSTEM_ACCT] = MECHANISM_SECCOMP,
	[OP_SYSTEM_REBOOT] = MECHANISM_SECCOMP,
	[OP_SYSTEM_SCHED] = MECHANISM_SECCOMP,
	[OP_SYSTEM_SET_TIME] = MECHANISM_SECCOMP,
	[OP_SYSTEM_SWAP] = MECHANISM_SECCOMP,
	[OP_SYSTEM_SOCKET] = MECHANISM_SECCOMP,
	[OP_PROCESS_FORK] = MECHANISM_SECCOMP,
	[OP_AUTHORIZATION_RIGHT_OBTAIN] = MECHANISM_SECCOMP,
	[OP_SIGNAL] = MECHANISM_SIGNALS,
	[OP_PROCESS_INFO_PIDINFO] = MECHANISM_PROCESSES,
	[OP_PROCESS_INFO_PIDFDINFO] = MECHANISM_PROCESSES,
	[OP_PROCESS_INFO_LISTPIDS] = MECHANISM_PROCESSES,
	[OP_NETWORK_OUTBOUND] = MECHANISM_NETWORK,
	[OP_NETWORK_INBOUND] = MECHANISM_NETWORK,
	[OP_NETWORK_BIND] = MECHANISM_NETWORK,
};

static const char *network_mechanism(const struct plan *plan, enum operation operation)
{
	bool has_ports =
		(plan->handled_net & NET_CONNECT_TCP && operation == OP_NETWORK_OUTBOUND) ||
		(plan->handled_net & NET_BIND_TCP && operation == OP_NETWORK_BIND);

	long number = operation == OP_NETWORK_OUTBOUND  ? SYS_connect
		      : operation == OP_NETWORK_INBOUND ? SYS_listen
							: SYS_bind;

	if (plan->verdicts[number] == VERDICT_BROKER)
		return "seccomp, broker";
	return has_ports && plan->sockets & SOCKETS_TCP ? "seccomp, Landlock" : "seccomp";
}

/* Where Landlock is too coarse, the broker is asked for each file. */
static const char *file_mechanism(const struct plan *plan, enum operation operation)
{
	if (operation == OP_PROCESS_EXEC_INTERPRETER)
		operation = OP_PROCESS_EXEC_ALL;
	for (size_t i = 0; i < FILE_RIGHTS; i++) {
		if (file_rights[i].operation == operation &&
			file_rights[i].rights & plan->brokered_fs)
			return "Landlock, seccomp, broker";
	}
	return "Landlock";
}

/* A gap where there is neither. */
static const char *signal_mechanism(const struct plan *plan)
{
	if (!plan->signals)
		return "Landlock, seccomp";
	return plan->scoped & SCOPE_SIGNAL ? "Landlock, seccomp, broker" : "seccomp, broker";
}

static const char *mechanism_name(const struct plan *plan, enum operation operation)
{
	switch (mechanisms[operation]) {
	case MECHANISM_LANDLOCK:
		return file_mechanism(plan, operation);
	case MECHANISM_SECCOMP:
		return "seccomp";
	case MECHANISM_CALLS:
		return plan_is_brokered(plan, operation) ? "seccomp, broker" : "seccomp";
	case MECHANISM_SIGNALS:
		return signal_mechanism(plan);
	case MECHANISM_PROCESSES:
		return plan->checks_processes ? "Landlock, seccomp, broker" : "Landlock";
	case MECHANISM_LOOKUPS:
		return "seccomp, broker";
	case MECHANISM_NETWORK:
		return network_mechanism(plan, operation);
	default:
		return NULL;
	}
}

struct enforcement plan_enforcement(struct plan *plan, enum operation operation)
{
	const char *name = mechanism_name(plan, operation);

	for (const struct gap *gap = plan->gaps; gap; gap = gap->next) {
		if (gap->operation == operation)
			return (struct enforcement){ENFORCEMENT_GAP, gap->reason};
	}
	if (!plan_ask(plan, operation).may_deny)
		return (struct enforcement){ENFORCEMENT_NEEDLESS, "nothing is denied"};
	if (name)
		return (struct enforcement){ENFORCEMENT_MECHANISM, name};
	return (struct enforcement){ENFORCEMENT_NOTHING, "nothing to enforce on Linux"};
}
