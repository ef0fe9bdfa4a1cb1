/*
 * Signals from one process to another, in every way: signals VERB ARGUMENT... Exit status 0 when
 * it worked, 1 when it was refused (EPERM) and nothing arrived, 99 when it could not be tried or
 * the call says something else than what happened.
 *
 * send WAY TO [SIGNAL]  TO: self, child, near-child (of the same group), grandchild,
 *                       near-grandchild, parent, or a process id, where nobody looks what arrives
 * own, errors, crowd    print what happens, for comparison; crowd all: kill(-1)
 * owner WHO             F_SETOWN and its like, then input: self, thread, none, child, group, old
 * attach TO             ptrace(2): child, grandchild, asked
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FAILED = 99,
	ARRIVES = 5000,
	SETTLES = 100 /* ms */,
	PIDFD_SEND_SIGNAL = 424,
	PIDFD_OPEN = 434
};

/* What a handler saw, through a pipe: from any process. */
static int seen[2];

static void note(int number, siginfo_t *info, void *context)
{
	int saved = errno;
	siginfo_t copy = *info;

	(void)context;
	copy.si_signo = number;
	if (write(seen[1], &copy, sizeof(copy)) < 0)
		_exit(FAILED);
	errno = saved;
}

static void watch(int number)
{
	struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(number, &action, NULL);
}

/* The next that a handler saw; false when there is none for a while. */
static int heard(siginfo_t *info, int wait)
{
	for (int i = 0; i < wait; i++) {
		if (read(seen[0], info, sizeof(*info)) == sizeof(*info))
			return 1;
		usleep(1000);
	}
	return 0;
}

static int pidfd_send(pid_t pid, int number, unsigned flags)
{
	int fd = (int)syscall(PIDFD_OPEN, pid, 0);
	int result = (int)syscall(PIDFD_SEND_SIGNAL, fd, number, NULL, flags);
	int saved = errno;

	close(fd);
	errno = saved;
	return result;
}

static int send_by(const char *way, pid_t pid, int number)
{
	siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};

	info.si_pid = getpid();
	info.si_uid = getuid();
	info.si_value.sival_int = 42;
	if (strcmp(way, "kill") == 0)
		return kill(pid, number);
	if (strcmp(way, "group") == 0)
		return kill(-getpgid(pid), number);
	if (strcmp(way, "tkill") == 0)
		return (int)syscall(SYS_tkill, pid, number);
	if (strcmp(way, "tgkill") == 0)
		return (int)syscall(SYS_tgkill, pid, pid, number);
	if (strcmp(way, "queue") == 0)
		return (int)syscall(SYS_rt_sigqueueinfo, pid, number, &info);
	if (strcmp(way, "tgqueue") == 0)
		return (int)syscall(SYS_rt_tgsigqueueinfo, pid, pid, number, &info);
	if (strcmp(way, "pidfd") == 0)
		return pidfd_send(pid, number, 0);
	exit(FAILED);
}

/* Until the parent ends. */
static void stay(void)
{
	for (;;)
		pause();
}

/* A descendant that stays: its child, or its child's child; in this group or one of its own. */
static pid_t descendant(int generations, int is_near)
{
	int told[2];
	pid_t pid = 0, child;

	if (pipe(told) != 0)
		exit(FAILED);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (generations > 1 && fork() != 0)
			stay();
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!is_near)
			setpgid(0, 0);
		pid = getpid();
		if (write(told[1], &pid, sizeof(pid)) != sizeof(pid))
			_exit(FAILED);
		stay();
	}
	if (read(told[0], &pid, sizeof(pid)) != sizeof(pid))
		exit(FAILED);
	close(told[0]);
	close(told[1]);
	return pid;
}

