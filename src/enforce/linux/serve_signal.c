/* The system calls that send signals, and those that lead to them. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "enforce/linux/sending.h"
#include "enforce/linux/serve.h"

/* kill(process, signal) */
static int serve_kill(struct request *request)
{
	int process = (int)request->notification->arguments[0];
	int number = (int)request->notification->arguments[1];
	struct sending sending;

	if (sending_is_free(request, number) || process == INT_MIN)
		return sending_let_through(request);
	int error = sending_begin(&sending, request, number, 0);

	if (error)
		return error;
	if (process > 0)
		return sending_to_process(&sending, process);
	if (process == -1)
		return sending_to_group(&sending, SENDING_EVERYBODY);
	return sending_to_group(&sending, process ? -process : getpgid(sending.caller.process));
}

/* tkill(thread, signal) */
static int serve_tkill(struct request *request)
{
	int thread = (int)request->notification->arguments[0];
	int number = (int)request->notification->arguments[1];
	struct sending sending;

	if (sending_is_free(request, number) || thread <= 0)
		return sending_let_through(request);
	int error = sending_begin(&sending, request, number, 0);

	return error ? error : sending_to_thread(&sending, 0, thread);
}

/* tgkill(process, thread, signal), rt_tgsigqueueinfo(process, thread, signal, info) */
static int serve_tgkill(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	bool has_info = request->notification->number == SYS_rt_tgsigqueueinfo;
	int process = (int)arguments[0], thread = (int)arguments[1], number = (int)arguments[2];
	struct sending sending;

	if (sending_is_free(request, number) || process <= 0 || thread <= 0)
		return sending_let_through(request);
	if (has_info && !arguments[3])
		return EFAULT;
	int error = sending_begin(&sending, request, number, has_info ? arguments[3] : 0);

	return error ? error : sending_to_thread(&sending, process, thread);
}

/* rt_sigqueueinfo(process, signal, info) */
static int serve_queue(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	int process = (int)arguments[0], number = (int)arguments[1];
	struct sending sending;

	if (sending_is_free(request, number) || process <= 0)
		return sending_let_through(request);
	if (!arguments[2])
		return EFAULT;
	int error = sending_begin(&sending, request, number, arguments[2]);

	return error ? error : sending_to_process(&sending, process);
}

/* pidfd_send_signal(pidfd, signal, info, flags): two of the numbers mean the caller. */
static int serve_pidfd(struct request *request)
{
	enum { SELF_THREAD = -10000, SELF_PROCESS = -20000, TO_GROUP = 4, ALL_FLAGS = 7 };
	const uint64_t *arguments = request->notification->arguments;
	int pidfd = (int)arguments[0], number = (int)arguments[1];
	unsigned flags = (unsigned)arguments[3];
	struct sending sending;

	if (sending_is_free(request, number))
		return sending_let_through(request);
	if (flags & ~(unsigned)ALL_FLAGS || flags & (flags - 1))
		return EINVAL;
	int error = sending_begin(&sending, request, number, arguments[2]);

	if (error)
		return error;
	if ((pidfd == SELF_THREAD || pidfd == SELF_PROCESS) && flags != TO_GROUP)
		return sending_to_self(&sending);
	return sending_to_descriptor(&sending, pidfd, flags);
}

/*
 * ptrace(request, process, ...): a tracer sends what signals it likes. Processes outside are
 * Landlock's to refuse; one that asks to be traced may be.
 */
static int serve_ptrace(struct request *request)
{
	const uint64_t *arguments = request->notification->arguments;
	struct sending sending;
	int error = 0;

	if (arguments[0] == PTRACE_ATTACH || arguments[0] == PTRACE_SEIZE) {
		error = sending_begin(&sending, request, SENDING_ANY, 0);
		if (!error)
			error = sending_decide(&sending, (pid_t)arguments[1]);
	}
	return error ? error : sending_let_through(request);
}

/*
 * landlock_create_ruleset(attributes, size, flags): the broker makes connections in the place of
 * the caller, which no Landlock domain of the caller's own restricts: so there is a Landlock
 * without the network. With a scope for signals, Landlock will deny some callers what the broker
 * may. Whoever changes the attributes meanwhile weakens only its own domain.
 */
static int serve_inner_ruleset(struct request *request)
{
	enum { WITHOUT_NETWORK = ABI_NET - 1 };
	const uint64_t *arguments = request->notification->arguments;
	const struct plan *plan = request->plan;
	struct landlock_ruleset ruleset = {.scoped = SCOPE_SIGNAL};
	size_t size = arguments[1] < sizeof(ruleset) ? arguments[1] : sizeof(ruleset);

	if (plan->brokers_network && arguments[2] == LANDLOCK_VERSION) {
		request->value = plan->host->landlock_abi < WITHOUT_NETWORK
					 ? plan->host->landlock_abi
					 : WITHOUT_NETWORK;
		return arguments[0] || arguments[1] ? EINVAL : 0;
	}
	/* Whatever rights the caller has: nothing is done for it. */
	bool is_read = request_read(request, arguments[0], &ruleset, size) == 0;

	if (size < sizeof(ruleset))
		memset((char *)&ruleset + size, 0, sizeof(ruleset) - size);
	if (plan->brokers_network && (!is_read || ruleset.handled_access_net ||
					     ruleset.scoped & SCOPE_ABSTRACT_UNIX_SOCKET))
		return EINVAL;
	if (plan->signals && (!is_read || ruleset.scoped & SCOPE_SIGNAL))
		atomic_store(&plan->signals->has_inner_scope, true);
	return sending_let_through(request);
}

const struct served_call serve_signal_calls[] = {
	{SYS_kill, serve_kill, true},
	{SYS_tkill, serve_tkill, true},
	{SYS_tgkill, serve_tgkill, true},
	{SYS_rt_tgsigqueueinfo, serve_tgkill, true},
	{SYS_rt_sigqueueinfo, serve_queue, true},
	{NR_pidfd_send_signal, serve_pidfd, true},
	{SYS_ptrace, serve_ptrace, true},
	{SYS_landlock_create_ruleset, serve_inner_ruleset, true},
	{0, NULL},
};
