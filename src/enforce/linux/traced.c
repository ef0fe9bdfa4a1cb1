/*
 * Invariants: a call that was continued MUST be looked at before its caller's next instruction, if
 * the kernel can do that (interrupts_first); whom nobody can trace gets nothing continued.
 */
#include "enforce/linux/traced.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "enforce/linux/kinship.h"
#include "enforce/linux/supervisor.h"

enum { EVENT_EXEC = SIGTRAP | PTRACE_EVENT_EXEC << 8 };

/* NT_PRSTATUS: user_regs_struct of <asm/ptrace.h>, and where a call's result is in it. */
enum {
	REGISTERS = 1,
#ifdef __aarch64__
	RESULT_AT = 0,
#else
	RESULT_AT = 10,
#endif
	REGISTERS_ROOM = 64,
};

/* A call under way. */
struct trace {
	struct request *request;
	traced_check *check;
	const void *expected;
	bool is_made; /* it was continued */
};

static bool is_own_child(pid_t process)
{
	char text[512];

	process_read(process, "stat", text, sizeof(text));
	const char *after_name = strrchr(text, ')'); /* then the state, and the parent */

	return after_name && strlen(after_name) > 4 && strtol(after_name + 4, NULL, 10) == getpid();
}

/* The end of a traced process is for its parent to hear of, be that another thread here. */
static void leave_to_parent(pid_t process)
{
	const struct timespec moment = {0, 1000000};
	siginfo_t info;

	if (!is_own_child(process)) {
		waitid(P_PID, (id_t)process, &info, WEXITED | __WALL | __WNOTHREAD);
		return;
	}
	supervisor_go_on();
	nanosleep(&moment, NULL);
	supervisor_hold_off();
}

/* The next stop or end among what this thread traces; it stays to be waited for. */
static bool peek(siginfo_t *info)
{
	int result;

	do {
		memset(info, 0, sizeof(*info));
		result =
			waitid(P_ALL, 0, info, WEXITED | WSTOPPED | WNOWAIT | __WALL | __WNOTHREAD);
	} while (result != 0 && errno == EINTR);
	return result == 0;
}

/* Lets a stopped process run on, if it may. False when it was killed. */
static bool let_go(const struct trace *trace, const siginfo_t *stop)
{
	pid_t process = stop->si_pid;
	bool has_executed = stop->si_status == EVENT_EXEC;
	/* Stops that are no signal are told by an event. */
	int number = stop->si_status >> 8 ? 0 : stop->si_status;
	siginfo_t info;

	if (trace->is_made &&
		!trace->check(trace->request, process, has_executed, trace->expected)) {
		kill(process, SIGKILL);
		return false;
	}
	/* What has changed its number is only let go once it was waited for. */
	waitid(P_PID, (id_t)process, &info, WSTOPPED | WNOHANG | __WALL | __WNOTHREAD);
	return ptrace(PTRACE_DETACH, process, NULL, (void *)(intptr_t)number) == 0;
}

/* Waits until the caller, which is traced from here, has made the call or has failed to. */
static void await_call(const struct trace *trace)
{
	pid_t caller = request_process(trace->request);
	siginfo_t info;

	while (peek(&info)) {
		pid_t process = info.si_pid;

		if (info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED) {
			if (let_go(trace, &info))
				return;
			continue; /* it was killed: its end comes next */
		}
		leave_to_parent(process);
		if (process == (pid_t)trace->request->notification->pid || process == caller)
			return;
	}
}

static bool answer(const struct request *request)
{
	struct notification_reply reply = {
		.id = request->notification->id, .flags = NOTIFICATION_CONTINUE};

	return request_is_alive(request) &&
	       syscall(SYS_ioctl, request->listener, NOTIFICATION_SEND, &reply) == 0;
}

/*
 * While the call waits for its answer, nothing but its end interrupts it (seccomp_apply), so that
 * the stop is due when the call returns. Linux before 5.19 would repeat the call instead: there the
 * stop comes a moment later.
 */
static bool interrupts_first(const struct request *request)
{
	return request->plan->host->landlock_abi >= ABI_REFER;
}

int traced_continue(struct request *request, traced_check *check, const void *expected)
{
	const intptr_t options = PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	pid_t thread = (pid_t)request->notification->pid;
	struct trace trace = {.request = request, .check = check, .expected = expected};

	supervisor_hold_off();
	/* EPERM when another program traces it. */
	if (ptrace(PTRACE_SEIZE, thread, NULL, (void *)options) == 0) {
		bool is_first = interrupts_first(request);

		if (is_first)
			ptrace(PTRACE_INTERRUPT, thread, NULL, NULL);
		trace.is_made = request->is_answered = answer(request);
		/* It stops when the call fails, too. */
		if (!is_first)
			ptrace(PTRACE_INTERRUPT, thread, NULL, NULL);
		await_call(&trace);
	}
	supervisor_go_on();
	return EPERM;
}

bool traced_get_result(pid_t thread, long *result)
{
	uint64_t registers[REGISTERS_ROOM];
	struct iovec all = {registers, sizeof(registers)};

	if (ptrace(PTRACE_GETREGSET, thread, (void *)(intptr_t)REGISTERS, &all) != 0)
		return false;
	*result = (long)registers[RESULT_AT];
	return true;
}

bool traced_set_result(pid_t thread, long result)
{
	uint64_t registers[REGISTERS_ROOM];
	struct iovec all = {registers, sizeof(registers)};

	if (ptrace(PTRACE_GETREGSET, thread, (void *)(intptr_t)REGISTERS, &all) != 0)
		return false;
	registers[RESULT_AT] = (uint64_t)result;
	return ptrace(PTRACE_SETREGSET, thread, (void *)(intptr_t)REGISTERS, &all) == 0;
}
