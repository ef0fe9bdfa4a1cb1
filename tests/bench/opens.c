/*
 * Opens and closes a file many times: a workload that consists of what a broker decides.
 * usage: opens COUNT PROCESSES PATH
 *
 * COUNT is divided among the processes, which run side by side.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_often(long count, const char *path)
{
	while (count-- > 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			perror(path);
			return 1;
		}
		close(fd);
	}
	return 0;
}

int main(int argc, char **argv)
{
	long count = argc == 4 ? atol(argv[1]) : 0;
	long processes = argc == 4 ? atol(argv[2]) : 0;
	int result = 0, status;

	if (count < 1 || processes < 1) {
		fputs("usage: opens COUNT PROCESSES PATH\n", stderr);
		return 2;
	}
	for (long i = 1; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("fork");
			return 1;
		}
		if (pid == 0)
			_exit(open_often(count / processes, argv[3]));
	}
	result = open_often(count / processes, argv[3]);
	while (wait(&status) > 0)
		result |= status != 0;
	return result;
}
