/*
 * metadata CALL PATH: makes one system call that changes a file's metadata. Exit status 0 when it
 * worked, 1 when it was refused (the error's name is printed), 2 when it could not be tried.
 * metadata list: the calls. metadata set NAME PATH: sets an extended attribute. metadata xattrs
 * PATH: prints their names. metadata lookups: the calls that look, which are made like the others,
 * links by the name PATH.link. metadata odd, metadata odd-lookups: the errors of calls that go
 * wrong, one a line. metadata race ALLOWED DENIED: chmod while a thread overwrites the path; prints
 * how many worked.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

enum { NR_faccessat2 = 439, NR_fchmodat2 = 452 };

static int open_it(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		exit(2);
	return fd;
}

/* The directory and the name of a path, for the ...at forms. */
static int parent(const char *path, const char **name)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - path) : 1,
		slash ? path : ".");
	*name = slash ? slash + 1 : path;
	return open_it(directory);
}

#ifdef SYS_chmod
static long do_chmod(const char *path)
{
	return syscall(SYS_chmod, path, 0755);
}

static long do_chown(const char *path)
{
	return syscall(SYS_chown, path, -1, getgid());
}

static long do_lchown(const char *path)
{
	return syscall(SYS_lchown, path, -1, getgid());
}

static long do_utime(const char *path)
{
	return syscall(SYS_utime, path, &(struct utimbuf){1, 2});
}

static long do_utimes(const char *path)
{
	return syscall(SYS_utimes, path, (struct timeval[]){{1, 3}, {2, 4}});
}

static long do_futimesat(const char *path)
{
	const char *name;
	int fd = parent(path, &name);

	return syscall(SYS_futimesat, fd, name, (struct timeval[]){{1, 3}, {2, 4}});
}
#endif

static long do_fchmod(const char *path)
{
	return fchmod(open_it(path), 0755);
}

static long do_fchmodat(const char *path)
{
	const char *name;
	int fd = parent(path, &name);

	return syscall(SYS_fchmodat, fd, name, 0755);
}

static long do_fchmodat2(const char *path)
{
	return syscall(NR_fchmodat2, AT_FDCWD, path, 0755, AT_SYMLINK_NOFOLLOW);
}

static long do_fchmodat2_empty(const char *path)
{
	return syscall(NR_fchmodat2, open(path, O_PATH), "", 0755, AT_EMPTY_PATH);
}

static long do_fchown(const char *path)
{
	return fchown(open_it(path), (uid_t)-1, getgid());
}

static long do_fchownat(const char *path)
{
	const char *name;
	int fd = parent(path, &name);

	return fchownat(fd, name, (uid_t)-1, getgid(), AT_SYMLINK_NOFOLLOW);
}

static long do_utimensat(const char *path)
{
	return utimensat(AT_FDCWD, path, (struct timespec[]){{1, 5}, {2, UTIME_OMIT}}, 0);
}

static long do_futimens(const char *path)
{
	return futimens(open_it(path), NULL);
}

static long do_setxattr(const char *path)
{
	return setxattr(path, "user.a", "value", 5, 0);
}

static long do_lsetxattr(const char *path)
{
	return lsetxattr(path, "user.a", "value", 5, 0);
}

static long do_fsetxattr(const char *path)
{
	return fsetxattr(open_it(path), "user.a", "value", 5, 0);
}

static long do_removexattr(const char *path)
{
	return removexattr(path, "user.gone");
}

static long do_lremovexattr(const char *path)
{
	return lremovexattr(path, "user.gone");
}

static long do_fremovexattr(const char *path)
{
	return fremovexattr(open_it(path), "user.gone");
}

static long do_flags(const char *path)
{
	int flags = 0, fd = open_it(path);

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) != 0)
		exit(2);
	flags ^= FS_NODUMP_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static long do_attributes(const char *path)
{
	struct fsxattr attributes;
	int fd = open_it(path);

	if (ioctl(fd, FS_IOC_FSGETXATTR, &attributes) != 0)
		exit(2);
	attributes.fsx_xflags ^= FS_XFLAG_NODUMP;
	return ioctl(fd, FS_IOC_FSSETXATTR, &attributes);
}

