/*
 * exec-race ALLOWED DENIED COUNT: executes the first path COUNT times, each in a child, while
 * another process overwrites the path in memory that they share with the second one.
 * exec-race link ALLOWED DENIED COUNT: the path is that of a symlink, which the other process
 * points at the one and at the other. Succeeds when something could be executed. Without words, as
 * it is executed itself, it makes a file "escapes".
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char *path;
static const char *choices[2];
static bool by_link;

static void choose(int which)
{
	if (!by_link) {
		memcpy(path, choices[which], strlen(choices[which]) + 1);
		return;
	}
	symlink(choices[which], "race-new");
	rename("race-new", "race-link");
}

_Noreturn static void flip(void)
{
	for (;;) {
		choose(1);
		for (volatile int i = 0; i < 2000; i++)
			;
		choose(0);
		for (volatile int i = 0; i < 2000; i++)
			;
	}
}

static bool executes(void)
{
	char *words[] = {"race", NULL}, *environment[] = {"PATH=/usr/bin:/bin", NULL};
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execve(path, words, environment);
		_exit(99);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	int made = 0;

	if (argc == 1) { /* it is what must not be executed */
		close(open("escapes", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		return 0;
	}
	by_link = argc > 4 && strcmp(argv[1], "link") == 0;
	if (argc < 4 + by_link)
		return 2;
	choices[0] = argv[1 + by_link];
	choices[1] = argv[2 + by_link];
	path = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	choose(0);
	if (by_link)
		strcpy(path, "./race-link");
	pid_t flipper = fork();

	if (flipper == 0)
		flip();
	for (int i = atoi(argv[3 + by_link]); i > 0; i--)
		made += executes();
	kill(flipper, 9);
	waitpid(flipper, NULL, 0);
	printf("%d\n", made);
	return made == 0;
}
