/*
 * Invariants: the command MUST NOT outlive a waiter that was killed; when the broker is killed,
 * what it would have answered MUST fail, and the waiter goes on waiting; neither of them may keep a
 * file or a directory of the command in use.
 */
#include "enforce/linux/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "base/name.h"
#include "enforce/linux/abi.h"

/* From the broker: what became of the command. */
struct report {
	pid_t pid;
	int status;   /* as wait(2) gives it */
	bool is_last; /* the broker ends too */
};

struct waiter {
	int channel; /* to the broker; -1 once that is gone */
	int signals;
	pid_t broker, command;
};

struct broker {
	int channel; /* to the waiter; -1 once that is gone */
	int signals, listener;
	pid_t command;
	supervised_service *serve; /* NULL once it has begun */
	const void *context;
};

/* Closes all descriptors above 2 but these two, of which the first is the lesser; -1 is none. */
static bool close_others(int first, int second)
{
	unsigned from = STDERR_FILENO + 1;
	const int kept[] = {first, second};

	for (int i = 0; i < 2; i++) {
		if (kept[i] < 0)
			continue;
		if (from < (unsigned)kept[i] &&
			syscall(NR_close_range, from, (unsigned)kept[i] - 1, 0) != 0)
			return false;
		from = (unsigned)kept[i] + 1;
	}
	return syscall(NR_close_range, from, ~0u, 0) == 0;
}

/* Whoever waits for the end of a pipe, or unmounts a disk, does not wait for us. */
static bool let_go(int first, int second)
{
	bool ordered = first < second || second < 0;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (null < 0 || dup2(null, fd) < 0)
			return false;
	}
	return chdir("/") == 0 && close_others(ordered ? first : second, ordered ? second : first);
}

static int all_signals(void)
{
	sigset_t all;

	memset(&all, 0xff, sizeof(all));
	return signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Waits until one of the two descriptors has something to say; -1 is none. */
static void wait_for(int first, int second)
{
	struct pollfd polled[] = {
		{.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}};

	poll(polled, 2, -1);
}

/* All 64 bits, of which C libraries keep some to themselves. Returns the mask before. */
static uint64_t set_mask(uint64_t mask)
{
	uint64_t before = 0;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &before, sizeof(mask));
	return before;
}

static uint64_t all_but(int number)
{
	return ~(UINT64_C(1) << (number - 1));
}

/* Dies by the same signal, without a core of its own, or exits with the same status. */
_Noreturn static void end_as(int status)
{
	struct rlimit none = {0, 0};

	if (!WIFSIGNALED(status))
		_exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
	kill(getpid(), WTERMSIG(status));
	set_mask(all_but(WTERMSIG(status)));
	_exit(128 + WTERMSIG(status));
}

/*
 * What stops processes and what continues them cancel each other in the kernel: when one of the
 * other kind is pending, it came later, and this one is no longer of interest.
 */
static bool is_overtaken(int number)
{
	bool stops = number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
	sigset_t pending;

	sigpending(&pending);
	if (number == SIGCONT)
		return sigismember(&pending, SIGTSTP) || sigismember(&pending, SIGTTIN) ||
		       sigismember(&pending, SIGTTOU);
	return stops && sigismember(&pending, SIGCONT);
}

/* The shell sees the job stopped when its first process is. */
static void stop_as(int status)
{
	struct sigaction usual = {.sa_handler = SIG_DFL}, own;

	if (is_overtaken(WSTOPSIG(status)))
		return;
	sigaction(WSTOPSIG(status), &usual, &own);
	kill(getpid(), WSTOPSIG(status));
	set_mask(all_but(WSTOPSIG(status))); /* stops here until SIGCONT */
	set_mask(~UINT64_C(0));
	sigaction(WSTOPSIG(status), &own, NULL);
}

static void follow(const struct waiter *waiter, const struct report *report)
{
	if (WIFSTOPPED(report->status)) {
		stop_as(report->status);
	} else if (WIFEXITED(report->status) || WIFSIGNALED(report->status)) {
		if (report->is_last)
			waitpid(waiter->broker, NULL, 0); /* the times it took count as ours */
		end_as(report->status);
	}
}

