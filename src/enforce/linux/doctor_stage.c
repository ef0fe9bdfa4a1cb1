/* Where doctor tries things: directories, listeners and a process to harm. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/message.h"
#include "base/name.h"
#include "base/path.h"
#include "enforce/linux/doctor.h"

enum { BACKLOG = 64 };

static const char *const side_names[SIDES] = {"allowed", "denied"};

const char *stage_path(const struct stage *stage, enum side side, const char *name)
{
	return path_join(stage->arena, stage->directories[side], name);
}

static void write_file(const char *path, const char *bytes, size_t length, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || close(fd) != 0)
		die_errno("cannot write %s", path);
}

static void make_directory(const char *path)
{
	if (mkdir(path, 0700) != 0)
		die_errno("cannot make %s", path);
}

static void copy_program(const char *from, const char *path)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	int copy = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	char bytes[64 * 1024];
	ssize_t length = -1;

	while (source >= 0 && (length = read(source, bytes, sizeof(bytes))) > 0) {
		if (write(copy, bytes, (size_t)length) != length)
			die_errno("cannot write %s", path);
	}
	if (length < 0)
		die_errno("cannot read %s", from);
	if (close(source) != 0 || close(copy) != 0)
		die_errno("cannot write %s", path);
}

static void fill_directory(const struct stage *stage, enum side side, const char *program)
{
	make_directory(stage->directories[side]);
	make_directory(stage_path(stage, side, "below"));
	write_file(stage_path(stage, side, "file"), "text\n", 5, 0600);
	copy_program(program, stage_path(stage, side, "program"));
}

static bool listen_on(int fd, const void *address, socklen_t length)
{
	return fd >= 0 && bind(fd, address, length) == 0 && listen(fd, BACKLOG) == 0;
}

/* The port, or 0. */
static unsigned listen_on_port(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!listen_on(fd, &address, sizeof(address)) ||
		getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return 0;
	return ntohs(address.sin_port);
}

/* Through the directory's descriptor, because paths may be longer than addresses. */
static void listen_in(const char *directory)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int below = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/socket", below);
	listen_on(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &address, sizeof(address));
}

/* It lets everybody look into it (Yama would not), and ends with us. */
static int start_bystander(void)
{
	int ready[2];
	char byte;

	if (pipe(ready) != 0)
		die_errno("cannot make a pipe");
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die_errno("cannot start a process");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
		close(ready[0]);
		close(ready[1]);
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	close(ready[1]);
	while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(ready[0]);
	return pid;
}

void stage_make(struct arena *arena, const char *directory, struct stage *stage)
{
	char *top = path_join(arena, directory, PROGRAM_NAME "-doctor-XXXXXX");
	const char *own = file_own_executable(arena);

	if (!own)
		die_errno("cannot find " PROGRAM_NAME " itself");
	if (!mkdtemp(top) || !(top = path_canonical(arena, top)))
		die_errno("cannot make a directory in %s to try things in (TMPDIR names another)",
			directory);
	*stage = (struct stage){.arena = arena, .top = top};
	for (enum side side = SIDE_ALLOWED; side < SIDES; side++) {
		stage->directories[side] = path_join(arena, top, side_names[side]);
		fill_directory(stage, side, own);
		stage->ports[side] = listen_on_port();
		listen_in(stage->directories[side]);
	}
	stage->bystander = start_bystander();
}

void stage_remove(const struct stage *stage)
{
	static const char *const names[] = {
		"file", "program", "socket", "new", "old", "moved", "below/moved", "below"};

	kill(stage->bystander, SIGKILL);
	waitpid(stage->bystander, NULL, 0);
	for (enum side side = SIDE_ALLOWED; side < SIDES; side++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			remove(stage_path(stage, side, names[i]));
		rmdir(stage->directories[side]);
	}
	rmdir(stage->top);
}
