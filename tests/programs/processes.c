/*
 * Attempts against other processes, and ways to make new ones: processes VERB ARGUMENT... Exit
 * status 0 when it worked, 1 when it was refused (the error is printed), 99 when it could not be
 * tried.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

enum { SETUP_FAILED = 99, LIFE = 60 };

static int refused(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	return 1;
}

static char memory[16] = "untouched";
static volatile sig_atomic_t hits;

static void count_hit(int number)
{
	(void)number;
	hits++;
}

/* Writes PID ADDRESS DESCRIPTOR to the file, then below it what was done to this process. */
static int victim(const char *path)
{
	static const int signals[] = {SIGUSR1, SIGUSR2, SIGIO};
	struct rlimit limit, before;
	FILE *file = fopen(path, "w");
	int seen = 0;

	if (!file)
		return SETUP_FAILED;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], count_hit);
	getrlimit(RLIMIT_NOFILE, &before);
	fprintf(file, "%d %p %d\n", (int)getpid(), (void *)memory, fileno(file));
	fflush(file);
	for (int i = 0; i < LIFE * 50; i++) {
		usleep(20000);
		if (hits > seen && ++seen)
			fprintf(file, "signal\n");
		if (strcmp(memory, "untouched") != 0) {
			fprintf(file, "memory\n");
			strcpy(memory, "untouched");
		}
		if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != before.rlim_cur) {
			fprintf(file, "limit\n");
			before = limit;
		}
		fflush(file);
	}
	return 0;
}

static int attach(pid_t pid, int request)
{
	int status;

	if (ptrace(request, pid, NULL, NULL) != 0)
		return refused("ptrace");
	if (request == PTRACE_SEIZE && ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0)
		return refused("interrupt");
	waitpid(pid, &status, 0);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}

static int vm_write(pid_t pid, char *address)
{
	char text[] = "changed";
	struct iovec here = {text, sizeof(text)}, there = {address, sizeof(text)};

	return process_vm_writev(pid, &here, 1, &there, 1, 0) > 0 ? 0
								  : refused("process_vm_writev");
}

static int vm_read(pid_t pid, char *address)
{
	char text[8];
	struct iovec here = {text, sizeof(text)}, there = {address, sizeof(text)};

	return process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 ? 0 : refused("process_vm_readv");
}

static int write_mem(pid_t pid, char *address)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return refused(path);
	return pwrite(fd, "changed", 8, (off_t)(uintptr_t)address) == 8 ? 0 : refused("pwrite");
}

static int take_descriptor(pid_t pid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0)
		return refused("pidfd_open");
	int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	return copy >= 0 && write(copy, "descriptor\n", 11) == 11 ? 0 : refused("pidfd_getfd");
}

static int limit_descriptors(pid_t pid)
{
	struct rlimit limit;

	if (prlimit(pid, RLIMIT_NOFILE, NULL, &limit) != 0)
		return refused("prlimit");
	limit.rlim_cur--;
	return prlimit(pid, RLIMIT_NOFILE, &limit, NULL) == 0 ? 0 : refused("prlimit");
}

/* Lets the kernel send the signal: this process owns the pipe, the other gets its SIGIO. */
static int signal_through_pipe(pid_t pid)
{
	int ends[2];

	if (pipe(ends) != 0 || fcntl(ends[0], F_SETOWN, pid) != 0 ||
		fcntl(ends[0], F_SETFL, O_ASYNC) != 0)
		return refused("F_SETOWN");
	if (write(ends[1], "x", 1) != 1)
		return refused("write");
	usleep(100000);
	return 0;
}

static int send_signal(const char *way, pid_t pid)
{
	siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
	long result = -1;

	info.si_pid = getpid();
	info.si_uid = getuid();
	if (strcmp(way, "kill") == 0)
		result = kill(pid, SIGUSR1);
	else if (strcmp(way, "group") == 0)
		result = kill(-getpgid(pid), SIGUSR1);
	else if (strcmp(way, "tkill") == 0)
		result = syscall(SYS_tkill, pid, SIGUSR1);
	else if (strcmp(way, "tgkill") == 0)
		result = syscall(SYS_tgkill, pid, pid, SIGUSR1);
	else if (strcmp(way, "queue") == 0)
		result = syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info);
	else if (strcmp(way, "tgqueue") == 0)
		result = syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGUSR1, &info);
	else if (strcmp(way, "pidfd") == 0)
		result = syscall(
			SYS_pidfd_send_signal, syscall(SYS_pidfd_open, pid, 0), SIGUSR1, NULL, 0);
	return result == 0 ? 0 : refused(way);
}