#ifdef SYS_stat
static long do_stat(const char *path)
{
	char room[1024];

	return syscall(SYS_stat, path, room);
}

static long do_lstat(const char *path)
{
	char room[1024];

	return syscall(SYS_lstat, path, room);
}

static long do_access(const char *path)
{
	return syscall(SYS_access, path, R_OK);
}
#endif

static long do_fstat(const char *path)
{
	char room[1024];

	return syscall(SYS_fstat, open_it(path), room);
}

static long do_fstatat(const char *path)
{
	char room[1024];
	const char *name;
	int fd = parent(path, &name);

	return syscall(SYS_newfstatat, fd, name, room, AT_SYMLINK_NOFOLLOW);
}

static long do_fstatat_empty(const char *path)
{
	char room[1024];

	return syscall(SYS_newfstatat, open(path, O_PATH), "", room, AT_EMPTY_PATH);
}

static long do_statx(const char *path)
{
	char room[1024];

	return syscall(SYS_statx, AT_FDCWD, path, 0, 0xfff, room);
}

static long do_faccessat(const char *path)
{
	return syscall(SYS_faccessat, AT_FDCWD, path, R_OK);
}

static long do_faccessat2(const char *path)
{
	return syscall(NR_faccessat2, AT_FDCWD, path, R_OK, AT_EACCESS);
}

static long do_readlink(const char *path)
{
	char link[PATH_MAX], room[PATH_MAX];

	snprintf(link, sizeof(link), "%s.link", path);
	return readlinkat(AT_FDCWD, link, room, sizeof(room));
}

static long do_readlink_empty(const char *path)
{
	char link[PATH_MAX], room[PATH_MAX];

	snprintf(link, sizeof(link), "%s.link", path);
	return readlinkat(open(link, O_PATH | O_NOFOLLOW), "", room, sizeof(room));
}

static long do_getxattr(const char *path)
{
	char room[10];

	return getxattr(path, "user.gone", room, sizeof(room));
}

static long do_lgetxattr(const char *path)
{
	return lgetxattr(path, "user.gone", NULL, 0);
}

static long do_fgetxattr(const char *path)
{
	return fgetxattr(open_it(path), "user.gone", NULL, 0);
}

static long do_listxattr(const char *path)
{
	char room[100];

	return listxattr(path, room, sizeof(room));
}

static long do_llistxattr(const char *path)
{
	return llistxattr(path, NULL, 0);
}

static long do_flistxattr(const char *path)
{
	return flistxattr(open_it(path), NULL, 0);
}

struct call {
	const char *name;
	long (*call)(const char *path);
};

static const struct call lookups[] = {
#ifdef SYS_stat
	{"stat", do_stat},
	{"lstat", do_lstat},
	{"access", do_access},
#endif
	{"fstat", do_fstat},
	{"fstatat", do_fstatat},
	{"fstatat-empty", do_fstatat_empty},
	{"statx", do_statx},
	{"faccessat", do_faccessat},
	{"faccessat2", do_faccessat2},
	{"readlink", do_readlink},
	{"readlink-empty", do_readlink_empty},
	{"getxattr", do_getxattr},
	{"lgetxattr", do_lgetxattr},
	{"fgetxattr", do_fgetxattr},
	{"listxattr", do_listxattr},
	{"llistxattr", do_llistxattr},
	{"flistxattr", do_flistxattr},
};

static const struct call calls[] = {
#ifdef SYS_chmod
	{"chmod", do_chmod},
	{"chown", do_chown},
	{"lchown", do_lchown},
	{"utime", do_utime},
	{"utimes", do_utimes},
	{"futimesat", do_futimesat},
#endif
	{"fchmod", do_fchmod},
	{"fchmodat", do_fchmodat},
	{"fchmodat2", do_fchmodat2},
	{"fchmodat2-empty", do_fchmodat2_empty},
	{"fchown", do_fchown},
	{"fchownat", do_fchownat},
	{"utimensat", do_utimensat},
	{"futimens", do_futimens},
	{"setxattr", do_setxattr},
	{"lsetxattr", do_lsetxattr},
	{"fsetxattr", do_fsetxattr},
	{"removexattr", do_removexattr},
	{"lremovexattr", do_lremovexattr},
	{"fremovexattr", do_fremovexattr},
	{"flags", do_flags},
	{"attributes", do_attributes},
};

