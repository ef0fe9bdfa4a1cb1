/*
 * System calls that a sandbox must refuse, made as directly as possible: calls VERB ARGUMENT...
 * Exit status 0 when it worked, 1 when it was refused (the error's name is printed), 99 when it
 * could not be tried.
 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	SETUP_FAILED = 99,
	NR_io_uring_setup = 425,
	NR_open_tree = 428,
	NR_move_mount = 429,
	NR_fsopen = 430,
	NR_fspick = 433,
	NR_openat2 = 437,
	NR_mount_setattr = 442,
	NR_fchmodat2 = 452,
	X32_BIT = 0x40000000,
};

static int report(long result)
{
	if (result >= 0)
		return 0;
	printf("%s\n", strerrorname_np(errno));
	return 1;
}

/* Runs the words on a terminal of their own; their output comes out here. */
static int on_terminal(char **words)
{
	char buffer[1024];
	ssize_t length;
	int master, status;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);

	if (pid < 0)
		return SETUP_FAILED;
	if (pid == 0) {
		execvp(words[0], words);
		_exit(SETUP_FAILED);
	}
	while ((length = read(master, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)length, stdout);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : SETUP_FAILED;
}

static int terminal_ioctl(unsigned long command)
{
	return report(syscall(SYS_ioctl, 0, command, "x"));
}

/* The whole of what the terminal does with a typed line: HIGH goes into the upper half. */
static int type_into_terminal(unsigned long high)
{
	return terminal_ioctl(TIOCSTI | high << 32);
}

static int io_uring(void)
{
	char parameters[256] = {0};

	return report(syscall(NR_io_uring_setup, 4, parameters));
}

#ifdef __x86_64__
static int x32(const char *what, const char *path)
{
	if (strcmp(what, "getpid") == 0)
		return report(syscall(SYS_getpid | X32_BIT));
	if (strcmp(what, "socket") == 0)
		return report(syscall(SYS_socket | X32_BIT, 2, 1, 0));
	return report(syscall(SYS_open | X32_BIT, path, O_WRONLY | O_CREAT, 0644));
}

static long old_call(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory");
	return result;
}

/* i386 calls: socket is 359, creat is 8; the path must lie below 4 GiB. */
static int int80(const char *what, const char *path)
{
	char *low = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result;

	if (low == MAP_FAILED || strlen(path) >= 4096)
		return SETUP_FAILED;
	strcpy(low, path);
	if (strcmp(what, "socket") == 0)
		result = old_call(359, 2, 1, 0);
	else
		result = old_call(8, (long)(uintptr_t)low, 0644, 0);
	if (result >= 0)
		return 0;
	errno = (int)-result;
	return report(-1);
}
#endif

/* Makes or changes PATH through CALL with MODE. */
static int set_mode(const char *call, const char *path, unsigned mode)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = {O_CREAT | O_WRONLY, mode, 0};
	char directory[4096];
	long result = -1;

	snprintf(directory, sizeof(directory), "%s", path);
	if (strrchr(directory, '/'))
		*strrchr(directory, '/') = '\0';
	umask(0);
#ifdef SYS_open
	if (strcmp(call, "chmod") == 0)
		return report(syscall(SYS_chmod, path, mode));
	if (strcmp(call, "open") == 0)
		return report(syscall(SYS_open, path, O_CREAT | O_WRONLY, mode));
	if (strcmp(call, "creat") == 0)
		return report(syscall(SYS_creat, path, mode));
	if (strcmp(call, "mknod") == 0)
		return report(syscall(SYS_mknod, path, S_IFREG | mode, 0));
#endif
	if (strcmp(call, "fchmod") == 0)
		result = fchmod(open(path, O_RDONLY), mode);
	else if (strcmp(call, "fchmodat") == 0)
		result = syscall(SYS_fchmodat, AT_FDCWD, path, mode);
	else if (strcmp(call, "fchmodat2") == 0)
		result = syscall(NR_fchmodat2, AT_FDCWD, path, mode, 0);
	else if (strcmp(call, "openat") == 0)
		result = syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY, mode);
	else if (strcmp(call, "openat2") == 0)
		result = syscall(NR_openat2, AT_FDCWD, path, &how, sizeof(how));
	else if (strcmp(call, "mknodat") == 0)
		result = syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | mode, 0);
	else if (strcmp(call, "tmpfile") == 0)
		result = syscall(SYS_openat, AT_FDCWD, directory, O_TMPFILE | O_WRONLY, mode);
	else
		return SETUP_FAILED;
	if (strcmp(call, "tmpfile") == 0 && result >= 0) {
		char name[64];

		snprintf(name, sizeof(name), "/proc/self/fd/%ld", result);
		result = linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
	}
	return report(result);
}

static void put(const char *path, const char *format, unsigned id)
{
	FILE *file = fopen(path, "w");

	if (!file)
		return;
	fprintf(file, format, id, id);
	fclose(file);
}

static int enter_namespaces(int flags)
{
	unsigned uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER | flags) != 0)
		return -1;
	put("/proc/self/setgroups", "deny", 0);
	put("/proc/self/uid_map", "%u %u 1", uid);
	put("/proc/self/gid_map", "%u %u 1", gid);
	return 0;
}

static int create(const char *directory, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	return fd >= 0 ? close(fd) : -1;
}

