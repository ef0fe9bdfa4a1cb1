/* What doctor tries with processes, terminals and descriptors. */
#include "enforce/linux/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HELD_FD = 9 }; /* one digit: shells need no more */

static int status_of(pid_t child)
{
	int status = 0;

	if (child < 0)
		return errno;
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

int stage_run(const char *path, char *const *words)
{
	char *const environment[] = {NULL};
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execve(path, words, environment);
		_exit(errno);
	}
	return status_of(child);
}

static pid_t start_child(void)
{
	pid_t child = fork();

	while (child == 0)
		pause();
	return child;
}

static void end_child(pid_t child)
{
	if (child < 0)
		return;
	kill(child, SIGKILL);
	status_of(child);
}

/* In a child, whose end lets go of the process again. */
static int trace(pid_t pid)
{
	pid_t child = fork();

	if (child == 0)
		_exit(ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? 0 : errno);
	return status_of(child);
}

/* A process may look into those that it starts. */
static int trace_own(void)
{
	pid_t child = fork();

	if (child == 0) {
		pid_t own = start_child();
		int error = own < 0 || ptrace(PTRACE_SEIZE, own, NULL, NULL) != 0 ? errno : 0;

		end_child(own);
		_exit(error);
	}
	return status_of(child);
}

int attempt_trace(const struct stage *stage, enum side side)
{
	return side == SIDE_DENIED ? trace(stage->bystander) : trace_own();
}

int attempt_signal(const struct stage *stage, enum side side)
{
	pid_t pid = side == SIDE_DENIED ? stage->bystander : start_child();
	int error = pid < 0 || kill(pid, 0) != 0 ? errno : 0;

	if (side == SIDE_ALLOWED)
		end_child(pid);
	return error;
}

static void *do_nothing(void *argument)
{
	return argument;
}

/* Threads are no processes. */
int attempt_fork(const struct stage *stage, enum side side)
{
	pthread_t thread;

	(void)stage;
	if (side == SIDE_ALLOWED) {
		int error = pthread_create(&thread, NULL, do_nothing, NULL);

		return error ? error : pthread_join(thread, NULL);
	}
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return status_of(child);
}

/* Whether setuid programs gain anything: the kernel says so itself. */
int attempt_privileges(const struct stage *stage, enum side side)
{
	if (side == SIDE_ALLOWED)
		return attempt_execute(stage, SIDE_ALLOWED);
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? 0 : EPERM;
}

/* A terminal of its own: a session's first process gets the one that it opens. */
int prepare_typing(const struct stage *stage)
{
	int opened = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	const char *name;

	(void)stage;
	if (opened < 0)
		return errno;
	int terminal = fcntl(opened, F_DUPFD_CLOEXEC, HELD_FD + 1);

	if (terminal < 0 || unlockpt(terminal) != 0 || !(name = ptsname(terminal)))
		return errno;
	close(opened);
	setsid();
	int fd = open(name, O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, HELD_FD) < 0)
		return errno;
	return ioctl(HELD_FD, TIOCSCTTY, 0) == 0 ? 0 : errno;
}

int attempt_typing(const struct stage *stage, enum side side)
{
	struct winsize size;
	int result = side == SIDE_DENIED ? ioctl(HELD_FD, TIOCSTI, "x")
					 : ioctl(HELD_FD, TIOCGWINSZ, &size);

	(void)stage;
	return result == 0 ? 0 : errno;
}

int prepare_descriptor(const struct stage *stage)
{
	int fd = open(stage_path(stage, SIDE_DENIED, "file"), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, HELD_FD) < 0)
		return errno;
	return fcntl(HELD_FD, F_SETFD, 0) == 0 ? 0 : errno;
}

/* Asks a program that is executed. */
int attempt_descriptor(const struct stage *stage, enum side side)
{
	char shell[] = "sh", option[] = "-c", input[] = ": <&0", held[] = ": <&9";
	char *words[] = {shell, option, side == SIDE_DENIED ? held : input, NULL};
	int status = stage_run("/bin/sh", words);

	(void)stage;
	/* A shell's own status for what it cannot open is 1 or 2. */
	return status == 1 || status == 2 ? EPERM : status;
}
