#include "enforce/linux/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "enforce/linux/broker.h"
#include "enforce/linux/supervisor.h"

/* Only one listener of notifications fits into a tree of processes: a child tries. */
static bool find_listener(void)
{
	struct bpf_instruction allow = {BPF_RETURN, 0, 0, SECCOMP_ALLOW};
	struct bpf_program program = {1, &allow};
	int status = 0;

	if (prctl(PR_GET_SECCOMP) == 0)
		return false;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(syscall(SYS_seccomp, SECCOMP_FILTER_MODE, SECCOMP_NEW_LISTENER, &program) <
				0 &&
			errno == EBUSY);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/*
 * A sandbox around this one whose broker connects tells of no Landlock that knows the network
 * (serve_signal.c), and lets all the rest of it through.
 */
static void find_scopes(struct host *host)
{
	struct landlock_ruleset all_but_network = {
		.handled_access_fs = FS_IOCTL_DEV, .scoped = SCOPE_SIGNAL};
	int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &all_but_network, sizeof(all_but_network), 0);

	if (ruleset < 0)
		return;
	close(ruleset);
	host->landlock_abi = ABI_SCOPE;
	host->lacks_ports = true;
}

struct host *host_probe(struct arena *arena)
{
	struct host *host = ARENA_NEW(arena, struct host);
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION);

	host->landlock_abi = abi > 0 ? (int)abi : 0;
	host->has_listener = find_listener();
	if (host->has_listener && host->landlock_abi == ABI_NET - 1)
		find_scopes(host);
	return host;
}

void plan_add_gap(struct plan *plan, enum operation operation, const struct outcomes *outcomes,
	const char *reason)
{
	struct gap *gap = ARENA_NEW(plan->arena, struct gap);
	const struct rule *allow = outcomes->may_allow ? outcomes->allow.rule : NULL;
	const struct rule *deny = outcomes->may_deny ? outcomes->deny.rule : NULL;
	const struct rule *rule = allow && allow->filter && !(deny && deny->filter) ? allow : deny;

	gap->operation = operation;
	gap->reason = reason;
	if (rule)
		gap->origin = rule->origin;
	*plan->gaps_end = gap;
	plan->gaps_end = &gap->next;
}

void plan_add_limit(struct plan *plan, const struct rule *rule, const char *format, ...)
{
	struct limit *limit = ARENA_NEW(plan->arena, struct limit);
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	limit->text = arena_copy(plan->arena, text, strlen(text));
	if (rule)
		limit->origin = rule->origin;
	*plan->limits_end = limit;
	plan->limits_end = &limit->next;
}

void plan_refuse(struct plan *plan, long number, enum verdict verdict)
{
	uint8_t *entry = &plan->verdicts[number];

	if (*entry == VERDICT_EPERM || *entry == VERDICT_ENOSYS)
		return;
	/* The broker looks at arguments as well. */
	if (*entry != VERDICT_BROKER || verdict < VERDICT_BROKER)
		*entry = (uint8_t)verdict;
}

const struct trie_node *plan_regions(struct plan *plan, enum operation operation)
{
	for (const struct trie_use *use = plan->tries; use; use = use->next) {
		if (policy_is_alike(plan->policy, use->operation, operation))
			return use->root;
	}
	struct query question = {.operation = operation};
	struct trie_use *use = ARENA_NEW(plan->arena, struct trie_use);

	*use = (struct trie_use){operation, trie_build(&plan->index, &question), plan->tries};
	plan->tries = use;
	return use->root;
}

struct outcomes plan_ask(struct plan *plan, enum operation operation)
{
	struct query query = {.operation = operation, .partial = true};
	struct outcomes all = {.may_allow = false};

	if (!policy_has_rules(plan->policy, operation) || !operation_takes(operation, TAKES_PATH) ||
		operation_is_within(operation, OP_NETWORK_ALL))
		return policy_outcomes(plan->policy, &query);
	trie_outcomes(plan_regions(plan, operation), &all);
	return all;
}

