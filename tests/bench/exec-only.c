/*
 * The floor: the least that any prefix which execs its command can cost.
 * usage: exec-only PATH [ARG]...
 */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("usage: exec-only PATH [ARG]...\n", stderr);
		return 125;
	}
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
