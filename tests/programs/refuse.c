/*
 * Runs a command as on a kernel that refuses some system calls.
 * usage: refuse CALL[,CALL]... ERROR COMMAND [ARG]...
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FAILED = 99 };

static const struct name {
	const char *name;
	unsigned number;
} calls[] =
	{
		{"landlock_create_ruleset", 444},
		{"landlock_restrict_self", 446},
		{"mkdirat", SYS_mkdirat},
		{"pidfd_getfd", 438},
		{"process_vm_readv", SYS_process_vm_readv},
		{"ptrace", SYS_ptrace},
		{"seccomp", SYS_seccomp},
		{"socket", SYS_socket},
},
  errors[] = {
	  {"EACCES", EACCES},
	  {"EINVAL", EINVAL},
	  {"ENOSYS", ENOSYS},
	  {"EOPNOTSUPP", EOPNOTSUPP},
	  {"EPERM", EPERM},
};

static int find(const struct name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i].name, name) == 0)
			return (int)names[i].number;
	}
	return -1;
}

/* Without a listener of its own, and without a sandbox that could be seen: only one answer. */
static int refuse(unsigned number, unsigned error)
{
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(instructions) / sizeof(instructions[0]), instructions};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	int error = argc > 3 ? find(errors, sizeof(errors) / sizeof(errors[0]), argv[2]) : -1;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (char *name = error < 0 ? NULL : strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
		int number = find(calls, sizeof(calls) / sizeof(calls[0]), name);

		if (number < 0 || refuse((unsigned)number, (unsigned)error) != 0) {
			fprintf(stderr, "refuse: %s\n", name);
			return FAILED;
		}
	}
	if (error < 0) {
		fprintf(stderr, "usage: refuse CALL[,CALL]... ERROR COMMAND [ARG]...\n");
		return FAILED;
	}
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return FAILED;
}