static int report(const char *what, long result)
{
	const char *error = result < 0 ? strerrorname_np(errno) : "0";

	printf("%s%s%s\n", what, *what ? ": " : "", error);
	return result < 0;
}

/* The inode and what else does not change, as each way to ask has it. */
static void report_status(const char *what, int directory, const char *path, int flags)
{
	struct stat status;

	errno = 0;
	if (fstatat(directory, path, &status, flags) == 0)
		printf("%s: %lu %o %ld\n", what, (unsigned long)status.st_ino,
			(unsigned)status.st_mode, (long)status.st_size);
	else
		report(what, -1);
}

static void report_link(const char *what, int directory, const char *path, size_t size)
{
	char room[PATH_MAX] = "";
	ssize_t length = readlinkat(directory, path, room, size);

	report(what, length);
	if (length >= 0)
		printf("%zd %.*s\n", length, (int)length, room);
}

/* The same for calls that look: the results of those that work too. */
static int odd_lookups(void)
{
	static char longest[PATH_MAX + 10];
	char *bad = (char *)(uintptr_t)8, room[100];
	int fd = open_it("file"), link = open("link", O_PATH | O_NOFOLLOW), pipes[2];

	memset(longest, 'a', sizeof(longest) - 1);
	if (pipe(pipes) != 0)
		return 2;
	report_status("file", AT_FDCWD, "file", 0);
	report_status("link", AT_FDCWD, "link", 0);
	report_status("link itself", AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW);
	report_status("link/", AT_FDCWD, "here/", AT_SYMLINK_NOFOLLOW);
	report_status("descriptor", fd, "", AT_EMPTY_PATH);
	report_status("link's descriptor", link, "", AT_EMPTY_PATH);
	report_status("here", AT_FDCWD, "", AT_EMPTY_PATH);
	report_status("empty", AT_FDCWD, "", 0);
	report_status("missing", AT_FDCWD, "missing", 0);
	report_status("loop", AT_FDCWD, "loop", 0);
	report_status("dangling", AT_FDCWD, "dangling", 0);
	report_status("below a file", AT_FDCWD, "file/x", 0);
	report_status("too long", AT_FDCWD, longest, 0);
	report_status("fault", AT_FDCWD, bad, 0);
	report_status("flags", AT_FDCWD, "file", 1 << 29);
	report_status("no directory", 100, "file", 0);
	report_status("no descriptor", 100, "", AT_EMPTY_PATH);
	report("fault of the result", syscall(SYS_newfstatat, AT_FDCWD, "file", bad, 0));
	report("fault of statx", syscall(SYS_statx, AT_FDCWD, "file", 0, 0xfff, bad));
	report("mask of statx", syscall(SYS_statx, AT_FDCWD, "file", 0, 1u << 31, room));
	report("a pipe", syscall(SYS_fstat, pipes[0], longest));
	report("executable", syscall(SYS_faccessat, AT_FDCWD, "file", X_OK));
	report("mode", syscall(SYS_faccessat, AT_FDCWD, "file", 8));
	report("exists", syscall(SYS_faccessat, AT_FDCWD, "file", F_OK));
	report("exists not", syscall(SYS_faccessat, AT_FDCWD, "missing", F_OK));
	report_link("readlink", AT_FDCWD, "link", PATH_MAX);
	report_link("readlink short", AT_FDCWD, "link", 2);
	report_link("readlink nothing", AT_FDCWD, "link", 0);
	report_link("readlink of a file", AT_FDCWD, "file", 100);
	report_link("readlink empty", link, "", 100);
	report_link("readlink missing", AT_FDCWD, "missing", 100);
	report_link("readlink cwd", AT_FDCWD, "/proc/self/cwd", 100);
	report_link("readlink exe", AT_FDCWD, "/proc/self/exe", 1000);
	report_link("readlink of another", AT_FDCWD, "/proc/mounts", 1000);
	report("readlink self",
		readlink("/proc/self", room, 100) > 0 && atoi(room) == getpid() ? 0 : 1);
	report("xattr", getxattr("file", "user.gone", room, sizeof(room)));
	report("xattr missing", getxattr("file", "user.none", room, sizeof(room)));
	report("xattr room", getxattr("file", "user.long", room, 1));
	report("xattr size", getxattr("file", "user.long", NULL, 0));
	report("xattr fault", syscall(SYS_getxattr, "file", "user.long", bad, 100));
	report("xattr name", getxattr("file", "", room, sizeof(room)));
	report("xattr of a pipe", fgetxattr(pipes[0], "user.a", room, sizeof(room)));
	report("xattr of a path", syscall(SYS_fgetxattr, link, "user.a", room, sizeof(room)));
	return 0;
}

