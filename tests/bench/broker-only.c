/*
 * The floor of a broker: answers what a command asks, and decides nothing.
 * usage: broker-only [-c] [-t THREADS] [CALL]... -- COMMAND [ARG]...
 *
 * Runs the command under a seccomp program that sends each CALL here, by default all in the table
 * below that look at files. A path to open is read from the caller's memory and opened as the
 * caller would, and the kernel is given the descriptor: no broker that decides which file is opened
 * can do less. The others are told to go on, which MUST NOT be done to decide anything, as the
 * caller's memory may change meanwhile: it is the price of the round trip alone. With -c the number
 * of calls that were answered goes to stderr. Exits with the command's status; what outlives the
 * command has its calls refused. Left out: umasks and rights that callers have of their own, FIFOs
 * that make an opening wait (each keeps a thread).
 */
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* From the kernel's interface, which older headers lack in part. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS      _IOW('!', 4, uint64_t)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1
#endif

enum {
	LISTENER = 1 << 3 | 1 << 5, /* NEW_LISTENER, WAIT_KILLABLE_RECV */
	PUT_AND_SEND = 1 << 1,      /* SECCOMP_ADDFD_FLAG_SEND */
	PATH_ONLY = 010000000,      /* O_PATH; what musl calls so is more */
	STACK = 64 * 1024,
	PATH_SIZE = 4096,
	PAGE = 4096,
	SHORT_PATH = 128,
	/*
	 * To hand over a descriptor the kernel wakes caller and broker as it does anybody, on idle
	 * processors of their own: one thread alone would wait there when the next call comes.
	 * More take each other's turns away.
	 */
	DEFAULT_THREADS = 2,
	MAX_THREADS = 16,
};

struct call {
	const char *name;
	int number;
	int path;       /* the argument, for those that open; the directory stands before it */
	bool is_change; /* sent only if named */
};

static const struct call calls[] = {
	{"openat", SYS_openat, 1, false},
	{"newfstatat", SYS_newfstatat, 0, false},
	{"statx", SYS_statx, 0, false},
	{"faccessat", SYS_faccessat, 0, false},
	{"faccessat2", 439, 0, false},
	{"readlinkat", SYS_readlinkat, 0, false},
	{"fchmod", SYS_fchmod, 0, true},
	{"fchmodat", SYS_fchmodat, 0, true},
	{"fchown", SYS_fchown, 0, true},
	{"fchownat", SYS_fchownat, 0, true},
	{"utimensat", SYS_utimensat, 0, true},
#ifdef SYS_open
	{"open", SYS_open, 0, false},
	{"stat", SYS_stat, 0, false},
	{"lstat", SYS_lstat, 0, false},
	{"access", SYS_access, 0, false},
	{"readlink", SYS_readlink, 0, false},
	{"chmod", SYS_chmod, 0, true},
	{"chown", SYS_chown, 0, true},
	{"lchown", SYS_lchown, 0, true},
#endif
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

struct sandbox {
	bool is_sent[CALLS];
	char **command;
	int listener; /* from the command to this process: the memory is the same */
};

static atomic_long answered;

/* ioctl(2), whose second parameter has another type in each C library. */
static long ask_kernel(int listener, unsigned long question, const void *argument)
{
	return syscall(SYS_ioctl, listener, question, argument);
}

static void fail(const char *what)
{
	perror(what);
	_exit(125);
}

static void load_seccomp(struct sandbox *sandbox)
{
	struct sock_filter code[CALLS + 3] = {
		{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)}};
	struct sock_fprog program = {1, code};
	unsigned sent = 0;

	for (size_t i = 0; i < CALLS; i++)
		sent += sandbox->is_sent[i];
	for (size_t i = 0; i < CALLS; i++) {
		if (sandbox->is_sent[i])
			code[program.len++] = (struct sock_filter){BPF_JMP | BPF_JEQ | BPF_K,
				(uint8_t)sent--, 0, (uint32_t)calls[i].number};
	}
	code[program.len++] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
	code[program.len++] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail("no_new_privs");
	sandbox->listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, LISTENER, &program);
	if (sandbox->listener < 0)
		fail("seccomp");
}

static int run_command(void *argument)
{
	struct sandbox *sandbox = argument;

	load_seccomp(sandbox);
	execvp(sandbox->command[0], sandbox->command);
	perror(sandbox->command[0]);
	_exit(127);
}

/* Most paths are short, and a path at the end of a page may have nothing mapped after it. */
static bool read_path(pid_t process, uint64_t address, char *path)
{
	size_t length = 0, piece = SHORT_PATH;

	while (length < PATH_SIZE) {
		size_t to_edge = PAGE - (address + length) % PAGE;
		struct iovec own = {path + length, piece < to_edge ? piece : to_edge};
		struct iovec other = {(void *)(uintptr_t)(address + length), own.iov_len};
		ssize_t count = process_vm_readv(process, &own, 1, &other, 1, 0);

		if (count <= 0)
			return false;
		if (memchr(own.iov_base, '\0', (size_t)count))
			return true;
		length += (size_t)count;
		piece = PATH_SIZE - length;
	}
	return false;
}