static pid_t find(const char *to)
{
	pid_t child;
	int status;

	if (strcmp(to, "self") == 0)
		return getpid();
	if (strcmp(to, "child") == 0 || strcmp(to, "near-child") == 0)
		return descendant(1, to[0] == 'n');
	if (strcmp(to, "grandchild") == 0 || strcmp(to, "near-grandchild") == 0)
		return descendant(2, to[0] == 'n');
	if (strcmp(to, "parent") != 0)
		return atoi(to);
	/* The child goes on; each has a group of its own. */
	setpgid(0, 0);
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		return getppid();
	}
	while (waitpid(child, &status, 0) < 0)
		;
	_exit(WEXITSTATUS(status));
}

static int send_one(const char *way, const char *to, int number)
{
	siginfo_t info;

	watch(number);
	pid_t pid = find(to);
	int is_outside = to[0] >= '0' && to[0] <= '9';
	int result = send_by(way, pid, number);
	int error = errno;
	int arrived = !is_outside && heard(&info, result ? SETTLES : ARRIVES);

	if (result == 0 && (arrived || is_outside))
		return 0;
	printf("%s to %s: %s, %s\n", way, to, result ? strerror(error) : "sent",
		arrived ? "arrived" : "nothing arrived");
	return result != 0 && error == EPERM && !arrived ? 1 : FAILED;
}

static void show(const char *what, int result, pid_t sender)
{
	siginfo_t info;

	printf("%s: %s", what, result == 0 ? "sent" : strerror(errno));
	while (heard(&info, SETTLES))
		printf(", %d code %d from %s value %d", info.si_signo, info.si_code,
			info.si_pid == sender ? "the sender" : "elsewhere",
			info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
	printf("\n");
}

static void *rest(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void show_end(const char *what, void (*function)(void))
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		function();
		_exit(3);
	}
	waitpid(child, &status, WUNTRACED);
	printf("%s: %#x\n", what, status & ~0x80); /* with or without a core */
	kill(child, SIGKILL);
	if (WIFSTOPPED(status))
		waitpid(child, &status, 0);
}

static void stop_oneself(void)
{
	raise(SIGSTOP);
}

static void abort_with_it_blocked(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	abort();
}

static void *kill_from_thread(void *unused)
{
	kill(getpid(), SIGKILL);
	return unused;
}

static void kill_by_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, kill_from_thread, NULL);
	rest(NULL);
}

/* Each thread of the process changes its rights: by signals that nobody else may send. */
static void set_id_with_threads(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, rest, NULL);
	alarm(5);
	_exit(setuid(getuid()) == 0 ? 0 : 1);
}