/* In a directory with file, dangling (a symlink), loop (another), link (to file). */
static int odd(void)
{
	static char longest[PATH_MAX + 10], large[65537], name[300], deep[PATH_MAX];
	char *bad = (char *)(uintptr_t)8;
	int fd = open_it("file"), directory = open_it("."), pipes[2];
	int path_only = open("file", O_PATH);

	memset(longest, 'a', sizeof(longest) - 1);
	memset(name, 'a', sizeof(name) - 1);
	for (size_t i = 0; i + 2 < sizeof(deep) - 1; i += 2)
		memcpy(deep + i, "./", 2);
	if (pipe(pipes) != 0)
		return 2;
	report("missing", chmod("missing", 0644));
	report("empty", chmod("", 0644));
	report("fault", chmod(bad, 0644));
	report("too long", chmod(longest, 0644));
	report("long name", chmod(name, 0644));
	report("deep", chmod(deep, 0755));
	report("no directory", chmod("file/x", 0644));
	report("slash after a file", chmod("file/", 0644));
	report("slash after a link", chmod("link/", 0644));
	report("dot after a file", chmod("file/.", 0644));
	report("dangling", chmod("dangling", 0644));
	report("loop", chmod("loop", 0644));
	report("through a loop", chmod("loop/x", 0644));
	report("link", chmod("link", 0640));
	report("link to a directory", chmod("here/", 0755));
	report("self", chmod("/proc/self/cwd/file", 0644));
	report("thread-self", chmod("/proc/thread-self/cwd/file", 0644));
	report("up", chmod("../work/./here/../work/file", 0644));
	report("root", chmod("/../../../proc/self/root/nowhere", 0644));
	report("read-only", chmod("/proc/version", 0777));
	report("nothing open", fchmod(100, 0644));
	report("path only", fchmod(path_only, 0644));
	report("pipe", fchmod(pipes[0], 0600));
	report("no such directory", fchmodat(100, "file", 0644, 0));
	report("in a file", fchmodat(fd, "x", 0644, 0));
	report("absolute", fchmodat(100, "/nowhere/at/all", 0644, 0));
	report("flags", syscall(NR_fchmodat2, AT_FDCWD, "file", 0644, 1 << 30));
	report("mode of a link",
		syscall(NR_fchmodat2, AT_FDCWD, "link", 0644, AT_SYMLINK_NOFOLLOW));
	report("empty at", syscall(NR_fchmodat2, directory, "", 0755, 0));
	report("empty path", syscall(NR_fchmodat2, directory, "", 0755, AT_EMPTY_PATH));
	report("empty here", syscall(NR_fchmodat2, AT_FDCWD, "", 0755, AT_EMPTY_PATH));
	report("empty path only", syscall(NR_fchmodat2, path_only, "", 0755, AT_EMPTY_PATH));
	report("lchown", lchown("dangling", (uid_t)-1, getgid()));
	report("nanoseconds", utimensat(AT_FDCWD, "file", (struct timespec[]){{0, -7}, {0}}, 0));
	report("microseconds", syscall(SYS_utimensat, AT_FDCWD, "file", bad, 0));
	report("omit", utimensat(AT_FDCWD, "file",
			       (struct timespec[]){{0, UTIME_OMIT}, {0, UTIME_OMIT}}, 0));
	report("times of a link", utimensat(AT_FDCWD, "dangling", NULL, AT_SYMLINK_NOFOLLOW));
	report("no path", syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0));
	report("descriptor and flags", syscall(SYS_utimensat, fd, NULL, NULL, AT_EMPTY_PATH));
	report("times of a path only", syscall(SYS_utimensat, path_only, NULL, NULL, 0));
	report("xattr of none", setxattr("file", "", "", 0, 0));
	report("xattr name", setxattr("file", name, "", 0, 0));
	report("xattr space", setxattr("file", "none.such", "", 0, 0));
	report("xattr size", setxattr("file", "user.b", large, sizeof(large), 0));
	report("xattr value", syscall(SYS_setxattr, "file", "user.b", bad, 5, 0));
	report("xattr create", setxattr("file", "user.b", "x", 1, XATTR_CREATE));
	report("xattr again", setxattr("file", "user.b", "x", 1, XATTR_CREATE));
	report("xattr flags", setxattr("file", "user.b", "x", 1, 77));
	report("xattr empty", setxattr("file", "user.b", NULL, 0, 0));
	report("xattr of a link", lsetxattr("link", "user.b", "x", 1, 0));
	report("xattr missing", removexattr("file", "user.c"));
	report("xattr removed", removexattr("link", "user.b"));
	report("flags of a pipe", ioctl(pipes[0], FS_IOC_SETFLAGS, &(int){0}));
	report("flags of nothing", ioctl(100, FS_IOC_SETFLAGS, &(int){0}));
	report("flags at fault", ioctl(fd, FS_IOC_SETFLAGS, bad));
	return 0;
}

