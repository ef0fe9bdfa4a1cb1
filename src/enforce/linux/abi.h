#ifndef ENFORCE_LINUX_ABI_H
#define ENFORCE_LINUX_ABI_H

#include <stdint.h>
#include <sys/syscall.h>

/*
 * Kernel interfaces newer than the headers that a distribution ships, from the kernel's
 * include/uapi/linux/landlock.h and syscall tables (Linux 6.18).
 */

struct landlock_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net; /* ABI 4 */
	uint64_t scoped;             /* ABI 6 */
};

struct landlock_path {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

struct landlock_port {
	uint64_t allowed_access;
	uint64_t port;
};

enum { LANDLOCK_VERSION = 1, LANDLOCK_PATH = 1, LANDLOCK_PORT = 2 };

enum landlock_fs {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_CHAR = 1 << 6,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_MAKE_FIFO = 1 << 10,
	FS_MAKE_BLOCK = 1 << 11,
	FS_MAKE_SYM = 1 << 12,
	FS_REFER = 1 << 13,     /* ABI 2 */
	FS_TRUNCATE = 1 << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	/* What a rule on a file that is no directory may hold. */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
};

enum landlock_net { NET_BIND_TCP = 1, NET_CONNECT_TCP = 2 };
enum landlock_scope { SCOPE_ABSTRACT_UNIX_SOCKET = 1, SCOPE_SIGNAL = 2 };

enum landlock_abi {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_NET = 4,
	ABI_IOCTL_DEV = 5,
	ABI_SCOPE = 6
};

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

/* include/uapi/linux/capability.h: two words for 64 capabilities */
enum { CAPABILITY_VERSION_3 = 0x20080522 };

struct capability_header {
	uint32_t version;
	int pid;
};

struct capability_sets {
	uint32_t effective, permitted, inheritable;
};

/* include/uapi/linux/netlink.h */
struct netlink_address {
	uint16_t family, pad;
	uint32_t pid, groups;
};

/* What sendmsg(2) and sendmmsg(2) read: include/linux/socket.h */
struct user_message {
	uint64_t name;
	uint32_t name_length, pad;
	uint64_t pieces, piece_count;
	uint64_t control, control_length;
	uint32_t flags, pad_at_end;
};

struct user_messages {
	struct user_message message;
	uint32_t sent, pad;
};

struct control_header {
	uint64_t length;
	int32_t level, type;
};

/* include/uapi/linux/openat2.h */
struct openat2_how {
	uint64_t flags, mode, resolve;
};

enum {
	OPENAT2_NO_MAGICLINKS = 2,
	OPENAT2_NO_SYMLINKS = 4,
	OPENAT2_BENEATH = 8,
	OPENAT2_IN_ROOT = 16,
};

/* O_LARGEFILE, which libraries of 64-bit architectures call 0 and which openat2(2) wants to hear.
 */
#ifdef __aarch64__
enum { OPEN_LARGE = 0400000 };
#else
enum { OPEN_LARGE = 0100000 };
#endif

/* include/uapi/linux/bpf_common.h, filter.h, seccomp.h and audit.h: classic BPF over seccomp data
 */
struct bpf_instruction {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t k;
};

struct bpf_program {
	unsigned short length;
	const struct bpf_instruction *code;
};

enum bpf_code {
	BPF_LOAD_WORD = 0x20, /* BPF_LD | BPF_W | BPF_ABS */
	BPF_AND = 0x54,       /* BPF_ALU | BPF_AND | BPF_K */
	BPF_JUMP = 0x05,
	BPF_JUMP_IF_EQUAL = 0x15,
	BPF_JUMP_IF_AT_LEAST = 0x35,
	BPF_JUMP_IF_ANY_BIT = 0x45,
	BPF_RETURN = 0x06,
};

/* Offsets in struct seccomp_data, for little-endian machines. */
enum { DATA_NUMBER = 0, DATA_ARCH = 4, DATA_ARGUMENTS = 16 };

enum { SECCOMP_FILTER_MODE = 1, SECCOMP_NEW_LISTENER = 8, SECCOMP_WAIT_KILLABLE = 32 };

/* struct seccomp_notif and seccomp_notif_resp, and the requests of the listener */
struct notification {
	uint64_t id;
	uint32_t pid, flags; /* the pid is a thread's */
	int32_t number;
	uint32_t arch;
	uint64_t instruction;
	uint64_t arguments[6];
};

struct notification_reply {
	uint64_t id;
	int64_t value;
	int32_t error; /* negative errno */
	uint32_t flags;
};

/* A descriptor for the caller, and the answer to its call in one (Linux 5.14). */
struct notification_fd {
	uint64_t id;
	uint32_t flags, fd, new_fd, new_flags;
};

enum { NOTIFICATION_FD_SEND = 2, NOTIFICATION_SYNC_WAKE_UP = 1, NOTIFICATION_CONTINUE = 1 };

enum { PIDFD_OF_THREAD = 0200 }; /* O_EXCL (Linux 6.9) */

/* _IOWR('!', 0, struct notification) and so on */
#define NOTIFICATION_RECEIVE  0xc0502100u
#define NOTIFICATION_SEND     0xc0182101u
#define NOTIFICATION_ID_VALID 0x40082102u
#define NOTIFICATION_ADD_FD   0x40182103u
#define NOTIFICATION_SET_FLAG 0x40082104u /* Linux 6.6 */

#define SECCOMP_ALLOW        0x7fff0000u
#define SECCOMP_ERRNO        0x00050000u
#define SECCOMP_NOTIFY       0x7fc00000u
#define SECCOMP_KILL_PROCESS 0x80000000u

#define ARCH_X86_64  0xc000003eu
#define ARCH_AARCH64 0xc00000b7u

/* Calls that some architectures do not have. */
#ifndef SYS_open
#define SYS_open      -1
#define SYS_creat     -1
#define SYS_mknod     -1
#define SYS_chmod     -1
#define SYS_chown     -1
#define SYS_lchown    -1
#define SYS_utime     -1
#define SYS_utimes    -1
#define SYS_futimesat -1
#define SYS_stat      -1
#define SYS_lstat     -1
#define SYS_access    -1
#define SYS_readlink  -1
#define SYS_link      -1
#define SYS_mkdir     -1
#define SYS_rmdir     -1
#define SYS_unlink    -1
#define SYS_symlink   -1
#define SYS_rename    -1
#define SYS_fork      -1
#define SYS_vfork     -1
#define SYS_iopl      -1
#define SYS_ioperm    -1
#endif

#ifdef SYS_uselib
#define NR_uselib SYS_uselib
#else
#define NR_uselib -1
#endif

#ifndef SYS_renameat
#define SYS_renameat -1
#endif

#ifndef SYS_newfstatat
#define SYS_newfstatat SYS_fstatat
#endif

/* Flags of files, from include/uapi/linux/fs.h: the same on these architectures. */
enum ioctl_command { IOCTL_SET_FLAGS = 0x40086602, IOCTL_SET_ATTRIBUTES = 0x401c5820 };

/* The same numbers on every architecture. */
enum new_syscall {
	NR_pidfd_send_signal = 424,
	NR_open_tree = 428,
	NR_move_mount = 429,
	NR_fsopen = 430,
	NR_fsconfig = 431,
	NR_fsmount = 432,
	NR_fspick = 433,
	NR_pidfd_open = 434,
	NR_clone3 = 435,
	NR_close_range = 436,
	NR_openat2 = 437,
	NR_pidfd_getfd = 438,
	NR_faccessat2 = 439,
	NR_mount_setattr = 442,
	NR_fchmodat2 = 452,
	NR_setxattrat = 463,
	NR_getxattrat = 464,
	NR_listxattrat = 465,
	NR_removexattrat = 466,
	NR_open_tree_attr = 467,
	NR_file_getattr = 468,
	NR_file_setattr = 469,
	NR_LAST_KNOWN = 469, /* Linux 6.17: what is newer gets ENOSYS */
};

#endif
