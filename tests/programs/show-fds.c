/* Writes its open descriptors to FILE, with what they refer to. usage: show-fds FILE */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024, TARGET = 256, FAILED = 99 };

int main(int argc, char **argv)
{
	static char targets[DESCRIPTORS][TARGET];
	static int open_fds[DESCRIPTORS];

	if (argc != 2)
		return FAILED;
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		char path[64];

		open_fds[fd] = fcntl(fd, F_GETFD) >= 0;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (open_fds[fd] && readlink(path, targets[fd], TARGET - 1) < 0)
			return FAILED;
	}
	FILE *file = fopen(argv[1], "w");

	if (!file)
		return FAILED;
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		if (open_fds[fd])
			fprintf(file, "%d %s\n", fd, targets[fd]);
	}
	return fclose(file) == 0 ? 0 : FAILED;
}