static int own(void)
{
	pid_t pid = getpid();
	union sigval value = {.sival_int = 7};
	sigset_t set;
	pthread_t thread;
	void *result = NULL;

	watch(SIGUSR1);
	watch(SIGRTMIN + 3);
	show("raise", raise(SIGUSR1), pid);
	show("kill", kill(pid, SIGUSR1), pid);
	show("kill of nothing", kill(pid, 0), pid);
	show("sigqueue", sigqueue(pid, SIGRTMIN + 3, value), pid);
	show("tkill", (int)syscall(SYS_tkill, pid, SIGUSR1), pid);
	show("tgqueue", send_by("tgqueue", pid, SIGUSR1), pid);
	pthread_create(&thread, NULL, rest, NULL);
	show("pthread_kill", pthread_kill(thread, SIGUSR1), pid);
	show("pthread_cancel", pthread_cancel(thread), pid);
	pthread_join(thread, &result);
	printf("cancelled: %d\n", result == PTHREAD_CANCELED);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	show("blocked", raise(SIGUSR1), pid);
	sigpending(&set);
	printf("pending: %d\n", sigismember(&set, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	show("unblocked", 0, pid);
	show_end("abort", abort);
	show_end("abort, blocked", abort_with_it_blocked);
	show_end("SIGKILL by a thread", kill_by_thread);
	show_end("SIGSTOP", stop_oneself);
	show_end("setuid", set_id_with_threads);
	return 0;
}

static void error_of(const char *what, long result)
{
	printf("%s: %ld %s\n", what, result, result ? strerror(errno) : "");
}

static pid_t ended(int is_reaped)
{
	siginfo_t info;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	if (is_reaped)
		waitpid(child, NULL, 0);
	return child;
}

static int errors(void)
{
	static const char *const ways[] = {
		"kill", "tkill", "tgkill", "queue", "tgqueue", "pidfd", "group"};
	siginfo_t pretended = {.si_signo = SIGUSR1, .si_code = SI_USER};
	pid_t child = descendant(1, 0), gone = ended(1), zombie = ended(0);
	int pidfd = (int)syscall(PIDFD_OPEN, child, 0);

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		printf("by %s\n", ways[i]);
		error_of("signal 65", send_by(ways[i], child, 65));
		error_of("signal -1", send_by(ways[i], child, -1));
		error_of("nothing", send_by(ways[i], child, 0));
		if (strcmp(ways[i], "group") != 0)
			error_of("a zombie", send_by(ways[i], zombie, SIGUSR1));
		if (strcmp(ways[i], "group") != 0 && strcmp(ways[i], "pidfd") != 0) {
			error_of("gone", send_by(ways[i], gone, SIGUSR1));
			error_of("gone, signal 65", send_by(ways[i], gone, 65));
			error_of("minus", send_by(ways[i], -gone, 0));
		}
	}
	error_of("no group", kill(-gone, SIGUSR1));
	error_of("INT_MIN", kill(INT_MIN, SIGUSR1));
	error_of("tgkill of another's thread", syscall(SYS_tgkill, child, getpid(), SIGUSR1));
	error_of("as kill(2)", syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &pretended));
	error_of("no info", syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, NULL));
	error_of("bad info", syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, (void *)8));
	error_of("pidfd -1", syscall(PIDFD_SEND_SIGNAL, -1, SIGUSR1, NULL, 0));
	error_of("no pidfd", syscall(PIDFD_SEND_SIGNAL, 0, SIGUSR1, NULL, 0));
	error_of("pidfd flags 3", syscall(PIDFD_SEND_SIGNAL, pidfd, SIGUSR1, NULL, 3));
	error_of("pidfd flags 64", syscall(PIDFD_SEND_SIGNAL, pidfd, SIGUSR1, NULL, 64));
	pretended.si_code = SI_QUEUE;
	error_of(
		"pidfd, another number", syscall(PIDFD_SEND_SIGNAL, pidfd, SIGUSR2, &pretended, 0));
	error_of("pidfd of a group", syscall(PIDFD_SEND_SIGNAL, pidfd, 0, NULL, 4));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	error_of("pidfd of one that is gone", syscall(PIDFD_SEND_SIGNAL, pidfd, SIGUSR1, NULL, 0));
	return 0;
}

/* By a signal that nobody minds. A group of its own with two of four descendants: who gets a
 * signal, and what the call says. */
static int show_crowd(const char *what, pid_t to, pid_t *members)
{
	static const char *const names[] = {
		"caller", "near child", "near grandchild", "child", "grandchild"};
	int counts[5] = {0}, others = 0;
	siginfo_t info;
	int result = kill(to, SIGURG);

	printf("%s: %s;", what, result == 0 ? "sent" : strerror(errno));
	while (heard(&info, SETTLES)) {
		int i = 0;

		while (i < 5 && members[i] != (pid_t)(intptr_t)info.si_value.sival_ptr)
			i++;
		*(i < 5 ? &counts[i] : &others) += 1;
	}
	for (int i = 0; i < 5; i++) {
		if (counts[i])
			printf(" %s %d", names[i], counts[i]);
	}
	printf(others ? " others %d\n" : "\n", others);
	return 0;
}

static void note_receiver(int number)
{
	siginfo_t info = {.si_signo = number};

	info.si_value.sival_ptr = (void *)(intptr_t)getpid();
	if (write(seen[1], &info, sizeof(info)) < 0)
		_exit(FAILED);
}