static int print_xattrs(const char *path)
{
	char names[4096];
	ssize_t size = listxattr(path, names, sizeof(names));

	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1)
		puts(names + at);
	return size < 0;
}

static char raced[PATH_MAX];
static const char *allowed, *denied;
static volatile bool running, stop;

static void *overwrite(void *unused)
{
	while (!stop) {
		strcpy(raced, denied);
		for (volatile int i = 0; i < 50; i++)
			__asm__ volatile("" ::: "memory");
		strcpy(raced, allowed);
		for (volatile int i = 0; i < 50; i++)
			__asm__ volatile("" ::: "memory");
		running = true;
	}
	return unused;
}

static int race(void)
{
	pthread_t thread;
	int made = 0;

	strcpy(raced, allowed);
	if (pthread_create(&thread, NULL, overwrite, NULL) != 0)
		return 2;
	while (!running)
		;
	for (int i = 0; i < 10000; i++)
		made += chmod(raced, 0711) == 0;
	stop = true;
	printf("%d\n", made);
	return made ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "odd") == 0)
		return odd();
	if (argc == 2 && strcmp(argv[1], "odd-lookups") == 0)
		return odd_lookups();
	for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++) {
		if (argc == 2 && strcmp(argv[1], "lookups") == 0)
			puts(lookups[i].name);
		else if (argc == 3 && strcmp(argv[1], lookups[i].name) == 0)
			return report("", lookups[i].call(argv[2]));
	}
	if (argc == 4 && strcmp(argv[1], "set") == 0)
		return report("", setxattr(argv[3], argv[2], "x", 1, 0));
	if (argc == 3 && strcmp(argv[1], "xattrs") == 0)
		return print_xattrs(argv[2]);
	if (argc == 4 && strcmp(argv[1], "race") == 0) {
		allowed = argv[2];
		denied = argv[3];
		return race();
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (argc == 2 && strcmp(argv[1], "list") == 0)
			puts(calls[i].name);
		else if (argc == 3 && strcmp(argv[1], calls[i].name) == 0)
			return report("", calls[i].call(argv[2]));
	}
	return argc == 2 ? 0 : 2;
}
