/* The plan in words, for --dry-run. */
#include "enforce/linux/plan.h"

static const struct {
	uint64_t rights;
	const char *name;
} right_names[] = {
	{FS_READ_FILE | FS_READ_DIR, "read"},
	{FS_WRITE_FILE, "write"},
	{FS_TRUNCATE, "truncate"},
	{FS_MAKE_REG | FS_MAKE_DIR, "create"},
	{FS_REMOVE_FILE | FS_REMOVE_DIR, "remove"},
	{FS_REFER, "rename"},
	{FS_MAKE_CHAR | FS_MAKE_BLOCK, "mknod"},
	{FS_IOCTL_DEV, "ioctl"},
	{FS_EXECUTE, "execute"},
};

static void print_rights(struct text *text, uint64_t rights)
{
	for (size_t i = 0; i < sizeof(right_names) / sizeof(right_names[0]); i++) {
		if (rights & right_names[i].rights)
			text_addf(text, " %s", right_names[i].name);
	}
}

static void print_landlock(struct text *text, const struct plan *plan)
{
	if (plan->handled_fs) {
		text_add(text, "landlock: denies except where granted:");
		print_rights(text, plan->handled_fs);
		text_add(text, "\n");
	}
	for (const struct path_grant *grant = plan->grants; grant; grant = grant->next) {
		if (!grant->rights)
			continue;
		text_addf(text, "  %s%s:", grant->path,
			grant->is_directory && grant->path[1] ? "/" : "");
		print_rights(text, grant->rights);
		text_add(text, "\n");
	}
	if (plan->handled_net & NET_CONNECT_TCP)
		text_add(text, "landlock: denies connecting TCP except to granted ports\n");
	if (plan->handled_net & NET_BIND_TCP)
		text_add(text, "landlock: denies binding TCP except to granted ports\n");
	for (const struct port_grant *grant = plan->ports; grant; grant = grant->next)
		text_addf(text, "  port %u:%s%s\n", grant->port,
			grant->rights & NET_CONNECT_TCP ? " connect" : "",
			grant->rights & NET_BIND_TCP ? " bind" : "");
	if (plan->scoped & SCOPE_SIGNAL)
		text_add(text, "landlock: denies signals to processes outside\n");
	if (plan->scoped & SCOPE_ABSTRACT_UNIX_SOCKET)
		text_add(text, "landlock: denies abstract unix sockets of processes outside\n");
}

/* Calls on sockets and signals are named, those on files counted. */
static void print_broker(struct text *text, const struct plan *plan)
{
	static const struct {
		long number;
		const char *name;
	} calls[] = {{SYS_connect, "connect"}, {SYS_bind, "bind"}, {SYS_listen, "listen"},
		{SYS_sendmsg, "send"}, {SYS_sendmmsg, NULL}, {SYS_kill, "kill"}, {SYS_tkill, NULL},
		{SYS_tgkill, NULL}, {SYS_rt_sigqueueinfo, NULL}, {SYS_rt_tgsigqueueinfo, NULL},
		{NR_pidfd_send_signal, NULL}, {SYS_ptrace, "ptrace"},
		{SYS_landlock_create_ruleset, NULL}};
	unsigned files = 0;
	bool has_names = false;

	for (size_t i = 0; i < sizeof(plan->verdicts); i++)
		files += plan->verdicts[i] == VERDICT_BROKER;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (plan->verdicts[calls[i].number] != VERDICT_BROKER)
			continue;
		files--;
		if (calls[i].name)
			text_addf(text, "%s %s", has_names ? "" : "broker: decides on",
				calls[i].name);
		has_names = true;
	}
	text_add(text, has_names ? "\n" : "");
	if (plan->brokered_fs) {
		text_add(text, "broker: decides on each file to");
		print_rights(text, plan->brokered_fs);
		text_add(text, "\n");
	}
	if (files)
		text_addf(text,
			"broker: makes %u system calls on the files that the profile allows\n",
			files);
}

static void print_seccomp(struct text *text, const struct plan *plan)
{
	unsigned refused = 0;

	for (size_t i = 0; i < sizeof(plan->verdicts); i++)
		refused +=
			plan->verdicts[i] == VERDICT_EPERM || plan->verdicts[i] == VERDICT_ENOSYS;
	text_addf(text, "seccomp: refuses %u system calls and all unknown ones (%u instructions)\n",
		refused, seccomp_length(plan));
	if (plan->holds_sockets)
		text_addf(text, "seccomp: refuses sockets except:%s%s%s%s%s%s\n",
			plan->sockets & SOCKETS_TCP ? " tcp" : "",
			plan->sockets & SOCKETS_UDP ? " udp" : "",
			plan->sockets & SOCKETS_UNIX ? " unix" : "",
			plan->sockets & SOCKETS_UNIX_STREAM ? " unix (stream)" : "",
			plan->sockets & SOCKETS_NETLINK_ROUTE ? " netlink-route" : "",
			plan->sockets ? "" : " none");
	print_broker(text, plan);
	if (plan->verdicts[SYS_clone] == VERDICT_CLONE)
		text_add(text, "seccomp: refuses new processes\n");
	if (!plan->may_set_id)
		text_add(text, "seccomp: refuses setuid and setgid modes\n");
}

void plan_print(struct text *text, const struct plan *plan)
{
	print_landlock(text, plan);
	print_seccomp(text, plan);
}