/* What the broker left unread when it ended is reported first, once: its last word comes after. */
static ssize_t receive_report(const struct waiter *waiter, struct report *report)
{
	ssize_t count;

	do
		count = recv(waiter->channel, report, sizeof(*report), MSG_DONTWAIT);
	while (count < 0 && errno == ECONNRESET);
	return count;
}

/* The broker's word, or its end: then the command becomes our child (prctl(2), subreaper). */
static void hear_broker(struct waiter *waiter)
{
	struct report report;
	ssize_t count;

	while ((count = receive_report(waiter, &report)) == sizeof(report)) {
		waiter->command = report.pid;
		follow(waiter, &report);
	}
	if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(waiter->channel);
		waiter->channel = -1;
	}
}

static void reap_as_waiter(const struct waiter *waiter)
{
	struct report report = {.is_last = false};

	while ((report.pid = waitpid(-1, &report.status, WNOHANG | WUNTRACED)) > 0) {
		if (report.pid == waiter->command)
			follow(waiter, &report);
		else if (report.pid == waiter->broker && waiter->command == 0)
			end_as(EXIT_SBX_FAILED << 8);
	}
	/* The command has ended, and a broker that was killed has not said how. */
	if (report.pid < 0 && errno == ECHILD && waiter->channel < 0)
		end_as(EXIT_SBX_FAILED << 8);
}

static void hear_signals(struct waiter *waiter)
{
	struct signalfd_siginfo info;

	while (read(waiter->signals, &info, sizeof(info)) == sizeof(info)) {
		int number = (int)info.ssi_signo;

		/* What the broker said before it ended comes first. */
		if (number == SIGCHLD && waiter->channel >= 0)
			hear_broker(waiter);
		if (number == SIGCHLD)
			reap_as_waiter(waiter);
		else if (waiter->channel >= 0)
			send(waiter->channel, &number, sizeof(number), MSG_NOSIGNAL);
		else if (waiter->command)
			kill(waiter->command, number);
	}
}

_Noreturn static void run_waiter(int channel, pid_t broker)
{
	struct waiter waiter = {.channel = channel, .broker = broker};

	if (!let_go(channel, -1) || (waiter.signals = all_signals()) < 0)
		_exit(EXIT_SBX_FAILED);
	for (;;) {
		wait_for(waiter.signals, waiter.channel);
		hear_signals(&waiter);
		if (waiter.channel >= 0)
			hear_broker(&waiter);
	}
}

static bool has_hung_up(int listener)
{
	struct pollfd polled = {.fd = listener, .events = POLLIN};

	return listener < 0 || (poll(&polled, 1, 0) > 0 && polled.revents & (POLLHUP | POLLERR));
}

static void tell_waiter(const struct broker *broker, int status, bool is_last)
{
	struct report report = {broker->command, status, is_last};

	if (broker->channel >= 0)
		send(broker->channel, &report, sizeof(report), MSG_NOSIGNAL);
}

static pthread_rwlock_t reaping = PTHREAD_RWLOCK_INITIALIZER;

void supervisor_hold_off(void)
{
	pthread_rwlock_rdlock(&reaping);
}

void supervisor_go_on(void)
{
	pthread_rwlock_unlock(&reaping);
	kill(getpid(), SIGCHLD); /* it may have come in vain meanwhile */
}

/* Orphans of the sandbox are our children; the command is one of our own. */
static void reap_as_broker(struct broker *broker)
{
	const int flags = WNOHANG | WUNTRACED | __WNOTHREAD;
	int status;
	pid_t pid;

	if (pthread_rwlock_trywrlock(&reaping) != 0)
		return;
	while ((pid = waitpid(-1, &status, flags)) > 0) {
		if (pid != broker->command)
			continue;
		bool has_ended = !WIFSTOPPED(status);
		bool is_last = has_ended && has_hung_up(broker->listener);

		tell_waiter(broker, status, is_last);
		if (is_last)
			_exit(0);
		if (has_ended)
			broker->command = 0;
	}
	pthread_rwlock_unlock(&reaping);
}

/*
 * A signal that the waiter got. Those to the whole process group have come to the command too,
 * unless it is a shell, which has left the group, and here, where all are blocked: then it is
 * pending.
 */
static void pass_on(const struct broker *broker, int number)
{
	const struct timespec now = {0, 0};
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, number);
	bool is_of_group = sigtimedwait(&only, NULL, &now) == number || is_overtaken(number);

	if (broker->command && !(is_of_group && getpgid(broker->command) == getpgrp()))
		kill(broker->command, number);
}

