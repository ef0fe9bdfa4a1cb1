/*
 * Runs a command as on a kernel without Landlock.
 * usage: no-landlock ENOSYS|EOPNOTSUPP COMMAND [ARG]...
 * ENOSYS is a kernel that was built without it, EOPNOTSUPP one that was booted without it.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LANDLOCK_CREATE_RULESET = 444, FAILED = 99 };

int main(int argc, char **argv)
{
	int unsupported = argc > 1 && strcmp(argv[1], "EOPNOTSUPP") == 0;

	if (argc < 3 || (!unsupported && strcmp(argv[1], "ENOSYS") != 0)) {
		fprintf(stderr, "usage: no-landlock ENOSYS|EOPNOTSUPP COMMAND [ARG]...\n");
		return FAILED;
	}
	struct sock_filter instructions[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LANDLOCK_CREATE_RULESET, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsupported ? EOPNOTSUPP : ENOSYS)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(instructions) / sizeof(instructions[0]), instructions};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("no-landlock: seccomp");
		return FAILED;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return FAILED;
}
