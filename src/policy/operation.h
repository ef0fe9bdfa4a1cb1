#ifndef POLICY_OPERATION_H
#define POLICY_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

/* The operations that rules speak of (SBPL.md section 2). */
enum operation {
#define OPERATION(name, spelling, parent, builtin, takes) OP_##name,
#define ALIAS(spelling, name)
#define IGNORED(spelling)
#include "policy/operations.def"
#undef OPERATION
#undef ALIAS
#undef IGNORED
	OPERATION_COUNT,
	OP_NONE = OPERATION_COUNT,
};

enum action { ACTION_DENY = 0, ACTION_ALLOW };

/* What an operation without rules of its own answers. */
enum builtin { BUILTIN_INHERIT = 0, BUILTIN_DENY, BUILTIN_ALLOW };

/* The kinds of object an operation has, and so the filters that can match it. */
enum operation_takes {
	TAKES_PATH,
	TAKES_FILE_MODE,
	TAKES_VNODE_TYPE,
	TAKES_DEVICE,
	TAKES_FS,
	TAKES_IOCTL,
	TAKES_XATTR,
	TAKES_SOCKET,
	TAKES_NETWORK,
	TAKES_TARGET,
	TAKES_SIGNAL,
	TAKES_SYSCTL,
	TAKES_POSIX_IPC,
	TAKES_MACH,
	TAKES_PREFERENCE_DOMAIN,
	TAKES_AE_DESTINATION,
	TAKES_AUTH_RIGHT_NAME,
	TAKES_BOOT_ARG,
	TAKES_CODESIGNING,
	TAKES_EXTENSION_CLASS,
	TAKES_FCNTL,
	TAKES_FSCTL,
	TAKES_INFO,
	TAKES_IOKIT_CONNECTION,
	TAKES_IOKIT_METHOD,
	TAKES_IOKIT_PROPERTY,
	TAKES_IOKIT_REGISTRY_ENTRY,
	TAKES_IOKIT_TRAP,
	TAKES_KAS,
	TAKES_KEXT_BUNDLE_ID,
	TAKES_MAC,
	TAKES_MACHTRAP,
	TAKES_MACH_DERIVED,
	TAKES_MACH_SPECIAL_PORT,
	TAKES_MEMORYSTATUS,
	TAKES_MESSAGE,
	TAKES_MIG,
	TAKES_NECP,
	TAKES_NOTIFICATION,
	TAKES_NVRAM,
	TAKES_PRIV,
	TAKES_REBOOT_FLAGS,
	TAKES_SEMAPHORE,
	TAKES_SNAPSHOT,
	TAKES_SOCKET_OPTION,
	TAKES_SYSCALL,
	TAKES_TASK_SPECIAL_PORT,
	TAKES_PROCESS, /* the acting process: every operation has one */
	TAKES_COUNT,
};

const char *operation_name(enum operation operation);
enum operation operation_parent(enum operation operation);
enum builtin operation_builtin(enum operation operation);
bool operation_takes_alike(enum operation a, enum operation b);

/* Bits: 1 << enum operation_takes, by operation. */
extern const uint64_t operation_kinds[OPERATION_COUNT];

static inline bool operation_takes(enum operation operation, enum operation_takes kind)
{
	return operation_kinds[operation] >> kind & 1;
}

/* True when the operation, or one that goes on in it, has objects of this kind. */
bool operation_reaches(enum operation operation, enum operation_takes kind);

/* By name or alias; OP_NONE when there is none. *ignored tells names that are accepted without
 * effect. */
enum operation operation_find(const char *name, bool *ignored);

/* True for a name that (version 3) no longer has: an alias, or one without effect. */
bool operation_is_legacy(const char *name);

/* True when operation is ancestor, or reaches it by going on in parents. */
bool operation_is_within(enum operation operation, enum operation ancestor);

/* The nearest spelling, for "did you mean"; NULL when nothing is near. */
const char *operation_nearest(const char *name);

/* The nth name of all operations and aliases, NULL after the last: for suggestions. */
const char *operation_spelling(unsigned index);

#endif