/* From is where nothing may be written: mounted on a directory where it may, it is written to. */
static int remount(const char *way, const char *from, const char *to)
{
	char options[4096];
	long fd = -1;

	if (enter_namespaces(CLONE_NEWNS) != 0)
		return report(-1);
	if (strcmp(way, "bind") == 0)
		fd = mount(from, to, NULL, MS_BIND, NULL);
	else if (strcmp(way, "tmpfs") == 0)
		fd = mount("none", from, "tmpfs", 0, NULL);
	else if (strcmp(way, "overlay") == 0) {
		snprintf(options, sizeof(options),
			"lowerdir=%s,upperdir=%s,workdir=%s.work,userxattr", to, from, from);
		fd = mount("none", to, "overlay", 0, options);
	} else if (strcmp(way, "open-tree") == 0) {
		fd = syscall(NR_open_tree, AT_FDCWD, from, 1 | O_CLOEXEC);
		if (fd >= 0)
			fd = syscall(NR_move_mount, fd, "", AT_FDCWD, to, 4);
	}
	if (fd < 0)
		return report(-1);
	return report(create(strcmp(way, "tmpfs") == 0 ? from : to, "through-mount"));
}

static int enter_root(const char *way, const char *directory, const char *name)
{
	if (strcmp(way, "pivot") == 0) {
		if (enter_namespaces(CLONE_NEWNS) != 0 ||
			mount(directory, directory, NULL, MS_BIND, NULL) != 0 ||
			chdir(directory) != 0 || syscall(SYS_pivot_root, ".", ".") != 0)
			return report(-1);
	} else if (chroot(directory) != 0) {
		return report(-1);
	}
	return report(create("/", name));
}

static int open_handle(const char *path)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + 128];
	} all = {.handle.handle_bytes = 128};
	int mount_id;

	if (name_to_handle_at(AT_FDCWD, path, &all.handle, &mount_id, 0) != 0)
		return SETUP_FAILED;
	return report(open_by_handle_at(AT_FDCWD, &all.handle, O_RDONLY));
}

/* Calls with arguments that do nothing: only the error tells who refused. */
static int harmless(const char *name)
{
	if (strcmp(name, "kexec_load") == 0)
		return report(syscall(SYS_kexec_load, 0, 1000, NULL, ~0UL));
	if (strcmp(name, "kexec_file_load") == 0)
		return report(syscall(SYS_kexec_file_load, -1, -1, 0, NULL, ~0UL));
	if (strcmp(name, "init_module") == 0)
		return report(syscall(SYS_init_module, NULL, 0, ""));
	if (strcmp(name, "finit_module") == 0)
		return report(syscall(SYS_finit_module, -1, "", 0));
	if (strcmp(name, "delete_module") == 0)
		return report(syscall(SYS_delete_module, "no-such-module-sbx", O_NONBLOCK));
	if (strcmp(name, "bpf") == 0)
		return report(syscall(SYS_bpf, 9999, NULL, 0));
	if (strcmp(name, "fsopen") == 0)
		return report(syscall(NR_fsopen, "no-such-file-system", 0));
	if (strcmp(name, "fspick") == 0)
		return report(syscall(NR_fspick, AT_FDCWD, "/no-such-path", 0));
	if (strcmp(name, "open_tree") == 0)
		return report(syscall(NR_open_tree, AT_FDCWD, "/no-such-path", 0));
	if (strcmp(name, "move_mount") == 0)
		return report(syscall(NR_move_mount, -1, "x", -1, "x", 0));
	if (strcmp(name, "mount_setattr") == 0)
		return report(syscall(NR_mount_setattr, -1, "x", 0, NULL, 0));
#ifdef SYS_iopl
	if (strcmp(name, "iopl") == 0)
		return report(syscall(SYS_iopl, 99));
	if (strcmp(name, "ioperm") == 0)
		return report(syscall(SYS_ioperm, ~0UL, 1, 0));
#endif
	return SETUP_FAILED;
}

/* Takes back what was entered, then executes the words: it must change nothing. */
static int undo(char **words)
{
	prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0);
	prctl(PR_SET_SECCOMP, 0, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return SETUP_FAILED;
	execvp(words[0], words);
	return SETUP_FAILED;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	char **words = argv + 2;
	int left = argc - 2;

	if (strcmp(verb, "on-terminal") == 0 && left > 0)
		return on_terminal(words);
	if (strcmp(verb, "sti") == 0)
		return type_into_terminal(left ? strtoul(words[0], NULL, 0) : 0);
	if (strcmp(verb, "ioctl") == 0 && left == 1)
		return terminal_ioctl(strtoul(words[0], NULL, 0));
	if (strcmp(verb, "io-uring") == 0)
		return io_uring();
#ifdef __x86_64__
	if (strcmp(verb, "x32") == 0 && left == 2)
		return x32(words[0], words[1]);
	if (strcmp(verb, "int80") == 0 && left == 2)
		return int80(words[0], words[1]);
#endif
	if (strcmp(verb, "mode") == 0 && left == 3)
		return set_mode(words[0], words[1], (unsigned)strtoul(words[2], NULL, 8));
	if (strcmp(verb, "mount") == 0 && left == 3)
		return remount(words[0], words[1], words[2]);
	if (strcmp(verb, "root") == 0 && left == 3)
		return enter_root(words[0], words[1], words[2]);
	if (strcmp(verb, "handle") == 0 && left == 1)
		return open_handle(words[0]);
	if (strcmp(verb, "harmless") == 0 && left == 1)
		return harmless(words[0]);
	if (strcmp(verb, "undo") == 0 && left > 0)
		return undo(words);
	fprintf(stderr, "calls: bad verb or number of arguments: %s\n", verb);
	return SETUP_FAILED;
}