/* A child of its own can be traced and killed. */
static int own_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return refused("fork");
	if (pid == 0) {
		pause();
		_exit(0);
	}
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) != 0)
		return refused("ptrace of a child");
	waitpid(pid, &status, 0);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	if (kill(pid, SIGKILL) != 0)
		return refused("kill of a child");
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : refused("wait");
}

static int end(long pid, const char *what)
{
	int status;

	if (pid < 0)
		return refused(what);
	if (pid == 0)
		_exit(0);
	waitpid((pid_t)pid, &status, __WALL);
	return 0;
}

static int clone_new(unsigned long flags)
{
	return end(syscall(SYS_clone, flags, 0, 0, 0, 0), "clone");
}

static int clone3_new(void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} arguments = {.exit_signal = SIGCHLD};

	return end(syscall(SYS_clone3, &arguments, sizeof(arguments)), "clone3");
}

static void *set_flag(void *flag)
{
	*(int *)flag = 1;
	return NULL;
}

static int start_thread(void)
{
	pthread_t thread;
	int flag = 0;

	errno = pthread_create(&thread, NULL, set_flag, &flag);
	if (errno)
		return refused("pthread_create");
	pthread_join(thread, NULL);
	return flag ? 0 : SETUP_FAILED;
}

/* A program that has no path. */
static int execute_memory(const char *path, char **words)
{
	static char buffer[1 << 16];
	int from = open(path, O_RDONLY), to = (int)syscall(SYS_memfd_create, "program", 0);
	ssize_t length;

	if (from < 0)
		return SETUP_FAILED;
	if (to < 0)
		return refused("memfd_create");
	while ((length = read(from, buffer, sizeof(buffer))) > 0) {
		if (write(to, buffer, (size_t)length) != length)
			return SETUP_FAILED;
	}
	fexecve(to, words, (char *[]){NULL});
	return refused("fexecve");
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	pid_t pid = argc > 2 ? atoi(argv[2]) : 0;
	char *address = argc > 3 ? (char *)(uintptr_t)strtoull(argv[3], NULL, 0) : NULL;

	if (strcmp(verb, "victim") == 0 && argc > 2)
		return victim(argv[2]);
	if (strcmp(verb, "attach") == 0 && pid > 0)
		return attach(pid, PTRACE_ATTACH);
	if (strcmp(verb, "seize") == 0 && pid > 0)
		return attach(pid, PTRACE_SEIZE);
	if (strcmp(verb, "vm-write") == 0 && address)
		return vm_write(pid, address);
	if (strcmp(verb, "vm-read") == 0 && address)
		return vm_read(pid, address);
	if (strcmp(verb, "mem") == 0 && address)
		return write_mem(pid, address);
	if (strcmp(verb, "getfd") == 0 && argc > 3)
		return take_descriptor(pid, atoi(argv[3]));
	if (strcmp(verb, "limit") == 0 && pid > 0)
		return limit_descriptors(pid);
	if (strcmp(verb, "pipe-signal") == 0 && pid > 0)
		return signal_through_pipe(pid);
	if (strcmp(verb, "signal") == 0 && argc > 3)
		return send_signal(argv[3], pid);
	if (strcmp(verb, "own-child") == 0)
		return own_child();
	if (strcmp(verb, "fork") == 0)
		return end(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), "fork");
#ifdef SYS_fork
	if (strcmp(verb, "old-fork") == 0)
		return end(syscall(SYS_fork), "fork");
	if (strcmp(verb, "vfork") == 0)
		return end(vfork(), "vfork");
#endif
	if (strcmp(verb, "clone") == 0)
		return clone_new(SIGCHLD);
	if (strcmp(verb, "clone-vm") == 0)
		return clone_new(CLONE_VFORK | SIGCHLD);
	if (strcmp(verb, "clone3") == 0)
		return clone3_new();
	if (strcmp(verb, "thread") == 0)
		return start_thread();
	if (strcmp(verb, "memfd") == 0 && argc > 3)
		return execute_memory(argv[2], argv + 3);
	fprintf(stderr, "processes: bad verb or number of arguments: %s\n", verb);
	return SETUP_FAILED;
}