static int open_same_name(const char *path)
{
	char link[64], name[PATH_MAX];
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, name, sizeof(name));

	if (length >= 0 && (size_t)length == strlen(path) &&
		memcmp(name, path, (size_t)length) == 0)
		return fd;
	close(fd);
	errno = ELOOP;
	return -1;
}

int plan_open(const char *path)
{
	struct openat2_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = OPENAT2_NO_SYMLINKS};

	int fd = (int)syscall(NR_openat2, AT_FDCWD, path, &how, sizeof(how));

	/* Inside another sandbox openat2 may be missing: then the kernel's name of the file tells.
	 */
	return fd < 0 && errno == ENOSYS ? open_same_name(path) : fd;
}

bool host_is_supervised(const struct host *host)
{
	return host->has_listener;
}

static const char *why_no_landlock(const struct host *host)
{
	if (host->has_listener)
		return "the sandbox around this one has a broker that opens files, and hides"
		       " Landlock: no other sandbox can be made inside";
	if (prctl(PR_GET_SECCOMP) == 0)
		return "this kernel has no Landlock (it needs Linux 5.13 or later, with landlock in"
		       " the kernel's list lsm=)";
	return "this kernel has no Landlock, or the sandbox around this one hides it (it needs"
	       " Linux 5.13 or later, with landlock in the kernel's list lsm=)";
}

struct plan *plan_make(struct arena *arena, const struct policy *policy, const struct host *host,
	const char *command)
{
	struct plan *plan = ARENA_NEW(arena, struct plan);

	*plan = (struct plan){.arena = arena,
		.policy = policy,
		.host = host,
		.index = {.policy = policy, .arena = arena}};
	plan->gaps_end = &plan->gaps;
	plan->limits_end = &plan->limits;
	if (host->landlock_abi == 0)
		plan_add_gap(plan, OP_DEFAULT, &(struct outcomes){.may_deny = true},
			why_no_landlock(host));
	plan_modifiers(plan);
	plan_calls(plan);
	plan_network(plan);
	plan_processes(plan);
	plan_process_info(plan);
	plan_existence(plan);
	plan_files(plan, command);
	plan_rights(plan);
	plan_arguments(plan);
	return plan;
}

const struct gap *plan_gaps(const struct plan *plan)
{
	return plan->gaps;
}

const struct limit *plan_limits(const struct plan *plan)
{
	return plan->limits;
}

/* A file with capabilities is as good as a setuid one; only root can make it. */
static void give_up_file_capabilities(void)
{
	const uint32_t setfcap = 1u << 31;
	struct capability_header header = {CAPABILITY_VERSION_3, 0};
	struct capability_sets sets[2];

	if (syscall(SYS_capget, &header, sets) != 0)
		die_errno("cannot read the capabilities");
	if (!(sets[0].permitted & setfcap))
		return;
	prctl(PR_CAPBSET_DROP, 31, 0, 0, 0); /* without the right to it, nothing can be regained */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 31, 0, 0);
	sets[0].effective &= ~setfcap;
	sets[0].permitted &= ~setfcap;
	sets[0].inheritable &= ~setfcap;
	if (syscall(SYS_capset, &header, sets) != 0)
		die_errno("cannot give up CAP_SETFCAP");
}

void plan_apply(const struct plan *plan)
{
	/* Both mechanisms ask for it, and setuid programs must gain nothing. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		die_errno("the kernel refuses no_new_privs");
	if (!plan->may_set_id)
		give_up_file_capabilities();
	if (plan->brokered_fs)
		landlock_guard_others(plan);
	/* The broker stays outside: it starts before this process gives anything up. */
	int channel = plan->has_broker ? supervisor_start(broker_serve, plan) : -1;

	/* Landlock next: the seccomp program may refuse what it takes to set it up. */
	landlock_apply(plan);
	int listener = seccomp_apply(plan);

	if (plan->has_broker)
		supervisor_attach(channel, listener);
}
