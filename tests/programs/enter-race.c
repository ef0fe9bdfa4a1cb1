/*
 * enter-race WAY ALLOWED DENIED COUNT: goes to the first directory COUNT times, while another
 * thread puts the second one in its place; both are absolute paths. WAY is
 *
 *     path    chdir, and the path is overwritten in memory
 *     link    chdir, and a symlink points at the one and at the other
 *     fd      fchdir, and the descriptor is replaced
 *     open    open with O_PATH, and the path is overwritten in memory
 *
 * Whenever that ends the process, another one goes on. Prints how often it came to the first, and
 * the errors that were seen; makes a file "escapes" if it came to the second. Succeeds when it came
 * to the first at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERRORS = 256, PATH_ROOM = 4096 };

static struct {
	atomic_int tries, made;
	atomic_bool has_escaped, has_seen[ERRORS];
} * shared;

static const char *choices[2], *way;
static char path[PATH_ROOM];
static atomic_uint turns;
static int home, spare[2], flipped = 90;

static void choose(int which)
{
	if (strcmp(way, "fd") == 0) {
		dup2(spare[which], flipped);
	} else if (strcmp(way, "link") == 0) {
		symlinkat(choices[which], home, "race-new");
		renameat(home, "race-new", home, "race-link");
	} else {
		memcpy(path, choices[which], strlen(choices[which]) + 1);
	}
}

static void *flip(void *unused)
{
	(void)unused;
	for (unsigned i = 0;; i++) {
		choose(i % 2);
		turns = i;
		for (volatile unsigned j = 0; j < 100 + i % 7 * 300; j++)
			;
	}
	return NULL;
}

/* Where the call has led, as the kernel names it. */
static bool go(char name[static PATH_ROOM])
{
	char link[64];
	ssize_t length;

	if (strcmp(way, "open") == 0) {
		int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);

		if (fd < 0)
			return false;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		length = readlink(link, name, PATH_ROOM - 1);
		name[length > 0 ? length : 0] = '\0';
		close(fd);
		return true;
	}
	long result =
		strcmp(way, "fd") == 0 ? syscall(SYS_fchdir, flipped) : syscall(SYS_chdir, path);

	if (result != 0)
		return false;
	if (syscall(SYS_getcwd, name, PATH_ROOM) < 0)
		name[0] = '\0';
	return true;
}

_Noreturn static void run(int count)
{
	pthread_t thread;
	char name[PATH_ROOM];

	pthread_create(&thread, NULL, flip, NULL);
	while (atomic_fetch_add(&shared->tries, 1) < count) {
		unsigned before = turns;

		/* Now and then the other one must have had its turn. */
		while (shared->tries % 16 == 0 &&
			turns - before <= (unsigned)shared->tries / 16 % 3)
			sched_yield();
		if (!go(name)) {
			shared->has_seen[errno < ERRORS ? errno : 0] = true;
			continue;
		}
		if (strcmp(name, choices[0]) == 0)
			shared->made++;
		else
			shared->has_escaped = true;
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	way = argv[1];
	choices[0] = argv[2];
	choices[1] = argv[3];
	shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	home = open(".", O_PATH);
	for (int i = 0; strcmp(way, "fd") == 0 && i < 2; i++)
		spare[i] = open(choices[i], O_PATH);
	choose(0);
	if (strcmp(way, "link") == 0)
		snprintf(path, sizeof(path), "/proc/self/fd/%d/race-link", home);
	while (shared->tries < atoi(argv[4])) {
		pid_t child = fork();

		if (child == 0)
			run(atoi(argv[4]));
		waitpid(child, NULL, 0);
	}
	if (shared->has_escaped)
		close(open("escapes", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	printf("%s", shared->made ? "made" : "none");
	for (int i = 0; i < ERRORS; i++) {
		if (shared->has_seen[i])
			printf(" %s", strerrorname_np(i));
	}
	printf("\n");
	return shared->made == 0;
}