static void hear_waiter(struct broker *broker)
{
	int number;
	ssize_t count;

	while ((count = recv(broker->channel, &number, sizeof(number), MSG_DONTWAIT)) ==
		sizeof(number))
		pass_on(broker, number);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* The waiter was killed: so is the command. */
	close(broker->channel);
	broker->channel = -1;
	if (broker->command)
		kill(broker->command, SIGKILL);
}

static int only_children(void)
{
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	return signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* The command tells the number that the listener has there. */
static int take_listener(const struct broker *broker, int to_command)
{
	int number;
	int command = (int)syscall(NR_pidfd_open, broker->command, 0);

	if (command < 0 || read(to_command, &number, sizeof(number)) != sizeof(number))
		return -1;
	return (int)syscall(NR_pidfd_getfd, command, number, 0);
}

/* The first request starts the service: many commands make none, and threads take time to end. */
static void await(struct broker *broker)
{
	bool asks = broker->serve || !broker->command;
	struct pollfd polled[] = {{.fd = broker->signals, .events = POLLIN},
		{.fd = broker->channel, .events = POLLIN},
		{.fd = asks ? broker->listener : -1, .events = broker->serve ? POLLIN : 0}};

	poll(polled, 3, -1);
	if (!broker->serve || !(polled[2].revents & POLLIN))
		return;
	broker->serve(broker->context, broker->listener);
	broker->serve = NULL;
}

_Noreturn static void watch(struct broker *broker)
{
	struct signalfd_siginfo info;

	for (;;) {
		await(broker);
		while (read(broker->signals, &info, sizeof(info)) > 0)
			;
		reap_as_broker(broker);
		if (broker->channel >= 0)
			hear_waiter(broker);
		if (!broker->command && has_hung_up(broker->listener))
			_exit(0);
	}
}

/* What the waiter needs should this process be killed: whom to wait for. */
static void introduce(const struct broker *broker)
{
	enum { RUNS = 0xffff }; /* as if it had been continued */

	tell_waiter(broker, RUNS, false);
}

_Noreturn static void run_broker(struct broker *broker, int to_command)
{
	introduce(broker);
	broker->listener = take_listener(broker, to_command);
	if (broker->listener >= 0 && send(to_command, "", 1, MSG_NOSIGNAL) != 1)
		broker->listener = -1;
	if (!let_go(broker->channel, broker->listener))
		_exit(1);
	broker->signals = only_children();
	if (broker->signals < 0)
		_exit(1);
	watch(broker);
}

/* The command starts with the signals and the mask that its caller gave it. */
int supervisor_start(supervised_service *serve, const void *context)
{
	struct broker broker = {.listener = -1, .serve = serve, .context = context};
	int to_waiter[2], to_command[2];
	struct sigaction heard = {.sa_handler = SIG_DFL}, usual_child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, to_waiter) != 0 ||
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, to_command) != 0)
		die_errno("cannot start the broker");
	uint64_t usual = set_mask(~UINT64_C(0));

	sigaction(SIGCHLD, &heard, &usual_child); /* ignored, it would keep the status from us */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t pid = fork();

	if (pid < 0)
		die_errno("cannot start the broker");
	if (pid > 0) {
		close(to_waiter[1]);
		run_waiter(to_waiter[0], pid);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	broker.channel = to_waiter[1];
	close(to_waiter[0]);
	broker.command = fork();
	if (broker.command < 0)
		die_errno("cannot start the command");
	if (broker.command > 0) {
		prctl(PR_SET_NAME, PROGRAM_NAME "broker", 0, 0, 0);
		close(to_command[1]);
		run_broker(&broker, to_command[0]);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	close(to_waiter[1]);
	close(to_command[0]);
	sigaction(SIGCHLD, &usual_child, NULL);
	set_mask(usual);
	return to_command[1];
}

/* Not by sendmsg(2), which may be waiting for the broker already. */
void supervisor_attach(int channel, int listener)
{
	char byte;

	if (send(channel, &listener, sizeof(listener), MSG_NOSIGNAL) != sizeof(listener) ||
		recv(channel, &byte, 1, 0) != 1)
		die("the broker did not start");
	close(channel);
	close(listener);
}
