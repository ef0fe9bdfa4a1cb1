/*
 * The kernel's share: enters a sandbox that is like one of sbx in size, and does nothing else.
 * usage: kernel-only INSTRUCTIONS [PATH]... -- COMMAND [ARG]...
 *
 * Loads a seccomp program of so many instructions, a bisection of the system call numbers that
 * allows all of them, and a Landlock domain that lets write at each PATH only.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From the kernel's Landlock interface, which older headers lack. */
enum {
	CREATE_RULESET = 444,
	ADD_RULE = 445,
	RESTRICT_SELF = 446,
	RULE_PATH_BENEATH = 1,
	WRITE_FILE = 1 << 1,
	ALL_WRITES = WRITE_FILE | 0x3ff0, /* and removing and making of all kinds */
	SCOPE_ABSTRACT_UNIX_SOCKET = 1,
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

static void fail(const char *what)
{
	perror(what);
	exit(125);
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

static void load_seccomp(unsigned length)
{
	static struct sock_filter code[PROGRAM_MAX];
	struct sock_fprog program = {(unsigned short)length, code};

	code[0] = (struct sock_filter){
		BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch)};
	code[1] = (struct sock_filter){
		BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)};
	bisect(code + HEAD, length - HEAD - 1, 0, NUMBERS, code + length - 1);
	code[length - 1] = (struct sock_filter){BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
		fail("seccomp");
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

int main(int argc, char **argv)
{
	int at = 2;
	unsigned length = argc > 3 ? (unsigned)atoi(argv[1]) : 0;

	if (length < 4 || length > PROGRAM_MAX) {
		fputs("usage: kernel-only INSTRUCTIONS [PATH]... -- COMMAND [ARG]...\n", stderr);
		return 125;
	}
	struct ruleset attributes = {.scopes = SCOPE_ABSTRACT_UNIX_SOCKET};

	if (strcmp(argv[at], "--") != 0)
		attributes.files = ALL_WRITES;
	int ruleset = (int)syscall(CREATE_RULESET, &attributes, sizeof(attributes), 0);

	if (ruleset < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail("Landlock");
	for (; argv[at] && strcmp(argv[at], "--") != 0; at++)
		grant(ruleset, argv[at]);
	if (syscall(RESTRICT_SELF, ruleset, 0) != 0)
		fail("Landlock");
	close(ruleset);
	load_seccomp(length);
	execv(argv[at + 1], argv + at + 1);
	perror(argv[at + 1]);
	return 127;
}