static int crowd(int is_everybody)
{
	pid_t members[5];

	setpgid(0, 0);
	signal(SIGURG, note_receiver);
	members[0] = getpid();
	members[1] = descendant(1, 1);
	members[2] = descendant(2, 1);
	members[3] = descendant(1, 0);
	members[4] = descendant(2, 0);
	if (is_everybody)
		return show_crowd("everybody", -1, members);
	show_crowd("own group", 0, members);
	show_crowd("by its number", -getpgrp(), members);
	show_crowd("the child's group", -members[3], members);
	show_crowd("the grandchild's group", -members[4], members);
	return 0;
}

static void *set_thread(void *fd)
{
	struct f_owner_ex owner = {F_OWNER_TID, (pid_t)syscall(SYS_gettid)};

	return (void *)(intptr_t)fcntl(*(int *)fd, F_SETOWN_EX, &owner);
}

static int owner(const char *who)
{
	int ends[2], result = -1, is_late = strcmp(who, "none") == 0;
	pid_t child = 0;
	siginfo_t info;
	pthread_t thread;
	void *status;

	watch(SIGUSR1);
	if (strcmp(who, "child") == 0)
		child = descendant(1, 0);
	else
		setpgid(0, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return FAILED;
	if (strcmp(who, "self") == 0)
		result = fcntl(ends[0], F_SETOWN, getpid());
	else if (strcmp(who, "child") == 0)
		result = fcntl(ends[0], F_SETOWN, child);
	else if (strcmp(who, "group") == 0)
		result = fcntl(ends[0], F_SETOWN, -getpgrp());
	else if (strcmp(who, "none") == 0)
		result = fcntl(ends[0], F_SETOWN, 0);
	else if (strcmp(who, "old") == 0)
		result = ioctl(ends[0], SIOCSPGRP, &(int){getpid()});
	else if (strcmp(who, "thread") == 0) {
		pthread_create(&thread, NULL, set_thread, &ends[0]);
		pthread_join(thread, &status);
		result = (int)(intptr_t)status;
		if (result == 0)
			result = fcntl(
				ends[0], F_SETOWN_EX, &(struct f_owner_ex){F_OWNER_PID, getpid()});
	}
	if (result != 0) {
		printf("owner %s: %s\n", who, strerror(errno));
		return errno == EPERM ? 1 : FAILED;
	}
	if (fcntl(ends[0], F_SETSIG, SIGUSR1) != 0 || fcntl(ends[0], F_SETFL, O_ASYNC) != 0 ||
		write(ends[1], "x", 1) != 1)
		return FAILED;
	return heard(&info, is_late ? SETTLES : ARRIVES) == !is_late ? 0 : FAILED;
}

static int attach(const char *to)
{
	int status, asks = strcmp(to, "asked") == 0;
	pid_t pid = asks ? fork() : find(to);

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	if (!asks && ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0) {
		printf("ptrace: %s\n", strerror(errno));
		return errno == EPERM ? 1 : FAILED;
	}
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		return FAILED;
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0 ? 0 : FAILED;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (pipe2(seen, O_NONBLOCK | O_CLOEXEC) != 0)
		return FAILED;
	if (strcmp(verb, "send") == 0 && argc > 3)
		return send_one(argv[2], argv[3], argc > 4 ? atoi(argv[4]) : SIGUSR1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(verb, "own") == 0)
		return own();
	if (strcmp(verb, "errors") == 0)
		return errors();
	if (strcmp(verb, "crowd") == 0)
		return crowd(argc > 2);
	if (strcmp(verb, "owner") == 0 && argc > 2)
		return owner(argv[2]);
	if (strcmp(verb, "attach") == 0 && argc > 2)
		return attach(argv[2]);
	fprintf(stderr, "signals: bad verb or number of arguments: %s\n", verb);
	return FAILED;
}
