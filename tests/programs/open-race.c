/*
 * open-race CALL COUNT: makes a call COUNT times in the current directory while another thread
 * turns what it is about from a/NAME into d/NAME and back: the path in memory, the descriptor that
 * it starts at, or a symlink on its way. Prints how often the thread turned, how often the call
 * worked, and how often it reached what is in d; the exit status is 0 if it worked and never did.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { TURNING_FD = 60 };

static char path[] = "a/file";
static struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "a/socket"};
static int directories[2];
static volatile bool stop, running;
static unsigned long turns, worked, reached;

/* Waits as long as a broker may take between two looks, sometimes. */
static void pause_briefly(void)
{
	static unsigned long state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	for (unsigned long i = (state >> 33) % 4000; i > 0; i--)
		__asm__ volatile("" ::: "memory");
}

static void turn_memory(bool denied)
{
	*(volatile char *)path = denied ? 'd' : 'a';
	*(volatile char *)address.sun_path = denied ? 'd' : 'a';
	pause_briefly();
}

static void turn_descriptor(bool denied)
{
	dup2(directories[denied], TURNING_FD);
	pause_briefly();
}

static void turn_symlink(bool denied)
{
	(void)denied;
	if (renameat2(AT_FDCWD, "link", AT_FDCWD, "other-link", RENAME_EXCHANGE) != 0)
		exit(2);
}

static void (*turn)(bool denied) = turn_memory;

static void *keep_turning(void *unused)
{
	while (!stop) {
		turn(true);
		turn(false);
		turns += 2;
		running = true;
	}
	return unused;
}

/* What is in the file, or nothing. */
static bool is_denied_content(int fd)
{
	char bytes[16] = "";

	return read(fd, bytes, sizeof(bytes) - 1) > 0 && strstr(bytes, "denied");
}

static bool is_there(const char *name)
{
	struct stat status;

	return lstat(name, &status) == 0;
}

static bool read_at(int directory, const char *name)
{
	int fd = openat(directory, name, O_RDONLY);

	if (fd < 0)
		return false;
	reached += is_denied_content(fd);
	close(fd);
	return true;
}

static bool do_open(void)
{
	return read_at(AT_FDCWD, path);
}

static bool do_descriptor(void)
{
	return read_at(TURNING_FD, "file");
}

static bool do_symlink(void)
{
	return read_at(AT_FDCWD, "link/file");
}

/* The victim is told by its size, its mode or its being there. */

static bool do_write(void)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static bool do_truncate(void)
{
	return truncate(path, 0) == 0;
}

static bool do_chmod(void)
{
	return chmod(path, 0600) == 0;
}

static void make_again(void)
{
	close(open("a/file", O_WRONLY | O_CREAT, 0644));
}

static bool do_unlink(void)
{
	if (unlink(path) != 0)
		return false;
	make_again();
	return true;
}

static bool do_rename(void)
{
	if (rename(path, "a/spare") != 0)
		return false;
	if (rename("a/spare", is_there("a/file") ? "a/stolen" : "a/file") != 0)
		exit(2);
	return true;
}

static bool do_overwrite(void)
{
	close(open("a/spare", O_WRONLY | O_CREAT, 0600));
	return rename("a/spare", path) == 0;
}

static bool do_link(void)
{
	struct stat status, victim;

	if (link(path, "a/spare") != 0)
		return false;
	if (stat("a/spare", &status) == 0 && stat("d/file", &victim) == 0)
		reached += status.st_ino == victim.st_ino;
	unlink("a/spare");
	return true;
}

static bool do_create(void)
{
	if (unlink("a/file") != 0 && errno != ENOENT)
		exit(2);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	close(fd);
	return fd >= 0;
}

static bool do_mkdir(void)
{
	unlink("a/file");
	bool is_made = mkdir(path, 0755) == 0;

	rmdir("a/file");
	return is_made;
}

static bool do_bind(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bool is_bound = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	unlink("a/socket");
	return is_bound;
}

static const struct {
	const char *name;
	bool (*call)(void);
	void (*turn)(bool denied);
} calls[] = {
	{"open", do_open, turn_memory},
	{"descriptor", do_descriptor, turn_descriptor},
	{"symlink", do_symlink, turn_symlink},
	{"write", do_write, turn_memory},
	{"truncate", do_truncate, turn_memory},
	{"chmod", do_chmod, turn_memory},
	{"unlink", do_unlink, turn_memory},
	{"rename", do_rename, turn_memory},
	{"overwrite", do_overwrite, turn_memory},
	{"link", do_link, turn_memory},
	{"create", do_create, turn_memory},
	{"mkdir", do_mkdir, turn_memory},
	{"bind", do_bind, turn_memory},
};

static bool (*find_call(const char *name))(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].name, name) == 0) {
			turn = calls[i].turn;
			return calls[i].call;
		}
	}
	exit(2);
}

/* The victim as it was: its size, its mode, its inode; and what was made beside it. */
static unsigned long harm(const struct stat *before)
{
	struct stat now;
	bool is_same = stat("d/file", &now) == 0
			       ? now.st_size == before->st_size && now.st_mode == before->st_mode &&
					 now.st_ino == before->st_ino
			       : before->st_ino == 0;

	return !is_same || is_there("a/stolen") || is_there("d/socket");
}

int main(int argc, char **argv)
{
	pthread_t thread;
	struct stat before = {0};

	if (argc < 3)
		return 2;
	bool (*call)(void) = find_call(argv[1]);
	long count = atol(argv[2]);

	if (stat("d/file", &before) != 0)
		before.st_ino = 0;
	directories[0] = open("a", O_PATH);
	directories[1] = open("d", O_PATH);
	dup2(directories[0], TURNING_FD);
	if (pthread_create(&thread, NULL, keep_turning, NULL) != 0)
		return 2;
	while (!running)
		;
	for (long i = 0; i < count; i++)
		worked += call();
	stop = true;
	pthread_join(thread, NULL);
	reached += harm(&before);
	printf("%lu %lu %lu\n", turns, worked, reached);
	return reached || !worked;
}
