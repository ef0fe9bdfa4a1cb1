/* What doctor tries with files: each attempt leaves them as they were. */
#include "base/name.h"
#include "enforce/linux/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int errno_if(bool failed)
{
	return failed ? errno : 0;
}

static int attempt_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

int attempt_read(const struct stage *stage, enum side side)
{
	return attempt_open(stage_path(stage, side, "file"), O_RDONLY);
}

int attempt_write(const struct stage *stage, enum side side)
{
	return attempt_open(stage_path(stage, side, "file"), O_WRONLY);
}

int attempt_create(const struct stage *stage, enum side side)
{
	const char *path = stage_path(stage, side, "new");
	int error = attempt_open(path, O_WRONLY | O_CREAT | O_EXCL);

	if (!error)
		unlink(path);
	return error;
}

int attempt_remove(const struct stage *stage, enum side side)
{
	const char *path = stage_path(stage, side, "old");
	int error = attempt_open(path, O_WRONLY | O_CREAT);

	return error ? error : errno_if(unlink(path) != 0);
}

/* From one directory to another; Landlock may answer that those are on different disks. */
int attempt_move(const struct stage *stage, enum side side)
{
	const char *from = stage_path(stage, SIDE_ALLOWED, "below/moved");
	const char *to = stage_path(stage, side, "moved");
	int error = attempt_open(from, O_WRONLY | O_CREAT);

	if (error)
		return error;
	error = errno_if(rename(from, to) != 0);
	unlink(error ? from : to);
	return error == EXDEV && side == SIDE_DENIED ? EACCES : error;
}

int attempt_truncate(const struct stage *stage, enum side side)
{
	return errno_if(truncate(stage_path(stage, side, "file"), 1) != 0);
}

/* Two devices that answer everybody the same harmless question. */
int attempt_device(const struct stage *stage, enum side side)
{
	static const char *const devices[SIDES] = {"/dev/urandom", "/dev/random"};
	const uint32_t how_random = 0x80045200; /* RNDGETENTCNT, include/uapi/linux/random.h */
	int fd = open(devices[side], O_RDONLY | O_CLOEXEC), answer;

	(void)stage;
	if (fd < 0)
		return errno;
	int error = errno_if(syscall(SYS_ioctl, fd, how_random, &answer) != 0);

	close(fd);
	return error;
}

int attempt_execute(const struct stage *stage, enum side side)
{
	char name[] = PROGRAM_NAME "ctl", version[] = "--version";
	char *words[] = {name, version, NULL};

	return stage_run(stage_path(stage, side, "program"), words);
}

int attempt_mode(const struct stage *stage, enum side side)
{
	return errno_if(chmod(stage_path(stage, side, "file"), 0640) != 0);
}

int attempt_times(const struct stage *stage, enum side side)
{
	return errno_if(utimensat(AT_FDCWD, stage_path(stage, side, "file"), NULL, 0) != 0);
}