/* What means the process that opens it. */
static bool is_own(const char *path)
{
	static const char *const prefixes[] = {"/proc/", "/dev/fd", "/dev/std", "/dev/tty"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(path, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	}
	return false;
}

/* path has room for the directory before it: where it is relative, it is made to start there. */
static const char *place(const struct seccomp_notif *asked, int directory, char *path, size_t room)
{
	char prefix[64];
	int length = directory == AT_FDCWD
			     ? snprintf(prefix, sizeof(prefix), "/proc/%u/cwd/", asked->pid)
			     : snprintf(prefix, sizeof(prefix), "/proc/%u/fd/%d/", asked->pid,
				       directory);

	if (*path == '/' || !*path || (size_t)length > room)
		return path;
	return memcpy(path - length, prefix, (size_t)length);
}

/*
 * False where the caller is to go on itself: with what means itself, and with O_PATH, which is no
 * descriptor that the kernel would hand over.
 */
static bool serve_open(int listener, const struct seccomp_notif *asked, int at)
{
	enum { ROOM = 64 };
	char buffer[ROOM + PATH_SIZE], *path = buffer + ROOM;
	const __u64 *arguments = asked->data.args;
	int directory = at ? (int)arguments[0] : AT_FDCWD, flags = (int)arguments[at + 1];
	struct seccomp_notif_addfd put = {
		.id = asked->id, .flags = PUT_AND_SEND, .newfd_flags = (uint32_t)flags & O_CLOEXEC};
	struct seccomp_notif_resp refusal = {.id = asked->id};

	if (flags & PATH_ONLY || !read_path((pid_t)asked->pid, arguments[at], path) || is_own(path))
		return false;
	int fd = openat(AT_FDCWD, place(asked, directory, path, ROOM), flags | O_CLOEXEC | O_NOCTTY,
		(mode_t)arguments[at + 2]);

	put.srcfd = (uint32_t)fd;
	if (fd < 0 || ask_kernel(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &put) < 0) {
		refusal.error = -errno;
		ask_kernel(listener, SECCOMP_IOCTL_NOTIF_SEND, &refusal);
	}
	if (fd >= 0)
		close(fd);
	return true;
}

static void serve(int listener, const struct seccomp_notif *asked)
{
	struct seccomp_notif_resp go_on = {
		.id = asked->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
	bool opens = asked->data.nr == SYS_openat;
	int path = opens;

#ifdef SYS_open
	opens = opens || asked->data.nr == SYS_open;
#endif
	if (!opens || !serve_open(listener, asked, path))
		ask_kernel(listener, SECCOMP_IOCTL_NOTIF_SEND, &go_on);
	atomic_fetch_add_explicit(&answered, 1, memory_order_relaxed);
}

static void *take_requests(void *argument)
{
	const struct sandbox *sandbox = argument;
	union {
		struct seccomp_notif asked;
		char room[512]; /* the kernel's may be larger than ours */
	} buffer;

	for (;;) {
		memset(&buffer, 0, sizeof(buffer.asked));
		if (ask_kernel(sandbox->listener, SECCOMP_IOCTL_NOTIF_RECV, &buffer.asked) == 0)
			serve(sandbox->listener, &buffer.asked);
		else if (errno != EINTR && errno != ENOENT)
			return NULL;
	}
}

static int run(struct sandbox *sandbox, int threads, bool counts)
{
	static char stack[STACK] __attribute__((aligned(16)));
	pthread_t thread;
	int status;
	/* Returns when the command has been executed; the listener is here then. */
	pid_t command = clone(run_command, stack + STACK,
		CLONE_VM | CLONE_FILES | CLONE_VFORK | SIGCHLD, sandbox);

	if (command < 0)
		fail("clone");
	/* Whoever asks waits at once: its processor is free for the answer. Linux 6.6. */
	syscall(SYS_ioctl, sandbox->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	for (int i = 0; i < threads; i++) {
		if (pthread_create(&thread, NULL, take_requests, sandbox) != 0)
			fail("pthread_create");
	}
	if (waitpid(command, &status, 0) != command)
		fail("waitpid");
	if (counts)
		fprintf(stderr, "answered %ld\n", atomic_load(&answered));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool choose(struct sandbox *sandbox, const char *name)
{
	for (size_t i = 0; i < CALLS; i++) {
		if (strcmp(calls[i].name, name) == 0)
			return sandbox->is_sent[i] = true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct sandbox sandbox = {.listener = -1};
	bool counts = false, is_right = true;
	int option, threads = DEFAULT_THREADS;

	while ((option = getopt(argc, argv, "+ct:")) != -1) {
		counts = counts || option == 'c';
		is_right = is_right && option != '?';
		if (option == 't')
			threads = atoi(optarg);
	}
	/* getopt(3) skips a "--" that stands first. */
	bool has_calls = optind < argc && strcmp(argv[optind - 1], "--") != 0;

	for (size_t i = 0; !has_calls && i < CALLS; i++)
		sandbox.is_sent[i] = !calls[i].is_change;
	while (has_calls && is_right && optind < argc && strcmp(argv[optind], "--") != 0)
		is_right = choose(&sandbox, argv[optind++]);
	sandbox.command = argv + optind + (has_calls && optind < argc);
	if (!is_right || threads < 1 || threads > MAX_THREADS || !*sandbox.command) {
		fputs("usage: broker-only [-c] [-t THREADS] [CALL]... -- COMMAND [ARG]...\n",
			stderr);
		return 125;
	}
	_exit(run(&sandbox, threads, counts));
}
