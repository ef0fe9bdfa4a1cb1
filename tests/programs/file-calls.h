/* What file-driver tells file-calls to do: one call on files. */
#ifndef FILE_CALLS_H
#define FILE_CALLS_H

#include <stdint.h>

enum { NAME_ROOM = 320, OPERANDS = 2 };

/* Descriptors that calls are about stand at fixed numbers: paths name them too. */
enum { OBJECT_FD = 50, DIRECTORY_FD = 51 };

enum kind {
	KIND_NONE,
	KIND_OPEN,
	KIND_TRUNCATE,
	KIND_STAT,
	KIND_ACCESS,
	KIND_READLINK,
	KIND_GET_XATTR,
	KIND_CHMOD,
	KIND_CHOWN,
	KIND_TIMES,
	KIND_SET_XATTR,
	KIND_MKDIR,
	KIND_SYMLINK,
	KIND_MKNOD,
	KIND_BIND,
	KIND_UNLINK,
	KIND_RMDIR,
	KIND_RENAME,
	KIND_LINK,
	KIND_CHDIR,
	KIND_COUNT
};

struct operand {
	char at[NAME_ROOM]; /* the directory that the path starts at; "": the current one */
	char path[NAME_ROOM];
};

struct call {
	enum kind kind;
	int variant; /* which system call; see perform.h */
	unsigned flags, mode;
	struct operand operands[OPERANDS];
};

struct outcome {
	int error;       /* an errno, 0 after success */
	uint64_t digest; /* of all that the call has told */
};

#endif
