/*
 * The kernel's share: enters a sandbox that is like one of sbx in size, and does nothing else.
 * usage: kernel-only [-b] INSTRUCTIONS [PATH]... -- COMMAND [ARG]...
 *
 * Loads a seccomp program of so many instructions, a bisection of the system call numbers that
 * allows all of them, and a Landlock domain that lets write at each PATH only.
 *
 * With -b there is a broker too, in the cheapest structure that has what sbx must have: this
 * process waits for the command and exits with its status; the listener is in a third process,
 * which lives as long as the sandbox. Neither child gets memory or descriptors of its own: the
 * command gives its own up when it is executed, so no page table is copied, the listener needs not
 * be sent, and the broker starts when the command runs already. What that leaves out: job control
 * and signals, a waiter and a broker that let go of the caller's files, memory that a broker could
 * write to without the waiter, orphans, death by signal, and answers: whoever asks is refused.
 */
#define _GNU_SOURCE 1

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From the kernel's interfaces, which older headers lack in part. */
enum {
	CREATE_RULESET = 444,
	ADD_RULE = 445,
	RESTRICT_SELF = 446,
	RULE_PATH_BENEATH = 1,
	WRITE_FILE = 1 << 1,
	ALL_WRITES = WRITE_FILE | 0x3ff0, /* and removing and making of all kinds */
	SCOPE_ABSTRACT_UNIX_SOCKET = 1,
	LISTENER = 1 << 3 | 1 << 5, /* NEW_LISTENER, WAIT_KILLABLE_RECV */
	STACK = 16 * 1024,
	PROGRAM_MAX = 250,
	HEAD = 2, /* load the number; the returns stand at the end */
	NUMBERS = 470,
};

struct ruleset {
	uint64_t files, network, scopes;
};

struct __attribute__((packed)) path_rule {
	uint64_t rights;
	int32_t fd;
};

struct sandbox {
	unsigned length;
	bool has_broker;
	char **paths; /* until "--", after which the command follows */
	char **command;
	int listener; /* from the command to this process: the memory is the same */
};

static void fail(const char *what)
{
	perror(what);
	_exit(125);
}

/* count comparisons from code on, for the numbers in [low, high); both returns follow the tree. */
static void bisect(struct sock_filter *code, unsigned count, unsigned low, unsigned high,
	const struct sock_filter *end)
{
	unsigned left = (count - 1) / 2, right = count - 1 - left;
	unsigned middle = low + (high - low) / 2, to_end = (unsigned)(end - code) - 1;

	*code = (struct sock_filter){BPF_JMP | BPF_JGE | BPF_K, (uint8_t)(right ? left : to_end),
		(uint8_t)(left ? 0 : to_end), middle};
	if (left)
		bisect(code + 1, left, low, middle, end);
	if (right)
		bisect(code + 1 + left, right, middle, high, end);
}

static int load_seccomp(unsigned length, bool has_broker)
{
	static struct sock_filter code[PROGRAM_MAX];
	struct sock_fprog program = {(unsigned short)length, code};

	code[0] = (struct sock_filter){
		BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch)};
	code[1] = (struct sock_filter){
		BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)};
	bisect(code + HEAD, length - HEAD - 1, 0, NUMBERS, code + length - 1);
	code[length - 1] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
	int result = (int)syscall(
		SYS_seccomp, SECCOMP_SET_MODE_FILTER, has_broker ? LISTENER : 0, &program);

	if (result < 0)
		fail("seccomp");
	return result;
}

static void grant(int ruleset, const char *path)
{
	size_t length = strlen(path);
	struct path_rule rule = {
		path[length - 1] == '/' ? ALL_WRITES : WRITE_FILE, open(path, O_PATH | O_CLOEXEC)};

	if (rule.fd < 0 || syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) != 0)
		fail(path);
	close(rule.fd);
}

static void enter(struct sandbox *sandbox)
{
	struct ruleset attributes = {.scopes = SCOPE_ABSTRACT_UNIX_SOCKET};

	if (sandbox->paths + 1 != sandbox->command)
		attributes.files = ALL_WRITES;
	int ruleset = (int)syscall(CREATE_RULESET, &attributes, sizeof(attributes), 0);

	if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail("Landlock");
	for (char **path = sandbox->paths; path + 1 != sandbox->command; path++)
		grant(ruleset, *path);
	if (syscall(RESTRICT_SELF, ruleset, 0) != 0)
		fail("Landlock");
	close(ruleset);
	sandbox->listener = load_seccomp(sandbox->length, sandbox->has_broker);
}

static int run_command(void *argument)
{
	struct sandbox *sandbox = argument;

	enter(sandbox);
	execv(sandbox->command[0], sandbox->command);
	perror(sandbox->command[0]);
	_exit(127);
}

/* Until the last process of the sandbox is gone, or one of them asks for something. */
static int run_broker(void *argument)
{
	const struct sandbox *sandbox = argument;
	struct pollfd polled = {.fd = sandbox->listener, .events = POLLIN};

	poll(&polled, 1, -1);
	_exit(0);
}

static int run_beside_broker(struct sandbox *sandbox)
{
	static char stacks[2][STACK] __attribute__((aligned(16)));
	const int shared = CLONE_VM | CLONE_FILES | SIGCHLD;
	int status;
	/* Returns when the command has been executed. */
	pid_t command = clone(run_command, stacks[0] + STACK, shared | CLONE_VFORK, sandbox);

	if (command < 0)
		fail("clone");
	/* None where the command could not enter the sandbox. */
	if (sandbox->listener >= 0 && clone(run_broker, stacks[1] + STACK, shared, sandbox) < 0)
		fail("clone");
	if (waitpid(command, &status, 0) != command)
		fail("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct sandbox sandbox = {
		.listener = -1, .has_broker = argc > 1 && strcmp(argv[1], "-b") == 0};
	int at = sandbox.has_broker ? 2 : 1;

	sandbox.length = argc > at ? (unsigned)atoi(argv[at++]) : 0;
	sandbox.paths = argv + at;
	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	sandbox.command = argv + at + 1;
	if (sandbox.length < 4 || sandbox.length > PROGRAM_MAX || at + 1 >= argc) {
		fputs("usage: kernel-only [-b] INSTRUCTIONS [PATH]... -- COMMAND [ARG]...\n",
			stderr);
		return 125;
	}
	if (sandbox.has_broker)
		_exit(run_beside_broker(&sandbox));
	run_command(&sandbox);
}
